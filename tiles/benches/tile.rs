//! The core measured beside the `mvt` crate, on a city of generated lots. `cargo bench -p dothi-tiles --profile dev`.
//!
//! Before the timings it prints what a layer weighs and how long loading, the first generalised tile and a
//! generalised tile after an edit take.

use chrono::NaiveDate;
use criterion::{Criterion, criterion_group, criterion_main};
use dothi_tiles::questions::{at_point, near};
use dothi_tiles::{
    AttributeSchema, Audience, Change, Core, DateRange, GeometryKind, Layer, LayerName, LayerSchema, LngLatBox,
    LowZoom, NewFeature, TileId, Value, ValueKind, encode_tile,
};
use geo::{Geometry, MultiPolygon, Polygon, polygon};
use std::hint::black_box;
use std::time::Instant;
use uuid::Uuid;

/// Lots in the city; `DOTHI_BENCH_LOTS` overrides it.
const LOTS: i64 = 200_000;
const COLUMNS: i64 = 1000;
const CORNER: (f64, f64) = (106.60, 10.70);

fn parcel() -> LayerName {
    LayerName::new("parcel").unwrap_or_else(|error| panic!("{error}"))
}

fn schema() -> LayerSchema {
    let texts = ["commune_code", "former_unit_name", "unit_code", "sheet", "number", "land_use", "official_id"];
    let mut attributes: Vec<_> = texts.iter().map(|text| AttributeSchema::new(text, ValueKind::Text)).collect();
    attributes.push(AttributeSchema::new("area_m2", ValueKind::Float));
    LayerSchema {
        name: parcel(),
        geometry: GeometryKind::MultiPolygon,
        detail_zoom: 15,
        low_zoom: LowZoom::Merge,
        min_zoom_attribute: None,
        attributes,
    }
}

/// Tube houses' lots: 5 m by 20 m, wall to wall.
fn lot(fid: i64) -> NewFeature {
    let (x, y) = (CORNER.0 + (fid % COLUMNS) as f64 * 5e-5, CORNER.1 + (fid / COLUMNS) as f64 * 2e-4);
    let ring = polygon![(x: x, y: y), (x: x + 5e-5, y: y), (x: x + 5e-5, y: y + 2e-4), (x: x, y: y + 2e-4)];
    let text = |text: String| Value::Text(text.into());
    NewFeature {
        fid,
        id: Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + fid as u128),
        version: 1,
        geometry: MultiPolygon(vec![ring]).into(),
        legal_srid: Some(9210),
        valid: DateRange::ALWAYS,
        values: vec![
            text(format!("267{:02}", fid % 10)),
            text(format!("Phường {}", fid % 10)),
            Value::text("26734"),
            text((fid / 500).to_string()),
            text((fid % 500).to_string()),
            Value::text(["ODT", "CLN", "DGT", "TMD"][fid as usize % 4]),
            text(format!("w3gv{fid:08x}")),
            Value::Float((fid % 3000) as f64 / 10.0),
        ],
    }
}

/// The same tile by the `mvt` crate, from features that are found in the same tree: projection, then its own encoder.
fn by_mvt(layer: &Layer, id: TileId, date: NaiveDate) -> Vec<u8> {
    let side = f64::from(1_u32 << id.z);
    let project = |at: &geo::Coord<f64>| {
        let y = 0.5 - at.y.to_radians().tan().asinh() / std::f64::consts::TAU;
        let x = (at.x / 360.0 + 0.5) * side - f64::from(id.x);
        (x * 4096.0, (y * side - f64::from(id.y)) * 4096.0)
    };
    let mut tile = mvt::Tile::new(4096);
    let mut out = tile.create_layer("parcel");
    let names: Vec<_> = layer.schema().attributes.iter().map(|attribute| attribute.name.clone()).collect();
    for feature in layer.intersecting(id.buffered(64.0), &Audience::all(), date) {
        let Geometry::MultiPolygon(polygons) = feature.geometry() else { continue };
        let Ok(geometry) = rings(&polygons.0, &project) else { continue };
        let mut made = out.into_feature(geometry);
        made.set_id(feature.fid() as u64);
        made.add_tag_string("id", &feature.id().to_string());
        made.add_tag_sint("version", i64::from(feature.version()));
        for (index, name) in names.iter().enumerate() {
            match layer.value(&feature, index) {
                Value::Text(text) => made.add_tag_string(name, &text),
                Value::Float(float) => made.add_tag_double(name, float),
                _ => {}
            }
        }
        out = made.into_layer();
    }
    let _ = tile.add_layer(out);
    tile.to_bytes().unwrap_or_default()
}

fn rings(
    polygons: &[Polygon<f64>],
    project: &impl Fn(&geo::Coord<f64>) -> (f64, f64),
) -> Result<mvt::GeomData, mvt::Error> {
    let mut encoder = mvt::GeomEncoder::<f64>::new(mvt::GeomType::Polygon);
    for polygon in polygons {
        for at in &polygon.exterior().0[1..] {
            let (x, y) = project(at);
            encoder = encoder.point(x, y)?;
        }
        encoder.complete_geom()?;
    }
    encoder.encode()
}

fn told(what: &str, began: Instant) {
    println!("{what}: {:.1} ms", began.elapsed().as_secs_f64() * 1000.0);
}

fn city() -> Core {
    let lots = std::env::var("DOTHI_BENCH_LOTS").ok().and_then(|lots| lots.parse().ok()).unwrap_or(LOTS);
    let rows: Vec<_> = (0..lots).map(lot).collect();
    let began = Instant::now();
    let layer = Layer::bulk(schema(), rows.into_iter());
    told(&format!("load {lots} lots"), began);
    let bytes = layer.bytes();
    println!(
        "{:.0} bytes a lot beside its coordinates: {bytes:?}",
        bytes.beside_coordinates() as f64 / bytes.rows as f64
    );
    let core = Core::new();
    core.swap(layer);
    core
}

fn low_zooms(core: &Core, date: NaiveDate) {
    let draw = |zoom: u8| encode_tile(core, &[parcel()], tile_at(zoom), &Audience::all(), None, date);
    let began = Instant::now();
    draw(10);
    told("first tile below the detail zoom, cells made", began);
    if let Some(layer) = core.layer(&parcel()) {
        layer.apply(&[Change::Put(NewFeature { version: 2, ..lot(17) })]);
    }
    let began = Instant::now();
    draw(10);
    told("the same after an edit", began);
    for zoom in [0, 6, 10, 12, 13, 14, 15, 16] {
        let began = Instant::now();
        let bytes = draw(zoom).len();
        told(&format!("z{zoom}: {bytes} bytes"), began);
    }
}

fn tile_at(zoom: u8) -> TileId {
    TileId::at(CORNER.0 + 0.02, CORNER.1 + 0.02, zoom)
}

fn measure(criterion: &mut Criterion) {
    let core = city();
    let date = NaiveDate::default();
    let everybody = Audience::all();
    low_zooms(&core, date);
    let Some(layer) = core.layer(&parcel()) else { return };
    for zoom in [15, 17] {
        let id = tile_at(zoom);
        let mut group = criterion.benchmark_group(format!("tile_z{zoom}"));
        group.bench_function("dothi", |bench| {
            bench.iter(|| black_box(encode_tile(&core, &[parcel()], id, &everybody, None, date)));
        });
        group.bench_function("mvt_crate", |bench| bench.iter(|| black_box(by_mvt(&layer, id, date))));
        group.finish();
    }
    let (lon, lat) = (CORNER.0 + 0.02, CORNER.1 + 0.02);
    criterion.bench_function("at_point", |bench| {
        bench.iter(|| black_box(at_point(&layer, lon, lat, &everybody, date)));
    });
    criterion.bench_function("near_50_m", |bench| {
        bench.iter(|| black_box(near(&layer, (lon, lat), 50.0, 20, &everybody, date)));
    });
    criterion.bench_function("intersecting_box", |bench| {
        let bbox = LngLatBox::new(lon, lat, lon + 0.001, lat + 0.001);
        bench.iter(|| black_box(layer.intersecting(bbox, &everybody, date)));
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).measurement_time(std::time::Duration::from_secs(2));
    targets = measure
}
criterion_main!(benches);
