//! `GET /api/v1/tables`, and of a layer its schema and its rows: for those who work here.

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use dothi_tiles::LayerName;
use serde_json::{Value, json};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    editing,
    question::{Asked, Question},
    schema, store,
};
use crate::{
    app::App,
    catalog::{Catalog, Layer},
    http::{
        asked::{InPath, InQuery},
        problem::Problem,
    },
    identity::{
        principal::Principal,
        rights::{Action, Target, may},
    },
};

/// Routes of this room.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(tables))
        .routes(routes!(described))
        .routes(routes!(items))
        .merge(super::export::http::router())
}

pub(super) fn staff(who: &Principal) -> Result<(), Problem> {
    may(who, Action::SeeStaff, &Target::City).or_refuse()
}

pub(super) fn layer<'c>(catalog: &'c Catalog, name: &str) -> Result<&'c Layer, Problem> {
    let known = catalog.layer(name).filter(|layer| !layer.private);
    known.ok_or_else(|| Problem::no_layer(name))
}

fn answered(body: &Value) -> Response {
    ([(header::CACHE_CONTROL, "private, no-store")], Json(body)).into_response()
}

/// Every layer, and every table without a place, with what the caller may do to it, and why not.
#[utoipa::path(
    get, path = "/api/v1/tables", tag = "items",
    responses((status = 200, description = "tables and their groups", body = Object),
        (status = 401, description = "not signed in", body = Problem), (status = 403, description = "not of the staff", body = Problem)),
)]
async fn tables(State(app): State<App>, who: Principal) -> Result<Response, Problem> {
    staff(&who)?;
    let state = app.live.state();
    let about = store::counts(&app.pool).await?;
    let count = |layer: &Layer| {
        let held = LayerName::new(&layer.name).ok().and_then(|name| state.core.layer(&name)).map(|layer| layer.len());
        held.and_then(|held| i64::try_from(held).ok()).or_else(|| about.get(&layer.name).copied())
    };
    let place = state.catalog.place().legal_srid;
    let tables: Vec<Value> = state
        .catalog
        .layers
        .iter()
        .filter(|layer| !layer.private)
        .map(|layer| {
            json!({
                "name": layer.name, "title": layer.title, "group": layer.group, "geometry": layer.geometry,
                "legal": layer.legal, "legal_srid": layer.legal_srid.or(place), "detail_zoom": layer.detail_zoom,
                "generated": layer.generated, "public": layer.is_public(), "count": count(layer),
                "private_attributes": layer.attributes.iter().any(|attribute| attribute.private), "edit": editing(&who, layer),
            })
        })
        .collect();
    let groups: Vec<Value> = state.catalog.code_lists.get("layer_group").map_or_else(Vec::new, |list| {
        list.codes.iter().map(|code| json!({ "name": code.code, "title": code.title })).collect()
    });
    Ok(answered(&json!({ "tables": tables, "groups": groups })))
}

/// The attributes of a layer as a JSON Schema (draft 2020-12): titles, units, codes with their dates, what is required.
#[utoipa::path(
    get, path = "/api/v1/layers/{layer}/schema", tag = "items", params(("layer" = String, Path, description = "layer")),
    responses((status = 200, description = "the schema of what an insert sets", body = Object),
        (status = 401, description = "not signed in", body = Problem), (status = 403, description = "not of the staff", body = Problem),
        (status = 404, description = "no such layer", body = Problem)),
)]
async fn described(State(app): State<App>, who: Principal, path: InPath<String>) -> Result<Response, Problem> {
    staff(&who)?;
    let name = path.read()?;
    let state = app.live.state();
    let layer = layer(&state.catalog, &name)?;
    Ok(answered(&schema::schema(&state.catalog, layer, &editing(&who, layer), state.date)))
}

/// The rows of a layer that hold today, or held in the past as it was known then: filtered, sorted, and page by page.
#[utoipa::path(
    get, path = "/api/v1/layers/{layer}/items", tag = "items", params(("layer" = String, Path, description = "layer"), Asked),
    responses((status = 200, description = "rows; `next` where there are more; `count` with the first page; `as_of` says the day and the knowledge in words", body = Object),
        (status = 400, description = "a parameter that is not understood", body = Problem),
        (status = 401, description = "not signed in", body = Problem), (status = 403, description = "not of the staff", body = Problem),
        (status = 404, description = "no such layer", body = Problem)),
)]
async fn items(
    State(app): State<App>,
    who: Principal,
    path: InPath<String>,
    asked: InQuery<Asked>,
) -> Result<Response, Problem> {
    staff(&who)?;
    let (name, asked) = (path.read()?, asked.read()?);
    let state = app.live.state();
    let layer = layer(&state.catalog, &name)?;
    let question = Question::read(layer, asked, state.date)?;
    let when = question.when.unwrap_or_else(|| state.date.into());
    // Only of what the core holds is it heard when it changes.
    let held = LayerName::new(&layer.name).ok().filter(|name| state.core.layer(name).is_some());
    let page = store::page(&app.pool, layer, &question, held.map(|name| (name, &*app.orders))).await?;
    let next = page.next.map(|next| serde_json::to_string(&next)).transpose().map_err(Problem::internal)?;
    Ok(answered(&json!({ "layer": layer.name, "date": when.date, "known_at": when.known,
        "as_of": when.in_words(state.date), "count": page.count, "next": next, "rows": page.rows })))
}
