//! Questions about a place. Pure: each takes the layer, who asks, and the date.

use crate::packed::OwnShape;
use crate::{Audience, Feature, Layer, LngLatBox, Value};
use chrono::NaiveDate;
use geo::{Area, BooleanOps, Geometry, Intersects, MultiPolygon, Point, Relate};
use std::sync::Arc;

mod near;

pub use near::{Near, distance_metres, near};

/// The features that cover or lie at a position, by `fid`. Edges belong to a feature.
pub fn at_point(layer: &Layer, lon: f64, lat: f64, audience: &Audience, date: NaiveDate) -> Vec<Arc<Feature>> {
    let mut found = layer.intersecting(LngLatBox::new(lon, lat, lon, lat), audience, date);
    let point = Point::new(lon, lat);
    found.retain(|feature| feature.geometry().intersects(&point));
    found
}

/// The features that share a point with `geometry`, by `fid`.
pub fn within(layer: &Layer, geometry: &Geometry<f64>, audience: &Audience, date: NaiveDate) -> Vec<Arc<Feature>> {
    let bounds = OwnShape::of(geometry).view().bounds();
    let mut found = layer.intersecting(bounds, audience, date);
    found.retain(|feature| feature.geometry().relate(geometry).is_intersects());
    found
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

/// The area that two shapes share, in the square of their unit: square metres, if the caller has turned both into one
/// projected frame.
pub fn overlap_area(a: &MultiPolygon<f64>, b: &MultiPolygon<f64>) -> f64 {
    a.intersection(b).unsigned_area()
}
