//! The catalog as an audience sees it.

use std::collections::BTreeSet;

use dothi_tiles::{Audience, LayerName};
use serde_json::{Value as Json, json};

use crate::{
    catalog::{Attribute, Catalog, CodeList, Layer},
    live::State,
};

/// `GET /api/v1/layers`.
pub fn layers(state: &State, audience: &Audience) -> Json {
    let catalog = &state.catalog;
    let seen: Vec<&Layer> = catalog.layers.iter().filter(|layer| sees(audience, layer)).collect();
    let lists: BTreeSet<&str> = seen
        .iter()
        .flat_map(|layer| shown(audience, layer))
        .filter_map(|attribute| attribute.code_list.as_deref())
        .collect();
    let code_lists: serde_json::Map<String, Json> = lists
        .into_iter()
        .filter_map(|name| catalog.code_lists.get(name))
        .map(|list| (list.name.clone(), codes(list, state.date)))
        .collect();
    json!({
        "catalog_version": catalog.version,
        "place": catalog.place(),
        "groups": groups(catalog, &seen),
        "layers": seen.iter().map(|layer| described(state, audience, layer)).collect::<Vec<_>>(),
        "code_lists": code_lists,
    })
}

fn sees(audience: &Audience, layer: &Layer) -> bool {
    LayerName::new(&layer.name).is_ok_and(|name| audience.sees(&name))
}

/// The attributes that an audience sees of a layer, in order.
pub fn shown<'l>(audience: &Audience, layer: &'l Layer) -> Vec<&'l Attribute> {
    let Some(access) = LayerName::new(&layer.name).ok().and_then(|name| audience.access(&name)) else {
        return Vec::new();
    };
    let seen = |attribute: &&Attribute| {
        !attribute.private && access.attributes.as_ref().is_none_or(|set| set.contains(attribute.name.as_str()))
    };
    layer.attributes.iter().filter(seen).collect()
}

fn groups(catalog: &Catalog, seen: &[&Layer]) -> Vec<Json> {
    let used: BTreeSet<&str> = seen.iter().map(|layer| layer.group.as_str()).collect();
    let mut groups: Vec<Json> = Vec::new();
    let mut named = BTreeSet::new();
    for code in catalog.code_lists.get("layer_group").into_iter().flat_map(|list| &list.codes) {
        if used.contains(code.code.as_str()) && named.insert(code.code.as_str()) {
            groups.push(json!({ "name": code.code, "title": code.title }));
        }
    }
    let unnamed = used.into_iter().filter(|name| !named.contains(name));
    groups.extend(unnamed.map(|name| json!({ "name": name, "title": { "vi": "Khác", "en": "Other" } })));
    groups
}

fn described(state: &State, audience: &Audience, layer: &Layer) -> Json {
    let attributes: Vec<Json> = shown(audience, layer)
        .iter()
        .map(|attribute| {
            json!({
                "name": attribute.name, "title": attribute.title, "kind": attribute.kind, "unit": attribute.unit,
                "code_list": attribute.code_list, "in_tile": attribute.in_tile,
            })
        })
        .collect();
    // Where rows are hidden, how many there are is hidden too: each new one could be watched coming in.
    let name =
        LayerName::new(&layer.name).ok().filter(|name| audience.access(name).is_some_and(|seen| seen.rows.is_none()));
    let count = name.and_then(|name| state.core.layer(&name)).map(|layer| layer.len());
    json!({
        "name": layer.name, "title": layer.title, "group": layer.group, "geometry": layer.geometry,
        "detail_zoom": layer.detail_zoom, "legal": layer.legal, "generated": layer.generated, "attributes": attributes,
        "count": count, "legend": legend(state, audience, layer),
    })
}

/// The attribute that a layer is coloured by: the first coded one in its tiles whose list has colours.
pub fn coloured_by<'l>(catalog: &Catalog, audience: &Audience, layer: &'l Layer) -> Option<&'l Attribute> {
    shown(audience, layer).into_iter().filter(|attribute| attribute.in_tile).find(|attribute| {
        let list = attribute.code_list.as_ref().and_then(|list| catalog.code_lists.get(list));
        list.is_some_and(|list| list.codes.iter().any(|code| code.colour.is_some()))
    })
}

fn legend(state: &State, audience: &Audience, layer: &Layer) -> Json {
    let list = coloured_by(&state.catalog, audience, layer)
        .and_then(|attribute| state.catalog.code_lists.get(attribute.code_list.as_ref()?));
    list.map_or_else(
        || json!([]),
        |list| {
            let entries = held_now(list, state.date)
                .map(|code| json!({ "value": code.code, "title": code.title, "colour": code.colour }));
            entries.collect()
        },
    )
}

fn codes(list: &CodeList, date: chrono::NaiveDate) -> Json {
    held_now(list, date)
        .map(|code| json!({ "code": code.code, "title": code.title, "colour": code.colour, "group": code.group_code }))
        .collect()
}

/// Each code once: as it holds today, else as it once held, since old data still stand on the map.
fn held_now(list: &CodeList, date: chrono::NaiveDate) -> impl Iterator<Item = &crate::catalog::Code> {
    let mut seen = BTreeSet::new();
    list.codes
        .iter()
        .filter(move |code| seen.insert(code.code.as_str()))
        .filter_map(move |code| list.code_on(&code.code, date))
}
