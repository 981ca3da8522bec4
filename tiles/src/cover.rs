//! Which tiles a geometry touches.

use crate::TileId;
use crate::packed::OwnShape;
use geo::Geometry;

/// The tiles at `zoom` whose buffered square the geometry touches: exactly those in which it is drawn.
pub fn tile_cover(geometry: &Geometry<f64>, zoom: u8) -> Vec<TileId> {
    let bounds = OwnShape::of(geometry).view().bounds();
    if bounds.west > bounds.east {
        return Vec::new();
    }
    let (a, b) = (TileId::at(bounds.west, bounds.north, zoom), TileId::at(bounds.east, bounds.south, zoom));
    let rows = a.y..=b.y;
    rows.flat_map(|y| (a.x..=b.x).map(move |x| TileId { z: a.z, x, y })).collect()
}
