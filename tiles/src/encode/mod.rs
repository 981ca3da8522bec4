//! Vector tiles: Mapbox Vector Tile 2.1, written by hand for speed.

mod clip;
pub(crate) mod frame;
pub(crate) mod painter;
mod pbf;
pub(crate) mod sketch;
pub(crate) mod table;

use crate::audience::Lens;
use crate::generalise::{DEEPEST_STEP_BACK, Held};
use crate::{Audience, BUFFER, Core, Feature, GeometryKind, Layer, LayerName, LayerOverlay, Overlay, TileId};
use chrono::NaiveDate;
use frame::{Frames, SHIFTS};
use painter::Painter;
use std::sync::Arc;
use table::Table;

/// The Mapbox Vector Tile 2.1 of some layers: what `audience` sees on `date`, with `overlay` drawn over it.
///
/// One MVT layer for each name, in the order given; a layer that has nothing here, that the core does not hold or
/// that the audience does not see is not in the tile. The id of an MVT feature is its `fid`; its attributes are those
/// of the layer that belong in tiles and are seen, and `id` (the object, as text) and `version`.
///
/// Areas come the largest first, which is the order they are painted in.
///
/// From a layer's detail zoom up, every feature that touches the buffered tile is in it; one that is smaller than a
/// unit is drawn one unit wide. Below it, what is too small to be seen is counted in cells, and the tile is at most
/// 500 KB. The same features give the same bytes, whatever happened before.
pub fn encode_tile(
    core: &Core,
    layers: &[LayerName],
    tile: TileId,
    audience: &Audience,
    overlay: Option<&Overlay>,
    date: NaiveDate,
) -> Vec<u8> {
    encode(core, layers, tile, audience, overlay, (date, Held::Long))
}

/// The same for a day that few ask for: below the detail zoom, what is counted for it never takes the place of what is
/// held for the day that everybody looks at.
pub fn encode_tile_of_another_day(
    core: &Core,
    layers: &[LayerName],
    tile: TileId,
    audience: &Audience,
    overlay: Option<&Overlay>,
    date: NaiveDate,
) -> Vec<u8> {
    encode(core, layers, tile, audience, overlay, (date, Held::Briefly))
}

fn encode(
    core: &Core,
    layers: &[LayerName],
    tile: TileId,
    audience: &Audience,
    overlay: Option<&Overlay>,
    (date, held): (NaiveDate, Held),
) -> Vec<u8> {
    let mut looks = Vec::new();
    for (index, name) in layers.iter().enumerate() {
        let Some(layer) = core.layer(name).filter(|_| !layers[..index].contains(name)) else { continue };
        let Some(lens) = audience.lens(layer.schema()) else { continue };
        let overlay = overlay.and_then(|overlay| overlay.layers.get(name));
        looks.push((layer, lens, overlay));
    }
    let looks = looks.iter().map(|(layer, lens, overlay)| Look {
        layer,
        lens: lens.clone(),
        tile,
        overlay: *overlay,
        date,
        held,
    });
    let mut drawings: Vec<_> = looks.map(Drawing::new).collect();
    // A layer at its detail zoom is drawn whole, and takes no room from those beside it that are generalised.
    let generalised = |drawings: &[Drawing<'_>]| -> usize {
        drawings.iter().filter(|drawing| !drawing.look.is_detail()).map(|drawing| drawing.table.len()).sum()
    };
    while generalised(&drawings) > MOST_BYTES {
        let coarser = drawings.iter_mut().filter(|drawing| drawing.may_be_coarser());
        let Some(largest) = coarser.max_by_key(|drawing| drawing.table.len()) else { break };
        largest.make_coarser();
    }
    let mut out = Vec::new();
    for drawing in drawings {
        drawing.table.finish(&mut out);
    }
    out
}

/// A generalised tile is at most 500 KB before compression; this leaves room for keys and headers.
const MOST_BYTES: usize = 490_000;

/// A layer drawn for a tile, and how it was generalised.
struct Drawing<'l> {
    look: Look<'l>,
    as_of: u8,
    most: Option<usize>,
    table: Table,
}

impl<'l> Drawing<'l> {
    fn new(look: Look<'l>) -> Self {
        let table = if look.is_detail() { look.detail() } else { look.low(look.tile.z, None) };
        Self { as_of: look.tile.z, most: None, table, look }
    }

    fn may_be_coarser(&self) -> bool {
        !self.look.is_detail() && self.most != Some(0)
    }

    /// First a lower zoom's cells, then only the largest features, with the number of the others.
    fn make_coarser(&mut self) {
        if self.as_of > self.look.tile.z.saturating_sub(DEEPEST_STEP_BACK) {
            self.as_of -= 1;
        } else {
            self.most = Some(self.most.unwrap_or(self.table.count) / 2);
        }
        self.table = self.look.low(self.as_of, self.most);
    }
}

/// Areas are painted in the order of the tile: a large one first, so that a detailed plan lies on the general one.
fn largest_first(features: &mut [(Arc<Feature>, u8)]) {
    let size = |feature: &Feature| {
        let bounds = feature.bounds();
        (bounds.east - bounds.west) * (bounds.north - bounds.south)
    };
    features.sort_by(|(a, _), (b, _)| size(b).total_cmp(&size(a)).then(a.fid().cmp(&b.fid())));
}

/// One layer as it is looked at for one tile.
pub(crate) struct Look<'l> {
    pub layer: &'l Layer,
    pub lens: Lens,
    pub tile: TileId,
    pub overlay: Option<&'l LayerOverlay>,
    pub date: NaiveDate,
    pub held: Held,
}

impl Look<'_> {
    fn is_detail(&self) -> bool {
        self.tile.z >= self.layer.schema().detail_zoom
    }

    /// Every feature as it is.
    fn detail(&self) -> Table {
        let frames = Frames::new(self.tile, 1.0);
        let mut features = self.features(u8::MAX, 1.0);
        if matches!(self.layer.schema().geometry, GeometryKind::Polygon | GeometryKind::MultiPolygon) {
            largest_first(&mut features);
        }
        // The painter looks at the dictionaries once, so it comes after the features.
        let mut painter = Painter::new(self);
        for (feature, mask) in features {
            painter.feature(&feature, &frames.under(mask));
        }
        painter.finish()
    }

    /// What is to be drawn on its own at `zoom`, by `fid`, each with the shifts under which it may be seen.
    pub fn features(&self, zoom: u8, snap: f64) -> Vec<(Arc<Feature>, u8)> {
        let mut found: Vec<(Arc<Feature>, u8)> = Vec::new();
        for (index, shift) in SHIFTS.into_iter().enumerate() {
            // One unit more than the buffer, so that no rounding of the box's edges leaves out what touches it.
            let mut bbox = self.tile.buffered(f64::from(BUFFER) + snap);
            let worlds = 360.0 * f64::from(shift);
            (bbox.west, bbox.east) = (bbox.west - worlds, bbox.east - worlds);
            found.extend(self.layer.candidates(&bbox, zoom).into_iter().map(|feature| (feature, 1 << index)));
        }
        found.retain(|(feature, _)| self.shows(feature));
        for new in self.overlay.iter().flat_map(|overlay| &overlay.added) {
            let feature = Arc::new(self.layer.pack(new));
            if feature.holds_on(self.date) && self.lens.admits(&feature, self.layer) {
                found.push((feature, 0b111));
            }
        }
        found.sort_by_key(|(feature, _)| feature.fid());
        found.dedup_by(|next, kept| {
            let same = next.0.fid() == kept.0.fid();
            kept.1 |= if same { next.1 } else { 0 };
            same
        });
        found
    }

    pub fn shows(&self, feature: &Feature) -> bool {
        feature.holds_on(self.date)
            && self.overlay.is_none_or(|overlay| {
                !overlay.hidden.contains(&feature.fid())
                    && !overlay.added.iter().any(|added| added.fid == feature.fid())
            })
            && self.lens.admits(feature, self.layer)
    }
}
