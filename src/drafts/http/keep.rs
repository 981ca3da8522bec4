//! Drafts in a list, and each by itself: begun, read, renamed, shared.

use axum::{extract::State as Extract, http::StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{Answer, listed, private, shown, text};
use crate::{
    app::App,
    drafts::{Step, store, work},
    http::{
        asked::{InBody, InPath},
        problem::Problem,
    },
    identity::principal::Principal,
};

/// Letters of a name.
const LONGEST_NAME: usize = 200;
/// Readers of one draft.
const MOST_READERS: usize = 100;

/// Routes of this part.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(read, share))
}

/// What a draft is called.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Name {
    /// Its name.
    name: String,
}

/// Begins a draft.
#[utoipa::path(post, path = "/api/v1/drafts", tag = "drafts", request_body = Name,
    responses((status = 201, description = "the draft", body = Object), (status = 400, description = "no name", body = Problem),
        (status = 401, description = "not signed in", body = Problem), (status = 403, description = "not of one's role", body = Problem)))]
async fn create(Extract(app): Extract<App>, who: Principal, body: InBody<Name>) -> Answer {
    work::draws(&who)?;
    let Name { name } = body.read()?;
    let id = store::insert(&app.pool, who.person, &text("name", &name, LONGEST_NAME)?).await?;
    Ok(private(StatusCode::CREATED, shown(&app, &who, id).await?))
}

/// The newest 500 drafts that one may look at.
#[utoipa::path(get, path = "/api/v1/drafts", tag = "drafts",
    responses((status = 200, description = "own ones, shared ones, and those to review", body = Object),
        (status = 401, description = "not signed in", body = Problem), (status = 403, description = "not of one's role", body = Problem)))]
async fn list(Extract(app): Extract<App>, who: Principal) -> Answer {
    work::staff(&who)?;
    let drafts = store::list(&app.pool, who.person, work::reviews(&who)).await?;
    let drafts: Vec<Value> = drafts.iter().map(|draft| listed(draft, &who)).collect();
    Ok(private(StatusCode::OK, json!({ "drafts": drafts })))
}

/// A draft: its operations (one an object), comments, readers, and what one may do with it.
#[utoipa::path(get, path = "/api/v1/drafts/{id}", tag = "drafts", params(("id" = Uuid, Path, description = "the draft")),
    responses((status = 200, description = "the draft", body = Object), (status = 401, description = "not signed in", body = Problem),
        (status = 404, description = "none that one may see", body = Problem)))]
async fn read(Extract(app): Extract<App>, who: Principal, path: InPath<Uuid>) -> Answer {
    work::staff(&who)?;
    let id = path.read()?;
    Ok(private(StatusCode::OK, shown(&app, &who, id).await?))
}

/// Another name, other readers.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Sharing {
    /// Its new name.
    name: Option<String>,
    /// Accounts of all who may look.
    readers: Option<Vec<String>>,
}

/// Renames a draft, or says who else may look at it.
#[utoipa::path(patch, path = "/api/v1/drafts/{id}", tag = "drafts", request_body = Sharing,
    params(("id" = Uuid, Path, description = "the draft")),
    responses((status = 200, description = "the draft", body = Object), (status = 400, description = "an account that nobody has", body = Problem),
        (status = 401, description = "not signed in", body = Problem), (status = 403, description = "not one's own", body = Problem),
        (status = 404, description = "none that one may see", body = Problem)))]
async fn share(Extract(app): Extract<App>, who: Principal, path: InPath<Uuid>, body: InBody<Sharing>) -> Answer {
    work::staff(&who)?;
    let (id, sharing) = (path.read()?, body.read()?);
    let mut transaction = app.pool.begin().await?;
    work::take(&mut transaction, &who, id, Step::Share, None).await?;
    if let Some(name) = sharing.name {
        store::rename(&mut transaction, id, &text("name", &name, LONGEST_NAME)?).await?;
    }
    if let Some(readers) = sharing.readers {
        if readers.len() > MOST_READERS {
            return Err(Problem::bad_parameter(
                "readers",
                readers.len().to_string(),
                (format!("nhiều nhất {MOST_READERS} tài khoản"), format!("{MOST_READERS} accounts at most")),
            ));
        }
        if let Some(unknown) = store::put_readers(&mut transaction, id, &readers).await? {
            return Err(Problem::bad_parameter(
                "readers",
                unknown,
                ("tài khoản của người được đăng nhập", "accounts of people who may sign in"),
            ));
        }
    }
    transaction.commit().await?;
    Ok(private(StatusCode::OK, shown(&app, &who, id).await?))
}
