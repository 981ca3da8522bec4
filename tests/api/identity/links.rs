//! Links to set a password with: good once, for a while, and for open accounts only.

use serde_json::{Value, json};

use super::people::{administrator, ask};
use super::{PASSWORD, cookie, done, me, sign_in, with_planner};
use crate::corner;
use crate::support::{Answer, TestCity};

const NEXT: &str = "mật khẩu mới cũng dài";

pub async fn redeem(city: &TestCity, link: &str, password: &str) -> Answer {
    city.post("/api/v1/recovery", json!({ "link": link, "password": password })).await
}

pub fn token(path: &str) -> &str {
    path.split_once("/signin#link=").expect("a link to the page that signs in").1
}

/// A link that the shell printed.
fn invited(city: &TestCity, account: &str) -> String {
    let link = done(city, &["invite", account, "--site", "https://map.example/"], "");
    assert!(link.starts_with("https://map.example/signin#link="), "{link}");
    token(&link).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invited_person_sets_the_password_alone_and_once() {
    let city = corner::city().await;
    let tam = administrator(&city).await;
    let made = ask(&city, &tam, "POST", "/api/v1/people", json!({ "account": "lan", "name": "Lan" })).await.json();
    let first = made["password"].as_str().unwrap();
    let before = cookie(&sign_in(&city, "lan", first).await);
    let answer = ask(&city, &tam, "POST", "/api/v1/people/lan/link", Value::Null).await;
    assert_eq!((answer.status(), answer.header("cache-control")), (200, "private, no-store"), "{}", answer.text());
    let path = answer.json()["path"].as_str().unwrap().to_owned();
    assert_eq!(me(&city, "cookie", &before).await.json()["account"], "lan", "the link alone changes nothing");

    let short = redeem(&city, token(&path), "ngắn").await;
    assert_eq!((short.status(), short.problem().slug.as_str()), (422, "password-refused"));
    assert_eq!(redeem(&city, token(&path), NEXT).await.status(), 204, "a refused password leaves the link good");
    assert!(me(&city, "cookie", &before).await.json()["account"].is_null(), "sessions of before have ended");
    assert_eq!(sign_in(&city, "lan", first).await.status(), 401);
    assert_eq!(sign_in(&city, "lan", NEXT).await.status(), 204);
    let again = redeem(&city, token(&path), PASSWORD).await;
    assert_eq!((again.status(), again.problem().slug.as_str()), (410, "link-over"), "used once");
    assert_eq!(ask(&city, &tam, "POST", "/api/v1/people/tam/link", Value::Null).await.status(), 403, "not to oneself");
    assert_eq!(ask(&city, &before, "POST", "/api/v1/people/tam/link", Value::Null).await.status(), 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_ends_with_time_with_the_next_one_and_with_the_account() {
    let city = with_planner().await;
    let over = async |link: &str, why: &str| {
        let answer = redeem(&city, link, NEXT).await;
        assert_eq!((answer.status(), answer.problem().slug.as_str()), (410, "link-over"), "{why}");
    };
    over("", "empty").await;
    over(&"0".repeat(64), "never was").await;
    over(&"0".repeat(4096), "longer than any").await;
    let link = invited(&city, "lan");
    city.sql("UPDATE identity.link SET expires_at = now() - interval '1 second'").await;
    over(&link, "expired").await;
    let (older, newer) = (invited(&city, "lan"), invited(&city, "lan"));
    over(&older, "there is a newer one").await;
    done(&city, &["disable", "lan"], "");
    over(&newer, "the account is closed").await;
    done(&city, &["enable", "lan"], "");
    over(&newer, "opened again, its old links stay ended").await;
    let link = invited(&city, "lan");
    done(&city, &["password", "lan", "--password-stdin"], "đặt ở dòng lệnh 2026");
    over(&link, "a password was set since").await;
    let link = invited(&city, "lan");
    let (one, other) = tokio::join!(redeem(&city, &link, NEXT), redeem(&city, &link, "một mật khẩu khác hẳn"));
    let mut both = [one.status(), other.status()];
    both.sort_unstable();
    assert_eq!(both, [204, 410], "of two at once one is first");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_takes_no_second_factor_away_and_the_database_keeps_no_link() {
    let city = with_planner().await;
    city.sql(
        "INSERT INTO identity.second_factor (person, secret, confirmed_at) SELECT id, sha256('x'), now() FROM identity.person",
    )
    .await;
    let link = invited(&city, "lan");
    let kept: bool = sqlx::query_scalar("SELECT link::text LIKE '%' || $1 || '%' FROM identity.link")
        .bind(&link)
        .fetch_one(&mut city.owner().await)
        .await
        .unwrap();
    assert!(!kept, "only its hash");
    assert_eq!(redeem(&city, &link, NEXT).await.status(), 204);
    assert_eq!(sign_in(&city, "lan", NEXT).await.problem().slug, "code-needed");
    let mut app = city.app_connection().await;
    sqlx::query("SET dothi.actor = 'lan'").execute(&mut app).await.unwrap();
    let own = "INSERT INTO identity.link (hash, person, expires_at) SELECT 'x', id, 'infinity' FROM identity.person";
    let refused = sqlx::query(own).execute(&mut app).await.expect_err("lan is no administrator").to_string();
    assert!(refused.contains("permission denied"), "{refused}");
}
