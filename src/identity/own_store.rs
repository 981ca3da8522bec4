//! Sessions and tokens of one person.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{PgConnection, PgExecutor, PgPool};
use uuid::Uuid;

/// A session as its owner sees it.
#[derive(Serialize, sqlx::FromRow)]
pub(super) struct Session {
    id: Uuid,
    agent: Option<String>,
    begun_at: DateTime<Utc>,
    used_at: DateTime<Utc>,
    is_this: bool,
}

/// An API token as its owner sees it.
#[derive(Serialize, sqlx::FromRow)]
pub(super) struct Token {
    pub id: Uuid,
    pub label: String,
    pub scopes: Vec<String>,
    pub made_at: DateTime<Utc>,
    pub used_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub revoked_at: Option<DateTime<Utc>>,
}

/// The sessions that last, the latest first.
pub(super) async fn sessions(pool: &PgPool, person: Uuid, this: &[u8]) -> Result<Vec<Session>, sqlx::Error> {
    sqlx::query_as(
        "SELECT id, agent, begun_at, used_at, hash = $2 AS is_this FROM identity.session
         WHERE person = $1 AND ended_at IS NULL AND begun_at > now() - make_interval(hours => $3)
             AND used_at > now() - make_interval(mins => $4)
         ORDER BY used_at DESC LIMIT 200",
    )
    .bind(person)
    .bind(this)
    .bind(super::store::SESSION_HOURS)
    .bind(super::store::IDLE_MINUTES)
    .fetch_all(pool)
    .await
}

/// Ends a session of a person.
pub(super) async fn end_session(pool: &PgPool, person: Uuid, id: Uuid) -> Result<bool, sqlx::Error> {
    let ended =
        sqlx::query("UPDATE identity.session SET ended_at = now() WHERE person = $1 AND id = $2 AND ended_at IS NULL");
    Ok(ended.bind(person).bind(id).execute(pool).await?.rows_affected() > 0)
}

/// Ends the sessions of a person but this one.
pub(super) async fn end_others(change: &mut PgConnection, person: Uuid, this: &[u8]) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE identity.session SET ended_at = now() WHERE person = $1 AND hash <> $2 AND ended_at IS NULL")
        .bind(person)
        .bind(this)
        .execute(change)
        .await
        .map(|_| ())
}

/// The API tokens of a person, the latest first.
pub(super) async fn tokens(connection: impl PgExecutor<'_>, person: Uuid) -> Result<Vec<Token>, sqlx::Error> {
    sqlx::query_as(
        "SELECT id, label, scopes, made_at, used_at, expires_at, revoked_at FROM identity.api_token
         WHERE person = $1 ORDER BY made_at DESC LIMIT 200",
    )
    .bind(person)
    .fetch_all(connection)
    .await
}

/// Revokes an API token of a person.
pub(super) async fn revoke_token(connection: &mut PgConnection, person: Uuid, id: Uuid) -> Result<bool, sqlx::Error> {
    let revoked = sqlx::query(
        "UPDATE identity.api_token SET revoked_at = now() WHERE person = $1 AND id = $2 AND revoked_at IS NULL",
    );
    Ok(revoked.bind(person).bind(id).execute(connection).await?.rows_affected() > 0)
}
