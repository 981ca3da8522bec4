//! Decision 13, from the detail zoom up: every feature that touches a tile is in it, and an edit drops exactly the
//! tiles that the old and the new shape touch.

use crate::support::*;
use dothi_tiles::{BUFFER, Change, EXTENT, GeometryKind, LayerSchema, LowZoom, TileId, tile_cover, touches_tile};
use geo::{Geometry, Intersects, MapCoords, Point, Rect, Scale, coord, line_string, polygon};
use proptest::prelude::*;

/// Web mercator by its formula, to measure ours by.
fn world(geometry: &Geometry<f64>) -> Geometry<f64> {
    geometry.map_coords(|at| {
        coord! {
            x: at.x / 360.0 + 0.5,
            y: 0.5 - at.y.to_radians().tan().asinh() / std::f64::consts::TAU,
        }
    })
}

/// The buffered square of a tile in the unit square, grown by `slack` units.
fn square(tile: TileId, slack: f64) -> Rect<f64> {
    let side = f64::from(1_u32 << tile.z);
    let margin = (f64::from(BUFFER) + slack) / f64::from(EXTENT);
    let (x, y) = (f64::from(tile.x), f64::from(tile.y));
    Rect::new(
        coord! { x: (x - margin) / side, y: (y - margin) / side },
        coord! { x: (x + 1.0 + margin) / side, y: (y + 1.0 + margin) / side },
    )
}

fn around(tile: TileId) -> impl Iterator<Item = TileId> {
    let most = (1_u32 << tile.z) - 1;
    let span = move |at: u32| at.saturating_sub(2)..=(at + 2).min(most);
    span(tile.y).flat_map(move |y| span(tile.x).map(move |x| TileId { z: tile.z, x, y }))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_feature_that_touches_a_tile_is_in_it_and_no_other(
        shapes in prop::collection::vec(shape(CENTRE, 0.02), 1..12), zoom in 11_u8..19,
    ) {
        let core = core_of(schema(0, LowZoom::Cluster), (1..).zip(&shapes).map(|(fid, shape)| feature(fid, shape.clone())));
        for tile_id in around(TileId::at(CENTRE.0, CENTRE.1, zoom)) {
            let drawn = fids(&tile(&core, tile_id));
            for (fid, shape) in (1..).zip(&shapes) {
                let shape = world(shape);
                let is_drawn = drawn.contains(&fid);
                prop_assert!(is_drawn || !shape.intersects(&square(tile_id, -1e-3)), "{tile_id:?} lacks {fid}");
                prop_assert!(!is_drawn || shape.intersects(&square(tile_id, 1e-3)), "{tile_id:?} has {fid}");
            }
        }
    }

    #[test]
    fn the_cover_is_the_tiles_in_which_a_shape_is_drawn(shape in shape(CENTRE, 0.01), zoom in 10_u8..17) {
        let core = core_of(schema(0, LowZoom::Cluster), [feature(1, shape.clone())]);
        let cover = tile_cover(&shape, zoom);
        let held = core.layer(&name()).and_then(|layer| layer.by_fid(1)).expect("it was put in");
        for tile_id in around(TileId::at(CENTRE.0, CENTRE.1, zoom)).chain(cover.iter().copied().take(200)) {
            let is_drawn = !fids(&tile(&core, tile_id)).is_empty();
            prop_assert_eq!(cover.contains(&tile_id), is_drawn, "{:?}", tile_id);
            prop_assert_eq!(touches_tile(&shape, tile_id), is_drawn);
            prop_assert_eq!(held.touches_tile(tile_id), is_drawn);
        }
    }

    #[test]
    fn an_edit_drops_every_tile_that_it_changes(before in shape(CENTRE, 0.01), after in shape(CENTRE, 0.01), zoom in 12_u8..18) {
        let core = core_of(schema(12, LowZoom::Cluster), [feature(1, before)]);
        let tiles: Vec<_> = around(TileId::at(CENTRE.0, CENTRE.1, zoom)).collect();
        let old: Vec<_> = tiles.iter().map(|id| tile(&core, *id)).collect();
        let layer = core.layer(&name()).expect("it was put in");
        let touched = layer.apply(&[Change::Put(feature(1, after))]);
        let dropped = layer.tiles_changed(&touched[0], zoom);
        for (id, old) in tiles.iter().zip(&old) {
            prop_assert!(dropped.contains(id) || tile(&core, *id) == *old, "{id:?} is stale");
        }
    }

    #[test]
    fn any_shape_anywhere_makes_a_valid_tile(shape in shape((0.0, 0.0), 200.0), zoom in 0_u8..4) {
        let core = core_of(schema(0, LowZoom::Cluster), [feature(1, shape)]);
        for y in 0..1 << zoom {
            for x in 0..1 << zoom {
                decoded(&tile(&core, TileId { z: zoom, x, y }));
            }
        }
    }
}

#[test]
fn a_long_diagonal_pipe_covers_its_line_and_not_its_box() {
    let pipe = Geometry::from(line_string![(x: 106.60, y: 10.70), (x: 106.80, y: 10.90)]);
    let cover = tile_cover(&pipe, 16);
    let across = TileId::at(106.80, 10.70, 16).x - TileId::at(106.60, 10.70, 16).x + 1;
    assert!(cover.len() < 5 * across as usize, "{} tiles for {across} columns", cover.len());
    assert!(cover.len() >= across as usize);
}

#[test]
fn a_tile_within_a_hole_is_not_touched() {
    let ring = geo::Polygon::new(
        Rect::new((106.0, 10.0), (107.0, 11.0)).to_polygon().exterior().clone(),
        vec![Rect::new((106.1, 10.1), (106.9, 10.9)).to_polygon().exterior().clone()],
    );
    assert!(!touches_tile(&ring.clone().into(), TileId::at(106.5, 10.5, 14)));
    assert!(touches_tile(&ring.into(), TileId::at(106.05, 10.05, 14)));
}

#[test]
fn a_country_covers_the_tiles_inside_it_too() {
    let country = Geometry::from(Rect::new((102.0, 8.0), (110.0, 24.0)));
    let cover = tile_cover(&country, 9);
    assert!(cover.contains(&TileId::at(106.0, 16.0, 9)));
    assert!(dothi_tiles::tile_cover_at_most(&country, 16, 100_000).is_none());
}

#[test]
fn what_shrinks_to_nothing_is_one_unit_wide() {
    let speck = polygon![(x: 106.5, y: 10.5), (x: 106.5 + 1e-9, y: 10.5), (x: 106.5, y: 10.5 + 1e-9)];
    let hair = line_string![(x: 106.5, y: 10.5), (x: 106.5 + 1e-9, y: 10.5)];
    let core = core_of(schema(0, LowZoom::Cluster), [feature(1, speck), feature(2, hair)]);
    for zoom in 0..=22 {
        assert_eq!(fids(&tile(&core, TileId::at(106.5, 10.5, zoom))), [1, 2], "zoom {zoom}");
    }
}

#[test]
fn a_large_area_is_painted_before_the_small_one_on_it() {
    let square = |reach: f64| Rect::new((106.5 - reach, 10.5 - reach), (106.5 + reach, 10.5 + reach)).to_polygon();
    let areas = LayerSchema { geometry: GeometryKind::Polygon, ..schema(0, LowZoom::Merge) };
    let core = core_of(areas, [feature(1, square(0.001)), feature(2, square(0.01)), feature(3, square(0.001))]);
    let order: Vec<u64> = features(&tile(&core, TileId::at(106.5, 10.5, 14))).iter().filter_map(|one| one.id).collect();
    assert_eq!(order, [2, 1, 3]);
}

#[test]
fn a_shared_border_has_the_same_vertices_in_both_tiles_and_both_features() {
    let west = polygon![(x: 106.69, y: 10.77), (x: 106.698_123_7, y: 10.7701), (x: 106.6979, y: 10.7751), (x: 106.69, y: 10.775)];
    let east = polygon![(x: 106.70, y: 10.77), (x: 106.698_123_7, y: 10.7701), (x: 106.6979, y: 10.7751), (x: 106.70, y: 10.775)];
    for zoom in 10..=18 {
        let core = core_of(schema(0, LowZoom::Cluster), [feature(1, west.clone()), feature(2, east.clone())]);
        let drawn = features(&tile(&core, TileId::at(106.698, 10.7725, zoom)));
        let vertices = |index: usize| -> Vec<(i64, i64)> {
            let dothi_tiles::validate::TileGeometry::Rings(rings) = &drawn[index].geometry else { panic!("a polygon") };
            rings.concat()
        };
        let shared = vertices(0).iter().filter(|at| vertices(1).contains(at)).count();
        assert!(shared >= 2, "zoom {zoom}: {shared} vertices in common");
    }
}

#[test]
fn shapes_meet_across_the_antimeridian_and_poles_do_no_harm() {
    let fiji = Point::new(179.999, -17.0);
    let arctic = Rect::new((-180.0, 80.0), (180.0, 90.0)).scale(1.0);
    let core = core_of(schema(0, LowZoom::Cluster), [feature(1, fiji), feature(2, arctic)]);
    let west = TileId::at(-179.999, -17.0, 5);
    let east = TileId::at(179.999, -17.0, 5);
    assert_ne!(west.x, east.x);
    assert_eq!(fids(&tile(&core, east)), [1]);
    assert_eq!(fids(&tile(&core, west)), [1], "in the buffer on the other side");
    assert_eq!(fids(&tile(&core, TileId { z: 3, x: 4, y: 0 })), [2]);
}
