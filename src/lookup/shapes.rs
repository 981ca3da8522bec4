//! Near and inside: features of layers around a point, or within a shape.

use std::sync::atomic::{AtomicUsize, Ordering};

use dothi_tiles::questions::{self, Prepared, Stop, Stopped};
use geo::{CoordsIter as _, Geometry, Point};
use serde_json::{Value as Json, json};

use super::{
    gather::geojson,
    view::{Seen, View},
};

/// Features that one answer holds at most.
pub const MOST: usize = 1_000;
/// Corners that a shape to ask within may have: a parcel has ten, a ward of the country at most a few hundred.
pub const MOST_CORNERS: usize = 1_000;

/// Features of the layers within a distance, nearest first.
///
/// # Errors
/// [`Stopped`] when nobody waits any more.
pub fn near(
    view: View<'_>,
    layers: &[String],
    at: Point<f64>,
    radius_m: f64,
    limit: usize,
    stop: Stop<'_>,
) -> Result<Vec<(Seen, f64)>, Stopped> {
    let mut all: Vec<(Seen, f64)> = Vec::new();
    for layer in layers.iter().filter_map(|name| view.layer(name)) {
        let near = questions::near_until(&layer, (at.x(), at.y()), radius_m, limit, view.audience, view.date, stop)?;
        all.extend(near.into_iter().map(|near| (view.see(&layer, near.feature), near.metres)));
    }
    all.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.feature.id().cmp(&b.0.feature.id())));
    all.truncate(limit);
    Ok(all)
}

/// Features that are compared with a shape for one answer; the whole core would hold a core of the machine.
const MOST_COMPARED: usize = 100_000;

/// Why a question about a shape is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    /// Nobody waits any more.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// More than [`MOST_COMPARED`] lie around the shape, and too few of them meet it.
    #[error("too many features lie around the shape")]
    TooMany,
}

/// Features of the layers that share a point with a shape, and whether there were more.
///
/// # Errors
/// [`Unanswered`].
pub fn within(
    view: View<'_>,
    layers: &[String],
    shape: &Geometry<f64>,
    limit: usize,
    stop: Stop<'_>,
) -> Result<(Vec<Seen>, bool), Unanswered> {
    let compared = AtomicUsize::new(0);
    let is_too_much = || compared.load(Ordering::Relaxed) > MOST_COMPARED;
    let stop = || {
        compared.fetch_add(1, Ordering::Relaxed);
        is_too_much() || stop()
    };
    let shape = Prepared::new(shape);
    let mut all: Vec<Seen> = Vec::new();
    for layer in layers.iter().filter_map(|name| view.layer(name)) {
        let wanted = limit + 1 - all.len();
        let found = questions::within_until(&layer, &shape, view.audience, view.date, wanted, &stop);
        let found = found.map_err(|stopped| if is_too_much() { Unanswered::TooMany } else { stopped.into() })?;
        all.extend(found.into_iter().map(|feature| view.see(&layer, feature)));
        if all.len() > limit {
            break;
        }
    }
    let more = all.len() > limit;
    all.truncate(limit);
    Ok((all, more))
}

/// A feature as GeoJSON, with what the audience sees of it.
pub fn feature(seen: &Seen, distance_m: Option<f64>) -> Json {
    let mut properties = serde_json::Map::from_iter(seen.attributes());
    properties.insert("layer".to_owned(), seen.layer_name().into());
    properties.insert("id".to_owned(), seen.feature.id().to_string().into());
    properties.insert("version".to_owned(), seen.feature.version().into());
    if let Some(metres) = distance_m {
        properties.insert("distance_m".to_owned(), json!((metres * 1000.0).round() / 1000.0));
    }
    json!({ "type": "Feature", "id": seen.feature.id(), "properties": properties, "geometry": geojson(&seen.feature.geometry()) })
}

/// Reads `west,south,east,north`.
///
/// # Errors
/// What was expected.
pub fn parse_bbox(text: &str) -> Result<Geometry<f64>, (&'static str, &'static str)> {
    const EXPECTED: (&str, &str) = (
        "tây,nam,đông,bắc theo độ, tây ≤ đông, nam ≤ bắc",
        "west,south,east,north in degrees, west ≤ east, south ≤ north",
    );
    let numbers: Vec<f64> =
        text.split(',').map(|part| part.trim().parse().map_err(|_| EXPECTED)).collect::<Result<_, _>>()?;
    let [west, south, east, north] = numbers[..] else { return Err(EXPECTED) };
    let fits = [west, east].iter().all(|lon| lon.abs() <= 180.0) && [south, north].iter().all(|lat| lat.abs() <= 90.0);
    if !fits || west > east || south > north {
        return Err(EXPECTED);
    }
    Ok(geo::Rect::new((west, south), (east, north)).to_polygon().into())
}

/// Why a shape is not asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadShape {
    /// It cannot be read: what was expected.
    Malformed((&'static str, &'static str)),
    /// It has more corners than are compared.
    TooManyCorners(usize),
}

/// Reads a shape in WKT, lon lat.
///
/// # Errors
/// What was expected, or how many corners are too many.
pub fn parse_wkt(text: &str) -> Result<Geometry<f64>, BadShape> {
    use geozero::ToGeo as _;
    const EXPECTED: BadShape = BadShape::Malformed((
        "một hình dạng WKT, kinh độ vĩ độ, nhiều nhất 1.000 đỉnh",
        "a shape in WKT, lon lat in degrees, at most 1,000 corners",
    ));
    // A nested collection would take the reader's stack: shapes to ask within are simple.
    let parentheses = text.chars().filter(|c| *c == '(').count();
    if text.len() > 1_000_000 || parentheses > 2 * MOST_CORNERS || text.to_ascii_uppercase().contains("COLLECTION") {
        return Err(EXPECTED);
    }
    if nested(text) > 4 {
        return Err(EXPECTED);
    }
    let shape = geozero::wkt::Wkt(text).to_geo().map_err(|_| EXPECTED)?;
    checked(shape, EXPECTED)
}

/// How deep the parentheses go.
fn nested(text: &str) -> usize {
    let (mut deepest, mut depth) = (0_usize, 0_usize);
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// Reads a GeoJSON geometry, or the geometry of a feature.
///
/// # Errors
/// What was expected, or how many corners are too many.
pub fn parse_geojson(body: &Json) -> Result<Geometry<f64>, BadShape> {
    use geozero::ToGeo as _;
    const EXPECTED: BadShape = BadShape::Malformed((
        "một hình hoặc đối tượng GeoJSON, kinh độ vĩ độ, nhiều nhất 1.000 đỉnh",
        "a GeoJSON geometry or feature, lon lat in degrees, at most 1,000 corners",
    ));
    let geometry = if body["type"] == "Feature" { &body["geometry"] } else { body };
    let known = ["Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon"];
    if !geometry["type"].as_str().is_some_and(|kind| known.contains(&kind)) {
        return Err(EXPECTED);
    }
    let text = geometry.to_string();
    let shape = geozero::geojson::GeoJson(&text).to_geo().map_err(|_| EXPECTED)?;
    checked(shape, EXPECTED)
}

fn checked(shape: Geometry<f64>, expected: BadShape) -> Result<Geometry<f64>, BadShape> {
    let count = shape.coords_count();
    if count > MOST_CORNERS {
        return Err(BadShape::TooManyCorners(count));
    }
    let fits = shape.coords_iter().all(|c| c.x.abs() <= 180.0 && c.y.abs() <= 90.0);
    if fits && count > 0 { Ok(shape) } else { Err(expected) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn shapes_read_as_people_write_them() {
        assert!(parse_bbox("106.6, 10.7,106.8,10.9").is_ok());
        assert!(parse_wkt("POLYGON((106.6 10.7,106.8 10.7,106.8 10.9,106.6 10.7))").is_ok());
        assert!(
            parse_geojson(&json!({"type": "Feature", "geometry": {"type": "Point", "coordinates": [106.6, 10.7]}}))
                .is_ok()
        );
        for bad in ["", "1,2,3", "1,2,x,4", "10,0,5,1", "0,0,400,1", "NaN,0,1,1"] {
            assert!(parse_bbox(bad).is_err(), "{bad}");
        }
        for bad in ["", "POINT", "POLYGON EMPTY", "POINT(1e999 2)", "((((((((((", "GEOMETRYCOLLECTION(POINT(1 2))"] {
            assert!(parse_wkt(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_a_parser_panic(text in "\\PC{0,80}") {
            let _ = (parse_bbox(&text), parse_wkt(&text), parse_geojson(&json!(text)));
        }
    }
}
