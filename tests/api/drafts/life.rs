//! From the first line to the map.

use dothi_tiles::TileId;
use serde_json::{Value, json};

use super::{ask, begun, city, go, revision, somebody};
use crate::changes::{PARCEL, area, insert, set, square, update};
use crate::corner;

fn tile_over_the_corner(layers: &str) -> String {
    let (lon, lat) = corner::at(50.0, 5.0);
    let TileId { z, x, y } = TileId::at(lon, lat, 15);
    format!("/tiles/{layers}/{z}/{x}/{y}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zone_is_drawn_returned_approved_and_published() {
    let city = city().await;
    let hoa = somebody(&city, "hoa", "signatory", &["26740"]).await;
    let zone = insert(
        "planning_zone",
        &json!({ "plan": "P1", "zone_code": "C7", "function": "cay_xanh", "land_use": "DGT", "storeys_max": 9 }),
        &square(45.0, 0.0, 20.0),
    );
    let path = begun(&city, &[zone.clone(), update(1, &json!({ "area_m2": 104 }))]).await;

    let checked = go(&city, &city.token, "POST", &format!("{path}/check"), &json!({})).await;
    assert_eq!(checked["sound"], json!(true), "{checked}");
    let compared = go(&city, &city.token, "GET", &format!("{path}/compare"), &Value::Null).await;
    let rows = compared["rows"].as_array().expect("rows");
    assert_eq!((rows.len(), &rows[0]["change"], &rows[1]["change"]), (2, &json!("added"), &json!("changed")));
    assert!((rows[0]["after"]["area_m2"].as_f64().expect("metres") - 400.0).abs() < 1e-6, "{compared}");
    assert_eq!(rows[0]["after"]["area_kind"], json!("legal"));
    assert_eq!(rows[1]["fields"]["area_m2"], json!({ "before": 100, "after": 104 }));
    let impact = go(&city, &city.token, "GET", &format!("{path}/impact"), &Value::Null).await;
    let parcels = &impact["layers"][0];
    assert_eq!((&parcels["layer"], &parcels["count"]), (&json!("parcel"), &json!(1)), "{impact}");
    assert!((parcels["area_m2"].as_f64().expect("metres") - 100.0).abs() < 0.01, "{impact}");

    // On the owner's map only.
    let id = path.rsplit('/').next().expect("an id");
    let tile = format!("{}?draft={id}", tile_over_the_corner("planning_zone,parcel"));
    let drawn = ask(&city, &city.token, "GET", &tile, None).await;
    assert_eq!((drawn.status(), drawn.header("cache-control")), (200, "private, no-store"));
    dothi_tiles::validate::validate(drawn.bytes()).expect("a valid tile");
    let holds = |bytes: &[u8], word: &str| bytes.windows(word.len()).any(|part| part == word.as_bytes());
    for word in ["C7", "added", "changed"] {
        assert!(holds(drawn.bytes(), word), "{word} is not in the tile");
    }
    assert!(!holds(city.get(&tile_over_the_corner("planning_zone,parcel")).await.bytes(), "C7"));
    assert_eq!(city.get(&tile).await.status(), 401);
    assert_eq!(ask(&city, &hoa, "GET", &tile, None).await.status(), 404, "nobody asked Hoa yet");

    let seen = revision(&city, &path).await;
    go(&city, &city.token, "POST", &format!("{path}/submit"), &seen).await;
    let (lon, lat) = corner::at(50.0, 5.0);
    let mut back = seen.clone();
    back["text"] = json!("Chín tầng là quá cao ở đây");
    (back["lon"], back["lat"]) = (json!(lon), json!(lat));
    let returned = go(&city, &hoa, "POST", &format!("{path}/return"), &back).await;
    assert_eq!((&returned["state"], &returned["comments"][0]["by"]), (&json!("returned"), &json!("hoa")));
    assert_eq!(returned["comments"][0]["place"], json!([lon, lat]));

    let mut lower = zone.clone();
    lower["op"] = json!("update");
    lower["op_id"] = json!(uuid::Uuid::now_v7());
    lower["base_version"] = json!(1);
    lower["set"] = json!({ "storeys_max": 7 });
    lower.as_object_mut().expect("an object").remove("geometry");
    go(&city, &city.token, "POST", &format!("{path}/operations"), &json!({ "operations": [lower] })).await;
    let seen = revision(&city, &path).await;
    go(&city, &city.token, "POST", &format!("{path}/submit"), &seen).await;
    let approved = go(&city, &hoa, "POST", &format!("{path}/approve"), &seen).await;
    assert_eq!((&approved["state"], &approved["approved_by"]), (&json!("approved"), &json!("hoa")));

    let mut publishing = seen.clone();
    publishing["reason"] = json!("Quyết định 12/QĐ-UBND");
    let published = go(&city, &city.token, "POST", &format!("{path}/publish"), &publishing).await;
    assert_eq!(published["results"].as_array().map(Vec::len), Some(2), "{published}");
    assert!(holds(city.get(&tile_over_the_corner("planning_zone")).await.bytes(), "C7"));
    let again = go(&city, &city.token, "POST", &format!("{path}/publish"), &publishing).await;
    assert_eq!(again["id"], published["id"], "sent twice, done once");
    let history = go(
        &city,
        &city.token,
        "GET",
        &format!("/api/v1/features/planning_zone/{}/history", zone["id"].as_str().expect("an id")),
        &Value::Null,
    )
    .await;
    assert_eq!(history["versions"][0]["reason"], json!("Quyết định 12/QĐ-UBND"));
    assert_eq!(history["versions"][0]["values"]["storeys_max"], json!(7));
    assert_eq!(
        history["versions"].as_array().map(Vec::len),
        Some(1),
        "one object, one version, whatever the draft went through"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_a_rule_is_kept_and_said_and_not_published() {
    let city = city().await;
    let hoa = somebody(&city, "hoa", "planner", &[]).await;
    let on_another = crate::changes::parcel("999", &square(2.0, 0.0, 4.0));
    let mut on_another = on_another;
    on_another["set"]["sheet"] = json!("12");
    on_another["set"]["former_unit_name"] = json!("Phường Bến Nghé");
    let path = begun(&city, &[on_another]).await;
    let checked = go(&city, &city.token, "POST", &format!("{path}/check"), &json!({})).await;
    assert_eq!(checked["sound"], json!(false), "{checked}");
    assert_eq!(checked["results"][0]["findings"][0]["rule"], json!("no_overlap_same_sheet"), "{checked}");
    assert!(checked["results"][0]["findings"][0]["place"].is_array());
    let rows = go(&city, &city.token, "GET", &format!("{path}/compare"), &Value::Null).await;
    assert_eq!(rows["rows"][0]["change"], json!("added"), "it is drawn all the same: {rows}");
    let seen = revision(&city, &path).await;
    go(&city, &city.token, "POST", &format!("{path}/submit"), &seen).await;
    go(&city, &hoa, "POST", &format!("{path}/approve"), &seen).await;
    let mut publishing = seen;
    publishing["reason"] = json!("thử");
    let refused = ask(&city, &city.token, "POST", &format!("{path}/publish"), Some(&publishing)).await;
    assert_eq!(refused.status(), 422, "{}", refused.text());
    assert_eq!(
        go(&city, &city.token, "GET", &path, &Value::Null).await["state"],
        json!("approved"),
        "nothing half-written"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_its_owners_and_whom_they_name() {
    let city = city().await;
    let minh = somebody(&city, "minh", "officer", &["26740"]).await;
    let path = begun(&city, &[update(1, &json!({ "area_m2": 104 }))]).await;
    for sub in ["", "/compare", "/impact"] {
        assert_eq!(ask(&city, &minh, "GET", &format!("{path}{sub}"), None).await.status(), 404, "{sub}");
        assert_eq!(city.get(&format!("{path}{sub}")).await.status(), 401, "{sub}");
    }
    let unknown = json!({ "readers": ["nobody"] });
    assert_eq!(ask(&city, &city.token, "PATCH", &path, Some(&unknown)).await.status(), 400);
    go(&city, &city.token, "PATCH", &path, &json!({ "name": "Ô A1", "readers": ["minh"] })).await;
    let seen = go(&city, &minh, "GET", &path, &Value::Null).await;
    assert_eq!((&seen["part"], &seen["name"], &seen["mine"]), (&json!("reader"), &json!("Ô A1"), &json!(false)));
    go(&city, &minh, "GET", &format!("{path}/compare"), &Value::Null).await;
    // What is private is looked up by name and purpose, not read in somebody's draft.
    let secret = json!({ "operations": [update(1, &json!({ "certificate_number": "BS 123456", "area_m2": 105 }))] });
    go(&city, &city.token, "POST", &format!("{path}/operations"), &secret).await;
    assert!(go(&city, &city.token, "GET", &path, &Value::Null).await.to_string().contains("BS 123456"));
    for (method, sub) in [("GET", ""), ("POST", "/check"), ("GET", "/compare"), ("GET", "/impact")] {
        let read = go(&city, &minh, method, &format!("{path}{sub}"), &Value::Null).await.to_string();
        assert!(!read.contains("BS 123456"), "{sub}: {read}");
    }
    let listed = go(&city, &minh, "GET", "/api/v1/drafts", &Value::Null).await;
    assert_eq!(listed["drafts"].as_array().map(Vec::len), Some(1));
    let one = json!({ "operations": [update(1, &json!({ "area_m2": 1 }))] });
    let tried = ask(&city, &minh, "POST", &format!("{path}/operations"), Some(&one)).await;
    assert_eq!(tried.status(), 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn drawing_stays_in_ones_role_and_area() {
    let city = city().await;
    city.sql(crate::changes::NEXT_WARD).await;
    let far = somebody(&city, "tam", "planner", &["90002"]).await;
    let draft = go(&city, &far, "POST", "/api/v1/drafts", &json!({ "name": "chỗ khác" })).await;
    let path = format!("/api/v1/drafts/{}/operations", draft["id"].as_str().expect("an id"));
    let there =
        ask(&city, &far, "POST", &path, Some(&json!({ "operations": [update(1, &json!({ "area_m2": 1 }))] }))).await;
    assert_eq!((there.status(), there.json()["reason"].clone()), (403, json!("area")), "{}", there.text());
    let tree = insert("tree", &json!({ "tree_number": "T-9" }), &crate::changes::point(3.0, 3.0));
    let other = ask(&city, &far, "POST", &path, Some(&json!({ "operations": [tree] }))).await;
    assert_eq!((other.status(), other.json()["reason"].clone()), (403, json!("role")));
    let kept = go(&city, &far, "GET", path.trim_end_matches("/operations"), &Value::Null).await;
    assert_eq!(kept["operations"], json!([]), "what one may not write is not kept");
    // Who reviews elsewhere does not approve here.
    let mine = begun(&city, &[update(1, &json!({ "area_m2": 104 }))]).await;
    let seen = revision(&city, &mine).await;
    go(&city, &city.token, "POST", &format!("{mine}/submit"), &seen).await;
    let approved = ask(&city, &far, "POST", &format!("{mine}/approve"), Some(&seen)).await;
    assert_eq!((approved.status(), approved.json()["reason"].clone()), (403, json!("area")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shape_over_two_wards_is_approved_for_both() {
    let city = city().await;
    city.sql(crate::changes::NEXT_WARD).await;
    let here = somebody(&city, "hoa", "planner", &["26740"]).await;
    let lot = |x: f64| crate::changes::parcel("9", &square(x, 0.0, 60.0));
    let approved = async |operation: Value| {
        let path = begun(&city, &[operation]).await;
        let seen = revision(&city, &path).await;
        go(&city, &city.token, "POST", &format!("{path}/submit"), &seen).await;
        let answer = ask(&city, &here, "POST", &format!("{path}/approve"), Some(&seen)).await;
        (answer.status(), answer.json()["reason"].clone())
    };
    assert_eq!(approved(lot(400.0)).await, (200, Value::Null));
    // The wards meet at 500 m: most of this one lies here, and so does its middle.
    assert_eq!(approved(lot(460.0)).await, (403, json!("area")));
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_are_kept_once_folded_and_taken_back() {
    let city = city().await;
    let first = update(1, &json!({ "area_m2": 101 }));
    let path = begun(&city, &[first.clone()]).await;
    let operations = format!("{path}/operations");
    let before = revision(&city, &path).await;
    go(&city, &city.token, "POST", &operations, &json!({ "operations": [first] })).await;
    assert_eq!(revision(&city, &path).await, before, "sent twice, kept once");
    let mut other = first.clone();
    other["set"]["area_m2"] = json!(7);
    let taken = ask(&city, &city.token, "POST", &operations, Some(&json!({ "operations": [other] }))).await;
    assert_eq!(taken.status(), 409, "{}", taken.text());
    let second = update(1, &json!({ "measured_on": "2026-01-31" }));
    go(&city, &city.token, "POST", &operations, &json!({ "operations": [second] })).await;
    let draft = go(&city, &city.token, "GET", &path, &Value::Null).await;
    assert_eq!(draft["operations"].as_array().map(Vec::len), Some(1));
    assert_eq!(draft["operations"][0]["set"], json!({ "area_m2": 101, "measured_on": "2026-01-31" }));
    let back = format!("{operations}/{}", second["op_id"].as_str().expect("an id"));
    let draft = go(&city, &city.token, "DELETE", &back, &Value::Null).await;
    assert_eq!(draft["operations"][0]["set"], json!({ "area_m2": 101 }));
    // The line that people see is one: taken out whole, nothing of it is left to be published.
    let third = update(1, &json!({ "measured_on": "2026-02-01" }));
    go(&city, &city.token, "POST", &operations, &json!({ "operations": [third] })).await;
    let whole = format!("{operations}/{}?whole=true", third["op_id"].as_str().expect("an id"));
    let draft = go(&city, &city.token, "DELETE", &whole, &Value::Null).await;
    assert_eq!(draft["operations"], json!([]), "{draft}");
    let removed =
        json!({ "op": "delete", "op_id": uuid::Uuid::now_v7(), "entity": "parcel", "id": PARCEL, "base_version": 1 });
    let changed = update(1, &json!({ "area_m2": 9 }));
    let after = json!({ "operations": [removed, changed] });
    assert_eq!(
        ask(&city, &city.token, "POST", &operations, Some(&after)).await.status(),
        409,
        "nothing follows a removal"
    );
    let nowhere =
        json!({ "operations": [insert("green_space", &json!({}), &area(0.0, 0.0, f64::from(4), 4.0)), set(&[])] });
    assert_eq!(ask(&city, &city.token, "POST", &operations, Some(&nowhere)).await.status(), 400);
}
