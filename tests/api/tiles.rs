//! Tiles over HTTP: right, fresh, compressed, and refused where they do not exist.

use std::io::Read as _;

use dothi_tiles::{TileId, encode_tile};

use crate::corner::{self, at, until_known};

/// The tile at zoom `z` over the corner.
fn tile(z: u8) -> TileId {
    let (lon, lat) = at(2.0, 10.0);
    TileId::at(lon, lat, z)
}

fn path(layers: &str, z: u8) -> String {
    let tile = tile(z);
    format!("/tiles/{layers}/{}/{}/{}", tile.z, tile.x, tile.y)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tile_says_what_it_is_and_is_not_sent_twice() {
    let city = corner::city().await;
    let first = city.get(&path("parcel,planning_zone", 17)).await;
    assert_eq!(first.status(), 200);
    assert_eq!(first.header("content-type"), "application/vnd.mapbox-vector-tile");
    assert_eq!(first.header("cache-control"), "no-cache");
    assert!(first.header("vary").contains("accept-encoding"));
    dothi_tiles::validate::validate(first.bytes()).expect("a valid tile");
    let again = city
        .request("GET", &path("parcel,planning_zone", 17))
        .header("if-none-match", first.header("etag"))
        .send()
        .await
        .unwrap();
    assert_eq!(again.status(), 304);
    assert_eq!(again.headers()["etag"], first.header("etag"));
    for (accept, encoding) in [("gzip", "gzip"), ("br, gzip", "br"), ("identity", "")] {
        let answer = city
            .request("GET", &path("parcel,planning_zone", 17))
            .header("accept-encoding", accept)
            .send()
            .await
            .unwrap();
        let named = answer.headers().get("content-encoding").map_or("", |value| value.to_str().unwrap()).to_owned();
        let body = answer.bytes().await.unwrap();
        let mut plain = Vec::new();
        match encoding {
            "gzip" => _ = flate2::read::GzDecoder::new(&body[..]).read_to_end(&mut plain).unwrap(),
            "br" => _ = brotli::Decompressor::new(&body[..], 4096).read_to_end(&mut plain).unwrap(),
            _ => plain = body.to_vec(),
        }
        assert_eq!(named, encoding);
        assert_eq!(plain, first.bytes(), "{accept}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_encoding_has_its_validator_and_the_order_of_layers_makes_no_other_tile() {
    let city = corner::city().await;
    let ask = async |layers: &str, accept: &str, known: &str| {
        let request = city.request("GET", &path(layers, 17));
        crate::support::Answer::read(request.header("accept-encoding", accept).header("if-none-match", known)).await
    };
    let plain = ask("parcel,planning_zone", "identity", "").await;
    let gzip = ask("parcel,planning_zone", "gzip", "").await;
    assert_eq!(gzip.header("content-encoding"), "gzip");
    assert_ne!(plain.header("etag"), gzip.header("etag"), "other bytes, another validator");
    assert_eq!(ask("parcel,planning_zone", "gzip", gzip.header("etag")).await.status(), 304);
    assert_eq!(ask("parcel,planning_zone", "identity", gzip.header("etag")).await.status(), 200);
    let turned = ask("planning_zone,parcel", "identity", "").await;
    assert_eq!(turned.header("etag"), plain.header("etag"));
    assert_eq!(city.app.tiles.all().len(), 1, "one tile is remembered, not one for each order of names");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_day_is_drawn_and_an_earlier_one_with_too_many_rows_says_what_to_do() {
    use dothi::http::problem::Problem;
    use dothi::lookup::history;
    let city = corner::city().await;
    let today = dothi::live::today();
    let (tomorrow, yesterday) = (today.succ_opt().unwrap(), today.pred_opt().unwrap());
    let now = city.get(&path("planning_zone", 12)).await;
    let then = city.get(&format!("{}?date={tomorrow}", path("planning_zone", 12))).await;
    assert_eq!((then.status(), then.bytes()), (200, now.bytes()), "nothing begins or ends tomorrow");
    let wide = city.get(&format!("{}?date={tomorrow}", path("planning_zone", 11))).await;
    assert_eq!((wide.status(), wide.problem().field.as_deref()), (400, Some("date")), "each would be counted anew");
    let state = city.app.live.state();
    let (pool, bounds, layers) = (&city.app.pool, tile(14).buffered(0.0), ["parcel", "planning_zone"]);
    let read = async |most| history::read_at_most(pool, &state.catalog, &layers, bounds, yesterday, most).await;
    assert!(read(1_000).await.is_ok());
    let refused = Problem::from(read(1).await.err().expect("there are more than one"));
    assert_eq!(refused.status().as_u16(), 413);
    let told = serde_json::to_value(&refused).unwrap();
    assert!(told["details"]["en"].as_str().is_some_and(|detail| detail.contains("zoom in")), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_exist_is_404_and_what_cannot_be_read_names_its_field() {
    let city = corner::city().await;
    for missing in [
        "/tiles/no_such_layer/1/0/0",
        "/tiles/parcel,no_such_layer/1/0/0",
        "/tiles/water_pipe/1/0/0",
        "/tiles/water_meter/1/0/0",
        "/tiles/parcel/1/2/0",
        "/tiles/parcel/23/0/0",
        "/tiles/parcel/1/-1/0",
        "/tiles/parcel/99/0/0",
        "/tiles/no_such_layer",
        "/styles/none.json",
        "/styles/..%2Fcity.json",
    ] {
        let answer = city.get(missing).await;
        assert_eq!((answer.status(), answer.problem().slug.as_str()), (404, "not-found"), "{missing}");
    }
    for (malformed, field) in [
        ("/tiles/parcel/a/0/0", "z"),
        ("/tiles/parcel/1/b/0", "x"),
        ("/tiles/parcel/1/0/c", "y"),
        ("/tiles/parcel,/1/0/0", "layers"),
        ("/tiles/parcel/1/0/0?date=yesterday", "date"),
        ("/tiles/parcel/1/0/0?position=1", "position"),
    ] {
        let answer = city.get(malformed).await;
        assert_eq!((answer.status(), answer.problem().field.as_deref()), (400, Some(field)), "{malformed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_in_the_database_is_in_the_next_tile() {
    let city = corner::city().await;
    let (lon, lat) = corner::at(3_000.0, 3_000.0);
    city.sql(&format!(
        "INSERT INTO gis.planning_zone (plan, zone_code, function, geom) VALUES ('P1', 'FAR', 'o_moi', \
         ST_Multi(ST_MakeEnvelope({lon}, {lat}, {}, {}, 4326)))",
        lon + 0.0001,
        lat + 0.0001
    ))
    .await;
    until_known(&city).await;
    let far = dothi_tiles::TileId::at(lon, lat, 16);
    let far = format!("/tiles/planning_zone/16/{}/{}", far.x, far.y);
    let before = city.get(&path("planning_zone", 16)).await;
    let elsewhere = city.get(&far).await;
    assert!(!elsewhere.bytes().is_empty(), "there is a zone elsewhere");
    city.sql("UPDATE gis.planning_zone SET land_use = 'TMD', function = 'thuong_mai_dich_vu' WHERE zone_code = 'A1'")
        .await;
    let position = corner::position(&city).await;
    let after = city.get(&format!("{}?position={position}", path("planning_zone", 16))).await;
    assert_ne!(before.header("etag"), after.header("etag"));
    assert_eq!(elsewhere.header("etag"), city.get(&far).await.header("etag"));
    // A map that has the old tile gets the new one, and then no more than the word that it is still right.
    for (etag, status) in [(before.header("etag"), 200), (after.header("etag"), 304)] {
        let request = city.request("GET", &path("planning_zone", 16)).header("if-none-match", etag);
        assert_eq!(crate::support::Answer::read(request).await.status(), status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_thousand_random_edits_every_remembered_tile_equals_a_fresh_one() {
    use rand::{Rng as _, SeedableRng as _};
    let city = corner::city().await;
    let mut random = rand::rngs::SmallRng::seed_from_u64(20_261_122);
    let mut owner = city.owner().await;
    for round in 0..100 {
        let mut statements = String::from("BEGIN;");
        for _ in 0..10 {
            let (x, y): (f64, f64) = (random.random_range(-150.0..150.0), random.random_range(-150.0..150.0));
            let (w, h): (f64, f64) = (random.random_range(1.0..60.0), random.random_range(1.0..60.0));
            let box_ = format!(
                "ST_Multi(ST_MakeEnvelope({}, {}, {}, {}, 9210))",
                corner::EAST + x,
                corner::NORTH + y,
                corner::EAST + x + w,
                corner::NORTH + y + h
            );
            statements.push_str(&match random.random_range(0..4) {
                0 => format!("INSERT INTO gis.planning_zone (plan, zone_code, function, land_use, geom_source) VALUES ('P1', 'Z{round}', 'o_moi', 'ODT', {box_});"),
                1 => format!("UPDATE gis.planning_zone SET geom_source = {box_}, geom = gis.to_wgs84({box_}) WHERE fid = (SELECT fid FROM gis.planning_zone ORDER BY md5(fid::text || '{x}') LIMIT 1);"),
                2 => format!("UPDATE gis.planning_zone SET land_use = 'TMD' WHERE fid = (SELECT fid FROM gis.planning_zone ORDER BY md5(fid::text || '{y}') LIMIT 1);"),
                _ => format!("DELETE FROM gis.planning_zone WHERE fid = (SELECT fid FROM gis.planning_zone ORDER BY md5(fid::text || '{w}') OFFSET 5 LIMIT 1);"),
            });
        }
        statements.push_str("COMMIT");
        sqlx::Executor::execute(&mut owner, statements.as_str())
            .await
            .unwrap_or_else(|error| panic!("{statements}: {error}"));
        // Tiles of all zooms around are asked for while edits go on.
        for z in [0, 9, 12, 14, 15, 16, 18, 20] {
            let centre = tile(z);
            let (dx, dy): (i64, i64) = (random.random_range(-1..2), random.random_range(-1..2));
            let side = 1_i64 << z;
            let (x, y) = ((i64::from(centre.x) + dx).clamp(0, side - 1), (i64::from(centre.y) + dy).clamp(0, side - 1));
            assert_eq!(city.get(&format!("/tiles/planning_zone,parcel/{z}/{x}/{y}")).await.status(), 200);
        }
    }
    until_known(&city).await;
    let state = city.app.live.state();
    let remembered = city.app.tiles.all();
    assert!(remembered.len() > 20, "{} tiles were remembered", remembered.len());
    for (id, key, tile) in remembered {
        let fresh = encode_tile(&state.core, &key.layers, id, state.audiences.public(), None, state.date);
        assert!(tile.body == fresh, "{id:?} of {:?} is not what it would be now", key.layers);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tilejson_styles_and_layers_are_those_of_the_caller() {
    let city = corner::city().await;
    let json = city.get("/tiles/parcel,tree").await.json();
    assert_eq!(json["tilejson"], "3.0.0");
    assert_eq!(json["tiles"][0], format!("{}/tiles/parcel,tree/{{z}}/{{x}}/{{y}}", city.origin));
    let names: Vec<&str> =
        json["vector_layers"].as_array().unwrap().iter().filter_map(|layer| layer["id"].as_str()).collect();
    assert_eq!(names, ["parcel", "tree"]);
    assert!(json["vector_layers"][0]["fields"].get("certificate_number").is_none());

    let style = city.get("/styles/city.json").await.json();
    assert_eq!(style["version"], 8);
    let text = style.to_string();
    assert!(!text.contains("{origin}") && text.contains(&city.origin), "addresses are absolute");
    let layers = style["layers"].as_array().unwrap();
    for layer in layers {
        if let Some(source) = layer["source"].as_str() {
            assert!(style["sources"].get(source).is_some(), "{layer} has its source");
        }
        assert_ne!(layer["source-layer"], "water_pipe", "not seen by the public");
    }
    let refused = city.request("GET", "/styles/city.json").header("host", "evil\"><script>").send().await;
    assert!(refused.is_err() || refused.unwrap().status() == 400);

    let catalog = city.get("/api/v1/layers").await.json();
    let listed: Vec<&str> =
        catalog["layers"].as_array().unwrap().iter().filter_map(|layer| layer["name"].as_str()).collect();
    assert!(
        listed.contains(&"parcel") && !listed.contains(&"water_pipe") && !listed.contains(&"water_meter"),
        "{listed:?}"
    );
    assert_eq!(catalog["place"]["name_vi"], "Phường Sài Gòn");
    let zone = catalog["layers"].as_array().unwrap().iter().find(|layer| layer["name"] == "planning_zone").unwrap();
    assert!(zone["legend"].as_array().is_some_and(|legend| !legend.is_empty()), "{zone}");
}

#[tokio::test(flavor = "multi_thread")]
async fn tiles_of_another_day_are_what_they_were_then() {
    let city = corner::city().await;
    let yesterday = dothi::live::today().pred_opt().unwrap();
    let before = city.get(&path("planning_zone", 16)).await;
    // A version of yesterday is what history holds; it was known long before.
    let mut superuser = city.superuser().await;
    sqlx::Executor::execute(
        &mut superuser,
        "SET session_replication_role = replica; UPDATE gis.planning_zone SET known_since = now() - interval '10 days'",
    )
    .await
    .unwrap();
    city.sql("UPDATE gis.planning_zone SET land_use = 'TMD' WHERE zone_code = 'A1'").await;
    until_known(&city).await;
    let now = city.get(&path("planning_zone", 16)).await;
    assert_ne!(now.header("etag"), before.header("etag"));
    let then = city.get(&format!("{}?date={yesterday}", path("planning_zone", 16))).await;
    assert_eq!(then.status(), 200, "{}", String::from_utf8_lossy(then.bytes()));
    assert_ne!(then.header("etag"), now.header("etag"), "the old colour is drawn");
}
