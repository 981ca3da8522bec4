//! What two people do to one object.

use serde_json::json;

use super::*;

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
async fn a_conflict_shows_each_caller_what_that_caller_may_see() {
    let city = city().await;
    assert_eq!(
        outcome(&send(&city, &set(&[update(1, &json!({ "area_m2": 101, "measured_on": "2026-01-31" }))])).await),
        "applied"
    );
    let stale = set(&[update(1, &json!({ "area_m2": 102 }))]);
    let staff = send(&city, &stale).await.json()["results"][0].clone();
    assert_eq!((&staff["there"]["measured_on"], &staff["actor"]), (&json!("2026-01-31"), &json!("lan")));
    let writes_only = Office { token: token_with(&city, "lan", "edit_land"), city: city.city };
    let answer = send(&writes_only, &stale).await;
    assert_eq!(answer.status(), 409);
    let one = answer.json()["results"][0].clone();
    assert_eq!((&one["there"]["area_m2"], &one["yours"]["area_m2"]), (&json!(101), &json!(102)), "{one}");
    for version in ["seen", "there"] {
        let values = one[version].as_object().unwrap();
        for name in ["measured_on", "address", "certificate_number"] {
            assert!(!values.contains_key(name), "{version} {name}: {one}");
        }
    }
    assert!(one["actor"].is_null() && one["at"].is_null(), "{one}");
    assert!(!answer.text().contains("PRIVATEMARK"), "{}", answer.text());
}
