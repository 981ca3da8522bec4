//! Who asks.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use uuid::Uuid;

use super::rights::{Action, Grant};
use super::{second, store};
use crate::app::App;
use crate::http::problem::Problem;

/// The caller of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The person; nil for the public.
    pub person: Uuid,
    /// The account's name, which is what history and feed hold as actor (`dothi.actor`).
    pub name: String,
    /// Roles and where they hold.
    pub grants: Vec<Grant>,
    /// What vouches for them.
    pub how: How,
    /// Has to get a second factor before anything else.
    pub enrols: bool,
}

/// What vouches for a caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// Nothing: the public.
    Public,
    /// A signed-in browser.
    Session,
    /// A program with a token, which does what the token was made for.
    Token {
        /// The actions.
        scopes: Vec<Action>,
    },
}

impl Principal {
    /// Anybody.
    pub fn public() -> Self {
        Self { person: Uuid::nil(), name: "public".to_owned(), grants: Vec::new(), how: How::Public, enrols: false }
    }

    /// Who asks for something that is only looked at. `attended`: it counts as use of the session.
    ///
    /// # Errors
    /// 401 for a token that has ended.
    pub async fn looking(headers: &HeaderMap, app: &App, attended: bool) -> Result<Self, Problem> {
        let (mut parts, ()) = axum::http::Request::new(()).into_parts();
        parts.headers = headers.clone();
        if !attended {
            parts.headers.insert(UNATTENDED, HeaderValue::from_static("1"));
        }
        Self::from_request_parts(&mut parts, app).await
    }

    /// The grants that give this action. To a token those of roles that need a second factor give nothing: whoever found it
    /// could sign with it.
    pub fn grants_for(&self, action: Action) -> impl Iterator<Item = &Grant> {
        let is_token = matches!(self.how, How::Token { .. });
        let counts = move |role| action.is_given_to(role) && !(is_token && second::is_required_of(role));
        self.grants.iter().filter(move |grant| counts(grant.role))
    }

    /// Is it somebody with a name?
    pub fn is_known(&self) -> bool {
        self.how != How::Public
    }
}

/// The cookie of a session.
pub(super) const COOKIE: &str = "dothi_session";
/// The cookie by which a browser is known again at the next sign-in; by itself it opens nothing.
pub(super) const DEVICE: &str = "dothi_browser";
/// Pages send this header with every write. Another site's page cannot: a browser would ask us first.
const MEANT: &str = "dothi-request";
/// Pages send this header with what they ask for while nobody touches them: it keeps no session awake.
const UNATTENDED: &str = "dothi-unattended";

/// Does a page ask by itself?
pub(super) fn is_unattended(headers: &HeaderMap) -> bool {
    headers.contains_key(UNATTENDED)
}

impl FromRequestParts<App> for Principal {
    type Rejection = Problem;

    /// A token wins over a cookie. A session that has ended makes the public; a token that has ended is refused, because
    /// programs would not notice.
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        if let Some(given) = parts.headers.get(header::AUTHORIZATION) {
            let token = given.to_str().ok().and_then(|given| given.strip_prefix("Bearer "));
            let known = match token {
                Some(token) => store::of_token(&app.pool, token.trim()).await?,
                None => None,
            };
            return known.ok_or_else(unknown_token);
        }
        let Some(session) = session_of(&parts.headers) else { return Ok(Self::public()) };
        let attended = !is_unattended(&parts.headers);
        let Some(known) = store::of_session(&app.pool, session, app.config.demo, attended).await? else {
            return Ok(Self::public());
        };
        if !parts.method.is_safe() {
            same_origin(&parts.headers)?;
            meant(&parts.headers)?;
        }
        Ok(known)
    }
}

fn unknown_token() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "unknown-token",
        "Mã truy cập không đúng hoặc đã hết hạn",
        "The token is unknown or has expired",
    )
}

/// The secret in the cookie of a session.
pub(super) fn session_of(headers: &HeaderMap) -> Option<&str> {
    cookie_of(headers, COOKIE)
}

/// The value of a cookie.
pub(super) fn cookie_of<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(its, _)| *its == name).map(|(_, value)| value).filter(|value| !value.is_empty())
}

/// Refuses what a page of another site sent.
pub(super) fn same_origin(headers: &HeaderMap) -> Result<(), Problem> {
    let word = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let is_ours = match (word("sec-fetch-site"), word("origin")) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => origin.split_once("://").map(|(_, host)| host) == word("host"),
        // No browser: programs cannot be made to send what they do not mean.
        (None, None) => true,
    };
    if is_ours { Ok(()) } else { Err(Problem::forbidden(("yêu cầu từ trang khác", "sent by another site"))) }
}

/// Refuses a write by cookie that lacks the header of our own pages.
pub(super) fn meant(headers: &HeaderMap) -> Result<(), Problem> {
    if headers.contains_key(MEANT) {
        return Ok(());
    }
    Err(Problem::forbidden((format!("thiếu tiêu đề {MEANT}: 1"), format!("the header {MEANT}: 1 is missing"))))
}

/// Was this machine asked by its own name?
pub(super) fn is_this_machine(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    matches!(name, "localhost" | "127.0.0.1" | "[::1]")
}
