//! How a change set is written: one transaction, its locks taken in one order, every operation under a savepoint.

use serde_json::Value;
use sqlx::{Acquire as _, PgConnection, PgPool};
use uuid::Uuid;

use super::{
    ChangeSet, Finding, Outcome, allowed, check,
    judge::{self, Intent, Neighbours},
    locks::{self, Bounds},
    operation::Doing,
    prepare::{self, Shape},
    receipts, topology,
};
use crate::catalog::{Catalog, Layer};
use crate::identity::{principal::Principal, rights::Decision};
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
    /// The writer lacks the role, or it lies outside the writer's area.
    #[error("operation {op_id} is not allowed: {decision:?}")]
    NotAllowed {
        /// What is missing.
        decision: Decision,
        /// For which operation.
        op_id: Uuid,
    },
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
    // Said before anything is asked of the database.
    allowed::roles(catalog, writer.who, set)?;
    let mut transaction = pool.begin().await?;
    let written = write_in(&mut transaction, catalog, writer, set).await?;
    if written.change_set.is_none() {
        transaction.rollback().await?;
        let (change_set, position) = receipts::earlier(pool, set).await?.unzip();
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
    allowed::roles(catalog, writer.who, set)?;
    sqlx::query("SELECT set_config('dothi.actor', $1, true), set_config('statement_timeout', '20s', true)")
        .bind(&writer.who.name)
        .execute(&mut *connection)
        .await?;
    let steps = prepare_all(connection, catalog, set).await?;
    locks::objects(connection, set.operations.iter().map(|operation| operation.id)).await?;
    let before = receipts::answered(connection, &set.operations).await?;
    let mut outcomes: Vec<Option<Done>> = before.into_iter().map(|answer| answer.map(Done::Before)).collect();
    let intents = take_turns(connection, set, &steps, &outcomes).await?;
    if set.atomic {
        together(connection, catalog, writer, set, &steps, &intents, &mut outcomes).await?;
    } else {
        for intent in &intents {
            let mut savepoint = connection.begin().await?;
            let one = std::slice::from_ref(intent);
            together(&mut savepoint, catalog, writer, set, &steps, one, &mut outcomes).await?;
            if outcomes.get(intent.at).is_some_and(|done| matches!(done, Some(Done::Now(one)) if one.is_settled())) {
                savepoint.commit().await?;
            } else {
                savepoint.rollback().await?;
            }
        }
    }
    finish(connection, set, outcomes).await
}

/// What became of an operation: now, or the first time it was sent.
enum Done {
    Before(Value),
    Now(Outcome),
}

/// Says what became of each, and keeps it unless nothing is to be written.
async fn finish(
    connection: &mut PgConnection,
    set: &ChangeSet,
    done: Vec<Option<Done>>,
) -> Result<Written, StoreError> {
    let mut written = Written { change_set: None, position: None, outcomes: Vec::with_capacity(done.len()) };
    let mut settled = Vec::new();
    for (at, (operation, done)) in set.operations.iter().zip(done).enumerate() {
        let (answer, is_settled) = match done {
            Some(Done::Before(answer)) => (answer, true),
            Some(Done::Now(outcome)) => {
                let answer = serde_json::to_value(&outcome)?;
                if let Some(version) = outcome.version() {
                    settled.push((at, version, answer.clone()));
                }
                (answer, outcome.is_settled())
            }
            None => (serde_json::to_value(Outcome::Refused { findings: Vec::new() })?, false),
        };
        written.outcomes.push((operation.op_id, answer, is_settled));
    }
    if set.dry_run || written.is_held_back(set) || settled.is_empty() {
        return Ok(written);
    }
    let (id, position) = receipts::record(connection, set, settled).await?;
    (written.change_set, written.position) = (Some(id), Some(position));
    Ok(written)
}

/// What can be said of an operation before it is done.
struct Step<'a> {
    layer: &'a Layer,
    /// Its shape, and what only warns; or what stops it.
    checked: Result<(Option<Shape>, Vec<Finding>), Vec<Finding>>,
}

async fn prepare_all<'a>(
    connection: &mut PgConnection,
    catalog: &'a Catalog,
    set: &ChangeSet,
) -> Result<Vec<Step<'a>>, StoreError> {
    let mut steps = Vec::with_capacity(set.operations.len());
    for operation in &set.operations {
        let name = &operation.entity;
        let layer = catalog.layer(name).ok_or_else(|| StoreError::NoLayer(name.clone()))?;
        let found = check::check(catalog, layer, &operation.act);
        let checked = if check::stops(&found) {
            Err(found)
        } else if let Some(geometry) = operation.act.geometry() {
            let mut savepoint = connection.begin().await?;
            let shape = prepare::shape(&mut savepoint, geometry).await?;
            savepoint.rollback().await?;
            shape.map(|shape| (Some(shape), found)).map_err(|finding| vec![finding])
        } else {
            Ok((None, found))
        };
        steps.push(Step { layer, checked });
    }
    Ok(steps)
}

/// Looks where everything lies that is to be done, and takes turns there with others.
async fn take_turns<'a>(
    connection: &mut PgConnection,
    set: &ChangeSet,
    steps: &[Step<'a>],
    done: &[Option<Done>],
) -> Result<Vec<Intent<'a>>, StoreError> {
    let is_open = |at: usize| done.get(at).is_some_and(Option::is_none);
    let placed = |at: usize| {
        let layer = steps.get(at).map(|step| step.layer).filter(|layer| is_open(at) && layer.has_geometry());
        layer.map(|layer| layer.name.clone())
    };
    let places = judge::places_before(connection, &set.operations, placed).await?;
    let mut intents = Vec::with_capacity(steps.len());
    let mut touched: Vec<(&str, Bounds)> = Vec::new();
    for (at, (operation, step)) in set.operations.iter().zip(steps).enumerate().filter(|(at, _)| is_open(*at)) {
        let (change, before) = (operation.act.change(), places.get(&at).copied());
        if topology::is_looked_at(&step.layer.name, &change) {
            let after = step.checked.as_ref().ok().and_then(|(shape, _)| shape.as_ref()).map(|shape| shape.bounds);
            touched.extend(before.into_iter().chain(after).map(|bounds| (step.layer.name.as_str(), bounds)));
        }
        intents.push(Intent { at, layer: step.layer, change, before });
    }
    locks::places(connection, touched.into_iter()).await?;
    Ok(intents)
}

/// Does operations and judges what they come to together.
async fn together(
    connection: &mut PgConnection,
    catalog: &Catalog,
    writer: Writer<'_>,
    set: &ChangeSet,
    steps: &[Step<'_>],
    intents: &[Intent<'_>],
    done: &mut [Option<Done>],
) -> Result<(), StoreError> {
    let neighbours = Neighbours::of(connection, catalog, intents).await?;
    let mut rows = Vec::new();
    for intent in intents {
        let (Some(operation), Some(step)) = (set.operations.get(intent.at), steps.get(intent.at)) else { continue };
        let outcome = match &step.checked {
            Err(findings) => Outcome::Refused { findings: findings.clone() },
            Ok((shape, warnings)) => {
                let shape = shape.as_ref();
                let doing = Doing { layer: step.layer, shape, operation, on_conflict: set.on_conflict, writer };
                let (outcome, fid) = doing.go(connection).await?;
                rows.extend(fid.map(|fid| (intent.at, fid)));
                outcome.told(warnings.clone())
            }
        };
        if let Some(done) = done.get_mut(intent.at) {
            *done = Some(Done::Now(outcome));
        }
    }
    for (at, finding) in judge::broken(connection, catalog, intents, &rows, &neighbours).await? {
        if let Some(Some(Done::Now(outcome))) = done.get_mut(at) {
            let before = std::mem::replace(outcome, Outcome::Refused { findings: Vec::new() });
            *outcome = before.told(vec![finding]);
        }
    }
    Ok(())
}
