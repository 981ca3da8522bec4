//! Change sets over HTTP: what is written, what is refused and where, and what two people do to one object.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::corner::{self, EAST, NORTH};
use crate::identity::{PASSWORD, done};
use crate::support::{Answer, TestCity};

const PARCEL: &str = "00000000-0000-7000-8000-000000000345";

/// A city, and one who may write in all of it.
struct Office {
    city: TestCity,
    token: String,
}

impl std::ops::Deref for Office {
    type Target = TestCity;
    fn deref(&self) -> &TestCity {
        &self.city
    }
}

async fn city() -> Office {
    let city = TestCity::start().await;
    corner::build(&city).await;
    let token = token_of(&city, "lan", &[]);
    Office { city, token }
}

/// A planner and asset keeper with a token; in these units, or everywhere.
fn token_of(city: &TestCity, account: &str, units: &[&str]) -> String {
    done(city, &["add", account, "--name", account, "--password-stdin"], PASSWORD);
    for role in ["planner", "asset_keeper"] {
        let mut grant = vec!["grant", account, role];
        if !units.is_empty() {
            grant.extend(["--units", units[0]]);
        }
        done(city, &grant, "");
    }
    done(city, &["token", account, "--label", "tests", "--scopes", "see_staff,edit_land,edit_planning,edit_assets"], "")
}

async fn send(city: &Office, body: &Value) -> Answer {
    Answer::read(city.request("POST", "/api/v1/changesets").bearer_auth(&city.token).json(body)).await
}

async fn read(city: &Office, path: &str) -> Answer {
    Answer::read(city.request("GET", path).bearer_auth(&city.token)).await
}

fn set(operations: &[Value]) -> Value {
    json!({ "reason": "đo lại", "operations": operations })
}

fn update(version: i32, set: &Value) -> Value {
    json!({ "op": "update", "op_id": Uuid::now_v7(), "entity": "parcel", "id": PARCEL, "base_version": version, "set": set })
}

/// A square of `side` metres in legal metres.
fn square(x: f64, y: f64, side: f64) -> Value {
    let (x, y) = (EAST + x, NORTH + y);
    json!({ "type": "Polygon", "srid": 9210,
        "coordinates": [[[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]] })
}

fn parcel(number: &str, geometry: &Value) -> Value {
    json!({ "op": "insert", "op_id": Uuid::now_v7(), "entity": "parcel", "id": Uuid::now_v7(),
        "set": { "commune_code": "26740", "sheet": "90", "number": number }, "geometry": geometry })
}

fn outcome(answer: &Answer) -> String {
    answer.json()["results"][0]["outcome"].as_str().unwrap_or_else(|| panic!("{}", answer.text())).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_writes_without_a_name_a_role_and_an_area() {
    let mut city = city().await;
    let body = set(&[update(1, &json!({ "area_m2": 101 }))]);
    assert_eq!(city.post("/api/v1/changesets", &body).await.status(), 401);
    assert_eq!(city.get(&format!("/api/v1/features/parcel/{PARCEL}/history")).await.problem().slug, "sign-in");

    // The parcel lies in 26740.
    city.token = token_of(&city, "minh", &["90002"]);
    let elsewhere = send(&city, &body).await;
    assert_eq!(elsewhere.status(), 403, "{}", elsewhere.text());
    city.token = token_of(&city, "hoa", &["26740"]);
    assert_eq!(outcome(&send(&city, &body).await), "applied");
    // Out of one's area is refused too, be it a new parcel or an old one that is moved there.
    let mut moved = update(2, &json!({}));
    moved["geometry"] = square(50_000.0, 0.0, 10.0);
    let moved = send(&city, &set(&[moved])).await;
    assert_eq!(moved.status(), 403, "{}", moved.text());
    // Mostly outside, and a far part beside a near one.
    let across = send(&city, &set(&[parcel("8", &square(495.0, 0.0, 100.0))])).await;
    assert_eq!(across.status(), 403, "{}", across.text());
    let (near, far) = (square(300.0, 300.0, 100.0), square(50_000.0, 0.0, 5.0));
    let both =
        json!({ "type": "MultiPolygon", "srid": 9210, "coordinates": [near["coordinates"], far["coordinates"]] });
    let both = send(&city, &set(&[parcel("9", &both)])).await;
    assert_eq!(both.status(), 403, "{}", both.text());
    let inside = send(&city, &set(&[parcel("10", &square(300.0, 300.0, 10.0))])).await;
    assert_eq!(outcome(&inside), "applied");
    let gone = send(&city, &set(&[parcel("7", &square(50_000.0, 0.0, 10.0))])).await;
    assert_eq!(gone.status(), 403, "{}", gone.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_is_seen_at_once_and_told_with_its_reason() {
    let city = city().await;
    let body = set(&[update(1, &json!({ "area_m2": 101.5 }))]);
    let first = send(&city, &body).await;
    assert_eq!(first.status(), 200, "{}", first.text());
    assert_eq!(outcome(&first), "applied");
    assert_eq!(first.json()["results"][0]["version"], 2);
    assert!(first.json()["position"].is_string());
    assert_eq!(first.header("dothi-core-behind"), "");
    let again = send(&city, &body).await;
    assert_eq!(again.json(), first.json(), "sent twice, the first answer returns");

    let told = read(&city, &format!("/api/v1/features/parcel/{PARCEL}/history")).await.json();
    let versions = told["versions"].as_array().unwrap();
    assert_eq!(versions.len(), 2, "{told}");
    assert_eq!(versions[0]["reason"], "đo lại");
    assert_eq!(versions[0]["actor"], "lan");
    assert_eq!(versions[0]["values"]["area_m2"], 101.5);
    assert_eq!(versions[1]["values"]["area_m2"], json!(100));
    assert_eq!(versions[1]["ended_by"], "lan");
    assert!(!told.to_string().contains("PRIVATEMARK-certificate"), "private attributes stay here");
    let id = first.json()["id"].as_str().unwrap().to_owned();
    let kept = read(&city, &format!("/api/v1/changesets/{id}")).await.json();
    assert_eq!((&kept["reason"], &kept["operations"][0]["version"]), (&json!("đo lại"), &json!(2)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_private_attribute_holds_cannot_be_guessed() {
    let city = city().await;
    let held: String = sqlx::query_scalar(
        "SELECT certificate_number FROM gis.parcel WHERE id = '00000000-0000-7000-8000-000000000345'",
    )
    .fetch_one(&mut city.owner().await)
    .await
    .unwrap();
    for version in [0, 1] {
        let mut answers = Vec::new();
        for guess in [held.as_str(), "something else"] {
            let mut body = set(&[update(version, &json!({ "certificate_number": guess }))]);
            body["dry_run"] = json!(true);
            answers.push(outcome(&send(&city, &body).await));
        }
        assert_eq!(answers[0], answers[1], "version {version}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_meet() {
    let city = city().await;
    assert_eq!(outcome(&send(&city, &set(&[update(1, &json!({ "area_m2": 101 }))])).await), "applied");
    let refused = send(&city, &set(&[update(1, &json!({ "area_m2": 102 }))])).await;
    assert_eq!(refused.status(), 409);
    let conflict = refused.json()["results"][0].clone();
    assert_eq!(conflict["seen"]["area_m2"], json!(100), "{conflict}");
    assert_eq!(conflict["there"]["area_m2"], json!(101));
    assert_eq!(conflict["yours"]["area_m2"], json!(102));
    assert_eq!((&conflict["actor"], &conflict["fields"]), (&json!("lan"), &json!(["area_m2"])));

    let mut merging = set(&[update(1, &json!({ "measured_on": "2026-01-31" }))]);
    merging["on_conflict"] = json!("merge");
    assert_eq!(outcome(&send(&city, &merging).await), "merged");
    assert_eq!(outcome(&send(&city, &set(&[update(3, &json!({ "area_m2": 101 }))])).await), "identical");
    let mut both = set(&[update(1, &json!({ "area_m2": 103 }))]);
    both["on_conflict"] = json!("merge");
    assert_eq!(send(&city, &both).await.status(), 409);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_named_with_its_field_and_place() {
    let city = city().await;
    let bow = json!({ "type": "Polygon", "coordinates":
        [[[106.69, 10.76], [106.691, 10.761], [106.691, 10.76], [106.69, 10.761], [106.69, 10.76]]] });
    let far = json!({ "type": "Polygon", "coordinates": [[[0, 95], [1, 95], [1, 96], [0, 95]]] });
    let cases = [
        (update(1, &json!({ "nonsense": 1 })), "unknown_attribute", "nonsense"),
        (update(1, &json!({ "area_m2": "big" })), "type", "area_m2"),
        (update(1, &json!({ "sheet": null })), "required", "sheet"),
        (update(1, &json!({ "measured_on": "31/01/2026" })), "type", "measured_on"),
        (parcel("1", &json!({ "type": "Point", "coordinates": [106.7, 10.7] })), "geometry_kind", "geometry"),
        (parcel("1", &bow), "valid", "geometry"),
        (parcel("1", &far), "coordinates", "geometry"),
        (parcel("1", &square(300.0, 0.0, 0.05)), "minimum_size", "geometry"),
        (parcel("1", &square(2.0, 2.0, 5.0)), "", ""),
    ];
    for (operation, rule, field) in cases {
        let answer = send(&city, &set(std::slice::from_ref(&operation))).await;
        if rule.is_empty() {
            assert_eq!(answer.status(), 200, "another sheet may lie above: {}", answer.text());
            continue;
        }
        assert_eq!(answer.status(), 422, "{operation}: {}", answer.text());
        let finding = answer.json()["results"][0]["findings"][0].clone();
        assert_eq!((&finding["rule"], &finding["field"]), (&json!(rule), &json!(field)), "{finding}");
        assert_eq!(finding["place"].is_array(), rule == "valid", "the crossing has a place: {finding}");
    }
    let case = json!({ "op": "delete", "op_id": Uuid::now_v7(), "entity": "permit", "id": PARCEL, "base_version": 1 });
    assert_eq!(send(&city, &set(&[case])).await.status(), 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_or_nothing_and_only_said() {
    let city = city().await;
    let good = update(1, &json!({ "area_m2": 101 }));
    let bad = update(1, &json!({ "nonsense": 1 }));
    assert_eq!(send(&city, &set(&[good.clone(), bad.clone()])).await.status(), 422);
    let mut dry = set(std::slice::from_ref(&good));
    dry["dry_run"] = json!(true);
    assert_eq!(outcome(&send(&city, &dry).await), "applied");
    let versions = read(&city, &format!("/api/v1/features/parcel/{PARCEL}/history")).await.json();
    assert_eq!(versions["versions"].as_array().unwrap().len(), 1, "nothing was written: {versions}");
    let mut each = set(&[good, bad]);
    each["atomic"] = json!(false);
    let answer = send(&city, &each).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.json()["results"][0]["outcome"], "applied");
    assert_eq!(answer.json()["results"][1]["outcome"], "refused");
}

/// `DOTHI_TEST_CLIENTS` and `DOTHI_TEST_SECONDS` make it long.
#[tokio::test(flavor = "multi_thread")]
async fn many_clients_leave_no_overlap() {
    let number = |name: &str, short| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(short);
    let (clients, seconds) = (number("DOTHI_TEST_CLIENTS", 8u64), number("DOTHI_TEST_SECONDS", 2u64));
    let city = std::sync::Arc::new(city().await);
    let end = std::time::Instant::now() + std::time::Duration::from_secs(seconds);
    let tasks = (0..clients).map(|client| {
        let city = city.clone();
        tokio::spawn(async move {
            let (mut applied, mut refused) = (0, 0);
            let mut turn = client;
            while std::time::Instant::now() < end {
                turn = turn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407 + client);
                let (x, y) = ((turn >> 33) % 300, (turn >> 45) % 300);
                let square = square(x as f64 + 1000.0, y as f64 + 1000.0, 12.0);
                match send(&city, &set(&[parcel(&turn.to_string(), &square)])).await.status() {
                    200 => applied += 1,
                    422 => refused += 1,
                    503 => {}
                    other => panic!("status {other}"),
                }
            }
            (applied, refused)
        })
    });
    let counts: Vec<(u64, u64)> = futures::future::join_all(tasks).await.into_iter().map(Result::unwrap).collect();
    let (applied, refused) = counts.iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    println!("{clients} clients, {seconds} s: {applied} written, {refused} refused");
    assert!(applied > 0 && refused > 0, "{applied} {refused}");
    let overlaps: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM gis.parcel a JOIN gis.parcel b ON a.fid < b.fid AND a.geom && b.geom AND a.sheet = '90' \
         AND b.sheet = '90' WHERE ST_Area(ST_Intersection(a.geom_source, b.geom_source)) > 0.5",
    )
    .fetch_one(&mut city.owner().await)
    .await
    .unwrap();
    assert_eq!(overlaps, 0);
}
