//! The core and PostGIS answer the same: random questions, asked of both. `DOTHI_QUESTIONS=10000` asks them all.

use std::collections::BTreeMap;

use rand::{Rng as _, SeedableRng as _, rngs::SmallRng};
use serde_json::Value;
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

use crate::corner;
use crate::support::TestCity;

const SHAPES: usize = 300;

fn questions() -> usize {
    std::env::var("DOTHI_QUESTIONS").ok().and_then(|text| text.parse().ok()).unwrap_or(300)
}

/// Areas with holes, lines that bend, points: about 2 km around the corner.
async fn fill(city: &TestCity) {
    city.sql(&format!(
        "SELECT setseed(0.42); \
         INSERT INTO gis.parcel (commune_code, sheet, number, geom_source) \
         SELECT '1', '1', n::text, ST_Multi(ST_Difference(box, ST_Buffer(ST_Centroid(box), 2 + random() * 3))) FROM ( \
             SELECT n, ST_Buffer(ST_SetSRID(ST_MakePoint({e} + random() * 2000, {n} + random() * 2000), 9210), 10 + random() * 80, 1 + n % 5) AS box \
             FROM generate_series(1, {SHAPES}) AS n) AS boxes; \
         INSERT INTO gis.planning_zone (plan, zone_code, function, land_use, geom_source) \
         SELECT 'P1', n::text, 'o_moi', 'ODT', ST_Multi(ST_Buffer(ST_SetSRID(ST_MakePoint({e} + random() * 2000, {n} + random() * 2000), 9210), 30 + random() * 200, 1 + n % 7)) \
         FROM generate_series(1, {SHAPES}) AS n; \
         INSERT INTO gis.road (source_ref, class, geom) \
         SELECT n::text, 'residential', gis.to_wgs84(ST_Multi(ST_SetSRID(ST_MakeLine(ARRAY[ST_MakePoint({e} + random() * 2000, {n} + random() * 2000), \
             ST_MakePoint({e} + random() * 2000, {n} + random() * 2000), ST_MakePoint({e} + random() * 2000, {n} + random() * 2000)]), 9210))) \
         FROM generate_series(1, {SHAPES}) AS n; \
         INSERT INTO gis.tree (tree_number, geom) \
         SELECT n::text, gis.to_wgs84(ST_SetSRID(ST_MakePoint({e} + random() * 2000, {n} + random() * 2000), 9210)) FROM generate_series(1, {SHAPES}) AS n",
        e = corner::EAST,
        n = corner::NORTH,
    ))
    .await;
    corner::until_known(city).await;
}

/// Ids of the features of an answer, and one number of each.
fn told(answer: &Value, number: impl Fn(&Value) -> f64) -> BTreeMap<Uuid, f64> {
    let features = answer["features"].as_array().unwrap_or_else(|| panic!("{answer}"));
    features.iter().map(|feature| (feature["id"].as_str().unwrap().parse().unwrap(), number(feature))).collect()
}

async fn expected(connection: &mut PgConnection, query: &str) -> BTreeMap<Uuid, f64> {
    let rows: Vec<(Uuid, f64)> =
        sqlx::query_as(query).fetch_all(connection).await.unwrap_or_else(|error| panic!("{query}: {error}"));
    rows.into_iter().collect()
}

const LAYERS: [&str; 4] = ["parcel", "planning_zone", "road", "tree"];

async fn near(city: &TestCity, database: &mut PgConnection, random: &mut SmallRng, (lon, lat): (f64, f64)) {
    let layer = LAYERS[random.random_range(0..4)];
    let radius: f64 = random.random_range(1.0..300.0);
    let answer =
        city.get(&format!("/api/v1/near?lon={lon}&lat={lat}&layers={layer}&radius_m={radius}&limit=1000")).await.json();
    let told = told(&answer, |feature| feature["properties"]["distance_m"].as_f64().unwrap());
    let expected = expected(database, &format!(
        "SELECT id, metres FROM (SELECT id, ST_Distance(gis.from_wgs84(geom, 9210), \
             gis.from_wgs84(ST_SetSRID(ST_MakePoint({lon}, {lat}), 4326), 9210)) AS metres FROM gis.{layer}) AS near WHERE metres <= {radius} + 0.05"
    )).await;
    for (id, metres) in &expected {
        // In the plane of the zone, whose metres are 0.003 % long here: `geography` looks for the nearest point on a sphere
        // and is a foot off on edges of 2 km.
        match told.get(id) {
            Some(ours) => assert!((ours - metres).abs() < 0.05, "{layer} {id}: {ours} m, PostGIS {metres} m"),
            None => assert!((metres - radius).abs() < 0.05, "{layer} {id} at {metres} m is missing within {radius} m"),
        }
    }
    assert!(told.keys().all(|id| expected.contains_key(id)), "{layer}: more than PostGIS finds");
}

async fn within(city: &TestCity, database: &mut PgConnection, random: &mut SmallRng, (lon, lat): (f64, f64)) {
    let layer = LAYERS[random.random_range(0..4)];
    let mut corner = || (lon + random.random_range(-0.002..0.002), lat + random.random_range(-0.002..0.002));
    let ((ax, ay), (bx, by), (cx, cy)) = (corner(), corner(), corner());
    let wkt = format!("POLYGON(({ax} {ay},{bx} {by},{cx} {cy},{ax} {ay}))");
    let url = format!("{}/api/v1/within", city.origin);
    let answer: Value = city
        .client
        .get(url)
        .query(&[("layers", layer), ("wkt", wkt.as_str())])
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let told = told(&answer, |_| 0.0);
    let expected = expected(
        database,
        &format!("SELECT id, 0::float8 FROM gis.{layer} WHERE ST_Intersects(geom, ST_GeomFromText('{wkt}', 4326))"),
    )
    .await;
    assert_eq!(told.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>(), "{layer} within {wkt}");
}

async fn lookup(city: &TestCity, database: &mut PgConnection, (lon, lat): (f64, f64)) -> usize {
    let answer = city.get(&format!("/api/v1/lookup?lon={lon}&lat={lat}")).await.json();
    let parcels = answer["parcels"].as_array().unwrap_or_else(|| panic!("{answer}"));
    let point = format!("ST_SetSRID(ST_MakePoint({lon}, {lat}), 4326)");
    let here = expected(
        database,
        &format!("SELECT id, ST_Area(geom_source) FROM gis.parcel WHERE ST_Intersects(geom, {point})"),
    )
    .await;
    assert_eq!(parcels.len(), here.len(), "parcels at {lon} {lat}");
    for parcel in parcels {
        let id: Uuid = parcel["id"].as_str().unwrap().parse().unwrap();
        let area = here.get(&id).unwrap_or_else(|| panic!("{id} is not there"));
        assert!(
            (parcel["area_m2"].as_f64().unwrap() - area).abs() < 0.01,
            "{id}: {} m², PostGIS {area}",
            parcel["area_m2"]
        );
        let shared = expected(database, &format!(
            "SELECT * FROM (SELECT zone.id, ST_Area(ST_Intersection(parcel.geom_source, zone.geom_source)) AS shared FROM gis.parcel, gis.planning_zone AS zone \
             WHERE parcel.id = '{id}' AND ST_Intersects(parcel.geom, zone.geom)) AS zones WHERE shared > 0.02"
        )).await;
        let zones = parcel["zones"].as_array().unwrap();
        let told: BTreeMap<Uuid, f64> = zones
            .iter()
            .map(|zone| (zone["id"].as_str().unwrap().parse().unwrap(), zone["area_m2"].as_f64().unwrap()))
            .collect();
        for (zone, area) in &shared {
            let ours = told.get(zone).unwrap_or_else(|| panic!("zone {zone} of parcel {id} is missing: {area} m²"));
            assert!((ours - area).abs() < 0.01, "zone {zone} of parcel {id}: {ours} m², PostGIS {area} m²");
        }
        assert!(
            told.iter().all(|(zone, area)| shared.contains_key(zone) || *area < 0.03),
            "more zones than PostGIS finds"
        );
    }
    parcels.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_core_answers_random_questions_as_postgis_does() {
    let city = corner::city().await;
    fill(&city).await;
    let mut database = city.owner().await;
    let mut random = SmallRng::seed_from_u64(20_261_122);
    let mut found = 0;
    for _ in 0..questions() {
        let at = corner::at(random.random_range(-50.0..2050.0), random.random_range(-50.0..2050.0));
        match random.random_range(0..3) {
            0 => near(&city, &mut database, &mut random, at).await,
            1 => within(&city, &mut database, &mut random, at).await,
            _ => found += lookup(&city, &mut database, at).await,
        }
    }
    assert!(found > questions() / 20, "the questions meet parcels: {found}");
    database.close().await.unwrap();
}
