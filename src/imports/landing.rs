//! Where a layer's rows land: by COPY into the empty layer itself, or into a staging table beside it.

use dothi_import::keys::Keys;
use dothi_import::protocol::StagingColumn;
use dothi_import::rewrite::{COPY_HEADER, COPY_TRAILER, Malformed, Rewrite};
use sqlx::types::Json;
use sqlx::{Connection as _, PgConnection};

use super::error::ImportError;
use crate::catalog::Master;

/// From this many rows on an empty layer's indexes are built after the rows, not with them.
const BULK_ROWS: u64 = 5_000;

/// How the rows of one layer land.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Straight into the layer, which is empty and locked.
    Direct {
        /// Its secondary indexes wait until the rows are in.
        bulk: bool,
    },
    /// Into a temporary table, to be compared.
    Staged,
}

/// One layer of a delivery, while its rows come in.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) layer: String,
    pub(super) way: Way,
    /// Columns that the worker may send (all blocks of a target have the same).
    pub(super) columns: Vec<StagingColumn>,
    /// Attributes of the key.
    pub(super) key: Vec<String>,
    /// Whose data are the truth.
    pub(super) master: Master,
    /// The temporary table's name, when staged.
    pub(super) stage: String,
}

impl Target {
    /// Decides where the rows go, and makes the place.
    ///
    /// `expected` is how many rows the delivery has in all, 0 if that is not known.
    pub(super) async fn open(
        db: &mut PgConnection,
        layer: &str,
        number: usize,
        columns: &[StagingColumn],
        expected: u64,
    ) -> Result<Self, ImportError> {
        let (key, Json(master)): (Vec<String>, Json<Master>) =
            sqlx::query_as("SELECT key, to_jsonb(master) FROM catalog.layer WHERE name = $1")
                .bind(layer)
                .fetch_one(&mut *db)
                .await?;
        let mut target = Self {
            layer: layer.to_owned(),
            way: Way::Staged,
            columns: columns.to_vec(),
            key,
            master,
            stage: format!("import_stage_{number}"),
        };
        if target.is_empty(db).await? && target.types_agree(db).await? {
            target.lock(db).await?;
            if target.is_empty(db).await? {
                target.way = Way::Direct { bulk: false };
                target.widen(db, expected).await?;
                return Ok(target);
            }
        }
        let fields =
            columns.iter().filter(|c| !is_fixed(&c.name)).map(|c| format!("{} {}", quoted(&c.name), c.sql_type));
        let fields = fields.collect::<Vec<_>>().join(", ");
        let sql = format!(
            "CREATE TEMP TABLE {} (id uuid, source_id bigint, repaired boolean, refused boolean, validity daterange, key text, {fields}) ON COMMIT DROP;
             CREATE TEMP TABLE {1} (LIKE {0}) ON COMMIT DROP",
            target.stage,
            target.refused(),
        );
        sqlx::raw_sql(&sql).execute(db).await?;
        Ok(target)
    }

    /// The temporary table of the refused rows, when staged.
    pub(super) fn refused(&self) -> String {
        self.stage.replace("stage", "refused")
    }

    /// Do its rows have a place?
    pub(super) fn has_place(&self) -> bool {
        self.columns.iter().any(|c| c.name == "geom")
    }

    /// Takes refused rows out of the staged ones: they are only asked about when something counts as gone.
    pub(super) async fn set_refused_aside(&self, db: &mut PgConnection) -> Result<(), ImportError> {
        let sql = format!(
            "WITH aside AS (DELETE FROM {0} WHERE refused RETURNING *) INSERT INTO {1} SELECT * FROM aside",
            self.stage,
            self.refused()
        );
        sqlx::raw_sql(&sql).execute(db).await?;
        Ok(())
    }

    /// The layer's table.
    pub(super) fn table(&self) -> String {
        format!("gis.{}", quoted(&self.layer))
    }

    /// Its history.
    pub(super) fn history(&self) -> String {
        format!("gis_history.{}", quoted(&self.layer))
    }

    /// Keeps other writers out until the commit; readers go on.
    pub(super) async fn lock(&self, db: &mut PgConnection) -> Result<(), ImportError> {
        sqlx::raw_sql(&format!("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", self.table())).execute(db).await?;
        Ok(())
    }

    /// Notes which columns a further block has, and goes over to late indexes when many rows come.
    pub(super) async fn widen_for(
        &mut self,
        db: &mut PgConnection,
        columns: &[StagingColumn],
        expected: u64,
    ) -> Result<(), ImportError> {
        for (mine, now) in self.columns.iter_mut().zip(columns) {
            mine.given |= now.given;
        }
        self.widen(db, expected).await
    }

    async fn widen(&mut self, db: &mut PgConnection, expected: u64) -> Result<(), ImportError> {
        if self.way == (Way::Direct { bulk: false }) && expected >= BULK_ROWS && self.is_empty(db).await? {
            sqlx::query("SELECT gis.bulk_begin($1)").bind(&self.layer).execute(db).await?;
            self.way = Way::Direct { bulk: true };
        }
        Ok(())
    }

    /// Ends the bulk load: indexes and constraints are back after it.
    pub(super) async fn finish_bulk(&self, db: &mut PgConnection) -> Result<(), ImportError> {
        if self.way == (Way::Direct { bulk: true }) {
            sqlx::query("SELECT gis.bulk_end($1)").bind(&self.layer).execute(db).await?;
        }
        Ok(())
    }

    /// Begins the COPY of one block; `keys` knows those of the blocks before it.
    pub(super) async fn copy<'c>(
        &self,
        db: &'c mut PgConnection,
        columns: &[StagingColumn],
        import_id: i64,
        keys: Keys,
    ) -> Result<BlockCopy<'c>, ImportError> {
        let staged = self.way == Way::Staged;
        let rewrite = Rewrite::new(columns, import_id, staged).map_err(malformed)?.watching(columns, &self.key, keys);
        let names = rewrite.names().iter().map(|n| quoted(n)).collect::<Vec<_>>().join(", ");
        let table = if staged { self.stage.clone() } else { self.table() };
        let mut copy = db.copy_in_raw(&format!("COPY {table} ({names}) FROM STDIN (FORMAT binary)")).await?;
        copy.send(COPY_HEADER).await?;
        Ok(BlockCopy { copy, rewrite, buffer: Vec::new() })
    }

    /// Columns that the delivery speaks of, without ids and times: what is compared and written.
    pub(super) fn given(&self) -> impl Iterator<Item = &str> {
        let written = |c: &&StagingColumn| c.given && !is_fixed(&c.name) && !is_time(&c.name);
        self.columns.iter().filter(written).map(|c| c.name.as_str())
    }

    /// Does the delivery say when its rows are valid?
    pub(super) fn has_validity(&self) -> bool {
        self.columns.iter().any(|c| c.given && is_time(&c.name))
    }

    /// Does the delivery carry the objects' own ids?
    pub(super) fn has_ids(&self) -> bool {
        self.columns.iter().any(|c| c.given && c.name == "id")
    }

    /// Does the delivery carry this column?
    pub(super) fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|c| c.given && c.name == column)
    }

    async fn is_empty(&self, db: &mut PgConnection) -> Result<bool, ImportError> {
        let sql =
            format!("SELECT NOT EXISTS (SELECT FROM {}) AND NOT EXISTS (SELECT FROM {})", self.table(), self.history());
        Ok(sqlx::query_scalar(&sql).fetch_one(db).await?)
    }

    /// Binary COPY needs the very types that the worker sends.
    async fn types_agree(&self, db: &mut PgConnection) -> Result<bool, ImportError> {
        let types: Vec<(String, String)> = sqlx::query_as(
            "SELECT a.attname::text, t.typname::text FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
             WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped",
        )
        .bind(self.table())
        .fetch_all(db)
        .await?;
        let agrees = |c: &StagingColumn| {
            let theirs = types.iter().find(|(name, _)| *name == c.name).map(|(_, t)| t.as_str());
            theirs.is_some_and(|t| t == c.sql_type || (t == "varchar" && c.sql_type == "text"))
        };
        Ok(self.columns.iter().filter(|c| !is_fixed(&c.name) && !is_time(&c.name)).all(agrees))
    }
}

/// What one block brought.
#[derive(Clone, Copy, Debug)]
pub(super) struct Landed {
    /// Rows that went in.
    pub(super) count: u64,
    /// Refused rows that said which object they speak of, or that it cannot be said.
    pub(super) refused: u64,
    /// Their smallest and largest row number.
    pub(super) rows: Option<(i64, i64)>,
}

/// A COPY under way.
pub(super) struct BlockCopy<'c> {
    copy: sqlx::postgres::PgCopyIn<&'c mut PgConnection>,
    rewrite: Rewrite,
    buffer: Vec<u8>,
}

impl BlockCopy<'_> {
    /// Passes one frame of rows on.
    pub(super) async fn send(&mut self, tuples: &[u8]) -> Result<(), ImportError> {
        self.buffer.clear();
        self.rewrite.rewrite(tuples, &mut self.buffer).map_err(malformed)?;
        self.copy.send(self.buffer.as_slice()).await?;
        Ok(())
    }

    /// Ends it: what went in, and the keys so far.
    pub(super) async fn finish(mut self) -> Result<(Landed, Keys), ImportError> {
        self.copy.send(COPY_TRAILER).await?;
        self.copy.finish().await?;
        let Rewrite { count, refused, rows, keys, .. } = self.rewrite;
        Ok((Landed { count, refused, rows }, keys))
    }

    /// Gives it up: the transaction goes on only from [`back_to_mark`]. The keys still know rows that are taken back;
    /// they only say "perhaps" once too often by it.
    pub(super) async fn abort(self) -> Keys {
        let _ = self.copy.abort("the delivery ended early").await;
        self.rewrite.keys
    }
}

/// Marks where a block begins, so that its rows can be taken back without the delivery.
pub(super) async fn set_mark(db: &mut PgConnection) -> Result<(), ImportError> {
    sqlx::raw_sql("SAVEPOINT block").execute(db).await?;
    Ok(())
}

/// Takes back what came in since the mark.
pub(super) async fn back_to_mark(db: &mut PgConnection) -> Result<(), ImportError> {
    sqlx::raw_sql("ROLLBACK TO SAVEPOINT block; RELEASE SAVEPOINT block").execute(db).await?;
    Ok(())
}

/// The block is whole.
pub(super) async fn pass_mark(db: &mut PgConnection) -> Result<(), ImportError> {
    sqlx::raw_sql("RELEASE SAVEPOINT block").execute(db).await?;
    Ok(())
}

/// A name as SQL writes it.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Columns of the protocol that are no attributes; those begin with a letter, so `status` is one.
fn is_fixed(name: &str) -> bool {
    matches!(name, "_row" | "_status" | "_hash" | "id")
}

fn is_time(name: &str) -> bool {
    matches!(name, "valid_from" | "valid_to")
}

fn malformed(error: Malformed) -> ImportError {
    ImportError::new(
        "worker-malformed",
        "tiến trình đọc tệp gửi dữ liệu sai khuôn; chưa có gì được ghi",
        "the import worker sent malformed rows; nothing was applied",
    )
    .because(error)
}

/// A connection of its own for one import, so that its settings and temporary tables end with it.
pub(super) async fn connect(pool: &sqlx::PgPool) -> Result<PgConnection, ImportError> {
    Ok(PgConnection::connect_with(&pool.connect_options()).await?)
}
