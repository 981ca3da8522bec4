//! A small city to test with.

use chrono::NaiveDate;
use dothi_tiles::validate::{DecodedFeature, DecodedTile, read};
use dothi_tiles::{
    AttributeSchema, Audience, Core, DateRange, GeometryKind, Layer, LayerName, LayerSchema, LowZoom, NewFeature,
    TileId, Value, ValueKind, encode_tile,
};
use geo::{Coord, Geometry, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};
use proptest::prelude::*;
use uuid::Uuid;

/// Near Bến Thành.
pub const CENTRE: (f64, f64) = (106.698, 10.7725);

pub fn name() -> LayerName {
    LayerName::new("thing").expect("a good name")
}

pub fn schema(detail_zoom: u8, low_zoom: LowZoom) -> LayerSchema {
    LayerSchema {
        name: name(),
        geometry: GeometryKind::Any,
        detail_zoom,
        low_zoom,
        min_zoom_attribute: Some("min_zoom".into()),
        attributes: vec![
            AttributeSchema::new("kind", ValueKind::Text),
            AttributeSchema::new("min_zoom", ValueKind::Int),
            AttributeSchema::new("height_m", ValueKind::Float),
            AttributeSchema { in_tile: false, ..AttributeSchema::new("secret", ValueKind::Text) },
        ],
    }
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date in ISO form")
}

pub fn today() -> NaiveDate {
    day("2026-11-22")
}

pub fn feature(fid: i64, geometry: impl Into<Geometry<f64>>) -> NewFeature {
    NewFeature {
        fid,
        id: Uuid::from_u128(fid as u128),
        version: 1,
        geometry: geometry.into(),
        legal_srid: None,
        valid: DateRange::ALWAYS,
        values: vec![Value::text("a"), Value::Null, Value::Float(1.5), Value::text("hush")],
    }
}

pub fn core_of(schema: LayerSchema, features: impl IntoIterator<Item = NewFeature>) -> Core {
    let core = Core::new();
    core.swap(Layer::bulk(schema, features.into_iter()));
    core
}

pub fn tile(core: &Core, tile: TileId) -> Vec<u8> {
    encode_tile(core, &[name()], tile, &Audience::all(), None, today())
}

/// The tile, read; panics if it is not valid.
pub fn decoded(bytes: &[u8]) -> DecodedTile {
    let (tile, violations) = read(bytes);
    assert!(violations.is_empty(), "{violations:?}");
    tile
}

pub fn features(bytes: &[u8]) -> Vec<DecodedFeature> {
    decoded(bytes).layers.into_iter().flat_map(|layer| layer.features).collect()
}

pub fn fids(bytes: &[u8]) -> Vec<i64> {
    features(bytes).iter().filter_map(|feature| feature.id).map(u64::cast_signed).collect()
}

fn position(around: (f64, f64), reach: f64) -> impl Strategy<Value = Coord<f64>> {
    (-1.0..1.0, -1.0..1.0)
        .prop_map(move |(x, y): (f64, f64)| Coord { x: around.0 + x * reach, y: around.1 + y * reach })
}

/// A star-shaped polygon, so that it is simple; perhaps with a hole.
fn polygon(around: (f64, f64), reach: f64) -> impl Strategy<Value = Polygon<f64>> {
    let radii = prop::collection::vec(0.05_f64..1.0, 3..14);
    (position(around, reach), radii, 0.001..1.0_f64, any::<bool>()).prop_map(move |(centre, radii, size, hole)| {
        let ring = |factor: f64| -> LineString<f64> {
            let count = radii.len() as f64;
            let at = |(index, radius): (usize, &f64)| {
                let angle = index as f64 / count * std::f64::consts::TAU;
                let away = radius * size * reach * factor;
                Coord { x: centre.x + away * angle.cos(), y: centre.y + away * angle.sin() }
            };
            let mut line: Vec<_> = radii.iter().enumerate().map(at).collect();
            line.push(line[0]);
            LineString(line)
        };
        Polygon::new(ring(1.0), if hole { vec![ring(0.4)] } else { Vec::new() })
    })
}

/// Any shape within about twice `reach` degrees.
pub fn shape(around: (f64, f64), reach: f64) -> impl Strategy<Value = Geometry<f64>> {
    let line = move || prop::collection::vec(position(around, reach), 2..9).prop_map(LineString);
    prop_oneof![
        position(around, reach).prop_map(|at| Geometry::Point(Point(at))),
        prop::collection::vec(position(around, reach).prop_map(Point), 1..5)
            .prop_map(|points| Geometry::MultiPoint(MultiPoint(points))),
        line().prop_map(Geometry::LineString),
        prop::collection::vec(line(), 1..4).prop_map(|lines| Geometry::MultiLineString(MultiLineString(lines))),
        polygon(around, reach).prop_map(Geometry::Polygon),
        prop::collection::vec(polygon(around, reach), 1..3)
            .prop_map(|polygons| Geometry::MultiPolygon(MultiPolygon(polygons))),
    ]
}
