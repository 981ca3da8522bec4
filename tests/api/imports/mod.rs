//! Deliveries: what goes in, what changes, what waits, and that a broken one leaves nothing.

mod broken;
mod fake;
mod generated;
mod local_edits;
mod real_files;
mod redelivery;

use sqlx::Row as _;

use crate::support::TestCity;

/// The rows of `gis.tree`, as text, in order.
async fn trees(city: &TestCity) -> Vec<String> {
    texts(
        city,
        "SELECT concat_ws(' ', tree_number, species, height_m, 'v' || version, validity, split_part(actor, ':', 1)) FROM gis.tree
         ORDER BY tree_number, species, height_m",
    )
    .await
}

/// The first column of a query, as text.
async fn texts(city: &TestCity, query: &str) -> Vec<String> {
    let rows = sqlx::query(query).fetch_all(&mut city.owner().await).await.unwrap_or_else(|e| panic!("{query}: {e}"));
    rows.iter().map(|row| row.get::<String, _>(0)).collect()
}

/// A count.
async fn count(city: &TestCity, query: &str) -> i64 {
    sqlx::query_scalar(query).fetch_one(&mut city.owner().await).await.unwrap_or_else(|e| panic!("{query}: {e}"))
}

/// A statement of somebody who works in dothi.
async fn edit(city: &TestCity, statement: &str) {
    city.sql(&format!("SET dothi.actor = 'an.nguyen'; {statement}; RESET dothi.actor")).await;
}
