//! A strict reader of vector tiles, written against MVT 2.1 alone and not against our encoder.
//!
//! A violation is *fatal* where a reader cannot trust what it has read (broken protobuf, a field of the wrong type or
//! an unknown one outside the extension ranges, a layer without name or with an unknown version, a value of no or of
//! several types, a tag that points nowhere, commands that do not parse), and *recoverable* where it can leave out one
//! feature, or one layer, and go on (no or several geometries, no or an unknown type, an odd number of tags, a key
//! twice in a feature, a position repeated, a ring wound wrongly or without area, a layer's name twice, an id twice).

mod geometry;
mod read;
mod text;
mod wire;

pub use read::read;
pub use text::describe;

use std::fmt;
use std::sync::Arc;

/// One thing that is wrong with a tile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The rule that is broken.
    pub rule: Rule,
    /// Where: "layer 2 (parcel), feature 17".
    pub at: String,
    /// What was found.
    pub found: String,
}

/// Whether a reader can go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// A feature or a layer can be left out and the rest read.
    Recoverable,
    /// The tile, or the layer, is not to be trusted.
    Fatal,
}

/// The rules of MVT 2.1 that are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// The bytes are protobuf, and every field has the type that the schema gives it.
    Protobuf,
    /// No fields beside those of the schema and its extension ranges.
    UnknownField,
    /// A layer has one name (§4.1).
    LayerName,
    /// No two layers have the same name (§4.1).
    DuplicateLayer,
    /// A layer says its version, 1 or 2 (§4.1).
    Version,
    /// An extent, where given, is above 0 (§4.1).
    Extent,
    /// A value has exactly one type (§4.1).
    ValueType,
    /// Tags come in pairs (§4.4).
    TagPairs,
    /// Tags point to keys and values that are there (§4.4).
    TagRange,
    /// No key twice in a feature (§4.4).
    DuplicateKey,
    /// A feature has one geometry (§4.2).
    Geometry,
    /// A feature has a type of the enumeration (§4.2).
    GeometryType,
    /// The commands are those of the type, with counts that are there (§4.3).
    Commands,
    /// No step of a line goes nowhere (§4.3.3.2), no ring repeats its first position (§4.3.4.4).
    RepeatedPosition,
    /// Rings have an area, and the first is an exterior one (§4.3.4.4).
    Ring,
    /// Ids are unique in a layer (§4.2).
    DuplicateId,
}

impl Rule {
    /// What breaking it means.
    pub fn severity(self) -> Severity {
        match self {
            Self::Protobuf
            | Self::UnknownField
            | Self::LayerName
            | Self::Version
            | Self::Extent
            | Self::ValueType
            | Self::TagRange
            | Self::Commands => Severity::Fatal,
            Self::DuplicateLayer
            | Self::TagPairs
            | Self::DuplicateKey
            | Self::Geometry
            | Self::GeometryType
            | Self::RepeatedPosition
            | Self::Ring
            | Self::DuplicateId => Severity::Recoverable,
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({:?})", self.at, self.found, self.rule)
    }
}

/// A tile that was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DecodedTile {
    /// Its layers, in order.
    pub layers: Vec<DecodedLayer>,
}

/// A layer of a tile.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DecodedLayer {
    /// Its name.
    pub name: String,
    /// Units on a side.
    pub extent: u32,
    /// Its features, in order.
    pub features: Vec<DecodedFeature>,
}

/// A feature of a tile.
#[derive(Clone, Debug, PartialEq)]
pub struct DecodedFeature {
    /// Its id, if it has one.
    pub id: Option<u64>,
    /// Its attributes, in order.
    pub properties: Vec<(Arc<str>, TileValue)>,
    /// Its shape in tile units.
    pub geometry: TileGeometry,
}

impl DecodedFeature {
    /// An attribute by its name.
    pub fn property(&self, name: &str) -> Option<&TileValue> {
        self.properties.iter().find(|(key, _)| &**key == name).map(|(_, value)| value)
    }
}

/// A value of a tile.
#[derive(Clone, Debug, PartialEq)]
pub enum TileValue {
    /// `string_value`.
    Text(Arc<str>),
    /// `float_value`.
    Float(f32),
    /// `double_value`.
    Double(f64),
    /// `int_value` or `sint_value`.
    Int(i64),
    /// `uint_value`.
    Uint(u64),
    /// `bool_value`.
    Bool(bool),
}

/// A shape in tile units. Rings are open; one with a positive surveyor's area begins a polygon.
#[derive(Clone, Debug, PartialEq)]
pub enum TileGeometry {
    /// A type that the specification leaves open.
    Unknown,
    /// Points.
    Points(Vec<(i64, i64)>),
    /// Lines.
    Lines(Vec<Vec<(i64, i64)>>),
    /// Rings of polygons.
    Rings(Vec<Vec<(i64, i64)>>),
}

/// Whether the bytes are a vector tile as MVT 2.1 has it.
///
/// # Errors
/// Everything that is wrong, up to a hundred things.
pub fn validate(tile: &[u8]) -> Result<(), Vec<Violation>> {
    let (_, violations) = read(tile);
    if violations.is_empty() { Ok(()) } else { Err(violations) }
}
