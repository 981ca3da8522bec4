//! `/api/v1/drafts`: keeping, looking, reviewing, publishing.

use std::sync::Arc;

use axum::{
    Json,
    extract::rejection::{JsonRejection, PathRejection},
    extract::{Path, State as Extract},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};
use sqlx::PgConnection;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Step, compare, fold, overlay, settle,
    store::{self, Draft},
    work::{self, DraftError, Opened},
};
use crate::{
    app::App,
    features::{
        ChangeSet, MOST_OPERATIONS, OnConflict, Operation, StoreError, Writer,
        http::{answer, check_set, results},
        write_in,
    },
    http::problem::Problem,
    identity::{
        principal::Principal,
        rights::{Action, Decision, Target, may},
    },
};

/// Letters of a name.
const LONGEST_NAME: usize = 200;
/// Letters of a comment.
const LONGEST_COMMENT: usize = 4_000;
/// Readers of one draft.
const MOST_READERS: usize = 100;

/// Routes of this room.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(read, share))
        .routes(routes!(add))
        .routes(routes!(take_back))
        .routes(routes!(check))
        .routes(routes!(compared))
        .routes(routes!(impact))
        .routes(routes!(submit))
        .routes(routes!(withdraw))
        .routes(routes!(discard))
        .routes(routes!(send_back))
        .routes(routes!(approve))
        .routes(routes!(comment))
        .routes(routes!(publish))
        .routes(routes!(resolve))
}

type Answer = Result<Response, Problem>;
type PathOf<T> = Result<Path<T>, PathRejection>;
type Body<T> = Result<Json<T>, JsonRejection>;

fn private(status: StatusCode, body: Value) -> Response {
    (status, [(header::CACHE_CONTROL, "private, no-store")], Json(body)).into_response()
}

fn text(field: &str, given: &str, longest: usize) -> Result<String, Problem> {
    let text = given.trim();
    if text.is_empty() || text.chars().count() > longest || text.contains('\0') {
        return Err(Problem::bad_parameter(field, "", format!("1 to {longest} letters")));
    }
    Ok(text.to_owned())
}

fn place(lon: Option<f64>, lat: Option<f64>) -> Result<Option<(f64, f64)>, Problem> {
    match (lon, lat) {
        (None, None) => Ok(None),
        (Some(lon), Some(lat)) if lon.abs() <= 180.0 && lat.abs() <= 90.0 => Ok(Some((lon, lat))),
        _ => Err(Problem::bad_parameter("lon", "", "a longitude and a latitude in degrees, or neither")),
    }
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
async fn shown(connection: &mut PgConnection, who: &Principal, id: Uuid) -> Result<Value, DraftError> {
    let Opened { draft, part } = work::open(connection, who, id, false).await?;
    let mut body = listed(&draft, who);
    let operations = work::folded(connection, id).await?;
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
async fn create(Extract(app): Extract<App>, who: Principal, body: Body<Name>) -> Answer {
    work::draws(&who)?;
    let Json(Name { name }) = body?;
    let id = store::insert(&app.pool, who.person, &text("name", &name, LONGEST_NAME)?).await?;
    let mut connection = app.pool.acquire().await?;
    Ok(private(StatusCode::CREATED, shown(&mut connection, &who, id).await?))
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
async fn read(Extract(app): Extract<App>, who: Principal, path: PathOf<Uuid>) -> Answer {
    work::staff(&who)?;
    let Path(id) = path?;
    Ok(private(StatusCode::OK, shown(&mut *app.pool.acquire().await?, &who, id).await?))
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
async fn share(Extract(app): Extract<App>, who: Principal, path: PathOf<Uuid>, body: Body<Sharing>) -> Answer {
    work::staff(&who)?;
    let (Path(id), Json(sharing)) = (path?, body?);
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
                format!("{MOST_READERS} accounts at most"),
            ));
        }
        if let Some(unknown) = store::put_readers(&mut transaction, id, &readers).await? {
            return Err(Problem::bad_parameter("readers", unknown, "accounts of people who may sign in"));
        }
    }
    transaction.commit().await?;
    Ok(private(StatusCode::OK, shown(&mut *app.pool.acquire().await?, &who, id).await?))
}

/// Operations for a draft.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Operations {
    /// In the order in which they are done.
    operations: Vec<Operation>,
}

/// Keeps operations in a draft. What breaks a rule is kept too, and said; what one may not write is not.
#[utoipa::path(post, path = "/api/v1/drafts/{id}/operations", tag = "drafts", request_body = Operations,
    params(("id" = Uuid, Path, description = "the draft")),
    responses((status = 200, description = "kept: the revision, and what would become of each object", body = Object),
        (status = 400, description = "cannot be read", body = Problem), (status = 401, description = "not signed in", body = Problem),
        (status = 403, description = "not one's own, or not of one's role or area", body = Problem),
        (status = 404, description = "none that one may see", body = Problem),
        (status = 409, description = "not in this state, or it cannot follow what the draft does already", body = Problem)))]
async fn add(Extract(app): Extract<App>, who: Principal, path: PathOf<Uuid>, body: Body<Operations>) -> Answer {
    work::staff(&who)?;
    let (Path(id), Json(Operations { operations })) = (path?, body?);
    let given = overlay::tried(operations, false);
    check_set(&app, &given)?;
    let mut transaction = app.pool.begin().await?;
    let (draft, next) = work::take(&mut transaction, &who, id, Step::Edit, None).await?;
    let mut is_new = false;
    for operation in &given.operations {
        match store::add(&mut transaction, id, operation).await? {
            Ok(added) => is_new |= added,
            Err(op_id) => return Err(StoreError::Taken(op_id).into()),
        }
    }
    let folded = work::folded(&mut transaction, id).await?;
    if folded.len() > MOST_OPERATIONS {
        let count = folded.len().to_string();
        return Err(Problem::bad_parameter(
            "operations",
            count,
            format!("{MOST_OPERATIONS} objects in a draft at most"),
        ));
    }
    let named = |operation: &&Operation| {
        given.operations.iter().any(|one| one.id == operation.id && one.entity == operation.entity)
    };
    let touched: Vec<Operation> = folded.iter().filter(named).cloned().collect();
    // Held to the rights of the one who draws, before it is kept.
    let state = app.live.state();
    let set = overlay::tried(touched, false);
    let tried = crate::features::apply(&app.pool, &state.catalog, Writer { who: &who, revives: false }, &set).await?;
    let revision = if is_new { store::put_state(&mut transaction, id, next, true).await? } else { draft.revision };
    transaction.commit().await?;
    Ok(private(StatusCode::OK, json!({ "revision": revision, "results": results(&tried) })))
}

/// Takes back an operation, and the later ones to the same object.
#[utoipa::path(delete, path = "/api/v1/drafts/{id}/operations/{op_id}", tag = "drafts",
    params(("id" = Uuid, Path, description = "the draft"), ("op_id" = Uuid, Path, description = "the operation")),
    responses((status = 200, description = "the draft", body = Object), (status = 401, description = "not signed in", body = Problem),
        (status = 403, description = "not one's own", body = Problem), (status = 404, description = "no such draft or operation", body = Problem),
        (status = 409, description = "not in this state", body = Problem)))]
async fn take_back(Extract(app): Extract<App>, who: Principal, path: PathOf<(Uuid, Uuid)>) -> Answer {
    work::staff(&who)?;
    let Path((id, op_id)) = path?;
    let mut transaction = app.pool.begin().await?;
    let (_, next) = work::take(&mut transaction, &who, id, Step::Edit, None).await?;
    if store::take_back(&mut transaction, id, op_id).await? == 0 {
        return Err(Problem::not_found(format!("operation {op_id}")));
    }
    store::put_state(&mut transaction, id, next, true).await?;
    transaction.commit().await?;
    Ok(private(StatusCode::OK, shown(&mut *app.pool.acquire().await?, &who, id).await?))
}

/// Opens a draft to look at what it would do: its revision and operations.
async fn looked(app: &App, who: &Principal, id: Uuid) -> Result<(Opened, Vec<Operation>), DraftError> {
    let mut connection = app.pool.acquire().await?;
    let opened = work::open(&mut connection, who, id, false).await?;
    let operations = work::folded(&mut connection, id).await?;
    Ok((opened, operations))
}

/// What publishing would say now: the rules on the published state with the draft laid over it, and what others wrote meanwhile.
#[utoipa::path(post, path = "/api/v1/drafts/{id}/check", tag = "drafts", params(("id" = Uuid, Path, description = "the draft")),
    responses((status = 200, description = "per operation what would become of it; nothing is written", body = Object),
        (status = 401, description = "not signed in", body = Problem), (status = 404, description = "none that one may see", body = Problem)))]
async fn check(Extract(app): Extract<App>, who: Principal, path: PathOf<Uuid>) -> Answer {
    work::staff(&who)?;
    let Path(id) = path?;
    let (opened, operations) = looked(&app, &who, id).await?;
    let state = app.live.state();
    let written = overlay::check(&app.pool, &state.catalog, &who, opened.part, operations).await?;
    let sound = written.outcomes.iter().all(|(_, _, settled)| *settled);
    let body = json!({ "revision": opened.draft.revision, "sound": sound, "results": results(&written) });
    Ok(private(StatusCode::OK, body))
}

/// Each object that the draft adds, changes or removes, before and after.
#[utoipa::path(get, path = "/api/v1/drafts/{id}/compare", tag = "drafts", params(("id" = Uuid, Path, description = "the draft")),
    responses((status = 200, description = "one row an object", body = Object), (status = 401, description = "not signed in", body = Problem),
        (status = 404, description = "none that one may see", body = Problem)))]
async fn compared(Extract(app): Extract<App>, who: Principal, path: PathOf<Uuid>) -> Answer {
    work::staff(&who)?;
    let Path(id) = path?;
    let (opened, operations) = looked(&app, &who, id).await?;
    let rows = compare::compare(&app.pool, &app.live.state().catalog, &who, operations).await?;
    Ok(private(StatusCode::OK, json!({ "revision": opened.draft.revision, "rows": rows })))
}

/// The parcels, buildings, permits and works that the draft touches.
#[utoipa::path(get, path = "/api/v1/drafts/{id}/impact", tag = "drafts", params(("id" = Uuid, Path, description = "the draft")),
    responses((status = 200, description = "per layer how many, and how many square metres", body = Object),
        (status = 401, description = "not signed in", body = Problem), (status = 404, description = "none that one may see", body = Problem)))]
async fn impact(Extract(app): Extract<App>, who: Principal, path: PathOf<Uuid>) -> Answer {
    work::staff(&who)?;
    let Path(id) = path?;
    let (opened, operations) = looked(&app, &who, id).await?;
    let layers = compare::impact(&app.pool, &app.live.state().catalog, &who, operations).await?;
    Ok(private(StatusCode::OK, json!({ "revision": opened.draft.revision, "layers": layers })))
}

/// The draft as the caller saw it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Seen {
    /// Its revision.
    revision: i32,
}

async fn moved(app: &App, who: &Principal, id: Uuid, step: Step, seen: Body<Seen>) -> Answer {
    work::staff(who)?;
    let Json(Seen { revision }) = seen?;
    let mut transaction = app.pool.begin().await?;
    let (_, next) = work::take(&mut transaction, who, id, step, Some(revision)).await?;
    if step == Step::Submit && work::folded(&mut transaction, id).await?.is_empty() {
        return Err(Problem::conflict("draft-empty", "Bản nháp chưa có gì", "The draft is empty"));
    }
    store::put_state(&mut transaction, id, next, false).await?;
    transaction.commit().await?;
    Ok(private(StatusCode::OK, shown(&mut *app.pool.acquire().await?, who, id).await?))
}

/// Sends the draft to a second person.
#[utoipa::path(post, path = "/api/v1/drafts/{id}/submit", tag = "drafts", request_body = Seen, params(("id" = Uuid, Path, description = "the draft")),
    responses((status = 200, description = "the draft", body = Object), (status = 401, description = "not signed in", body = Problem),
        (status = 403, description = "not one's own", body = Problem), (status = 404, description = "none that one may see", body = Problem),
        (status = 409, description = "not in this state, empty, or changed since", body = Problem)))]
async fn submit(Extract(app): Extract<App>, who: Principal, path: PathOf<Uuid>, body: Body<Seen>) -> Answer {
    let Path(id) = path?;
    moved(&app, &who, id, Step::Submit, body).await
}

/// Takes the draft back from there.
#[utoipa::path(post, path = "/api/v1/drafts/{id}/withdraw", tag = "drafts", request_body = Seen, params(("id" = Uuid, Path, description = "the draft")),
    responses((status = 200, description = "the draft", body = Object), (status = 401, description = "not signed in", body = Problem),
        (status = 403, description = "not one's own", body = Problem), (status = 404, description = "none that one may see", body = Problem),
        (status = 409, description = "not in this state, or changed since", body = Problem)))]
async fn withdraw(Extract(app): Extract<App>, who: Principal, path: PathOf<Uuid>, body: Body<Seen>) -> Answer {
    let Path(id) = path?;
    moved(&app, &who, id, Step::Withdraw, body).await
}

/// Gives the draft up; it stays to be looked at.
#[utoipa::path(post, path = "/api/v1/drafts/{id}/discard", tag = "drafts", request_body = Seen, params(("id" = Uuid, Path, description = "the draft")),
    responses((status = 200, description = "the draft", body = Object), (status = 401, description = "not signed in", body = Problem),
        (status = 403, description = "not one's own", body = Problem), (status = 404, description = "none that one may see", body = Problem),
        (status = 409, description = "not in this state, or changed since", body = Problem)))]
async fn discard(Extract(app): Extract<App>, who: Principal, path: PathOf<Uuid>, body: Body<Seen>) -> Answer {
    let Path(id) = path?;
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
async fn send_back(Extract(app): Extract<App>, who: Principal, path: PathOf<Uuid>, body: Body<Returned>) -> Answer {
    work::staff(&who)?;
    let (Path(id), Json(said)) = (path?, body?);
    let words = text("text", &said.text, LONGEST_COMMENT)?;
    let place = place(said.lon, said.lat)?;
    let mut transaction = app.pool.begin().await?;
    let (_, next) = work::take(&mut transaction, &who, id, Step::Return, Some(said.revision)).await?;
    store::remark(&mut transaction, id, who.person, &words, place).await?;
    store::put_state(&mut transaction, id, next, false).await?;
    transaction.commit().await?;
    Ok(private(StatusCode::OK, shown(&mut *app.pool.acquire().await?, &who, id).await?))
}

/// Agrees to the draft as it was looked at; never the owner, and only where one reviews.
#[utoipa::path(post, path = "/api/v1/drafts/{id}/approve", tag = "drafts", request_body = Seen, params(("id" = Uuid, Path, description = "the draft")),
    responses((status = 200, description = "the draft", body = Object), (status = 401, description = "not signed in", body = Problem),
        (status = 403, description = "the owner does not review; or not in one's area", body = Problem),
        (status = 404, description = "none that one may see", body = Problem), (status = 409, description = "not in this state, or changed since", body = Problem)))]
async fn approve(Extract(app): Extract<App>, who: Principal, path: PathOf<Uuid>, body: Body<Seen>) -> Answer {
    work::staff(&who)?;
    let (Path(id), Json(Seen { revision })) = (path?, body?);
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
    Ok(private(StatusCode::OK, shown(&mut *app.pool.acquire().await?, &who, id).await?))
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
async fn comment(Extract(app): Extract<App>, who: Principal, path: PathOf<Uuid>, body: Body<Remark>) -> Answer {
    work::staff(&who)?;
    let (Path(id), Json(said)) = (path?, body?);
    let words = text("text", &said.text, LONGEST_COMMENT)?;
    let place = place(said.lon, said.lat)?;
    let mut transaction = app.pool.begin().await?;
    work::take(&mut transaction, &who, id, Step::Comment, None).await?;
    store::remark(&mut transaction, id, who.person, &words, place).await?;
    transaction.commit().await?;
    Ok(private(StatusCode::OK, shown(&mut *app.pool.acquire().await?, &who, id).await?))
}

/// The draft as it was looked at, and why it goes onto the map.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Publishing {
    /// The revision that was approved.
    revision: i32,
    /// Why, for whoever reads the history.
    reason: String,
}

/// Publishes an approved draft as one change set: all of it, or nothing. Sent again, the change set that it became returns.
#[utoipa::path(post, path = "/api/v1/drafts/{id}/publish", tag = "drafts", request_body = Publishing, params(("id" = Uuid, Path, description = "the draft")),
    responses((status = 200, description = "published: the change set and what became of each operation", body = Object),
        (status = 400, description = "no reason", body = Problem), (status = 401, description = "not signed in", body = Problem),
        (status = 403, description = "not of one's role or area", body = Problem), (status = 404, description = "none that one may see", body = Problem),
        (status = 409, description = "not approved, changed since, or others wrote meanwhile", body = Problem),
        (status = 422, description = "a rule stops it", body = Problem)))]
async fn publish(Extract(app): Extract<App>, who: Principal, path: PathOf<Uuid>, body: Body<Publishing>) -> Answer {
    work::staff(&who)?;
    let (Path(id), Json(Publishing { revision, reason })) = (path?, body?);
    let reason = text("reason", &reason, 2_000)?;
    // A client that hangs up does not stop what has begun.
    let beside = app.clone();
    let begun = tokio::spawn(async move {
        let state = beside.live.state();
        let mut transaction = beside.pool.begin().await?;
        let Opened { draft, .. } = work::open(&mut transaction, &who, id, true).await?;
        if let (super::State::Published, Some(change_set)) = (draft.state, draft.change_set) {
            return Ok(Err(change_set));
        }
        work::take(&mut transaction, &who, id, Step::Publish, Some(revision)).await?;
        let operations = work::folded(&mut transaction, id).await?;
        let set = ChangeSet { reason, atomic: true, on_conflict: OnConflict::Refuse, dry_run: false, operations };
        let writer = Writer { who: &who, revives: false };
        let written = write_in(&mut transaction, &state.catalog, writer, &set).await?;
        if let Some(change_set) = written.change_set {
            store::publish(&mut transaction, id, change_set).await?;
            transaction.commit().await?;
        } else {
            transaction.rollback().await?;
        }
        Ok::<_, DraftError>(Ok((set, written)))
    });
    match begun.await.map_err(Problem::internal)?? {
        Ok((set, written)) => answer(&app, &set, written).await,
        Err(change_set) => {
            Ok(private(StatusCode::OK, json!({ "id": change_set, "position": null, "dry_run": false, "results": [] })))
        }
    }
}

/// Settles one conflict: one's own over what is there now, what is there, or something of both. An approved draft is open again.
#[utoipa::path(post, path = "/api/v1/drafts/{id}/conflicts/{op_id}", tag = "drafts", request_body = settle::Settlement,
    params(("id" = Uuid, Path, description = "the draft"), ("op_id" = Uuid, Path, description = "the operation, as the draft names it")),
    responses((status = 200, description = "the draft", body = Object), (status = 401, description = "not signed in", body = Problem),
        (status = 403, description = "not one's own", body = Problem), (status = 404, description = "no such draft or operation", body = Problem),
        (status = 409, description = "there is no conflict; or the object has gone, and only `theirs` can be taken", body = Problem)))]
async fn resolve(
    Extract(app): Extract<App>,
    who: Principal,
    path: PathOf<(Uuid, Uuid)>,
    body: Body<settle::Settlement>,
) -> Answer {
    work::staff(&who)?;
    let (Path((id, op_id)), Json(settlement)) = (path?, body?);
    let mut transaction = app.pool.begin().await?;
    let (_, next) = work::take(&mut transaction, &who, id, Step::Resolve, None).await?;
    let folded = fold(store::operations(&mut transaction, id).await?).map_err(DraftError::from)?;
    let operation = folded.into_iter().find(|operation| operation.op_id == op_id);
    let operation = operation.ok_or_else(|| Problem::not_found(format!("operation {op_id}")))?;
    let now = store::version_now(&mut transaction, &operation).await?;
    let settled = settle::settle(operation, now, settlement)?;
    if let Some(operation) = &settled.instead {
        check_set(&app, &overlay::tried(vec![operation.clone()], false))?;
    }
    store::forget(&mut transaction, id, &settled.entity, settled.id).await?;
    if let Some(operation) = &settled.instead {
        store::add(&mut transaction, id, operation).await?.map_err(StoreError::Taken)?;
    }
    store::put_state(&mut transaction, id, next, true).await?;
    transaction.commit().await?;
    Ok(private(StatusCode::OK, shown(&mut *app.pool.acquire().await?, &who, id).await?))
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
