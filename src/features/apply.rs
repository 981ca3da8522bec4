//! How a change set is written: one transaction, its locks taken in one order, every operation under a savepoint.

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use sqlx::{Acquire as _, PgConnection, PgPool};
use uuid::Uuid;

use super::{
    Act, ChangeSet, Finding, Operation, Outcome, check,
    operation::one,
    prepare::{self, Shape},
};
use crate::catalog::{Catalog, Layer};
use crate::identity::principal::Principal;
use crate::live::position::Position;

/// Under whose name and rights a change set is written.
#[derive(Clone, Copy)]
pub struct Writer<'a> {
    /// Whose rights are asked, and whose account history holds.
    pub who: &'a Principal,
    /// May an insert bring back an object that was deleted, under its old id? Only undo does.
    pub revives: bool,
}

/// What became of a change set.
pub struct Written {
    /// Its identifier; none when nothing was written.
    pub change_set: Option<Uuid>,
    /// Where in the feed it stands; none when nothing was written.
    pub position: Option<Position>,
    /// What became of each operation, in their order.
    pub outcomes: Vec<(Uuid, Value, bool)>,
}

impl Written {
    /// Is it all or nothing, and one of them did not go?
    pub fn is_held_back(&self, set: &ChangeSet) -> bool {
        set.atomic && self.outcomes.iter().any(|(_, _, settled)| !settled)
    }
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

/// Writes a change set in a transaction of its own.
///
/// # Errors
/// See [`StoreError`]; nothing is written then. What is wrong with single operations is in their outcomes.
pub async fn apply(
    pool: &PgPool,
    catalog: &Catalog,
    writer: Writer<'_>,
    set: &ChangeSet,
) -> Result<Written, StoreError> {
    let mut transaction = pool.begin().await?;
    let written = write_in(&mut transaction, catalog, writer, set).await?;
    if written.change_set.is_none() {
        transaction.rollback().await?;
        let (change_set, position) = earlier(pool, set).await?.unzip();
        let change_set = if set.dry_run || written.is_held_back(set) { None } else { change_set };
        return Ok(Written { position: change_set.and(position), change_set, ..written });
    }
    transaction.commit().await?;
    Ok(written)
}

/// Writes a change set in the caller's transaction, which must write nothing else that waits for a lock before it.
///
/// The caller commits when [`Written::change_set`] is there, and rolls back when it is not: a dry run, an atomic set of which
/// one operation did not go, or a set in which nothing was left to do. It sets `dothi.actor` for the rest of the transaction.
///
/// # Errors
/// See [`StoreError`]; the transaction is to be rolled back then.
pub async fn write_in(
    connection: &mut PgConnection,
    catalog: &Catalog,
    writer: Writer<'_>,
    set: &ChangeSet,
) -> Result<Written, StoreError> {
    sqlx::query("SELECT set_config('dothi.actor', $1, true), set_config('statement_timeout', '20s', true)")
        .bind(&writer.who.name)
        .execute(&mut *connection)
        .await?;
    let prepared = prepare_all(connection, catalog, set).await?;
    lock_all(connection, set, &prepared).await?;

    let mut outcomes = Vec::with_capacity(set.operations.len());
    let mut settled = Vec::new();
    for (operation, (layer, shape)) in set.operations.iter().zip(&prepared) {
        if let Some(answer) = answered(connection, operation).await? {
            outcomes.push((operation.op_id, answer, true));
            continue;
        }
        let outcome = match shape {
            Err(findings) => Outcome::Refused { findings: findings.clone() },
            Ok(shape) => one(connection, layer, shape.as_ref(), operation, set.on_conflict, writer).await?,
        };
        let answer = serde_json::to_value(&outcome)?;
        if let Outcome::Applied { version, .. } | Outcome::Merged { version, .. } | Outcome::Identical { version } =
            outcome
        {
            settled.push((outcomes.len(), version, answer.clone()));
        }
        outcomes.push((operation.op_id, answer, outcome.is_settled()));
    }
    let mut written = Written { change_set: None, position: None, outcomes };
    if set.dry_run || written.is_held_back(set) || settled.is_empty() {
        return Ok(written);
    }
    let (id, position) = record(connection, set, &settled).await?;
    (written.change_set, written.position) = (Some(id), Some(position));
    Ok(written)
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
