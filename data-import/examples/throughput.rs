//! How many rows a second the worker gives, by hand: `cargo run -p dothi-import --example throughput -- [ROWS]`.
//!
//! Writes a `GeoPackage` of that many parcels (lots of eleven vertices on a grid), and reads it with each kind of check, with and
//! without legal metres. The receiving side is a sink, so the figures are the worker's own.

use std::io::Write;
use std::time::Instant;

use dothi_import::protocol::{AttributeSpec, Checks, Job, LayerSpec};
use gdal::DriverManager;
use gdal::spatial_ref::SpatialRef;
use gdal::vector::{Feature, FieldValue, Geometry, LayerAccess, LayerOptions, OGRFieldType, OGRwkbGeometryType};

/// Counts what would go to the parent.
#[derive(Default)]
struct Sink(u64);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn write_parcels(path: &std::path::Path, rows: usize) -> gdal::errors::Result<()> {
    let mut dataset = DriverManager::get_driver_by_name("GPKG")?.create_vector_only(path)?;
    let mut transaction = dataset.start_transaction()?;
    let srs = SpatialRef::from_epsg(4326)?;
    let layer = transaction.create_layer(LayerOptions {
        name: "parcel",
        srs: Some(&srs),
        ty: OGRwkbGeometryType::wkbMultiPolygon,
        options: None,
    })?;
    layer.create_defn_fields(&[
        ("commune_code", OGRFieldType::OFTString),
        ("sheet", OGRFieldType::OFTString),
        ("number", OGRFieldType::OFTString),
        ("area_m2", OGRFieldType::OFTReal),
        ("land_use", OGRFieldType::OFTString),
    ])?;
    for i in 0..rows {
        let (x, y) = (106.5 + (i % 1000) as f64 * 5e-5, 10.5 + (i / 1000) as f64 * 2e-4);
        let (w, h) = (4.5e-5, 1.8e-4);
        let side: Vec<String> = (0..=4).map(|k| format!("{} {}", x + w, y + h * f64::from(k) / 4.0)).collect();
        let back: Vec<String> = (0..=4).rev().map(|k| format!("{} {}", x, y + h * f64::from(k) / 4.0)).collect();
        let wkt = format!("MULTIPOLYGON ((({x} {y},{},{})))", side.join(","), back.join(","));
        let mut feature = Feature::new(layer.defn())?;
        feature.set_geometry(Geometry::from_wkt(&wkt)?)?;
        let values = ["26740".to_owned(), (i / 500).to_string(), (i % 500).to_string()];
        for (field, value) in values.into_iter().enumerate() {
            feature.set_field(field, &FieldValue::StringValue(value))?;
        }
        feature.set_field(3, &FieldValue::RealValue(100.5))?;
        feature.set_field(4, &FieldValue::StringValue("ODT".into()))?;
        feature.create(&layer)?;
    }
    transaction.commit()
}

/// CPU time of this process, both threads: what a busy machine does not change.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks: f64 = stat.split(' ').skip(13).take(2).filter_map(|t| t.parse::<f64>().ok()).sum();
    ticks / 100.0
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rows = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(100_000);
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("parcels.gpkg");
    write_parcels(&path, rows)?;
    println!("{}: {} MB", path.display(), std::fs::metadata(&path)?.len() >> 20);
    let kinds =
        [("commune_code", "text"), ("sheet", "text"), ("number", "text"), ("area_m2", "float"), ("land_use", "code")];
    let attributes: Vec<AttributeSpec> = kinds
        .iter()
        .map(|(n, k)| AttributeSpec {
            name: (*n).into(),
            kind: (*k).into(),
            required: true,
            ..AttributeSpec::default()
        })
        .collect();
    for (legal, checks) in [(false, Checks::Basic), (false, Checks::Full), (true, Checks::Basic), (true, Checks::Full)]
    {
        let layer = LayerSpec {
            name: "parcel".into(),
            geometry: Some("multipolygon".into()),
            legal,
            attributes: attributes.clone(),
            ..LayerSpec::default()
        };
        let job = Job {
            files: vec![path.to_string_lossy().into_owned()],
            layers: vec![layer],
            checks,
            legal_srid: Some(9210),
            work_dir: folder.path().to_string_lossy().into_owned(),
            ..Job::default()
        };
        let mut sink = Sink::default();
        let (begun, cpu) = (Instant::now(), cpu_seconds());
        let done = dothi_import::worker::run(&job, &mut sink)?;
        let (seconds, cpu) = (begun.elapsed().as_secs_f64(), cpu_seconds() - cpu);
        println!(
            "legal {legal}, {checks:?}: {seconds:.2} s ({cpu:.2} s CPU), {:.0} rows/s, {} MB sent, done {done}",
            rows as f64 / seconds,
            sink.0 >> 20
        );
    }
    Ok(())
}
