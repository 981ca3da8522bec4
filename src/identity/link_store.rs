//! How links to set a password are kept: hashed, good once, and for a while.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::secret;

/// Makes a link and ends the ones before it. Answers what it holds, which is kept nowhere, and when it ends.
pub(super) async fn make(
    change: &mut PgConnection,
    person: Uuid,
    hours: i32,
) -> Result<(String, DateTime<Utc>), sqlx::Error> {
    end(change, person).await?;
    keep(change, person, hours, None).await
}

/// Ends the links of a person.
pub(super) async fn end(change: &mut PgConnection, person: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE identity.link SET used_at = now() WHERE person = $1 AND used_at IS NULL")
        .bind(person)
        .execute(change)
        .await
        .map(|_| ())
}

/// Keeps one more link, which an administrator hands over or a mail brings.
pub(super) async fn keep(
    change: &mut PgConnection,
    person: Uuid,
    hours: i32,
    mail: Option<Uuid>,
) -> Result<(String, DateTime<Utc>), sqlx::Error> {
    let token = secret::random();
    let ends = sqlx::query_scalar(
        "INSERT INTO identity.link (hash, person, mail, expires_at) VALUES ($1, $2, $4, now() + make_interval(hours => $3))
         RETURNING expires_at",
    )
    .bind(secret::digest(&token))
    .bind(person)
    .bind(hours)
    .bind(mail)
    .fetch_one(change)
    .await?;
    Ok((token, ends))
}

/// Uses a link up. Answers whose it is, or nothing when it is not good at this time: two who try at once wait for each
/// other on its row, and the second finds it used.
pub(super) async fn take(
    change: &mut PgConnection,
    token: &str,
    at: DateTime<Utc>,
) -> Result<Option<Uuid>, sqlx::Error> {
    sqlx::query_scalar(
        "UPDATE identity.link SET used_at = $2 FROM identity.person
         WHERE hash = $1 AND used_at IS NULL AND expires_at > $2 AND person.id = link.person AND disabled_at IS NULL
             AND NOT is_demo AND NOT EXISTS (
                 SELECT FROM identity.credential WHERE credential.person = person.id AND set_at > link.made_at)
         RETURNING link.person",
    )
    .bind(secret::digest(token))
    .bind(at)
    .fetch_optional(change)
    .await
}

/// Forgets links that ended a month ago.
pub(super) async fn prune(pool: &PgPool) -> Result<u64, sqlx::Error> {
    let pruned = sqlx::query("DELETE FROM identity.link WHERE expires_at < now() - interval '30 days'");
    Ok(pruned.execute(pool).await?.rows_affected())
}
