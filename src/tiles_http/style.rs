//! MapLibre styles: the drawn ones from `styles/`, made to fit what this caller may see, and plain ones for the rest.

use std::collections::BTreeSet;

use dothi_tiles::{Audience, LayerName};
use rust_embed::RustEmbed;
use serde_json::{Value as Json, json};

use super::layers::coloured_by;
use crate::{
    catalog::{Catalog, Geometry, Layer},
    live::State,
};

/// The drawn styles.
#[derive(RustEmbed)]
#[folder = "src/tiles_http/styles/"]
struct Drawn;

/// The style of that file name, for this audience; `origin` is where the client found us.
///
/// Style layers of layers that the audience does not see are left out, and their names taken out of the tile addresses, so
/// that one of them never costs a whole source; layers that nobody has drawn get a plain look.
pub fn style(name: &str, state: &State, audience: &Audience, origin: &str) -> Option<Json> {
    let file = if name.ends_with(".json") { Drawn::get(name)? } else { return None };
    let text = std::str::from_utf8(&file.data).ok()?.replace("{origin}", origin);
    let mut style: Json = serde_json::from_str(&text).ok()?;
    let seen: BTreeSet<&str> = seen(state, audience).map(|layer| layer.name.as_str()).collect();
    let drawn = keep_seen_layers(&mut style, &seen);
    keep_seen_sources(&mut style, &seen);
    for layer in self::seen(state, audience).filter(|layer| !drawn.contains(&layer.name)) {
        add_plain(&mut style, &state.catalog, audience, layer, origin);
    }
    Some(style)
}

fn seen<'s>(state: &'s State, audience: &'s Audience) -> impl Iterator<Item = &'s Layer> {
    state.catalog.layers.iter().filter(|layer| {
        LayerName::new(&layer.name).is_ok_and(|name| audience.sees(&name) && state.core.layer(&name).is_some())
    })
}

/// Drops the style layers of what is not seen; gives the names of the layers that are drawn.
fn keep_seen_layers(style: &mut Json, seen: &BTreeSet<&str>) -> BTreeSet<String> {
    let mut drawn = BTreeSet::new();
    let Some(layers) = style["layers"].as_array_mut() else { return drawn };
    layers.retain(|layer| layer["source-layer"].as_str().is_none_or(|name| seen.contains(name) || !is_ours(layer)));
    drawn.extend(layers.iter().filter_map(|layer| layer["source-layer"].as_str()).map(str::to_owned));
    drawn
}

/// Style layers that draw from elsewhere (a file of the pages) name it in their metadata.
fn is_ours(layer: &Json) -> bool {
    layer["metadata"]["dothi:elsewhere"].as_bool() != Some(true)
}

fn keep_seen_sources(style: &mut Json, seen: &BTreeSet<&str>) {
    let Some(sources) = style["sources"].as_object_mut() else { return };
    let mut gone = Vec::new();
    for (name, source) in sources.iter_mut() {
        // Not `source["tiles"]`: that would write a null into sources without tiles, which no client accepts.
        let Some(tiles) = source.get_mut("tiles").and_then(Json::as_array_mut) else { continue };
        for tile in tiles.iter_mut() {
            let Some((before, layers, after)) = tile.as_str().and_then(parts) else { continue };
            let kept: Vec<&str> = layers.split(',').filter(|layer| seen.contains(layer)).collect();
            if kept.is_empty() {
                gone.push(name.clone());
            } else {
                *tile = format!("{before}/tiles/{}/{after}", kept.join(",")).into();
            }
        }
    }
    for name in gone {
        if let Some(sources) = style["sources"].as_object_mut() {
            sources.remove(&name);
        }
        if let Some(layers) = style["layers"].as_array_mut() {
            layers.retain(|layer| layer["source"].as_str() != Some(name.as_str()));
        }
    }
}

/// `…/tiles/a,b/{z}/{x}/{y}` in three: before, the names, what follows.
fn parts(url: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = url.split_once("/tiles/")?;
    let (layers, after) = rest.split_once('/')?;
    Some((before, layers, after))
}

/// A plain look: the colours of the layer's own code list over a quiet one.
fn add_plain(style: &mut Json, catalog: &Catalog, audience: &Audience, layer: &Layer, origin: &str) {
    let source = format!("tiles-{}", layer.name);
    let colour = colour(catalog, audience, layer);
    let least = layer.detail_zoom.saturating_sub(3);
    let base = |kind: &str, paint: Json| {
        json!({
            "id": format!("{}-{kind}", layer.name), "type": kind, "source": source, "source-layer": layer.name,
            "minzoom": least, "paint": paint,
        })
    };
    let fill = || base("fill", json!({ "fill-color": colour, "fill-opacity": 0.4 }));
    let line = |width: f64| base("line", json!({ "line-color": colour, "line-width": width }));
    let circle = || {
        base(
            "circle",
            json!({ "circle-color": colour, "circle-radius": 4, "circle-stroke-width": 1, "circle-stroke-color": "#FBFAF7" }),
        )
    };
    let mut drawn = match layer.geometry {
        Geometry::Point | Geometry::MultiPoint => vec![circle()],
        Geometry::Line | Geometry::MultiLine => vec![line(1.5)],
        Geometry::Polygon | Geometry::MultiPolygon => vec![fill(), line(0.75)],
        Geometry::Any => {
            let only = |mut layer: Json, kind: &str| {
                layer["filter"] = json!(["==", ["geometry-type"], kind]);
                layer
            };
            vec![only(fill(), "Polygon"), line(1.0), only(circle(), "Point")]
        }
        Geometry::None => return,
    };
    if let Some(own) = layer.style.as_ref().and_then(|style| style.get("layers")).and_then(Json::as_array) {
        drawn = own.iter().enumerate().map(|(at, own)| own_layer(own, at, layer, &source)).collect();
    }
    if let Some(sources) = style["sources"].as_object_mut() {
        let tiles = json!([format!("{origin}/tiles/{}/{{z}}/{{x}}/{{y}}", layer.name)]);
        sources.insert(source, json!({ "type": "vector", "tiles": tiles, "minzoom": 0, "maxzoom": 18 }));
    }
    if let Some(layers) = style["layers"].as_array_mut() {
        layers.extend(drawn);
    }
}

/// A style layer that the catalog brings along, bound to its own tiles.
fn own_layer(own: &Json, at: usize, layer: &Layer, source: &str) -> Json {
    let mut own = own.clone();
    own["id"] = format!("{}-{at}", layer.name).into();
    own["source"] = source.into();
    own["source-layer"] = layer.name.as_str().into();
    own
}

fn colour(catalog: &Catalog, audience: &Audience, layer: &Layer) -> Json {
    let quiet = json!("#5C6B73");
    let Some(attribute) = coloured_by(catalog, audience, layer) else { return quiet };
    let list = attribute.code_list.as_ref().and_then(|list| catalog.code_lists.get(list));
    let mut expression = vec![json!("match"), json!(["get", attribute.name])];
    let mut named = BTreeSet::new();
    for code in list.into_iter().flat_map(|list| &list.codes) {
        if let Some(colour) = code.colour.as_ref().filter(|_| named.insert(code.code.as_str())) {
            expression.push(json!(code.code));
            expression.push(json!(colour));
        }
    }
    expression.push(quiet);
    Json::Array(expression)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_that_is_not_seen_costs_neither_its_source_nor_the_others() {
        let mut style = json!({
            "sources": {
                "net": { "tiles": ["http://h/tiles/water_pipe,hydrant/{z}/{x}/{y}"] },
                "meters": { "tiles": ["http://h/tiles/water_meter/{z}/{x}/{y}"] },
                "sea": { "type": "geojson" },
            },
            "layers": [
                { "id": "a", "source": "net", "source-layer": "water_pipe" },
                { "id": "b", "source": "net", "source-layer": "hydrant" },
                { "id": "c", "source": "meters", "source-layer": "water_meter" },
                { "id": "d", "source": "sea" },
            ],
        });
        let seen = BTreeSet::from(["hydrant"]);
        let drawn = keep_seen_layers(&mut style, &seen);
        keep_seen_sources(&mut style, &seen);
        assert_eq!(drawn, BTreeSet::from(["hydrant".to_owned()]));
        assert_eq!(style["sources"]["net"]["tiles"][0], "http://h/tiles/hydrant/{z}/{x}/{y}");
        assert!(style["sources"].get("meters").is_none(), "{style}");
        assert_eq!(style["sources"]["sea"], json!({ "type": "geojson" }), "left as it was drawn");
        let ids: Vec<&str> =
            style["layers"].as_array().unwrap().iter().filter_map(|layer| layer["id"].as_str()).collect();
        assert_eq!(ids, ["b", "d"]);
    }
}
