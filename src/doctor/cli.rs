//! `dothi doctor`.

use std::process::ExitCode;

use super::Severity;
use crate::config::Config;
use crate::shell::Language;

/// What `dothi doctor` takes.
#[derive(clap::Args, Debug)]
pub struct Args {}

/// Looks, and says what it found; exit code 1 when dothi cannot run like this.
///
/// # Errors
/// Never: what is missing is said, not raised.
pub async fn run(_args: Args, config: Config) -> anyhow::Result<ExitCode> {
    let findings = super::examine(&config).await;
    let language = Language::of_shell();
    // The longest word of the first column.
    let width = language.pick("lưu ý", "FAIL").chars().count();
    for finding in &findings {
        let mark = match finding.severity {
            Severity::Fine => language.pick("tốt", "ok  "),
            Severity::Warning => language.pick("lưu ý", "low "),
            Severity::Broken => language.pick("HỎNG", "FAIL"),
        };
        println!("{mark:width$}  {}", language.of(&finding.what));
        if let Some(mend) = &finding.mend {
            println!("{:width$}  -> {}", "", language.of(mend));
        }
    }
    let worst = findings.iter().map(|finding| finding.severity).max();
    Ok(if worst == Some(Severity::Broken) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
