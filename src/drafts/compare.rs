//! What a draft would change, and what it touches.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use sqlx::{Acquire as _, PgPool};
use uuid::Uuid;

use super::{overlay, store, store::Look, work::DraftError};
use crate::{
    catalog::{Catalog, Layer},
    features::{Operation, Sees, content, shown, values},
    identity::principal::Principal,
};

/// Layers of which it is said what a draft touches.
const TOUCHED: [&str; 4] = ["parcel", "building", "permit", "works"];
/// Features of one layer that are listed; the sums hold all that were found.
const LISTED: usize = 200;

/// One object before and after.
struct Pair<'a> {
    layer: &'a Layer,
    operation: Operation,
    before: Option<Look>,
    after: Option<Look>,
}

async fn pairs<'a>(
    pool: &PgPool,
    catalog: &'a Catalog,
    who: &Principal,
    operations: Vec<Operation>,
) -> Result<(sqlx::Transaction<'static, sqlx::Postgres>, Vec<Pair<'a>>), DraftError> {
    let mut transaction = pool.begin().await?;
    let mut pairs = Vec::with_capacity(operations.len());
    for operation in &operations {
        let Some(layer) = catalog.layer(&operation.entity) else { continue };
        let before = look(&mut transaction, layer, operation).await?;
        pairs.push(Pair { layer, operation: operation.clone(), before, after: None });
    }
    overlay::lay_in(&mut transaction, catalog, who, operations).await?;
    for pair in &mut pairs {
        pair.after = look(&mut transaction, pair.layer, &pair.operation).await?;
    }
    Ok((transaction, pairs))
}

async fn look(
    connection: &mut sqlx::PgConnection,
    layer: &Layer,
    operation: &Operation,
) -> Result<Option<Look>, sqlx::Error> {
    store::look(connection, operation, &content(layer), layer.has_geometry(), layer.legal).await
}

/// Each object that the draft adds, changes or removes, with what it held and would hold, and its size in legal metres.
///
/// # Errors
/// When the database cannot answer.
pub async fn compare(
    pool: &PgPool,
    catalog: &Catalog,
    who: &Principal,
    operations: Vec<Operation>,
) -> Result<Vec<Value>, DraftError> {
    let (transaction, pairs) = pairs(pool, catalog, who, operations).await?;
    transaction.rollback().await?;
    Ok(pairs.into_iter().filter_map(row).collect())
}

fn row(pair: Pair<'_>) -> Option<Value> {
    let layer = pair.layer;
    let change = match (&pair.before, &pair.after) {
        (None, Some(_)) => "added",
        (Some(_), Some(_)) => "changed",
        (Some(_), None) => "removed",
        (None, None) => return None,
    };
    let held = |look: &Option<Look>| {
        look.as_ref().map(|look| shown(layer, values(look.held.clone()), Sees::Staff)).unwrap_or_default()
    };
    let (before, after) = (held(&pair.before), held(&pair.after));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).filter(|name| *name != "geometry").collect();
    let value = |of: &Map<String, Value>, name: &str| of.get(name).cloned().unwrap_or_default();
    let fields: Map<String, Value> = names
        .into_iter()
        .filter(|name| value(&before, name) != value(&after, name))
        .map(|name| (name.clone(), json!({ "before": value(&before, name), "after": value(&after, name) })))
        .collect();
    let side = |look: &Option<Look>, held: &Map<String, Value>| {
        look.as_ref().map(|look| {
            json!({ "geometry": held.get("geometry"), "area_m2": look.area_m2, "length_m": look.length_m,
                "area_kind": if look.is_legal { "legal" } else { "geodesic" }, "label": label(layer, held) })
        })
    };
    Some(json!({
        "layer": layer.name, "id": pair.operation.id, "op_id": pair.operation.op_id, "change": change, "fields": fields,
        "reshaped": before.get("geometry") != after.get("geometry"),
        "before": side(&pair.before, &before), "after": side(&pair.after, &after),
    }))
}

/// What people call it: the values of the layer's key.
fn label(layer: &Layer, held: &Map<String, Value>) -> String {
    let text = |name: &String| match held.get(name) {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Null) | None => None,
        Some(other) => Some(other.to_string()),
    };
    layer.key.iter().filter_map(text).collect::<Vec<_>>().join(" · ")
}

/// The same as an expression on rows of a layer.
fn label_of(layer: &Layer) -> String {
    let keys: Vec<String> = layer.key.iter().map(|name| format!("t.\"{name}\"::text")).collect();
    if keys.is_empty() { "''".to_owned() } else { format!("concat_ws(' · ', {})", keys.join(", ")) }
}

/// The parcels, buildings, permits and works that what changes touches: how many, and how many square metres of them.
///
/// # Errors
/// When the database cannot answer.
pub async fn impact(
    pool: &PgPool,
    catalog: &Catalog,
    who: &Principal,
    operations: Vec<Operation>,
) -> Result<Vec<Value>, DraftError> {
    let (mut transaction, pairs) = pairs(pool, catalog, who, operations).await?;
    let own: Vec<Uuid> = pairs.iter().map(|pair| pair.operation.id).collect();
    let looks = pairs.iter().flat_map(|pair| [&pair.before, &pair.after]).flatten();
    let shapes: Vec<Vec<u8>> = looks.filter_map(|look| look.shape.clone()).collect();
    let mut layers = Vec::new();
    for name in TOUCHED {
        let Some(layer) = catalog.layer(name).filter(|layer| layer.has_geometry()) else { continue };
        let mut savepoint = transaction.begin().await?;
        let met = store::meets(&mut savepoint, name, &label_of(layer), layer.legal, &shapes, &own).await?;
        savepoint.rollback().await?;
        let area: Option<f64> = met.iter().filter_map(|one| one.area_m2).reduce(|sum, area| sum + area);
        let features: Vec<Value> = met
            .iter()
            .take(LISTED)
            .map(|one| json!({ "id": one.id, "label": one.label, "area_m2": one.area_m2 }))
            .collect();
        layers.push(json!({
            "layer": name, "title": layer.title, "count": met.len(), "area_m2": area, "features": features,
            "area_kind": if layer.legal { "legal" } else { "geodesic" },
        }));
    }
    transaction.rollback().await?;
    Ok(layers)
}

/// The communes in which the draft changes something; an empty code for a place in none.
///
/// # Errors
/// When the database cannot answer.
pub async fn communes(
    pool: &PgPool,
    catalog: &Catalog,
    who: &Principal,
    operations: Vec<Operation>,
) -> Result<Vec<String>, DraftError> {
    let (mut transaction, pairs) = pairs(pool, catalog, who, operations).await?;
    let looks = pairs.iter().flat_map(|pair| [&pair.before, &pair.after]).flatten();
    let shapes: Vec<Vec<u8>> = looks.filter_map(|look| look.shape.clone()).collect();
    let codes = crate::features::allowed::communes_of_shapes(&mut transaction, &shapes).await?;
    transaction.rollback().await?;
    Ok(codes)
}
