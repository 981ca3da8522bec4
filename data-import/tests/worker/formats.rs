//! Each format, written here by GDAL or by hand, gives the same rows.

use std::io::Write;
use std::path::{Path, PathBuf};

use gdal::DriverManager;
use gdal::spatial_ref::SpatialRef;
use gdal::vector::{FieldValue, Geometry, LayerAccess, LayerOptions, OGRFieldType, OGRwkbGeometryType};

use crate::support::*;

pub const NAMES: [&str; 2] = ["Phường Sài Gòn", "Đặc khu Côn Đảo"];

pub fn written(driver: &str, path: &Path, epsg: u32) -> PathBuf {
    let driver = DriverManager::get_driver_by_name(driver).unwrap();
    let mut dataset = driver.create_vector_only(path).unwrap();
    let srs = SpatialRef::from_epsg(epsg).unwrap();
    let options: Option<&[&str]> = path.extension().is_some_and(|e| e == "shp").then_some(&["ENCODING=UTF-8"]);
    let options = LayerOptions { name: "thing", srs: Some(&srs), ty: OGRwkbGeometryType::wkbPoint, options };
    let layer = dataset.create_layer(options).unwrap();
    layer
        .create_defn_fields(&[
            ("name", OGRFieldType::OFTString),
            ("amount", OGRFieldType::OFTReal),
            ("day", OGRFieldType::OFTDate),
        ])
        .unwrap();
    for (i, name) in NAMES.iter().enumerate() {
        let wkt =
            if epsg == 4326 { format!("POINT (106.{} 10.5)", i + 1) } else { format!("POINT (60300{i} 1191000)") };
        let day = chrono::NaiveDate::from_ymd_opt(2025, 12, 31).unwrap();
        let values = [FieldValue::StringValue((*name).into()), FieldValue::RealValue(1.5), FieldValue::DateValue(day)];
        let mut feature = gdal::vector::Feature::new(layer.defn()).unwrap();
        feature.set_geometry(Geometry::from_wkt(&wkt).unwrap()).unwrap();
        for (index, value) in values.iter().enumerate() {
            feature.set_field(index, value).unwrap();
        }
        feature.create(&layer).unwrap();
    }
    path.to_owned()
}

pub fn takes(path: &Path) {
    let job = job_for(path, Some("point"), &[("name", "text"), ("amount", "float"), ("day", "date")]);
    let answer = run(job);
    assert_eq!(answer.fatal(), None, "{}: {}", path.display(), answer.fatal_text());
    assert_eq!(answer.sums("thing").clean, 2, "{}", path.display());
    // A FlatGeobuf orders its rows in space.
    for name in NAMES {
        let row = answer.of("thing").iter().find(|r| text(r, "name").as_deref() == Some(name)).unwrap();
        assert_eq!(
            (float(row, "amount"), date(row, "day").as_deref()),
            (Some(1.5), Some("2025-12-31")),
            "{}",
            path.display()
        );
    }
    let mut places: Vec<_> = answer.of("thing").iter().map(|r| wkt(r, "geom").unwrap()).collect();
    places.sort();
    assert_eq!(places, [(4326, "POINT (106.1 10.5)".to_owned()), (4326, "POINT (106.2 10.5)".to_owned())]);
}

fn gzip(path: &Path) -> PathBuf {
    let packed = PathBuf::from(format!("{}.gz", path.display()));
    let mut out = flate2::write::GzEncoder::new(std::fs::File::create(&packed).unwrap(), flate2::Compression::fast());
    out.write_all(&std::fs::read(path).unwrap()).unwrap();
    out.finish().unwrap();
    packed
}

#[test]
fn geojson_geopackage_shapefile_and_flatgeobuf_plain_gzipped_and_zipped() {
    let folder = tempfile::tempdir().unwrap();
    for (driver, name) in
        [("GeoJSON", "a.geojson"), ("GPKG", "a.gpkg"), ("FlatGeobuf", "a.fgb"), ("ESRI Shapefile", "a.shp")]
    {
        let path = written(driver, &folder.path().join(name), 4326);
        takes(&path);
        if driver != "ESRI Shapefile" {
            takes(&gzip(&path));
        }
    }
    let zip = folder.path().join("shape.zip");
    let mut out = zip::ZipWriter::new(std::fs::File::create(&zip).unwrap());
    for extension in ["shp", "shx", "dbf", "prj", "cpg"] {
        let Ok(bytes) = std::fs::read(folder.path().join(format!("a.{extension}"))) else { continue };
        out.start_file(format!("deep/a.{extension}"), zip::write::SimpleFileOptions::default()).unwrap();
        out.write_all(&bytes).unwrap();
    }
    out.finish().unwrap();
    takes(&zip);
}

#[test]
fn topojson_csv_and_lines_of_geojson() {
    let folder = tempfile::tempdir().unwrap();
    let topojson = r#"{"type":"Topology","objects":{"thing":{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[106.1,10.5],"properties":{"name":"A"}}]}},"arcs":[]}"#;
    let path = file(folder.path(), "a.topojson", topojson);
    let mut job = job_for(&path, Some("point"), &[("name", "text")]);
    assert_eq!(run(job.clone()).fatal(), Some("crs-unknown"), "a TopoJSON does not say its CRS");
    job.crs = Some("EPSG:4326".into());
    assert_eq!(run(job).sums("thing").clean, 1);
    let lines: String = (1..4).map(|i| format!("{{\"type\":\"Feature\",\"properties\":{{\"name\":\"n{i}\"}},\"geometry\":{{\"type\":\"Point\",\"coordinates\":[106.{i},10.5]}}}}\n")).collect();
    let path = file(folder.path(), "a.geojsonl", &lines);
    assert_eq!(run(job_for(&path, Some("point"), &[("name", "text")])).sums("thing").clean, 3);
    let path = file(folder.path(), "a.csv", "name,Kinh độ,Vĩ độ\nA,\"106,1\",\"10,5\"\n");
    let mut job = job_for(&path, Some("point"), &[("name", "text")]);
    job.crs = Some("EPSG:4326".into());
    let answer = run(job);
    assert_eq!(wkt(&answer.of("thing")[0], "geom").unwrap().1, "POINT (106.1 10.5)");
}

#[test]
fn without_a_profile_layers_and_columns_are_matched_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(
        folder.path(),
        "tree.geojson",
        r#"{"type":"FeatureCollection","name":"tree","features":[{"type":"Feature","properties":{"tree_number":"C1","Loài":"Phượng","height_m":"7,5","what":1},"geometry":{"type":"Point","coordinates":[106.7,10.8]}}]}"#,
    );
    let answer = run(job(&[&path]));
    let row = &answer.of("tree")[0];
    assert_eq!((text(row, "tree_number").as_deref(), float(row, "height_m")), (Some("C1"), Some(7.5)));
    assert_eq!(answer.issues("column-unmapped").iter().filter(|i| i.field.as_deref() == Some("what")).count(), 1);
    let unknown = file(folder.path(), "whatever.geojson", r#"{"type":"FeatureCollection","features":[]}"#);
    let answer = run(job(&[&unknown]));
    assert_eq!(answer.fatal(), Some("nothing-mapped"));
    assert!(answer.fatal_text().contains("--propose"));
}

#[test]
fn vn2000_without_an_epsg_code_is_known_by_its_parameters() {
    let folder = tempfile::tempdir().unwrap();
    let path = written("ESRI Shapefile", &folder.path().join("v.shp"), 9210);
    let prj = std::fs::read_to_string(folder.path().join("v.prj")).unwrap();
    assert!(!prj.contains("9210"), "{prj}");
    let answer = run(job_for(&path, Some("point"), &[("name", "text")]));
    assert_eq!(answer.fatal(), None, "{}", answer.fatal_text());
    let g = geometry(&answer.of("thing")[0], "geom").unwrap().envelope();
    assert!((g.MinX - 106.693_584_094).abs() < 1e-9 && (g.MinY - 10.768_403_658).abs() < 1e-9, "{g:?}");
}

#[test]
fn a_proposal_names_the_files_that_could_not_be_read() {
    use dothi_import::protocol::{Message, Mode};
    let folder = tempfile::tempdir().unwrap();
    let good = file(folder.path(), "cay.csv", "tree_number,wkt\nC1,POINT (1 1)\n");
    let broken = file(folder.path(), "hong.gpkg", "this is no GeoPackage");
    let mut look = job(&[&good, &broken]);
    look.layer = Some("tree".into());
    look.mode = Mode::Propose;
    let answer = run(look.clone());
    let proposals = |m: &Message| if let Message::Proposal { toml } = m { Some(toml.clone()) } else { None };
    let toml = answer.messages.iter().find_map(proposals).unwrap_or_else(|| panic!("{}", answer.fatal_text()));
    assert!(toml.lines().any(|line| line.starts_with('#') && line.contains("NOT READ: hong.gpkg")), "{toml}");
    assert!(dothi_import::profile::Profile::from_toml(&toml).is_ok(), "{toml}");
    look.files.remove(0);
    assert!(run(look).fatal().is_some(), "with nothing to read there is nothing to propose");
}

#[test]
fn a_look_at_a_file_says_what_it_holds_and_proposes_a_profile() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(
        folder.path(),
        "thua_dat.csv",
        "SO_TO,SO_THUA,LOAI_DAT,DIEN_TICH,TEN_CHU,wkt\n12,345,ODT,80.5,Nguyễn Văn A,POINT (1 1)\n",
    );
    let mut look = job(&[&path]);
    look.layer = Some("parcel".into());
    look.mode = dothi_import::protocol::Mode::Propose;
    let answer = run(look.clone());
    let toml = answer
        .messages
        .iter()
        .find_map(|m| if let dothi_import::protocol::Message::Proposal { toml } = m { Some(toml) } else { None })
        .unwrap();
    let profile = dothi_import::profile::Profile::from_toml(toml).unwrap();
    assert!(
        matches!(&profile.map[0].columns["sheet"], dothi_import::profile::Column::From(c) if c == "SO_TO"),
        "{toml}"
    );
    assert!(
        matches!(&profile.map[0].columns["number"], dothi_import::profile::Column::From(c) if c == "SO_THUA"),
        "{toml}"
    );
    assert!(!toml.contains("Nguyễn"), "a personal column shows no sample: {toml}");
    look.mode = dothi_import::protocol::Mode::Inspect;
    let answer = run(look);
    assert!(
        answer.messages.iter().any(
            |m| matches!(m, dothi_import::protocol::Message::Inspection { layers } if layers[0].columns.len() == 6)
        )
    );
}

#[test]
fn a_shapefile_without_its_table_is_refused_by_the_tables_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = written("ESRI Shapefile", &folder.path().join("trees.shp"), 9210);
    std::fs::remove_file(folder.path().join("trees.dbf")).unwrap();
    let answer = run(job_for(&path, Some("any"), &[("name", "text")]));
    assert_eq!(answer.fatal(), Some("file-unreadable"));
    let said = answer.fatal_text();
    assert!(said.contains("trees.dbf, the table of trees.shp, is missing"), "{said}");
}

#[test]
fn a_csv_of_more_columns_than_are_read_is_refused_with_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    let wide = |columns: usize| {
        let names: Vec<String> = (0..columns).map(|at| format!("\"c,{at}\"")).collect();
        file(folder.path(), "wide.csv", &format!("{}\n{}\n", names.join(";"), vec!["1"; columns].join(";")))
    };
    let job = |columns| job_for(&wide(columns), None, &[("c_1", "text")]);
    let refused = run(job(2_001));
    assert_eq!(refused.fatal(), Some("file-unreadable"));
    let said = refused.fatal_text();
    assert!(said.contains("2001 columns, and 2000 are read at most"), "{said}");
    assert_eq!(run(job(2_000)).fatal(), None);
}
