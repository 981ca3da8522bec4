//! The second factor: six digits by the clock (TOTP, RFC 6238), or a recovery code.
//!
//! Administrators and those who sign need one: until they have it, their session can do nothing but get it.

use std::time::{SystemTime, UNIX_EPOCH};

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;
use sqlx::PgPool;
use totp_rs::{Algorithm, Builder, Secret, Totp};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::principal::{How, Principal, session_of};
use super::rights::{Decision, Role};
use super::{second_store as kept, secret, store};
use crate::app::App;
use crate::http::{asked::InBody, problem::Problem};

/// Seconds that a code holds; one more step before and after is taken, for clocks that differ.
const STEP: u64 = 30;
/// Recovery codes that are made at once.
const RECOVERY_CODES: usize = 10;

/// Does this role need a second factor (TCVN 14423:2026, 5.6.2.2)?
pub fn is_required_of(role: Role) -> bool {
    matches!(role, Role::Administrator | Role::Signatory)
}

/// Routes of the second factor.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(begin, confirm))
}

/// What proves that it is the owner who asks.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Begin {
    /// The password.
    password: String,
}

/// The first code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Confirm {
    /// Six digits.
    code: String,
}

/// Makes a second factor for the caller: `secret` to type or `uri` to show as QR code. It holds from its first code on.
#[utoipa::path(post, path = "/api/v1/me/second-factor", tag = "identity", request_body = Begin,
    responses((status = 200, description = "secret and uri", body = Object), (status = 401, description = "not signed in", body = Problem),
        (status = 403, description = "the password is wrong, or a token asks", body = Problem), (status = 409, description = "there is one already", body = Problem)))]
async fn begin(State(app): State<App>, who: Principal, body: InBody<Begin>) -> Result<Response, Problem> {
    by_session(&who)?;
    let Begin { password } = body.read()?;
    super::http::is_password_of(&app, &who, password).await?;
    let secret = Secret::from(secret::random_bytes());
    if !kept::begin(&app.pool, who.person, secret.as_bytes()).await? {
        return Err(Problem::conflict(
            "second-factor-exists",
            "Tài khoản đã có xác thực hai lớp; quản trị viên có thể đặt lại",
            "There is a second factor already; an administrator can reset it",
        ));
    }
    let totp = totp(secret.clone(), &who.name)?;
    let uri = totp.to_url().map_err(Problem::internal)?;
    Ok(private(json!({ "secret": secret.to_base32(), "uri": uri })))
}

/// Confirms the second factor with its first code, and answers recovery codes, once.
#[utoipa::path(put, path = "/api/v1/me/second-factor", tag = "identity", request_body = Confirm,
    responses((status = 200, description = "recovery_codes", body = Object), (status = 401, description = "not signed in", body = Problem),
        (status = 422, description = "the code is wrong", body = Problem)))]
async fn confirm(
    State(app): State<App>,
    who: Principal,
    headers: HeaderMap,
    body: InBody<Confirm>,
) -> Result<Response, Problem> {
    by_session(&who)?;
    let Confirm { code } = body.read()?;
    // Guessing it is slowed down like guessing a password.
    let key = format!("second factor of {}", who.person);
    if let Some(seconds) = store::try_account(&app.pool, &key, "").await? {
        return Err(Problem::too_many_requests(u64::try_from(seconds).unwrap_or(1)));
    }
    let secret = kept::unconfirmed(&app.pool, who.person).await?;
    let step = secret.map(|secret| step_of(secret, &code)).transpose()?.flatten();
    let step = step.ok_or_else(|| {
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "wrong-code", "Mã không đúng", "The code is wrong")
    })?;
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| recovery_code()).collect();
    let hashes: Vec<Vec<u8>> = codes.iter().map(|code| secret::digest(code)).collect();
    let session = session_of(&headers).map(secret::digest).unwrap_or_default();
    kept::confirm(&app.pool, who.person, step, &hashes, &session).await?;
    store::forget_attempts(&app.pool, &key, "").await?;
    Ok(private(json!({ "recovery_codes": codes })))
}

/// What a person with a second factor shows when they sign in.
///
/// # Errors
/// When the database is away.
pub(super) async fn is_right(pool: &PgPool, person: Uuid, code: &str) -> Result<bool, Problem> {
    let code: String = code.chars().filter(|letter| !letter.is_whitespace() && *letter != '-').collect();
    if code.len() > 6 {
        return Ok(kept::use_recovery_code(pool, person, &secret::digest(&code.to_lowercase())).await?);
    }
    let Some(secret) = kept::confirmed(pool, person).await? else { return Ok(false) };
    match step_of(secret, &code)? {
        Some(step) => Ok(kept::use_step(pool, person, step).await?),
        None => Ok(false),
    }
}

/// The half minute that a code belongs to, if it is a right one about now.
fn step_of(secret: Vec<u8>, code: &str) -> Result<Option<i64>, Problem> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(Problem::internal)?.as_secs();
    let matched = totp(secret.into(), "dothi")?.check(code.trim(), now);
    Ok(matched.and_then(|step| i64::try_from(step).ok()))
}

fn totp(secret: Secret, account: &str) -> Result<Totp, Problem> {
    let builder = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6).with_skew(1).with_step_duration(STEP);
    let named = builder.with_secret(secret).with_account_name(account).with_issuer(Some("dothi"));
    named.build().map_err(Problem::internal)
}

/// Sixteen letters, 64 bits: too many to guess at the pace of sign-ins, few enough to write down.
fn recovery_code() -> String {
    secret::random()[..16].to_owned()
}

/// Tokens have no second factor and get none.
fn by_session(who: &Principal) -> Result<(), Problem> {
    match who.how {
        How::Session => Ok(()),
        How::Public => Decision::SignIn.or_refuse(),
        How::Token { .. } => Decision::NoScope.or_refuse(),
    }
}

fn private(body: serde_json::Value) -> Response {
    ([(header::CACHE_CONTROL, "private, no-store")], Json(body)).into_response()
}
