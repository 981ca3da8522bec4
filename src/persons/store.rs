//! How holders are read and look-ups are logged.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use super::LookUp;

/// Who has what in a parcel.
#[derive(Serialize, sqlx::FromRow)]
pub(super) struct Holder {
    pub party: Uuid,
    kind: String,
    name: Option<String>,
    id_kind: Option<String>,
    id_number: Option<String>,
    birth_year: Option<i32>,
    phone: Option<String>,
    email: Option<String>,
    address: Option<String>,
    /// `right`, `restriction` or `responsibility`.
    relation: String,
    share: Option<String>,
    certificate_number: Option<String>,
    /// When what was held of them was erased, if it was.
    erased_at: Option<DateTime<Utc>>,
}

/// The row of a parcel of today.
pub(super) async fn parcel(change: &mut PgConnection, id: Uuid) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar("SELECT fid FROM gis.parcel WHERE id = $1 AND validity @> gis.today()")
        .bind(id)
        .fetch_optional(change)
        .await
}

/// Who has rights in it today.
pub(super) async fn holders(change: &mut PgConnection, parcel: Uuid) -> Result<Vec<Holder>, sqlx::Error> {
    sqlx::query_as(
        "SELECT party.id AS party, kind, name, id_kind, id_number, birth_year, phone, email, address, relation,
             share_numerator || '/' || share_denominator AS share, certificate_number, erased_at
         FROM gis_private.party_parcel JOIN gis_private.party ON party.id = party_parcel.party
         WHERE party_parcel.parcel = $1 AND party_parcel.validity @> gis.today()
         ORDER BY relation DESC, name, party.id",
    )
    .bind(parcel)
    .fetch_all(change)
    .await
}

/// Logs a look-up: a line for each whom it found, and one where it found nobody.
pub(super) async fn log(change: &mut PgConnection, look: &LookUp<'_>, found: &[Uuid]) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO gis_private.access_log (actor, party, reason, objects)
         SELECT $1, party, $2, ARRAY[$3::uuid] FROM unnest(CASE WHEN cardinality($4::uuid[]) = 0 THEN ARRAY[NULL::uuid] ELSE $4 END) AS party",
    )
    .bind(look.actor)
    .bind(&look.purpose.0)
    .bind(look.parcel)
    .bind(found)
    .execute(change)
    .await
    .map(|_| ())
}

/// A line of the log. It names who looked; whom they looked at stays a number, or reading the log were a look-up itself.
#[derive(Serialize, sqlx::FromRow)]
pub(crate) struct Line {
    pub seq: i64,
    pub at: DateTime<Utc>,
    pub actor: String,
    /// The name of who looked.
    pub name: Option<String>,
    pub party: Option<Uuid>,
    pub reason: String,
    /// How many objects it went through.
    pub objects: i32,
    /// The first of them that are parcels, by sheet and number.
    parcels: Value,
}

/// Which lines are asked for.
#[derive(Default)]
pub(super) struct Wanted {
    pub actor: Option<String>,
    pub party: Option<Uuid>,
    pub before: Option<i64>,
    pub most: i64,
}

/// The latest lines.
pub(super) async fn lines(connection: impl PgExecutor<'_>, wanted: &Wanted) -> Result<Vec<Line>, sqlx::Error> {
    sqlx::query_as(include_str!("look_ups.sql"))
        .bind(&wanted.actor)
        .bind(wanted.party)
        .bind(wanted.before)
        .bind(wanted.most)
        .fetch_all(connection)
        .await
}
