//! Shipped profiles on the files that they are for.

use std::path::{Path, PathBuf};

use dothi_import::profile::{SHIPPED, shipped};

use crate::support::*;

fn import(name: &str, files: &[PathBuf]) -> Answer {
    let files: Vec<_> = files.iter().map(PathBuf::as_path).collect();
    run(with_profile(job(&files), shipped(name).unwrap()))
}

fn cambridge(profile: &str, file: &str) -> Answer {
    import(profile, &[data("cambridge").join(file)])
}

#[test]
fn every_shipped_profile_is_in_its_folder_and_fits_the_catalog() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles");
    let files = std::fs::read_dir(folder)
        .unwrap()
        .filter(|e| e.as_ref().unwrap().path().extension().is_some_and(|e| e == "toml"))
        .count();
    assert_eq!(files, SHIPPED.len());
    let layers = layers();
    let codes = code_lists();
    for (name, text) in SHIPPED {
        let profile = dothi_import::profile::Profile::from_toml(text).unwrap_or_else(|e| panic!("{name}: {e}"));
        for map in &profile.map {
            let layer = layers.iter().find(|l| l.name == map.to).unwrap_or_else(|| panic!("{name}: {}", map.to));
            for (attribute, column) in &map.columns {
                let special = ["id", "valid_from", "valid_to"].contains(&attribute.as_str());
                let spec = layer.attributes.iter().find(|a| a.name == *attribute);
                assert!(special || spec.is_some(), "{name}: {}.{attribute}", map.to);
                let Some(list) = spec.and_then(|s| s.code_list.as_ref()) else { continue };
                let dothi_import::profile::Column::Long(long) = column else { continue };
                for value in long
                    .codes
                    .values()
                    .chain(&long.value)
                    .chain(&long.default)
                    .filter_map(|v| v.as_str())
                    .filter(|v| !v.is_empty())
                {
                    assert!(
                        codes[list].iter().any(|c| c == value),
                        "{name}: {}.{attribute}: {value} is not in {list}",
                        map.to
                    );
                }
            }
            for attribute in layer.attributes.iter().filter(|a| a.required) {
                assert!(map.columns.contains_key(&attribute.name), "{name}: {}.{} is required", map.to, attribute.name);
            }
        }
    }
}

#[test]
fn the_planning_package_of_the_circular_comes_in_as_geopackage_and_as_geodatabase() {
    let folder = tempfile::tempdir().unwrap();
    for (driver, name) in [("GPKG", "QuyHoach.gpkg"), ("OpenFileGDB", "QuyHoach.gdb")] {
        let path = folder.path().join(name);
        planning_package(driver, &path);
        let answer = import("tt16-2025", &[path]);
        assert_eq!(answer.fatal(), None, "{name}: {}", answer.fatal_text());
        assert_eq!((answer.sums("planning_zone").clean, answer.sums("planning_line").clean), (2, 1), "{name}");
        let zone = &answer.of("planning_zone")[0];
        assert_eq!(text(zone, "plan").as_deref(), Some("79QPK1250001"), "{name}");
        assert_eq!(text(zone, "function").as_deref(), Some("cay_xanh"), "{name}");
        assert_eq!(text(&answer.of("planning_line")[0], "kind").as_deref(), Some("chi_gioi_duong_do"));
        let wrong = answer.issues("identifier-format");
        assert_eq!(wrong.len(), 1, "{name}: {wrong:?}");
        assert_eq!((wrong[0].value.as_deref(), wrong[0].field.as_deref()), (Some("79QPK12"), Some("plan")));
    }
}

fn planning_package(driver: &str, path: &Path) {
    use gdal::vector::{Feature, FieldValue, Geometry, LayerAccess, LayerOptions, OGRFieldType, OGRwkbGeometryType};
    let mut dataset = gdal::DriverManager::get_driver_by_name(driver).unwrap().create_vector_only(path).unwrap();
    let srs = gdal::spatial_ref::SpatialRef::from_epsg(9210).unwrap();
    let fields = ["maThongTinQH", "maHoSoQH", "maDoiTuong", "tenDoiTuong", "phanLoai", "ghiChu"];
    let square = |x: i32| {
        let east = x + 50;
        format!("MULTIPOLYGON ((({x} 1191000, {east} 1191000, {east} 1191050, {x} 1191050, {x} 1191000)))")
    };
    let (area, line) = (OGRwkbGeometryType::wkbMultiPolygon, OGRwkbGeometryType::wkbMultiLineString);
    let along = "MULTILINESTRING ((603000 1190990, 603100 1190990))".to_owned();
    for (name, ty, rows) in [
        ("PhanOQuyHoach_A", area, vec![(square(603_000), "79QPK1250001", "I-1"), (square(603_050), "79QPK12", "I-2")]),
        ("ChiGioiDuongDo_L", line, vec![(along, "79QPK1250001", "L-1")]),
    ] {
        let layer = dataset.create_layer(LayerOptions { name, srs: Some(&srs), ty, options: None }).unwrap();
        layer.create_defn_fields(&fields.map(|field| (field, OGRFieldType::OFTString))).unwrap();
        for (wkt, plan, object) in rows {
            let mut feature = Feature::new(layer.defn()).unwrap();
            feature.set_geometry(Geometry::from_wkt(&wkt).unwrap()).unwrap();
            for (index, value) in ["TT1", plan, object, "Ô số 1", "Đất cây xanh công viên", ""].iter().enumerate()
            {
                feature.set_field(index, &FieldValue::StringValue((*value).into())).unwrap();
            }
            feature.create(&layer).unwrap();
        }
    }
}

#[test]
fn the_country_has_each_unit_once_and_the_city_its_full_outlines() {
    let answer = import(
        "vn-admin",
        &[
            data("vn_admin/79_ho_chi_minh.zip"),
            data("vn_admin/vn_wards_2025_simplified.fgb.zip"),
            data("vn_admin/vn_provinces_2025_simplified.gpkg"),
        ],
    );
    let sums = answer.sums("admin_unit");
    assert_eq!((sums.read, sums.refused, sums.skipped), (34 + 3321, 0, 168 + 1));
    let rows = answer.of("admin_unit");
    let mut codes: Vec<_> = rows.iter().map(|r| text(r, "code").unwrap()).collect();
    codes.sort();
    codes.dedup();
    assert_eq!(codes.len(), 34 + 3321);
    let count = |level| rows.iter().filter(|r| int(r, "level") == Some(level)).count();
    assert_eq!((count(1), count(2)), (34, 3321));
    let saigon = rows.iter().find(|r| text(r, "name").as_deref() == Some("Phường Sài Gòn")).unwrap();
    assert_eq!(text(saigon, "kind").as_deref(), Some("phuong"));
    assert_eq!(text(saigon, "parent_code").as_deref(), Some("79"));
    assert_eq!(date(saigon, "valid_from").as_deref(), Some("2025-07-01"));
    let city = rows.iter().find(|r| text(r, "code").as_deref() == Some("79")).unwrap();
    assert_eq!(text(city, "kind").as_deref(), Some("thanh_pho_tw"));
    assert!(rows.iter().all(|r| r.contains_key("kind") && r.contains_key("province_code")));
    assert_eq!(answer.count("code-unknown"), 0);
}

#[test]
fn openstreetmap_becomes_streets_buildings_water_green_and_places() {
    let answer = import("osm", &[data("vn_osm/hcmc_quan1_20230824.osm.pbf")]);
    assert_eq!(answer.sums("road"), Sums { read: 1072, clean: 1072, repaired: 0, refused: 0, skipped: 3 + 1075 });
    assert_eq!(answer.sums("building").read, 1912);
    assert_eq!((answer.sums("water_area").read, answer.sums("green_space").read), (6, 148));
    assert_eq!(answer.sums("place").read, 69 + 162);
    assert_eq!(answer.sums("address").read, 7 + 195);
    assert_eq!(answer.count("code-unknown"), 0);
    assert!(answer.count("value-wrong-kind") < 20, "{:?}", answer.issues("value-wrong-kind").first());
    let street = answer.of("road").iter().find(|r| text(r, "name").is_some_and(|n| n.ends_with("Nguyễn Huệ"))).unwrap();
    assert!(text(street, "class").is_some() && int(street, "min_zoom").is_some());
    assert!(text(street, "source_ref").unwrap().starts_with("way/"));
    let storeys = answer.of("building").iter().filter_map(|r| int(r, "storeys")).max();
    assert!(storeys.is_some_and(|s| s > 5), "{storeys:?}");
    assert!(answer.of("road").iter().any(|r| r.get("one_way") == Some(&vec![1])));
    assert!(answer.of("place").iter().all(|r| geometry(r, "geom").unwrap().geometry_name() == "POINT"));
}

#[test]
fn cambridge_parcels_take_their_area_from_the_tax_table_when_it_comes_along() {
    let alone = cambridge("cambridge-parcels", "cambridge_ma_ParcelsFY2014.topojson.gz");
    assert_eq!(alone.sums("parcel"), Sums { read: 13_116, clean: 13_071, repaired: 31, refused: 14, skipped: 0 });
    assert_eq!(alone.count("column-missing"), 2);
    assert!(alone.of("parcel")[0].contains_key("extra"));
    assert!(!alone.of("parcel")[0].contains_key("geom_source"), "a place without a legal zone has no legal metres");
    let Some(tax) = shared("real/parcels/cambridge_ma_TaxFY14.csv.gz") else { return };
    let joined = import("cambridge-parcels", &[data("cambridge/cambridge_ma_ParcelsFY2014.topojson.gz"), tax]);
    assert_eq!(joined.sums("parcel").clean, 13_071);
    let parcel = joined
        .of("parcel")
        .iter()
        .find(|r| text(r, "sheet").as_deref() == Some("7") && text(r, "number").as_deref() == Some("18"))
        .unwrap();
    // 12,479 square feet.
    assert!((float(parcel, "area_m2").unwrap() - 1159.3).abs() < 0.1, "{:?}", float(parcel, "area_m2"));
    assert_eq!(text(parcel, "address").as_deref(), Some("219 MONSIGNOR OBRIEN HWY"));
}

#[test]
fn cambridge_zones_lights_hydrants_permits_and_streets_come_in() {
    let zones = import(
        "cambridge-zoning",
        &[
            data("cambridge/cambridge_ma_ZoningDistricts.geojson.gz"),
            data("cambridge/cambridge_ma_ZoningOverlayDistricts.geojson.gz"),
        ],
    );
    assert_eq!(zones.sums("planning_zone").clean, 261 + 53);
    let lights = cambridge("cambridge-lights", "cambridge_ma_INFRA_StreetLights.geojson.gz");
    assert_eq!((lights.sums("lamp_post").clean, lights.count("geometry-duplicate")), (6117, 1));
    let hydrants = cambridge("cambridge-hydrants", "cambridge_ma_Hydrants.geojson.gz");
    assert_eq!(hydrants.sums("hydrant").clean, 1960);
    let first = &hydrants.of("hydrant")[0];
    assert_eq!(text(first, "hydrant_number").as_deref(), Some("PH6000"));
    // 1,475 gallons a minute.
    assert!((float(first, "flow_l_s").unwrap() - 93.058).abs() < 0.001);
    let permits = cambridge("cambridge-permits", "cambridge_ma_SpecialPermitAreas.geojson.gz");
    assert_eq!((permits.sums("permit").clean, permits.sums("permit").skipped), (341, 14));
    let roads = cambridge("cambridge-roads", "cambridge_ma_Centerlines.geojson.gz");
    assert_eq!(roads.sums("road").clean, 2643);
    assert_eq!(
        zones.count("code-unknown")
            + lights.count("code-unknown")
            + hydrants.count("code-unknown")
            + permits.count("code-unknown")
            + roads.count("code-unknown"),
        0
    );
}

#[test]
fn trees_of_many_shapes_come_in_and_the_broken_positions_are_taken_from_their_columns() {
    let names = ["la_walnut", "la_lawndale", "la_downey", "la_malibu", "la_artesia", "la_bell-gardens"];
    let files: Option<Vec<_>> = names.iter().map(|n| shared(&format!("real/trees/{n}.geojson.gz"))).collect();
    let Some(files) = files else { return };
    let answer = import("la-trees", &files);
    let sums = answer.sums("tree");
    assert_eq!(sums.read + sums.skipped, 2976 + 7937 + 18_544 + 7448 + 2950 + 7127);
    assert_eq!(sums.refused, 0);
    // Feet in GeoJSON, degrees unprojected as metres: all lie around Los Angeles in the end.
    for row in answer.of("tree") {
        let e = geometry(row, "geom").unwrap().envelope();
        assert!(
            (-119.0..-117.0).contains(&e.MinX) && (33.0..35.0).contains(&e.MinY),
            "{:?} {e:?}",
            text(row, "tree_number")
        );
    }
    let Some(nyc) = shared("real/trees/nyc_trees_2015_sample.shp.zip") else { return };
    let nyc = import("nyc-trees", &[nyc]);
    assert_eq!(nyc.sums("tree"), Sums { read: 65_217, clean: 65_217, repaired: 0, refused: 0, skipped: 0 });
    assert_eq!(nyc.count("geometry-duplicate"), 11);
    let number = text(&nyc.of("tree")[0], "tree_number").unwrap();
    assert!(number.bytes().all(|b| b.is_ascii_digit()), "an id stored as a real number stays an id: {number}");
}
