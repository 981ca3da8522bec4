//! Questions about a place. Pure: each takes the layer, who asks, and the date.

use crate::{Audience, Feature, Layer, LngLatBox, Value};
use chrono::NaiveDate;
use geo::{Geometry, Intersects, Point};
use std::sync::Arc;

mod near;
mod prepared;

pub use near::{Near, distance_metres, near, near_until};
pub use prepared::Prepared;

/// Whoever asked no longer waits for the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nobody waits for the answer any more")]
pub struct Stopped;

/// Asked between features: whether to stop. Called often, so it only looks at a flag.
pub type Stop<'s> = &'s (dyn Fn() -> bool + Sync);

/// The features that cover or lie at a position, by `fid`. Edges belong to a feature.
pub fn at_point(layer: &Layer, lon: f64, lat: f64, audience: &Audience, date: NaiveDate) -> Vec<Arc<Feature>> {
    let mut found = layer.intersecting(LngLatBox::new(lon, lat, lon, lat), audience, date);
    let point = Point::new(lon, lat);
    found.retain(|feature| feature.geometry().intersects(&point));
    found
}

/// The features that share a point with `geometry`, by `fid`.
pub fn within(layer: &Layer, geometry: &Geometry<f64>, audience: &Audience, date: NaiveDate) -> Vec<Arc<Feature>> {
    within_until(layer, &Prepared::new(geometry), audience, date, usize::MAX, &|| false).unwrap_or_default()
}

/// The first `most` features, by `fid`, that share a point with a shape; looks at no more than it takes to find them.
///
/// # Errors
/// [`Stopped`] when `stop` says so.
pub fn within_until(
    layer: &Layer,
    shape: &Prepared,
    audience: &Audience,
    date: NaiveDate,
    most: usize,
    stop: Stop<'_>,
) -> Result<Vec<Arc<Feature>>, Stopped> {
    let mut found = Vec::new();
    if most == 0 {
        return Ok(found);
    }
    for feature in layer.intersecting(shape.bounds(), audience, date) {
        if stop() {
            return Err(Stopped);
        }
        if shape.meets(&feature) {
            found.push(feature);
            if found.len() == most {
                break;
            }
        }
    }
    Ok(found)
}

/// Keeps the features whose attribute has the value. An attribute that the audience does not see, or that may not be
/// asked for, has no value, so nothing is kept.
pub fn with_value(
    layer: &Layer,
    features: &mut Vec<Arc<Feature>>,
    attribute: &str,
    value: &Value,
    audience: &Audience,
) {
    let schema = layer.schema();
    let seen = schema.index_of(attribute).filter(|index| {
        schema.attributes[*index].queryable && audience.lens(schema).is_some_and(|lens| lens.seen[*index])
    });
    features.retain(|feature| seen.is_some_and(|index| !value.is_null() && layer.value(feature, index) == *value));
}
