//! The private cluster: made, started, adopted, recovered, stopped.
//!
//! Everybody who uses a cluster holds a shared lock on `users.lock`; whoever leaves last stops it. The system drops the lock
//! of a killed process, so a cluster that a `kill -9` left is adopted by the next start, and one that crashed itself is
//! recovered by PostgreSQL when it is started again.

use std::fs::{File, TryLockError};
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use anyhow::bail;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{Connection as _, PgConnection};
use tokio::process::Command;

use super::installation::Installation;
use super::locate::{LONGEST_SOCKET_FOLDER, Layout, ServiceUser};
use crate::config::Config;
use crate::shell::{Said, Says as _};

/// Part of the socket's name; nothing listens on the network.
const PORT: u16 = 5432;

/// What the cluster is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// Data that must survive a power cut.
    Keep,
    /// Tests: nothing has to survive.
    ThrowAway,
}

/// A running private cluster that this process uses.
pub struct Cluster {
    layout: Layout,
    installation: Installation,
    user: Option<ServiceUser>,
    purpose: Purpose,
    /// Held shared as long as this process uses the cluster.
    users: File,
}

impl Cluster {
    /// Makes, starts or adopts the private cluster of this configuration.
    ///
    /// # Errors
    /// No PostgreSQL with PostGIS, no rights, no space; the end of the cluster's log is in the message.
    pub async fn open(config: &Config) -> anyhow::Result<Self> {
        let layout = Layout::of(config)?;
        Self::open_at(layout, installed(config)?, Purpose::Keep).await
    }

    /// Makes a cluster in `folder` that loses everything when it stops.
    ///
    /// # Errors
    /// As [`Cluster::open`].
    pub async fn throw_away(config: &Config, folder: &Path) -> anyhow::Result<Self> {
        let layout = Layout { home: folder.to_path_buf(), socket: folder.join("socket") };
        Self::open_at(layout, installed(config)?, Purpose::ThrowAway).await
    }

    async fn open_at(layout: Layout, installation: Installation, purpose: Purpose) -> anyhow::Result<Self> {
        if layout.socket.as_os_str().len() > LONGEST_SOCKET_FOLDER {
            let socket = layout.socket.display();
            bail!(Said::new(
                format!("đường dẫn của socket quá dài: {socket}; đặt DOTHI_DATA_DIR ngắn hơn"),
                format!("the path of the socket is too long: {socket}; set a shorter DOTHI_DATA_DIR"),
            ));
        }
        let user = ServiceUser::needed()?;
        std::fs::create_dir_all(&layout.home).says(|| no_rights(("tạo", "making"), &layout.home))?;
        let starting = lock_file(&layout.home.join("start.lock"))?;
        starting.lock().says(|| {
            ("chờ một dothi khác đang khởi động cơ sở dữ liệu", "waiting for another dothi that starts the database")
        })?;
        let users = lock_file(&layout.home.join("users.lock"))?;
        users
            .lock_shared()
            .says(|| ("vào cùng những ai dùng cơ sở dữ liệu riêng", "joining the users of the private database"))?;
        let cluster = Self { layout, installation, user, purpose, users };
        cluster.make_folders()?;
        cluster.check_version()?;
        if !cluster.data().join("PG_VERSION").exists() {
            cluster.init().await?;
        }
        cluster.start_or_adopt().await?;
        Ok(cluster)
    }

    /// How `role` connects to `database`.
    pub fn options(&self, role: &str, database: &str) -> PgConnectOptions {
        options_at(&self.layout.socket, role, database)
    }

    /// The same as a URL that libpq, GDAL and dothi read.
    pub fn url(&self, role: &str, database: &str) -> String {
        let host = self.layout.socket.display().to_string().replace('/', "%2F");
        format!("postgresql://{role}@{host}:{PORT}/{database}")
    }

    /// A `psql` command for people.
    pub fn psql(&self, role: &str, database: &str) -> String {
        format!("psql -h {} -U {role} {database}", self.layout.socket.display())
    }

    /// The folder of PostgreSQL's own log.
    pub fn log(&self) -> PathBuf {
        self.folder().join("postgresql.log")
    }

    /// Stops the cluster, unless another process still uses it.
    pub async fn close(self) {
        let Ok(starting) = lock_file(&self.layout.home.join("start.lock")) else { return };
        if starting.lock().is_err() {
            return;
        }
        // Ours is the only lock when the exclusive one is granted; flock turns the shared one into it.
        match self.users.try_lock() {
            Ok(()) => self.stop().await,
            Err(TryLockError::WouldBlock) => tracing::info!("another dothi still uses the private database; it stays"),
            Err(TryLockError::Error(error)) => tracing::warn!(%error, "asking who still uses the private database"),
        }
    }

    fn folder(&self) -> PathBuf {
        self.layout.home.join(format!("postgresql-{}", self.installation.version))
    }

    fn data(&self) -> PathBuf {
        self.folder().join("data")
    }

    /// Folders that belong to the user that runs PostgreSQL; the socket is reached by nobody else.
    fn make_folders(&self) -> anyhow::Result<()> {
        for folder in [&self.folder(), &self.layout.socket] {
            std::fs::create_dir_all(folder).says(|| no_rights(("tạo", "making"), folder))?;
            if let Some(user) = &self.user {
                chown(folder, Some(user.uid), Some(user.gid))
                    .says(|| no_rights(("giao cho postgres", "giving to postgres"), folder))?;
            }
            std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
                .says(|| no_rights(("đóng với người khác", "closing to others"), folder))?;
        }
        Ok(())
    }

    /// A cluster of another major version is not opened, and not passed over either.
    fn check_version(&self) -> anyhow::Result<()> {
        if self.folder().join("data/PG_VERSION").exists() {
            return Ok(());
        }
        let entries = std::fs::read_dir(&self.layout.home)?.flatten();
        for entry in entries {
            let name = entry.file_name();
            let Some(version) = name.to_str().and_then(|name| name.strip_prefix("postgresql-")) else { continue };
            if entry.path().join("data/PG_VERSION").exists() {
                let (folder, here) = (entry.path(), self.installation.version);
                let folder = folder.display();
                bail!(Said::new(
                    format!(
                        "dữ liệu trong {folder} do PostgreSQL {version} ghi, mà máy cài PostgreSQL {here}: cài lại {version} \
                         (apt-get install postgresql-{version}-postgis-3), hoặc chuyển dữ liệu sang bằng pg_dump"
                    ),
                    format!(
                        "the data in {folder} were written by PostgreSQL {version}, and PostgreSQL {here} is installed: install \
                         {version} again (apt-get install postgresql-{version}-postgis-3), or move the data over with pg_dump"
                    ),
                ));
            }
        }
        Ok(())
    }

    async fn init(&self) -> anyhow::Result<()> {
        // A folder that an interrupted start left half-made holds nothing yet.
        if self.data().exists() {
            std::fs::remove_dir_all(self.data()).says(|| no_rights(("dọn", "clearing"), &self.data()))?;
        }
        let data = self.data();
        let mut command = self.command("initdb");
        command.args(["-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "-D"]).arg(&data);
        if self.purpose == Purpose::ThrowAway {
            command.arg("--no-sync");
        }
        let made = command.output().await.says(|| ("chạy initdb", "running initdb"))?;
        if !made.status.success() {
            let (folder, why) = (data.display(), words(&made));
            bail!(Said::new(
                format!("không lập được cơ sở dữ liệu riêng trong {folder}: {why}"),
                format!("making the private database in {folder}: {why}"),
            ));
        }
        let mut settings = File::options().append(true).open(data.join("postgresql.conf"))?;
        let lines = if self.purpose == Purpose::Keep { KEEP } else { THROW_AWAY };
        settings
            .write_all(lines.as_bytes())
            .says(|| ("ghi cấu hình của cơ sở dữ liệu riêng", "writing the settings of the private database"))?;
        Ok(())
    }

    async fn start_or_adopt(&self) -> anyhow::Result<()> {
        let mut started = false;
        for _ in 0..ATTEMPTS {
            match self.knock().await {
                Knock::Ours => return Ok(()),
                Knock::Other(folder) => {
                    let socket = self.layout.socket.display();
                    bail!(Said::new(
                        format!("cơ sở dữ liệu khác ({folder}) đang giữ socket trong {socket}"),
                        format!("another database ({folder}) has the socket in {socket}"),
                    ))
                }
                Knock::NotYet => tokio::time::sleep(Duration::from_millis(200)).await,
                Knock::Nobody if self.runs().await => tokio::time::sleep(Duration::from_millis(200)).await,
                Knock::Nobody => match self.start().await {
                    Ok(()) => started = true,
                    // Backends of a killed postmaster need a moment to notice; then it can be recovered.
                    Err(refused) if !started && refused.contains("still in use") => {
                        tokio::time::sleep(Duration::from_millis(500)).await
                    }
                    Err(refused) => {
                        let log = self.log();
                        let log = log.display();
                        bail!(Said::new(
                            format!("không khởi động được cơ sở dữ liệu riêng: {refused}\nnhật ký của nó: {log}"),
                            format!("starting the private database: {refused}\nits log: {log}"),
                        ))
                    }
                },
            }
        }
        let log = self.log();
        let log = log.display();
        bail!(Said::new(
            format!("cơ sở dữ liệu riêng mãi chưa sẵn sàng; nhật ký của nó: {log}"),
            format!("the private database does not get ready; its log: {log}"),
        ))
    }

    /// Who answers at the socket?
    async fn knock(&self) -> Knock {
        let options = self.options("postgres", "postgres");
        let mut connection =
            match tokio::time::timeout(Duration::from_secs(2), PgConnection::connect_with(&options)).await {
                Ok(Ok(connection)) => connection,
                // 57P03: it is starting up, recovering, or shutting down.
                Ok(Err(sqlx::Error::Database(refused))) if refused.code().as_deref() == Some("57P03") => {
                    return Knock::NotYet;
                }
                Ok(Err(_)) => return Knock::Nobody,
                Err(_) => return Knock::NotYet,
            };
        let folder: Result<String, _> = sqlx::query_scalar("SHOW data_directory").fetch_one(&mut connection).await;
        match folder {
            Ok(folder) if Path::new(&folder) == self.data() => Knock::Ours,
            Ok(folder) => Knock::Other(folder),
            Err(_) => Knock::NotYet,
        }
    }

    async fn runs(&self) -> bool {
        let mut command = self.command("pg_ctl");
        let status = command.arg("status").arg("-D").arg(self.data()).stdout(Stdio::null()).status().await;
        status.is_ok_and(|status| status.success())
    }

    async fn start(&self) -> Result<(), String> {
        let socket = self.layout.socket.display();
        let options = format!("-p {PORT} -k {socket} -c listen_addresses=''");
        let before = std::fs::metadata(self.log()).map_or(0, |log| log.len());
        let mut command = self.command("pg_ctl");
        command
            .args(["start", "-w", "-t", "120", "-D"])
            .arg(self.data())
            .arg("-l")
            .arg(self.log())
            .arg("-o")
            .arg(options);
        let output = command.output().await.map_err(|error| error.to_string())?;
        if output.status.success() {
            return Ok(());
        }
        let log = std::fs::read(self.log()).unwrap_or_default();
        let since = log.get(usize::try_from(before).unwrap_or(0)..).unwrap_or_default();
        let said = String::from_utf8_lossy(since).trim().to_owned();
        Err(if said.is_empty() { words(&output) } else { said })
    }

    async fn stop(&self) {
        let mode = if self.purpose == Purpose::Keep { "fast" } else { "immediate" };
        let mut command = self.command("pg_ctl");
        command.args(["stop", "-w", "-t", "120", "-m", mode, "-D"]).arg(self.data());
        match command.output().await {
            Ok(output) if output.status.success() => {}
            Ok(output) => tracing::warn!(said = words(&output), "stopping the private database"),
            Err(error) => tracing::warn!(%error, "stopping the private database"),
        }
    }

    /// A shell command that waits until its input ends, stops the cluster and removes `folder`: for whoever outlives this
    /// process, however it ends.
    pub(super) fn stop_for_good(&self, folder: &Path) -> std::process::Command {
        let script = "cat >/dev/null; pid=$(head -n 1 \"$1/postmaster.pid\" 2>/dev/null); \
            if [ -n \"$pid\" ]; then kill -QUIT \"$pid\"; while kill -0 \"$pid\" 2>/dev/null; do sleep 0.1; done; fi; rm -rf \"$2\"";
        let mut command = std::process::Command::new("/bin/sh");
        command.args(["-c", script, "sh"]).arg(self.data()).arg(folder);
        command.process_group(0).current_dir("/");
        command
    }

    /// A program of the installation, run as the user that owns the data, away from terminal signals.
    fn command(&self, program: &str) -> Command {
        let mut command = std::process::Command::new(self.installation.program(program));
        command.current_dir("/").env("LC_ALL", "C").env_remove("PGOPTIONS").stdin(Stdio::null()).process_group(0);
        self.as_user(&mut command);
        command.into()
    }

    fn as_user(&self, command: &mut std::process::Command) {
        if let Some(user) = &self.user {
            command.uid(user.uid).gid(user.gid);
        }
    }
}

/// Rounds of 0.2 s and more until a cluster that should answer is given up: recovery after a crash takes its time.
const ATTEMPTS: u32 = 600;

/// Who answers at the socket.
enum Knock {
    Ours,
    Other(String),
    NotYet,
    Nobody,
}

/// Settings of a cluster whose data are kept; edit them in its `postgresql.conf`.
const KEEP: &str = "\n# dothi\nshared_buffers = '256MB'\nmax_connections = 100\nwork_mem = '32MB'\nmaintenance_work_mem = '256MB'\n\
    max_wal_size = '4GB'\njit = off\nlog_min_messages = warning\nlog_line_prefix = '%m [%p] %u@%d '\ntimezone = 'Asia/Ho_Chi_Minh'\n";

/// Settings of a cluster for tests.
const THROW_AWAY: &str = "\n# dothi, throw-away\nshared_buffers = '256MB'\nmax_connections = 300\nwork_mem = '16MB'\nfsync = off\n\
    synchronous_commit = off\nfull_page_writes = off\nmax_wal_size = '4GB'\njit = off\nautovacuum_naptime = '30s'\ntimezone = 'Asia/Ho_Chi_Minh'\n";

fn lock_file(path: &Path) -> anyhow::Result<File> {
    File::options().create(true).truncate(false).write(true).open(path).says(|| no_rights(("mở", "opening"), path))
}

fn no_rights((vi, en): (&str, &str), path: &Path) -> (String, String) {
    let path = path.display();
    (
        format!("không {vi} được {path}; chạy bằng người dùng sở hữu nó, hoặc đặt DOTHI_DATA_DIR là thư mục của bạn"),
        format!("{en} {path}; run as the user it belongs to, or set DOTHI_DATA_DIR to a folder of your own"),
    )
}

fn installed(config: &Config) -> anyhow::Result<Installation> {
    Ok(Installation::find(config).map_err(Said::from)?)
}

/// How `role` connects through the socket in a folder.
pub(super) fn options_at(socket: &Path, role: &str, database: &str) -> PgConnectOptions {
    let options = PgConnectOptions::new_without_pgpass()
        .socket(socket)
        .port(PORT)
        .username(role)
        .database(database)
        .ssl_mode(PgSslMode::Disable);
    super::quiet(options)
}

/// What a program said, on one line a sentence.
fn words(output: &Output) -> String {
    let text = [output.stderr.as_slice(), output.stdout.as_slice()].concat();
    String::from_utf8_lossy(&text).trim().to_owned()
}
