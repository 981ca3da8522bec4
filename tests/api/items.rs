//! Tables and schemas of layers: for staff, with what each of them may change.

use serde_json::{Value, json};

use crate::corner;
use crate::identity::{PASSWORD, done};
use crate::support::{Answer, TestCity};

/// A planner of one ward, by a token that reads.
async fn office() -> (TestCity, String) {
    let city = TestCity::start().await;
    corner::build(&city).await;
    done(&city, &["add", "lan", "--name", "lan", "--password-stdin"], PASSWORD);
    done(&city, &["grant", "lan", "planner", "--units", "26740"], "");
    let scopes = "see_staff,edit_land,edit_planning,edit_base,edit_assets";
    let token = done(&city, &["token", "lan", "--label", "tests", "--scopes", scopes], "");
    (city, token)
}

async fn get(city: &TestCity, token: &str, path: &str, asked: &[(&str, &str)]) -> Answer {
    Answer::read(city.request("GET", path).bearer_auth(token).query(asked)).await
}

fn numbers(answer: &Value) -> Vec<&str> {
    answer["rows"].as_array().into_iter().flatten().filter_map(|row| row["values"]["number"].as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_table_says_whether_one_may_change_it_and_why_not() {
    let (city, token) = office().await;
    assert_eq!(city.get("/api/v1/tables").await.status(), 401);
    let tables = get(&city, &token, "/api/v1/tables", &[]).await.json();
    let editing = |name: &str| {
        let all = tables["tables"].as_array().cloned().unwrap_or_default();
        all.into_iter().find(|one| one["name"] == name).unwrap_or_default()["edit"].clone()
    };
    assert_eq!(editing("planning_zone")["may"], true);
    assert_eq!(editing("planning_zone")["area"], json!({ "units": ["26740"] }));
    assert_eq!(editing("tree")["may"], false, "an asset keeper's");
    assert_eq!(editing("permit")["may"], false, "written by cases");
    assert_eq!(editing("legal_document")["may"], false, "no place, and this planner has one ward only");
    assert!(editing("tree")["reason"]["vi"].as_str().is_some_and(|reason| reason.contains("chỉ xem")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_has_titles_units_codes_and_what_is_required_and_nothing_private() {
    let (city, token) = office().await;
    let schema = get(&city, &token, "/api/v1/layers/planning_zone/schema", &[]).await.json();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert!(schema["required"].as_array().is_some_and(|all| all.contains(&json!("zone_code"))));
    assert_eq!(schema["properties"]["height_max_m"]["x-unit"], "m");
    let help = &schema["properties"]["coverage_max_pct"]["x-help"];
    assert!(help["vi"].as_str().is_some_and(|text| text.starts_with("Phần lớn nhất của thửa đất")), "{help}");
    assert!(help["en"].as_str().is_some_and(|text| text.starts_with("Greatest share of the parcel")), "{help}");
    assert_eq!(schema["properties"]["storeys_max"]["type"], json!(["integer", "null"]));
    let codes = schema["properties"]["land_use"]["oneOf"].as_array().cloned().unwrap_or_default();
    assert!(codes.iter().any(|code| code["const"] == "ODT" && code["x-title"]["en"].is_string()));
    assert_eq!(schema["x-layer"]["edit"]["may"], true);
    assert_eq!(schema["x-layer"]["legal_srid"], 9210);
    let parcel = get(&city, &token, "/api/v1/layers/parcel/schema", &[]).await.json();
    assert!(parcel["properties"]["number"].is_object() && parcel["properties"]["certificate_number"].is_null());
    assert_eq!(get(&city, &token, "/api/v1/layers/nothing/schema", &[]).await.status(), 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_filtered_sorted_and_paged_and_private_ones_stay_away() {
    let (city, token) = office().await;
    city.sql("UPDATE gis.parcel SET number = '9' WHERE number = '346'").await;
    let items = "/api/v1/layers/parcel/items";
    let all = get(&city, &token, items, &[("sort", "number")]).await;
    assert!(!all.text().contains("PRIVATEMARK"));
    assert_eq!(all.header("cache-control"), "private, no-store");
    // Nor do they come back from the past: the right of today decides, whatever was private then.
    let today = dothi::live::today().to_string();
    for past in [("known_at", today.as_str()), ("date", "2026-01-02")] {
        let past = get(&city, &token, items, &[past]).await;
        assert_eq!((past.status(), past.json()["count"].as_i64()), (200, Some(3)));
        assert!(!past.text().contains("PRIVATEMARK"));
    }
    let all = all.json();
    assert_eq!((all["count"].as_i64(), numbers(&all)), (Some(3), vec!["9", "345", "345"]), "9 before 345");
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let mut asked = vec![("sort", "-number"), ("limit", "1")];
        if !cursor.is_empty() {
            asked.push(("cursor", &cursor));
        }
        let page = get(&city, &token, items, &asked).await.json();
        seen.extend(page["rows"].as_array().cloned().unwrap_or_default());
        let Some(next) = page["next"].as_str() else { break };
        next.clone_into(&mut cursor);
    }
    let ids: std::collections::BTreeSet<String> = seen.iter().map(|row| row["id"].to_string()).collect();
    assert_eq!((seen.len(), ids.len()), (3, 3), "each once, though two have the same number");
    let found = get(&city, &token, items, &[("q", "ben nghe")]).await.json();
    assert_eq!(found["count"], 2, "without marks");
    let found =
        get(&city, &token, items, &[("filter", r#"[["former_unit_name","has","Thành"],["area_m2",">=",100]]"#)]).await;
    assert_eq!(found.json()["count"], 1);
    let (lon, lat) = corner::at(2.0, 10.0);
    let spot = format!("{lon},{lat},{lon},{lat}");
    let found = get(&city, &token, items, &[("bbox", spot.as_str()), ("geometry", "true")]).await.json();
    assert_eq!(numbers(&found), ["345"]);
    assert_eq!(found["rows"][0]["geometry"]["type"], "MultiPolygon");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_understood_is_named() {
    let (city, token) = office().await;
    let items = "/api/v1/layers/parcel/items";
    let ids = "x";
    for (name, value) in [
        ("sort", "certificate_number"),
        ("filter", r#"[["certificate_number","=","a"]]"#),
        ("filter", r#"[["area_m2","=","a"]]"#),
        ("cursor", "1"),
        ("limit", "0"),
        ("bbox", "1,2,3"),
        ("polygon", "1 2,3 4"),
        ("ids", ids),
    ] {
        let problem = get(&city, &token, items, &[(name, value)]).await.problem();
        assert_eq!(problem.slug, "bad-parameter", "{name}={value}");
    }
    let nowhere = get(&city, &token, "/api/v1/layers/legal_document/items", &[("bbox", "1,2,3,4")]).await;
    assert_eq!(nowhere.status(), 400);
}
