//! `GET /tiles/{layers}`, `/tiles/{layers}/{z}/{x}/{y}`, `/styles/{name}.json`, `/api/v1/layers`.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::NaiveDate;
use dothi_tiles::{LayerName, Overlay, TileId, encode_tile, encode_tile_of_another_day};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    BadAddress, NoSuch, TileKey, cache::Tile, layers, origin, other_days, parse_layers, parse_tile, style, tilejson,
};
use crate::{
    app::App,
    drafts,
    http::{
        asked::{InPath, InQuery},
        encoding::Encoding,
        etag,
        problem::Problem,
        work::Given,
    },
    identity::{principal::Principal, sight::Sight},
    live::http::Freshness,
    lookup::history,
};

/// Mapbox Vector Tile.
const MVT: &str = "application/vnd.mapbox-vector-tile";

/// Routes of this room.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(tile_json))
        .routes(routes!(tile))
        .routes(routes!(style_json))
        .routes(routes!(layer_list))
}

impl From<BadAddress> for Problem {
    fn from(bad: BadAddress) -> Self {
        match bad {
            BadAddress::Malformed(field, value, expected) => Self::bad_parameter(field, value, expected),
            BadAddress::NoSuch(NoSuch::Layer(name)) => Self::no_layer(&name),
            BadAddress::NoSuch(NoSuch::Tile) => Self::not_found((
                "không có ô này: zoom từ 0 đến 22, cột và hàng nhỏ hơn 2^zoom",
                "no such tile: zoom is 0 to 22, column and row below 2^zoom",
            )),
        }
    }
}

/// What may follow the address of a tile.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TileQuery {
    /// Position of a write that the tile must show; waits two seconds at most.
    position: Option<String>,
    /// Another day than today, `YYYY-MM-DD`.
    #[param(value_type = Option<chrono::NaiveDate>)]
    date: Option<String>,
    /// A draft that is drawn over the layers, for those who may look at it.
    #[param(value_type = Option<uuid::Uuid>)]
    draft: Option<String>,
}

/// A vector tile with one or more layers.
#[utoipa::path(
    get, path = "/tiles/{layers}/{z}/{x}/{y}", tag = "tiles",
    params(
        ("layers" = String, Path, description = "names of layers, separated by commas"),
        ("z" = u8, Path, description = "zoom, 0 to 22", minimum = 0, maximum = 22), ("x" = u32, Path, description = "column"),
        ("y" = String, Path, description = "row from the north; may end in .mvt or .pbf"), TileQuery,
    ),
    responses(
        (status = 200, description = "Mapbox Vector Tile 2.1", content_type = "application/vnd.mapbox-vector-tile"),
        (status = 304, description = "the tile that If-None-Match names is still right"),
        (status = 400, description = "a part cannot be read", body = Problem),
        (status = 404, description = "no such tile or layer", body = Problem),
        (status = 413, description = "an earlier day that holds too much for one tile", body = Problem),
        (status = 503, description = "an earlier day while the database is away", body = Problem),
    ),
)]
async fn tile(
    State(app): State<App>,
    path: InPath<(String, String, String, String)>,
    query: InQuery<TileQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let ((layers, z, x, y), query) = (path.read()?, query.read()?);
    let freshness = Freshness::of(&app.live, query.position.as_deref()).await?;
    let sight = Sight::lately(&headers, &app).await?;
    let state = app.live.state();
    let audience = Arc::clone(sight.audience(&state.audiences));
    let mut names = parse_layers(&layers, &state.core, &audience)?;
    // One tile, in whatever order its layers are named.
    names.sort();
    let tile = parse_tile(&z, &x, &y)?;
    let date = query.date.as_deref().map(history::parse_date).transpose()?;
    if let Some(draft) = &query.draft {
        let overlay = draft_over(&app, &headers, draft).await?;
        let mut response = drawn_over(&app, Drawing { names, tile, overlay, date, sight }, &headers).await?;
        freshness.mark(response.headers_mut());
        return Ok(response);
    }
    let drawn = match date {
        Some(date) if date != state.date => other_days::tile_on(&app, tile, &names, date, audience).await?,
        _ => {
            let key = TileKey { layers: names.clone().into(), audience: audience.key, catalog: state.catalog.version };
            let drawing = app.clone();
            let work = move |_: &Given| {
                drawing.tiles.get_or_draw(tile, &key, || {
                    // The state of now, not of when the request came: it may have been replaced meanwhile.
                    let state = drawing.live.state();
                    encode_tile(&state.core, &names, tile, &audience, None, state.date)
                })
            };
            app.work.tiles.run(work).await?
        }
    };
    let mut response = send(&app, drawn, &headers).await?;
    freshness.mark(response.headers_mut());
    sight.mark(&mut response);
    Ok(response)
}

/// What a draft draws, for a caller who may look at it.
async fn draft_over(app: &App, headers: &HeaderMap, draft: &str) -> Result<Overlay, Problem> {
    let id = draft
        .parse()
        .map_err(|_| Problem::bad_parameter("draft", draft, ("mã của một bản nháp", "the id of a draft")))?;
    let who = Principal::looking(headers, app, false).await?;
    drafts::http::overlay_of(app, &who, id).await
}

/// What is drawn for one caller.
struct Drawing {
    names: Vec<LayerName>,
    tile: TileId,
    overlay: Overlay,
    date: Option<NaiveDate>,
    sight: Sight,
}

/// A tile with a draft over it: drawn for this caller, kept by nobody.
async fn drawn_over(app: &App, drawing: Drawing, headers: &HeaderMap) -> Result<Response, Problem> {
    let Drawing { names, tile, overlay, date, sight } = drawing;
    let state = app.live.state();
    let date = date.unwrap_or(state.date);
    if date < state.date {
        return Err(Problem::bad_parameter(
            "date",
            date.to_string(),
            ("hôm nay hoặc sau đó, khi có bản nháp", "today or later beside a draft"),
        ));
    }
    let audience = Arc::clone(sight.audience(&state.audiences));
    let is_today = date == state.date;
    let encode = if is_today { encode_tile } else { encode_tile_of_another_day };
    let draw = move |_: &Given| Tile::new(encode(&state.core, &names, tile, &audience, Some(&overlay), date));
    let lane = if is_today { &app.work.tiles } else { &app.work.other_days };
    let drawn = lane.run(draw).await?;
    let mut response = send(app, Arc::new(drawn), headers).await?;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    Ok(response)
}

async fn send(app: &App, tile: Arc<Tile>, headers: &HeaderMap) -> Result<Response, Problem> {
    let wanted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let encoding = tile.travels(Encoding::negotiate(wanted));
    let etag = tile.etag(encoding);
    let fixed = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
        (header::ETAG, HeaderValue::try_from(&etag).map_err(Problem::internal)?),
    ];
    if etag::is_named(headers, &etag) {
        return Ok((StatusCode::NOT_MODIFIED, fixed).into_response());
    }
    let body = match encoding {
        Encoding::Identity => tile.body.clone(),
        _ => app.work.tiles.run(move |_| tile.encoded(encoding)).await?,
    };
    let mut response = (fixed, [(header::CONTENT_TYPE, MVT)], body).into_response();
    if let Some(word) = encoding.word() {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(word));
    }
    Ok(response)
}

/// What the catalog says, as this caller sees it.
fn catalogued(sight: Sight, headers: &HeaderMap, body: &serde_json::Value) -> Result<Response, Problem> {
    let mut response = etag::tagged(headers, body)?;
    sight.mark(&mut response);
    Ok(response)
}

/// TileJSON of one or more layers.
#[utoipa::path(
    get, path = "/tiles/{layers}", tag = "tiles",
    params(("layers" = String, Path, description = "names of layers, separated by commas")),
    responses((status = 200, description = "TileJSON 3.0.0", body = Object), (status = 404, description = "no such layer", body = Problem)),
)]
async fn tile_json(
    State(app): State<App>,
    sight: Sight,
    path: InPath<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let layers = path.read()?;
    let state = app.live.state();
    let audience = sight.audience(&state.audiences);
    let names = parse_layers(&layers, &state.core, audience)?;
    let body = tilejson::tilejson(&state, audience, &names, &origin(&headers)?);
    catalogued(sight, &headers, &body)
}

/// A MapLibre style of our layers.
#[utoipa::path(
    get, path = "/styles/{name}", tag = "tiles",
    params(("name" = String, Path, description = "name of the style and .json, such as city.json")),
    responses((status = 200, description = "MapLibre style", body = Object), (status = 404, description = "no such style", body = Problem)),
)]
async fn style_json(
    State(app): State<App>,
    sight: Sight,
    path: InPath<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let name = path.read()?;
    let state = app.live.state();
    let style = style::style(&name, &state, sight.audience(&state.audiences), &origin(&headers)?).ok_or_else(|| {
        let name: String = name.chars().take(60).collect();
        Problem::not_found((format!("không có kiểu bản đồ “{name}”"), format!("there is no style “{name}”")))
    })?;
    catalogued(sight, &headers, &style)
}

/// The catalog as this caller sees it: layers, attributes, legends, code lists.
#[utoipa::path(get, path = "/api/v1/layers", tag = "catalog", responses((status = 200, description = "the catalog", body = Object)))]
async fn layer_list(State(app): State<App>, sight: Sight, headers: HeaderMap) -> Result<Response, Problem> {
    let state = app.live.state();
    catalogued(sight, &headers, &layers::layers(&state, sight.audience(&state.audiences)))
}
