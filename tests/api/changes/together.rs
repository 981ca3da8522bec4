//! Many at once.

use super::*;

/// `DOTHI_TEST_CLIENTS` and `DOTHI_TEST_SECONDS` make it long.
#[tokio::test(flavor = "multi_thread")]
async fn many_clients_leave_no_overlap() {
    let number = |name: &str, short| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(short);
    let (clients, seconds) = (number("DOTHI_TEST_CLIENTS", 8u64), number("DOTHI_TEST_SECONDS", 2u64));
    let city = std::sync::Arc::new(city().await);
    let end = std::time::Instant::now() + std::time::Duration::from_secs(seconds);
    let tasks = (0..clients).map(|client| {
        let city = city.clone();
        tokio::spawn(async move {
            let (mut applied, mut refused) = (0, 0);
            let mut turn = client;
            while std::time::Instant::now() < end {
                turn = turn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407 + client);
                let (x, y) = ((turn >> 33) % 300, (turn >> 45) % 300);
                let square = square(x as f64 + 1000.0, y as f64 + 1000.0, 12.0);
                match send(&city, &set(&[parcel(&turn.to_string(), &square)])).await.status() {
                    200 => applied += 1,
                    422 => refused += 1,
                    503 => {}
                    other => panic!("status {other}"),
                }
            }
            (applied, refused)
        })
    });
    let counts: Vec<(u64, u64)> = futures::future::join_all(tasks).await.into_iter().map(Result::unwrap).collect();
    let (applied, refused) = counts.iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    println!("{clients} clients, {seconds} s: {applied} written, {refused} refused");
    assert!(applied > 0 && refused > 0, "{applied} {refused}");
    let overlaps: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM gis.parcel a JOIN gis.parcel b ON a.fid < b.fid AND a.geom && b.geom AND a.sheet = '90' \
         AND b.sheet = '90' WHERE ST_Area(ST_Intersection(a.geom_source, b.geom_source)) > 0.5",
    )
    .fetch_one(&mut city.owner().await)
    .await
    .unwrap();
    assert_eq!(overlaps, 0);
}
