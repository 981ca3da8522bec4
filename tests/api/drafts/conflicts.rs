//! What others published meanwhile.

use serde_json::{Value, json};

use super::{ask, begun, city, go, revision, somebody};
use crate::changes::{Office, PARCEL, outcome, send, set, update};

/// Approved by Hoa: what is sent to publish it.
async fn approved(city: &Office, hoa: &str, path: &str) -> Value {
    let mut seen = revision(city, path).await;
    go(city, &city.token, "POST", &format!("{path}/submit"), &seen).await;
    go(city, hoa, "POST", &format!("{path}/approve"), &seen).await;
    seen["reason"] = json!("đo lại");
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_is_shown_and_settled_one_by_one() {
    let city = city().await;
    let hoa = somebody(&city, "hoa", "planner", &[]);
    for (take, more, left) in [
        ("mine", json!({}), json!(105)),
        ("theirs", json!({}), json!(null)),
        ("merged", json!({ "set": { "area_m2": 107 } }), json!(107)),
    ] {
        let now: i32 = sqlx::query_scalar("SELECT version FROM gis.parcel WHERE id = $1::text::uuid")
            .bind(PARCEL)
            .fetch_one(&mut city.owner().await)
            .await
            .unwrap();
        let path = begun(&city, &[update(now, &json!({ "area_m2": 105 }))]).await;
        let publishing = approved(&city, &hoa, &path).await;
        assert_eq!(outcome(&send(&city, &set(&[update(now, &json!({ "area_m2": 201 + now }))])).await), "applied");
        let met = ask(&city, &city.token, "POST", &format!("{path}/publish"), Some(&publishing)).await;
        assert_eq!(met.status(), 409, "{}", met.text());
        let result = met.json()["results"][0].clone();
        assert_eq!((&result["yours"]["area_m2"], &result["there"]["area_m2"]), (&json!(105), &json!(201 + now)));
        assert_eq!(result["actor"], json!("lan"));
        let address = format!("{path}/conflicts/{}", result["op_id"].as_str().expect("an id"));
        let mut settlement = more;
        settlement["take"] = json!(take);
        let settled = go(&city, &city.token, "POST", &address, &settlement).await;
        assert_eq!(settled["state"], json!("open"), "what is published was approved as it is");
        if take == "theirs" {
            assert_eq!(settled["operations"], json!([]));
            continue;
        }
        assert_eq!(settled["operations"][0]["base_version"], json!(now + 1));
        let again = ask(&city, &city.token, "POST", &address, Some(&settlement)).await;
        assert_eq!(again.status(), 404, "that operation is settled");
        let publishing = approved(&city, &hoa, &path).await;
        go(&city, &city.token, "POST", &format!("{path}/publish"), &publishing).await;
        let held: i32 = sqlx::query_scalar("SELECT area_m2::int FROM gis.parcel WHERE id = $1::text::uuid")
            .bind(PARCEL)
            .fetch_one(&mut city.owner().await)
            .await
            .unwrap();
        assert_eq!(json!(held), left);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_gone_can_only_be_left_alone() {
    let city = city().await;
    let path = begun(&city, &[update(1, &json!({ "area_m2": 105 }))]).await;
    let gone =
        json!({ "op": "delete", "op_id": uuid::Uuid::now_v7(), "entity": "parcel", "id": PARCEL, "base_version": 1 });
    assert_eq!(outcome(&send(&city, &set(&[gone])).await), "applied");
    let checked = go(&city, &city.token, "POST", &format!("{path}/check"), &json!({})).await;
    assert_eq!((&checked["sound"], &checked["results"][0]["outcome"]), (&json!(false), &json!("refused")), "{checked}");
    let op_id = checked["results"][0]["op_id"].as_str().expect("an id").to_owned();
    let address = format!("{path}/conflicts/{op_id}");
    let mine = ask(&city, &city.token, "POST", &address, Some(&json!({ "take": "mine" }))).await;
    assert_eq!((mine.status(), mine.json()["type"].clone()), (409, json!("/problems/gone")));
    let settled = go(&city, &city.token, "POST", &address, &json!({ "take": "theirs" })).await;
    assert_eq!(settled["operations"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_there_is_no_conflict_nothing_is_settled() {
    let city = city().await;
    let one = update(1, &json!({ "area_m2": 105 }));
    let path = begun(&city, &[one.clone()]).await;
    let address = format!("{path}/conflicts/{}", one["op_id"].as_str().expect("an id"));
    let none = ask(&city, &city.token, "POST", &address, Some(&json!({ "take": "theirs" }))).await;
    assert_eq!((none.status(), none.json()["type"].clone()), (409, json!("/problems/no-conflict")));
}
