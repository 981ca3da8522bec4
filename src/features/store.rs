//! How a change set is written: one transaction, its locks taken in one order, every operation under a savepoint.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use sqlx::{Acquire as _, PgConnection, PgPool};
use uuid::Uuid;

use super::{
    Act, Actor, ChangeSet, Conflict, Finding, OnConflict, Operation, Outcome, Values, check,
    merge::{Merge, merge},
    prepare::{self, Shape},
    rules,
};
use crate::catalog::{Catalog, Geometry, Layer};
use crate::live::position::Position;

/// What became of a change set.
pub struct Written {
    /// Its identifier; none when nothing was written.
    pub change_set: Option<Uuid>,
    /// Where in the feed it stands; none when nothing was written.
    pub position: Option<Position>,
    /// What became of each operation, in their order.
    pub outcomes: Vec<(Uuid, Value, bool)>,
}

/// Why a change set could not be taken at all.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database could not answer.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// An answer could not be written as JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// An `op_id` that stands for another operation.
    #[error("op_id {0} was sent before with another operation")]
    Taken(Uuid),
    /// A layer that the catalog does not have.
    #[error("no layer {0}")]
    NoLayer(String),
}

/// Writes a change set.
///
/// # Errors
/// See [`StoreError`]; nothing is written then. What is wrong with single operations is in their outcomes.
pub async fn apply(pool: &PgPool, catalog: &Catalog, actor: &Actor, set: &ChangeSet) -> Result<Written, StoreError> {
    let mut transaction = pool.begin().await?;
    sqlx::query("SELECT set_config('dothi.actor', $1, true), set_config('statement_timeout', '20s', true)")
        .bind(&actor.0)
        .execute(&mut *transaction)
        .await?;
    let prepared = prepare_all(&mut transaction, catalog, set).await?;
    lock_all(&mut transaction, set, &prepared).await?;

    let mut outcomes = Vec::with_capacity(set.operations.len());
    let mut settled = Vec::new();
    for (operation, (layer, shape)) in set.operations.iter().zip(&prepared) {
        if let Some(answer) = answered(&mut transaction, operation).await? {
            outcomes.push((operation.op_id, answer, true));
            continue;
        }
        let outcome = match shape {
            Err(findings) => Outcome::Refused { findings: findings.clone() },
            Ok(shape) => one(&mut transaction, layer, shape.as_ref(), operation, set.on_conflict).await?,
        };
        let answer = serde_json::to_value(&outcome)?;
        if let Outcome::Applied { version, .. } | Outcome::Merged { version, .. } | Outcome::Identical { version } =
            outcome
        {
            settled.push((outcomes.len(), version, answer.clone()));
        }
        outcomes.push((operation.op_id, answer, outcome.is_settled()));
    }
    let held_back = set.dry_run || (set.atomic && outcomes.iter().any(|(_, _, settled)| !settled));
    if held_back {
        transaction.rollback().await?;
        return Ok(Written { change_set: None, position: None, outcomes });
    }
    if settled.is_empty() {
        transaction.rollback().await?;
        let (change_set, position) = earlier(pool, set).await?.unzip();
        return Ok(Written { change_set, position, outcomes });
    }
    let (id, position) = record(&mut transaction, set, &settled).await?;
    transaction.commit().await?;
    Ok(Written { change_set: Some(id), position: Some(position), outcomes })
}

type Prepared<'a> = Vec<(&'a Layer, Result<Option<Shape>, Vec<Finding>>)>;

async fn prepare_all<'a>(
    connection: &mut PgConnection,
    catalog: &'a Catalog,
    set: &ChangeSet,
) -> Result<Prepared<'a>, StoreError> {
    let mut prepared = Vec::with_capacity(set.operations.len());
    for operation in &set.operations {
        let name = &operation.entity;
        let layer = catalog.layer(name).ok_or_else(|| StoreError::NoLayer(name.clone()))?;
        let found = check::check(catalog, layer, &operation.act);
        if check::stops(&found) {
            prepared.push((layer, Err(found)));
            continue;
        }
        let (Act::Insert { geometry, .. } | Act::Update { geometry, .. }) = &operation.act else {
            prepared.push((layer, Ok(None)));
            continue;
        };
        let Some(geometry) = geometry else {
            prepared.push((layer, Ok(None)));
            continue;
        };
        let mut savepoint = connection.begin().await?;
        let shape = prepare::shape(&mut savepoint, layer, geometry).await?;
        savepoint.rollback().await?;
        prepared.push((layer, shape.map(Some).map_err(|finding| vec![finding])));
    }
    Ok(prepared)
}

/// Operations, objects and cells, in one sorted list: two change sets never wait for each other in a circle.
async fn lock_all(connection: &mut PgConnection, set: &ChangeSet, prepared: &Prepared<'_>) -> Result<(), sqlx::Error> {
    let mut keys = Vec::new();
    for (operation, (_, shape)) in set.operations.iter().zip(prepared) {
        keys.push(prepare::lock("operation", &operation.op_id.to_string()));
        keys.push(prepare::lock("object", &operation.id.to_string()));
        if let Ok(Some(shape)) = shape {
            keys.extend(&shape.cells);
        }
    }
    keys.sort_unstable();
    keys.dedup();
    for some in keys.chunks(2_000) {
        sqlx::query("SELECT pg_advisory_xact_lock(key) FROM unnest($1::bigint[]) AS key")
            .bind(some)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

fn hash(operation: &Operation) -> Result<Vec<u8>, serde_json::Error> {
    // Keys of a JSON map are sorted: the same operation has the same text.
    Ok(Sha256::digest(serde_json::to_value(operation)?.to_string()).to_vec())
}

async fn answered(connection: &mut PgConnection, operation: &Operation) -> Result<Option<Value>, StoreError> {
    let kept: Option<(Vec<u8>, Value)> =
        sqlx::query_as("SELECT request_hash, answer FROM changes.operation WHERE op_id = $1")
            .bind(operation.op_id)
            .fetch_optional(connection)
            .await?;
    match kept {
        Some((before, answer)) if before == hash(operation)? => Ok(Some(answer)),
        Some(_) => Err(StoreError::Taken(operation.op_id)),
        None => Ok(None),
    }
}

async fn earlier(pool: &PgPool, set: &ChangeSet) -> Result<Option<(Uuid, Position)>, sqlx::Error> {
    let ids: Vec<Uuid> = set.operations.iter().map(|operation| operation.op_id).collect();
    let row: Option<(Uuid, Uuid, i64)> = sqlx::query_as(
        "SELECT id, epoch, xid::text::bigint FROM changes.change_set \
         WHERE id IN (SELECT change_set FROM changes.operation WHERE op_id = ANY ($1)) ORDER BY xid DESC LIMIT 1",
    )
    .bind(ids)
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|(id, epoch, xid)| (id, Position { epoch, xid: xid.cast_unsigned() })))
}

async fn record(
    connection: &mut PgConnection,
    set: &ChangeSet,
    settled: &[(usize, i32, Value)],
) -> Result<(Uuid, Position), StoreError> {
    let (id, epoch, xid): (Uuid, Uuid, i64) =
        sqlx::query_as("INSERT INTO changes.change_set (reason) VALUES ($1) RETURNING id, epoch, xid::text::bigint")
            .bind(&set.reason)
            .fetch_one(&mut *connection)
            .await?;
    for (at, version, answer) in settled {
        let Some(operation) = set.operations.get(*at) else { continue };
        sqlx::query(
            "INSERT INTO changes.operation (op_id, change_set, position, request_hash, layer, id, version, answer) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(operation.op_id)
        .bind(id)
        .bind(i32::try_from(*at).unwrap_or(i32::MAX))
        .bind(hash(operation)?)
        .bind(&operation.entity)
        .bind(operation.id)
        .bind(version)
        .bind(answer)
        .execute(&mut *connection)
        .await?;
    }
    Ok((id, Position { epoch, xid: xid.cast_unsigned() }))
}

/// One operation under a savepoint: what the database refuses is a finding, and leaves the others alone.
async fn one(
    connection: &mut PgConnection,
    layer: &Layer,
    shape: Option<&Shape>,
    operation: &Operation,
    on_conflict: OnConflict,
) -> Result<Outcome, StoreError> {
    let mut savepoint = connection.begin().await?;
    let outcome = match attempt(&mut savepoint, layer, shape, operation, on_conflict).await {
        Ok(outcome) => outcome,
        Err(StoreError::Database(sqlx::Error::Database(error)))
            if error.code().is_some_and(|code| code.starts_with("22") || code.starts_with("23")) =>
        {
            let rule = error.constraint().unwrap_or("database").to_owned();
            tracing::warn!(cause = %error, layer = layer.name, "the database refused an operation that the checks let through");
            Outcome::Refused {
                findings: vec![Finding::refuse(
                    &rule,
                    None,
                    "Cơ sở dữ liệu từ chối",
                    format!("The database refuses this: {rule}"),
                )],
            }
        }
        Err(error) => return Err(error),
    };
    if outcome.is_settled() {
        savepoint.commit().await?;
    } else {
        savepoint.rollback().await?;
    }
    Ok(outcome)
}

fn no_such(vi: &str, en: &str, rule: &str) -> Outcome {
    Outcome::Refused { findings: vec![Finding::refuse(rule, None, vi, en)] }
}

#[derive(sqlx::FromRow)]
struct Row {
    fid: i64,
    version: i32,
    actor: String,
    known_since: DateTime<Utc>,
    content: Value,
}

async fn attempt(
    connection: &mut PgConnection,
    layer: &Layer,
    shape: Option<&Shape>,
    operation: &Operation,
    on_conflict: OnConflict,
) -> Result<Outcome, StoreError> {
    let (base, set) = match &operation.act {
        Act::Insert { set, .. } => return insert(connection, layer, shape, operation, set).await,
        Act::Update { base_version, set, .. } => (*base_version, Some(set)),
        Act::Delete { base_version } => (*base_version, None),
    };
    let row: Option<Row> = sqlx::query_as(&format!(
        "SELECT fid, version, actor, known_since, {} AS content FROM gis.\"{}\" AS t \
         WHERE id = $1 AND validity @> coalesce($2, current_date) FOR UPDATE",
        content(layer),
        layer.name
    ))
    .bind(operation.id)
    .bind(operation.valid_at)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else {
        return Ok(no_such("Không có đối tượng này vào ngày đó", "There is no such object on that day", "exists"));
    };
    let there = values(row.content);
    if base > row.version {
        return Ok(no_such("Phiên bản này chưa có", "There is no such version yet", "base_version"));
    }
    let seen =
        if base == row.version { Some(there.clone()) } else { version(connection, layer, operation, base).await? };
    let conflict = |yours: Values, fields: Vec<String>| {
        Outcome::Conflict(Box::new(Conflict {
            seen: seen.clone().map(|values| shown(layer, values)),
            there: Some(shown(layer, there.clone())),
            yours,
            fields,
            version: Some(row.version),
            actor: Some(row.actor.clone()),
            at: Some(row.known_since),
        }))
    };
    let Some(set) = set else {
        if base != row.version {
            return Ok(conflict(Values::new(), Vec::new()));
        }
        sqlx::query(&format!("DELETE FROM gis.\"{}\" WHERE fid = $1", layer.name))
            .bind(row.fid)
            .execute(connection)
            .await?;
        return Ok(Outcome::Applied { version: row.version, warnings: Vec::new() });
    };
    let yours = normal(connection, layer, set, shape).await?;
    // Whether a private attribute holds what somebody guesses is never answered: on an old version it is a conflict, right or
    // wrong, and on this one it is written, changed or not.
    let is_private = |name: &String| layer.attribute(name).is_some_and(|attribute| attribute.private);
    let hidden: Values =
        yours.iter().filter(|(name, _)| is_private(name)).map(|(name, value)| (name.clone(), value.clone())).collect();
    if !hidden.is_empty() && base != row.version {
        let fields = yours.keys().cloned().collect();
        return Ok(conflict(yours, fields));
    }
    let merged = match (&seen, on_conflict) {
        _ if base == row.version => merge(&there, &there, &yours),
        (Some(seen), OnConflict::Merge) => merge(seen, &there, &yours),
        // Refuse: whatever differs from what is there stands against the other's version.
        _ => match merge(&there, &there, &yours) {
            Merge::Write(write) => Merge::Conflict(write.into_iter().map(|(name, _)| name).collect()),
            other => other,
        },
    };
    let write = match merged {
        Merge::Identical if !hidden.is_empty() => hidden,
        Merge::Identical => return Ok(Outcome::Identical { version: row.version }),
        Merge::Conflict(fields) => return Ok(conflict(yours, fields)),
        Merge::Write(write) => write,
    };
    let version = update(connection, layer, row.fid, &write, shape).await?;
    let found = rules::broken(connection, layer, row.fid).await?;
    if check::stops(&found) {
        return Ok(Outcome::Refused { findings: found });
    }
    Ok(if base == row.version {
        Outcome::Applied { version, warnings: found }
    } else {
        Outcome::Merged { version, warnings: found }
    })
}

async fn insert(
    connection: &mut PgConnection,
    layer: &Layer,
    shape: Option<&Shape>,
    operation: &Operation,
    set: &Values,
) -> Result<Outcome, StoreError> {
    let taken: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM gis.object WHERE id = $1)")
        .bind(operation.id)
        .fetch_one(&mut *connection)
        .await?;
    if taken {
        return Ok(no_such("Mã đối tượng này đã có", "An object with this id exists already", "new_id"));
    }
    let mut columns = vec!["id".to_owned(), "validity".to_owned()];
    let mut picked = vec!["$1".to_owned(), "daterange($2, NULL)".to_owned()];
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
         WHERE ($4::text IS NULL) = ($5::int IS NULL) RETURNING fid, version",
        layer.name,
        columns.join(", "),
        picked.join(", ")
    );
    let (fid, version): (i64, i32) = sqlx::query_as(&statement)
        .bind(operation.id)
        .bind(operation.valid_at)
        .bind(Value::Object(set.clone()))
        .bind(shape.map(|shape| &shape.json))
        .bind(shape.map(|shape| shape.srid))
        .fetch_one(&mut *connection)
        .await?;
    let found = rules::broken(connection, layer, fid).await?;
    if check::stops(&found) {
        return Ok(Outcome::Refused { findings: found });
    }
    Ok(Outcome::Applied { version, warnings: found })
}

async fn update(
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
async fn normal(
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
async fn version(
    connection: &mut PgConnection,
    layer: &Layer,
    operation: &Operation,
    version: i32,
) -> Result<Option<Values>, sqlx::Error> {
    let statement = format!(
        "SELECT {} FROM gis_history.\"{}\" AS t WHERE id = $1 AND version = $2 \
         AND validity @> coalesce($3, current_date) LIMIT 1",
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
fn attributes(layer: &Layer) -> String {
    let pairs: Vec<String> = layer.attributes.iter().map(|one| format!("'{0}', t.\"{0}\"", one.name)).collect();
    pairs.chunks(40).map(|some| format!("jsonb_build_object({})", some.join(", "))).collect::<Vec<_>>().join(" || ")
}

/// The same with its geometry, to a tenth of a millimetre.
fn content(layer: &Layer) -> String {
    if layer.has_geometry() {
        format!("{} || jsonb_build_object('geometry', ST_AsGeoJSON(t.geom, 9)::jsonb)", attributes(layer))
    } else {
        attributes(layer)
    }
}

fn values(value: Value) -> Values {
    match value {
        Value::Object(values) => values,
        _ => Values::new(),
    }
}

/// Without what only staff with the right may see.
fn shown(layer: &Layer, values: Values) -> Values {
    let private = |name: &str| layer.attribute(name).is_some_and(|attribute| attribute.private);
    values.into_iter().filter(|(name, _)| !private(name)).collect()
}

/// A change set that was written.
#[derive(sqlx::FromRow)]
pub struct Kept {
    /// Who wrote it.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: DateTime<Utc>,
    /// What became of its operations.
    pub operations: Value,
}

/// Reads a change set.
///
/// # Errors
/// When the database cannot answer.
pub async fn change_set(pool: &PgPool, id: Uuid) -> Result<Option<Kept>, sqlx::Error> {
    sqlx::query_as(include_str!("change_set.sql")).bind(id).fetch_optional(pool).await
}

/// Every version of an object, newest first: who, when, why, and what it held.
///
/// # Errors
/// When the database cannot answer.
pub async fn history(pool: &PgPool, layer: &Layer, id: Uuid) -> Result<Vec<Value>, sqlx::Error> {
    let content = content(layer);
    let statement = include_str!("history.sql").replace("{layer}", &layer.name).replace("{content}", &content);
    let rows: Vec<(Value, Value)> = sqlx::query_as(&statement).bind(id).fetch_all(pool).await?;
    let whole = |(mut head, held): (Value, Value)| {
        if let Some(head) = head.as_object_mut() {
            head.insert("values".to_owned(), Value::Object(shown(layer, values(held))));
        }
        head
    };
    Ok(rows.into_iter().map(whole).collect())
}
