//! Reads the feed so that nothing is lost and nobody is waited for (decision 4).
//!
//! A reader remembers a snapshot. The next batch is every feed row whose transaction that snapshot did not see, read in one
//! REPEATABLE READ transaction together with the new snapshot. A transaction that stays open for an hour is simply not in
//! the batch, and is in the batch after it commits; nobody else's rows wait for it.

use sqlx::{Connection as _, PgConnection, Postgres, Row as _, Transaction, postgres::PgRow};
use uuid::Uuid;

use super::position::Snapshot;

/// From here on a layer is read again as a whole instead of row by row.
pub const LONG_BACKLOG: i64 = 20_000;

/// What happened to a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happened {
    /// One object was inserted, updated or deleted; the row in the table says which.
    Object(Uuid),
    /// One delivery changed many; its rows carry its number, and history has what it closed.
    Import(i64),
    /// Everything went, or so much changed that reading it again is cheaper.
    Everything,
    /// The catalog itself: layers, attributes, rights.
    Catalog,
}

/// One thing that the feed tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedRow {
    /// Which layer; empty for the catalog.
    pub layer: String,
    /// What happened to it.
    pub happened: Happened,
    /// The transaction that did it.
    pub xid: u64,
}

/// The feed's life and what is visible now, read at the start of a batch.
#[derive(Clone, Debug)]
pub struct Head {
    /// New after every restore: transaction numbers of another epoch mean nothing.
    pub epoch: Uuid,
    /// What this transaction sees.
    pub snapshot: Snapshot,
    /// The newest snapshot whose rows are no longer in the feed.
    pub pruned: Option<Snapshot>,
}

impl Head {
    /// Whether the feed still has all that came after `last`: else only reading everything again is right.
    pub fn reaches_back_to(&self, last: &Snapshot) -> bool {
        self.pruned.as_ref().is_none_or(|pruned| last.covers(pruned))
    }

    /// Whether the database knows less than a reader has seen: it was put back to an earlier state under it.
    pub fn went_back_behind(&self, last: &Snapshot) -> bool {
        self.snapshot.xmax < last.xmax
    }

    /// Reads the row of `head.sql`.
    ///
    /// # Errors
    /// When a snapshot in it cannot be read.
    pub fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let snapshot = |text: String| text.parse::<Snapshot>().map_err(|error| sqlx::Error::Decode(Box::new(error)));
        Ok(Self {
            epoch: row.try_get("epoch")?,
            snapshot: snapshot(row.try_get("snapshot")?)?,
            pruned: row.try_get::<Option<String>, _>("pruned")?.map(snapshot).transpose()?,
        })
    }
}

/// A read-only REPEATABLE READ transaction and what it sees.
///
/// Everything that belongs to one batch is read inside it: the feed's rows, the changed features, the catalog.
pub struct Reading<'c> {
    /// The transaction; dropped, it rolls back, which for a reader is an end like any other.
    pub transaction: Transaction<'c, Postgres>,
    /// The feed's epoch and the snapshot of this transaction.
    pub head: Head,
}

/// Opens the transaction that one batch is read in.
pub async fn open(connection: &mut PgConnection) -> Result<Reading<'_>, sqlx::Error> {
    let mut transaction = connection.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    let row = sqlx::query(include_str!("head.sql")).fetch_one(&mut *transaction).await?;
    let head = Head::from_row(&row)?;
    Ok(Reading { transaction, head })
}

/// Makes sure that the feed's epoch belongs to this cluster and database: a dump that was restored elsewhere brings the old one
/// along, with transaction numbers that mean nothing here. Asked once a connection.
pub async fn confirm_epoch(connection: &mut PgConnection) -> Result<Uuid, sqlx::Error> {
    sqlx::query_scalar("SELECT feed.epoch()").fetch_one(connection).await
}

/// Begins a new life of the feed, because the database was put back to an earlier state.
pub async fn renew(connection: &mut PgConnection) -> Result<Uuid, sqlx::Error> {
    sqlx::query_scalar("SELECT feed.renew()").fetch_one(connection).await
}

/// What was committed since `last`, as seen by the transaction of `connection`. At most one row an object.
///
/// A layer with a backlog over [`LONG_BACKLOG`] is told as [`Happened::Everything`].
pub async fn changes_since(connection: &mut PgConnection, last: &Snapshot) -> Result<Vec<FeedRow>, sqlx::Error> {
    let rows = sqlx::query(include_str!("changes_since.sql"))
        .bind(last.to_string())
        .bind(LONG_BACKLOG + 1)
        .fetch_all(&mut *connection)
        .await?;
    if rows.len() as i64 <= LONG_BACKLOG {
        return rows.iter().map(feed_row).collect();
    }
    let rows = sqlx::query(include_str!("long_backlog.sql"))
        .bind(last.to_string())
        .bind(LONG_BACKLOG)
        .fetch_all(&mut *connection)
        .await?;
    rows.iter().map(feed_row).collect()
}

/// Whether anything at all was committed since `last` in one layer: asked before a layer read beside is put in place.
pub async fn changes_of_layer_since(
    connection: &mut PgConnection,
    layer: &str,
    last: &Snapshot,
) -> Result<Vec<FeedRow>, sqlx::Error> {
    let rows = changes_since(connection, last).await?;
    Ok(rows.into_iter().filter(|row| row.layer == layer).collect())
}

/// Removes what `seen` had seen from the feed, some tens of thousands of rows at most; says how many.
pub async fn prune(connection: &mut PgConnection, seen: &Snapshot) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT feed.prune($1::text::pg_snapshot)").bind(seen.to_string()).fetch_one(connection).await
}

fn feed_row(row: &PgRow) -> Result<FeedRow, sqlx::Error> {
    let op: String = row.try_get("op")?;
    let (id, import_id): (Option<Uuid>, Option<i64>) = (row.try_get("id")?, row.try_get("import_id")?);
    let happened = match (op.as_str(), id, import_id) {
        ("catalog", _, _) => Happened::Catalog,
        ("import", _, Some(import)) => Happened::Import(import),
        ("insert" | "update" | "delete", Some(id), _) => Happened::Object(id),
        // TRUNCATE, and whatever a later version of the feed may tell: reading the layer again is always right.
        _ => Happened::Everything,
    };
    let layer: Option<String> = row.try_get("layer")?;
    let xid: i64 = row.try_get("xid")?;
    Ok(FeedRow { layer: layer.unwrap_or_default(), happened, xid: xid.cast_unsigned() })
}
