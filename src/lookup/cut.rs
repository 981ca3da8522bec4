//! What a red line takes: the part of a parcel that lies on the road's side of it.

use geo::{
    Area as _, BooleanOps as _, Coord, Distance as _, Euclidean, LineString, MultiLineString, MultiPolygon, Point,
    Polygon,
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

/// Cuts the parcel along the line and keeps the side that lies towards the road's axis.
///
/// None when the line does not cut the parcel in two, or nothing says on which side the road is.
pub fn cut(
    parcel: &MultiPolygon<f64>,
    line: &MultiLineString<f64>,
    axis: Option<&MultiLineString<f64>>,
) -> Option<Cut> {
    let axis = axis.filter(|axis| !axis.0.is_empty())?;
    let chords = parcel.clip(line, false);
    let mut pieces: Vec<Polygon<f64>> =
        parcel.0.iter().map(|p| Polygon::new(p.exterior().clone(), Vec::new())).collect();
    for chord in &chords.0 {
        pieces = pieces.into_iter().flat_map(|piece| split(piece, chord)).collect();
    }
    if pieces.len() <= parcel.0.len() {
        return None;
    }
    // A piece is the road's if its far end lies nearer to the axis than the line does there.
    let to_axis =
        |at: Point<f64>| axis.0.iter().map(|axis| Euclidean.distance(&at, axis)).fold(f64::INFINITY, f64::min);
    let to_line =
        |at: Point<f64>| line.0.iter().map(|line| Euclidean.distance(&at, line)).fold(f64::INFINITY, f64::min);
    let mut taken = Vec::new();
    let mut depth_m = 0.0_f64;
    for piece in pieces {
        let corners = piece.exterior().0.iter().map(|coord| Point(*coord));
        let Some((depth, far)) = corners.map(|at| (to_line(at), at)).max_by(|a, b| a.0.total_cmp(&b.0)) else {
            continue;
        };
        let foot = line
            .0
            .iter()
            .flat_map(|line| nearest_on(line, far))
            .min_by(|a, b| Euclidean.distance(far, *a).total_cmp(&Euclidean.distance(far, *b)))?;
        if to_axis(far) < to_axis(foot) && piece.unsigned_area() > NOISE_M2 {
            depth_m = depth_m.max(depth);
            taken.push(piece);
        }
    }
    // Holes were left out of the cutting; what lies in them is nobody's loss.
    let part = common(parcel, &MultiPolygon(taken));
    (part.unsigned_area() > NOISE_M2).then_some(Cut { part, depth_m })
}

/// The point of a line that is nearest to another.
fn nearest_on(line: &LineString<f64>, at: Point<f64>) -> Option<Point<f64>> {
    use geo::{Closest, ClosestPoint as _};
    match line.closest_point(&at) {
        Closest::Intersection(point) | Closest::SinglePoint(point) => Some(point),
        Closest::Indeterminate => None,
    }
}

/// Cuts a polygon without holes along a chord whose ends lie on its ring.
fn split(piece: Polygon<f64>, chord: &LineString<f64>) -> Vec<Polygon<f64>> {
    let (Some(first), Some(last)) = (chord.0.first(), chord.0.last()) else { return vec![piece] };
    let ring = &piece.exterior().0;
    let (Some(from), Some(to)) = (on_ring(ring, *first), on_ring(ring, *last)) else { return vec![piece] };
    let way = |from: OnRing, to: OnRing| walk(ring, from, to);
    let one: Vec<Coord<f64>> = chord.0.iter().copied().chain(way(to, from)).collect();
    let other: Vec<Coord<f64>> = chord.0.iter().rev().copied().chain(way(from, to)).collect();
    let halves: Vec<Polygon<f64>> = [one, other]
        .into_iter()
        .filter(|half| half.len() >= 3)
        .map(|half| Polygon::new(LineString::new(half), vec![]))
        .collect();
    let whole = piece.unsigned_area();
    let sum: f64 = halves.iter().map(Polygon::unsigned_area).sum();
    // Two halves make the whole; if they do not, the chord only touched the ring.
    if halves.len() == 2 && (sum - whole).abs() < 1e-6 * whole.max(1.0) { halves } else { vec![piece] }
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
        let cut = cut(&parcel(), &red, Some(&axis)).unwrap();
        assert!((cut.part.unsigned_area() - 6.25).abs() < 1e-9, "{}", cut.part.unsigned_area());
        assert!((cut.depth_m - 1.25).abs() < 1e-9);
    }

    #[test]
    fn a_line_that_bends_inside_takes_its_own_shape() {
        let red = geo::wkt!(MULTILINESTRING((-1. 1., 2.5 2., 6. 1.)));
        let axis = geo::wkt!(MULTILINESTRING((-10. - 4., 20. - 4.)));
        let cut = cut(&parcel(), &red, Some(&axis)).unwrap();
        let slope = 1.0 / 3.5;
        let expected = 5.0 * 2.0 - 2.5 * 2.5 * slope;
        assert!((cut.part.unsigned_area() - expected).abs() < 1e-6, "{}", cut.part.unsigned_area());
    }

    #[test]
    fn without_an_axis_nobody_can_say_which_side_is_taken() {
        let red = geo::wkt!(MULTILINESTRING((-10. 1.25, 20. 1.25)));
        assert_eq!(cut(&parcel(), &red, None), None);
    }

    #[test]
    fn a_line_along_the_front_or_far_away_takes_nothing() {
        let axis = geo::wkt!(MULTILINESTRING((-10. - 4., 20. - 4.)));
        for red in [geo::wkt!(MULTILINESTRING((-10. - 1., 20. - 1.))), geo::wkt!(MULTILINESTRING((-10. 0., 20. 0.)))] {
            assert_eq!(cut(&parcel(), &red, Some(&axis)), None);
        }
    }
}
