//! `/api/v1/drafts`: keeping, looking, reviewing, publishing.

mod keep;
mod look;
mod operations;
mod publish;
mod review;

use std::sync::Arc;

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::{
    store::{self, Draft},
    work::{self, DraftError, Opened},
};
use crate::{app::App, features::Operation, http::problem::Problem, identity::principal::Principal};

/// Routes of this room.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(keep::router())
        .merge(operations::router())
        .merge(look::router())
        .merge(review::router())
        .merge(publish::router())
}

type Answer = Result<Response, Problem>;

fn private(status: StatusCode, body: Value) -> Response {
    (status, [(header::CACHE_CONTROL, "private, no-store")], Json(body)).into_response()
}

fn text(field: &str, given: &str, longest: usize) -> Result<String, Problem> {
    let text = given.trim();
    if text.is_empty() || text.chars().count() > longest || text.contains('\0') {
        return Err(Problem::bad_parameter(
            field,
            "",
            (format!("1 đến {longest} chữ"), format!("1 to {longest} letters")),
        ));
    }
    Ok(text.to_owned())
}

/// A draft in a list.
fn listed(draft: &Draft, who: &Principal) -> Value {
    let mut body = serde_json::to_value(draft).unwrap_or_default();
    if let Some(body) = body.as_object_mut() {
        for key in ["owner_account", "owner_name"] {
            body.remove(key);
        }
        body.insert("owner".to_owned(), json!({ "account": draft.owner_account, "name": draft.owner_name }));
        body.insert("mine".to_owned(), json!(draft.owner == who.person));
    }
    body
}

/// A draft with all that is in it.
async fn shown(app: &App, who: &Principal, id: Uuid) -> Result<Value, DraftError> {
    let connection = &mut *app.pool.acquire().await?;
    let Opened { draft, part } = work::open(connection, who, id, false).await?;
    let mut body = listed(&draft, who);
    let mut operations = work::folded(connection, id).await?;
    if part != super::Part::Owner {
        operations = super::overlay::without_private(&app.live.state().catalog, operations);
    }
    let (readers, comments) = (store::readers(connection, id).await?, store::comments(connection, id).await?);
    if let Some(body) = body.as_object_mut() {
        body.insert("part".to_owned(), json!(part));
        body.insert("may".to_owned(), json!(super::steps(draft.state, part)));
        body.insert("operations".to_owned(), json!(operations));
        body.insert("readers".to_owned(), json!(readers));
        body.insert("comments".to_owned(), json!(comments));
    }
    Ok(body)
}

/// Opens a draft to look at what it would do: its revision and operations.
async fn looked(app: &App, who: &Principal, id: Uuid) -> Result<(Opened, Vec<Operation>), DraftError> {
    let mut connection = app.pool.acquire().await?;
    let opened = work::open(&mut connection, who, id, false).await?;
    let operations = work::folded(&mut connection, id).await?;
    Ok((opened, operations))
}

/// The overlay of a draft for a tile, for those who may look at it.
///
/// # Errors
/// 401 and 404 for those who may not.
pub async fn overlay_of(app: &App, who: &Principal, id: Uuid) -> Result<dothi_tiles::Overlay, Problem> {
    work::staff(who)?;
    let (opened, operations) = looked(app, who, id).await?;
    Ok(Arc::clone(&app.drafts).of(app, who, id, opened.draft.revision, operations).await?)
}
