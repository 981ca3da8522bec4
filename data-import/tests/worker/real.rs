//! Real files, dirt included: every row accounted for.

use dothi_import::protocol::Job;

use crate::support::*;

/// File, CRS that it does not say itself, rows read, repaired, refused.
const TABLE: [(&str, Option<&str>, u64, u64, u64); 34] = [
    ("parcels/cadastre-91216-parcelles.json.gz", None, 4241, 0, 0),
    ("parcels/cambridge_ma_ParcelsFY2013.topojson.gz", Some("EPSG:4326"), 13_159, 22, 2),
    ("parcels/cambridge_ma_ParcelsFY2014.topojson.gz", Some("EPSG:4326"), 13_116, 35, 3),
    ("parcels/cambridge_ma_SubParcelLinesFY2026.geojson", None, 1953, 0, 0),
    ("permits/calgary_building_permits.csv.gz", Some("EPSG:4326"), 5000, 0, 0),
    ("permits/cambridge_ma_SpecialPermitAreas.geojson", None, 355, 0, 0),
    ("permits/cambridge_ma_SpecialPermits.geojson", None, 499, 0, 0),
    ("roads/cambridge_ma_Centerlines.geojson", None, 2643, 0, 0),
    ("street_lights/bristol_streetlights.csv.gz", Some("EPSG:4326"), 49_451, 0, 0),
    ("street_lights/cambridge_ma_INFRA_ParkLights.geojson", None, 858, 0, 0),
    ("street_lights/cambridge_ma_INFRA_StreetLights.geojson", None, 6117, 0, 0),
    ("street_lights/cambridge_ma_INFRA_StreetLightsNotCityOwned.geojson", None, 1590, 0, 0),
    ("street_lights/cambridge_ma_INFRA_UtilityPoles.geojson", None, 2457, 0, 0),
    ("trees/la_artesia.geojson.gz", None, 2950, 0, 0),
    ("trees/la_bell-gardens.geojson.gz", None, 7127, 0, 0),
    ("trees/la_downey.geojson.gz", None, 18_544, 0, 0),
    ("trees/la_lawndale.geojson.gz", None, 7937, 0, 0),
    ("trees/la_malibu.geojson.gz", None, 7448, 0, 0),
    ("trees/nyc_trees_2015_sample.shp.zip", None, 65_217, 0, 0),
    ("vn_admin/52_gia_lai.zip", None, 136, 0, 0),
    ("vn_admin/68_lam_dong.zip", None, 125, 0, 0),
    ("vn_admin/79_ho_chi_minh.zip", None, 169, 0, 0),
    ("vn_admin/hcmc_wards_vn2000_tm3_10545.shp.zip", None, 168, 0, 0),
    ("vn_admin/sapnhapbando_raw_invalid_39.zip", None, 39, 39, 0),
    ("vn_admin/vn_provinces_2025_simplified.gpkg", None, 34, 0, 0),
    ("vn_admin/vn_wards_2025_simplified.fgb.zip", None, 3321, 0, 0),
    ("vn_osm/hcmc_quan1_20230824.osm.pbf", None, 3975, 1, 0),
    ("water/cambridge_ma_Hydrants.geojson", None, 1960, 0, 0),
    ("water/ky4_disconnected_pipes.geojson", None, 1156, 0, 0),
    ("water/ky4_junctions.geojson", None, 959, 0, 0),
    ("water/ky4_pipes.geojson", None, 1156, 0, 0),
    ("zoning/cambridge_ma_ZoningDistricts.geojson", None, 261, 0, 0),
    ("zoning/cambridge_ma_ZoningOverlayDistricts.geojson", None, 53, 0, 0),
    ("zoning/victoria_bc_zoning.geojson.gz", None, 2471, 0, 0),
];

/// A job that takes the geometry and the name of any file.
fn anything(path: &str) -> Option<Job> {
    Some(job_for(&shared(path)?, Some("any"), &[("name", "text")]))
}

#[test]
fn every_real_file_is_read_and_its_rows_are_clean_repaired_or_refused() {
    for (name, crs, read, repaired, refused) in TABLE {
        let Some(mut job) = anything(&format!("real/{name}")) else { return };
        job.crs = crs.map(str::to_owned);
        let answer = run(job);
        assert_eq!(answer.fatal(), None, "{name}: {}", answer.fatal_text());
        let sums = answer.sums("thing");
        println!("{name}: {} = {} + {} + {}", sums.read, sums.clean, sums.repaired, sums.refused);
        assert_eq!((sums.read, sums.repaired, sums.refused), (read, repaired, refused), "{name}");
        assert_eq!(answer.refused.is_some(), refused > 0, "{name}");
    }
}

#[test]
fn a_file_that_does_not_say_its_crs_is_not_guessed() {
    for name in ["parcels/cambridge_ma_ParcelsFY2014.topojson.gz", "street_lights/bristol_streetlights.csv.gz"] {
        let Some(job) = anything(&format!("real/{name}")) else { return };
        let answer = run(job);
        assert_eq!(answer.fatal(), Some("crs-unknown"), "{name}");
        assert!(answer.fatal_text().contains("--crs EPSG:"), "{}", answer.fatal_text());
        assert!(answer.rows.is_empty());
    }
}

#[test]
fn points_that_all_lie_on_one_spot_are_refused_with_the_way_out() {
    let Some(mut job) = anything("real/trees/la_walnut.geojson.gz") else { return };
    let answer = run(job.clone());
    assert_eq!(answer.fatal(), Some("coordinates-collapsed"));
    assert!(answer.fatal_text().contains("lon/lat columns"), "{}", answer.fatal_text());
    job.accept = vec!["coordinates-collapsed".into()];
    assert_eq!(run(job).sums("thing").read, 2976);
}

/// The shapefile was derived by an unpinned PROJ, which takes EPSG:5194 below 11.05° N and EPSG:6960 above, a jump of
/// 0.80 m inside one file. Read by the pinned EPSG:6960, its northern wards lie on the original, and the others beside
/// it by exactly the difference of the two operations, which the domain paper measured. Nothing else may happen.
const BESIDE: (f64, f64) = (-7.294e-6, -3.89e-7);

#[test]
fn the_vn2000_shapefile_is_read_by_the_pinned_operation_and_keeps_its_metres() {
    let (Some(shapefile), Some(original)) =
        (shared("real/vn_admin/hcmc_wards_vn2000_tm3_10545.shp.zip"), shared("real/vn_admin/79_ho_chi_minh.zip"))
    else {
        return;
    };
    let mut job = job_for(&shapefile, Some("any"), &[("code", "text")]);
    job.layers[0].legal = true;
    let shape = run(job);
    let truth = run(job_for(&original, Some("any"), &[("code", "text")]));
    assert_eq!(shape.sums("thing").clean, 168);
    let mut northern = 0;
    for row in shape.of("thing") {
        let code = text(row, "code");
        let same = truth.of("thing").iter().find(|r| text(r, "code") == code).unwrap();
        let (a, b) = (geometry(row, "geom").unwrap().envelope(), geometry(same, "geom").unwrap().envelope());
        for (x, y, beside) in [
            (a.MinX, b.MinX, BESIDE.0),
            (a.MaxX, b.MaxX, BESIDE.0),
            (a.MinY, b.MinY, BESIDE.1),
            (a.MaxY, b.MaxY, BESIDE.1),
        ] {
            let metres = (x - y).abs().min((x - y - beside).abs()) * 111_320.0;
            assert!(metres < 0.02, "{code:?}: {metres} m");
            northern += u32::from((x - y).abs() * 111_320.0 < 0.002);
        }
        let (srid, _) = wkt(row, "geom_source").unwrap();
        assert_eq!(srid, 9210);
    }
    assert!(northern > 20, "wards that EPSG:6960 was used for lie on the original to 2 mm: {northern} sides");
}

#[test]
fn tcvn3_text_is_found_out_and_reads_as_it_was() {
    let Some(mut job) = anything("real/vn_admin/hcmc_wards_vn2000_tcvn3_derived.shp.zip") else { return };
    let found = run(job.clone());
    assert_eq!(found.sums("thing").clean, 168, "{}", found.fatal_text());
    assert_eq!(found.count("encoding-detected"), 1);
    job.encoding = Some("tcvn5712".into());
    let named = run(job);
    assert_eq!(named.count("encoding-detected"), 0, "whoever names one is not asked about it");
    let Some(utf8) = anything("real/vn_admin/hcmc_wards_vn2000_tm3_10545.shp.zip") else { return };
    let names = |a: &Answer| a.of("thing").iter().map(|r| text(r, "name")).collect::<Vec<_>>();
    let truth = names(&run(utf8));
    assert_eq!(names(&found), truth);
    assert_eq!(names(&named), truth);
}
