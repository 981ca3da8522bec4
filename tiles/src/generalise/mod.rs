//! Below the detail zoom.
//!
//! Each feature has a zoom from which it is drawn on its own: where it is 16 units (2 pixels) wide, or where its
//! `min_zoom` says so. Below that it is counted in a cell of a fixed grid; a cell of one zoom is made of its four cells
//! of the next and of the features that are no longer drawn on their own, so nothing is ever left out. Cells are kept
//! for each (row rule, date) that was asked for; an edit marks the cell of its feature, and the next reader redoes that
//! cell and the ones above it, and no others.

mod cell;
mod draw;
mod view;

pub(crate) use cell::Sum;
pub(crate) use view::{Held, Views};

use crate::{BUFFER, EXTENT, Feature, LayerSchema, LowZoom, TileId, Touched, mercator};

/// A shape is drawn on its own where it is this many units wide or high.
const OWN_UNITS: f64 = 16.0;

/// How many zooms further out a crowded tile may be generalised.
pub(crate) const DEEPEST_STEP_BACK: u8 = 4;

/// Vertices below the detail zoom lie on multiples of this many units: half a pixel.
pub(crate) const SNAP: f64 = 4.0;

/// The lowest zoom at which a feature is drawn on its own.
pub(crate) fn own_zoom(feature: &Feature, schema: &LayerSchema) -> u8 {
    let by_size = match schema.low_zoom {
        LowZoom::Merge | LowZoom::Lines => zoom_of_size(feature),
        LowZoom::Cluster | LowZoom::Hide => u8::MAX,
    };
    by_size.min(asked_for(feature, schema)).min(schema.detail_zoom)
}

fn zoom_of_size(feature: &Feature) -> u8 {
    let bounds = feature.bounds();
    let width = mercator::x(bounds.east) - mercator::x(bounds.west);
    let height = mercator::y(bounds.south) - mercator::y(bounds.north);
    let units = width.max(height) * f64::from(EXTENT);
    (0..=crate::MAX_ZOOM).find(|zoom| units * f64::from(1_u32 << zoom) >= OWN_UNITS).unwrap_or(u8::MAX)
}

fn asked_for(feature: &Feature, schema: &LayerSchema) -> u8 {
    let column = schema.min_zoom_attribute.as_ref().and_then(|name| schema.index_of(name));
    match column.map(|index| feature.cell(index)) {
        Some(crate::dictionary::Cell::Int(zoom)) => zoom.clamp(0, 255) as u8,
        _ => u8::MAX,
    }
}

/// Cells on a side of a tile.
pub(crate) fn cells_a_side(low_zoom: LowZoom) -> u32 {
    match low_zoom {
        LowZoom::Cluster | LowZoom::Hide => 32,
        LowZoom::Merge | LowZoom::Lines => 64,
    }
}

/// One cell of the grid of a zoom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct CellId {
    pub zoom: u8,
    pub x: u32,
    pub y: u32,
}

impl CellId {
    /// The cell at `zoom` in which a feature is counted: that of its box's middle.
    pub fn of(feature: &Feature, zoom: u8, low_zoom: LowZoom) -> Option<Self> {
        let bounds = feature.bounds();
        if bounds.west > bounds.east {
            return None;
        }
        let side = f64::from(cells_a_side(low_zoom)) * f64::from(1_u32 << zoom);
        let place = |world: f64| (world * side).floor().clamp(0.0, side - 1.0) as u32;
        let x = mercator::x(f64::midpoint(bounds.west, bounds.east));
        let y = mercator::y(f64::midpoint(bounds.south, bounds.north));
        Some(Self { zoom, x: place(x), y: place(y) })
    }

    pub fn parent(self) -> Option<Self> {
        Some(Self { zoom: self.zoom.checked_sub(1)?, x: self.x / 2, y: self.y / 2 })
    }

    pub fn children(self) -> [Self; 4] {
        [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(x, y)| Self {
            zoom: self.zoom + 1,
            x: self.x * 2 + x,
            y: self.y * 2 + y,
        })
    }
}

/// The tiles at `zoom` that may show the cells in which a changed feature is counted.
pub(crate) fn tiles_of_cells(touched: &Touched, zoom: u8, schema: &LayerSchema) -> Vec<TileId> {
    let furthest = zoom.saturating_sub(DEEPEST_STEP_BACK);
    let features = [&touched.old, &touched.new].into_iter().flatten();
    let counted = features.filter(|feature| schema.low_zoom != LowZoom::Hide && feature.own_zoom() > furthest);
    let cells = counted.filter_map(|feature| CellId::of(feature, furthest, schema.low_zoom));
    cells.flat_map(|cell| tiles_of_cell(cell, zoom, schema.low_zoom)).collect()
}

fn tiles_of_cell(cell: CellId, zoom: u8, low_zoom: LowZoom) -> Vec<TileId> {
    let side = f64::from(1_u32 << zoom);
    let cell_width = side / (f64::from(cells_a_side(low_zoom)) * f64::from(1_u32 << cell.zoom));
    // A member may stand out of its cell by half of 16 units, which is an eighth of the cell; its buffer comes on top.
    let margin = cell_width / 4.0 + f64::from(BUFFER) / f64::from(EXTENT);
    let span = |at: u32| {
        let (low, high) = (f64::from(at) * cell_width - margin, f64::from(at + 1) * cell_width + margin);
        low.floor().max(0.0) as u32..=high.floor().min(side - 1.0) as u32
    };
    span(cell.y).flat_map(|y| span(cell.x).map(move |x| TileId { z: zoom, x, y })).collect()
}
