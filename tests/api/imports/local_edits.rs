//! A delivery never overwrites or closes what was edited here since the last one (decision 11).

use super::fake::Trees;
use super::{count, edit, texts, trees};
use crate::support::TestCity;

/// Two trees, delivered; the first one then measured here.
async fn edited_city() -> TestCity {
    let city = TestCity::start().await;
    Trees::none().tree("1", "sao", 5.0).tree("2", "dau", 7.5).request().import(&city).await;
    edit(&city, "UPDATE gis.tree SET height_m = 6 WHERE tree_number = '1'").await;
    city
}

#[tokio::test]
async fn an_edit_that_the_delivery_does_not_speak_of_stays_without_a_question() {
    let city = edited_city().await;
    let newer = Trees::none().tree("1", "sao", 5.0).tree("2", "dau", 8.0);
    let report = newer.request().import(&city).await;
    assert_eq!((report.layers[0].unchanged, report.layers[0].changed, report.exit_code()), (1, 1, 0));
    assert_eq!(trees(&city).await, ["1 sao 6 v2 (,) an.nguyen", "2 dau 8 v2 (,) import"]);
}

#[tokio::test]
async fn changed_on_both_sides_shows_three_versions_and_applies_nothing() {
    let city = edited_city().await;
    let newer = || Trees::none().tree("1", "sao", 9.0).tree("2", "dau", 8.0);
    let report = newer().request().import(&city).await;
    assert_eq!((report.exit_code(), report.needs.as_slice()), (1, ["local-edits".to_owned()].as_slice()));
    let conflict = &report.conflicts[0];
    let height = |v: &Option<serde_json::Value>| v.as_ref().and_then(|v| v["height_m"].as_f64());
    assert_eq!(
        (height(&conflict.base), height(&conflict.ours), height(&conflict.theirs)),
        (Some(5.0), Some(6.0), Some(9.0))
    );
    assert_eq!(trees(&city).await[1], "2 dau 7.5 v1 (,) import", "nothing of it was applied");
    let kept =
        texts(&city, "SELECT concat_ws(' ', kind, key, state, ST_AsText(theirs_geom)) FROM import.conflict").await;
    assert_eq!(kept, ["edited 1 open POINT(106.7 10.77)"]);

    let report = newer().request().accept("keep-local").import(&city).await;
    assert_eq!((report.exit_code(), report.layers[0].waiting, report.layers[0].changed), (2, 1, 1));
    assert_eq!(trees(&city).await, ["1 sao 6 v2 (,) an.nguyen", "2 dau 8 v2 (,) import"]);
    let states = texts(&city, "SELECT state FROM import.conflict ORDER BY import_id").await;
    assert_eq!(states, ["superseded", "kept"]);

    let report = newer().request().import(&city).await;
    assert_eq!((report.exit_code(), report.layers[0].unchanged), (0, 2), "what was decided is not asked again");

    let report = Trees::none()
        .tree("1", "sao", 10.0)
        .tree("2", "dau", 8.0)
        .request()
        .accept("take-delivery")
        .import(&city)
        .await;
    assert_eq!((report.exit_code(), report.layers[0].changed), (0, 1));
    assert_eq!(trees(&city).await[0], "1 sao 10 v3 (,) import");
    let versions = texts(&city, "SELECT height_m || ' ' || split_part(actor, ':', 1) FROM gis_history.tree WHERE tree_number = '1' ORDER BY version").await;
    assert_eq!(versions, ["5 import", "6 an.nguyen"], "the edit stays in the history");
}

#[tokio::test]
async fn what_was_deleted_here_does_not_come_back_by_itself() {
    let city = edited_city().await;
    edit(&city, "DELETE FROM gis.tree WHERE tree_number = '2'").await;
    let same = Trees::none().tree("1", "sao", 5.0).tree("2", "dau", 7.5);
    let report = same.request().import(&city).await;
    assert_eq!((report.layers[0].unchanged, report.layers[0].added, report.exit_code()), (2, 0, 0));
    let grown = || Trees::none().tree("1", "sao", 5.0).tree("2", "dau", 8.0).request();
    let report = grown().import(&city).await;
    assert_eq!((report.exit_code(), report.conflicts[0].kind.as_str()), (1, "deleted"));
    assert_eq!(count(&city, "SELECT count(*) FROM gis.tree").await, 1);
    let report = grown().accept("take-delivery").import(&city).await;
    assert_eq!(report.layers[0].waiting, 0);
    let lives = "SELECT count(*) FROM gis.tree t JOIN gis_history.tree h USING (id) WHERE t.tree_number = '2' AND t.version > h.version";
    assert_eq!(count(&city, lives).await, 1, "it is the same object again, a version later");
}

#[tokio::test]
async fn what_was_edited_here_is_not_closed_when_the_delivery_lacks_it() {
    let city = edited_city().await;
    let without = || Trees::none().tree("2", "dau", 7.5).request();
    let report = without().import(&city).await;
    assert_eq!((report.exit_code(), report.conflicts[0].kind.as_str(), report.layers[0].missing), (1, "gone", 1));
    let report = without().accept("keep-local").import(&city).await;
    assert_eq!((report.exit_code(), report.layers[0].closed), (2, 0));
    assert_eq!(without().import(&city).await.exit_code(), 0, "what was decided is not asked again");
    assert_eq!(trees(&city).await[0], "1 sao 6 v2 (,) an.nguyen");
}

#[tokio::test]
async fn an_object_that_was_given_another_number_here_is_still_found() {
    let city = edited_city().await;
    edit(&city, "UPDATE gis.tree SET tree_number = '2A' WHERE tree_number = '2'").await;
    let same = Trees::none().tree("1", "sao", 5.0).tree("2", "dau", 7.5);
    let report = same.request().import(&city).await;
    assert_eq!((report.layers[0].added, report.layers[0].unchanged, report.exit_code()), (0, 2, 0));
    assert_eq!(trees(&city).await.len(), 2, "it does not come in a second time under its old number");
}

#[tokio::test]
async fn what_was_made_here_is_not_touched_by_a_delivery_that_lacks_it() {
    let city = edited_city().await;
    edit(&city, "INSERT INTO gis.tree (tree_number, species, geom) VALUES ('77', 'me', ST_SetSRID(ST_MakePoint(106.7, 10.7), 4326))").await;
    let same = Trees::none().tree("1", "sao", 5.0).tree("2", "dau", 7.5);
    assert_eq!(same.request().import(&city).await.exit_code(), 0);
    assert_eq!(count(&city, "SELECT count(*) FROM gis.tree WHERE tree_number = '77' AND upper_inf(validity)").await, 1);
}

#[tokio::test]
async fn private_values_do_not_leave_in_the_report() {
    use std::os::unix::fs::PermissionsExt as _;
    let city = TestCity::start().await;
    city.sql("UPDATE catalog.attribute SET private = true, in_tile = false WHERE layer = 'tree' AND name = 'species'")
        .await;
    Trees::none().tree("1", "bí-mật-một", 5.0).request().import(&city).await;
    edit(&city, "UPDATE gis.tree SET species = 'bí-mật-hai', height_m = 6").await;
    let delivery = Trees::none().tree("1", "bí-mật-ba", 7.0).request();
    let report = delivery.import(&city).await;
    assert_eq!(report.conflicts.len(), 1);
    let folder = report.path.as_ref().and_then(|p| p.parent()).expect("a folder").to_owned();
    let mode = |path: &std::path::Path| std::fs::metadata(path).expect("is there").permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for entry in std::fs::read_dir(&folder).expect("is read") {
        let path = entry.expect("an entry").path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        let text = std::fs::read_to_string(&path).expect("text");
        assert!(text.contains("•••") && text.contains("height_m") && !text.contains("bí-mật"), "{text}");
    }
    let kept = texts(
        &city,
        "SELECT concat_ws(' ', base->>'species', ours->>'species', theirs->>'species') FROM import.conflict",
    );
    assert_eq!(kept.await, ["bí-mật-một bí-mật-hai bí-mật-ba"], "who decides needs them");
}

#[tokio::test]
async fn a_decision_holds_for_what_was_shown() {
    let city = edited_city().await;
    let newer = || Trees::none().tree("1", "sao", 9.0).tree("2", "dau", 8.0).request();
    assert_eq!(newer().import(&city).await.needs, ["local-edits"]);
    // Between the report and the decision somebody edits another tree that the delivery changes.
    edit(&city, "UPDATE gis.tree SET height_m = 7 WHERE tree_number = '2'").await;
    let report = newer().accept("take-delivery").import(&city).await;
    assert_eq!((report.exit_code(), report.needs.as_slice()), (1, ["local-edits".to_owned()].as_slice()));
    assert_eq!(trees(&city).await, ["1 sao 6 v2 (,) an.nguyen", "2 dau 7 v2 (,) an.nguyen"]);
    let states = texts(&city, "SELECT key || ' ' || state FROM import.conflict ORDER BY import_id, key").await;
    assert_eq!(states, ["1 superseded", "1 open", "2 open"], "all that is to be decided is listed anew");
    let report = newer().accept("take-delivery").import(&city).await;
    assert_eq!((report.exit_code(), report.layers[0].changed), (0, 2));
    assert_eq!(trees(&city).await, ["1 sao 9 v3 (,) import", "2 dau 8 v3 (,) import"]);
}

#[tokio::test]
async fn many_conflicts_are_all_kept() {
    let city = TestCity::start().await;
    let all =
        |height: f64| (0..450).fold(Trees::none(), |trees, n| trees.tree(&n.to_string(), "sao", height)).request();
    all(5.0).import(&city).await;
    edit(&city, "UPDATE gis.tree SET height_m = 6").await;
    let report = all(7.0).import(&city).await;
    assert_eq!((report.exit_code(), report.layers[0].waiting, report.conflicts.len()), (1, 450, 50));
    assert_eq!(count(&city, "SELECT count(DISTINCT key) FROM import.conflict WHERE state = 'open'").await, 450);
    let state = texts(&city, "SELECT state FROM import.delivery ORDER BY id DESC LIMIT 1").await;
    assert_eq!(state, ["conflicts"]);
}

#[tokio::test]
async fn two_objects_of_one_number_that_were_deleted_here_stay_deleted() {
    let city = TestCity::start().await;
    let twice = |heights: &[f64]| {
        heights.iter().fold(Trees::none().tree("1", "sao", 5.0), |t, h| t.tree("2", "dau", *h)).request()
    };
    twice(&[7.0, 8.0]).import(&city).await;
    edit(&city, "DELETE FROM gis.tree WHERE tree_number = '2'").await;
    let report = twice(&[7.0, 8.0]).import(&city).await;
    assert_eq!((report.exit_code(), report.layers[0].unchanged), (0, 3), "the delivery says nothing new");
    let report = twice(&[7.5, 8.5]).accept("take-delivery").import(&city).await;
    assert_eq!((report.exit_code(), count(&city, "SELECT count(DISTINCT id) FROM gis.tree").await), (0, 3));
}
