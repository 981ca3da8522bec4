//! A street corner that the tests of feed, tiles, lookup and search stand on: one ward, two parcels, a plan, a widening.

use crate::support::TestCity;

/// EPSG:9210 metres of the corner: parcels stand north of a street that runs along y = 1191000.
pub const EAST: f64 = 603_000.0;
/// See [`EAST`].
pub const NORTH: f64 = 1_191_000.0;

/// A city with the corner in it.
pub async fn city() -> TestCity {
    let city = TestCity::start().await;
    build(&city).await;
    city
}

/// Puts the corner into a city and waits until the core has it.
pub async fn build(city: &TestCity) {
    city.sql(include_str!("corner.sql")).await;
    until_known(city).await;
}

/// Waits until the core has applied everything that is committed now.
pub async fn until_known(city: &TestCity) {
    let position = position(city).await;
    city.app.live.wait_for(position).await.expect("the core is there within two seconds");
}

/// The position of everything that is committed now.
pub async fn position(city: &TestCity) -> dothi::live::position::Position {
    let mut owner = city.owner().await;
    let (epoch, xid): (uuid::Uuid, i64) =
        sqlx::query_as("SELECT feed.epoch(), max(xid::text::bigint) FROM feed.change")
            .fetch_one(&mut owner)
            .await
            .unwrap();
    dothi::live::position::Position { epoch, xid: xid.cast_unsigned() }
}

/// Lon/lat of a place of the corner, metres east and north of its origin.
pub fn at(east: f64, north: f64) -> (f64, f64) {
    dothi_import::crs::point_to_wgs84(9210, EAST + east, NORTH + north).expect("the corner lies in the zone")
}
