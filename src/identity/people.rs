//! What administrators do with people: make accounts, give and take roles, close and open, take back sessions.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;
use sqlx::{PgConnection, Postgres, Transaction};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::principal::Principal;
use super::rights::{Action, Role, Target, may};
use super::{invitation, own, password, people_store as kept, review, secret, store};
use crate::app::App;
use crate::bilingual::Bilingual;
use crate::http::{
    asked::{InBody, InPath},
    problem::Problem,
};

/// Routes of people.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(give, take))
        .routes(routes!(disable))
        .routes(routes!(enable))
        .routes(routes!(new_password))
        .routes(routes!(end_sessions))
        .routes(routes!(reset_second_factor))
}

/// Begins a change in the name of an administrator, of a person who exists and is somebody else.
pub(super) async fn change_of(
    app: &App,
    who: &Principal,
    account: &str,
) -> Result<(Transaction<'static, Postgres>, Uuid), Problem> {
    let person = kept::person(&app.pool, account).await?;
    let person =
        person.ok_or_else(|| Problem::not_found(Bilingual::same(account.chars().take(60).collect::<String>())))?;
    if person == who.person {
        return Err(Problem::forbidden((
            "không ai tự đổi quyền của mình: nhờ quản trị viên khác",
            "nobody changes their own rights: ask another administrator",
        )));
    }
    Ok((kept::begin(&app.pool, &who.name).await?, person))
}

/// Refuses who is no administrator.
pub(super) fn manages(who: &Principal) -> Result<(), Problem> {
    may(who, Action::ManagePeople, &Target::City).or_refuse()
}

/// Refuses to give a password to one of the demo's people.
pub(super) async fn not_of_the_demo(change: &mut PgConnection, person: Uuid) -> Result<(), Problem> {
    if kept::is_demo(change, person).await? {
        return Err(Problem::forbidden((
            "người của bản chạy thử không có mật khẩu",
            "the demo's people have no password",
        )));
    }
    Ok(())
}

/// Everybody with an account, their roles, and the communes that roles can be given for.
#[utoipa::path(get, path = "/api/v1/people", tag = "identity",
    responses((status = 200, description = "people and units", body = Object), (status = 403, description = "no administrator", body = Problem)))]
async fn list(State(app): State<App>, who: Principal) -> Result<Response, Problem> {
    manages(&who)?;
    let roles: Vec<&str> = Role::ALL.into_iter().filter(|role| *role != Role::Public).map(Role::code).collect();
    let body = json!({
        "people": kept::people(&app.pool).await?, "roles": roles, "units": kept::units(&app.pool).await?,
        "review": review::last(&app.pool).await?,
    });
    Ok(own::private(body))
}

/// A new account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPerson {
    /// The word to sign in with: small letters, digits, . _ -
    account: String,
    /// Họ tên: the person's name.
    name: String,
    /// Where they are written to.
    #[serde(default)]
    mail: Option<String>,
    /// Send a link by mail to choose a password with, instead of answering a first password.
    #[serde(default)]
    invite: bool,
}

/// Makes an account and answers its first password, once; or invites the person by mail, and nobody knows a password.
#[utoipa::path(post, path = "/api/v1/people", tag = "identity", request_body = NewPerson,
    responses((status = 201, description = "account and first password", body = Object), (status = 403, description = "no administrator", body = Problem),
        (status = 409, description = "the account exists, somebody has the address, or no mail can be sent", body = Problem)))]
async fn add(State(app): State<App>, who: Principal, body: InBody<NewPerson>) -> Result<Response, Problem> {
    manages(&who)?;
    let NewPerson { account, name, mail, invite } = body.read()?;
    let (account, name) = (account.trim().to_lowercase(), name.trim().to_owned());
    let is_plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "._-".contains(letter);
    let is_account = (2..=40).contains(&account.len())
        && account.starts_with(|first: char| first.is_ascii_lowercase())
        && account.chars().all(is_plain);
    if !is_account {
        return Err(Problem::bad_parameter(
            "account",
            account,
            ("2 đến 40 chữ thường không dấu, chữ số, . _ -", "2 to 40 small letters, digits, . _ -"),
        ));
    }
    if name.is_empty() || name.chars().count() > 200 || name.contains('\0') {
        return Err(Problem::bad_parameter(
            "name",
            name,
            ("tên người, 1 đến 200 chữ", "the person's name, 1 to 200 letters"),
        ));
    }
    let mut change = kept::begin(&app.pool, &who.name).await?;
    let person = kept::add(&mut change, &account, &name).await?.ok_or_else(|| {
        Problem::conflict("account-exists", "Tài khoản này đã có", "This account exists already")
            .with("field", "account")
    })?;
    let mail = mail.filter(|mail| !mail.trim().is_empty());
    if mail.is_some() {
        invitation::give_address(&mut change, person, mail).await?;
    }
    if invite {
        let id = invitation::by_mail(&app, &mut change, person).await?;
        change.commit().await?;
        app.post.notify_one();
        return Ok((StatusCode::CREATED, own::private(json!({ "account": account, "mail": id }))).into_response());
    }
    let first = first_password();
    password::set(&mut change, person, first.clone()).await?;
    keep(&app, change).await?;
    Ok((StatusCode::CREATED, own::private(json!({ "account": account, "password": first }))).into_response())
}

/// Where a role holds.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Where {
    /// Codes of communes; null: in the whole city.
    units: Option<Vec<String>>,
}

/// Gives a role, or changes where it holds.
#[utoipa::path(put, path = "/api/v1/people/{account}/roles/{role}", tag = "identity", request_body = Where,
    params(("account" = String, Path, description = "the account"), ("role" = String, Path, description = "the role")),
    responses((status = 204, description = "given"), (status = 400, description = "no such role or commune", body = Problem),
        (status = 403, description = "no administrator, or oneself", body = Problem), (status = 404, description = "no such account", body = Problem)))]
async fn give(
    State(app): State<App>,
    who: Principal,
    path: InPath<(String, String)>,
    body: InBody<Where>,
) -> Result<StatusCode, Problem> {
    manages(&who)?;
    let ((account, role), Where { units }) = (path.read()?, body.read()?);
    let role = role_of(&role)?;
    let (mut change, person) = change_of(&app, &who, &account).await?;
    if let Some(units) = &units {
        let unknown = store::unknown_units(&mut change, units).await?;
        if units.is_empty() || !unknown.is_empty() {
            return Err(Problem::bad_parameter(
                "units",
                unknown.join(", "),
                (
                    "mã các xã, phường hiện nay, ít nhất một; hoặc null",
                    "codes of communes of today, at least one; or null",
                ),
            ));
        }
    }
    kept::give(&mut change, person, role, units).await?;
    keep(&app, change).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a role away; it holds from the next request on.
#[utoipa::path(delete, path = "/api/v1/people/{account}/roles/{role}", tag = "identity",
    params(("account" = String, Path, description = "the account"), ("role" = String, Path, description = "the role")),
    responses((status = 204, description = "taken"), (status = 403, description = "no administrator, or oneself", body = Problem),
        (status = 404, description = "no such account or role", body = Problem)))]
async fn take(State(app): State<App>, who: Principal, path: InPath<(String, String)>) -> Result<StatusCode, Problem> {
    manages(&who)?;
    let (account, role) = path.read()?;
    let role = role_of(&role)?;
    let (mut change, person) = change_of(&app, &who, &account).await?;
    if !kept::take(&mut change, person, role).await? {
        return Err(Problem::not_found(Bilingual::same(format!("{account} {role}"))));
    }
    keep(&app, change).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn role_of(code: &str) -> Result<Role, Problem> {
    let known = Role::from_code(code).filter(|role| *role != Role::Public);
    known.ok_or_else(|| {
        Problem::bad_parameter(
            "role",
            code,
            ("một vai trò có trong GET /api/v1/people", "a role of GET /api/v1/people"),
        )
    })
}

/// Keeps a change of somebody's rights; what was known of callers a moment ago may no longer hold.
async fn keep(app: &App, change: Transaction<'static, Postgres>) -> Result<(), Problem> {
    change.commit().await?;
    app.sights.forget_all();
    Ok(())
}

/// Closes an account, its sessions and its tokens.
#[utoipa::path(post, path = "/api/v1/people/{account}/disable", tag = "identity", params(("account" = String, Path, description = "the account")),
    responses((status = 204, description = "closed"), (status = 403, description = "no administrator, or oneself", body = Problem),
        (status = 404, description = "no such account", body = Problem)))]
async fn disable(State(app): State<App>, who: Principal, path: InPath<String>) -> Result<StatusCode, Problem> {
    manages(&who)?;
    let account = path.read()?;
    let (mut change, person) = change_of(&app, &who, &account).await?;
    kept::disable(&mut change, person).await?;
    keep(&app, change).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Opens a closed or sleeping account again.
#[utoipa::path(post, path = "/api/v1/people/{account}/enable", tag = "identity", params(("account" = String, Path, description = "the account")),
    responses((status = 204, description = "open"), (status = 403, description = "no administrator, or oneself", body = Problem),
        (status = 404, description = "no such account", body = Problem)))]
async fn enable(State(app): State<App>, who: Principal, path: InPath<String>) -> Result<StatusCode, Problem> {
    manages(&who)?;
    let account = path.read()?;
    let (mut change, person) = change_of(&app, &who, &account).await?;
    kept::enable(&mut change, person).await?;
    keep(&app, change).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a new first password, answers it once, and ends the account's sessions.
#[utoipa::path(post, path = "/api/v1/people/{account}/password", tag = "identity", params(("account" = String, Path, description = "the account")),
    responses((status = 200, description = "the password", body = Object), (status = 403, description = "no administrator, or oneself", body = Problem),
        (status = 404, description = "no such account", body = Problem)))]
async fn new_password(State(app): State<App>, who: Principal, path: InPath<String>) -> Result<Response, Problem> {
    manages(&who)?;
    let account = path.read()?;
    let (mut change, person) = change_of(&app, &who, &account).await?;
    not_of_the_demo(&mut change, person).await?;
    let first = first_password();
    password::set(&mut change, person, first.clone()).await?;
    kept::end_sessions(&mut change, person).await?;
    kept::wake(&mut change, person).await?;
    keep(&app, change).await?;
    Ok(own::private(json!({ "password": first })))
}

/// Ends all sessions and revokes all tokens of an account.
#[utoipa::path(delete, path = "/api/v1/people/{account}/sessions", tag = "identity", params(("account" = String, Path, description = "the account")),
    responses((status = 204, description = "ended"), (status = 403, description = "no administrator, or oneself", body = Problem),
        (status = 404, description = "no such account", body = Problem)))]
async fn end_sessions(State(app): State<App>, who: Principal, path: InPath<String>) -> Result<StatusCode, Problem> {
    manages(&who)?;
    let account = path.read()?;
    let (mut change, person) = change_of(&app, &who, &account).await?;
    kept::end_sessions(&mut change, person).await?;
    kept::revoke_tokens(&mut change, person).await?;
    keep(&app, change).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a lost second factor away, and ends the account's sessions.
#[utoipa::path(delete, path = "/api/v1/people/{account}/second-factor", tag = "identity", params(("account" = String, Path, description = "the account")),
    responses((status = 204, description = "taken away"), (status = 403, description = "no administrator, or oneself", body = Problem),
        (status = 404, description = "no such account", body = Problem)))]
async fn reset_second_factor(
    State(app): State<App>,
    who: Principal,
    path: InPath<String>,
) -> Result<StatusCode, Problem> {
    manages(&who)?;
    let account = path.read()?;
    let (mut change, person) = change_of(&app, &who, &account).await?;
    kept::reset_second_factor(&mut change, person).await?;
    kept::end_sessions(&mut change, person).await?;
    keep(&app, change).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Long enough not to be guessed, short enough to be read out once.
fn first_password() -> String {
    secret::random()[..24].to_owned()
}
