//! Profiles: which source layers and columns go where. The format is described in `data-import/profiles/README.md`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A profile, as read from TOML or from a job's JSON.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// What it is for, in both languages.
    #[serde(default)]
    pub title: Option<BTreeMap<String, String>>,
    /// What holds for all files.
    #[serde(default)]
    pub source: Source,
    /// Source layers to targets. All that fit are used, in this order.
    #[serde(default)]
    pub map: Vec<Map>,
}

/// What holds for all files of a profile.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Name of this series of deliveries; a re-delivery closes what has gone from the same series only.
    #[serde(default)]
    pub name: Option<String>,
    /// What a delivery is complete for (read by the server): `source`, `layer` or `none`.
    #[serde(default)]
    pub scope: Option<String>,
    /// CRS of files that say none themselves: `EPSG:9210`, a PROJ string or WKT.
    #[serde(default)]
    pub crs: Option<String>,
    /// Encoding of text that says none itself.
    #[serde(default)]
    pub encoding: Option<String>,
    /// `,` or `.`: the sign before decimals in numbers written as text.
    #[serde(default)]
    pub decimal: Option<String>,
    /// `dmy` (default) or `mdy`.
    #[serde(default)]
    pub date_order: Option<String>,
    /// Offset of times without a zone, `+07:00` by default.
    #[serde(default)]
    pub utc_offset: Option<String>,
    /// Who made the data, under which licence: shown with the map.
    #[serde(default)]
    pub attribution: Option<String>,
}

/// One source layer to one target.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Map {
    /// Glob on the source layer's name.
    #[serde(default)]
    pub source: Option<String>,
    /// Glob on the file's path inside the delivery.
    #[serde(default)]
    pub file: Option<String>,
    /// OGR SQL: only these rows; the others are counted as skipped.
    #[serde(default, rename = "where")]
    pub filter: Option<String>,
    /// Catalog layer.
    pub to: String,
    /// Where the geometry comes from, if not from the file's own.
    #[serde(default)]
    pub geometry: Option<GeometrySource>,
    /// Target attribute (or `id`, `valid_from`, `valid_to`) to source column, expression or constant.
    #[serde(default)]
    pub columns: BTreeMap<String, Column>,
    /// Also map columns that are named like attributes.
    #[serde(default)]
    pub same_names: bool,
    /// Source columns that are kept in `extra`.
    #[serde(default)]
    pub keep_extra: Vec<String>,
    /// Tables whose columns are used as `name/column`.
    #[serde(default)]
    pub join: BTreeMap<String, Join>,
}

/// Geometry from columns.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GeometrySource {
    /// Column of the longitude or easting.
    #[serde(default)]
    pub lon: Option<String>,
    /// Column of the latitude or northing.
    #[serde(default)]
    pub lat: Option<String>,
    /// Column with WKT.
    #[serde(default)]
    pub wkt: Option<String>,
    /// `inside`: areas and lines become a point on them.
    #[serde(default)]
    pub point: Option<String>,
}

/// Where an attribute's value comes from.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Column {
    /// A source column or expression.
    From(String),
    /// Several, the first that gives something counts.
    FirstOf(Vec<String>),
    /// The long form.
    Long(Box<LongColumn>),
}

/// The long form of a column.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LongColumn {
    /// Expressions, the first that gives something counts: a column (`name`), a tag of an OSM column
    /// (`other_tags/width`), a joined column (`tax/land_area`), or a template (`way/{osm_way_id}`).
    #[serde(default)]
    pub from: OneOrMany,
    /// A constant.
    #[serde(default)]
    pub value: Option<serde_json::Value>,
    /// Unit of the source; for dates `epoch_ms` or `epoch_s`.
    #[serde(default)]
    pub unit: Option<String>,
    /// Source value to target value; `*` is every other, an empty target is null.
    #[serde(default)]
    pub codes: BTreeMap<String, serde_json::Value>,
    /// Where nothing else was found.
    #[serde(default)]
    pub default: Option<serde_json::Value>,
    /// How an identifier is written, `#` being any digit; what fits none is listed with its row, and kept.
    #[serde(default)]
    pub like: Vec<String>,
}

/// One text or several.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany {
    /// Nothing.
    #[default]
    None,
    /// One.
    One(String),
    /// Several, in order.
    Many(Vec<String>),
}

impl OneOrMany {
    /// All of them.
    pub fn all(&self) -> Vec<&str> {
        match self {
            Self::None => Vec::new(),
            Self::One(one) => vec![one],
            Self::Many(many) => many.iter().map(String::as_str).collect(),
        }
    }
}

/// A table of the same delivery, looked up by one column.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Join {
    /// Glob on the table's path inside the delivery.
    pub file: String,
    /// Column of the source layer.
    pub on: String,
    /// Column of the table; `on` by default.
    #[serde(default)]
    pub key: Option<String>,
}

/// Could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// Not TOML, or a key that profiles do not have.
    #[error("reading the profile: {0}")]
    Toml(#[from] toml::de::Error),
    /// Not JSON of a profile.
    #[error("reading the profile: {0}")]
    Json(#[from] serde_json::Error),
}

impl Profile {
    /// Reads TOML.
    ///
    /// # Errors
    /// With line and key, if it is no profile.
    pub fn from_toml(text: &str) -> Result<Self, ProfileError> {
        Ok(toml::from_str(text)?)
    }

    /// Reads the JSON of a job.
    ///
    /// # Errors
    /// If it is no profile.
    pub fn from_json(value: serde_json::Value) -> Result<Self, ProfileError> {
        Ok(serde_json::from_value(value)?)
    }
}

/// The profiles that come with the program: name and TOML.
pub const SHIPPED: [(&str, &str); 12] = [
    ("vn-admin", include_str!("../profiles/vn-admin.toml")),
    ("vn-ward-changes", include_str!("../profiles/vn-ward-changes.toml")),
    ("tt16-2025", include_str!("../profiles/tt16-2025.toml")),
    ("osm", include_str!("../profiles/osm.toml")),
    ("cambridge-parcels", include_str!("../profiles/cambridge-parcels.toml")),
    ("cambridge-zoning", include_str!("../profiles/cambridge-zoning.toml")),
    ("cambridge-lights", include_str!("../profiles/cambridge-lights.toml")),
    ("cambridge-hydrants", include_str!("../profiles/cambridge-hydrants.toml")),
    ("cambridge-permits", include_str!("../profiles/cambridge-permits.toml")),
    ("cambridge-roads", include_str!("../profiles/cambridge-roads.toml")),
    ("la-trees", include_str!("../profiles/la-trees.toml")),
    ("nyc-trees", include_str!("../profiles/nyc-trees.toml")),
];

/// Is `text` written like one of the patterns, in which `#` is any digit? Without patterns it is.
pub fn is_like(patterns: &[String], text: &str) -> bool {
    let fits = |pattern: &String| {
        pattern.chars().count() == text.chars().count()
            && pattern.chars().zip(text.chars()).all(|(p, c)| if p == '#' { c.is_ascii_digit() } else { p == c })
    };
    patterns.is_empty() || patterns.iter().any(fits)
}

/// The TOML of a shipped profile.
pub fn shipped(name: &str) -> Option<&'static str> {
    SHIPPED.iter().find(|(n, _)| *n == name).map(|(_, toml)| *toml)
}

/// Does `text` fit the glob? `*` is any run (also over `/`), `?` one character; case is ignored.
pub fn glob_fits(glob: &str, text: &str) -> bool {
    let (glob, text): (Vec<char>, Vec<char>) =
        (glob.to_lowercase().chars().collect(), text.to_lowercase().chars().collect());
    let (mut g, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        if g < glob.len() && (glob[g] == '?' || glob[g] == text[t]) && glob[g] != '*' {
            g += 1;
            t += 1;
        } else if g < glob.len() && glob[g] == '*' {
            star = Some((g, t));
            g += 1;
        } else if let Some((star_g, star_t)) = star {
            g = star_g + 1;
            t = star_t + 1;
            star = Some((star_g, star_t + 1));
        } else {
            return false;
        }
    }
    glob[g..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_fit_paths() {
        for (glob, text, fits) in [
            ("*", "", true),
            ("*.geojson", "wards/00004.GeoJSON", true),
            ("wards/*", "wards/a/b", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*a*b", "xaxb", true),
            ("*a*b", "xaxbx", false),
            ("", "x", false),
        ] {
            assert_eq!(glob_fits(glob, text), fits, "{glob} {text}");
        }
    }

    #[test]
    fn an_identifier_is_written_like_its_pattern_or_not() {
        let patterns = ["##QHC#######".to_owned(), "##QPK#######".to_owned()];
        assert!(is_like(&patterns, "79QHC1250001") && is_like(&[], "anything"));
        for wrong in ["79QHC125000", "79qhc1250001", "79QCT1250001", "7xQHC1250001", "79QHC12500011", ""] {
            assert!(!is_like(&patterns, wrong), "{wrong}");
        }
    }

    #[test]
    fn both_forms_of_a_column_are_read_and_typing_errors_are_named() {
        let profile = Profile::from_toml("[[map]]\nto = \"road\"\nwhere = \"a > 1\"\n[map.columns]\nname = \"NAME\"\nwidth_m = { from = [\"W\", \"B\"], unit = \"ft\", default = 3 }\n").unwrap();
        assert!(matches!(&profile.map[0].columns["name"], Column::From(c) if c == "NAME"));
        assert!(matches!(&profile.map[0].columns["width_m"], Column::Long(c) if c.from.all() == ["W", "B"]));
        let error = Profile::from_toml("[[map]]\nto = \"road\"\nkeepextra = []\n").unwrap_err().to_string();
        assert!(error.contains("keepextra"), "{error}");
    }
}
