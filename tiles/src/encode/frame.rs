//! From lon/lat to the units of one tile.

use crate::{BUFFER, EXTENT, TileId, mercator};
use geo::Coord;

/// A position in tile units, before rounding.
pub(crate) type Local = Coord<f64>;

/// Lowest and highest unit of the buffered square.
pub(crate) const LOW: f64 = -(BUFFER as f64);
/// See [`LOW`].
pub(crate) const HIGH: f64 = (EXTENT + BUFFER) as f64;

/// One tile's coordinate system. Units are powers of two of the world, so that the same vertex in two features, and
/// in two neighbouring tiles, is rounded to the same place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    side: f64,
    column: f64,
    row: f64,
    /// Worlds by which features are moved east: −1, 0 or 1, so that shapes meet across the antimeridian.
    shift: f64,
    /// Vertices are rounded to multiples of this many units.
    pub snap: f64,
}

impl Frame {
    pub fn new(tile: TileId, shift: i8) -> Self {
        let side = f64::from(1_u32 << tile.z);
        Self { side, column: f64::from(tile.x), row: f64::from(tile.y), shift: f64::from(shift), snap: 1.0 }
    }

    #[inline]
    pub fn local(&self, at: Coord<f64>) -> Local {
        self.local_of_world(Coord { x: mercator::x(at.x), y: mercator::y(at.y) })
    }

    #[inline]
    pub fn local_of_world(&self, at: Coord<f64>) -> Local {
        let units = f64::from(EXTENT);
        Coord { x: ((at.x + self.shift) * self.side - self.column) * units, y: (at.y * self.side - self.row) * units }
    }

    /// The unit nearest to a place.
    #[inline]
    pub fn round(&self, at: Local) -> Coord<i32> {
        if self.snap > 1.0 {
            let to = |value: f64| ((value / self.snap + 0.5).floor() * self.snap) as i32;
            return Coord { x: to(at.x), y: to(at.y) };
        }
        Coord { x: (at.x + 0.5).floor() as i32, y: (at.y + 0.5).floor() as i32 }
    }
}

/// Worlds by which a feature may have to be moved to be seen in a tile.
pub(crate) const SHIFTS: [i8; 3] = [-1, 0, 1];

/// The frames of a tile under some of [`SHIFTS`], as bits.
#[derive(Clone, Copy)]
pub(crate) struct Frames {
    all: [Frame; 3],
    /// Bit `n` stands for `SHIFTS[n]`.
    pub mask: u8,
}

impl Frames {
    pub fn new(tile: TileId, snap: f64) -> Self {
        Self { all: SHIFTS.map(|shift| Frame { snap, ..Frame::new(tile, shift) }), mask: 0b111 }
    }

    pub fn under(self, mask: u8) -> Self {
        Self { mask, ..self }
    }

    pub fn iter(&self) -> impl Iterator<Item = &Frame> {
        self.all.iter().enumerate().filter(|(index, _)| self.mask >> index & 1 == 1).map(|(_, frame)| frame)
    }
}

/// Whether a place lies in the buffered square, edges included.
#[inline]
pub(crate) fn holds(at: Local) -> bool {
    at.x >= LOW && at.x <= HIGH && at.y >= LOW && at.y <= HIGH
}

/// Whether a segment has a point in the buffered square, edges included.
#[inline]
pub(crate) fn segment_touches(a: Local, b: Local) -> bool {
    if a.x.min(b.x) > HIGH || a.x.max(b.x) < LOW || a.y.min(b.y) > HIGH || a.y.max(b.y) < LOW {
        return false;
    }
    if holds(a) || holds(b) {
        return true;
    }
    // The square's corners, seen from the line: if all stand on one side, the line passes by.
    let side = |x: f64, y: f64| (b.x - a.x) * (y - a.y) - (b.y - a.y) * (x - a.x);
    let corners = [side(LOW, LOW), side(HIGH, LOW), side(LOW, HIGH), side(HIGH, HIGH)];
    !(corners.iter().all(|s| *s > 0.0) || corners.iter().all(|s| *s < 0.0))
}
