//! Real files, dirt included: every row accounted for.

use crate::support::*;

fn sums(read: u64, clean: u64, repaired: u64, refused: u64) -> Sums {
    Sums { read, clean, repaired, refused, skipped: 0 }
}

/// A job that takes every column of any file: one layer `thing` of any geometry.
fn anything(path: &str) -> Option<dothi_import::protocol::Job> {
    Some(job_for(&shared(path)?, Some("any"), &[("name", "text")]))
}

#[test]
fn every_real_file_is_read_and_its_sums_agree() {
    let topojson = ["parcels/cambridge_ma_ParcelsFY2014.topojson.gz", "parcels/cambridge_ma_ParcelsFY2013.topojson.gz"];
    let mut table = String::new();
    for name in TABLE {
        let Some(mut job) = anything(&format!("real/{name}")) else { return };
        if topojson.contains(&name) || name.contains(".csv") {
            job.crs = Some("EPSG:4326".into());
        }
        let answer = run(job);
        let line = match answer.fatal() {
            Some(slug) => format!("{name} FATAL {slug}: {}", answer.fatal_text()),
            None => {
                let s = answer.sums("thing");
                format!("{name} {} = {} + {} + {}", s.read, s.clean, s.repaired, s.refused)
            }
        };
        table += &line;
        table += "\n";
    }
    println!("{table}");
}

const TABLE: [&str; 36] = [
    "parcels/cadastre-91216-parcelles.json.gz",
    "parcels/cambridge_ma_ParcelsFY2013.topojson.gz",
    "parcels/cambridge_ma_ParcelsFY2014.topojson.gz",
    "parcels/cambridge_ma_SubParcelLinesFY2026.geojson",
    "permits/calgary_building_permits.csv.gz",
    "permits/cambridge_ma_SpecialPermitAreas.geojson",
    "permits/cambridge_ma_SpecialPermits.geojson",
    "roads/cambridge_ma_Centerlines.geojson",
    "street_lights/bristol_streetlights.csv.gz",
    "street_lights/cambridge_ma_INFRA_ParkLights.geojson",
    "street_lights/cambridge_ma_INFRA_StreetLights.geojson",
    "street_lights/cambridge_ma_INFRA_StreetLightsNotCityOwned.geojson",
    "street_lights/cambridge_ma_INFRA_UtilityPoles.geojson",
    "trees/la_artesia.geojson.gz",
    "trees/la_bell-gardens.geojson.gz",
    "trees/la_downey.geojson.gz",
    "trees/la_lawndale.geojson.gz",
    "trees/la_malibu.geojson.gz",
    "trees/la_walnut.geojson.gz",
    "trees/nyc_trees_2015_sample.shp.zip",
    "vn_admin/52_gia_lai.zip",
    "vn_admin/68_lam_dong.zip",
    "vn_admin/79_ho_chi_minh.zip",
    "vn_admin/hcmc_wards_vn2000_tcvn3_derived.shp.zip",
    "vn_admin/hcmc_wards_vn2000_tm3_10545.shp.zip",
    "vn_admin/sapnhapbando_raw_invalid_39.zip",
    "vn_admin/vn_provinces_2025_simplified.gpkg",
    "vn_admin/vn_wards_2025_simplified.fgb.zip",
    "vn_osm/hcmc_quan1_20230824.osm.pbf",
    "water/cambridge_ma_Hydrants.geojson",
    "water/ky4_disconnected_pipes.geojson",
    "water/ky4_junctions.geojson",
    "water/ky4_pipes.geojson",
    "zoning/cambridge_ma_ZoningDistricts.geojson",
    "zoning/cambridge_ma_ZoningOverlayDistricts.geojson",
    "zoning/victoria_bc_zoning.geojson.gz",
];
