//! How second factors are kept.

use sqlx::PgPool;
use uuid::Uuid;

/// Keeps a new secret, unless a confirmed one is there.
pub(super) async fn begin(pool: &PgPool, person: Uuid, secret: &[u8]) -> Result<bool, sqlx::Error> {
    let kept = sqlx::query(
        "INSERT INTO identity.second_factor AS old (person, secret) VALUES ($1, $2)
         ON CONFLICT (person) DO UPDATE SET secret = excluded.secret, made_at = now() WHERE old.confirmed_at IS NULL",
    );
    Ok(kept.bind(person).bind(secret).execute(pool).await?.rows_affected() > 0)
}

/// The secret that waits for its first code; an hour at most.
pub(super) async fn unconfirmed(pool: &PgPool, person: Uuid) -> Result<Option<Vec<u8>>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT secret FROM identity.second_factor
         WHERE person = $1 AND confirmed_at IS NULL AND made_at > now() - interval '1 hour'",
    )
    .bind(person)
    .fetch_optional(pool)
    .await
}

/// The secret that holds.
pub(super) async fn confirmed(pool: &PgPool, person: Uuid) -> Result<Option<Vec<u8>>, sqlx::Error> {
    sqlx::query_scalar("SELECT secret FROM identity.second_factor WHERE person = $1 AND confirmed_at IS NOT NULL")
        .bind(person)
        .fetch_optional(pool)
        .await
}

/// The factor holds from now on, with these recovery codes; this session has shown it, others of the person end.
pub(super) async fn confirm(
    pool: &PgPool,
    person: Uuid,
    step: i64,
    hashes: &[Vec<u8>],
    session: &[u8],
) -> Result<(), sqlx::Error> {
    let mut change = pool.begin().await?;
    sqlx::query("UPDATE identity.second_factor SET confirmed_at = now(), last_step = $2 WHERE person = $1")
        .bind(person)
        .bind(step)
        .execute(&mut *change)
        .await?;
    sqlx::query("DELETE FROM identity.recovery_code WHERE person = $1").bind(person).execute(&mut *change).await?;
    sqlx::query("INSERT INTO identity.recovery_code (person, hash) SELECT $1, unnest($2::bytea[])")
        .bind(person)
        .bind(hashes)
        .execute(&mut *change)
        .await?;
    sqlx::query(
        "UPDATE identity.session SET second_at = CASE WHEN hash = $2 THEN now() END,
             ended_at = CASE WHEN hash = $2 THEN ended_at ELSE now() END
         WHERE person = $1 AND ended_at IS NULL",
    )
    .bind(person)
    .bind(session)
    .execute(&mut *change)
    .await?;
    change.commit().await
}

/// Takes the code of a half minute, once: it or an earlier one is not taken again.
pub(super) async fn use_step(pool: &PgPool, person: Uuid, step: i64) -> Result<bool, sqlx::Error> {
    let used = sqlx::query("UPDATE identity.second_factor SET last_step = $2 WHERE person = $1 AND last_step < $2");
    Ok(used.bind(person).bind(step).execute(pool).await?.rows_affected() > 0)
}

/// Takes a recovery code, once.
pub(super) async fn use_recovery_code(pool: &PgPool, person: Uuid, hash: &[u8]) -> Result<bool, sqlx::Error> {
    let used = sqlx::query(
        "UPDATE identity.recovery_code SET used_at = now() WHERE person = $1 AND hash = $2 AND used_at IS NULL",
    );
    Ok(used.bind(person).bind(hash).execute(pool).await?.rows_affected() > 0)
}

/// Is there one that holds?
pub(super) async fn is_confirmed(pool: &PgPool, person: Uuid) -> Result<bool, sqlx::Error> {
    confirmed(pool, person).await.map(|secret| secret.is_some())
}
