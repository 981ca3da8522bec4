//! Administrators give people a mail address, invite them by mail, and see what became of it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;
use sqlx::PgConnection;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::principal::Principal;
use super::recovery::{no_mail, not_an_address};
use super::{link, outbox, own, people, people_store as kept};
use crate::app::App;
use crate::http::{
    asked::{InBody, InPath},
    problem::Problem,
};
use crate::mail;

/// Routes of mail to people.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(mails)).routes(routes!(set_address)).routes(routes!(invite))
}

/// Mails of the last 30 days: waiting, sent, or failed and why.
#[utoipa::path(get, path = "/api/v1/mail", tag = "identity",
    responses((status = 200, description = "mails", body = Object), (status = 403, description = "no administrator", body = Problem)))]
async fn mails(State(app): State<App>, who: Principal) -> Result<Response, Problem> {
    people::manages(&who)?;
    let mails = outbox::mails(&app.pool).await?;
    Ok(own::private(json!({ "sends": app.config.mail.is_some(), "mails": mails })))
}

/// Where a person is written to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Address {
    /// The address; null: none.
    mail: Option<String>,
}

/// Sets the mail address of a person. Links that went to the one before end.
#[utoipa::path(put, path = "/api/v1/people/{account}/mail", tag = "identity", request_body = Address,
    params(("account" = String, Path, description = "the account")),
    responses((status = 204, description = "set"), (status = 400, description = "no mail address", body = Problem),
        (status = 403, description = "no administrator, or oneself", body = Problem),
        (status = 404, description = "no such account", body = Problem), (status = 409, description = "somebody else has it", body = Problem)))]
async fn set_address(
    State(app): State<App>,
    who: Principal,
    account: InPath<String>,
    body: InBody<Address>,
) -> Result<StatusCode, Problem> {
    people::manages(&who)?;
    let (account, Address { mail }) = (account.read()?, body.read()?);
    let mail = mail.filter(|mail| !mail.trim().is_empty());
    let (mut change, person) = people::change_of(&app, &who, &account).await?;
    people::not_of_the_demo(&mut change, person).await?;
    give_address(&mut change, person, mail).await?;
    change.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Keeps an address that is one and nobody else's.
pub(super) async fn give_address(change: &mut PgConnection, person: Uuid, mail: Option<String>) -> Result<(), Problem> {
    let mail = match mail {
        Some(typed) => Some(mail::address(&typed).ok_or_else(|| not_an_address(typed))?),
        None => None,
    };
    kept::set_mail(change, person, mail.as_deref()).await.map_err(taken)
}

/// Two people with one address would get each other's links.
fn taken(error: sqlx::Error) -> Problem {
    let is_taken = error.as_database_error().is_some_and(|refused| refused.constraint() == Some("person_mail_unique"));
    if !is_taken {
        return error.into();
    }
    Problem::conflict("mail-taken", "Địa chỉ thư này đã thuộc tài khoản khác", "Another account has this address")
        .at_field("mail")
}

/// Sends a person a link to set a password with, by mail: to invite them, or because they forgot it. It is made when the
/// mail goes, is good once and for a day, and ends the links before it.
#[utoipa::path(post, path = "/api/v1/people/{account}/invitation", tag = "identity", params(("account" = String, Path, description = "the account")),
    responses((status = 202, description = "the mail waits to be sent", body = Object),
        (status = 403, description = "no administrator, oneself, or one of the demo's people", body = Problem),
        (status = 404, description = "no such account", body = Problem),
        (status = 409, description = "no mail here, no address of theirs, or a closed account", body = Problem)))]
async fn invite(State(app): State<App>, who: Principal, account: InPath<String>) -> Result<Response, Problem> {
    people::manages(&who)?;
    let account = account.read()?;
    let (mut change, person) = people::change_of(&app, &who, &account).await?;
    people::not_of_the_demo(&mut change, person).await?;
    link::is_open(&mut change, person).await?;
    let id = by_mail(&app, &mut change, person).await?;
    change.commit().await?;
    app.post.notify_one();
    Ok((StatusCode::ACCEPTED, own::private(json!({ "mail": id }))).into_response())
}

/// Puts an invitation into the outbox; whoever commits wakes who sends.
pub(super) async fn by_mail(app: &App, change: &mut PgConnection, person: Uuid) -> Result<Uuid, Problem> {
    if app.config.mail.is_none() {
        return Err(no_mail());
    }
    if kept::mail(change, person).await?.is_none() {
        return Err(Problem::conflict(
            "no-address",
            "Người này chưa có địa chỉ thư: hãy nhập trước",
            "This person has no mail address: set it first",
        ));
    }
    Ok(outbox::invite(change, person).await?)
}
