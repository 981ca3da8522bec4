//! A server that is killed while it writes: every change set is whole or absent, and who repeats one gets the first answer.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::json;

use super::*;

/// Operations of one change set.
const OPERATIONS: usize = 25;

/// A server in a process of its own, on the city's database.
struct Process {
    child: Child,
    origin: String,
}

impl Process {
    fn start(city: &TestCity) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_dothi"))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .env("DATABASE_URL", city.database_url())
            .env("DOTHI_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()
            .expect("dothi starts");
        let output = child.stdout.take().expect("a pipe");
        let origin = BufReader::new(output)
            .lines()
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("dothi: ").map(ToOwned::to_owned))
            .expect("it says its address");
        Self { child, origin }
    }

    /// `kill -9`.
    fn kill(mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it has ended");
    }
}

fn trees() -> Value {
    let tree =
        |number| insert("tree", &json!({ "tree_number": Uuid::now_v7().to_string() }), &point(f64::from(number), -3.0));
    set(&(0..OPERATIONS as i32).map(tree).collect::<Vec<_>>())
}

async fn post(city: &Office, origin: &str, body: &Value) -> Option<Value> {
    let request = city.client.post(format!("{origin}/api/v1/changesets")).bearer_auth(&city.token).json(body);
    let response = request.send().await.ok().filter(|response| response.status() == 200)?;
    response.json().await.ok()
}

async fn there(city: &Office, body: &Value) -> usize {
    let ids: Vec<Uuid> =
        body["operations"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().parse().unwrap()).collect();
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM gis.tree WHERE id = ANY ($1)")
        .bind(ids)
        .fetch_one(&mut city.owner().await)
        .await
        .unwrap();
    usize::try_from(count).unwrap()
}

/// `DOTHI_TEST_KILLS` makes it long.
#[tokio::test(flavor = "multi_thread")]
async fn killed_between_any_two_steps_a_change_set_is_whole_or_absent() {
    let kills = std::env::var("DOTHI_TEST_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(4u64);
    let city = city().await;
    let (mut absent, mut whole) = (0, 0);
    let mut server = Process::start(&city);
    for round in 0..kills {
        // The first tells how long one takes here; the kills are spread over such a time.
        let began = std::time::Instant::now();
        assert!(post(&city, &server.origin, &trees()).await.is_some());
        let takes = began.elapsed();
        let (sets, origin) = ([trees(), trees()], server.origin.clone());
        let moment = takes.mul_f64((round as f64 + 0.5) / kills as f64 * 1.2).min(Duration::from_secs(2));
        let (first, second, ()) = tokio::join!(post(&city, &origin, &sets[0]), post(&city, &origin, &sets[1]), async {
            tokio::time::sleep(moment).await;
            server.kill();
        });
        server = Process::start(&city);
        for (body, answered) in sets.iter().zip([first, second]) {
            match there(&city, body).await {
                0 => absent += 1,
                OPERATIONS => whole += 1,
                some => panic!("{some} of {OPERATIONS} are there"),
            }
            let again = post(&city, &server.origin, body).await.expect("it goes now, or has gone before");
            if let Some(answered) = answered {
                assert_eq!(again, answered, "the first answer");
            }
            assert_eq!(there(&city, body).await, OPERATIONS);
            let results = again["results"].as_array().unwrap();
            assert!(results.iter().all(|one| one["outcome"] == "applied" && one["version"] == 1), "{again}");
        }
    }
    server.kill();
    println!("{kills} kills: {absent} change sets were absent, {whole} whole");
    let twice: i64 = sqlx::query_scalar("SELECT count(*) FROM gis.tree WHERE version > 1")
        .fetch_one(&mut city.owner().await)
        .await
        .unwrap();
    assert_eq!(twice, 0, "nothing was done twice");
}
