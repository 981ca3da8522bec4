//! What cannot be read, at every route of the OpenAPI document: a problem in both languages, with the field named. A new route
//! is asked by itself.

use dothi::identity::rights::Role;
use serde_json::Value;

use crate::corner;
use crate::support::{Answer, TestCity};

/// Somebody who may do everything, so that no right stands before a mistake.
async fn everybody(city: &TestCity) {
    let roles = Role::ALL.into_iter().filter(|role| *role != Role::Public).map(|role| format!("('{role}')"));
    let roles = roles.collect::<Vec<_>>().join(", ");
    city.sql(&format!(
        "WITH who AS (INSERT INTO identity.person (account, name) VALUES ('all', 'All') RETURNING id),
         given AS (INSERT INTO identity.given (person, role) SELECT id, role FROM who, (VALUES {roles}) AS roles (role))
         INSERT INTO identity.session (hash, person, second_at) SELECT sha256('all'), id, now() FROM who"
    ))
    .await;
}

fn ask(city: &TestCity, method: &str, address: &str) -> reqwest::RequestBuilder {
    city.request(method, address).header("dothi-request", "1").header("cookie", "dothi_session=all")
}

/// The address with a right value for each of its parts but one.
fn address(path: &str, wrong: Option<(&str, &str)>) -> String {
    let mut address = path.to_owned();
    let right = [
        ("layers", "tree"),
        ("layer", "tree"),
        ("z", "16"),
        ("x", "0"),
        ("y", "0"),
        ("name", "city.json"),
        ("account", "a"),
    ];
    for (name, value) in wrong.into_iter().chain(right) {
        address = address.replace(&format!("{{{name}}}"), value);
    }
    while let Some((before, after)) = address.split_once('{') {
        let after = after.split_once('}').expect("a closing brace").1;
        address = format!("{before}00000000-0000-7000-8000-000000000345{after}");
    }
    address
}

/// The kinds of a parameter: `number`, `integer`, `boolean`, or its format.
fn is(parameter: &Value, words: &[&str]) -> bool {
    let schema = parameter["schema"].to_string();
    words.iter().any(|word| schema.contains(&format!("\"{word}\"")))
}

/// A problem whose every word is there in both languages, or what is wrong with the answer.
fn judge(answer: &Answer, field: Option<&str>) -> Result<(), String> {
    let told = || String::from_utf8_lossy(answer.bytes()).chars().take(300).collect::<String>();
    if answer.header("content-type") != "application/problem+json" {
        return Err(format!("{} {}: {}", answer.status(), answer.header("content-type"), told()));
    }
    if !matches!(answer.status(), 400 | 404) {
        return Err(format!("status {}: {}", answer.status(), told()));
    }
    let problem = answer.problem();
    let both = |of: &str| problem.json[of]["vi"].is_string() && problem.json[of]["en"].is_string();
    if !both("titles") || !both("details") {
        return Err(format!("not in both languages: {}", told()));
    }
    match field {
        Some(field) if answer.status() == 400 && problem.field.as_deref() != Some(field) => {
            Err(format!("{field} is not named: {}", told()))
        }
        _ => Ok(()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_cannot_be_read_is_a_problem_in_both_languages_at_every_route() {
    let city = corner::city().await;
    everybody(&city).await;
    let document = city.get("/api/v1/openapi.json").await.json();
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, described) in methods.as_object().unwrap() {
            let method = method.to_uppercase();
            let parameters = described["parameters"].as_array().cloned().unwrap_or_default();
            let mut asked = Vec::new();
            for parameter in &parameters {
                let name = parameter["name"].as_str().unwrap();
                if parameter["in"] == "path" {
                    asked.push((address(path, Some((name, "%FF"))), name));
                    if is(parameter, &["uuid"]) {
                        asked.push((address(path, Some((name, "7"))), name));
                    }
                }
                if parameter["in"] == "query" {
                    let path = address(path, None);
                    asked.push((format!("{path}?{name}=1&{name}=1"), name));
                    if is(parameter, &["number", "integer", "boolean", "uuid", "date", "date-time"]) {
                        asked.push((format!("{path}?{name}=abc"), name));
                    }
                }
            }
            for (address, field) in asked {
                tried += 1;
                let mut request = ask(&city, &method, &address);
                if described["requestBody"].is_object() {
                    request = request.json(&serde_json::json!({}));
                }
                let answer = Answer::read(request).await;
                // Of several that are missing or wrong the first is told; what is asked twice is told before.
                let named = if address.contains("=abc") { None } else { Some(field) };
                if let Err(why) = judge(&answer, named) {
                    wrong.push(format!("{method} {address}: {why}"));
                }
            }
            if described["requestBody"].is_object() {
                for body in ["{\"x\":", "[1]", "7"] {
                    tried += 1;
                    let request = ask(&city, &method, &address(path, None)).header("content-type", "application/json");
                    let answer = Answer::read(request.body(body)).await;
                    if let Err(why) = judge(&answer, None) {
                        wrong.push(format!("{method} {path} with {body}: {why}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(tried > 150, "{tried} questions");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_fit_is_told_by_the_path_of_its_field() {
    let city = corner::city().await;
    everybody(&city).await;
    let body = serde_json::json!({ "reason": "thử", "operations": [{ "op": "paint", "op_id": "7" }] });
    let answer = Answer::read(ask(&city, "POST", "/api/v1/changesets").json(&body)).await;
    let problem = answer.problem();
    assert_eq!((answer.status(), problem.slug.as_str()), (400, "bad-body"), "{}", problem.json);
    assert!(problem.field.as_deref().is_some_and(|field| field.starts_with("operations[0]")), "{}", problem.json);
    assert!(problem.json["detail"].as_str().is_some_and(|said| said.starts_with("trường “operations[0]")));
    assert!(problem.json["technical"].is_string());
    // A number where a UUID belongs, a digit that is none, a moment that is none.
    for (question, field, vi) in [
        ("/api/v1/changesets?limit=abc", "limit", "một số nguyên"),
        ("/api/v1/changesets?since=yesterday", "since", "một thời điểm"),
        ("/api/v1/lookup?lon=1&lon=2", "lon", "ghi một lần"),
        ("/tiles/%FF/1/1/1", "layers", "UTF-8"),
    ] {
        let answer = Answer::read(ask(&city, "GET", question)).await;
        let problem = answer.problem();
        assert_eq!((answer.status(), problem.field.as_deref()), (400, Some(field)), "{question} {}", problem.json);
        assert!(problem.json["expected"].as_str().is_some_and(|said| said.contains(vi)), "{}", problem.json);
        assert!(problem.json["accepted"]["en"].is_string(), "{}", problem.json);
    }
}
