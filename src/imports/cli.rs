//! `dothi import`: the shell's door.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use tokio::sync::mpsc;

use super::words;
use super::{Checks, ImportError, ImportRequest, Prepared, Progress, Scope};
use crate::config::Config;
use crate::database::Database;
use crate::shell::Language;

/// What `dothi import` takes.
#[derive(clap::Args, Debug)]
pub struct ImportArgs {
    /// GeoJSON, GeoPackage, Shapefile, FlatGeobuf, TopoJSON, KML/KMZ, MapInfo TAB/MIF, FileGDB (.gdb), DXF, DGN V7, CSV, OSM
    /// pbf, hoặc thư mục chứa chúng; để thường, nén .gz hoặc .zip. | GeoJSON, GeoPackage, Shapefile, FlatGeobuf, TopoJSON,
    /// KML/KMZ, MapInfo TAB/MIF, FileGDB (.gdb), DXF, DGN V7, CSV, OSM pbf, or a folder of them; plain, .gz or zipped.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// Lớp nhận tất cả, khi không có hồ sơ ánh xạ nói khác. | The layer that everything goes to, where no profile says
    /// otherwise.
    #[arg(long)]
    pub layer: Option<String>,
    /// Hồ sơ ánh xạ: tên một hồ sơ có sẵn, hoặc tệp TOML. | Profile: the name of a shipped one, or a TOML file.
    #[arg(long)]
    pub profile: Option<String>,
    /// Hệ tọa độ của tệp: EPSG:9210, chuỗi PROJ hoặc WKT; thay cho hệ ghi trong tệp. | Coordinate system of the files:
    /// EPSG:9210, a PROJ string or WKT; wins over the files' own.
    #[arg(long)]
    pub crs: Option<String>,
    /// Bảng mã chữ của tệp: utf-8, tcvn3, vni, viscii, windows-1258. | Text encoding of the files: utf-8, tcvn3, vni, viscii,
    /// windows-1258.
    #[arg(long)]
    pub encoding: Option<String>,
    /// Đọc, so sánh, báo cáo mà không ghi gì. | Reads, compares and reports, and leaves nothing behind.
    #[arg(long)]
    pub dry_run: bool,
    /// Xem tệp rồi in ra một hồ sơ ánh xạ ban đầu. | Looks at the files and prints a first profile.
    #[arg(long, conflicts_with_all = ["dry_run", "profile"])]
    pub propose: bool,
    /// Kiểm tra từng dòng kỹ đến đâu. | How much each row is checked.
    #[arg(long, default_value = "full", value_parser = ["full", "basic"])]
    pub checks: String,
    /// Điều bạn chấp nhận: keep-local, take-delivery, mass-close, older-delivery, hoặc điều mà báo cáo nêu. | Rules that you
    /// accept: keep-local, take-delivery, mass-close, older-delivery, or one that a report named.
    #[arg(long, value_delimiter = ',')]
    pub accept: Vec<String>,
    /// Bên giao; lần giao sau của cùng bên đóng những gì không còn. Mặc định: tên hồ sơ ánh xạ hoặc tên tệp. | Who delivers;
    /// a later delivery of the same source closes what has gone. Default: profile or file name.
    #[arg(long)]
    pub source: Option<String>,
    /// Đóng những gì khi bản giao không có. | What is closed when the delivery does not have it.
    #[arg(long, value_enum, default_value = "source")]
    pub scope: Scope,
    /// Ngày mà bản giao phản ánh, dạng 2026-11-23. Mặc định: hôm nay. | The day the delivery speaks of, such as 2026-11-23.
    /// Default: today.
    #[arg(long)]
    pub date: Option<NaiveDate>,
    /// Thư mục cho báo cáo và dòng bị từ chối, giữ 90 ngày (DOTHI_IMPORT_KEEP_DAYS; 0: mãi mãi). Mặc định: imports trong thư
    /// mục dữ liệu. | Folder for reports and refused rows, kept for 90 days (DOTHI_IMPORT_KEEP_DAYS; 0: for ever). Default:
    /// `imports` in the data folder.
    #[arg(long)]
    pub work_dir: Option<PathBuf>,
    /// Trình đọc khác chương trình này: một lệnh shell (để kiểm thử). | Another worker than this binary: a shell command (for
    /// tests).
    #[arg(long, hide = true)]
    pub worker: Option<String>,
    /// Không hiện tiến độ. | Shows no progress.
    #[arg(long, short)]
    pub quiet: bool,
    /// Ghi thêm báo cáo JSON vào đây. | Also writes the JSON report here.
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
            if let Some(path) = copy_to
                && let Err(error) = report.save(&path)
            {
                // The delivery is in (or not) all the same: the exit code speaks of it.
                eprintln!("dothi: {} [{}]", language.pick(&error.text.vi, &error.text.en), error.slug);
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
    eprintln!("dothi: {} [{}]", language.pick(&error.text.vi, &error.text.en), error.slug);
    ExitCode::FAILURE
}

/// Shows how far it is on stderr: one line that is rewritten on a terminal, a line every five seconds elsewhere.
async fn show(mut progress: mpsc::Receiver<Progress>, language: Language, quiet: bool) {
    let terminal = std::io::stderr().is_terminal();
    let every = if terminal { Duration::from_millis(200) } else { Duration::from_secs(5) };
    let (mut last, mut pace): (Option<Instant>, Option<Pace>) = (None, None);
    while let Some(step) = progress.recv().await {
        if let Progress::Reading { done, .. } = &step {
            pace.get_or_insert(Pace { since: Instant::now(), rows: *done });
        }
        let due =
            last.is_none_or(|at| at.elapsed() >= every) || (terminal && !matches!(step, Progress::Reading { .. }));
        if quiet || !due {
            continue;
        }
        last = Some(Instant::now());
        let line = line(&step, pace.map(|pace| (pace, pace.since.elapsed())), language);
        if terminal { eprint!("\r\x1b[2K{line}") } else { eprintln!("{line}") }
    }
    if terminal && last.is_some() {
        eprint!("\r\x1b[2K");
    }
}

/// When the first rows had come, and how many: until then libraries were loaded and the database opened.
#[derive(Clone, Copy)]
struct Pace {
    since: Instant,
    rows: u64,
}

impl Pace {
    /// Rows a second; nothing is said of it before one second has been watched.
    fn rate(self, done: u64, elapsed: Duration) -> Option<f64> {
        let rows = done.checked_sub(self.rows).filter(|rows| *rows > 0 && elapsed >= Duration::from_secs(1))?;
        Some(rows as f64 / elapsed.as_secs_f64())
    }
}

fn line(step: &Progress, pace: Option<(Pace, Duration)>, language: Language) -> String {
    let vi = language == Language::Vi;
    match step {
        Progress::Reading { done, total, file } => {
            let rate = pace.and_then(|(pace, elapsed)| pace.rate(*done, elapsed));
            let left = match rate.filter(|_| *total > *done) {
                Some(rate) => {
                    let seconds = ((*total - *done) as f64 / rate.max(1.0)).ceil();
                    if vi { format!(", còn khoảng {seconds} s") } else { format!(", about {seconds} s left") }
                }
                None => String::new(),
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
        let step = Progress::Reading { done: 2_000, total: 4_000, file: "thua.gpkg".into() };
        let after = |ms| Some((Pace { since: Instant::now(), rows: 1_000 }, Duration::from_millis(ms)));
        let said = line(&step, after(2_000), Language::En);
        assert_eq!(said, "reading thua.gpkg: 2000/4000 rows, about 4 s left", "what came before is not counted");
        assert_eq!(line(&step, after(2_000), Language::Vi), "đọc thua.gpkg: 2000/4000 dòng, còn khoảng 4 s");
        assert_eq!(line(&step, after(999), Language::En), "reading thua.gpkg: 2000/4000 rows", "too early to say");
        assert_eq!(line(&step, None, Language::En), "reading thua.gpkg: 2000/4000 rows");
    }
}
