//! What a draft would do: what the rules say, each object before and after, and whom it touches.

use axum::{extract::State as Extract, http::StatusCode};
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{Answer, looked, private};
use crate::{
    app::App,
    drafts::{compare, overlay, work},
    features::http::results,
    http::{asked::InPath, problem::Problem},
    identity::principal::Principal,
};

/// Routes of this part.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(check)).routes(routes!(compared)).routes(routes!(impact))
}

/// What publishing would say now: the rules on the published state with the draft laid over it, and what others wrote meanwhile.
#[utoipa::path(post, path = "/api/v1/drafts/{id}/check", tag = "drafts", params(("id" = Uuid, Path, description = "the draft")),
    responses((status = 200, description = "per operation what would become of it; nothing is written", body = Object),
        (status = 401, description = "not signed in", body = Problem), (status = 404, description = "none that one may see", body = Problem)))]
async fn check(Extract(app): Extract<App>, who: Principal, path: InPath<Uuid>) -> Answer {
    work::staff(&who)?;
    let id = path.read()?;
    let (opened, operations) = looked(&app, &who, id).await?;
    let state = app.live.state();
    let written = overlay::check(&app.pool, &state.catalog, &who, opened.part, operations).await?;
    let sound = written.outcomes.iter().all(|(_, _, settled)| *settled);
    let body = json!({ "revision": opened.draft.revision, "sound": sound, "results": results(&written) });
    Ok(private(StatusCode::OK, body))
}

/// Each object that the draft adds, changes or removes, before and after.
#[utoipa::path(get, path = "/api/v1/drafts/{id}/compare", tag = "drafts", params(("id" = Uuid, Path, description = "the draft")),
    responses((status = 200, description = "one row an object", body = Object), (status = 401, description = "not signed in", body = Problem),
        (status = 404, description = "none that one may see", body = Problem)))]
async fn compared(Extract(app): Extract<App>, who: Principal, path: InPath<Uuid>) -> Answer {
    work::staff(&who)?;
    let id = path.read()?;
    let (opened, operations) = looked(&app, &who, id).await?;
    let rows = compare::compare(&app.pool, &app.live.state().catalog, &who, operations).await?;
    Ok(private(StatusCode::OK, json!({ "revision": opened.draft.revision, "rows": rows })))
}

/// The parcels, buildings, permits and works that the draft touches.
#[utoipa::path(get, path = "/api/v1/drafts/{id}/impact", tag = "drafts", params(("id" = Uuid, Path, description = "the draft")),
    responses((status = 200, description = "per layer how many, and how many square metres", body = Object),
        (status = 401, description = "not signed in", body = Problem), (status = 404, description = "none that one may see", body = Problem)))]
async fn impact(Extract(app): Extract<App>, who: Principal, path: InPath<Uuid>) -> Answer {
    work::staff(&who)?;
    let id = path.read()?;
    let (opened, operations) = looked(&app, &who, id).await?;
    let layers = compare::impact(&app.pool, &app.live.state().catalog, &who, operations).await?;
    Ok(private(StatusCode::OK, json!({ "revision": opened.draft.revision, "layers": layers })))
}
