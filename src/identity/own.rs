//! What somebody does with the own account: password, sessions, tokens, one by one.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::principal::{Principal, session_of};
use super::rights::{Action, Target, may};
use super::{own_store as kept, password, secret};
use crate::app::App;
use crate::bilingual::Bilingual;
use crate::http::{
    asked::{InBody, InPath},
    problem::Problem,
};

/// Routes of one's own account.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(change_password))
        .routes(routes!(sessions))
        .routes(routes!(end_session))
        .routes(routes!(tokens))
        .routes(routes!(revoke_token))
}

fn own(who: &Principal) -> Result<(), Problem> {
    may(who, Action::OwnAccount, &Target::City).or_refuse()
}

/// The password and the next one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Passwords {
    /// As it is.
    old: String,
    /// As it shall be.
    new: String,
}

/// Changes the own password. Other sessions of the account end.
#[utoipa::path(put, path = "/api/v1/me/password", tag = "identity", request_body = Passwords,
    responses((status = 204, description = "changed"), (status = 401, description = "not signed in", body = Problem),
        (status = 403, description = "the old password is wrong", body = Problem), (status = 422, description = "too short, or used before", body = Problem)))]
async fn change_password(
    State(app): State<App>,
    who: Principal,
    headers: HeaderMap,
    body: InBody<Passwords>,
) -> Result<StatusCode, Problem> {
    own(&who)?;
    let Passwords { old, new } = body.read()?;
    super::http::is_password_of(&app, &who, old).await?;
    let mut change = app.pool.begin().await?;
    password::set(&mut change, who.person, new).await?;
    let this = session_of(&headers).map(secret::digest).unwrap_or_default();
    kept::end_others(&mut change, who.person, &this).await?;
    change.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The sessions of the own account that last.
#[utoipa::path(get, path = "/api/v1/me/sessions", tag = "identity",
    responses((status = 200, description = "sessions", body = Object), (status = 401, description = "not signed in", body = Problem)))]
async fn sessions(State(app): State<App>, who: Principal, headers: HeaderMap) -> Result<Response, Problem> {
    own(&who)?;
    let this = session_of(&headers).map(secret::digest).unwrap_or_default();
    Ok(private(json!({ "sessions": kept::sessions(&app.pool, who.person, &this).await? })))
}

/// Ends a session of the own account.
#[utoipa::path(delete, path = "/api/v1/me/sessions/{id}", tag = "identity", params(("id" = Uuid, Path, description = "the session")),
    responses((status = 204, description = "ended"), (status = 401, description = "not signed in", body = Problem),
        (status = 404, description = "no such session of this account", body = Problem)))]
async fn end_session(State(app): State<App>, who: Principal, path: InPath<Uuid>) -> Result<StatusCode, Problem> {
    own(&who)?;
    let id = path.read()?;
    gone(kept::end_session(&app.pool, who.person, id).await?, "session", id)
}

/// The API tokens of the own account.
#[utoipa::path(get, path = "/api/v1/me/tokens", tag = "identity",
    responses((status = 200, description = "tokens", body = Object), (status = 401, description = "not signed in", body = Problem)))]
async fn tokens(State(app): State<App>, who: Principal) -> Result<Response, Problem> {
    own(&who)?;
    Ok(private(json!({ "tokens": kept::tokens(&app.pool, who.person).await? })))
}

/// Revokes an API token of the own account.
#[utoipa::path(delete, path = "/api/v1/me/tokens/{id}", tag = "identity", params(("id" = Uuid, Path, description = "the token")),
    responses((status = 204, description = "revoked"), (status = 401, description = "not signed in", body = Problem),
        (status = 404, description = "no such token of this account", body = Problem)))]
async fn revoke_token(State(app): State<App>, who: Principal, path: InPath<Uuid>) -> Result<StatusCode, Problem> {
    own(&who)?;
    let id = path.read()?;
    let mut connection = app.pool.acquire().await?;
    gone(kept::revoke_token(&mut connection, who.person, id).await?, "token", id)
}

fn gone(done: bool, what: &str, id: Uuid) -> Result<StatusCode, Problem> {
    if done { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found(Bilingual::same(format!("{what} {id}")))) }
}

/// An answer that no cache keeps.
pub(super) fn private(body: serde_json::Value) -> Response {
    ([(header::CACHE_CONTROL, "private, no-store")], Json(body)).into_response()
}
