//! Private attributes in a file: who may have them, and the log of it.

use sqlx::{PgConnection, PgPool};

use super::{ExportError, Order, rows};
use crate::identity::principal::Principal;
use crate::identity::rights::{Action, Decision, Target, may};

/// Goes on if the caller may look up persons everywhere that the rows lie.
pub(super) async fn allowed(
    snapshot: &mut PgConnection,
    who: &Principal,
    order: &Order<'_>,
) -> Result<(), ExportError> {
    let nowhere = Target::units(Vec::<String>::new());
    // Who may everywhere is not asked where.
    if may(who, Action::LookUpPerson, &nowhere) == Decision::Allowed {
        return Ok(());
    }
    let target = if order.layer.has_geometry() {
        let codes = rows::communes(snapshot, order).await?;
        // An empty code is no commune that anybody could be given.
        if codes.iter().any(String::is_empty) { nowhere } else { Target::units(codes) }
    } else {
        nowhere
    };
    match may(who, Action::LookUpPerson, &target) {
        Decision::Allowed => Ok(()),
        decision => Err(ExportError::NotAllowed(decision)),
    }
}

/// Writes down who takes what, why. It stands before the first row leaves the database, whatever becomes of the file.
pub(super) async fn log(
    pool: &PgPool,
    snapshot: &mut PgConnection,
    who: &Principal,
    order: &Order<'_>,
) -> Result<(), ExportError> {
    let objects = rows::ids(snapshot, order).await?;
    sqlx::query("INSERT INTO gis_private.access_log (actor, reason, objects) VALUES ($1, $2, $3)")
        .bind(&who.name)
        .bind(order.purpose)
        .bind(objects)
        .execute(pool)
        .await?;
    Ok(())
}
