//! Vector tiles.

use crate::{Audience, Core, LayerName, Overlay, TileId};
use chrono::NaiveDate;

/// The Mapbox Vector Tile 2.1 of some layers: what `audience` sees on `date`, with `overlay` drawn over it.
///
/// One MVT layer for each name, in the order given; a layer that has nothing here, that the core does not hold or
/// that the audience does not see is not in the tile. The id of an MVT feature is its `fid`; its attributes are those
/// of the layer that belong in tiles and are seen, and `id` (the object, as text) and `version`.
/// The same features give the same bytes, whatever happened before.
pub fn encode_tile(
    core: &Core,
    layers: &[LayerName],
    tile: TileId,
    audience: &Audience,
    overlay: Option<&Overlay>,
    date: NaiveDate,
) -> Vec<u8> {
    let _ = (core, layers, tile, audience, overlay, date);
    Vec::new()
}
