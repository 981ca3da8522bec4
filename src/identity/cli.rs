//! `dothi user`: people and their rights from the shell, as the owner of the tables.

use std::process::ExitCode;

use anyhow::Context as _;
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

use super::rights::{Action, Role};
use super::{link, link_store, outbox, own_store, password, people_store, secret, store};
use crate::config::Config;
use crate::database::Database;
use crate::mail::{self, MailConfig};

/// What `dothi user` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand, Debug)]
enum What {
    /// Makes an account and prints its first password, once.
    Add {
        /// The word to sign in with: small letters, digits, . _ -
        account: String,
        /// Họ tên: the person's name.
        #[arg(long)]
        name: String,
        /// Where to write to them.
        #[arg(long, value_parser = mail_address)]
        mail: Option<String>,
        /// Reads the password from standard input (one line) instead of making one.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Lists accounts with their roles.
    List,
    /// Gives a role, everywhere or in the units named; a second time the units are replaced.
    Grant {
        /// The account.
        account: String,
        /// The role.
        #[arg(value_parser = role)]
        role: Role,
        /// Codes of administrative units; everywhere without it.
        #[arg(long, value_delimiter = ',')]
        units: Vec<String>,
    },
    /// Takes a role away; it holds from the next request on.
    Revoke {
        /// The account.
        account: String,
        /// The role.
        #[arg(value_parser = role)]
        role: Role,
    },
    /// Sets a new password, wakes a sleeping account, and ends its sessions.
    Password {
        /// The account.
        account: String,
        /// Reads the password from standard input (one line) instead of making one.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Sets the mail address of somebody, or takes it away; links that went to the one before end.
    Mail {
        /// The account.
        account: String,
        /// The address; without one there is none from now on.
        #[arg(value_parser = mail_address)]
        address: Option<String>,
    },
    /// Prints a link with which somebody sets a password, once: new here, or having forgotten it.
    #[command(visible_alias = "recover")]
    Invite {
        /// The account.
        account: String,
        /// Hours that the link is good for.
        #[arg(long, default_value_t = link::HOURS, value_parser = clap::value_parser!(i32).range(1..=168))]
        hours: i32,
        /// The address that people reach this server at; where it listens, unless told.
        #[arg(long)]
        site: Option<String>,
        /// Sends the link by mail instead, for a day; the running server does that.
        #[arg(long, conflicts_with_all = ["hours", "site"])]
        by_mail: bool,
    },
    /// Closes an account, its sessions and its tokens.
    Disable {
        /// The account.
        account: String,
    },
    /// Opens a closed account again, without its roles' sessions and tokens of before.
    Enable {
        /// The account.
        account: String,
    },
    /// Takes the second factor away, for who lost it; the next session has to get a new one where a role needs it.
    ResetSecondFactor {
        /// The account.
        account: String,
    },
    /// Makes an API token and prints it, once; `list` and `revoke` those that are there.
    #[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
    Token(TokenArgs),
}

#[derive(clap::Args, Debug)]
struct TokenArgs {
    #[command(subcommand)]
    what: Option<TokenWhat>,
    /// The account in whose name it acts.
    #[arg(required = true)]
    account: Option<String>,
    /// What it is for.
    #[arg(long, required = true)]
    label: Option<String>,
    /// What it may do, of what the account may.
    #[arg(long, required = true, value_delimiter = ',', value_parser = action)]
    scopes: Vec<Action>,
    /// Days until it ends.
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(i32).range(1..=366))]
    days: i32,
}

#[derive(clap::Subcommand, Debug)]
enum TokenWhat {
    /// Lists the tokens of an account.
    List {
        /// The account.
        account: String,
    },
    /// Ends one token, at once.
    Revoke {
        /// The account.
        account: String,
        /// The token's id, as `list` says it.
        id: Uuid,
    },
}

fn role(word: &str) -> Result<Role, String> {
    let known = Role::from_code(word).filter(|role| *role != Role::Public);
    known.ok_or_else(|| {
        format!("one of {}", Role::ALL[1..].iter().map(|role| role.code()).collect::<Vec<_>>().join(", "))
    })
}

fn mail_address(typed: &str) -> Result<String, String> {
    mail::address(typed).ok_or_else(|| "a mail address such as lan@phuong.example.vn".to_owned())
}

fn action(word: &str) -> Result<Action, String> {
    let all = || Action::ALL.iter().map(|action| action.code()).collect::<Vec<_>>().join(", ");
    Action::from_code(word).ok_or_else(|| format!("one of {}", all()))
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
    match what {
        What::Add { account, name, mail, password_stdin } => {
            let person = add(&mut change, &account, &name, password_stdin).await?;
            people_store::set_mail(&mut change, person, mail.as_deref()).await.map_err(is_free)?;
        }
        What::List => list(&mut change).await?,
        What::Grant { account, role, units } => {
            let person = person(&mut change, &account).await?;
            let unknown = store::unknown_units(&mut change, &units).await?;
            anyhow::ensure!(
                unknown.is_empty(),
                "no commune of today has the code {}; `SELECT code, name FROM gis.admin_unit WHERE level = 2` lists them, and \
                 gis.admin_unit_change says what became of former ones",
                unknown.join(", ")
            );
            sqlx::query(
                "INSERT INTO identity.given (person, role, units) VALUES ($1, $2, nullif($3::text[], '{}'))
                 ON CONFLICT (person, role) DO UPDATE SET units = excluded.units, given_at = now(), given_by = gis.actor()",
            )
            .bind(person)
            .bind(role.code())
            .bind(units)
            .execute(&mut *change)
            .await?;
        }
        What::Revoke { account, role } => {
            let person = person(&mut change, &account).await?;
            let taken = sqlx::query("DELETE FROM identity.given WHERE person = $1 AND role = $2");
            let taken = taken.bind(person).bind(role.code()).execute(&mut *change).await?;
            anyhow::ensure!(taken.rows_affected() > 0, "{account} is no {role}");
        }
        What::Password { account, password_stdin } => {
            let person = person(&mut change, &account).await?;
            set_password(&mut change, person, password_stdin).await?;
            end_all(&mut change, person, "UPDATE identity.person SET seen_at = now() WHERE id = $1").await?;
        }
        What::Mail { account, address } => {
            let person = person(&mut change, &account).await?;
            people_store::set_mail(&mut change, person, address.as_deref()).await.map_err(is_free)?;
        }
        What::Invite { account, by_mail: true, .. } => invite_by_mail(&mut change, &account, config).await?,
        What::Invite { account, hours, site, by_mail: false } => {
            let person = person(&mut change, &account).await?;
            let (token, _) = link_store::make(&mut change, person, hours).await?;
            let here = || {
                config.mail.as_ref().map_or_else(|| format!("http://{}", config.listen), |mail| mail.site.to_string())
            };
            let site = site.unwrap_or_else(here);
            change.commit().await?;
            println!("{}{}", site.trim_end_matches('/'), link::path(&token));
            return Ok(());
        }
        What::Disable { account } => {
            let person = person(&mut change, &account).await?;
            end_all(&mut change, person, "UPDATE identity.person SET disabled_at = now() WHERE id = $1").await?;
            let tokens = "UPDATE identity.api_token SET revoked_at = now() WHERE person = $1 AND revoked_at IS NULL";
            sqlx::query(tokens).bind(person).execute(&mut *change).await?;
        }
        What::Enable { account } => {
            let opened = sqlx::query(
                "UPDATE identity.person SET disabled_at = NULL, seen_at = now() WHERE account = $1 AND disabled_at IS NOT NULL",
            );
            let opened = opened.bind(&account).execute(&mut *change).await?;
            anyhow::ensure!(opened.rows_affected() > 0, "there is no closed account {account:?}");
        }
        What::ResetSecondFactor { account } => {
            let person = person(&mut change, &account).await?;
            end_all(&mut change, person, "DELETE FROM identity.second_factor WHERE person = $1").await?;
            sqlx::query("DELETE FROM identity.recovery_code WHERE person = $1")
                .bind(person)
                .execute(&mut *change)
                .await?;
        }
        What::Token(args) => token(&mut change, args).await?,
    }
    change.commit().await?;
    Ok(())
}

/// Puts the mail into the outbox. A server that runs with the same settings sends it.
async fn invite_by_mail(change: &mut PgConnection, account: &str, config: &Config) -> anyhow::Result<()> {
    let person = person(change, account).await?;
    let MailConfig { host, .. } = config.mail.as_ref().context(
        "no mail is set up: give mail.host, mail.sender and mail.site in dothi.toml or DOTHI_MAIL__HOST and its kin",
    )?;
    let address = people_store::mail(change, person).await?;
    let address = address
        .with_context(|| format!("{account} has no mail address: `dothi user mail {account} ADDRESS` sets it"))?;
    outbox::invite(change, person).await?;
    println!("waits for {host}, to {address}; /admin says when it was sent");
    Ok(())
}

/// Two people with one address would get each other's links.
fn is_free(error: sqlx::Error) -> anyhow::Error {
    let is_taken = error.as_database_error().is_some_and(|refused| refused.constraint() == Some("person_mail_unique"));
    if is_taken { anyhow::anyhow!("another account has this mail address") } else { error.into() }
}

async fn token(change: &mut PgConnection, args: TokenArgs) -> anyhow::Result<()> {
    match args.what {
        Some(TokenWhat::List { account }) => {
            let person = person(change, &account).await?;
            for token in own_store::tokens(&mut *change, person).await? {
                let state = match token.revoked_at {
                    Some(at) => format!("revoked {}", at.date_naive()),
                    None => format!("until {}", token.expires_at.date_naive()),
                };
                let used = token.used_at.date_naive();
                println!("{}\t{}\t{}\tused {used}\t{state}", token.id, token.label, token.scopes.join(","));
            }
        }
        Some(TokenWhat::Revoke { account, id }) => {
            let person = person(change, &account).await?;
            let revoked = own_store::revoke_token(change, person, id).await?;
            anyhow::ensure!(revoked, "{account} has no token {id} that holds");
        }
        None => {
            let account = args.account.context("whose token?")?;
            let person = person(change, &account).await?;
            let token = secret::random();
            sqlx::query(
                "INSERT INTO identity.api_token (hash, person, label, scopes, expires_at)
                 VALUES ($1, $2, $3, $4, now() + make_interval(days => $5))",
            )
            .bind(secret::digest(&token))
            .bind(person)
            .bind(args.label)
            .bind(args.scopes.iter().map(|scope| scope.code()).collect::<Vec<_>>())
            .bind(args.days)
            .execute(change)
            .await?;
            println!("{token}");
        }
    }
    Ok(())
}

async fn person(change: &mut PgConnection, account: &str) -> anyhow::Result<Uuid> {
    let found = sqlx::query_scalar("SELECT id FROM identity.person WHERE account = $1 AND disabled_at IS NULL");
    found.bind(account).fetch_optional(change).await?.with_context(|| format!("there is no open account {account:?}"))
}

async fn add(change: &mut PgConnection, account: &str, name: &str, from_input: bool) -> anyhow::Result<Uuid> {
    let made = sqlx::query_scalar(
        "INSERT INTO identity.person (account, name) VALUES ($1, $2) ON CONFLICT (account) DO NOTHING RETURNING id",
    );
    let made: Option<Uuid> = made.bind(account).bind(name).fetch_optional(&mut *change).await?;
    let person = made.with_context(|| format!("the account {account:?} exists already"))?;
    set_password(change, person, from_input).await?;
    Ok(person)
}

async fn list(change: &mut PgConnection) -> anyhow::Result<()> {
    let people: Vec<(String, String, Option<String>, bool, String)> = sqlx::query_as(
        "SELECT account, name, mail, disabled_at IS NOT NULL, coalesce(string_agg(role || coalesce(' (' || array_to_string(units, ' ') || ')', ''), ', ' ORDER BY role), '')
         FROM identity.person LEFT JOIN identity.given ON given.person = person.id GROUP BY person.id ORDER BY account",
    )
    .fetch_all(change)
    .await?;
    for (account, name, mail, is_disabled, roles) in people {
        let mail = mail.map_or_else(String::new, |mail| format!("\t{mail}"));
        println!("{account}\t{name}\t{}{roles}{mail}", if is_disabled { "disabled " } else { "" });
    }
    Ok(())
}

/// Takes the password from standard input, or makes one and prints it.
async fn set_password(change: &mut PgConnection, person: Uuid, from_input: bool) -> anyhow::Result<()> {
    let password = if from_input {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).context("reading the password")?;
        line.trim_end_matches(['\r', '\n']).to_owned()
    } else {
        let made = secret::random()[..24].to_owned();
        println!("{made}");
        made
    };
    Ok(password::set(change, person, password).await?)
}

/// Changes the person, and ends all their sessions.
async fn end_all(change: &mut PgConnection, person: Uuid, what: &'static str) -> anyhow::Result<()> {
    sqlx::query(what).bind(person).execute(&mut *change).await?;
    let sessions = "UPDATE identity.session SET ended_at = now() WHERE person = $1 AND ended_at IS NULL";
    sqlx::query(sessions).bind(person).execute(change).await?;
    Ok(())
}
