//! `dothi migrate` and `dothi with-database`.

use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitCode, ExitStatus, Stdio};

use super::Database;
use super::cluster::Cluster;
use crate::config::Config;
use crate::shell::{self, Says as _};

/// What `dothi migrate` takes.
#[derive(clap::Args, Debug)]
pub struct MigrateArgs {}

/// What `dothi with-database` takes.
#[derive(clap::Args, Debug)]
pub struct WithDatabaseArgs {
    /// Lệnh và các tham số của nó, sau dấu --. | The command and its arguments, after `--`.
    #[arg(last = true, required = true)]
    command: Vec<OsString>,
}

/// Brings the tables up to this version and says so.
///
/// # Errors
/// When the database cannot be reached or refuses.
pub async fn migrate(_args: MigrateArgs, config: Config) -> anyhow::Result<ExitCode> {
    let database = Database::open(&config).await?;
    let migrated = database.migrate().await;
    let psql = database.psql();
    database.close().await;
    migrated?;
    shell::say((
        format!("dothi: các bảng đã đúng phiên bản này ({psql})"),
        format!("dothi: the tables are up to date ({psql})"),
    ));
    Ok(ExitCode::SUCCESS)
}

/// Runs a command with a throw-away cluster whose superuser URL is in `DOTHI_TEST_DATABASE_URL`, and passes on how it ended.
///
/// # Errors
/// When the cluster cannot be made or the command not started.
pub async fn with_database(args: WithDatabaseArgs, config: Config) -> anyhow::Result<ExitCode> {
    let stop = crate::http::cli::stop_asked();
    let folder = tempfile::Builder::new()
        .prefix("dothi-test-")
        .tempdir_in("/tmp")
        .says(|| ("tạo thư mục trong /tmp", "making a folder in /tmp"))?;
    // The user that runs PostgreSQL has to get through to its own folder inside.
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755))?;
    let cluster = Cluster::throw_away(&config, folder.path()).await?;
    // Reads until this process ends, however it ends, and clears up then.
    let mut watcher = cluster.stop_for_good(folder.path());
    let mut watcher =
        watcher.stdin(Stdio::piped()).spawn().says(|| ("khởi động trình trông coi", "starting the watcher"))?;
    let (program, rest) =
        args.command.split_first().says(|| ("cần một lệnh sau dấu --", "a command is needed after --"))?;
    let child = tokio::process::Command::new(program)
        .args(rest)
        .env("DOTHI_TEST_DATABASE_URL", cluster.url("postgres", "postgres"))
        .env_remove("DATABASE_URL")
        .spawn()
        .says(|| (format!("chạy {}", program.display()), format!("starting {}", program.display())));
    let ended = match child {
        Ok(child) => wait(child, stop).await,
        Err(error) => Err(error),
    };
    cluster.close().await;
    drop(watcher.stdin.take());
    let _ = watcher.wait();
    Ok(exit_code(ended?))
}

/// Passes a stop on to the child and waits for its end.
async fn wait(mut child: tokio::process::Child, stop: impl Future<Output = ()>) -> anyhow::Result<ExitStatus> {
    tokio::select! {
        ended = child.wait() => return Ok(ended?),
        () = stop => {}
    }
    if let Some(pid) = child.id().and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw) {
        // It may have ended in between.
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
    }
    match tokio::time::timeout(std::time::Duration::from_secs(10), child.wait()).await {
        Ok(ended) => Ok(ended?),
        Err(_) => {
            child.kill().await?;
            Ok(child.wait().await?)
        }
    }
}

/// A child that a signal ended counts as 128 + signal, as in a shell.
fn exit_code(status: ExitStatus) -> ExitCode {
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}
