//! Names what is missing on this machine and the command that mends it.
//!
//! Each check is a function from the configuration to findings; nothing is changed, and nothing stays behind.

pub mod cli;

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection};

use crate::bilingual::Bilingual;
use crate::config::Config;
use crate::database::installation::{Installation, OLDEST};
use crate::database::{PrivateState, private_folders, private_state};
use crate::mail::{self, MailConfig, NotSent};
use crate::shell::{self, Language};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// As it should be.
    Fine,
    /// Works, but not for long or not for all.
    Warning,
    /// dothi cannot run like this.
    Broken,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What was found.
    pub what: Bilingual,
    /// The command that mends it.
    pub mend: Option<Bilingual>,
}

impl Finding {
    fn fine(what: impl Into<Bilingual>) -> Self {
        Self { severity: Severity::Fine, what: what.into(), mend: None }
    }

    fn warning(what: impl Into<Bilingual>, mend: impl Into<Bilingual>) -> Self {
        Self { severity: Severity::Warning, what: what.into(), mend: Some(mend.into()) }
    }

    fn broken(what: impl Into<Bilingual>, mend: impl Into<Bilingual>) -> Self {
        Self { severity: Severity::Broken, what: what.into(), mend: Some(mend.into()) }
    }
}

/// Looks at everything that dothi needs, with this configuration.
pub async fn examine(config: &Config) -> Vec<Finding> {
    let mut findings = match &config.database.url {
        Some(url) => given_database(url).await,
        None => private_database(config).await,
    };
    if let Some(url) = &config.database.owner_url {
        findings.extend(owner(url).await);
    }
    findings.push(port(config));
    if let Some(mail) = &config.mail {
        findings.extend(mail_server(mail).await);
    }
    findings.push(gdal());
    findings.push(browser());
    findings
}

/// Programs, rights and space for the private cluster.
async fn private_database(config: &Config) -> Vec<Finding> {
    let mut findings = vec![programs(config)];
    match private_folders(config) {
        Err(error) => {
            let told = (shell::told(&error, Language::Vi), shell::told(&error, Language::En));
            findings.push(Finding::broken(told, command("export DOTHI_DATA_DIR=/srv/dothi")));
        }
        Ok((home, socket)) => {
            findings.push(rights(&home));
            findings.push(rights(&socket));
            findings.push(space(&home));
            findings.extend(private_state(config).await.map(stand).unwrap_or_default());
        }
    }
    findings
}

/// Does the private database run, and what is in it?
fn stand(state: PrivateState) -> Vec<Finding> {
    let (folder, databases) = match state {
        PrivateState::NotMade => {
            return vec![Finding::fine((
                "chưa có cơ sở dữ liệu riêng; dothi serve hoặc dothi demo lập nó khi khởi động",
                "there is no private database yet; dothi serve or dothi demo makes it at its start",
            ))];
        }
        PrivateState::Stopped { folder, bytes } => {
            let (folder, megabytes) = (folder.display(), bytes / 1_000_000);
            return vec![Finding::fine((
                format!("cơ sở dữ liệu riêng trong {folder} đang dừng ({megabytes} MB); dothi serve khởi động nó"),
                format!("the private database in {folder} is stopped ({megabytes} MB); dothi serve starts it"),
            ))];
        }
        PrivateState::Runs { folder, databases } => (folder, databases),
    };
    let shown = folder.display();
    let mut findings = vec![Finding::fine((
        format!("cơ sở dữ liệu riêng trong {shown} đang chạy"),
        format!("the private database in {shown} runs"),
    ))];
    findings.extend(databases.into_iter().map(|held| {
        let (name, deliveries) = (held.name, held.deliveries);
        Finding::fine(match held.objects {
            None => (format!("{name}: chưa có bảng nào"), format!("{name}: has no tables yet")),
            Some(0) => (
                format!("{name}: chưa có dữ liệu; dothi import nhập vào"),
                format!("{name}: holds no data yet; dothi import brings them in"),
            ),
            Some(objects) => (
                format!("{name}: {objects} đối tượng, từ {deliveries} bản giao"),
                format!("{name}: {objects} objects, of {deliveries} deliveries"),
            ),
        })
    }));
    findings
}

/// A command is the same in both languages.
fn command(text: impl Into<String>) -> Bilingual {
    Bilingual::same(text)
}

fn programs(config: &Config) -> Finding {
    match Installation::find(config) {
        Ok(found) => {
            let (version, bin) = (found.version, found.bin.display());
            Finding::fine((
                format!("PostgreSQL {version} có PostGIS, trong {bin}"),
                format!("PostgreSQL {version} with PostGIS in {bin}"),
            ))
        }
        Err(missing) => Finding::broken(missing.what(), command(missing.mend())),
    }
}

/// May this user write there, or in the nearest folder above that exists?
fn rights(folder: &Path) -> Finding {
    let existing = nearest_existing(folder);
    let shown = folder.display();
    if !existing.is_dir() {
        let existing = existing.display();
        return Finding::broken(
            (format!("{existing} không phải thư mục"), format!("{existing} is not a folder")),
            command("export DOTHI_DATA_DIR=/srv/dothi"),
        );
    }
    match rustix::fs::access(&existing, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK) {
        Ok(()) => Finding::fine((format!("ghi được vào {shown}"), format!("{shown} can be written"))),
        Err(_) => Finding::broken(
            (
                format!("không có quyền ghi vào {}", existing.display()),
                format!("no right to write {}", existing.display()),
            ),
            or(format!("sudo install -d -o \"$(id -un)\" {shown}"), "export DOTHI_DATA_DIR=$HOME/dothi"),
        ),
    }
}

/// Bytes below which PostgreSQL is about to stop.
const FULL_BYTES: u64 = 512 << 20;
/// Bytes below which an import of a city may not fit.
const LOW_BYTES: u64 = 5 << 30;

fn space(folder: &Path) -> Finding {
    let existing = nearest_existing(folder);
    match rustix::fs::statvfs(&existing) {
        Ok(disk) => judge_space(&existing, disk.f_bavail.saturating_mul(disk.f_frsize)),
        Err(error) => {
            let place = existing.display();
            let what = (
                format!("không biết còn bao nhiêu chỗ trong {place}: {error}"),
                format!("asking for the space in {place}: {error}"),
            );
            Finding::warning(what, command("df -h"))
        }
    }
}

fn judge_space(folder: &Path, free: u64) -> Finding {
    let place = folder.display();
    let gigabytes = free as f64 / f64::from(1 << 30);
    let mend = or(format!("df -h {place}; du -xh {place} | sort -h | tail"), "export DOTHI_DATA_DIR=…");
    let vi = format!("{gigabytes:.1}").replace('.', ",");
    match free {
        ..FULL_BYTES => Finding::broken(
            (
                format!("đĩa của {place} đã đầy: còn {vi} GB"),
                format!("the disk of {place} is full: {gigabytes:.1} GB are left"),
            ),
            mend,
        ),
        ..LOW_BYTES => Finding::warning(
            (
                format!("đĩa của {place} sắp đầy: còn {vi} GB"),
                format!("the disk of {place} is low: {gigabytes:.1} GB are left"),
            ),
            mend,
        ),
        _ => Finding::fine((
            format!("còn trống {gigabytes:.0} GB trong {place}"),
            format!("{gigabytes:.0} GB are free in {place}"),
        )),
    }
}

/// Can the address be taken? Port 0 always can.
fn port(config: &Config) -> Finding {
    let address = config.listen;
    let port = address.port();
    match TcpListener::bind(address) {
        Ok(_) => Finding::fine((format!("địa chỉ {address} còn trống"), format!("{address} is free"))),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => Finding::broken(
            (
                format!("chương trình khác đang giữ {address} (có thể là một dothi đang chạy)"),
                format!("{address} is taken by another program (a dothi that runs, perhaps)"),
            ),
            or(
                format!("ss -ltnp 'sport = :{port}'"),
                &format!("export DOTHI_LISTEN=127.0.0.1:{}", port.wrapping_add(1)),
            ),
        ),
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => Finding::broken(
            (format!("không có quyền nghe ở {address}"), format!("no right to listen on {address}")),
            (
                "export DOTHI_LISTEN=127.0.0.1:8080   (cổng dưới 1024 dành cho proxy đứng trước dothi)",
                "export DOTHI_LISTEN=127.0.0.1:8080   (ports below 1024 are for a proxy before dothi)",
            ),
        ),
        Err(error) => Finding::broken(
            (format!("không nghe được ở {address}: {error}"), format!("cannot listen on {address}: {error}")),
            (
                "ip address   (DOTHI_LISTEN phải là địa chỉ của máy này)",
                "ip address   (DOTHI_LISTEN has to name one of this machine)",
            ),
        ),
    }
}

/// Seconds until a database counts as unreachable.
const PATIENCE: Duration = Duration::from_secs(5);

async fn reach(url: &str, name: &str) -> Result<PgConnection, Finding> {
    let options: PgConnectOptions = url.parse().map_err(|error| {
        Finding::broken(
            (format!("không đọc được {name}: {error}"), format!("{name} cannot be read: {error}")),
            command(format!("export {name}=postgresql://user:password@host:5432/database")),
        )
    })?;
    let database = options.get_database().unwrap_or("postgres");
    let place = format!("{}@{}:{}/{database}", options.get_username(), options.get_host(), options.get_port());
    let mend = command(format!(
        "pg_isready -h {} -p {}; psql \"${name}\" -c 'SELECT 1'",
        options.get_host(),
        options.get_port()
    ));
    match tokio::time::timeout(PATIENCE, PgConnection::connect_with(&options)).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(error)) => {
            let error = anyhow::Error::from(error);
            let told = |language| shell::told(&error, language);
            let what = (
                format!("{name} ({place}): {}", told(Language::Vi)),
                format!(
                    "{name} ({place}) cannot be reached: {}",
                    told(Language::En).trim_start_matches("the database cannot be reached: ")
                ),
            );
            Err(Finding::broken(what, mend))
        }
        Err(_) => {
            let what = (format!("{name} ({place}) không trả lời"), format!("{name} ({place}) does not answer"));
            Err(Finding::broken(what, mend))
        }
    }
}

async fn given_database(url: &str) -> Vec<Finding> {
    let mut connection = match reach(url, "DATABASE_URL").await {
        Ok(connection) => connection,
        Err(finding) => return vec![finding],
    };
    let version: Result<i32, _> =
        sqlx::query_scalar("SELECT current_setting('server_version_num')::int").fetch_one(&mut connection).await;
    let postgis: Result<Option<String>, _> =
        sqlx::query_scalar("SELECT max(extversion) FROM pg_extension WHERE extname = 'postgis'")
            .fetch_one(&mut connection)
            .await;
    let offered: Result<bool, _> =
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'postgis')")
            .fetch_one(&mut connection)
            .await;
    let (Ok(version), Ok(postgis), Ok(offered)) = (version, postgis, offered) else {
        let what = ("DATABASE_URL đến được rồi lại mất kết nối", "DATABASE_URL was reached and then lost");
        return vec![Finding::broken(what, command("psql \"$DATABASE_URL\" -c 'SELECT 1'"))];
    };
    let major = u32::try_from(version / 10_000).unwrap_or(0);
    let mut findings = vec![judge_server(major)];
    findings.push(match postgis {
        Some(version) => Finding::fine((
            format!("PostGIS {version} có trong DATABASE_URL"),
            format!("PostGIS {version} in DATABASE_URL"),
        )),
        None if offered => Finding::broken(
            ("cơ sở dữ liệu của DATABASE_URL chưa có PostGIS", "PostGIS is not in the database of DATABASE_URL"),
            (
                "psql \"$DATABASE_URL\" -c 'CREATE EXTENSION postgis'   (bằng quyền quản trị cơ sở dữ liệu)",
                "psql \"$DATABASE_URL\" -c 'CREATE EXTENSION postgis'   (as a superuser)",
            ),
        ),
        None => Finding::broken(
            ("máy chủ của DATABASE_URL chưa cài PostGIS", "PostGIS is not installed at the server of DATABASE_URL"),
            (
                format!("sudo apt-get install postgresql-{major}-postgis-3   (trên máy chủ ấy)"),
                format!("sudo apt-get install postgresql-{major}-postgis-3   (at the server)"),
            ),
        ),
    });
    // A clean end of a connection that is done with may fail without harm.
    let _ = connection.close().await;
    findings
}

fn judge_server(major: u32) -> Finding {
    if major < OLDEST {
        return Finding::broken(
            (
                format!("DATABASE_URL là PostgreSQL {major}, dothi cần từ {OLDEST}"),
                format!("DATABASE_URL is PostgreSQL {major}, dothi needs {OLDEST} or later"),
            ),
            (
                "sudo apt-get install postgresql-15-postgis-3   (rồi chuyển dữ liệu bằng pg_upgradecluster)",
                "sudo apt-get install postgresql-15-postgis-3   (and move the data with pg_upgradecluster)",
            ),
        );
    }
    Finding::fine((format!("DATABASE_URL là PostgreSQL {major}"), format!("DATABASE_URL is PostgreSQL {major}")))
}

async fn owner(url: &str) -> Vec<Finding> {
    match reach(url, "DOTHI_DATABASE__OWNER_URL").await {
        Ok(_) => vec![Finding::fine(("đến được cơ sở dữ liệu của chủ bảng", "the owner's database is reached"))],
        Err(finding) => vec![finding],
    }
}

/// Is the mail server there, does it know us, and is what its mails hold read by nobody on the way back?
async fn mail_server(config: &MailConfig) -> Vec<Finding> {
    let (host, port) = (&config.host, config.port());
    let silent = |_| Err(NotSent::Unreachable(format!("no answer within {} s", PATIENCE.as_secs())));
    let mut findings = vec![match tokio::time::timeout(PATIENCE, mail::greet(config)).await.unwrap_or_else(silent) {
        Ok(()) => Finding::fine((
            format!("máy chủ thư {host}:{port} trả lời"),
            format!("the mail server {host}:{port} answers"),
        )),
        // The server runs all the same, and mails wait.
        Err(why) => {
            let mend = match &why {
                NotSent::Login(_) => (
                    "xem lại DOTHI_MAIL__USER và tệp của DOTHI_MAIL__PASSWORD_FILE",
                    "look at DOTHI_MAIL__USER and the file of DOTHI_MAIL__PASSWORD_FILE",
                )
                    .into(),
                NotSent::Password(_) => {
                    command("ls -l \"$DOTHI_MAIL__PASSWORD_FILE\"   (mail.password_file: dothi.toml)")
                }
                _ => command(format!("nc -vz {host} {port}   (DOTHI_MAIL__TLS: starttls, tls, none)")),
            };
            {
                let Bilingual { vi, en } = why.text();
                let what = (
                    format!("chưa dùng được máy chủ thư {host}:{port}: {vi}"),
                    format!("the mail server {host}:{port} cannot be used: {en}"),
                );
                Finding::warning(what, mend)
            }
        }
    }];
    if !config.site.is_secret() {
        let site = &config.site;
        let what = (
            format!("đường dẫn trong thư đưa đến {site}, nơi mật khẩu đi không mã hóa"),
            format!("links in mails lead to {site}, where passwords travel in clear"),
        );
        let mend = (
            "export DOTHI_MAIL__SITE=https://…   (và một proxy có TLS đứng trước dothi)",
            "export DOTHI_MAIL__SITE=https://…   (and a proxy with TLS before dothi)",
        );
        findings.push(Finding::warning(what, mend));
    }
    findings
}

fn gdal() -> Finding {
    let missing = dothi_import::installed::missing_drivers();
    let version = dothi_import::installed::gdal_version();
    if missing.is_empty() {
        return Finding::fine((
            format!("GDAL {version} đọc được mọi định dạng của bản giao"),
            format!("GDAL {version} reads every format that deliveries come in"),
        ));
    }
    Finding::warning(
        (
            format!("GDAL {version} không có {}", missing.join(", ")),
            format!("GDAL {version} was built without {}", missing.join(", ")),
        ),
        command("sudo apt-get install --reinstall libgdal-dev gdal-bin"),
    )
}

/// Only the tests need it.
fn browser() -> Finding {
    let path = std::env::var_os("CHROMIUM").map_or_else(|| PathBuf::from("/usr/bin/chromium"), PathBuf::from);
    if path.exists() {
        return Finding::fine((
            format!("{} cho make test-web", path.display()),
            format!("{} for `make test-web`", path.display()),
        ));
    }
    Finding::warning(
        (
            "không có Chromium: make test-web không chạy được (dothi thì chạy được)",
            "no Chromium: `make test-web` cannot run (dothi itself can)",
        ),
        command("sudo apt-get install chromium"),
    )
}

/// One command, or the other.
fn or(first: String, other: &str) -> Bilingual {
    Bilingual::new(format!("{first}   (hoặc: {other})"), format!("{first}   (or: {other})"))
}

fn nearest_existing(path: &Path) -> PathBuf {
    path.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("/")).to_path_buf()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn severity_at(free: u64) -> Severity {
        judge_space(Path::new("/srv"), free).severity
    }

    #[test]
    fn a_full_disk_is_broken_and_a_low_one_a_warning() {
        assert_eq!(severity_at(100 << 20), Severity::Broken);
        assert_eq!(severity_at(2 << 30), Severity::Warning);
        assert_eq!(severity_at(50 << 30), Severity::Fine);
        assert!(judge_space(Path::new("/srv"), 0).mend.is_some_and(|mend| mend.vi.contains("df -h /srv")));
    }

    #[test]
    fn an_old_server_is_named_with_its_version() {
        assert_eq!(judge_server(15).severity, Severity::Fine);
        let old = judge_server(13);
        assert_eq!(old.severity, Severity::Broken);
        assert!(old.what.vi.contains("13") && old.what.en.contains("13"), "{:?}", old.what);
    }

    #[test]
    fn a_file_where_the_folder_should_be_is_broken() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        assert_eq!(rights(&file.path().join("data")).severity, Severity::Broken);
    }
}
