//! `GET /api/v1/underlays`.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::App, bilingual::Bilingual};

/// Routes of this room.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(underlays))
}

/// What a page needs to show one.
#[derive(Serialize, ToSchema)]
struct Shown {
    name: String,
    title: Bilingual,
    /// Address of the tiles, with `{z}/{x}/{y}` or `{bbox-epsg-3857}`.
    tiles: String,
    attribution: String,
    min_zoom: u8,
    max_zoom: u8,
    tile_size: u16,
}

/// Pictures from elsewhere that may lie below the map, as the administrator named them.
#[utoipa::path(get, path = "/api/v1/underlays", tag = "catalog", responses((status = 200, description = "the underlays", body = [Shown])))]
async fn underlays(State(app): State<App>) -> Json<Vec<Shown>> {
    let shown = app.config.underlays.iter().map(|underlay| Shown {
        name: underlay.name.clone(),
        title: underlay.title.clone(),
        tiles: underlay.tiles(),
        attribution: underlay.attribution.clone(),
        min_zoom: underlay.min_zoom,
        max_zoom: underlay.max_zoom,
        tile_size: underlay.tile_size,
    });
    Json(shown.collect())
}
