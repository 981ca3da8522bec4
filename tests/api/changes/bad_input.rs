//! What cannot be taken, named with its field, its place and what would be accepted.

use serde_json::json;

use super::*;

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
async fn what_is_too_much_names_its_limit() {
    let city = city().await;
    let circle: Vec<[f64; 2]> = (0..=50_001)
        .map(|step| f64::from(step % 50_001) / 50_001.0 * std::f64::consts::TAU)
        .map(|angle| [106.7 + angle.cos() / 1000.0, 10.77 + angle.sin() / 1000.0])
        .collect();
    let huge = json!({ "type": "Polygon", "coordinates": [circle] });
    let refused = send(&city, &set(&[parcel("1", &huge)])).await;
    assert_eq!(refused.status(), 422, "{}", refused.text());
    let finding = refused.json()["results"][0]["findings"][0].clone();
    assert_eq!((&finding["rule"], &finding["field"]), (&json!("vertices"), &json!("geometry")));
    assert!(finding["message"]["en"].as_str().unwrap().contains("at most 50000"), "{finding}");
    let many: Vec<Value> = (0..1001).map(|_| update(1, &json!({ "area_m2": 1 }))).collect();
    let refused = send(&city, &set(&many)).await;
    assert_eq!((refused.status(), refused.problem().field.as_deref()), (400, Some("operations")));
    assert!(refused.text().contains("1000"), "{}", refused.text());
    let long = json!({ "reason": "a".repeat(2001), "operations": [update(1, &json!({ "area_m2": 1 }))] });
    assert_eq!(send(&city, &long).await.problem().field.as_deref(), Some("reason"));
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_that_are_none_and_shapes_that_cannot_be_computed_are_refused_by_operation() {
    let city = city().await;
    let text = |coordinates: &str| {
        format!(
            "{{\"reason\": \"x\", \"operations\": [{{\"op\": \"insert\", \"op_id\": \"{}\", \"entity\": \"tree\", \"id\": \"{}\", \
             \"set\": {{\"tree_number\": \"T7\"}}, \"geometry\": {{\"type\": \"Point\", \"coordinates\": {coordinates}}}}}]}}",
            Uuid::now_v7(),
            Uuid::now_v7()
        )
    };
    for (coordinates, status) in [
        ("[NaN, 10.7]", 400),
        ("[1e999, 10.7]", 400),
        ("[null, 10.7]", 422),
        ("[\"106\", 10.7]", 422),
        ("[106.7]", 422),
        ("[]", 422),
        ("[106.7, 10.77, 1e308]", 422),
        ("[106.7, 10.77]", 200),
    ] {
        let request = city.request("POST", "/api/v1/changesets").bearer_auth(&city.token);
        let answer = Answer::read(request.header("content-type", "application/json").body(text(coordinates))).await;
        assert_eq!(answer.status(), status, "{coordinates}: {}", answer.text());
        if status == 422 {
            assert_eq!(told(&answer, 0)[0].1, "geometry", "{}", answer.text());
        }
    }
    let line = |coordinates: Value| json!({ "type": "LineString", "coordinates": coordinates });
    let huge_text = "x".repeat(20_000);
    let cases = [
        insert("lighting_line", &json!({ "circuit": "C" }), &line(json!([[106.7, 10.77], [106.7, 10.77]]))),
        insert("lighting_line", &json!({ "circuit": "C" }), &line(json!([[106.7, 10.77]]))),
        insert(
            "land_use",
            &json!({ "code": "ODT", "source_ref": "1" }),
            &json!({ "type": "Polygon", "coordinates": [[[106.7, 10.77], [106.8, 10.78], [106.7, 10.77]]] }),
        ),
        insert(
            "tree",
            &json!({ "tree_number": huge_text }),
            &json!({ "type": "Point", "coordinates": [106.7, 10.77] }),
        ),
    ];
    for operation in cases {
        let answer = send(&city, &set(std::slice::from_ref(&operation))).await;
        assert!(matches!(answer.status(), 200 | 422), "{}: {}", answer.status(), answer.text());
        if answer.status() == 422 {
            assert_eq!(answer.json()["results"][0]["op_id"], operation["op_id"]);
            assert_eq!(outcome(&answer), "refused");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stale_and_coming_versions_and_steps_out_of_order_are_told_apart() {
    let city = city().await;
    assert_eq!(outcome(&send(&city, &set(&[update(1, &json!({ "area_m2": 101 }))])).await), "applied");
    assert_eq!(send(&city, &set(&[update(1, &json!({ "area_m2": 102 }))])).await.status(), 409);
    let coming = send(&city, &set(&[update(9, &json!({ "area_m2": 102 }))])).await;
    assert_eq!((coming.status(), told(&coming, 0)[0].0.as_str()), (422, "base_version"));
    // The update before the insert that it builds on: each by itself, the insert goes.
    let drawn = parcel("31", &square(300.0, 0.0, 10.0));
    let mut mended = update(1, &json!({ "area_m2": 99 }));
    mended["id"] = drawn["id"].clone();
    let mut body = set(&[mended.clone(), drawn]);
    body["atomic"] = json!(false);
    let answer = send(&city, &body).await;
    assert_eq!(told(&answer, 0)[0].0, "exists", "{}", answer.text());
    assert_eq!(answer.json()["results"][1]["outcome"], "applied");
    // Sent again as it was: what was refused is judged anew, what was done is not done twice.
    let again = send(&city, &body).await;
    assert_eq!(again.json()["results"][0]["outcome"], "applied", "{}", again.text());
    assert_eq!(again.json()["results"][1], answer.json()["results"][1]);
}
