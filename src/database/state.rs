//! How the private database stands, asked without starting it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection};

use super::cluster;
use super::locate::Layout;
use crate::config::Config;

/// What there is of the private database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrivateState {
    /// Nothing was made yet: the first start does.
    NotMade,
    /// It lies there and does not run.
    Stopped {
        /// Where.
        folder: PathBuf,
        /// How much room its data take.
        bytes: u64,
    },
    /// It runs.
    Runs {
        /// Where.
        folder: PathBuf,
        /// What is in it.
        databases: Vec<Held>,
    },
}

/// One database of the private cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Its name.
    pub name: String,
    /// Objects of all layers; nothing where there are no tables of ours.
    pub objects: Option<i64>,
    /// Deliveries that were imported.
    pub deliveries: i64,
}

/// Seconds until a database counts as silent.
const PATIENCE: Duration = Duration::from_secs(3);

/// Looks, and starts nothing.
///
/// # Errors
/// When neither the environment nor the configuration says where a home is.
pub async fn private_state(config: &Config) -> anyhow::Result<PrivateState> {
    let layout = Layout::of(config)?;
    let Some(folder) = made(&layout.home) else { return Ok(PrivateState::NotMade) };
    let options = |database: &str| cluster::options_at(&layout.socket, "postgres", database);
    let Some(names) = names(&options("postgres")).await else {
        let bytes = size(&folder);
        return Ok(PrivateState::Stopped { folder, bytes });
    };
    let mut databases = Vec::with_capacity(names.len());
    for name in names {
        let (objects, deliveries) = held(&options(&name)).await.map_or((None, 0), |(objects, n)| (Some(objects), n));
        databases.push(Held { name, objects, deliveries });
    }
    Ok(PrivateState::Runs { folder, databases })
}

/// The folder of the cluster, of whichever version.
fn made(home: &Path) -> Option<PathBuf> {
    let folders = std::fs::read_dir(home).ok()?.flatten().map(|entry| entry.path());
    folders.into_iter().find(|folder| {
        let is_ours = folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with("postgresql-"));
        is_ours && folder.join("data/PG_VERSION").exists()
    })
}

async fn names(options: &PgConnectOptions) -> Option<Vec<String>> {
    let mut connection = connect(options).await?;
    let names =
        "SELECT datname::text FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' ORDER BY datname";
    sqlx::query_scalar(names).fetch_all(&mut connection).await.ok()
}

async fn held(options: &PgConnectOptions) -> Option<(i64, i64)> {
    let mut connection = connect(options).await?;
    let counts =
        "SELECT (SELECT count(*) FROM gis.object), (SELECT count(*) FROM import.delivery WHERE state = 'applied')";
    let counted = tokio::time::timeout(PATIENCE, sqlx::query_as(counts).fetch_one(&mut connection)).await;
    counted.ok()?.ok()
}

async fn connect(options: &PgConnectOptions) -> Option<PgConnection> {
    tokio::time::timeout(PATIENCE, PgConnection::connect_with(options)).await.ok()?.ok()
}

/// Bytes of a folder's files; what cannot be read is not counted.
fn size(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(about) if about.is_dir() => size(&entry.path()),
            Ok(about) => about.len(),
            Err(_) => 0,
        })
        .sum()
}
