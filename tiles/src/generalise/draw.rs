//! Cells and large features into the table of one layer.

use super::cell::Sum;
use super::{CellId, SNAP, cells_a_side};
use crate::encode::Look;
use crate::encode::frame::{Frame, Frames};
use crate::encode::painter::Painter;
use crate::encode::table::Table;
use crate::{BUFFER, EXTENT, Feature, LowZoom};
use std::sync::Arc;

impl Look<'_> {
    /// The layer as it is drawn below its detail zoom, generalised as for zoom `as_of` (the tile's own, or a lower one
    /// where the tile would be too large). With `most`, only the largest so many features are drawn and one point in
    /// the middle says how many were not.
    pub fn low(&self, as_of: u8, most: Option<usize>) -> Table {
        let schema = self.layer.schema();
        let snap = SNAP * f64::from(1_u32 << (self.tile.z - as_of));
        let frames = Frames::new(self.tile, snap);
        let mut own = self.features(as_of, snap);
        let added = self.overlay.iter().flat_map(|overlay| &overlay.added).map(|added| added.fid).collect::<Vec<_>>();
        let cells = if schema.low_zoom == LowZoom::Hide { Vec::new() } else { self.cells(as_of) };
        let left_out = most.map_or(0, |most| keep_largest(&mut own, most));
        let single = |sum: &Sum| (sum.count == 1).then(|| self.layer.by_fid(sum.largest())).flatten();
        let cells: Vec<_> = cells.into_iter().map(|(id, sum)| (id, single(&sum), sum)).collect();
        let mut painter = Painter::new(self);
        for (feature, mask) in &own {
            painter.feature(feature, &frames.under(*mask));
        }
        for (id, single, sum) in &cells {
            match single {
                Some(feature) if self.shows(feature) && !added.contains(&feature.fid()) => {
                    painter.feature(feature, &frames);
                }
                Some(_) => {}
                None => self.cell(&mut painter, *id, sum, &frames),
            }
        }
        if left_out > 0 {
            painter.left_out(left_out);
        }
        painter.finish()
    }

    /// The cells that reach into the buffered tile, row by row.
    fn cells(&self, as_of: u8) -> Vec<(CellId, Sum)> {
        let low_zoom = self.layer.schema().low_zoom;
        let in_world = cells_a_side(low_zoom) << as_of;
        let cells_a_tile = f64::from(in_world) / f64::from(1_u32 << self.tile.z);
        // A member may stand out of its cell by an eighth of the cell.
        let margin = f64::from(BUFFER) / f64::from(EXTENT) * cells_a_tile + 0.25;
        let span = |at: u32| {
            let (low, high) = (f64::from(at) * cells_a_tile - margin, f64::from(at + 1) * cells_a_tile + margin);
            low.floor().max(0.0) as u32..=(high.floor() as u32).min(in_world - 1)
        };
        let (rows, columns) = (span(self.tile.y), span(self.tile.x));
        self.layer.views.with(self.layer, &self.lens, (self.date, self.held), |view| {
            let ids = rows.flat_map(|y| columns.clone().map(move |x| CellId { zoom: as_of, x, y }));
            ids.filter_map(|id| Some((id, view.sum(id)?.clone()))).collect()
        })
    }

    fn cell(&self, painter: &mut Painter, id: CellId, sum: &Sum, frames: &Frames) {
        let low_zoom = self.layer.schema().low_zoom;
        let frame = Frame::new(self.tile, 0);
        match low_zoom {
            LowZoom::Cluster | LowZoom::Hide => painter.cluster_point(frame.local_of_world(sum.mean()), sum),
            LowZoom::Merge => {
                let (low, high) = sum.frame_in(id, cells_a_side(low_zoom));
                painter.cluster_box(frame.local_of_world(low), frame.local_of_world(high), sum);
            }
            LowZoom::Lines => {
                if let Some(longest) = self.layer.by_fid(sum.largest()) {
                    painter.cluster_shape(&longest, frames, sum);
                }
            }
        }
    }
}

/// Keeps the `most` features with the largest boxes, in their order; says how many went.
fn keep_largest(features: &mut Vec<(Arc<Feature>, u8)>, most: usize) -> u64 {
    let size = |feature: &Feature| {
        let bounds = feature.bounds();
        (bounds.east - bounds.west).max(bounds.north - bounds.south)
    };
    let gone = features.len().saturating_sub(most);
    features.sort_by(|a, b| size(&b.0).total_cmp(&size(&a.0)).then(a.0.fid().cmp(&b.0.fid())));
    features.truncate(most);
    features.sort_by_key(|(feature, _)| feature.fid());
    gone as u64
}
