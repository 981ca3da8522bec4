//! `dothi doctor`.

use std::process::ExitCode;

use super::Severity;
use crate::config::Config;

/// What `dothi doctor` takes.
#[derive(clap::Args, Debug)]
pub struct Args {}

/// Looks, and says what it found; exit code 1 when dothi cannot run like this.
///
/// # Errors
/// Never: what is missing is said, not raised.
pub async fn run(_args: Args, config: Config) -> anyhow::Result<ExitCode> {
    let findings = super::examine(&config).await;
    for finding in &findings {
        let mark = match finding.severity {
            Severity::Fine => "ok  ",
            Severity::Warning => "low ",
            Severity::Broken => "FAIL",
        };
        println!("{mark}  {}", finding.what);
        if let Some(mend) = &finding.mend {
            println!("      -> {mend}");
        }
    }
    let worst = findings.iter().map(|finding| finding.severity).max();
    Ok(if worst == Some(Severity::Broken) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
