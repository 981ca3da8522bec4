//! What PostGIS says of a geometry before it is written: whether it is sound, where not, and where it lies.

use serde_json::Value;
use sqlx::PgConnection;

use super::{Finding, locks::Bounds};

/// A geometry that may be written.
#[derive(Debug)]
pub struct Shape {
    /// GeoJSON as it came.
    pub json: String,
    /// 4326, or a VN-2000 zone.
    pub srid: i32,
    /// The box that it lies in, in degrees.
    pub bounds: Bounds,
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
pub async fn shape(connection: &mut PgConnection, geometry: &Value) -> Result<Result<Shape, Finding>, sqlx::Error> {
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
    let Ok(bounds) = said.bounds.try_into() else {
        return Ok(Err(refuse("geometry", "Hình học rỗng", "The geometry is empty")));
    };
    Ok(Ok(Shape { json, srid, bounds }))
}

fn refuse(rule: &str, vi: &str, en: &str) -> Finding {
    Finding::refuse(rule, Some("geometry"), vi, en)
}
