//! Who may write what, and where.

use serde_json::json;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn nobody_writes_without_a_name_a_role_and_an_area() {
    let mut city = city().await;
    city.sql(NEXT_WARD).await;
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
async fn the_neighbouring_ward_is_not_ones_own_by_place_or_by_code() {
    let mut city = city().await;
    city.sql(NEXT_WARD).await;
    city.token = token_of(&city, "hoa", &["26740"]);
    let mut moved = update(1, &json!({}));
    moved["geometry"] = square(600.0, 0.0, 10.0);
    let there = parcel("11", &square(600.0, 0.0, 10.0));
    let across = parcel("12", &square(495.0, 0.0, 10.0));
    let mut named = parcel("13", &square(300.0, 0.0, 10.0));
    named["set"]["commune_code"] = json!("90002");
    let cases = [
        moved,
        there,
        across,
        named,
        update(1, &json!({ "commune_code": "90002" })),
        update(1, &json!({ "unit_code": "90002" })),
    ];
    for operation in cases {
        let refused = send(&city, &set(std::slice::from_ref(&operation))).await;
        assert_eq!(refused.status(), 403, "{operation}: {}", refused.text());
        assert_eq!((&refused.json()["reason"], &refused.json()["op_id"]), (&json!("area"), &operation["op_id"]));
    }
    // What lies over there says nothing of itself, neither its version nor what a rule would say.
    city.token = token_of(&city, "minh", &["90002"]);
    let gone = json!({ "op": "delete", "op_id": Uuid::now_v7(), "entity": "parcel", "id": PARCEL, "base_version": 7 });
    for operation in [gone, update(7, &json!({ "area_m2": 1 })), update(0, &json!({ "area_m2": 1 }))] {
        let refused = send(&city, &set(std::slice::from_ref(&operation))).await;
        assert_eq!(refused.status(), 403, "{operation}: {}", refused.text());
    }
    let mut own = parcel("14", &square(600.0, 0.0, 10.0));
    own["set"]["commune_code"] = json!("90002");
    assert_eq!(outcome(&send(&city, &set(&[own])).await), "applied");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_set_draws_and_mends_in_ones_own_area() {
    let mut city = city().await;
    city.token = token_of(&city, "hoa", &["26740"]);
    let drawn = parcel("21", &square(300.0, 0.0, 10.0));
    let mut mended = update(1, &json!({ "area_m2": 99 }));
    mended["id"] = drawn["id"].clone();
    let answer = send(&city, &set(&[drawn, mended])).await;
    assert_eq!(answer.status(), 200, "{}", answer.text());
    assert_eq!(answer.json()["results"][1]["version"], 2, "{}", answer.text());
    // Nobody slips out of the area in the second step.
    let drawn = parcel("22", &square(330.0, 0.0, 10.0));
    let mut out = update(1, &json!({}));
    (out["id"], out["geometry"]) = (drawn["id"].clone(), square(50_000.0, 0.0, 10.0));
    assert_eq!(send(&city, &set(&[drawn, out])).await.status(), 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_site_cannot_write_with_ones_cookie() {
    let city = city().await;
    let body = json!({ "account": "lan", "password": PASSWORD });
    let signed_in = city.post("/api/v1/session", &body).await;
    let cookie = signed_in.header("set-cookie").split(';').next().unwrap().to_owned();
    let write = || {
        let body = set(&[update(1, &json!({ "area_m2": 101 }))]);
        city.request("POST", "/api/v1/changesets").header("cookie", &cookie).json(&body)
    };
    assert_eq!(Answer::read(write()).await.status(), 403, "without the header of our pages");
    let foreign = write().header("dothi-request", "1").header("sec-fetch-site", "cross-site");
    assert_eq!(Answer::read(foreign).await.status(), 403);
    assert_eq!(outcome(&Answer::read(write().header("dothi-request", "1")).await), "applied");
}
