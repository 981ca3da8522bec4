//! What is not public never leaves: a mark is planted in each private place and looked for in every answer.

use crate::corner::{self, at};
use crate::support::TestCity;

const MARK: &str = "PRIVATEMARK";

/// Plants the mark wherever somebody might put what is nobody's business.
async fn plant(city: &TestCity) {
    // Every private attribute of text in every layer with a place, and the extra columns of staff.
    let mut owner = city.owner().await;
    let private: Vec<(String, String)> = sqlx::query_as(
        "SELECT attribute.layer, attribute.name FROM catalog.attribute JOIN catalog.layer ON layer.name = attribute.layer \
         WHERE attribute.private AND attribute.kind IN ('text', 'code') AND layer.geometry IS NOT NULL ORDER BY 1, 2",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    assert!(private.iter().any(|(layer, name)| layer == "parcel" && name == "certificate_number"), "{private:?}");
    let (lon, lat) = at(2.0, 10.0);
    let area = format!("ST_Multi(ST_Buffer(ST_SetSRID(ST_MakePoint({lon}, {lat}), 4326), 0.00003))");
    let point = format!("ST_SetSRID(ST_MakePoint({lon}, {lat}), 4326)");
    let statements = [
        format!(
            "INSERT INTO gis.permit (permit_number, authority, kind, state, external_dossier_code, geom) VALUES ('GP1', 'UBND', 'moi', 'da_cap', '{MARK}-dossier', {area})"
        ),
        format!(
            "INSERT INTO gis.permit (permit_number, authority, kind, state, geom) VALUES ('{MARK}-hidden-row', 'UBND', 'moi', 'tham_dinh', {area})"
        ),
        format!(
            "INSERT INTO gis.works (works_code, state, notes, geom) VALUES ('W1', 'dang_thi_cong', '{MARK}-notes', {area})"
        ),
        format!(
            "INSERT INTO gis.violation (case_code, state, kind, address, geom) VALUES ('{MARK}-case', 'cho_xac_minh', 'khong_phep', '{MARK}-address', {point})"
        ),
        format!("INSERT INTO gis.water_valve (valve_number, geom) VALUES ('{MARK}-valve', {point})"),
        format!("INSERT INTO gis.water_meter (meter_number, kind, geom) VALUES ('{MARK}-meter', 'ho', {point})"),
        format!(
            "INSERT INTO gis.building (source_ref, use, storeys, address, permit_number, geom) VALUES ('b1', 'nha_o', 3, '{MARK}-building-address', '{MARK}-building-permit', {area})"
        ),
        format!(
            "INSERT INTO gis.lamp_post (post_number, state, cabinet, managed_by, geom) VALUES ('L1', 'sang', '{MARK}-cabinet', '{MARK}-managed', {point})"
        ),
        format!("UPDATE gis.parcel SET extra = '{{\"note\": \"{MARK}-extra\"}}'"),
        format!("UPDATE gis.tree SET extra = '{{\"note\": \"{MARK}-extra\"}}'"),
    ];
    for statement in &statements {
        city.sql(statement).await;
    }
    for (layer, name) in private {
        city.sql(&format!("UPDATE gis.{layer} SET \"{name}\" = '{MARK}-{layer}-{name}'")).await;
    }
    corner::until_known(city).await;
}

/// Every answer that the public can get around the corner.
fn questions(city: &TestCity) -> Vec<String> {
    let (lon, lat) = at(2.0, 10.0);
    let state = city.app.live.state();
    let layers: Vec<String> = state.core.layers().iter().map(|layer| layer.schema().name.to_string()).collect();
    let yesterday = dothi::live::today().pred_opt().unwrap();
    let mut questions = vec![
        format!("/api/v1/lookup?lon={lon}&lat={lat}"),
        format!("/api/v1/lookup?lon={lon}&lat={lat}&date={yesterday}"),
        "/api/v1/lookup?parcel=00000000-0000-7000-8000-000000000345".to_owned(),
        "/api/v1/layers".to_owned(),
        "/styles/city.json".to_owned(),
        "/api/v1/openapi.json".to_owned(),
        "/readyz".to_owned(),
        "/metrics".to_owned(),
    ];
    for layer in &layers {
        questions.push(format!("/api/v1/near?lon={lon}&lat={lat}&layers={layer}&radius_m=500"));
        questions.push(format!(
            "/api/v1/within?layers={layer}&bbox={},{},{},{}",
            lon - 0.01,
            lat - 0.01,
            lon + 0.01,
            lat + 0.01
        ));
        questions.push(format!("/tiles/{layer}"));
        for z in [0, 10, 14, 16, 18, 20] {
            let tile = dothi_tiles::TileId::at(lon, lat, z);
            questions.push(format!("/tiles/{layer}/{z}/{}/{}", tile.x, tile.y));
            questions.push(format!("/tiles/{layer}/{z}/{}/{}?date={yesterday}", tile.x, tile.y));
        }
    }
    for text in [
        "PRIVATEMARK",
        "privatemark hidden row",
        "PRIVATEMARK-certificate",
        "PRIVATEMARK-meter",
        "PRIVATEMARK-case",
        "345",
        "GP1",
        "W1",
    ] {
        questions.push(format!("/api/v1/search?q={text}").replace(' ', "+"));
    }
    questions
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_holds_what_is_not_public() {
    let city = corner::city().await;
    let mut listening = city.app.live.events.listen(None);
    plant(&city).await;
    let mut answered = 0;
    for question in questions(&city) {
        let answer = city.get(&question).await;
        // The question itself is repeated by search; what was found must not hold the mark.
        let asked = question.contains("/search");
        let found = if asked {
            answer.json()["results"].to_string()
        } else {
            String::from_utf8_lossy(answer.bytes()).into_owned()
        };
        assert!(!found.contains(MARK), "{question} answered {found}");
        answered += u32::from(answer.status() == 200);
    }
    assert!(answered > 100, "{answered} questions were answered");
    while let Ok(event) = listening.coming.try_recv() {
        assert!(!format!("{event:?}").contains(MARK), "{event:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mark_would_be_found_if_it_were_public() {
    let city = corner::city().await;
    city.sql(&format!("UPDATE gis.tree SET common_name = '{MARK}-public', tree_number = '{MARK}-1'")).await;
    corner::until_known(&city).await;
    let mut found = 0;
    for question in questions(&city) {
        let answer = city.get(&question).await;
        found += usize::from(String::from_utf8_lossy(answer.bytes()).contains("PRIVATEMARK-public"));
    }
    assert!(found >= 5, "tiles, lookup, near, within and search show what is public: {found}");
}
