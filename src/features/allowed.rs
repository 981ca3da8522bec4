//! Whether the caller may write what a change set asks for, where it asks for it.

use sqlx::PgConnection;
use uuid::Uuid;

use super::{ChangeSet, Values, apply::StoreError};
use crate::{
    catalog::{Catalog, Layer},
    identity::{
        principal::Principal,
        rights::{Action, Decision, Target, may},
    },
};

/// Goes on if the caller has a role for every layer of the set, somewhere: asked before the database is.
///
/// # Errors
/// [`StoreError::NotAllowed`], which says what is missing.
pub fn roles(catalog: &Catalog, who: &Principal, set: &ChangeSet) -> Result<(), StoreError> {
    for operation in &set.operations {
        // A layer that does not exist is refused by its own name elsewhere.
        let Some(layer) = catalog.layer(&operation.entity) else { continue };
        let action = Action::edit(&layer.group);
        let decision = may(who, action, &Target::City);
        or_refuse(decision, operation.op_id)?;
        // What has no place takes a grant for the whole city.
        if !layer.has_geometry() {
            or_refuse(may(who, action, &nowhere()), operation.op_id)?;
        }
    }
    Ok(())
}

/// Goes on if a row, as it is at this point of the transaction, lies in the caller's area.
///
/// # Errors
/// [`StoreError::NotAllowed`], and when the database cannot answer.
pub async fn row(
    connection: &mut PgConnection,
    who: &Principal,
    layer: &Layer,
    fid: i64,
    op_id: Uuid,
) -> Result<(), StoreError> {
    let action = Action::edit(&layer.group);
    if !layer.has_geometry() || may(who, action, &nowhere()) == Decision::Allowed {
        return Ok(());
    }
    let codes = communes(connection, layer, fid).await?;
    // An empty code is no commune that anybody could be given.
    let is_outside = codes.iter().any(String::is_empty);
    or_refuse(may(who, action, &if is_outside { nowhere() } else { Target::units(codes) }), op_id)
}

/// The communes in which a row lies; an empty code where a part lies in none.
///
/// # Errors
/// When the database cannot answer.
pub(crate) async fn communes(
    connection: &mut PgConnection,
    layer: &Layer,
    fid: i64,
) -> Result<Vec<String>, sqlx::Error> {
    let row =
        format!("SELECT gis.sound(ST_Force2D(row.geom)) AS geom FROM gis.\"{}\" AS row WHERE row.fid = $1", layer.name);
    sqlx::query_scalar(&UNITS.replace("{shapes}", &row)).bind(fid).fetch_all(connection).await
}

const UNITS: &str = include_str!("units.sql");

/// The same of shapes that are no rows (WKB, EPSG:4326).
///
/// # Errors
/// When the database cannot answer.
pub(crate) async fn communes_of_shapes(
    connection: &mut PgConnection,
    shapes: &[Vec<u8>],
) -> Result<Vec<String>, sqlx::Error> {
    let each = "SELECT gis.sound(ST_Force2D(ST_GeomFromWKB(shape, 4326))) AS geom FROM unnest($1::bytea[]) AS shape";
    sqlx::query_scalar(&UNITS.replace("{shapes}", each)).bind(shapes).fetch_all(connection).await
}

/// Goes on if the communes that the values name are the caller's: a parcel is not given to another ward by its code alone.
///
/// A code may stand for a former commune; that one's successors count then, any of them.
///
/// # Errors
/// [`StoreError::NotAllowed`], and when the database cannot answer.
pub async fn units_named(
    connection: &mut PgConnection,
    who: &Principal,
    layer: &Layer,
    values: &Values,
    op_id: Uuid,
) -> Result<(), StoreError> {
    let action = Action::edit(&layer.group);
    if may(who, action, &nowhere()) == Decision::Allowed {
        return Ok(());
    }
    let names_a_unit = |name: &str| {
        name == "commune_code"
            || layer.attribute(name).is_some_and(|one| one.refers_to.as_deref() == Some("admin_unit.code"))
    };
    for code in values.iter().filter(|(name, _)| names_a_unit(name)).filter_map(|(_, value)| value.as_str()) {
        let units: Vec<String> = sqlx::query_scalar(
            "SELECT code FROM gis.admin_unit WHERE code = $1 AND level = 2 AND validity @> gis.today() \
             UNION SELECT new_code FROM gis.admin_unit_change WHERE old_code = $1 AND new_code IS NOT NULL",
        )
        .bind(code)
        .fetch_all(&mut *connection)
        .await?;
        let is_own = |unit: &String| may(who, action, &Target::units([unit])) == Decision::Allowed;
        if !units.is_empty() && !units.iter().any(is_own) {
            or_refuse(may(who, action, &Target::units(units)), op_id)?;
        }
    }
    Ok(())
}

fn nowhere() -> Target {
    Target::units(Vec::<String>::new())
}

fn or_refuse(decision: Decision, op_id: Uuid) -> Result<(), StoreError> {
    if decision == Decision::Allowed { Ok(()) } else { Err(StoreError::NotAllowed { decision, op_id }) }
}
