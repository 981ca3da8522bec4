//! Text whose encoding nobody named: found out where the evidence is enough, else asked for with how it would read.

use std::path::Path;

use crate::formats::{NAMES, written};
use crate::support::{Answer, job_for, run, text};

/// "Đường Nguyễn Huệ" (TCVN3, VNI).
const TCVN3: &[u8] = b"\xa7\xad\xeang Nguy\xd4n Hu\xd6";
const VNI: &[u8] = b"\xd1\xf6\xf4\xf8ng Nguye\xe3n Hue\xe4";

fn csv(folder: &Path, names: &[&[u8]]) -> std::path::PathBuf {
    let path = folder.join("list.csv");
    let mut content = b"lon,lat,name\n".to_vec();
    for (row, name) in names.iter().enumerate() {
        content.extend_from_slice(format!("106.7,10.{:03},", 100 + row).as_bytes());
        content.extend_from_slice(name);
        content.push(b'\n');
    }
    std::fs::write(&path, content).unwrap();
    path
}

fn read(names: &[&[u8]]) -> Answer {
    let folder = tempfile::tempdir().unwrap();
    let mut job = job_for(&csv(folder.path(), names), Some("any"), &[("name", "text")]);
    job.crs = Some("EPSG:4326".into());
    run(job)
}

#[test]
fn a_list_in_an_old_encoding_is_read_and_said_so() {
    let garbled = "Ä\u{90}Æ°á»\u{9d}ng Nguyá»…n Huá»‡".as_bytes();
    for (name, bytes) in [("tcvn3", TCVN3), ("vni", VNI), ("utf8-as-cp1252", garbled)] {
        let answer = read(&[bytes; 6]);
        assert_eq!(answer.sums("thing").clean, 6, "{name}: {}", answer.fatal_text());
        let found = answer.issues("encoding-detected");
        assert!(found.first().is_some_and(|one| one.message.en.contains(name)), "{name}: {found:?}");
        assert!(
            answer.of("thing").iter().all(|row| text(row, "name").as_deref() == Some("Đường Nguyễn Huệ")),
            "{name}"
        );
    }
}

#[test]
fn too_little_text_is_asked_about_with_how_it_would_read() {
    let answer = read(&[&TCVN3[..5]]);
    assert_eq!(answer.fatal(), Some("encoding-unknown"));
    for line in ["--encoding tcvn3", "“Đường”", "--encoding viscii"] {
        assert!(answer.fatal_text().contains(line), "{line}: {}", answer.fatal_text());
    }
}

#[test]
fn utf8_is_left_alone() {
    let answer = read(&["Đường Nguyễn Huệ".as_bytes(), "Hôtel de Ville".as_bytes()]);
    assert_eq!((answer.sums("thing").clean, answer.count("encoding-detected")), (2, 0));
}

#[test]
fn a_shapefile_that_names_a_wrong_encoding_is_read_by_its_text() {
    let folder = tempfile::tempdir().unwrap();
    let path = written("ESRI Shapefile", &folder.path().join("trees.shp"), 9210);
    std::fs::write(path.with_extension("cpg"), "ISO-8859-1").unwrap();
    let mut job = job_for(&path, Some("any"), &[("name", "text")]);
    let answer = run(job.clone());
    let names = |answer: &Answer| answer.of("thing").iter().filter_map(|row| text(row, "name")).collect::<Vec<_>>();
    assert_eq!(names(&answer), NAMES, "{}", answer.fatal_text());
    let said = answer.issues("encoding-detected");
    assert!(said.first().is_some_and(|one| one.message.en.contains("says windows-1252")), "{said:?}");
    // What a person names holds, right or wrong.
    job.encoding = Some("cp1252".into());
    let named = run(job);
    assert_ne!(names(&named), NAMES);
    assert_eq!(named.count("encoding-detected"), 0);
}
