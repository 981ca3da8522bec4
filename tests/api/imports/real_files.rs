//! Real files through the real worker: every row is accounted for, and two years of Cambridge are one delivery and its
//! successor.

use std::path::{Path, PathBuf};

use dothi::imports::{ImportRequest, Report};

use super::{count, edit, texts};
use crate::support::TestCity;

fn data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data-import/data").join(path)
}

/// A file of the shared folder, which a developer may not have.
fn shared(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("DOTHI_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let file = root.join("data/real").join(path);
    if !file.exists() {
        eprintln!("skipped, because {} is not here", file.display());
    }
    file.exists().then_some(file)
}

async fn import(city: &TestCity, files: &[PathBuf], profile: &str, change: impl FnOnce(&mut ImportRequest)) -> Report {
    let folder = tempfile::tempdir().expect("a folder");
    let mut request = ImportRequest::new(files.to_vec(), folder.path().to_owned());
    request.profile = Some(profile.to_owned());
    request.worker = Some(vec![env!("CARGO_BIN_EXE_dothi").to_owned(), "import-worker".to_owned()]);
    change(&mut request);
    let report = dothi::imports::run(&city.app.pool, request, None).await;
    report.unwrap_or_else(|e| panic!("{profile}: {e} {:?}", e.cause))
}

/// A line of the table, for the one who reads the test's output.
fn tell(name: &str, report: &Report) {
    for l in &report.layers {
        println!(
            "| {name} | {} | {} | {} | {} | {} | {} | {:.1} s |",
            l.layer, l.read, l.imported, l.repaired, l.refused, l.skipped, report.seconds
        );
    }
}

/// Imports into a city of its own and holds the counts against the table.
async fn every_row_is_accounted_for(name: &str, files: &[PathBuf], profile: &str) {
    let city = TestCity::start().await;
    let report = import(&city, files, profile, |_| {}).await;
    tell(name, &report);
    assert!(report.applied && !report.layers.is_empty(), "{name}: {:?}", report.needs);
    for l in &report.layers {
        assert_eq!(l.read, l.imported + l.repaired + l.unchanged + l.refused + l.waiting, "{name}: {l:?}");
        let there = count(&city, &format!("SELECT count(*) FROM gis.{}", l.layer)).await;
        assert_eq!(u64::try_from(there).ok(), Some(l.imported + l.repaired), "{name}: {l:?}");
    }
    assert!(report.layers.iter().map(|l| l.imported + l.repaired).sum::<u64>() > 0, "{name}");
    let crs =
        texts(&city, "SELECT DISTINCT c ->> 'operation' FROM import.delivery, jsonb_array_elements(crs) AS c").await;
    assert!(!crs.is_empty(), "{name}: the operation to EPSG:4326 is kept");
    let again = import(&city, files, profile, |_| {}).await;
    assert!(again.layers.iter().all(|l| l.added + l.changed + l.closed == 0), "{name}, again: {:?}", again.layers);
}

#[tokio::test]
async fn every_row_of_the_wards_and_provinces_is_accounted_for() {
    let files = [
        "vn_admin/79_ho_chi_minh.zip",
        "vn_admin/vn_provinces_2025_simplified.gpkg",
        "vn_admin/vn_wards_2025_simplified.fgb.zip",
    ];
    every_row_is_accounted_for("vn_admin", &files.map(data), "vn-admin").await;
}

#[tokio::test]
async fn every_row_of_openstreetmap_is_accounted_for() {
    every_row_is_accounted_for("osm", &[data("vn_osm/hcmc_quan1_20230824.osm.pbf")], "osm").await;
}

#[tokio::test]
async fn every_row_of_cambridge_is_accounted_for() {
    let sets = [
        ("cambridge-parcels", "ParcelsFY2013.topojson.gz"),
        ("cambridge-hydrants", "Hydrants.geojson.gz"),
        ("cambridge-lights", "INFRA_StreetLights.geojson.gz"),
        ("cambridge-roads", "Centerlines.geojson.gz"),
        ("cambridge-permits", "SpecialPermitAreas.geojson.gz"),
        ("cambridge-zoning", "ZoningDistricts.geojson.gz"),
    ];
    for (profile, file) in sets {
        every_row_is_accounted_for(file, &[data(&format!("cambridge/cambridge_ma_{file}"))], profile).await;
    }
}

#[tokio::test]
async fn every_row_of_the_trees_is_accounted_for() {
    let sets = [
        ("la-trees", "trees/la_artesia.geojson.gz"),
        ("la-trees", "trees/la_bell-gardens.geojson.gz"),
        ("la-trees", "trees/la_lawndale.geojson.gz"),
        ("la-trees", "trees/la_malibu.geojson.gz"),
        ("nyc-trees", "trees/nyc_trees_2015_sample.shp.zip"),
    ];
    for (profile, path) in sets {
        if let Some(file) = shared(path) {
            every_row_is_accounted_for(path, &[file], profile).await;
        }
    }
}

#[tokio::test]
async fn a_year_later_cambridges_parcels_are_changed_added_and_closed_and_an_edit_between_survives() {
    let city = TestCity::start().await;
    let year = |n: u32| [data(&format!("cambridge/cambridge_ma_ParcelsFY{n}.topojson.gz"))];
    let first = import(&city, &year(2013), "cambridge-parcels", |r| r.date = "2013-01-01".parse().ok()).await;
    tell("FY2013", &first);
    let before = count(&city, "SELECT count(*) FROM gis.parcel").await;

    // Somebody corrects one parcel's address here, and another one's shape that the next year also draws anew.
    let unchanged = "SELECT p.id::text FROM gis.parcel p ORDER BY p.sheet, p.number LIMIT 1";
    let id = texts(&city, unchanged).await.remove(0);
    edit(&city, &format!("UPDATE gis.parcel SET origin_of_use = 'corrected here' WHERE id = '{id}'")).await;

    let second = import(&city, &year(2014), "cambridge-parcels", |r| {
        r.date = "2014-01-01".parse().ok();
        r.accept = vec!["keep-local".to_owned()];
    })
    .await;
    tell("FY2014", &second);
    let l = &second.layers[0];
    println!("FY2013 → FY2014: {l:?}");
    assert!(second.applied && second.exit_code() != 1, "{:?}", second.needs);
    // Each year's file rounds to its own grid of half a metre, so nearly every outline differs by that; the objects stay.
    assert!(l.added > 0 && l.closed > 0 && l.changed > 100 * l.added, "{l:?}");
    assert_eq!(l.read, l.imported + l.repaired + l.unchanged + l.refused + l.waiting);
    let closed = count(&city, "SELECT count(*) FROM gis.parcel WHERE upper(validity) = '2014-01-01'").await;
    assert_eq!(u64::try_from(closed).ok(), Some(l.closed));
    assert_eq!(count(&city, "SELECT count(*) FROM gis.parcel").await, before + i64::try_from(l.added).expect("small"));
    let kept = texts(&city, &format!("SELECT origin_of_use FROM gis.parcel WHERE id = '{id}'")).await;
    assert_eq!(kept, ["corrected here"]);
    let twice = "SELECT count(*) FROM (SELECT FROM gis.parcel GROUP BY id HAVING count(*) > 1) AS o";
    assert_eq!(count(&city, twice).await, 0, "one object, one row");

    let again = import(&city, &year(2014), "cambridge-parcels", |r| r.date = "2014-01-01".parse().ok()).await;
    let l = &again.layers[0];
    assert_eq!((l.added, l.changed, l.closed), (0, 0, 0), "the same file again changes nothing: {l:?}");
}

#[tokio::test]
async fn a_split_made_here_is_not_undone_by_the_next_year() {
    let city = TestCity::start().await;
    let year = |n: u32| [data(&format!("cambridge/cambridge_ma_ParcelsFY{n}.topojson.gz"))];
    import(&city, &year(2013), "cambridge-parcels", |_| {}).await;
    let parent = texts(&city, "SELECT id::text FROM gis.parcel ORDER BY ST_Area(geom) DESC LIMIT 1").await.remove(0);
    edit(
        &city,
        &format!(
            "INSERT INTO gis.parcel (commune_code, sheet, number, geom)
                 SELECT commune_code, sheet, number || '-' || half, ST_Multi(ST_CollectionExtract(ST_Intersection(geom, box), 3)) FROM gis.parcel,
                 LATERAL (SELECT 'a' AS half, ST_SetSRID(ST_MakeEnvelope(ST_XMin(geom), ST_YMin(geom), ST_X(ST_Centroid(geom)), ST_YMax(geom)), 4326) AS box
                    UNION ALL SELECT 'b', ST_SetSRID(ST_MakeEnvelope(ST_X(ST_Centroid(geom)), ST_YMin(geom), ST_XMax(geom), ST_YMax(geom)), 4326)) AS halves
                 WHERE id = '{parent}';
             DELETE FROM gis.parcel WHERE id = '{parent}'"
        ),
    )
    .await;
    let second = import(&city, &year(2014), "cambridge-parcels", |r| r.accept = vec!["keep-local".to_owned()]).await;
    assert!(second.applied, "{:?}", second.needs);
    assert_eq!(
        count(&city, &format!("SELECT count(*) FROM gis.parcel WHERE id = '{parent}'")).await,
        0,
        "the parent stays away"
    );
    let halves = "SELECT count(*) FROM gis.parcel WHERE number LIKE '%-a' OR number LIKE '%-b'";
    assert!(
        count(&city, &format!("{halves} AND actor = 'an.nguyen' AND upper_inf(validity)")).await >= 2,
        "its halves stay"
    );
}

#[tokio::test]
async fn the_example_of_a_layer_is_imported_into_and_asked_for() {
    let city = TestCity::start().await;
    let layer = dothi::catalog::parse_layer(dothi::catalog::cli::example()).expect("it parses");
    dothi::catalog::cli::add(&mut city.owner().await, &layer).await.expect("it is added");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ghe.csv");
    std::fs::write(&file, "bench_number,wear,lon,lat\nG-17,moi,106.7,10.77\n").expect("written");
    let mut request = ImportRequest::new(vec![file], folder.path().join("reports"));
    request.layer = Some(layer.name.clone());
    request.crs = Some("EPSG:4326".to_owned());
    request.worker = Some(vec![env!("CARGO_BIN_EXE_dothi").to_owned(), "import-worker".to_owned()]);
    let report = dothi::imports::run(&city.app.pool, request, None).await.expect("it is imported");
    assert_eq!((report.layers[0].added, report.exit_code()), (1, 0), "{:?}", report.issues);
    city.until("it is answered", || async {
        city.get("/api/v1/near?lon=106.7&lat=10.77&layers=bench").await.text().contains("G-17")
    })
    .await;
}
