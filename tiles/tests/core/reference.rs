//! Our encoder beside the `mvt` crate: the same features give tiles that read the same.

use crate::support::*;
use dothi_tiles::validate::TileGeometry;
use dothi_tiles::{LowZoom, TileId};
use geo::{BoundingRect, Coord, CoordsIter, Geometry, MapCoords};
use mvt::{GeomEncoder, GeomType, Tile};
use proptest::prelude::*;

/// Rounded tile units, by the formula.
fn units(geometry: &Geometry<f64>, tile: TileId) -> Geometry<f64> {
    let side = f64::from(1_u32 << tile.z);
    geometry.map_coords(|at| {
        let x = (at.x / 360.0 + 0.5) * side - f64::from(tile.x);
        let y = (0.5 - at.y.to_radians().tan().asinh() / std::f64::consts::TAU) * side - f64::from(tile.y);
        Coord { x: (x * 4096.0 + 0.5).floor(), y: (y * 4096.0 + 0.5).floor() }
    })
}

fn by_mvt(shapes: &[Geometry<f64>], tile: TileId) -> Vec<u8> {
    let mut out = Tile::new(4096);
    let mut layer = out.create_layer("thing");
    for (fid, shape) in (1_u64..).zip(shapes) {
        let (kind, paths): (_, Vec<Vec<Coord<f64>>>) = match units(shape, tile) {
            Geometry::Point(point) => (GeomType::Point, vec![vec![point.0]]),
            Geometry::LineString(line) => (GeomType::Linestring, vec![line.0]),
            Geometry::Polygon(polygon) => {
                let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
                let open = |ring: &geo::LineString<f64>| ring.0[..ring.0.len() - 1].to_vec();
                (GeomType::Polygon, rings.map(open).collect())
            }
            _ => continue,
        };
        let mut encoder = GeomEncoder::<f64>::new(kind);
        for path in paths {
            for at in path {
                encoder = encoder.point(at.x, at.y).expect("a point within the tile");
            }
            encoder.complete_geom().expect("a whole shape");
        }
        let mut feature = layer.into_feature(encoder.encode().expect("a shape"));
        feature.set_id(fid);
        feature.add_tag_string("kind", "a");
        layer = feature.into_layer();
    }
    out.add_layer(layer).expect("one layer");
    out.to_bytes().expect("bytes")
}

/// Takes out positions on the straight way between their neighbours, which `mvt` leaves out too.
fn straightened(path: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    let mut out: Vec<(i64, i64)> = Vec::new();
    for at in path {
        while let [.., a, b] = out.as_slice() {
            let (one, two) = ((b.0 - a.0, b.1 - a.1), (at.0 - b.0, at.1 - b.1));
            if one.0 * two.1 == one.1 * two.0 && one.0 * two.0 + one.1 * two.1 > 0 {
                out.pop()
            } else {
                break;
            };
        }
        out.push(at);
    }
    out
}

/// Without repeated or straight positions, each ring from its least position on, in one direction.
fn canonical(geometry: &TileGeometry) -> Vec<Vec<(i64, i64)>> {
    let tidy = |path: &Vec<(i64, i64)>| {
        let mut path = path.clone();
        path.dedup();
        straightened(path)
    };
    match geometry {
        TileGeometry::Points(points) => vec![points.clone()],
        TileGeometry::Lines(lines) => lines.iter().map(tidy).collect(),
        TileGeometry::Rings(rings) => rings
            .iter()
            .map(|ring| {
                let mut ring = ring.clone();
                ring.dedup();
                while ring.len() > 1 && ring.first() == ring.last() {
                    ring.pop();
                }
                let least = (0..ring.len()).min_by_key(|index| ring[*index]).unwrap_or(0);
                ring.rotate_left(least);
                // The least position is a corner, so what is straight lies behind it, up to the way back to it.
                ring.extend(ring.first().copied());
                ring = straightened(ring);
                ring.pop();
                let mut other_way = ring.clone();
                other_way[1..].reverse();
                ring.min(other_way)
            })
            .collect(),
        TileGeometry::Unknown => Vec::new(),
    }
}

fn doubled_area(ring: &[(i64, i64)]) -> i64 {
    let next = ring.iter().cycle().skip(1);
    ring.iter().zip(next).map(|(a, b)| a.0 * b.1 - b.0 * a.1).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn features_within_a_tile_read_the_same_as_by_the_mvt_crate(
        shapes in prop::collection::vec(shape(CENTRE, 0.002), 1..10),
    ) {
        let tile_id = TileId::at(CENTRE.0, CENTRE.1, 13);
        let bounds = tile_id.bounds();
        let fits = |shape: &Geometry<f64>| shape.bounding_rect().is_some_and(|bbox| {
            bounds.contains(bbox.min().x, bbox.min().y) && bounds.contains(bbox.max().x, bbox.max().y)
        });
        let plain = |shape: &Geometry<f64>| match shape {
            Geometry::Point(_) | Geometry::LineString(_) => true,
            // Where no ring loses its area by rounding, which `mvt` does not look at.
            Geometry::Polygon(polygon) => polygon.coords_count() > 6,
            _ => false,
        };
        let shapes: Vec<_> = shapes.into_iter().filter(|shape| fits(shape) && plain(shape)).collect();
        let core = core_of(schema(0, LowZoom::Cluster), (1..).zip(&shapes).map(|(fid, shape)| feature(fid, shape.clone())));
        let ours = features(&tile(&core, tile_id));
        let (theirs, _) = dothi_tiles::validate::read(&by_mvt(&shapes, tile_id));
        let theirs = theirs.layers.first().map(|layer| layer.features.clone()).unwrap_or_default();
        prop_assert_eq!(ours.len(), theirs.len());
        for (ours, theirs) in ours.iter().zip(&theirs) {
            prop_assert_eq!(ours.id, theirs.id);
            prop_assert_eq!(ours.property("kind"), theirs.property("kind"));
            let is_area = matches!(ours.geometry, TileGeometry::Rings(_));
            let (our_shape, their_shape) = (canonical(&ours.geometry), canonical(&theirs.geometry));
            let lost_area = is_area && (their_shape.iter().any(|ring| doubled_area(ring) == 0) || our_shape.len() != their_shape.len());
            prop_assert!(our_shape == their_shape || lost_area, "{our_shape:?}\n{their_shape:?}");
        }
    }
}
