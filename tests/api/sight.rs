//! Staff see the city's own layers on the map, in answers and in events; the public does not know that they exist; what is
//! private is in neither.

use dothi_tiles::TileId;
use serde_json::json;

use crate::corner::{self, at};
use crate::events::Listener;
use crate::support::{Answer, TestCity};

const STAFF: &str = "dothi_session=lan";

/// A corner with a valve that staff see and a violation whose address nobody does, and Lan, who keeps the pipes.
async fn city() -> TestCity {
    let city = corner::city().await;
    let (lon, lat) = at(2.0, 10.0);
    let point = format!("ST_SetSRID(ST_MakePoint({lon}, {lat}), 4326)");
    city.sql(&format!(
        "INSERT INTO gis.water_valve (valve_number, geom) VALUES ('VAN-7', {point});
         INSERT INTO gis.violation (case_code, state, kind, address, geom)
         VALUES ('VP-9', 'cho_xac_minh', 'khong_phep', 'PRIVATEMARK', {point});
         WITH who AS (INSERT INTO identity.person (account, name) VALUES ('lan', 'Lan') RETURNING id),
         given AS (INSERT INTO identity.given (person, role) SELECT id, 'asset_keeper' FROM who)
         INSERT INTO identity.session (hash, person) SELECT sha256('lan'), id FROM who"
    ))
    .await;
    corner::until_known(&city).await;
    city
}

async fn staff(city: &TestCity, path: &str) -> Answer {
    Answer::read(city.request("GET", path).header("cookie", STAFF)).await
}

fn tile() -> String {
    let (lon, lat) = at(2.0, 10.0);
    let TileId { z, x, y } = TileId::at(lon, lat, 17);
    format!("/tiles/violation,water_valve/{z}/{x}/{y}")
}

fn holds(answer: &Answer, word: &str) -> bool {
    answer.bytes().windows(word.len()).any(|part| part == word.as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_see_the_citys_own_layers_and_the_public_does_not_know_of_them() {
    let city = city().await;
    let (lon, lat) = at(2.0, 10.0);
    let near = format!("/api/v1/near?lon={lon}&lat={lat}&layers=water_valve,violation");
    let box_ = format!("{},{},{},{}", lon - 1e-4, lat - 1e-4, lon + 1e-4, lat + 1e-4);
    let within = format!("/api/v1/within?layers=water_valve,violation&bbox={box_}");
    for path in [tile(), "/tiles/water_valve".to_owned(), near.clone(), within.clone()] {
        assert_eq!(city.get(&path).await.status(), 404, "{path}");
        let seen = staff(&city, &path).await;
        assert_eq!((seen.status(), seen.header("cache-control")), (200, "private, no-store"), "{path}");
        assert!(!holds(&seen, "PRIVATEMARK"), "{path}");
    }
    assert!(holds(&staff(&city, &tile()).await, "VAN-7"));
    assert!(holds(&staff(&city, &within).await, "VP-9"));
    let search = "/api/v1/search?q=VAN-7";
    assert!(!holds(&city.get(search).await, "water_valve"));
    assert!(holds(&staff(&city, search).await, "water_valve"));
    let lookup = format!("/api/v1/lookup?lon={lon}&lat={lat}");
    assert!(!holds(&city.get(&lookup).await, "VAN-7"));
    let told = staff(&city, &lookup).await;
    assert!(holds(&told, "VAN-7") && !holds(&told, "PRIVATEMARK"), "{}", told.text());
    for path in ["/api/v1/layers", "/styles/city.json"] {
        assert!(!holds(&city.get(path).await, "water_valve"), "{path}");
        assert!(holds(&staff(&city, path).await, "water_valve"), "{path}");
    }
    let me = staff(&city, "/api/v1/me").await.json();
    assert_eq!(me["layers"]["water_valve"], json!({ "read": true, "edit": "everywhere" }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_a_closed_layer_is_told_to_staff_alone() {
    let city = city().await;
    let mut lan = Listener::of(city.request("GET", "/api/v1/events").header("cookie", STAFF), None).await;
    let mut public = Listener::open(&city, None).await;
    for listener in [&mut lan, &mut public] {
        assert_eq!(listener.next().await.expect("a greeting").kind, "hello");
    }
    city.sql("UPDATE gis.water_valve SET valve_number = 'VAN-8'").await;
    city.sql("UPDATE gis.tree SET common_name = 'Sao'").await;
    let first = lan.next().await.expect("a change").data;
    assert!(first["layers"]["water_valve"]["ids"].is_array(), "{first}");
    let heard = public.next().await.expect("a change").data;
    assert!(heard["layers"]["water_valve"].is_null() && heard["layers"]["tree"].is_object(), "{heard}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_signs_out_sees_as_the_public_does() {
    let city = city().await;
    assert_eq!(staff(&city, &tile()).await.status(), 200);
    let out = city.request("DELETE", "/api/v1/session").header("cookie", STAFF).header("dothi-request", "1");
    assert_eq!(Answer::read(out).await.status(), 204);
    assert_eq!(staff(&city, &tile()).await.status(), 404);
    let token = city.request("GET", &tile()).header("authorization", "Bearer nothing");
    assert_eq!(Answer::read(token).await.status(), 401, "a program learns that its token has ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_catalog_is_sent_again_only_when_it_is_other() {
    let city = city().await;
    for path in ["/api/v1/layers", "/styles/city.json", "/tiles/tree"] {
        let etag = city.get(path).await.header("etag").to_owned();
        let again = Answer::read(city.request("GET", path).header("if-none-match", &etag)).await;
        assert_eq!((again.status(), again.bytes().len()), (304, 0), "{path}");
        let other = Answer::read(city.request("GET", path).header("if-none-match", "\"other\"")).await;
        assert_eq!(other.status(), 200, "{path}");
    }
}
