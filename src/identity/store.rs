//! What the server reads and writes of people.

use sqlx::PgPool;
use uuid::Uuid;

use super::principal::{How, Principal};
use super::rights::{Action, Area, Grant, Role};
use super::secret;

/// Days without a sign-in after which an account sleeps (TCVN 14423:2026, x.6.2.3).
const SLEEPS_AFTER_DAYS: i32 = 45;
/// Hours after which a session ends, used or not.
const SESSION_HOURS: i32 = 12;
/// Minutes that a session may be idle; those of administrators fewer (TCVN 14423:2026, x.5.2.2).
const IDLE_MINUTES: i32 = 15;
/// The same for administrators.
const IDLE_MINUTES_ADMINISTRATOR: i32 = 5;

/// An account as sign-in needs it.
#[derive(sqlx::FromRow)]
pub(super) struct Account {
    pub id: Uuid,
    pub hash: String,
}

/// Counts an attempt before it is made, so that many at once are counted too. Answers the seconds to wait, if any.
pub(super) async fn try_turn(pool: &PgPool, account: &str, address: &str) -> Result<Option<i64>, sqlx::Error> {
    let account = secret::digest(account);
    let counted = sqlx::query(
        "INSERT INTO identity.attempt AS old (account_hash, address) VALUES ($1, $2)
         ON CONFLICT (account_hash, address) DO UPDATE SET
             failures = CASE WHEN old.next_at < now() - interval '1 hour' THEN 1 ELSE least(old.failures + 1, 30) END,
             next_at = now() + CASE WHEN old.failures < 4 OR old.next_at < now() - interval '1 hour' THEN interval '0'
                 ELSE least(interval '1 second' * 2 ^ (old.failures - 4), interval '15 minutes') END
         WHERE old.next_at <= now()",
    )
    .bind(&account)
    .bind(address)
    .execute(pool)
    .await?;
    if counted.rows_affected() > 0 {
        return Ok(None);
    }
    sqlx::query_scalar(
        "SELECT greatest(1, ceil(extract(epoch FROM next_at - now())))::bigint FROM identity.attempt
         WHERE account_hash = $1 AND address = $2",
    )
    .bind(&account)
    .bind(address)
    .fetch_optional(pool)
    .await
}

/// The account of this name that may sign in.
pub(super) async fn account(pool: &PgPool, account: &str) -> Result<Option<Account>, sqlx::Error> {
    sqlx::query_as(
        "SELECT person.id, credential.hash FROM identity.person JOIN LATERAL (
             SELECT hash FROM identity.credential WHERE person = person.id ORDER BY seq DESC LIMIT 1) AS credential ON true
         WHERE account = $1 AND disabled_at IS NULL AND NOT is_demo AND seen_at > now() - make_interval(days => $2)",
    )
    .bind(account)
    .bind(SLEEPS_AFTER_DAYS)
    .fetch_optional(pool)
    .await
}

/// The demo's person of this name.
pub(super) async fn demo_person(pool: &PgPool, account: &str) -> Result<Option<Uuid>, sqlx::Error> {
    sqlx::query_scalar("SELECT id FROM identity.person WHERE account = $1 AND is_demo AND disabled_at IS NULL")
        .bind(account)
        .fetch_optional(pool)
        .await
}

/// Begins a session and forgets the failures before it.
pub(super) async fn begin_session(
    pool: &PgPool,
    person: Uuid,
    account: &str,
    address: &str,
) -> Result<String, sqlx::Error> {
    let token = secret::random();
    let mut change = pool.begin().await?;
    sqlx::query("DELETE FROM identity.attempt WHERE account_hash = $1 AND address = $2")
        .bind(secret::digest(account))
        .bind(address)
        .execute(&mut *change)
        .await?;
    sqlx::query("UPDATE identity.person SET seen_at = now() WHERE id = $1").bind(person).execute(&mut *change).await?;
    sqlx::query("INSERT INTO identity.session (hash, person) VALUES ($1, $2)")
        .bind(secret::digest(&token))
        .bind(person)
        .execute(&mut *change)
        .await?;
    change.commit().await?;
    Ok(token)
}

/// Ends a session.
pub(super) async fn end_session(pool: &PgPool, token: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE identity.session SET ended_at = now() WHERE hash = $1 AND ended_at IS NULL")
        .bind(secret::digest(token))
        .execute(pool)
        .await
        .map(|_| ())
}

/// Who a session belongs to, while it lasts. The demo's people are known to the demo only.
pub(super) async fn of_session(pool: &PgPool, token: &str, in_demo: bool) -> Result<Option<Principal>, sqlx::Error> {
    let hash = secret::digest(token);
    let found: Option<(Uuid, String, bool)> = sqlx::query_as(
        "SELECT person.id, person.account, session.used_at < now() - interval '20 seconds'
         FROM identity.session JOIN identity.person ON person.id = session.person
         WHERE session.hash = $1 AND ended_at IS NULL AND disabled_at IS NULL AND (NOT is_demo OR $5)
             AND begun_at > now() - make_interval(hours => $2)
             AND used_at > now() - make_interval(mins => CASE WHEN EXISTS (
                 SELECT FROM identity.given WHERE given.person = person.id AND role = 'administrator') THEN $3 ELSE $4 END)",
    )
    .bind(&hash)
    .bind(SESSION_HOURS)
    .bind(IDLE_MINUTES_ADMINISTRATOR)
    .bind(IDLE_MINUTES)
    .bind(in_demo)
    .fetch_optional(pool)
    .await?;
    let Some((person, name, is_old)) = found else { return Ok(None) };
    if is_old {
        sqlx::query("UPDATE identity.session SET used_at = now() WHERE hash = $1").bind(&hash).execute(pool).await?;
    }
    Ok(Some(Principal { person, name, grants: grants(pool, person).await?, how: How::Session }))
}

/// In whose name an API token acts, while it lasts.
pub(super) async fn of_token(pool: &PgPool, token: &str) -> Result<Option<Principal>, sqlx::Error> {
    let found: Option<(Uuid, String, Vec<String>)> = sqlx::query_as(
        "SELECT person.id, person.account, scopes FROM identity.api_token JOIN identity.person ON person.id = api_token.person
         WHERE hash = $1 AND revoked_at IS NULL AND expires_at > now() AND disabled_at IS NULL",
    )
    .bind(secret::digest(token))
    .fetch_optional(pool)
    .await?;
    let Some((person, name, scopes)) = found else { return Ok(None) };
    let scopes = scopes.iter().filter_map(|scope| Action::from_code(scope)).collect();
    Ok(Some(Principal { person, name, grants: grants(pool, person).await?, how: How::Token { scopes } }))
}

async fn grants(pool: &PgPool, person: Uuid) -> Result<Vec<Grant>, sqlx::Error> {
    let rows: Vec<(String, Option<Vec<String>>)> =
        sqlx::query_as("SELECT role, units FROM identity.given WHERE person = $1 ORDER BY role")
            .bind(person)
            .fetch_all(pool)
            .await?;
    let grant = |(role, units): (String, Option<Vec<String>>)| {
        let area = units.map_or(Area::Everywhere, |units| Area::Units(units.into_iter().collect()));
        Some(Grant { role: Role::from_code(&role)?, area })
    };
    Ok(rows.into_iter().filter_map(grant).collect())
}
