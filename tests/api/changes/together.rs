//! Many at once.

use serde_json::json;

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

#[tokio::test(flavor = "multi_thread")]
async fn one_change_set_sent_by_many_at_once_is_done_once_and_answered_alike() {
    let city = city().await;
    for _ in 0..5 {
        let trees = (0..5)
            .map(|x| insert("tree", &json!({ "tree_number": Uuid::now_v7().to_string() }), &point(f64::from(x), 3.0)));
        let body = set(&trees.collect::<Vec<_>>());
        let answers = futures::future::join_all((0..6).map(|_| send(&city, &body))).await;
        let first = answers[0].json();
        assert_eq!(answers[0].status(), 200, "{first}");
        for answer in &answers {
            assert_eq!((answer.status(), answer.json()), (200, first.clone()));
        }
    }
    let (sets, trees): (i64, i64) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM changes.change_set), (SELECT count(*) FROM gis.tree WHERE version = 1 AND tree_number <> 'T-1')",
    )
    .fetch_one(&mut city.owner().await)
    .await
    .unwrap();
    assert_eq!((sets, trees), (5, 25));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_op_id_for_two_objects_at_the_same_moment_goes_to_one() {
    let city = city().await;
    for round in 0..6 {
        let first = insert("tree", &json!({ "tree_number": format!("a{round}") }), &point(0.0, 3.0));
        let mut second = insert("tree", &json!({ "tree_number": format!("b{round}") }), &point(0.0, 3.0));
        second["op_id"] = first["op_id"].clone();
        let (a, b) = (set(&[first.clone()]), set(&[second]));
        let (a, b) = tokio::join!(send(&city, &a), send(&city, &b));
        let mut statuses = [a.status(), b.status()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "{} {}", a.text(), b.text());
        let refused = if a.status() == 409 { a } else { b };
        assert_eq!((refused.problem().slug.as_str(), &refused.json()["op_id"]), ("op-id-taken", &first["op_id"]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_meet_by_an_attribute_take_turns() {
    let city = city().await;
    for round in 0..12 {
        // One above the other, on two sheets; both are moved to a third at the same moment.
        let place = square(300.0 + f64::from(round) * 12.0, 0.0, 10.0);
        let both = ["a", "b"].map(|sheet| {
            let mut drawn = parcel(&format!("{round}{sheet}"), &place);
            drawn["set"]["sheet"] = json!(format!("{round}{sheet}"));
            drawn
        });
        assert_eq!(send(&city, &set(&both)).await.status(), 200);
        let to_one = both.map(|drawn| {
            let mut moved = update(1, &json!({ "sheet": format!("{round}") }));
            moved["id"] = drawn["id"].clone();
            set(&[moved])
        });
        let (a, b) = tokio::join!(send(&city, &to_one[0]), send(&city, &to_one[1]));
        let mut statuses = [a.status(), b.status()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 422], "{} {}", a.text(), b.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_set_over_the_whole_city_takes_few_locks() {
    let city = city().await;
    // 25 parcels each over 60 km, and a plan as wide, many at once: all of PostgreSQL has some 6,400 locks.
    let spread = |row: i32| {
        let parcels = (0..25)
            .map(move |x| parcel(&format!("{row}/{x}"), &square(f64::from(x) * 2_400.0, f64::from(row) * 30.0, 10.0)));
        set(&parcels.collect::<Vec<_>>())
    };
    let wide = |name: &str| {
        let values = json!({ "code": name, "name": name, "level": "chung", "status": "hieu_luc", "decision_number": name,
            "decision_date": "2026-01-31", "authority": "UBND", "document": "QD" });
        set(&[insert("plan", &values, &square(0.0, 0.0, 60_000.0))])
    };
    let (rows, plans) = ([spread(1), spread(2), spread(3)], [wide("W1"), wide("W2")]);
    let answers = futures::future::join_all(rows.iter().chain(&plans).map(|body| send(&city, body))).await;
    for answer in answers {
        assert_eq!(answer.status(), 200, "{}", answer.text());
    }
}
