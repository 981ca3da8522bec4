//! Where mail is handed in, as the operator set it.

use std::fmt;
use std::path::PathBuf;

use lettre::message::Mailbox;
use serde::{Deserialize, Serialize};

use crate::bilingual::Bilingual;
use crate::shell::Language;

/// The mail server, who the mails are from, and where their links lead.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailConfig {
    /// Name or address of the mail server.
    pub host: String,
    /// Its port; without one that of `tls`.
    #[serde(default)]
    pub port: Option<u16>,
    /// How the connection is kept secret.
    #[serde(default)]
    pub tls: Tls,
    /// Who signs in there, where one has to.
    #[serde(default)]
    pub user: Option<String>,
    /// The password of `user`.
    #[serde(default)]
    pub password: Option<Hidden>,
    /// A file that holds that password instead; it is read before each mail.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// `Bản đồ đô thị <bando@phuong.example.vn>`.
    pub sender: Sender,
    /// The address that people reach this server at: `https://bando.phuong.example.vn`.
    pub site: Site,
}

/// How the connection to the mail server is kept secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tls {
    /// It begins in clear and is secret before anything is said, or nothing is said (port 587).
    #[default]
    Starttls,
    /// Secret from the first byte (port 465).
    Tls,
    /// In clear (port 25); for a mail server on this machine.
    None,
}

/// A secret that no log shows.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hidden(String);

impl fmt::Debug for Hidden {
    fn fmt(&self, into: &mut fmt::Formatter<'_>) -> fmt::Result {
        into.write_str("…")
    }
}

/// Who the mails are from.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sender(pub(super) Mailbox);

impl TryFrom<String> for Sender {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mailbox = text.parse().map_err(|_| {
            let wanted = ("không phải người gửi như", "is no sender such as");
            let wanted = Language::of_shell().pick(wanted.0, wanted.1);
            format!("{text:?} {wanted} \"Bản đồ <bando@phuong.example.vn>\"")
        })?;
        Ok(Self(mailbox))
    }
}

impl From<Sender> for String {
    fn from(sender: Sender) -> Self {
        sender.0.to_string()
    }
}

/// Scheme and host that links begin with, without a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Site(String);

impl Site {
    /// Is what people send there read by nobody on the way?
    pub fn is_secret(&self) -> bool {
        self.0.starts_with("https://")
            || ["http://localhost", "http://127.0.0.1"].iter().any(|own| self.0.starts_with(own))
    }
}

impl fmt::Display for Site {
    fn fmt(&self, into: &mut fmt::Formatter<'_>) -> fmt::Result {
        into.write_str(&self.0)
    }
}

impl TryFrom<String> for Site {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let host = host.map(|host| host.trim_end_matches('/'));
        let is_host = |host: &str| {
            !host.is_empty() && host.chars().all(|letter| letter.is_ascii_alphanumeric() || "-.:[]".contains(letter))
        };
        if host.is_some_and(is_host) {
            return Ok(Self(text.trim_end_matches('/').to_owned()));
        }
        let wanted = Language::of_shell().pick("không phải địa chỉ như", "is no address such as");
        Err(format!("{text:?} {wanted} https://bando.phuong.example.vn"))
    }
}

impl From<Site> for String {
    fn from(site: Site) -> Self {
        site.0
    }
}

impl MailConfig {
    /// The port, said or usual.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.tls {
            Tls::Starttls => 587,
            Tls::Tls => 465,
            Tls::None => 25,
        })
    }

    /// What its parts do not say one by one.
    ///
    /// # Errors
    /// A password that would travel in clear, one without a user, or two.
    pub fn check(&self) -> Result<(), Bilingual> {
        let is_here = ["localhost", "127.0.0.1", "::1"].contains(&self.host.as_str());
        if self.password.is_some() && self.password_file.is_some() {
            return Err(Bilingual::new(
                "mail.password và mail.password_file cùng được đặt: giữ một",
                "mail.password and mail.password_file are both set: keep one",
            ));
        }
        let has_password = self.password.is_some() || self.password_file.is_some();
        if has_password != self.user.is_some() {
            return Err(Bilingual::new(
                "mail.user và mật khẩu (mail.password_file hoặc mail.password) phải đi cùng nhau",
                "mail.user and its password (mail.password_file or mail.password) go together",
            ));
        }
        if has_password && self.tls == Tls::None && !is_here {
            let host = &self.host;
            return Err(Bilingual::new(
                format!("mật khẩu cho {host} sẽ đi không mã hóa: đặt mail.tls là \"starttls\" hoặc \"tls\""),
                format!("the password for {host} would travel in clear: set mail.tls to \"starttls\" or \"tls\""),
            ));
        }
        Ok(())
    }

    /// The password, if one is needed.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(super) fn password(&self) -> std::io::Result<Option<String>> {
        match (&self.password, &self.password_file) {
            (Some(hidden), _) => Ok(Some(hidden.0.clone())),
            (None, Some(file)) => Ok(Some(std::fs::read_to_string(file)?.trim_end_matches(['\r', '\n']).to_owned())),
            (None, None) => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(toml: &str) -> Result<MailConfig, String> {
        let config: MailConfig = toml::from_str(toml).map_err(|error| error.to_string())?;
        config.check().map(|()| config).map_err(|wrong| wrong.en)
    }

    const LEAST: &str = "host = 'mail.example'\nsender = 'Bản đồ <map@city.example>'\nsite = 'https://map.example/'\n";

    #[test]
    fn the_least_is_a_host_a_sender_and_a_site() {
        let config = read(LEAST).expect("enough");
        assert_eq!((config.port(), config.site.to_string().as_str()), (587, "https://map.example"));
        for (line, named) in
            [("sender = 'x'", "sender"), ("site = 'map.example'", "https://"), ("site = 'https://a/b'", "https://")]
        {
            let field = line.split(' ').next().unwrap_or_default();
            let others: String =
                LEAST.lines().filter(|kept| !kept.starts_with(field)).map(|kept| format!("{kept}\n")).collect();
            let refused = read(&format!("{others}{line}")).expect_err(line);
            assert!(refused.contains(named), "{refused}");
        }
    }

    #[test]
    fn a_password_does_not_travel_in_clear_and_shows_in_no_log() {
        let with = |more: &str| read(&format!("{LEAST}{more}"));
        let secret = with("user = 'map'\npassword = 'geheim'").expect("by TLS");
        assert!(!format!("{secret:?}").contains("geheim"));
        assert!(with("user = 'map'\npassword = 'geheim'\ntls = 'none'").expect_err("in clear").contains("in clear"));
        assert!(with("user = 'map'").is_err(), "a user without a password");
        assert!(with("user = 'map'\npassword = 'a'\npassword_file = '/b'").is_err(), "two passwords");
        let missing = with("user = 'map'\npassword_file = '/nowhere/at/all'").expect("it is read later");
        assert!(missing.password().is_err());
    }
}
