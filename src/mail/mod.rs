//! Letters by SMTP: how one looks, where it is handed in, and why it was not taken. Who gets which letter is no matter of
//! this room.

mod settings;

use std::time::Duration;

use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{self, AsyncSmtpTransport};
use lettre::{Address, AsyncTransport as _, Message, Tokio1Executor};
use thiserror::Error;
use uuid::Uuid;

pub use settings::{Hidden, MailConfig, Sender, Site, Tls};

/// One letter in plain text.
pub struct Letter {
    /// The same each time it is tried: a mailbox that got it twice may show it once.
    pub id: Uuid,
    /// The address.
    pub to: String,
    /// One line.
    pub subject: String,
    /// What it says.
    pub text: String,
}

/// Why a letter was not taken.
#[derive(Debug, Error)]
pub enum NotSent {
    /// Nobody can be written to there.
    #[error("{0:?} is no mail address")]
    Address(String),
    /// The letter cannot be put into words that mail knows.
    #[error("writing the letter: {0}")]
    Letter(String),
    /// The file of the password.
    #[error("the password of the mail server cannot be read: {0}")]
    Password(#[from] std::io::Error),
    /// No connection, no TLS, or no answer in time.
    #[error("the mail server is not reached: {0}")]
    Unreachable(String),
    /// User or password.
    #[error("the mail server takes neither user nor password: {0}")]
    Login(String),
    /// It asks to come again.
    #[error("the mail server puts it off: {0}")]
    PutOff(String),
    /// It will not take this letter.
    #[error("the mail server refuses it: {0}")]
    Refused(String),
}

impl NotSent {
    /// Why not, for people; what the mail server said stays in its own words.
    pub fn text(&self) -> crate::bilingual::Bilingual {
        let vi = match self {
            Self::Address(address) => format!("{address:?} không phải địa chỉ thư"),
            Self::Letter(why) => format!("không viết được thư: {why}"),
            Self::Password(_) => "không đọc được mật khẩu của máy chủ thư".to_owned(),
            Self::Unreachable(why) => format!("không đến được máy chủ thư: {why}"),
            Self::Login(why) => format!("máy chủ thư không nhận người dùng và mật khẩu: {why}"),
            Self::PutOff(why) => format!("máy chủ thư hẹn lại: {why}"),
            Self::Refused(why) => format!("máy chủ thư từ chối: {why}"),
        };
        (vi, self.to_string()).into()
    }

    /// The word for it in the database and in answers.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Address(_) => "address",
            Self::Letter(_) => "letter",
            Self::Password(_) => "password",
            Self::Unreachable(_) => "unreachable",
            Self::Login(_) => "login",
            Self::PutOff(_) => "put_off",
            Self::Refused(_) => "refused",
        }
    }

    /// Is there no use in trying again? What the operator can mend is tried again.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Address(_) | Self::Letter(_) | Self::Refused(_))
    }
}

impl From<smtp::Error> for NotSent {
    fn from(error: smtp::Error) -> Self {
        // What a foreign server says goes into a table and onto a page.
        let words: String = error.to_string().chars().filter(|letter| !letter.is_control()).take(300).collect();
        match error.status().map(|code| code.to_string()) {
            // Replies about who one is (RFC 4954, 6): the letter itself is fine.
            Some(code) if code.starts_with("53") => Self::Login(words),
            Some(code) if code.starts_with('5') => Self::Refused(words),
            Some(_) => Self::PutOff(words),
            None => Self::Unreachable(words),
        }
    }
}

/// An address as it is kept, in small letters; nothing when nobody can be written to there.
pub fn address(typed: &str) -> Option<String> {
    let typed = typed.trim().to_lowercase();
    let is_address = typed.is_ascii() && typed.len() <= 254 && typed.parse::<Address>().is_ok();
    // Quoted and bracketed forms exist on paper; whoever types one means something else.
    (is_address && !typed.contains(['"', '[', '`', '\\'])).then_some(typed)
}

/// A letter is taken within this time, or not now.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Hands a letter in.
///
/// # Errors
/// [`NotSent`], which says why and whether to try again.
pub async fn send(config: &MailConfig, letter: Letter) -> Result<(), NotSent> {
    let message = message(config, letter)?;
    let transport = transport(config)?;
    in_time(transport.send(message)).await.map(|_| ())
}

/// Asks the mail server whether it is there and knows us.
///
/// # Errors
/// As [`send`].
pub async fn greet(config: &MailConfig) -> Result<(), NotSent> {
    let is_there = in_time(transport(config)?.test_connection()).await?;
    is_there.then_some(()).ok_or_else(|| NotSent::Unreachable("it hangs up".to_owned()))
}

async fn in_time<T>(asked: impl Future<Output = Result<T, smtp::Error>>) -> Result<T, NotSent> {
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(answered) => Ok(answered?),
        Err(_) => Err(NotSent::Unreachable(format!("no answer within {} s", PATIENCE.as_secs()))),
    }
}

fn transport(config: &MailConfig) -> Result<AsyncSmtpTransport<Tokio1Executor>, NotSent> {
    let builder = match config.tls {
        Tls::Starttls => AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(&config.host)?,
        Tls::Tls => AsyncSmtpTransport::<Tokio1Executor>::relay(&config.host)?,
        Tls::None => AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&config.host),
    };
    let builder = builder
        .port(config.port())
        .timeout(Some(PATIENCE))
        .hello_name(ClientId::Domain(config.sender.0.email.domain().to_owned()));
    Ok(match (&config.user, config.password()?) {
        (Some(user), Some(password)) => builder.credentials(Credentials::new(user.clone(), password)).build(),
        _ => builder.build(),
    })
}

fn message(config: &MailConfig, letter: Letter) -> Result<Message, NotSent> {
    let to = letter.to.parse::<Address>().map_err(|_| NotSent::Address(letter.to.clone()))?;
    let domain = config.sender.0.email.domain();
    // Out-of-office answers to a machine help nobody (RFC 3834).
    let automatic = HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
    let body = Body::new_with_encoding(letter.text, ContentTransferEncoding::QuotedPrintable)
        .map_err(|_| NotSent::Letter("quoted-printable".to_owned()))?;
    Message::builder()
        .from(config.sender.0.clone())
        .to(Mailbox::new(None, to))
        .subject(letter.subject)
        .message_id(Some(format!("<{}@{domain}>", letter.id)))
        .raw_header(automatic)
        .header(ContentType::TEXT_PLAIN)
        .body(body)
        .map_err(|error| NotSent::Letter(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_kept_in_small_letters_or_not_at_all() {
        assert_eq!(address(" Lan.Tran@Phuong.Example ").as_deref(), Some("lan.tran@phuong.example"));
        for wrong in [
            "",
            "lan",
            "lan@",
            "@phuong.example",
            "lan@a@b",
            "lan tran@b.example",
            "lan@b.example\r\nBcc: x@y",
            "trần@b.example",
        ] {
            assert_eq!(address(wrong), None, "{wrong:?}");
        }
    }
}
