//! What the catalog of a demo place says: which place it is, what is generated, what is open; and who can be tried there.

use sqlx::{Connection as _, PgConnection};

use super::places::Place;
use crate::identity;

/// May the demo write here? It invents plots and opens layers to the public, so a database that an operator gave has to be
/// empty, or has to be the demo's own of this place already.
pub(super) async fn is_free(owner: &mut PgConnection, place: &Place) -> Result<bool, sqlx::Error> {
    let sources: Vec<_> = place.deliveries.iter().map(|delivery| delivery.source).collect();
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM catalog.setting WHERE name = 'demo' AND value = to_jsonb($1::text)) \
             OR NOT EXISTS (SELECT FROM import.delivery WHERE source <> ALL ($2)) \
                AND (EXISTS (SELECT FROM import.delivery) OR NOT EXISTS (SELECT FROM gis.object))",
    )
    .bind(place.name)
    .bind(sources)
    .fetch_one(owner)
    .await
}

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
    sqlx::query(
        "INSERT INTO catalog.setting AS old (name, value) VALUES ('demo', to_jsonb($1::text)) \
         ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE old.value IS DISTINCT FROM excluded.value",
    )
    .bind(place.name)
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
    identity::demo::make_people(&mut change, place.ward).await?;
    change.commit().await
}
