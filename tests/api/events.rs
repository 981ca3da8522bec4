//! What open maps hear.

use std::time::{Duration, Instant};

use futures::StreamExt as _;
use serde_json::Value;

use crate::corner::{self, at};
use crate::support::TestCity;

/// A stream of server-sent events, read as it comes.
pub struct Listener {
    body: futures::stream::BoxStream<'static, reqwest::Result<bytes::Bytes>>,
    pending: String,
}

/// One event.
#[derive(Debug)]
pub struct Heard {
    pub kind: String,
    pub id: Option<String>,
    pub data: Value,
}

impl Listener {
    pub async fn open(city: &TestCity, last: Option<&str>) -> Self {
        Self::of(city.request("GET", "/api/v1/events"), last).await
    }

    /// A listener of this request.
    pub async fn of(mut request: reqwest::RequestBuilder, last: Option<&str>) -> Self {
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { body: response.bytes_stream().boxed(), pending: String::new() }
    }

    /// The next event; none when the stream has ended.
    pub async fn next(&mut self) -> Option<Heard> {
        loop {
            if let Some((event, rest)) = self.pending.split_once("\n\n") {
                let field = |name: &str| {
                    event.lines().find_map(|line| line.strip_prefix(name)).map(|text| text.trim().to_owned())
                };
                let heard = field("event:").map(|kind| Heard {
                    kind,
                    id: field("id:"),
                    data: serde_json::from_str(&field("data:").unwrap_or_default()).unwrap_or_default(),
                });
                self.pending = rest.to_owned();
                if heard.is_some() {
                    return heard;
                }
                continue;
            }
            let piece = tokio::time::timeout(Duration::from_secs(10), self.body.next())
                .await
                .expect("something within 10 s")?;
            self.pending.push_str(&String::from_utf8_lossy(&piece.ok()?));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_told_with_its_tiles_and_objects_and_the_tile_is_fresh_then() {
    let city = corner::city().await;
    let mut listener = Listener::open(&city, None).await;
    let hello = listener.next().await.unwrap();
    assert_eq!(hello.kind, "hello");
    let (lon, lat) = at(2.0, 10.0);
    let tile = dothi_tiles::TileId::at(lon, lat, 16);
    let path = format!("/tiles/planning_zone/16/{}/{}", tile.x, tile.y);
    let before = city.get(&path).await;
    city.sql("UPDATE gis.planning_zone SET land_use = 'TMD' WHERE zone_code = 'A1'").await;
    let heard = listener.next().await.unwrap();
    assert_eq!(heard.kind, "change");
    assert_eq!(heard.id.as_deref(), heard.data["position"].as_str());
    let told = &heard.data["layers"]["planning_zone"];
    assert_eq!(told["ids"], serde_json::json!(["00000000-0000-7000-8000-0000000000a1"]));
    let cover: Vec<(u8, u32, u32)> = serde_json::from_value(told["cover"].clone()).unwrap();
    assert!(cover.iter().all(|(z, ..)| *z <= 16) && cover.len() <= 256);
    assert!(
        cover.iter().any(|(z, x, y)| (*x, *y) == (tile.x >> (16 - z), tile.y >> (16 - z))),
        "{cover:?} has {tile:?}"
    );
    // Whoever hears of it and asks at once gets the new tile.
    assert_ne!(city.get(&path).await.header("etag"), before.header("etag"));
}

#[tokio::test(flavor = "multi_thread")]
async fn layers_and_rows_that_are_not_public_are_not_told_of() {
    let city = corner::city().await;
    let mut listener = Listener::open(&city, None).await;
    listener.next().await.unwrap();
    let geometry = "ST_SetSRID(ST_MakePoint(106.7, 10.77), 4326)";
    let area = "ST_Multi(ST_Buffer(ST_SetSRID(ST_MakePoint(106.7, 10.77), 4326), 0.0001))";
    city.sql(&format!("INSERT INTO gis.water_valve (valve_number, geom) VALUES ('V1', {geometry})")).await;
    city.sql(&format!("INSERT INTO gis.permit (permit_number, authority, kind, state, geom) VALUES ('G1', 'A', 'moi', 'tham_dinh', {area})")).await;
    city.sql(&format!("INSERT INTO gis.tree (tree_number, geom) VALUES ('T9', {geometry})")).await;
    let heard = listener.next().await.unwrap();
    let layers: Vec<&String> = heard.data["layers"].as_object().unwrap().keys().collect();
    assert_eq!(layers, ["tree"], "the first that is heard is the first that is public");
    // The permit is told of when it becomes public, and when it ceases to be.
    city.sql("UPDATE gis.permit SET state = 'da_cap'").await;
    assert!(listener.next().await.unwrap().data["layers"].get("permit").is_some());
    city.sql("UPDATE gis.permit SET state = 'tham_dinh'").await;
    assert!(listener.next().await.unwrap().data["layers"].get("permit").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_hears_what_was_missed_or_is_told_to_reload() {
    let city = corner::city().await;
    let mut listener = Listener::open(&city, None).await;
    listener.next().await.unwrap();
    city.sql("UPDATE gis.tree SET common_name = 'Me'").await;
    let last = listener.next().await.unwrap().id.unwrap();
    drop(listener);
    city.sql("UPDATE gis.tree SET common_name = 'Bàng'").await;
    corner::until_known(&city).await;
    // Whoever breaks off again before that comes back with the same place.
    let broken = Listener::open(&city, Some(&last)).await.next().await.unwrap();
    assert_eq!((broken.kind.as_str(), broken.id.as_deref()), ("hello", Some(last.as_str())));
    let mut back = Listener::open(&city, Some(&last)).await;
    assert_eq!(back.next().await.unwrap().kind, "hello");
    let missed = back.next().await.unwrap();
    assert_eq!(missed.kind, "change");
    assert!(missed.data["layers"].get("tree").is_some());
    // Whoever broke off before anything was told comes back with the id of hello, and hears all of it.
    let city = corner::city().await;
    corner::until_known(&city).await;
    let first = Listener::open(&city, None).await.next().await.unwrap().id.unwrap();
    let quiet = TestCity::start().await;
    let begun = Listener::open(&quiet, None).await.next().await.unwrap().id.unwrap();
    for (city, hello) in [(&city, &first), (&quiet, &begun)] {
        city.sql(
            "INSERT INTO gis.tree (tree_number, geom) VALUES ('T8', ST_SetSRID(ST_MakePoint(106.7, 10.77), 4326))",
        )
        .await;
        corner::until_known(city).await;
        let mut back = Listener::open(city, Some(hello)).await;
        assert_eq!(back.next().await.unwrap().kind, "hello");
        assert_eq!(back.next().await.unwrap().kind, "change", "from {hello}");
    }
    let mut long_ago = Listener::open(&city, Some("00000000-0000-0000-0000-000000000000:3")).await;
    assert_eq!(long_ago.next().await.unwrap().kind, "hello");
    assert_eq!(long_ago.next().await.unwrap().kind, "reload");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_the_catalog_tells_everybody_to_reload() {
    let city = corner::city().await;
    let mut listener = Listener::open(&city, None).await;
    listener.next().await.unwrap();
    city.sql("UPDATE catalog.layer SET title_vi = 'Cây' WHERE name = 'tree'").await;
    assert_eq!(listener.next().await.unwrap().kind, "reload");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_that_does_not_read_holds_nobody_up() {
    let city = corner::city().await;
    let _sleeping = Listener::open(&city, None).await;
    let mut owner = city.owner().await;
    let began = Instant::now();
    for number in 0..400 {
        let statement = format!("UPDATE gis.tree SET common_name = 'Tên {number}'");
        sqlx::Executor::execute(&mut owner, statement.as_str()).await.unwrap();
    }
    corner::until_known(&city).await;
    assert!(began.elapsed() < Duration::from_secs(20));
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_end_when_the_server_stops() {
    let city = corner::city().await;
    let mut listener = Listener::open(&city, None).await;
    listener.next().await.unwrap();
    city.app.stopping.cancel();
    assert!(listener.next().await.is_none(), "the stream has ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_line_names_the_tiles_along_it_and_not_its_box() {
    let city = corner::city().await;
    let mut listener = Listener::open(&city, None).await;
    listener.next().await.unwrap();
    // 40 km from corner to corner: its box has some 4,000 tiles of zoom 16.
    let ((west, south), (east, north)) = (at(0.0, 0.0), at(28_000.0, 28_000.0));
    city.sql(&format!(
        "INSERT INTO gis.road (source_ref, class, geom) VALUES \
         ('long', 'primary', ST_SetSRID(ST_GeomFromText('MULTILINESTRING(({west} {south}, {east} {north}))'), 4326))"
    ))
    .await;
    let heard = listener.next().await.unwrap();
    let cover: Vec<(u8, u32, u32)> = serde_json::from_value(heard.data["layers"]["road"]["cover"].clone()).unwrap();
    assert!(cover.iter().all(|(z, ..)| *z == 16) && cover.len() <= 256, "{} tiles: {:?}", cover.len(), cover.first());
    let names = |lon: f64, lat: f64| {
        let tile = dothi_tiles::TileId::at(lon, lat, 16);
        cover.contains(&(16, tile.x, tile.y))
    };
    assert!(names(west, south) && names(east, north) && names(f64::midpoint(west, east), f64::midpoint(south, north)));
    assert!(!names(west, north) && !names(east, south), "the other corners of its box are untouched");
}
