//! `dothi doctor` names what is missing and the command that mends it.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use crate::support::TestCity;

struct Said {
    text: String,
    code: Option<i32>,
}

fn doctor(variables: &[(&str, &str)]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dothi"));
    command
        .arg("doctor")
        .env_remove("DATABASE_URL")
        .env("DOTHI_LISTEN", "127.0.0.1:0")
        .env("LC_ALL", "en_US.UTF-8")
        .envs(variables.iter().copied());
    let output = command.output().expect("dothi runs");
    Said { text: String::from_utf8(output.stdout).expect("UTF-8"), code: output.status.code() }
}

/// A folder with programs that only say their version.
fn fake_programs(version: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["initdb", "postgres"] {
        let file = folder.path().join(name);
        std::fs::write(&file, format!("#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n")).expect("written");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).expect("ours");
    }
    folder
}

fn shown(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

#[test]
fn a_machine_with_everything_is_fine() {
    let data = tempfile::tempdir().expect("a folder");
    let said = doctor(&[("DOTHI_DATA_DIR", shown(data.path()))]);
    assert!(said.text.contains("with PostGIS") && !said.text.contains("FAIL"), "{}", said.text);
    assert_eq!(said.code, Some(0));
}

#[test]
fn no_postgis_is_named_with_the_package() {
    let bin = fake_programs("99.1");
    let said = doctor(&[("DOTHI_DATABASE__BIN_DIR", shown(bin.path()))]);
    assert!(said.text.contains("-> sudo apt-get install postgresql-99-postgis-3"), "{}", said.text);
    assert_eq!(said.code, Some(1));
}

#[test]
fn no_postgresql_is_named_with_the_package() {
    let said = doctor(&[("DOTHI_DATABASE__BIN_DIR", "/nowhere")]);
    assert!(said.text.contains("FAIL  PostgreSQL is not installed"), "{}", said.text);
    assert_eq!(said.code, Some(1));
}

#[test]
fn an_old_version_is_named() {
    let bin = fake_programs("13.9 (Debian 13.9-1)");
    let said = doctor(&[("DOTHI_DATABASE__BIN_DIR", shown(bin.path()))]);
    assert!(said.text.contains("FAIL  PostgreSQL 13 is too old"), "{}", said.text);
    assert_eq!(said.code, Some(1));
}

#[test]
fn a_folder_that_cannot_be_made_is_named_with_the_command() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let below = file.path().join("data");
    let below = doctor(&[("DOTHI_DATA_DIR", shown(&below))]);
    assert!(
        below.text.contains("is not a folder") && below.text.contains("-> export DOTHI_DATA_DIR"),
        "{}",
        below.text
    );
    assert_eq!(below.code, Some(1));
}

#[test]
fn a_folder_of_somebody_else_is_named_with_the_command() {
    use std::os::unix::process::CommandExt as _;
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o555)).expect("ours");
    let mut command = Command::new(env!("CARGO_BIN_EXE_dothi"));
    if rustix::process::geteuid().is_root() {
        command.uid(65_534);
    }
    let data = folder.path().join("data");
    let output = command
        .arg("doctor")
        .env("LC_ALL", "en")
        .env_remove("DATABASE_URL")
        .env("DOTHI_DATA_DIR", &data)
        .output()
        .expect("it runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let wanted = format!("FAIL  no right to write {}", folder.path().display());
    assert!(text.contains(&wanted) && text.contains("-> sudo install -d"), "{text}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_taken_port_is_named_with_the_command_that_finds_who_has_it() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("bound");
    let said = doctor(&[("DOTHI_LISTEN", &address.to_string())]);
    assert!(said.text.contains(&format!("FAIL  {address} is taken")), "{}", said.text);
    assert!(said.text.contains(&format!("ss -ltnp 'sport = :{}'", address.port())), "{}", said.text);
    assert_eq!(said.code, Some(1));
}

#[test]
fn an_unreachable_database_is_named_without_its_password() {
    let said = doctor(&[("DATABASE_URL", "postgresql://city:geheim@127.0.0.1:1/gis")]);
    assert!(said.text.contains("FAIL  DATABASE_URL (city@127.0.0.1:1/gis) cannot be reached"), "{}", said.text);
    assert!(said.text.contains("-> pg_isready -h 127.0.0.1 -p 1"), "{}", said.text);
    assert!(!said.text.contains("geheim"), "{}", said.text);
    assert_eq!(said.code, Some(1));
}

#[tokio::test]
async fn a_database_without_postgis_is_named() {
    let city = TestCity::start().await;
    let fine = doctor(&[("DATABASE_URL", &city.database_url())]);
    assert!(fine.text.contains("ok    PostGIS"), "{}", fine.text);
    let (server, _) = city.database_url().rsplit_once('/').map(|(a, b)| (a.to_owned(), b.to_owned())).expect("a URL");
    let said = doctor(&[("DATABASE_URL", &format!("{server}/postgres"))]);
    assert!(said.text.contains("FAIL  PostGIS is not in the database"), "{}", said.text);
    assert!(said.text.contains("CREATE EXTENSION postgis"), "{}", said.text);
}

#[test]
fn every_finding_is_said_in_the_language_of_the_shell() {
    let data = tempfile::tempdir().expect("a folder");
    let said = doctor(&[("DOTHI_DATA_DIR", shown(data.path())), ("LC_ALL", "vi_VN.UTF-8")]);
    for words in ["có PostGIS", "ghi được vào", "chưa có cơ sở dữ liệu riêng", "GDAL", "còn trống"] {
        assert!(said.text.contains(words), "{words}: {}", said.text);
    }
    assert!(!said.text.contains("can be written") && !said.text.contains("ok "), "{}", said.text);
    assert_eq!(said.code, Some(0));
}

#[test]
fn the_private_database_is_said_to_run_or_not_and_what_is_in_it() {
    let data = tempfile::tempdir().expect("a folder");
    let folder = [("DOTHI_DATA_DIR", shown(data.path()))];
    assert!(doctor(&folder).text.contains("there is no private database yet"));
    // PostgreSQL runs as somebody else where tests run as root.
    std::fs::set_permissions(data.path(), std::fs::Permissions::from_mode(0o755)).expect("ours");
    let mut command = Command::new(env!("CARGO_BIN_EXE_dothi"));
    command.args(["serve", "--listen", "127.0.0.1:0"]).env_remove("DATABASE_URL").env("DOTHI_DATA_DIR", data.path());
    let mut server = command.stdout(std::process::Stdio::piped()).spawn().expect("it starts");
    let mut line = String::new();
    let output = server.stdout.take().expect("piped");
    std::io::BufRead::read_line(&mut std::io::BufReader::new(output), &mut line).expect("it says its address");
    let runs = doctor(&folder).text;
    assert!(runs.contains("the private database in") && runs.contains(" runs\n"), "{runs}");
    assert!(runs.contains("dothi: holds no data yet"), "{runs}");
    let stopped = Command::new("kill").args(["-TERM", &server.id().to_string()]).status().expect("kill runs");
    assert!(stopped.success() && server.wait().expect("it ends").success());
    let stopped = doctor(&folder).text;
    assert!(stopped.contains("is stopped (") && stopped.contains("dothi serve starts it"), "{stopped}");
}
