//! Which layers exist: attributes, code lists, who is master, who may see, how they are drawn.
//!
//! A layer is described by a short TOML file. The shipped ones (`layers/*.toml`) and those of `dothi layer add` take the
//! same way: into `catalog.*`, then `gis.fit_layer()` makes or mends the table. Everything else asks [`Catalog`].

pub mod cli;
mod definition;
mod install;
mod shipped;
mod store;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use crate::bilingual::Bilingual as Text;
pub use definition::{DefinitionError, parse_layer};
pub use install::{install, is_installed};
use shipped::texts as shipped_texts;
pub use shipped::{shipped_codes, shipped_layers, shipped_lists};
pub use store::{load, put_layer, retire_layer};

/// Kind of geometry of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Geometry {
    /// An entity without a place.
    None,
    /// One point.
    Point,
    /// One line.
    Line,
    /// One polygon.
    Polygon,
    /// Points.
    MultiPoint,
    /// Lines.
    MultiLine,
    /// Polygons.
    MultiPolygon,
    /// Any of them.
    Any,
}

/// Kind of value of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Text.
    Text,
    /// Whole number of 64 bits.
    Int,
    /// Number.
    Float,
    /// True or false.
    Bool,
    /// Day.
    Date,
    /// Moment.
    Timestamp,
    /// Text from a code list; unknown codes stay as they came.
    Code,
    /// A JSON value.
    Json,
}

impl Kind {
    /// Can values of the two kinds be equal?
    pub fn compares_with(self, other: Self) -> bool {
        let alike = |kind| match kind {
            Self::Code => Self::Text,
            Self::Float => Self::Int,
            kind => kind,
        };
        alike(self) == alike(other)
    }
}

/// Whose data are the truth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Master {
    /// Ours: edits are the truth.
    #[default]
    Here,
    /// The land database's: a delivery is the truth.
    Land,
    /// The planning authority's decisions.
    Plan,
    /// Written by cases only.
    Case,
}

/// How a layer is generalised below its detail zoom.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LowZoom {
    /// Points become counts.
    Cluster,
    /// Small areas are merged.
    Merge,
    /// Lines are simplified.
    Lines,
    /// Not drawn.
    #[default]
    Hide,
}

/// What happens when a rule is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// The write is refused.
    Refuse,
    /// The write is taken and the finding listed.
    Warn,
}

/// When a rule is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleOn {
    /// At every write.
    #[default]
    Always,
    /// When a person edits.
    Edit,
    /// When a delivery is imported.
    Import,
}

/// A rule of a layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name, such as `inside_plan`.
    pub name: String,
    /// What happens when it is broken.
    pub effect: Effect,
    /// When it is asked.
    #[serde(default)]
    pub on: RuleOn,
    /// What it says.
    pub title: Text,
}

/// Which rows the public sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicRows {
    /// Attribute that decides.
    pub attribute: String,
    /// Values that are public.
    pub values: Vec<String>,
}

/// An attribute of a layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(clippy::struct_excessive_bools, reason = "five independent claims of the catalog, named as its columns")]
pub struct Attribute {
    /// Name of the column.
    pub name: String,
    /// Order in forms and answers.
    #[serde(default)]
    pub position: i32,
    /// Kind of value.
    pub kind: Kind,
    /// Code list of a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_list: Option<String>,
    /// Unit of a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Its name for people.
    pub title: Text,
    /// What it means and where that is written.
    #[serde(default)]
    pub comment: String,
    /// The same in Vietnamese, as forms tell it; empty = `comment` is shown.
    // Not written when empty, so that a row from before there were such texts counts as unaltered.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub comment_vi: String,
    /// `layer.attribute` that the value names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refers_to: Option<String>,
    /// Do tiles carry it?
    #[serde(default)]
    pub in_tile: bool,
    /// Does the core hold it, and do answers carry it?
    #[serde(default = "yes")]
    pub queryable: bool,
    /// Does the search box find it?
    #[serde(default)]
    pub searchable: bool,
    /// Is a row without it refused?
    #[serde(default)]
    pub required: bool,
    /// Only for staff with the right.
    #[serde(default)]
    pub private: bool,
}

/// A code list that a layer's file brings along.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewCodeList {
    /// Its name, which attributes say as `code_list`.
    pub name: String,
    /// Its name for people.
    pub title: Text,
    /// Its codes, in order.
    pub codes: Vec<NewCode>,
}

/// A code of a list that a layer's file brings along.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewCode {
    /// The code as it stands in data.
    pub code: String,
    /// Its meaning.
    pub title: Text,
    /// Colour in maps and legends, `#rrggbb`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colour: Option<String>,
}

/// A layer, or an entity without a place, as the catalog describes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(clippy::struct_excessive_bools, reason = "independent claims of the catalog, named as its columns")]
pub struct Layer {
    /// Name of the table, the tile layer and in every address.
    pub name: String,
    /// Its name for people.
    pub title: Text,
    /// What it holds, in one sentence.
    #[serde(default)]
    pub comment: String,
    /// Group in legends: a code of the list `layer_group`.
    #[serde(default = "other")]
    pub group: String,
    /// Order in lists, smaller first.
    #[serde(default = "last")]
    pub position: i32,
    /// Kind of geometry.
    pub geometry: Geometry,
    /// Attributes that a re-delivery is matched by; any may be null.
    #[serde(default)]
    pub key: Vec<String>,
    /// Whose data are the truth.
    #[serde(default)]
    pub master: Master,
    /// From this zoom up a tile holds every feature that touches it.
    #[serde(default = "fourteen")]
    pub detail_zoom: u8,
    /// How it is generalised below.
    #[serde(default)]
    pub low_zoom: LowZoom,
    /// Is `geom_source`, in a VN-2000 zone, the legal truth?
    #[serde(default)]
    pub legal: bool,
    /// Zone of the data set; none = the zone of the place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_srid: Option<i32>,
    /// What the public sees: `*` everything, nothing, or attribute names.
    #[serde(default)]
    pub public: Vec<String>,
    /// Which rows the public sees; none = all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_rows: Option<PublicRows>,
    /// Is the whole layer personal data?
    #[serde(default)]
    pub private: bool,
    /// Does it hold generated data at present?
    #[serde(default)]
    pub generated: bool,
    /// Its rules.
    #[serde(default, alias = "rule")]
    pub rules: Vec<Rule>,
    /// `MapLibre` paint and layout, where the default does not do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub style: Option<serde_json::Value>,
    /// Its attributes, in order.
    #[serde(default, alias = "attribute")]
    pub attributes: Vec<Attribute>,
    /// Code lists that its file brings along; none once it is in the catalog.
    #[serde(default, alias = "code_list", skip_serializing_if = "Vec::is_empty")]
    pub code_lists: Vec<NewCodeList>,
}

impl Layer {
    /// The attribute of that name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// Has it a place on the map?
    pub fn has_geometry(&self) -> bool {
        self.geometry != Geometry::None
    }

    /// Does the public audience see the layer at all?
    pub fn is_public(&self) -> bool {
        !self.private && !self.public.is_empty()
    }

    /// Does the public audience see this attribute? A private one never, whatever `public` says.
    pub fn shows_public(&self, attribute: &Attribute) -> bool {
        self.is_public() && !attribute.private && self.public.iter().any(|word| word == "*" || *word == attribute.name)
    }
}

/// A code with the dates that it holds on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// The code as it stands in data.
    pub code: String,
    /// Its meaning.
    pub title: Text,
    /// Colour in maps and legends, `#rrggbb`.
    pub colour: Option<String>,
    /// Group in its list.
    pub group_code: Option<String>,
    /// First day, if there is one.
    pub valid_from: Option<NaiveDate>,
    /// Day from which it no longer holds, if there is one.
    pub valid_to: Option<NaiveDate>,
    /// Where it is written.
    pub source: Option<String>,
    /// Order in legends.
    pub position: i32,
}

/// A list of codes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeList {
    /// Its name.
    pub name: String,
    /// Its name for people.
    pub title: Text,
    /// Its codes, in order; one code may stand twice with different dates.
    pub codes: Vec<Code>,
}

impl CodeList {
    /// The code as it holds on `date`; else as it once held or will hold, so that old data still read well.
    pub fn code_on(&self, code: &str, date: NaiveDate) -> Option<&Code> {
        let mut same = self.codes.iter().filter(|candidate| candidate.code == code);
        let holds = |candidate: &&Code| {
            candidate.valid_from.is_none_or(|from| from <= date) && candidate.valid_to.is_none_or(|to| date < to)
        };
        same.clone().find(holds).or_else(|| same.next())
    }
}

/// Which place this is: the setting `place`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Vietnamese name.
    #[serde(default)]
    pub name_vi: String,
    /// English name.
    #[serde(default)]
    pub name_en: String,
    /// Longitude and latitude to begin at.
    #[serde(default)]
    pub centre: Option<[f64; 2]>,
    /// Zoom to begin at.
    #[serde(default)]
    pub zoom: Option<f64>,
    /// West, south, east, north.
    #[serde(default)]
    pub bounds: Option<[f64; 4]>,
    /// VN-2000 zone of legal geometry; none outside Vietnam.
    #[serde(default)]
    pub legal_srid: Option<i32>,
    /// Does it hold generated data?
    #[serde(default)]
    pub illustrative: bool,
    /// Whom to name in the map's corner.
    #[serde(default)]
    pub attribution: Vec<String>,
    /// Searches to try first, as the page offers them while its box is empty.
    #[serde(default)]
    pub suggestions: Vec<String>,
    /// Language in which the pages begin (`vi` or `en`); Vietnamese where none is named.
    #[serde(default)]
    pub language: Option<String>,
}

/// All that the catalog says, at one version.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    /// Grows by one with every change.
    pub version: i64,
    /// Layers and entities that are not retired, in order.
    pub layers: Vec<Layer>,
    /// Code lists by name.
    pub code_lists: BTreeMap<String, CodeList>,
    /// Settings by name.
    pub settings: BTreeMap<String, serde_json::Value>,
    /// Layers whose rows say what the types do not know; they are not among `layers`.
    pub unreadable: Vec<String>,
}

impl Catalog {
    /// Takes the layers that cannot be read as they were in `before`: a slip in one row keeps what is there on the map.
    pub fn keep_unreadable(&mut self, before: &Self) {
        let kept = before.layers.iter().filter(|layer| self.unreadable.contains(&layer.name));
        self.layers.extend(kept.cloned());
        self.layers.sort_by(|a, b| (a.position, &a.name).cmp(&(b.position, &b.name)));
    }

    /// The layer of that name, unless it is retired.
    pub fn layer(&self, name: &str) -> Option<&Layer> {
        self.layers.iter().find(|layer| layer.name == name)
    }

    /// Which place this is; empty where nobody has said.
    pub fn place(&self) -> Place {
        let said = self.settings.get("place").cloned();
        said.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default()
    }
}

fn yes() -> bool {
    true
}

fn other() -> String {
    "other".to_owned()
}

fn last() -> i32 {
    1000
}

fn fourteen() -> u8 {
    14
}
