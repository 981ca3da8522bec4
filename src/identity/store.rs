//! What the server reads and writes of people.

use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::principal::{How, Principal};
use super::rights::{Action, Area, Grant, Role};
use super::{second, secret};

/// Days without a sign-in after which an account sleeps (TCVN 14423:2026, x.6.2.3).
pub(super) const SLEEPS_AFTER_DAYS: i32 = 45;
/// Hours after which a session ends, used or not.
pub(super) const SESSION_HOURS: i32 = 12;
/// Minutes that a session may be idle; those of administrators fewer (TCVN 14423:2026, x.5.2.2).
pub(super) const IDLE_MINUTES: i32 = 15;
/// The same for administrators.
const IDLE_MINUTES_ADMINISTRATOR: i32 = 5;

/// An account as sign-in needs it.
#[derive(sqlx::FromRow)]
pub(super) struct Account {
    pub id: Uuid,
    pub hash: String,
}

/// Failures of an account from an address before the next one waits.
const FREE_OF_ACCOUNT: i32 = 4;
/// Failures of an address, whoever was tried.
const FREE_OF_ADDRESS: i32 = 20;
/// Wishes of an address for a mail before the next one waits: an office behind one address has several who forget.
const FREE_WISHES: i32 = 10;

/// Counts an attempt before it is made, so that many at once are counted too. Answers the seconds to wait, if any.
///
/// Two counts: of the account from this address, and of this address whoever is tried. Neither holds up anybody elsewhere,
/// and the second nobody who has signed in from here before. A browser in which this account signed in before (`device`, the
/// value of its cookie) has a count of its own: who guesses behind the same address does not hold up the owner.
pub(super) async fn try_turn(
    pool: &PgPool,
    account: &str,
    address: &str,
    device: Option<&str>,
) -> Result<Option<i64>, sqlx::Error> {
    if let Some(device) = device.map(place_of)
        && is_familiar(pool, account, &device).await?
    {
        return try_account(pool, account, &device).await;
    }
    if !is_familiar(pool, account, address).await?
        && let Some(wait) = try_counted(pool, &[], address, FREE_OF_ADDRESS).await?
    {
        return Ok(Some(wait));
    }
    try_account(pool, account, address).await
}

/// A browser as the place of an attempt, by the digest of its cookie.
fn place_of(device: &str) -> String {
    secret::digest(device).iter().fold("browser ".to_owned(), |place, byte| format!("{place}{byte:02x}"))
}

async fn is_familiar(pool: &PgPool, account: &str, place: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM identity.attempt WHERE account_hash = $1 AND address = $2
             AND familiar_at > now() - make_interval(days => $3))",
    )
    .bind(secret::digest(account))
    .bind(place)
    .bind(SLEEPS_AFTER_DAYS)
    .fetch_one(pool)
    .await
}

/// The same for the account alone.
pub(super) async fn try_account(pool: &PgPool, account: &str, address: &str) -> Result<Option<i64>, sqlx::Error> {
    try_counted(pool, &secret::digest(account), address, FREE_OF_ACCOUNT).await
}

/// The same for wishes for a mail, whoever is named; nobody is held up elsewhere.
pub(super) async fn try_wish(pool: &PgPool, address: &str) -> Result<Option<i64>, sqlx::Error> {
    try_counted(pool, &secret::digest("a wish for a mail"), address, FREE_WISHES).await
}

async fn try_counted(pool: &PgPool, account: &[u8], address: &str, free: i32) -> Result<Option<i64>, sqlx::Error> {
    let counted = sqlx::query(
        "INSERT INTO identity.attempt AS old (account_hash, address) VALUES ($1, $2)
         ON CONFLICT (account_hash, address) DO UPDATE SET
             failures = CASE WHEN old.next_at < now() - interval '1 hour' THEN 1 ELSE least(old.failures + 1, 60) END,
             next_at = now() + CASE WHEN old.failures < $3 OR old.next_at < now() - interval '1 hour' THEN interval '0'
                 ELSE least(interval '1 second' * 2 ^ least(old.failures - $3, 20), interval '15 minutes') END
         WHERE old.next_at <= now()",
    )
    .bind(account)
    .bind(address)
    .bind(free)
    .execute(pool)
    .await?;
    if counted.rows_affected() > 0 {
        return Ok(None);
    }
    sqlx::query_scalar(
        "SELECT greatest(1, ceil(extract(epoch FROM next_at - now())))::bigint FROM identity.attempt
         WHERE account_hash = $1 AND address = $2",
    )
    .bind(account)
    .bind(address)
    .fetch_optional(pool)
    .await
}

/// Forgets the failures before a success.
pub(super) async fn forget_attempts(pool: &PgPool, account: &str, address: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM identity.attempt WHERE account_hash = $1 AND address = $2")
        .bind(secret::digest(account))
        .bind(address)
        .execute(pool)
        .await
        .map(|_| ())
}

/// Forgets attempts that slow nobody down any more.
pub(super) async fn prune(pool: &PgPool) -> Result<u64, sqlx::Error> {
    let pruned = sqlx::query(
        "DELETE FROM identity.attempt WHERE next_at < now() - interval '1 day'
             AND coalesce(familiar_at, '-infinity') < now() - make_interval(days => $1)",
    );
    Ok(pruned.bind(SLEEPS_AFTER_DAYS).execute(pool).await?.rows_affected())
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

/// What a new session is begun with.
pub(super) struct Begun<'b> {
    pub person: Uuid,
    pub account: &'b str,
    pub address: &'b str,
    /// The value of the browser's own cookie, which it keeps after the session.
    pub device: Option<&'b str>,
    /// What the browser calls itself.
    pub agent: Option<&'b str>,
    /// Was a second factor shown?
    pub second: bool,
}

/// Begins a session and forgets the failures before it.
pub(super) async fn begin_session(pool: &PgPool, begun: Begun<'_>) -> Result<String, sqlx::Error> {
    let token = secret::random();
    let mut change = pool.begin().await?;
    sqlx::query(
        "UPDATE identity.attempt SET failures = 0, next_at = now(), familiar_at = now()
         WHERE account_hash = $1 AND address = $2",
    )
    .bind(secret::digest(begun.account))
    .bind(begun.address)
    .execute(&mut *change)
    .await?;
    if let Some(device) = begun.device {
        sqlx::query(
            "INSERT INTO identity.attempt (account_hash, address, failures, familiar_at) VALUES ($1, $2, 0, now())
             ON CONFLICT (account_hash, address) DO UPDATE SET failures = 0, next_at = now(), familiar_at = now()",
        )
        .bind(secret::digest(begun.account))
        .bind(place_of(device))
        .execute(&mut *change)
        .await?;
    }
    sqlx::query(
        "UPDATE identity.attempt SET failures = greatest(failures - 1, 0) WHERE account_hash = '' AND address = $1",
    )
    .bind(begun.address)
    .execute(&mut *change)
    .await?;
    sqlx::query("UPDATE identity.person SET seen_at = now() WHERE id = $1")
        .bind(begun.person)
        .execute(&mut *change)
        .await?;
    sqlx::query(
        "INSERT INTO identity.session (hash, person, agent, second_at)
         VALUES ($1, $2, $3, CASE WHEN $4 THEN now() END)",
    )
    .bind(secret::digest(&token))
    .bind(begun.person)
    .bind(begun.agent.map(|agent| agent.chars().take(200).collect::<String>()))
    .bind(begun.second)
    .execute(&mut *change)
    .await?;
    change.commit().await?;
    Ok(token)
}

/// The latest passwords of a person, hashed.
pub(super) async fn latest_hashes(
    connection: &mut PgConnection,
    person: Uuid,
    most: i64,
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar("SELECT hash FROM identity.credential WHERE person = $1 ORDER BY seq DESC LIMIT $2")
        .bind(person)
        .bind(most)
        .fetch_all(connection)
        .await
}

/// Keeps a new password, hashed.
pub(super) async fn keep_hash(connection: &mut PgConnection, person: Uuid, hash: &str) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO identity.credential (person, hash) VALUES ($1, $2)")
        .bind(person)
        .bind(hash)
        .execute(connection)
        .await
        .map(|_| ())
}

/// Of these codes those that are no commune of today; none while no communes are known at all.
pub(super) async fn unknown_units(connection: &mut PgConnection, units: &[String]) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "WITH commune AS MATERIALIZED (SELECT code FROM gis.admin_unit WHERE level = 2 AND validity @> gis.today())
         SELECT code FROM unnest($1::text[]) AS code
         WHERE EXISTS (SELECT FROM commune) AND NOT EXISTS (SELECT FROM commune WHERE commune.code = code.code)",
    )
    .bind(units)
    .fetch_all(connection)
    .await
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
///
/// `attended`: somebody asked, not a page by itself, and the session is used by it.
pub(super) async fn of_session(
    pool: &PgPool,
    token: &str,
    in_demo: bool,
    attended: bool,
) -> Result<Option<Principal>, sqlx::Error> {
    let hash = secret::digest(token);
    let found: Option<(Uuid, String, bool, bool)> = sqlx::query_as(
        "SELECT person.id, person.account, session.used_at < now() - interval '20 seconds', second_at IS NOT NULL OR is_demo
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
    let Some((person, name, is_old, has_second)) = found else { return Ok(None) };
    if is_old && attended {
        sqlx::query("UPDATE identity.session SET used_at = now() WHERE hash = $1").bind(&hash).execute(pool).await?;
    }
    let grants = grants(pool, person).await?;
    let enrols = !has_second && grants.iter().any(|grant| second::is_required_of(grant.role));
    Ok(Some(Principal { person, name, grants, how: How::Session, enrols }))
}

/// In whose name an API token acts, while it lasts. Using it keeps it and its account awake.
pub(super) async fn of_token(pool: &PgPool, token: &str) -> Result<Option<Principal>, sqlx::Error> {
    let hash = secret::digest(token);
    let found: Option<(Uuid, String, Vec<String>, bool)> = sqlx::query_as(
        "SELECT person.id, person.account, scopes, used_at < now() - interval '1 hour'
         FROM identity.api_token JOIN identity.person ON person.id = api_token.person
         WHERE hash = $1 AND revoked_at IS NULL AND expires_at > now() AND disabled_at IS NULL AND NOT is_demo
             AND used_at > now() - make_interval(days => $2)",
    )
    .bind(&hash)
    .bind(SLEEPS_AFTER_DAYS)
    .fetch_optional(pool)
    .await?;
    let Some((person, name, scopes, is_old)) = found else { return Ok(None) };
    if is_old {
        sqlx::query("UPDATE identity.api_token SET used_at = now() WHERE hash = $1").bind(&hash).execute(pool).await?;
        sqlx::query("UPDATE identity.person SET seen_at = now() WHERE id = $1").bind(person).execute(pool).await?;
    }
    let scopes = scopes.iter().filter_map(|scope| Action::from_code(scope)).collect();
    let grants = grants(pool, person).await?;
    Ok(Some(Principal { person, name, grants, how: How::Token { scopes }, enrols: false }))
}

async fn grants(pool: &PgPool, person: Uuid) -> Result<Vec<Grant>, sqlx::Error> {
    let rows: Vec<(String, Option<Vec<String>>)> = sqlx::query_as(
        "SELECT role, CASE WHEN units IS NOT NULL THEN identity.units_now(units, (given_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date) END
             FROM identity.given WHERE person = $1 ORDER BY role",
    )
    .bind(person)
    .fetch_all(pool)
    .await?;
    let grant = |(role, units): (String, Option<Vec<String>>)| {
        let area = units.map_or(Area::Everywhere, |units| Area::Units(units.into_iter().collect()));
        Some(Grant { role: Role::from_code(&role)?, area })
    };
    Ok(rows.into_iter().filter_map(grant).collect())
}
