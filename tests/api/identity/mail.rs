//! Invitation and recovery by mail: what arrives, what is said meanwhile, and what a lost server does to it.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use dothi::config::Config;
use serde_json::{Value, json};

use super::links::{redeem, token};
use super::people::{administrator, ask};
use super::{PASSWORD, done, sign_in, user};
use crate::support::post_office::{Caught, Manner, PostOffice};
use crate::support::{Answer, TestCity};

const NEXT: &str = "mật khẩu mới cũng dài";
const LAN: &str = "lan@phuong.example";

/// Mail settings as an operator writes them.
fn by(port: u16) -> impl FnOnce(&mut Config) {
    let settings = json!({
        "host": "127.0.0.1", "port": port, "tls": "none", "sender": "Bản đồ đô thị <map@city.example>", "site": "https://map.example/",
    });
    move |config| config.mail = Some(serde_json::from_value(settings).expect("settings"))
}

/// A city that sends mail, with an administrator and Lan, who has an address.
async fn city(port: u16) -> (TestCity, String) {
    let city = TestCity::with(by(port)).await;
    let tam = administrator(&city).await;
    done(
        &city,
        &["add", "lan", "--name", "Trần Thị Lan", "--mail", "Lan@Phuong.example", "--password-stdin"],
        PASSWORD,
    );
    (city, tam)
}

async fn arrived(city: &TestCity, office: &PostOffice, count: usize) -> Vec<Caught> {
    city.until("the letters arrive", async || office.letters().len() >= count).await;
    office.letters()
}

/// What the one link in a letter holds.
fn link(letter: &Caught) -> String {
    let text = letter.text();
    let links: Vec<_> = text.lines().filter(|line| line.contains("#link=")).collect();
    assert_eq!(links.len(), 1, "{text}");
    token(links[0].strip_prefix("https://map.example").expect("leads to the site")).to_owned()
}

async fn forgot(city: &TestCity, mail: &str) -> Answer {
    city.post("/api/v1/recovery/mail", json!({ "mail": mail })).await
}

/// The mails as /admin shows them, the waiting first.
async fn mails(city: &TestCity, session: &str) -> Vec<Value> {
    let answer = ask(city, session, "GET", "/api/v1/mail", Value::Null).await;
    assert_eq!((answer.status(), answer.header("cache-control")), (200, "private, no-store"), "{}", answer.text());
    assert!(!answer.text().contains("#link"), "no link is told");
    answer.json()["mails"].as_array().expect("mails").clone()
}

async fn state(city: &TestCity, session: &str) -> String {
    mails(city, session)
        .await
        .first()
        .map_or_else(String::new, |mail| mail["state"].as_str().unwrap_or_default().to_owned())
}

/// Time goes by for what waits.
async fn later(city: &TestCity) {
    city.sql("UPDATE identity.mail SET next_at = now(), busy_until = '-infinity' WHERE state = 'waiting'").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invited_person_gets_a_letter_in_both_languages_and_nobody_knows_a_password() {
    let office = PostOffice::open().await;
    let (city, tam) = city(office.port).await;
    assert_eq!(super::me(&city, "cookie", "").await.json()["mail"], true, "the page may offer it");
    let body = json!({ "account": "minh", "name": "Lê Đức Minh", "mail": "Minh@Phuong.Example ", "invite": true });
    let made = ask(&city, &tam, "POST", "/api/v1/people", body).await;
    assert_eq!(made.status(), 201, "{}", made.text());
    assert!(made.json()["password"].is_null(), "no password is made up");
    let letter = arrived(&city, &office, 1).await.remove(0);
    assert_eq!(letter.to, "minh@phuong.example");
    assert_eq!(letter.subject(), "Tài khoản minh: hãy đặt mật khẩu · Choose a password");
    let text = letter.text();
    assert!(text.contains("Chào Lê Đức Minh") && text.contains("Hello Lê Đức Minh"), "{text}");
    assert_eq!(letter.header("Auto-Submitted"), "auto-generated");
    assert!(letter.header("Message-ID").ends_with("@city.example>"));
    city.until("it is known to be sent", async || state(&city, &tam).await == "sent").await;
    let mail = &mails(&city, &tam).await[0];
    assert_eq!(
        (&mail["account"], &mail["kind"], &mail["asked_by"]),
        (&json!("minh"), &json!("invitation"), &json!("tam"))
    );
    let held: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM identity.mail, identity.link WHERE mail::text || link::text LIKE '%' || $1 || '%'",
    )
    .bind(link(&letter))
    .fetch_one(&mut city.owner().await)
    .await
    .unwrap();
    assert_eq!(held, 0, "the database holds no link");

    assert_eq!(redeem(&city, &link(&letter), NEXT).await.status(), 204);
    assert_eq!(sign_in(&city, "minh", NEXT).await.status(), 204);
    assert_eq!(redeem(&city, &link(&letter), PASSWORD).await.status(), 410, "good once");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_forgot_gets_a_letter_and_the_answer_tells_nobody_who_has_an_account() {
    let office = PostOffice::open().await;
    let (city, tam) = city(office.port).await;
    let before = ask(&city, &tam, "POST", "/api/v1/people/lan/link", Value::Null).await.json();
    let (known, unknown) = (forgot(&city, " LAN@phuong.example").await, forgot(&city, "nobody@phuong.example").await);
    assert_eq!((known.status(), known.bytes()), (202, unknown.bytes()));
    assert_eq!(unknown.status(), 202);
    let letter = arrived(&city, &office, 1).await.remove(0);
    assert_eq!(letter.to, LAN);
    assert!(letter.subject().contains("đặt lại mật khẩu"), "{}", letter.subject());
    assert_eq!(forgot(&city, LAN).await.status(), 202, "asked again at once: the same answer");
    city.until("the wishes are taken", async || wishes(&city).await == 0).await;
    assert_eq!(mails(&city, &tam).await.len(), 1, "and no second letter");
    let path = before["path"].as_str().unwrap();
    assert_eq!(
        redeem(&city, token(path), "").await.status(),
        422,
        "a stranger's wish ends no link of an administrator"
    );
    assert_eq!(redeem(&city, &link(&letter), NEXT).await.status(), 204);
    assert_eq!(redeem(&city, token(path), NEXT).await.status(), 410, "the new password does");
    assert_eq!(sign_in(&city, "lan", NEXT).await.status(), 204);

    city.sql("UPDATE identity.mail SET asked_at = now() - interval '11 minutes'").await;
    for (state, back) in [
        (
            "UPDATE identity.person SET disabled_at = now() WHERE account = 'lan'",
            "UPDATE identity.person SET disabled_at = NULL",
        ),
        (
            "UPDATE identity.person SET seen_at = now() - interval '46 days' WHERE account = 'lan'",
            "UPDATE identity.person SET seen_at = now()",
        ),
    ] {
        city.sql(state).await;
        assert_eq!(forgot(&city, LAN).await.status(), 202);
        city.until("the wish is taken", async || wishes(&city).await == 0).await;
        city.sql(back).await;
    }
    assert_eq!(office.letters().len(), 1, "neither a closed nor a sleeping account opens itself");
    assert_eq!(forgot(&city, "lan").await.problem().field.as_deref(), Some("mail"));
    let foreign = city
        .request("POST", "/api/v1/recovery/mail")
        .header("sec-fetch-site", "cross-site")
        .json(&json!({ "mail": LAN }));
    assert_eq!(Answer::read(foreign).await.status(), 403);
    let mut last = 202;
    for _ in 0..12 {
        last = forgot(&city, "nobody@phuong.example").await.status();
    }
    assert_eq!(last, 429, "an address that asks and asks has to wait");
}

async fn wishes(city: &TestCity) -> i64 {
    let count = sqlx::query_scalar("SELECT count(*) FROM identity.recovery_wish");
    count.fetch_one(&mut city.owner().await).await.expect("counted")
}

#[tokio::test(flavor = "multi_thread")]
async fn known_and_unknown_take_the_same_time() {
    let office = PostOffice::open().await;
    let (city, _tam) = city(office.port).await;
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..60 {
        for (kind, mail) in [LAN, "nobody@phuong.example"].into_iter().enumerate() {
            if round % 5 == 0 {
                city.sql("DELETE FROM identity.attempt; DELETE FROM identity.mail WHERE state <> 'waiting'").await;
            }
            let begun = Instant::now();
            assert_eq!(forgot(&city, mail).await.status(), 202);
            times[kind].push(begun.elapsed());
        }
    }
    let [known, unknown] = times.map(|mut times| {
        times.sort_unstable();
        times[times.len() / 2]
    });
    println!("median of 60: known {known:?}, unknown {unknown:?}");
    let apart = known.abs_diff(unknown);
    assert!(apart < Duration::from_millis(3).max(known / 2), "known {known:?}, unknown {unknown:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_that_is_away_is_waited_for_longer_each_time() {
    let port = PostOffice::closed_port().await;
    let (city, tam) = city(port).await;
    assert_eq!(ask(&city, &tam, "POST", "/api/v1/people/lan/invitation", Value::Null).await.status(), 202);
    let reason = async || mails(&city, &tam).await[0]["reason"].clone();
    city.until("it was tried", async || reason().await == "unreachable").await;
    let wait = async || -> f64 {
        let seconds = "SELECT extract(epoch FROM next_at - now())::float8 FROM identity.mail";
        sqlx::query_scalar(seconds).fetch_one(&mut city.owner().await).await.expect("one")
    };
    assert!((10.0..=30.0).contains(&wait().await), "{}", wait().await);
    later(&city).await;
    city.until("it was tried again", async || mails(&city, &tam).await[0]["tries"] == 2 && wait().await > 31.0).await;
    assert_eq!(state(&city, &tam).await, "waiting");
    let office = PostOffice::open_at(port).await;
    later(&city).await;
    let letter = arrived(&city, &office, 1).await.remove(0);
    city.until("it is known to be sent", async || state(&city, &tam).await == "sent").await;
    assert_eq!(mails(&city, &tam).await[0]["reason"], Value::Null);
    assert_eq!(redeem(&city, &link(&letter), NEXT).await.status(), 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_will_never_arrive_fails_with_its_reason_and_what_the_operator_can_mend_waits() {
    let office = PostOffice::open().await;
    let (city, tam) = city(office.port).await;
    let invite =
        async || assert_eq!(ask(&city, &tam, "POST", "/api/v1/people/lan/invitation", Value::Null).await.status(), 202);
    let told = async || {
        let mail = mails(&city, &tam).await.remove(0);
        (mail["state"].as_str().unwrap_or_default().to_owned(), mail["reason"].as_str().unwrap_or_default().to_owned())
    };
    office.behave(Manner::Says("550 no such mailbox"));
    invite().await;
    city.until("it failed", async || told().await == ("failed".to_owned(), "refused".to_owned())).await;
    assert!(mails(&city, &tam).await[0]["detail"].as_str().is_some_and(|detail| detail.contains("no such mailbox")));
    for (line, reason) in [("450 greylisted", "put_off"), ("530 authentication required", "login")] {
        office.behave(Manner::Says(line));
        invite().await;
        city.until(line, async || told().await == ("waiting".to_owned(), reason.to_owned())).await;
    }
    // Nobody needs it any more: the person has a password of their own by now.
    city.sql(
        "INSERT INTO identity.credential (person, hash) SELECT id, 'x' FROM identity.person WHERE account = 'lan'",
    )
    .await;
    office.behave(Manner::Takes);
    later(&city).await;
    city.until("it is over", async || told().await.1 == "not_needed").await;
    invite().await;
    city.sql(
        "UPDATE identity.mail SET give_up_at = now() - interval '1 second', next_at = now() WHERE state = 'waiting'",
    )
    .await;
    city.until("one way or the other", async || told().await.0 != "waiting").await;
    assert!(office.letters().len() <= 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_goes_to_nobody_who_offers_no_tls_where_tls_is_asked_for() {
    let office = PostOffice::open().await;
    let with = by(office.port);
    let city = TestCity::with(|config| {
        with(config);
        config.mail.as_mut().expect("set").tls = dothi::mail::Tls::Starttls;
    })
    .await;
    let tam = administrator(&city).await;
    done(&city, &["add", "lan", "--name", "Lan", "--mail", LAN, "--password-stdin"], PASSWORD);
    assert_eq!(ask(&city, &tam, "POST", "/api/v1/people/lan/invitation", Value::Null).await.status(), 202);
    city.until("it was tried", async || mails(&city, &tam).await[0]["reason"] == "unreachable").await;
    assert!(office.calls() > 0 && office.letters().is_empty(), "not a word in clear");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_between_sending_and_writing_it_down_loses_no_letter() {
    let office = PostOffice::open().await;
    let lost = TestCity::start().await;
    let tam = administrator(&lost).await;
    done(&lost, &["add", "lan", "--name", "Lan", "--mail", LAN, "--password-stdin"], PASSWORD);
    office.behave(Manner::Silent);
    let mut server = Command::new(env!("CARGO_BIN_EXE_dothi"))
        .args(["serve", "--listen", "127.0.0.1:0"])
        .env("DATABASE_URL", lost.database_url())
        .env("DOTHI_MAIL__HOST", "127.0.0.1")
        .env("DOTHI_MAIL__PORT", office.port.to_string())
        .env("DOTHI_MAIL__TLS", "none")
        .env("DOTHI_MAIL__SENDER", "map@city.example")
        .env("DOTHI_MAIL__SITE", "https://map.example")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("dothi starts");
    let refused = user(&lost, &["invite", "lan", "--by-mail"], "");
    assert!(!refused.status.success(), "the shell says what is not set up");
    lost.sql("INSERT INTO identity.mail (person, kind, give_up_at) SELECT id, 'invitation', 'infinity' FROM identity.person WHERE account = 'lan'").await;
    let first = arrived(&lost, &office, 1).await.remove(0);
    server.kill().expect("killed");
    let log = server.wait_with_output().expect("it ends").stderr;
    assert!(!String::from_utf8_lossy(&log).contains(&link(&first)), "no log holds a link");
    let waits = mails(&lost, &tam).await.remove(0);
    assert_eq!((&waits["state"], &waits["tries"]), (&json!("waiting"), &json!(1)));

    office.behave(Manner::Takes);
    let next = TestCity::on_database(lost.database_name().to_owned(), by(office.port)).await;
    later(&next).await;
    let both = arrived(&next, &office, 2).await;
    next.until("it is known to be sent", async || state(&next, &tam).await == "sent").await;
    assert_eq!(both[0].header("Message-ID"), both[1].header("Message-ID"), "a mailbox may show the two as one");
    assert_eq!(redeem(&next, &link(&both[0]), NEXT).await.status(), 204, "whichever is opened");
    assert_eq!(redeem(&next, &link(&both[1]), PASSWORD).await.status(), 410);
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_share_an_outbox_send_each_letter_once() {
    let office = PostOffice::open().await;
    let (one, tam) = city(office.port).await;
    let other = TestCity::on_database(one.database_name().to_owned(), by(office.port)).await;
    one.sql(
        "WITH people AS (INSERT INTO identity.person (account, name, mail)
             SELECT 'p' || n, 'P', 'p' || n || '@phuong.example' FROM generate_series(10, 49) AS n RETURNING id)
         INSERT INTO identity.mail (person, kind, give_up_at) SELECT id, 'invitation', 'infinity' FROM people",
    )
    .await;
    other.app.post.notify_one();
    one.until("all are sent", async || {
        mails(&one, &tam).await.iter().filter(|mail| mail["state"] == "sent").count() == 40
    })
    .await;
    let mut to: Vec<_> = office.letters().into_iter().map(|letter| letter.to).collect();
    to.sort_unstable();
    to.dedup();
    assert_eq!((to.len(), office.letters().len()), (40, 40));
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_are_one_person_s_and_a_new_one_ends_what_went_to_the_old() {
    let office = PostOffice::open().await;
    let (city, tam) = city(office.port).await;
    done(&city, &["add", "minh", "--name", "Minh", "--password-stdin"], PASSWORD);
    let none = ask(&city, &tam, "POST", "/api/v1/people/minh/invitation", Value::Null).await;
    assert_eq!((none.status(), none.problem().slug.as_str()), (409, "no-address"));
    let set = async |mail: Value| ask(&city, &tam, "PUT", "/api/v1/people/minh/mail", json!({ "mail": mail })).await;
    let taken = set(json!(LAN)).await;
    assert_eq!((taken.status(), taken.problem().slug.as_str()), (409, "mail-taken"));
    assert_eq!(set(json!("minh")).await.problem().field.as_deref(), Some("mail"));
    assert_eq!(set(json!("minh@old.example")).await.status(), 204);
    assert_eq!(ask(&city, &tam, "POST", "/api/v1/people/minh/invitation", Value::Null).await.status(), 202);
    let letter = arrived(&city, &office, 1).await.remove(0);
    city.until("it is known to be sent", async || state(&city, &tam).await == "sent").await;
    assert_eq!(set(json!("minh@new.example")).await.status(), 204);
    assert_eq!(
        redeem(&city, &link(&letter), NEXT).await.status(),
        410,
        "what lies in the old mailbox is worth nothing"
    );
    let own = ask(&city, &tam, "PUT", "/api/v1/people/tam/mail", json!({ "mail": "tam@phuong.example" })).await;
    assert_eq!(own.status(), 403, "an administrator's own address is set by another, or in the shell");
    done(&city, &["mail", "tam", "tam@phuong.example"], "");
    assert!(done(&city, &["list"], "").contains("tam@phuong.example"));
    assert!(!user(&city, &["mail", "tam", LAN], "").status.success(), "taken");
    assert_eq!(set(Value::Null).await.status(), 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_mail_links_are_handed_over_as_before_and_the_server_cannot_send_itself_one() {
    let city = TestCity::start().await;
    let tam = administrator(&city).await;
    assert_eq!(super::me(&city, "cookie", "").await.json()["mail"], false);
    let body = json!({ "account": "lan", "name": "Lan", "mail": LAN, "invite": true });
    let refused = ask(&city, &tam, "POST", "/api/v1/people", body).await;
    assert_eq!((refused.status(), refused.problem().slug.as_str()), (409, "no-mail"));
    let exists = ask(&city, &tam, "POST", "/api/v1/people/lan/link", Value::Null).await;
    assert_eq!(exists.status(), 404, "no half of an account stays");
    assert_eq!(forgot(&city, LAN).await.problem().slug, "no-mail");
    let made =
        ask(&city, &tam, "POST", "/api/v1/people", json!({ "account": "lan", "name": "Lan", "mail": LAN })).await;
    assert!(made.json()["password"].is_string(), "{}", made.text());
    assert_eq!(ask(&city, &tam, "POST", "/api/v1/people/lan/link", Value::Null).await.status(), 200);
    let mut app = city.app_connection().await;
    for statement in [
        "INSERT INTO identity.mail (person, kind, give_up_at) SELECT id, 'invitation', now() FROM identity.person",
        "INSERT INTO identity.link (hash, person, expires_at, mail) SELECT 'x', id, now(), gis.uuid_v7() FROM identity.person",
        "UPDATE identity.person SET mail = 'me@elsewhere.example'",
        "UPDATE identity.mail SET person = gis.uuid_v7()",
    ] {
        let refused = sqlx::query(statement).execute(&mut app).await.expect_err(statement).to_string();
        assert!(refused.contains("permission denied"), "{statement}: {refused}");
    }
}
