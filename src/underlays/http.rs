//! `GET /api/v1/underlays`, and the tiles of those that lie here.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::shelf::{Name, Shelf, Tile};
use crate::{
    app::App,
    bilingual::Bilingual,
    http::{asked::InPath, problem::Problem},
    identity::{
        principal::Principal,
        rights::{Action, Decision, Target, may},
    },
};

/// Routes of this room.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(underlays)).routes(routes!(tile))
}

/// What a page needs to show one.
#[derive(Serialize, ToSchema)]
struct Shown {
    name: String,
    title: Bilingual,
    /// Address of the tiles, with `{z}/{x}/{y}` or `{bbox-epsg-3857}`; of this server where it begins with `/`.
    tiles: String,
    attribution: String,
    min_zoom: u8,
    max_zoom: u8,
    tile_size: u16,
    /// West, south, east, north in degrees, where it is known: there is nothing of it elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    bounds: Option<[f64; 4]>,
}

/// Pictures that may lie below the map: those of other servers that the administrator named, and, for staff, those that were
/// tiled here.
#[utoipa::path(get, path = "/api/v1/underlays", tag = "catalog", responses((status = 200, description = "the underlays", body = [Shown])))]
async fn underlays(State(app): State<App>, who: Principal) -> Result<Response, Problem> {
    let named = app.config.underlays.iter().map(|underlay| Shown {
        name: underlay.name.clone(),
        title: underlay.title.clone(),
        tiles: underlay.tiles(),
        attribution: underlay.attribution.clone(),
        min_zoom: underlay.min_zoom,
        max_zoom: underlay.max_zoom,
        tile_size: underlay.tile_size,
        bounds: None,
    });
    let mut shown: Vec<Shown> = named.collect();
    if may(&who, Action::SeeStaff, &Target::City) == Decision::Allowed {
        let shelf = Shelf::of(&app.config).map_err(Problem::internal)?;
        let own = tokio::task::spawn_blocking(move || shelf.list()).await.map_err(Problem::internal)?;
        // A name in the configuration was there to be read first.
        let is_new = |name: &Name| app.config.underlays.iter().all(|underlay| underlay.name != name.as_str());
        shown.extend(own.into_iter().filter(|(name, _)| is_new(name)).map(|(name, card)| Shown {
            tiles: format!("/api/v1/underlays/{}/tiles/{{z}}/{{x}}/{{y}}", name.as_str()),
            name: name.as_str().to_owned(),
            title: card.title,
            attribution: card.attribution,
            min_zoom: card.made.min_zoom,
            max_zoom: card.made.max_zoom,
            tile_size: card.made.tile_size,
            bounds: Some(card.made.bounds),
        }));
    }
    Ok(([(header::CACHE_CONTROL, "private, no-store")], Json(shown)).into_response())
}

/// One tile of a picture that was tiled here.
#[utoipa::path(
    get, path = "/api/v1/underlays/{name}/tiles/{z}/{x}/{y}", tag = "catalog",
    params(("name" = String, Path, description = "name of the picture"), ("z" = u8, Path, description = "zoom"),
        ("x" = u32, Path, description = "column"), ("y" = u32, Path, description = "row")),
    responses((status = 200, description = "the tile", content_type = "image/webp"),
        (status = 204, description = "nothing of the picture lies there"), (status = 304, description = "as it was"),
        (status = 400, description = "a part that is no number", body = Problem),
        (status = 401, description = "not signed in", body = Problem), (status = 403, description = "not of the staff", body = Problem),
        (status = 404, description = "no such picture, or zoom of it", body = Problem)),
)]
async fn tile(
    State(app): State<App>,
    who: Principal,
    path: InPath<(String, u8, u32, u32)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    may(&who, Action::SeeStaff, &Target::City).or_refuse()?;
    let (name, z, x, y) = path.read()?;
    let known = Name::new(&name).ok_or_else(|| no_picture(&name))?;
    let shelf = Shelf::of(&app.config).map_err(Problem::internal)?;
    let read = move || {
        let card = shelf.card(&known)?;
        // A tile that the browser has needs no look at the disk; a replaced picture has other validators.
        let etag = format!("\"{}-{z}-{x}-{y}\"", card.version.simple());
        if matches_etag(&headers, &etag) {
            return Some(Ok((etag, card, None)));
        }
        Some(shelf.tile(&known, &card.made, (z, x, y)).map(|tile| (etag, card, Some(tile))))
    };
    let found = tokio::task::spawn_blocking(read).await.map_err(Problem::internal)?;
    let (etag, card, tile) = found.ok_or_else(|| no_picture(&name))?.map_err(Problem::internal)?;
    let fixed = [
        // Asked again each time, because rights end; what has not changed costs a line.
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
        (header::VARY, HeaderValue::from_static("cookie, authorization")),
        (header::ETAG, HeaderValue::try_from(etag).map_err(Problem::internal)?),
    ];
    Ok(match tile {
        None => (StatusCode::NOT_MODIFIED, fixed).into_response(),
        Some(Tile::Empty) => (StatusCode::NO_CONTENT, fixed).into_response(),
        Some(Tile::File(body)) => {
            let media = if card.made.ending == "png" { "image/png" } else { "image/webp" };
            (fixed, [(header::CONTENT_TYPE, media)], body).into_response()
        }
        Some(Tile::OffThePyramid) => {
            let (first, last) = (card.made.min_zoom, card.made.max_zoom);
            return Err(Problem::not_found((
                format!("ảnh “{name}” có các mức từ {first} đến {last}"),
                format!("the picture “{name}” has zooms {first} to {last}"),
            )));
        }
    })
}

fn no_picture(name: &str) -> Problem {
    let name: String = name.chars().take(60).collect();
    Problem::not_found((format!("không có ảnh nền “{name}”"), format!("there is no underlay “{name}”")))
}

/// `If-None-Match` compares weakly (RFC 9110 §13.1.2).
fn matches_etag(headers: &HeaderMap, etag: &str) -> bool {
    let named = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    named.flat_map(|value| value.split(',')).map(str::trim).any(|one| one.trim_start_matches("W/") == etag)
}
