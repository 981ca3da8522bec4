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
async fn a_mistyped_address_is_a_page_for_people_and_a_problem_for_programs() {
    let (_folder, city) = with_page().await;
    let seen = Answer::read(city.request("GET", "/ban-do").header("accept", "text/html,application/xhtml+xml")).await;
    assert_eq!((seen.status(), seen.header("content-type")), (404, "text/html; charset=utf-8"));
    assert!(seen.text().contains("href=\"/\"") && seen.text().contains("No such page"), "{}", seen.text());
    assert_eq!(city.get("/ban-do").await.problem().slug, "not-found");
}

#[tokio::test]
async fn pages_of_other_sites_read_what_the_public_reads_and_nothing_else() {
    let (_folder, city) = with_page().await;
    let from = |method, path| city.request(method, path).header("origin", "https://other.example");
    for path in ["/api/v1/layers", "/tiles/tree/3/6/3", "/styles/city.json", "/api/v1/search?q=1", "/tiles/none"] {
        let answer = Answer::read(from("GET", path)).await;
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
        assert_eq!(answer.header("access-control-allow-credentials"), "", "{path}");
    }
    let asked = from("OPTIONS", "/api/v1/within?layers=tree").header("access-control-request-method", "POST");
    let asked = Answer::read(asked.header("access-control-request-headers", "content-type")).await;
    assert_eq!((asked.status(), asked.header("access-control-allow-origin")), (200, "*"));
    for path in ["/api/v1/me", "/api/v1/findings", "/api/v1/layers/tree/items"] {
        assert_eq!(Answer::read(from("GET", path)).await.header("access-control-allow-origin"), "", "{path}");
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
