//! A draft on its way to a second person and back, and what is remarked on it.

use axum::{extract::State as Extract, http::StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{Answer, looked, private, shown, text};
use crate::{
    app::App,
    drafts::{
        Step, compare, store,
        work::{self, DraftError},
    },
    http::{
        asked::{InBody, InPath},
        problem::Problem,
    },
    identity::{
        principal::Principal,
        rights::{Action, Decision, Target, may},
    },
};

/// Letters of a comment.
const LONGEST_COMMENT: usize = 4_000;

/// Routes of this part.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(submit))
        .routes(routes!(withdraw))
        .routes(routes!(discard))
        .routes(routes!(send_back))
        .routes(routes!(approve))
        .routes(routes!(comment))
}

fn place(lon: Option<f64>, lat: Option<f64>) -> Result<Option<(f64, f64)>, Problem> {
    match (lon, lat) {
        (None, None) => Ok(None),
        (Some(lon), Some(lat)) if lon.abs() <= 180.0 && lat.abs() <= 90.0 => Ok(Some((lon, lat))),
        _ => Err(Problem::bad_parameter(
            "lon",
            "",
            ("kinh độ và vĩ độ theo độ, hoặc không có cả hai", "a longitude and a latitude in degrees, or neither"),
        )),
    }
}

/// The draft as the caller saw it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Seen {
    /// Its revision.
    revision: i32,
}

async fn moved(app: &App, who: &Principal, id: Uuid, step: Step, seen: InBody<Seen>) -> Answer {
    work::staff(who)?;
    let Seen { revision } = seen.read()?;
    let mut transaction = app.pool.begin().await?;
    let (_, next) = work::take(&mut transaction, who, id, step, Some(revision)).await?;
    if step == Step::Submit && work::folded(&mut transaction, id).await?.is_empty() {
        return Err(Problem::conflict("draft-empty", "Bản nháp chưa có gì", "The draft is empty"));
    }
    store::put_state(&mut transaction, id, next, false).await?;
    transaction.commit().await?;
    Ok(private(StatusCode::OK, shown(app, who, id).await?))
}

/// Sends the draft to a second person.
#[utoipa::path(post, path = "/api/v1/drafts/{id}/submit", tag = "drafts", request_body = Seen, params(("id" = Uuid, Path, description = "the draft")),
    responses((status = 200, description = "the draft", body = Object), (status = 401, description = "not signed in", body = Problem),
        (status = 403, description = "not one's own", body = Problem), (status = 404, description = "none that one may see", body = Problem),
        (status = 409, description = "not in this state, empty, or changed since", body = Problem)))]
async fn submit(Extract(app): Extract<App>, who: Principal, path: InPath<Uuid>, body: InBody<Seen>) -> Answer {
    let id = path.read()?;
    moved(&app, &who, id, Step::Submit, body).await
}

/// Takes the draft back from there.
#[utoipa::path(post, path = "/api/v1/drafts/{id}/withdraw", tag = "drafts", request_body = Seen, params(("id" = Uuid, Path, description = "the draft")),
    responses((status = 200, description = "the draft", body = Object), (status = 401, description = "not signed in", body = Problem),
        (status = 403, description = "not one's own", body = Problem), (status = 404, description = "none that one may see", body = Problem),
        (status = 409, description = "not in this state, or changed since", body = Problem)))]
async fn withdraw(Extract(app): Extract<App>, who: Principal, path: InPath<Uuid>, body: InBody<Seen>) -> Answer {
    let id = path.read()?;
    moved(&app, &who, id, Step::Withdraw, body).await
}

/// Gives the draft up; it stays to be looked at.
#[utoipa::path(post, path = "/api/v1/drafts/{id}/discard", tag = "drafts", request_body = Seen, params(("id" = Uuid, Path, description = "the draft")),
    responses((status = 200, description = "the draft", body = Object), (status = 401, description = "not signed in", body = Problem),
        (status = 403, description = "not one's own", body = Problem), (status = 404, description = "none that one may see", body = Problem),
        (status = 409, description = "not in this state, or changed since", body = Problem)))]
async fn discard(Extract(app): Extract<App>, who: Principal, path: InPath<Uuid>, body: InBody<Seen>) -> Answer {
    let id = path.read()?;
    moved(&app, &who, id, Step::Discard, body).await
}

/// Why a draft comes back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Returned {
    /// The revision that was looked at.
    revision: i32,
    /// What is to be changed.
    text: String,
    /// Where: longitude.
    lon: Option<f64>,
    /// Where: latitude.
    lat: Option<f64>,
}

/// Sends the draft back to its owner, with a comment at a place.
#[utoipa::path(post, path = "/api/v1/drafts/{id}/return", tag = "drafts", request_body = Returned, params(("id" = Uuid, Path, description = "the draft")),
    responses((status = 200, description = "the draft", body = Object), (status = 400, description = "no comment", body = Problem),
        (status = 401, description = "not signed in", body = Problem), (status = 403, description = "the owner does not review", body = Problem),
        (status = 404, description = "none that one may see", body = Problem), (status = 409, description = "not in this state, or changed since", body = Problem)))]
async fn send_back(Extract(app): Extract<App>, who: Principal, path: InPath<Uuid>, body: InBody<Returned>) -> Answer {
    work::staff(&who)?;
    let (id, said) = (path.read()?, body.read()?);
    let words = text("text", &said.text, LONGEST_COMMENT)?;
    let place = place(said.lon, said.lat)?;
    let mut transaction = app.pool.begin().await?;
    let (_, next) = work::take(&mut transaction, &who, id, Step::Return, Some(said.revision)).await?;
    store::remark(&mut transaction, id, who.person, &words, place).await?;
    store::put_state(&mut transaction, id, next, false).await?;
    transaction.commit().await?;
    Ok(private(StatusCode::OK, shown(&app, &who, id).await?))
}

/// Agrees to the draft as it was looked at; never the owner, and only where one reviews.
#[utoipa::path(post, path = "/api/v1/drafts/{id}/approve", tag = "drafts", request_body = Seen, params(("id" = Uuid, Path, description = "the draft")),
    responses((status = 200, description = "the draft", body = Object), (status = 401, description = "not signed in", body = Problem),
        (status = 403, description = "the owner does not review; or not in one's area", body = Problem),
        (status = 404, description = "none that one may see", body = Problem), (status = 409, description = "not in this state, or changed since", body = Problem)))]
async fn approve(Extract(app): Extract<App>, who: Principal, path: InPath<Uuid>, body: InBody<Seen>) -> Answer {
    work::staff(&who)?;
    let (id, Seen { revision }) = (path.read()?, body.read()?);
    let (opened, operations) = looked(&app, &who, id).await?;
    if opened.draft.revision != revision {
        return Err(DraftError::Moved(opened.draft.revision).into());
    }
    let communes = compare::communes(&app.pool, &app.live.state().catalog, &who, operations).await?;
    let mut transaction = app.pool.begin().await?;
    work::take(&mut transaction, &who, id, Step::Approve, Some(revision)).await?;
    let is_nowhere = communes.iter().any(String::is_empty);
    let target = Target::units(if is_nowhere { Vec::new() } else { communes });
    match may(&who, Action::Review, &target) {
        Decision::Allowed => {}
        decision => return Err(DraftError::NotAllowed(decision).into()),
    }
    store::approve(&mut transaction, id, who.person).await?;
    transaction.commit().await?;
    Ok(private(StatusCode::OK, shown(&app, &who, id).await?))
}

/// A remark.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Remark {
    /// What.
    text: String,
    /// Where: longitude.
    lon: Option<f64>,
    /// Where: latitude.
    lat: Option<f64>,
}

/// Remarks something on a draft.
#[utoipa::path(post, path = "/api/v1/drafts/{id}/comments", tag = "drafts", request_body = Remark, params(("id" = Uuid, Path, description = "the draft")),
    responses((status = 200, description = "the draft", body = Object), (status = 400, description = "no text", body = Problem),
        (status = 401, description = "not signed in", body = Problem), (status = 404, description = "none that one may see", body = Problem),
        (status = 409, description = "it has ended", body = Problem)))]
async fn comment(Extract(app): Extract<App>, who: Principal, path: InPath<Uuid>, body: InBody<Remark>) -> Answer {
    work::staff(&who)?;
    let (id, said) = (path.read()?, body.read()?);
    let words = text("text", &said.text, LONGEST_COMMENT)?;
    let place = place(said.lon, said.lat)?;
    let mut transaction = app.pool.begin().await?;
    work::take(&mut transaction, &who, id, Step::Comment, None).await?;
    store::remark(&mut transaction, id, who.person, &words, place).await?;
    transaction.commit().await?;
    Ok(private(StatusCode::OK, shown(&app, &who, id).await?))
}
