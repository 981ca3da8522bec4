//! Versions, the registry, and any past in both times.

use sqlx::{Connection as _, Executor as _};

use super::{SQUARE, refused_by, value};
use crate::support::TestCity;

const ZONE: &str = "01920000-0000-7000-8000-000000000001";

fn insert_zone(storeys: i32, validity: &str) -> String {
    format!(
        "INSERT INTO gis.planning_zone (id, plan, zone_code, function, storeys_max, geom, validity)
         VALUES ('{ZONE}', 'P1', 'Z1', 'o_moi', {storeys}, {SQUARE}, daterange({validity}))"
    )
}

/// What was held on `known` to be true on `valid`: the two tables together.
async fn storeys(city: &TestCity, valid: &str, known: &str) -> Option<i64> {
    let query = format!(
        "SELECT (SELECT storeys_max FROM (
            SELECT storeys_max, validity, tstzrange(known_since, NULL) AS known FROM gis.planning_zone WHERE id = '{ZONE}'
            UNION ALL SELECT storeys_max, validity, known FROM gis_history.planning_zone WHERE id = '{ZONE}') AS past
         WHERE validity @> date '{valid}' AND known @> {known})"
    );
    value(&mut city.owner().await, &query).await
}

#[tokio::test]
async fn two_tables_answer_any_past_in_both_times() {
    let city = TestCity::start().await;
    let mut owner = city.owner().await;
    let moment = "SELECT to_char(clock_timestamp(), '\"timestamptz ''\"YYYY-MM-DD HH24:MI:SS.USOF\"''\"')";
    let before: String = value(&mut owner, moment).await;
    city.sql(&insert_zone(4, "NULL, NULL")).await;
    let first: String = value(&mut owner, moment).await;
    // On 1 May 2025 a decision raised it to 7: the old row ends, the next begins, in one transaction.
    city.sql(&format!(
        "BEGIN; UPDATE gis.planning_zone SET validity = daterange(NULL, '2025-05-01') WHERE id = '{ZONE}'; {}; COMMIT",
        insert_zone(7, "'2025-05-01', NULL")
    ))
    .await;
    let second: String = value(&mut owner, moment).await;
    // The 4 was a slip of the pen: it had been 5 all the time.
    city.sql("UPDATE gis.planning_zone SET storeys_max = 5 WHERE storeys_max = 4").await;
    city.sql("DELETE FROM gis.planning_zone WHERE storeys_max = 7").await;

    assert_eq!(storeys(&city, "2025-04-30", &before).await, None);
    assert_eq!(storeys(&city, "2026-01-01", &first).await, Some(4));
    assert_eq!(storeys(&city, "2025-04-30", &second).await, Some(4));
    assert_eq!(storeys(&city, "2025-05-01", &second).await, Some(7));
    assert_eq!(storeys(&city, "2025-04-30", "now()").await, Some(5));
    assert_eq!(storeys(&city, "2025-05-01", "now()").await, None);
}

#[tokio::test]
async fn every_writer_gets_the_next_version_of_the_object_and_is_named() {
    let city = TestCity::start().await;
    let mut owner = city.owner().await;
    city.sql(&insert_zone(4, "NULL, '2025-05-01'")).await;
    city.sql(&insert_zone(7, "'2025-05-01', NULL")).await;
    owner.execute("SET dothi.actor = 'lan'").await.expect("a setting");
    owner
        .execute("UPDATE gis.planning_zone SET storeys_max = 5, version = 99 WHERE storeys_max = 4")
        .await
        .expect("updates");
    let versions: Vec<(i64, i32, String)> =
        sqlx::query_as("SELECT storeys_max, version, actor FROM gis.planning_zone ORDER BY storeys_max")
            .fetch_all(&mut owner)
            .await
            .expect("answers");
    assert_eq!(versions, [(5, 3, "lan".to_owned()), (7, 2, "db:dothi_owner".to_owned())]);
    // Gone and back again: numbers are never used twice.
    city.sql("DELETE FROM gis.planning_zone").await;
    city.sql(&insert_zone(9, "NULL, NULL")).await;
    assert_eq!(value::<i32>(&mut owner, "SELECT version FROM gis.planning_zone").await, 4);
    let change_id = "UPDATE gis.planning_zone SET id = gis.uuid_v7()";
    assert_eq!(refused_by(&mut owner, change_id).await, "identity_is_kept");
}

#[tokio::test]
async fn an_object_never_has_two_rows_on_one_day() {
    let city = TestCity::start().await;
    let mut owner = city.owner().await;
    city.sql(&insert_zone(4, "NULL, NULL")).await;
    let constraint = "planning_zone_one_row_at_a_time";
    assert_eq!(refused_by(&mut owner, &insert_zone(5, "NULL, NULL")).await, constraint);
    assert_eq!(refused_by(&mut owner, &insert_zone(5, "'2025-01-01', '2025-02-01'")).await, constraint);
    city.sql("UPDATE gis.planning_zone SET validity = daterange(NULL, '2025-01-01')").await;
    city.sql(&insert_zone(5, "'2025-01-01', '2025-02-01'")).await;
    assert_eq!(refused_by(&mut owner, &insert_zone(6, "'2025-01-31', NULL")).await, constraint);
    let widen = "UPDATE gis.planning_zone SET validity = '(,)' WHERE storeys_max = 4";
    assert_eq!(refused_by(&mut owner, widen).await, constraint);
    assert_eq!(
        refused_by(&mut owner, &insert_zone(6, "'2026-01-01', '2026-01-01'")).await,
        "planning_zone_validity_not_empty"
    );
}

#[tokio::test]
async fn two_writers_at_once_cannot_give_an_object_two_rows_either() {
    let city = TestCity::start().await;
    // Known to the registry, without a row: the harder case, since neither writer inserts there.
    city.sql(&insert_zone(1, "NULL, NULL")).await;
    city.sql("DELETE FROM gis.planning_zone").await;
    for isolation in ["READ COMMITTED", "REPEATABLE READ"] {
        let (mut one, mut other) = (city.owner().await, city.owner().await);
        let begin = format!("BEGIN ISOLATION LEVEL {isolation}; SELECT count(*) FROM gis.object");
        one.execute(begin.as_str()).await.expect("begins");
        other.execute(begin.as_str()).await.expect("begins");
        one.execute(insert_zone(2, "NULL, NULL").as_str()).await.expect("the first writer is taken");
        let late = insert_zone(3, "'2021-01-01', '2022-01-01'");
        let waiting = tokio::spawn(async move { other.execute(late.as_str()).await.map(|_| ()) });
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        assert!(!waiting.is_finished(), "the second writer waits for the first ({isolation})");
        one.execute("COMMIT").await.expect("commits");
        waiting.await.expect("ends").expect_err("the second writer is refused");
        city.sql("DELETE FROM gis.planning_zone WHERE storeys_max = 2").await;
    }
}

#[tokio::test]
async fn an_id_belongs_to_one_layer_for_ever() {
    let city = TestCity::start().await;
    let mut owner = city.owner().await;
    city.sql(&insert_zone(4, "NULL, NULL")).await;
    city.sql("DELETE FROM gis.planning_zone").await;
    let tree =
        format!("INSERT INTO gis.tree (id, tree_number, geom) VALUES ('{ZONE}', '1', ST_Point(106.7, 10.77, 4326))");
    assert_eq!(refused_by(&mut owner, &tree).await, "object_of_one_layer");
    let import = format!("SET dothi.import_id = '7'; {tree}");
    assert!(owner.execute(import.as_str()).await.is_err(), "nor by an import");
    assert_eq!(
        value::<String>(&mut owner, &format!("SELECT layer FROM gis.object WHERE id = '{ZONE}'")).await,
        "planning_zone"
    );
}

#[tokio::test]
async fn what_cannot_be_on_a_map_is_refused_by_name() {
    let city = TestCity::start().await;
    let mut owner = city.owner().await;
    for (geom, constraint) in [
        ("'SRID=4326;POINT EMPTY'", "tree_geom_not_empty"),
        ("'SRID=4326;LINESTRING(1 1, 2 2)'", "tree_geom_type"),
        ("'SRID=3857;POINT(1 1)'", "tree_geom_srid"),
        ("'SRID=4326;POINT(10.77 106.7)'", "tree_geom_on_earth"),
    ] {
        let insert = format!("INSERT INTO gis.tree (tree_number, geom) VALUES ('1', {geom}::geometry)");
        assert_eq!(refused_by(&mut owner, &insert).await, constraint);
    }
    city.sql("INSERT INTO gis.tree (tree_number, geom) VALUES ('1', 'SRID=4326;POINT Z (106.7 10.77 3.5)')").await;
    assert_eq!(value::<f64>(&mut owner, "SELECT ST_Z(geom) FROM gis.tree").await, 3.5, "heights are kept");
    let promoted = "INSERT INTO gis.green_space (source_ref, kind, geom) VALUES ('1', 'cong_vien', ";
    city.sql(&format!("{promoted}{SQUARE})")).await;
    assert_eq!(value::<String>(&mut owner, "SELECT GeometryType(geom) FROM gis.green_space").await, "MULTIPOLYGON");
    owner.close().await.expect("closes");
}

#[tokio::test]
async fn today_is_the_day_in_viet_nam_in_every_time_zone() {
    let city = TestCity::start().await;
    let mut owner = city.owner().await;
    for zone in ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"] {
        owner.execute(format!("SET TIME ZONE '{zone}'").as_str()).await.unwrap();
        let before = dothi::live::today();
        let said: chrono::NaiveDate = value(&mut owner, "SELECT gis.today()").await;
        assert!(said == before || said == dothi::live::today(), "{zone}: {said}");
    }
    // These two are never in the same day: one of them would be wrong by the session's own.
    let mut days = Vec::<chrono::NaiveDate>::new();
    for zone in ["Pacific/Kiritimati", "Pacific/Pago_Pago"] {
        owner.execute(format!("SET TIME ZONE '{zone}'").as_str()).await.unwrap();
        days.push(value(&mut owner, "SELECT current_date").await);
    }
    assert_ne!(days[0], days[1]);
}

#[test]
fn no_statement_asks_for_the_day_of_its_session() {
    let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs" || kind == "sql") {
                files += 1;
                let text = std::fs::read_to_string(&path).unwrap().to_lowercase();
                assert!(!text.contains("current_date"), "{}: gis.today() is the day in Việt Nam", path.display());
            }
        }
    }
    assert!(files > 100);
}
