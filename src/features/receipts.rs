//! What is kept of change sets: the answer to each settled operation, for as long as there is a database.

use std::collections::HashMap;

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use sqlx::{PgConnection, PgPool, postgres::PgDatabaseError};
use uuid::Uuid;

use super::{ChangeSet, Operation, apply::StoreError};
use crate::live::position::Position;

fn hash(operation: &Operation) -> Result<Vec<u8>, serde_json::Error> {
    // Keys of a JSON map are sorted: the same operation has the same text.
    Ok(Sha256::digest(serde_json::to_value(operation)?.to_string()).to_vec())
}

/// The answers to operations that were settled before, in their order.
///
/// # Errors
/// [`StoreError::Taken`] when an `op_id` stands for another operation.
pub async fn answered(
    connection: &mut PgConnection,
    operations: &[Operation],
) -> Result<Vec<Option<Value>>, StoreError> {
    let ids: Vec<Uuid> = operations.iter().map(|operation| operation.op_id).collect();
    let kept: Vec<(Uuid, Vec<u8>, Value)> =
        sqlx::query_as("SELECT op_id, request_hash, answer FROM changes.operation WHERE op_id = ANY ($1)")
            .bind(ids)
            .fetch_all(connection)
            .await?;
    let mut kept: HashMap<Uuid, (Vec<u8>, Value)> =
        kept.into_iter().map(|(op_id, hash, answer)| (op_id, (hash, answer))).collect();
    let answer = |operation: &Operation| match kept.remove(&operation.op_id) {
        Some((before, answer)) if before == hash(operation)? => Ok(Some(answer)),
        Some(_) => Err(StoreError::Taken(operation.op_id)),
        None => Ok(None),
    };
    operations.iter().map(answer).collect()
}

/// The change set that these operations were written with, the last one if they were several.
///
/// # Errors
/// When the database cannot answer.
pub async fn earlier(pool: &PgPool, set: &ChangeSet) -> Result<Option<(Uuid, Position)>, sqlx::Error> {
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

/// Keeps a change set and the answers to what it settled: place, version, answer.
///
/// # Errors
/// [`StoreError::Taken`] when one of its `op_id`s was written for another object at the same moment.
pub async fn record(
    connection: &mut PgConnection,
    set: &ChangeSet,
    settled: Vec<(usize, i32, Value)>,
) -> Result<(Uuid, Position), StoreError> {
    let (id, epoch, xid): (Uuid, Uuid, i64) =
        sqlx::query_as("INSERT INTO changes.change_set (reason) VALUES ($1) RETURNING id, epoch, xid::text::bigint")
            .bind(&set.reason)
            .fetch_one(&mut *connection)
            .await?;
    let mut rows = Rows::default();
    for (at, version, answer) in settled {
        let Some(operation) = set.operations.get(at) else { continue };
        rows.op_ids.push(operation.op_id);
        rows.positions.push(i32::try_from(at).unwrap_or(i32::MAX));
        rows.hashes.push(hash(operation)?);
        rows.layers.push(operation.entity.clone());
        rows.ids.push(operation.id);
        rows.versions.push(version);
        rows.answers.push(answer);
        rows.words.push(operation.act.word().to_owned());
    }
    let first = rows.op_ids.first().copied().unwrap_or_default();
    sqlx::query(
        "INSERT INTO changes.operation (change_set, op_id, position, request_hash, layer, id, version, answer, op) \
         SELECT $1, * FROM unnest($2::uuid[], $3::int[], $4::bytea[], $5::text[], $6::uuid[], $7::int[], $8::jsonb[], $9::text[])",
    )
    .bind(id)
    .bind(rows.op_ids)
    .bind(rows.positions)
    .bind(rows.hashes)
    .bind(rows.layers)
    .bind(rows.ids)
    .bind(rows.versions)
    .bind(rows.answers)
    .bind(rows.words)
    .execute(connection)
    .await
    .map_err(|error| taken(error, first))?;
    Ok((id, Position { epoch, xid: xid.cast_unsigned() }))
}

/// Columns of the rows that are written.
#[derive(Default)]
struct Rows {
    op_ids: Vec<Uuid>,
    positions: Vec<i32>,
    hashes: Vec<Vec<u8>>,
    layers: Vec<String>,
    ids: Vec<Uuid>,
    versions: Vec<i32>,
    answers: Vec<Value>,
    words: Vec<String>,
}

/// Another object's operation of the same `op_id` was written at the same moment; PostgreSQL names it: `Key (op_id)=(…)`.
fn taken(error: sqlx::Error, first: Uuid) -> StoreError {
    let refused = error.as_database_error().and_then(|error| error.try_downcast_ref::<PgDatabaseError>());
    match refused {
        Some(refused) if refused.constraint() == Some("operation_pk") => {
            let named = refused.detail().and_then(|detail| detail.split(['(', ')']).nth(3)?.parse().ok());
            StoreError::Taken(named.unwrap_or(first))
        }
        _ => StoreError::Database(error),
    }
}
