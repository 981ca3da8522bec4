//! Questions about a place, held against brute force over every feature.

use crate::support::*;
use dothi_tiles::questions::{at_point, distance_metres, near, with_value, within};
use dothi_tiles::{Audience, LowZoom, Value};
use geo::{Densify, Distance, Geodesic, Geometry, Intersects, MultiPolygon, Point, Rect, Relate};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn at_point_and_within_find_what_looking_at_each_finds(
        shapes in prop::collection::vec(shape(CENTRE, 0.01), 1..30), asked in shape(CENTRE, 0.01),
        x in -0.01..0.01, y in -0.01..0.01,
    ) {
        let core = core_of(schema(15, LowZoom::Merge), (1..).zip(&shapes).map(|(fid, shape)| feature(fid, shape.clone())));
        let layer = core.layer(&name()).expect("it was put in");
        let found = |features: Vec<std::sync::Arc<dothi_tiles::Feature>>| features.iter().map(|f| f.fid()).collect::<Vec<_>>();
        let by_looking = |test: &dyn Fn(&Geometry<f64>) -> bool| -> Vec<i64> {
            (1..).zip(&shapes).filter(|(_, shape)| test(shape)).map(|(fid, _)| fid).collect()
        };
        let point = Point::new(CENTRE.0 + x, CENTRE.1 + y);
        let all = Audience::all();
        prop_assert_eq!(
            found(at_point(&layer, point.x(), point.y(), &all, today())),
            by_looking(&|shape| shape.intersects(&point))
        );
        prop_assert_eq!(found(within(&layer, &asked, &all, today())), by_looking(&|shape| shape.intersects(&asked)));
    }

    #[test]
    fn near_finds_every_feature_within_reach_nearest_first(
        shapes in prop::collection::vec(shape(CENTRE, 0.01), 1..30), radius in 10.0..1500.0_f64,
    ) {
        let core = core_of(schema(15, LowZoom::Merge), (1..).zip(&shapes).map(|(fid, shape)| feature(fid, shape.clone())));
        let layer = core.layer(&name()).expect("it was put in");
        let found = near(&layer, CENTRE, radius, 1000, &Audience::all(), today());
        let all = shapes.iter().filter(|shape| distance_metres(CENTRE.0, CENTRE.1, shape) <= radius).count();
        prop_assert_eq!(found.len(), all);
        prop_assert!(found.windows(2).all(|pair| pair[0].metres <= pair[1].metres));
        prop_assert!(near(&layer, CENTRE, radius, 2, &Audience::all(), today()).len() <= 2);
    }
}

proptest! {
    // Brute force is slow here.
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn the_distance_is_the_geodesic_one_to_the_nearest_of_many_positions(
        line in prop::collection::vec((-0.02..0.02, -0.02..0.02_f64), 2..6),
    ) {
        let line = geo::LineString::from(line.iter().map(|(x, y)| (CENTRE.0 + x, CENTRE.1 + y)).collect::<Vec<_>>());
        let from = Point::new(CENTRE.0, CENTRE.1);
        let dense = geo::Euclidean.densify(&line, 5e-6);
        let brute = dense.points().map(|point| Geodesic.distance(from, point)).fold(f64::INFINITY, f64::min);
        let ours = distance_metres(from.x(), from.y(), &line.into());
        prop_assert!((ours - brute).abs() < 0.2, "{ours} m, by brute force {brute} m");
    }
}

/// Shapes on a coarse grid, where corners, borders and holes meet exactly.
fn on_a_grid() -> impl Strategy<Value = Geometry<f64>> {
    let place = || (0..8_i32, 0..8_i32).prop_map(|(x, y)| (f64::from(x) / 4.0, f64::from(y) / 4.0));
    let rect = || {
        (place(), 1..6_i32, 1..6_i32)
            .prop_map(|((x, y), w, h)| Rect::new((x, y), (x + f64::from(w) / 4.0, y + f64::from(h) / 4.0)))
    };
    let holed = (place(), 0..2_i32).prop_map(|((x, y), shift)| {
        let (outer, inner) = (Rect::new((x, y), (x + 1.0, y + 1.0)), f64::from(shift) / 8.0);
        let hole = Rect::new((x + 0.25 + inner, y + 0.25), (x + 0.75, y + 0.75));
        geo::Polygon::new(outer.to_polygon().exterior().clone(), vec![hole.to_polygon().exterior().clone()]).into()
    });
    prop_oneof![
        place().prop_map(|at| Point::from(at).into()),
        prop::collection::vec(place(), 1..4).prop_map(|all| geo::MultiPoint::from(all).into()),
        (place(), place(), place())
            .prop_filter("a line has length", |(a, b, c)| a != b && b != c)
            .prop_map(|(a, b, c)| geo::LineString::from(vec![a, b, c]).into()),
        rect().prop_map(|rect| rect.to_polygon().into()),
        holed,
        (rect(), 3..6_i32).prop_map(|(rect, away)| {
            use geo::Translate as _;
            MultiPolygon(vec![rect.to_polygon(), rect.to_polygon().translate(f64::from(away), 0.0)]).into()
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn within_is_right_where_corners_borders_and_holes_meet(
        shapes in prop::collection::vec(on_a_grid(), 1..20), asked in on_a_grid(),
    ) {
        let core = core_of(schema(15, LowZoom::Merge), (1..).zip(&shapes).map(|(fid, shape)| feature(fid, shape.clone())));
        let layer = core.layer(&name()).expect("it was put in");
        let found: Vec<i64> = within(&layer, &asked, &Audience::all(), today()).iter().map(|f| f.fid()).collect();
        let looked: Vec<i64> =
            (1..).zip(&shapes).filter(|(_, shape)| shape.relate(&asked).is_intersects()).map(|(fid, _)| fid).collect();
        prop_assert_eq!(found, looked);
    }
}

#[test]
fn within_stops_when_it_has_enough_or_when_nobody_waits() {
    use dothi_tiles::questions::{Prepared, Stopped, near_until, within_until};
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
    let all = (1..=500).map(|fid| feature(fid, Point::new(CENTRE.0, CENTRE.1)));
    let core = core_of(schema(15, LowZoom::Merge), all);
    let layer = core.layer(&name()).expect("it was put in");
    let shape = Prepared::new(&Point::new(CENTRE.0, CENTRE.1).into());
    let looked_at = AtomicU32::new(0);
    let count = || looked_at.fetch_add(1, Relaxed) == u32::MAX;
    let first = within_until(&layer, &shape, &Audience::all(), today(), 3, &count).expect("nobody stops it");
    assert_eq!(first.iter().map(|feature| feature.fid()).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(looked_at.load(Relaxed), 3, "it looks at no more than it takes");
    let stopped = within_until(&layer, &shape, &Audience::all(), today(), usize::MAX, &|| true);
    assert_eq!(stopped.map(|found| found.len()), Err(Stopped));
    assert!(near_until(&layer, CENTRE, 100.0, 3, &Audience::all(), today(), &|| true).is_err());
}

#[test]
fn inside_an_area_is_at_no_distance() {
    let area = Geometry::from(Rect::new((106.0, 10.0), (107.0, 11.0)).to_polygon());
    assert!(distance_metres(106.5, 10.5, &area).abs() < f64::EPSILON);
    // One degree of longitude at 10.5° N, by GeographicLib: 109,462 m.
    let east = distance_metres(105.0, 10.5, &area);
    assert!((east - 109_462.0).abs() < 40.0, "{east}");
}

#[test]
fn only_what_an_audience_may_ask_for_is_asked_for() {
    let mut other = feature(2, Point::new(CENTRE.0, CENTRE.1));
    other.values[0] = Value::text("b");
    let core = core_of(schema(15, LowZoom::Merge), [feature(1, Point::new(CENTRE.0, CENTRE.1)), other]);
    let layer = core.layer(&name()).expect("it was put in");
    let ask = |attribute: &str, value: Value, audience: &Audience| {
        let mut found = at_point(&layer, CENTRE.0, CENTRE.1, audience, today());
        with_value(&layer, &mut found, attribute, &value, audience);
        found.iter().map(|feature| feature.fid()).collect::<Vec<_>>()
    };
    let narrow = Audience::builder().layer_attributes(name(), ["height_m"]).build();
    assert_eq!(ask("kind", Value::text("b"), &Audience::all()), [2]);
    assert_eq!(ask("kind", Value::text("b"), &narrow), [0_i64; 0]);
    assert_eq!(ask("no_such", Value::text("b"), &Audience::all()), [0_i64; 0]);
    assert_eq!(ask("min_zoom", Value::Null, &Audience::all()), [0_i64; 0]);
}
