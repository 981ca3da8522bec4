//! The outbox: mails that wait, who is at one, and what became of it. No row holds a link: it is made when the mail goes.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{PgConnection, PgExecutor, PgPool};
use uuid::Uuid;

use super::letters::Kind;
use super::{link, link_store, store};
use crate::mail::NotSent;

/// An invitation that waits for this person, or a new one; asking again only makes it try sooner.
pub(super) async fn invite(change: &mut PgConnection, person: Uuid) -> Result<Uuid, sqlx::Error> {
    sqlx::query_scalar(
        "INSERT INTO identity.mail (person, kind, give_up_at) VALUES ($1, 'invitation', now() + interval '3 days')
         ON CONFLICT (person, kind) WHERE state = 'waiting'
             DO UPDATE SET asked_at = now(), asked_by = excluded.asked_by, next_at = now(), give_up_at = excluded.give_up_at
         RETURNING id",
    )
    .bind(person)
    .fetch_one(change)
    .await
}

/// Wishes that wait at most; a flood fills no disk.
const MOST_WISHES: i64 = 1_000;

/// Keeps what somebody typed who forgot a password, whether anybody has that address or not: both take one row, so both
/// take the same time. Says whether there was room.
pub(super) async fn wish(pool: &PgPool, mail: &str) -> Result<bool, sqlx::Error> {
    let kept = sqlx::query(
        "INSERT INTO identity.recovery_wish (mail)
         SELECT $1 WHERE (SELECT count(*) FROM identity.recovery_wish) < $2",
    );
    Ok(kept.bind(mail).bind(MOST_WISHES).execute(pool).await?.rows_affected() > 0)
}

/// Turns wishes into mails to those who have such an account: open, awake, and not written to a moment ago.
pub(super) async fn take_wishes(pool: &PgPool) -> Result<u64, sqlx::Error> {
    let asked = sqlx::query(include_str!("take_wishes.sql")).bind(store::SLEEPS_AFTER_DAYS);
    Ok(asked.execute(pool).await?.rows_affected())
}

/// A mail that is ours to send now.
#[derive(sqlx::FromRow)]
pub(super) struct Claimed {
    pub id: Uuid,
    #[sqlx(try_from = "String")]
    pub kind: Kind,
    pub person: Uuid,
    pub account: String,
    pub name: String,
    /// Where to; nowhere when the person has no address.
    pub mail: Option<String>,
    tries: i32,
    /// Why it is not sent any more, if so.
    over: Option<String>,
    /// What its link holds.
    #[sqlx(skip)]
    pub token: String,
}

impl From<String> for Kind {
    fn from(code: String) -> Self {
        Self::from_code(&code)
    }
}

/// What stood at the head of the outbox.
pub(super) enum Next {
    /// Nothing that is due.
    Nothing,
    /// One that is no longer to be sent; it says so now.
    Over,
    /// One to send; whoever dies over it leaves it to others after a minute.
    Send(Box<Claimed>),
}

/// Takes the mail that is due longest, and makes its link. Servers that look at once take different ones.
pub(super) async fn claim(pool: &PgPool) -> Result<Next, sqlx::Error> {
    let mut change = pool.begin().await?;
    let found: Option<Claimed> = sqlx::query_as(include_str!("claim.sql")).fetch_optional(&mut *change).await?;
    let Some(mut claimed) = found else { return Ok(Next::Nothing) };
    if let Some(over) = &claimed.over {
        // Given up for time, the last refusal says more.
        let fail = "UPDATE identity.mail SET state = 'failed', done_at = now(),
                        reason = CASE WHEN $2 = 'too_late' THEN coalesce(reason, $2) ELSE $2 END WHERE id = $1";
        sqlx::query(fail).bind(claimed.id).bind(over).execute(&mut *change).await?;
        change.commit().await?;
        return Ok(Next::Over);
    }
    sqlx::query(
        "UPDATE identity.mail SET tries = tries + 1, busy_until = now() + interval '1 minute', address = $2 WHERE id = $1",
    )
    .bind(claimed.id)
    .bind(&claimed.mail)
    .execute(&mut *change)
    .await?;
    // An invitation ends the links before it, once; a stranger who asks for a recovery ends nobody's.
    if claimed.kind == Kind::Invitation && claimed.tries == 0 {
        link_store::end(&mut change, claimed.person).await?;
    }
    (claimed.token, _) = link_store::keep(&mut change, claimed.person, link::HOURS, Some(claimed.id)).await?;
    change.commit().await?;
    Ok(Next::Send(Box::new(claimed)))
}

/// It was taken.
pub(super) async fn sent(pool: &PgPool, id: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE identity.mail SET state = 'sent', done_at = now(), reason = NULL, detail = NULL
         WHERE id = $1 AND state = 'waiting'",
    )
    .bind(id)
    .execute(pool)
    .await
    .map(|_| ())
}

/// It was not taken: it waits, twice as long each time and an hour at most, or stays behind.
pub(super) async fn not_sent(pool: &PgPool, id: Uuid, why: &NotSent) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE identity.mail SET reason = $2, detail = $3, busy_until = '-infinity',
             next_at = now() + least(interval '30 seconds' * 2 ^ least(tries - 1, 10), interval '1 hour'),
             state = CASE WHEN $4 THEN 'failed' ELSE state END, done_at = CASE WHEN $4 THEN now() END
         WHERE id = $1 AND state = 'waiting'",
    )
    .bind(id)
    .bind(why.code())
    .bind(why.to_string())
    .bind(why.is_final())
    .execute(pool)
    .await
    .map(|_| ())
}

/// A mail as administrators see it.
#[derive(Serialize, sqlx::FromRow)]
pub(super) struct Mail {
    id: Uuid,
    pub account: String,
    name: String,
    pub kind: String,
    pub address: Option<String>,
    pub state: String,
    asked_at: DateTime<Utc>,
    asked_by: String,
    pub tries: i32,
    pub next_at: Option<DateTime<Utc>>,
    pub done_at: Option<DateTime<Utc>>,
    pub reason: Option<String>,
    pub detail: Option<String>,
}

/// The latest mails, those that wait first.
pub(super) async fn mails(connection: impl PgExecutor<'_>) -> Result<Vec<Mail>, sqlx::Error> {
    sqlx::query_as(
        "SELECT mail.id, person.account, person.name, mail.kind, coalesce(mail.address, person.mail) AS address, mail.state,
             mail.asked_at, mail.asked_by, mail.tries, CASE WHEN mail.state = 'waiting' THEN mail.next_at END AS next_at,
             mail.done_at, mail.reason, mail.detail
         FROM identity.mail JOIN identity.person ON person.id = mail.person
         ORDER BY mail.state <> 'waiting', mail.asked_at DESC LIMIT 200",
    )
    .fetch_all(connection)
    .await
}

/// Forgets mails that were done with a month ago, and wishes that no server that sends mail has taken for an hour.
pub(super) async fn prune(pool: &PgPool) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM identity.mail WHERE done_at < now() - interval '30 days'").execute(pool).await?;
    sqlx::query("DELETE FROM identity.recovery_wish WHERE asked_at < now() - interval '1 hour'").execute(pool).await?;
    Ok(())
}
