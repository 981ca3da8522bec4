//! Import: GDAL in, clean features out; export: rows in, a file out; pictures: a GeoTIFF in, tiles out. Knows no database,
//! no network and no server.
//!
//! The server starts this crate as a child process ([`worker::main`]) and talks to it by [`protocol`], so that a file
//! that crashes GDAL never crashes the server.

pub mod crs;
pub mod export;
pub mod generate;
pub mod geometry;
pub mod installed;
pub mod keys;
pub mod mapping;
pub mod profile;
pub mod protocol;
pub mod raster;
pub mod rewrite;
pub mod text;
pub mod values;
pub mod worker;
