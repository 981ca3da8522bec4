//! An approved draft goes onto the map, as one change set.

use axum::{extract::State as Extract, http::StatusCode};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{Answer, private, text};
use crate::{
    app::App,
    drafts::{
        State, Step, store,
        work::{self, DraftError, Opened},
    },
    features::{ChangeSet, OnConflict, Writer, http::answer, write_in},
    http::{
        asked::{InBody, InPath},
        problem::Problem,
    },
    identity::principal::Principal,
};

/// Routes of this part.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(publish))
}

/// The draft as it was looked at, and why it goes onto the map.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Publishing {
    /// The revision that was approved.
    revision: i32,
    /// Why, for whoever reads the history.
    reason: String,
}

/// Publishes an approved draft as one change set: all of it, or nothing. Sent again, the change set that it became returns.
#[utoipa::path(post, path = "/api/v1/drafts/{id}/publish", tag = "drafts", request_body = Publishing, params(("id" = Uuid, Path, description = "the draft")),
    responses((status = 200, description = "published: the change set and what became of each operation", body = Object),
        (status = 400, description = "no reason", body = Problem), (status = 401, description = "not signed in", body = Problem),
        (status = 403, description = "not of one's role or area", body = Problem), (status = 404, description = "none that one may see", body = Problem),
        (status = 409, description = "not approved, changed since, or others wrote meanwhile", body = Problem),
        (status = 422, description = "a rule stops it", body = Problem)))]
async fn publish(Extract(app): Extract<App>, who: Principal, path: InPath<Uuid>, body: InBody<Publishing>) -> Answer {
    work::staff(&who)?;
    let (id, Publishing { revision, reason }) = (path.read()?, body.read()?);
    let reason = text("reason", &reason, 2_000)?;
    // A client that hangs up does not stop what has begun.
    let beside = app.clone();
    let begun = tokio::spawn(async move {
        let state = beside.live.state();
        let mut transaction = beside.pool.begin().await?;
        let Opened { draft, .. } = work::open(&mut transaction, &who, id, true).await?;
        if let (State::Published, Some(change_set)) = (draft.state, draft.change_set) {
            return Ok(Err(change_set));
        }
        work::take(&mut transaction, &who, id, Step::Publish, Some(revision)).await?;
        let operations = work::folded(&mut transaction, id).await?;
        let set = ChangeSet { reason, atomic: true, on_conflict: OnConflict::Refuse, dry_run: false, operations };
        let writer = Writer { who: &who, revives: false };
        let written = write_in(&mut transaction, &state.catalog, writer, &set).await?;
        if let Some(change_set) = written.change_set {
            store::publish(&mut transaction, id, change_set).await?;
            transaction.commit().await?;
        } else {
            transaction.rollback().await?;
        }
        Ok::<_, DraftError>(Ok((set, written)))
    });
    match begun.await.map_err(Problem::internal)?? {
        Ok((set, written)) => answer(&app, &set, written).await,
        Err(change_set) => {
            Ok(private(StatusCode::OK, json!({ "id": change_set, "position": null, "dry_run": false, "results": [] })))
        }
    }
}
