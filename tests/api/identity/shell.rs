//! What administrators do in the browser, `dothi user` does in the shell, and says it in the language of the shell.

use std::process::Command;

use super::{PASSWORD, cookie, done, me, sign_in, with_planner};
use crate::support::{Answer, TestCity};

/// What it says in Vietnamese, whether it did it or not.
fn said(city: &TestCity, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dothi"));
    command.arg("user").args(arguments).env("DATABASE_URL", city.database_url()).env("LC_ALL", "vi_VN.UTF-8");
    let output = command.env("USER", "quantri").env_remove("SUDO_USER").output().expect("dothi runs");
    String::from_utf8([output.stdout, output.stderr].concat()).expect("UTF-8")
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_listed_in_columns_with_state_second_factor_and_last_seen() {
    let city = with_planner().await;
    done(&city, &["add", "minh", "--name", "Trần Văn Minh", "--password-stdin"], PASSWORD);
    city.sql(
        "UPDATE identity.person SET seen_at = '2025-01-02 03:04:05+00' WHERE account = 'minh';
         INSERT INTO identity.second_factor (person, secret, confirmed_at) SELECT id, '\\x00', now() FROM identity.person
         WHERE account = 'lan'",
    )
    .await;
    let listed = done(&city, &["list"], "");
    let lines: Vec<&str> = listed.lines().collect();
    let column = |heading: &str| lines[0].find(heading).unwrap_or_else(|| panic!("{heading}: {listed}"));
    let cell = |line: &str, at: usize| line.chars().skip(at).take_while(|letter| *letter != ' ').collect::<String>();
    let (state, factor) = (column("State"), column("Second factor"));
    assert!(lines[1].starts_with("lan ") && lines[2].starts_with("minh "), "{listed}");
    assert_eq!([cell(lines[1], state), cell(lines[2], state)], ["open", "asleep"], "{listed}");
    assert_eq!([cell(lines[1], factor), cell(lines[2], factor)], ["yes", "no"], "{listed}");
    assert!(lines[2].contains("02/01/2025 10:04") && lines[1].contains("planner (26740)"), "{listed}");
    assert!(said(&city, &["list"]).contains("đang ngủ"));
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_end_alone_and_a_name_changes() {
    let city = with_planner().await;
    let session = cookie(&sign_in(&city, "lan", PASSWORD).await);
    let token = done(&city, &["token", "lan", "--label", "QGIS", "--scopes", "see_staff"], "");
    assert!(said(&city, &["end-sessions", "lan"]).contains("đã kết thúc mọi phiên của lan"));
    assert!(me(&city, "cookie", &session).await.json()["account"].is_null());
    assert_eq!(me(&city, "authorization", &format!("Bearer {token}")).await.status(), 200, "tokens stay");
    let session = cookie(&sign_in(&city, "lan", PASSWORD).await);
    assert!(said(&city, &["rename", "lan", "Lê Thị Lan"]).contains("lan nay tên là Lê Thị Lan"));
    assert!(!me(&city, "cookie", &session).await.json()["account"].is_null(), "and nobody is signed out");
    assert!(done(&city, &["list"], "").contains("  Lê Thị Lan  "));
    let unknown = said(&city, &["end-sessions", "nobody"]);
    assert!(unknown.contains("không có tài khoản đang mở \"nobody\""), "{unknown}");
    assert!(said(&city, &["add", "Lan Anh", "--name", "Lan"]).contains("chữ thường không dấu"));
    assert!(said(&city, &["rename", "lan", " "]).contains("từ 1 đến 200 chữ"));
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_the_review_and_the_log_of_look_ups_are_there_in_the_shell() {
    let city = with_planner().await;
    assert!(said(&city, &["mails"]).contains("chưa có thư nào"));
    let none = said(&city, &["look-ups"]);
    assert!(none.contains("chưa ai tra cứu người"), "{none}");
    city.sql(
        "UPDATE identity.person SET mail = 'lan@phuong.example';
         INSERT INTO identity.mail (person, kind, give_up_at, tries, reason, detail)
         SELECT id, 'invitation', now() + interval '1 day', 2, 'unreachable', 'no route' FROM identity.person;
         INSERT INTO gis_private.access_log (actor, reason, objects) VALUES ('lan', 'Mời họp dân về mở đường', '{}'), ('minh', 'Việc khác', '{}')",
    )
    .await;
    let mails = said(&city, &["mails"]);
    for words in ["Tài khoản", "thư mời", "lan@phuong.example", "đang chờ", "no route"] {
        assert!(mails.contains(words), "{words}: {mails}");
    }
    let log = said(&city, &["look-ups", "--account", "lan"]);
    assert!(log.contains("Mời họp dân về mở đường") && !log.contains("Việc khác"), "{log}");
    assert!(said(&city, &["review"]).contains("chưa rà soát tài khoản lần nào; lần sau trước"));
    let reviewed = said(&city, &["review", "--done"]);
    assert!(reviewed.contains("lần cuối: ") && reviewed.contains("shell:quantri"), "{reviewed}");
    city.sql("UPDATE identity.review SET at = now() - interval '7 months'").await;
    assert!(said(&city, &["review"]).contains("QUÁ HẠN từ"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_says_who_changed_whose_rights_whatever_road_it_took() {
    let city = with_planner().await;
    let minh = ["add", "minh", "--name", "Trần Văn Minh", "--password-stdin"];
    done(&city, &minh, PASSWORD);
    done(&city, &["grant", "minh", "leader"], "");
    done(&city, &["revoke", "lan", "planner"], "");
    done(&city, &["token", "lan", "--label", "QGIS", "--scopes", "see_staff"], "");
    city.sql("UPDATE identity.person SET name = 'Lê Lan' WHERE account = 'lan'").await;
    said(&city, &["disable", "lan"]);
    let all = said(&city, &["log"]);
    let rows = [
        "shell:quantri",
        "lan",
        "thôi vai trò",
        "planner 26740",
        "khóa tài khoản",
        "lập mã API",
        "QGIS see_staff",
        "db:dothi_owner",
    ];
    assert!(rows.iter().all(|words| all.contains(words)), "{all}");
    assert!(!said(&city, &["log", "--account", "minh"]).contains("QGIS"));

    let leader = cookie(&sign_in(&city, "minh", PASSWORD).await);
    let get = async |path: &str| Answer::read(city.request("GET", path).header("cookie", &leader)).await;
    let answer = get("/api/v1/people/log?limit=2").await;
    assert_eq!(answer.status(), 200, "{}", answer.text());
    let page = answer.json();
    let what = |at: usize| (page["log"][at]["what"].clone(), page["log"][at]["account"].clone());
    assert_eq!([what(0).0, what(1).0], ["token_revoked", "account_closed"]);
    assert_eq!(what(1).1, "lan");
    assert_eq!(page["log"].as_array().map(Vec::len), Some(2));
    let rest = get(&format!("/api/v1/people/log?before={}", page["next"])).await.json();
    let taken =
        rest["log"].as_array().expect("a list").iter().find(|line| line["what"] == "role_taken").expect("it is there");
    assert_eq!(taken["detail"], serde_json::json!({ "role": "planner", "units": ["26740"] }));
    // Nobody changes what was written down, not even who owns the tables.
    let mut owner = city.owner().await;
    for change in ["DELETE FROM identity.log", "UPDATE identity.log SET actor = 'x'", "TRUNCATE identity.log"] {
        let refused = sqlx::query(change).execute(&mut owner).await.expect_err(change).to_string();
        assert!(refused.contains("append-only"), "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_is_said_in_vietnamese() {
    let city = with_planner().await;
    for (arguments, words) in [
        (&["grant", "lan", "mayor"][..], "không có giá trị 'mayor'\n  dùng một trong: citizen"),
        (&["revoke", "lan", "leader"], "lan không có vai trò leader"),
        (&["mail", "lan", "nowhere"], "cần một địa chỉ thư: lan@"),
        (&["enable", "lan"], "không có tài khoản đã khóa \"lan\""),
        (&["invite", "lan", "--by-mail"], "chưa cài đặt thư"),
        (&["token", "revoke", "lan", "x"], "như lệnh list in ra"),
    ] {
        let text = said(&city, arguments);
        assert!(text.contains(words), "{arguments:?}: {text}");
    }
}
