//! Addresses of tiles, and what they cover.

use crate::mercator;

/// The deepest zoom that is served.
pub const MAX_ZOOM: u8 = 22;

/// One tile of the web-mercator pyramid, in XYZ order: y grows to the south.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct TileId {
    /// Zoom, 0 to 22.
    pub z: u8,
    /// Column from the antimeridian eastwards.
    pub x: u32,
    /// Row from the north.
    pub y: u32,
}

/// A box in lon/lat degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LngLatBox {
    /// Western edge.
    pub west: f64,
    /// Southern edge.
    pub south: f64,
    /// Eastern edge.
    pub east: f64,
    /// Northern edge.
    pub north: f64,
}

impl LngLatBox {
    /// The box that holds nothing; [`Self::extend`] grows it.
    pub const EMPTY: Self =
        Self { west: f64::INFINITY, south: f64::INFINITY, east: f64::NEG_INFINITY, north: f64::NEG_INFINITY };

    /// A box from its edges.
    pub fn new(west: f64, south: f64, east: f64, north: f64) -> Self {
        Self { west, south, east, north }
    }

    /// Whether the two share a point, edges included.
    pub fn intersects(&self, other: &Self) -> bool {
        self.west <= other.east && other.west <= self.east && self.south <= other.north && other.south <= self.north
    }

    /// Whether a position lies in it, edges included.
    pub fn contains(&self, lon: f64, lat: f64) -> bool {
        self.west <= lon && lon <= self.east && self.south <= lat && lat <= self.north
    }

    /// Grows the box to hold a position.
    pub fn extend(&mut self, lon: f64, lat: f64) {
        self.west = self.west.min(lon);
        self.south = self.south.min(lat);
        self.east = self.east.max(lon);
        self.north = self.north.max(lat);
    }
}

impl TileId {
    /// A tile that exists: zoom ≤ 22, column and row within it.
    pub fn new(z: u8, x: u32, y: u32) -> Option<Self> {
        (z <= MAX_ZOOM && x < 1 << z && y < 1 << z).then_some(Self { z, x, y })
    }

    /// The tile at zoom `z` that holds a position. Positions beyond ±85.05° fall into the outermost rows.
    pub fn at(lon: f64, lat: f64, z: u8) -> Self {
        let z = z.min(MAX_ZOOM);
        let side = f64::from(1_u32 << z);
        let cell = |world: f64| (world * side).floor().clamp(0.0, side - 1.0) as u32;
        Self { z, x: cell(mercator::x(lon)), y: cell(mercator::y(lat)) }
    }

    /// What the tile covers, in lon/lat, without its buffer.
    pub fn bounds(self) -> LngLatBox {
        self.buffered(0.0)
    }

    /// What the tile covers with `units` of 4,096 more on each side.
    pub fn buffered(self, units: f64) -> LngLatBox {
        let side = f64::from(1_u32 << self.z);
        let margin = units / f64::from(crate::EXTENT);
        let (x, y) = (f64::from(self.x), f64::from(self.y));
        LngLatBox {
            west: mercator::lon((x - margin) / side),
            east: mercator::lon((x + 1.0 + margin) / side),
            north: mercator::lat((y - margin) / side),
            south: mercator::lat((y + 1.0 + margin) / side),
        }
    }

    /// The tile one zoom out that holds it; the world's own is itself.
    #[must_use]
    pub fn parent(self) -> Self {
        Self { z: self.z.saturating_sub(1), x: self.x / 2, y: self.y / 2 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tiles_that_exist_have_an_address() {
        assert!(TileId::new(0, 0, 0).is_some());
        assert!(TileId::new(0, 1, 0).is_none());
        assert!(TileId::new(22, (1 << 22) - 1, 0).is_some());
        assert!(TileId::new(23, 0, 0).is_none());
        assert!(TileId::new(255, 0, 0).is_none());
    }

    #[test]
    fn ben_thanh_market_is_where_maps_have_it() {
        assert_eq!(TileId::at(106.698, 10.7725, 14), TileId { z: 14, x: 13047, y: 7698 });
        let bounds = TileId::at(106.698, 10.7725, 14).bounds();
        assert!(bounds.contains(106.698, 10.7725));
    }

    #[test]
    fn the_poles_and_the_antimeridian_fall_into_the_outermost_tiles() {
        assert_eq!(TileId::at(180.0, 90.0, 3), TileId { z: 3, x: 7, y: 0 });
        assert_eq!(TileId::at(-180.0, -90.0, 3), TileId { z: 3, x: 0, y: 7 });
    }
}
