//! One typed configuration, from `dothi.toml` and `DOTHI_*` variables.
//!
//! Later sources win: built-in defaults, `dothi.toml` in the working directory (or the file named by `DOTHI_CONFIG`),
//! `DOTHI_*` variables (`DOTHI_DATABASE__OWNER_URL` sets `database.owner_url`), and `DATABASE_URL`.

mod words;

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Env, Format as _, Serialized, Toml};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::mail::MailConfig;
use crate::shell::{Language, Said};
use crate::underlays::Underlay;

/// What the operator set.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the server listens. Only this machine unless told otherwise.
    pub listen: SocketAddr,
    /// Listen on every address of this machine, on the port of `listen`.
    pub lan: bool,
    /// Where the private database and the server's own files lie; the default depends on who runs dothi.
    pub data_dir: Option<PathBuf>,
    /// Serves the pages from this folder instead of from the binary.
    pub web_dir: Option<PathBuf>,
    /// The open data that the demo imports; the default is the repository that dothi was built in.
    pub demo_data: Option<PathBuf>,
    /// What the log holds, in the words of `tracing_subscriber::EnvFilter`.
    pub log: String,
    /// The database.
    pub database: DatabaseConfig,
    /// What one client may ask for.
    pub limits: Limits,
    /// What stands between the server and its clients.
    pub http: HttpConfig,
    /// Pictures from elsewhere that may lie below the map of the studio.
    pub underlays: Vec<Underlay>,
    /// Where mail is handed in; without it none is sent, and links to set a password with are handed over by other means.
    pub mail: Option<MailConfig>,
    /// Does `dothi demo` serve? Only that command says so, no file and no variable.
    #[serde(skip)]
    pub demo: bool,
    /// The program that writes exports, as a child; this one unless a test says so.
    #[serde(skip)]
    pub program: Option<PathBuf>,
}

/// What stands between the server and its clients.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HttpConfig {
    /// Proxies whose `X-Forwarded-For` is believed: addresses, or networks such as `10.0.0.0/8`. Nobody's unless told.
    pub trusted_proxies: Vec<Network>,
}

/// An address or a network of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network(IpNet);

impl Network {
    /// Does the address belong to it?
    pub fn holds(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let network = text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
        network.map(Self).ok_or_else(|| {
            let wanted =
                ("không phải địa chỉ hay mạng như 10.0.0.0/8", "is no address and no network such as 10.0.0.0/8");
            format!("{text:?} {}", Language::of_shell().pick(wanted.0, wanted.1))
        })
    }
}

impl From<Network> for String {
    fn from(network: Network) -> Self {
        network.0.to_string()
    }
}

/// Which database, and how many connections to it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DatabaseConfig {
    /// The server's own connection (role `dothi_app`); without it a private cluster is made and started.
    pub url: Option<String>,
    /// The connection that owns the tables (role `dothi_owner`), for migrations and layers.
    pub owner_url: Option<String>,
    /// The database of the private cluster.
    pub name: String,
    /// The folder with `initdb` and `postgres`, where it is not in a usual place.
    pub bin_dir: Option<PathBuf>,
    /// Connections that the server holds at most.
    pub max_connections: u32,
}

/// What one client may ask for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Bytes of a request's body.
    pub body_bytes: usize,
    /// Seconds until an unanswered request is given up; streams are not bound by it.
    pub request_seconds: u64,
    /// Requests a second of one address, over time; 0 switches the limit off.
    pub requests_per_second: u32,
    /// Requests that one address may send at once before that rate holds.
    pub burst: u32,
    /// Requests worked on at the same time; more are answered 503 at once.
    pub concurrent: usize,
    /// Of these, requests of one address; more are answered 429 at once. 0 switches the limit off.
    pub concurrent_per_address: usize,
    /// Pages that listen to events at the same time; 0 switches the limit off.
    pub streams: usize,
    /// Of these, pages of one address.
    pub streams_per_address: usize,
    /// Connections that are open at the same time; 0 switches the limit off.
    pub connections: usize,
    /// Of these, connections of one address that is no trusted proxy.
    pub connections_per_address: usize,
    /// Seconds that a connection may take to say what it wants, and may idle between two requests.
    pub header_seconds: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            lan: false,
            data_dir: None,
            web_dir: None,
            demo_data: None,
            log: "info,sqlx=warn".to_owned(),
            database: DatabaseConfig::default(),
            limits: Limits::default(),
            http: HttpConfig::default(),
            underlays: Vec::new(),
            mail: None,
            demo: false,
            program: None,
        }
    }
}

impl Default for DatabaseConfig {
    fn default() -> Self {
        Self { url: None, owner_url: None, name: "dothi".to_owned(), bin_dir: None, max_connections: 16 }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 2 << 20,
            request_seconds: 30,
            requests_per_second: 400,
            burst: 4_000,
            concurrent: 1_024,
            concurrent_per_address: 128,
            streams: 8_192,
            streams_per_address: 256,
            connections: 16_384,
            connections_per_address: 1_024,
            header_seconds: 60,
        }
    }
}

/// Variables that begin with `DOTHI_` and set a field of [`Config`]; others (`DOTHI_TEST_…`, `DOTHI_SHARED`) are not ours.
const FIELDS: [&str; 11] =
    ["http", "listen", "lan", "data_dir", "web_dir", "demo_data", "log", "database", "limits", "underlays", "mail"];

impl Config {
    /// Reads the configuration of this process.
    ///
    /// # Errors
    /// A file that is not TOML, an unknown field, or a value of the wrong kind; the message names field and source.
    pub fn load() -> anyhow::Result<Self> {
        let file = std::env::var_os("DOTHI_CONFIG").map_or_else(|| PathBuf::from("dothi.toml"), PathBuf::from);
        Self::from_sources(&file)
    }

    fn from_sources(file: &Path) -> anyhow::Result<Self> {
        let variables = Env::prefixed("DOTHI_")
            .filter(|key| FIELDS.iter().any(|field| key == *field || key.starts_with(&format!("{field}__"))))
            .split("__");
        let config: Self = Figment::from(Serialized::defaults(Self::default()))
            .merge(Toml::file(file))
            .merge(variables)
            .merge(Env::raw().only(&["DATABASE_URL"]).map(|_| "database.url".into()))
            .extract()
            .map_err(words::said)?;
        // A wrong one would end in a header of every answer: it is named before the server starts.
        crate::underlays::origins(&config.underlays).map_err(Said::from)?;
        config.mail.as_ref().map_or(Ok(()), MailConfig::check).map_err(Said::from)?;
        Ok(config.widened())
    }

    /// `lan` means every address, on the port that was set.
    fn widened(mut self) -> Self {
        if self.lan {
            self.listen.set_ip(std::net::Ipv4Addr::UNSPECIFIED.into());
        }
        self
    }
}

#[cfg(test)]
#[allow(clippy::result_large_err)] // figment's Jail wants its own error type.
mod tests {
    use super::*;

    #[test]
    fn it_listens_on_this_machine_only_unless_told() {
        figment::Jail::expect_with(|_| {
            let config = Config::from_sources(Path::new("dothi.toml")).expect("defaults are valid");
            assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
            Ok(())
        });
    }

    #[test]
    fn a_variable_wins_over_the_file() {
        figment::Jail::expect_with(|jail| {
            jail.create_file("dothi.toml", "listen = \"127.0.0.1:9000\"\n[database]\nowner_url = \"postgres:///a\"")?;
            jail.set_env("DOTHI_DATABASE__OWNER_URL", "postgres:///b");
            jail.set_env("DATABASE_URL", "postgres:///c");
            let config = Config::from_sources(Path::new("dothi.toml")).expect("the file is valid");
            assert_eq!(config.listen.port(), 9000);
            assert_eq!(config.database.owner_url.as_deref(), Some("postgres:///b"));
            assert_eq!(config.database.url.as_deref(), Some("postgres:///c"));
            Ok(())
        });
    }

    #[test]
    fn mail_is_set_by_variables_alone_or_not_at_all() {
        figment::Jail::expect_with(|jail| {
            assert!(Config::from_sources(Path::new("dothi.toml")).expect("valid").mail.is_none());
            jail.set_env("DOTHI_MAIL__HOST", "mail.example");
            let refused = Config::from_sources(Path::new("dothi.toml")).expect_err("who from?").to_string();
            assert!(refused.contains("sender"), "{refused}");
            jail.set_env("DOTHI_MAIL__SENDER", "Bản đồ <map@city.example>");
            jail.set_env("DOTHI_MAIL__SITE", "https://map.example");
            jail.set_env("DOTHI_MAIL__TLS", "tls");
            let mail = Config::from_sources(Path::new("dothi.toml")).expect("valid").mail.expect("set");
            assert_eq!((mail.host.as_str(), mail.port()), ("mail.example", 465));
            Ok(())
        });
    }

    #[test]
    fn a_misspelt_field_is_named() {
        figment::Jail::expect_with(|jail| {
            jail.create_file("dothi.toml", "listne = \"127.0.0.1:9000\"")?;
            let refused = Config::from_sources(Path::new("dothi.toml")).expect_err("the field does not exist");
            assert!(refused.to_string().contains("listne"), "{refused}");
            Ok(())
        });
    }

    #[test]
    fn lan_opens_every_address() {
        figment::Jail::expect_with(|jail| {
            jail.set_env("DOTHI_LAN", "true");
            let config = Config::from_sources(Path::new("dothi.toml")).expect("valid");
            assert_eq!(config.listen.to_string(), "0.0.0.0:8080");
            Ok(())
        });
    }

    #[test]
    fn a_wrong_setting_is_named_with_its_place_in_both_languages() {
        figment::Jail::expect_with(|jail| {
            let said = |language| {
                let error = Config::from_sources(Path::new("dothi.toml")).expect_err("wrong");
                crate::shell::told(&error, language)
            };
            jail.create_file("dothi.toml", "listn = 1")?;
            let (vi, en) = (said(Language::Vi), said(Language::En));
            assert!(vi.contains("dothi.toml") && vi.contains("không có mục `listn`; các mục là: listen"), "{vi}");
            assert!(en.contains("unknown field `listn`; the fields are: listen"), "{en}");
            jail.create_file("dothi.toml", "")?;
            jail.set_env("DOTHI_LISTEN", "here");
            assert_eq!(said(Language::Vi), "cấu hình sai: DOTHI_LISTEN: cần địa chỉ và cổng, ví dụ 127.0.0.1:8080");
            jail.set_env("DOTHI_LISTEN", "127.0.0.1:1");
            jail.set_env("DOTHI_LAN", "maybe");
            assert_eq!(said(Language::Vi), "cấu hình sai: DOTHI_LAN: có chữ maybe, cần đúng/sai");
            Ok(())
        });
    }
}
