//! Accounts and rights are looked through every six months (TCVN 14423:2026, 5.4.2.1 and 5.6.2.1), and it is kept who did.

use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{PgConnection, PgExecutor};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::principal::Principal;
use super::{people, people_store};
use crate::app::App;
use crate::http::problem::Problem;

/// Months between two reviews.
const MONTHS: i32 = 6;

/// Routes of reviews.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(reviewed))
}

/// The last review, and when the next is due.
#[derive(Serialize, sqlx::FromRow)]
pub(super) struct Review {
    pub at: Option<DateTime<Utc>>,
    pub by_whom: Option<String>,
    /// Of a city without a review: counted from its first account.
    pub due_at: Option<DateTime<Utc>>,
    pub overdue: bool,
}

/// Says that accounts and rights were looked through just now, by the caller.
#[utoipa::path(post, path = "/api/v1/people/review", tag = "identity",
    responses((status = 204, description = "kept"), (status = 403, description = "no administrator", body = Problem)))]
async fn reviewed(State(app): State<App>, who: Principal) -> Result<StatusCode, Problem> {
    people::manages(&who)?;
    let mut change = people_store::begin(&app.pool, &who.name).await?;
    keep(&mut change).await?;
    change.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Keeps that somebody looked through accounts and rights just now.
pub(super) async fn keep(change: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO identity.review (accounts, roles)
         SELECT (SELECT count(*) FROM identity.person WHERE disabled_at IS NULL AND NOT is_demo), (SELECT count(*) FROM identity.given)",
    )
    .execute(change)
    .await
    .map(|_| ())
}

/// How it stands.
pub(super) async fn last(connection: impl PgExecutor<'_>) -> Result<Review, sqlx::Error> {
    sqlx::query_as(
        "SELECT last.at, last.by_whom, due.at AS due_at, coalesce(due.at <= now(), false) AS overdue
         FROM (SELECT max(seq) AS seq FROM identity.review) AS latest LEFT JOIN identity.review AS last ON last.seq = latest.seq
         CROSS JOIN LATERAL (SELECT coalesce(last.at, (SELECT min(created_at) FROM identity.person WHERE NOT is_demo))
             + make_interval(months => $1) AS at) AS due",
    )
    .bind(MONTHS)
    .fetch_one(connection)
    .await
}
