//! Plane geometry that cutting a city into lots needs: every function is in metres, exact borders are kept.

use geo::{Area, Coord, LineString, Polygon};

/// A place in metres (VN-2000, local meridian): x east, y north.
pub type Place = Coord<f64>;
/// A closed ring without its repeated last corner.
pub type Ring = Vec<Place>;

/// A place.
pub fn at(x: f64, y: f64) -> Place {
    Coord { x, y }
}

/// The nearest place of the 1 mm grid that every generated corner stands on.
pub fn round(p: Place) -> Place {
    at((p.x * 1000.0).round() / 1000.0, (p.y * 1000.0).round() / 1000.0)
}

/// Distance, metres.
pub fn distance(a: Place, b: Place) -> f64 {
    (a.x - b.x).hypot(a.y - b.y)
}

/// Cross product of `b - a` and `p - a`: positive where `p` lies left of the way from `a` to `b`.
pub fn cross(a: Place, b: Place, p: Place) -> f64 {
    (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x)
}

/// Middle of two places.
pub fn middle(a: Place, b: Place) -> Place {
    at(f64::midpoint(a.x, b.x), f64::midpoint(a.y, b.y))
}

/// Signed area of a ring, m²; positive when counter-clockwise.
pub fn ring_area(ring: &[Place]) -> f64 {
    let Some(&origin) = ring.first() else { return 0.0 };
    let mut twice = 0.0;
    for (i, &p) in ring.iter().enumerate() {
        twice += cross(origin, p, ring[(i + 1) % ring.len()]);
    }
    twice / 2.0
}

/// Length of a ring's outline, metres.
pub fn outline_length(ring: &[Place]) -> f64 {
    (0..ring.len()).map(|i| distance(ring[i], ring[(i + 1) % ring.len()])).sum()
}

/// Centre of mass of a ring.
pub fn centre(ring: &[Place]) -> Place {
    let origin = ring[0];
    let (mut x, mut y, mut area) = (0.0, 0.0, 0.0);
    for i in 0..ring.len() {
        let (a, b) = (ring[i], ring[(i + 1) % ring.len()]);
        let (ax, ay, bx, by) = (a.x - origin.x, a.y - origin.y, b.x - origin.x, b.y - origin.y);
        let w = ax * by - ay * bx;
        x += (ax + bx) * w;
        y += (ay + by) * w;
        area += w;
    }
    if area.abs() < 1e-9 { origin } else { at(origin.x + x / (3.0 * area), origin.y + y / (3.0 * area)) }
}

/// Is the place inside the ring?
pub fn inside(ring: &[Place], p: Place) -> bool {
    let mut odd = false;
    for i in 0..ring.len() {
        let (a, b) = (ring[i], ring[(i + 1) % ring.len()]);
        if (a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x {
            odd = !odd;
        }
    }
    odd
}

/// Box of places: min x, min y, max x, max y.
pub fn bounds(places: &[Place]) -> (f64, f64, f64, f64) {
    places
        .iter()
        .fold((f64::MAX, f64::MAX, f64::MIN, f64::MIN), |b, p| (b.0.min(p.x), b.1.min(p.y), b.2.max(p.x), b.3.max(p.y)))
}

/// Distance from a place to a segment, and the nearest place on it.
pub fn to_segment(p: Place, a: Place, b: Place) -> (f64, Place) {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let length = dx * dx + dy * dy;
    let t = if length < 1e-12 { 0.0 } else { (((p.x - a.x) * dx + (p.y - a.y) * dy) / length).clamp(0.0, 1.0) };
    let q = at(a.x + t * dx, a.y + t * dy);
    (distance(p, q), q)
}

/// The smallest turned rectangle around a ring.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// Direction of the long side, a unit vector.
    pub along: Place,
    /// Extent along `along`: from, to.
    pub u: (f64, f64),
    /// Extent across it: from, to.
    pub v: (f64, f64),
}

impl Frame {
    /// The smallest of the rectangles that lie along one of the ring's sides.
    pub fn around(ring: &[Place]) -> Self {
        let mut best: Option<(f64, Self)> = None;
        for i in 0..ring.len() {
            let (a, b) = (ring[i], ring[(i + 1) % ring.len()]);
            let length = distance(a, b);
            if length < 1.0 {
                continue;
            }
            let frame = Self::along(ring, at((b.x - a.x) / length, (b.y - a.y) / length));
            let area = frame.length() * frame.depth();
            if best.is_none_or(|(least, _)| area < least - 1e-6) {
                best = Some((area, frame));
            }
        }
        let frame = best.map_or_else(|| Self::along(ring, at(1.0, 0.0)), |b| b.1);
        if frame.length() >= frame.depth() { frame } else { Self::along(ring, at(-frame.along.y, frame.along.x)) }
    }

    /// The rectangle in a given direction.
    pub fn along(ring: &[Place], along: Place) -> Self {
        let mut frame = Self { along, u: (f64::MAX, f64::MIN), v: (f64::MAX, f64::MIN) };
        for &p in ring {
            let (u, v) = frame.of(p);
            frame.u = (frame.u.0.min(u), frame.u.1.max(u));
            frame.v = (frame.v.0.min(v), frame.v.1.max(v));
        }
        frame
    }

    /// Frame coordinates of a place.
    pub fn of(&self, p: Place) -> (f64, f64) {
        (p.x * self.along.x + p.y * self.along.y, p.y * self.along.x - p.x * self.along.y)
    }

    /// The place of frame coordinates.
    pub fn place(&self, u: f64, v: f64) -> Place {
        at(u * self.along.x - v * self.along.y, u * self.along.y + v * self.along.x)
    }

    /// Extent along the long side, metres.
    pub fn length(&self) -> f64 {
        self.u.1 - self.u.0
    }

    /// Extent across it, metres.
    pub fn depth(&self) -> f64 {
        self.v.1 - self.v.0
    }
}

/// Cuts a simple ring by the line through `a` and `b`; (left pieces, right pieces). Both sides share the same corners.
pub fn cut(ring: &[Place], a: Place, b: Place) -> (Vec<Ring>, Vec<Ring>) {
    let length = distance(a, b);
    let side: Vec<f64> = ring.iter().map(|&p| cross(a, b, p) / length).collect();
    if side.iter().all(|&s| s >= 0.0) {
        return (vec![ring.to_vec()], vec![]);
    }
    if side.iter().all(|&s| s < 0.0) {
        return (vec![], vec![ring.to_vec()]);
    }
    // The ring with its crossings put in; a crossing knows its place along the line.
    let mut all: Vec<(Place, Option<f64>)> = Vec::with_capacity(ring.len() + 4);
    for i in 0..ring.len() {
        let j = (i + 1) % ring.len();
        all.push((ring[i], None));
        if (side[i] >= 0.0) != (side[j] >= 0.0) {
            let t = side[i] / (side[i] - side[j]);
            let exact = at(ring[i].x + t * (ring[j].x - ring[i].x), ring[i].y + t * (ring[j].y - ring[i].y));
            let p = round(exact);
            all.push((p, Some(((exact.x - a.x) * (b.x - a.x) + (exact.y - a.y) * (b.y - a.y)) / length)));
        }
    }
    let mut crossings: Vec<usize> = (0..all.len()).filter(|&i| all[i].1.is_some()).collect();
    crossings.sort_by(|&i, &j| all[i].1.unwrap_or(0.0).total_cmp(&all[j].1.unwrap_or(0.0)).then(i.cmp(&j)));
    let mut partner = vec![usize::MAX; all.len()];
    for pair in crossings.chunks_exact(2) {
        partner[pair[0]] = pair[1];
        partner[pair[1]] = pair[0];
    }
    let mut is_done = vec![false; all.len()];
    let (mut left, mut right) = (vec![], vec![]);
    let signs: Vec<bool> = side.iter().map(|&s| s >= 0.0).collect();
    let mut ring_index = 0;
    for start in 0..all.len() {
        if all[start].1.is_some() {
            continue;
        }
        let is_left = signs[ring_index];
        ring_index += 1;
        if is_done[start] {
            continue;
        }
        let mut piece = vec![];
        let mut i = start;
        loop {
            if all[i].1.is_some() {
                piece.push(all[i].0);
                i = partner[i];
                if i == usize::MAX {
                    break;
                }
                piece.push(all[i].0);
            } else {
                if is_done[i] {
                    break;
                }
                is_done[i] = true;
                piece.push(all[i].0);
            }
            i = (i + 1) % all.len();
            if i == start {
                break;
            }
        }
        if let Some(piece) = tidy(piece) {
            if is_left { left.push(piece) } else { right.push(piece) }
        }
    }
    (left, right)
}

/// Drops repeated corners; nothing is left of a ring without area.
pub fn tidy(mut ring: Ring) -> Option<Ring> {
    ring.dedup_by(|a, b| distance(*a, *b) < 0.0005);
    while ring.len() > 1 && distance(ring[0], ring[ring.len() - 1]) < 0.0005 {
        ring.pop();
    }
    (ring.len() >= 3 && ring_area(&ring).abs() > 0.01).then_some(ring)
}

/// Cuts a ring by a strip of `width` around the line: (left pieces, right pieces, pieces of the strip).
pub fn cut_strip(ring: &[Place], a: Place, b: Place, width: f64) -> (Vec<Ring>, Vec<Ring>, Vec<Ring>) {
    let length = distance(a, b);
    let (nx, ny) = (-(b.y - a.y) / length * width / 2.0, (b.x - a.x) / length * width / 2.0);
    let (left, rest) = cut(ring, at(a.x + nx, a.y + ny), at(b.x + nx, b.y + ny));
    let (mut right, mut strip) = (vec![], vec![]);
    for piece in rest {
        let (s, r) = cut(&piece, at(a.x - nx, a.y - ny), at(b.x - nx, b.y - ny));
        strip.extend(s);
        right.extend(r);
    }
    (left, right, strip)
}

/// The part of the line inside the ring, longest stretch.
pub fn stretch_inside(ring: &[Place], a: Place, b: Place) -> Option<(Place, Place)> {
    let length = distance(a, b);
    let (ux, uy) = ((b.x - a.x) / length, (b.y - a.y) / length);
    let mut along: Vec<f64> = vec![];
    for i in 0..ring.len() {
        let (p, q) = (ring[i], ring[(i + 1) % ring.len()]);
        let (s, t) = (cross(a, b, p), cross(a, b, q));
        if (s >= 0.0) != (t >= 0.0) {
            let f = s / (s - t);
            let x = at(p.x + f * (q.x - p.x), p.y + f * (q.y - p.y));
            along.push((x.x - a.x) * ux + (x.y - a.y) * uy);
        }
    }
    along.sort_by(f64::total_cmp);
    let best = along.chunks_exact(2).max_by(|x, y| (x[1] - x[0]).total_cmp(&(y[1] - y[0])))?;
    let on = |t: f64| round(at(a.x + t * ux, a.y + t * uy));
    Some((on(best[0]), on(best[1])))
}

/// How far a corner may lie beside a neighbour's side and still be meant to lie on it, metres. Every cut puts its corners
/// onto the 1 mm grid and the next cut starts from there, so that a row of many lots wanders off its first line.
const SAME_BORDER_M: f64 = 0.01;

/// Makes one corner of corners that are less than a centimetre apart.
pub fn weld_corners(rings: &mut [Ring]) {
    let mut corners: Vec<Place> = rings.iter().flatten().copied().collect();
    corners.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    corners.dedup();
    // Both in order of x: who is near a corner is among the last ones.
    let mut kept: Vec<Place> = Vec::with_capacity(corners.len());
    let mut moved: std::collections::HashMap<(u64, u64), Place> = std::collections::HashMap::new();
    for c in corners {
        let near =
            kept.iter().rev().take_while(|k| c.x - k.x < SAME_BORDER_M).find(|k| distance(**k, c) < SAME_BORDER_M);
        match near {
            Some(&k) => _ = moved.insert((c.x.to_bits(), c.y.to_bits()), k),
            None => kept.push(c),
        }
    }
    for ring in rings.iter_mut() {
        for corner in ring.iter_mut() {
            *corner = moved.get(&(corner.x.to_bits(), corner.y.to_bits())).copied().unwrap_or(*corner);
        }
        *ring = tidy(std::mem::take(ring)).unwrap_or_default();
    }
}

/// Puts every corner that lies on another ring's side (to a centimetre) into that side, so that neighbours share their
/// border exactly.
pub fn share_corners(rings: &mut [Ring]) {
    let mut corners: Vec<Place> = rings.iter().flatten().copied().collect();
    corners.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    corners.dedup();
    for ring in rings.iter_mut() {
        let mut shared = Vec::with_capacity(ring.len() + 4);
        for i in 0..ring.len() {
            let (a, b) = (ring[i], ring[(i + 1) % ring.len()]);
            shared.push(a);
            let (low, high) = (a.x.min(b.x) - SAME_BORDER_M, a.x.max(b.x) + SAME_BORDER_M);
            let (south, north) = (a.y.min(b.y) - SAME_BORDER_M, a.y.max(b.y) + SAME_BORDER_M);
            let first = corners.partition_point(|c| c.x < low);
            let mut between: Vec<(f64, Place)> = corners[first..]
                .iter()
                .take_while(|c| c.x <= high)
                .filter(|c| c.y >= south && c.y <= north)
                .filter(|c| to_segment(**c, a, b).0 < SAME_BORDER_M && !ring.contains(c))
                .map(|c| (((c.x - a.x) * (b.x - a.x) + (c.y - a.y) * (b.y - a.y)), *c))
                .collect();
            between.sort_by(|x, y| x.0.total_cmp(&y.0));
            shared.extend(between.into_iter().map(|x| x.1));
        }
        *ring = shared;
    }
}

/// A polygon without holes.
pub fn polygon(ring: &[Place]) -> Polygon {
    Polygon::new(LineString::new(ring.to_vec()), vec![])
}

/// The outer ring of a polygon on the 1 mm grid, counter-clockwise.
pub fn ring_of(polygon: &Polygon) -> Option<Ring> {
    let mut ring = tidy(polygon.exterior().0.iter().map(|&p| round(p)).collect())?;
    if ring_area(&ring) < 0.0 {
        ring.reverse();
    }
    Some(ring)
}

/// Makes rings without holes of a polygon that may have some: cuts through each hole.
pub fn without_holes(polygon: &Polygon) -> Vec<Ring> {
    use geo::BooleanOps;
    let Some(hole) = polygon.interiors().iter().max_by(|a, b| {
        Polygon::new((*a).clone(), vec![])
            .unsigned_area()
            .total_cmp(&Polygon::new((*b).clone(), vec![]).unsigned_area())
    }) else {
        return ring_of(polygon).into_iter().collect();
    };
    let c = centre(&hole.0[..hole.0.len() - 1]);
    let (x0, y0, x1, y1) = bounds(&polygon.exterior().0);
    let half =
        |x0: f64, x1: f64| self::polygon(&[at(x0, y0 - 1.0), at(x1, y0 - 1.0), at(x1, y1 + 1.0), at(x0, y1 + 1.0)]);
    let mut rings = vec![];
    for side in [half(x0 - 1.0, round(c).x), half(round(c).x, x1 + 1.0)] {
        for piece in polygon.intersection(&side).0 {
            rings.extend(without_holes(&piece));
        }
    }
    rings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_loses_nothing_and_both_sides_share_the_corners() {
        // A concave ring that the line crosses four times.
        let ring = vec![
            at(0.0, 0.0),
            at(30.0, 0.0),
            at(30.0, 20.0),
            at(20.0, 20.0),
            at(20.0, 5.0),
            at(10.0, 5.0),
            at(10.0, 20.0),
            at(0.0, 20.0),
        ];
        let (left, right) = cut(&ring, at(0.0, 10.0), at(1.0, 10.0));
        assert_eq!((left.len(), right.len()), (2, 1));
        let sum: f64 = left.iter().chain(&right).map(|r| ring_area(r)).sum();
        assert!((sum - ring_area(&ring)).abs() < 1e-9);
        assert!(left.iter().flatten().filter(|p| (p.y - 10.0).abs() < 1e-9).all(|p| right[0].contains(p)));
    }

    #[test]
    fn corners_of_a_neighbour_are_put_into_the_side_they_lie_on() {
        let mut rings = vec![
            vec![at(0.0, 0.0), at(10.0, 0.0), at(10.0, 10.0), at(0.0, 10.0)],
            vec![at(10.0, 0.0), at(20.0, 0.0), at(20.0, 5.0), at(10.0, 5.0)],
        ];
        share_corners(&mut rings);
        assert!(rings[0].contains(&at(10.0, 5.0)));
    }
}
