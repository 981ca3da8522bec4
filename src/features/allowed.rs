//! Whether the caller may write what a change set asks for, where it asks for it.

use sqlx::PgPool;
use uuid::Uuid;

use super::{Act, ChangeSet};
use crate::{
    catalog::{self, Catalog, Layer},
    http::problem::Problem,
    identity::{
        principal::Principal,
        rights::{Action, Target, may},
    },
};

/// Goes on if every operation lies in the caller's role and area, before and after; otherwise nothing is written at all.
///
/// What lies in no commune, or has no place, takes a grant for the whole city.
///
/// # Errors
/// 401 and 403 that say what is missing, and when the database cannot answer.
pub async fn every_operation(
    pool: &PgPool,
    catalog: &Catalog,
    who: &Principal,
    set: &ChangeSet,
) -> Result<(), Problem> {
    for operation in &set.operations {
        // A layer that does not exist is refused by its own name elsewhere.
        let Some(layer) = catalog.layer(&operation.entity) else { continue };
        let action = Action::edit(&layer.group);
        let nowhere = Target::units(Vec::<String>::new());
        if may(who, action, &nowhere).or_refuse().is_ok() {
            continue;
        }
        // Said before anything is asked of the database: who has no role at all has no business with it.
        may(who, action, &Target::City).or_refuse()?;
        let geometry = match &operation.act {
            Act::Insert { geometry, .. } | Act::Update { geometry, .. } => geometry.as_ref(),
            Act::Delete { .. } => None,
        };
        let codes = units(pool, layer, operation.id, geometry).await?;
        // An empty code is no commune that anybody could be given.
        let is_outside = codes.iter().any(String::is_empty);
        may(who, action, &if is_outside { nowhere } else { Target::units(codes) }).or_refuse()?;
    }
    Ok(())
}

/// Codes of the communes that an object touches, before and after; an empty one where it lies outside of all. None for one
/// that has no place or that cannot be read.
async fn units(
    pool: &PgPool,
    layer: &Layer,
    id: Uuid,
    geometry: Option<&serde_json::Value>,
) -> Result<Vec<String>, sqlx::Error> {
    if layer.geometry == catalog::Geometry::None {
        return Ok(Vec::new());
    }
    let srid = geometry.and_then(|shape| shape.get("srid")?.as_i64()).and_then(|srid| i32::try_from(srid).ok());
    let bare =
        geometry.map(|shape| serde_json::json!({ "type": shape.get("type"), "coordinates": shape.get("coordinates") }));
    let found = sqlx::query_scalar(&include_str!("units.sql").replace("{layer}", &layer.name))
        .bind(bare.map(|bare| bare.to_string()))
        .bind(srid.unwrap_or(4326))
        .bind(id)
        .fetch_all(pool)
        .await;
    match found {
        // A geometry that PostGIS cannot read lies nowhere. Classes 40 and 57: it had no time to answer.
        Err(sqlx::Error::Database(error))
            if !error.code().is_some_and(|code| code.starts_with("40") || code.starts_with("57")) =>
        {
            Ok(Vec::new())
        }
        other => other,
    }
}
