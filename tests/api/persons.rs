//! Who has rights in a parcel: asked for a purpose, inside one's area, and written down for ever.

use dothi::identity::operations::{Needs, OPERATIONS};
use serde_json::{Value, json};

use crate::corner;
use crate::identity::{PASSWORD, done};
use crate::support::{Answer, TestCity};

const PARCEL: &str = "00000000-0000-7000-8000-000000000345";
const EMPTY: &str = "00000000-0000-7000-8000-000000000346";

/// The corner, two holders of its first parcel, an officer of the ward, one of the next, and a leader.
async fn city() -> TestCity {
    let city = corner::city().await;
    city.sql(&format!(
        "WITH who AS (INSERT INTO gis_private.party (kind, name, id_number, phone, purpose, retain_until) VALUES
             ('person', 'Nguyễn Văn An', '079123456789', '0901234567', 'đất đai', '2040-01-01'),
             ('person', 'Lê Thị Bình', NULL, NULL, 'đất đai', '2040-01-01'),
             ('person', 'Người trước', NULL, NULL, 'đất đai', '2040-01-01') RETURNING id, name)
         INSERT INTO gis_private.party_parcel (party, parcel, relation, share_numerator, share_denominator, certificate_number, validity)
         SELECT id, '{PARCEL}', 'right', 1, 2, 'CS 01234', CASE name WHEN 'Người trước' THEN daterange(NULL, '2020-01-01') ELSE daterange('2020-01-01', NULL) END FROM who"
    ))
    .await;
    for (account, grant) in [("hoa", Some(["officer", "--units", "26740"])), ("xa", None), ("sep", None)] {
        done(&city, &["add", account, "--name", &account.to_uppercase(), "--password-stdin"], PASSWORD);
        if let Some([role, units, code]) = grant {
            done(&city, &["grant", account, role, units, code], "");
        }
    }
    done(&city, &["grant", "sep", "leader"], "");
    // The next ward is none of the corner's, so the shell would not give it.
    city.sql("INSERT INTO identity.given (person, role, units) SELECT id, 'officer', '{27000}' FROM identity.person WHERE account = 'xa'").await;
    city.sql("INSERT INTO identity.session (hash, person, second_at) SELECT sha256(account::bytea), id, now() FROM identity.person").await;
    city
}

async fn ask(city: &TestCity, account: &str, parcel: &str, body: Value) -> Answer {
    let request = city.request("POST", &format!("/api/v1/parcels/{parcel}/holders")).header("dothi-request", "1");
    Answer::read(request.header("cookie", format!("dothi_session={account}")).json(&body)).await
}

async fn get(city: &TestCity, account: &str, path: &str) -> Answer {
    Answer::read(city.request("GET", path).header("cookie", format!("dothi_session={account}"))).await
}

async fn lines(city: &TestCity) -> i64 {
    let count = sqlx::query_scalar("SELECT count(*) FROM gis_private.access_log");
    count.fetch_one(&mut city.owner().await).await.expect("counted")
}

#[tokio::test(flavor = "multi_thread")]
async fn holders_are_told_for_a_purpose_inside_the_area_and_each_look_up_is_kept() {
    let city = city().await;
    for body in [json!({}), json!({ "purpose": "  " }), json!({ "purpose": "....." })] {
        let refused = ask(&city, "hoa", PARCEL, body).await;
        assert_eq!((refused.status(), refused.problem().field.as_deref()), (400, Some("purpose")));
    }
    let why = || json!({ "purpose": "Hồ sơ GP-2026-12" });
    let elsewhere = ask(&city, "xa", PARCEL, why()).await;
    assert_eq!(
        (elsewhere.status(), elsewhere.problem().json["reason"].as_str()),
        (403, Some("area")),
        "{}",
        elsewhere.text()
    );
    assert_eq!(ask(&city, "sep", PARCEL, why()).await.status(), 403, "a leader reads the log, not the persons");
    assert_eq!(city.post(&format!("/api/v1/parcels/{PARCEL}/holders"), why()).await.status(), 401);
    assert_eq!(ask(&city, "hoa", "00000000-0000-7000-8000-000000000999", why()).await.status(), 404);
    assert_eq!(lines(&city).await, 0, "who learns nothing leaves no line");

    let answer = ask(&city, "hoa", PARCEL, why()).await;
    assert_eq!((answer.status(), answer.header("cache-control")), (200, "private, no-store"), "{}", answer.text());
    let holders = answer.json()["holders"].as_array().unwrap().clone();
    let names: Vec<_> = holders.iter().map(|holder| holder["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Lê Thị Bình", "Nguyễn Văn An"], "those of today");
    assert_eq!((&holders[1]["phone"], &holders[1]["share"]), (&json!("0901234567"), &json!("1/2")));
    assert_eq!(ask(&city, "hoa", EMPTY, why()).await.json()["holders"], json!([]), "nobody is known there");

    let log = get(&city, "sep", "/api/v1/look-ups").await;
    assert_eq!((log.status(), log.header("cache-control")), (200, "private, no-store"), "{}", log.text());
    assert!(!log.text().contains("Nguyễn Văn An"), "the log names whom by number");
    let told = log.json()["look_ups"].as_array().unwrap().clone();
    assert_eq!(told.len(), 3, "a line for each person found, and one where nobody was: {told:#?}");
    assert!(told[0]["party"].is_null() && told[0]["parcels"][0]["number"] == "346");
    assert_eq!(
        (&told[1]["actor"], &told[1]["name"], &told[1]["reason"], &told[1]["parcels"][0]["sheet"]),
        (&json!("hoa"), &json!("HOA"), &json!("Hồ sơ GP-2026-12"), &json!("12"))
    );
    let first = get(&city, "sep", "/api/v1/look-ups?limit=1").await.json();
    let rest = get(&city, "sep", &format!("/api/v1/look-ups?before={}", first["next"])).await.json();
    assert_eq!(rest["look_ups"].as_array().map(Vec::len), Some(2));
    assert!(rest["next"].is_null());
    let party = holders[0]["party"].as_str().unwrap();
    let one = get(&city, "sep", &format!("/api/v1/look-ups?party={party}&actor=hoa")).await.json();
    assert_eq!(one["look_ups"].as_array().map(Vec::len), Some(1));
    assert_eq!(get(&city, "hoa", "/api/v1/look-ups").await.status(), 403, "who looks up does not read the log");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_can_neither_change_nor_backdate_the_log_and_erasing_a_person_keeps_it() {
    let city = city().await;
    assert_eq!(ask(&city, "hoa", PARCEL, json!({ "purpose": "kiểm tra" })).await.status(), 200);
    let mut app = city.app_connection().await;
    for statement in [
        "UPDATE gis_private.access_log SET reason = 'x'",
        "DELETE FROM gis_private.access_log",
        "TRUNCATE gis_private.access_log",
        "INSERT INTO gis_private.access_log (at, reason) VALUES ('2020-01-01', 'trước kia')",
    ] {
        let refused = sqlx::query(statement).execute(&mut app).await.expect_err(statement).to_string();
        assert!(refused.contains("permission denied"), "{statement}: {refused}");
    }
    sqlx::query("INSERT INTO gis_private.access_log (reason) VALUES ('  ')")
        .execute(&mut app)
        .await
        .expect_err("a reason");
    sqlx::query("SELECT gis_private.erase_party(id, 'theo yêu cầu') FROM gis_private.party")
        .execute(&mut app)
        .await
        .unwrap();
    let after = ask(&city, "hoa", PARCEL, json!({ "purpose": "kiểm tra lại" })).await.json();
    assert!(after["holders"][0]["name"].is_null() && after["holders"][0]["erased_at"].is_string());
    assert_eq!(lines(&city).await, 7, "two, three erased, two");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_asks_for_a_role_is_kept_by_a_cache() {
    let city = city().await;
    city.sql(
        "INSERT INTO identity.given (person, role) SELECT id, role FROM identity.person,
             unnest('{planner,administrator,asset_keeper}'::text[]) AS role WHERE account = 'sep'",
    )
    .await;
    let mut answered = 0;
    for (method, path, needs) in OPERATIONS {
        if *method != "GET" || *needs == Needs::Nothing {
            continue;
        }
        let path = path.replace("{layer}", "parcel").replace("{id}", PARCEL);
        let answer = get(&city, "sep", &path).await;
        if answer.status() == 200 {
            answered += 1;
            assert_eq!(answer.header("cache-control"), "private, no-store", "{path}");
        }
    }
    assert!(answered >= 10, "{answered} answered");
    assert_eq!(get(&city, "sep", "/api/v1/me").await.header("cache-control"), "private, no-store");
}
