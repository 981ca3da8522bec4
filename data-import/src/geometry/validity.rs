//! Is an area valid? A sure and fast yes for the usual shapes; GEOS decides the rest.

use geo::algorithm::kernels::{Kernel, Orientation, RobustKernel};
use geo::coord;

use super::shape::{Dimension, Shape, bounds};

/// True only if the shape is certainly valid (OGC 06-103r4 §6.1.11): no two segments touch but neighbours at their
/// common vertex, holes lie inside, parts lie apart. False means "ask GEOS": touching rings may still be valid.
///
/// Exact: orientations come from robust predicates.
pub fn is_certainly_valid(shape: &Shape, scratch: &mut Scratch) -> bool {
    if shape.dimension() != Dimension::Polygon {
        return true;
    }
    let part_boxes_apart = shape.parts.len() == 1 || parts_apart(shape);
    part_boxes_apart && (0..shape.parts.len()).all(|part| is_sure_part(shape, part, scratch))
}

/// Reused memory of the check.
#[derive(Default)]
pub struct Scratch {
    segments: Vec<Segment>,
    active: Vec<usize>,
}

#[derive(Clone, Copy)]
struct Segment {
    a: (f64, f64),
    b: (f64, f64),
    west: f64,
    east: f64,
    south: f64,
    north: f64,
    ring: usize,
    index: usize,
    ring_length: usize,
}

fn parts_apart(shape: &Shape) -> bool {
    // Quadratic in parts: beyond a few, GEOS is the better judge.
    let n = shape.parts.len();
    if n > 64 {
        return false;
    }
    let boxes: Vec<_> = (0..n).filter_map(|p| shape.rings_of(p).next().map(|r| bounds(&shape.points[r]))).collect();
    (0..n).all(|i| (i + 1..n).all(|j| !boxes_touch(boxes[i], boxes[j])))
}

fn boxes_touch(a: [f64; 4], b: [f64; 4]) -> bool {
    a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3]
}

fn is_sure_part(shape: &Shape, part: usize, scratch: &mut Scratch) -> bool {
    scratch.segments.clear();
    for (ring, range) in shape.rings_of(part).enumerate() {
        let first = scratch.segments.len();
        let points = &shape.points[range];
        for pair in points.windows(2) {
            let (a, b) = (pair[0], pair[1]);
            // A repeated vertex is valid; it makes no segment.
            if a != b {
                let index = scratch.segments.len() - first;
                scratch.segments.push(Segment {
                    a,
                    b,
                    west: a.0.min(b.0),
                    east: a.0.max(b.0),
                    south: a.1.min(b.1),
                    north: a.1.max(b.1),
                    ring,
                    index,
                    ring_length: 0,
                });
            }
        }
        let length = scratch.segments.len() - first;
        if length < 3 {
            return false;
        }
        for segment in &mut scratch.segments[first..] {
            segment.ring_length = length;
        }
    }
    no_contact(scratch) && holes_inside(shape, part)
}

fn no_contact(scratch: &mut Scratch) -> bool {
    let Scratch { segments, active } = scratch;
    if segments.len() <= 24 {
        return (0..segments.len()).all(|i| (i + 1..segments.len()).all(|j| !in_conflict(&segments[i], &segments[j])));
    }
    segments.sort_unstable_by(|a, b| a.west.total_cmp(&b.west));
    active.clear();
    for i in 0..segments.len() {
        let current = segments[i];
        active.retain(|&j| segments[j].east >= current.west);
        if active.iter().any(|&j| in_conflict(&segments[j], &current)) {
            return false;
        }
        active.push(i);
    }
    true
}

fn in_conflict(s: &Segment, t: &Segment) -> bool {
    if s.west > t.east || t.west > s.east || s.south > t.north || t.south > s.north {
        return false;
    }
    if s.ring == t.ring {
        if (s.index + 1) % s.ring_length == t.index {
            return folds_back(s.a, s.b, t.b);
        }
        if (t.index + 1) % t.ring_length == s.index {
            return folds_back(t.a, t.b, s.b);
        }
    }
    meet(s, t)
}

/// Neighbours a→b→c share b; they conflict only if c lies back on the line towards a.
fn folds_back(a: (f64, f64), b: (f64, f64), c: (f64, f64)) -> bool {
    orientation(a, b, c) == Orientation::Collinear && (a.0 - b.0) * (c.0 - b.0) + (a.1 - b.1) * (c.1 - b.1) > 0.0
}

fn meet(s: &Segment, t: &Segment) -> bool {
    use Orientation::Collinear;
    let (o1, o2) = (orientation(s.a, s.b, t.a), orientation(s.a, s.b, t.b));
    if o1 == o2 && o1 != Collinear {
        return false;
    }
    let (o3, o4) = (orientation(t.a, t.b, s.a), orientation(t.a, t.b, s.b));
    // Boxes overlap, so four collinear points count as meeting: GEOS will say.
    !(o3 == o4 && o3 != Collinear)
}

fn orientation(a: (f64, f64), b: (f64, f64), c: (f64, f64)) -> Orientation {
    RobustKernel::orient2d(coord! { x: a.0, y: a.1 }, coord! { x: b.0, y: b.1 }, coord! { x: c.0, y: c.1 })
}

/// With no contact between rings, one point of each hole decides.
fn holes_inside(shape: &Shape, part: usize) -> bool {
    let rings: Vec<_> = shape.rings_of(part).collect();
    let Some((shell, holes)) = rings.split_first() else { return false };
    if holes.is_empty() {
        return true;
    }
    // Quadratic in holes: beyond a few, GEOS is the better judge.
    holes.len() <= 32
        && holes.iter().enumerate().all(|(i, hole)| {
            let point = shape.points[hole.start];
            contains(&shape.points[shell.clone()], point)
                && holes.iter().enumerate().all(|(j, other)| i == j || !contains(&shape.points[other.clone()], point))
        })
}

fn contains(ring: &[(f64, f64)], (x, y): (f64, f64)) -> bool {
    let mut inside = false;
    for w in ring.windows(2) {
        let (a, b) = (w[0], w[1]);
        if (a.1 > y) != (b.1 > y) {
            let (low, high) = if a.1 < b.1 { (a, b) } else { (b, a) };
            if orientation(low, high, (x, y)) == Orientation::CounterClockwise {
                inside = !inside;
            }
        }
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shape(wkt: &str) -> Shape {
        let mut shape = Shape::default();
        shape.read(&gdal::vector::Geometry::from_wkt(wkt).unwrap().wkb().unwrap(), 10_000).unwrap();
        shape
    }

    fn sure(wkt: &str) -> bool {
        is_certainly_valid(&shape(wkt), &mut Scratch::default())
    }

    #[test]
    fn usual_shapes_are_sure_and_broken_ones_are_not() {
        assert!(sure("POLYGON ((0 0,9 0,9 9,0 9,0 0))"));
        assert!(sure("POLYGON ((0 0,9 0,9 9,0 9,0 0),(1 1,2 1,2 2,1 1),(4 4,5 4,5 5,4 4))"));
        assert!(sure("MULTIPOLYGON (((0 0,1 0,1 1,0 0)),((5 5,6 5,6 6,5 5)))"));
        assert!(!sure("POLYGON ((0 0,9 9,9 0,0 9,0 0))"), "bow-tie");
        assert!(!sure("POLYGON ((0 0,9 0,9 9,0 9,0 0),(20 20,21 20,21 21,20 20))"), "hole outside");
        assert!(!sure("POLYGON ((0 0,9 0,9 9,0 9,0 0),(1 1,8 1,8 8,1 1),(5 3,6 3,6 4,5 3))"), "hole in a hole");
        assert!(!sure("POLYGON ((0 0,9 0,9 9,5 9,5 12,5 9,0 9,0 0))"), "spike");
        assert!(!sure("MULTIPOLYGON (((0 0,9 0,9 9,0 0)),((1 0.5,6 0.5,6 1,1 0.5)))"), "parts on one another");
        assert!(!sure("POLYGON ((0 0,5 0,9 0,0 0))"), "no area");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        /// Small integer coordinates make touching, crossing and collinear cases common.
        #[test]
        fn a_sure_yes_is_never_contradicted_by_geos(ring in proptest::collection::vec((0i32..7, 0i32..7), 3..9), hole in proptest::collection::vec((0i32..7, 0i32..7), 0..5), far in proptest::bool::ANY) {
            let text = |r: &[(i32, i32)]| { let mut t: Vec<_> = r.iter().map(|p| format!("{} {}", p.0, p.1)).collect(); t.push(t[0].clone()); format!("({})", t.join(",")) };
            let mut wkt = format!("MULTIPOLYGON (({}", text(&ring));
            if hole.len() >= 3 { wkt += ","; wkt += &text(&hole); }
            wkt += ")";
            if far { wkt += ",((3 3,20 3,20 20,3 3))"; }
            wkt += ")";
            if sure(&wkt) {
                prop_assert!(gdal::vector::Geometry::from_wkt(&wkt).unwrap().is_valid(), "{}", wkt);
            }
        }
    }
}
