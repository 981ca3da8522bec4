//! Finding a place by what people call it.

use serde_json::Value;
use unicode_normalization::UnicodeNormalization as _;

use crate::corner::{self, at};
use crate::support::TestCity;

async fn answer(city: &TestCity, text: &str) -> Value {
    let url = format!("{}/api/v1/search", city.origin);
    city.client.get(url).query(&[("q", text)]).send().await.unwrap().json().await.unwrap()
}

async fn results(city: &TestCity, text: &str) -> Vec<Value> {
    let answer = answer(city, text).await;
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
async fn of_too_many_plots_the_nearest_are_told_and_that_there_are_more() {
    let city = corner::city().await;
    // Forty sheets with a plot 7, one beside the other to the east; nothing says their commune but a code.
    city.sql(
        "INSERT INTO gis.parcel (commune_code, unit_code, sheet, number, geom_source)
         SELECT '26743', '26740', (100 + n)::text, '7', ST_Multi(ST_MakeEnvelope(603000 + 20 * n, 1191100, 603010 + 20 * n, 1191110, 9210))
         FROM generate_series(0, 39) AS n;
         UPDATE gis.parcel SET commune_code = '99999' WHERE sheet = '139'",
    )
    .await;
    corner::until_known(&city).await;
    // From the eastern end the last sheets are the nearest: those that an index in order of writing would cut.
    let (lon, lat) = at(800.0, 100.0);
    let url = format!("{}/api/v1/search?q=thửa 7&lon={lon}&lat={lat}", city.origin);
    let found: Value = city.client.get(url).send().await.unwrap().json().await.unwrap();
    let told = found["results"].as_array().unwrap();
    assert_eq!((told.len(), &found["more"]), (30, &Value::Bool(true)), "{found}");
    let expected: Vec<String> = (110..=139).rev().map(|sheet| format!("Thửa 7, tờ {sheet}")).collect();
    assert_eq!(titles(told), expected);
    assert_eq!(told[1]["subtitle"]["vi"], "Phường Bến Thành (cũ)", "the unit that the code stood for");
    // East of the ward, and a code that nobody knows: neither is told as a bare number.
    assert_eq!(told[0]["subtitle"]["vi"], "Thửa đất", "{}", told[0]);
    assert_eq!(answer(&city, "tờ 12 thửa 345").await["more"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plot_that_does_not_exist_is_said_not_to_and_nothing_else_is_offered() {
    let city = corner::city().await;
    // An address that holds the same numbers must not stand in for the plot.
    city.sql(
        "INSERT INTO gis.address (unit_code, street, number, full_text, geom)
         VALUES ('26740', 'Lê Lợi', '999', '999 Lê Lợi, tổ 999', ST_SetSRID(ST_MakePoint(106.6937, 10.7685), 4326))",
    )
    .await;
    corner::until_known(&city).await;
    for (text, vi) in [
        ("tờ 12 thửa 999", "Không có thửa 999 trên tờ 12 trong dữ liệu này."),
        ("tờ 999 thửa 999", "Không có thửa 999, tờ 999: dữ liệu này không có tờ bản đồ số 999."),
        ("thửa 999", "Không có thửa nào mang số 999 trong dữ liệu này."),
    ] {
        let answer = answer(&city, text).await;
        assert_eq!(answer["results"], serde_json::json!([]), "{text}");
        assert_eq!(answer["note"]["vi"], vi);
        assert!(answer["note"]["en"].as_str().unwrap().contains("999"), "{answer}");
        assert_eq!((&answer["understood"]["kind"], &answer["understood"]["number"]), (&"parcel".into(), &"999".into()));
    }
    let found = answer(&city, "tờ 12 thửa 345 Bến Nghé").await;
    assert_eq!((&found["note"], found["results"].as_array().unwrap().len()), (&Value::Null, 2));
    let elsewhere = answer(&city, "tờ 12 thửa 345 Thảo Điền").await;
    assert!(elsewhere["note"]["vi"].as_str().unwrap().starts_with("Không rõ nơi đã ghi"), "{elsewhere}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_house_number_finds_the_nearest_houses_and_one_that_does_not_exist_is_said_not_to() {
    let city = corner::city().await;
    city.sql(
        "INSERT INTO gis.address (unit_code, street, number, full_text, geom) VALUES
           ('26740', 'Xa', '12/3', '12/3 Xa', ST_SetSRID(ST_MakePoint(106.7036, 10.7684), 4326)),
           ('26740', 'Gộp', '117-121', '117-121 Gộp', ST_SetSRID(ST_MakePoint(106.6940, 10.7684), 4326)),
           ('26740', 'Bis', '25 Bis', '25 Bis Gộp', ST_SetSRID(ST_MakePoint(106.6941, 10.7684), 4326))",
    )
    .await;
    corner::until_known(&city).await;
    assert_eq!(titles(&results(&city, "12/3").await), ["12/3 Lê Lợi", "12/3 Xa"]);
    let url = format!("{}/api/v1/search?q=12/3&lon=106.7036&lat=10.7684", city.origin);
    let there: Value = city.client.get(url).send().await.unwrap().json().await.unwrap();
    assert_eq!(titles(there["results"].as_array().unwrap()), ["12/3 Xa", "12/3 Lê Lợi"], "from where the map stands");
    assert_eq!(titles(&results(&city, "số 121").await), ["117-121 Gộp"]);
    assert_eq!(titles(&results(&city, "25bis").await), ["25 Bis Gộp"]);
    let beside = answer(&city, "12/99").await;
    assert!(beside["note"]["vi"].as_str().unwrap().starts_with("Không có số nhà 12/99"), "{beside}");
    assert_eq!(titles(beside["results"].as_array().unwrap()), ["12/3 Lê Lợi", "12/3 Xa"], "the same alley");
    let street = answer(&city, "16 Lê Lợi").await;
    assert!(street["note"]["vi"].as_str().unwrap().starts_with("Không có số nhà 16 ở đó"), "{street}");
    assert_eq!(titles(street["results"].as_array().unwrap()), ["Đường Lê Lợi", "14 Lê Lợi", "12/3 Lê Lợi"]);
    // A house of that number in a street that is spelt a little like it is not the one.
    let other = answer(&city, "12/3 Lê Lai").await;
    assert!(other["note"]["vi"].as_str().unwrap_or_default().starts_with("Không có số nhà 12/3 ở đó"), "{other}");
    assert!(answer(&city, "12/3 Đ. Lê Lợi, P. Sài Gòn").await["note"].is_null());
    let far = answer(&city, "12/3 đường Lê Lợi, P. Nguyễn Thái Bình, Quận 1, TP.HCM").await;
    assert_eq!(
        (titles(far["results"].as_array().unwrap()).first(), &far["note"]),
        (Some(&"12/3 Lê Lợi"), &Value::Null),
        "{far}"
    );
    let nothing = answer(&city, "345/12").await;
    assert_eq!(nothing["results"], serde_json::json!([]));
    assert!(nothing["note"]["en"].as_str().unwrap().contains("no house number 345/12"), "{nothing}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_street_here_comes_before_communes_far_away_and_those_are_found_by_their_whole_name() {
    let city = corner::city().await;
    let far = |code: &str, name: &str, level: i32, lon: f64, lat: f64| {
        let kind = if level == 1 { "tinh" } else { "xa" };
        let short = name.trim_start_matches("Xã ").trim_start_matches("Tỉnh ");
        format!(
            "INSERT INTO gis.admin_unit (code, name, short_name, kind, level, parent_code, province_code, geom) VALUES
               ('{code}', '{name}', '{short}', '{kind}', {level}, '33', '33',
                ST_Multi(ST_Buffer(ST_SetSRID(ST_MakePoint({lon}, {lat}), 4326), 0.1)));"
        )
    };
    city.sql(&far("33", "Tỉnh Hưng Yên", 1, 106.45, 20.43)).await;
    city.sql(&far("13120", "Xã Lê Lợi", 2, 106.45, 20.43)).await;
    // Land prices carry the street's name and the ward's, and are neither.
    city.sql(
        "INSERT INTO gis.land_price (segment, street, year, geom) VALUES ('Phường Sài Gòn: Lê Lợi', 'Lê Lợi', 2026,
           ST_Multi(ST_SetSRID(ST_MakeLine(ST_MakePoint(106.693, 10.768), ST_MakePoint(106.694, 10.768)), 4326)))",
    )
    .await;
    corner::until_known(&city).await;
    let found = results(&city, "Lê Lợi").await;
    assert_eq!(titles(&found)[..2], ["Đường Lê Lợi", "Xã Lê Lợi"]);
    assert_eq!(found[0]["subtitle"]["vi"], "Đường, Phường Sài Gòn");
    assert_eq!(found[1]["subtitle"]["vi"], "Xã, Tỉnh Hưng Yên");
    assert_eq!(titles(&results(&city, "xã lê lợi").await)[0], "Xã Lê Lợi");
    assert_eq!(titles(&results(&city, "Lê Lợi, Hưng Yên").await)[0], "Xã Lê Lợi");
    assert_eq!(titles(&results(&city, "phường Sài Gòn").await), ["Phường Sài Gòn"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_spot_is_one_result_and_one_street_is_one_street() {
    let city = corner::city().await;
    city.sql(
        "INSERT INTO gis.place (name, kind, geom) VALUES ('Nhà hát Thành phố', 'van_hoa', ST_SetSRID(ST_MakePoint(106.6936, 10.7684), 4326));
         INSERT INTO gis.building (source_ref, name, geom) VALUES ('b1', 'Nhà hát Thành phố',
           ST_Multi(ST_Buffer(ST_SetSRID(ST_MakePoint(106.69362, 10.7684), 4326), 0.0002)));
         INSERT INTO gis.address (unit_code, street, number, building_name, full_text, geom) VALUES
           ('26740', 'Công trường Lam Sơn', '7', 'Nhà hát Thành phố', '7 Công trường Lam Sơn', ST_SetSRID(ST_MakePoint(106.6936, 10.76841), 4326));
         INSERT INTO gis.place (name, kind, geom) VALUES ('Nhà hát Thành phố', 'van_hoa', ST_SetSRID(ST_MakePoint(106.70, 10.7684), 4326));
         INSERT INTO gis.road (source_ref, name, class, geom) VALUES ('w2', 'Lê Lợi', 'secondary',
           ST_Multi(ST_SetSRID(ST_MakeLine(ST_MakePoint(106.696, 10.768), ST_MakePoint(106.698, 10.768)), 4326)))",
    )
    .await;
    corner::until_known(&city).await;
    let found = results(&city, "nhà hát thành phố").await;
    assert_eq!(titles(&found), ["Nhà hát Thành phố", "Nhà hát Thành phố"], "the other one stands 700 m away");
    assert_eq!(found[0]["kind"], "place");
    assert!(found[0]["subtitle"]["vi"].as_str().unwrap().ends_with("7 Công trường Lam Sơn"), "{}", found[0]);
    let streets: Vec<Value> =
        results(&city, "le loi").await.into_iter().filter(|one| one["kind"] == "street").collect();
    assert_eq!(streets.len(), 1, "{streets:?}");
    let west_to_east = streets[0]["bbox"][2].as_f64().unwrap() - streets[0]["bbox"][0].as_f64().unwrap();
    assert!(west_to_east > 0.005, "the whole street is shown: {}", streets[0]);
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
async fn old_units_are_found_by_short_forms_and_lie_where_their_plots_are() {
    let city = corner::city().await;
    city.sql(
        "INSERT INTO gis.admin_unit (code, name, short_name, kind, level, geom)
         SELECT '79', 'Thành phố Hồ Chí Minh', 'Hồ Chí Minh', 'thanh_pho', 1, ST_Multi(ST_Buffer(ST_Point(106.7, 10.77, 4326), 0.5))
         WHERE NOT EXISTS (SELECT FROM gis.admin_unit WHERE code = '79');
         INSERT INTO gis.admin_unit (code, name, short_name, kind, level, parent_code, geom)
         VALUES ('25747', 'Phường Thủ Dầu Một', 'Thủ Dầu Một', 'phuong', 2, '79', ST_Multi(ST_Buffer(ST_Point(106.65, 10.98, 4326), 0.02)));
         INSERT INTO gis.admin_unit_former (code, name, short_name, kind, district_code, district_name, province_code, province_name) VALUES
           ('25700', 'Phường Phú Cường', 'Phú Cường', 'phuong', '718', 'Thành phố Thủ Dầu Một', '74', 'Tỉnh Bình Dương'),
           ('718', 'Thành phố Thủ Dầu Một', 'Thủ Dầu Một', 'thanh_pho', NULL, NULL, '74', 'Tỉnh Bình Dương');
         INSERT INTO gis.admin_unit_change (old_code, new_code, old_name, new_name, kind, share, effective_on)
         VALUES ('25700', '25747', 'Phường Phú Cường', 'Phường Thủ Dầu Một', 'nhap', 1, '2025-07-01')",
    )
    .await;
    corner::until_known(&city).await;
    for text in ["P. Bến Nghé, Q.1", "P.Bến Nghé,Q1", "p. ben nghe q1"] {
        let found = results(&city, text).await;
        assert_eq!(found[0]["title"], "Phường Bến Nghé (cũ)", "{text}: {found:?}");
    }
    for text in ["q1", "Q. 1", "Q.1, TP.HCM"] {
        let found = results(&city, text).await;
        assert_eq!(titles(&found).first(), Some(&"Quận 1 (cũ)"), "{text}: {found:?}");
    }
    let found = results(&city, "bến nghé").await;
    let former = found.iter().find(|one| one["kind"] == "former_unit").unwrap();
    assert_eq!(former["subtitle"]["en"], "District 1, Hồ Chí Minh City", "{former}");
    // Its plots lie in a corner of the ward of today.
    let (lon, lat) = at(0.0, 0.0);
    let degrees = |at: usize| former["bbox"][at].as_f64().unwrap();
    assert!((degrees(0) - lon).abs() < 0.002 && (degrees(1) - lat).abs() < 0.002, "{former}");
    assert!(degrees(2) - degrees(0) < 0.005, "{former}");

    let province = results(&city, "Bình Dương").await;
    assert_eq!(province[0]["title"], "Tỉnh Bình Dương (cũ)", "{province:?}");
    assert_eq!(province[0]["note"]["vi"], "Từ 01/07/2025 thuộc: Thành phố Hồ Chí Minh.");
    // The district's name alone is the district, not each of its wards.
    let district = titles(&results(&city, "Thủ Dầu Một").await).into_iter().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(district[..2], ["Phường Thủ Dầu Một", "Thành phố Thủ Dầu Một (cũ)"]);
    assert!(!district.contains(&"Phường Phú Cường (cũ)".to_owned()), "{district:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn coordinates_are_a_place() {
    let city = corner::city().await;
    let half = answer(&city, "10.7769").await;
    assert_eq!((half["understood"]["kind"].as_str(), &half["results"]), (Some("coordinates"), &serde_json::json!([])));
    assert!(half["note"]["vi"].as_str().unwrap().contains("hai số"), "{half}");
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
