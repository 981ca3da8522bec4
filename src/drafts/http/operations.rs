//! What a draft does: operations that are kept, taken back, and settled with what others wrote.

use axum::{extract::State as Extract, http::StatusCode};
use serde::Deserialize;
use serde_json::json;
use sqlx::Connection as _;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{Answer, private, shown};
use crate::{
    app::App,
    drafts::{
        Step, fold, overlay, settle, store,
        work::{self, DraftError},
    },
    features::{
        MOST_OPERATIONS, Operation, StoreError, Writer,
        http::{check_set, results},
    },
    http::{
        asked::{InBody, InPath, InQuery},
        problem::Problem,
    },
    identity::principal::Principal,
};

/// Routes of this part.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(add)).routes(routes!(take_back)).routes(routes!(resolve))
}

/// Operations for a draft.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Operations {
    /// In the order in which they are done.
    operations: Vec<Operation>,
}

/// Keeps operations in a draft. What breaks a rule is kept too, and said; what one may not write is not.
#[utoipa::path(post, path = "/api/v1/drafts/{id}/operations", tag = "drafts", request_body = Operations,
    params(("id" = Uuid, Path, description = "the draft")),
    responses((status = 200, description = "kept: the revision, and what would become of each object", body = Object),
        (status = 400, description = "cannot be read", body = Problem), (status = 401, description = "not signed in", body = Problem),
        (status = 403, description = "not one's own, or not of one's role or area", body = Problem),
        (status = 404, description = "none that one may see", body = Problem),
        (status = 409, description = "not in this state, or it cannot follow what the draft does already", body = Problem)))]
async fn add(Extract(app): Extract<App>, who: Principal, path: InPath<Uuid>, body: InBody<Operations>) -> Answer {
    work::staff(&who)?;
    let (id, Operations { operations }) = (path.read()?, body.read()?);
    let given = overlay::tried(operations, false);
    check_set(&app, &given)?;
    let mut transaction = app.pool.begin().await?;
    let (draft, next) = work::take(&mut transaction, &who, id, Step::Edit, None).await?;
    let mut is_new = false;
    for operation in &given.operations {
        match store::add(&mut transaction, id, operation).await? {
            Ok(added) => is_new |= added,
            Err(op_id) => return Err(StoreError::Taken(op_id).into()),
        }
    }
    let folded = work::folded(&mut transaction, id).await?;
    if folded.len() > MOST_OPERATIONS {
        let count = folded.len().to_string();
        return Err(Problem::bad_parameter(
            "operations",
            count,
            (
                format!("nhiều nhất {MOST_OPERATIONS} đối tượng trong một bản nháp"),
                format!("{MOST_OPERATIONS} objects in a draft at most"),
            ),
        ));
    }
    let named = |operation: &&Operation| {
        given.operations.iter().any(|one| one.id == operation.id && one.entity == operation.entity)
    };
    let touched: Vec<Operation> = folded.iter().filter(named).cloned().collect();
    // Held to the rights of the one who draws, before it is kept.
    let state = app.live.state();
    let set = overlay::tried(touched, false);
    let mut savepoint = transaction.begin().await?;
    let tried =
        crate::features::write_in(&mut savepoint, &state.catalog, Writer { who: &who, revives: false }, &set).await?;
    savepoint.rollback().await?;
    let revision = if is_new { store::put_state(&mut transaction, id, next, true).await? } else { draft.revision };
    transaction.commit().await?;
    Ok(private(StatusCode::OK, json!({ "revision": revision, "results": results(&tried) })))
}

/// How much is taken back.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct HowMuch {
    /// The earlier operations too that the draft shows as one with it: the object is as published again.
    #[serde(default)]
    whole: bool,
}

/// Takes back an operation, and the later ones to the same object.
#[utoipa::path(delete, path = "/api/v1/drafts/{id}/operations/{op_id}", tag = "drafts",
    params(("id" = Uuid, Path, description = "the draft"), ("op_id" = Uuid, Path, description = "the operation"), HowMuch),
    responses((status = 200, description = "the draft", body = Object), (status = 401, description = "not signed in", body = Problem),
        (status = 403, description = "not one's own", body = Problem), (status = 404, description = "no such draft or operation", body = Problem),
        (status = 409, description = "not in this state", body = Problem)))]
async fn take_back(
    Extract(app): Extract<App>,
    who: Principal,
    path: InPath<(Uuid, Uuid)>,
    how_much: InQuery<HowMuch>,
) -> Answer {
    work::staff(&who)?;
    let ((id, op_id), HowMuch { whole }) = (path.read()?, how_much.read()?);
    let mut transaction = app.pool.begin().await?;
    let (_, next) = work::take(&mut transaction, &who, id, Step::Edit, None).await?;
    if store::take_back(&mut transaction, id, op_id, whole).await? == 0 {
        return Err(Problem::not_found((
            format!("không có thao tác {op_id}"),
            format!("there is no operation {op_id}"),
        )));
    }
    store::put_state(&mut transaction, id, next, true).await?;
    transaction.commit().await?;
    Ok(private(StatusCode::OK, shown(&app, &who, id).await?))
}

/// Settles one conflict: one's own over what is there now, what is there, or something of both. An approved draft is open again.
#[utoipa::path(post, path = "/api/v1/drafts/{id}/conflicts/{op_id}", tag = "drafts", request_body = settle::Settlement,
    params(("id" = Uuid, Path, description = "the draft"), ("op_id" = Uuid, Path, description = "the operation, as the draft names it")),
    responses((status = 200, description = "the draft", body = Object), (status = 401, description = "not signed in", body = Problem),
        (status = 403, description = "not one's own", body = Problem), (status = 404, description = "no such draft or operation", body = Problem),
        (status = 409, description = "there is no conflict; or the object has gone, and only `theirs` can be taken", body = Problem)))]
async fn resolve(
    Extract(app): Extract<App>,
    who: Principal,
    path: InPath<(Uuid, Uuid)>,
    body: InBody<settle::Settlement>,
) -> Answer {
    work::staff(&who)?;
    let ((id, op_id), settlement) = (path.read()?, body.read()?);
    let mut transaction = app.pool.begin().await?;
    let (_, next) = work::take(&mut transaction, &who, id, Step::Resolve, None).await?;
    let folded = fold(store::operations(&mut transaction, id).await?).map_err(DraftError::from)?;
    let operation = folded.into_iter().find(|operation| operation.op_id == op_id);
    let operation = operation.ok_or_else(|| {
        Problem::not_found((format!("không có thao tác {op_id}"), format!("there is no operation {op_id}")))
    })?;
    let now = store::version_now(&mut transaction, &operation).await?;
    let settled = settle::settle(operation, now, settlement)?;
    if let Some(operation) = &settled.instead {
        check_set(&app, &overlay::tried(vec![operation.clone()], false))?;
    }
    store::forget(&mut transaction, id, &settled.entity, settled.id).await?;
    if let Some(operation) = &settled.instead {
        store::add(&mut transaction, id, operation).await?.map_err(StoreError::Taken)?;
    }
    store::put_state(&mut transaction, id, next, true).await?;
    transaction.commit().await?;
    Ok(private(StatusCode::OK, shown(&app, &who, id).await?))
}
