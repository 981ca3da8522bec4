//! Deliveries of data: takes clean rows from the import worker, compares them with what is there, applies them.
//!
//! A *delivery* is a set of files that belongs together. It goes in as one transaction or not at all:
//!
//! 1. [`worker`] starts `dothi import-worker`, a child process without database or network, and reads its frames;
//! 2. [`landing`] sends the rows by binary COPY into an empty layer, or else into a staging table beside it;
//! 3. [`compare`] matches staged and current rows by the layer's key in set-wise steps: new, changed, unchanged, gone,
//!    and those that meet an edit made here since the last delivery;
//! 4. [`apply`] writes the difference; [`report`] says what happened to every row.
//!
//! Every row that was read ends as imported, repaired, unchanged, refused, or waiting (it met a local edit); the sums
//! are checked before the commit.

mod apply;
mod checks;
pub mod cli;
mod compare;
mod delivery;
mod error;
mod folders;
mod job;
mod landing;
mod private;
pub mod report;
mod store;
pub mod words;
mod worker;

use std::path::PathBuf;

use chrono::NaiveDate;
use sqlx::PgPool;
use tokio::sync::mpsc;

pub use dothi_import::protocol::{Checks, Text};
pub use error::ImportError;
pub use report::{LayerReport, Report};

/// What shall be imported, and how.
#[derive(Clone, Debug)]
pub struct ImportRequest {
    /// The delivery's files; archives may hold many.
    pub files: Vec<PathBuf>,
    /// The layer that everything goes to, where no profile says otherwise.
    pub layer: Option<String>,
    /// A profile: the name of a shipped one, or a TOML file.
    pub profile: Option<String>,
    /// The coordinate system of the files; wins over what they say themselves.
    pub crs: Option<String>,
    /// The text encoding of the files; wins over what they say themselves.
    pub encoding: Option<String>,
    /// How much each row is checked.
    pub checks: Checks,
    /// Reads, compares and reports, and leaves nothing behind.
    pub dry_run: bool,
    /// Who delivers. Default: the profile's name, else the first file's name without its endings.
    pub source: Option<String>,
    /// What is closed when the delivery does not have it.
    pub scope: Scope,
    /// Rules that a person has accepted: `keep-local`, `take-delivery`, `mass-close`, `older-delivery`, or a worker's rule.
    pub accept: Vec<String>,
    /// The day the delivery speaks of; `None` is today.
    pub date: Option<NaiveDate>,
    /// Where reports and refused rows are written; a folder for each delivery is made in it.
    pub work_dir: PathBuf,
    /// The worker's command and arguments; `None` is this binary's own `import-worker`.
    pub worker: Option<Vec<String>>,
}

impl ImportRequest {
    /// A request with everything at its default.
    pub fn new(files: Vec<PathBuf>, work_dir: PathBuf) -> Self {
        Self {
            files,
            layer: None,
            profile: None,
            crs: None,
            encoding: None,
            checks: Checks::Full,
            dry_run: false,
            source: None,
            scope: Scope::Source,
            accept: Vec::new(),
            date: None,
            work_dir,
            worker: None,
        }
    }
}

/// Which rows a delivery closes when it no longer has them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Những dòng mà các lần giao trước của cùng bên đã đưa vào. | Rows that earlier deliveries of the same source brought.
    #[default]
    Source,
    /// Những dòng mà bất kỳ lần giao nào đưa vào: bản này là toàn bộ lớp. | Rows that any delivery brought: this one is the
    /// whole layer.
    Layer,
    /// Không đóng gì: bản giao này chỉ là một phần. | Nothing: this delivery is a part.
    None,
}

/// How far an import is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Rows are being read. `total` 0: not known.
    Reading {
        /// Rows read so far.
        done: u64,
        /// Rows of the delivery.
        total: u64,
        /// The file being read.
        file: String,
    },
    /// The rows of a layer are compared with those that are there.
    Comparing {
        /// Its name.
        layer: String,
    },
    /// The rows of a layer are written, or its indexes built.
    Applying {
        /// Its name.
        layer: String,
    },
}

/// A request whose worker has been started and waits for its job: while the database is opened, it loads its libraries.
pub struct Prepared {
    request: ImportRequest,
    worker: worker::Worker,
}

/// Starts the worker of a request. Dropped, it ends.
///
/// # Errors
/// The worker cannot be started.
pub fn prepare(request: ImportRequest) -> Result<Prepared, ImportError> {
    let worker = delivery::start_worker(&request)?;
    Ok(Prepared { request, worker })
}

/// Imports one delivery and reports what became of every row.
///
/// Progress is sent to `progress` where given; a receiver that lags or is gone stops nothing.
///
/// # Errors
/// Nothing was applied: unreadable files, an unknown CRS, a worker that died, a lost database, a full disk. Local edits
/// that nobody has accepted are no error but a [`Report`] with `applied == false`.
pub async fn run(
    pool: &PgPool,
    request: ImportRequest,
    progress: Option<mpsc::Sender<Progress>>,
) -> Result<Report, ImportError> {
    prepare(request)?.run(pool, progress).await
}

impl Prepared {
    /// As [`run`].
    ///
    /// # Errors
    /// As [`run`].
    pub async fn run(self, pool: &PgPool, progress: Option<mpsc::Sender<Progress>>) -> Result<Report, ImportError> {
        delivery::run(pool, self.request, self.worker, progress).await
    }

    /// Looks at the files and gives a first profile for them, as TOML.
    ///
    /// # Errors
    /// As [`run`].
    pub async fn propose(self, pool: &PgPool) -> Result<String, ImportError> {
        delivery::propose(pool, &self.request, self.worker).await
    }
}
