//! What the catalog of a demo place says: which place it is, what is generated, what is open.

use sqlx::{Connection as _, PgConnection};

use super::places::Place;

/// Writes what differs, in one transaction as `dothi_owner`; a second time nothing differs.
pub(super) async fn apply(owner: &mut PgConnection, place: &Place) -> Result<(), sqlx::Error> {
    let mut change = owner.begin().await?;
    sqlx::query(
        "INSERT INTO catalog.setting AS old (name, value) VALUES ('place', $1) \
         ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE old.value IS DISTINCT FROM excluded.value",
    )
    .bind(&place.setting)
    .execute(&mut *change)
    .await?;
    sqlx::query("UPDATE catalog.layer SET generated = (name = ANY ($1)) WHERE generated <> (name = ANY ($1))")
        .bind(place.generated)
        .execute(&mut *change)
        .await?;
    sqlx::query("UPDATE catalog.layer SET public = '{*}' WHERE name = ANY ($1) AND public <> '{*}'")
        .bind(place.opened)
        .execute(&mut *change)
        .await?;
    change.commit().await
}
