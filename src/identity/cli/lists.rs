//! What `dothi user` lists: people, mails, look-ups, tokens, the review. Columns with headings, in the shell's language.

use chrono::{DateTime, FixedOffset, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::super::{log as people_log, outbox, own_store, people_store, review};
use crate::bilingual::Bilingual;
use crate::persons;
use crate::shell::{self, Language, table};

/// Việt Nam is seven hours before UTC all the year round.
const VIET_NAM_SECONDS: i32 = 7 * 3600;

/// Day and minute as they are read in Việt Nam.
fn at(moment: DateTime<Utc>) -> String {
    let here = FixedOffset::east_opt(VIET_NAM_SECONDS).map(|here| moment.with_timezone(&here).format("%d/%m/%Y %H:%M"));
    here.map_or_else(|| moment.to_rfc3339(), |shown| shown.to_string())
}

fn print(rows_are_empty: bool, nothing: (&str, &str), said: &str) {
    if rows_are_empty { shell::say(nothing) } else { println!("{said}") }
}

/// Everybody: roles, second factor, how long ago they were seen, and whether they can sign in.
pub(super) async fn people(change: &mut PgConnection) -> Result<(), sqlx::Error> {
    let language = Language::of_shell();
    let people = people_store::people(&mut *change).await?;
    let rows: Vec<[String; 8]> = people
        .iter()
        .map(|person| {
            let roles = person.roles_in_words();
            let roles = if roles.is_empty() { language.pick("chưa có", "none").to_owned() } else { roles };
            [
                person.account.clone(),
                person.name.clone(),
                language.of(&state(person)).to_owned(),
                language
                    .pick(
                        if person.second_factor { "có" } else { "không" },
                        if person.second_factor { "yes" } else { "no" },
                    )
                    .to_owned(),
                at(person.seen_at),
                person.sessions.to_string(),
                person.mail.clone().unwrap_or_default(),
                roles,
            ]
        })
        .collect();
    let headings: [Bilingual; 8] = [
        ("Tài khoản", "Account").into(),
        ("Họ tên", "Name").into(),
        ("Tình trạng", "State").into(),
        ("Hai lớp", "Second factor").into(),
        ("Lần dùng cuối", "Last seen").into(),
        ("Phiên", "Sessions").into(),
        ("Thư", "Mail").into(),
        ("Vai trò", "Roles").into(),
    ];
    let nothing = (
        "chưa có tài khoản nào; dothi user add lập một tài khoản",
        "there is no account yet; dothi user add makes one",
    );
    print(rows.is_empty(), nothing, &table(headings, &rows, language));
    Ok(())
}

fn state(person: &people_store::Person) -> Bilingual {
    match person {
        person if person.disabled_at.is_some() => ("đã khóa", "closed").into(),
        person if person.is_demo => ("chạy thử", "demo").into(),
        person if person.asleep => ("đang ngủ", "asleep").into(),
        _ => ("mở", "open").into(),
    }
}

/// Mails: those that wait first, with what keeps them.
pub(super) async fn mails(change: &mut PgConnection) -> Result<(), sqlx::Error> {
    let language = Language::of_shell();
    let mails = outbox::mails(&mut *change).await?;
    let rows: Vec<[String; 7]> = mails
        .iter()
        .map(|mail| {
            let kind = match mail.kind.as_str() {
                "invitation" => language.pick("thư mời", "invitation"),
                _ => language.pick("quên mật khẩu", "forgotten password"),
            };
            let (state, when) = match mail.state.as_str() {
                "waiting" => (language.pick("đang chờ", "waits"), mail.next_at),
                "sent" => (language.pick("đã gửi", "sent"), mail.done_at),
                _ => (language.pick("không gửi được", "not sent"), mail.done_at),
            };
            [
                mail.account.clone(),
                kind.to_owned(),
                mail.address.clone().unwrap_or_default(),
                state.to_owned(),
                when.map(at).unwrap_or_default(),
                mail.tries.to_string(),
                mail.detail.clone().or_else(|| mail.reason.clone()).unwrap_or_default(),
            ]
        })
        .collect();
    let headings: [Bilingual; 7] = [
        ("Tài khoản", "Account").into(),
        ("Thư", "Mail").into(),
        ("Đến", "To").into(),
        ("Tình trạng", "State").into(),
        ("Lúc / thử lại lúc", "At / next try").into(),
        ("Lần thử", "Tries").into(),
        ("Lý do", "Why").into(),
    ];
    let nothing = ("chưa có thư nào trong 30 ngày qua", "no mail in the last 30 days");
    print(rows.is_empty(), nothing, &table(headings, &rows, language));
    Ok(())
}

/// Who looked up whom, when and why, the latest first. Persons are named by number only.
pub(super) async fn look_ups(change: &mut PgConnection, actor: Option<String>, most: i64) -> Result<(), sqlx::Error> {
    let language = Language::of_shell();
    let lines = persons::latest_look_ups(&mut *change, actor, most).await?;
    let rows: Vec<[String; 6]> = lines
        .iter()
        .map(|line| {
            [
                at(line.at),
                line.actor.clone(),
                line.name.clone().unwrap_or_default(),
                line.party.map(|party| party.to_string()).unwrap_or_default(),
                line.objects.to_string(),
                line.reason.clone(),
            ]
        })
        .collect();
    let headings: [Bilingual; 6] = [
        ("Lúc", "At").into(),
        ("Tài khoản", "Account").into(),
        ("Họ tên", "Name").into(),
        ("Số của người được tra", "Number of whom").into(),
        ("Đối tượng", "Objects").into(),
        ("Lý do", "Why").into(),
    ];
    print(rows.is_empty(), ("chưa ai tra cứu người", "nobody was looked up yet"), &table(headings, &rows, language));
    Ok(())
}

/// Who changed whose account or rights, the latest first.
pub(super) async fn log(change: &mut PgConnection, account: Option<String>, most: i64) -> Result<(), sqlx::Error> {
    let language = Language::of_shell();
    let lines = people_log::lines(&mut *change, account, None, most).await?;
    let rows: Vec<[String; 5]> = lines
        .iter()
        .map(|line| {
            let done = language.of(&done(&line.what)).to_owned();
            [at(line.at), line.actor.clone(), line.account.clone(), done, detail(&line.detail)]
        })
        .collect();
    let headings: [Bilingual; 5] = [
        ("Lúc", "At").into(),
        ("Ai làm", "By").into(),
        ("Tài khoản", "Account").into(),
        ("Việc", "What").into(),
        ("Chi tiết", "Details").into(),
    ];
    print(rows.is_empty(), ("chưa có gì", "nothing yet"), &table(headings, &rows, language));
    Ok(())
}

fn done(what: &str) -> Bilingual {
    match what {
        "account_made" => ("lập tài khoản", "account made").into(),
        "account_closed" => ("khóa tài khoản", "account closed").into(),
        "account_opened" => ("mở lại tài khoản", "account opened").into(),
        "renamed" => ("đổi họ tên", "renamed").into(),
        "mail_changed" => ("đổi địa chỉ thư", "mail changed").into(),
        "role_given" => ("giao vai trò", "role given").into(),
        "role_changed" => ("đổi địa bàn của vai trò", "area of a role changed").into(),
        "role_taken" => ("thôi vai trò", "role taken").into(),
        "password_set" => ("đặt mật khẩu", "password set").into(),
        "second_factor_set" => ("bật xác thực hai lớp", "second factor set").into(),
        "second_factor_removed" => ("bỏ xác thực hai lớp", "second factor removed").into(),
        "token_made" => ("lập mã API", "token made").into(),
        "token_revoked" => ("thu hồi mã API", "token revoked").into(),
        other => (other.to_owned(), other.to_owned()).into(),
    }
}

/// `planner 26740 26743`: what the detail holds, without its field names.
fn detail(detail: &Value) -> String {
    let one = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
        _ => String::new(),
    };
    let fields = ["role", "units", "label", "scopes", "from", "to"];
    let told = fields.iter().filter_map(|field| detail.get(*field)).map(one);
    told.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The tokens of one account.
pub(super) async fn tokens(change: &mut PgConnection, person: Uuid) -> Result<(), sqlx::Error> {
    let language = Language::of_shell();
    let tokens = own_store::tokens(&mut *change, person).await?;
    let rows: Vec<[String; 5]> = tokens
        .iter()
        .map(|token| {
            let day = |moment: DateTime<Utc>| at(moment).chars().take(10).collect::<String>();
            let state = match token.revoked_at {
                Some(at) => format!("{} {}", language.pick("thu hồi", "revoked"), day(at)),
                None => format!("{} {}", language.pick("đến", "until"), day(token.expires_at)),
            };
            [token.id.to_string(), token.label.clone(), token.scopes.join(","), day(token.used_at), state]
        })
        .collect();
    let headings: [Bilingual; 5] = [
        ("Số", "Id").into(),
        ("Việc", "Label").into(),
        ("Được làm", "May").into(),
        ("Dùng lần cuối", "Last used").into(),
        ("Hiệu lực", "Holds").into(),
    ];
    print(
        rows.is_empty(),
        ("tài khoản này chưa có mã API", "this account has no API token"),
        &table(headings, &rows, language),
    );
    Ok(())
}

/// When accounts were looked through last, and when they are to be again.
pub(super) async fn reviewed(change: &mut PgConnection) -> Result<(), sqlx::Error> {
    let review = review::last(&mut *change).await?;
    let last = match (review.at, review.by_whom) {
        (Some(moment), Some(whom)) => Bilingual::new(
            format!("rà soát tài khoản lần cuối: {}, {whom}", at(moment)),
            format!("accounts were reviewed last on {}, by {whom}", at(moment)),
        ),
        _ => ("chưa rà soát tài khoản lần nào", "accounts have never been reviewed").into(),
    };
    let due = review.due_at.map(at).unwrap_or_default();
    let next = match (due.is_empty(), review.overdue) {
        (true, _) => Bilingual::same(""),
        (_, true) => Bilingual::new(format!("; QUÁ HẠN từ {due}"), format!("; OVERDUE since {due}")),
        _ => Bilingual::new(format!("; lần sau trước {due}"), format!("; next before {due}")),
    };
    shell::say((format!("{}{}", last.vi, next.vi), format!("{}{}", last.en, next.en)));
    Ok(())
}
