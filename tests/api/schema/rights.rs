//! What the server's role cannot do, whatever a bug or an intruder makes it say.

use dothi::config::Config;
use dothi::database::Database;

use super::refused_by;
use crate::support::TestCity;

#[tokio::test]
async fn the_server_owns_nothing_and_cannot_undo_what_it_wrote() {
    let city = TestCity::start().await;
    city.sql("INSERT INTO gis.tree (tree_number, geom) VALUES ('1', ST_Point(106.7, 10.77, 4326))").await;
    let mut app = city.app_connection().await;
    for statement in [
        "ALTER TABLE gis.tree DISABLE TRIGGER ALL",
        "ALTER TABLE gis.tree DROP COLUMN height_m",
        "DROP TABLE gis.tree",
        "DROP TRIGGER row_update ON gis.tree",
        "TRUNCATE gis.tree",
        "INSERT INTO gis_history.tree (fid, known) VALUES (1, '(,)')",
        "DELETE FROM gis_history.tree",
        "DELETE FROM feed.change",
        "UPDATE feed.change SET actor = 'nobody'",
        "INSERT INTO feed.change (op) VALUES ('catalog')",
        "UPDATE gis.object SET layer = 'other'",
        "UPDATE catalog.layer SET public = '{*}'",
        "SELECT gis.fit_layer('tree')",
        "SELECT feed.note('tree', 'truncate')",
        "DELETE FROM gis_private.access_log",
        "CREATE TABLE gis.mine (a int)",
        "SET session_replication_role = replica",
    ] {
        let why = refused_by(&mut app, statement).await;
        assert!(why.contains("permission denied") || why.contains("must be owner"), "{statement}: {why}");
    }
    let owned: i64 =
        super::value(&mut app, "SELECT count(*) FROM pg_class WHERE relowner = 'dothi_app'::regrole").await;
    assert_eq!(owned, 0);
}

#[tokio::test]
async fn without_the_owner_a_server_takes_tables_that_are_its_own_and_no_others() {
    let city = TestCity::start().await;
    let mut config = Config::default();
    config.database.url = Some(city.database_url().replacen("postgres@", "dothi_app@", 1));
    let database = Database::open(&config).await.expect("it opens");
    database.migrate().await.expect("nothing to do");
    database.ready().await.expect("nothing to do").close().await;
    city.sql("DELETE FROM public._sqlx_migrations WHERE version = 77").await;
    for refused in [database.migrate().await.err(), database.ready().await.err()] {
        let refused = refused.expect("the tables are older").to_string();
        assert!(refused.contains("OWNER_URL") && refused.contains("dothi migrate"), "{refused}");
    }
}

#[tokio::test]
async fn erasing_a_person_leaves_the_links_and_nobody_in_them() {
    let city = TestCity::start().await;
    city.sql(
        "WITH parcel AS (INSERT INTO gis.parcel (commune_code, sheet, number, geom)
             VALUES ('26740', '12', '345', ST_MakeEnvelope(106.7, 10.77, 106.701, 10.771, 4326)) RETURNING id)
         SELECT 1 FROM parcel",
    )
    .await;
    city.sql(
        "WITH party AS (INSERT INTO gis_private.party (kind, name, phone, purpose, retain_until)
             VALUES ('person', 'Nguyễn Văn A', '0900000000', 'hồ sơ đất đai', '2036-01-01') RETURNING id)
         INSERT INTO gis_private.party_parcel (party, parcel, relation) SELECT party.id, parcel.id, 'right' FROM party, gis.parcel",
    )
    .await;
    let mut app = city.app_connection().await;
    sqlx::query("SELECT gis_private.erase_party(id, 'hết thời hạn lưu') FROM gis_private.party")
        .execute(&mut app)
        .await
        .expect("erases");
    let kept: bool = super::value(
        &mut app,
        "SELECT name IS NULL AND phone IS NULL AND erased_at IS NOT NULL FROM gis_private.party JOIN gis_private.party_parcel ON party = party.id",
    )
    .await;
    assert!(kept);
    assert_eq!(super::value::<i64>(&mut app, "SELECT count(*) FROM gis_private.access_log").await, 1);
    let back = "UPDATE gis_private.party SET name = 'Nguyễn Văn A'";
    assert_eq!(refused_by(&mut app, back).await, "party_erased_is_empty");
}
