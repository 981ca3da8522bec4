//! `dothi import`: the shell's door.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use tokio::sync::mpsc;

use super::words::{self, Language};
use super::{Checks, ImportError, ImportRequest, Prepared, Progress, Scope};
use crate::config::Config;
use crate::database::Database;

/// Imports files of one delivery, all or nothing, and says what became of every row.
///
/// Exit code 0: all is in. 2: some rows were refused or wait for a decision (the report says why). 1: nothing was applied.
#[derive(clap::Args, Debug)]
pub struct ImportArgs {
    /// GeoJSON, GeoPackage, Shapefile, FlatGeobuf, TopoJSON, CSV, OSM pbf; plain, .gz or zipped.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// The layer that everything goes to, where no profile says otherwise.
    #[arg(long)]
    pub layer: Option<String>,
    /// Profile: the name of a shipped one, or a TOML file.
    #[arg(long)]
    pub profile: Option<String>,
    /// Coordinate system of the files: EPSG:9210, a PROJ string or WKT. Wins over the files' own.
    #[arg(long)]
    pub crs: Option<String>,
    /// Text encoding of the files: utf-8, tcvn3, vni, viscii, windows-1258.
    #[arg(long)]
    pub encoding: Option<String>,
    /// Reads, compares and reports, and leaves nothing behind.
    #[arg(long)]
    pub dry_run: bool,
    /// Looks at the files and prints a first profile.
    #[arg(long, conflicts_with_all = ["dry_run", "profile"])]
    pub propose: bool,
    /// How much each row is checked.
    #[arg(long, default_value = "full", value_parser = ["full", "basic"])]
    pub checks: String,
    /// Rules that you accept: keep-local, take-delivery, mass-close, or one that a report named.
    #[arg(long, value_delimiter = ',')]
    pub accept: Vec<String>,
    /// Who delivers; a later delivery of the same source closes what has gone. Default: profile or file name.
    #[arg(long)]
    pub source: Option<String>,
    /// What is closed when the delivery does not have it.
    #[arg(long, value_enum, default_value = "source")]
    pub scope: Scope,
    /// The day the delivery speaks of. Default: today.
    #[arg(long)]
    pub date: Option<NaiveDate>,
    /// Folder for reports and refused rows, kept for 90 days (DOTHI_IMPORT_KEEP_DAYS; 0: for ever). Default: `imports` in
    /// the data folder.
    #[arg(long)]
    pub work_dir: Option<PathBuf>,
    /// Another worker than this binary: a shell command (for tests).
    #[arg(long, hide = true)]
    pub worker: Option<String>,
    /// Shows no progress.
    #[arg(long, short)]
    pub quiet: bool,
    /// Also writes the JSON report here.
    #[arg(long)]
    pub report: Option<PathBuf>,
}

/// Runs it.
///
/// # Errors
/// No database, or one that this version does not know.
pub async fn run(args: ImportArgs, config: Config) -> anyhow::Result<ExitCode> {
    let language = Language::of_shell();
    let shown = Shown { propose: args.propose, copy_to: args.report.clone(), quiet: args.quiet, language };
    let prepared = match super::prepare(request(args, &config)?) {
        Ok(prepared) => prepared,
        Err(error) => return Ok(refused(&error, language)),
    };
    let stop = crate::http::cli::stop_asked();
    let database = Database::open(&config).await?;
    let done = tokio::select! {
        done = on_database(&database, prepared, shown) => done,
        () = stop => {
            let words = ("Đã dừng theo yêu cầu: bản giao còn dở không được ghi.", "Stopped as asked: what was not finished was not written.");
            eprintln!("dothi: {}", if language == Language::Vi { words.0 } else { words.1 });
            Ok(ExitCode::from(130))
        }
    };
    database.close().await;
    done
}

/// What the shell shows of an import.
struct Shown {
    propose: bool,
    copy_to: Option<PathBuf>,
    quiet: bool,
    language: Language,
}

async fn on_database(database: &Database, prepared: Prepared, shown: Shown) -> anyhow::Result<ExitCode> {
    let pool = database.ready().await?;
    let Shown { propose, copy_to, quiet, language } = shown;
    if propose {
        return Ok(match prepared.propose(&pool).await {
            Ok(profile) => {
                print!("{profile}");
                ExitCode::SUCCESS
            }
            Err(error) => refused(&error, language),
        });
    }
    let (sender, receiver) = mpsc::channel(64);
    let shown = tokio::spawn(show(receiver, language, quiet));
    let imported = prepared.run(&pool, Some(sender)).await;
    shown.await.ok();
    match imported {
        Ok(report) => {
            print!("{}", words::report(&report, language));
            if let Some(path) = copy_to {
                report.save(&path)?;
            }
            Ok(ExitCode::from(report.exit_code()))
        }
        Err(error) => Ok(refused(&error, language)),
    }
}

fn request(args: ImportArgs, config: &Config) -> anyhow::Result<ImportRequest> {
    let work_dir = match args.work_dir {
        Some(folder) => folder,
        None => crate::database::data_folder(config)?.join("imports"),
    };
    Ok(ImportRequest {
        layer: args.layer,
        profile: args.profile,
        crs: args.crs,
        encoding: args.encoding,
        checks: if args.checks == "basic" { Checks::Basic } else { Checks::Full },
        dry_run: args.dry_run,
        source: args.source,
        scope: args.scope,
        accept: args.accept,
        date: args.date,
        worker: args.worker.map(|command| vec!["sh".to_owned(), "-c".to_owned(), command]),
        ..ImportRequest::new(args.files, work_dir)
    })
}

fn refused(error: &ImportError, language: Language) -> ExitCode {
    eprintln!("dothi: {} [{}]", language.of(&error.text), error.slug);
    ExitCode::FAILURE
}

/// Shows how far it is on stderr: one line that is rewritten on a terminal, a line every five seconds elsewhere.
async fn show(mut progress: mpsc::Receiver<Progress>, language: Language, quiet: bool) {
    let (begun, terminal) = (Instant::now(), std::io::stderr().is_terminal());
    let every = if terminal { Duration::from_millis(200) } else { Duration::from_secs(5) };
    let mut last: Option<Instant> = None;
    while let Some(step) = progress.recv().await {
        let due =
            last.is_none_or(|at| at.elapsed() >= every) || (terminal && !matches!(step, Progress::Reading { .. }));
        if quiet || !due {
            continue;
        }
        last = Some(Instant::now());
        let line = line(&step, begun.elapsed(), language);
        if terminal { eprint!("\r\x1b[2K{line}") } else { eprintln!("{line}") }
    }
    if terminal && last.is_some() {
        eprint!("\r\x1b[2K");
    }
}

fn line(step: &Progress, elapsed: Duration, language: Language) -> String {
    let vi = language == Language::Vi;
    match step {
        Progress::Reading { done, total, file } => {
            let rate = *done as f64 / elapsed.as_secs_f64().max(0.001);
            let left = if *total > *done && *done > 0 {
                let seconds = ((*total - *done) as f64 / rate.max(1.0)).ceil();
                if vi { format!(", còn khoảng {seconds} s") } else { format!(", about {seconds} s left") }
            } else {
                String::new()
            };
            let of = if *total > 0 { format!("/{total}") } else { String::new() };
            if vi {
                format!("đọc {file}: {done}{of} dòng{left}")
            } else {
                format!("reading {file}: {done}{of} rows{left}")
            }
        }
        Progress::Comparing { layer } => {
            if vi {
                format!("so sánh {layer}")
            } else {
                format!("comparing {layer}")
            }
        }
        Progress::Applying { layer } => {
            if vi {
                format!("ghi {layer}")
            } else {
                format!("writing {layer}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_follows_from_the_rate_so_far() {
        let step = Progress::Reading { done: 1_000, total: 4_000, file: "thua.gpkg".into() };
        assert_eq!(
            line(&step, Duration::from_secs(2), Language::En),
            "reading thua.gpkg: 1000/4000 rows, about 6 s left"
        );
        assert_eq!(line(&step, Duration::from_secs(2), Language::Vi), "đọc thua.gpkg: 1000/4000 dòng, còn khoảng 6 s");
    }
}
