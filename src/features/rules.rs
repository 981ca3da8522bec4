//! Topology rules, asked inside the transaction, after the row is written and under the locks of its cells (decision 10).

use sqlx::PgConnection;
use uuid::Uuid;

use super::Finding;
use crate::catalog::{Layer, RuleOn};
use crate::http::problem::Bilingual;

/// A row that breaks a rule: whom it meets, and where.
#[derive(sqlx::FromRow)]
struct Broken {
    other: Option<Uuid>,
    lon: Option<f64>,
    lat: Option<f64>,
}

/// The query of a rule; none for rules that are asked elsewhere. `$1` is the row's fid; a row of the answer is a breach.
fn query(layer: &str, rule: &str) -> Option<&'static str> {
    match (layer, rule) {
        ("parcel", "no_overlap_same_sheet") => Some(include_str!("rules/no_overlap_same_sheet.sql")),
        ("planning_zone", "inside_plan") => Some(include_str!("rules/inside_plan.sql")),
        ("water_pipe", "ends_at_nodes") => Some(include_str!("rules/water_pipe_ends.sql")),
        ("water_valve", "on_pipe") => Some(include_str!("rules/valve_on_pipe.sql")),
        _ => None,
    }
}

/// What the row that was just written breaks.
///
/// # Errors
/// When the database cannot answer.
pub async fn broken(connection: &mut PgConnection, layer: &Layer, fid: i64) -> Result<Vec<Finding>, sqlx::Error> {
    let mut found = Vec::new();
    for rule in layer.rules.iter().filter(|rule| rule.on != RuleOn::Import) {
        let Some(query) = query(&layer.name, &rule.name) else { continue };
        let rows: Vec<Broken> = sqlx::query_as(query).bind(fid).fetch_all(&mut *connection).await?;
        found.extend(rows.into_iter().map(|row| Finding {
            rule: rule.name.clone(),
            effect: rule.effect,
            field: Some("geometry".to_owned()),
            message: Bilingual::new(&rule.title.vi, &rule.title.en),
            place: row.lon.zip(row.lat).map(|(lon, lat)| [lon, lat]),
            other: row.other,
        }));
    }
    Ok(found)
}
