//! Files from strangers: cut, random, lying. The worker says so and never goes down with them.

use std::path::Path;

use dothi_import::protocol::Limits;

use crate::support::*;

fn small_files(folder: &Path) -> Vec<std::path::PathBuf> {
    let geojson = r#"{"type":"FeatureCollection","name":"thing","features":[{"type":"Feature","properties":{"name":"A"},"geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}},{"type":"Feature","properties":{"name":"B"},"geometry":{"type":"Point","coordinates":[1,2]}}]}"#;
    let source = file(folder, "whole.geojson", geojson);
    let mut out = vec![source.clone()];
    for (driver, name) in [("GPKG", "whole.gpkg"), ("FlatGeobuf", "whole.fgb")] {
        let from = gdal::Dataset::open(&source).unwrap();
        let path = folder.join(name);
        let driver = gdal::DriverManager::get_driver_by_name(driver).unwrap();
        let mut to = driver.create_vector_only(&path).unwrap();
        copy_layer(&from, &mut to);
        drop(to);
        out.push(path);
    }
    out.push(data("vn_osm/hcmc_quan1_20230824.osm.pbf"));
    out
}

fn copy_layer(from: &gdal::Dataset, to: &mut gdal::Dataset) {
    use gdal::vector::{LayerAccess, LayerOptions};
    let mut source = from.layer(0).unwrap();
    let layer = to.create_layer(LayerOptions { name: "thing", ..LayerOptions::default() }).unwrap();
    for feature in source.features() {
        let mut copy = gdal::vector::Feature::new(layer.defn()).unwrap();
        copy.set_geometry(feature.geometry().unwrap().clone()).unwrap();
        copy.create(&layer).unwrap();
    }
}

/// Whatever happens, the answer ends with `done` or `fatal`, and what was sent adds up.
fn ends_well(path: &Path) {
    let mut job = job_for(path, Some("any"), &[("name", "text")]);
    job.crs = Some("EPSG:4326".into());
    let answer = run(job);
    if answer.fatal().is_none() {
        answer.sums("thing");
    }
}

#[test]
fn cut_files_end_with_a_word_and_not_with_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    for whole in small_files(folder.path()) {
        let bytes = std::fs::read(&whole).unwrap();
        for share in [1, 3, 5, 7, 9] {
            let path = folder.path().join(format!("cut{share}")).with_extension(whole.extension().unwrap());
            std::fs::write(&path, &bytes[..bytes.len() * share / 10]).unwrap();
            ends_well(&path);
        }
    }
}

#[test]
fn flipped_bytes_end_with_a_word_and_not_with_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let mut seed = 42u64;
    let mut random = move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) as usize
    };
    for whole in small_files(folder.path()) {
        let bytes = std::fs::read(&whole).unwrap();
        for round in 0..12 {
            let mut bad = bytes.clone();
            for _ in 0..8 {
                let at = random() % bad.len();
                bad[at] = random() as u8;
            }
            let path = folder.path().join(format!("bad{round}")).with_extension(whole.extension().unwrap());
            std::fs::write(&path, &bad).unwrap();
            ends_well(&path);
        }
    }
}

#[test]
fn random_bytes_under_every_extension_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let bytes: Vec<u8> = (0u32..4000).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    for extension in ["geojson", "gpkg", "fgb", "shp", "zip", "gz", "osm.pbf", "topojson", "dbf"] {
        let path = folder.path().join(format!("x.{extension}"));
        std::fs::write(&path, &bytes).unwrap();
        let answer = run(job_for(&path, Some("any"), &[("name", "text")]));
        assert!(answer.fatal().is_some(), "{extension}");
        assert!(answer.rows.is_empty());
    }
}

#[test]
fn nothing_outside_the_delivery_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let secret = file(folder.path(), "secret.csv", "name\nhidden\n");
    let vrt = format!(
        "<OGRVRTDataSource><OGRVRTLayer name=\"thing\"><SrcDataSource>{}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>",
        secret.display()
    );
    for (name, content) in [("a.vrt", vrt.as_str()), ("a.json", vrt.as_str()), ("a.csv.vrt", vrt.as_str())] {
        let answer = run(job_for(&file(folder.path(), name, content), None, &[("name", "text")]));
        assert!(answer.fatal().is_some(), "{name}");
    }
    for address in [
        "/vsicurl/http://127.0.0.1:1/a.geojson",
        "http://127.0.0.1:1/a.geojson",
        "/vsizip//etc",
        "{\"type\":\"FeatureCollection\",\"features\":[]}",
    ] {
        assert_eq!(run(job_for(Path::new(address), None, &[])).fatal(), Some("file-missing"), "{address}");
    }
}

#[test]
fn limits_are_named_when_they_are_met() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "a.csv", "name,x\n1,a\n2,b\n3,c\n");
    let mut job = job_for(&path, None, &[("name", "text")]);
    job.limits = Limits { rows: 2, ..Limits::default() };
    let answer = run(job);
    assert_eq!(answer.fatal(), Some("limit-rows"));
    assert!(answer.fatal_text().contains("more than 2 rows"));
    let long = "x".repeat(100);
    let path = file(
        folder.path(),
        "b.csv",
        &format!("name,wkt\n{long},\"LINESTRING (0 0,1 1,2 2,3 3)\"\nshort,\"LINESTRING (0 0,1 1)\"\n"),
    );
    let mut job = job_for(&path, Some("line"), &[("name", "text")]);
    job.crs = Some("EPSG:4326".into());
    job.limits = Limits { vertices: 3, text_bytes: 50, ..Limits::default() };
    let answer = run(job);
    assert_eq!((answer.sums("thing").refused, answer.count("limit-vertices")), (1, 1));
}

const THINGS: &str = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"A"},"geometry":{"type":"Point","coordinates":[1,2]}}]}"#;

#[test]
fn one_unreadable_file_among_many_is_refused_by_itself() {
    use dothi_import::protocol::{Message, Severity};
    let folder = tempfile::tempdir().unwrap();
    let delivered = folder.path().join("delivered");
    std::fs::create_dir(&delivered).unwrap();
    for (name, content) in [
        ("1.geojson", THINGS),
        ("2.geojson", &THINGS[..THINGS.len() / 2]),
        ("3.geojson", ""),
        ("4.gpkg", "no database"),
        ("5.geojson", THINGS),
    ] {
        file(&delivered, name, content);
    }
    let answer = run(job_for(&delivered, Some("any"), &[("name", "text")]));
    assert_eq!((answer.fatal(), answer.sums("thing").read), (None, 2));
    let refused =
        answer.messages.iter().filter_map(|m| if let Message::FileRefused { file } = m { Some(file) } else { None });
    let mut refused: Vec<&str> = refused.map(String::as_str).collect();
    refused.sort_unstable();
    assert_eq!(refused, ["delivered/2.geojson", "delivered/3.geojson", "delivered/4.gpkg"]);
    let said = |rule: &str| answer.issues(rule).iter().filter(|i| i.severity == Severity::Error).count();
    assert_eq!((said("file-unreadable"), said("file-empty"), said("format-unknown")), (1, 1, 1));
}

#[test]
fn when_no_file_of_many_can_be_read_that_is_said_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let delivered = folder.path().join("delivered");
    std::fs::create_dir(&delivered).unwrap();
    file(&delivered, "1.geojson", &THINGS[..40]);
    file(&delivered, "2.geojson", &THINGS[..50]);
    let answer = run(job_for(&delivered, Some("any"), &[("name", "text")]));
    assert_eq!(answer.fatal(), Some("file-unreadable"));
    assert!(answer.rows.is_empty());
}
