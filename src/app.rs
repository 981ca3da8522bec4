//! What every room of a running server shares.

use std::sync::Arc;

use sqlx::PgPool;

use crate::{config::Config, live::Live};

/// Handles to everything a request may need; cheap to clone.
#[derive(Clone)]
pub struct App {
    /// What the operator set.
    pub config: Arc<Config>,
    /// Connections as `dothi_app`, the role that owns nothing.
    pub pool: PgPool,
    /// The hot core, the catalog it was built from, and how far it has read the feed.
    pub live: Arc<Live>,
}
