//! What every room of a running server shares.

use std::sync::Arc;

use sqlx::PgPool;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::database::Database;
use crate::drafts::Overlays;
use crate::features;
use crate::http::work::Work;
use crate::identity::sight::Sights;
use crate::items::orders::Orders;
use crate::live::Live;
use crate::lookup::search::SearchIndex;
use crate::tiles_http::TileCache;

/// Handles to everything a request may need; cheap to clone.
#[derive(Clone)]
pub struct App {
    /// What the operator set.
    pub config: Arc<Config>,
    /// Connections as `dothi_app`, the role that owns nothing.
    pub pool: PgPool,
    /// The hot core, the catalog it was built from, and how far it has read the feed.
    pub live: Arc<Live>,
    /// Tiles in memory.
    pub tiles: Arc<TileCache>,
    /// The words of the city in memory.
    pub search: Arc<SearchIndex>,
    /// Drafts that were laid over the map a moment ago.
    pub drafts: Arc<Overlays>,
    /// Orders of tables that were asked for a moment ago.
    pub orders: Arc<Orders>,
    /// What was known of callers a moment ago.
    pub sights: Arc<Sights>,
    /// Places for work that takes a thread.
    pub work: Arc<Work>,
    /// Told when a mail was put into the outbox.
    pub post: Arc<Notify>,
    /// Cancelled when the server stops: streams and followers end then.
    pub stopping: CancellationToken,
}

impl App {
    /// Connects to a migrated database and loads the hot core.
    ///
    /// # Errors
    /// When the database cannot be reached or its tables are missing.
    pub async fn start(config: Config, database: &Database) -> anyhow::Result<Self> {
        let stopping = CancellationToken::new();
        let pool = database.app_pool().await?;
        let live = Live::start(pool.clone(), stopping.clone()).await?;
        let tiles = Arc::new(TileCache::default());
        live.watch(tiles.clone());
        // Watched before it is built: what changes meanwhile is read twice rather than never.
        let search = Arc::new(SearchIndex::default());
        live.watch(search.clone());
        search.read(&live.state());
        let orders = Arc::new(Orders::default());
        live.watch(orders.clone());
        features::findings::watch(pool.clone(), &live, stopping.clone()).await;
        crate::identity::start_keeper(pool.clone(), stopping.clone());
        let post = Arc::<Notify>::default();
        if let Some(mail) = config.mail.clone() {
            crate::identity::start_post(pool.clone(), mail, post.clone(), stopping.clone());
        }
        Ok(Self {
            config: Arc::new(config),
            pool,
            live,
            tiles,
            search,
            drafts: Arc::default(),
            orders,
            sights: Arc::default(),
            work: Arc::default(),
            post,
            stopping,
        })
    }
}
