//! How people are made and changed by administrators; the database checks that it is one (`by_an_administrator`).

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use sqlx::{PgConnection, PgExecutor, PgPool, Postgres, Transaction};
use uuid::Uuid;

use super::rights::Role;

/// A person as administrators see them.
#[derive(Serialize, sqlx::FromRow)]
pub(super) struct Person {
    pub account: String,
    pub name: String,
    pub mail: Option<String>,
    pub is_demo: bool,
    created_at: DateTime<Utc>,
    pub seen_at: DateTime<Utc>,
    pub disabled_at: Option<DateTime<Utc>>,
    pub asleep: bool,
    pub second_factor: bool,
    pub sessions: i64,
    tokens: i64,
    /// `[{role, units}]`; units null: everywhere.
    roles: Value,
}

impl Person {
    /// `planner (26740 26743), leader`: each role with its units, where it does not hold everywhere.
    pub fn roles_in_words(&self) -> String {
        let word = |given: &Value| {
            let role = given["role"].as_str()?;
            let units: Vec<&str> = given["units"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            Some(if units.is_empty() { role.to_owned() } else { format!("{role} ({})", units.join(" ")) })
        };
        self.roles.as_array().into_iter().flatten().filter_map(word).collect::<Vec<_>>().join(", ")
    }
}

/// A commune that a role can be given for.
#[derive(Serialize, sqlx::FromRow)]
pub(super) struct Unit {
    code: String,
    name: String,
}

/// Begins a change in somebody's name.
pub(super) async fn begin(pool: &PgPool, actor: &str) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    let mut change = pool.begin().await?;
    sqlx::query("SELECT set_config('dothi.actor', $1, true)").bind(actor).execute(&mut *change).await?;
    Ok(change)
}

/// Who has this account.
pub(super) async fn person(pool: &PgPool, account: &str) -> Result<Option<Uuid>, sqlx::Error> {
    sqlx::query_scalar("SELECT id FROM identity.person WHERE account = $1").bind(account).fetch_optional(pool).await
}

/// Is it one of the demo's?
pub(super) async fn is_demo(change: &mut PgConnection, person: Uuid) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT is_demo FROM identity.person WHERE id = $1").bind(person).fetch_one(change).await
}

/// Is the account closed?
pub(super) async fn is_closed(change: &mut PgConnection, person: Uuid) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT disabled_at IS NOT NULL FROM identity.person WHERE id = $1")
        .bind(person)
        .fetch_one(change)
        .await
}

/// Everybody.
pub(super) async fn people(connection: impl PgExecutor<'_>) -> Result<Vec<Person>, sqlx::Error> {
    sqlx::query_as(include_str!("people.sql"))
        .bind(super::store::SLEEPS_AFTER_DAYS)
        .bind(super::store::SESSION_HOURS)
        .bind(super::store::IDLE_MINUTES)
        .fetch_all(connection)
        .await
}

/// The communes of today.
pub(super) async fn units(pool: &PgPool) -> Result<Vec<Unit>, sqlx::Error> {
    sqlx::query_as(
        "SELECT unit.code, unit.name || coalesce(', ' || province.name, '') AS name FROM gis.admin_unit AS unit
         LEFT JOIN gis.admin_unit AS province
             ON province.code = unit.parent_code AND province.level = 1 AND province.validity @> gis.today()
         WHERE unit.level = 2 AND unit.validity @> gis.today() ORDER BY unit.name, unit.code LIMIT 12000",
    )
    .fetch_all(pool)
    .await
}

/// Makes an account, unless there is one of this name.
pub(super) async fn add(change: &mut PgConnection, account: &str, name: &str) -> Result<Option<Uuid>, sqlx::Error> {
    sqlx::query_scalar(
        "INSERT INTO identity.person (account, name) VALUES ($1, $2) ON CONFLICT (account) DO NOTHING RETURNING id",
    )
    .bind(account)
    .bind(name)
    .fetch_optional(change)
    .await
}

/// Gives somebody another name for people to read.
pub(super) async fn rename(change: &mut PgConnection, person: Uuid, name: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE identity.person SET name = $2 WHERE id = $1")
        .bind(person)
        .bind(name)
        .execute(change)
        .await
        .map(|_| ())
}

/// Sets where somebody is written to.
pub(super) async fn set_mail(change: &mut PgConnection, person: Uuid, mail: Option<&str>) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE identity.person SET mail = $2 WHERE id = $1 AND mail IS DISTINCT FROM $2")
        .bind(person)
        .bind(mail)
        .execute(change)
        .await
        .map(|_| ())
}

/// Where somebody is written to.
pub(super) async fn mail(change: &mut PgConnection, person: Uuid) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar("SELECT mail FROM identity.person WHERE id = $1").bind(person).fetch_one(change).await
}

/// Gives a role.
pub(super) async fn give(
    change: &mut PgConnection,
    person: Uuid,
    role: Role,
    units: Option<Vec<String>>,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO identity.given (person, role, units) VALUES ($1, $2, $3)
         ON CONFLICT (person, role) DO UPDATE SET units = excluded.units, given_at = now(), given_by = gis.actor()",
    )
    .bind(person)
    .bind(role.code())
    .bind(units)
    .execute(change)
    .await
    .map(|_| ())
}

/// Takes a role.
pub(super) async fn take(change: &mut PgConnection, person: Uuid, role: Role) -> Result<bool, sqlx::Error> {
    let taken = sqlx::query("DELETE FROM identity.given WHERE person = $1 AND role = $2");
    Ok(taken.bind(person).bind(role.code()).execute(change).await?.rows_affected() > 0)
}

/// Closes an account with all that is open of it.
pub(super) async fn disable(change: &mut PgConnection, person: Uuid) -> Result<(), sqlx::Error> {
    run(change, person, "UPDATE identity.person SET disabled_at = now() WHERE id = $1 AND disabled_at IS NULL").await?;
    end_sessions(change, person).await?;
    revoke_tokens(change, person).await
}

/// Opens an account.
pub(super) async fn enable(change: &mut PgConnection, person: Uuid) -> Result<(), sqlx::Error> {
    run(change, person, "UPDATE identity.person SET disabled_at = NULL WHERE id = $1").await?;
    wake(change, person).await
}

/// Begins the 45 days anew.
pub(super) async fn wake(change: &mut PgConnection, person: Uuid) -> Result<(), sqlx::Error> {
    run(change, person, "UPDATE identity.person SET seen_at = now() WHERE id = $1").await
}

/// Ends all sessions.
pub(super) async fn end_sessions(change: &mut PgConnection, person: Uuid) -> Result<(), sqlx::Error> {
    run(change, person, "UPDATE identity.session SET ended_at = now() WHERE person = $1 AND ended_at IS NULL").await
}

/// Revokes all tokens.
pub(super) async fn revoke_tokens(change: &mut PgConnection, person: Uuid) -> Result<(), sqlx::Error> {
    run(change, person, "UPDATE identity.api_token SET revoked_at = now() WHERE person = $1 AND revoked_at IS NULL")
        .await
}

/// Takes the second factor away.
pub(super) async fn reset_second_factor(change: &mut PgConnection, person: Uuid) -> Result<(), sqlx::Error> {
    run(change, person, "DELETE FROM identity.second_factor WHERE person = $1").await?;
    run(change, person, "DELETE FROM identity.recovery_code WHERE person = $1").await
}

async fn run(change: &mut PgConnection, person: Uuid, what: &'static str) -> Result<(), sqlx::Error> {
    sqlx::query(what).bind(person).execute(change).await.map(|_| ())
}
