//! What holds for every address of the server.

use crate::support::{Answer, TestCity};

#[tokio::test]
async fn an_unknown_address_is_a_problem_with_both_languages() {
    let city = TestCity::start().await;
    let answer = city.get("/api/v1/nothing-here").await;
    assert_eq!(answer.status(), 404);
    assert_eq!(answer.problem().slug, "not-found");
}

#[tokio::test]
async fn a_wrong_method_is_405_and_a_problem() {
    let city = TestCity::start().await;
    for method in ["POST", "DELETE", "TRACE"] {
        let answer = Answer::read(city.request(method, "/healthz")).await;
        assert_eq!(answer.status(), 405, "{method}");
        assert_eq!(answer.problem().slug, "method-not-allowed");
    }
}

#[tokio::test]
async fn a_request_keeps_its_id_and_gets_one_when_it_has_none() {
    let city = TestCity::start().await;
    let answer = Answer::read(city.request("GET", "/healthz").header("x-request-id", "from-the-proxy")).await;
    assert_eq!(answer.header("x-request-id"), "from-the-proxy");
    assert_eq!(city.get("/healthz").await.header("x-request-id").len(), 36);
    let refused = Answer::read(city.request("GET", "/api/v1/nothing-here").header("x-request-id", "a-b-c")).await;
    assert_eq!(refused.problem().json["request_id"], "a-b-c", "who reports a problem can say which it was");
    let refused = city.get("/api/v1/near?lon=x").await;
    assert_eq!(refused.problem().json["request_id"], refused.header("x-request-id"));
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_before_it_is_read() {
    let city = TestCity::with(|config| config.limits.body_bytes = 1_000).await;
    let answer = city.post("/api/v1/within", "x".repeat(2_000)).await;
    assert_eq!(answer.status(), 413);
    assert_eq!(answer.problem().json["limit_bytes"], 1_000);
}

#[tokio::test]
async fn one_address_cannot_take_more_than_its_share() {
    let city = TestCity::with(|config| {
        config.limits.requests_per_second = 1;
        config.limits.burst = 3;
    })
    .await;
    let mut statuses = Vec::new();
    for _ in 0..6 {
        statuses.push(city.get("/metrics").await.status());
    }
    assert_eq!(statuses[..3], [200, 200, 200]);
    let refused = city.get("/metrics").await;
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.problem().slug, "too-many-requests");
    assert!(refused.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds >= 1));
    assert_eq!(city.get("/healthz").await.status(), 200, "a probe is never refused");
}

#[tokio::test]
async fn the_server_says_when_it_is_ready_and_measures_itself() {
    let city = TestCity::start().await;
    let ready = city.get("/readyz").await;
    assert_eq!((ready.status(), ready.json()["ready"].as_bool()), (200, Some(true)));
    city.get("/healthz").await;
    let measures = city.get("/metrics").await;
    assert!(measures.text().contains("dothi_pool_connections"), "{}", measures.text());
    assert!(measures.text().contains("route=\"/healthz\""), "{}", measures.text());
    for lag in ["dothi_core_age_seconds", "dothi_core_database_lost 0", "dothi_core_layers_reloading"] {
        assert!(measures.text().contains(lag), "{lag}: {}", measures.text());
    }
}

#[tokio::test]
async fn the_openapi_document_is_3_1_and_lists_the_routes() {
    let city = TestCity::start().await;
    let document = city.get("/api/v1/openapi.json").await.json();
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")));
    assert!(document["paths"]["/readyz"]["get"].is_object());
}

#[tokio::test]
async fn the_document_types_numbers_as_numbers_and_what_it_requires_is_refused_by_name_when_absent() {
    const NUMBERS: [&str; 9] = ["lon", "lat", "radius_m", "limit", "offset", "before", "z", "x", "zoom"];
    let city = TestCity::start().await;
    let document = city.get("/api/v1/openapi.json").await.json();
    let mut required = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, described) in methods.as_object().unwrap() {
            let parameters = described["parameters"].as_array().cloned().unwrap_or_default();
            for parameter in &parameters {
                let name = parameter["name"].as_str().unwrap();
                let kind = &parameter["schema"]["type"];
                let kinds: Vec<&str> = kind.as_array().map_or_else(
                    || kind.as_str().into_iter().collect(),
                    |list| list.iter().filter_map(|one| one.as_str()).collect(),
                );
                let is_number = kinds.contains(&"number") || kinds.contains(&"integer");
                // The row of a vector tile carries its ending (`.mvt`), that of a picture is a number alone.
                let should = NUMBERS.contains(&name) || name == "y" && path.contains("/underlays/");
                assert_eq!(is_number, should, "{method} {path}: {parameter}");
            }
            let query = |one: &&serde_json::Value| one["in"] == "query" && one["required"] == true;
            let (asked, is_get): (Vec<_>, _) = (parameters.iter().filter(query).collect(), method == "get");
            // Each that is required in turn is left out of a question that is whole but for it.
            for absent in asked.iter().filter(|_| is_get) {
                let given = asked.iter().filter(|one| one["name"] != absent["name"]);
                let given: Vec<String> = given
                    .map(|one| {
                        let name = one["name"].as_str().unwrap();
                        format!("{name}={}", if NUMBERS.contains(&name) { "1" } else { "parcel" })
                    })
                    .collect();
                let answer = city.get(&format!("{path}?{}", given.join("&"))).await;
                let problem = answer.problem();
                assert_eq!((answer.status(), problem.slug.as_str()), (400, "missing-parameter"), "{path}: {absent}");
                assert_eq!(problem.field.as_deref(), absent["name"].as_str(), "{path}");
                assert!(
                    problem.json["titles"]["vi"].as_str().unwrap().starts_with("Thiếu tham số"),
                    "{}",
                    problem.json
                );
                required += 1;
            }
        }
    }
    assert!(required >= 5, "lon, lat and layers of near, layers of within, q of search: {required}");
    let twice = city.get("/api/v1/lookup?lon=1&lon=2&lat=1").await;
    assert_eq!((twice.status(), twice.problem().field.as_deref()), (400, Some("lon")));
}

#[tokio::test]
async fn nothing_is_loaded_from_outside() {
    let city = TestCity::start().await;
    let policy = city.get("/").await.header("content-security-policy").to_owned();
    assert!(policy.contains("default-src 'self'") && !policy.contains("http"), "{policy}");
}
