//! What the server and its import worker say to each other: one file, because both sides read it whole.
//!
//! The parent starts `dothi import-worker`, writes one JSON line (a [`Job`]) to its stdin and closes it. The worker
//! answers on stdout with frames: a `u32` little-endian payload length, one kind byte, the payload.
//!
//! - kind `J`: one [`Message`] as JSON;
//! - kind `R`: rows, as tuples of PostgreSQL's binary COPY format *without* its header and trailer, with the fields in
//!   the order of the last [`Message::Begin`]'s columns. A tuple is never split over two frames, so that a parent can
//!   pass payloads on to `COPY … FROM STDIN (FORMAT binary)` unread.
//!
//! Order: (`begin` `R`* `end`)* `done`, with issues and progress anywhere between; or, at any time, `fatal` as the last
//! message. A stream that ends without `done` or `fatal` means that the worker died.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize};

/// Rows are collected until a frame has about this size.
pub const FRAME_TARGET: usize = 256 * 1024;
/// No frame may be longer; a length above it means that the stream is not ours.
pub const FRAME_LIMIT: usize = 256 * 1024 * 1024;
/// Columns that every staging table begins with; no attribute can have such a name, for none begins with `_`.
pub const FIXED_COLUMNS: [(&str, &str); 3] = [("_row", "int8"), ("_status", "text"), ("_hash", "bytea")];
/// The status of a row that was refused and only says which object it speaks of: its id, key and
/// place, all else null.
pub const REFUSED: &str = "refused";
/// The status of a refused row that has neither a whole key nor a place: it speaks of no object at all.
pub const MUTE: &str = "mute";

/// What the worker is asked to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Read all rows and stream them.
    #[default]
    Import,
    /// Look at the files and answer with a first profile ([`Message::Proposal`]).
    Propose,
    /// Look at the files and say what they are ([`Message::Inspection`]).
    Inspect,
}

/// How much each row is checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Checks {
    /// Structure, validity with repair, duplicates.
    #[default]
    Full,
    /// Structure only: closed rings, finite coordinates, right type, typed values. Validity is not looked at.
    Basic,
}

/// One import job: the only thing the worker reads from its stdin.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Job {
    /// Files of this delivery, as paths that the worker can open. Archives are unpacked by the worker.
    pub files: Vec<String>,
    /// The profile as JSON (the TOML of `data-import/profiles/README.md`), or null: map by names.
    #[serde(default)]
    pub profile: Option<serde_json::Value>,
    /// Without a profile: the layer that everything goes to (`--layer`).
    #[serde(default)]
    pub layer: Option<String>,
    /// The catalog's layers.
    pub layers: Vec<LayerSpec>,
    /// Codes of each code list that an attribute names.
    #[serde(default)]
    pub code_lists: BTreeMap<String, Vec<String>>,
    /// `--crs`: wins over file and profile. `EPSG:9210`, a PROJ string or WKT.
    #[serde(default)]
    pub crs: Option<String>,
    /// `--encoding`: wins over file and profile. `utf-8`, `tcvn3`, `vni`, `viscii`, `windows-1258`, …
    #[serde(default)]
    pub encoding: Option<String>,
    /// How much is checked.
    #[serde(default)]
    pub checks: Checks,
    /// The place's VN-2000 zone for legal layers whose source has none of its own; null outside Vietnam.
    #[serde(default)]
    pub legal_srid: Option<i32>,
    /// An existing folder that belongs to this job: archives are unpacked into it, `refused.gpkg` is written to it.
    pub work_dir: String,
    /// What is asked.
    #[serde(default)]
    pub mode: Mode,
    /// Rules whose suspicion a person has accepted (`--accept rule,…`), such as `coordinates-collapsed`.
    #[serde(default)]
    pub accept: Vec<String>,
    /// Bounds on what is read.
    #[serde(default)]
    pub limits: Limits,
}

/// Bounds on one delivery. Each is named in the refusal that it causes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Bytes that archives may unpack to, all together.
    pub unpacked_bytes: u64,
    /// Files in all archives together.
    pub archive_files: usize,
    /// How many times larger than its packed form a file may become (beyond its first 16 MiB).
    pub compression_ratio: u64,
    /// Rows of one delivery.
    pub rows: u64,
    /// Vertices of one geometry.
    pub vertices: usize,
    /// Bytes of one text value.
    pub text_bytes: usize,
    /// Issues that are sent one by one for each rule and target; the rest is counted.
    pub issues: u64,
    /// Address space of the worker, in bytes; 0 leaves it alone.
    pub memory_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            unpacked_bytes: 8 << 30,
            archive_files: 20_000,
            compression_ratio: 200,
            rows: 1 << 28,
            vertices: 2_000_000,
            text_bytes: 64 * 1024,
            issues: 200,
            memory_bytes: 6 << 30,
        }
    }
}

/// A catalog layer, as far as the worker needs it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct LayerSpec {
    /// Stable name: `parcel`.
    pub name: String,
    /// `point`, `line`, `polygon`, `multipoint`, `multiline`, `multipolygon`, `any`; null for an entity without a place.
    #[serde(default)]
    pub geometry: Option<String>,
    /// Attributes that a re-delivery is matched by.
    #[serde(default)]
    pub key: Vec<String>,
    /// Does it keep `geom_source` in a VN-2000 zone?
    #[serde(default)]
    pub legal: bool,
    /// The layer's own zone; wins over the place's.
    #[serde(default)]
    pub legal_srid: Option<i32>,
    /// Does its `geom` column take Z?
    #[serde(default)]
    pub has_z: bool,
    /// Titles, for `--propose` and messages.
    #[serde(default)]
    pub title_vi: String,
    /// See `title_vi`.
    #[serde(default)]
    pub title_en: String,
    /// Its columns, in catalog order.
    #[serde(default)]
    pub attributes: Vec<AttributeSpec>,
}

/// An attribute of a catalog layer.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct AttributeSpec {
    /// Column name.
    pub name: String,
    /// `text`, `int`, `float`, `bool`, `date`, `timestamp`, `code`, `json`; `uuid` for references by id.
    pub kind: String,
    /// Its code list, if `kind` is `code`.
    #[serde(default)]
    pub code_list: Option<String>,
    /// A row without it is refused.
    #[serde(default)]
    pub required: bool,
    /// Unit of the stored value: `m`, `m2`, `cm`, …
    #[serde(default)]
    pub unit: Option<String>,
    /// Longest text, in characters.
    #[serde(default)]
    pub max_length: Option<usize>,
    /// Titles, for `--propose` and messages.
    #[serde(default)]
    pub title_vi: String,
    /// See `title_vi`.
    #[serde(default)]
    pub title_en: String,
}

/// One column of the staging rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StagingColumn {
    /// Column name: an attribute's, or one of [`FIXED_COLUMNS`], `id`, `valid_from`, `valid_to`, `extra`, `geom`,
    /// `geom_source`.
    pub name: String,
    /// PostgreSQL type whose binary form is sent: `int8`, `text`, `bytea`, `float8`, `bool`, `date`, `timestamptz`,
    /// `jsonb`, `uuid`, `geometry`.
    pub sql_type: String,
    /// Did the source have this column (or the profile give it a value)? False: every row sends null, and an update
    /// must leave what is stored alone.
    pub given: bool,
}

/// The staging columns of a layer, always the same and in the same order: the fixed three, `id uuid` (the object's id
/// where the source carries one), the attributes, `valid_from date`, `valid_to date`, `extra jsonb`, `geom geometry`
/// (SRID 4326; layers with a place), `geom_source geometry` (legal layers).
pub fn staging_columns(layer: &LayerSpec) -> Vec<StagingColumn> {
    let column =
        |name: &str, sql_type: &str, given| StagingColumn { name: name.into(), sql_type: sql_type.into(), given };
    let mut columns: Vec<_> = FIXED_COLUMNS.iter().map(|(n, t)| column(n, t, true)).collect();
    columns.push(column("id", "uuid", false));
    columns.extend(layer.attributes.iter().map(|a| column(&a.name, sql_type_of(&a.kind), false)));
    columns.push(column("valid_from", "date", false));
    columns.push(column("valid_to", "date", false));
    columns.push(column("extra", "jsonb", false));
    if layer.geometry.is_some() {
        columns.push(column("geom", "geometry", true));
        if layer.legal {
            columns.push(column("geom_source", "geometry", true));
        }
    }
    columns
}

/// The PostgreSQL type that staging uses for an attribute kind.
pub fn sql_type_of(kind: &str) -> &'static str {
    match kind {
        "int" => "int8",
        "float" => "float8",
        "bool" => "bool",
        "date" => "date",
        "timestamp" => "timestamptz",
        "json" => "jsonb",
        "uuid" => "uuid",
        _ => "text",
    }
}

/// A sentence in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: String,
}

impl Text {
    /// Both languages at once.
    pub fn new(vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self { vi: vi.into(), en: en.into() }
    }
}

/// How bad an issue is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing; nothing was changed.
    Info,
    /// The row went in, but a value was dropped, changed or is doubtful.
    Warning,
    /// The row was refused.
    Error,
}

/// Something found in a row (or, with `row` null, in a file or layer).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Issue {
    /// Target layer, if known.
    pub target: Option<String>,
    /// File, as a path inside the delivery.
    pub file: Option<String>,
    /// Layer in that file.
    pub source_layer: Option<String>,
    /// Row number in the delivery: the staging column `row`.
    pub row: Option<i64>,
    /// Row number in its source layer, from 1.
    pub source_row: Option<i64>,
    /// Attribute or source column.
    pub field: Option<String>,
    /// The offending value, shortened.
    pub value: Option<String>,
    /// How bad.
    pub severity: Severity,
    /// Stable slug: `geometry-repaired`, `unknown-code`, …
    pub rule: String,
    /// What it means and what to do.
    pub message: Text,
    /// Where, in EPSG:4326.
    pub lon: Option<f64>,
    /// Where, in EPSG:4326.
    pub lat: Option<f64>,
}

/// How often a rule was met, counted in full.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueCount {
    /// Target layer, if known.
    pub target: Option<String>,
    /// Slug of the rule.
    pub rule: String,
    /// How bad.
    pub severity: Severity,
    /// How often.
    pub count: u64,
}

/// The coordinate system a source layer was read in, to be kept with the import.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrsUsed {
    /// Name or definition.
    pub name: String,
    /// EPSG code, if it has one.
    pub srid: Option<i32>,
    /// `file`, `profile` or `option`.
    pub from: String,
    /// The exact operation to EPSG:4326 (a pipeline for VN-2000).
    pub operation: String,
}

/// What a file holds ([`Mode::Inspect`]).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SourceLayer {
    /// Path inside the delivery.
    pub file: String,
    /// GDAL driver: `GeoJSON`, `ESRI Shapefile`, …
    pub format: String,
    /// Layer name.
    pub name: String,
    /// Rows; −1 if the format cannot say cheaply.
    pub rows: i64,
    /// Geometry type name as GDAL gives it; empty for a table.
    pub geometry: String,
    /// CRS name as given in the file, if any.
    pub crs: Option<String>,
    /// EPSG code, if known.
    pub srid: Option<i32>,
    /// Columns: name, OGR type, and up to three sample values.
    pub columns: Vec<SourceColumn>,
}

/// A column of a source layer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SourceColumn {
    /// Name.
    pub name: String,
    /// OGR type.
    pub kind: String,
    /// Up to three different values. Empty where the column looks personal.
    pub samples: Vec<String>,
}

/// What the worker says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Message {
    /// Rows of one source layer for one target follow.
    Begin {
        /// Target layer.
        target: String,
        /// File, as a path inside the delivery.
        file: String,
        /// Layer in it.
        source_layer: String,
        /// What the tuples hold. The same for every `begin` of a target, but for `given`.
        columns: Vec<StagingColumn>,
        /// Where its coordinates come from; null for a table.
        crs: Option<CrsUsed>,
        /// Rows that will be read, where the format can say it cheaply.
        #[serde(default)]
        total: Option<u64>,
    },
    /// That source layer is finished. `read = clean + repaired + refused`.
    End {
        /// Target layer.
        target: String,
        /// File.
        file: String,
        /// Layer in it.
        source_layer: String,
        /// Rows read.
        read: u64,
        /// Rows sent as they were.
        clean: u64,
        /// Rows sent after a repair of their geometry.
        repaired: u64,
        /// Rows in `refused.gpkg`.
        refused: u64,
        /// Rows that the profile's `where` left out; not part of `read`.
        skipped: u64,
    },
    /// One file of several cannot be read (an issue before this says why). Instead of [`Message::End`] it also ends the
    /// source layer that was under way, of which nothing may be applied.
    FileRefused {
        /// File.
        file: String,
    },
    /// Something found.
    Issue(Issue),
    /// How far it is, in rows of the delivery. `total` 0: not known.
    Progress {
        /// Rows read.
        done: u64,
        /// Rows of the delivery.
        total: u64,
        /// File being read.
        file: String,
    },
    /// It cannot go on; nothing of the delivery may be applied.
    Fatal {
        /// Stable slug: `crs-unknown`, `format-unknown`, …
        slug: String,
        /// What happened and what to do.
        message: Text,
        /// File concerned, if one.
        file: Option<String>,
    },
    /// A first profile, in TOML ([`Mode::Propose`]).
    Proposal {
        /// The profile.
        toml: String,
    },
    /// What the files hold ([`Mode::Inspect`]).
    Inspection {
        /// Their layers.
        layers: Vec<SourceLayer>,
    },
    /// All was read.
    Done {
        /// Every rule that was met, counted in full.
        issues: Vec<IssueCount>,
        /// Path of `refused.gpkg`, if a row was refused.
        refused: Option<String>,
    },
}

/// One frame, as read.
#[derive(Clone, Debug, PartialEq)]
pub enum Frame {
    /// A message.
    Message(Box<Message>),
    /// COPY tuples.
    Rows(Vec<u8>),
}

/// Reads the header of a frame: kind byte and payload length; `None` at a clean end of the stream.
///
/// For readers that fetch the payload themselves (an async parent): the header is always five bytes.
///
/// # Errors
/// `InvalidData` for an unknown kind or a length above [`FRAME_LIMIT`].
pub fn parse_header(header: [u8; 5]) -> io::Result<(u8, usize)> {
    let [a, b, c, d, kind] = header;
    let length = u32::from_le_bytes([a, b, c, d]) as usize;
    if !matches!(kind, b'J' | b'R') || length > FRAME_LIMIT {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "not a frame of the import worker"));
    }
    Ok((kind, length))
}

/// Turns a payload into a frame.
///
/// # Errors
/// `InvalidData` if a `J` payload is not a known message.
pub fn parse_payload(kind: u8, payload: Vec<u8>) -> io::Result<Frame> {
    if kind == b'R' {
        return Ok(Frame::Rows(payload));
    }
    let message = serde_json::from_slice(&payload).map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))?;
    Ok(Frame::Message(Box::new(message)))
}

/// Reads the next frame; `None` at a clean end.
///
/// # Errors
/// `UnexpectedEof` inside a frame, `InvalidData` for anything that is not one.
pub fn read_frame(from: &mut impl Read) -> io::Result<Option<Frame>> {
    let mut header = [0u8; 5];
    let mut filled = 0;
    while filled < header.len() {
        match from.read(&mut header[filled..]) {
            Ok(0) if filled == 0 => return Ok(None),
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(n) => filled += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    let (kind, length) = parse_header(header)?;
    // Grown while reading: a lying length costs no memory.
    let mut payload = Vec::with_capacity(length.min(1 << 20));
    if from.take(length as u64).read_to_end(&mut payload)? < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    parse_payload(kind, payload).map(Some)
}

fn write_frame(to: &mut impl Write, kind: u8, payload: &[u8]) -> io::Result<()> {
    let length = u32::try_from(payload.len()).ok().filter(|n| *n as usize <= FRAME_LIMIT);
    let length = length.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "frame too long"))?;
    let [a, b, c, d] = length.to_le_bytes();
    to.write_all(&[a, b, c, d, kind])?;
    to.write_all(payload)
}

/// Writes a message and flushes.
///
/// # Errors
/// Those of `to`.
pub fn write_message(to: &mut impl Write, message: &Message) -> io::Result<()> {
    let payload = serde_json::to_vec(message).map_err(io::Error::other)?;
    write_frame(to, b'J', &payload)?;
    to.flush()
}

/// Writes a frame of rows; an empty one is not sent.
///
/// # Errors
/// Those of `to`.
pub fn write_rows(to: &mut impl Write, tuples: &[u8]) -> io::Result<()> {
    if tuples.is_empty() { Ok(()) } else { write_frame(to, b'R', tuples) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn frames_come_back_as_they_were_written(rows in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..300), 0..20), done in any::<u64>(), file in ".*") {
            let mut wire = Vec::new();
            for r in &rows { write_rows(&mut wire, r).unwrap(); }
            let message = Message::Progress { done, total: 9, file };
            write_message(&mut wire, &message).unwrap();
            let mut from = wire.as_slice();
            for r in &rows { prop_assert_eq!(read_frame(&mut from).unwrap(), Some(Frame::Rows(r.clone()))); }
            prop_assert_eq!(read_frame(&mut from).unwrap(), Some(Frame::Message(Box::new(message))));
            prop_assert_eq!(read_frame(&mut from).unwrap(), None);
        }

        #[test]
        fn any_bytes_are_a_frame_or_an_error_but_never_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut from = bytes.as_slice();
            while let Ok(Some(_)) = read_frame(&mut from) {}
        }

        #[test]
        fn a_cut_stream_is_an_error(cut in 1usize..20) {
            let mut wire = Vec::new();
            write_rows(&mut wire, &[7; 16]).unwrap();
            wire.truncate(wire.len() - cut);
            prop_assert!(read_frame(&mut wire.as_slice()).is_err());
        }
    }
}
