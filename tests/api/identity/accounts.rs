//! Limits on guessing, the second factor, one's own sessions, tokens and password.

use serde_json::{Value, json};
use totp_rs::{Builder, Secret};

use super::{PASSWORD, cookie, done, me, sign_in, user, with_planner};
use crate::corner;
use crate::support::{Answer, TestCity};

/// A request of a signed-in page.
async fn as_page(city: &TestCity, session: &str, method: &str, path: &str, body: Value) -> Answer {
    let request = city.request(method, path).header("cookie", session).header("dothi-request", "1");
    Answer::read(if body.is_null() { request } else { request.json(&body) }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_guesses_at_many_waits_and_who_is_known_there_does_not() {
    let city = with_planner().await;
    assert_eq!(sign_in(&city, "lan", PASSWORD).await.status(), 204);
    for guess in 0..20 {
        assert_eq!(sign_in(&city, &format!("nobody{guess}"), "wrong").await.status(), 401);
    }
    // As if it had gone on, so that the wait is longer than a slow machine takes.
    city.sql("UPDATE identity.attempt SET failures = 40 WHERE account_hash = ''").await;
    assert_eq!(sign_in(&city, "nobody", "wrong").await.status(), 401);
    assert_eq!(sign_in(&city, "somebody", "wrong").await.status(), 429, "whoever it tries");
    assert_eq!(sign_in(&city, "lan", PASSWORD).await.status(), 204, "who works here is not locked out");
    city.sql("UPDATE identity.attempt SET familiar_at = now() - interval '46 days'").await;
    assert_eq!(sign_in(&city, "lan", PASSWORD).await.status(), 429, "as long as it is not too long ago");
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_trusted_proxy_each_client_has_its_own_count_and_ipv6_counts_by_64() {
    let city = TestCity::with(|config| {
        config.http.trusted_proxies = vec!["127.0.0.1".to_owned().try_into().expect("an address")];
    })
    .await;
    done(&city, &["add", "lan", "--name", "Lan", "--password-stdin"], PASSWORD);
    let from = async |address: &str, password: &str| {
        let body = json!({ "account": "lan", "password": password });
        let request = city.request("POST", "/api/v1/session").header("x-forwarded-for", address);
        Answer::read(request.json(&body)).await.status()
    };
    assert_eq!(from("2001:db8:1:2::1", "wrong").await, 401);
    city.sql("UPDATE identity.attempt SET failures = 40").await;
    assert_eq!(from("2001:db8:1:2:ffff::2", "wrong").await, 401);
    assert_eq!(from("2001:db8:1:2:aaaa::3", PASSWORD).await, 429, "the same customer");
    assert_eq!(from("2001:db8:1:3::1", PASSWORD).await, 204, "another one");
    assert_eq!(from("203.0.113.7", PASSWORD).await, 204);
    let stranger = with_planner().await;
    let forged = stranger.request("POST", "/api/v1/session").header("x-forwarded-for", "192.0.2.1");
    Answer::read(forged.json(&json!({ "account": "lan", "password": "wrong" }))).await;
    let seen: Vec<String> = sqlx::query_scalar("SELECT DISTINCT address FROM identity.attempt")
        .fetch_all(&mut stranger.owner().await)
        .await
        .unwrap();
    assert_eq!(seen, ["127.0.0.1"], "nobody's word is taken unless the operator said so");
}

fn code_of(secret: &str, steps_away: i64) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs();
    let secret = Secret::try_from_base32(secret).expect("base32");
    let totp = Builder::new().with_secret(secret).with_account_name("lan").build().expect("a factor");
    totp.generate(now.saturating_add_signed(steps_away * 30)).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_can_do_nothing_but_get_a_second_factor_and_then_needs_it() {
    let city = with_planner().await;
    done(&city, &["grant", "lan", "administrator"], "");
    let session = cookie(&sign_in(&city, "lan", PASSWORD).await);
    let known = me(&city, "cookie", &session).await.json();
    assert_eq!((&known["must"], &known["second_factor"]), (&json!("second_factor"), &json!(false)));
    for path in ["/api/v1/findings", "/api/v1/me/sessions", "/api/v1/me/tokens"] {
        let refused = as_page(&city, &session, "GET", path, Value::Null).await;
        assert_eq!((refused.status(), refused.problem().slug.as_str()), (403, "second-factor"), "{path}");
    }
    assert_eq!(city.get("/api/v1/layers").await.status(), 200);
    let path = "/api/v1/me/second-factor";
    let refused = as_page(&city, &session, "POST", path, json!({ "password": "not it" })).await;
    assert_eq!(refused.status(), 403);
    let made = as_page(&city, &session, "POST", path, json!({ "password": PASSWORD })).await.json();
    assert!(made["uri"].as_str().unwrap().starts_with("otpauth://totp/dothi:lan?secret="), "{made}");
    let secret = made["secret"].as_str().unwrap();
    let wrong = as_page(&city, &session, "PUT", path, json!({ "code": code_of(secret, 10) })).await;
    assert_eq!((wrong.status(), wrong.problem().slug.as_str()), (422, "wrong-code"));
    let confirmed = as_page(&city, &session, "PUT", path, json!({ "code": code_of(secret, -1) })).await.json();
    let recovery = confirmed["recovery_codes"].as_array().unwrap().clone();
    assert_eq!(recovery.len(), 10);
    assert_eq!(as_page(&city, &session, "GET", "/api/v1/findings", Value::Null).await.status(), 200);
    let again = as_page(&city, &session, "POST", path, json!({ "password": PASSWORD })).await;
    assert_eq!(again.status(), 409, "who has the session and the password does not replace it");

    let with = async |code: &str| {
        let body = json!({ "account": "lan", "password": PASSWORD, "code": code });
        let answer = city.post("/api/v1/session", body).await;
        (answer.status(), if answer.status() == 204 { String::new() } else { answer.problem().slug })
    };
    assert_eq!(sign_in(&city, "lan", PASSWORD).await.problem().slug, "code-needed");
    assert_eq!(with(&code_of(secret, -1)).await, (401, "wrong-code".to_owned()), "a code is good once");
    assert_eq!(with(&code_of(secret, 1)).await.0, 204, "clocks may differ by half a minute");
    assert_eq!(with(&code_of(secret, 0)).await.0, 401, "nor is one from before the last");
    city.sql("DELETE FROM identity.attempt").await;
    assert_eq!(with(&code_of(secret, 4)).await.0, 401);
    let recovery = recovery[3].as_str().unwrap();
    assert_eq!(with(recovery).await.0, 204);
    assert_eq!(with(recovery).await.0, 401, "once");
    done(&city, &["reset-second-factor", "lan"], "");
    assert!(me(&city, "cookie", &session).await.json()["account"].is_null(), "and its sessions end");
    assert_eq!(sign_in(&city, "lan", PASSWORD).await.status(), 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_ends_ones_own_sessions_and_changes_ones_own_password() {
    let city = with_planner().await;
    done(&city, &["add", "minh", "--name", "Minh", "--password-stdin"], PASSWORD);
    done(&city, &["grant", "minh", "citizen"], "");
    let (phone, desk) =
        (cookie(&sign_in(&city, "lan", PASSWORD).await), cookie(&sign_in(&city, "lan", PASSWORD).await));
    let other = cookie(&sign_in(&city, "minh", PASSWORD).await);
    let listed = as_page(&city, &desk, "GET", "/api/v1/me/sessions", Value::Null).await.json();
    let sessions = listed["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 2);
    let id = sessions.iter().find(|session| session["is_this"] == false).unwrap()["id"].as_str().unwrap();
    let path = format!("/api/v1/me/sessions/{id}");
    assert_eq!(as_page(&city, &other, "DELETE", &path, Value::Null).await.status(), 404, "not somebody else's");
    let unmeant = city.request("DELETE", &path).header("cookie", &desk);
    assert_eq!(Answer::read(unmeant).await.status(), 403, "not by another site's page");
    assert_eq!(as_page(&city, &desk, "DELETE", &path, Value::Null).await.status(), 204);
    assert!(me(&city, "cookie", &phone).await.json()["account"].is_null());

    let phone = cookie(&sign_in(&city, "lan", PASSWORD).await);
    let change = async |old: &str, new: &str| {
        as_page(&city, &desk, "PUT", "/api/v1/me/password", json!({ "old": old, "new": new })).await
    };
    assert_eq!(change("not it", "một mật khẩu khác dài").await.status(), 403);
    assert_eq!(change(PASSWORD, "ngắn").await.problem().slug, "password-refused");
    assert_eq!(change(PASSWORD, PASSWORD).await.status(), 422);
    assert_eq!(change(PASSWORD, "một mật khẩu khác dài").await.status(), 204);
    assert_eq!(me(&city, "cookie", &desk).await.json()["account"], "lan");
    assert!(me(&city, "cookie", &phone).await.json()["account"].is_null(), "the others begin anew");
    assert_eq!(sign_in(&city, "lan", "một mật khẩu khác dài").await.status(), 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_listed_revoked_one_by_one_and_sleep_after_45_days() {
    let city = with_planner().await;
    let bearer = |label: &str| {
        format!("Bearer {}", done(&city, &["token", "lan", "--label", label, "--scopes", "see_staff"], ""))
    };
    let (first, second, third) = (bearer("QGIS"), bearer("Python"), bearer("old"));
    let session = cookie(&sign_in(&city, "lan", PASSWORD).await);
    let listed = as_page(&city, &session, "GET", "/api/v1/me/tokens", Value::Null).await.json();
    assert_eq!(listed["tokens"].as_array().unwrap().len(), 3);
    assert!(!listed.to_string().contains(&first["Bearer ".len()..]), "the token itself is shown once");
    let id = |label: &str| {
        let all = listed["tokens"].as_array().unwrap();
        all.iter().find(|token| token["label"] == label).unwrap()["id"].as_str().unwrap().to_owned()
    };
    let path = format!("/api/v1/me/tokens/{}", id("QGIS"));
    assert_eq!(as_page(&city, &session, "DELETE", &path, Value::Null).await.status(), 204);
    assert_eq!(me(&city, "authorization", &first).await.status(), 401);
    assert_eq!(me(&city, "authorization", &second).await.status(), 200);
    assert!(done(&city, &["token", "list", "lan"], "").contains("Python"));
    done(&city, &["token", "revoke", "lan", &id("Python")], "");
    assert_eq!(me(&city, "authorization", &second).await.status(), 401);
    city.sql("UPDATE identity.api_token SET used_at = now() - interval '44 days'; UPDATE identity.person SET seen_at = now() - interval '44 days'").await;
    assert_eq!(me(&city, "authorization", &third).await.status(), 200);
    city.sql(
        "UPDATE identity.api_token SET used_at = now() - interval '46 days' WHERE used_at < now() - interval '1 day'",
    )
    .await;
    assert_eq!(me(&city, "authorization", &third).await.status(), 200, "using it keeps it awake");
    assert_eq!(sign_in(&city, "lan", PASSWORD).await.status(), 204, "and the account");
    city.sql("UPDATE identity.api_token SET used_at = now() - interval '46 days'").await;
    assert_eq!(me(&city, "authorization", &third).await.status(), 401);
    done(&city, &["disable", "lan"], "");
    done(&city, &["enable", "lan"], "");
    assert_eq!(sign_in(&city, "lan", PASSWORD).await.status(), 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_does_not_stand_for_a_second_factor() {
    let city = with_planner().await;
    for role in ["administrator", "signatory"] {
        done(&city, &["grant", "lan", role], "");
    }
    let scopes = "see_staff,edit_base,review,see_look_ups,manage_people,look_up_person";
    let bearer = format!("Bearer {}", done(&city, &["token", "lan", "--label", "all", "--scopes", scopes], ""));
    let rights = me(&city, "authorization", &bearer).await.json()["rights"].clone();
    let actions: Vec<_> = rights.as_array().unwrap().iter().filter_map(|right| right["action"].as_str()).collect();
    assert_eq!(actions, ["see_open", "see_staff", "edit_base", "review"], "what a planner may, and no more");
    for right in rights.as_array().unwrap().iter().filter(|right| !right["area"].is_null()) {
        assert_eq!(right["area"]["units"], json!(["26740"]), "nor farther than the planner: {right}");
    }
    for path in ["/api/v1/people", "/api/v1/look-ups"] {
        let refused = Answer::read(city.request("GET", path).header("authorization", &bearer)).await;
        assert_eq!((refused.status(), refused.json()["reason"].clone()), (403, json!("token")), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_are_given_for_communes_that_exist_and_follow_their_mergers() {
    let city = corner::city().await;
    done(&city, &["add", "lan", "--name", "Lan", "--password-stdin"], PASSWORD);
    let refused = user(&city, &["grant", "lan", "planner", "--units", "26740,99999"], "");
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("99999"));
    // Given before the merger: to Bến Thành, whose area is Sài Gòn's now.
    city.sql(
        "INSERT INTO gis.admin_unit_change (old_code, new_code, old_name, new_name, kind, share, effective_on) VALUES
             ('26743', '26740', 'Phường Bến Thành', 'Phường Sài Gòn', 'sap_nhap', 0.9, '2025-07-01'),
             ('26743', '27000', 'Phường Bến Thành', 'Phường khác', 'sap_nhap', 0.1, '2025-07-01');
         INSERT INTO identity.given (person, role, units, given_at)
         SELECT id, 'planner', '{26743}', '2025-01-01' FROM identity.person",
    )
    .await;
    let session = cookie(&sign_in(&city, "lan", PASSWORD).await);
    let units = async || me(&city, "cookie", &session).await.json()["grants"][0]["area"]["units"].clone();
    assert_eq!(units().await, json!(["26740"]), "where most of it went");
    city.sql("UPDATE gis.admin_unit_change SET share = 0.4 WHERE share = 0.9 AND old_code = '26743'").await;
    assert_eq!(units().await, json!(["26740"]), "and where most of it went, though less than half");
    city.sql("UPDATE identity.given SET units = '{26740}'").await;
    assert_eq!(units().await, json!(["26740"]), "a code that lives on");
    city.sql("UPDATE identity.given SET units = '{26743}', given_at = '2025-08-01'").await;
    assert_eq!(units().await, json!(["26743"]), "a later grant means what it says");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_ten_passwords_do_not_come_back_and_the_one_before_may() {
    let city = TestCity::start().await;
    let set = async |password: &str| {
        let output = user(&city, &["password", "lan", "--password-stdin"], password);
        output.status.success()
    };
    done(&city, &["add", "lan", "--name", "Lan", "--password-stdin"], "mật khẩu thứ 01");
    for number in 2..=10 {
        assert!(set(&format!("mật khẩu thứ {number:02}")).await);
    }
    assert!(!set("mật khẩu thứ 01").await, "the tenth");
    assert!(set("mật khẩu thứ 11").await);
    assert!(set("mật khẩu thứ 01").await, "the eleventh");
    assert_eq!(sign_in(&city, "lan", "mật khẩu thứ 01").await.status(), 204);
}
