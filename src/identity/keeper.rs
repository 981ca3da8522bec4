//! What has served its time is forgotten, once an hour.

use std::time::Duration;

use sqlx::PgPool;
use tokio_util::sync::CancellationToken;

use super::{link_store, outbox, store};

/// Between two rounds.
const ROUND: Duration = Duration::from_secs(3600);

/// Begins; it ends when the server stops.
pub fn start(pool: PgPool, stopping: CancellationToken) {
    tokio::spawn(async move {
        while stopping.run_until_cancelled(tokio::time::sleep(ROUND)).await.is_some() {
            if let Err(error) = store::prune(&pool).await {
                tracing::warn!(%error, "old attempts to sign in are still there");
            }
            if let Err(error) = link_store::prune(&pool).await {
                tracing::warn!(%error, "links that have ended are still there");
            }
            if let Err(error) = outbox::prune(&pool).await {
                tracing::warn!(%error, "mails that were done with long ago are still there");
            }
        }
    });
}
