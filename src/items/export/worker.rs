//! The export worker as a child process: told what is wanted, fed line by line, waited for.

use std::path::PathBuf;
use std::process::Stdio;

use dothi_import::export::{END, Wanted};
use dothi_import::installed::may_see;
use futures::TryStreamExt as _;
use sqlx::{PgConnection, Postgres, QueryBuilder};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufWriter};
use tokio::process::{ChildStdin, Command};

use super::ExportError;

/// Bytes of what it says that are kept for the log.
const LAST_WORDS: u64 = 4_096;

/// Has a child write the file that is wanted. Dropped, it is killed; when this process dies, its input breaks off and it
/// erases what it has.
pub(super) async fn write(
    program: PathBuf,
    wanted: &Wanted,
    rows: QueryBuilder<'_, Postgres>,
    snapshot: &mut PgConnection,
) -> Result<(), ExportError> {
    let mut child = Command::new(program)
        .arg("export-worker")
        .env_clear()
        .envs(std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(may_see)))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let (Some(stdin), Some(mut stderr)) = (child.stdin.take(), child.stderr.take()) else {
        return Err(ExportError::Worker("no pipes".to_owned()));
    };
    let words = tokio::spawn(async move {
        let mut words = String::new();
        // What it says is for the log only; more than that is read and forgotten, so that it never waits for a reader.
        let _ = (&mut stderr).take(LAST_WORDS).read_to_string(&mut words).await;
        let _ = tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await;
        words
    });
    let fed = feed(wanted, rows, snapshot, stdin).await;
    let status = child.wait().await?;
    let words = words.await.unwrap_or_default();
    match fed {
        // The pipe of one that died is broken: its own words say more.
        Ok(()) | Err(ExportError::Io(_)) if !status.success() => {
            Err(ExportError::Worker(format!("{status}: {}", words.trim())))
        }
        fed => fed,
    }
}

async fn feed(
    wanted: &Wanted,
    mut rows: QueryBuilder<'_, Postgres>,
    snapshot: &mut PgConnection,
    stdin: ChildStdin,
) -> Result<(), ExportError> {
    let mut into = BufWriter::with_capacity(1 << 16, stdin);
    into.write_all(&serde_json::to_vec(wanted)?).await?;
    into.write_all(b"\n").await?;
    let mut lines = rows.build_query_scalar::<String>().fetch(snapshot);
    while let Some(line) = lines.try_next().await? {
        into.write_all(line.as_bytes()).await?;
        into.write_all(b"\n").await?;
    }
    into.write_all(END.as_bytes()).await?;
    into.write_all(b"\n").await?;
    into.shutdown().await?;
    Ok(())
}
