//! The same delivery again, and newer ones.

use super::fake::Trees;
use super::{count, edit, texts, trees};
use crate::support::TestCity;

#[tokio::test]
async fn a_first_delivery_goes_straight_in_and_every_row_is_accounted_for() {
    let city = TestCity::start().await;
    let delivered = Trees::none().tree("1", "sao", 5.0).at("2", "dau", 7.5, 106.71, true).refused(1);
    let delivery = delivered.request();
    let report = delivery.import(&city).await;
    let layer = &report.layers[0];
    assert_eq!((layer.read, layer.imported, layer.repaired, layer.refused), (3, 1, 1, 1));
    assert_eq!(report.exit_code(), 2, "one row was refused");
    assert_eq!(trees(&city).await, ["1 sao 5 v1 (,) import", "2 dau 7.5 v1 (,) import"]);
    assert_eq!(count(&city, "SELECT count(*) FROM gis.object JOIN gis.tree USING (id)").await, 2);
    assert_eq!(
        count(&city, "SELECT count(*) FROM gis.tree WHERE source_id >> 28 = (SELECT max(id) FROM import.delivery)")
            .await,
        2
    );
    let feed = texts(&city, "SELECT concat_ws(' ', layer, op, import_id) FROM feed.change WHERE op <> 'catalog'").await;
    assert_eq!(feed, [format!("tree import {}", report.import_id)]);
    assert!(report.path.is_some_and(|p| p.exists()), "the report lies beside");
}

#[tokio::test]
async fn the_same_delivery_again_changes_nothing() {
    let city = TestCity::start().await;
    let delivered =
        || Trees::none().tree("1", "sao", 5.0).tree("2", "dau", 7.5).tree("2", "dau", 7.5).tree("2", "me", 3.0);
    let first = delivered().request().import(&city).await;
    assert_eq!(first.issues.iter().filter(|i| i.rule == "ambiguous-key").count(), 1, "three trees have the number 2");
    let (before, feed) = (trees(&city).await, count(&city, "SELECT count(*) FROM feed.change").await);
    let again = delivered().request().import(&city).await;
    let layer = &again.layers[0];
    assert_eq!((layer.read, layer.unchanged, layer.added, layer.changed, layer.closed), (4, 4, 0, 0, 0));
    assert_eq!(layer.ambiguous, 3);
    assert_eq!(again.exit_code(), 0);
    assert_eq!(trees(&city).await, before);
    assert_eq!(count(&city, "SELECT count(*) FROM feed.change").await, feed, "no feed row");
    assert_eq!(count(&city, "SELECT count(*) FROM gis_history.tree").await, 0, "no version");
}

#[tokio::test]
async fn a_newer_delivery_updates_by_key_adds_and_closes() {
    let city = TestCity::start().await;
    Trees::none().tree("1", "sao", 5.0).tree("2", "dau", 7.5).tree("3", "me", 3.0).request().import(&city).await;
    let newer = Trees::none().tree("1", "sao", 5.5).tree("2", "dau", 7.5).tree("4", "bang", 1.0);
    let report = newer.request().on("2026-03-01").import(&city).await;
    let layer = &report.layers[0];
    assert_eq!((layer.added, layer.changed, layer.unchanged, layer.closed), (1, 1, 1, 1));
    let expected = [
        "1 sao 5.5 v2 (,) import",
        "2 dau 7.5 v1 (,) import",
        "3 me 3 v2 (,2026-03-01) import",
        "4 bang 1 v1 [2026-03-01,) import",
    ];
    assert_eq!(trees(&city).await, expected);
    assert_eq!(
        texts(&city, "SELECT tree_number || ' ' || height_m FROM gis_history.tree ORDER BY 1").await,
        ["1 5", "3 3"]
    );
    let row_of_closed = "SELECT count(*) FROM gis.tree WHERE tree_number = '3' AND source_id & 268435455 = 0";
    assert_eq!(count(&city, row_of_closed).await, 1, "its source says which delivery closed it");
}

#[tokio::test]
async fn a_row_that_is_refused_closes_nothing() {
    let city = TestCity::start().await;
    let first = Trees::none().tree("1", "sao", 5.0).tree("2", "dau", 7.5).tree("3", "me", 3.0);
    first.request().import(&city).await;
    // The row on tree 2 is refused, tree 3 has gone.
    let newer = Trees::none().tree("1", "sao", 5.5).refused_tree(Some("2"), None);
    let report = newer.request().on("2026-03-01").import(&city).await;
    let layer = &report.layers[0];
    assert_eq!((layer.changed, layer.refused, layer.kept, layer.closed), (1, 1, 1, 1));
    let expected = ["1 sao 5.5 v2 (,) import", "2 dau 7.5 v1 (,) import", "3 me 3 v2 (,2026-03-01) import"];
    assert_eq!(trees(&city).await, expected);

    // A refused row whose key cannot be read may be on any of them, and so may one of which nothing is said.
    for unknown in [Trees::none().refused_tree(None, None), Trees::none().refused(1)] {
        let report = unknown.request().on("2026-04-01").import(&city).await;
        assert_eq!((report.layers[0].kept, report.layers[0].closed), (2, 0));
        assert_eq!(report.exit_code(), 1, "every row was refused");
        assert_eq!(trees(&city).await, expected);
    }

    // One without a key that says where it is speaks of what stands there.
    let city = TestCity::start().await;
    Trees::none().at("1", "sao", 5.0, 106.70, false).at("2", "dau", 7.5, 106.71, false).request().import(&city).await;
    let report = Trees::none().refused_tree(None, Some(106.71)).request().on("2026-03-01").import(&city).await;
    assert_eq!((report.layers[0].kept, report.layers[0].closed), (1, 1));
    assert_eq!(trees(&city).await, ["1 sao 5 v2 (,2026-03-01) import", "2 dau 7.5 v1 (,) import"]);
}

#[tokio::test]
async fn what_was_closed_by_mistake_opens_again_as_the_same_object() {
    let city = TestCity::start().await;
    let both = || Trees::none().tree("1", "sao", 5.0).tree("2", "dau", 7.5);
    both().request().import(&city).await;
    let id = texts(&city, "SELECT id::text FROM gis.tree WHERE tree_number = '2'").await;
    Trees::none().tree("1", "sao", 5.0).request().on("2026-03-01").import(&city).await;
    let report = both().request().on("2026-04-01").import(&city).await;
    assert_eq!((report.layers[0].changed, report.layers[0].added, report.layers[0].unchanged), (1, 0, 1));
    assert_eq!(trees(&city).await[1], "2 dau 7.5 v3 (,) import");
    assert_eq!(texts(&city, "SELECT id::text FROM gis.tree WHERE tree_number = '2'").await, id);
}

#[tokio::test]
async fn a_delivery_closes_only_what_its_own_source_brought() {
    let city = TestCity::start().await;
    Trees::none().tree("1", "sao", 5.0).request().with(|r| r.source = Some("park".into())).import(&city).await;
    let other = Trees::none().tree("9", "me", 2.0).request().with(|r| r.source = Some("street".into()));
    assert_eq!(other.import(&city).await.layers[0].closed, 0);
    let part = Trees::none().tree("8", "me", 2.0).request().with(|r| {
        r.source = Some("street".into());
        r.scope = dothi::imports::Scope::None;
    });
    assert_eq!(part.import(&city).await.layers[0].closed, 0, "a part closes nothing");
    assert_eq!(count(&city, "SELECT count(*) FROM gis.tree WHERE upper_inf(validity)").await, 3);
}

#[tokio::test]
async fn a_delivery_that_would_close_most_objects_is_asked_about_first() {
    let city = TestCity::start().await;
    let many = (0..60).fold(Trees::none(), |trees, n| trees.tree(&n.to_string(), "sao", 1.0));
    many.request().import(&city).await;
    let few = || Trees::none().tree("0", "sao", 1.0).request();
    let report = few().import(&city).await;
    assert_eq!((report.exit_code(), report.needs.as_slice()), (1, ["mass-close".to_owned()].as_slice()));
    assert_eq!(
        count(&city, "SELECT count(*) FROM gis.tree WHERE upper_inf(validity)").await,
        60,
        "nothing was applied"
    );
    assert_eq!(few().accept("mass-close").import(&city).await.layers[0].closed, 59);
}

#[tokio::test]
async fn a_dry_run_reports_and_leaves_nothing() {
    let city = TestCity::start().await;
    let request = || Trees::none().tree("1", "sao", 5.0).request().with(|r| r.dry_run = true);
    let report = request().import(&city).await;
    assert_eq!((report.layers[0].added, report.import_id, report.exit_code()), (1, 0, 0));
    for table in ["gis.tree", "gis.object", "import.delivery", "import.block"] {
        assert_eq!(count(&city, &format!("SELECT count(*) FROM {table}")).await, 0, "{table}");
    }
    let indexes = "SELECT count(*) FROM pg_index WHERE indrelid = 'gis.tree'::regclass";
    assert!(count(&city, indexes).await >= 4, "and takes no index away");
}

#[tokio::test]
async fn a_large_first_delivery_has_its_indexes_and_registry_when_it_is_in() {
    let city = TestCity::start().await;
    let before = texts(
        &city,
        "SELECT indexname::text FROM pg_indexes WHERE schemaname = 'gis' AND tablename = 'tree' ORDER BY 1",
    )
    .await;
    let many = (0..6_000).fold(Trees::none(), |trees, n| trees.tree(&n.to_string(), "sao", 1.0));
    let report = many.request().import(&city).await;
    assert_eq!(report.layers[0].added, 6_000);
    let after = texts(
        &city,
        "SELECT indexname::text FROM pg_indexes WHERE schemaname = 'gis' AND tablename = 'tree' ORDER BY 1",
    )
    .await;
    assert_eq!(after, before);
    assert_eq!(count(&city, "SELECT count(*) FROM gis.object JOIN gis.tree USING (id)").await, 6_000);
    assert_eq!(count(&city, "SELECT count(*) FROM feed.change WHERE op = 'import'").await, 1);
}

#[tokio::test]
async fn a_reference_to_nowhere_is_a_finding_and_stops_nothing() {
    let city = TestCity::start().await;
    for (slip, number) in [("nowhere.code", "1"), ("road.nothing", "2"), ("building.storeys", "3")] {
        city.sql(&format!(
            "UPDATE catalog.attribute SET refers_to = '{slip}' WHERE layer = 'tree' AND name = 'species'"
        ))
        .await;
        let report = Trees::none().tree(number, "sao", 5.0).request().import(&city).await;
        assert_eq!(report.layers[0].added, 1, "{slip}");
        assert_eq!(
            report.issues.iter().filter(|i| i.rule == "reference-unknown").count(),
            1,
            "{slip}: {:?}",
            report.issues
        );
    }
}

#[tokio::test]
async fn the_object_that_lives_under_a_number_is_meant_not_the_one_that_was_closed() {
    let city = TestCity::start().await;
    Trees::none().tree("1", "sao", 5.0).tree("2", "dau", 7.5).request().import(&city).await;
    Trees::none().tree("1", "sao", 5.0).request().on("2026-03-01").import(&city).await;
    // A tree planted here under the number that has become free.
    edit(
        &city,
        "INSERT INTO gis.tree (tree_number, species, height_m, geom, validity)
         VALUES ('2', 'me', 1, ST_SetSRID(ST_MakePoint(106.7, 10.77), 4326), '[2026-04-01,)')",
    )
    .await;
    let next = || Trees::none().tree("1", "sao", 5.0).tree("2", "me", 2.0).request().on("2026-05-01");
    let report = next().import(&city).await;
    assert_eq!((report.exit_code(), report.conflicts[0].kind.as_str()), (1, "both_new"), "a person is asked");
    let report = next().accept("take-delivery").import(&city).await;
    assert_eq!(report.exit_code(), 0);
    let expected = ["1 sao 5 v1 (,) import", "2 dau 7.5 v2 (,2026-03-01) import", "2 me 2 v2 [2026-04-01,) import"];
    assert_eq!(trees(&city).await, expected);
}

#[tokio::test]
async fn an_older_delivery_waits_for_a_person() {
    let city = TestCity::start().await;
    Trees::none().tree("1", "sao", 5.0).request().on("2025-01-01").import(&city).await;
    let older = || Trees::none().tree("1", "sao", 4.0).request().on("2024-01-01");
    let report = older().import(&city).await;
    assert_eq!((report.exit_code(), report.needs.as_slice()), (1, ["older-delivery".to_owned()].as_slice()));
    assert_eq!(trees(&city).await, ["1 sao 5 v1 (,) import"]);
    let report = older().accept("older-delivery").import(&city).await;
    assert_eq!((report.exit_code(), report.layers[0].changed), (0, 1));
}
