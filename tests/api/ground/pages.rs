//! The pages, from a folder with a built page.

use crate::support::{Answer, TestCity};

async fn with_page() -> (tempfile::TempDir, TestCity) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("assets")).expect("ours");
    std::fs::write(folder.path().join("index.html"), "<!doctype html><title>đô thị</title>").expect("ours");
    std::fs::write(folder.path().join("assets/app-4f2a.js"), "console.log('đô thị');".repeat(100)).expect("ours");
    let web = folder.path().to_owned();
    let city = TestCity::with(|config| config.web_dir = Some(web)).await;
    (folder, city)
}

#[tokio::test]
async fn every_address_that_a_page_may_have_is_the_page() {
    let (_folder, city) = with_page().await;
    for path in ["/", "/?q=1#15/10.77/106.7", "/studio", "/desk/dossiers/12", "/v/ABC"] {
        let page = city.get(path).await;
        assert_eq!((page.status(), page.header("cache-control")), (200, "no-cache"), "{path}");
        assert!(page.text().contains("đô thị"), "{path}");
    }
    for path in ["/etc/passwd", "/assets/none.js", "/assets/../../../etc/passwd", "/assets/%2e%2e/%2e%2e/etc/passwd"] {
        assert_eq!(city.get(path).await.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn a_file_travels_compressed_and_an_unchanged_one_not_at_all() {
    let (_folder, city) = with_page().await;
    let asset = "/assets/app-4f2a.js";
    let plain = city.get(asset).await;
    let small = Answer::read(city.request("GET", asset).header("accept-encoding", "gzip, br")).await;
    assert_eq!((small.status(), small.header("content-encoding")), (200, "br"));
    assert!(small.bytes().len() * 4 < plain.bytes().len());
    assert!(small.header("cache-control").contains("immutable"));
    let again =
        city.request("GET", asset).header("accept-encoding", "gzip, br").header("if-none-match", small.header("etag"));
    let again = Answer::read(again).await;
    assert_eq!((again.status(), again.bytes().len()), (304, 0));
}

#[tokio::test]
async fn long_answers_in_json_travel_compressed_and_nothing_else_is_compressed_twice() {
    let city = TestCity::start().await;
    let ask = |path: &str, accept: &str| {
        let asked = city.request("GET", path).header("accept-encoding", accept);
        async { Answer::read(asked).await }
    };
    for (accept, expected) in [("gzip, br", "br"), ("gzip", "gzip"), ("", "")] {
        let answer = ask("/api/v1/layers", accept).await;
        assert_eq!((answer.status(), answer.header("content-encoding")), (200, expected), "{accept}");
    }
    assert_eq!(ask("/healthz", "br").await.header("content-encoding"), "");
    assert_eq!(ask("/tiles/tree/3/6/3.mvt", "br").await.header("content-encoding"), "");
}
