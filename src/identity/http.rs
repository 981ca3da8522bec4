//! Signing in and out, and who one is.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use dothi_tiles::{Audience, LayerName};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::principal::{self, Principal};
use super::rights::{Action, Area};
use super::{demo, rights, secret, store};
use crate::app::App;
use crate::catalog::{Catalog, Layer, Master};
use crate::http::problem::Problem;

/// Routes of this room.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(sign_in, sign_out)).routes(routes!(me)).merge(demo::router())
}

/// What one signs in with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignIn {
    /// The account.
    account: String,
    /// The password.
    password: String,
}

/// Signs in: the answer sets the cookie of a session. Wrong passwords make this account wait, from this address only.
#[utoipa::path(post, path = "/api/v1/session", tag = "identity", request_body = SignIn,
    responses((status = 204, description = "signed in"), (status = 401, description = "account or password is wrong"),
        (status = 429, description = "too many attempts: wait")))]
async fn sign_in(
    State(app): State<App>,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Result<Json<SignIn>, JsonRejection>,
) -> Result<Response, Problem> {
    principal::same_origin(&headers)?;
    let Json(SignIn { account, password }) = body?;
    let (account, address) = (account.trim().to_lowercase(), address.ip().to_string());
    if password.len() > secret::LONGEST || account.len() > secret::LONGEST {
        return Err(wrong());
    }
    if let Some(seconds) = store::try_turn(&app.pool, &account, &address).await? {
        return Err(Problem::too_many_requests(u64::try_from(seconds).unwrap_or(1)));
    }
    let known = store::account(&app.pool, &account).await?;
    let person = known.as_ref().map(|known| known.id);
    let matches = secret::matches(known.map(|known| known.hash), password).await;
    let (true, Some(person)) = (matches, person) else { return Err(wrong()) };
    let token = store::begin_session(&app.pool, person, &account, &address).await?;
    Ok(with_session(&headers, &token))
}

/// Signs out: the session ends on the server, whoever kept its cookie.
#[utoipa::path(delete, path = "/api/v1/session", tag = "identity", responses((status = 204, description = "signed out")))]
async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Result<Response, Problem> {
    principal::same_origin(&headers)?;
    if let Some(token) = principal::session_of(&headers) {
        principal::meant(&headers)?;
        store::end_session(&app.pool, token).await?;
    }
    Ok(with_cookie(&cookie(&headers, "", "; Max-Age=0")))
}

/// Who the caller is and what they may do, for the public too: `rights` by action, `layers` by layer, `try_as` in the demo.
#[utoipa::path(get, path = "/api/v1/me", tag = "identity", responses((status = 200, description = "who and what")))]
async fn me(State(app): State<App>, who: Principal) -> Response {
    let state = app.live.state();
    let name = who.is_known().then_some(&who.name);
    let try_as: Vec<_> = if app.config.demo { demo::roles().collect() } else { Vec::new() };
    let body = json!({
        "account": name,
        "grants": who.grants,
        "rights": rights::rights(&who),
        "layers": layer_rights(&state.catalog, state.audiences.public(), &who),
        "try_as": try_as,
    });
    ([(header::CACHE_CONTROL, "private, no-store")], Json(body)).into_response()
}

/// What the caller may do with a layer.
#[derive(Serialize)]
struct LayerRight {
    /// Is it in answers to this caller?
    read: bool,
    /// Where they may write it; null: nowhere.
    edit: Option<Area>,
}

/// Every layer that the caller may read or write.
fn layer_rights(catalog: &Catalog, audience: &Audience, who: &Principal) -> BTreeMap<String, LayerRight> {
    let rights = rights::rights(who);
    let right = |layer: &Layer| {
        let action = Action::edit(&layer.group);
        let given = rights.iter().find(|right| right.action == action && layer.master != Master::Case);
        let read = LayerName::new(&layer.name).is_ok_and(|name| audience.sees(&name));
        // What has no place takes a grant for the whole city.
        let edit = given.and_then(|right| right.area.clone());
        let edit = edit.filter(|area| layer.has_geometry() || *area == Area::Everywhere);
        (read || edit.is_some()).then(|| (layer.name.clone(), LayerRight { read, edit }))
    };
    catalog.layers.iter().filter_map(right).collect()
}

fn wrong() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "wrong-password",
        "Tài khoản hoặc mật khẩu không đúng",
        "Account or password is wrong",
    )
}

/// The answer that begins a session in the caller's browser.
pub(super) fn with_session(headers: &HeaderMap, token: &str) -> Response {
    with_cookie(&cookie(headers, token, ""))
}

fn with_cookie(cookie: &str) -> Response {
    (StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie), (header::CACHE_CONTROL, "private, no-store")])
        .into_response()
}

/// `Secure` everywhere but on this machine itself, where there is no TLS.
fn cookie(headers: &HeaderMap, token: &str, more: &str) -> String {
    let secure = if principal::is_this_machine(headers) { "" } else { "; Secure" };
    format!("{}={token}; Path=/; HttpOnly; SameSite=Strict{secure}{more}", principal::COOKIE)
}
