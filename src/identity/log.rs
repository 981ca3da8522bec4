//! Who changed accounts and rights, and when (TCVN 14423:2026, 5.8); the tables write it themselves (`migrations/0099`).

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::PgExecutor;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::principal::Principal;
use super::rights::{Action, Target, may};
use crate::app::App;
use crate::http::{asked::InQuery, problem::Problem};

/// Routes of the log.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(people_log))
}

/// One thing that was done.
#[derive(Serialize, sqlx::FromRow)]
pub(super) struct Line {
    seq: i64,
    pub at: DateTime<Utc>,
    /// Who did it.
    pub actor: String,
    /// Of whose account.
    pub account: String,
    name: String,
    /// One of the words of `log_what`.
    pub what: String,
    /// Role and units, the name before, a token's label and scopes.
    pub detail: Value,
}

/// Which lines.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Which {
    /// The account that was changed.
    account: Option<String>,
    /// Only those before this `seq`: `next` of the answer before.
    before: Option<i64>,
    /// How many at most, 1 to 500; 100 if absent.
    limit: Option<i64>,
}

/// What was changed of accounts and rights, by whom; the latest first.
#[utoipa::path(get, path = "/api/v1/people/log", tag = "identity", params(Which),
    responses((status = 200, description = "`log`, and `next` where there is more", body = Object),
        (status = 403, description = "neither leader nor administrator", body = Problem)))]
async fn people_log(State(app): State<App>, who: Principal, query: InQuery<Which>) -> Result<Response, Problem> {
    may(&who, Action::SeeLookUps, &Target::City).or_refuse()?;
    let Which { account, before, limit } = query.read()?;
    let most = limit.unwrap_or(100);
    if !(1..=500).contains(&most) {
        return Err(Problem::bad_parameter("limit", most.to_string(), ("từ 1 đến 500", "1 to 500")));
    }
    let mut log = lines(&app.pool, account.filter(|account| !account.is_empty()), before, most + 1).await?;
    let more = log.len() as i64 > most;
    log.truncate(usize::try_from(most).unwrap_or_default());
    let next = log.last().filter(|_| more).map(|line| line.seq);
    Ok(([(header::CACHE_CONTROL, "private, no-store")], Json(json!({ "log": log, "next": next }))).into_response())
}

/// The latest lines, of one account or of all.
pub(super) async fn lines(
    connection: impl PgExecutor<'_>,
    account: Option<String>,
    before: Option<i64>,
    most: i64,
) -> Result<Vec<Line>, sqlx::Error> {
    sqlx::query_as(
        "SELECT log.seq, log.at, log.actor, person.account, person.name, log.what, log.detail
         FROM identity.log JOIN identity.person ON person.id = log.person
         WHERE ($1::text IS NULL OR person.account = $1) AND ($2::bigint IS NULL OR log.seq < $2)
         ORDER BY log.seq DESC LIMIT $3",
    )
    .bind(account)
    .bind(before)
    .bind(most)
    .fetch_all(connection)
    .await
}
