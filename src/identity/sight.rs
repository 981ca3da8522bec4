//! Which audience looks: the public, or staff. Reading takes no more of the caller than this.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use dothi_tiles::Audience;

use super::principal::{Principal, is_unattended, session_of};
use super::rights::{Action, Decision, Target, may};
use super::{Audiences, secret};
use crate::app::App;
use crate::http::problem::Problem;

/// How long a map goes on by what was known of its caller: a session that ends is noticed this much later by tiles and
/// events, which are asked for by the dozen.
const LATELY: Duration = Duration::from_secs(5);
/// How long it is remembered for a database that is away; no session is idle for longer.
const AT_MOST: Duration = Duration::from_secs(15 * 60);

/// Who looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sight {
    /// Everybody.
    Public,
    /// Whoever works for the city.
    Staff,
}

impl Sight {
    /// What such a caller sees.
    pub fn audience(self, audiences: &Audiences) -> &Arc<Audience> {
        match self {
            Self::Public => audiences.public(),
            Self::Staff => audiences.staff(),
        }
    }

    /// The sight of a known caller.
    pub fn of(who: &Principal) -> Self {
        if may(who, Action::SeeStaff, &Target::City) == Decision::Allowed { Self::Staff } else { Self::Public }
    }

    /// The sight of whoever asks for tiles or listens, from what was known a moment ago.
    ///
    /// # Errors
    /// 401 for a token that has ended.
    pub async fn lately(headers: &HeaderMap, app: &App) -> Result<Self, Problem> {
        let Some(key) = key_of(headers) else { return Ok(Self::Public) };
        match app.sights.0.get(&key) {
            Some((sight, at)) if at.elapsed() < LATELY => Ok(sight),
            _ => Self::ask(headers, app, key, false).await,
        }
    }

    async fn ask(headers: &HeaderMap, app: &App, key: Key, attended: bool) -> Result<Self, Problem> {
        match Principal::looking(headers, app, attended).await {
            Ok(who) => {
                let sight = Self::of(&who);
                app.sights.0.insert(key, (sight, Instant::now()));
                Ok(sight)
            }
            // The core answers on while the database is away, to whom it knew.
            Err(problem) if problem.status().is_server_error() => match app.sights.0.get(&key) {
                Some((sight, _)) => Ok(sight),
                None if headers.contains_key(header::AUTHORIZATION) => Err(problem),
                None => Ok(Self::Public),
            },
            Err(problem) => Err(problem),
        }
    }

    /// An answer that is not for the public is kept by nobody (decision 6).
    pub fn mark(self, response: &mut Response) {
        if self == Self::Staff {
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
        }
    }
}

impl FromRequestParts<App> for Sight {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Some(key) = key_of(&parts.headers) else { return Ok(Self::Public) };
        Self::ask(&parts.headers, app, key, !is_unattended(&parts.headers)).await
    }
}

type Key = Vec<u8>;

/// What is known of a caller is kept under a digest of what they carry; who carries nothing is the public.
fn key_of(headers: &HeaderMap) -> Option<Key> {
    let token = headers.get(header::AUTHORIZATION).and_then(|given| given.to_str().ok());
    match token {
        Some(token) => Some(secret::digest(token)),
        None if headers.contains_key(header::AUTHORIZATION) => Some(secret::digest("")),
        None => session_of(headers).map(secret::digest),
    }
}

/// What was known of callers a moment ago.
pub struct Sights(moka::sync::Cache<Key, (Sight, Instant)>);

impl Default for Sights {
    fn default() -> Self {
        Self(moka::sync::Cache::builder().max_capacity(50_000).time_to_live(AT_MOST).build())
    }
}

impl Sights {
    /// Forgets a caller who signs out.
    pub(super) fn forget(&self, headers: &HeaderMap) {
        if let Some(key) = key_of(headers) {
            self.0.invalidate(&key);
        }
    }

    /// Forgets everybody: an account was closed, a role taken.
    pub(super) fn forget_all(&self) {
        self.0.invalidate_all();
    }
}
