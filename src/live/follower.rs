//! The only writer of the core: reads batch after batch of the feed and applies each.
//!
//! A batch is read in one transaction, applied in steps of at most 1,000 changes a lock, then told: first to those who keep
//! something derived (tiles, search), then to open maps, and only then does the position move that waiting reads look at.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use dothi_tiles::{Change, Layer, LayerName, LayerSchema, MAX_CHANGES_A_LOCK};
use sqlx::{PgConnection, PgPool, postgres::PgListener};
use tokio::{sync::Semaphore, task::JoinHandle};
use uuid::Uuid;

use super::{
    Applied, Changed, LayerChange, Live, State,
    batch::{Read, Wanted, objects_now},
    feed::{self, Head, LONG_BACKLOG},
    loader::{self, Loaded, LoadedLayer, ReadError, Which},
    position::{Position, Snapshot},
    pruning::Pruning,
    start::{Plans, Start, load_everything, plans_of},
};
use crate::{
    catalog::{self, Catalog},
    identity::Audiences,
};

/// How long the follower sleeps when nobody wakes it.
const POLL: Duration = Duration::from_secs(1);
/// Layers that are read again beside each other: each holds a connection while it waits for more.
const RELOADS_BESIDE: usize = 2;
/// Objects asked for in one statement.
const OBJECTS_A_STATEMENT: usize = 2_000;

/// Does long work without holding up the other tasks of this thread: one of them may be the one that hears of new requests.
fn beside_the_others<T>(work: impl FnOnce() -> T) -> T {
    use tokio::runtime::{Handle, RuntimeFlavor};
    match Handle::current().runtime_flavor() {
        // There is no other thread to give them to.
        RuntimeFlavor::CurrentThread => work(),
        _ => tokio::task::block_in_place(work),
    }
}

/// A layer that is being read again beside the one that is served.
struct Reload {
    task: JoinHandle<Result<Loaded<LoadedLayer>, ReadError>>,
    /// What the served one had seen when this began: reads that carry a later position wait for the new one.
    held: Snapshot,
}

/// A layer that could not be read again, or was overtaken while it was.
struct Unfinished {
    /// As of the [`Reload`] that ended.
    held: Snapshot,
    /// Before the next try: an error that comes at once and stays would be asked for without end.
    patience: Duration,
}

/// Follows the feed for `live` until the server stops. A follower that broke off is a fault in it: another one takes over
/// and reads everything again.
pub(super) async fn keep_following(live: Arc<Live>, pool: PgPool, start: Start) {
    let mut follower = Follower::new(Arc::clone(&live), pool.clone(), start);
    loop {
        let Err(broken) = tokio::spawn(follower.run()).await else { break };
        tracing::error!(%broken, "the follower of the feed broke off; another one reads everything again");
        live.applied.send_modify(|applied| applied.broken = true);
        tokio::select! {
            () = live.stopping.cancelled() => break,
            () = tokio::time::sleep(POLL) => {}
        }
        follower = Follower::anew(Arc::clone(&live), pool.clone());
    }
    pool.close().await;
}

/// Follows the feed for one [`Live`].
struct Follower {
    live: Arc<Live>,
    pool: PgPool,
    last: Snapshot,
    epoch: Uuid,
    plans: Plans,
    reloads: BTreeMap<LayerName, Reload>,
    /// Layers whose reading again ended without a layer: what reads wait for until one succeeds.
    unfinished: BTreeMap<LayerName, Unfinished>,
    turns: Arc<Semaphore>,
    pruning: Pruning,
    /// Objects with rows that could not be read.
    left_out: BTreeMap<LayerName, BTreeSet<Uuid>>,
    /// Layers that somebody else held when everything was read: read as soon as they are free.
    waiting: BTreeSet<LayerName>,
}

impl Follower {
    /// A follower that goes on where the load stood.
    fn new(live: Arc<Live>, pool: PgPool, start: Start) -> Self {
        let Start { head, plans, left_out, waiting, .. } = start;
        let turns = Arc::new(Semaphore::new(RELOADS_BESIDE));
        let (pruning, reloads, unfinished) = (Pruning::default(), BTreeMap::new(), BTreeMap::new());
        let (last, epoch) = (head.snapshot, head.epoch);
        Self { live, pool, last, epoch, plans, reloads, unfinished, turns, pruning, left_out, waiting }
    }

    /// A follower that knows nothing and begins by reading everything again.
    fn anew(live: Arc<Live>, pool: PgPool) -> Self {
        Self {
            live,
            pool,
            last: Snapshot::nothing(),
            epoch: Uuid::nil(),
            plans: Plans::new(),
            reloads: BTreeMap::new(),
            unfinished: BTreeMap::new(),
            turns: Arc::new(Semaphore::new(RELOADS_BESIDE)),
            pruning: Pruning::default(),
            left_out: BTreeMap::new(),
            waiting: BTreeSet::new(),
        }
    }

    /// Follows until the server stops. A lost database is tried again, with patience that grows to two seconds.
    async fn run(mut self) {
        let stopping = self.live.stopping.clone();
        let mut patience = Duration::from_millis(50);
        loop {
            let began = Instant::now();
            let ended = tokio::select! {
                () = stopping.cancelled() => break,
                ended = self.follow() => ended,
            };
            if let Err(error) = ended {
                self.live.applied.send_modify(|applied| applied.lost = true);
                tracing::warn!(%error, "the feed was lost; answers come from memory until it is back");
            }
            patience = if began.elapsed() > POLL { Duration::from_millis(50) } else { (patience * 2).min(2 * POLL) };
            tokio::select! {
                () = stopping.cancelled() => break,
                () = tokio::time::sleep(patience) => self.turn_the_day(),
            }
        }
    }

    /// Follows over one connection until it breaks.
    async fn follow(&mut self) -> Result<(), ReadError> {
        let mut listener = PgListener::connect_with(&self.pool).await?;
        listener.listen("dothi_feed").await?;
        let mut connection = self.pool.acquire().await?;
        feed::confirm_epoch(&mut connection).await?;
        loop {
            self.turn_the_day();
            self.step(&mut connection).await?;
            self.pruning.go_on(&mut connection, &self.last, Instant::now()).await?;
            let live = Arc::clone(&self.live);
            tokio::select! {
                heard = listener.try_recv() => {
                    if heard?.is_none() {
                        return Err(sqlx::Error::Io(std::io::ErrorKind::ConnectionReset.into()).into());
                    }
                }
                () = live.nudge.notified() => {}
                () = tokio::time::sleep(POLL) => {}
            }
        }
    }

    /// Reads and applies one batch.
    async fn step(&mut self, connection: &mut PgConnection) -> Result<(), ReadError> {
        let mut reading = feed::open(connection).await?;
        if reading.head.epoch == self.epoch && reading.head.went_back_behind(&self.last) {
            // A folder that was put back keeps its epoch, and the numbers that clients carry would come a second time.
            drop(reading);
            feed::renew(connection).await?;
            return self.begin_anew().await;
        }
        if reading.head.epoch != self.epoch || !reading.head.reaches_back_to(&self.last) {
            drop(reading);
            return self.begin_anew().await;
        }
        // Who holds one table, or waits to, holds up nothing else.
        sqlx::query("SET LOCAL lock_timeout = '500ms'").execute(&mut *reading.transaction).await?;
        let rows = feed::changes_since(&mut reading.transaction, &self.last).await?;
        let mut wanted = Wanted::of(&rows, &self.plans);
        let mut read = Read::default();
        if wanted.catalog {
            let mut catalog = catalog::load(&mut reading.transaction).await.map_err(ReadError::Catalog)?;
            catalog.keep_unreadable(&self.live.state().catalog);
            self.plan_anew(&catalog, &mut wanted);
            read.catalog = Some(catalog);
        }
        self.take_freed(&mut reading.transaction, &mut wanted).await?;
        self.take_finished(&mut reading, &mut wanted, &mut read).await?;
        self.set_unreadable_aside(&mut reading.transaction, &mut wanted, &mut read).await?;
        self.read_changes(&mut reading.transaction, &mut wanted, &mut read).await?;
        let head = reading.head.clone();
        reading.transaction.rollback().await?;
        for name in &wanted.whole {
            self.begin_reload(name);
        }
        if read.is_long() {
            beside_the_others(|| self.apply(read, head))
        } else {
            self.apply(read, head)
        }
        Ok(())
    }

    /// The catalog changed: layers that are new or shaped otherwise are read again.
    fn plan_anew(&mut self, catalog: &Catalog, wanted: &mut Wanted) {
        let plans = plans_of(catalog);
        for (name, plan) in &plans {
            let same = self.plans.get(name).is_some_and(|old| old.select == plan.select && old.schema == plan.schema);
            if !same {
                wanted.whole.insert(name.clone());
            }
        }
        self.plans = plans;
        let plans = &self.plans;
        wanted.objects.retain(|name, _| plans.contains_key(name));
        wanted.imports.retain(|name, _| plans.contains_key(name));
        wanted.whole.retain(|name| plans.contains_key(name));
    }

    /// Layers that somebody held, and nobody holds now, are read.
    async fn take_freed(&mut self, connection: &mut PgConnection, wanted: &mut Wanted) -> Result<(), ReadError> {
        let known = |name: &&LayerName| !self.reloads.contains_key(*name) && self.plans.contains_key(*name);
        let waiting: Vec<String> = self.waiting.iter().filter(known).map(ToString::to_string).collect();
        if waiting.is_empty() {
            return Ok(());
        }
        let free = loader::free_of(connection, &waiting).await?;
        wanted.whole.extend(free.iter().filter_map(|name| LayerName::new(name).ok()));
        Ok(())
    }

    /// Layers that have been read beside: what happened since their own snapshot is read too, then they are put in place.
    async fn take_finished(
        &mut self,
        reading: &mut feed::Reading<'_>,
        wanted: &mut Wanted,
        read: &mut Read,
    ) -> Result<(), ReadError> {
        let finished: Vec<LayerName> =
            self.reloads.iter().filter(|(_, reload)| reload.task.is_finished()).map(|(name, _)| name.clone()).collect();
        for name in finished {
            let Some(reload) = self.reloads.remove(&name) else { continue };
            let loaded = match reload.task.await {
                Ok(Ok(loaded)) => loaded,
                Ok(Err(error)) => {
                    tracing::warn!(layer = %name, %error, "reading a layer again failed; it is tried once more");
                    self.try_later(&name, reload.held);
                    wanted.whole.insert(name);
                    continue;
                }
                Err(error) => {
                    tracing::error!(layer = %name, %error, "reading a layer again broke off; it is tried once more");
                    self.try_later(&name, reload.held);
                    wanted.whole.insert(name);
                    continue;
                }
            };
            let connection = &mut reading.transaction;
            let since = feed::changes_of_layer_since(connection, name.as_str(), &loaded.snapshot).await?;
            let since = Wanted::of(&since, &self.plans);
            if !reading.head.reaches_back_to(&loaded.snapshot) || since.whole.contains(&name) {
                self.unfinished.insert(name.clone(), Unfinished { held: reload.held, patience: Duration::ZERO });
                wanted.whole.insert(name);
                continue;
            }
            self.unfinished.remove(&name);
            for (name, objects) in since.objects {
                wanted.objects.entry(name).or_default().extend(objects);
            }
            for (name, imports) in since.imports {
                wanted.imports.entry(name).or_default().extend(imports);
            }
            read.swaps.push(loaded.value);
        }
        Ok(())
    }

    /// Layers that cannot be read now are left to a reload beside, which waits for them with patience.
    async fn set_unreadable_aside(
        &mut self,
        connection: &mut PgConnection,
        wanted: &mut Wanted,
        read: &mut Read,
    ) -> Result<(), ReadError> {
        let named = wanted.objects.keys().chain(wanted.imports.keys()).chain(&wanted.whole);
        let named: BTreeSet<LayerName> = named.cloned().collect();
        for name in named {
            let Some(plan) = self.plans.get(&name).cloned() else { continue };
            // A reload of a layer with a place asks for itself.
            let is_read_here = !plan.has_place || !wanted.whole.contains(&name);
            if !is_read_here {
                continue;
            }
            let Err(error) = loader::probe(connection, &plan).await? else { continue };
            wanted.objects.remove(&name);
            wanted.imports.remove(&name);
            wanted.whole.remove(&name);
            read.swaps.retain(|loaded| loaded.layer.schema().name != name);
            if plan.has_place {
                tracing::warn!(layer = %name, %error, "the layer cannot be read now; it is read again beside the others");
                wanted.whole.insert(name);
            } else if self.waiting.insert(name.clone()) {
                tracing::warn!(layer = %name, %error, "the table cannot be read now; it is as it was until it can be");
            }
        }
        Ok(())
    }

    /// Reads the rows that a batch is about. What turns out too much is left to a reload.
    async fn read_changes(
        &mut self,
        connection: &mut PgConnection,
        wanted: &mut Wanted,
        read: &mut Read,
    ) -> Result<(), ReadError> {
        for (name, imports) in std::mem::take(&mut wanted.imports) {
            let Some(plan) = self.plans.get(&name) else { continue };
            for import in imports {
                let objects = loader::objects_of_import(connection, plan, import).await?;
                wanted.objects.entry(name.clone()).or_default().extend(objects);
            }
        }
        for (name, objects) in &wanted.objects {
            if objects.len() as i64 > LONG_BACKLOG {
                wanted.whole.insert(name.clone());
            }
        }
        for (name, objects) in &wanted.objects {
            let Some(plan) = self.plans.get(name).filter(|_| !wanted.whole.contains(name)) else { continue };
            if plan.has_place && !self.fits(name, &plan.schema, read) {
                // The catalog changed: the layer is being read again, and what happens meanwhile is read when it is put in place.
                // A row in the new order of columns would show values under wrong names in the old one.
                if !self.reloads.contains_key(name) {
                    wanted.whole.insert(name.clone());
                }
                continue;
            }
            if !plan.has_place {
                wanted.whole.insert(name.clone());
                continue;
            }
            let ids: Vec<Uuid> = objects.iter().copied().collect();
            let changes = read.changes.entry(name.clone()).or_default();
            let left_out = read.left_out.entry(name.clone()).or_default();
            for ids in ids.chunks(OBJECTS_A_STATEMENT) {
                changes.extend(objects_now(connection, plan, ids, left_out).await?);
            }
        }
        // Entities without a place are few: they are read as a whole, in the same transaction.
        for name in wanted.whole.clone() {
            let Some(plan) = self.plans.get(&name).filter(|plan| !plan.has_place) else { continue };
            let mut rows = Vec::new();
            loader::read(connection, plan, &Which::Keys { from: i64::MIN, to: i64::MAX }, |row| rows.push(row)).await?;
            read.entities.insert(name.clone(), rows);
            wanted.whole.remove(&name);
        }
        Ok(())
    }

    /// Whether rows read by `schema` go into the layer that is served after this batch.
    fn fits(&self, name: &LayerName, schema: &LayerSchema, read: &Read) -> bool {
        match read.swaps.iter().find(|loaded| loaded.layer.schema().name == *name) {
            Some(loaded) => loaded.layer.schema() == schema,
            None => self.live.state().core.layer(name).is_none_or(|layer| layer.schema() == schema),
        }
    }

    /// The next reading of a layer waits, twice as long each time and half a minute at most.
    fn try_later(&mut self, name: &LayerName, held: Snapshot) {
        let before = self.unfinished.get(name).map_or(Duration::ZERO, |unfinished| unfinished.patience);
        let patience = (before * 2).clamp(Duration::from_millis(500), Duration::from_secs(30));
        self.unfinished.insert(name.clone(), Unfinished { held, patience });
    }

    fn begin_reload(&mut self, name: &LayerName) {
        let Some(plan) = self.plans.get(name).cloned() else { return };
        let (pool, live, turns) = (self.pool.clone(), Arc::clone(&self.live), Arc::clone(&self.turns));
        let unfinished = self.unfinished.get(name);
        let patience = unfinished.map_or(Duration::ZERO, |unfinished| unfinished.patience);
        // A read waits for whatever the served layer lacks, however often reading it anew was begun.
        let held = match (self.reloads.remove(name), unfinished) {
            (Some(running), _) => {
                running.task.abort();
                running.held
            }
            (None, Some(unfinished)) => unfinished.held.clone(),
            (None, None) => self.last.clone(),
        };
        let task = tokio::spawn(async move {
            tokio::time::sleep(patience).await;
            let _turn = turns.acquire().await;
            let loaded = loader::load_beside(&pool, plan).await;
            live.nudge.notify_one();
            loaded
        });
        self.reloads.insert(name.clone(), Reload { task, held });
    }

    /// Puts into memory what was read, tells of it, and moves the position.
    fn apply(&mut self, read: Read, head: Head) {
        let mut changed = Changed::default();
        if let Some(catalog) = read.catalog {
            self.put_catalog(catalog);
            changed.catalog = true;
        }
        let state = self.live.state();
        for LoadedLayer { layer, left_out } in read.swaps {
            let name = layer.schema().name.clone();
            state.core.swap(layer);
            self.waiting.remove(&name);
            self.left_out.insert(name.clone(), left_out);
            changed.layers.insert(name, LayerChange::Everything);
        }
        for (name, changes) in &read.changes {
            let left_out = self.left_out.entry(name.clone()).or_default();
            for change in changes {
                if let Change::ReplaceObject { id, .. } = change {
                    left_out.remove(id);
                }
            }
            left_out.extend(read.left_out.get(name).into_iter().flatten());
        }
        self.left_out.retain(|_, objects| !objects.is_empty());
        for (name, changes) in read.changes {
            let Some(layer) = state.core.layer(&name) else { continue };
            let mut touched = Vec::new();
            for some in changes.chunks(MAX_CHANGES_A_LOCK) {
                touched.extend(layer.apply(some));
            }
            // A layer that was just put in place is told of as a whole.
            changed.layers.entry(name).or_insert(LayerChange::Rows(touched));
        }
        for (name, rows) in read.entities {
            state.entities.put(name.clone(), rows);
            self.waiting.remove(&name);
            changed.layers.insert(name, LayerChange::Everything);
        }
        self.last = head.snapshot;
        self.publish(&changed);
    }

    fn put_catalog(&self, catalog: Catalog) {
        let old = self.live.state();
        let core = Arc::clone(&old.core);
        for layer in core.layers() {
            if !self.plans.contains_key(&layer.schema().name) {
                core.remove(&layer.schema().name);
            }
        }
        for plan in self.plans.values().filter(|plan| plan.has_place) {
            if core.layer(&plan.name).is_none() {
                core.swap(Layer::new(plan.schema.clone()));
            }
        }
        let audiences = Arc::new(Audiences::of(&catalog));
        self.live.state.store(Arc::new(State { audiences, catalog: Arc::new(catalog), ..(*old).clone() }));
    }

    /// Tells watchers, then open maps, then waiting reads.
    fn publish(&self, changed: &Changed) {
        let held: Vec<Snapshot> = self.reloads.values().map(|reload| reload.held.clone()).collect();
        let left_out = self.left_out.iter().map(|(name, objects)| (name.to_string(), objects.len())).collect();
        let waiting = self.waiting.iter().map(ToString::to_string).collect();
        let applied = Applied {
            waiting,
            epoch: self.epoch,
            snapshot: self.last.clone(),
            held,
            left_out,
            at: Instant::now(),
            lost: false,
            broken: false,
        };
        let position = Position { epoch: self.epoch, xid: applied.snapshot.newest() };
        if !changed.layers.is_empty() || changed.catalog {
            self.live.tell(changed);
            self.live.events.publish(&self.live.state(), changed, position);
        }
        if changed.catalog {
            // Names, styles and rights may be others now: what was loaded under the old ones is not to be trusted.
            self.live.events.reload();
        }
        self.live.applied.send_replace(applied);
    }

    /// The database was restored, or this server was away for longer than the feed reaches back: nothing that was remembered
    /// means anything. Everything is read again and swapped.
    async fn begin_anew(&mut self) -> Result<(), ReadError> {
        tracing::warn!(
            "the database has a new epoch, or its feed does not reach back far enough: everything is read again"
        );
        self.pruning = Pruning::default();
        self.unfinished.clear();
        for reload in std::mem::take(&mut self.reloads).into_values() {
            reload.task.abort();
        }
        let start = load_everything(&self.pool, self.live.day()).await?;
        self.epoch = start.head.epoch;
        self.last = start.head.snapshot;
        self.plans = start.plans;
        self.left_out = start.left_out;
        self.waiting = start.waiting;
        self.live.state.store(Arc::new(start.state));
        let everything = self.plans.keys().map(|name| (name.clone(), LayerChange::Everything)).collect();
        let changed = Changed { layers: everything, catalog: true };
        beside_the_others(|| self.publish(&changed));
        Ok(())
    }

    /// At midnight plans begin and end without a write.
    fn turn_the_day(&self) {
        let old = self.live.state();
        let day = self.live.day();
        if day == old.date {
            return;
        }
        self.live.state.store(Arc::new(State { date: day, ..(*old).clone() }));
        let mut changed = Changed::default();
        for layer in old.core.layers() {
            let touched = layer.turning(old.date, day);
            if !touched.is_empty() {
                changed.layers.insert(layer.schema().name.clone(), LayerChange::Rows(touched));
            }
        }
        if !changed.layers.is_empty() {
            let state = self.live.state();
            beside_the_others(|| self.live.tell(&changed));
            self.live.events.publish(&state, &changed, self.live.position());
        }
    }
}

impl Drop for Follower {
    /// However it ends: nobody waits for what it had begun.
    fn drop(&mut self) {
        for reload in self.reloads.values() {
            reload.task.abort();
        }
    }
}
