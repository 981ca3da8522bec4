//! Drawings: DXF and DGN, their layers, levels, texts, blocks and closed lines.

use std::path::{Path, PathBuf};

use gdal::DriverManager;
use gdal::vector::{Feature, FieldValue, Geometry, LayerAccess, LayerOptions, OGRwkbGeometryType};

use crate::support::*;

/// A drawing by hand: a closed polyline, an open one, a text, and a block of one square set twice.
fn dxf() -> String {
    let point = |x: i32, y: i32| format!("10\n{x}.0\n20\n{y}.0\n");
    let square = [(603_000, 1_191_000), (603_010, 1_191_000), (603_010, 1_191_020), (603_000, 1_191_020)];
    let square: String = square.iter().map(|(x, y)| point(*x, *y)).collect();
    let block = [(0, 0), (2, 0), (2, 2), (0, 2)].iter().map(|(x, y)| point(*x, *y)).collect::<String>();
    let set = |x: i32| format!("0\nINSERT\n8\nCOT\n2\nO_VUONG\n{}", point(x, 1_191_100));
    format!(
        "0\nSECTION\n2\nHEADER\n9\n$ACADVER\n1\nAC1015\n0\nENDSEC\n\
         0\nSECTION\n2\nBLOCKS\n0\nBLOCK\n8\n0\n2\nO_VUONG\n10\n0.0\n20\n0.0\n\
         0\nLWPOLYLINE\n8\nCOT\n90\n4\n70\n1\n{block}0\nENDBLK\n8\n0\n0\nENDSEC\n\
         0\nSECTION\n2\nENTITIES\n\
         0\nLWPOLYLINE\n8\nRANH_THUA\n90\n4\n70\n1\n{square}\
         0\nLINE\n8\nTIM_DUONG\n{}11\n603050.0\n21\n1191000.0\n\
         0\nTEXT\n8\nSO_THUA\n{}40\n2.0\n1\n345\n{}{}\
         0\nENDSEC\n0\nEOF\n",
        point(603_000, 1_191_000),
        point(603_005, 1_191_010),
        set(603_000),
        set(603_100),
    )
}

fn layer_of(path: &Path, geometry: &str) -> dothi_import::protocol::Job {
    let mut job = job_for(path, Some(geometry), &[("layer", "text"), ("text", "text"), ("level", "int")]);
    job.crs = Some("EPSG:9210".into());
    job
}

#[test]
fn a_dxf_gives_layers_and_texts_blocks_and_closed_polylines_as_areas() {
    let folder = tempfile::tempdir().unwrap();
    // Told by its content: the name says nothing.
    let path = file(folder.path(), "ban_ve.dxf", &dxf());
    let mut unsaid = layer_of(&path, "polygon");
    unsaid.crs = None;
    assert_eq!(run(unsaid).fatal(), Some("crs-unknown"), "a drawing says no coordinate system");
    let answer = run(layer_of(&path, "polygon"));
    assert_eq!(answer.fatal(), None, "{}", answer.fatal_text());
    assert_eq!((answer.sums("thing").clean, answer.count("geometry-closed-line")), (3, 3), "{:?}", answer.messages);
    let layers: Vec<_> = answer.of("thing").iter().filter_map(|row| text(row, "layer")).collect();
    assert_eq!(layers, ["RANH_THUA", "COT", "COT"]);
    assert_eq!(answer.count("geometry-type"), 2, "the line and the text are no areas");
    let texts = run(with_profile(
        layer_of(&path, "point"),
        "[[map]]\nto = \"thing\"\nwhere = \"Layer = 'SO_THUA'\"\nsame_names = true\n",
    ));
    assert_eq!(texts.fatal(), None, "{}", texts.fatal_text());
    assert_eq!(text(&texts.of("thing")[0], "text").as_deref(), Some("345"));
    let at = geometry(&texts.of("thing")[0], "geom").unwrap().envelope();
    assert!((at.MinX - 106.693_629).abs() < 1e-5 && (at.MinY - 10.768_494).abs() < 1e-5, "{at:?}");
}

#[test]
fn a_drawing_is_told_by_its_content() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "ban_ve.cad", &dxf());
    assert_eq!(run(layer_of(&path, "polygon")).sums("thing").clean, 3);
}

#[test]
fn a_dgn_gives_levels_and_texts() {
    let folder = tempfile::tempdir().unwrap();
    let path = dgn(&folder.path().join("to_12.dgn"));
    let answer = run(layer_of(&path, "polygon"));
    assert_eq!(answer.fatal(), None, "{}", answer.fatal_text());
    assert_eq!(answer.sums("thing").clean, 1, "{:?}", answer.messages);
    let row = &answer.of("thing")[0];
    assert_eq!(int(row, "level"), Some(10));
    let at = geometry(row, "geom").unwrap().envelope();
    assert!((at.MinX - 106.693_584_094).abs() < 5e-7 && (at.MinY - 10.768_403_658).abs() < 5e-7, "{at:?}");
    let labels = run(with_profile(
        layer_of(&path, "point"),
        "[[map]]\nto = \"thing\"\nwhere = \"Level = 13\"\nsame_names = true\n",
    ));
    assert_eq!(labels.fatal(), None, "{}", labels.fatal_text());
    assert_eq!(text(&labels.of("thing")[0], "text").as_deref(), Some("345"));
}

/// A sheet as GDAL writes one, to some centimetres.
fn dgn(path: &Path) -> PathBuf {
    let driver = DriverManager::get_driver_by_name("DGN").unwrap();
    let mut dataset = driver.create_vector_only(path).unwrap();
    let layer_options = LayerOptions { name: "elements", srs: None, ty: OGRwkbGeometryType::wkbUnknown, options: None };
    let layer = dataset.create_layer(layer_options).unwrap();
    let place = |name: &str| layer.defn().field_index(name).unwrap();
    for (wkt, level, text) in [
        ("POLYGON ((603000 1191000, 603010 1191000, 603010 1191020, 603000 1191020, 603000 1191000))", 10, None),
        ("POINT (603005 1191010)", 13, Some("345")),
    ] {
        let mut feature = Feature::new(layer.defn()).unwrap();
        feature.set_geometry(Geometry::from_wkt(wkt).unwrap()).unwrap();
        feature.set_field(place("Level"), &FieldValue::IntegerValue(level)).unwrap();
        if let Some(text) = text {
            feature.set_field(place("Text"), &FieldValue::StringValue(text.into())).unwrap();
        }
        feature.create(&layer).unwrap();
    }
    path.to_owned()
}

#[test]
fn drawings_of_other_kinds_are_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    for (name, head, word) in [
        ("nha.dwg", &b"AC1027\0\0\0\0"[..], "DWG"),
        ("nha.dxf", b"AutoCAD Binary DXF\r\n\x1a\0", "binary DXF"),
        ("to.dgn", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "V8"),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, head).unwrap();
        let answer = run(layer_of(&path, "polygon"));
        assert_eq!(answer.fatal(), Some("format-unknown"), "{name}");
        let said = answer.fatal_text();
        assert!(said.contains(word) && said.contains("save it"), "{said}");
    }
}
