//! What others broke beside the server, and what the server took with a warning.

use serde_json::json;

use super::*;

async fn rules_of(city: &Office, query: &str) -> Vec<(String, String)> {
    let answer = read(city, &format!("/api/v1/findings{query}")).await;
    assert_eq!(answer.status(), 200, "{}", answer.text());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut rules: Vec<_> = answer.json()["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (text(&one["layer"]), text(&one["rule"])))
        .collect();
    // The corner has a city that its one ward does not cover, and a plan without a document.
    rules.retain(|(layer, _)| layer != "admin_unit" && layer != "plan");
    rules.sort();
    rules
}

async fn until_broken(city: &Office, expected: &[(&str, &str)]) {
    let expected: Vec<(String, String)> = expected.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    let begun = std::time::Instant::now();
    loop {
        let rules = rules_of(city, "").await;
        if rules == expected {
            return;
        }
        assert!(begun.elapsed().as_secs() < 10, "waited 10 s for {expected:?}: {rules:?}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_broke_in_psql_is_listed_until_it_is_mended() {
    let city = city().await;
    assert_eq!(city.get("/api/v1/findings").await.problem().slug, "sign-in");
    let overlap = |number: &str, x: f64| {
        format!(
            "UPDATE gis.parcel SET geom_source = ST_Multi(ST_MakeEnvelope({}, {NORTH}, {}, {}, 9210)) WHERE number = '{number}' AND commune_code = '26740'",
            EAST + x,
            EAST + x + 5.0,
            NORTH + 20.0
        )
    };
    // Two on one sheet: 345 comes to lie on 346.
    city.sql(&overlap("345", 3.0)).await;
    until_broken(&city, &[("parcel", "no_overlap_same_sheet")]).await;
    let answer = read(&city, "/api/v1/findings?layer=parcel&limit=9").await.json();
    let one = answer["findings"][0].clone();
    assert_eq!((&one["id"], &one["actor"], &one["version"]), (&json!(PARCEL), &json!("db:dothi_owner"), &json!(2)));
    assert_eq!((&one["other_layer"], &one["field"]), (&json!("parcel"), &json!("geometry")), "{one}");
    assert!(one["message"]["vi"].is_string() && one["message"]["en"].is_string(), "{one}");
    let (lon, lat) = (one["place"][0].as_f64().unwrap(), one["place"][1].as_f64().unwrap());
    let around = |d: f64| format!("?bbox={},{},{},{}", lon - d, lat - d, lon + d, lat + d);
    assert_eq!(rules_of(&city, &around(0.0001)).await.len(), 1);
    assert_eq!(rules_of(&city, "?bbox=1,1,2,2").await.len(), 0);
    // The other one is moved away: that mends it too.
    city.sql(&overlap("346", 8.0)).await;
    until_broken(&city, &[]).await;
    let gone: i64 = sqlx::query_scalar("SELECT count(*) FROM gis.finding WHERE gone IS NOT NULL")
        .fetch_one(&mut city.owner().await)
        .await
        .unwrap();
    assert_eq!(gone, 1, "what was mended is remembered");

    // A shape that crosses itself, and an object that goes takes its findings along.
    city.sql("INSERT INTO gis.building (source_ref, geom) VALUES ('bow', \
        ST_GeomFromText('MULTIPOLYGON(((106.69 10.76, 106.691 10.761, 106.691 10.76, 106.69 10.761, 106.69 10.76)))', 4326))").await;
    until_broken(&city, &[("building", "valid")]).await;
    city.sql("DELETE FROM gis.building").await;
    until_broken(&city, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_very_many_findings_none_is_left_out() {
    let city = city().await;
    // Each of 40 plots lies on 39 others: more than one answer of a rule holds.
    city.sql(&format!(
        "INSERT INTO gis.parcel (official_id, commune_code, sheet, number, geom_source) \
         SELECT 'twin-' || n, '26740', '77', n::text, ST_Multi(ST_MakeEnvelope({EAST}, {y}, {EAST} + 9, {y} + 9, 9210)) \
         FROM generate_series(1, 40) AS n",
        y = NORTH - 400.0
    ))
    .await;
    let begun = std::time::Instant::now();
    let mut owner = city.owner().await;
    let listed = "SELECT count(*) FROM gis.finding WHERE gone IS NULL AND rule = 'no_overlap_same_sheet'";
    let found = loop {
        let found: i64 = sqlx::query_scalar(listed).fetch_one(&mut owner).await.unwrap();
        if found > 0 || begun.elapsed().as_secs() > 20 {
            break found;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    assert_eq!(found, 40 * 39);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_with_a_warning_is_listed_and_so_is_who_was_left_behind() {
    let city = city().await;
    let post = insert("lamp_post", &json!({ "post_number": "C9" }), &point(0.0, -40.0));
    assert_eq!(outcome(&send(&city, &set(std::slice::from_ref(&post))).await), "applied");
    until_broken(&city, &[("lamp_post", "on_line")]).await;
    let cable = insert("lighting_line", &json!({ "circuit": "C9" }), &line(&[(-5.0, -40.0), (5.0, -40.0)]));
    assert_eq!(outcome(&send(&city, &set(std::slice::from_ref(&cable))).await), "applied");
    until_broken(&city, &[]).await;
    city.sql("UPDATE gis.lighting_line SET geom = ST_Translate(geom, 0.001, 0)").await;
    until_broken(&city, &[("lamp_post", "on_line")]).await;
    city.sql("UPDATE gis.lighting_line SET geom = ST_Translate(geom, -0.001, 0)").await;
    until_broken(&city, &[]).await;
    // A plan that is missing, until it is there.
    let zone = insert(
        "planning_zone",
        &json!({ "plan": "P7", "zone_code": "Z", "function": "o_hien_huu" }),
        &square(300.0, 300.0, 9.0),
    );
    assert_eq!(outcome(&send(&city, &set(&[zone])).await), "applied");
    until_broken(&city, &[("planning_zone", "inside_plan")]).await;
    city.sql("UPDATE gis.plan SET code = 'P7', geom_source = ST_Multi(ST_Buffer(geom_source, 1000))").await;
    // The corner's two zones still name P1.
    until_broken(&city, &[("planning_zone", "inside_plan"), ("planning_zone", "inside_plan")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_asked_for_is_refused() {
    let city = city().await;
    for (query, status) in [
        ("?layer=nothing", 404),
        ("?bbox=1,2,3", 400),
        ("?limit=0", 400),
        ("?bbox=NaN,1,2,3", 400),
        ("?colour=red", 400),
    ] {
        assert_eq!(read(&city, &format!("/api/v1/findings{query}")).await.status(), status, "{query}");
    }
}
