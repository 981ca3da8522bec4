//! The hot core: layers in memory under `rstar`, spatial questions, generalisation, vector tiles.
//!
//! Pure: no async, no database, no HTTP, no clock; the date is always an argument. `PostGIS` is the truth, what is
//! held here is a copy that can be thrown away. Coordinates are lon/lat on WGS 84 (EPSG:4326), in that order.
//!
//! - [`Core`] holds a [`Layer`] for each name; a [`Layer`] holds its [`Feature`]s.
//! - [`encode_tile`] makes a Mapbox Vector Tile 2.1 for an [`Audience`], at a date, with an [`Overlay`].
//! - [`questions`] answers what is here, what is near, what is inside, what overlaps.
//! - [`tile_cover`] says which tiles a geometry touches, so that an edit drops exactly those.

mod audience;
mod core;
mod cover;
mod dictionary;
mod encode;
mod feature;
mod generalise;
mod layer;
mod mercator;
mod name;
mod overlay;
mod packed;
pub mod questions;
mod schema;
mod tile_id;
pub mod validate;
mod value;

pub use audience::{Audience, AudienceBuilder, LayerAccess, RowRule};
pub use core::Core;
pub use cover::{Outline, tile_cover, tile_cover_at_most, touches_tile};
pub use encode::{encode_tile, encode_tile_of_another_day};
pub use feature::{Feature, NewFeature};
pub use layer::{Bytes, Change, Layer, MAX_CHANGES_A_LOCK, Touched};
pub use name::{LayerName, NotALayerName};
pub use overlay::{LayerOverlay, Overlay};
pub use schema::{AttributeSchema, GeometryKind, LayerSchema, LowZoom, UnknownWord, ValueKind};
pub use tile_id::{LngLatBox, MAX_ZOOM, TileId};
pub use value::{DateRange, Value};

/// The tile's own coordinate system: 4,096 units on a side.
pub const EXTENT: u32 = 4096;

/// How far beyond its edge a tile is drawn, in tile units: 64 of 4,096, so that strokes and icons meet across edges.
pub const BUFFER: u32 = 64;
