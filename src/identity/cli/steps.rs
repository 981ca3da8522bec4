//! What `dothi user` does with people; each step says what it did.

use anyhow::ensure;
use sqlx::PgConnection;
use uuid::Uuid;

use super::super::rights::{Action, Role};
use super::super::{outbox, own_store, password, people_store, second, secret, store};
use crate::bilingual::Bilingual;
use crate::config::Config;
use crate::mail::MailConfig;
use crate::shell::{Language, Said, Says as _};

/// What is kept of a change names who sat at the shell, as far as the system says.
pub(super) async fn in_the_name_of_the_shell(change: &mut PgConnection) -> Result<(), sqlx::Error> {
    let user = ["SUDO_USER", "USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok());
    let user = user.filter(|user| !user.is_empty() && !user.contains('\0'));
    let Some(user) = user else { return Ok(()) };
    let set = sqlx::query("SELECT set_config('dothi.actor', $1, true)").bind(format!("shell:{user}"));
    set.execute(change).await.map(|_| ())
}

/// The person of an open account.
pub(super) async fn person(change: &mut PgConnection, account: &str) -> anyhow::Result<Uuid> {
    let found = sqlx::query_scalar("SELECT id FROM identity.person WHERE account = $1 AND disabled_at IS NULL");
    found.bind(account).fetch_optional(change).await?.says(|| {
        (
            format!("không có tài khoản đang mở {account:?}; dothi user list liệt kê các tài khoản"),
            format!("there is no open account {account:?}; dothi user list shows them"),
        )
    })
}

pub(super) async fn add(
    change: &mut PgConnection,
    account: &str,
    name: &str,
    from_input: bool,
) -> anyhow::Result<Uuid> {
    is_account(account)?;
    is_name(name)?;
    let person = people_store::add(&mut *change, account, name)
        .await?
        .says(|| (format!("đã có tài khoản {account:?}"), format!("the account {account:?} exists already")))?;
    set_password(change, person, account, from_input).await?;
    Ok(person)
}

/// The table holds to it too; here it is said in words.
fn is_account(account: &str) -> Result<(), Said> {
    let is_plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "._-".contains(letter);
    let begins = account.starts_with(|first: char| first.is_ascii_lowercase());
    if begins && (2..=40).contains(&account.len()) && account.chars().all(is_plain) {
        return Ok(());
    }
    Err(Said::new(
        format!("tài khoản {account:?}: 2 đến 40 chữ thường không dấu, chữ số, . _ -, bắt đầu bằng chữ"),
        format!("account {account:?}: 2 to 40 small letters, digits, . _ -, a letter first"),
    ))
}

fn is_name(name: &str) -> Result<(), Said> {
    if !name.trim().is_empty() && name.chars().count() <= 200 && !name.contains('\0') {
        return Ok(());
    }
    Err(Said::new("họ tên: từ 1 đến 200 chữ", "name: 1 to 200 letters"))
}

pub(super) async fn rename(change: &mut PgConnection, account: &str, name: &str) -> anyhow::Result<Bilingual> {
    is_name(name)?;
    let person = person(change, account).await?;
    let name = name.trim();
    people_store::rename(change, person, name).await?;
    Ok(Bilingual::new(format!("{account} nay tên là {name}"), format!("{account} is named {name} now")))
}

pub(super) async fn grant(
    change: &mut PgConnection,
    account: &str,
    role: Role,
    units: Vec<String>,
) -> anyhow::Result<Bilingual> {
    let person = person(change, account).await?;
    let unknown = store::unknown_units(change, &units).await?.join(", ");
    ensure!(
        unknown.is_empty(),
        Said::new(
            format!(
                "hiện không có xã, phường mang mã {unknown}; danh sách: SELECT code, name FROM gis.admin_unit WHERE level = 2; \
                 gis.admin_unit_change nói các đơn vị cũ nay thành gì"
            ),
            format!(
                "no commune of today has the code {unknown}; `SELECT code, name FROM gis.admin_unit WHERE level = 2` lists them, \
                 and gis.admin_unit_change says what became of former ones"
            ),
        )
    );
    let places = units.join(", ");
    people_store::give(change, person, role, (!units.is_empty()).then_some(units)).await?;
    Ok(if places.is_empty() {
        Bilingual::new(
            format!("{account} nay là {role}, toàn thành phố"),
            format!("{account} is {role} now, everywhere"),
        )
    } else {
        Bilingual::new(format!("{account} nay là {role} ở {places}"), format!("{account} is {role} now in {places}"))
    })
}

pub(super) async fn revoke(change: &mut PgConnection, account: &str, role: Role) -> anyhow::Result<Bilingual> {
    let person = person(change, account).await?;
    ensure!(
        people_store::take(change, person, role).await?,
        Said::new(format!("{account} không có vai trò {role}"), format!("{account} is no {role}"))
    );
    Ok(Bilingual::new(format!("{account} không còn là {role}"), format!("{account} is no {role} any more")))
}

/// Takes the password from standard input, or makes one and prints it: alone on standard output, so that it can be piped.
pub(super) async fn set_password(
    change: &mut PgConnection,
    person: Uuid,
    account: &str,
    from_input: bool,
) -> anyhow::Result<()> {
    let password = if from_input {
        let mut line = String::new();
        let read = std::io::stdin().read_line(&mut line);
        read.says(|| ("không đọc được mật khẩu từ đầu vào", "reading the password"))?;
        line.trim_end_matches(['\r', '\n']).to_owned()
    } else {
        secret::random()[..24].to_owned()
    };
    password::set(change, person, password.clone()).await.map_err(Said::from)?;
    if !from_input {
        println!("{password}");
        let vi = format!("mật khẩu của {account}, chỉ hiện lần này");
        let en = format!("the password of {account}, shown this once");
        eprintln!("{}", Language::of_shell().pick(&vi, &en));
    }
    Ok(())
}

pub(super) async fn mail(
    change: &mut PgConnection,
    account: &str,
    address: Option<String>,
) -> anyhow::Result<Bilingual> {
    let person = person(change, account).await?;
    people_store::set_mail(change, person, address.as_deref()).await.map_err(is_free)?;
    Ok(match address {
        Some(address) => Bilingual::new(
            format!("thư của {account} nay gửi đến {address}"),
            format!("mail of {account} goes to {address} now"),
        ),
        None => {
            Bilingual::new(format!("{account} không còn địa chỉ thư"), format!("{account} has no mail address now"))
        }
    })
}

/// Two people with one address would get each other's links.
pub(super) fn is_free(error: sqlx::Error) -> anyhow::Error {
    let is_taken = error.as_database_error().is_some_and(|refused| refused.constraint() == Some("person_mail_unique"));
    if !is_taken {
        return error.into();
    }
    Said::new("tài khoản khác đã có địa chỉ thư này", "another account has this mail address").into()
}

/// Puts the mail into the outbox. A server that runs with the same settings sends it.
pub(super) async fn invite_by_mail(
    change: &mut PgConnection,
    account: &str,
    config: &Config,
) -> anyhow::Result<Bilingual> {
    let person = person(change, account).await?;
    let MailConfig { host, .. } = config.mail.as_ref().says(|| {
        (
            "chưa cài đặt thư: nêu mail.host, mail.sender, mail.site trong dothi.toml hoặc DOTHI_MAIL__HOST và các biến cùng nhóm",
            "no mail is set up: give mail.host, mail.sender and mail.site in dothi.toml or DOTHI_MAIL__HOST and its kin",
        )
    })?;
    let address = people_store::mail(change, person).await?.says(|| {
        (
            format!("{account} chưa có địa chỉ thư: đặt bằng dothi user mail {account} ĐỊA_CHỈ"),
            format!("{account} has no mail address: `dothi user mail {account} ADDRESS` sets it"),
        )
    })?;
    outbox::invite(change, person).await?;
    Ok(Bilingual::new(
        format!("chờ gửi qua {host}, đến {address}; dothi user mails và /admin nói khi nào đã gửi"),
        format!("waits for {host}, to {address}; dothi user mails and /admin say when it was sent"),
    ))
}

pub(super) async fn end_sessions(change: &mut PgConnection, account: &str) -> anyhow::Result<Bilingual> {
    let person = person(change, account).await?;
    people_store::end_sessions(change, person).await?;
    Ok(Bilingual::new(
        format!("đã kết thúc mọi phiên của {account}; mật khẩu và mã API còn nguyên"),
        format!("all sessions of {account} ended; password and API tokens stay"),
    ))
}

pub(super) async fn disable(change: &mut PgConnection, account: &str) -> anyhow::Result<Bilingual> {
    let person = person(change, account).await?;
    people_store::disable(change, person).await?;
    Ok(Bilingual::new(
        format!("đã khóa {account}, kết thúc các phiên và mã API; mở lại: dothi user enable {account}"),
        format!("{account} closed, its sessions and API tokens ended; open it again: dothi user enable {account}"),
    ))
}

pub(super) async fn enable(change: &mut PgConnection, account: &str) -> anyhow::Result<Bilingual> {
    let opened = sqlx::query(
        "UPDATE identity.person SET disabled_at = NULL, seen_at = now() WHERE account = $1 AND disabled_at IS NOT NULL",
    );
    let opened = opened.bind(account).execute(change).await?;
    ensure!(
        opened.rows_affected() > 0,
        Said::new(
            format!("không có tài khoản đã khóa {account:?}; tài khoản đang ngủ thì thức dậy bằng dothi user password"),
            format!("there is no closed account {account:?}; one that sleeps is woken by dothi user password"),
        )
    );
    Ok(Bilingual::new(format!("đã mở lại {account}"), format!("{account} is open again")))
}

pub(super) async fn reset_second_factor(change: &mut PgConnection, account: &str) -> anyhow::Result<Bilingual> {
    let person = person(change, account).await?;
    people_store::reset_second_factor(change, person).await?;
    people_store::end_sessions(change, person).await?;
    Ok(Bilingual::new(
        format!("đã bỏ lớp xác thực thứ hai của {account} và kết thúc các phiên"),
        format!("the second factor of {account} is gone, and the sessions ended"),
    ))
}

pub(super) async fn revoke_token(change: &mut PgConnection, account: &str, id: Uuid) -> anyhow::Result<Bilingual> {
    let person = person(change, account).await?;
    ensure!(
        own_store::revoke_token(change, person, id).await?,
        Said::new(
            format!("{account} không có mã {id} còn hiệu lực; dothi user token list {account} liệt kê các mã"),
            format!("{account} has no token {id} that holds; dothi user token list {account} shows them"),
        )
    );
    Ok(Bilingual::new(format!("đã thu hồi mã {id}"), format!("token {id} revoked")))
}

/// Makes a token and prints it, alone on standard output.
pub(super) async fn token(
    change: &mut PgConnection,
    account: &str,
    label: Option<String>,
    scopes: &[Action],
    days: i32,
) -> anyhow::Result<()> {
    let person = person(change, account).await?;
    let token = secret::random();
    sqlx::query(
        "INSERT INTO identity.api_token (hash, person, label, scopes, expires_at)
         VALUES ($1, $2, $3, $4, now() + make_interval(days => $5))",
    )
    .bind(secret::digest(&token))
    .bind(person)
    .bind(label)
    .bind(scopes.iter().map(|scope| scope.code()).collect::<Vec<_>>())
    .bind(days)
    .execute(&mut *change)
    .await?;
    let roles: Vec<String> = sqlx::query_scalar("SELECT DISTINCT role FROM identity.given WHERE person = $1")
        .bind(person)
        .fetch_all(change)
        .await?;
    let needs = |role: &&String| Role::from_code(role).is_some_and(second::is_required_of);
    let needing: Vec<&str> = roles.iter().filter(needs).map(String::as_str).collect();
    println!("{token}");
    if !needing.is_empty() {
        let roles = needing.join(", ");
        let vi = format!("Mã này không mang quyền của vai trò cần xác thực hai lớp ({roles}).");
        let en = format!("It carries no right of a role that needs a second factor ({roles}).");
        eprintln!("{}", Language::of_shell().pick(&vi, &en));
    }
    Ok(())
}
