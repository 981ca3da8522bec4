//! How long things take, as ratios in one run. By hand: `cargo test --test api measure -- --ignored --nocapture`.

use std::time::{Duration, Instant};

use dothi::live::events::Event;
use sqlx::{Connection as _, Executor as _, PgConnection};

use crate::corner;
use crate::events::Listener;
use crate::support::{Answer, TestCity};

const PARCELS: usize = 50_000;

/// A grid of tube-house lots, 5 m by 20 m, under a zone for each 50 lots.
async fn fill(city: &TestCity, parcels: usize) {
    // As a delivery, which gives both geometries: a row trigger each would take minutes.
    city.sql(&format!(
        "BEGIN; SET LOCAL dothi.import_id = '9'; SET LOCAL dothi.actor = 'import:9'; \
         INSERT INTO gis.parcel (commune_code, sheet, number, land_use, source_id, geom, geom_source) \
         SELECT '1', (n / 500)::text, (n % 500)::text, 'ODT', gis.source_id(9, n + 1), gis.to_wgs84(lot), lot FROM ( \
             SELECT n, ST_Multi(ST_MakeEnvelope({e} + (n % 250) * 5, {n0} + (n / 250) * 20, \
                 {e} + (n % 250) * 5 + 5, {n0} + (n / 250) * 20 + 20, 9210)) AS lot FROM generate_series(0, {parcels} - 1) AS n) AS lots; \
         INSERT INTO gis.planning_zone (plan, zone_code, function, land_use, storeys_max, source_id, geom, geom_source) \
         SELECT 'P1', n::text, 'o_moi', 'ODT', 5, gis.source_id(9, n + 1), gis.to_wgs84(zone), zone FROM ( \
             SELECT n, ST_Multi(ST_MakeEnvelope({e} + (n % 25) * 50, {n0} + (n / 25) * 100, {e} + (n % 25) * 50 + 50, \
                 {n0} + (n / 25) * 100 + 100, 9210)) AS zone FROM generate_series(0, 999) AS n) AS zones; \
         COMMIT; ANALYZE gis.parcel; ANALYZE gis.planning_zone",
        e = corner::EAST,
        n0 = corner::NORTH,
    ))
    .await;
    city.until("all of it is in memory", || async {
        let state = city.app.live.state();
        let layer = state.core.layer(&dothi_tiles::LayerName::new("parcel").unwrap()).unwrap();
        layer.len() >= parcels && city.app.live.readiness().reloading == 0
    })
    .await;
}

fn percentiles(mut times: Vec<Duration>) -> (Duration, Duration) {
    times.sort();
    (times[times.len() / 2], times[times.len() * 99 / 100])
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn measure_commit_to_event_and_to_fresh_tile() {
    let city = corner::city().await;
    fill(&city, PARCELS).await;
    let mut listening = city.app.live.events.listen(None);
    let mut owner = city.owner().await;
    let tile = {
        let (lon, lat) = corner::at(25.0, 50.0);
        dothi_tiles::TileId::at(lon, lat, 17)
    };
    let path = format!("/tiles/parcel,planning_zone/17/{}/{}", tile.x, tile.y);
    let (mut events, mut tiles) = (Vec::new(), Vec::new());
    let mut before = city.get(&path).await.header("etag").to_owned();
    for number in 0..500 {
        let storeys = format!("UPDATE gis.planning_zone SET storeys_max = {} WHERE zone_code = '0'", 100 + number);
        owner.execute(storeys.as_str()).await.unwrap();
        let committed = Instant::now();
        while !matches!(listening.coming.recv().await.unwrap(), Event::Change(_)) {}
        events.push(committed.elapsed());
        let fresh = city.get(&path).await;
        tiles.push(committed.elapsed());
        assert_ne!(fresh.header("etag"), before, "the first tile after the event is the new one");
        fresh.header("etag").clone_into(&mut before);
    }
    let (event, tile) = (percentiles(events), percentiles(tiles));
    println!(
        "commit to event: p50 {:?}, p99 {:?}; commit to fresh tile: p50 {:?}, p99 {:?}",
        event.0, event.1, tile.0, tile.1
    );
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn measure_commit_to_event_and_to_fresh_tile_with_a_hundred_listeners() {
    const LISTENERS: usize = 100;
    const EDITS: usize = 200;
    let city = corner::city().await;
    fill(&city, PARCELS).await;
    let (sender, mut heard) = tokio::sync::mpsc::unbounded_channel();
    for number in 0..LISTENERS {
        let mut listener = Listener::open(&city, None).await;
        assert_eq!(listener.next().await.unwrap().kind, "hello");
        let sender = sender.clone();
        tokio::spawn(async move {
            while let Some(event) = listener.next().await {
                if event.kind == "change" && sender.send((number, Instant::now())).is_err() {
                    break;
                }
            }
        });
    }
    let mut owner = city.owner().await;
    let (lon, lat) = corner::at(25.0, 50.0);
    let tile = dothi_tiles::TileId::at(lon, lat, 17);
    let path = format!("/tiles/parcel,planning_zone/17/{}/{}", tile.x, tile.y);
    let mut before = city.get(&path).await.header("etag").to_owned();
    let (mut events, mut last, mut tiles) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..EDITS {
        let storeys = format!("UPDATE gis.planning_zone SET storeys_max = {} WHERE zone_code = '0'", 100 + number);
        owner.execute(storeys.as_str()).await.unwrap();
        let committed = Instant::now();
        let (_, first) = heard.recv().await.unwrap();
        events.push(first.saturating_duration_since(committed));
        let fresh = city.get(&path).await;
        tiles.push(committed.elapsed());
        assert_ne!(fresh.header("etag"), before, "the first tile after the event is the new one");
        fresh.header("etag").clone_into(&mut before);
        for _ in 1..LISTENERS {
            let (_, at) = heard.recv().await.unwrap();
            events.push(at.saturating_duration_since(committed));
        }
        last.push(*events.iter().rev().take(LISTENERS).max().unwrap());
    }
    let (event, last, tile) = (percentiles(events), percentiles(last), percentiles(tiles));
    println!(
        "{LISTENERS} listeners, {EDITS} edits: commit to event p50 {:?}, p99 {:?}; to the last listener p50 {:?}, p99 {:?}; \
         commit to fresh tile p50 {:?}, p99 {:?}",
        event.0, event.1, last.0, last.1, tile.0, tile.1
    );
}

async fn prepared(connection: &mut PgConnection, query: &'static str, at: (f64, f64)) -> Duration {
    let began = Instant::now();
    sqlx::query(query).bind(at.0).bind(at.1).fetch_all(connection).await.unwrap();
    began.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn measure_lookup_tile_and_load_against_postgis() {
    let city = corner::city().await;
    fill(&city, PARCELS).await;
    let mut owner = city.owner().await;
    let state = city.app.live.state();
    let audience = state.audiences.public().clone();
    let position = city.app.live.position();
    let view = dothi::lookup::View {
        core: &state.core,
        catalog: &state.catalog,
        entities: &state.entities,
        audience: &audience,
        date: state.date,
    };
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    // What a prepared statement must do to know half as much: the parcel, its zones with their shares, their plan.
    let statement = "SELECT parcel.id, zone.id, plan.decision_number, ST_Area(ST_Intersection(parcel.geom_source, zone.geom_source)) \
         FROM gis.parcel LEFT JOIN gis.planning_zone AS zone ON ST_Intersects(zone.geom, parcel.geom) LEFT JOIN gis.plan ON plan.code = zone.plan \
         WHERE ST_Intersects(parcel.geom, ST_SetSRID(ST_MakePoint($1, $2), 4326))";
    for number in 0..500_u32 {
        let at = corner::at(f64::from(number * 7 % 1200) + 1.0, f64::from(number * 13 % 3900) + 3.0);
        let began = Instant::now();
        let answer =
            dothi::lookup::gather(view, dothi::lookup::Asked::At(geo::Point::new(at.0, at.1)), position, None).unwrap();
        ours.push(began.elapsed());
        assert!(!answer.parcels.is_empty(), "{at:?}");
        theirs.push(prepared(&mut owner, statement, at).await);
    }
    let (ours, theirs) = (percentiles(ours), percentiles(theirs));
    println!(
        "lookup: core p50 {:?} p99 {:?}; prepared statement p50 {:?} p99 {:?}; ratio {:.1}",
        ours.0,
        ours.1,
        theirs.0,
        theirs.1,
        theirs.0.as_secs_f64() / ours.0.as_secs_f64()
    );

    let names = [dothi_tiles::LayerName::new("parcel").unwrap()];
    let tile = |number: u32| {
        let (lon, lat) = corner::at(f64::from(number * 61 % 1200), f64::from(number * 97 % 3900));
        dothi_tiles::TileId::at(lon, lat, 16)
    };
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for number in 0..200 {
        let tile = tile(number);
        let began = Instant::now();
        let body = dothi_tiles::encode_tile(&state.core, &names, tile, &audience, None, state.date);
        ours.push(began.elapsed());
        assert!(!body.is_empty());
        let began = Instant::now();
        sqlx::query_scalar::<_, Vec<u8>>(
            "SELECT ST_AsMVT(t, 'parcel', 4096, 'geom', 'fid') FROM (SELECT fid, id::text, version, commune_code, former_unit_name, sheet, number, land_use, \
             ST_AsMVTGeom(ST_Transform(geom, 3857), ST_TileEnvelope($1, $2, $3), 4096, 64) AS geom FROM gis.parcel \
             WHERE geom && ST_Transform(ST_TileEnvelope($1, $2, $3, margin => 64.0 / 4096), 4326) AND validity @> gis.today()) AS t",
        )
        .bind(i32::from(tile.z)).bind(tile.x as i32).bind(tile.y as i32)
        .fetch_one(&mut owner).await.unwrap();
        theirs.push(began.elapsed());
    }
    let (ours, theirs) = (percentiles(ours), percentiles(theirs));
    println!(
        "tile z16: core p50 {:?} p99 {:?}; ST_AsMVT p50 {:?} p99 {:?}; ratio {:.1}",
        ours.0,
        ours.1,
        theirs.0,
        theirs.1,
        theirs.0.as_secs_f64() / ours.0.as_secs_f64()
    );

    let plan = dothi::live::plan::LayerPlan::of(state.catalog.layer("parcel").unwrap()).unwrap();
    let pool = dothi::live::start::reading_pool(&city.app.pool);
    let began = Instant::now();
    let mut copied = 0;
    let mut stream = owner.copy_out_raw(&format!("COPY ({}) TO STDOUT (FORMAT BINARY)", plan.select)).await.unwrap();
    while let Some(piece) = futures::TryStreamExt::try_next(&mut stream).await.unwrap() {
        copied += piece.len();
    }
    drop(stream);
    let copy = began.elapsed();
    let began = Instant::now();
    let loaded = dothi::live::loader::load_beside(&pool, std::sync::Arc::new(plan)).await.unwrap();
    let load = began.elapsed();
    println!(
        "load of {} parcels: {load:?}; binary COPY alone ({} MB): {copy:?}; ratio {:.2}; bytes a parcel beside coordinates: {}",
        loaded.value.layer.len(),
        copied / 1_000_000,
        load.as_secs_f64() / copy.as_secs_f64(),
        loaded.value.layer.bytes().beside_coordinates() / loaded.value.layer.len()
    );
    pool.close().await;
    owner.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn measure_a_jump_into_a_table_its_past_and_its_files() {
    let city = corner::city().await;
    fill(&city, 99_997).await;
    let token = crate::changes::token_of(&city, "lan", &[]);
    let items = "/api/v1/layers/parcel/items?limit=100";
    let today = dothi::live::today();
    for question in [
        String::new(),
        "&offset=50000".to_owned(),
        "&sort=number".to_owned(),
        "&sort=number&offset=50000".to_owned(),
        "&sort=area_m2&offset=99900".to_owned(),
        "&q=ODT&offset=50000".to_owned(),
        format!("&known_at={today}"),
        format!("&known_at={today}&sort=number&offset=50000"),
    ] {
        let mut times = Vec::new();
        for _ in 0..20 {
            let begun = Instant::now();
            let page = Answer::read(city.request("GET", &format!("{items}{question}")).bearer_auth(&token)).await;
            times.push(begun.elapsed());
            assert_eq!((page.status(), page.json()["count"].as_i64()), (200, Some(100_000)), "{question}");
        }
        let (half, most) = percentiles(times);
        println!("items{question}: p50 {half:?}, most {most:?}");
    }
    let page =
        Answer::read(city.request("GET", &format!("{items}&sort=number&offset=50000")).bearer_auth(&token)).await;
    let next = page.json()["next"].as_str().unwrap().to_owned();
    let begun = Instant::now();
    let on = city.request("GET", items).query(&[("sort", "number"), ("cursor", &next)]).bearer_auth(&token);
    assert_eq!(Answer::read(on).await.status(), 200);
    println!("the page after: {:?}", begun.elapsed());
    for format in ["gpkg", "shp", "dxf", "geojson"] {
        let begun = Instant::now();
        let order = serde_json::json!({ "format": format });
        let file = city.request("POST", "/api/v1/layers/parcel/export").bearer_auth(&token).json(&order);
        let file = Answer::read(file).await;
        assert_eq!(file.status(), 200, "{format}: {}", String::from_utf8_lossy(file.bytes()));
        println!(
            "{} rows as {format}: {:?}, {} kB",
            file.header("dothi-rows"),
            begun.elapsed(),
            file.bytes().len() / 1000
        );
    }
}
