//! What others published meanwhile.

use serde_json::{Value, json};

use super::{ask, begun, city, go, revision, somebody};
use crate::changes::{Office, PARCEL, outcome, parcel, send, set, square, update};
use crate::corner::{EAST, NORTH, at};

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
    let hoa = somebody(&city, "hoa", "planner", &[]).await;
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
async fn a_draft_on_a_plot_that_was_split_says_by_whom_and_into_what_and_goes_on_there() {
    let city = city().await;
    let hoa = somebody(&city, "hoa", "planner", &[]).await;
    let path = begun(&city, &[update(1, &json!({ "area_m2": 105 })), parcel("901", &square(200.0, 200.0, 5.0))]).await;
    let publishing = approved(&city, &hoa, &path).await;
    // The plot of 5 m by 20 m becomes two of 10 m.
    let half = |number: &str, y: f64| {
        let (west, south) = (EAST, NORTH + y);
        let ring = [(0.0, 0.0), (5.0, 0.0), (5.0, 10.0), (0.0, 10.0), (0.0, 0.0)].map(|(x, y)| [west + x, south + y]);
        json!({ "op": "insert", "op_id": uuid::Uuid::now_v7(), "entity": "parcel", "id": uuid::Uuid::now_v7(),
            "set": { "commune_code": "26740", "sheet": "12", "number": number },
            "geometry": { "type": "Polygon", "srid": 9210, "coordinates": [ring] } })
    };
    let ended =
        json!({ "op": "delete", "op_id": uuid::Uuid::now_v7(), "entity": "parcel", "id": PARCEL, "base_version": 1 });
    let split = send(
        &city,
        &json!({ "reason": "tách thửa 345", "operations": [ended, half("3451", 0.0), half("3452", 10.0)] }),
    )
    .await;
    assert_eq!(outcome(&split), "applied", "{}", split.text());

    let met = ask(&city, &city.token, "POST", &format!("{path}/publish"), Some(&publishing)).await;
    assert_eq!(met.status(), 422, "{}", met.text());
    let answer = met.json();
    let finding = &answer["results"][0]["findings"][0];
    let said = finding["message"]["vi"].as_str().expect("words");
    for words in ["lan đã kết thúc", "“tách thửa 345”", "chỗ đó nay có 2", "3451", "3452"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let (lon, lat) = (finding["place"][0].as_f64().expect("a place"), finding["place"][1].as_f64().expect("a place"));
    let (west, south) = at(0.0, 0.0);
    let (east, north) = at(5.0, 20.0);
    assert!((west..east).contains(&lon) && (south..north).contains(&lat), "{finding}");
    assert_eq!(finding["other_layer"], "parcel");
    // Nothing of the draft was written: its other plot neither.
    let written: i64 = sqlx::query_scalar("SELECT count(*) FROM gis.parcel WHERE number = '901'")
        .fetch_one(&mut city.owner().await)
        .await
        .unwrap();
    assert_eq!(written, 0);
    let compared = go(&city, &city.token, "GET", &format!("{path}/compare"), &Value::Null).await;
    assert_eq!(compared["rows"][0]["fields"]["number"]["after"], "901", "what can be drawn is compared: {compared}");
    go(&city, &city.token, "GET", &format!("{path}/impact"), &Value::Null).await;

    // One leaves it, and the rest of the draft is published.
    let op_id = answer["results"][0]["op_id"].as_str().expect("an id");
    go(&city, &city.token, "POST", &format!("{path}/conflicts/{op_id}"), &json!({ "take": "theirs" })).await;
    let publishing = approved(&city, &hoa, &path).await;
    go(&city, &city.token, "POST", &format!("{path}/publish"), &publishing).await;
    let written: i64 = sqlx::query_scalar("SELECT count(*) FROM gis.parcel WHERE number IN ('901', '3451', '3452')")
        .fetch_one(&mut city.owner().await)
        .await
        .unwrap();
    assert_eq!(written, 3);
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
