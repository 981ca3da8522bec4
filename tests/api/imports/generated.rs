//! The generated place through the real worker: the importer takes every row, and what was decided twice has two periods.

use std::path::{Path, PathBuf};

use dothi::imports::{ImportRequest, Report};
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

#[tokio::test]
async fn a_generated_grid_is_taken_whole() {
    let city = TestCity::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    is_taken_whole(&generated(&city, PlaceKind::Grid, folder.path()).await);
}
