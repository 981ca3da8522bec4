//! What is broken now, whoever broke it: a job beside the server reads the feed and asks the rules of what changed.
//!
//! Writers outside the server (psql, QGIS) are not stopped; what they broke is listed in `gis.finding`, and so is what the
//! server took with a warning. A finding goes away when it is mended. Of several servers one at a time looks. A delivery is
//! judged by its import's own report; its rows are looked at when somebody changes them.

mod look;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::PgPool;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::live::{Changed, Live, State, Watcher};

/// After a look, so that many edits in a row are looked at together.
const PAUSE: Duration = Duration::from_millis(250);
/// Without a call the feed is looked at all the same: a server that was away has to catch up.
const POLL: Duration = Duration::from_secs(20);

/// Wakes the job when the core has changed.
struct Bell(Notify);

impl Watcher for Bell {
    fn changed(&self, _: &State, _: &Changed) {
        self.0.notify_one();
    }
}

/// Looks for what is broken, and begins to do so whenever something changed, until the server stops.
pub async fn watch(pool: PgPool, live: &Arc<Live>, stopping: CancellationToken) {
    let bell = Arc::new(Bell(Notify::new()));
    live.watch(Arc::clone(&bell) as Arc<dyn Watcher>);
    let live = Arc::clone(live);
    look(&pool, &live).await;
    tokio::spawn(async move {
        loop {
            let called = async {
                tokio::time::sleep(PAUSE).await;
                _ = tokio::time::timeout(POLL, bell.0.notified()).await;
            };
            tokio::select! {
                () = stopping.cancelled() => break,
                () = called => look(&pool, &live).await,
            }
        }
    });
}

async fn look(pool: &PgPool, live: &Live) {
    let catalog = Arc::clone(&live.state().catalog);
    if let Err(error) = look::look(pool, &catalog).await {
        tracing::debug!(%error, "looking for what is broken failed; it is tried again");
    }
}

/// Something that breaks a rule now.
#[derive(Debug, Serialize, ToSchema, sqlx::FromRow)]
pub struct Broken {
    /// Layer of the object that breaks it.
    pub layer: String,
    /// The object.
    pub id: Uuid,
    /// Its version when it was found.
    pub version: i32,
    /// Who wrote that version; `db:<role>` beside the server.
    pub actor: String,
    /// The rule, as the catalog names it.
    pub rule: String,
    /// The attribute, or `geometry`.
    pub field: Option<String>,
    /// What is wrong, `{vi, en}`.
    #[schema(value_type = Object)]
    pub message: serde_json::Value,
    /// Longitude and latitude.
    pub place: Vec<f64>,
    /// The other object that it meets.
    pub other: Option<Uuid>,
    /// The layer of that.
    pub other_layer: Option<String>,
    /// When it was first found.
    pub seen: DateTime<Utc>,
}

/// What is broken now, the latest first.
///
/// # Errors
/// When the database cannot answer.
pub async fn list(
    pool: &PgPool,
    layers: &[String],
    bbox: Option<[f64; 4]>,
    most: i64,
) -> Result<Vec<Broken>, sqlx::Error> {
    let bbox = bbox.map(Vec::from);
    sqlx::query_as(include_str!("findings/list.sql")).bind(layers).bind(bbox).bind(most).fetch_all(pool).await
}
