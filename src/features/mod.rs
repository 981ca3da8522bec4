//! The one way to write: operations in change sets, checked, versioned and answered one by one (decisions 2, 9, 10).
//!
//! Here is what is true, without SQL or clock. History, feed and version come from the tables' own triggers.

pub(crate) mod allowed;
mod apply;
mod check;
pub mod findings;
mod gone;
pub mod http;
mod judge;
mod kept;
mod locks;
pub mod merge;
mod operation;
mod prepare;
mod receipts;
mod row;
mod topology;
mod undo;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

pub(crate) use allowed::communes;
pub use apply::{StoreError, Writer, Written, apply, write_in};
pub(crate) use row::{Sees, content, shown, values};

use crate::{bilingual::Bilingual, catalog::Effect};

/// Operations that one change set may hold.
pub const MOST_OPERATIONS: usize = 1_000;
/// Vertices that one geometry may have.
pub const MOST_VERTICES: usize = 50_000;

/// Values by name of attribute.
pub type Values = Map<String, Value>;

/// What is done to one object in one of its validity periods.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Operation {
    /// Unique for ever, made by the client: sent twice, it is done once.
    pub op_id: Uuid,
    /// Layer, or entity without a place.
    pub entity: String,
    /// The object.
    pub id: Uuid,
    /// The day whose period is meant, today if absent; of an insert, the first day of its validity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_at: Option<NaiveDate>,
    /// What is done.
    #[serde(flatten)]
    pub act: Act,
}

/// What is done. A version is asked exactly where there is one.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(tag = "op", rename_all = "lowercase")]
pub enum Act {
    /// A new object.
    Insert {
        /// Its attributes.
        #[serde(default)]
        #[schema(value_type = Object)]
        set: Values,
        /// GeoJSON; WGS 84, or VN-2000 metres (easting, northing) with a member `srid`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<Object>)]
        geometry: Option<Value>,
    },
    /// Other values for some attributes, or another shape.
    Update {
        /// The version that the editor saw.
        base_version: i32,
        /// The attributes that change; null empties one.
        #[serde(default)]
        #[schema(value_type = Object)]
        set: Values,
        /// The new shape, if it changes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<Object>)]
        geometry: Option<Value>,
    },
    /// The row goes; its history stays.
    Delete {
        /// The version that the editor saw.
        base_version: i32,
    },
}

impl Act {
    /// The same with only those attributes that `keep` names.
    #[must_use]
    pub fn of_attributes(mut self, keep: impl Fn(&str) -> bool) -> Self {
        if let Self::Insert { set, .. } | Self::Update { set, .. } = &mut self {
            set.retain(|name, _| keep(name));
        }
        self
    }

    /// The shape that it brings.
    pub fn geometry(&self) -> Option<&Value> {
        match self {
            Self::Insert { geometry, .. } | Self::Update { geometry, .. } => geometry.as_ref(),
            Self::Delete { .. } => None,
        }
    }

    /// The same, said of another version.
    #[must_use]
    pub fn on_version(self, version: i32) -> Self {
        match self {
            Self::Insert { .. } => self,
            Self::Update { set, geometry, .. } => Self::Update { base_version: version, set, geometry },
            Self::Delete { .. } => Self::Delete { base_version: version },
        }
    }

    /// The word for it.
    fn word(&self) -> &'static str {
        match self {
            Self::Insert { .. } => "insert",
            Self::Update { .. } => "update",
            Self::Delete { .. } => "delete",
        }
    }

    /// What it changes, as far as rules look at it.
    fn change(&self) -> topology::Change {
        match self {
            Self::Insert { .. } | Self::Delete { .. } => topology::Change::Whole,
            Self::Update { set, geometry, .. } => topology::Change::Fields(
                set.keys().cloned().chain(geometry.as_ref().map(|_| "geometry".to_owned())).collect(),
            ),
        }
    }
}

/// What to do when somebody else wrote meanwhile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum OnConflict {
    /// Say so, with the three versions.
    #[default]
    Refuse,
    /// Take both where they touched different attributes; say so where they did not.
    Merge,
}

/// Operations with a reason.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeSet {
    /// Why, for whoever reads the history.
    pub reason: String,
    /// All or nothing; otherwise each by itself.
    #[serde(default = "yes")]
    pub atomic: bool,
    /// What to do when somebody else wrote meanwhile.
    #[serde(default)]
    pub on_conflict: OnConflict,
    /// Say what would happen, and write nothing.
    #[serde(default)]
    pub dry_run: bool,
    /// In the order in which they are done.
    pub operations: Vec<Operation>,
}

fn yes() -> bool {
    true
}

/// Something about an operation that is not as it should be.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Finding {
    /// Stable name of the rule.
    pub rule: String,
    /// Does it stop the operation?
    #[schema(value_type = String)]
    pub effect: Effect,
    /// The attribute, or `geometry`.
    pub field: Option<String>,
    /// What is wrong, in both languages.
    pub message: Bilingual,
    /// Where on the map, longitude and latitude.
    pub place: Option<[f64; 2]>,
    /// The other object that it meets, or that is left behind.
    pub other: Option<Uuid>,
    /// The layer of that.
    pub other_layer: Option<String>,
}

impl Finding {
    /// A finding that stops the operation.
    pub fn refuse(rule: &str, field: Option<&str>, vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            rule: rule.to_owned(),
            effect: Effect::Refuse,
            field: field.map(ToOwned::to_owned),
            message: Bilingual::new(vi, en),
            place: None,
            other: None,
            other_layer: None,
        }
    }
}

/// Three versions of one object, and whose the middle one is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Conflict {
    /// What the editor saw; none when that version was never kept.
    #[schema(value_type = Option<Object>)]
    pub seen: Option<Values>,
    /// What is there now; none when it was deleted.
    #[schema(value_type = Option<Object>)]
    pub there: Option<Values>,
    /// What the editor wants.
    #[schema(value_type = Object)]
    pub yours: Values,
    /// The attributes that both changed.
    pub fields: Vec<String>,
    /// The version that is there now.
    pub version: Option<i32>,
    /// Who wrote it.
    pub actor: Option<String>,
    /// When.
    pub at: Option<DateTime<Utc>>,
}

/// What became of an operation.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// Written.
    Applied {
        /// Its new version; of a delete, the last one.
        version: i32,
        /// Rules that only warn.
        warnings: Vec<Finding>,
    },
    /// Written beside somebody else's change to other attributes.
    Merged {
        /// Its new version.
        version: i32,
        /// Rules that only warn.
        warnings: Vec<Finding>,
    },
    /// It was so already; nothing was written.
    Identical {
        /// The version that is there.
        version: i32,
    },
    /// Somebody else wrote meanwhile.
    Conflict(Box<Conflict>),
    /// A rule stops it.
    Refused {
        /// All that stops it.
        findings: Vec<Finding>,
    },
}

impl Outcome {
    /// The version that it left behind, if it is settled.
    fn version(&self) -> Option<i32> {
        match self {
            Self::Applied { version, .. } | Self::Merged { version, .. } | Self::Identical { version } => {
                Some(*version)
            }
            Self::Conflict(_) | Self::Refused { .. } => None,
        }
    }

    /// The same, with what was found later; what stops it refuses it.
    fn told(self, mut more: Vec<Finding>) -> Self {
        match self {
            Self::Applied { warnings, .. } | Self::Merged { warnings, .. } if check::stops(&more) => {
                Self::Refused { findings: warnings.into_iter().chain(more).collect() }
            }
            Self::Applied { version, warnings } => {
                Self::Applied { version, warnings: warnings.into_iter().chain(more).collect() }
            }
            Self::Merged { version, warnings } => {
                Self::Merged { version, warnings: warnings.into_iter().chain(more).collect() }
            }
            Self::Refused { mut findings } => {
                findings.append(&mut more);
                Self::Refused { findings }
            }
            Self::Identical { .. } | Self::Conflict(_) => self,
        }
    }

    /// Is there nothing left to do about it?
    pub fn is_settled(&self) -> bool {
        matches!(self, Self::Applied { .. } | Self::Merged { .. } | Self::Identical { .. })
    }
}
