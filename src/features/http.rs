//! `POST /api/v1/changesets`, and what was written by it.
//!
//! Who may write what, and where, is said by `identity::rights`.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Act, ChangeSet, MOST_OPERATIONS, Operation, StoreError, Writer, Written, apply, findings as broken, judge, kept,
    undo,
};
use crate::bilingual::Bilingual;
use crate::{
    app::App,
    catalog::{Layer, Master},
    http::{
        asked::{InBody, InPath, InQuery},
        problem::Problem,
    },
    identity::{
        principal::Principal,
        rights::{Action, Decision, Target, may},
    },
    live::http::{BEHIND, POSITION},
};

/// Letters of a reason.
const LONGEST_REASON: usize = 2_000;

/// Routes of this room.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(write))
        .routes(routes!(read))
        .routes(routes!(history))
        .routes(routes!(findings))
        .merge(undo::http::router())
}

/// History names people, so it is for those who work here.
pub(super) fn staff(who: &Principal) -> Result<(), Problem> {
    may(who, Action::SeeStaff, &Target::City).or_refuse()
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            // Classes 40 (deadlock with somebody in psql) and 57 (took too long): nothing is written, and it may be sent again.
            StoreError::Database(sqlx::Error::Database(refused))
                if refused.code().is_some_and(|code| code.starts_with("40") || code.starts_with("57")) =>
            {
                Self::unavailable((
                    "người khác đang ghi ở đó; chưa ghi gì, hãy gửi lại",
                    "somebody else is writing there; nothing was written, send it again",
                ))
            }
            // A shape nearby that PostGIS fails on: a fault of the data, not of the server. Those of operations are named by them.
            StoreError::Database(error) if judge::is_about_a_shape(&error) => {
                tracing::warn!(cause = %error, "a rule could not be asked");
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "refused", "Không đạt quy tắc", "A rule is broken").detail(
                    (
                        "có một hình ở đó không xử lý được; chưa ghi gì",
                        "a geometry there cannot be worked with; nothing was written",
                    ),
                )
            }
            StoreError::Database(error) => error.into(),
            StoreError::Json(error) => Self::internal(error),
            StoreError::Taken(op_id) => Self::conflict(
                "op-id-taken",
                "op_id này đã dùng cho thao tác khác",
                "This op_id stands for another operation",
            )
            .with("op_id", op_id.to_string()),
            StoreError::NotAllowed { decision, op_id } => {
                let refused =
                    decision.or_refuse().err().unwrap_or_else(|| Self::forbidden(("không được phép", "not allowed")));
                refused.with("op_id", op_id.to_string())
            }
            StoreError::NoLayer(name) => Self::no_layer(&name),
        }
    }
}

/// Refuses what no change set may be.
///
/// # Errors
/// 400 with the field, 403 for a layer of cases, 404 for no layer.
pub(crate) fn check_set(app: &App, set: &ChangeSet) -> Result<(), Problem> {
    let state = app.live.state();
    check_reason(&set.reason)?;
    if set.operations.is_empty() || set.operations.len() > MOST_OPERATIONS {
        let count = set.operations.len().to_string();
        return Err(Problem::bad_parameter(
            "operations",
            count,
            (format!("1 đến {MOST_OPERATIONS} thao tác"), format!("1 to {MOST_OPERATIONS} operations")),
        ));
    }
    let mut seen = std::collections::HashSet::new();
    for Operation { op_id, entity, id, act, .. } in &set.operations {
        if !seen.insert(op_id) {
            return Err(Problem::bad_parameter(
                "op_id",
                op_id.to_string(),
                ("mỗi op_id một lần trong một lần gửi", "each op_id once in a change set"),
            ));
        }
        if let Act::Update { set, geometry: None, .. } = act
            && set.is_empty()
        {
            return Err(Problem::bad_parameter(
                "set",
                id.to_string(),
                ("sửa ít nhất một thuộc tính hoặc hình", "an update of at least one attribute or the geometry"),
            ));
        }
        let layer = state.catalog.layer(entity).filter(|layer| !layer.private);
        let layer = layer.ok_or_else(|| StoreError::NoLayer(entity.clone()))?;
        closed(layer)?;
    }
    Ok(())
}

/// Refuses a reason that says nothing or too much.
pub(super) fn check_reason(reason: &str) -> Result<(), Problem> {
    if reason.trim().is_empty() || reason.chars().count() > LONGEST_REASON || reason.contains('\0') {
        return Err(Problem::bad_parameter(
            "reason",
            "",
            (format!("lý do, 1 đến {LONGEST_REASON} chữ"), format!("why it is done, 1 to {LONGEST_REASON} letters")),
        ));
    }
    Ok(())
}

/// Layers that belong to cases are written by cases only (decision 9).
fn closed(layer: &Layer) -> Result<(), Problem> {
    if layer.master != Master::Case {
        return Ok(());
    }
    Err(Problem::forbidden((
        format!("lớp {} do hồ sơ ghi, không sửa trực tiếp", layer.name),
        format!("{} is written by the cases that it belongs to, not by change sets", layer.name),
    ))
    .with("layer", layer.name.clone()))
}

/// Writes a change set.
///
/// All or nothing when `atomic`; each operation is answered by itself. Sent again, the first answer returns.
#[utoipa::path(
    post, path = "/api/v1/changesets", tag = "changes", request_body = ChangeSet,
    responses(
        (status = 200, description = "written, or said what would be (dry_run); per operation what became of it", body = Object),
        (status = 400, description = "cannot be read", body = Problem),
        (status = 401, description = "not signed in", body = Problem),
        (status = 403, description = "a layer of cases, or not of one's role or area", body = Problem),
        (status = 409, description = "atomic, and somebody else wrote meanwhile; or an op_id of another operation", body = Problem),
        (status = 422, description = "atomic, and a rule stops one of them", body = Problem),
    ),
)]
async fn write(State(app): State<App>, who: Principal, body: InBody<ChangeSet>) -> Result<Response, Problem> {
    if !who.is_known() {
        return Err(Decision::SignIn
            .or_refuse()
            .err()
            .unwrap_or_else(|| Problem::forbidden(("hãy đăng nhập", "sign in first"))));
    }
    let set = body.read()?;
    check_set(&app, &set)?;
    let state = app.live.state();
    // A client that hangs up does not stop what has begun.
    let (pool, catalog) = (app.pool.clone(), Arc::clone(&state.catalog));
    let begun = tokio::spawn(async move {
        let written = apply(&pool, &catalog, Writer { who: &who, revives: false }, &set).await;
        (written, set)
    });
    let (written, set) = begun.await.map_err(Problem::internal)?;
    answer(&app, &set, written?).await
}

/// What is said of each operation of a change set.
pub(crate) fn results(written: &Written) -> Vec<Value> {
    let one = |(op_id, answer, _): &(Uuid, Value, bool)| {
        let mut result = json!({ "op_id": op_id });
        if let (Some(result), Some(answer)) = (result.as_object_mut(), answer.as_object()) {
            result.extend(answer.clone());
        }
        result
    };
    written.outcomes.iter().map(one).collect()
}

/// The answer to a change set, once the core has read it.
///
/// # Errors
/// 409 or 422 for an atomic one that did not go.
pub(crate) async fn answer(app: &App, set: &ChangeSet, written: Written) -> Result<Response, Problem> {
    let results = results(&written);
    let settled = written.outcomes.iter().all(|(_, _, settled)| *settled);
    if set.atomic && !settled && !set.dry_run {
        return Err(held_back(results));
    }
    let body = json!({
        "id": written.change_set, "position": written.position.map(|position| position.to_string()),
        "dry_run": set.dry_run, "results": results,
    });
    let mut response = ([(header::CACHE_CONTROL, "private, no-store")], Json(body)).into_response();
    if let Some(position) = written.position {
        let behind = app.live.wait_for(position).await.is_err();
        if let Ok(value) = HeaderValue::try_from(position.to_string()) {
            response.headers_mut().insert(POSITION.clone(), value);
        }
        if behind {
            response.headers_mut().insert(BEHIND.clone(), HeaderValue::from_static("true"));
        }
    }
    Ok(response)
}

fn held_back(results: Vec<Value>) -> Problem {
    let conflict = results.iter().any(|result| result["outcome"] == "conflict");
    let problem = if conflict {
        Problem::conflict("conflict", "Người khác đã sửa trong lúc đó", "Somebody else wrote meanwhile")
    } else {
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "refused", "Không đạt quy tắc", "A rule is broken")
    };
    problem.detail(("chưa ghi gì", "nothing was written")).with("results", results)
}

/// A change set that was written.
#[utoipa::path(
    get, path = "/api/v1/changesets/{id}", tag = "changes",
    params(("id" = Uuid, Path, description = "the change set")),
    responses((status = 200, description = "who, when, why, and its operations", body = Object),
        (status = 401, description = "not signed in", body = Problem), (status = 404, description = "no such change set", body = Problem)),
)]
async fn read(State(app): State<App>, who: Principal, path: InPath<Uuid>) -> Result<Response, Problem> {
    staff(&who)?;
    let id = path.read()?;
    let kept = kept::change_set(&app.pool, id).await?;
    let kept = kept.ok_or_else(|| {
        Problem::not_found((format!("không có lần sửa {id}"), format!("there is no change set {id}")))
    })?;
    let body = json!({
        "id": id, "actor": kept.actor, "reason": kept.reason, "at": kept.at, "undoes": kept.undoes,
        "undone_by": kept.undone_by, "operations": kept.operations,
    });
    Ok(([(header::CACHE_CONTROL, "private, no-store")], Json(body)).into_response())
}

/// Every version of an object: who, when, why, and what it held; the newest first, a thousand at most.
#[utoipa::path(
    get, path = "/api/v1/features/{layer}/{id}/history", tag = "changes",
    params(("layer" = String, Path, description = "layer"), ("id" = Uuid, Path, description = "the object")),
    responses((status = 200, description = "its versions", body = Object),
        (status = 401, description = "not signed in", body = Problem), (status = 404, description = "never was", body = Problem)),
)]
async fn history(State(app): State<App>, who: Principal, path: InPath<(String, Uuid)>) -> Result<Response, Problem> {
    staff(&who)?;
    let (name, id) = path.read()?;
    let state = app.live.state();
    let layer = state.catalog.layer(&name).filter(|layer| !layer.private).ok_or(StoreError::NoLayer(name))?;
    let versions = kept::history(&app.pool, layer, id).await?;
    if versions.is_empty() {
        return Err(Problem::not_found(Bilingual::same(format!("{} {id}", layer.name))));
    }
    let body = json!({ "layer": layer.name, "id": id, "versions": versions });
    Ok(([(header::CACHE_CONTROL, "private, no-store")], Json(body)).into_response())
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// Layers, with commas; all of them if absent.
    layer: Option<String>,
    /// West, south, east, north in degrees.
    bbox: Option<String>,
    /// How many at most, 1 to 1,000; 200 if absent.
    limit: Option<i64>,
}

/// What breaks a rule now, whoever broke it: through the server with a warning, or beside it with psql or QGIS. The latest first.
#[utoipa::path(
    get, path = "/api/v1/findings", tag = "changes", params(Wanted),
    responses((status = 200, description = "`findings`, and `more` where there are more than were asked for", body = Vec<broken::Broken>),
        (status = 400, description = "a parameter cannot be read", body = Problem),
        (status = 401, description = "not signed in", body = Problem)),
)]
async fn findings(State(app): State<App>, who: Principal, query: InQuery<Wanted>) -> Result<Response, Problem> {
    staff(&who)?;
    let wanted = query.read()?;
    let most = wanted.limit.unwrap_or(200);
    if !(1..=1000).contains(&most) {
        return Err(Problem::bad_parameter("limit", most.to_string(), ("từ 1 đến 1000", "1 to 1000")));
    }
    let state = app.live.state();
    let listed = state.catalog.layers.iter().filter(|layer| !layer.private).map(|layer| layer.name.clone());
    let layers: Vec<String> = match &wanted.layer {
        None => listed.collect(),
        Some(names) => {
            let known: Vec<String> = listed.collect();
            let unknown = names.split(',').find(|name| !known.iter().any(|one| one == name));
            if let Some(name) = unknown {
                return Err(StoreError::NoLayer(name.to_owned()).into());
            }
            names.split(',').map(ToOwned::to_owned).collect()
        }
    };
    let bbox = wanted.bbox.as_deref().map(box_of).transpose()?;
    let mut findings = broken::list(&app.pool, &layers, bbox, most + 1).await?;
    let more = findings.len() as i64 > most;
    findings.truncate(usize::try_from(most).unwrap_or_default());
    let body = json!({ "findings": findings, "more": more });
    Ok(([(header::CACHE_CONTROL, "private, no-store")], Json(body)).into_response())
}

fn box_of(text: &str) -> Result<[f64; 4], Problem> {
    let corners: Vec<f64> = text.split(',').filter_map(|corner| corner.trim().parse().ok()).collect();
    match corners[..] {
        [west, south, east, north] if corners.iter().all(|one| one.is_finite()) && west <= east && south <= north => {
            Ok([west, south, east, north])
        }
        _ => {
            Err(Problem::bad_parameter("bbox", text, ("tây,nam,đông,bắc theo độ", "west,south,east,north in degrees")))
        }
    }
}
