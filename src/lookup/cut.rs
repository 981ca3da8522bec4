//! What a red line takes: the part of a parcel that lies on the road's side of it.

use geo::{
    Area as _, BooleanOps as _, Closest, ClosestPoint as _, Coord, Distance as _, Euclidean, LineString,
    MultiLineString, MultiPolygon, Point, Polygon,
};

use super::plane::common;

/// The part of a parcel beyond a red line, in the plane both were projected into.
#[derive(Clone, Debug, PartialEq)]
pub struct Cut {
    /// The part that the road takes.
    pub part: MultiPolygon<f64>,
    /// How far it reaches behind the line, metres.
    pub depth_m: f64,
}

/// Slivers below this are drawing noise, not land: a tenth of the 0.1 m² that areas are written in.
const NOISE_M2: f64 = 0.01;

/// Cuts the parcel along the line and keeps the side that faces the axis of a road.
///
/// None when the line does not cut the parcel in two, or nothing says on which side the road is.
pub fn cut(parcel: &MultiPolygon<f64>, line: &MultiLineString<f64>, axes: &MultiLineString<f64>) -> Option<Cut> {
    let mut kept: Vec<Polygon<f64>> = parcel.0.iter().map(|p| Polygon::new(p.exterior().clone(), Vec::new())).collect();
    let mut taken = Vec::new();
    let mut depth_m = 0.0_f64;
    for chord in &parcel.clip(line, false).0 {
        let Some(road) = facing(chord, axes) else { continue };
        let mut rest = Vec::new();
        for piece in kept {
            let Some((left, right)) = split(&piece, chord) else {
                rest.push(piece);
                continue;
            };
            let (beyond, behind) = if road.on_left { (left, right) } else { (right, left) };
            let depth = depth(&beyond, line);
            // A road's land ends at its axis: what reaches deeper is the block behind a line that comes round a corner.
            if beyond.unsigned_area() > NOISE_M2 && depth <= road.distance_m + ON_RING_M {
                depth_m = depth_m.max(depth);
                taken.push(beyond);
                rest.push(behind);
            } else {
                rest.push(piece);
            }
        }
        kept = rest;
    }
    // A line along the far border leaves nothing but rounding: whose side that is cannot be said from here.
    if taken.is_empty() || kept.iter().map(Polygon::unsigned_area).sum::<f64>() <= NOISE_M2 {
        return None;
    }
    // Holes were left out of the cutting; what lies in them is nobody's loss.
    let part = common(parcel, &MultiPolygon(taken));
    (part.unsigned_area() > NOISE_M2).then_some(Cut { part, depth_m })
}

/// How far a piece reaches behind the line.
fn depth(piece: &Polygon<f64>, line: &MultiLineString<f64>) -> f64 {
    let corners = piece.exterior().0.iter().map(|coord| Point(*coord));
    let to_line =
        |at: Point<f64>| line.0.iter().map(|line| Euclidean.distance(&at, line)).fold(f64::INFINITY, f64::min);
    corners.map(to_line).fold(0.0, f64::max)
}

/// The road that a chord of its red line faces.
struct Facing {
    /// Its axis lies to the left of the chord.
    on_left: bool,
    /// From the middle of the chord to the axis.
    distance_m: f64,
}

/// The nearest axis square in front of or behind the chord: at a corner the nearest of all is often that of the side street.
fn facing(chord: &LineString<f64>, axes: &MultiLineString<f64>) -> Option<Facing> {
    let (first, last) = (chord.0.first()?, chord.0.last()?);
    let (dx, dy) = (last.x - first.x, last.y - first.y);
    let length = dx.hypot(dy);
    let middle = Point::new(first.x.midpoint(last.x), first.y.midpoint(last.y));
    let segments = axes.0.iter().flat_map(|axis| axis.lines());
    segments
        .filter_map(|segment| {
            let (Closest::Intersection(at) | Closest::SinglePoint(at)) = segment.closest_point(&middle) else {
                return None;
            };
            let (x, y) = (at.x() - middle.x(), at.y() - middle.y());
            let distance_m = x.hypot(y);
            let along = (x * dx + y * dy).abs();
            let is_square = distance_m > 0.0 && length > 0.0 && along <= MOST_ASKEW * distance_m * length;
            is_square.then_some(Facing { on_left: dx * y - dy * x > 0.0, distance_m })
        })
        .min_by(|a, b| a.distance_m.total_cmp(&b.distance_m))
}

/// Sine of 30°: a red line may run a little askew to its axis, not across it.
const MOST_ASKEW: f64 = 0.5;

/// Cuts a polygon without holes along a chord whose ends lie on its ring: what lies left of the chord, and right.
fn split(piece: &Polygon<f64>, chord: &LineString<f64>) -> Option<(Polygon<f64>, Polygon<f64>)> {
    let ring = &piece.exterior().0;
    let (from, to) = (on_ring(ring, *chord.0.first()?)?, on_ring(ring, *chord.0.last()?)?);
    let half = |chord: Vec<Coord<f64>>, way: Vec<Coord<f64>>| {
        let ring: Vec<Coord<f64>> = chord.into_iter().chain(way).collect();
        (ring.len() >= 3).then(|| Polygon::new(LineString::new(ring), vec![]))
    };
    let there = half(chord.0.clone(), walk(ring, to, from))?;
    let back = half(chord.0.iter().rev().copied().collect(), walk(ring, from, to))?;
    // Two halves make the whole; if they do not, the chord only touched the ring.
    let whole = piece.unsigned_area();
    let sum = there.unsigned_area() + back.unsigned_area();
    if (sum - whole).abs() >= 1e-6 * whole.max(1.0) {
        return None;
    }
    // Both halves go round as the ring does; the one that goes along the chord has it on its own side.
    Some(if piece.signed_area() > 0.0 { (there, back) } else { (back, there) })
}

/// A place on a ring: behind which corner, and how far along its edge.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
struct OnRing {
    edge: usize,
    along: f64,
}

/// Within a millimetre: the line was clipped by arithmetic that does not hit the ring exactly.
const ON_RING_M: f64 = 0.001;

fn on_ring(ring: &[Coord<f64>], at: Coord<f64>) -> Option<OnRing> {
    let mut best: Option<(f64, OnRing)> = None;
    for (edge, pair) in ring.windows(2).enumerate() {
        let (start, end) = (pair[0], pair[1]);
        let (dx, dy) = (end.x - start.x, end.y - start.y);
        let length2 = dx * dx + dy * dy;
        if length2 == 0.0 {
            continue;
        }
        let along = (((at.x - start.x) * dx + (at.y - start.y) * dy) / length2).clamp(0.0, 1.0);
        let (x, y) = (start.x + along * dx - at.x, start.y + along * dy - at.y);
        let distance = x.hypot(y);
        if best.is_none_or(|(nearest, _)| distance < nearest) {
            best = Some((distance, OnRing { edge, along }));
        }
    }
    best.filter(|(distance, _)| *distance <= ON_RING_M).map(|(_, place)| place)
}

/// The corners passed when walking along the ring from one place to another, in its direction.
fn walk(ring: &[Coord<f64>], from: OnRing, to: OnRing) -> Vec<Coord<f64>> {
    let corners = ring.len().saturating_sub(1);
    let mut passed = Vec::new();
    let mut edge = from.edge;
    // On the same edge, further along: nothing is passed. Otherwise at most once around.
    if from.edge == to.edge && from.along <= to.along {
        return passed;
    }
    for _ in 0..corners {
        edge = (edge + 1) % corners;
        passed.push(ring[edge]);
        if edge == to.edge {
            break;
        }
    }
    passed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parcel() -> MultiPolygon<f64> {
        // 5 m wide, 20 m deep; the road runs along y < 0.
        geo::wkt!(MULTIPOLYGON(((0. 0., 5. 0., 5. 20., 0. 20., 0. 0.))))
    }

    #[test]
    fn a_red_line_takes_what_lies_towards_the_road() {
        let red = geo::wkt!(MULTILINESTRING((-10. 1.25, 20. 1.25)));
        let axis = geo::wkt!(MULTILINESTRING((-10. - 4., 20. - 4.)));
        let cut = cut(&parcel(), &red, &axis).unwrap();
        assert!((cut.part.unsigned_area() - 6.25).abs() < 1e-9, "{}", cut.part.unsigned_area());
        assert!((cut.depth_m - 1.25).abs() < 1e-9);
    }

    #[test]
    fn a_line_that_bends_inside_takes_its_own_shape() {
        let red = geo::wkt!(MULTILINESTRING((-1. 1., 2.5 2., 6. 1.)));
        let axis = geo::wkt!(MULTILINESTRING((-10. - 4., 20. - 4.)));
        let cut = cut(&parcel(), &red, &axis).unwrap();
        let slope = 1.0 / 3.5;
        let expected = 5.0 * 2.0 - 2.5 * 2.5 * slope;
        assert!((cut.part.unsigned_area() - expected).abs() < 1e-6, "{}", cut.part.unsigned_area());
    }

    #[test]
    fn without_an_axis_nobody_can_say_which_side_is_taken() {
        let red = geo::wkt!(MULTILINESTRING((-10. 1.25, 20. 1.25)));
        assert_eq!(cut(&parcel(), &red, &MultiLineString(vec![])), None);
    }

    #[test]
    fn the_block_behind_a_line_is_not_taken_because_the_road_comes_round_to_it() {
        let red = geo::wkt!(MULTILINESTRING((-1. 1., 6. 1.)));
        // Along the front, around, and near to the far corner: nearer than the line's own distance of 5 m.
        let axis = geo::wkt!(MULTILINESTRING((-10. - 4., 40. - 4., 40. 20., 7. 20.)));
        let cut = cut(&parcel(), &red, &axis).unwrap();
        assert!((cut.part.unsigned_area() - 5.0).abs() < 1e-9, "{}", cut.part.unsigned_area());
    }

    #[test]
    fn at_a_corner_the_side_street_does_not_take_the_lot() {
        // A strip of 0.5 m in front; the alley beside the lot is nearer than the street.
        let red = geo::wkt!(MULTILINESTRING((-1. 0.5, 6. 0.5)));
        let axes = geo::wkt!(MULTILINESTRING((-30. - 25., 30. - 25.), (-1. - 25., -1. 40.)));
        let cut = cut(&parcel(), &red, &axes).unwrap();
        assert!((cut.part.unsigned_area() - 2.5).abs() < 1e-9, "{}", cut.part.unsigned_area());
    }

    #[test]
    fn a_line_along_the_back_does_not_take_the_whole() {
        let red = geo::wkt!(MULTILINESTRING((-10. 19.9999999, 20. 19.9999999)));
        let axis = geo::wkt!(MULTILINESTRING((-10. - 4., 20. - 4.)));
        assert_eq!(cut(&parcel(), &red, &axis), None);
    }

    #[test]
    fn a_line_along_the_front_or_far_away_takes_nothing() {
        let axis = geo::wkt!(MULTILINESTRING((-10. - 4., 20. - 4.)));
        for red in [geo::wkt!(MULTILINESTRING((-10. - 1., 20. - 1.))), geo::wkt!(MULTILINESTRING((-10. 0., 20. 0.)))] {
            assert_eq!(cut(&parcel(), &red, &axis), None);
        }
    }
}
