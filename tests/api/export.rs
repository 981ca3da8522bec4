//! Rows leave as files: read back with GDAL, and compared with the database to a millimetre in the legal zone.

use std::collections::BTreeMap;
use std::path::PathBuf;

use gdal::Dataset;
use gdal::vector::LayerAccess as _;
use serde_json::{Value, json};

use crate::changes::{NEXT_WARD, PARCEL, token_of, token_with};
use crate::corner;
use crate::identity::{PASSWORD, done};
use crate::support::{Answer, TestCity};

async fn city() -> (TestCity, String) {
    let city = TestCity::start().await;
    corner::build(&city).await;
    let token = token_of(&city, "lan", &["26740"]);
    (city, token)
}

async fn export(city: &TestCity, token: &str, layer: &str, body: &Value) -> Answer {
    let path = format!("/api/v1/layers/{layer}/export");
    Answer::read(city.request("POST", &path).bearer_auth(token).json(body)).await
}

/// A file that was answered, where GDAL finds it.
struct File {
    _folder: tempfile::TempDir,
    opened: PathBuf,
}

impl File {
    fn of(answer: &Answer, layer: &str, format: &str) -> Self {
        assert_eq!(answer.status(), 200, "{format}: {}", String::from_utf8_lossy(answer.bytes()));
        let folder = tempfile::tempdir().unwrap();
        let ending = if format == "shp" { "zip" } else { format };
        let path = folder.path().join(format!("file.{ending}"));
        std::fs::write(&path, answer.bytes()).unwrap();
        let opened = match format {
            "shp" => format!("/vsizip/{}/{layer}.shp", path.display()).into(),
            _ => path,
        };
        Self { _folder: folder, opened }
    }

    /// Full names to those in the file; only a Shapefile has others.
    fn names(&self) -> BTreeMap<String, String> {
        let table = self.opened.with_file_name("fields.csv");
        if !self.opened.starts_with("/vsizip") {
            return BTreeMap::new();
        }
        let file = Dataset::open(&table).unwrap();
        let mut layer = file.layer(0).unwrap();
        let text = |feature: &gdal::vector::Feature<'_>, name: &str| {
            feature.field_as_string(feature.field_index(name).unwrap()).unwrap().unwrap_or_default()
        };
        layer.features().map(|feature| (text(&feature, "name"), text(&feature, "field"))).collect()
    }

    /// Shape (WKT) and values of each row, by full names.
    fn rows(&self, columns: &[&str]) -> Vec<(String, BTreeMap<String, String>)> {
        let names = self.names();
        let file = Dataset::open(&self.opened).unwrap_or_else(|error| panic!("{:?}: {error}", self.opened));
        assert_eq!(file.layer_count(), 1);
        let mut layer = file.layer(0).unwrap();
        let row = |feature: gdal::vector::Feature<'_>| {
            let value = |name: &&str| {
                let held = names.get(*name).map_or(*name, String::as_str);
                let at = feature.field_index(held).unwrap_or_else(|error| panic!("{held}: {error}"));
                ((*name).to_owned(), feature.field_as_string(at).unwrap().unwrap_or_default())
            };
            (feature.geometry().unwrap().wkt().unwrap(), columns.iter().map(value).collect())
        };
        layer.features().map(row).collect()
    }

    fn zone(&self) -> String {
        let file = Dataset::open(&self.opened).unwrap_or_else(|error| panic!("{:?}: {error}", self.opened));
        let layer = file.layer(0).unwrap();
        layer.spatial_ref().map(|srs| srs.to_wkt().unwrap()).unwrap_or_default()
    }
}

/// Layers with and without legal metres, and what is compared of them.
const LAYERS: [(&str, &str, &[&str]); 3] = [
    ("parcel", "geom_source", &["number", "sheet", "former_unit_name", "area_m2", "commune_code"]),
    ("tree", "gis.from_wgs84(geom, 9210)", &["tree_number", "common_name"]),
    ("road", "gis.from_wgs84(geom, 9210)", &["name", "class", "source_ref"]),
];

#[tokio::test(flavor = "multi_thread")]
async fn rows_leave_as_files_in_the_legal_zone_to_the_millimetre() {
    let (city, token) = city().await;
    // A hole, several parts, and a value of each kind of letter.
    city.sql(
        "INSERT INTO gis.parcel (commune_code, former_unit_name, unit_code, sheet, number, area_m2, land_use, geom_source) VALUES
         ('26740', 'Phường “Đa Kao”, cũ', '26740', '7', '9a', 84.5, 'ODT', ST_GeomFromText('MULTIPOLYGON(((603100.0004 1191000.1236,
           603110 1191000, 603110 1191010, 603100 1191010, 603100.0004 1191000.1236), (603104 1191004, 603104 1191006, 603106 1191006,
           603106 1191004, 603104 1191004)), ((603120 1191000, 603121 1191000, 603121 1191001, 603120 1191000)))', 9210))",
    )
    .await;
    let mut owner = city.owner().await;
    for (layer, shape, columns) in LAYERS {
        let picked: Vec<String> = columns.iter().map(|name| format!("'{name}', coalesce({name}::text, '')")).collect();
        let sql = format!(
            "SELECT id::text, ST_AsText({shape}, 9), json_object(ARRAY[{}]) FROM gis.{layer}",
            picked.join(", ")
        );
        let expected: Vec<(String, String, Value)> = sqlx::query_as(&sql).fetch_all(&mut owner).await.unwrap();
        for format in ["gpkg", "shp", "geojson"] {
            let answer = export(&city, &token, layer, &json!({ "format": format })).await;
            let file = File::of(&answer, layer, format);
            assert_eq!(answer.header("dothi-rows"), expected.len().to_string());
            let ending = if format == "shp" { "zip" } else { format };
            let name = format!("attachment; filename=\"{layer}-vn2000-9210-{}.{ending}\"", dothi::live::today());
            assert_eq!(answer.header("content-disposition"), name);
            let zone = file.zone();
            assert!(zone.contains("VN-2000") || zone.contains("VN_2000"), "{format}: {zone}");
            assert!(zone.contains("105.75"), "{format}: {zone}");
            let rows = file.rows(&[columns, &["id"]].concat());
            assert_eq!(rows.len(), expected.len(), "{layer} as {format}");
            for (wkt, values) in rows {
                let (_, held, row) =
                    expected.iter().find(|(id, ..)| *id == values["id"]).unwrap_or_else(|| panic!("{values:?}"));
                let apart: f64 =
                    sqlx::query_scalar("SELECT ST_HausdorffDistance(ST_GeomFromText($1), ST_GeomFromText($2))")
                        .bind(&wkt)
                        .bind(held)
                        .fetch_one(&mut owner)
                        .await
                        .unwrap();
                assert!(apart < 0.001, "{layer} as {format}: {apart} m between {wkt} and {held}");
                for name in columns {
                    let (told, held) = (&values[*name], row[name].as_str().unwrap_or_default());
                    let same = told == held || told.parse::<f64>().ok().is_some_and(|n| held.parse() == Ok(n));
                    assert!(same, "{layer}.{name} as {format}: {told} is not {held}");
                }
            }
        }
        // A drawing has lines and points only: all of them together.
        let drawing = File::of(&export(&city, &token, layer, &json!({ "format": "dxf" })).await, layer, "dxf");
        let lines: Vec<String> = drawing
            .rows(&["Layer"])
            .into_iter()
            .map(|(wkt, values)| {
                assert_eq!(values["Layer"], layer);
                wkt
            })
            .collect();
        let (apart, count): (f64, i64) = sqlx::query_as(&format!(
            "WITH held AS (SELECT (ST_Dump(CASE WHEN ST_Dimension(geom) = 2 THEN ST_Boundary({shape}) ELSE {shape} END)).geom FROM gis.{layer})
             SELECT (SELECT ST_HausdorffDistance(ST_Collect(held.geom), (SELECT ST_Collect(ST_GeomFromText(wkt, 9210)) FROM unnest($1::text[]) AS wkt)) FROM held),
                 (SELECT count(*) FROM held)"
        ))
        .bind(&lines)
        .fetch_one(&mut owner)
        .await
        .unwrap();
        assert!(apart < 0.001, "{layer} as dxf: {apart} m");
        assert_eq!(lines.len() as i64, count, "{layer} as dxf");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_selection_is_what_a_table_would_show() {
    let (city, token) = city().await;
    let (lon, lat) = corner::at(2.0, 10.0);
    let ring: Vec<[f64; 2]> =
        [(-1.0, -1.0), (4.0, -1.0), (4.0, 19.0), (-1.0, 19.0)].map(|(x, y)| corner::at(x, y).into()).into();
    let all = json!({});
    for (chosen, numbers) in [
        (all.clone(), vec!["345", "345", "346"]),
        (json!({ "filter": [["former_unit_name", "has", "thanh"]] }), vec!["345"]),
        (json!({ "ids": [PARCEL] }), vec!["345"]),
        (json!({ "bbox": [lon, lat, lon, lat] }), vec!["345"]),
        (json!({ "polygon": ring }), vec!["345"]),
        (json!({ "q": "nothing of this name" }), vec![]),
        (json!({ "sort": "-number" }), vec!["346", "345", "345"]),
        (json!({ "known_at": "2020-05-01" }), vec![]),
        (json!({ "known_at": dothi::live::today() }), vec!["345", "345", "346"]),
    ] {
        let mut body = chosen.clone();
        body["format"] = json!("geojson");
        let file = export(&city, &token, "parcel", &body).await;
        assert_eq!(file.status(), 200, "{body}: {}", file.text());
        let mut told: Vec<String> = file.json()["features"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["properties"]["number"].as_str().unwrap().to_owned())
            .collect();
        if body["sort"].is_null() {
            told.sort();
        }
        assert_eq!(told, numbers, "{body}");
    }
    // A table without a place has its rows, and no drawing.
    let table = export(&city, &token, "admin_unit_change", &json!({ "format": "geojson" })).await;
    assert_eq!((table.status(), table.json()["features"].as_array().map(Vec::len)), (200, Some(1)));
    for (layer, body, field) in [
        ("parcel", json!({ "format": "geojson", "filter": [["certificate_number", "filled"]] }), Some("filter")),
        ("parcel", json!({ "format": "geojson", "known_at": "soon" }), Some("known_at")),
        ("admin_unit_change", json!({ "format": "dxf" }), Some("format")),
        ("land_price", json!({ "format": "shp" }), Some("format")),
        ("parcel", json!({ "format": "exe" }), Some("format")),
        ("parcel", json!({ "format": "gpkg", "limit": 5 }), Some("limit")),
    ] {
        let refused = export(&city, &token, layer, &body).await;
        assert!(matches!(refused.status(), 400 | 422), "{body}");
        assert_eq!(refused.problem().field.as_deref(), field, "{body}");
    }
    assert_eq!(export(&city, &token, "nothing", &json!({ "format": "gpkg" })).await.status(), 404);
    let public = city.post("/api/v1/layers/parcel/export", json!({ "format": "gpkg" })).await;
    assert_eq!(public.status(), 401);
}

async fn logged(city: &TestCity) -> Vec<(String, String, Option<Vec<uuid::Uuid>>)> {
    let sql = "SELECT actor, reason, objects FROM gis_private.access_log ORDER BY seq";
    sqlx::query_as(sql).fetch_all(&mut city.owner().await).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn private_attributes_leave_for_who_may_look_up_persons_there_and_are_logged() {
    let (city, planner) = city().await;
    city.sql(NEXT_WARD).await;
    done(&city, &["add", "minh", "--name", "Minh", "--password-stdin"], PASSWORD);
    done(&city, &["grant", "minh", "officer", "--units", "26740"], "");
    let officer = token_with(&city, "minh", "see_staff,look_up_person");
    let body =
        json!({ "format": "geojson", "private": true, "purpose": "hồ sơ 12/2026", "filter": [["number", "=", "345"]] });
    // Nothing private leaves unasked, in any format.
    for format in ["gpkg", "geojson", "dxf", "shp"] {
        let file = export(&city, &officer, "parcel", &json!({ "format": format })).await;
        let opened = File::of(&file, "parcel", format);
        let mut kept = file.bytes().to_vec();
        if format == "shp" {
            let file = Dataset::open(&opened.opened).unwrap();
            kept = format!(
                "{:?}",
                file.layer(0)
                    .unwrap()
                    .features()
                    .flat_map(|one| one.fields().map(|(name, value)| format!("{name} {value:?}")).collect::<Vec<_>>())
                    .collect::<Vec<_>>()
            )
            .into_bytes();
        }
        assert!(!String::from_utf8_lossy(&kept).contains("PRIVATEMARK"), "{format}");
    }
    // A planner looks up no persons; nobody does without saying why.
    let refused = export(&city, &planner, "parcel", &body).await;
    assert_eq!(refused.status(), 403, "{}", refused.text());
    let token = token_with(&city, "minh", "see_staff");
    assert_eq!(export(&city, &token, "parcel", &body).await.status(), 403, "not this token");
    let mut silent = body.clone();
    silent["purpose"] = json!("  ");
    assert_eq!(export(&city, &officer, "parcel", &silent).await.problem().field.as_deref(), Some("purpose"));
    assert_eq!(logged(&city).await, []);
    let file = export(&city, &officer, "parcel", &body).await;
    assert_eq!(file.status(), 200, "{}", file.text());
    assert!(file.text().contains("PRIVATEMARK-certificate") && file.text().contains("PRIVATEMARK-parcel-address"));
    let log = logged(&city).await;
    let [(actor, reason, Some(objects))] = &log[..] else { panic!("{log:?}") };
    assert_eq!((actor.as_str(), reason.as_str(), objects.len()), ("minh", "hồ sơ 12/2026", 2));
    assert!(objects.contains(&PARCEL.parse().unwrap()));
    // One plot in the next ward closes all: nothing leaves, nothing is logged.
    city.sql(
        "INSERT INTO gis.parcel (commune_code, unit_code, sheet, number, certificate_number, geom_source) VALUES
         ('90002', '90002', '1', '345', 'PRIVATEMARK-next', ST_Multi(ST_MakeEnvelope(603600, 1191000, 603610, 1191010, 9210)))",
    )
    .await;
    let refused = export(&city, &officer, "parcel", &body).await;
    assert_eq!((refused.status(), refused.problem().json["reason"].as_str()), (403, Some("area")));
    assert!(!refused.text().contains("PRIVATEMARK"));
    // Neither do a thousand and one.
    city.sql(
        "INSERT INTO gis.parcel (commune_code, unit_code, sheet, number, geom_source) SELECT '26740', '26740', '1000', n::text,
         ST_Multi(ST_MakeEnvelope(603200 + 2 * (n % 50), 1191000 + 2 * (n / 50), 603201 + 2 * (n % 50), 1191001 + 2 * (n / 50), 9210))
         FROM generate_series(1, 1001) AS n",
    )
    .await;
    let mut many = body.clone();
    many["filter"] = json!([["sheet", "=", "1000"]]);
    let refused = export(&city, &officer, "parcel", &many).await;
    assert_eq!((refused.status(), refused.problem().slug.as_str()), (413, "too-much-to-export"));
    assert_eq!(refused.problem().json["rows"], 1001);
    many["private"] = json!(false);
    assert_eq!(export(&city, &officer, "parcel", &many).await.header("dothi-rows"), "1001");
    assert_eq!(logged(&city).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_fails_is_a_fault_of_ours_and_the_server_goes_on() {
    let city = TestCity::with(|config| config.program = Some("/bin/false".into())).await;
    corner::build(&city).await;
    let token = token_of(&city, "lan", &["26740"]);
    for _ in 0..3 {
        let failed = export(&city, &token, "parcel", &json!({ "format": "gpkg" })).await;
        assert_eq!((failed.status(), failed.problem().slug.as_str()), (500, "internal"));
    }
    assert_eq!(city.get("/healthz").await.status(), 200);
}
