//! What the feed holds after each kind of write.

use sqlx::Executor as _;
use sqlx::postgres::{PgListener, PgPoolOptions};

use super::{refused_by, value};
use crate::support::TestCity;

/// Rows of the feed since the city began: op, layer, version, import, and whether there is an old and a new box.
async fn changes(city: &TestCity) -> Vec<(String, Option<String>, Option<i32>, Option<i64>, bool, bool)> {
    sqlx::query_as(
        "SELECT op, layer, version, import_id, old_box IS NOT NULL, new_box IS NOT NULL FROM feed.change
         WHERE op <> 'catalog' ORDER BY seq",
    )
    .fetch_all(&mut city.owner().await)
    .await
    .expect("the feed answers")
}

fn trees(count: i32) -> String {
    format!(
        "INSERT INTO gis.tree (tree_number, geom, source_id) SELECT n::text, ST_Point(106.7, 10.77, 4326), gis.source_id(7, n)
         FROM generate_series(1, {count}) AS n"
    )
}

#[tokio::test]
async fn each_write_of_a_row_is_one_change_with_its_boxes() {
    let city = TestCity::start().await;
    city.sql(&trees(1)).await;
    city.sql("UPDATE gis.tree SET geom = ST_Point(106.8, 10.77, 4326)").await;
    city.sql("DELETE FROM gis.tree").await;
    city.sql("UPDATE gis.tree SET height_m = 3; DELETE FROM gis.tree").await;
    let tree = || Some("tree".to_owned());
    assert_eq!(
        changes(&city).await,
        [
            ("insert".to_owned(), tree(), Some(1), None, false, true),
            ("update".to_owned(), tree(), Some(2), None, true, true),
            ("delete".to_owned(), tree(), Some(2), None, true, false),
        ]
    );
    let moved: bool = value(
        &mut city.owner().await,
        "SELECT old_box = '{106.7,10.77,106.7,10.77}' AND new_box = '{106.8,10.77,106.8,10.77}'
            AND xid = (SELECT max(xid::text::bigint)::text::xid8 FROM feed.change WHERE op = 'update')
         FROM feed.change WHERE op = 'update'",
    )
    .await;
    assert!(moved);
}

#[tokio::test]
async fn an_import_is_one_change_a_layer_and_what_it_ended_is_findable() {
    let city = TestCity::start().await;
    city.sql(&trees(3)).await;
    let mut owner = city.owner().await;
    let import = "BEGIN; SET LOCAL dothi.import_id = '7'; SET LOCAL dothi.actor = 'import:7';
        INSERT INTO gis.tree (tree_number, geom, source_id) VALUES ('9', ST_Point(106.7, 10.77, 4326), gis.source_id(7, 9));
        INSERT INTO gis.species (code, common_name) VALUES ('sao', 'Sao đen');
        UPDATE gis.tree SET height_m = 4 WHERE tree_number = '1'; DELETE FROM gis.tree WHERE tree_number = '2'; COMMIT";
    owner.execute(import).await.expect("the import is applied");
    let said = changes(&city).await;
    assert_eq!(
        said[3..],
        [
            ("import".to_owned(), Some("tree".to_owned()), None, Some(7), false, false),
            ("import".to_owned(), Some("species".to_owned()), None, Some(7), false, false),
        ]
    );
    let ended: Vec<(String, String)> =
        sqlx::query_as("SELECT tree_number, ended_by FROM gis_history.tree WHERE ended_import = 7 ORDER BY 1")
            .fetch_all(&mut owner)
            .await
            .expect("answers");
    assert_eq!(ended, [("1".to_owned(), "import:7".to_owned()), ("2".to_owned(), "import:7".to_owned())]);
    let row: (i32, String) = sqlx::query_as("SELECT version, actor FROM gis.tree WHERE tree_number = '9'")
        .fetch_one(&mut owner)
        .await
        .expect("answers");
    assert_eq!(row, (1, "import:7".to_owned()), "an import's rows are versioned and named without a row trigger");
}

#[tokio::test]
async fn truncate_is_said_and_its_rows_are_history() {
    let city = TestCity::start().await;
    city.sql(&trees(3)).await;
    city.sql("TRUNCATE gis.tree").await;
    let said = changes(&city).await;
    assert_eq!(said.last().map(|change| (change.0.as_str(), change.1.as_deref())), Some(("truncate", Some("tree"))));
    assert_eq!(value::<i64>(&mut city.owner().await, "SELECT count(*) FROM gis_history.tree").await, 3);
}

#[tokio::test]
async fn a_bulk_import_ends_with_the_same_table_as_any_other() {
    let city = TestCity::start().await;
    let mut app = city.app_connection().await;
    city.sql("CREATE INDEX tree_by_hand ON gis.tree (height_m)").await;
    let parts = "SELECT string_agg(part, ' ' ORDER BY part) FROM (
        SELECT pg_get_indexdef(indexrelid) AS part FROM pg_index WHERE indrelid = 'gis.tree'::regclass
        UNION ALL SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'gis.tree'::regclass
        UNION ALL SELECT pg_get_triggerdef(oid) || tgenabled::text FROM pg_trigger WHERE tgrelid = 'gis.tree'::regclass
        UNION ALL SELECT 'cache ' || seqcache FROM pg_sequence
            WHERE seqrelid = pg_get_serial_sequence('gis.tree', 'fid')::regclass) AS parts";
    let before: String = value(&mut app, parts).await;
    assert!(refused_by(&mut app, "SELECT gis.bulk_begin('tree')").await.contains("only an import"));
    let bulk = format!(
        "BEGIN; SET LOCAL dothi.import_id = '7'; SELECT gis.bulk_begin('tree'); {}; SELECT gis.bulk_end('tree'); COMMIT",
        trees(500)
    );
    app.execute(bulk.as_str()).await.expect("the bulk is applied by dothi_app");
    assert_eq!(value::<String>(&mut app, parts).await, before);
    assert_eq!(value::<i64>(&mut app, "SELECT count(*) FROM gis.object WHERE layer = 'tree'").await, 500);
    assert_eq!(changes(&city).await.len(), 1);
    city.sql("UPDATE gis.tree SET height_m = 3 WHERE tree_number = '1'").await;
    assert_eq!(changes(&city).await.len(), 2, "triggers are on again");
    let again = "BEGIN; SET LOCAL dothi.import_id = '8'; SELECT gis.bulk_begin('tree')";
    assert!(
        refused_by(&mut app, again).await.contains("cannot insert multiple commands")
            || app.execute(again).await.is_err()
    );
}

#[tokio::test]
async fn readers_are_woken_once_a_transaction_with_nothing_in_hand() {
    let city = TestCity::start().await;
    let pool = PgPoolOptions::new().max_connections(1).connect(&city.database_url()).await.expect("connects");
    let mut listener = PgListener::connect_with(&pool).await.expect("listens");
    listener.listen("dothi_feed").await.expect("listens");
    city.sql(&format!("BEGIN; {}; UPDATE gis.tree SET height_m = 2; DELETE FROM gis.tree; COMMIT", trees(3))).await;
    assert_eq!(listener.recv().await.expect("is woken").payload(), "");
    let more = tokio::time::timeout(std::time::Duration::from_millis(200), listener.recv()).await;
    assert!(more.is_err(), "once is enough");
}

#[tokio::test]
async fn a_copied_database_begins_a_new_epoch() {
    let city = TestCity::start().await;
    city.sql(&trees(1)).await;
    let mut owner = city.owner().await;
    let epoch: uuid::Uuid = value(&mut owner, "SELECT feed.epoch()").await;
    assert_eq!(value::<uuid::Uuid>(&mut owner, "SELECT feed.epoch()").await, epoch, "it stays while nothing happens");
    // As after a dump and restore: the row of the old cluster is there, the cluster is another.
    city.superuser().await.execute("UPDATE feed.state SET system_identifier = 1").await.expect("updates");
    assert_ne!(value::<uuid::Uuid>(&mut owner, "SELECT feed.epoch()").await, epoch);
    assert_eq!(changes(&city).await.len(), 0, "transaction numbers of another cluster would lie");
}
