//! Borders between lots: neighbours share their corners exactly, and no two lots lie on each other.

use geo::{Area, BooleanOps, Buffer, MultiPolygon, Validation};

use super::lots::Lot;
use super::nearby::Nearby;
use super::shapes::{Place, Ring, bounds, polygon, ring_area, ring_of, share_corners, weld_corners};

/// Gives neighbours the same corners along their border, whether they are of one block or of two.
pub fn share_borders(lots: &mut Vec<Lot>) {
    for lot in lots.iter_mut().filter(|l| !polygon(&l.ring).is_valid()) {
        lot.ring = whole_part(&lot.ring).unwrap_or_default();
    }
    lots.retain(|l| l.ring.len() > 2);
    let mut rings: Vec<Ring> = lots.iter().map(|l| l.ring.clone()).collect();
    weld_corners(&mut rings);
    let welded = rings.clone();
    share_corners(&mut rings);
    for ((lot, shared), welded) in lots.iter_mut().zip(rings).zip(welded) {
        // In a needle-thin corner a neighbour's corner may fold the outline: such a lot keeps what is whole of it, or what it was.
        let drawn = std::mem::take(&mut lot.ring);
        let whole = if polygon(&shared).is_valid() { None } else { whole_part(&shared) };
        let kept = whole.filter(|w| (ring_area(w) - ring_area(&drawn)).abs() < 0.02 * ring_area(&drawn));
        lot.ring = [shared, kept.unwrap_or_default(), welded, drawn]
            .into_iter()
            .find(|r| r.len() > 2 && polygon(r).is_valid())
            .unwrap_or_default();
    }
    lots.retain(|l| l.ring.len() > 2);
    part(lots);
}

/// Lots may lie on each other by so much, square metres: the grid of one millimetre along a border.
const MOST_OVERLAP_M2: f64 = 0.0005;
/// So much more is cut off than what lies on the neighbour, so that rounding to the grid never brings it back, metres.
const CLEAR_M: f64 = 0.003;

/// Where a fold in a needle-thin corner left two lots on each other, the smaller one gives way.
fn part(lots: &mut Vec<Lot>) {
    let mut near = Nearby::new(60.0);
    for (i, lot) in lots.iter().enumerate() {
        near.put(bounds(&lot.ring), i);
    }
    for i in 0..lots.len() {
        for j in near.find(bounds(&lots[i].ring)).into_iter().filter(|&j| j > i) {
            if lots[i].ring.len() < 3 || lots[j].ring.len() < 3 || !boxes_meet(&lots[i].ring, &lots[j].ring) {
                continue;
            }
            let both = polygon(&lots[i].ring).intersection(&polygon(&lots[j].ring));
            if both.unsigned_area() <= MOST_OVERLAP_M2 {
                continue;
            }
            let smaller = if ring_area(&lots[i].ring) < ring_area(&lots[j].ring) { i } else { j };
            lots[smaller].ring = without(&lots[smaller].ring, &both);
        }
    }
    lots.retain(|l| l.ring.len() > 2);
}

fn boxes_meet(a: &Ring, b: &Ring) -> bool {
    let (a, b) = (bounds(a), bounds(b));
    a.0 < b.2 && b.0 < a.2 && a.1 < b.3 && b.1 < a.3
}

/// The largest valid rest of a lot; empty where hardly any of it is left.
fn without(ring: &Ring, taken: &MultiPolygon) -> Ring {
    let rest = polygon(ring).difference(&taken.buffer(CLEAR_M));
    let largest = rest.0.iter().filter_map(ring_of).max_by(|a, b| ring_area(a).total_cmp(&ring_area(b)));
    largest.filter(|r| polygon(r).is_valid() && ring_area(r) > 0.5 * ring_area(ring)).unwrap_or_default()
}

/// The largest valid part of a folded outline.
pub fn whole_part(ring: &[Place]) -> Option<Ring> {
    let parts = geo::unary_union(&[polygon(ring)]);
    let rings = parts.0.iter().filter_map(ring_of);
    let largest = rings.max_by(|a, b| ring_area(a).total_cmp(&ring_area(b)))?;
    (polygon(&largest).is_valid() && ring_area(&largest) > 5.0).then_some(largest)
}
