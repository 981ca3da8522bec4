//! Reads rows out of PostgreSQL's binary COPY: the same way for a whole layer and for the three rows that changed.

use bytes::{Buf as _, BytesMut};
use chrono::{Days, NaiveDate};
use dothi_tiles::{DateRange, NewFeature, Value, ValueKind};
use geo::Geometry;
use uuid::Uuid;

use super::ewkb::{self, BadGeometry};

/// Bytes that are not what the layer's SELECT promised.
#[derive(Debug, thiserror::Error)]
pub enum BadCopy {
    /// No PGCOPY header.
    #[error("the stream does not begin as a binary COPY")]
    Header,
    /// A field of another size than its type has.
    #[error("field {0} is not of the promised type")]
    Field(usize),
    /// The stream stopped in the middle of a row.
    #[error("the stream ends in the middle of a row")]
    Cut,
}

/// One row of a layer or of an entity without a place.
#[derive(Clone, Debug)]
pub struct Row {
    /// Key of the row, and the tile's feature id.
    pub fid: i64,
    /// The object.
    pub id: Uuid,
    /// Version of the object.
    pub version: i32,
    /// Lon/lat; none for an entity without a place.
    pub geometry: Option<Geometry<f64>>,
    /// SRID of the legal geometry.
    pub legal_srid: Option<i32>,
    /// The period in which the row is true.
    pub valid: DateRange,
    /// In the order of the plan's attributes.
    pub values: Vec<Value>,
}

impl Row {
    /// The row as the core takes it; none without a place.
    pub fn into_feature(self) -> Option<NewFeature> {
        Some(NewFeature {
            fid: self.fid,
            id: self.id,
            version: self.version,
            geometry: self.geometry?,
            legal_srid: self.legal_srid,
            valid: self.valid,
            values: self.values,
        })
    }
}

/// Takes the stream's pieces as they come and gives the rows that are complete.
pub struct Decoder {
    kinds: Vec<ValueKind>,
    pending: BytesMut,
    begun: bool,
    ended: bool,
    left_out: Vec<LeftOut>,
}

/// A row whose geometry nobody here can draw: its table took it from another program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Key of the row.
    pub fid: i64,
    /// The object.
    pub id: Uuid,
    /// What is wrong with its geometry.
    pub cause: BadGeometry,
}

const SIGNATURE: &[u8; 11] = b"PGCOPY\n\xff\r\n\0";
/// `fid, id, version, geom, legal_srid, lower(validity), upper(validity)` come before the attributes.
const FIXED: usize = 7;

impl Decoder {
    /// A decoder for rows with attributes of these kinds.
    pub fn new(kinds: Vec<ValueKind>) -> Self {
        Self { kinds, pending: BytesMut::new(), begun: false, ended: false, left_out: Vec::new() }
    }

    /// Adds a piece of the stream; `take` gets each complete row. A row with a geometry that cannot be read is left out: one
    /// of them must not keep a whole city from its changes.
    ///
    /// # Errors
    /// When the bytes are not what the SELECT of the plan gives.
    pub fn push(&mut self, piece: &[u8], mut take: impl FnMut(Row)) -> Result<(), BadCopy> {
        self.pending.extend_from_slice(piece);
        if !self.begun && !self.begin()? {
            return Ok(());
        }
        while let Some(length) = self.next_row_length() {
            let row = self.row(length)?;
            self.pending.advance(length);
            match row {
                Ok(row) => take(row),
                Err(left_out) => self.left_out.push(left_out),
            }
        }
        Ok(())
    }

    /// Says whether the stream came to its proper end, and which rows were left out.
    ///
    /// # Errors
    /// When it stopped early.
    pub fn finish(self) -> Result<Vec<LeftOut>, BadCopy> {
        if self.ended { Ok(self.left_out) } else { Err(BadCopy::Cut) }
    }

    fn begin(&mut self) -> Result<bool, BadCopy> {
        let Some(header) = self.pending.get(..19) else { return Ok(false) };
        if &header[..11] != SIGNATURE {
            return Err(BadCopy::Header);
        }
        let extension = u32::from_be_bytes([header[15], header[16], header[17], header[18]]) as usize;
        if self.pending.len() < 19 + extension {
            return Ok(false);
        }
        self.pending.advance(19 + extension);
        self.begun = true;
        Ok(true)
    }

    /// The bytes of the row at the front, if all of it is there; marks the end when the trailer is.
    fn next_row_length(&mut self) -> Option<usize> {
        let bytes = &self.pending[..];
        let count = i16::from_be_bytes(bytes.get(..2)?.try_into().ok()?);
        if count < 0 {
            self.ended = true;
            return None;
        }
        let mut at = 2;
        for _ in 0..count {
            let length = i32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?);
            at += 4 + usize::try_from(length).unwrap_or(0);
        }
        (at <= bytes.len()).then_some(at)
    }

    fn row(&self, length: usize) -> Result<Result<Row, LeftOut>, BadCopy> {
        let mut fields = Fields { bytes: &self.pending[2..length], at: 0 };
        let missing = |at| move || BadCopy::Field(at);
        let fid = fields.number(i64::from_be_bytes)?.ok_or_else(missing(0))?;
        let id = Uuid::from_bytes(fields.number(std::convert::identity::<[u8; 16]>)?.ok_or_else(missing(1))?);
        let version = fields.number(i32::from_be_bytes)?.ok_or_else(missing(2))?;
        let geometry = match fields.next()?.map(ewkb::read).transpose() {
            Ok(geometry) => geometry,
            Err(cause) => return Ok(Err(LeftOut { fid, id, cause })),
        };
        let legal_srid = fields.number(i32::from_be_bytes)?;
        let start = fields.number(i32::from_be_bytes)?.and_then(day);
        let end = fields.number(i32::from_be_bytes)?.and_then(day);
        let values = self.kinds.iter().map(|kind| fields.value(*kind)).collect::<Result<_, _>>()?;
        debug_assert_eq!(fields.at, FIXED + self.kinds.len());
        Ok(Ok(Row { fid, id, version, geometry, legal_srid, valid: DateRange::new(start, end), values }))
    }
}

struct Fields<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Fields<'b> {
    fn next(&mut self) -> Result<Option<&'b [u8]>, BadCopy> {
        let at = self.at;
        self.at += 1;
        let (head, rest) = self.bytes.split_first_chunk::<4>().ok_or(BadCopy::Field(at))?;
        let Ok(length) = usize::try_from(i32::from_be_bytes(*head)) else {
            self.bytes = rest;
            return Ok(None);
        };
        let (field, rest) = rest.split_at_checked(length).ok_or(BadCopy::Field(at))?;
        self.bytes = rest;
        Ok(Some(field))
    }

    fn number<const N: usize, T>(&mut self, read: impl Fn([u8; N]) -> T) -> Result<Option<T>, BadCopy> {
        let at = self.at;
        self.next()?.map(|field| field.try_into().map(&read).map_err(|_| BadCopy::Field(at))).transpose()
    }

    fn value(&mut self, kind: ValueKind) -> Result<Value, BadCopy> {
        let at = self.at;
        let value = match kind {
            ValueKind::Text => {
                let text = self.next()?.map(std::str::from_utf8).transpose().map_err(|_| BadCopy::Field(at))?;
                text.map(Value::text)
            }
            ValueKind::Int => self.number(i64::from_be_bytes)?.map(Value::Int),
            ValueKind::Float => self.number(f64::from_be_bytes)?.map(Value::Float),
            ValueKind::Bool => self.number(|[byte]: [u8; 1]| byte != 0)?.map(Value::Bool),
            ValueKind::Date => self.number(i32::from_be_bytes)?.and_then(day).map(Value::Date),
            ValueKind::Timestamp => self.number(i64::from_be_bytes)?.and_then(instant).map(Value::Timestamp),
        };
        Ok(value.unwrap_or(Value::Null))
    }
}

/// PostgreSQL counts days from 2000-01-01; its infinities are the extremes and mean "open".
fn day(days: i32) -> Option<NaiveDate> {
    let epoch = NaiveDate::from_ymd_opt(2000, 1, 1)?;
    let distance = Days::new(u64::from(days.unsigned_abs()));
    if days < 0 { epoch.checked_sub_days(distance) } else { epoch.checked_add_days(distance) }
}

/// Microseconds between 1970-01-01 and 2000-01-01, where PostgreSQL begins to count.
const EPOCH_MICROS: i64 = 946_684_800_000_000;

fn instant(micros: i64) -> Option<i64> {
    (micros != i64::MAX && micros != i64::MIN).then(|| micros.saturating_add(EPOCH_MICROS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream() -> Vec<u8> {
        let mut bytes = SIGNATURE.to_vec();
        bytes.extend([0; 8]);
        bytes.extend(9_i16.to_be_bytes());
        let mut field = |content: Option<&[u8]>| {
            bytes.extend(content.map_or(-1, |c| c.len() as i32).to_be_bytes());
            bytes.extend(content.unwrap_or_default());
        };
        let mut point = vec![1, 1, 0, 0, 0];
        point.extend(106.7_f64.to_le_bytes());
        point.extend(10.77_f64.to_le_bytes());
        field(Some(&7_i64.to_be_bytes()));
        field(Some(Uuid::from_u128(9).as_bytes()));
        field(Some(&3_i32.to_be_bytes()));
        field(Some(&point));
        field(None);
        field(Some(&9_831_i32.to_be_bytes()));
        field(Some(&i32::MAX.to_be_bytes()));
        field(Some("Lê Lợi".as_bytes()));
        field(Some(&12.5_f64.to_be_bytes()));
        bytes.extend((-1_i16).to_be_bytes());
        bytes
    }

    #[test]
    fn a_row_is_read_however_the_stream_is_cut() {
        let bytes = stream();
        for piece in 1..bytes.len() {
            let mut decoder = Decoder::new(vec![ValueKind::Text, ValueKind::Float]);
            let mut rows = Vec::new();
            for part in bytes.chunks(piece) {
                decoder.push(part, |row| rows.push(row)).unwrap();
            }
            decoder.finish().unwrap();
            let [row] = &rows[..] else { panic!("{} rows", rows.len()) };
            assert_eq!((row.fid, row.id, row.version), (7, Uuid::from_u128(9), 3));
            assert_eq!(row.valid, DateRange::new(NaiveDate::from_ymd_opt(2026, 12, 1), None));
            assert_eq!(row.values, [Value::text("Lê Lợi"), Value::Float(12.5)]);
            assert_eq!(row.geometry, Some(geo::wkt!(POINT(106.7 10.77)).into()));
        }
    }

    #[test]
    fn a_stream_that_stops_early_is_an_error_and_not_a_short_layer() {
        let bytes = stream();
        let mut decoder = Decoder::new(vec![ValueKind::Text, ValueKind::Float]);
        decoder.push(&bytes[..bytes.len() - 2], |_| ()).unwrap();
        assert!(matches!(decoder.finish(), Err(BadCopy::Cut)));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
            let mut stream = SIGNATURE.to_vec();
            stream.extend([0; 8]);
            stream.extend(bytes);
            let mut decoder = Decoder::new(vec![ValueKind::Text, ValueKind::Int]);
            let _ = decoder.push(&stream, |_| ());
        }
    }
}
