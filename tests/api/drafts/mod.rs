//! Drafts over HTTP: kept, looked at, reviewed by a second person, published as one change set.

mod cells;
mod conflicts;
mod life;

use serde_json::{Value, json};

use crate::changes::{Office, token_with};
use crate::identity::{PASSWORD, done};
use crate::support::{Answer, TestCity};

const SCOPES: &str = "see_staff,edit_land,edit_planning,edit_assets,edit_base,draft,review";

/// Somebody with a role and a token; in these units, or everywhere.
pub async fn somebody(city: &TestCity, account: &str, role: &str, units: &[&str]) -> String {
    done(city, &["add", account, "--name", account, "--password-stdin"], PASSWORD);
    let mut grant = vec!["grant", account, role];
    if let Some(unit) = units.first() {
        grant.extend(["--units", unit]);
    }
    done(city, &grant, "");
    if role == "signatory" {
        return session_of(city, account).await;
    }
    token_with(city, account, SCOPES)
}

/// A session with a second factor, which those who sign need: no token does for them.
async fn session_of(city: &TestCity, account: &str) -> String {
    city.sql(&format!(
        "INSERT INTO identity.session (hash, person, second_at)
         SELECT sha256('{account}'), id, now() FROM identity.person WHERE account = '{account}'"
    ))
    .await;
    format!("dothi_session={account}")
}

/// A city with Lan, who draws (the office's token is hers).
pub async fn city() -> Office {
    let city = crate::changes::city().await;
    let token = token_with(&city, "lan", SCOPES);
    Office { token, city: city.city }
}

pub async fn ask(city: &TestCity, token: &str, method: &str, path: &str, body: Option<&Value>) -> Answer {
    let request = city.request(method, path);
    let request = match token.starts_with("dothi_session=") {
        true => request.header("cookie", token).header("dothi-request", "1"),
        false => request.bearer_auth(token),
    };
    Answer::read(match body {
        Some(body) => request.json(body),
        None => request,
    })
    .await
}

/// Asks, and expects it to go.
pub async fn go(city: &TestCity, token: &str, method: &str, path: &str, body: &Value) -> Value {
    let body = (!body.is_null()).then_some(body);
    let answer = ask(city, token, method, path, body).await;
    assert!(answer.status() < 300, "{method} {path}: {} {}", answer.status(), answer.text());
    assert_eq!(answer.header("cache-control"), "private, no-store", "{method} {path}");
    answer.json()
}

/// A draft of Lan's with these operations: its address.
pub async fn begun(city: &Office, operations: &[Value]) -> String {
    let draft = go(city, &city.token, "POST", "/api/v1/drafts", &json!({ "name": "Điều chỉnh ô A1" })).await;
    let path = format!("/api/v1/drafts/{}", draft["id"].as_str().expect("an id"));
    if !operations.is_empty() {
        go(city, &city.token, "POST", &format!("{path}/operations"), &json!({ "operations": operations })).await;
    }
    path
}

/// What its revision is.
pub async fn revision(city: &Office, path: &str) -> Value {
    json!({ "revision": go(city, &city.token, "GET", path, &Value::Null).await["revision"] })
}
