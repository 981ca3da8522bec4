use std::path::PathBuf;

use gdal::Dataset;
use gdal::vector::LayerAccess as _;

use super::*;

fn column(name: &str, kind: Kind) -> Column {
    let (title_vi, title_en) = (format!("{name} vi"), format!("{name} en"));
    Column { name: name.to_owned(), kind, title_vi, title_en, unit: None, bytes: Some(400) }
}

/// Two points of a zone, the second with a text that no Shapefile holds.
fn input(format: Format, folder: &tempfile::TempDir) -> (PathBuf, String) {
    let path = folder.path().join(format!("post.{}", format.ending()));
    let columns = vec![
        column("id", Kind::Text),
        column("post_number_of_district", Kind::Text),
        column("height_m", Kind::Float),
        column("set_up_on", Kind::Date),
    ];
    let wanted = Wanted {
        path: path.clone(),
        format,
        name: "post".to_owned(),
        title: "Cột".to_owned(),
        srid: Some(9210),
        shape: "Point".to_owned(),
        columns,
    };
    let mut lines = serde_json::to_string(&wanted).unwrap() + "\n";
    for (n, text) in ["Cột số 9".to_owned(), "ữ".repeat(120)].into_iter().enumerate() {
        let (east, north) = (603_000.123_f64 + n as f64, 1_191_000.456_f64);
        let wkb = [&[1u8, 1, 0, 0, 0][..], &east.to_le_bytes(), &north.to_le_bytes()].concat();
        let wkb = Some(wkb.iter().map(|byte| format!("{byte:02x}")).collect());
        let values = vec![format!("object {n}").into(), text.into(), 12.5.into(), "2026-11-23".into()];
        lines += &(serde_json::to_string(&Row { wkb, values }).unwrap() + "\n");
    }
    (path, lines)
}

#[test]
fn every_format_keeps_the_millimetre_and_the_words() {
    for format in Format::ALL {
        let folder = tempfile::tempdir().unwrap();
        let (path, lines) = input(format, &folder);
        run(format!("{lines}{END}\n").as_bytes()).unwrap_or_else(|error| panic!("{format:?}: {error:#}"));
        let opened = if format == Format::Shp {
            format!("/vsizip/{}/post.shp", path.display())
        } else {
            path.display().to_string()
        };
        let file = Dataset::open(&opened).unwrap_or_else(|error| panic!("{format:?}: {error}"));
        let mut layer = file.layer(0).unwrap();
        let features: Vec<_> = layer.features().collect();
        assert_eq!(features.len(), 2, "{format:?}");
        let (x, y, _) = features[1].geometry().unwrap().get_point(0);
        assert!((x - 603_001.123).abs() < 1e-6 && (y - 1_191_000.456).abs() < 1e-6, "{format:?}: {x} {y}");
        if format == Format::Dxf {
            continue;
        }
        let number = if format == Format::Shp { "po_nu_of_d" } else { "post_number_of_district" };
        let text = |n: usize, name: &str| {
            let at = features[n].field_index(name).unwrap_or_else(|error| panic!("{format:?} {error}"));
            features[n].field_as_string(at).unwrap().unwrap_or_default()
        };
        assert_eq!(text(0, number), "Cột số 9", "{format:?}");
        let long = text(1, number);
        assert_eq!(long, "ữ".repeat(if format == Format::Shp { 84 } else { 120 }), "{format:?}");
        assert!(text(0, "set_up_on").replace('/', "-").starts_with("2026-11-23"), "{format:?}");
    }
}

#[test]
fn what_a_shapefile_cannot_hold_stands_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let (path, lines) = input(Format::Shp, &folder);
    run(format!("{lines}{END}\n").as_bytes()).unwrap();
    let mut package = zip::ZipArchive::new(std::fs::File::open(&path).unwrap()).unwrap();
    let mut names: Vec<String> = package.file_names().map(str::to_owned).collect();
    names.sort();
    let expected = ["fields.csv", "long_texts.csv", "post.cpg", "post.dbf", "post.prj", "post.shp", "post.shx"];
    assert_eq!(names, expected);
    let mut text = |name: &str| std::io::read_to_string(package.by_name(name).unwrap()).unwrap();
    assert_eq!(text("post.cpg"), "UTF-8");
    assert!(text("post.prj").contains("VN_2000"), "{}", text("post.prj"));
    let fields =
        "\"po_nu_of_d\",\"post_number_of_district\",\"post_number_of_district vi\",\"post_number_of_district en\",\"\"";
    assert!(text("fields.csv").contains(fields));
    assert!(text("long_texts.csv").contains(&format!("\"object 1\",\"po_nu_of_d\",\"{}\"", "ữ".repeat(120))));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left");
}

#[test]
fn rows_that_break_off_leave_no_file() {
    for format in Format::ALL {
        let folder = tempfile::tempdir().unwrap();
        let (path, lines) = input(format, &folder);
        let told = run(lines.as_bytes()).unwrap_err().to_string();
        assert!(told.contains("broke off after 2"), "{told}");
        assert!(!path.exists(), "{format:?}");
        let told = run(format!("{lines}{{\"wkb\": \"so secret\n").as_bytes()).unwrap_err().to_string();
        assert!(told.contains("row 3") && !told.contains("secret"), "{told}");
    }
}
