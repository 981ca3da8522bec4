//! The attributes of a layer as a JSON Schema (draft 2020-12), from which forms are made.
//!
//! Members that begin with `x-` say what JSON Schema has no word for: titles in both languages, unit, colour, validity.

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use super::Editing;
use crate::catalog::{Attribute, Catalog, CodeList, Effect, Kind, Layer, RuleOn, Text};

/// The schema of what one may send as `set` of an insert.
pub fn schema(catalog: &Catalog, layer: &Layer, editing: &Editing, date: NaiveDate) -> Value {
    let shown = || layer.attributes.iter().filter(|attribute| !attribute.private);
    let properties: Map<String, Value> =
        shown().map(|attribute| (attribute.name.clone(), property(catalog, layer, attribute, date))).collect();
    let required: Vec<&str> = shown().filter(|one| one.required).map(|one| one.name.as_str()).collect();
    let rules: Vec<Value> = layer
        .rules
        .iter()
        .filter(|rule| rule.on != RuleOn::Import)
        .map(|rule| json!({ "name": rule.name, "effect": rule.effect, "title": rule.title }))
        .collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("/api/v1/layers/{}/schema", layer.name),
        "title": layer.title.vi,
        "x-title": layer.title,
        "description": layer.comment,
        "type": "object",
        "properties": properties,
        // JSON objects forget their order in many languages; forms need it.
        "x-order": shown().map(|one| one.name.as_str()).collect::<Vec<_>>(),
        "required": required,
        "additionalProperties": false,
        "x-layer": {
            "name": layer.name, "geometry": layer.geometry, "legal": layer.legal,
            "legal_srid": layer.legal_srid.or(catalog.place().legal_srid), "key": layer.key, "rules": rules, "edit": editing,
            "catalog_version": catalog.version,
        },
    })
}

fn property(catalog: &Catalog, layer: &Layer, attribute: &Attribute, date: NaiveDate) -> Value {
    let mut made = json!({
        "title": attribute.title.vi, "x-title": attribute.title, "x-kind": attribute.kind,
        "description": attribute.comment, "x-help": help(attribute), "x-searchable": attribute.searchable,
    });
    let list = attribute.code_list.as_ref().and_then(|name| catalog.code_lists.get(name));
    let more = match list {
        Some(list) => coded(layer, attribute, list, date),
        None => typed(attribute),
    };
    if let (Some(made), Value::Object(more)) = (made.as_object_mut(), more) {
        made.extend(more);
        if let Some(unit) = &attribute.unit {
            made.insert("x-unit".to_owned(), json!(unit));
        }
        if let Some(refers_to) = &attribute.refers_to {
            made.insert("x-refers-to".to_owned(), json!(refers_to));
        }
    }
    made
}

/// What the attribute means, in both languages; one text for both where the layer's file has only one.
fn help(attribute: &Attribute) -> Text {
    let vi = if attribute.comment_vi.is_empty() { &attribute.comment } else { &attribute.comment_vi };
    Text { vi: vi.clone(), en: attribute.comment.clone() }
}

fn typed(attribute: &Attribute) -> Value {
    let (kind, format) = match attribute.kind {
        Kind::Text | Kind::Code => ("string", None),
        Kind::Int => ("integer", None),
        Kind::Float => ("number", None),
        Kind::Bool => ("boolean", None),
        Kind::Date => ("string", Some("date")),
        Kind::Timestamp => ("string", Some("date-time")),
        // Any JSON value.
        Kind::Json => return json!({}),
    };
    let mut made = if attribute.required { json!({ "type": kind }) } else { json!({ "type": [kind, "null"] }) };
    if let (Some(format), Some(made)) = (format, made.as_object_mut()) {
        made.insert("format".to_owned(), json!(format));
    }
    // What can be counted is never less than nothing.
    if matches!(attribute.unit.as_deref(), Some("m2" | "storey" | "person"))
        && let Some(made) = made.as_object_mut()
    {
        made.insert("minimum".to_owned(), json!(0));
    }
    made
}

/// Codes as they hold today come first in their order; those that no longer hold are marked, since old data have them.
fn coded(layer: &Layer, attribute: &Attribute, list: &CodeList, date: NaiveDate) -> Value {
    let mut seen = std::collections::BTreeSet::new();
    let codes = list.codes.iter().filter(|code| seen.insert(code.code.as_str()));
    let mut choices: Vec<Value> = codes
        .filter_map(|code| list.code_on(&code.code, date))
        .map(|code| {
            let holds = code.valid_from.is_none_or(|from| from <= date) && code.valid_to.is_none_or(|to| date < to);
            json!({
                "const": code.code, "title": code.title.vi, "x-title": code.title, "x-colour": code.colour,
                "x-valid-from": code.valid_from, "x-valid-to": code.valid_to, "deprecated": !holds,
            })
        })
        .collect();
    if !attribute.required {
        choices.push(json!({ "type": "null" }));
    }
    // Where an unknown code only warns, any text is taken.
    let is_open = layer.rules.iter().any(|rule| rule.name == "known_code" && rule.effect == Effect::Warn);
    if is_open {
        json!({ "x-code-list": list.name, "anyOf": [{ "oneOf": choices }, { "type": "string" }] })
    } else {
        json!({ "x-code-list": list.name, "oneOf": choices })
    }
}
