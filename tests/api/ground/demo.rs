//! A demo writes invented plots, so it writes only where nothing else is.

use std::process::Command;

use crate::support::TestCity;

#[tokio::test]
async fn the_demo_leaves_a_city_alone_that_has_data_of_its_own() {
    let city = TestCity::start().await;
    city.sql("INSERT INTO gis.tree (tree_number, geom) VALUES ('C-1', ST_SetSRID(ST_Point(106.7, 10.77), 4326))").await;
    let output = Command::new(env!("CARGO_BIN_EXE_dothi"))
        .args(["demo", "--no-open", "--place", "cambridge"])
        .env("DATABASE_URL", city.database_url())
        .env("LC_ALL", "en_US.UTF-8")
        .env("DOTHI_LISTEN", "127.0.0.1:0")
        .output()
        .expect("dothi runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("Unset DATABASE_URL"), "{said}");
    let left: i64 = sqlx::query_scalar(
        "SELECT (SELECT count(*) FROM catalog.setting WHERE name = 'demo') + (SELECT count(*) FROM import.delivery)",
    )
    .fetch_one(&mut city.owner().await)
    .await
    .expect("it is counted");
    assert_eq!(left, 0, "it wrote all the same");
}
