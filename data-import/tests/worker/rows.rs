//! What becomes of values and geometries, row by row.

use dothi_import::protocol::{AttributeSpec, Checks, Job, Message};

use crate::support::*;

fn csv(rows: &str, geometry: Option<&str>, attributes: &[(&str, &str)]) -> (tempfile::TempDir, Job) {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "things.csv", rows);
    let mut job = job_for(&path, geometry, attributes);
    job.crs = Some("EPSG:4326".into());
    (folder, job)
}

fn wkt_rows(shapes: &[&str]) -> String {
    let mut out = String::from("name;wkt\n");
    for (i, shape) in shapes.iter().enumerate() {
        out += &format!("n{i};{shape}\n");
    }
    out
}

#[test]
fn values_are_read_as_departments_write_them() {
    let text_of = "\u{feff}ten;so;gia;ngay;co;luc\nĐường Lê\u{301} Lợi  ;12;1.234,5;31/12/2025;Có;2025-12-31 08:00\n;x;1,234;31/02/2025;?;\n";
    let (_folder, job) = csv(
        text_of,
        None,
        &[("ten", "text"), ("so", "int"), ("gia", "float"), ("ngay", "date"), ("co", "bool"), ("luc", "timestamp")],
    );
    let answer = run(job);
    let sums = answer.sums("thing");
    assert_eq!((sums.read, sums.clean), (2, 2));
    let [first, second] = answer.of("thing") else { panic!() };
    assert_eq!(text(first, "ten").as_deref(), Some("Đường Lế Lợi"), "NFC, trimmed, no byte order mark");
    assert_eq!(
        (int(first, "so"), float(first, "gia"), date(first, "ngay").as_deref()),
        (Some(12), Some(1234.5), Some("2025-12-31"))
    );
    assert_eq!(first.get("co"), Some(&vec![1]));
    // Times without a zone are Vietnam's: 01:00 UTC.
    assert_eq!(int(first, "luc").unwrap() % 86_400_000_000, 3_600_000_000);
    for name in ["ten", "so", "gia", "ngay", "co", "luc"] {
        assert!(!second.contains_key(name), "{name}");
    }
    assert_eq!(answer.count("value-wrong-kind"), 4);
    let issue = answer.issues("value-wrong-kind")[0];
    assert_eq!((issue.row, issue.field.as_deref(), issue.value.as_deref()), (Some(2), Some("so"), Some("x")));
}

#[test]
fn a_required_value_refuses_the_row_and_its_reason_stands_in_the_geopackage() {
    let (_folder, mut job) = csv("name,lon,lat\n,106.7,10.8\nA,106.7,10.8\n", Some("point"), &[]);
    job.layers[0].attributes =
        vec![AttributeSpec { name: "name".into(), kind: "text".into(), required: true, ..AttributeSpec::default() }];
    let answer = run(job);
    assert_eq!(answer.sums("thing"), Sums { read: 2, clean: 1, repaired: 0, refused: 1, skipped: 0 });
    let refused = gdal::Dataset::open(answer.refused.as_ref().unwrap()).unwrap();
    let mut layer = refused.layer_by_name("refused_thing").unwrap();
    let feature = gdal::vector::LayerAccess::features(&mut layer).next().unwrap();
    let field = |name: &str| feature.field_as_string(feature.field_index(name).unwrap()).unwrap().unwrap();
    assert_eq!(
        (field("rule").as_str(), field("field").as_str(), field("source_row").as_str()),
        ("value-missing", "name", "1")
    );
    assert!(field("reason_vi").contains("bắt buộc") && field("attributes").contains("106.7"));
    assert_eq!(feature.geometry().unwrap().wkt().unwrap(), "POINT (106.7 10.8)");
}

#[test]
fn a_refused_row_says_which_object_it_speaks_of_and_nothing_else() {
    let rows = "number,name,lon,lat\n7,A,106.7,nowhere\nseven,B,106.7,10.8\n8,C,106.7,10.8\n";
    let (_folder, mut job) = csv(rows, Some("point"), &[("number", "int"), ("name", "text")]);
    job.layers[0].attributes[0].required = true;
    job.layers[0].key = vec!["number".into()];
    let answer = run(job);
    assert_eq!(answer.sums("thing").refused, 2);
    let told: Vec<_> =
        answer.refused_keys["thing"].iter().map(|row| (row.get("number"), row.contains_key("geom"))).collect();
    assert_eq!(told, [(Some(&7i64.to_be_bytes().to_vec()), false), (None, true)], "a key that cannot be read is none");
    assert!(answer.refused_keys["thing"].iter().all(|row| !row.contains_key("name")));
}

#[test]
fn geometries_become_what_the_layer_takes_or_are_refused() {
    let shapes = [
        "POLYGON ((0 0,1 0,1 1,0 0))",
        "POLYGON Z ((0 0 5,1 0 5,1 1 5,0 0 5))",
        "MULTIPOLYGON (((0 0,1 0,1 1,0 0)),((5 5,6 5,6 6,5 5)))",
        "GEOMETRYCOLLECTION (POLYGON ((0 0,2 0,2 1,0 0)))",
        "CURVEPOLYGON (CIRCULARSTRING (0 0,1 1,2 0,1 -1,0 0))",
        "POLYGON ((0 0,10 10,10 0,0 10,0 0))",
        "LINESTRING (0 0,1 1)",
        "POINT EMPTY",
        "POLYGON EMPTY",
        "POLYGON ((0 0,1 nan,1 1,0 0))",
        "nonsense",
        "",
    ];
    let (_folder, job) = csv(&wkt_rows(&shapes), Some("multipolygon"), &[("name", "text")]);
    let answer = run(job);
    let rows = answer.of("thing");
    assert_eq!(rows.len(), 5);
    for row in rows {
        let (srid, wkt) = wkt(row, "geom").unwrap();
        assert!(srid == 4326 && wkt.starts_with("MULTIPOLYGON ("), "{wkt}");
    }
    let sums = answer.sums("thing");
    assert_eq!((sums.read, sums.refused), (12, 7));
    for (rule, count) in [("geometry-invalid", 1), ("geometry-type", 1), ("geometry-empty", 2), ("geometry-missing", 1)]
    {
        assert_eq!(answer.count(rule), count, "{rule}");
    }
    assert_eq!(answer.count("geometry-broken") + answer.count("geometry-not-finite"), 2);
}

#[test]
fn basic_checks_leave_validity_alone_and_full_ones_repair_or_refuse() {
    let spike = "POLYGON ((0 0,0.001 0,0.001 0.001,0.0005 0.001,0.0005 0.002,0.0005 0.001,0 0.001,0 0))";
    let bow_tie = "POLYGON ((0 0,0.01 0.01,0.01 0,0 0.01,0 0))";
    let (_folder, mut job) = csv(&wkt_rows(&[spike, bow_tie, spike]), Some("polygon"), &[("name", "text")]);
    let full = run(job.clone());
    assert_eq!(full.sums("thing"), Sums { read: 3, clean: 0, repaired: 2, refused: 1, skipped: 0 });
    assert_eq!(full.count("geometry-duplicate"), 1);
    assert!(full.issues("geometry-repaired")[0].message.en.contains("m² → "));
    assert!(
        full.of("thing")
            .iter()
            .all(|r| geometry(r, "geom").unwrap().is_valid() && text(r, "_status").as_deref() == Some("repaired"))
    );
    job.checks = Checks::Basic;
    assert_eq!(run(job).sums("thing"), Sums { read: 3, clean: 3, repaired: 0, refused: 0, skipped: 0 });
}

#[test]
fn legal_layers_get_metres_from_which_the_map_is_derived() {
    let (_folder, mut job) = csv(
        &wkt_rows(&["POLYGON ((106.69 10.76,106.70 10.76,106.70 10.77,106.69 10.76))"]),
        Some("multipolygon"),
        &[("name", "text")],
    );
    job.layers[0].legal = true;
    assert!(!run(job.clone()).of("thing")[0].contains_key("geom_source"), "no zone, no legal metres");
    job.legal_srid = Some(9210);
    let answer = run(job);
    let row = &answer.of("thing")[0];
    let (srid, _) = wkt(row, "geom_source").unwrap();
    assert_eq!(srid, 9210);
    let corner = |name: &str| {
        let g = geometry(row, name).unwrap();
        let ring = g.get_geometry(0).get_geometry(0).get_point(0);
        (ring.0, ring.1)
    };
    let (east, north) = corner("geom_source");
    let derived = dothi_import::crs::point_to_wgs84(9210, east, north).unwrap();
    assert_eq!(corner("geom"), derived, "the map is the metres, converted");
    assert!((derived.0 - 106.69).abs() < 1e-8);
}

#[test]
fn what_is_in_the_file_decides_the_hash_and_not_where_it_stands() {
    let (_folder, job) = csv("name,lon,lat\nA,1,2\nB,1,2\nA,1,2\n", Some("point"), &[("name", "text")]);
    let answer = run(job.clone());
    let hashes: Vec<_> = answer.of("thing").iter().map(|r| r["_hash"].clone()).collect();
    assert_eq!(hashes[0], hashes[2]);
    assert_ne!(hashes[0], hashes[1]);
    assert_eq!(hashes[0].len(), 16);
    let rows: Vec<_> = answer.of("thing").iter().map(|r| int(r, "_row")).collect();
    assert_eq!(rows, [Some(1), Some(2), Some(3)]);
    let again = run(job);
    assert_eq!(again.of("thing"), answer.of("thing"), "the same file gives the same rows");
}

#[test]
fn units_codes_defaults_constants_and_templates_of_a_profile() {
    let (_folder, mut job) = csv(
        "w,kind,a,b\n10,TREE,x,y\n16 ft,Other,x,\n,,,\n",
        None,
        &[("width_m", "float"), ("kind", "code"), ("place", "text"), ("note", "text"), ("who", "int")],
    );
    job.layers[0].attributes[0].unit = Some("m".into());
    job.layers[0].attributes[1].code_list = Some("kinds".into());
    job.code_lists.insert("kinds".into(), vec!["cay".into()]);
    let answer = run(with_profile(
        job,
        "[[map]]\nto = \"thing\"\n[map.columns]\nwidth_m = { from = \"w\", unit = \"ft\" }\nkind = { from = \"kind\", codes = { \"TR*\" = \"cay\" } }\nplace = [\"{a}-{b}\", \"a\"]\nnote = { from = \"b\", default = \"none\" }\nwho = { value = 7 }\n",
    ));
    let [first, second, third] = answer.of("thing") else { panic!() };
    assert!((float(first, "width_m").unwrap() - 3.048).abs() < 1e-9);
    assert!((float(second, "width_m").unwrap() - 4.8768).abs() < 1e-9);
    assert_eq!(
        (text(first, "kind").as_deref(), text(second, "kind").as_deref(), text(third, "kind")),
        (Some("cay"), Some("Other"), None)
    );
    assert_eq!((text(first, "place").as_deref(), text(second, "place").as_deref()), (Some("x-y"), Some("x")));
    assert_eq!((text(second, "note").as_deref(), int(third, "who")), (Some("none"), Some(7)));
    assert_eq!(answer.count("code-unknown"), 1, "an unknown code is kept and said");
}

#[test]
fn extra_keeps_what_is_named_but_nothing_personal() {
    let (_folder, job) = csv("name,note,call\nA,hello,0903123456\n", None, &[("name", "text")]);
    let profile =
        |extra: &str| format!("[[map]]\nto = \"thing\"\nkeep_extra = [{extra}]\n[map.columns]\nname = \"name\"\n");
    let answer = run(with_profile(job.clone(), &profile("\"note\", \"call\"")));
    let extra = &answer.of("thing")[0]["extra"];
    assert_eq!((extra[0], std::str::from_utf8(&extra[1..]).unwrap()), (1, "{\"note\":\"hello\"}"));
    assert_eq!(answer.count("personal-value"), 1);
    let refused = run(with_profile(job, &profile("\"so_dien_thoai\"")));
    assert_eq!(refused.fatal(), Some("personal-column"));
}

#[test]
fn a_validity_that_holds_on_no_day_is_refused() {
    let (_folder, job) = csv(
        "name,valid_from,valid_to\nA,2025-07-01,2025-07-01\nB,2025-07-01,\nC,,2025-07-01\n",
        None,
        &[("name", "text")],
    );
    let answer = run(job);
    assert_eq!((answer.sums("thing").refused, answer.count("validity-empty")), (1, 1));
    assert_eq!(date(&answer.of("thing")[0], "valid_from").as_deref(), Some("2025-07-01"));
}

#[test]
fn coordinates_that_contradict_their_crs_stop_the_import_with_evidence() {
    let metres: String = (0..30).map(|i| format!("n,{},{}\n", 603_000 + i * 10, 1_191_000 + i * 10)).collect();
    let (_folder, mut job) = csv(&format!("name,x,y\n{metres}"), Some("point"), &[("name", "text")]);
    let answer = run(job.clone());
    assert_eq!(answer.fatal(), Some("coordinates-mismatch"));
    assert!(answer.fatal_text().contains("look like metres"), "{}", answer.fatal_text());
    job.crs = Some("EPSG:9210".into());
    assert_eq!(run(job.clone()).sums("thing").clean, 30);
    let swapped = std::fs::read_to_string(&job.files[0]).unwrap().replacen("name,x,y", "name,y,x", 1);
    std::fs::write(&job.files[0], swapped).unwrap();
    let answer = run(job.clone());
    assert_eq!(answer.fatal(), Some("coordinates-outside-vietnam"), "{}", answer.fatal_text());
    assert!(answer.fatal_text().contains("swapped"));
    std::fs::write(&job.files[0], format!("name,x,y\n{}", "n,106.7,10.8\n".repeat(30))).unwrap();
    let answer = run(job);
    assert_eq!(answer.fatal(), Some("coordinates-mismatch"), "{}", answer.fatal_text());
    assert!(answer.fatal_text().contains("look like degrees"));
}

#[test]
fn two_files_are_one_delivery_with_one_numbering() {
    let folder = tempfile::tempdir().unwrap();
    let a = file(folder.path(), "a.csv", "name,lon,lat\nA,1,2\nB,3,4\n");
    let b = file(folder.path(), "b.csv", "name,lon,lat\nC,5,6\n");
    let mut job = job_for(&a, Some("point"), &[("name", "text")]);
    job.files.push(b.to_string_lossy().into_owned());
    job.crs = Some("EPSG:4326".into());
    let answer = run(job);
    let rows: Vec<_> = answer.of("thing").iter().map(|r| (int(r, "_row"), text(r, "name"))).collect();
    assert_eq!(rows[2], (Some(3), Some("C".into())));
    let begins = answer.messages.iter().filter(|m| matches!(m, Message::Begin { .. })).count();
    assert_eq!(begins, 2);
}
