//! Cutting lines and rings to the buffered square.
//!
//! Where an edge leaves the square is computed from its ends in one fixed order, so that a border that two polygons
//! share in opposite directions is cut at the same place in both.

use super::frame::{HIGH, LOW, Local, holds};
use geo::Coord;

#[derive(Clone, Copy)]
enum Side {
    West,
    East,
    North,
    South,
}

impl Side {
    #[inline]
    fn inside(self, at: Local) -> bool {
        match self {
            Self::West => at.x >= LOW,
            Self::East => at.x <= HIGH,
            Self::North => at.y >= LOW,
            Self::South => at.y <= HIGH,
        }
    }

    #[inline]
    fn cut(self, a: Local, b: Local) -> Local {
        let (a, b) = if (a.x, a.y) <= (b.x, b.y) { (a, b) } else { (b, a) };
        match self {
            Self::West => Coord { x: LOW, y: a.y + (b.y - a.y) * ((LOW - a.x) / (b.x - a.x)) },
            Self::East => Coord { x: HIGH, y: a.y + (b.y - a.y) * ((HIGH - a.x) / (b.x - a.x)) },
            Self::North => Coord { x: a.x + (b.x - a.x) * ((LOW - a.y) / (b.y - a.y)), y: LOW },
            Self::South => Coord { x: a.x + (b.x - a.x) * ((HIGH - a.y) / (b.y - a.y)), y: HIGH },
        }
    }
}

/// Cuts an open ring to the square (Sutherland–Hodgman). What lies outside runs along the buffer's edge, out of sight.
pub(crate) fn ring(ring: &mut Vec<Local>, scratch: &mut Vec<Local>) {
    for side in [Side::West, Side::East, Side::North, Side::South] {
        scratch.clear();
        let Some(mut before) = ring.last().copied() else { return };
        let mut was_inside = side.inside(before);
        for at in ring.iter().copied() {
            let is_inside = side.inside(at);
            if is_inside != was_inside {
                scratch.push(side.cut(before, at));
            }
            if is_inside {
                scratch.push(at);
            }
            (before, was_inside) = (at, is_inside);
        }
        std::mem::swap(ring, scratch);
    }
}

/// Cuts a line to the square; `piece` is called with each part of it inside.
pub(crate) fn line(line: &[Local], scratch: &mut Vec<Local>, mut piece: impl FnMut(&[Local])) {
    scratch.clear();
    for pair in line.windows(2) {
        let Some((from, to)) = segment(pair[0], pair[1]) else {
            flush(scratch, &mut piece);
            continue;
        };
        if scratch.last() != Some(&from) {
            flush(scratch, &mut piece);
            scratch.push(from);
        }
        scratch.push(to);
        if !holds(pair[1]) {
            flush(scratch, &mut piece);
        }
    }
    flush(scratch, &mut piece);
}

fn flush(scratch: &mut Vec<Local>, piece: &mut impl FnMut(&[Local])) {
    if !scratch.is_empty() {
        piece(scratch);
        scratch.clear();
    }
}

fn segment(mut a: Local, mut b: Local) -> Option<(Local, Local)> {
    let (first, second) = (a, b);
    for side in [Side::West, Side::East, Side::North, Side::South] {
        match (side.inside(a), side.inside(b)) {
            (true, true) => {}
            (true, false) => b = side.cut(first, second),
            (false, true) => a = side.cut(first, second),
            (false, false) => return None,
        }
    }
    (holds(a) && holds(b)).then_some((a, b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(x: f64, y: f64) -> Local {
        Coord { x, y }
    }

    #[test]
    fn a_line_that_leaves_and_comes_back_is_two_pieces() {
        let mut pieces = Vec::new();
        let zigzag = [at(10.0, 10.0), at(5000.0, 10.0), at(5000.0, 20.0), at(10.0, 20.0)];
        line(&zigzag, &mut Vec::new(), |piece| pieces.push(piece.to_vec()));
        assert_eq!(pieces, [vec![at(10.0, 10.0), at(HIGH, 10.0)], vec![at(HIGH, 20.0), at(10.0, 20.0)]]);
    }

    #[test]
    fn a_line_across_the_square_is_cut_at_both_edges() {
        let mut pieces = Vec::new();
        line(&[at(-1000.0, 7.0), at(9000.0, 7.0)], &mut Vec::new(), |piece| pieces.push(piece.to_vec()));
        assert_eq!(pieces, [vec![at(LOW, 7.0), at(HIGH, 7.0)]]);
    }

    #[test]
    fn a_ring_around_the_square_becomes_the_square() {
        let mut square = vec![at(-9e6, -9e6), at(9e6, -9e6), at(9e6, 9e6), at(-9e6, 9e6)];
        ring(&mut square, &mut Vec::new());
        let mut corners = square.clone();
        corners.sort_by(|a, b| (a.x, a.y).partial_cmp(&(b.x, b.y)).expect("numbers"));
        assert_eq!(corners, [at(LOW, LOW), at(LOW, HIGH), at(HIGH, LOW), at(HIGH, HIGH)]);
    }

    #[test]
    fn a_shared_edge_is_cut_at_the_same_place_in_both_directions() {
        let (a, b) = (at(-733.3, 17.77), at(5021.9, 911.13));
        let (mut there, mut back) = (Vec::new(), Vec::new());
        line(&[a, b], &mut Vec::new(), |piece| there = piece.to_vec());
        line(&[b, a], &mut Vec::new(), |piece| back = piece.to_vec());
        back.reverse();
        assert_eq!(there, back);
    }
}
