//! What can be said of an operation from the catalog alone: attributes, kinds, codes, and the outline of its geometry.

use chrono::{DateTime, NaiveDate};
use serde_json::Value;

use super::{Act, Finding, MOST_VERTICES, Values};
use crate::catalog::{Attribute, Catalog, Effect, Geometry, Kind, Layer};

/// Metres above or below the sea that a third coordinate may say.
const HIGHEST: f64 = 10_000.0;

/// Everything that is wrong, not only the first.
pub fn check(catalog: &Catalog, layer: &Layer, act: &Act) -> Vec<Finding> {
    let mut found = Vec::new();
    let (set, geometry, whole) = match act {
        Act::Insert { set, geometry } => (set, geometry.as_ref(), true),
        Act::Update { set, geometry, .. } => (set, geometry.as_ref(), false),
        Act::Delete { .. } => return found,
    };
    check_values(catalog, layer, set, whole, &mut found);
    match geometry {
        Some(_) if !layer.has_geometry() => {
            found.push(shape("geometry_kind", "Lớp này không có hình học", "This layer has no geometry"));
        }
        Some(geometry) => check_outline(layer, geometry, &mut found),
        None if whole && layer.has_geometry() => {
            found.push(shape("required", "Thiếu hình học", "The geometry is missing"));
        }
        None => {}
    }
    found
}

fn shape(rule: &str, vi: &str, en: &str) -> Finding {
    Finding::refuse(rule, Some("geometry"), vi, en)
}

fn check_values(catalog: &Catalog, layer: &Layer, set: &Values, whole: bool, found: &mut Vec<Finding>) {
    for (name, value) in set {
        let Some(attribute) = layer.attribute(name) else {
            found.push(Finding::refuse(
                "unknown_attribute",
                Some(name),
                format!("Lớp {} không có thuộc tính này", layer.name),
                format!("The layer {} has no such attribute", layer.name),
            ));
            continue;
        };
        if value.is_null() {
            if attribute.required {
                found.push(required(attribute));
            }
        } else if let Some(accepted) = refused_kind(attribute.kind, value) {
            found.push(Finding::refuse(
                "type",
                Some(name),
                format!("{}: giá trị không đúng kiểu ({accepted})", attribute.title.vi),
                format!("{}: expected {accepted}", attribute.title.en),
            ));
        } else {
            found.extend(unknown_code(catalog, layer, attribute, value));
        }
    }
    if whole {
        let missing = layer.attributes.iter().filter(|one| one.required && !set.contains_key(&one.name));
        found.extend(missing.map(required));
    }
}

fn required(attribute: &Attribute) -> Finding {
    Finding::refuse(
        "required",
        Some(&attribute.name),
        format!("Thiếu {}", attribute.title.vi),
        format!("{} is missing", attribute.title.en),
    )
}

/// What would be accepted, where the value is not.
fn refused_kind(kind: Kind, value: &Value) -> Option<&'static str> {
    let fits = match kind {
        Kind::Text | Kind::Code => value.as_str().is_some_and(|text| !text.contains('\0')),
        Kind::Int => value.is_i64(),
        Kind::Float => value.as_f64().is_some_and(f64::is_finite),
        Kind::Bool => value.is_boolean(),
        Kind::Date => value.as_str().is_some_and(|text| text.parse::<NaiveDate>().is_ok()),
        Kind::Timestamp => value.as_str().is_some_and(|text| DateTime::parse_from_rfc3339(text).is_ok()),
        Kind::Json => !value.to_string().contains("\\u0000"),
    };
    let accepted = match kind {
        Kind::Text | Kind::Code => "text",
        Kind::Int => "a whole number",
        Kind::Float => "a number",
        Kind::Bool => "true or false",
        Kind::Date => "YYYY-MM-DD",
        Kind::Timestamp => "RFC 3339, 2026-01-31T08:00:00+07:00",
        Kind::Json => "JSON without the character U+0000",
    };
    (!fits).then_some(accepted)
}

/// A code that its list does not have: refused, unless the layer says that it only warns.
fn unknown_code(catalog: &Catalog, layer: &Layer, attribute: &Attribute, value: &Value) -> Option<Finding> {
    let list = catalog.code_lists.get(attribute.code_list.as_ref()?)?;
    let code = value.as_str()?;
    if list.codes.iter().any(|one| one.code == code) {
        return None;
    }
    let mut finding = Finding::refuse(
        "known_code",
        Some(&attribute.name),
        format!("Mã “{code}” không có trong danh mục {}", list.title.vi),
        format!("The code “{code}” is not in the list {}", list.title.en),
    );
    if let Some(rule) = layer.rules.iter().find(|rule| rule.name == "known_code") {
        finding.effect = rule.effect;
    }
    Some(finding)
}

fn check_outline(layer: &Layer, geometry: &Value, found: &mut Vec<Finding>) {
    let kind = geometry.get("type").and_then(Value::as_str).unwrap_or_default();
    let accepted: &[&str] = match layer.geometry {
        Geometry::None => &[],
        Geometry::Point => &["Point"],
        Geometry::Line => &["LineString"],
        Geometry::Polygon => &["Polygon"],
        Geometry::MultiPoint => &["Point", "MultiPoint"],
        Geometry::MultiLine => &["LineString", "MultiLineString"],
        Geometry::MultiPolygon => &["Polygon", "MultiPolygon"],
        Geometry::Any => &["Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon"],
    };
    if !accepted.contains(&kind) {
        let accepted = accepted.join(", ");
        found.push(shape(
            "geometry_kind",
            &format!("Lớp này nhận {accepted}"),
            &format!("This layer takes {accepted} (GeoJSON)"),
        ));
        return;
    }
    let srid = match geometry.get("srid") {
        None => Some(4326),
        Some(given) => given.as_i64(),
    };
    let degrees = srid == Some(4326);
    if !degrees && !layer.legal {
        found.push(shape("srid", "Lớp này chỉ nhận kinh độ, vĩ độ WGS 84", "This layer takes WGS 84 degrees only"));
    } else if !srid.is_some_and(is_zone) {
        found.push(shape(
            "srid",
            "srid phải là 4326 hoặc một múi VN-2000 (5896–5899, 9205–9218, 6956–6959, 3405, 3406)",
            "srid must be 4326 or a VN-2000 zone (5896-5899, 9205-9218, 6956-6959, 3405, 3406)",
        ));
    }
    let depth = match kind {
        "Point" => 0,
        "LineString" | "MultiPoint" => 1,
        "Polygon" | "MultiLineString" => 2,
        _ => 3,
    };
    let mut vertices = 0;
    if !positions(geometry.get("coordinates").unwrap_or(&Value::Null), depth, degrees, &mut vertices) {
        found.push(shape(
            "coordinates",
            "Toạ độ phải là số hữu hạn, nằm trong phạm vi của hệ toạ độ",
            "Coordinates must be finite numbers inside the range of their reference system",
        ));
    } else if vertices > MOST_VERTICES {
        found.push(shape(
            "vertices",
            &format!("{vertices} đỉnh; nhiều nhất {MOST_VERTICES}"),
            &format!("{vertices} vertices; at most {MOST_VERTICES}"),
        ));
    }
}

fn is_zone(srid: i64) -> bool {
    // Those that the database pins (`gis.known_zone`).
    srid == 4326 || i32::try_from(srid).is_ok_and(|srid| dothi_import::crs::zone(srid).is_some())
}

fn positions(value: &Value, depth: u8, degrees: bool, vertices: &mut usize) -> bool {
    let Some(parts) = value.as_array().filter(|parts| !parts.is_empty()) else { return false };
    if depth > 0 {
        return parts.iter().all(|part| positions(part, depth - 1, degrees, vertices));
    }
    *vertices += 1;
    let numbers: Vec<f64> = parts.iter().filter_map(Value::as_f64).filter(|number| number.is_finite()).collect();
    let inside = |x: f64, y: f64| {
        if degrees { x.abs() <= 180.0 && y.abs() <= 85.0 } else { (0.0..1e6).contains(&x) && (0.0..3e6).contains(&y) }
    };
    numbers.len() == parts.len()
        && match numbers[..] {
            [x, y] => inside(x, y),
            [x, y, z] => inside(x, y) && z.abs() <= HIGHEST,
            _ => false,
        }
}

/// Whether any of them stops the operation.
pub fn stops(found: &[Finding]) -> bool {
    found.iter().any(|finding| finding.effect == Effect::Refuse)
}
