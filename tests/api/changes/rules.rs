//! Every rule about where things lie, kept and broken, at the own row and at the neighbours of what moves.

use serde_json::json;

use super::*;

/// What a rule says of an insert: nothing, that it is refused, or a warning.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Says {
    Nothing,
    Refused,
    Warned,
}
use Says::{Nothing, Refused, Warned};

fn zone(code: &str, plan: Option<&str>, geometry: &Value) -> Value {
    let plan = plan.unwrap_or("P9");
    insert("planning_zone", &json!({ "plan": plan, "zone_code": code, "function": "o_hien_huu" }), geometry)
}

fn plan(code: &str, document: Option<&str>, geometry: &Value) -> Value {
    insert(
        "plan",
        &json!({ "code": code, "name": code, "level": "phan_khu", "status": "hieu_luc", "decision_number": code,
            "decision_date": "2026-01-31", "authority": "UBND", "document": document }),
        geometry,
    )
}

fn land_use_plan(plan: &str, geometry: &Value) -> Value {
    insert("land_use_plan", &json!({ "plan": plan, "source_ref": "1", "code": "ODT" }), geometry)
}

fn node(layer: &str, number: &str, x: f64, y: f64) -> Value {
    let values = if layer == "water_node" {
        json!({ "node_number": number, "kind": "be" })
    } else {
        json!({ "node_number": number, "kind": "ho_ga" })
    };
    insert(layer, &values, &point(x, y))
}

fn water_pipe(number: &str, points: &[(f64, f64)]) -> Value {
    insert("water_pipe", &json!({ "pipe_number": number, "kind": "phan_phoi" }), &line(points))
}

fn drain_pipe(number: &str, points: &[(f64, f64)]) -> Value {
    insert("drain_pipe", &json!({ "pipe_number": number, "system": "mua" }), &line(points))
}

fn address(unit: &str, x: f64, y: f64) -> Value {
    insert("address", &json!({ "number": "7", "unit_code": unit }), &point(x, y))
}

fn tree(number: &str, species: &str, height: f64) -> Value {
    insert("tree", &json!({ "tree_number": number, "species": species, "height_m": height }), &point(0.0, -3.0))
}

fn numbered(number: &str, x: f64) -> Value {
    let mut parcel = parcel(number, &square(x, 300.0, 10.0));
    parcel["set"]["sheet"] = json!("91");
    parcel
}

/// What stands in the city before each case.
fn ground() -> Vec<Value> {
    let mut species =
        insert("species", &json!({ "code": "ME", "common_name": "Me", "max_height_m": 20 }), &Value::Null);
    species.as_object_mut().unwrap().remove("geometry");
    let mut all = vec![
        plan("P2", Some("QD-2"), &square(1000.0, 1000.0, 200.0)),
        zone("Z1", Some("P2"), &square(1000.0, 1000.0, 50.0)),
        parcel("1", &square(300.0, 200.0, 20.0)),
        numbered("5", 300.0),
        insert("building", &json!({ "source_ref": "b1" }), &area(0.0, 0.0, 10.0, 10.0)),
        insert("lighting_line", &json!({ "circuit": "C1" }), &line(&[(0.0, -10.0), (100.0, -10.0)])),
        species,
    ];
    for layer in ["water_node", "drain_node"] {
        all.extend([node(layer, "n1", 0.0, -20.0), node(layer, "n2", 50.0, -20.0)]);
    }
    all.extend([water_pipe("w1", &[(0.0, -20.0), (50.0, -20.0)]), drain_pipe("d1", &[(0.0, -20.0), (50.0, -20.0)])]);
    all
}

/// The rule, the field that is named, an operation, what is said of it.
fn cases() -> Vec<(&'static str, &'static str, Value, Says)> {
    let named = |layer: &str, name: &str, x: f64, y: f64| insert(layer, &json!({ name: "x" }), &point(x, y));
    vec![
        ("no_overlap_same_sheet", "geometry", parcel("2", &square(319.99, 200.0, 20.0)), Nothing),
        ("no_overlap_same_sheet", "geometry", parcel("2", &square(319.9, 200.0, 20.0)), Refused),
        ("unique_key", "number", numbered("6", 340.0), Nothing),
        ("unique_key", "number", numbered("5", 340.0), Warned),
        ("inside_plan", "geometry", zone("Z2", Some("P2"), &square(1100.0, 1000.0, 50.0)), Nothing),
        ("inside_plan", "geometry", zone("Z2", Some("P2"), &square(1180.0, 1000.0, 50.0)), Warned),
        ("inside_plan", "plan", zone("Z2", None, &square(1100.0, 1000.0, 50.0)), Warned),
        ("inside_plan", "geometry", land_use_plan("P2", &square(1100.0, 1000.0, 50.0)), Nothing),
        ("inside_plan", "geometry", land_use_plan("P2", &square(1180.0, 1000.0, 50.0)), Warned),
        ("inside_plan", "plan", land_use_plan("none", &square(1100.0, 1000.0, 50.0)), Warned),
        ("no_overlap_within_plan", "geometry", zone("Z3", Some("P2"), &square(1049.95, 1000.0, 20.0)), Nothing),
        ("no_overlap_within_plan", "geometry", zone("Z3", Some("P2"), &square(1040.0, 1000.0, 20.0)), Warned),
        ("dated_with_document", "document", plan("P3", Some("QD-3"), &square(2000.0, 1000.0, 50.0)), Nothing),
        ("dated_with_document", "document", plan("P3", None, &square(2000.0, 1000.0, 50.0)), Warned),
        (
            "no_overlap",
            "geometry",
            insert("building", &json!({ "source_ref": "b2" }), &area(9.9, 0.0, 10.0, 10.0)),
            Nothing,
        ),
        (
            "no_overlap",
            "geometry",
            insert("building", &json!({ "source_ref": "b2" }), &area(9.0, 0.0, 10.0, 10.0)),
            Warned,
        ),
        ("ends_at_nodes", "geometry", water_pipe("w2", &[(0.0, -20.0), (25.0, -30.0), (50.0, -20.0)]), Nothing),
        ("ends_at_nodes", "geometry", water_pipe("w2", &[(0.0, -20.0), (49.0, -20.0)]), Refused),
        ("ends_at_nodes", "geometry", drain_pipe("d2", &[(0.0, -20.0), (25.0, -30.0), (50.0, -20.0)]), Nothing),
        ("ends_at_nodes", "geometry", drain_pipe("d2", &[(0.0, -20.0), (49.0, -20.0)]), Warned),
        ("ends_at_nodes", "geometry", node("drain_node", "n3", 50.0, -20.03), Nothing),
        ("ends_at_nodes", "geometry", node("drain_node", "n3", 25.0, -20.0), Warned),
        ("on_pipe", "geometry", named("water_valve", "valve_number", 25.0, -20.05), Nothing),
        ("on_pipe", "geometry", named("water_valve", "valve_number", 25.0, -20.5), Refused),
        ("on_pipe", "geometry", named("hydrant", "hydrant_number", 25.0, -21.0), Nothing),
        ("on_pipe", "geometry", named("hydrant", "hydrant_number", 25.0, -24.0), Warned),
        ("on_line", "geometry", named("lamp_post", "post_number", 40.0, -10.5), Nothing),
        ("on_line", "geometry", named("lamp_post", "post_number", 40.0, -12.0), Warned),
        ("within_species_maxima", "height_m", tree("T1", "ME", 19.0), Nothing),
        ("within_species_maxima", "height_m", tree("T1", "ME", 21.0), Warned),
        ("within_species_maxima", "species", tree("T1", "KHONG", 1.0), Warned),
        ("inside_unit", "geometry", address("26740", 0.0, 0.0), Nothing),
        ("inside_unit", "geometry", address("26740", 900.0, 0.0), Warned),
        ("inside_unit", "unit_code", address("99999", 0.0, 0.0), Warned),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_rule_is_kept_and_broken() {
    let city = city().await;
    let built = send(&city, &set(&ground())).await;
    assert_eq!(built.status(), 200, "{}", built.text());
    for (rule, field, operation, says) in cases() {
        let mut body = set(std::slice::from_ref(&operation));
        body["dry_run"] = json!(true);
        let answer = send(&city, &body).await;
        assert_eq!(answer.status(), 200, "{operation}: {}", answer.text());
        let found: Vec<_> = told(&answer, 0).into_iter().filter(|(name, ..)| name == rule).collect();
        let said = match (outcome(&answer).as_str(), found.is_empty()) {
            ("refused", false) => Refused,
            ("applied", false) => Warned,
            ("applied", true) => Nothing,
            _ => panic!("{operation}: {}", answer.text()),
        };
        assert_eq!(said, says, "{rule}: {operation}: {}", answer.text());
        if says != Nothing {
            assert!(found.iter().any(|(_, named, _)| named == field), "{rule} {field}: {found:?}");
            let list = &answer.json()["results"][0][if says == Refused { "findings" } else { "warnings" }];
            let placed = list.as_array().unwrap().iter().filter(|one| one["rule"] == rule);
            assert!(placed.clone().all(|one| one["place"].is_array()), "{list}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_moves_tells_whom_it_leaves_behind() {
    let city = city().await;
    let built = send(&city, &set(&ground())).await;
    assert_eq!(built.status(), 200, "{}", built.text());
    let id_of = async |layer: &str, name: &str, value: &str| -> Uuid {
        let statement = format!("SELECT id FROM gis.{layer} WHERE {name} = $1");
        sqlx::query_scalar(&statement).bind(value).fetch_one(&mut city.owner().await).await.unwrap()
    };
    let change = |op: &str, layer: &str, id: Uuid| json!({ "op": op, "op_id": Uuid::now_v7(), "entity": layer, "id": id, "base_version": 1 });

    let mut moved = change("update", "water_node", id_of("water_node", "node_number", "n2").await);
    moved["geometry"] = point(60.0, -20.0);
    let mut body = set(std::slice::from_ref(&moved));
    body["dry_run"] = json!(true);
    let answer = send(&city, &body).await;
    assert_eq!(outcome(&answer), "applied", "{}", answer.text());
    assert_eq!(told(&answer, 0), [("ends_at_nodes".to_owned(), "geometry".to_owned(), "water_pipe".to_owned())]);
    let warning = answer.json()["results"][0]["warnings"][0].clone();
    let (lon, lat) = at(50.0, -20.0);
    assert!((warning["place"][0].as_f64().unwrap() - lon).abs() < 1e-6, "{warning}");
    assert!((warning["place"][1].as_f64().unwrap() - lat).abs() < 1e-6, "{warning}");
    assert_eq!(warning["other"], json!(id_of("water_pipe", "pipe_number", "w1").await));

    // Moved together in one set, neither the node nor the pipe breaks anything, in whichever order.
    let mut pipe = change("update", "water_pipe", id_of("water_pipe", "pipe_number", "w1").await);
    pipe["geometry"] = line(&[(0.0, -20.0), (60.0, -20.0)]);
    for both in [[moved.clone(), pipe.clone()], [pipe, moved]] {
        let mut body = set(&both);
        body["dry_run"] = json!(true);
        let answer = send(&city, &body).await;
        assert_eq!(answer.status(), 200, "{}", answer.text());
        assert!(told(&answer, 0).is_empty() && told(&answer, 1).is_empty(), "{}", answer.text());
    }

    // A plan that goes leaves its zone; a pipe that goes leaves its valve; a line that goes, its post.
    let gone = set(&[change("delete", "plan", id_of("plan", "code", "P2").await)]);
    let answer = send(&city, &gone).await;
    assert_eq!(told(&answer, 0), [("inside_plan".to_owned(), "geometry".to_owned(), "planning_zone".to_owned())]);
    // Somebody else's change there is not blamed for what was broken before.
    let again = set(&[plan("P4", Some("QD"), &square(1000.0, 1000.0, 60.0))]);
    let answer = send(&city, &again).await;
    assert!(told(&answer, 0).is_empty(), "{}", answer.text());
    let version = json!({ "op": "delete", "op_id": Uuid::now_v7(), "entity": "plan",
        "id": again["operations"][0]["id"], "base_version": 1 });
    let answer = send(&city, &set(&[version])).await;
    assert!(told(&answer, 0).is_empty(), "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_border_that_two_parcels_share_moves_in_one_set() {
    let city = city().await;
    let (west, east) = (parcel("1", &square(300.0, 0.0, 10.0)), parcel("2", &square(310.0, 0.0, 10.0)));
    let drawn = send(&city, &set(&[west.clone(), east.clone()])).await;
    assert_eq!(drawn.status(), 200, "{}", drawn.text());
    let reshape = |of: &Value, from: f64, to: f64| {
        let ring = [[from, 0.0], [to, 0.0], [to, 10.0], [from, 10.0], [from, 0.0]].map(|[x, y]| [EAST + x, NORTH + y]);
        json!({ "op": "update", "op_id": Uuid::now_v7(), "entity": "parcel", "id": of["id"], "base_version": 1,
            "geometry": { "type": "Polygon", "srid": 9210, "coordinates": [ring] } })
    };
    let alone = send(&city, &set(&[reshape(&west, 300.0, 313.0)])).await;
    assert_eq!((alone.status(), told(&alone, 0)[0].0.as_str()), (422, "no_overlap_same_sheet"), "{}", alone.text());
    let both = [reshape(&west, 300.0, 313.0), reshape(&east, 313.0, 320.0)];
    let mut each = set(&both);
    each["atomic"] = json!(false);
    each["dry_run"] = json!(true);
    assert_eq!(
        send(&city, &each).await.json()["results"][0]["outcome"],
        "refused",
        "each by itself, the first one overlaps"
    );
    let moved = send(&city, &set(&both)).await;
    assert_eq!(moved.status(), 200, "{}", moved.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_is_asked_again_when_what_it_reads_changes_and_not_otherwise() {
    let city = city().await;
    let mut other_sheet = parcel("2", &square(305.0, 0.0, 10.0));
    other_sheet["set"]["sheet"] = json!("91");
    let drawn = send(&city, &set(&[parcel("1", &square(300.0, 0.0, 10.0)), other_sheet.clone()])).await;
    assert_eq!(drawn.status(), 200, "{}", drawn.text());
    let mut onto = update(1, &json!({ "sheet": "90" }));
    onto["id"] = other_sheet["id"].clone();
    let refused = send(&city, &set(&[onto])).await;
    assert_eq!(
        (refused.status(), told(&refused, 0)[0].0.as_str()),
        (422, "no_overlap_same_sheet"),
        "{}",
        refused.text()
    );
    // What a delivery brought in overlapping may still be described.
    city.sql("UPDATE gis.parcel SET geom_source = (SELECT geom_source FROM gis.parcel WHERE sheet = '12' AND number = '346') \
        WHERE id = '00000000-0000-7000-8000-000000000345'").await;
    assert_eq!(outcome(&send(&city, &set(&[update(2, &json!({ "area_m2": 50 }))])).await), "applied");
}

#[tokio::test(flavor = "multi_thread")]
async fn children_of_a_unit_cover_it() {
    let city = city().await;
    // One ward of a hundred covers the city no better after it moved; the hole is told where it is.
    city.sql(
        "UPDATE gis.admin_unit SET geom = (SELECT geom FROM gis.admin_unit WHERE code = '26740') WHERE code = '79'",
    )
    .await;
    let (id, version): (Uuid, i32) = sqlx::query_as("SELECT id, version FROM gis.admin_unit WHERE code = '26740'")
        .fetch_one(&mut city.owner().await)
        .await
        .unwrap();
    let mut shrunk =
        json!({ "op": "update", "op_id": Uuid::now_v7(), "entity": "admin_unit", "id": id, "base_version": version });
    shrunk["geometry"] = area(-500.0, -500.0, 1000.0, 900.0);
    let answer = send(&city, &set(&[shrunk])).await;
    assert_eq!(outcome(&answer), "applied", "{}", answer.text());
    assert_eq!(
        told(&answer, 0),
        [("children_cover_parent".to_owned(), "geometry".to_owned(), "admin_unit".to_owned())]
    );
}
