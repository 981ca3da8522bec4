//! Pictures below the map: what the administrator named is listed, and the content policy opens for it alone; what was tiled
//! here is for staff.

use std::path::Path;
use std::process::{Command, Output};

use dothi::{
    bilingual::Bilingual,
    underlays::{Source, Underlay},
};

use gdal::DriverManager;

use crate::changes::token_of;
use crate::support::{Answer, TestCity};

#[tokio::test]
async fn the_content_policy_opens_for_the_named_hosts_and_no_other() {
    let city = TestCity::with(|config| {
        config.underlays = vec![Underlay {
            name: "orthophoto".to_owned(),
            title: Bilingual { vi: "Ảnh hàng không".to_owned(), en: "Aerial".to_owned() },
            source: Source::Wmts { url: "https://anh.example.vn/{TileMatrix}/{TileRow}/{TileCol}.jpeg".to_owned() },
            attribution: "Sở Nông nghiệp và Môi trường".to_owned(),
            min_zoom: 10,
            max_zoom: 20,
            tile_size: 256,
        }];
    })
    .await;
    let listed = city.get("/api/v1/underlays").await.json();
    assert_eq!(listed[0]["tiles"], "https://anh.example.vn/{z}/{y}/{x}.jpeg");
    assert_eq!(listed[0]["title"]["vi"], "Ảnh hàng không");
    let answer = city.get("/").await;
    let policy = answer.header("content-security-policy");
    assert!(policy.contains("connect-src 'self' https://anh.example.vn;"), "{policy}");
    assert!(policy.contains("img-src 'self' data: blob: https://anh.example.vn;"), "{policy}");
    assert!(policy.contains("script-src 'self';"), "{policy}");
}

#[tokio::test]
async fn without_underlays_nothing_is_loaded_from_outside() {
    let city = TestCity::start().await;
    assert_eq!(city.get("/api/v1/underlays").await.json(), serde_json::json!([]));
    let answer = city.get("/").await;
    let policy = answer.header("content-security-policy");
    assert!(policy.contains("connect-src 'self';") && !policy.contains("http"), "{policy}");
}

/// A red square of 200 m, in VN-2000 without saying so.
fn scan(folder: &Path) -> std::path::PathBuf {
    let path = folder.join("scan.tif");
    let mut picture = DriverManager::get_driver_by_name("GTiff").unwrap().create(&path, 400, 400, 3).unwrap();
    picture.set_geo_transform(&[603_000.0, 0.5, 0.0, 1_191_000.0, 0.0, -0.5]).unwrap();
    picture.rasterband(1).unwrap().fill(255.0, None).unwrap();
    picture.close().unwrap();
    path
}

fn underlay(data: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dothi"));
    command.arg("underlay").args(arguments).env("DOTHI_DATA_DIR", data).output().expect("dothi starts")
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_is_tiled_and_shown_to_staff_alone() {
    let data = tempfile::tempdir().unwrap();
    let file = scan(data.path());
    let file = file.to_str().unwrap();
    let city = TestCity::with(|config| config.data_dir = Some(data.path().to_owned())).await;
    let token = token_of(&city, "lan", &["26740"]);
    let as_staff = async |path: &str| Answer::read(city.request("GET", path).bearer_auth(&token)).await;
    let add = ["add", file, "--name", "to_12", "--title", "Tờ bản đồ 12", "--title-en", "Sheet 12"];

    let refused = underlay(data.path(), &add);
    assert!(!refused.status.success() && words(&refused).contains("--crs EPSG:9210"), "{}", words(&refused));
    assert_eq!(as_staff("/api/v1/underlays").await.json(), serde_json::json!([]), "nothing is left of it");

    let added = underlay(data.path(), &[&add[..], &["--crs", "VN-2000 105-45"]].concat());
    assert!(added.status.success(), "{}", words(&added));
    assert!(words(&underlay(data.path(), &["list"])).contains("Tờ bản đồ 12"));
    let again = underlay(data.path(), &[&add[..], &["--crs", "EPSG:9210"]].concat());
    assert!(!again.status.success() && words(&again).contains("--replace"), "{}", words(&again));

    assert_eq!(city.get("/api/v1/underlays").await.json(), serde_json::json!([]), "the public sees none");
    let listed = as_staff("/api/v1/underlays").await.json();
    assert_eq!(listed[0]["title"]["en"], "Sheet 12");
    let bounds: Vec<f64> = listed[0]["bounds"].as_array().unwrap().iter().map(|at| at.as_f64().unwrap()).collect();
    // (603000, 1191000), its corner in the north-west, by EPSG:6960.
    assert!((bounds[0] - 106.693_584).abs() < 2e-5 && (bounds[3] - 10.768_404).abs() < 2e-5, "{bounds:?}");

    let zoom = u32::try_from(listed[0]["max_zoom"].as_u64().unwrap()).unwrap();
    let across = f64::from(1_u32 << zoom);
    let (lon, lat) = ((bounds[0] + bounds[2]) / 2.0, (bounds[1] + bounds[3]) / 2.0);
    let x = ((lon / 360.0 + 0.5) * across) as u32;
    let y = ((1.0 - lat.to_radians().tan().asinh() / std::f64::consts::PI) / 2.0 * across) as u32;
    let tiles = listed[0]["tiles"].as_str().unwrap();
    let address =
        |x: u32| tiles.replace("{z}", &zoom.to_string()).replace("{x}", &x.to_string()).replace("{y}", &y.to_string());
    let tile = as_staff(&address(x)).await;
    assert_eq!((tile.status(), tile.header("content-type")), (200, "image/webp"));
    assert_eq!(tile.header("cache-control"), "private, no-cache");
    let etag = tile.header("etag").to_owned();
    let known = city.request("GET", &address(x)).bearer_auth(&token).header("if-none-match", &etag);
    assert_eq!(Answer::read(known).await.status(), 304);
    assert_eq!(as_staff(&address(x + 9)).await.status(), 204, "beside the picture");
    assert_eq!(city.get(&address(x)).await.problem().slug, "sign-in");
    for nowhere in [
        "/api/v1/underlays/to_13/tiles/1/0/0",
        "/api/v1/underlays/..%2Fto_12/tiles/1/0/0",
        "/api/v1/underlays/to_12/tiles/22/9/9",
    ] {
        assert_eq!(as_staff(nowhere).await.status(), 404, "{nowhere}");
    }

    let replaced = underlay(data.path(), &[&add[..], &["--crs", "EPSG:9210", "--replace"]].concat());
    assert!(replaced.status.success(), "{}", words(&replaced));
    assert_ne!(as_staff(&address(x)).await.header("etag"), etag);
    assert!(underlay(data.path(), &["remove", "to_12"]).status.success());
    assert_eq!(as_staff(&address(x)).await.status(), 404);
}

#[test]
fn a_mask_that_is_a_vrt_in_disguise_leads_nowhere() {
    let data = tempfile::tempdir().unwrap();
    let file = scan(data.path());
    // Black all over: as a mask it would hide the whole picture.
    let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
    driver.create(data.path().join("other.tif"), 400, 400, 1).unwrap().close().unwrap();
    let vrt = r#"<VRTDataset rasterXSize="400" rasterYSize="400">
        <Metadata><MDI key="INTERNAL_MASK_FLAGS_1">2</MDI></Metadata>
        <VRTRasterBand dataType="Byte" band="1"><SimpleSource>
            <SourceFilename relativeToVRT="1">other.tif</SourceFilename><SourceBand>1</SourceBand>
        </SimpleSource></VRTRasterBand></VRTDataset>"#;
    std::fs::write(data.path().join("scan.tif.msk"), vrt).unwrap();
    let add = ["add", file.to_str().unwrap(), "--name", "to_12", "--title", "Tờ 12", "--crs", "EPSG:9210"];
    let added = underlay(data.path(), &add);
    assert!(added.status.success(), "{}", words(&added));

    // Nor is the picture itself one.
    std::fs::write(&file, vrt).unwrap();
    let refused = underlay(data.path(), &[&add[..], &["--replace"]].concat());
    assert!(!refused.status.success() && words(&refused).contains("gdal_translate"), "{}", words(&refused));
    assert!(words(&underlay(data.path(), &["list"])).contains("Tờ 12"), "the one before is still there");
}
