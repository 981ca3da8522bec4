//! Legal metres: the VN-2000 geometry is the truth, and every way of conversion is the same one.

use std::io::Write as _;
use std::process::{Command, Stdio};

use sqlx::{Executor as _, PgConnection, Row as _};

use super::{SQUARE, refused_by, value};
use crate::support::TestCity;

/// Easting and northing in EPSG:9210 (105°45'), and where EPSG:6960 puts them: measured for the project.
const POINTS: [(f64, f64, f64, f64); 2] = [
    (603_000.0, 1_191_000.0, 106.693_584_094, 10.768_403_658),
    (505_000.0, 2_325_000.0, 105.799_984_319, 21.018_477_689),
];
/// A millimetre on the ground, in degrees of latitude.
const MILLIMETRE_DEG: f64 = 0.001 / 111_000.0;

fn same_place(what: &str, got: (f64, f64), wanted: (f64, f64)) {
    let apart = (got.0 - wanted.0).abs().max((got.1 - wanted.1).abs());
    assert!(apart < MILLIMETRE_DEG, "{what}: {got:?} is not {wanted:?} to 1 mm");
}

/// Longitude and latitude by GDAL with the pipeline of the import worker.
fn by_gdal(srid: i32, east: f64, north: f64) -> (f64, f64) {
    let pipeline = dothi_import::crs::pipeline_to_wgs84(srid).expect("a zone");
    let mut child = Command::new("gdaltransform")
        .args(["-ct", &pipeline, "-output_xy"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("gdaltransform of gdal-bin starts");
    writeln!(child.stdin.take().expect("a pipe"), "{east} {north}").expect("writes");
    let output = child.wait_with_output().expect("ends");
    let text = String::from_utf8(output.stdout).expect("text");
    let mut numbers = text.split_whitespace().map(|word| word.parse().expect("a number"));
    (numbers.next().expect("longitude"), numbers.next().expect("latitude"))
}

async fn by_postgis(owner: &mut PgConnection, srid: i32, east: f64, north: f64) -> (f64, f64) {
    let query = "SELECT ST_X(p), ST_Y(p) FROM gis.to_wgs84(ST_Point($1, $2, $3)) AS p";
    sqlx::query_as(query).bind(east).bind(north).bind(srid).fetch_one(owner).await.expect("converts")
}

#[tokio::test]
async fn postgis_rust_and_gdal_convert_alike_to_a_millimetre() {
    let city = TestCity::start().await;
    let mut owner = city.owner().await;
    for (east, north, lon, lat) in POINTS {
        same_place("PostGIS", by_postgis(&mut owner, 9210, east, north).await, (lon, lat));
        same_place("Rust", dothi_import::crs::point_to_wgs84(9210, east, north).expect("converts"), (lon, lat));
        same_place("GDAL", by_gdal(9210, east, north), (lon, lat));
        let back = dothi_import::crs::point_from_wgs84(9210, lon, lat).expect("converts back");
        assert!((back.0 - east).abs() < 0.001 && (back.1 - north).abs() < 0.001, "there and back: {back:?}");
    }
    let mut zones = 0;
    for srid in (5896..=5899).chain(9205..=9218).chain([3405, 3406]) {
        let rust = dothi_import::crs::point_to_wgs84(srid, 480_000.0, 1_400_000.0).expect("every zone is known");
        same_place(&format!("zone {srid}, PostGIS"), by_postgis(&mut owner, srid, 480_000.0, 1_400_000.0).await, rust);
        same_place(&format!("zone {srid}, GDAL"), by_gdal(srid, 480_000.0, 1_400_000.0), rust);
        zones += 1;
    }
    assert_eq!(zones, 20);
}

async fn parcel_apart(owner: &mut PgConnection) -> f64 {
    value(owner, "SELECT gis.metres_apart(gis.from_wgs84(geom, ST_SRID(geom_source)), geom_source) FROM gis.parcel")
        .await
}

/// A city whose legal geometry is kept in EPSG:9210.
async fn city_in_zone_9210() -> TestCity {
    let city = TestCity::start().await;
    city.sql(
        "INSERT INTO catalog.setting VALUES ('place', '{\"legal_srid\": 9210}')
              ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )
    .await;
    city
}

fn insert_parcel(columns: &str, values: &str) -> String {
    format!("INSERT INTO gis.parcel (commune_code, sheet, number, {columns}) VALUES ('26740', '12', '345', {values})")
}

#[tokio::test]
async fn one_geometry_given_makes_the_other() {
    let city = city_in_zone_9210().await;
    let mut owner = city.owner().await;
    city.sql(&insert_parcel("geom", SQUARE)).await;
    assert_eq!(value::<i32>(&mut owner, "SELECT ST_SRID(geom_source) FROM gis.parcel").await, 9210);
    assert!(parcel_apart(&mut owner).await < 0.001);

    city.sql("UPDATE gis.parcel SET geom_source = ST_Translate(geom_source, 10, 0)").await;
    assert!(parcel_apart(&mut owner).await < 0.001, "geom follows its source");
    city.sql("UPDATE gis.parcel SET geom = ST_Translate(geom, 0.0001, 0)").await;
    assert!(parcel_apart(&mut owner).await < 0.001, "the source follows geom");

    city.sql("DELETE FROM gis.parcel").await;
    city.sql(&insert_parcel("geom_source", "ST_MakeEnvelope(603000, 1191000, 603005, 1191020, 9210)")).await;
    let area: f64 = value(&mut owner, "SELECT ST_Area(geom_source) FROM gis.parcel").await;
    assert_eq!(area, 100.0, "what was given stays as it was given");
    let corner = sqlx::query(
        "SELECT ST_X(p.geom) AS x, ST_Y(p.geom) AS y FROM gis.parcel, ST_DumpPoints(parcel.geom) AS p LIMIT 1",
    )
    .fetch_one(&mut owner)
    .await;
    let corner = corner.expect("answers");
    same_place("the corner", (corner.get("x"), corner.get("y")), (POINTS[0].2, POINTS[0].3));
}

#[tokio::test]
async fn two_geometries_agree_to_a_millimetre_or_are_refused() {
    let city = city_in_zone_9210().await;
    let mut owner = city.owner().await;
    let source = format!("gis.from_wgs84({SQUARE}, 9210)");
    let off_by =
        |metres: f64| insert_parcel("geom, geom_source", &format!("{SQUARE}, ST_Translate({source}, {metres}, 0)"));
    assert_eq!(refused_by(&mut owner, &off_by(0.0015)).await, "legal_metres_agree");
    assert_eq!(refused_by(&mut owner, &off_by(0.8)).await, "legal_metres_agree");
    city.sql(&off_by(0.0005)).await;
    let foreign = insert_parcel("geom_source", "ST_MakeEnvelope(0, 0, 1, 1, 3857)");
    assert!(refused_by(&mut owner, &foreign).await.contains("legal_srid_known"), "only VN-2000 zones are legal metres");
    // An import verifies set-wise itself; a wrong one is still found out.
    let import = format!("SET dothi.import_id = '1'; INSERT INTO gis.parcel (commune_code, sheet, number, geom, geom_source)
        SELECT '26740', '1', n::text, ST_Multi({SQUARE}), ST_Multi(ST_Translate({source}, 1, 0)) FROM generate_series(1, 100) AS n");
    assert!(owner.execute(import.as_str()).await.is_err());
}

#[tokio::test]
async fn outside_vietnam_there_are_no_legal_metres() {
    let city = TestCity::start().await;
    let mut owner = city.owner().await;
    city.sql(&insert_parcel("geom", "ST_MakeEnvelope(-71.11, 42.37, -71.10, 42.38, 4326)")).await;
    assert!(value::<bool>(&mut owner, "SELECT geom_source IS NULL FROM gis.parcel").await);
}

#[tokio::test]
async fn clients_of_the_database_find_the_zones_that_postgis_lacks() {
    let city = TestCity::start().await;
    let mut owner = city.owner().await;
    let pinned: i64 = value(
        &mut owner,
        "SELECT count(*) FROM spatial_ref_sys WHERE srid BETWEEN 9205 AND 9218
        AND auth_name <> 'EPSG' AND proj4text LIKE '%+towgs84=-191.90441429,%'",
    )
    .await;
    assert_eq!(pinned, 14);
    let query = "SELECT ST_X(p) FROM ST_Transform(ST_Point(603000, 1191000, 9210), 4326) AS p";
    let lon: f64 = value(&mut owner, query).await;
    assert!((lon - POINTS[0].2).abs() < MILLIMETRE_DEG, "{lon}");
}
