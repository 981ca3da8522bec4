//! The rows of a layer as JSON, and how they are written.

use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Operation, Values, prepare::Shape};
use crate::catalog::{Geometry, Layer};

/// Is this id in use? When an object may come back, only another layer's object stands against it: of two rows on one day the
/// table's own trigger knows.
pub(super) async fn is_taken(
    connection: &mut PgConnection,
    layer: &Layer,
    id: Uuid,
    revives: bool,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(&format!(
        "SELECT EXISTS (SELECT FROM gis.object WHERE id = $1 AND (NOT $2 OR layer <> '{0}')) \
         OR (NOT $2 AND EXISTS (SELECT FROM gis.\"{0}\" WHERE id = $1))",
        layer.name
    ))
    .bind(id)
    .bind(revives)
    .fetch_one(connection)
    .await
}

/// Writes a new row; its fid and version. One that comes back keeps its validity, and where it once came from.
pub(super) async fn insert(
    connection: &mut PgConnection,
    layer: &Layer,
    operation: &Operation,
    set: &Values,
    shape: Option<&Shape>,
    revives: bool,
) -> Result<(i64, i32), sqlx::Error> {
    let mut columns = vec!["id".to_owned(), "validity".to_owned(), "source_id".to_owned(), "extra".to_owned()];
    let mut picked = ["$1", "coalesce(gone.validity, daterange($2, NULL))", "gone.source_id", "gone.extra"]
        .map(ToOwned::to_owned)
        .to_vec();
    for name in set.keys() {
        columns.push(format!("\"{name}\""));
        picked.push(format!("r.\"{name}\""));
    }
    if let Some(shape) = shape {
        columns.push(column(shape).to_owned());
        picked.push("ST_SetSRID(ST_GeomFromGeoJSON($4), $5)".to_owned());
    }
    let statement = format!(
        "INSERT INTO gis.\"{0}\" ({1}) SELECT {2} FROM jsonb_populate_record(NULL::gis.\"{0}\", $3) AS r \
         LEFT JOIN LATERAL (SELECT validity, source_id, extra FROM gis_history.\"{0}\" \
            WHERE $6 AND id = $1 AND lower(validity) IS NOT DISTINCT FROM $2 ORDER BY version DESC LIMIT 1) AS gone ON true \
         WHERE ($4::text IS NULL) = ($5::int IS NULL) RETURNING fid, version",
        layer.name,
        columns.join(", "),
        picked.join(", ")
    );
    sqlx::query_as(&statement)
        .bind(operation.id)
        .bind(operation.valid_at)
        .bind(Value::Object(set.clone()))
        .bind(shape.map(|shape| &shape.json))
        .bind(shape.map(|shape| shape.srid))
        .bind(revives)
        .fetch_one(connection)
        .await
}

/// Writes other values into a row; its new version.
pub(super) async fn update(
    connection: &mut PgConnection,
    layer: &Layer,
    fid: i64,
    write: &Values,
    shape: Option<&Shape>,
) -> Result<i32, sqlx::Error> {
    let mut assigned: Vec<String> =
        write.keys().filter(|name| *name != "geometry").map(|name| format!("\"{name}\" = r.\"{name}\"")).collect();
    let shape = shape.filter(|_| write.contains_key("geometry"));
    if let Some(shape) = shape {
        assigned.push(format!("{} = ST_SetSRID(ST_GeomFromGeoJSON($3), $4)", column(shape)));
    }
    let statement = format!(
        "UPDATE gis.\"{0}\" AS t SET {1} FROM jsonb_populate_record(NULL::gis.\"{0}\", $2) AS r \
         WHERE t.fid = $1 AND ($3::text IS NULL) = ($4::int IS NULL) RETURNING t.version",
        layer.name,
        assigned.join(", ")
    );
    let mut attributes = write.clone();
    attributes.remove("geometry");
    sqlx::query_scalar(&statement)
        .bind(fid)
        .bind(Value::Object(attributes))
        .bind(shape.map(|shape| &shape.json))
        .bind(shape.map(|shape| shape.srid))
        .fetch_one(connection)
        .await
}

/// Legal metres go into the column of legal metres; the row's trigger computes the other one (decision 3).
fn column(shape: &Shape) -> &'static str {
    if shape.srid == 4326 { "geom" } else { "geom_source" }
}

/// The editor's values in the words of the database, so that they compare with what it holds.
pub(super) async fn normal(
    connection: &mut PgConnection,
    layer: &Layer,
    set: &Values,
    shape: Option<&Shape>,
) -> Result<Values, sqlx::Error> {
    let statement =
        format!("SELECT {} FROM jsonb_populate_record(NULL::gis.\"{}\", $1) AS t", attributes(layer), layer.name);
    let all: Value =
        sqlx::query_scalar(&statement).bind(Value::Object(set.clone())).fetch_one(&mut *connection).await?;
    let mut yours: Values = values(all).into_iter().filter(|(name, _)| set.contains_key(name)).collect();
    if let Some(shape) = shape {
        let multi = matches!(layer.geometry, Geometry::MultiPoint | Geometry::MultiLine | Geometry::MultiPolygon);
        let geometry: Value = sqlx::query_scalar(
            "SELECT ST_AsGeoJSON(CASE WHEN $3 THEN ST_Multi(geom) ELSE geom END, 9)::jsonb \
             FROM (SELECT gis.to_wgs84(ST_SetSRID(ST_GeomFromGeoJSON($1), $2)) AS geom) AS given",
        )
        .bind(&shape.json)
        .bind(shape.srid)
        .bind(multi)
        .fetch_one(connection)
        .await?;
        yours.insert("geometry".to_owned(), geometry);
    }
    Ok(yours)
}

/// What an earlier version of the object held, where it was kept.
pub(super) async fn version(
    connection: &mut PgConnection,
    layer: &Layer,
    operation: &Operation,
    version: i32,
) -> Result<Option<Values>, sqlx::Error> {
    let statement = format!(
        "SELECT {} FROM gis_history.\"{}\" AS t WHERE id = $1 AND version = $2 \
         AND validity @> coalesce($3, gis.today()) LIMIT 1",
        content(layer),
        layer.name
    );
    let kept: Option<Value> = sqlx::query_scalar(&statement)
        .bind(operation.id)
        .bind(version)
        .bind(operation.valid_at)
        .fetch_optional(connection)
        .await?;
    Ok(kept.map(values))
}

/// The attributes of a row as one JSON object; functions take 100 arguments, so in parts.
pub(super) fn attributes(layer: &Layer) -> String {
    let pairs: Vec<String> = layer.attributes.iter().map(|one| format!("'{0}', t.\"{0}\"", one.name)).collect();
    pairs.chunks(40).map(|some| format!("jsonb_build_object({})", some.join(", "))).collect::<Vec<_>>().join(" || ")
}

/// The same with its geometry, to a tenth of a millimetre.
pub(crate) fn content(layer: &Layer) -> String {
    if layer.has_geometry() {
        format!("{} || jsonb_build_object('geometry', ST_AsGeoJSON(t.geom, 9)::jsonb)", attributes(layer))
    } else {
        attributes(layer)
    }
}

pub(crate) fn values(value: Value) -> Values {
    match value {
        Value::Object(values) => values,
        _ => Values::new(),
    }
}

/// How much of a row somebody may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sees {
    /// What the catalog opens to everybody.
    Public,
    /// All but what is private.
    Staff,
}

/// Without what may not be seen.
pub(crate) fn shown(layer: &Layer, values: Values, sees: Sees) -> Values {
    let is_shown = |name: &str| match (sees, layer.attribute(name)) {
        (Sees::Staff, attribute) => attribute.is_none_or(|attribute| !attribute.private),
        // Not an attribute: the geometry.
        (Sees::Public, None) => layer.is_public(),
        (Sees::Public, Some(attribute)) => layer.shows_public(attribute) && !attribute.private,
    };
    values.into_iter().filter(|(name, _)| is_shown(name)).collect()
}
