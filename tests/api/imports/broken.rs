//! A delivery that breaks leaves nothing, and says why.

use std::process::Stdio;
use std::time::Duration;

use super::fake::Trees;
use super::{count, texts, trees};
use crate::support::TestCity;

async fn nothing_of_it_is_there(city: &TestCity) {
    for table in ["gis.tree", "gis.object", "import.block"] {
        assert_eq!(count(city, &format!("SELECT count(*) FROM {table}")).await, 0, "{table}");
    }
    assert_eq!(count(city, "SELECT count(*) FROM feed.change WHERE op = 'import'").await, 0);
}

#[tokio::test]
async fn a_worker_that_dies_half_way_leaves_nothing_and_the_message_says_what_was_read() {
    let city = TestCity::start().await;
    let failed = Trees::none()
        .tree("1", "sao", 5.0)
        .request_that_ends("kill -9 $$")
        .try_import(&city)
        .await
        .expect_err("it died");
    assert_eq!(failed.slug, "worker-died");
    assert!(
        failed.text.en.contains("cay.gpkg / cay") && failed.text.vi.contains("cay.gpkg / cay"),
        "{}",
        failed.text.en
    );
    nothing_of_it_is_there(&city).await;
    let kept = texts(&city, "SELECT state || ' ' || (problem ->> 'slug') FROM import.delivery").await;
    assert_eq!(kept, ["failed worker-died"]);
}

#[tokio::test]
async fn a_worker_that_sends_fewer_rows_than_it_counts_is_not_believed() {
    let city = TestCity::start().await;
    let short = Trees::none().tree("1", "sao", 5.0);
    let lying = "printf '\\x00\\x00\\x00\\x00R'"; // An empty frame, then silence instead of an end.
    let failed = short.request_that_ends(lying).try_import(&city).await.expect_err("no end came");
    assert_eq!(failed.slug, "worker-died");
    nothing_of_it_is_there(&city).await;
}

#[tokio::test]
async fn a_lost_database_is_said_and_nothing_is_there() {
    let city = TestCity::start().await;
    let slow = Trees::none().tree("1", "sao", 5.0).request_that_ends("sleep 1; exit 0");
    let cut = async {
        let victims = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                       WHERE datname = current_database() AND query LIKE 'COPY%' AND pid <> pg_backend_pid()";
        let mut superuser = city.superuser().await;
        for _ in 0..200 {
            let ended: i64 = sqlx::query_scalar(victims).fetch_one(&mut superuser).await.expect("answers");
            if ended > 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("the import never began its COPY");
    };
    // The rows after the cut meet a closed connection: the worker's end comes a second later.
    let (failed, ()) = tokio::join!(slow.try_import(&city), cut);
    let failed = failed.expect_err("its connection is gone");
    assert!(matches!(failed.slug.as_str(), "database-lost" | "worker-died"), "{failed}");
    nothing_of_it_is_there(&city).await;
}

#[tokio::test]
async fn a_full_disk_is_said_in_words() {
    let city = TestCity::start().await;
    city.sql(
        "CREATE FUNCTION public.full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
         CREATE TRIGGER full_disk AFTER INSERT ON gis.tree FOR EACH STATEMENT EXECUTE FUNCTION public.full()",
    )
    .await;
    let failed = Trees::none().tree("1", "sao", 5.0).request().try_import(&city).await.expect_err("the disk is full");
    assert_eq!(failed.slug, "disk-full");
    assert!(failed.text.vi.contains("đã đầy"), "{}", failed.text.vi);
    nothing_of_it_is_there(&city).await;
}

#[tokio::test]
async fn killed_half_way_nothing_is_visible_and_the_worker_is_gone() {
    let city = TestCity::start().await;
    let delivery = Trees::none().tree("1", "sao", 5.0).request_that_ends("echo $$ > \"$0.pid\"; cat > /dev/null; exit");
    let script = delivery.worker_script().replace("$0", &delivery.folder.path().join("worker").to_string_lossy());
    let mut import = std::process::Command::new(env!("CARGO_BIN_EXE_dothi"))
        .args(["import", "--quiet", "--layer", "tree", "--worker", &script, "--work-dir"])
        .arg(delivery.folder.path().join("reports"))
        .arg(delivery.file())
        .env("DATABASE_URL", city.database_url())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("dothi starts");
    let pid_file = delivery.folder.path().join("worker.pid");
    city.until("the worker has sent its rows", || async { pid_file.exists() }).await;
    assert_eq!(count(&city, "SELECT count(*) FROM import.delivery WHERE state = 'running'").await, 1);
    import.kill().expect("it runs");
    import.wait().expect("it ends");
    let worker: i32 = std::fs::read_to_string(&pid_file).expect("written").trim().parse().expect("a pid");
    let gone = || async { std::fs::read_to_string(format!("/proc/{worker}/stat")).map_or(true, |s| s.contains(" Z ")) };
    city.until("the worker has ended with its parent", gone).await;
    nothing_of_it_is_there(&city).await;
    // The next import finds the table free, and says what became of the one before.
    let report = Trees::none().tree("1", "sao", 5.0).request().import(&city).await;
    assert_eq!(report.exit_code(), 0);
    let states =
        texts(&city, "SELECT state || coalesce(' ' || (problem ->> 'slug'), '') FROM import.delivery ORDER BY id")
            .await;
    assert_eq!(states, ["failed abandoned", "applied"]);
}

#[tokio::test]
async fn a_file_that_breaks_in_the_middle_takes_its_own_rows_back_and_closes_nothing() {
    let city = TestCity::start().await;
    let both = Trees::none().tree("1", "sao", 5.0).tree("2", "dau", 6.0);
    both.request().import(&city).await;
    // The second file held tree 2, and one more; it breaks after some rows.
    let (whole, broken) = (Trees::none().tree("1", "sao", 7.0), Trees::none().tree("3", "me", 4.0));
    let report = whole.request_with_a_broken_file(&broken).import(&city).await;
    assert_eq!((report.applied, report.exit_code()), (true, 2));
    assert_eq!(report.refused_files, ["hỏng.gpkg"]);
    assert_eq!(report.layers[0].closed, 0, "what an unreadable file would have held is not gone");
    let heights = "SELECT concat_ws(' ', tree_number, height_m, upper(validity)) FROM gis.tree ORDER BY tree_number";
    assert_eq!(texts(&city, heights).await, ["1 7", "2 6"]);
    // The same into an empty layer, where rows go straight in.
    let other = TestCity::start().await;
    let report = whole.request_with_a_broken_file(&broken).import(&other).await;
    assert_eq!((report.exit_code(), trees(&other).await.len()), (2, 1));
}

#[tokio::test]
async fn rows_that_lie_nowhere_are_refused_by_themselves() {
    let city = TestCity::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("trees.csv");
    std::fs::write(&file, "tree_number,lon,lat\n1,106.7,10.77\n2,181,10\n3,0,0\n4,106.701,10.771\n").expect("ours");
    let work = folder.path().join("work");
    let program = env!("CARGO_BIN_EXE_dothi");
    let done = tokio::process::Command::new(program)
        .args(["import", "--layer", "tree", "--crs", "EPSG:4326", "--quiet", "--work-dir"])
        .arg(&work)
        .arg(&file)
        .env("DATABASE_URL", city.database_url())
        .env("LANG", "vi_VN.UTF-8")
        .output()
        .await
        .expect("it runs");
    let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert_eq!(done.status.code(), Some(2), "{said}");
    assert!(said.contains("(181, 10)") && said.contains("0, 0"), "{said}");
    assert_eq!(texts(&city, "SELECT tree_number FROM gis.tree ORDER BY 1").await, ["1", "4"]);
}
