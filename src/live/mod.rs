//! Keeps the hot core equal to PostGIS: loads it, follows the feed, says what changed.
//!
//! PostGIS is the truth; what is here is a copy that can be thrown away. Requests read the copy and never wait for the
//! database; the [`follower`] is the only one who writes it.

mod batch;
pub mod events;
mod ewkb;
pub mod feed;
mod follower;
pub mod http;
pub mod loader;
pub mod pgcopy;
pub mod plan;
pub mod position;
mod pruning;
pub mod start;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use arc_swap::ArcSwap;
use chrono::{FixedOffset, NaiveDate, Utc};
use dothi_tiles::{Core, LayerName, Touched};
use parking_lot::RwLock;
use serde::Serialize;
use sqlx::PgPool;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{catalog::Catalog, identity::Audiences};
use events::Events;
use pgcopy::Row;
use position::{Position, Snapshot};

/// A core that has not come on for so long, with the database there, is not to be trusted with questions.
const STUCK: Duration = Duration::from_secs(120);

/// How long a read waits for the position it carries (decision 5).
pub const PATIENCE: Duration = Duration::from_secs(2);

/// Everything a request reads, replaced as a whole when the catalog changes.
#[derive(Clone)]
pub struct State {
    /// Layers in memory. Their content changes in place, their set with the state.
    pub core: Arc<Core>,
    /// What the layers are.
    pub catalog: Arc<Catalog>,
    /// Who may see what of them.
    pub audiences: Arc<Audiences>,
    /// Entities without a place that questions need (former wards, their successors, documents).
    pub entities: Arc<Entities>,
    /// The day that is shown: today in Việt Nam, or what a test says.
    pub date: NaiveDate,
}

/// Entities without a place, by layer.
#[derive(Default)]
pub struct Entities {
    tables: RwLock<BTreeMap<LayerName, Arc<Vec<Row>>>>,
}

impl Entities {
    /// The rows of one of them; none for one that is not kept in memory.
    pub fn rows(&self, layer: &str) -> Arc<Vec<Row>> {
        self.tables.read().get(layer).cloned().unwrap_or_default()
    }

    fn put(&self, layer: LayerName, rows: Vec<Row>) {
        self.tables.write().insert(layer, Arc::new(rows));
    }
}

/// Entities without a place that are read into memory, because lookup and search answer from them.
const ENTITIES_IN_MEMORY: [&str; 4] = ["admin_unit_former", "admin_unit_change", "legal_document", "species"];

/// What one batch changed in one layer.
#[derive(Clone, Debug)]
pub enum LayerChange {
    /// All of it was read again.
    Everything,
    /// These rows, with the shapes they had and have.
    Rows(Vec<Touched>),
}

/// What one batch changed.
#[derive(Clone, Debug, Default)]
pub struct Changed {
    /// By layer.
    pub layers: BTreeMap<LayerName, LayerChange>,
    /// The catalog or the rights: nothing that was derived from the old ones may be used again.
    pub catalog: bool,
}

/// Somebody who keeps something derived from the core: told before any event goes out, so that an open map that hears of a
/// change never gets the old tile again.
pub trait Watcher: Send + Sync {
    /// Drops what the change made stale.
    fn changed(&self, state: &State, changed: &Changed);
}

/// How far the core has come.
#[derive(Clone, Debug)]
struct Applied {
    epoch: Uuid,
    snapshot: Snapshot,
    /// Layers that are being read again beside: what they had seen before.
    held: Vec<Snapshot>,
    /// When the database was last asked and answered.
    at: Instant,
    /// Whether the last try to ask it failed.
    lost: bool,
    /// Whether the follower broke off and has not come back yet.
    broken: bool,
    /// How many objects of a layer are left out, because their rows cannot be read.
    left_out: BTreeMap<String, usize>,
    /// Layers that somebody else holds, not read yet.
    waiting: Vec<String>,
}

impl Applied {
    fn has(&self, position: Position) -> bool {
        // A position of another epoch means nothing any more: its write was lost with the restore, or is long in.
        position.epoch != self.epoch
            || (self.snapshot.sees(position.xid) && self.held.iter().all(|held| held.sees(position.xid)))
    }
}

/// A read carried a position that the core has not reached in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Behind;

/// How fresh the core is, for `/readyz`.
#[derive(Clone, Debug, Serialize)]
pub struct Readiness {
    /// Questions can be answered, and edits arrive unless the database is away.
    pub ready: bool,
    /// The follower of the feed broke off by a fault; another one is reading everything again.
    pub broken: bool,
    /// The database answers and the core does not come on.
    pub stuck: bool,
    /// How many objects of a layer are not in memory, because a row of theirs cannot be read; the log names them.
    pub left_out: BTreeMap<String, usize>,
    /// Layers whose table somebody else holds (a first large delivery): empty here, and read as soon as it is free.
    pub layers_waiting: Vec<String>,
    /// Layers whose row in the catalog cannot be read: they stay as they were.
    pub layers_unreadable: Vec<String>,
    /// Where the core stands.
    pub position: Position,
    /// Seconds since the database was last read: what is served may be this old.
    pub age_seconds: f64,
    /// The database cannot be reached now; answers come from memory.
    pub database_lost: bool,
    /// Layers that are being read again.
    pub reloading: usize,
    /// Layers in memory.
    pub layers: usize,
    /// Features in memory.
    pub features: usize,
}

impl Readiness {
    /// The same for whoever asks: layers that the public does not see go by the name `internal`.
    #[must_use]
    pub fn for_everybody(mut self, catalog: &Catalog) -> Self {
        let shown = |name: String| {
            if catalog.layer(&name).is_some_and(crate::catalog::Layer::is_public) {
                name
            } else {
                "internal".to_owned()
            }
        };
        for names in [&mut self.layers_waiting, &mut self.layers_unreadable] {
            *names = std::mem::take(names).into_iter().map(shown).collect::<BTreeSet<_>>().into_iter().collect();
        }
        let mut left_out = BTreeMap::new();
        for (name, rows) in std::mem::take(&mut self.left_out) {
            *left_out.entry(shown(name)).or_default() += rows;
        }
        Self { left_out, ..self }
    }
}

/// Says which day it is.
pub type Clock = Arc<dyn Fn() -> NaiveDate + Send + Sync>;

/// The day in Việt Nam, which has one time zone and no summer time.
pub fn today() -> NaiveDate {
    let seven_hours =
        FixedOffset::east_opt(7 * 3600).unwrap_or_else(|| unreachable!("seven hours are less than a day"));
    Utc::now().with_timezone(&seven_hours).date_naive()
}

/// The hot core with its follower.
pub struct Live {
    state: ArcSwap<State>,
    applied: watch::Sender<Applied>,
    watchers: RwLock<Vec<Arc<dyn Watcher>>>,
    /// What open maps are told.
    pub events: Events,
    clock: RwLock<Clock>,
    nudge: tokio::sync::Notify,
    stopping: CancellationToken,
}

impl Live {
    /// Loads every layer and begins to follow the feed, until `stopping` is cancelled.
    ///
    /// # Errors
    /// When the database cannot be read at the start. Later it may go away and come back.
    pub async fn start(pool: PgPool, stopping: CancellationToken) -> anyhow::Result<Arc<Self>> {
        let clock: Clock = Arc::new(today);
        let reader = start::reading_pool(&pool);
        let start = start::load_everything(&reader, clock()).await?;
        let applied = Applied {
            epoch: start.head.epoch,
            snapshot: start.head.snapshot.clone(),
            held: Vec::new(),
            at: Instant::now(),
            lost: false,
            broken: false,
            waiting: start.waiting.iter().map(ToString::to_string).collect(),
            left_out: start.left_out.iter().map(|(name, objects)| (name.to_string(), objects.len())).collect(),
        };
        let live = Arc::new(Self {
            state: ArcSwap::from_pointee(start.state.clone()),
            applied: watch::Sender::new(applied),
            watchers: RwLock::default(),
            events: Events::new(),
            clock: RwLock::new(clock),
            nudge: tokio::sync::Notify::new(),
            stopping,
        });
        tokio::spawn(follower::keep_following(Arc::clone(&live), reader, start));
        Ok(live)
    }

    /// What to answer from, as one consistent set.
    pub fn state(&self) -> Arc<State> {
        self.state.load_full()
    }

    /// Tells `watcher` of every change from now on.
    pub fn watch(&self, watcher: Arc<dyn Watcher>) {
        self.watchers.write().push(watcher);
    }

    /// Where the core stands: what answers carry.
    pub fn position(&self) -> Position {
        let applied = self.applied.borrow();
        Position { epoch: applied.epoch, xid: applied.snapshot.newest() }
    }

    /// Waits until the core has applied what a client has written, [`PATIENCE`] at most.
    ///
    /// # Errors
    /// [`Behind`] when it takes longer; the answer is then given from what is there, and says so.
    pub async fn wait_for(&self, position: Position) -> Result<(), Behind> {
        let mut applied = self.applied.subscribe();
        let arrived = applied.wait_for(|applied| applied.has(position));
        match tokio::time::timeout(PATIENCE, arrived).await {
            Ok(Ok(_)) => Ok(()),
            _ => Err(Behind),
        }
    }

    /// How fresh the core is.
    pub fn readiness(&self) -> Readiness {
        let applied = self.applied.borrow().clone();
        let state = self.state();
        let layers = state.core.layers();
        // While the database is away the core answers, and says how old it is; while it is there, the core has to keep up.
        let stuck = !applied.lost && applied.at.elapsed() > STUCK;
        Readiness {
            ready: !(applied.broken || stuck),
            broken: applied.broken,
            stuck,
            left_out: applied.left_out.clone(),
            layers_waiting: applied.waiting.clone(),
            layers_unreadable: state.catalog.unreadable.clone(),
            position: Position { epoch: applied.epoch, xid: applied.snapshot.newest() },
            age_seconds: applied.at.elapsed().as_secs_f64(),
            database_lost: applied.lost,
            reloading: applied.held.len(),
            layers: layers.len(),
            features: layers.iter().map(|layer| layer.len()).sum(),
        }
    }

    /// Whether the server is about to stop: streams end then.
    pub fn stopping(&self) -> &CancellationToken {
        &self.stopping
    }

    /// Lets a test say which day it is; plans that begin or end between the two change what is drawn.
    pub fn set_clock(&self, clock: Clock) {
        *self.clock.write() = clock;
        self.nudge.notify_one();
    }

    fn day(&self) -> NaiveDate {
        (self.clock.read())()
    }

    /// Tells everybody who keeps something derived, in the order they came.
    fn tell(&self, changed: &Changed) {
        let state = self.state();
        for watcher in self.watchers.read().iter() {
            watcher.changed(&state, changed);
        }
    }
}
