//! TileJSON 3.0.0: what a client needs to know before it asks for tiles.

use dothi_tiles::{Audience, LayerName, MAX_ZOOM};
use serde_json::{Map, Value as Json, json};

use super::layers::shown;
use crate::{catalog::Kind, live::State};

/// TileJSON of these layers; `origin` is where the client found us.
pub fn tilejson(state: &State, audience: &Audience, names: &[LayerName], origin: &str) -> Json {
    let joined = names.iter().map(LayerName::as_str).collect::<Vec<_>>().join(",");
    let place = state.catalog.place();
    let vector_layers: Vec<Json> = names.iter().filter_map(|name| vector_layer(state, audience, name)).collect();
    let titles: Vec<&str> = names
        .iter()
        .filter_map(|name| state.catalog.layer(name.as_str()))
        .map(|layer| layer.title.vi.as_str())
        .collect();
    let mut body = json!({
        "tilejson": "3.0.0",
        "name": titles.join(", "),
        "tiles": [format!("{origin}/tiles/{joined}/{{z}}/{{x}}/{{y}}")],
        "scheme": "xyz",
        "minzoom": 0,
        "maxzoom": MAX_ZOOM,
        "attribution": place.attribution.join(" · "),
        "vector_layers": vector_layers,
    });
    if let Some(bounds) = place.bounds {
        body["bounds"] = json!(bounds);
    }
    if let Some([lon, lat]) = place.centre {
        body["center"] = json!([lon, lat, place.zoom.unwrap_or(14.0).round()]);
    }
    body
}

fn vector_layer(state: &State, audience: &Audience, name: &LayerName) -> Option<Json> {
    let layer = state.catalog.layer(name.as_str())?;
    let fields = shown(audience, layer).into_iter().filter(|attribute| attribute.in_tile).map(|attribute| {
        let kind = match attribute.kind {
            Kind::Int | Kind::Float => "Number",
            Kind::Bool => "Boolean",
            _ => "String",
        };
        (attribute.name.clone(), Json::from(kind))
    });
    let mut fields: Map<String, Json> = fields.collect();
    fields.insert("id".to_owned(), "String".into());
    fields.insert("version".to_owned(), "Number".into());
    Some(
        json!({ "id": layer.name, "description": layer.title.vi, "minzoom": 0, "maxzoom": MAX_ZOOM, "fields": fields }),
    )
}
