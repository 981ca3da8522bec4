use std::io::Write;

use super::*;

fn zip_of(path: &Path, entries: &[(&str, &[u8])]) {
    let mut zip = zip::ZipWriter::new(File::create(path).unwrap());
    for (name, content) in entries {
        zip.start_file(
            *name,
            zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated),
        )
        .unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap();
}

fn opened(path: &Path, limits: &Limits) -> Result<Delivery, Fatal> {
    let work = tempfile::tempdir().unwrap();
    // Kept: the items point into it.
    open(&[path.to_string_lossy().into_owned()], &work.keep(), limits)
}

#[test]
fn nested_folders_and_archives_are_one_delivery_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let inner = dir.path().join("inner.zip");
    zip_of(&inner, &[("deep/b.geojson", b"{}")]);
    let outer = dir.path().join("outer.zip");
    zip_of(
        &outer,
        &[
            ("z/c.geojson", b"{}"),
            ("a.geojson", b"{}"),
            ("readme.txt", b"hi"),
            ("inner.zip", &fs::read(&inner).unwrap()),
            ("plan.dwg", b"AC10"),
        ],
    );
    let delivery = opened(&outer, &Limits::default()).unwrap();
    let names: Vec<_> = delivery.items.iter().map(|i| i.name.as_str()).collect();
    assert_eq!(names, ["outer.zip/a.geojson", "outer.zip/inner.zip/deep/b.geojson", "outer.zip/z/c.geojson"]);
    assert_eq!(delivery.ignored, ["outer.zip/plan.dwg"]);
}

#[test]
fn a_path_that_leads_outside_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    for bad in ["../evil.geojson", "/etc/evil.geojson", "a/../../evil.geojson"] {
        let path = dir.path().join("bad.zip");
        zip_of(&path, &[(bad, b"{}")]);
        assert_eq!(opened(&path, &Limits::default()).unwrap_err().slug, "archive-path", "{bad}");
    }
}

#[test]
fn a_bomb_is_refused_by_ratio_and_by_size() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bomb.zip");
    zip_of(&path, &[("bomb.geojson", &vec![b' '; 40 << 20])]);
    assert_eq!(opened(&path, &Limits::default()).unwrap_err().slug, "archive-bomb");
    let small = Limits { unpacked_bytes: 1 << 20, ..Limits::default() };
    let mut gz =
        flate2::write::GzEncoder::new(File::create(dir.path().join("x.csv.gz")).unwrap(), flate2::Compression::fast());
    gz.write_all(&vec![b'1'; 2 << 20]).unwrap();
    gz.finish().unwrap();
    assert_eq!(opened(&dir.path().join("x.csv.gz"), &small).unwrap_err().slug, "archive-bomb");
}

#[test]
fn too_many_files_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("many.zip");
    zip_of(&path, &[("a.json", b"{}"), ("b.json", b"{}"), ("c.json", b"{}")]);
    assert_eq!(opened(&path, &Limits { archive_files: 2, ..Limits::default() }).unwrap_err().slug, "limit-files");
}

#[test]
fn cut_unknown_empty_and_missing_files_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("cut.zip");
    zip_of(&path, &[("a.json", b"{\"type\":\"FeatureCollection\",\"features\":[]}")]);
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    assert_eq!(opened(&path, &Limits::default()).unwrap_err().slug, "archive-broken");
    for (name, content, slug) in [
        ("a.xyz", &b"what"[..], "format-unknown"),
        ("a.csv", b"", "file-empty"),
        ("a.gpkg", b"no sqlite", "format-unknown"),
    ] {
        fs::write(dir.path().join(name), content).unwrap();
        assert_eq!(opened(&dir.path().join(name), &Limits::default()).unwrap_err().slug, slug, "{name}");
    }
    assert_eq!(opened(&dir.path().join("none.shp"), &Limits::default()).unwrap_err().slug, "file-missing");
}

#[test]
fn a_shapefile_is_one_item() {
    let dir = tempfile::tempdir().unwrap();
    for (name, content) in [
        ("w.shp", &[0u8, 0, 0x27, 0x0a][..]),
        ("w.shx", &[0, 0, 0x27, 0x0a]),
        ("w.dbf", &[3]),
        ("w.prj", b"x"),
        ("alone.dbf", &[3]),
    ] {
        fs::write(dir.path().join(name), content).unwrap();
    }
    let delivery = opened(dir.path(), &Limits::default()).unwrap();
    let names: Vec<_> = delivery.items.iter().filter_map(|i| i.path.file_name()).collect();
    assert_eq!(names, ["alone.dbf", "w.shp"]);
}
