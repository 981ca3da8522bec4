//! `POST /api/v1/changesets/{id}/undo`, and the list of change sets.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    BuiltOn,
    store::{self, Undone},
};
use crate::{
    app::App,
    features::http::{answer, check_reason, staff},
    http::{
        asked::{InBody, InPath, InQuery},
        problem::Problem,
    },
    identity::principal::Principal,
};

/// Routes of this room.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(undo)).routes(routes!(list))
}

/// Why a change set is taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// Why, for whoever reads the history.
    reason: String,
    /// Say what would happen, and write nothing.
    #[serde(default)]
    dry_run: bool,
}

/// Takes a change set back by a new one: what was inserted goes, what was changed is put back, what was deleted returns under
/// its id.
///
/// All or nothing, judged by the rules and rights of every change set. An undo is taken back by another undo.
#[utoipa::path(
    post, path = "/api/v1/changesets/{id}/undo", tag = "changes", request_body = Asked,
    params(("id" = Uuid, Path, description = "the change set")),
    responses(
        (status = 200, description = "written, or said what would be (dry_run); as for a change set", body = Object),
        (status = 401, description = "not signed in", body = Problem),
        (status = 403, description = "not of one's role or area", body = Problem),
        (status = 404, description = "no such change set", body = Problem),
        (status = 409, description = "`built-on`: others built on it (`features`); `already-undone` (`undone_by`)", body = Problem),
        (status = 422, description = "a rule stands against what was there before, or nothing is left to take back", body = Problem),
    ),
)]
async fn undo(
    State(app): State<App>,
    who: Principal,
    path: InPath<Uuid>,
    body: InBody<Asked>,
) -> Result<Response, Problem> {
    staff(&who)?;
    let (id, asked) = (path.read()?, body.read()?);
    check_reason(&asked.reason)?;
    let state = app.live.state();
    let (pool, catalog) = (app.pool.clone(), Arc::clone(&state.catalog));
    // A client that hangs up does not stop what has begun.
    let begun = tokio::spawn(async move { store::undo(&pool, &catalog, &who, id, asked.reason, asked.dry_run).await });
    match begun.await.map_err(Problem::internal)?? {
        Undone::Tried(set, written) => answer(&app, &set, written).await,
        Undone::BuiltOn(features) => Err(built_on(&features)),
        Undone::Before(by) => Err(Problem::conflict(
            "already-undone",
            "Lần sửa này đã được hoàn tác",
            "This change set was taken back already",
        )
        .detail((
            "muốn lấy lại, hãy hoàn tác chính lần hoàn tác đó",
            "to bring it back, undo the change set that took it back",
        ))
        .with("undone_by", by.to_string())),
        Undone::Unknown => {
            Err(Problem::not_found((format!("không có lần sửa {id}"), format!("there is no change set {id}"))))
        }
        Undone::Nothing => Err(Problem::new(
            axum::http::StatusCode::UNPROCESSABLE_ENTITY,
            "nothing-to-undo",
            "Lần sửa này không để lại gì để hoàn tác",
            "This change set left nothing to take back",
        )),
    }
}

fn built_on(features: &[BuiltOn]) -> Problem {
    Problem::conflict(
        "built-on",
        "Người khác đã sửa tiếp trên các đối tượng này",
        "Others have built on these features",
    )
    .detail((
        "chưa ghi gì; hãy hoàn tác các lần sửa sau trước, hoặc sửa từng đối tượng",
        "nothing was written; take the later changes back first, or change the features by hand",
    ))
    .with("features", features.iter().map(|one| json!(one)).collect::<Vec<_>>())
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// Only those that wrote in this layer.
    layer: Option<String>,
    /// Only those of this account.
    by: Option<String>,
    /// Only those of then or later, RFC 3339.
    since: Option<DateTime<Utc>>,
    /// Only those before then, RFC 3339.
    until: Option<DateTime<Utc>>,
    /// The last change set of the page before: `next` of its answer.
    after: Option<Uuid>,
    /// How many at most, 1 to 500; 50 if absent.
    limit: Option<i64>,
}

/// Change sets, the latest first: who, when, why, what they count in which layers, and what takes what back.
#[utoipa::path(
    get, path = "/api/v1/changesets", tag = "changes", params(Wanted),
    responses((status = 200, description = "`changesets`, and `next` where there are more", body = Object),
        (status = 400, description = "a parameter cannot be read", body = Problem),
        (status = 401, description = "not signed in", body = Problem)),
)]
async fn list(State(app): State<App>, who: Principal, query: InQuery<Wanted>) -> Result<Response, Problem> {
    staff(&who)?;
    let Wanted { layer, by, since, until, after, limit } = query.read()?;
    let limit = limit.unwrap_or(50);
    if !(1..=500).contains(&limit) {
        return Err(Problem::bad_parameter("limit", limit.to_string(), ("từ 1 đến 500", "1 to 500")));
    }
    if let Some(layer) = &layer
        && app.live.state().catalog.layer(layer).is_none_or(|layer| layer.private)
    {
        return Err(Problem::no_layer(layer));
    }
    let wanted = store::Wanted { layer, by, since, until, after, limit: limit + 1 };
    let mut found = store::list(&app.pool, &wanted).await?;
    let more = found.len() as i64 > limit;
    found.truncate(usize::try_from(limit).unwrap_or_default());
    let next = found.last().filter(|_| more).map(|last| last["id"].clone());
    let body = json!({ "changesets": found, "next": next });
    Ok(([(header::CACHE_CONTROL, "private, no-store")], Json(body)).into_response())
}
