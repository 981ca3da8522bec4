//! Binary COPY tuples, passed from the worker's columns to a table's without being understood: the parent's side.
//!
//! A tuple is an `i16` field count, then for each field an `i32` length (−1: null) and its bytes, all big-endian
//! (PostgreSQL manual, COPY, "Binary Format"). Fields are dropped, reordered and three are made here: the object's id,
//! `source_id`, and `validity` from its two ends.

use crate::keys::Keys;
use crate::protocol::{MUTE, REFUSED, StagingColumn};
use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};
use uuid::{Uuid, Variant};

/// The header that begins a binary COPY: signature, flags, extension length.
pub const COPY_HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// The trailer that ends it.
pub const COPY_TRAILER: &[u8] = &[0xff, 0xff];
/// Bits of `source_id` that hold the row number (see `gis.source_id`).
pub const ROW_BITS: u32 = 28;

/// Where a field of the outgoing tuple comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    /// The incoming field at this index, as it is.
    Copied(usize),
    /// The incoming id if there is one, else a new one.
    Id(usize),
    /// `source_id` out of the incoming row number.
    SourceId(usize),
    /// Is the incoming status `repaired`?
    Repaired(usize),
    /// Is it `refused`?
    Refused(usize),
    /// A range out of two dates, half open.
    Validity(usize, usize),
}

/// Where the parts of a row's key lie in the incoming tuple; `None`: the source does not have it.
#[derive(Debug, Default)]
struct KeyAt {
    parts: Vec<Option<usize>>,
    period: [Option<usize>; 2],
}

/// How the worker's tuples of one block become those of a table.
#[derive(Debug)]
pub struct Rewrite {
    fields: Vec<Field>,
    names: Vec<String>,
    incoming: usize,
    row_at: usize,
    status_at: usize,
    staging: bool,
    key: KeyAt,
    ids: NewIds,
    import_id: i64,
    /// Smallest and largest row number seen.
    pub rows: Option<(i64, i64)>,
    /// Tuples seen, without the refused ones.
    pub count: u64,
    /// Refused tuples seen: a staging table keeps them apart, any other place does not get them.
    pub refused: u64,
    /// Keys seen, in this block and those before it.
    pub keys: Keys,
}

/// The stream does not hold what its `begin` announced.
#[derive(Debug, thiserror::Error)]
#[error("a row of the import worker is malformed")]
pub struct Malformed;

impl Rewrite {
    /// For a table that has the given columns plus `id` and `source_id`; `staging` tables also have `repaired`.
    ///
    /// Columns that the source does not have are left out, so that a default or the stored value stands.
    pub fn new(columns: &[StagingColumn], import_id: i64, staging: bool) -> Result<Self, Malformed> {
        let at = |name: &str| columns.iter().position(|c| c.name == name);
        let (row, status, id) =
            (at("_row").ok_or(Malformed)?, at("_status").ok_or(Malformed)?, at("id").ok_or(Malformed)?);
        let mut fields = vec![Field::Id(id), Field::SourceId(row)];
        let mut names = vec!["id".to_owned(), "source_id".to_owned()];
        if staging {
            fields.extend([Field::Repaired(status), Field::Refused(status)]);
            names.extend(["repaired".to_owned(), "refused".to_owned()]);
        }
        if let (Some(from), Some(to)) = (at("valid_from"), at("valid_to"))
            && (columns[from].given || columns[to].given)
        {
            fields.push(Field::Validity(from, to));
            names.push("validity".to_owned());
        }
        for (index, column) in columns.iter().enumerate() {
            let made_here =
                matches!(column.name.as_str(), "_row" | "_status" | "_hash" | "id" | "valid_from" | "valid_to");
            if !made_here && column.given {
                fields.push(Field::Copied(index));
                names.push(column.name.clone());
            }
        }
        Ok(Self {
            fields,
            names,
            incoming: columns.len(),
            row_at: row,
            status_at: status,
            staging,
            key: KeyAt::default(),
            ids: NewIds::new(),
            import_id,
            rows: None,
            count: 0,
            refused: 0,
            keys: Keys::default(),
        })
    }

    /// Notes the keys that pass, too: `key` names the attributes, `keys` knows those of earlier blocks.
    #[must_use]
    pub fn watching(mut self, columns: &[StagingColumn], key: &[String], mut keys: Keys) -> Self {
        let at = |name: &str| columns.iter().position(|c| c.name == name && c.given);
        self.key = KeyAt { parts: key.iter().map(|k| at(k)).collect(), period: [at("valid_from"), at("valid_to")] };
        let by_bytes = |at: usize| matches!(columns[at].sql_type.as_str(), "text" | "int8" | "bool" | "date" | "uuid");
        if !self.key.parts.iter().flatten().all(|at| by_bytes(*at)) {
            keys.give_up();
        }
        self.keys = keys;
        self
    }

    /// Names of the outgoing fields, in order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Appends the rewritten tuples of one frame to `out`.
    pub fn rewrite(&mut self, tuples: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
        let mut rest = tuples;
        let mut spans = vec![(0usize, 0i32); self.incoming];
        self.ids.now();
        out.reserve(tuples.len() + tuples.len() / 8);
        while !rest.is_empty() {
            let used = measure(rest, &mut spans)?;
            self.one(rest, &spans, out)?;
            rest = &rest[used..];
        }
        Ok(())
    }

    fn one(&mut self, tuple: &[u8], spans: &[(usize, i32)], out: &mut Vec<u8>) -> Result<(), Malformed> {
        let value = |index: usize| -> Option<&[u8]> {
            let (start, length) = spans[index];
            usize::try_from(length).ok().map(|length| &tuple[start..start + length])
        };
        let row = i64::from_be_bytes(value(self.row_at).and_then(|v| v.try_into().ok()).ok_or(Malformed)?);
        if !(1..1 << ROW_BITS).contains(&row) {
            return Err(Malformed);
        }
        let status = value(self.status_at).unwrap_or_default();
        let (is_refused, is_mute) = (status == REFUSED.as_bytes(), status == MUTE.as_bytes());
        if is_refused || is_mute {
            self.refused += 1;
            if is_mute || !self.staging {
                return Ok(());
            }
        } else {
            self.note(row, &value);
        }
        let field_count = i16::try_from(self.fields.len()).map_err(|_| Malformed)?;
        out.extend_from_slice(&field_count.to_be_bytes());
        for field in &self.fields {
            match *field {
                Field::Copied(index) => put(out, value(index)),
                Field::Id(index) => match value(index) {
                    Some(id) => put(out, Some(id)),
                    None if is_refused => put(out, None),
                    None => put(out, Some(self.ids.next().as_bytes())),
                },
                Field::SourceId(_) => put(out, Some(&((self.import_id << ROW_BITS) | row).to_be_bytes())),
                Field::Repaired(index) => put(out, Some(&[u8::from(value(index) == Some(b"repaired"))])),
                Field::Refused(_) => put(out, Some(&[u8::from(is_refused)])),
                Field::Validity(from, to) => put_range(out, value(from), value(to)),
            }
        }
        Ok(())
    }

    /// Counts a row, and notes its key.
    fn note<'t>(&mut self, row: i64, value: &impl Fn(usize) -> Option<&'t [u8]>) {
        self.rows = Some(self.rows.map_or((row, row), |(first, last)| (first.min(row), last.max(row))));
        self.count += 1;
        self.keys
            .note(self.key.parts.iter().map(|at| at.and_then(value)), self.key.period.map(|at| at.and_then(value)));
    }
}

/// New identifiers in time order (RFC 9562, version 7, §6.2 method 2): the clock and the system's randomness are asked once
/// a frame, and each further one is a random step beyond the one before.
#[derive(Debug)]
struct NewIds {
    last: Uuid,
    step: SmallRng,
}

impl NewIds {
    fn new() -> Self {
        Self { last: Uuid::now_v7(), step: SmallRng::from_os_rng() }
    }

    fn now(&mut self) {
        self.last = Uuid::now_v7();
    }

    fn next(&mut self) -> Uuid {
        let step: u32 = self.step.random();
        let next = Uuid::from_u128(self.last.as_u128() + 1 + u128::from(step >> 12));
        // The random part is used up, which takes a billion billion steps from the middle, or very bad luck.
        self.last = if next.get_variant() == Variant::RFC4122 { next } else { Uuid::now_v7() };
        self.last
    }
}

/// Notes where each field of the first tuple lies; gives the tuple's length.
fn measure(bytes: &[u8], spans: &mut [(usize, i32)]) -> Result<usize, Malformed> {
    let count = i16::from_be_bytes(bytes.get(..2).and_then(|b| b.try_into().ok()).ok_or(Malformed)?);
    if usize::try_from(count).ok() != Some(spans.len()) {
        return Err(Malformed);
    }
    let mut at = 2;
    for span in spans {
        let length = i32::from_be_bytes(bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).ok_or(Malformed)?);
        at += 4;
        *span = (at, length);
        at += usize::try_from(length.max(0)).map_err(|_| Malformed)?;
        if length < -1 || at > bytes.len() {
            return Err(Malformed);
        }
    }
    Ok(at)
}

fn put(out: &mut Vec<u8>, value: Option<&[u8]>) {
    match value {
        Some(bytes) => {
            out.extend_from_slice(&(bytes.len() as i32).to_be_bytes());
            out.extend_from_slice(bytes);
        }
        None => out.extend_from_slice(&(-1i32).to_be_bytes()),
    }
}

/// `daterange` on the wire: flags (0x01 empty, 0x02 lower inclusive, 0x08 lower infinite, 0x10 upper infinite), ends.
fn put_range(out: &mut Vec<u8>, from: Option<&[u8]>, to: Option<&[u8]>) {
    let mut range = vec![from.map_or(0x08, |_| 0x02) | to.map_or(0x10, |_| 0)];
    for end in [from, to].into_iter().flatten() {
        put(&mut range, Some(end));
    }
    put(out, Some(&range));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<StagingColumn> {
        ["_row", "_status", "_hash", "id", "name", "storeys", "valid_from", "valid_to", "geom"]
            .map(|name| StagingColumn { name: name.into(), sql_type: String::new(), given: name != "storeys" })
            .to_vec()
    }

    #[test]
    fn an_attribute_may_be_called_status_row_or_hash() {
        let mut columns = columns();
        for name in ["status", "row", "hash"] {
            columns.push(StagingColumn { name: name.into(), sql_type: "text".into(), given: true });
        }
        let rewrite = Rewrite::new(&columns, 1, true).unwrap();
        assert!(["status", "row", "hash"].iter().all(|name| rewrite.names().iter().any(|have| have == name)));
    }

    fn tuple(fields: &[Option<&[u8]>]) -> Vec<u8> {
        let mut out = (fields.len() as i16).to_be_bytes().to_vec();
        fields.iter().for_each(|f| put(&mut out, *f));
        out
    }

    fn incoming(row: i64) -> Vec<u8> {
        let row = row.to_be_bytes();
        tuple(&[
            Some(&row),
            Some(b"repaired"),
            None,
            Some(&[9; 16]),
            Some(b"a"),
            None,
            Some(&[0, 0, 0, 1]),
            None,
            Some(b"g"),
        ])
    }

    #[test]
    fn what_the_source_does_not_have_is_left_out_and_the_rest_is_passed_on() {
        let mut rewrite = Rewrite::new(&columns(), 3, true).expect("columns are complete");
        assert_eq!(rewrite.names(), ["id", "source_id", "repaired", "refused", "validity", "name", "geom"]);
        let mut out = Vec::new();
        rewrite.rewrite(&[incoming(5), incoming(7)].concat(), &mut out).expect("two whole tuples");
        let source_id = ((3i64 << 28) | 5).to_be_bytes();
        let range = [0x12, 0, 0, 0, 4, 0, 0, 0, 1];
        let expected =
            tuple(&[Some(&[9; 16]), Some(&source_id), Some(&[1]), Some(&[0]), Some(&range), Some(b"a"), Some(b"g")]);
        assert_eq!(out[..expected.len()], expected);
        assert_eq!((rewrite.rows, rewrite.count), (Some((5, 7)), 2));
    }

    #[test]
    fn a_refused_row_goes_into_a_staging_table_and_nowhere_else() {
        let row = 1i64.to_be_bytes();
        let refused = tuple(&[Some(&row), Some(b"refused"), None, None, Some(b"a"), None, None, None, None]);
        let mut staged = Rewrite::new(&columns(), 1, true).expect("columns are complete");
        let mut out = Vec::new();
        staged.rewrite(&refused, &mut out).expect("a whole tuple");
        let source_id = ((1i64 << 28) | 1).to_be_bytes();
        let always = [0x18];
        assert_eq!(
            out,
            tuple(&[None, Some(&source_id), Some(&[0]), Some(&[1]), Some(&always), Some(b"a"), None]),
            "without a new id: it is no new object"
        );
        assert_eq!((staged.count, staged.refused), (0, 1));
        let mut direct = Rewrite::new(&columns(), 1, false).expect("columns are complete");
        out.clear();
        direct.rewrite(&refused, &mut out).expect("a whole tuple");
        assert!(out.is_empty());
        assert_eq!((direct.count, direct.refused), (0, 1));
    }

    #[test]
    fn a_row_without_an_id_gets_a_new_one() {
        let mut rewrite = Rewrite::new(&columns(), 1, false).expect("columns are complete");
        let mut out = Vec::new();
        let row = 1i64.to_be_bytes();
        let bare = tuple(&[Some(&row), Some(b"clean"), None, None, None, None, None, None, None]);
        rewrite.rewrite(&[bare.clone(), bare].concat(), &mut out).expect("two whole tuples");
        let half = out.len() / 2;
        assert_eq!((out[6 + 6] >> 4, out[6 + 8] >> 6), (7, 2), "a version 7 uuid");
        assert!(out[6..22] < out[half + 6..half + 22], "in the order of the rows");
    }

    #[test]
    fn cut_or_lying_tuples_are_refused() {
        let mut rewrite = Rewrite::new(&columns(), 1, false).expect("columns are complete");
        let whole = incoming(1);
        for cut in 1..whole.len() {
            assert!(rewrite.rewrite(&whole[..cut], &mut Vec::new()).is_err(), "cut at {cut}");
        }
        assert!(
            rewrite.rewrite(&incoming(1 << 28), &mut Vec::new()).is_err(),
            "a row number that would run into the import's"
        );
    }
}
