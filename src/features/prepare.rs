//! What PostGIS says of a geometry before it is written: whether it is sound, where not, and which cells it lies in.

use serde_json::Value;
use sqlx::PgConnection;

use super::Finding;
use crate::catalog::Layer;

/// Side of a cell in degrees, about 550 m.
const CELL: f64 = 0.005;
/// Cells that one feature of a layer with topology rules may lie in: about 8 km by 8 km.
const MOST_CELLS: usize = 256;

/// A geometry that may be written.
#[derive(Debug)]
pub struct Shape {
    /// GeoJSON as it came.
    pub json: String,
    /// 4326, or a VN-2000 zone.
    pub srid: i32,
    /// Locks of the cells that it lies in.
    pub cells: Vec<i64>,
}

#[derive(sqlx::FromRow)]
struct Said {
    reason: Option<String>,
    lon: Option<f64>,
    lat: Option<f64>,
    bounds: Vec<f64>,
    area: f64,
    length: f64,
    dimension: i32,
}

/// Asks PostGIS about a geometry whose outline was checked.
///
/// # Errors
/// When the database cannot answer; a geometry that it cannot read is a finding.
pub async fn shape(
    connection: &mut PgConnection,
    layer: &Layer,
    geometry: &Value,
) -> Result<Result<Shape, Finding>, sqlx::Error> {
    let srid = geometry.get("srid").and_then(Value::as_i64).and_then(|srid| i32::try_from(srid).ok()).unwrap_or(4326);
    let bare = serde_json::json!({ "type": geometry.get("type"), "coordinates": geometry.get("coordinates") });
    let json = bare.to_string();
    let said = sqlx::query_as::<_, Said>(include_str!("shape.sql")).bind(&json).bind(srid).fetch_one(connection).await;
    let said = match said {
        Err(sqlx::Error::Database(error)) if !error.code().is_some_and(|code| code.starts_with("57")) => {
            let why = error.message().chars().take(200).collect::<String>();
            return Ok(Err(refuse(
                "geometry",
                "Hình học không đọc được",
                &format!("The geometry cannot be read: {why}"),
            )));
        }
        other => other?,
    };
    if let Some(reason) = said.reason {
        let mut finding =
            refuse("valid", "Hình học không hợp lệ (tự cắt)", &format!("The geometry is not valid: {reason}"));
        finding.place = said.lon.zip(said.lat).map(|(lon, lat)| [lon, lat]);
        return Ok(Err(finding));
    }
    if (said.dimension == 2 && said.area < 0.01) || (said.dimension == 1 && said.length < 0.01) {
        return Ok(Err(refuse(
            "minimum_size",
            "Quá nhỏ: ít nhất 0,01 m² hoặc 0,01 m",
            "Too small: at least 0.01 m² or 0.01 m",
        )));
    }
    let Some(cells) = cells(&layer.name, &said.bounds) else {
        return Ok(Err(refuse("extent", "Quá rộng: nhiều nhất 8 km × 8 km", "Too wide: at most 8 km by 8 km")));
    };
    let cells = if layer.rules.is_empty() { Vec::new() } else { cells };
    Ok(Ok(Shape { json, srid, cells }))
}

fn refuse(rule: &str, vi: &str, en: &str) -> Finding {
    Finding::refuse(rule, Some("geometry"), vi, en)
}

/// Locks of the cells that a box touches, one cell more on each side for what is only near; none when there are too many
/// and the layer has rules.
fn cells(layer: &str, bounds: &[f64]) -> Option<Vec<i64>> {
    let [west, south, east, north] = *bounds else { return None };
    let range = |low: f64, high: f64| ((low - 1e-5) / CELL).floor() as i64..=((high + 1e-5) / CELL).floor() as i64;
    let (xs, ys) = (range(west, east), range(south, north));
    let count = (xs.end() - xs.start() + 1).saturating_mul(ys.end() - ys.start() + 1);
    if count > MOST_CELLS as i64 {
        return (layer != "parcel").then(Vec::new);
    }
    let group = network(layer);
    Some(xs.flat_map(|x| ys.clone().map(move |y| lock(group, &format!("{x}/{y}")))).collect())
}

/// Layers whose rules look at each other share their cells.
fn network(layer: &str) -> &str {
    layer.split_once('_').map_or(layer, |(first, _)| if matches!(first, "water" | "drain") { first } else { layer })
}

/// The key of an advisory lock.
pub fn lock(space: &str, name: &str) -> i64 {
    use sha2::{Digest as _, Sha256};
    let digest = Sha256::digest(format!("dothi/{space}/{name}"));
    digest.iter().take(8).fold(0i64, |key, byte| (key << 8) | i64::from(*byte))
}
