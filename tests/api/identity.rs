//! Accounts, sessions, tokens, and what they may do.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use serde_json::json;

use crate::support::{Answer, TestCity};

mod accounts;
mod demo;
mod links;
mod mail;
mod people;
mod shell;
mod walk;

pub const PASSWORD: &str = "một mật khẩu đủ dài";

/// Runs `dothi user …` on the city's database.
fn user(city: &TestCity, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_dothi"))
        .arg("user")
        .args(arguments)
        .env("DATABASE_URL", city.database_url())
        .env("LC_ALL", "en_US.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("dothi starts");
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("takes the input");
    child.wait_with_output().expect("dothi ends")
}

pub fn done(city: &TestCity, arguments: &[&str], input: &str) -> String {
    let output = user(city, arguments, input);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
}

async fn with_planner() -> TestCity {
    let city = TestCity::start().await;
    done(&city, &["add", "lan", "--name", "Trần Thị Lan", "--password-stdin"], PASSWORD);
    done(&city, &["grant", "lan", "planner", "--units", "26740"], "");
    city
}

async fn sign_in(city: &TestCity, account: &str, password: &str) -> Answer {
    city.post("/api/v1/session", json!({ "account": account, "password": password })).await
}

fn cookie(answer: &Answer) -> String {
    assert_eq!(answer.status(), 204, "{}", String::from_utf8_lossy(answer.bytes()));
    answer.header("set-cookie").split(';').next().unwrap_or_default().to_owned()
}

async fn me(city: &TestCity, header: &str, value: &str) -> Answer {
    Answer::read(city.request("GET", "/api/v1/me").header(header, value)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_signs_in_is_known_and_signs_out_for_good() {
    let city = with_planner().await;
    assert!(city.get("/api/v1/me").await.json()["account"].is_null());
    let answer = sign_in(&city, "Lan", PASSWORD).await;
    let set = answer.header("set-cookie").to_owned();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Strict") && !set.contains("Secure"), "{set}");
    let session = cookie(&answer);
    let known = me(&city, "cookie", &session).await;
    assert_eq!(known.header("cache-control"), "private, no-store");
    assert_eq!(known.json()["account"], "lan");
    assert_eq!(known.json()["grants"], json!([{ "role": "planner", "area": { "units": ["26740"] } }]));
    let sign_out = || city.request("DELETE", "/api/v1/session").header("cookie", &session);
    assert_eq!(Answer::read(sign_out()).await.status(), 403, "without the header of our pages");
    let foreign = sign_out().header("dothi-request", "1").header("origin", "https://elsewhere.example");
    assert_eq!(Answer::read(foreign).await.status(), 403);
    assert_eq!(me(&city, "cookie", &session).await.json()["account"], "lan", "nothing happened");
    assert_eq!(Answer::read(sign_out().header("dothi-request", "1")).await.status(), 204);
    assert!(me(&city, "cookie", &session).await.json()["account"].is_null(), "the old cookie is worth nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn off_this_machine_the_cookie_is_secure_and_other_sites_cannot_sign_one_in() {
    let city = with_planner().await;
    let body = json!({ "account": "lan", "password": PASSWORD });
    let named = city.request("POST", "/api/v1/session").header("host", "map.example.vn").json(&body);
    assert!(Answer::read(named).await.header("set-cookie").contains("; Secure"));
    let foreign = city.request("POST", "/api/v1/session").header("sec-fetch-site", "cross-site").json(&body);
    assert_eq!(Answer::read(foreign).await.status(), 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_guesses_waits_and_holds_up_nobody_else() {
    let city = with_planner().await;
    done(&city, &["add", "minh", "--name", "Lê Minh", "--password-stdin"], PASSWORD);
    let browser =
        sign_in(&city, "lan", PASSWORD).await.header_all("set-cookie").pop().expect("the browser's own cookie");
    let browser = browser.split(';').next().unwrap_or_default().to_owned();
    assert!(browser.starts_with("dothi_browser="), "{browser}");
    let first = sign_in(&city, "lan", "wrong").await;
    assert_eq!(first.problem().slug, "wrong-password");
    let unknown = sign_in(&city, "nobody", "wrong").await;
    let but_its_id = |answer: &Answer| {
        let mut said = answer.json();
        said.as_object_mut().unwrap().remove("request_id").expect("a refusal carries the id of its request");
        said
    };
    assert_eq!(but_its_id(&first), but_its_id(&unknown), "unknown people look the same");
    for _ in 0..3 {
        assert_eq!(sign_in(&city, "lan", "wrong").await.status(), 401, "a few slips cost nothing");
    }
    // As if it had gone on, so that the wait is longer than a slow machine takes.
    city.sql("UPDATE identity.attempt SET failures = 20 WHERE account_hash <> ''").await;
    assert_eq!(sign_in(&city, "lan", "wrong").await.status(), 401);
    let last = sign_in(&city, "lan", "wrong").await;
    assert_eq!(last.problem().slug, "too-many-requests");
    assert!(last.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds >= 1));
    assert_eq!(sign_in(&city, "lan", PASSWORD).await.status(), 429, "from this address not even with the right one");
    assert_eq!(sign_in(&city, "minh", PASSWORD).await.status(), 204);
    let own = async |account: &str, password: &str| {
        let body = json!({ "account": account, "password": password });
        Answer::read(city.request("POST", "/api/v1/session").header("cookie", &browser).json(&body)).await.status()
    };
    assert_eq!(
        own("lan", PASSWORD).await,
        204,
        "a browser in which Lan signed in before is not held up by who guesses beside"
    );
    city.sql("UPDATE identity.attempt SET failures = 20, next_at = now() + interval '1 minute' WHERE address LIKE 'browser %'").await;
    assert_eq!(own("lan", PASSWORD).await, 429, "but who guesses in it is");
    city.sql("UPDATE identity.attempt SET address = '192.0.2.1' WHERE address NOT LIKE 'browser %'").await;
    assert_eq!(sign_in(&city, "lan", PASSWORD).await.status(), 204, "a stranger elsewhere locks nobody out");
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_end_by_the_clock_and_by_the_shell() {
    let city = with_planner().await;
    let session = cookie(&sign_in(&city, "lan", PASSWORD).await);
    let account = async || me(&city, "cookie", &session).await.json()["account"].clone();
    city.sql("UPDATE identity.session SET used_at = now() - interval '14 minutes'").await;
    let by_itself = city.request("GET", "/api/v1/me").header("cookie", &session).header("dothi-unattended", "1");
    assert_eq!(Answer::read(by_itself).await.json()["account"], "lan", "a page that asks by itself is answered");
    let idle = "SELECT used_at < now() - interval '13 minutes' FROM identity.session";
    let idle = async || sqlx::query_scalar::<_, bool>(idle).fetch_one(&mut city.owner().await).await.unwrap();
    assert!(idle().await, "and keeps nobody signed in");
    assert_eq!(account().await, "lan", "and this request counts as use");
    assert!(!idle().await);
    city.sql("UPDATE identity.session SET begun_at = now() - interval '13 hours'").await;
    assert!(account().await.is_null(), "twelve hours are the most");
    city.sql("UPDATE identity.session SET begun_at = now(), used_at = now() - interval '6 minutes'").await;
    done(&city, &["grant", "lan", "administrator"], "");
    assert!(account().await.is_null(), "an administrator may be idle for five minutes");
    done(&city, &["revoke", "lan", "administrator"], "");
    assert_eq!(account().await, "lan");
    done(&city, &["disable", "lan"], "");
    assert!(account().await.is_null());
    assert_eq!(sign_in(&city, "lan", PASSWORD).await.status(), 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_are_long_new_and_asleep_after_45_days() {
    let city = with_planner().await;
    for (password, why) in [("short", "at least 14"), (PASSWORD, "last 10")] {
        let refused = user(&city, &["password", "lan", "--password-stdin"], password);
        assert!(!refused.status.success());
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(said.contains(why), "{said}");
    }
    city.sql("UPDATE identity.person SET seen_at = now() - interval '46 days'").await;
    assert_eq!(sign_in(&city, "lan", PASSWORD).await.status(), 401);
    let made = done(&city, &["password", "lan"], "");
    assert_eq!(sign_in(&city, "lan", &made).await.status(), 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_acts_in_its_scopes_until_it_ends() {
    let city = with_planner().await;
    let token = done(&city, &["token", "lan", "--label", "QGIS", "--scopes", "see_staff"], "");
    let bearer = format!("Bearer {token}");
    let known = me(&city, "authorization", &bearer).await.json();
    assert_eq!(known["account"], "lan");
    let actions: Vec<_> = known["rights"].as_array().unwrap().iter().map(|right| right["action"].clone()).collect();
    assert_eq!(actions, ["see_open", "see_staff"]);
    city.sql("UPDATE identity.api_token SET expires_at = now()").await;
    let refused = me(&city, "authorization", &bearer).await;
    assert_eq!((refused.status(), refused.problem().slug.as_str()), (401, "unknown-token"));
}

#[tokio::test]
async fn the_server_cannot_make_people_or_give_rights() {
    let city = TestCity::start().await;
    let mut app = city.app_connection().await;
    for statement in [
        "INSERT INTO identity.person (account, name) VALUES ('me', 'Me')",
        "INSERT INTO identity.given (person, role) VALUES (gis.uuid_v7(), 'administrator')",
        "UPDATE identity.credential SET hash = ''",
        "UPDATE identity.person SET account = 'me'",
        "DELETE FROM identity.session",
    ] {
        let refused = sqlx::query(statement).execute(&mut app).await.expect_err(statement).to_string();
        assert!(refused.contains("permission denied"), "{statement}: {refused}");
    }
}
