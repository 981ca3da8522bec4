//! What is known of the features counted in a cell. All of it can be added up in any order, and comes out the same.

use super::CellId;
use crate::dictionary::Cell as Stored;
use crate::{Feature, mercator};
use geo::Coord;

/// Positions in the unit square are kept as whole numbers, so that sums do not depend on their order.
const WHOLE: f64 = 4_294_967_296.0;

/// Metres around the equator.
const EQUATOR_M: f64 = 40_075_016.685_578_49;

/// The features counted in a cell, added up.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sum {
    pub count: u32,
    middles: [u64; 2],
    low: [u32; 2],
    high: [u32; 2],
    /// Square metres of areas.
    pub area_m2: u64,
    /// Decimetres of lines.
    pub length_dm: u64,
    /// Size and key of the largest member, the lowest key among equals.
    largest: (u64, std::cmp::Reverse<i64>),
    /// What all members agree on, for each attribute; empty if nothing.
    pub common: Box<[Agreed]>,
}

/// A value that all members of a cell have, or that they do not agree.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Agreed {
    Mixed,
    Null,
    Bool(bool),
    Int(i64),
    Float(u64),
    Code(u32),
    Text(Box<str>),
    Date(i32),
    Timestamp(i64),
}

impl Agreed {
    fn of(cell: Stored<'_>) -> Self {
        match cell {
            Stored::Null => Self::Null,
            Stored::Bool(value) => Self::Bool(value),
            Stored::Int(int) => Self::Int(int),
            Stored::Float(float) => Self::Float(float.to_bits()),
            Stored::Code(code) => Self::Code(code),
            Stored::Text(text) => Self::Text(text.into()),
            Stored::Date(days) => Self::Date(days),
            Stored::Timestamp(at) => Self::Timestamp(at),
        }
    }

    pub fn cell(&self) -> Stored<'_> {
        match self {
            Self::Mixed | Self::Null => Stored::Null,
            Self::Bool(value) => Stored::Bool(*value),
            Self::Int(int) => Stored::Int(*int),
            Self::Float(bits) => Stored::Float(f64::from_bits(*bits)),
            Self::Code(code) => Stored::Code(*code),
            Self::Text(text) => Stored::Text(text),
            Self::Date(days) => Stored::Date(*days),
            Self::Timestamp(at) => Stored::Timestamp(*at),
        }
    }
}

impl Sum {
    /// One feature, with the first `attributes` of its row. `None` for one without a place.
    pub fn of(feature: &Feature, attributes: usize) -> Option<Self> {
        let bounds = feature.bounds();
        if bounds.west > bounds.east {
            return None;
        }
        let whole = |world: f64| (world * WHOLE).clamp(0.0, WHOLE - 1.0) as u32;
        let low = [whole(mercator::x(bounds.west)), whole(mercator::y(bounds.north))];
        let high = [whole(mercator::x(bounds.east)), whole(mercator::y(bounds.south))];
        let middle = [0, 1].map(|axis| u64::midpoint(low[axis].into(), high[axis].into()));
        let (area_m2, length_dm) = size(feature, f64::midpoint(bounds.south, bounds.north));
        let mut common: Vec<_> = feature.row().take(attributes).map(Agreed::of).collect();
        common.resize(attributes, Agreed::Null);
        let largest = (area_m2 << 20 | length_dm, std::cmp::Reverse(feature.fid()));
        Some(Self { count: 1, middles: middle, low, high, area_m2, length_dm, largest, common: common.into() })
    }

    pub fn add(&mut self, other: &Self) {
        self.count += other.count;
        for axis in [0, 1] {
            self.middles[axis] += other.middles[axis];
            self.low[axis] = self.low[axis].min(other.low[axis]);
            self.high[axis] = self.high[axis].max(other.high[axis]);
        }
        self.area_m2 += other.area_m2;
        self.length_dm += other.length_dm;
        self.largest = self.largest.max(other.largest);
        let agree = self.common.len() == other.common.len();
        for (mine, theirs) in self.common.iter_mut().zip(&other.common) {
            if *mine != *theirs {
                *mine = Agreed::Mixed;
            }
        }
        if !agree || self.common.iter().all(|value| *value == Agreed::Mixed) {
            self.common = Box::default();
        }
    }

    /// The largest member.
    pub fn largest(&self) -> i64 {
        self.largest.1.0
    }

    /// The mean of the members' middles, in the unit square.
    pub fn mean(&self) -> Coord<f64> {
        let mean = |axis: usize| self.middles[axis] as f64 / f64::from(self.count.max(1)) / WHOLE;
        Coord { x: mean(0), y: mean(1) }
    }

    /// The box around the members, cut to their cell, in the unit square.
    pub fn frame_in(&self, cell: CellId, cells_a_side: u32) -> (Coord<f64>, Coord<f64>) {
        let side = f64::from(cells_a_side) * f64::from(1_u32 << cell.zoom);
        let place = [f64::from(cell.x), f64::from(cell.y)];
        let low = [0, 1].map(|axis| (f64::from(self.low[axis]) / WHOLE).max(place[axis] / side));
        let high = [0, 1].map(|axis| (f64::from(self.high[axis]) / WHOLE).min((place[axis] + 1.0) / side));
        (Coord { x: low[0], y: low[1] }, Coord { x: high[0].max(low[0]), y: high[1].max(low[1]) })
    }

    pub fn heap_bytes(&self) -> usize {
        self.common.len() * size_of::<Agreed>() + 16
    }
}

/// Square metres and decimetres of a feature, on a sphere at its own latitude: to half a percent, enough to sum up.
fn size(feature: &Feature, lat: f64) -> (u64, u64) {
    let shape = feature.shape();
    let metres = EQUATOR_M * lat.to_radians().cos();
    let world = |at: Coord<f64>| Coord { x: mercator::x(at.x), y: mercator::y(at.y) };
    let (mut doubled_area, mut length) = (0.0, 0.0);
    for part in shape.parts() {
        let mut ring = 0.0;
        let mut positions = part.iter().map(world);
        let Some(first) = positions.next() else { continue };
        let mut before = first;
        for at in positions.chain((shape.dimension() == 2).then_some(first)) {
            ring += (before.x - first.x) * (at.y - first.y) - (at.x - first.x) * (before.y - first.y);
            length += (at.x - before.x).hypot(at.y - before.y);
            before = at;
        }
        doubled_area += if part.is_exterior { ring.abs() } else { -ring.abs() };
    }
    match shape.dimension() {
        2 => ((doubled_area.max(0.0) / 2.0 * metres * metres).round() as u64, 0),
        1 => (0, (length * metres * 10.0).round() as u64),
        _ => (0, 0),
    }
}
