//! What is asked of a table: which rows, in which order, from where on. Only attributes that the catalog knows are taken.

use chrono::{NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    catalog::{Attribute, Kind, Layer},
    http::problem::Problem,
    lookup::When,
};

/// Rows in one answer.
const MOST_ROWS: u32 = 1_000;
/// Objects that may be named, and corners of a polygon.
const MOST_NAMED: usize = 1_000;

/// What `items` is asked.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Words that must stand in one of the texts; with or without marks.
    pub q: Option<String>,
    /// Conditions that all hold, as JSON: `[["land_use","=","ODT"],["storeys_max",">=",5],["name","has","chợ"],["name","empty"]]`.
    pub filter: Option<String>,
    /// Attribute to sort by; with `-` before it from the last to the first. Empty values come last.
    pub sort: Option<String>,
    /// `next` of the answer before.
    pub cursor: Option<String>,
    /// Rows to leave out first, in the same order; instead of a cursor, to jump into the middle.
    pub offset: Option<u32>,
    /// Rows, 1 to 1000; 100 if absent.
    pub limit: Option<u32>,
    /// What touches this box: west,south,east,north.
    pub bbox: Option<String>,
    /// What touches this polygon: its corners as lon lat,lon lat,….
    pub polygon: Option<String>,
    /// These objects, by id, with commas.
    pub ids: Option<String>,
    /// With the shapes in WGS 84.
    #[serde(default)]
    pub geometry: bool,
    /// The rows that held on another day than today, YYYY-MM-DD.
    #[param(value_type = Option<chrono::NaiveDate>)]
    pub date: Option<String>,
    /// The rows as the register knew them then: a moment (RFC 3339), or a day in Việt Nam, whose end is meant.
    #[param(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    pub known_at: Option<String>,
}

/// How a value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Is {
    /// The same.
    #[serde(rename = "=")]
    Equal,
    /// Another one, or none.
    #[serde(rename = "!=")]
    Other,
    /// Less.
    #[serde(rename = "<")]
    Less,
    /// At most.
    #[serde(rename = "<=")]
    AtMost,
    /// More.
    #[serde(rename = ">")]
    More,
    /// At least.
    #[serde(rename = ">=")]
    AtLeast,
    /// A text that holds this one, with or without marks.
    #[serde(rename = "has")]
    Has,
    /// No value.
    #[serde(rename = "empty")]
    Empty,
    /// Some value.
    #[serde(rename = "filled")]
    Filled,
}

impl Is {
    /// The comparison in SQL, for those that are one.
    pub fn sql(self) -> &'static str {
        match self {
            Self::Equal | Self::Has | Self::Empty | Self::Filled => "=",
            Self::Other => "IS DISTINCT FROM",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
        }
    }
}

/// One condition on one attribute that exists.
#[derive(Clone, Debug)]
pub struct Condition<'l> {
    /// The attribute.
    pub attribute: &'l Attribute,
    /// How it is compared.
    pub is: Is,
    /// With what, as text of its kind; none for `empty` and `filled`.
    pub value: Option<String>,
}

/// Where the answer before ended.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Cursor(pub Option<String>, pub i64);

/// What is asked, read and checked against the layer.
#[derive(Clone, Debug)]
pub struct Question<'l> {
    /// Words.
    pub words: Option<String>,
    /// Conditions.
    pub conditions: Vec<Condition<'l>>,
    /// The order; none is the order in which rows came.
    pub sort: Option<&'l Attribute>,
    /// From the last to the first.
    pub descending: bool,
    /// From where on.
    pub cursor: Option<Cursor>,
    /// How many are left out before.
    pub offset: u32,
    /// How many.
    pub limit: u32,
    /// Where, as GeoJSON.
    pub place: Option<String>,
    /// Which.
    pub ids: Option<Vec<Uuid>>,
    /// With shapes.
    pub geometry: bool,
    /// With private attributes; whether the caller may is asked elsewhere.
    pub private: bool,
    /// Another day than today, or what was known at an earlier moment.
    pub when: Option<When>,
    /// Today.
    pub today: NaiveDate,
}

/// The attributes that staff see.
pub fn shown(layer: &Layer) -> impl Iterator<Item = &Attribute> {
    layer.attributes.iter().filter(|attribute| !attribute.private)
}

impl<'l> Question<'l> {
    /// The attributes that are answered.
    pub fn seen<'a>(&self, layer: &'a Layer) -> impl Iterator<Item = &'a Attribute> + use<'a> {
        let private = self.private;
        layer.attributes.iter().filter(move |attribute| private || !attribute.private)
    }

    /// Reads what was asked.
    ///
    /// # Errors
    /// 400 that names the parameter and what it takes.
    pub fn read(layer: &'l Layer, asked: Asked, today: NaiveDate) -> Result<Self, Problem> {
        let when = When::read(asked.date.as_deref(), asked.known_at.as_deref(), today, Utc::now())?;
        let offset = asked.offset.unwrap_or(0);
        if offset > 0 && asked.cursor.is_some() {
            return Err(Problem::bad_parameter(
                "offset",
                offset.to_string(),
                ("offset hoặc cursor, không phải cả hai", "either offset or cursor, not both"),
            ));
        }
        let words = asked.q.map(|q| q.trim().to_owned()).filter(|q| !q.is_empty());
        if let Some(q) = &words
            && (q.chars().count() > 200 || q.contains('\0'))
        {
            return Err(Problem::bad_parameter("q", q.clone(), ("nhiều nhất 200 chữ", "at most 200 letters")));
        }
        let (sort, descending) = sort(layer, asked.sort.as_deref())?;
        let limit = asked.limit.unwrap_or(100);
        if !(1..=MOST_ROWS).contains(&limit) {
            return Err(Problem::bad_parameter(
                "limit",
                limit.to_string(),
                (format!("từ 1 đến {MOST_ROWS}"), format!("1 to {MOST_ROWS}")),
            ));
        }
        Ok(Self {
            words,
            conditions: asked.filter.as_deref().map_or(Ok(Vec::new()), |filter| conditions(layer, filter))?,
            sort,
            descending,
            cursor: asked.cursor.as_deref().map(|given| cursor(sort, given)).transpose()?,
            offset,
            limit,
            when,
            today,
            place: place(layer, asked.bbox.as_deref(), asked.polygon.as_deref())?,
            ids: asked.ids.as_deref().map(ids).transpose()?,
            geometry: asked.geometry,
            private: false,
        })
    }
}

fn known<'l>(layer: &'l Layer, field: &str, name: &str) -> Result<&'l Attribute, Problem> {
    shown(layer).find(|attribute| attribute.name == name).ok_or_else(|| {
        let names: Vec<&str> = shown(layer).map(|attribute| attribute.name.as_str()).collect();
        Problem::bad_parameter(
            field,
            name,
            (format!("một trong: {}", names.join(", ")), format!("one of: {}", names.join(", "))),
        )
    })
}

fn sort<'l>(layer: &'l Layer, given: Option<&str>) -> Result<(Option<&'l Attribute>, bool), Problem> {
    let Some(given) = given.filter(|given| !given.is_empty()) else { return Ok((None, false)) };
    let (name, descending) = given.strip_prefix('-').map_or((given, false), |name| (name, true));
    let attribute = known(layer, "sort", name)?;
    if attribute.kind == Kind::Json {
        return Err(Problem::bad_parameter(
            "sort",
            given,
            ("một thuộc tính sắp xếp được", "an attribute that has an order"),
        ));
    }
    Ok((Some(attribute), descending))
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Given {
    With(String, Is, Value),
    Without(String, Is),
}

fn conditions<'l>(layer: &'l Layer, filter: &str) -> Result<Vec<Condition<'l>>, Problem> {
    let refused = |value: &str, vi: &str, en: &str| Problem::bad_parameter("filter", value, (vi, en));
    let given: Vec<Given> = serde_json::from_str(filter).map_err(|_| {
        refused(
            filter,
            "JSON như [[\"storeys_max\",\">=\",5],[\"name\",\"empty\"]] với = != < <= > >= has empty filled",
            "JSON such as [[\"storeys_max\",\">=\",5],[\"name\",\"empty\"]] with = != < <= > >= has empty filled",
        )
    })?;
    if given.len() > 20 {
        return Err(refused(&given.len().to_string(), "nhiều nhất 20 điều kiện", "at most 20 conditions"));
    }
    given
        .into_iter()
        .map(|one| {
            let (name, is, value) = match one {
                Given::With(name, is, value) => (name, is, Some(value)),
                Given::Without(name, is) => (name, is, None),
            };
            let attribute = known(layer, "filter", &name)?;
            let value = match (is, value) {
                (Is::Empty | Is::Filled, _) => None,
                (Is::Has, Some(Value::String(text))) if !text.contains('\0') => Some(text),
                (_, Some(value)) => Some(of_kind(attribute, &value).ok_or_else(|| {
                    refused(
                        &value.to_string(),
                        &format!("{name}: một giá trị kiểu {:?}", attribute.kind).to_lowercase(),
                        &format!("{name}: a value of the kind {:?}", attribute.kind).to_lowercase(),
                    )
                })?),
                (_, None) => return Err(refused(&name, "một giá trị để so sánh", "a value to compare with")),
            };
            Ok(Condition { attribute, is, value })
        })
        .collect()
}

/// The value as text that the database reads as this kind; none where it would not.
fn of_kind(attribute: &Attribute, value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) if !text.contains('\0') => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        _ => return None,
    };
    let fits = match attribute.kind {
        Kind::Text | Kind::Code => true,
        Kind::Int => text.parse::<i64>().is_ok(),
        Kind::Float => text.parse::<f64>().is_ok_and(f64::is_finite),
        Kind::Bool => matches!(text.as_str(), "true" | "false"),
        Kind::Date => text.parse::<chrono::NaiveDate>().is_ok(),
        Kind::Timestamp => chrono::DateTime::parse_from_rfc3339(&text).is_ok(),
        Kind::Json => false,
    };
    fits.then_some(text)
}

fn cursor(sort: Option<&Attribute>, given: &str) -> Result<Cursor, Problem> {
    let refused = || {
        Problem::bad_parameter(
            "cursor",
            given,
            ("next của câu trả lời trước, cùng cách sắp xếp", "next of the answer before, with the same sort"),
        )
    };
    let cursor: Cursor = serde_json::from_str(given).map_err(|_| refused())?;
    let fits = match (sort, &cursor.0) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(attribute), Some(key)) => {
            // Timestamps come back as PostgreSQL writes them.
            attribute.kind == Kind::Timestamp && key.len() < 40 && key.starts_with(|c: char| c.is_ascii_digit())
                || of_kind(attribute, &Value::String(key.clone())).is_some()
        }
    };
    if fits { Ok(cursor) } else { Err(refused()) }
}

fn numbers(field: &str, text: &str) -> Result<Vec<f64>, Problem> {
    text.split([',', ' '])
        .map(|one| one.trim().parse::<f64>().ok().filter(|number| number.is_finite() && number.abs() <= 180.0))
        .collect::<Option<Vec<f64>>>()
        .ok_or_else(|| {
            Problem::bad_parameter(field, text, ("kinh độ và vĩ độ theo độ", "longitudes and latitudes in degrees"))
        })
}

fn place(layer: &Layer, bbox: Option<&str>, polygon: Option<&str>) -> Result<Option<String>, Problem> {
    let (field, corners) = match (bbox, polygon) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => {
            return Err(Problem::bad_parameter(
                "polygon",
                "",
                ("khung hoặc đa giác, không phải cả hai", "either a box or a polygon"),
            ));
        }
        (Some(bbox), None) => {
            let [west, south, east, north] = numbers("bbox", bbox)?[..] else {
                return Err(Problem::bad_parameter("bbox", bbox, ("tây,nam,đông,bắc", "west,south,east,north")));
            };
            // A spot, as a box without a size.
            #[allow(clippy::float_cmp, reason = "the same number was given twice")]
            let is_spot = west == east && south == north;
            if is_spot {
                return if layer.has_geometry() {
                    Ok(Some(serde_json::json!({ "type": "Point", "coordinates": [west, south] }).to_string()))
                } else {
                    Err(no_place("bbox", layer))
                };
            }
            ("bbox", vec![[west, south], [east, south], [east, north], [west, north]])
        }
        (None, Some(polygon)) => {
            let numbers = numbers("polygon", polygon)?;
            let corners: Vec<[f64; 2]> = numbers.as_chunks::<2>().0.to_vec();
            if corners.len() < 3 || corners.len() > MOST_NAMED || !numbers.len().is_multiple_of(2) {
                return Err(Problem::bad_parameter(
                    "polygon",
                    polygon,
                    (
                        format!("3 đến {MOST_NAMED} đỉnh, kinh độ vĩ độ,kinh độ vĩ độ"),
                        format!("3 to {MOST_NAMED} corners, lon lat,lon lat"),
                    ),
                ));
            }
            ("polygon", corners)
        }
    };
    if !layer.has_geometry() {
        return Err(no_place(field, layer));
    }
    let ring: Vec<&[f64; 2]> = corners.iter().chain(corners.first()).collect();
    Ok(Some(serde_json::json!({ "type": "Polygon", "coordinates": [ring] }).to_string()))
}

fn no_place(field: &str, layer: &Layer) -> Problem {
    Problem::bad_parameter(field, layer.name.clone(), ("một lớp có vị trí", "a layer that has a place"))
}

fn ids(given: &str) -> Result<Vec<Uuid>, Problem> {
    let ids: Option<Vec<Uuid>> = given.split(',').map(|id| id.trim().parse().ok()).collect();
    ids.filter(|ids| ids.len() <= MOST_NAMED).ok_or_else(|| {
        Problem::bad_parameter(
            "ids",
            given,
            (
                format!("nhiều nhất {MOST_NAMED} mã, cách nhau bằng dấu phẩy"),
                format!("at most {MOST_NAMED} ids with commas"),
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::shipped_layers;

    fn zones() -> Layer {
        let layers = shipped_layers().unwrap();
        layers.into_iter().find(|layer| layer.name == "planning_zone").unwrap()
    }

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 5, 1).unwrap()
    }

    fn asked(filter: &str) -> Asked {
        Asked { filter: Some(filter.to_owned()), ..Asked::default() }
    }

    #[test]
    fn conditions_name_attributes_and_values_that_exist() {
        let layer = zones();
        let read =
            Question::read(&layer, asked(r#"[["storeys_max",">=",5],["name","empty"],["name","has","chợ"]]"#), today())
                .unwrap();
        assert_eq!(read.conditions.len(), 3);
        assert_eq!(read.conditions[0].value.as_deref(), Some("5"));
        for wrong in [
            r#"[["actor","=","lan"]]"#,
            r#"[["storeys_max",">=","five"]]"#,
            r#"[["name","~","a"]]"#,
            r#"[["name","="]]"#,
            "storeys",
        ] {
            assert!(Question::read(&layer, asked(wrong), today()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_cursor_belongs_to_its_order() {
        let layer = zones();
        let with = |sort: &str, cursor: &str| Asked {
            sort: Some(sort.to_owned()),
            cursor: Some(cursor.to_owned()),
            ..Asked::default()
        };
        assert!(Question::read(&layer, with("-storeys_max", r#"["5",12]"#), today()).is_ok());
        assert!(Question::read(&layer, with("storeys_max", r#"["năm",12]"#), today()).is_err());
        assert!(Question::read(&layer, with("", r#"["5",12]"#), today()).is_err());
    }

    #[test]
    fn a_jump_is_not_a_cursor() {
        let layer = zones();
        let jump = |cursor: Option<&str>| Asked {
            offset: Some(10),
            cursor: cursor.map(ToOwned::to_owned),
            ..Asked::default()
        };
        assert_eq!(Question::read(&layer, jump(None), today()).unwrap().offset, 10);
        assert!(Question::read(&layer, jump(Some("[null,12]")), today()).is_err());
    }
}
