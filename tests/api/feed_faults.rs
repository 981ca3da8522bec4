//! What somebody wrote that nobody here can read, and what breaks off: the rest of the city goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use dothi::live::{Changed, Live, State, Watcher};
use dothi_tiles::LayerName;
use sqlx::Executor as _;
use tokio_util::sync::CancellationToken;

use crate::corner;
use crate::support::TestCity;

const ARC: &str = "INSERT INTO gis.heritage_site (register_number, name, kind, geom) VALUES \
    ('arc', 'Vòng cung', 'dtlsvh', 'SRID=4326;CIRCULARSTRING(106.70 10.77, 106.71 10.78, 106.72 10.77)')";

fn tree(number: &str) -> String {
    format!("INSERT INTO gis.tree (tree_number, geom) VALUES ('{number}', 'SRID=4326;POINT(106.7 10.77)')")
}

fn numbers(live: &Live) -> Vec<String> {
    let state = live.state();
    let Some(layer) = state.core.layer(&LayerName::new("tree").unwrap()) else { return Vec::new() };
    let at = layer.schema().index_of("tree_number").expect("trees have numbers");
    let mut numbers: Vec<String> =
        layer.all().iter().map(|tree| layer.value(tree, at).as_text().unwrap_or("no text").to_owned()).collect();
    numbers.sort();
    numbers
}

async fn until_trees(city: &TestCity, expected: &[&str]) {
    city.until(&format!("the trees are {expected:?}"), || async { numbers(&city.app.live) == expected }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_no_tile_can_carry_is_refused_by_the_table() {
    let city = TestCity::start().await;
    let mut owner = city.owner().await;
    for (fid, taken) in [("-1", false), ("9007199254740992", false), ("9007199254740991", true), ("0", true)] {
        let insert = format!(
            "INSERT INTO gis.tree (fid, tree_number, geom) VALUES ({fid}, 'F{fid}', 'SRID=4326;POINT(106.7 10.77)')"
        );
        assert_eq!(owner.execute(insert.as_str()).await.is_ok(), taken, "{fid}");
    }
}

/// A first large delivery holds its table for minutes; so does this transaction, for as long as it is open.
#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_somebody_holds_keeps_no_server_from_starting_and_its_layer_comes_when_it_is_free() {
    use sqlx::Connection as _;
    let city = corner::city().await;
    let mut holder = city.owner().await;
    let mut delivery = holder.begin().await.unwrap();
    sqlx::query("LOCK TABLE gis.tree, gis.lighting_cabinet, gis.admin_unit_former IN ACCESS EXCLUSIVE MODE")
        .execute(&mut *delivery)
        .await
        .unwrap();
    let began = std::time::Instant::now();
    let second = TestCity::on_database(city.database_name().to_owned(), |_| {}).await;
    assert!(began.elapsed().as_secs() < 20, "it started after {:?}", began.elapsed());
    let (lon, lat) = corner::at(2.0, 10.0);
    let ready = second.get("/readyz").await;
    // What the public does not see is not named to it either.
    let waiting = serde_json::json!(["admin_unit_former", "internal", "tree"]);
    assert_eq!((ready.status(), &ready.json()["core"]["layers_waiting"]), (200, &waiting), "{}", ready.text());
    let near = |layer: &str| format!("/api/v1/near?lon={lon}&lat={lat}&layers={layer}&radius_m=500");
    assert_eq!(second.get(&near("parcel")).await.json()["features"].as_array().map(Vec::len), Some(3));
    assert_eq!(second.get(&near("tree")).await.json()["features"], serde_json::json!([]));
    // The past of that layer is refused soon, and says what to do; the others answer.
    let tile = dothi_tiles::TileId::at(lon, lat, 16);
    let past = |layer: &str| format!("/tiles/{layer}/16/{}/{}?date=2020-01-01", tile.x, tile.y);
    let refused = second.get(&past("tree")).await;
    assert_eq!((refused.status(), refused.problem().slug.as_str()), (503, "layer-held"), "{}", refused.text());
    assert_eq!(refused.header("retry-after"), "60");
    let others = second.get(&past("parcel")).await;
    assert_eq!(others.status(), 200, "{}", others.text());
    delivery.rollback().await.unwrap();
    second
        .until("the layer is there", || async {
            second.get(&near("tree")).await.json()["features"].as_array().map(Vec::len) == Some(1)
        })
        .await;
    second
        .until("nothing waits any more", || async {
            second.get("/readyz").await.json()["core"]["layers_waiting"] == serde_json::json!([])
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_holds_one_table_holds_up_the_changes_of_no_other() {
    use sqlx::Connection as _;
    let city = corner::city().await;
    let (lon, lat) = corner::at(2.0, 10.0);
    let told = async |layer: &str| {
        city.get(&format!("/api/v1/near?lon={lon}&lat={lat}&layers={layer}&radius_m=500")).await.text().to_owned()
    };
    let mut editor = city.owner().await;
    let mut edit = editor.begin().await.unwrap();
    sqlx::raw_sql("UPDATE gis.parcel SET area_m2 = 123.25; UPDATE gis.admin_unit_former SET short_name = short_name")
        .execute(&mut *edit)
        .await
        .unwrap();
    // Queues behind the edit, and has the tables the moment it is committed.
    let (mut holder, (have, held)) = (city.owner().await, tokio::sync::oneshot::channel());
    let (free, freed) = tokio::sync::oneshot::channel::<()>();
    let holding = tokio::spawn(async move {
        let mut transaction = holder.begin().await.unwrap();
        let lock = "LOCK TABLE gis.parcel, gis.admin_unit_former IN ACCESS EXCLUSIVE MODE";
        sqlx::query(lock).execute(&mut *transaction).await.unwrap();
        have.send(()).unwrap();
        freed.await.unwrap();
        transaction.rollback().await.unwrap();
    });
    let queued = "SELECT count(*) FROM pg_locks WHERE relation = 'gis.parcel'::regclass AND mode = 'AccessExclusiveLock' AND NOT granted";
    city.until("the other waits for the table", || async {
        sqlx::query_scalar::<_, i64>(queued).fetch_one(&mut city.owner().await).await.unwrap() == 1
    })
    .await;
    edit.commit().await.unwrap();
    held.await.unwrap();
    city.sql("UPDATE gis.tree SET common_name = 'Cây lộc vừng'").await;
    city.until("the tree is known while the table is held", || async { told("tree").await.contains("lộc vừng") }).await;
    assert!(!told("parcel").await.contains("123.25"));
    free.send(()).unwrap();
    holding.await.unwrap();
    city.until("the plot follows", || async { told("parcel").await.contains("123.25") }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_may_not_be_read_stops_neither_the_start_nor_the_others() {
    let city = corner::city().await;
    city.sql("REVOKE SELECT ON gis.tree FROM dothi_app").await;
    city.sql("UPDATE gis.tree SET common_name = 'Cây lộc vừng'; UPDATE gis.parcel SET area_m2 = 123.25").await;
    let (lon, lat) = corner::at(2.0, 10.0);
    let near = |layer: &str| format!("/api/v1/near?lon={lon}&lat={lat}&layers={layer}&radius_m=500");
    city.until("the plot is known", || async { city.get(&near("parcel")).await.text().contains("123.25") }).await;
    let ready = city.get("/readyz").await;
    assert_eq!(
        (ready.status(), &ready.json()["core"]["database_lost"]),
        (200, &serde_json::json!(false)),
        "{}",
        ready.text()
    );
    let second = TestCity::on_database(city.database_name().to_owned(), |_| {}).await;
    assert!(second.get(&near("parcel")).await.text().contains("123.25"));
    city.sql("GRANT SELECT ON gis.tree TO dothi_app").await;
    second.until("the tree follows", || async { second.get(&near("tree")).await.text().contains("lộc vừng") }).await;
    city.until("here too", || async { city.get(&near("tree")).await.text().contains("lộc vừng") }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_geometry_that_nobody_reads_is_left_out_and_holds_up_nothing() {
    let city = TestCity::start().await;
    let refused = city.owner().await.execute(ARC).await.expect_err("curves are not taken");
    assert!(refused.to_string().contains("heritage_site_geom_simple"), "{refused}");
    // As an older table may have it.
    city.sql(&format!("ALTER TABLE gis.heritage_site DROP CONSTRAINT heritage_site_geom_simple; {ARC}")).await;
    city.sql(&tree("after")).await;
    until_trees(&city, &["after"]).await;
    let ready = city.get("/readyz").await;
    assert_eq!(ready.status(), 200);
    assert_eq!(ready.json()["core"]["left_out"]["heritage_site"], 1);

    let again =
        Live::start(city.app.pool.clone(), CancellationToken::new()).await.expect("it starts beside such a row");
    assert_eq!(numbers(&again), ["after"]);
    assert_eq!(again.readiness().left_out["heritage_site"], 1);

    city.sql("UPDATE gis.heritage_site SET geom = 'SRID=4326;POINT(106.7 10.77)'").await;
    city.until("the mended site is there", || async { city.app.live.readiness().left_out.is_empty() }).await;
    again.stopping().cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_of_the_catalog_that_cannot_be_read_keeps_its_layer_as_it_was() {
    let city = TestCity::start().await;
    city.sql("UPDATE catalog.layer SET public_rows = '{\"no such thing\": 1}' WHERE name = 'tree'").await;
    city.sql(&tree("after")).await;
    until_trees(&city, &["after"]).await;
    let ready = city.get("/readyz").await.json();
    assert_eq!(ready["core"]["layers_unreadable"], serde_json::json!(["tree"]));
    assert_eq!(city.get("/tiles/tree/0/0/0").await.status(), 200);

    // A server that starts now has never read it: it goes without this layer, and takes it up when it is mended.
    let again =
        Live::start(city.app.pool.clone(), CancellationToken::new()).await.expect("it starts without the layer");
    assert!(again.state().core.layer(&LayerName::new("tree").unwrap()).is_none());
    city.sql("UPDATE catalog.layer SET public_rows = NULL WHERE name = 'tree'").await;
    city.until("the layer is back", || async { numbers(&again) == ["after"] }).await;
    city.until("nothing is unreadable", || async { city.app.live.readiness().layers_unreadable.is_empty() }).await;
    again.stopping().cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn no_value_stands_under_another_name_while_a_layer_is_read_again() {
    let city = TestCity::start().await;
    city.sql(
        "INSERT INTO gis.tree (tree_number, street, species, geom) SELECT 'n' || n, 'street', 'species', \
         ST_SetSRID(ST_MakePoint(106.7 + n * 1e-6, 10.77), 4326) FROM generate_series(1, 15000) AS n",
    )
    .await;
    city.until("all are there", || async { numbers(&city.app.live).len() == 15_000 }).await;
    let mut owner = city.owner().await;
    for round in 0..3 {
        // It comes before all others, so every later column moves one place.
        let insert = format!(
            "INSERT INTO catalog.attribute (layer, name, position, kind, title_vi, title_en, comment, in_tile) VALUES \
             ('tree', 'before_{round}', -1 - {round}, 'text', 'Trước', 'Before', 'Comes before all others', true); \
             SELECT gis.fit_layers()"
        );
        owner.execute(insert.as_str()).await.unwrap();
        let mut edits = 0;
        loop {
            let sql = format!("UPDATE gis.tree SET street = 'other' WHERE tree_number = 'n{}'", 1 + edits);
            owner.execute(sql.as_str()).await.unwrap();
            edits += 1;
            let seen = numbers(&city.app.live);
            let wrong: Vec<_> = seen.iter().filter(|number| !number.starts_with('n') || *number == "no text").collect();
            assert!(wrong.is_empty(), "values under another name: {wrong:?}");
            let state = city.app.live.state();
            let layer = state.core.layer(&LayerName::new("tree").unwrap()).expect("trees are a layer");
            if layer.schema().index_of(&format!("before_{round}")).is_some() && edits > 5 {
                break;
            }
        }
        city.until("no edit was lost", || async { streets(&city.app.live, "other") == edits.max(1) }).await;
        owner.execute("UPDATE gis.tree SET street = 'street' WHERE street = 'other'").await.unwrap();
        city.until("all are back", || async { streets(&city.app.live, "other") == 0 }).await;
    }
}

fn streets(live: &Live, named: &str) -> usize {
    let state = live.state();
    let layer = state.core.layer(&LayerName::new("tree").unwrap()).expect("trees are a layer");
    let at = layer.schema().index_of("street").expect("trees stand in streets");
    layer.all().iter().filter(|tree| layer.value(tree, at).as_text() == Some(named)).count()
}

/// Breaks the follower off, once.
struct Breaks(AtomicBool);

impl Watcher for Breaks {
    fn changed(&self, _: &State, _: &Changed) {
        assert!(self.0.swap(true, Ordering::SeqCst), "broken off by the test");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_that_breaks_off_is_said_and_replaced() {
    let city = TestCity::start().await;
    city.app.live.watch(Arc::new(Breaks(AtomicBool::new(false))));
    city.sql(&tree("breaks")).await;
    city.until("it is not ready", || async { city.get("/readyz").await.status() == 503 }).await;
    city.sql(&tree("while it is away")).await;
    until_trees(&city, &["breaks", "while it is away"]).await;
    city.until("it is ready again", || async { city.get("/readyz").await.status() == 200 }).await;
    city.sql(&tree("later")).await;
    until_trees(&city, &["breaks", "later", "while it is away"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_timeline_is_another_life_of_the_feed() {
    let city = TestCity::start().await;
    let mut server = city.app_connection().await;
    let epoch = "SELECT feed.epoch()";
    let before: uuid::Uuid = sqlx::query_scalar(epoch).fetch_one(&mut server).await.unwrap();
    assert_eq!(sqlx::query_scalar::<_, uuid::Uuid>(epoch).fetch_one(&mut server).await.unwrap(), before);
    // As a recovery to a point in time leaves it: the same cluster, the same database, the log on another timeline.
    city.superuser().await.execute("UPDATE feed.state SET timeline = '000000FE'").await.unwrap();
    let after: uuid::Uuid = sqlx::query_scalar(epoch).fetch_one(&mut server).await.unwrap();
    assert_ne!(after, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_open_in_one_readers_eyes_and_pruned_by_another_is_noticed() {
    let city = TestCity::start().await;
    let mut connection = city.owner().await;
    let mut open = sqlx::Connection::begin(&mut connection).await.unwrap();
    open.execute(tree("open").as_str()).await.unwrap();
    city.sql(&tree("later than the open one")).await;
    let mut server = city.app_connection().await;
    let snapshot = "SELECT pg_current_snapshot()::text";
    // The reader that goes away now has seen the later one, and not the open one.
    let last: String = sqlx::query_scalar(snapshot).fetch_one(&mut server).await.unwrap();
    open.commit().await.unwrap();
    let seen: String = sqlx::query_scalar(snapshot).fetch_one(&mut server).await.unwrap();
    let prune = "SELECT feed.prune($1::pg_snapshot)";
    assert!(sqlx::query_scalar::<_, i64>(prune).bind(&seen).fetch_one(&mut server).await.unwrap() >= 2);
    let head = dothi::live::feed::open(&mut server).await.unwrap().head;
    assert!(!head.reaches_back_to(&last.parse().unwrap()), "{last} has not seen all that {seen} has");
    assert!(head.reaches_back_to(&seen.parse().unwrap()));
}
