//! What the catalog says of a layer, as far as the core needs it.

use crate::{LayerName, Value};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// Said of a word that names no kind.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("\"{word}\" is none of {expected}")]
pub struct UnknownWord {
    /// The word that was read.
    pub word: String,
    /// The words that would have been understood.
    pub expected: &'static str,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $expected:literal, $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)?) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// The word that the catalog uses.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;
            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                match word { $($word => Ok(Self::$variant),)+ _ => Err(UnknownWord { word: word.into(), expected: $expected }) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(self.as_str()) }
        }
    };
}

words! {
    /// What shapes a layer holds. The core takes every shape; this is what the catalog promises.
    GeometryKind, "point, line, polygon, multipoint, multiline, multipolygon, any",
    /// One position.
    Point = "point",
    /// One line.
    Line = "line",
    /// One polygon.
    Polygon = "polygon",
    /// Several positions.
    MultiPoint = "multipoint",
    /// Several lines.
    MultiLine = "multiline",
    /// Several polygons.
    MultiPolygon = "multipolygon",
    /// Any of them, mixed.
    Any = "any",
}

words! {
    /// The type of an attribute's values.
    ValueKind, "text, int, float, bool, date, timestamp",
    /// Text; codes of a code list are text too.
    Text = "text",
    /// A whole number.
    Int = "int",
    /// A number.
    Float = "float",
    /// True or false.
    Bool = "bool",
    /// A calendar day.
    Date = "date",
    /// An instant, in microseconds since 1970 UTC.
    Timestamp = "timestamp",
}

words! {
    /// How a layer is drawn below its detail zoom.
    LowZoom, "cluster, merge, lines, hide",
    /// Points become clusters with counts.
    Cluster = "cluster",
    /// Areas: large ones keep their own shape on a common grid, small ones are merged into cells with counts and areas.
    Merge = "merge",
    /// Lines are simplified; those too short to be seen are merged into a line of their cell, with a count.
    Lines = "lines",
    /// Nothing is drawn, except features whose `min_zoom` asks for it.
    Hide = "hide",
}

/// One attribute of a layer.
#[derive(Clone, Debug, PartialEq)]
pub struct AttributeSchema {
    /// Its stable name, as in SQL and in the tile.
    pub name: Arc<str>,
    /// The type of its values.
    pub kind: ValueKind,
    /// Whether tiles carry it.
    pub in_tile: bool,
    /// Whether questions and row rules may rest on it.
    pub queryable: bool,
}

impl AttributeSchema {
    /// An attribute that is in tiles and may be asked for.
    pub fn new(name: &str, kind: ValueKind) -> Self {
        Self { name: name.into(), kind, in_tile: true, queryable: true }
    }

    /// Whether the core keeps its values at all.
    pub fn is_held(&self) -> bool {
        self.in_tile || self.queryable
    }
}

/// One layer, as the core sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerSchema {
    /// Its stable name.
    pub name: LayerName,
    /// What shapes it holds.
    pub geometry: GeometryKind,
    /// From this zoom up every feature that touches a tile is in it, as it is.
    pub detail_zoom: u8,
    /// How it is drawn below that.
    pub low_zoom: LowZoom,
    /// An int attribute: a feature with a value ≤ z is drawn on its own at z below the detail zoom.
    pub min_zoom_attribute: Option<Arc<str>>,
    /// Its attributes; [`NewFeature::values`](crate::NewFeature::values) come in this order.
    pub attributes: Vec<AttributeSchema>,
}

impl LayerSchema {
    /// Where an attribute stands, if the layer has it.
    pub fn index_of(&self, attribute: &str) -> Option<usize> {
        self.attributes.iter().position(|a| &*a.name == attribute)
    }

    /// What may be held of `value` in attribute `index`: nothing for one that is neither in tiles nor asked for.
    pub(crate) fn held<'v>(&self, index: usize, value: &'v Value) -> &'v Value {
        if self.attributes.get(index).is_some_and(AttributeSchema::is_held) { value } else { &Value::Null }
    }
}
