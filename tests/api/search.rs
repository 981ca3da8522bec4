//! Finding a place by what people call it.

use serde_json::Value;
use unicode_normalization::UnicodeNormalization as _;

use crate::corner::{self, at};
use crate::support::TestCity;

async fn results(city: &TestCity, text: &str) -> Vec<Value> {
    let url = format!("{}/api/v1/search", city.origin);
    let answer: Value = city.client.get(url).query(&[("q", text)]).send().await.unwrap().json().await.unwrap();
    answer["results"].as_array().cloned().unwrap_or_else(|| panic!("{answer}"))
}

fn titles(results: &[Value]) -> Vec<&str> {
    results.iter().filter_map(|result| result["title"].as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn sheet_and_plot_find_every_match_with_its_commune() {
    let city = corner::city().await;
    for text in ["tờ 12 thửa 345", "thửa 345 tờ 12", "Thửa đất số 345, tờ bản đồ số 12"] {
        let found = results(&city, text).await;
        assert_eq!(titles(&found), ["Thửa 345, tờ 12", "Thửa 345, tờ 12"], "{text}");
        let communes: std::collections::BTreeSet<&str> =
            found.iter().filter_map(|one| one["subtitle"]["vi"].as_str()).collect();
        assert_eq!(communes.into_iter().collect::<Vec<_>>(), ["Phường Bến Nghé (cũ)", "Phường Bến Thành (cũ)"]);
    }
    let named = results(&city, "thửa 345 tờ 12 ben thanh").await;
    assert_eq!(named[0]["subtitle"]["vi"], "Phường Bến Thành (cũ)");
    assert!(results(&city, "tờ 12 thửa 999").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_and_streets_are_found_with_or_without_diacritics_in_either_form() {
    let city = corner::city().await;
    for text in ["12/3 Lê Lợi", "12/3 le loi", "12/3 LE LOI"] {
        for form in [text.nfc().collect::<String>(), text.nfd().collect::<String>()] {
            let found = results(&city, &form).await;
            assert_eq!(titles(&found)[0], "12/3 Lê Lợi", "{form}");
            assert_eq!(found[0]["kind"], "address");
            assert!(!titles(&found).contains(&"14 Lê Lợi"), "another house is another house");
        }
    }
    let found = results(&city, "duong le loi").await;
    assert_eq!((found[0]["kind"].as_str(), found[0]["title"].as_str()), (Some("street"), Some("Đường Lê Lợi")));
    assert_eq!(titles(&results(&city, "lê lợ").await)[0], "Đường Lê Lợi", "as it is being typed");
    assert_eq!(titles(&results(&city, "sao den").await)[0], "Sao đen");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_ward_or_district_finds_todays_place_and_says_so() {
    let city = corner::city().await;
    for text in ["Phường Bến Nghé", "ben nghe", "Bến Nghé quận 1"] {
        let found = results(&city, text).await;
        let former =
            found.iter().find(|one| one["kind"] == "former_unit").unwrap_or_else(|| panic!("{text}: {found:?}"));
        assert_eq!(former["title"], "Phường Bến Nghé (cũ)");
        assert!(former["note"]["vi"].as_str().unwrap().contains("Phường Sài Gòn"), "{former}");
    }
    let found = results(&city, "quận 1").await;
    let district = found.iter().find(|one| one["title"] == "Quận 1 (cũ)").unwrap_or_else(|| panic!("{found:?}"));
    assert!(district["note"]["vi"].as_str().unwrap().contains("Phường Sài Gòn"), "{district}");
}

#[tokio::test(flavor = "multi_thread")]
async fn coordinates_are_a_place() {
    let city = corner::city().await;
    let (lon, lat) = at(0.0, 0.0);
    for text in ["1191000, 603000", "X 1191000 Y 603000", "603000 1191000"] {
        let found = results(&city, text).await;
        let (x, y) = (found[0]["lon"].as_f64().unwrap(), found[0]["lat"].as_f64().unwrap());
        assert!((x - lon).abs() < 1e-8 && (y - lat).abs() < 1e-8, "{text}: {found:?}");
    }
    let swapped = results(&city, "X 603000 Y 1191000").await;
    assert!(swapped[0]["note"]["vi"].as_str().unwrap().contains("X là hướng bắc"), "{swapped:?}");
    let found = results(&city, "10.77, 106.70").await;
    assert_eq!((found[0]["kind"].as_str(), found[0]["lat"].as_f64()), (Some("coordinate"), Some(10.77)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_is_found_and_what_is_deleted_is_not() {
    let city = corner::city().await;
    city.sql("INSERT INTO gis.place (name, kind, geom) VALUES ('Chợ Bến Thành', 'cho', ST_SetSRID(ST_MakePoint(106.698, 10.772), 4326))").await;
    corner::until_known(&city).await;
    assert_eq!(titles(&results(&city, "cho ben thanh").await)[0], "Chợ Bến Thành");
    city.sql("UPDATE gis.place SET name = 'Chợ mới'; UPDATE gis.parcel SET number = '777' WHERE number = '346'").await;
    corner::until_known(&city).await;
    assert!(!titles(&results(&city, "cho ben thanh").await).contains(&"Chợ Bến Thành"));
    assert_eq!(titles(&results(&city, "cho moi").await)[0], "Chợ mới");
    assert_eq!(results(&city, "tờ 12 thửa 777").await.len(), 1);
    assert_eq!(results(&city, "tờ 12 thửa 346").await.len(), 0);
    city.sql("DELETE FROM gis.place").await;
    corner::until_known(&city).await;
    assert!(!titles(&results(&city, "cho moi").await).contains(&"Chợ mới"));
}

#[tokio::test(flavor = "multi_thread")]
async fn strange_questions_get_an_answer() {
    let city = corner::city().await;
    let long = "đ".repeat(5_000);
    for text in
        ["", " ", "'", "%", "\\", "((((", "💧", "a", "thửa", "\u{301}", long.as_str(), "'; DROP TABLE gis.parcel; --"]
    {
        results(&city, text).await;
    }
}
