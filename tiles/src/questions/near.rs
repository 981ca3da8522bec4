//! What is near, in metres on the ground.

use super::{Stop, Stopped};
use crate::{Audience, Feature, Layer, LngLatBox};
use chrono::NaiveDate;
use geo::{Closest, ClosestPoint, Coord, Distance, Geodesic, Geometry, MapCoords, Point};
use std::sync::Arc;

/// A feature and how far it is.
#[derive(Clone, Debug)]
pub struct Near {
    /// The feature.
    pub feature: Arc<Feature>,
    /// Its distance along the ellipsoid, in metres; 0 inside an area.
    pub metres: f64,
}

/// The features within `radius_m` metres of a position, nearest first (equally near: by `fid`), at most `limit`.
///
/// Distances are geodesic on WGS 84, to the nearest point of the feature.
pub fn near(
    layer: &Layer,
    (lon, lat): (f64, f64),
    radius_m: f64,
    limit: usize,
    audience: &Audience,
    date: NaiveDate,
) -> Vec<Near> {
    near_until(layer, (lon, lat), radius_m, limit, audience, date, &|| false).unwrap_or_default()
}

/// The same, asked to `stop` between features. Boxes are looked at first: once `limit` features are nearer than the next
/// box can be, the others are not measured.
///
/// # Errors
/// [`Stopped`] when `stop` says so.
pub fn near_until(
    layer: &Layer,
    (lon, lat): (f64, f64),
    radius_m: f64,
    limit: usize,
    audience: &Audience,
    date: NaiveDate,
    stop: Stop<'_>,
) -> Result<Vec<Near>, Stopped> {
    let candidates = layer.intersecting(box_around(lon, lat, radius_m), audience, date).into_iter();
    let mut candidates: Vec<_> =
        candidates.map(|feature| (at_least_metres(lon, lat, &feature.bounds()), feature)).collect();
    candidates.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.fid().cmp(&b.1.fid())));
    let order = |a: &Near, b: &Near| a.metres.total_cmp(&b.metres).then(a.feature.fid().cmp(&b.feature.fid()));
    // In order, never more than `limit`.
    let mut found: Vec<Near> = Vec::new();
    for (at_least, feature) in candidates {
        if stop() {
            return Err(Stopped);
        }
        let is_full = found.len() >= limit;
        if is_full && found.last().is_none_or(|furthest| at_least > furthest.metres) {
            break;
        }
        let near = Near { metres: distance_metres(lon, lat, &feature.geometry()), feature };
        if near.metres <= radius_m {
            let place = found.partition_point(|known| order(known, &near).is_lt());
            found.insert(place, near);
            found.truncate(limit);
        }
    }
    Ok(found)
}

/// A distance that nothing in the box is nearer than; 0 where that is not sure.
fn at_least_metres(lon: f64, lat: f64, bounds: &LngLatBox) -> f64 {
    // Near a pole a degree of longitude shrinks too fast for a bound taken here.
    if lat.abs() > 80.0 {
        return 0.0;
    }
    let beside = (bounds.west - lon).max(lon - bounds.east).max(0.0);
    let above = (bounds.south - lat).max(lat - bounds.north).max(0.0);
    // A degree of latitude has 110,574 m at least. Within 10 km a degree of longitude is never 2 % shorter than here.
    110_574.0 * 0.97 * (beside * lat.to_radians().cos()).hypot(above)
}

/// A box in degrees that holds everything within `radius_m`, with 1 % to spare.
fn box_around(lon: f64, lat: f64, radius_m: f64) -> LngLatBox {
    let high = radius_m * 1.01 / 110_574.0;
    let widest = (lat.abs() + high).min(89.999).to_radians().cos();
    let wide = (radius_m * 1.01 / (111_320.0 * widest)).min(360.0);
    LngLatBox::new(lon - wide, lat - high, lon + wide, lat + high)
}

/// Geodesic metres from a position to the nearest point of a geometry; infinite to nothing.
///
/// The nearest point is found in a plane that is true at the position (longitudes shrunk by the ellipsoid's own
/// ratio), and the distance to it is then measured on the ellipsoid: at 10 km the nearest point is off by centimetres
/// at most, and a wrong choice of it makes a difference of the second order.
pub fn distance_metres(lon: f64, lat: f64, geometry: &Geometry<f64>) -> f64 {
    let phi = lat.to_radians();
    // Metres in a degree of longitude over metres in a degree of latitude, on WGS 84.
    let e2 = 0.006_694_379_990_141_3_f64;
    let shrink = (phi.cos() * (1.0 - e2 * phi.sin().powi(2)) / (1.0 - e2)).max(1e-9);
    let plane = geometry.map_coords(|at| Coord { x: (at.x - lon) * shrink, y: at.y - lat });
    match plane.closest_point(&Point::new(0.0, 0.0)) {
        Closest::Intersection(_) => 0.0,
        Closest::SinglePoint(at) => {
            let nearest = Point::new(at.x() / shrink + lon, at.y() + lat);
            Geodesic.distance(Point::new(lon, lat), nearest)
        }
        Closest::Indeterminate => f64::INFINITY,
    }
}
