//! The generated place through the real worker: the importer takes every row, and what was decided twice has two periods.

use std::path::{Path, PathBuf};

use dothi::imports::{ImportRequest, Report};
use dothi_import::generate::persons::MARK;
use dothi_import::generate::{Options, PlaceKind, to_folder};

use super::{count, texts};
use crate::support::TestCity;

/// Generates a place and imports it as the demo does.
async fn generated(city: &TestCity, place: PlaceKind, folder: &Path) -> Report {
    let options = Options {
        place,
        parcels: (place == PlaceKind::Grid).then_some(1500),
        seed: 1,
        data: PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/data-import/data")),
    };
    to_folder(&options, folder).expect("the place is generated");
    again(city, place, folder).await
}

async fn again(city: &TestCity, place: PlaceKind, folder: &Path) -> Report {
    let file = folder.join(format!("{}.gpkg", place.word()));
    let mut request = ImportRequest::new(vec![file], folder.join("imports"));
    request.worker = Some(vec![env!("CARGO_BIN_EXE_dothi").to_owned(), "import-worker".to_owned()]);
    let report = dothi::imports::run(&city.app.pool, request, None).await;
    report.unwrap_or_else(|e| panic!("{}: {e} {:?}", place.word(), e.cause))
}

fn is_taken_whole(report: &Report) {
    assert!(report.applied, "{:?}", report.needs);
    assert!(report.layers.len() > 20, "{} layers", report.layers.len());
    for layer in &report.layers {
        assert_eq!((layer.refused, layer.waiting), (0, 0), "{layer:?} {:?}", report.issue_counts);
        assert_eq!(layer.read, layer.added, "{layer:?}");
    }
}

#[tokio::test]
async fn the_generated_ward_is_taken_whole_and_every_plan_has_its_decision() {
    let city = TestCity::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let report = generated(&city, PlaceKind::PhuongSaiGon, folder.path()).await;
    is_taken_whole(&report);
    let without = texts(
        &city,
        "SELECT plan.code FROM gis.plan AS plan WHERE NOT EXISTS (SELECT FROM gis.legal_document AS paper
             WHERE paper.number = plan.decision_number AND paper.issuer = plan.authority AND paper.number = plan.document)",
    )
    .await;
    assert!(without.is_empty(), "plans without their decision: {without:?}");
    // A zone before and after a decision is one object with two periods.
    let twice = "SELECT count(*) FROM (SELECT id FROM gis.planning_zone GROUP BY id HAVING count(*) = 2
         AND count(DISTINCT storeys_max) = 2 AND bool_or(validity @> date '2026-08-31' AND upper(validity) = '2026-09-01')
         AND bool_or(validity @> date '2026-09-01' AND remarks LIKE '%301/QĐ-UBND%')) AS zone";
    assert!(count(&city, twice).await >= 3);
    let more = again(&city, PlaceKind::PhuongSaiGon, folder.path()).await;
    assert!(more.layers.iter().all(|l| l.added + l.changed + l.closed == 0), "again: {:?}", more.layers);
}

#[tokio::test(flavor = "multi_thread")]
async fn persons_of_a_delivery_get_nowhere() {
    let city = TestCity::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let report = generated(&city, PlaceKind::Grid, folder.path()).await;
    is_taken_whole(&report);
    let file = std::fs::read(folder.path().join("grid.gpkg")).expect("the delivery");
    let is_in_the_file = file.windows(MARK.len()).filter(|w| *w == MARK.as_bytes()).count();
    assert!(is_in_the_file > 6_000, "names, phones, ID numbers, certificates, customers: {is_in_the_file}");
    // The certificate's number is an attribute of the register that only staff sees; nothing else has arrived.
    let layers = texts(&city, "SELECT name FROM catalog.layer ORDER BY name").await;
    for layer in layers {
        let held = format!("SELECT count(*) FROM gis.{layer} AS row WHERE to_jsonb(row)::text LIKE '%{MARK}%'");
        let beside = format!(
            "SELECT count(*) FROM gis.{layer} AS row WHERE (to_jsonb(row) - 'certificate_number')::text LIKE '%{MARK}%'"
        );
        assert_eq!(count(&city, &beside).await, 0, "{layer}");
        assert_eq!(count(&city, &held).await > 0, layer == "parcel", "{layer}");
    }
    let said = "SELECT coalesce(string_agg(d::text, ''), '') || coalesce((SELECT string_agg(i::text, '') FROM import.issue AS i), '')
         FROM import.delivery AS d";
    assert!(!texts(&city, said).await[0].contains(MARK), "the deliveries' record");
    assert!(!serde_json::to_string(&report).expect("JSON").contains(MARK), "the report");
    let parcel = "SELECT concat_ws(' ', ST_X(p), ST_Y(p)) FROM (SELECT ST_PointOnSurface(geom) AS p FROM gis.parcel ORDER BY fid LIMIT 1) AS a";
    let place = texts(&city, parcel).await[0].clone();
    let (lon, lat) = place.split_once(' ').expect("two numbers");
    let lookup = format!("/api/v1/lookup?lon={lon}&lat={lat}");
    city.until("the parcel is there", || async { city.get(&lookup).await.json()["parcels"][0].is_object() }).await;
    let tile = dothi_tiles::TileId::at(lon.parse().expect("a number"), lat.parse().expect("a number"), 16);
    let questions = [
        lookup,
        format!("/tiles/parcel,water_meter/{}/{}/{}", tile.z, tile.x, tile.y),
        format!("/api/v1/near?lon={lon}&lat={lat}&layers=parcel&radius_m=300&limit=100"),
        format!("/api/v1/search?q={MARK}"),
    ];
    for question in questions {
        let answer = city.get(&question).await;
        let found = if question.contains("/search") {
            answer.json()["results"].to_string()
        } else {
            String::from_utf8_lossy(answer.bytes()).into_owned()
        };
        assert!(!found.contains(MARK), "{question} answered {found}");
    }
}

#[tokio::test]
async fn a_generated_grid_is_taken_whole() {
    let city = TestCity::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    is_taken_whole(&generated(&city, PlaceKind::Grid, folder.path()).await);
}
