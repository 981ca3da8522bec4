//! What applies here: the sentence, the areas, what is missing; and all of it while PostgreSQL is away.

use serde_json::{Value, json};

use crate::corner::{self, at};
use crate::support::TestCity;

async fn lookup(city: &TestCity, east: f64, north: f64) -> Value {
    let (lon, lat) = at(east, north);
    city.get(&format!("/api/v1/lookup?lon={lon}&lat={lat}")).await.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_line_answers_and_the_second_says_on_what_ground() {
    let city = corner::city().await;
    let answer = lookup(&city, 2.0, 10.0).await;
    assert_eq!(
        answer["answer"]["vi"],
        "Thửa 345, tờ 12 (phường Bến Nghé cũ): được xây nhà ở đến 5 tầng, phủ tối đa 80 % đất. Đường mở rộng lấy 6,2 m²."
    );
    assert_eq!(
        answer["ground"]["vi"],
        "Theo quyết định 5678/QĐ-UBND ngày 12/03/2024, bản vẽ 1:2000. Thông tin tham khảo."
    );
    let parcel = &answer["parcels"][0];
    assert_eq!(
        (parcel["sheet"].as_str(), parcel["number"].as_str(), parcel["area_kind"].as_str()),
        (Some("12"), Some("345"), Some("legal"))
    );
    assert!((parcel["area_m2"].as_f64().unwrap() - 100.0).abs() < 0.001, "{parcel}");
    let zone = &parcel["zones"][0];
    // 5 m by 18.76 m: the zone begins at the red line.
    assert!(
        (zone["area_m2"].as_f64().unwrap() - 93.8).abs() < 0.001
            && (zone["share"].as_f64().unwrap() - 0.938).abs() < 1e-5,
        "{zone}"
    );
    assert_eq!(
        (zone["plan"]["decision_number"].as_str(), zone["plan"]["scale"].as_str()),
        (Some("5678/QĐ-UBND"), Some("1:2000"))
    );
    let line = &parcel["lines"][0];
    assert!(
        (line["cut_m2"].as_f64().unwrap() - 6.2).abs() < 0.001
            && (line["depth_m"].as_f64().unwrap() - 1.24).abs() < 0.001,
        "{line}"
    );
    assert_eq!(answer["unit"]["name"], "Phường Sài Gòn");
    assert_eq!(answer["unit"]["former"], serde_json::json!(["Phường Bến Nghé"]));
    assert_eq!(parcel["address"][0], "12/3 Lê Lợi");
    let vn2000 = &answer["vn2000"];
    assert!((vn2000["x_north"].as_f64().unwrap() - (corner::NORTH + 10.0)).abs() < 0.002, "{vn2000}");
    assert!((vn2000["y_east"].as_f64().unwrap() - (corner::EAST + 2.0)).abs() < 0.002, "{vn2000}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plot_on_two_zones_is_told_of_both_with_metres_and_shares() {
    let city = corner::city().await;
    let answer = lookup(&city, 8.0, 10.0).await;
    let zones = answer["parcels"][0]["zones"].as_array().unwrap();
    let areas: Vec<f64> = zones.iter().map(|zone| zone["area_m2"].as_f64().unwrap()).collect();
    assert_eq!(zones.len(), 2);
    assert!((areas[0] - 56.28).abs() < 0.001 && (areas[1] - 37.52).abs() < 0.001, "{areas:?}");
    let said = answer["answer"]["vi"].as_str().unwrap();
    assert!(said.contains("nằm trên 2 ô quy hoạch") && said.contains("(56 %)") && said.contains("(38 %)"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn areas_are_those_of_postgis_in_the_legal_zone() {
    let city = corner::city().await;
    let mut owner = city.owner().await;
    let answer = lookup(&city, 8.0, 10.0).await;
    for zone in answer["parcels"][0]["zones"].as_array().unwrap() {
        // There and back through heights of zero moves a corner by a tenth of a millimetre (see `dothi_import::crs`).
        let expected: f64 = sqlx::query_scalar(
            "SELECT ST_Area(ST_Intersection(parcel.geom_source, gis.from_wgs84(zone.geom, 9210))) FROM gis.parcel AS parcel, gis.planning_zone AS zone \
             WHERE parcel.id = $1::uuid AND zone.id = $2::uuid",
        )
        .bind(uuid::Uuid::parse_str(answer["parcels"][0]["id"].as_str().unwrap()).unwrap())
        .bind(uuid::Uuid::parse_str(zone["id"].as_str().unwrap()).unwrap())
        .fetch_one(&mut owner)
        .await
        .unwrap();
        assert!((zone["area_m2"].as_f64().unwrap() - expected).abs() < 0.005, "{zone} {expected}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_in_the_data_is_named_as_missing_and_never_as_free() {
    let city = corner::city().await;
    let nothing = lookup(&city, 300.0, 300.0).await;
    assert_eq!(
        nothing["answer"]["vi"],
        "Phường Sài Gòn. Chưa có dữ liệu quy hoạch chi tiết ở đây. Hỏi: Phòng Kinh tế, Hạ tầng và Đô thị. \
         Chưa có dữ liệu thửa đất ở đây."
    );
    let named: Vec<&str> =
        nothing["missing"].as_array().unwrap().iter().filter_map(|one| one["layer"].as_str()).collect();
    assert_eq!(named, ["parcel", "planning_zone", "planning_line", "protection_area", "heritage_site"]);
    let zone_only = lookup(&city, 30.0, 50.0).await;
    assert!(
        zone_only["answer"]["vi"].as_str().unwrap().contains("quy hoạch là đất cây xanh"),
        "{}",
        zone_only["answer"]
    );
    assert!(!zone_only["zones"].as_array().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_commune_has_is_missing_in_the_next_one_today_and_before() {
    let city = corner::city().await;
    let ((west, south), (east, north)) = (at(2000.0, 2000.0), at(3000.0, 3000.0));
    let (lon, lat) = at(-300.0, -300.0);
    city.sql(&format!(
        "INSERT INTO gis.admin_unit (code, name, short_name, kind, level, parent_code, geom) VALUES \
           ('20242', 'Phường Hải Châu', 'Hải Châu', 'phuong', 2, '79', ST_Multi(ST_MakeEnvelope({west}, {south}, {east}, {north}, 4326))); \
         INSERT INTO gis.heritage_site (register_number, name, geom, validity) VALUES \
           ('DT1', 'Chợ cũ', ST_SetSRID(ST_MakePoint({lon}, {lat}), 4326), '[2020-01-01,)'); \
         INSERT INTO gis.protection_area (kind, source_ref, geom, validity) SELECT 'hanh_lang_song', 'H1', \
           ST_Multi(ST_Buffer(ST_SetSRID(ST_MakePoint({lon}, {lat}), 4326), 0.0001)), '[2020-01-01,)';"
    ))
    .await;
    corner::until_known(&city).await;
    let sparse = async |east: f64, north: f64, date: &str| {
        let (lon, lat) = at(east, north);
        let answer = city.get(&format!("/api/v1/lookup?lon={lon}&lat={lat}{date}")).await.json();
        let named = answer["missing"].as_array().unwrap().iter().filter_map(|one| one["layer"].as_str());
        named.filter(|name| ["protection_area", "heritage_site"].contains(name)).count()
    };
    // In the ward that has them, far from either; in the next ward; and where no ward is known.
    for date in ["", "&date=2021-01-01"] {
        assert_eq!(sparse(2.0, 10.0, date).await, 0, "{date}");
        assert_eq!(sparse(2500.0, 2500.0, date).await, 2, "{date}");
        assert_eq!(sparse(-2500.0, 2500.0, date).await, 2, "{date}");
    }
    assert_eq!(sparse(2.0, 10.0, "&date=2019-01-01").await, 2, "nothing is known of that year");
}

#[tokio::test(flavor = "multi_thread")]
async fn metres_outside_vietnam_are_geodesic_and_say_so() {
    let city = TestCity::start().await;
    city.sql(
        "INSERT INTO gis.parcel (id, commune_code, sheet, number, geom) VALUES ('00000000-0000-7000-8000-0000000000c1', 'C', '1', '1', \
         ST_Multi(ST_MakeEnvelope(-71.1100, 42.3700, -71.1095, 42.3703, 4326)))",
    )
    .await;
    corner::until_known(&city).await;
    let answer = city.get("/api/v1/lookup?lon=-71.1098&lat=42.3701").await.json();
    let parcel = &answer["parcels"][0];
    assert_eq!(parcel["area_kind"], "geodesic");
    let mut owner = city.owner().await;
    let expected: f64 =
        sqlx::query_scalar("SELECT ST_Area(geom::geography) FROM gis.parcel").fetch_one(&mut owner).await.unwrap();
    assert!((parcel["area_m2"].as_f64().unwrap() - expected).abs() < 0.001 * expected, "{parcel} {expected}");
    assert!(answer["vn2000"].is_null());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_red_line_along_the_far_side_takes_no_land_that_its_plan_gives_to_houses() {
    let city = corner::city().await;
    // Half a metre inside the back of the plot: the axis it faces lies across the whole plot, which is a zone for houses.
    city.sql(
        "INSERT INTO gis.planning_line (plan, source_ref, kind, road_name, road_width_m, geom_source) VALUES
           ('P1', 'R9', 'chi_gioi_duong_do', 'Lê Lợi', 10.5,
            ST_Multi(ST_SetSRID(ST_MakeLine(ST_MakePoint(602900, 1191019.5), ST_MakePoint(603200, 1191019.5)), 9210)))",
    )
    .await;
    corner::until_known(&city).await;
    let answer = lookup(&city, 2.0, 10.0).await;
    assert!(answer["answer"]["vi"].as_str().unwrap().ends_with("Đường mở rộng lấy 6,2 m²."), "{}", answer["answer"]);
    let lines = answer["parcels"][0]["lines"].as_array().unwrap();
    let cuts: Vec<Option<f64>> = lines.iter().map(|line| line["cut_m2"].as_f64()).collect();
    assert!(cuts.contains(&None) && cuts.iter().flatten().all(|cut| (cut - 6.2).abs() < 0.001), "{cuts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn vn_2000_is_not_told_outside_the_range_of_its_zone() {
    let city = corner::city().await;
    for (lon, lat) in [(2.35, 48.85), (112.3, 16.5), (106.7, 40.0), (-106.7, 10.7)] {
        let answer = city.get(&format!("/api/v1/lookup?lon={lon}&lat={lat}")).await.json();
        assert!(answer["vn2000"].is_null(), "{answer}");
        assert!(answer["vn2000_note"]["vi"].as_str().unwrap().starts_with("Ngoài phạm vi"), "{answer}");
    }
    let inside = city.get("/api/v1/lookup?lon=106.7&lat=10.7").await.json();
    assert!(inside["vn2000"]["x_north"].is_f64() && inside["vn2000_note"].is_null(), "{inside}");
    // Within reach of the zone, but another province: its papers may be in another zone.
    let (lon, lat) = at(0.0, 0.0);
    city.sql(&format!(
        "UPDATE catalog.setting SET value = value || '{{\"centre\": [{lon}, {lat}]}}' WHERE name = 'place';
         INSERT INTO gis.admin_unit (code, name, short_name, kind, level, geom)
         VALUES ('01', 'Thành phố Hà Nội', 'Hà Nội', 'thanh_pho_tw', 1, ST_Multi(ST_Buffer(ST_Point(105.85, 21.03, 4326), 0.1)))"
    ))
    .await;
    corner::until_known(&city).await;
    let there = city.get("/api/v1/lookup?lon=105.85&lat=21.03").await.json();
    assert!(there["vn2000"]["x_north"].is_f64(), "{there}");
    assert!(there["vn2000_note"]["vi"].as_str().unwrap().contains("kinh tuyến trục khác"), "{there}");
    assert!(city.get(&format!("/api/v1/lookup?lon={lon}&lat={lat}")).await.json()["vn2000_note"].is_null());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parameter_that_nobody_knows_is_named() {
    let city = TestCity::start().await;
    for (path, field) in
        [("/api/v1/near?lon=106.7&lat=10.77&radius=-1", "radius"), ("/api/v1/lookup?lon=106.7&lat=10.77&foo=1", "foo")]
    {
        let refused = city.get(path).await;
        assert_eq!((refused.status(), refused.problem().field.as_deref()), (400, Some(field)), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn near_and_within_are_those_of_postgis() {
    let city = corner::city().await;
    let (lon, lat) = at(2.0, 30.0);
    let mut owner = city.owner().await;
    let near = city.get(&format!("/api/v1/near?lon={lon}&lat={lat}&layers=parcel,tree&radius_m=500")).await.json();
    let expected: Vec<(uuid::Uuid, f64)> = sqlx::query_as(
        "SELECT id, ST_Distance(geom::geography, at) FROM (SELECT id, geom FROM gis.parcel UNION ALL SELECT id, geom FROM gis.tree) AS f, \
         (SELECT ST_SetSRID(ST_MakePoint($1, $2), 4326)::geography AS at) AS p ORDER BY 2",
    )
    .bind(lon)
    .bind(lat)
    .fetch_all(&mut owner)
    .await
    .unwrap();
    let features = near["features"].as_array().unwrap();
    assert_eq!(features.len(), expected.len());
    for (feature, (id, metres)) in features.iter().zip(&expected) {
        assert_eq!(feature["id"], id.to_string());
        assert!((feature["properties"]["distance_m"].as_f64().unwrap() - metres).abs() < 0.01, "{feature} {metres}");
    }
    let (west, south) = at(-1.0, -1.0);
    let (east, north) = at(7.0, 30.0);
    let inside = city.get(&format!("/api/v1/within?layers=parcel&bbox={west},{south},{east},{north}")).await.json();
    assert_eq!(inside["features"].as_array().unwrap().len(), 2);
    let polygon = serde_json::json!({"type": "Polygon", "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]]});
    assert_eq!(
        city.post("/api/v1/within?layers=parcel", polygon).await.json()["features"].as_array().unwrap().len(),
        2
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_questions_name_their_field() {
    let city = TestCity::start().await;
    for (path, field) in [
        ("/api/v1/lookup", "lon"),
        ("/api/v1/lookup?lon=1", "lat"),
        ("/api/v1/lookup?lon=x&lat=1", "lon"),
        ("/api/v1/lookup?lon=NaN&lat=1", "lon"),
        ("/api/v1/lookup?lon=1&lat=91", "lat"),
        ("/api/v1/lookup?parcel=7", "parcel"),
        ("/api/v1/lookup?lon=1&lat=1&date=1", "date"),
        ("/api/v1/near?lon=1&lat=1", "layers"),
        ("/api/v1/near?lon=1&lat=1&layers=tree&radius_m=-1", "radius_m"),
        ("/api/v1/near?lon=1&lat=1&layers=tree&limit=0", "limit"),
        ("/api/v1/within?layers=tree", "bbox"),
        ("/api/v1/within?layers=tree&bbox=1,2,3", "bbox"),
        ("/api/v1/within?layers=tree&wkt=POLYGON", "wkt"),
        ("/api/v1/search", "q"),
    ] {
        let answer = city.get(path).await;
        assert_eq!((answer.status(), answer.problem().field.as_deref()), (400, Some(field)), "{path}");
    }
    let missing = city.get("/api/v1/lookup?parcel=00000000-0000-7000-8000-000000000999").await;
    assert_eq!(missing.status(), 404);
    assert_eq!(city.get("/api/v1/near?lon=1&lat=1&layers=water_pipe").await.status(), 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_day_is_answered_from_history() {
    let city = corner::city().await;
    let yesterday = dothi::live::today().pred_opt().unwrap();
    let mut superuser = city.superuser().await;
    let long_known =
        "SET session_replication_role = replica; UPDATE gis.planning_zone SET known_since = now() - interval '10 days'";
    sqlx::Executor::execute(&mut superuser, long_known).await.unwrap();
    city.sql("UPDATE gis.planning_zone SET storeys_max = 9 WHERE zone_code = 'A1'").await;
    corner::until_known(&city).await;
    let (lon, lat) = at(2.0, 10.0);
    for (question, storeys) in [(String::new(), 9), (format!("&date={yesterday}"), 5)] {
        for place in [format!("lon={lon}&lat={lat}"), "parcel=00000000-0000-7000-8000-000000000345".to_owned()] {
            let answer = city.get(&format!("/api/v1/lookup?{place}{question}")).await.json();
            assert_eq!(answer["parcels"][0]["zones"][0]["storeys_max"], storeys, "{place}{question}: {answer}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_are_answered_while_the_database_is_away() {
    let city = corner::city().await;
    let (lon, lat) = at(2.0, 10.0);
    let tile = dothi_tiles::TileId::at(lon, lat, 17);
    let paths = [
        format!("/api/v1/lookup?lon={lon}&lat={lat}"),
        format!("/api/v1/near?lon={lon}&lat={lat}&layers=parcel"),
        format!("/api/v1/within?layers=parcel&bbox={},{},{},{}", lon - 0.001, lat - 0.001, lon + 0.001, lat + 0.001),
        "/api/v1/search?q=le+loi".to_owned(),
        format!("/tiles/parcel/17/{}/{}", tile.x, tile.y),
        "/api/v1/layers".to_owned(),
    ];
    let mut before = Vec::new();
    for path in &paths {
        before.push(city.get(path).await.content());
    }
    // As far as this server can tell, PostgreSQL is gone: nobody is let in and who was in is put out.
    let admin = |statement: String| {
        let url = city.database_url().replace(city.database_name(), "postgres");
        async move {
            let mut connection: sqlx::PgConnection = sqlx::Connection::connect(&url).await.unwrap();
            sqlx::Executor::execute(&mut connection, statement.as_str()).await.unwrap();
        }
    };
    let name = city.database_name();
    admin(format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).await;
    admin(format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")).await;
    city.until("the server knows it", || async { city.app.live.readiness().database_lost }).await;
    for (path, before) in paths.iter().zip(&before) {
        let answer = city.get(path).await;
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(answer.content(), *before, "{path}");
    }
    let past = city.get(&format!("/api/v1/lookup?lon={lon}&lat={lat}&date=2020-01-01")).await;
    assert!(past.status() >= 500, "the past is nowhere else");
    let ready = city.get("/readyz").await.json();
    assert!(ready["core"]["age_seconds"].as_f64().unwrap() > 0.0, "{ready}");
    admin(format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true")).await;
    city.sql("UPDATE gis.planning_zone SET storeys_max = 7 WHERE zone_code = 'A1'").await;
    city.until("it catches up by itself", || async {
        let answer = city.get(&format!("/api/v1/lookup?lon={lon}&lat={lat}")).await.json();
        answer["parcels"][0]["zones"][0]["storeys_max"] == 7
    })
    .await;
}

impl crate::support::Answer {
    /// What was answered, without the position, which moves by itself.
    fn content(&self) -> String {
        match serde_json::from_slice::<Value>(self.bytes()) {
            Ok(mut json) => {
                json.as_object_mut().map(|object| object.remove("position"));
                json.to_string()
            }
            Err(_) => format!("{:?}", self.bytes()),
        }
    }
}

/// A ring around a point with so many corners, in WKT.
fn ring(lon: f64, lat: f64, corners: usize) -> String {
    let at = |index: usize| {
        let turn = (index % corners) as f64 / corners as f64 * std::f64::consts::TAU;
        format!("{} {}", lon + 0.01 * turn.cos(), lat + 0.01 * turn.sin())
    };
    format!("POLYGON(({}))", (0..=corners).map(at).collect::<Vec<_>>().join(","))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shape_of_a_thousand_corners_is_asked_about_and_more_are_refused_with_the_number() {
    let city = corner::city().await;
    let (lon, lat) = at(2.0, 10.0);
    let fits = city.get(&format!("/api/v1/within?layers=parcel&wkt={}", ring(lon, lat, 999))).await;
    assert_eq!(fits.status(), 200, "{}", fits.text());
    assert_eq!(fits.json()["features"].as_array().unwrap().len(), 3);
    let refused = city.get(&format!("/api/v1/within?layers=parcel&wkt={}", ring(lon, lat, 1_000))).await;
    let problem = refused.problem();
    assert_eq!((refused.status(), problem.slug.as_str()), (413, "too-many-corners"));
    assert_eq!((&problem.json["corners"], &problem.json["most"]), (&json!(1_001), &json!(1_000)));
    let corners: Vec<[f64; 2]> = (0..2_000).map(|index| [lon + f64::from(index) * 1e-6, lat]).collect();
    let line = json!({ "type": "LineString", "coordinates": corners });
    let refused = city.post("/api/v1/within?layers=parcel", line).await;
    assert_eq!((refused.status(), refused.problem().json["corners"].as_u64()), (413, Some(2_000)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_covers_a_corner_speaks_for_that_corner() {
    let city = corner::city().await;
    let (lon, lat) = at(2.5, 10.0);
    let asked = format!("/api/v1/lookup?lon={lon}&lat={lat}");
    // A street's own plan takes a metre and a half of the plot: the plan of the block speaks for the rest.
    city.sql(
        "CREATE FUNCTION pg_temp.box(x0 float8, y0 float8, x1 float8, y1 float8) RETURNS geometry LANGUAGE sql AS
             $$ SELECT ST_Multi(ST_MakeEnvelope(603000 + x0, 1191000 + y0, 603000 + x1, 1191000 + y1, 9210)) $$;
         INSERT INTO gis.plan (code, name, level, scale, status, decision_number, decision_date, authority, geom_source) VALUES
             ('CT1', 'Mở rộng đường', 'chi_tiet', '1:500', 'hieu_luc', '99/QĐ-UBND', '2025-01-02', 'UBND', pg_temp.box(-50, -10, 50, 1.5));
         INSERT INTO gis.planning_zone (plan, zone_code, function, geom_source) VALUES
             ('CT1', 'GT', 'giao_thong', pg_temp.box(-50, -10, 50, 1.5))",
    )
    .await;
    corner::until_known(&city).await;
    let answer = city.get(&asked).await.json();
    let said = answer["answer"]["vi"].as_str().unwrap();
    assert!(said.contains("được xây nhà ở") && said.ends_with("Đường mở rộng lấy 7,5 m²."), "{said}");
    assert!(!said.contains("nằm trong đất quy hoạch làm đường"), "{said}");
    let ground = answer["ground"]["vi"].as_str().unwrap();
    assert!(ground.contains("99/QĐ-UBND") && ground.contains("5678/QĐ-UBND"), "both speak: {ground}");
    assert_eq!(answer["parcels"][0]["unplanned_m2"], serde_json::Value::Null);
    // Without the block's plan nobody speaks for the rest, and that is said.
    city.sql("DELETE FROM gis.planning_zone WHERE plan = 'P1'; DELETE FROM gis.planning_line").await;
    corner::until_known(&city).await;
    let answer = city.get(&asked).await.json();
    let said = answer["answer"]["vi"].as_str().unwrap();
    assert!(
        said.contains("7,5 m² (8 %) nằm trong đất quy hoạch làm đường. Còn 92,5 m² (93 %) chưa có dữ liệu quy hoạch."),
        "{said}"
    );
    let missing: Vec<_> =
        answer["missing"].as_array().unwrap().iter().filter_map(|one| one["layer"].as_str()).collect();
    assert!(missing.contains(&"planning_zone"), "{missing:?}");
    // A use on a corner is allowed on that corner.
    city.sql("UPDATE gis.planning_zone SET function = 'o_hien_huu', storeys_max = 5 WHERE plan = 'CT1'").await;
    corner::until_known(&city).await;
    let said = city.get(&asked).await.json()["answer"]["en"].as_str().unwrap().to_owned();
    assert!(said.contains("on 7.5 m² (8%) a house may be built up to 5 storeys"), "{said}");
    assert!(said.ends_with("No planning data for the other 92.5 m² (93%)."), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shape_around_everything_that_meets_nothing_is_refused_before_everything_is_compared() {
    let city = corner::city().await;
    city.sql(
        "INSERT INTO gis.tree (tree_number, geom) SELECT 'N' || n, ST_SetSRID(ST_MakePoint(106 + n % 400 * 1e-4, 10 + n / 400 * 1e-4), 4326)
         FROM generate_series(1, 101000) AS n",
    )
    .await;
    // More rows than two seconds take on a busy machine.
    let known = corner::position(&city).await;
    let mut tries = 0;
    while city.app.live.wait_for(known).await.is_err() {
        tries += 1;
        assert!(tries < 30, "the core never has them");
    }
    let asked = "/api/v1/within?layers=tree&wkt=MULTIPOINT((-170%20-80),(170%2080))";
    let answer = city.get(asked).await;
    assert_eq!((answer.status(), answer.problem().slug.as_str()), (413, "too-many-features"));
    let some = city.get("/api/v1/within?layers=tree&bbox=-170,-80,170,80&limit=10").await.json();
    assert_eq!((some["features"].as_array().unwrap().len(), some["more"].as_bool()), (10, Some(true)));
}

#[tokio::test(flavor = "multi_thread")]
async fn near_says_more_only_where_there_is_more() {
    let city = corner::city().await;
    let (lon, lat) = at(2.0, -1.0);
    let asked = |limit: u32| format!("/api/v1/near?lon={lon}&lat={lat}&layers=tree&radius_m=50&limit={limit}");
    let one = city.get(&asked(1)).await.json();
    assert_eq!((one["features"].as_array().unwrap().len(), one["more"].as_bool()), (1, Some(false)));
    city.sql(&format!(
        "INSERT INTO gis.tree (tree_number, geom) VALUES ('T-2', ST_SetSRID(ST_MakePoint({lon}, {lat}), 4326))"
    ))
    .await;
    corner::until_known(&city).await;
    let one = city.get(&asked(1)).await.json();
    assert_eq!((one["features"].as_array().unwrap().len(), one["more"].as_bool()), (1, Some(true)));
}

#[tokio::test(flavor = "multi_thread")]
async fn on_the_open_sea_no_wards_office_is_asked() {
    let city = corner::city().await;
    let answer = city.get("/api/v1/lookup?lon=110.5&lat=12.5").await.json();
    assert_eq!(answer["answer"]["vi"], "Nơi này nằm ngoài các phường, xã có trong dữ liệu.");
    assert!(answer["missing"].as_array().is_some_and(|missing| !missing.is_empty()), "{answer}");
}
