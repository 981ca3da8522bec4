//! Reads layers out of PostGIS: whole ones in parallel under one snapshot, or the few rows that changed.

use std::{collections::BTreeSet, sync::Arc};

use dothi_tiles::{Layer, NewFeature};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use sqlx::{Connection as _, PgConnection, PgPool, Postgres, Row as _, Transaction};
use uuid::Uuid;

use super::{
    feed,
    pgcopy::{BadCopy, Decoder, LeftOut, Row},
    plan::LayerPlan,
    position::Snapshot,
};

/// Why a layer could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The database did not answer, or refused.
    #[error("reading from the database: {0}")]
    Database(#[from] sqlx::Error),
    /// The catalog could not be read.
    #[error("reading the catalog: {0:#}")]
    Catalog(anyhow::Error),
    /// It answered something else than promised.
    #[error("reading layer {layer}: {cause}")]
    Copy {
        /// Which layer.
        layer: String,
        /// What was wrong with it.
        cause: BadCopy,
    },
}

impl ReadError {
    /// Somebody else holds the table: 55P03 is what PostgreSQL says when a lock was waited for too long.
    pub fn is_locked(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::Database(error)) if error.code().as_deref() == Some("55P03"))
    }
}

impl ReadError {
    /// What PostgreSQL says when one table cannot be read and all others can: held by somebody else for too long (55P03), no
    /// right to it (42501), a column (42703) or the table (42P01) gone.
    pub fn is_of_one_layer(&self) -> bool {
        let code = match self {
            Self::Database(sqlx::Error::Database(error)) => error.code(),
            _ => None,
        };
        matches!(code.as_deref(), Some("55P03" | "42501" | "42703" | "42P01"))
    }
}

/// Can the rows of a layer be read in this transaction? Asked under a savepoint: a COPY that is refused would end the connection.
///
/// # Errors
/// When the database cannot answer at all.
pub async fn probe(connection: &mut PgConnection, plan: &LayerPlan) -> Result<Result<(), ReadError>, ReadError> {
    let mut savepoint = connection.begin().await?;
    let rows = format!("{} LIMIT 0", plan.select);
    let history = format!("SELECT 1 FROM gis_history.\"{}\" LIMIT 0", plan.name);
    for question in [rows, history] {
        if let Err(error) = sqlx::query(&question).execute(&mut *savepoint).await {
            let error = ReadError::from(error);
            if !error.is_of_one_layer() {
                return Err(error);
            }
            savepoint.rollback().await?;
            return Ok(Err(error));
        }
    }
    savepoint.commit().await?;
    Ok(Ok(()))
}

/// Of these tables, those that nobody holds for himself alone now.
///
/// # Errors
/// When the database cannot answer.
pub async fn free_of(connection: &mut PgConnection, layers: &[String]) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT name FROM unnest($1::text[]) AS name WHERE NOT EXISTS (SELECT FROM pg_locks
             WHERE relation = to_regclass('gis.' || quote_ident(name)) AND mode = 'AccessExclusiveLock' AND granted
             -- Databases that were copied from one have tables of the same number.
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))",
    )
    .bind(layers)
    .fetch_all(connection)
    .await
}

/// Connections that one load may use beside each other.
const BESIDE: usize = 4;
/// Rows in one piece of a large layer: pieces of it are read beside each other.
const PIECE: i64 = 250_000;
/// Rows left out that one reading names in the log.
const NAMED: usize = 20;

/// Which rows of a layer are wanted. Written into the statement, since COPY takes no parameters: numbers and uuids only.
#[derive(Clone, Debug)]
pub enum Which {
    /// Rows with a key in `[from, to)`.
    Keys {
        /// The first key.
        from: i64,
        /// The first key that is no longer wanted.
        to: i64,
    },
    /// All rows of these objects.
    Objects(Vec<Uuid>),
}

impl Which {
    fn condition(&self) -> String {
        match self {
            Self::Keys { from, to } => format!("fid >= {from} AND fid < {to}"),
            Self::Objects(ids) => {
                let ids: Vec<String> = ids.iter().map(Uuid::to_string).collect();
                format!("id = ANY('{{{}}}'::uuid[])", ids.join(","))
            }
        }
    }
}

/// Reads rows by binary COPY and hands each to `take`; says which it had to leave out.
pub async fn read(
    connection: &mut PgConnection,
    plan: &LayerPlan,
    which: &Which,
    take: impl FnMut(Row),
) -> Result<BTreeSet<Uuid>, ReadError> {
    copy(connection, plan, &format!("{} AND {}", plan.select, which.condition()), take).await
}

/// Reads the rows of a query that gives the columns of the plan; says which it had to leave out.
pub async fn copy(
    connection: &mut PgConnection,
    plan: &LayerPlan,
    query: &str,
    mut take: impl FnMut(Row),
) -> Result<BTreeSet<Uuid>, ReadError> {
    let statement = format!("COPY ({query}) TO STDOUT (FORMAT BINARY)");
    let mut decoder = Decoder::new(plan.kinds());
    let mut pieces = connection.copy_out_raw(&statement).await?;
    let bad = |cause| ReadError::Copy { layer: plan.name.to_string(), cause };
    while let Some(piece) = pieces.try_next().await? {
        decoder.push(&piece, &mut take).map_err(bad)?;
    }
    let left_out = decoder.finish().map_err(bad)?;
    for LeftOut { fid, id, cause } in left_out.iter().take(NAMED) {
        tracing::warn!(layer = %plan.name, fid, %id, %cause, "a row is left out of memory: mend its geometry in its table");
    }
    Ok(left_out.into_iter().map(|row| row.id).collect())
}

/// The objects of one delivery: its rows carry its number, closed ones too.
pub async fn objects_of_import(
    connection: &mut PgConnection,
    plan: &LayerPlan,
    import: i64,
) -> Result<Vec<Uuid>, sqlx::Error> {
    // The name is a catalog name, checked there against [a-z][a-z0-9_]*, so it can stand in the statement.
    let statement = include_str!("objects_of_import.sql").replace("{layer}", plan.name.as_str());
    sqlx::query_scalar(&statement).bind(import).bind(feed::LONG_BACKLOG + 1).fetch_all(connection).await
}

/// A layer as it was read.
pub struct LoadedLayer {
    /// The layer.
    pub layer: Layer,
    /// Objects with rows that could not be read.
    pub left_out: BTreeSet<Uuid>,
}

/// What was read, and the snapshot it was read with.
pub struct Loaded<T> {
    /// What was read.
    pub value: T,
    /// What the reading transaction saw.
    pub snapshot: Snapshot,
}

/// Reads a whole layer in its own transaction, beside whatever is served meanwhile.
pub async fn load_beside(pool: &PgPool, plan: Arc<LayerPlan>) -> Result<Loaded<LoadedLayer>, ReadError> {
    let mut connection = pool.acquire().await?;
    let mut reading = feed::open(&mut connection).await?;
    let shared = export(&mut reading.transaction).await?;
    let layer = load(pool, &plan, &shared).await?;
    Ok(Loaded { value: layer, snapshot: reading.head.snapshot })
}

/// Names the snapshot of a transaction, so that others can read with the same eyes while it is open.
pub async fn export(connection: &mut PgConnection) -> Result<String, sqlx::Error> {
    sqlx::query_scalar("SELECT pg_export_snapshot()").fetch_one(connection).await
}

/// Reads a whole layer with an exported snapshot, in pieces beside each other.
pub async fn load(pool: &PgPool, plan: &LayerPlan, shared: &str) -> Result<LoadedLayer, ReadError> {
    let pieces: Vec<(Vec<NewFeature>, BTreeSet<Uuid>)> = stream::iter(pieces(pool, plan, shared).await?)
        .map(|which| async move {
            let mut transaction = sharing(pool, shared).await?;
            let mut features = Vec::new();
            let left_out = read(&mut transaction, plan, &which, |row| features.extend(row.into_feature())).await?;
            Ok::<_, ReadError>((features, left_out))
        })
        .buffered(BESIDE)
        .try_collect()
        .await?;
    let schema = plan.schema.clone();
    let (pieces, left_out): (Vec<_>, Vec<_>) = pieces.into_iter().unzip();
    let build = move || Layer::bulk(schema, pieces.into_iter().flatten());
    let layer =
        tokio::task::spawn_blocking(build).await.map_err(|error| sqlx::Error::Io(std::io::Error::other(error)))?;
    Ok(LoadedLayer { layer, left_out: left_out.into_iter().flatten().collect() })
}

/// Reads all rows of an entity without a place.
pub async fn load_entities(pool: &PgPool, plan: &LayerPlan, shared: &str) -> Result<Vec<Row>, ReadError> {
    let mut transaction = sharing(pool, shared).await?;
    let mut rows = Vec::new();
    let all = Which::Keys { from: i64::MIN, to: i64::MAX };
    read(&mut transaction, plan, &all, |row| rows.push(row)).await?;
    Ok(rows)
}

async fn pieces(pool: &PgPool, plan: &LayerPlan, shared: &str) -> Result<Vec<Which>, ReadError> {
    let statement = format!("SELECT min(fid), max(fid) FROM gis.{}", plan.name);
    let row = sqlx::query(&statement).fetch_one(&mut *sharing(pool, shared).await?).await?;
    let ends = (row.try_get::<Option<i64>, _>(0)?, row.try_get::<Option<i64>, _>(1)?);
    let (Some(first), Some(last)) = ends else { return Ok(Vec::new()) };
    // Keys have holes: pieces are by key, never more than eight to a connection.
    let step = PIECE.max((last - first) / (8 * BESIDE as i64));
    let mut pieces = Vec::new();
    let mut from = first;
    while from <= last {
        pieces.push(Which::Keys { from, to: from.saturating_add(step) });
        from = from.saturating_add(step);
    }
    Ok(pieces)
}

/// A transaction that sees what the exporting one sees; dropped, it rolls back, which for a reader is an end like any other.
async fn sharing(pool: &PgPool, shared: &str) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    let mut transaction = pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    // The name comes from pg_export_snapshot() and has hexadecimal digits and dashes only.
    sqlx::query(&format!("SET TRANSACTION SNAPSHOT '{shared}'")).execute(&mut *transaction).await?;
    // A first large delivery holds its table for minutes: whoever waits for it would hold up a start.
    sqlx::query("SET LOCAL lock_timeout = '2s'").execute(&mut *transaction).await?;
    Ok(transaction)
}
