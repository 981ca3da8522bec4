//! Administrators make people and give roles over HTTP; nobody else does, and nobody to themselves.

use serde_json::{Value, json};

use super::{PASSWORD, cookie, done, me, sign_in};
use crate::corner;
use crate::support::{Answer, TestCity};

/// An administrator who has shown a second factor.
pub async fn administrator(city: &TestCity) -> String {
    done(city, &["add", "tam", "--name", "Tâm", "--password-stdin"], PASSWORD);
    done(city, &["grant", "tam", "administrator"], "");
    city.sql(
        "INSERT INTO identity.session (hash, person, second_at) SELECT sha256('tam'), id, now() FROM identity.person",
    )
    .await;
    "dothi_session=tam".to_owned()
}

pub async fn ask(city: &TestCity, session: &str, method: &str, path: &str, body: Value) -> Answer {
    let request = city.request(method, path).header("cookie", session).header("dothi-request", "1");
    Answer::read(if body.is_null() { request } else { request.json(&body) }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_makes_a_planner_and_closes_the_account_again() {
    let city = corner::city().await;
    let tam = administrator(&city).await;
    let made = ask(&city, &tam, "POST", "/api/v1/people", json!({ "account": "Lan", "name": "Trần Thị Lan" })).await;
    assert_eq!(made.status(), 201, "{}", made.text());
    assert_eq!(made.header("cache-control"), "private, no-store");
    let first = made.json()["password"].as_str().unwrap().to_owned();
    let again = ask(&city, &tam, "POST", "/api/v1/people", json!({ "account": "lan", "name": "Lan" })).await;
    assert_eq!((again.status(), again.problem().slug.as_str()), (409, "account-exists"));
    for (body, field) in
        [(json!({ "account": "1", "name": "x" }), "account"), (json!({ "account": "an", "name": " " }), "name")]
    {
        assert_eq!(ask(&city, &tam, "POST", "/api/v1/people", body).await.problem().field.as_deref(), Some(field));
    }
    let role = "/api/v1/people/lan/roles/planner";
    let nowhere = ask(&city, &tam, "PUT", role, json!({ "units": ["99999"] })).await;
    assert_eq!((nowhere.status(), nowhere.problem().field.as_deref()), (400, Some("units")));
    assert_eq!(ask(&city, &tam, "PUT", role, json!({ "units": ["26740"] })).await.status(), 204);
    let lan = cookie(&sign_in(&city, "lan", &first).await);
    assert_eq!(
        me(&city, "cookie", &lan).await.json()["grants"],
        json!([{ "role": "planner", "area": { "units": ["26740"] } }])
    );
    let listed = ask(&city, &tam, "GET", "/api/v1/people", Value::Null).await.json();
    let person = listed["people"].as_array().unwrap().iter().find(|one| one["account"] == "lan").unwrap().clone();
    assert_eq!((&person["sessions"], &person["asleep"]), (&json!(1), &json!(false)));
    assert_eq!(listed["units"], json!([{ "code": "26740", "name": "Phường Sài Gòn, Thành phố Hồ Chí Minh" }]));
    let by: String = sqlx::query_scalar("SELECT given_by FROM identity.given WHERE role = 'planner'")
        .fetch_one(&mut city.owner().await)
        .await
        .unwrap();
    assert_eq!(by, "tam", "it is kept who gave it");

    assert_eq!(ask(&city, &tam, "DELETE", role, Value::Null).await.status(), 204);
    assert_eq!(me(&city, "cookie", &lan).await.json()["grants"], json!([]));
    assert_eq!(ask(&city, &tam, "DELETE", "/api/v1/people/lan/sessions", Value::Null).await.status(), 204);
    assert!(me(&city, "cookie", &lan).await.json()["account"].is_null());
    let next = ask(&city, &tam, "POST", "/api/v1/people/lan/password", Value::Null).await.json();
    assert_eq!(sign_in(&city, "lan", &first).await.status(), 401);
    let next = next["password"].as_str().unwrap();
    assert_eq!(sign_in(&city, "lan", next).await.status(), 204);
    assert_eq!(ask(&city, &tam, "POST", "/api/v1/people/lan/disable", Value::Null).await.status(), 204);
    assert_eq!(sign_in(&city, "lan", next).await.status(), 401);
    assert_eq!(ask(&city, &tam, "POST", "/api/v1/people/lan/enable", Value::Null).await.status(), 204);
    city.sql("DELETE FROM identity.attempt").await;
    assert_eq!(sign_in(&city, "lan", next).await.status(), 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_changes_their_own_roles_and_the_database_holds_the_server_to_it() {
    let city = corner::city().await;
    let tam = administrator(&city).await;
    for (method, path, body) in [
        ("PUT", "/api/v1/people/tam/roles/planner", json!({ "units": null })),
        ("DELETE", "/api/v1/people/tam/roles/administrator", Value::Null),
        ("POST", "/api/v1/people/tam/disable", Value::Null),
        ("DELETE", "/api/v1/people/tam/second-factor", Value::Null),
    ] {
        assert_eq!(ask(&city, &tam, method, path, body).await.status(), 403, "{method} {path}");
    }
    let token = done(&city, &["token", "tam", "--label", "x", "--scopes", "manage_people"], "");
    let by_token = city.request("GET", "/api/v1/people").bearer_auth(token);
    assert_eq!(Answer::read(by_token).await.status(), 403, "a token has no second factor");
    done(&city, &["add", "minh", "--name", "Minh", "--password-stdin"], PASSWORD);
    done(&city, &["grant", "minh", "leader"], "");
    let mut app = city.app_connection().await;
    for (actor, statement) in [
        (
            "tam",
            "INSERT INTO identity.given (person, role) SELECT id, 'planner' FROM identity.person WHERE account = 'tam'",
        ),
        (
            "minh",
            "INSERT INTO identity.given (person, role) SELECT id, 'planner' FROM identity.person WHERE account = 'tam'",
        ),
        ("minh", "UPDATE identity.person SET disabled_at = now() WHERE account = 'tam'"),
        ("minh", "INSERT INTO identity.person (account, name) VALUES ('mine', 'Mine')"),
        ("tam", "INSERT INTO identity.person (account, name, is_demo) VALUES ('mine', 'Mine', true)"),
    ] {
        let named = format!("SET dothi.actor = '{actor}'");
        sqlx::query(&named).execute(&mut app).await.unwrap();
        let refused = sqlx::query(statement).execute(&mut app).await.expect_err(statement).to_string();
        assert!(refused.contains("permission denied"), "{statement}: {refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_is_due_every_six_months_and_it_is_kept_who_made_it() {
    let city = TestCity::start().await;
    let tam = administrator(&city).await;
    let review = async || ask(&city, &tam, "GET", "/api/v1/people", Value::Null).await.json()["review"].clone();
    assert_eq!((&review().await["at"], &review().await["overdue"]), (&Value::Null, &json!(false)));
    city.sql("UPDATE identity.person SET created_at = now() - interval '7 months'").await;
    assert_eq!(review().await["overdue"], true, "six months after the first account");
    assert_eq!(ask(&city, &tam, "POST", "/api/v1/people/review", Value::Null).await.status(), 204);
    let last = review().await;
    assert_eq!((&last["by_whom"], &last["overdue"]), (&json!("tam"), &json!(false)));
    city.sql("UPDATE identity.review SET at = now() - interval '7 months'").await;
    assert_eq!(review().await["overdue"], true);
    let mut app = city.app_connection().await;
    for statement in
        ["INSERT INTO identity.review (accounts, roles) VALUES (1, 1)", "UPDATE identity.review SET at = now()"]
    {
        let refused = sqlx::query(statement).execute(&mut app).await.expect_err(statement).to_string();
        assert!(refused.contains("permission denied"), "{statement}: {refused}");
    }
}
