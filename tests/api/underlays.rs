//! Pictures from elsewhere: what the administrator named is listed, and the content policy opens for it alone.

use dothi::{
    bilingual::Bilingual,
    underlays::{Source, Underlay},
};

use crate::support::TestCity;

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
