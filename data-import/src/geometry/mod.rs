//! Geometries on their way through: read from WKB, checked, repaired, written as EWKB.

pub mod areas;
pub mod repair;
pub mod shape;
pub mod validity;

pub use shape::{Defect, Dimension, Shape};
