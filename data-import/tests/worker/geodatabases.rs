//! A file geodatabase is one item, as a folder and in an archive, whatever the folder is called.

use std::io::Write;
use std::path::{Path, PathBuf};

use gdal::DriverManager;

use crate::formats::{takes, written};
use crate::support::*;

fn zip_of(folder: &Path, prefix: &str, zip: &Path) -> PathBuf {
    let mut out = zip::ZipWriter::new(std::fs::File::create(zip).unwrap());
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        out.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        out.write_all(&std::fs::read(entry.path()).unwrap()).unwrap();
    }
    out.finish().unwrap();
    zip.to_owned()
}

#[test]
fn a_geodatabase_is_read_as_a_folder_and_zipped() {
    let folder = tempfile::tempdir().unwrap();
    let database = written("OpenFileGDB", &folder.path().join("thanh_pho.gdb"), 4326);
    takes(&database);
    takes(&zip_of(&database, "giao/thanh_pho.gdb/", &folder.path().join("a.zip")));
    takes(&zip_of(&database, "", &folder.path().join("thanh_pho.gdb.zip")));
    let renamed = folder.path().join("khong_duoi");
    std::fs::rename(&database, &renamed).unwrap();
    takes(&renamed);
}

#[test]
fn kml_kmz_and_mapinfo() {
    let folder = tempfile::tempdir().unwrap();
    takes(&written("MapInfo File", &folder.path().join("a.tab"), 4326));
    takes(&written("MapInfo File", &folder.path().join("b.mif"), 4326));
    let kml = r#"<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>thing</name>
<Placemark><name>Phường Sài Gòn</name><ExtendedData><Data name="amount"><value>1.5</value></Data><Data name="day"><value>2025-12-31</value></Data></ExtendedData><Point><coordinates>106.1,10.5,0</coordinates></Point></Placemark>
<Placemark><name>Đặc khu Côn Đảo</name><ExtendedData><Data name="amount"><value>1.5</value></Data><Data name="day"><value>2025-12-31</value></Data></ExtendedData><Point><coordinates>106.2,10.5,0</coordinates></Point></Placemark>
</Document></kml>"#;
    let plain = folder.path().join("k");
    std::fs::create_dir(&plain).unwrap();
    takes(&file(&plain, "doc.kml", kml));
    takes(&zip_of(&plain, "", &folder.path().join("a.kmz")));
    assert!(DriverManager::get_driver_by_name("LIBKML").is_ok());
}

#[test]
fn a_mapinfo_file_without_its_table_is_refused_by_the_tables_name() {
    let folder = tempfile::tempdir().unwrap();
    for (name, part) in [("a.tab", "dat"), ("b.tab", "map"), ("c.mif", "mid")] {
        let path = written("MapInfo File", &folder.path().join(name), 4326);
        std::fs::remove_file(path.with_extension(part)).unwrap();
        let answer = run(job_for(&path, Some("point"), &[("name", "text")]));
        assert_eq!(answer.fatal(), Some("file-unreadable"), "{name}");
        assert!(answer.fatal_text().contains(&format!(".{part} of {name}")), "{}", answer.fatal_text());
    }
}
