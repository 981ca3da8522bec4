//! Below the detail zoom: nothing is left out in silence, neighbours meet, no tile is too large.

use crate::support::*;
use dothi_tiles::validate::{DecodedFeature, TileGeometry, TileValue};
use dothi_tiles::{
    Audience, Change, Core, Layer, LayerName, LayerSchema, LowZoom, NewFeature, TileId, Value, encode_tile,
};
use geo::{Coord, LineString, Point, Polygon, Rect};
use rand::{Rng, SeedableRng, rngs::SmallRng};
use std::time::Instant;

fn count(feature: &DecodedFeature) -> u64 {
    match feature.property("point_count") {
        Some(TileValue::Uint(count)) => *count,
        _ => 1,
    }
}

/// How many features stand in the tiles of the world at `zoom`, each where its place is within the tile itself.
fn counted(core: &Core) -> u64 {
    features(&tile(core, TileId { z: 0, x: 0, y: 0 })).iter().map(count).sum()
}

fn scattered(count: i64, reach: f64) -> Vec<NewFeature> {
    let mut random = SmallRng::seed_from_u64(1);
    let mut place = || {
        let mut at = |middle: f64| middle + random.random_range(-reach..reach);
        Point::new(at(CENTRE.0), at(CENTRE.1))
    };
    (1..=count).map(|fid| feature(fid, place())).collect()
}

/// A city of lots whose corners are pushed about, each shared by four.
fn lots(side: usize, width: f64) -> Vec<NewFeature> {
    let mut random = SmallRng::seed_from_u64(2);
    let corner = |column: usize, row: usize, random: &mut SmallRng| {
        let mut push = |at: usize| {
            let free = if at == 0 || at == side { 0.0 } else { random.random_range(-0.3..0.3) };
            (at as f64 + free) * width
        };
        Coord { x: 106.0 + push(column), y: 10.0 + push(row) }
    };
    let corners: Vec<Vec<_>> =
        (0..=side).map(|row| (0..=side).map(|column| corner(column, row, &mut random)).collect()).collect();
    let lot = |index: usize| {
        let (row, column) = (index / side, index % side);
        let ring = [(0, 0), (0, 1), (1, 1), (1, 0), (0, 0)].map(|(r, c)| corners[row + r][column + c]);
        feature(index.cast_signed() as i64 + 1, Polygon::new(LineString(ring.to_vec()), Vec::new()))
    };
    (0..side * side).map(lot).collect()
}

fn doubled_area(ring: &[(i64, i64)]) -> i64 {
    let next = ring.iter().cycle().skip(1);
    ring.iter().zip(next).map(|(a, b)| a.0 * b.1 - b.0 * a.1).sum()
}

#[test]
fn every_feature_is_drawn_or_counted_at_every_zoom() {
    for low_zoom in [LowZoom::Cluster, LowZoom::Merge, LowZoom::Lines] {
        let core = core_of(schema(15, low_zoom), scattered(5000, 0.05));
        assert_eq!(counted(&core), 5000, "{low_zoom}");
        let at = TileId::at(CENTRE.0, CENTRE.1, 9);
        assert_eq!(features(&tile(&core, at)).iter().map(count).sum::<u64>(), 5000, "{low_zoom} at 9");
    }
}

#[test]
fn points_become_clusters_that_say_how_many_and_what_all_agree_on() {
    let mut points = scattered(1000, 1e-4);
    points[3].values[2] = Value::Float(9.0);
    let core = core_of(schema(16, LowZoom::Cluster), points);
    let clusters = features(&tile(&core, TileId::at(CENTRE.0, CENTRE.1, 8)));
    assert_eq!(clusters.iter().map(count).sum::<u64>(), 1000);
    let all = clusters.iter().max_by_key(|cluster| count(cluster)).expect("a cluster");
    assert_eq!(all.property("cluster"), Some(&TileValue::Bool(true)));
    assert_eq!(all.property("kind"), Some(&TileValue::Text("a".into())), "all of them are of this kind");
    assert_eq!(all.property("height_m"), None, "one of them is higher");
    assert_eq!((all.id, all.property("id"), all.property("secret")), (None, None, None));
}

#[test]
fn a_single_point_in_its_cell_is_itself() {
    let core = core_of(schema(16, LowZoom::Cluster), [feature(5, Point::new(CENTRE.0, CENTRE.1))]);
    let drawn = features(&tile(&core, TileId::at(CENTRE.0, CENTRE.1, 4)));
    assert_eq!(drawn.len(), 1);
    assert_eq!(drawn[0].id, Some(5));
    assert_eq!(drawn[0].property("cluster"), None);
}

#[test]
fn small_lots_are_merged_into_cells_that_keep_their_area() {
    let lots = lots(40, 1e-4);
    let area: f64 = (40.0_f64 * 1e-4 * 111_195.0).powi(2) * 10.0_f64.to_radians().cos();
    let core = core_of(schema(15, LowZoom::Merge), lots);
    let drawn = features(&tile(&core, TileId::at(106.002, 10.002, 10)));
    let told: u64 = drawn
        .iter()
        .map(|cell| match cell.property("area_m2") {
            Some(TileValue::Uint(area)) => *area,
            _ => 0,
        })
        .sum();
    assert!(drawn.len() < 400, "{} cells", drawn.len());
    assert!((told as f64 / area - 1.0).abs() < 0.02, "{told} of {area} m²");
}

#[test]
fn neighbours_meet_without_gap_or_sliver_at_every_zoom_where_they_are_drawn() {
    let core = core_of(schema(16, LowZoom::Merge), lots(12, 0.01));
    for zoom in 8..=16 {
        let at = TileId::at(106.05, 10.05, zoom);
        let drawn = features(&tile(&core, at));
        if drawn.iter().any(|lot| lot.property("cluster").is_some()) || drawn.len() < 2 {
            continue;
        }
        let mut edges = std::collections::HashMap::new();
        for lot in &drawn {
            let TileGeometry::Rings(rings) = &lot.geometry else { panic!("a polygon") };
            for (a, b) in rings.iter().flat_map(|ring| ring.iter().zip(ring.iter().cycle().skip(1))) {
                *edges.entry((*a.min(b), *a.max(b))).or_insert(0) += if a < b { 1 } else { -1 };
            }
        }
        // An edge that two lots share runs once in each direction; what is left over must be the outer border.
        let total: i64 = drawn
            .iter()
            .map(|lot| match &lot.geometry {
                TileGeometry::Rings(rings) => rings.iter().map(|ring| doubled_area(ring)).sum(),
                _ => 0,
            })
            .sum();
        let outer: Vec<_> = edges.iter().filter(|(_, runs)| **runs != 0).map(|((a, b), _)| (*a, *b)).collect();
        let xs = outer.iter().flat_map(|(a, b)| [a.0, b.0]);
        let ys = outer.iter().flat_map(|(a, b)| [a.1, b.1]);
        let (west, east) = (xs.clone().min().unwrap_or(0), xs.max().unwrap_or(0));
        let (north, south) = (ys.clone().min().unwrap_or(0), ys.max().unwrap_or(0));
        let lost = 2 * (east - west) * (south - north) - total;
        assert!(lost.abs() <= 2 * 4 * (east - west + south - north), "zoom {zoom}: {lost} of twice the area");
    }
}

#[test]
fn a_corner_that_four_lots_share_is_one_place_in_all_of_them() {
    let core = core_of(schema(16, LowZoom::Merge), lots(12, 0.01));
    let drawn = features(&tile(&core, TileId::at(106.05, 10.05, 8)));
    let mut places: Vec<_> = drawn
        .iter()
        .flat_map(|lot| match &lot.geometry {
            TileGeometry::Rings(rings) => rings.concat(),
            _ => Vec::new(),
        })
        .collect();
    places.sort_unstable();
    places.dedup();
    assert_eq!(drawn.len(), 144);
    assert!(places.len() <= 13 * 13, "{} places for 169 corners", places.len());
    assert!(places.iter().all(|(x, y)| x % 4 == 0 && y % 4 == 0), "on the common grid");
}

#[test]
fn an_edit_drops_the_tile_next_door_that_shows_its_cluster() {
    // Two points in one cell at the tile's edge: their middle lies in the buffer of the next tile, one of them does not.
    let at = TileId::at(CENTRE.0, CENTRE.1, 13);
    let bounds = at.bounds();
    let unit = (bounds.east - bounds.west) / 4096.0;
    let point = |fid, units: f64| feature(fid, Point::new(bounds.east - units * unit, CENTRE.1));
    let core = core_of(schema(16, LowZoom::Cluster), [point(1, 10.0), point(2, 100.0)]);
    let next = TileId { x: at.x + 1, ..at };
    let before = tile(&core, next);
    assert_eq!(features(&before).iter().map(count).sum::<u64>(), 2);
    let layer = core.layer(&name()).expect("it was put in");
    let touched = layer.apply(&[Change::RemoveRow { fid: 2 }]);
    assert_ne!(tile(&core, next), before);
    assert!(!dothi_tiles::tile_cover(&Point::new(bounds.east - 100.0 * unit, CENTRE.1).into(), 13).contains(&next));
    assert!(layer.tiles_changed(&touched[0], 13).contains(&next));
}

#[test]
fn an_edit_redoes_its_own_cells_and_not_the_city() {
    let core = core_of(schema(15, LowZoom::Merge), lots(250, 5e-5));
    let at = TileId::at(106.005, 10.005, 10);
    let (began, first) = (Instant::now(), tile(&core, at));
    let building = began.elapsed();
    core.layer(&name()).expect("it was put in").apply(&[Change::RemoveRow { fid: 31_000 }]);
    let (began, second) = (Instant::now(), tile(&core, at));
    let redoing = began.elapsed();
    println!("62,500 lots: cells and tile {building:?}, after an edit {redoing:?}, {} bytes", second.len());
    assert_eq!(features(&first).iter().map(count).sum::<u64>(), 62_500);
    assert_eq!(features(&second).iter().map(count).sum::<u64>(), 62_499);
    assert!(redoing.as_secs_f64() < 2.0, "{redoing:?}");
}

#[test]
fn min_zoom_brings_a_feature_forward_and_nothing_else() {
    let mut capital = feature(1, Point::new(CENTRE.0, CENTRE.1));
    capital.values[1] = Value::Int(3);
    let core = core_of(schema(16, LowZoom::Hide), [capital, feature(2, Point::new(CENTRE.0, CENTRE.1))]);
    let at = |zoom| fids(&tile(&core, TileId::at(CENTRE.0, CENTRE.1, zoom)));
    assert_eq!((at(2), at(3), at(15), at(16)), (vec![], vec![1], vec![1], vec![1, 2]));
}

#[test]
fn no_generalised_tile_is_larger_than_500_kb_and_what_is_not_drawn_is_counted() {
    let nested = (1..=30_000).map(|fid| {
        let size = 0.4 + fid as f64 * 1e-6;
        feature(fid, Rect::new((106.0 - size, 10.0 - size), (106.0 + size, 10.0 + size)).to_polygon())
    });
    for features_of_it in [lots(250, 0.004), nested.collect()] {
        let total = features_of_it.len() as u64;
        let core = core_of(schema(16, LowZoom::Merge), features_of_it);
        for zoom in 0..=9 {
            let bytes = tile(&core, TileId::at(106.1, 10.1, zoom));
            assert!(bytes.len() <= 500_000, "{} bytes at {zoom}", bytes.len());
            let counted: u64 = features(&bytes).iter().map(count).sum();
            assert!(zoom > 5 || counted == total, "{counted} of {total} at {zoom}");
        }
    }
}

#[test]
fn a_full_layer_beside_them_does_not_coarsen_what_is_generalised() {
    let core = Core::new();
    let detail = LayerSchema { name: LayerName::new("street").unwrap(), ..schema(0, LowZoom::Merge) };
    core.swap(Layer::bulk(detail, lots(250, 0.002).into_iter()));
    core.swap(Layer::bulk(schema(16, LowZoom::Merge), lots(20, 0.02).into_iter()));
    let at = TileId::at(106.1, 10.1, 9);
    let names = |names: &[&str]| names.iter().map(|name| LayerName::new(name).unwrap()).collect::<Vec<_>>();
    let drawn = |asked: &[&str]| encode_tile(&core, &names(asked), at, &Audience::all(), None, today());
    let name = schema(16, LowZoom::Merge).name.to_string();
    let (alone, street) = (drawn(&[&name]), drawn(&["street"]));
    assert!(street.len() > 500_000, "{} bytes of the full layer", street.len());
    let both = drawn(&[&name, "street"]);
    assert_eq!(both.len(), alone.len() + street.len(), "each as it is alone");
}
