//! What is written, and what is told of it.

use serde_json::json;

use super::*;

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

#[tokio::test(flavor = "multi_thread")]
async fn a_delete_is_told_with_its_reason_and_who_wrote_the_version_before_keeps_theirs() {
    let city = city().await;
    assert_eq!(outcome(&send(&city, &set(&[update(1, &json!({ "area_m2": 101 }))])).await), "applied");
    let gone = json!({ "op": "delete", "op_id": Uuid::now_v7(), "entity": "parcel", "id": PARCEL, "base_version": 2 });
    let mut body = set(&[gone]);
    body["reason"] = json!("nhập thửa");
    assert_eq!(outcome(&send(&city, &body).await), "applied");
    let told = read(&city, &format!("/api/v1/features/parcel/{PARCEL}/history")).await.json();
    assert_eq!(
        (&told["versions"][0]["version"], &told["versions"][0]["reason"]),
        (&json!(2), &json!("đo lại")),
        "{told}"
    );
    assert_eq!(told["versions"][0]["deleted"]["reason"], "nhập thửa", "{told}");
    assert_eq!(told["versions"][0]["deleted"]["actor"], "lan");
    assert!(told["versions"][1]["deleted"].is_null(), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_op_id_stands_for_one_operation_for_ever() {
    let city = city().await;
    let first = update(1, &json!({ "area_m2": 101 }));
    assert_eq!(outcome(&send(&city, &set(std::slice::from_ref(&first))).await), "applied");
    let mut other = update(2, &json!({ "area_m2": 102 }));
    other["op_id"] = first["op_id"].clone();
    let taken = send(&city, &set(&[other])).await;
    assert_eq!((taken.status(), taken.problem().slug.as_str()), (409, "op-id-taken"));
    assert_eq!(taken.json()["op_id"], first["op_id"]);
    // In another order, beside something new: the first answer for the one, done once, and the other is done.
    let again = send(&city, &set(&[update(2, &json!({ "area_m2": 103 })), first])).await;
    assert_eq!(again.status(), 200, "{}", again.text());
    assert_eq!(
        (&again.json()["results"][0]["version"], &again.json()["results"][1]["version"]),
        (&json!(3), &json!(2))
    );
    let told = read(&city, &format!("/api/v1/features/parcel/{PARCEL}/history")).await.json();
    assert_eq!(told["versions"].as_array().unwrap().len(), 3, "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_warns_is_told_beside_what_was_written() {
    let city = city().await;
    let body = set(&[insert("land_use", &json!({ "code": "XYZ", "source_ref": "1" }), &area(0.0, 0.0, 30.0, 30.0))]);
    let answer = send(&city, &body).await;
    assert_eq!(outcome(&answer), "applied", "{}", answer.text());
    assert_eq!(told(&answer, 0), [("known_code".to_owned(), "code".to_owned(), String::new())]);
    assert_eq!(send(&city, &body).await.json(), answer.json(), "and told again");
}
