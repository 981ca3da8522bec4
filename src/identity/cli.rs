//! `dothi user`: people and their rights from the shell, as the owner of the tables.

mod lists;
mod steps;

use std::process::ExitCode;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use sqlx::Connection as _;
use uuid::Uuid;

use super::rights::{Action, Role};
use super::{link, link_store, people_store, review};
use crate::config::Config;
use crate::database::Database;
use crate::mail;
use crate::shell::{self, Language, Says as _};

/// What `dothi user` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand, Debug)]
enum What {
    /// Lập tài khoản và in mật khẩu đầu tiên, một lần. | Makes an account and prints its first password, once.
    Add {
        /// Tên đăng nhập: chữ thường không dấu, chữ số, . _ - | The word to sign in with: small letters, digits, . _ -
        account: String,
        /// Họ tên. | The person's name.
        #[arg(long)]
        name: String,
        /// Địa chỉ thư. | Where to write to them.
        #[arg(long, value_parser = mail_address)]
        mail: Option<String>,
        /// Đọc mật khẩu từ đầu vào (một dòng) thay vì tự tạo. | Reads the password from standard input (one line) instead of
        /// making one.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Liệt kê tài khoản: vai trò, xác thực hai lớp, lần dùng cuối. | Lists accounts: roles, second factor, last seen.
    List,
    /// Đổi họ tên. | Changes the person's name.
    Rename {
        /// Tài khoản. | The account.
        account: String,
        /// Họ tên mới. | The new name.
        name: String,
    },
    /// Giao vai trò, toàn thành phố hoặc ở các xã, phường nêu tên; lần sau thay lần trước. | Gives a role, everywhere or in the
    /// units named; a second time the units are replaced.
    Grant {
        /// Tài khoản. | The account.
        account: String,
        /// Vai trò. | The role.
        #[arg(value_parser = roles())]
        role: Role,
        /// Mã các xã, phường; không nêu: toàn thành phố. | Codes of administrative units; everywhere without it.
        #[arg(long, value_delimiter = ',')]
        units: Vec<String>,
    },
    /// Rút vai trò; có hiệu lực từ yêu cầu kế tiếp. | Takes a role away; it holds from the next request on.
    Revoke {
        /// Tài khoản. | The account.
        account: String,
        /// Vai trò. | The role.
        #[arg(value_parser = roles())]
        role: Role,
    },
    /// Đặt mật khẩu mới, đánh thức tài khoản đang ngủ, kết thúc các phiên. | Sets a new password, wakes a sleeping account, and
    /// ends its sessions.
    Password {
        /// Tài khoản. | The account.
        account: String,
        /// Đọc mật khẩu từ đầu vào (một dòng) thay vì tự tạo. | Reads the password from standard input (one line) instead of
        /// making one.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Đặt hoặc bỏ địa chỉ thư; đường dẫn đã gửi đến địa chỉ cũ hết hiệu lực. | Sets the mail address of somebody, or takes it
    /// away; links that went to the one before end.
    Mail {
        /// Tài khoản. | The account.
        account: String,
        /// Địa chỉ; để trống: từ nay không có. | The address; without one there is none from now on.
        #[arg(value_parser = mail_address)]
        address: Option<String>,
    },
    /// In đường dẫn để tự đặt mật khẩu, dùng một lần: người mới, hoặc người quên (còn gọi: recover). | Prints a link with which
    /// somebody sets a password, once: new here, or having forgotten it (also: recover).
    #[command(alias = "recover")]
    Invite {
        /// Tài khoản. | The account.
        account: String,
        /// Số giờ đường dẫn còn dùng được. | Hours that the link is good for.
        #[arg(long, default_value_t = link::HOURS, value_parser = shell::whole_number(1, 168))]
        hours: i32,
        /// Địa chỉ mà mọi người mở máy chủ này; mặc định: nơi nó nghe. | The address that people reach this server at; where it
        /// listens, unless told.
        #[arg(long)]
        site: Option<String>,
        /// Gửi đường dẫn bằng thư, dùng trong một ngày; máy chủ đang chạy sẽ gửi. | Sends the link by mail instead, for a day;
        /// the running server does that.
        #[arg(long, conflicts_with_all = ["hours", "site"])]
        by_mail: bool,
    },
    /// Kết thúc mọi phiên đăng nhập của một người; họ đăng nhập lại được. | Ends all sessions of somebody; they may sign in
    /// again.
    EndSessions {
        /// Tài khoản. | The account.
        account: String,
    },
    /// Khóa tài khoản, kết thúc các phiên và mã API của nó. | Closes an account, its sessions and its tokens.
    Disable {
        /// Tài khoản. | The account.
        account: String,
    },
    /// Mở lại tài khoản đã khóa; phiên và mã API cũ không trở lại. | Opens a closed account again; its sessions and tokens of
    /// before do not come back.
    Enable {
        /// Tài khoản. | The account.
        account: String,
    },
    /// Bỏ lớp xác thực thứ hai của người làm mất; phiên sau phải lập lại nếu vai trò cần. | Takes the second factor away, for who
    /// lost it; the next session has to get a new one where a role needs it.
    ResetSecondFactor {
        /// Tài khoản. | The account.
        account: String,
    },
    /// Thư mời và thư quên mật khẩu trong 30 ngày: đang chờ, đã gửi, hay vì sao không. | Mails of the last 30 days: waiting,
    /// sent, or why not.
    Mails,
    /// Lần rà soát tài khoản gần nhất và hạn lần sau. | The last review of accounts, and when the next is due.
    Review {
        /// Ghi rằng tài khoản và vai trò vừa được rà soát. | Keeps that accounts and roles were looked through just now.
        #[arg(long)]
        done: bool,
    },
    /// Nhật ký tra cứu người: ai, lúc nào, vì sao. | The log of look-ups of persons: who, when and why.
    LookUps {
        /// Chỉ của tài khoản này. | Of this account alone.
        #[arg(long)]
        account: Option<String>,
        /// Nhiều nhất bao nhiêu dòng. | How many lines at most.
        #[arg(long, default_value_t = 100, value_parser = shell::whole_number(1_i64, 10_000))]
        most: i64,
    },
    /// Nhật ký tài khoản: ai đã đổi tài khoản, vai trò, mật khẩu, mã của ai, lúc nào. | The log of accounts: who changed whose
    /// account, roles, password or tokens, and when.
    Log {
        /// Chỉ của tài khoản này. | Of this account alone.
        #[arg(long)]
        account: Option<String>,
        /// Nhiều nhất bao nhiêu dòng. | How many lines at most.
        #[arg(long, default_value_t = 100, value_parser = shell::whole_number(1_i64, 10_000))]
        most: i64,
    },
    /// Lập mã API và in ra, một lần; list và revoke: xem và thu hồi. | Makes an API token and prints it, once; `list` and
    /// `revoke` those that are there.
    #[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
    Token(TokenArgs),
}

#[derive(clap::Args, Debug)]
struct TokenArgs {
    #[command(subcommand)]
    what: Option<TokenWhat>,
    /// Tài khoản mà mã đứng tên. | The account in whose name it acts.
    #[arg(required = true)]
    account: Option<String>,
    /// Dùng vào việc gì. | What it is for.
    #[arg(long, required = true)]
    label: Option<String>,
    /// Được làm gì, trong những gì tài khoản được làm. | What it may do, of what the account may.
    #[arg(long, required = true, value_delimiter = ',', value_parser = actions())]
    scopes: Vec<Action>,
    /// Số ngày đến khi hết hạn. | Days until it ends.
    #[arg(long, default_value_t = 90, value_parser = shell::whole_number(1, 366))]
    days: i32,
}

#[derive(clap::Subcommand, Debug)]
enum TokenWhat {
    /// Liệt kê mã API của một tài khoản. | Lists the tokens of an account.
    List {
        /// Tài khoản. | The account.
        account: String,
    },
    /// Thu hồi một mã, ngay lập tức. | Ends one token, at once.
    Revoke {
        /// Tài khoản. | The account.
        account: String,
        /// Số của mã, như list in ra. | The token's id, as `list` says it.
        id: Uuid,
    },
}

/// The roles that can be given; the help lists them.
fn roles() -> impl TypedValueParser<Value = Role> {
    let codes = Role::ALL.into_iter().filter(|role| *role != Role::Public).map(Role::code);
    PossibleValuesParser::new(codes).try_map(|word| Role::from_code(&word).ok_or("?"))
}

fn mail_address(typed: &str) -> Result<String, String> {
    let wanted = || {
        Language::of_shell().pick("cần một địa chỉ thư", "a mail address is needed").to_owned()
            + ": lan@phuong.example.vn"
    };
    mail::address(typed).ok_or_else(wanted)
}

fn actions() -> impl TypedValueParser<Value = Action> {
    let codes = Action::ALL.into_iter().map(Action::code);
    PossibleValuesParser::new(codes).try_map(|word| Action::from_code(&word).ok_or("?"))
}

/// Runs it.
///
/// # Errors
/// No database, no such account, or a password that the rules refuse.
pub async fn run(args: Args, config: Config) -> anyhow::Result<ExitCode> {
    let database = Database::open(&config).await?;
    let done = on_database(&database, args.what, &config).await;
    database.close().await;
    done.map(|()| ExitCode::SUCCESS)
}

async fn on_database(database: &Database, what: What, config: &Config) -> anyhow::Result<()> {
    database.migrate().await?;
    let mut owner = database.owner_connection().await?;
    let mut change = owner.begin().await?;
    steps::in_the_name_of_the_shell(&mut change).await?;
    let mut done = None;
    match what {
        What::Add { account, name, mail, password_stdin } => {
            let person = steps::add(&mut change, &account, &name, password_stdin).await?;
            people_store::set_mail(&mut change, person, mail.as_deref()).await.map_err(steps::is_free)?;
        }
        What::List => lists::people(&mut change).await?,
        What::Mails => lists::mails(&mut change).await?,
        What::LookUps { account, most } => lists::look_ups(&mut change, account, most).await?,
        What::Log { account, most } => lists::log(&mut change, account, most).await?,
        What::Review { done } => {
            if done {
                review::keep(&mut change).await?;
            }
            lists::reviewed(&mut change).await?;
        }
        What::Rename { account, name } => done = Some(steps::rename(&mut change, &account, &name).await?),
        What::Grant { account, role, units } => done = Some(steps::grant(&mut change, &account, role, units).await?),
        What::Revoke { account, role } => done = Some(steps::revoke(&mut change, &account, role).await?),
        What::Password { account, password_stdin } => {
            let person = steps::person(&mut change, &account).await?;
            steps::set_password(&mut change, person, &account, password_stdin).await?;
            people_store::wake(&mut change, person).await?;
            people_store::end_sessions(&mut change, person).await?;
        }
        What::Mail { account, address } => done = Some(steps::mail(&mut change, &account, address).await?),
        What::Invite { account, by_mail: true, .. } => {
            done = Some(steps::invite_by_mail(&mut change, &account, config).await?);
        }
        What::Invite { account, hours, site, by_mail: false } => {
            let person = steps::person(&mut change, &account).await?;
            let (token, _) = link_store::make(&mut change, person, hours).await?;
            let here = || {
                config.mail.as_ref().map_or_else(|| format!("http://{}", config.listen), |mail| mail.site.to_string())
            };
            let site = site.unwrap_or_else(here);
            change.commit().await?;
            println!("{}{}", site.trim_end_matches('/'), link::path(&token));
            return Ok(());
        }
        What::EndSessions { account } => done = Some(steps::end_sessions(&mut change, &account).await?),
        What::Disable { account } => done = Some(steps::disable(&mut change, &account).await?),
        What::Enable { account } => done = Some(steps::enable(&mut change, &account).await?),
        What::ResetSecondFactor { account } => {
            done = Some(steps::reset_second_factor(&mut change, &account).await?);
        }
        What::Token(TokenArgs { what: Some(TokenWhat::List { account }), .. }) => {
            let person = steps::person(&mut change, &account).await?;
            lists::tokens(&mut change, person).await?;
        }
        What::Token(TokenArgs { what: Some(TokenWhat::Revoke { account, id }), .. }) => {
            done = Some(steps::revoke_token(&mut change, &account, id).await?);
        }
        What::Token(TokenArgs { what: None, account, label, scopes, days }) => {
            let account = account.says(|| ("mã của ai?", "whose token?"))?;
            steps::token(&mut change, &account, label, &scopes, days).await?;
        }
    }
    change.commit().await?;
    if let Some(done) = done {
        shell::say(done);
    }
    Ok(())
}
