//! Who asks.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use uuid::Uuid;

use super::rights::{Action, Grant};
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
        Self { person: Uuid::nil(), name: "public".to_owned(), grants: Vec::new(), how: How::Public }
    }

    /// Is it somebody with a name?
    pub fn is_known(&self) -> bool {
        self.how != How::Public
    }
}

impl FromRequestParts<App> for Principal {
    type Rejection = Problem;

    async fn from_request_parts(_parts: &mut Parts, _app: &App) -> Result<Self, Problem> {
        Ok(Self::public())
    }
}
