//! Links to set a password with: an administrator makes one, the person opens it and chooses the password alone.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use chrono::Utc;
use serde::Deserialize;
use serde_json::json;
use sqlx::PgConnection;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::principal::{self, Principal};
use super::{link_store as kept, own, password, people, people_store, secret};
use crate::app::App;
use crate::http::{
    asked::{InBody, InPath},
    problem::Problem,
};

/// Hours that a link is good for, unless the shell says otherwise.
pub(super) const HOURS: i32 = 24;

/// Routes of links.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(make)).routes(routes!(redeem))
}

/// Where the link leads. What stands behind `#` a browser sends to nobody, so no log of a server or proxy has it.
pub(super) fn path(token: &str) -> String {
    format!("/signin#link={token}")
}

/// Makes a link with which the person sets a password: to invite them, or because they forgot it. It is good once and for a
/// day, and ends the links before it. Password, sessions and second factor stay as they are until it is used.
#[utoipa::path(post, path = "/api/v1/people/{account}/link", tag = "identity", params(("account" = String, Path, description = "the account")),
    responses((status = 200, description = "the link's path and when it ends", body = Object),
        (status = 403, description = "no administrator, oneself, or one of the demo's people", body = Problem),
        (status = 404, description = "no such account", body = Problem), (status = 409, description = "the account is closed", body = Problem)))]
async fn make(State(app): State<App>, who: Principal, account: InPath<String>) -> Result<Response, Problem> {
    people::manages(&who)?;
    let account = account.read()?;
    let (mut change, person) = people::change_of(&app, &who, &account).await?;
    people::not_of_the_demo(&mut change, person).await?;
    is_open(&mut change, person).await?;
    let (token, ends) = kept::make(&mut change, person, HOURS).await?;
    change.commit().await?;
    Ok(own::private(json!({ "path": path(&token), "expires_at": ends })))
}

/// Refuses a closed account.
pub(super) async fn is_open(change: &mut PgConnection, person: Uuid) -> Result<(), Problem> {
    if people_store::is_closed(change, person).await? {
        return Err(Problem::conflict(
            "account-closed",
            "Tài khoản đang khóa: hãy mở lại trước",
            "The account is closed: open it first",
        ));
    }
    Ok(())
}

/// A link and the password that its owner chose.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Chosen {
    /// What the link holds.
    link: String,
    /// The new password.
    password: String,
}

/// Sets a password by a link. The account's sessions end; a second factor stays and is asked for at the next sign-in.
#[utoipa::path(post, path = "/api/v1/recovery", tag = "identity", request_body = Chosen,
    responses((status = 204, description = "the password is set: sign in with it"),
        (status = 410, description = "the link was used, has ended, or never was", body = Problem),
        (status = 422, description = "too short, or used before; the link stays good", body = Problem)))]
async fn redeem(State(app): State<App>, headers: HeaderMap, body: InBody<Chosen>) -> Result<StatusCode, Problem> {
    principal::same_origin(&headers)?;
    let Chosen { link, password } = body.read()?;
    if link.len() > secret::LONGEST {
        return Err(over());
    }
    let mut change = app.pool.begin().await?;
    let person = kept::take(&mut change, &link, Utc::now()).await?.ok_or_else(over)?;
    password::set(&mut change, person, password).await?;
    people_store::end_sessions(&mut change, person).await?;
    people_store::wake(&mut change, person).await?;
    change.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The same words whatever is wrong with it: a stranger learns of no account.
fn over() -> Problem {
    Problem::new(
        StatusCode::GONE,
        "link-over",
        "Liên kết đã dùng hoặc đã hết hạn: hãy xin quản trị viên liên kết mới",
        "The link was used or has ended: ask an administrator for a new one",
    )
}
