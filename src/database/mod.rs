//! The database: the operator's own, or a private cluster that is made and started when no URL is given.
//!
//! Two roles from the first day: `dothi_owner` owns tables and runs migrations, `dothi_app` is the server and owns nothing.

mod bootstrap;
pub mod cli;
pub mod cluster;
pub mod installation;
mod locate;
mod state;

use anyhow::bail;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, PgPool};

use crate::config::{Config, DatabaseConfig};
use crate::shell::{Said, Says as _};
use cluster::Cluster;
pub use state::{Held, PrivateState, private_state};

/// The tables, in the order they came.
static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// Role that owns tables and runs migrations.
pub const OWNER: &str = "dothi_owner";
/// Role that the server connects as.
pub const APP: &str = "dothi_app";

/// Where the server's own files lie: the private cluster, and tiled pictures.
///
/// # Errors
/// When it is not set and there is no home folder to put it in.
pub fn data_folder(config: &Config) -> anyhow::Result<std::path::PathBuf> {
    Ok(locate::Layout::of(config)?.home)
}

/// One reachable database, with the ways into it.
pub struct Database {
    app: PgConnectOptions,
    owner: Option<PgConnectOptions>,
    cluster: Option<Cluster>,
    max_connections: u32,
}

impl Database {
    /// Opens the database of the configuration; without a URL the private cluster is made, started or adopted.
    ///
    /// # Errors
    /// When it cannot be reached or made; the message names the command that mends it.
    pub async fn open(config: &Config) -> anyhow::Result<Self> {
        match &config.database.url {
            Some(url) => Self::at(url, &config.database).await,
            None => Self::private(config).await,
        }
    }

    async fn private(config: &Config) -> anyhow::Result<Self> {
        let name = config.database.name.as_str();
        check_name(name)?;
        let cluster = Cluster::open(config).await?;
        let prepared = async {
            bootstrap::database(&cluster.options("postgres", "postgres"), name).await?;
            let mut superuser = PgConnection::connect_with(&cluster.options("postgres", name)).await?;
            bootstrap::inside(&mut superuser).await?;
            superuser.close().await.says(|| ("rời cơ sở dữ liệu riêng", "leaving the private database"))
        };
        if let Err(error) = prepared.await {
            cluster.close().await;
            return Err(error);
        }
        Ok(Self {
            app: cluster.options(APP, name),
            owner: Some(cluster.options(OWNER, name)),
            cluster: Some(cluster),
            max_connections: config.database.max_connections,
        })
    }

    /// Drops the database of the private cluster, with whoever is connected.
    ///
    /// # Errors
    /// When the cluster cannot be started or refuses.
    pub async fn forget(config: &Config) -> anyhow::Result<()> {
        let name = config.database.name.as_str();
        check_name(name)?;
        let cluster = Cluster::open(config).await?;
        let dropped = bootstrap::drop_database(&cluster.options("postgres", "postgres"), name).await;
        cluster.close().await;
        dropped
    }

    /// A database of the operator. A superuser's URL is enough: roles and extensions are made, and connections take the
    /// two roles. Any other role needs `database.owner_url` beside it.
    async fn at(url: &str, config: &DatabaseConfig) -> anyhow::Result<Self> {
        let given: PgConnectOptions = url.parse().says(|| unread("DATABASE_URL"))?;
        let given = quiet(given);
        let owner = config.owner_url.as_deref().map(str::parse::<PgConnectOptions>).transpose();
        let mut owner = owner.says(|| unread("DOTHI_DATABASE__OWNER_URL"))?.map(quiet);
        let mut connection = PgConnection::connect_with(&given).await.says(|| {
            let place = shown(&given);
            (
                format!("không kết nối được DATABASE_URL ({place}); dothi doctor nói còn thiếu gì"),
                format!("connecting to DATABASE_URL ({place}); dothi doctor says what is missing"),
            )
        })?;
        let is_superuser: bool = sqlx::query_scalar("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
            .fetch_one(&mut connection)
            .await?;
        let mut app = given.clone();
        if is_superuser {
            bootstrap::inside(&mut connection).await?;
            app = given.clone().options([("role", APP)]);
            owner = owner.or_else(|| Some(given.options([("role", OWNER)])));
        } else if let Some(owner) = &owner {
            bootstrap::extensions(owner).await?;
        }
        connection.close().await?;
        Ok(Self { app, owner, cluster: None, max_connections: config.max_connections })
    }

    /// Brings tables and catalog up to this version.
    ///
    /// # Errors
    /// When the database is newer than this binary, or refuses.
    pub async fn migrate(&self) -> anyhow::Result<()> {
        let Some(_) = &self.owner else {
            return self.check_version().await;
        };
        let mut owner = self.owner_connection().await?;
        match MIGRATIONS.run(&mut owner).await {
            Ok(()) => {}
            Err(MigrateError::VersionMissing(version)) => bail!(Said::new(
                format!(
                    "cơ sở dữ liệu đã có bước nâng cấp {version} mà bản dothi này không biết: nó do một phiên bản mới hơn ghi; hãy cài phiên bản ấy"
                ),
                format!(
                    "the database already has migration {version}, which this dothi does not know: it was written by a newer version; install that one"
                ),
            )),
            Err(MigrateError::VersionMismatch(version)) => bail!(Said::new(
                format!(
                    "bước nâng cấp {version} của cơ sở dữ liệu khác của bản dothi này: cơ sở dữ liệu do một bản chưa phát hành lập; \
                     dothi demo --reset làm lại cơ sở dữ liệu của bản chạy thử"
                ),
                format!(
                    "migration {version} of the database is not the one of this dothi: the database was made by an unreleased version; \
                     dothi demo --reset makes the demo's anew"
                ),
            )),
            Err(error) => return Err(error).says(|| ("nâng cấp các bảng", "running the migrations")),
        }
        let installed = crate::catalog::install(&mut owner).await;
        installed.says(|| ("ghi các lớp có sẵn vào danh mục", "installing the shipped layers"))?;
        owner.close().await?;
        Ok(())
    }

    /// Connections as `dothi_app` to tables that are up to this version: one question where they are, as after every start of
    /// the server, and [`Self::migrate`] where they are not.
    ///
    /// # Errors
    /// As of [`Self::migrate`] and [`Self::app_pool`].
    pub async fn ready(&self) -> anyhow::Result<PgPool> {
        let pool = self.app_pool().await?;
        let mut connection = pool.acquire().await.says(|| connecting_as(APP))?;
        // Tables that are not there yet are an error here, and the reason to make them.
        let is_ready = applied(&mut connection).await.ok() == Some(wanted())
            && crate::catalog::is_installed(&mut connection).await.unwrap_or(false);
        drop(connection);
        if !is_ready {
            self.migrate().await?;
        }
        Ok(pool)
    }

    /// Without the owner's URL nothing can be migrated, only refused.
    async fn check_version(&self) -> anyhow::Result<()> {
        let mut app = PgConnection::connect_with(&self.app).await?;
        let applied = applied(&mut app).await.unwrap_or_default();
        let wanted = wanted();
        if applied != wanted {
            let ((count, newest), (all, last)) = (applied, wanted);
            let (newest, last) = (newest.unwrap_or_default(), last.unwrap_or_default());
            bail!(Said::new(
                format!(
                    "các bảng có {count} bước nâng cấp, đến {newest}; bản dothi này cần {all}, đến {last}; đặt DOTHI_DATABASE__OWNER_URL \
                     là vai trò sở hữu chúng rồi chạy dothi migrate"
                ),
                format!(
                    "the tables have {count} migrations up to {newest}, this dothi needs {all} up to {last}; set \
                     DOTHI_DATABASE__OWNER_URL to the role that owns them and run `dothi migrate`"
                ),
            ));
        }
        Ok(())
    }

    /// Connections as `dothi_app`.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn app_pool(&self) -> anyhow::Result<PgPool> {
        PgPoolOptions::new()
            .max_connections(self.max_connections)
            .acquire_timeout(std::time::Duration::from_secs(5))
            .connect_with(self.app.clone())
            .await
            .says(|| connecting_as(APP))
    }

    /// One connection as `dothi_owner`, for migrations, layers and large imports.
    ///
    /// # Errors
    /// When no owner is configured or the database cannot be reached.
    pub async fn owner_connection(&self) -> anyhow::Result<PgConnection> {
        let Some(owner) = &self.owner else {
            bail!(Said::new(
                "việc này cần vai trò sở hữu các bảng: đặt DOTHI_DATABASE__OWNER_URL",
                "this needs the role that owns the tables: set DOTHI_DATABASE__OWNER_URL",
            ));
        };
        PgConnection::connect_with(owner).await.says(|| connecting_as(OWNER))
    }

    /// How `dothi_app` connects.
    pub fn app_options(&self) -> &PgConnectOptions {
        &self.app
    }

    /// A `psql` command that opens this database as its owner.
    pub fn psql(&self) -> String {
        match &self.cluster {
            Some(cluster) => cluster.psql(OWNER, self.app.get_database().unwrap_or("dothi")),
            None => "psql \"$DATABASE_URL\"".to_owned(),
        }
    }

    /// Stops the private cluster, unless another dothi still uses it.
    pub async fn close(self) {
        if let Some(cluster) = self.cluster {
            cluster.close().await;
        }
    }
}

/// How many migrations the database has, and the newest.
async fn applied(connection: &mut PgConnection) -> Result<(i64, Option<i64>), sqlx::Error> {
    sqlx::query_as("SELECT count(*), max(version) FROM public._sqlx_migrations WHERE success")
        .fetch_one(connection)
        .await
}

/// How many this version knows, and the newest.
fn wanted() -> (i64, Option<i64>) {
    (MIGRATIONS.iter().count() as i64, MIGRATIONS.iter().map(|migration| migration.version).max())
}

fn connecting_as(role: &str) -> (String, String) {
    (format!("không vào được cơ sở dữ liệu với vai trò {role}"), format!("connecting to the database as {role}"))
}

fn unread(variable: &str) -> (String, String) {
    (
        format!("không đọc được {variable}; cần dạng postgresql://người:mật_khẩu@máy:5432/cơ_sở_dữ_liệu"),
        format!("{variable} cannot be read; it looks like postgresql://user:password@host:5432/database"),
    )
}

fn check_name(name: &str) -> Result<(), Said> {
    if is_plain(name) {
        return Ok(());
    }
    Err(Said::new(
        format!("database.name {name:?}: chỉ chữ thường không dấu, chữ số và _"),
        format!("database.name {name:?}: small letters, digits and _ only"),
    ))
}

/// Is it a name that needs no quotes in SQL?
fn is_plain(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
}

/// The folders of the private cluster: its home, and its socket.
///
/// # Errors
/// When neither the environment nor the configuration says where a home is.
pub fn private_folders(config: &Config) -> anyhow::Result<(std::path::PathBuf, std::path::PathBuf)> {
    let layout = locate::Layout::of(config)?;
    Ok((layout.home, layout.socket))
}

/// Statements are not logged: they may hold what a person looked for.
fn quiet(options: PgConnectOptions) -> PgConnectOptions {
    options.disable_statement_logging().application_name("dothi")
}

/// Where it points, without a password.
fn shown(options: &PgConnectOptions) -> String {
    let database = options.get_database().unwrap_or("postgres");
    format!("{}@{}:{}/{database}", options.get_username(), options.get_host(), options.get_port())
}
