//! Signing in and out, and who one is.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use dothi_tiles::{Audience, LayerName};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::principal::{self, Principal};
use super::rights::{Action, Area};
use super::sight::Sight;
use super::{demo, invitation, link, log, own, people, recovery, review, rights, second, second_store, secret, store};
use crate::app::App;
use crate::catalog::{Catalog, Layer, Master};
use crate::http::{asked::InBody, problem::Problem};

/// Routes of this room.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(sign_in, sign_out))
        .routes(routes!(me))
        .merge(demo::router())
        .merge(invitation::router())
        .merge(link::router())
        .merge(own::router())
        .merge(people::router())
        .merge(recovery::router())
        .merge(review::router())
        .merge(log::router())
        .merge(second::router())
}

/// What one signs in with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignIn {
    /// The account.
    account: String,
    /// The password.
    password: String,
    /// Six digits of the second factor, or a recovery code; for accounts that have one.
    #[serde(default)]
    code: Option<String>,
}

/// Signs in: the answer sets the cookie of a session. Wrong passwords make this account wait, and strangers, from this
/// address only. An account with a second factor is asked for its code (`code-needed`): send all of it again, with it.
#[utoipa::path(post, path = "/api/v1/session", tag = "identity", request_body = SignIn,
    responses((status = 204, description = "signed in"), (status = 401, description = "account, password or code is wrong, or a code is needed"),
        (status = 429, description = "too many attempts: wait")))]
async fn sign_in(
    State(app): State<App>,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: InBody<SignIn>,
) -> Result<Response, Problem> {
    principal::same_origin(&headers)?;
    let SignIn { account, password, code } = body.read()?;
    let known_as =
        principal::cookie_of(&headers, principal::DEVICE).filter(|device| device.len() == secret::RANDOM_LEN);
    let (account, address) = (account.trim().to_lowercase(), place(address.ip()));
    if password.len() > secret::LONGEST || account.len() > secret::LONGEST {
        return Err(wrong());
    }
    if let Some(seconds) = store::try_turn(&app.pool, &account, &address, known_as).await? {
        return Err(Problem::too_many_requests(u64::try_from(seconds).unwrap_or(1)));
    }
    let known = store::account(&app.pool, &account).await?;
    let person = known.as_ref().map(|known| known.id);
    let matches = secret::matches(known.map(|known| known.hash), password).await;
    let (true, Some(person)) = (matches, person) else { return Err(wrong()) };
    let second = second_store::is_confirmed(&app.pool, person).await?;
    if second {
        let Some(code) = code.filter(|code| !code.trim().is_empty()) else { return Err(code_needed()) };
        if !second::is_right(&app.pool, person, &code).await? {
            return Err(wrong_code());
        }
    }
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    let device = known_as.map_or_else(secret::random, str::to_owned);
    let begun = store::Begun { person, account: &account, address: &address, device: Some(&device), agent, second };
    let token = store::begin_session(&app.pool, begun).await?;
    let mut answer = with_session(&headers, &token);
    let device =
        cookie(&headers, principal::DEVICE, &device, &format!("; Max-Age={}", store::SLEEPS_AFTER_DAYS * 86_400));
    answer.headers_mut().append(header::SET_COOKIE, HeaderValue::try_from(device).map_err(Problem::internal)?);
    Ok(answer)
}

/// Where somebody tries from: an address, and of IPv6 the half that one customer has.
pub(super) fn place(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// Refuses who does not know the password of the account that they act as; guessing is slowed down.
pub(super) async fn is_password_of(app: &App, who: &Principal, password: String) -> Result<(), Problem> {
    let key = format!("password of {}", who.person);
    if let Some(seconds) = store::try_account(&app.pool, &key, "").await? {
        return Err(Problem::too_many_requests(u64::try_from(seconds).unwrap_or(1)));
    }
    let known = store::account(&app.pool, &who.name).await?;
    if password.len() > secret::LONGEST || !secret::matches(known.map(|known| known.hash), password).await {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "wrong-password",
            "Mật khẩu hiện tại không đúng",
            "The present password is wrong",
        ));
    }
    store::forget_attempts(&app.pool, &key, "").await?;
    Ok(())
}

/// Signs out: the session ends on the server, whoever kept its cookie.
#[utoipa::path(delete, path = "/api/v1/session", tag = "identity", responses((status = 204, description = "signed out")))]
async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Result<Response, Problem> {
    principal::same_origin(&headers)?;
    if let Some(token) = principal::session_of(&headers) {
        principal::meant(&headers)?;
        store::end_session(&app.pool, token).await?;
        app.sights.forget(&headers);
    }
    Ok(with_cookie(&cookie(&headers, principal::COOKIE, "", "; Max-Age=0")))
}

/// Who the caller is and what they may do, for the public too: `rights` by action, `layers` by layer, `try_as` in the demo.
#[utoipa::path(get, path = "/api/v1/me", tag = "identity", responses((status = 200, description = "who and what")))]
async fn me(State(app): State<App>, who: Principal) -> Result<Response, Problem> {
    let state = app.live.state();
    let name = who.is_known().then_some(&who.name);
    let try_as: Vec<_> = if app.config.demo { demo::roles().collect() } else { Vec::new() };
    let body = json!({
        "account": name,
        "grants": who.grants,
        "rights": rights::rights(&who),
        "layers": layer_rights(&state.catalog, Sight::of(&who).audience(&state.audiences), &who),
        "try_as": try_as,
        "mail": app.config.mail.is_some(),
        "second_factor": who.is_known() && second_store::is_confirmed(&app.pool, who.person).await?,
        "must": who.enrols.then_some("second_factor"),
    });
    Ok(own::private(body))
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

fn code_needed() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "code-needed",
        "Cần mã xác thực hai lớp",
        "The code of the second factor is needed",
    )
}

fn wrong_code() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "wrong-code",
        "Mã xác thực không đúng hoặc đã dùng",
        "The code is wrong or was used already",
    )
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
    with_cookie(&cookie(headers, principal::COOKIE, token, ""))
}

fn with_cookie(cookie: &str) -> Response {
    (StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie), (header::CACHE_CONTROL, "private, no-store")])
        .into_response()
}

/// `Secure` everywhere but on this machine itself, where there is no TLS.
fn cookie(headers: &HeaderMap, name: &str, value: &str, more: &str) -> String {
    let secure = if principal::is_this_machine(headers) { "" } else { "; Secure" };
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{secure}{more}")
}
