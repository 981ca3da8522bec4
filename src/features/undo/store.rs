//! How an undo is made from history, written and kept, and how change sets are listed.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::{BuiltOn, Head, Settled, Step, plan};
use crate::{
    catalog::{Catalog, Layer},
    features::{
        Act, ChangeSet, OnConflict, Operation, StoreError, Values, Writer, Written,
        apply::write_in,
        row::{attributes, values},
    },
    identity::principal::Principal,
};

/// What became of an undo.
pub enum Undone {
    /// It was written, or said what would be, or held back with what stands against it.
    Tried(ChangeSet, Written),
    /// Others built on it.
    BuiltOn(Vec<BuiltOn>),
    /// It was taken back before, by this change set.
    Before(Uuid),
    /// There is no such change set.
    Unknown,
    /// It left nothing behind.
    Nothing,
}

/// Takes a change set back.
///
/// # Errors
/// See [`StoreError`]; nothing is written then.
pub async fn undo(
    pool: &PgPool,
    catalog: &Catalog,
    who: &Principal,
    id: Uuid,
    reason: String,
    dry_run: bool,
) -> Result<Undone, StoreError> {
    let mut transaction = pool.begin().await?;
    let (is_there, before): (bool, Option<Uuid>) = sqlx::query_as(
        "SELECT EXISTS (SELECT FROM changes.change_set WHERE id = $1), (SELECT change_set FROM changes.undo WHERE undoes = $1)",
    )
    .bind(id)
    .fetch_one(&mut *transaction)
    .await?;
    if !is_there {
        return Ok(Undone::Unknown);
    }
    if let Some(before) = before {
        return Ok(Undone::Before(before));
    }
    let operations = match operations(&mut transaction, catalog, id).await? {
        Ok(operations) if operations.is_empty() => return Ok(Undone::Nothing),
        Ok(operations) => operations,
        Err(built_on) => return Ok(Undone::BuiltOn(built_on)),
    };
    let set = ChangeSet { reason, atomic: true, on_conflict: OnConflict::Refuse, dry_run, operations };
    let written = write_in(&mut transaction, catalog, Writer { who, revives: true }, &set).await?;
    let Some(change_set) = written.change_set else {
        transaction.rollback().await?;
        return Ok(Undone::Tried(set, written));
    };
    sqlx::query("INSERT INTO changes.undo (change_set, undoes) VALUES ($1, $2)")
        .bind(change_set)
        .bind(id)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(Undone::Tried(set, written))
}

async fn operations(
    connection: &mut PgConnection,
    catalog: &Catalog,
    id: Uuid,
) -> Result<Result<Vec<Operation>, Vec<BuiltOn>>, StoreError> {
    let settled: Vec<Settled> =
        sqlx::query_as(include_str!("settled.sql")).bind(id).fetch_all(&mut *connection).await?;
    let mut layers: BTreeMap<String, Vec<Settled>> = BTreeMap::new();
    for one in settled {
        layers.entry(one.layer.clone()).or_default().push(one);
    }
    // The layer in which something was done last is taken back first.
    let mut layers: Vec<(String, Vec<Settled>)> = layers.into_iter().collect();
    layers.sort_by_key(|(_, settled)| -i64::from(settled.iter().map(|one| one.position).max().unwrap_or_default()));
    let (mut all, mut built_on) = (Vec::new(), Vec::new());
    for (name, settled) in layers {
        let layer = catalog.layer(&name).ok_or(StoreError::NoLayer(name))?;
        let ids: Vec<Uuid> = settled.iter().map(|one| one.id).collect();
        let heads: Vec<Head> = sqlx::query_as(&include_str!("heads.sql").replace("{layer}", &layer.name))
            .bind(ids)
            .fetch_all(&mut *connection)
            .await?;
        match plan(&settled, &heads) {
            Ok(steps) => all.extend(with_contents(connection, layer, steps).await?),
            Err(found) => built_on.extend(found),
        }
    }
    Ok(if built_on.is_empty() { Ok(all) } else { Err(built_on) })
}

/// What a version held: attributes, and the geometry exactly as it was, in legal metres where there are such.
type Held = (Values, Option<Value>);

async fn with_contents(
    connection: &mut PgConnection,
    layer: &Layer,
    steps: Vec<Step>,
) -> Result<Vec<Operation>, sqlx::Error> {
    let mut asked = Vec::new();
    for step in &steps {
        match step {
            Step::Remove { .. } => {}
            Step::PutBack { id, fid, before, version, .. } => {
                asked.extend([(*id, *fid, *before), (*id, *fid, *version)]);
            }
            Step::Restore { id, fid, before, .. } => asked.push((*id, *fid, *before)),
        }
    }
    let held = contents(connection, layer, &asked).await?;
    Ok(steps.into_iter().filter_map(|step| operation(layer, step, &held)).collect())
}

async fn contents(
    connection: &mut PgConnection,
    layer: &Layer,
    asked: &[(Uuid, i64, i32)],
) -> Result<HashMap<(i64, i32), Held>, sqlx::Error> {
    if asked.is_empty() {
        return Ok(HashMap::new());
    }
    let degrees = "ST_AsGeoJSON(t.geom, 15, 0)::jsonb";
    let geometry = match (layer.has_geometry(), layer.legal) {
        (false, _) => "NULL::jsonb".to_owned(),
        (true, false) => degrees.to_owned(),
        (true, true) => format!(
            "coalesce(ST_AsGeoJSON(t.geom_source, 15, 0)::jsonb || jsonb_build_object('srid', ST_SRID(t.geom_source)), {degrees})"
        ),
    };
    let statement = include_str!("contents.sql")
        .replace("{layer}", &layer.name)
        .replace("{attributes}", &attributes(layer))
        .replace("{geometry}", &geometry);
    let rows: Vec<(i64, i32, Value, Option<Value>)> = sqlx::query_as(&statement)
        .bind(asked.iter().map(|one| one.0).collect::<Vec<_>>())
        .bind(asked.iter().map(|one| one.1).collect::<Vec<_>>())
        .bind(asked.iter().map(|one| one.2).collect::<Vec<_>>())
        .fetch_all(connection)
        .await?;
    Ok(rows.into_iter().map(|(fid, version, held, shape)| ((fid, version), (values(held), shape))).collect())
}

fn operation(layer: &Layer, step: Step, held: &HashMap<(i64, i32), Held>) -> Option<Operation> {
    let (id, valid_at, act) = match step {
        Step::Remove { id, version, day } => (id, day, Act::Delete { base_version: version }),
        Step::PutBack { id, fid, before, version, day } => {
            let ((before, shape), (after, after_shape)) = (held.get(&(fid, before))?, held.get(&(fid, version))?);
            let differs = |name: &str| before.get(name) != after.get(name);
            let set: Values = before
                .iter()
                .filter(|(name, _)| differs(name))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            let geometry = shape.clone().filter(|_| shape != after_shape);
            if set.is_empty() && geometry.is_none() {
                return None;
            }
            (id, day, Act::Update { base_version: version, set, geometry })
        }
        Step::Restore { id, fid, before, day } => {
            let (set, geometry) = held.get(&(fid, before))?.clone();
            let set = set.into_iter().filter(|(_, value)| !value.is_null()).collect();
            (id, day, Act::Insert { set, geometry })
        }
    };
    Some(Operation { op_id: Uuid::now_v7(), entity: layer.name.clone(), id, valid_at, act })
}

/// Which change sets to list.
pub struct Wanted {
    /// That wrote in this layer.
    pub layer: Option<String>,
    /// By this account.
    pub by: Option<String>,
    /// Then or later.
    pub since: Option<DateTime<Utc>>,
    /// Before then.
    pub until: Option<DateTime<Utc>>,
    /// After this one in the list.
    pub after: Option<Uuid>,
    /// How many.
    pub limit: i64,
}

/// Change sets, the latest first.
///
/// # Errors
/// When the database cannot answer.
pub async fn list(pool: &PgPool, wanted: &Wanted) -> Result<Vec<Value>, sqlx::Error> {
    sqlx::query_scalar(include_str!("list.sql"))
        .bind(&wanted.layer)
        .bind(&wanted.by)
        .bind(wanted.since)
        .bind(wanted.until)
        .bind(wanted.after)
        .bind(wanted.limit)
        .fetch_all(pool)
        .await
}
