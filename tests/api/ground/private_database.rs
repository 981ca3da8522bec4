//! The private cluster, as a user of the `dothi` command meets it.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

fn dothi(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dothi"));
    command
        .env("DOTHI_DATA_DIR", data)
        .env("DOTHI_LISTEN", "127.0.0.1:0")
        .env("DOTHI_LOG", "warn")
        .env_remove("DATABASE_URL");
    command
}

/// A folder that the user who runs PostgreSQL can reach.
fn folder() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::Builder::new().prefix("dothi-cluster-").tempdir_in("/tmp").expect("a folder");
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).expect("it is ours");
    folder
}

/// A server that said its address.
struct Serving {
    child: Child,
    origin: String,
}

impl Serving {
    fn start(data: &Path) -> Self {
        let mut child = dothi(data).arg("serve").stdout(Stdio::piped()).spawn().expect("dothi starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("it is piped");
        BufReader::new(stdout).read_line(&mut line).expect("it says something");
        let origin =
            line.trim().strip_prefix("dothi: ").unwrap_or_else(|| panic!("an address, not {line:?}")).to_owned();
        Self { child, origin }
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.child.id().to_string()]).status().expect("kill runs");
        assert!(sent.success());
    }

    fn stop(mut self) -> Duration {
        let begun = Instant::now();
        self.signal("-TERM");
        assert!(self.child.wait().expect("it ends").success(), "SIGTERM is a clean end");
        begun.elapsed()
    }
}

fn postmaster(data: &Path) -> Option<String> {
    let pid = std::fs::read_to_string(data.join("postgresql-15/data/postmaster.pid")).ok()?;
    let pid = pid.lines().next()?.to_owned();
    Path::new(&format!("/proc/{pid}")).exists().then_some(pid)
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test]
async fn it_is_made_kept_and_stopped_with_the_server() {
    let data = folder();
    let first = Serving::start(data.path());
    let ready = reqwest::get(format!("{}/readyz", first.origin)).await.expect("it answers");
    assert_eq!(ready.status(), 200);
    assert!(postmaster(data.path()).is_some());
    assert!(first.stop() < Duration::from_secs(10));
    assert_eq!(postmaster(data.path()), None, "the cluster stops with its server");

    let begun = Instant::now();
    Serving::start(data.path()).stop();
    assert!(begun.elapsed() < Duration::from_secs(20), "a second start takes seconds: {:?}", begun.elapsed());
}

#[tokio::test]
async fn a_killed_server_leaves_a_cluster_that_the_next_adopts() {
    let data = folder();
    let mut killed = Serving::start(data.path());
    let before = postmaster(data.path()).expect("it runs");
    killed.signal("-KILL");
    killed.child.wait().expect("it is gone");
    assert_eq!(postmaster(data.path()), Some(before.clone()), "nobody stopped the cluster");
    let next = Serving::start(data.path());
    assert_eq!(postmaster(data.path()), Some(before), "the same cluster goes on");
    next.stop();
    assert_eq!(postmaster(data.path()), None);
}

#[tokio::test]
async fn a_killed_cluster_is_recovered_with_what_was_committed() {
    let data = folder();
    let mut killed = Serving::start(data.path());
    let pid = postmaster(data.path()).expect("it runs");
    let wrote = dothi(data.path()).arg("migrate").output().expect("a second command joins");
    assert!(wrote.status.success(), "{}", said(&wrote));
    for victim in [pid, killed.child.id().to_string()] {
        assert!(Command::new("kill").args(["-KILL", &victim]).status().expect("kill runs").success());
    }
    killed.child.wait().expect("it is gone");
    let next = Serving::start(data.path());
    assert_eq!(reqwest::get(format!("{}/readyz", next.origin)).await.expect("it answers").status(), 200);
    next.stop();
}

#[tokio::test]
async fn whoever_leaves_last_stops_it() {
    let data = folder();
    let first = Serving::start(data.path());
    let second = Serving::start(data.path());
    first.stop();
    assert!(postmaster(data.path()).is_some(), "the second still uses it");
    assert_eq!(reqwest::get(format!("{}/readyz", second.origin)).await.expect("it answers").status(), 200);
    second.stop();
    assert_eq!(postmaster(data.path()), None);
}

#[tokio::test]
async fn a_taken_port_is_said_with_what_to_do() {
    let data = folder();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("it is bound").to_string();
    let refused = dothi(data.path()).env("DOTHI_LISTEN", &address).arg("serve").output().expect("dothi runs");
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains(&address) && said(&refused).contains("DOTHI_LISTEN="), "{}", said(&refused));
}

#[tokio::test]
async fn a_command_gets_a_database_of_its_own_and_its_exit_code_is_passed_on() {
    let output = dothi(Path::new("/nowhere"))
        .args(["with-database", "--", "sh", "-c", "echo $DOTHI_TEST_DATABASE_URL; exit 7"])
        .output()
        .expect("dothi runs");
    assert_eq!(output.status.code(), Some(7), "{}", said(&output));
    let url = String::from_utf8(output.stdout).expect("UTF-8");
    let folder = url.split("%2F").nth(2).expect("the socket lies in /tmp/<folder>").to_owned();
    assert!(!Path::new("/tmp").join(&folder).exists(), "{folder} is removed");
}

#[tokio::test]
async fn a_killed_with_database_takes_its_cluster_along() {
    let mut child = dothi(Path::new("/nowhere"))
        .args(["with-database", "--", "sh", "-c", "echo $DOTHI_TEST_DATABASE_URL; exec sleep 60"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("dothi runs");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("it says its URL");
    let folder = Path::new("/tmp").join(line.split("%2F").nth(2).expect("the socket lies in /tmp/<folder>"));
    assert!(folder.exists());
    child.kill().expect("SIGKILL");
    child.wait().expect("it is gone");
    let begun = Instant::now();
    while folder.exists() {
        assert!(begun.elapsed() < Duration::from_secs(10), "{} is still there", folder.display());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
