//! What open maps are told: which layers changed, where, and which objects; each audience in its own words.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use dothi_tiles::{Audience, Feature, Layer, Touched, tile_cover_at_most};
use parking_lot::Mutex;
use serde::Serialize;
use tokio::sync::broadcast;
use uuid::Uuid;

use super::{Changed, LayerChange, State, position::Position};

/// Events that a listener may lag behind before it is told to load again.
const LAG: usize = 256;
/// Events that are kept for listeners who come back after a broken connection.
const KEPT: usize = 512;
/// The deepest zoom that tiles are named at; deeper ones are their children.
const DEEPEST: u8 = 16;
/// More tiles or objects than this are not named: the layer is loaded again.
const NAMED: usize = 256;

/// One thing that open maps hear.
#[derive(Clone, Debug)]
pub enum Event {
    /// Layers changed.
    Change(Arc<Change>),
    /// Nothing that was loaded may be trusted: load everything again.
    Reload,
}

/// A change, as each audience hears it.
#[derive(Debug)]
pub struct Change {
    /// Where the core stands now.
    pub position: Position,
    /// JSON by the audience's key; an audience that sees nothing of it has none.
    bodies: BTreeMap<u64, Arc<str>>,
}

impl Change {
    /// What this audience is told, if anything.
    pub fn body(&self, audience: &Audience) -> Option<&Arc<str>> {
        self.bodies.get(&audience.key)
    }
}

/// The body of an event `change`.
#[derive(Serialize)]
struct Body<'a> {
    position: Position,
    layers: BTreeMap<&'a str, Told>,
}

/// What is told of one layer.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Told {
    /// Tiles at one zoom ≤ 16 that cover what changed: those, the tiles they lie in and the tiles in them are stale. None:
    /// all of the layer is.
    pub cover: Option<BTreeSet<(u8, u32, u32)>>,
    /// The objects that changed; none: too many to name.
    pub ids: Option<BTreeSet<Uuid>>,
}

/// The line to all open maps.
pub struct Events {
    sender: broadcast::Sender<Event>,
    kept: Mutex<Kept>,
}

/// Changes for listeners who come back.
struct Kept {
    changes: VecDeque<Arc<Change>>,
    /// Stands for the moment before the first of them; another one as soon as one is forgotten.
    begin: Position,
}

impl Kept {
    fn begin() -> Position {
        // No database has this epoch, so no other position is the same.
        Position { epoch: Uuid::new_v4(), xid: 0 }
    }
}

/// What a listener hears: what it missed, then what comes.
pub struct Listening {
    /// What happened since the position it came back with; none if that is too long ago to say.
    pub missed: Option<Vec<Arc<Change>>>,
    /// What comes.
    pub coming: broadcast::Receiver<Event>,
    /// With this one comes back to hear all that is told from now on.
    pub from: Position,
}

impl Events {
    pub(super) fn new() -> Self {
        Self {
            sender: broadcast::Sender::new(LAG),
            kept: Mutex::new(Kept { changes: VecDeque::new(), begin: Kept::begin() }),
        }
    }

    /// Begins to listen; `last` is the position of the last event that was heard before a connection broke.
    pub fn listen(&self, last: Option<Position>) -> Listening {
        let kept = self.kept.lock();
        let coming = self.sender.subscribe();
        let missed = last.and_then(|last| {
            if last == kept.begin {
                return Some(kept.changes.iter().cloned().collect());
            }
            let at = kept.changes.iter().position(|change| change.position == last)?;
            Some(kept.changes.iter().skip(at + 1).cloned().collect())
        });
        let from = kept.changes.back().map_or(kept.begin, |change| change.position);
        Listening { missed, coming, from }
    }

    /// Tells a change to everybody who sees something of it. Never waits for a listener.
    pub(super) fn publish(&self, state: &State, changed: &Changed, position: Position) {
        let bodies = state
            .audiences
            .each()
            .filter_map(|audience| Some((audience.key, body(state, changed, position, audience)?)));
        let change = Arc::new(Change { position, bodies: bodies.collect() });
        let mut kept = self.kept.lock();
        if kept.changes.len() == KEPT {
            kept.changes.pop_front();
            kept.begin = Kept::begin();
        }
        kept.changes.push_back(Arc::clone(&change));
        // Nobody listening is no error.
        _ = self.sender.send(Event::Change(change));
    }

    /// Tells everybody to load everything again.
    pub(super) fn reload(&self) {
        *self.kept.lock() = Kept { changes: VecDeque::new(), begin: Kept::begin() };
        _ = self.sender.send(Event::Reload);
    }
}

fn body(state: &State, changed: &Changed, position: Position, audience: &Audience) -> Option<Arc<str>> {
    let mut layers = BTreeMap::new();
    for (name, change) in &changed.layers {
        if !audience.sees(name) {
            continue;
        }
        let told = match (change, state.core.layer(name)) {
            (LayerChange::Rows(touched), Some(layer)) => told(touched, &layer, audience),
            _ => Some(Told::default()),
        };
        if let Some(told) = told {
            layers.insert(name.as_str(), told);
        }
    }
    if layers.is_empty() {
        return None;
    }
    serde_json::to_string(&Body { position, layers }).ok().map(Arc::from)
}

/// What an audience is told of rows: only of those that it saw before, or sees now.
fn told(touched: &[Touched], layer: &Layer, audience: &Audience) -> Option<Told> {
    let seen = |feature: &Option<Arc<Feature>>| feature.clone().filter(|feature| layer.sees(audience, feature));
    let mut ids = BTreeSet::new();
    let mut cover = Cover::default();
    for touched in touched {
        let (old, new) = (seen(&touched.old), seen(&touched.new));
        if old.is_none() && new.is_none() {
            continue;
        }
        ids.insert(touched.id);
        for feature in [old, new].into_iter().flatten() {
            cover.add(&feature);
        }
    }
    if ids.is_empty() {
        return None;
    }
    Some(Told { cover: cover.named(layer.schema().detail_zoom.min(DEEPEST)), ids: (ids.len() <= NAMED).then_some(ids) })
}

/// Tiles at one zoom, which goes down while they are too many.
struct Cover {
    zoom: u8,
    tiles: BTreeSet<(u32, u32)>,
}

impl Default for Cover {
    fn default() -> Self {
        Self { zoom: DEEPEST, tiles: BTreeSet::new() }
    }
}

impl Cover {
    fn add(&mut self, feature: &Feature) {
        let geometry = feature.geometry();
        // By the shape, never by its box: a long pipe across the city touches few tiles of the many between its ends.
        while let None = self.extend(&geometry) {
            self.coarser();
        }
        while self.tiles.len() > NAMED && self.zoom > 0 {
            self.coarser();
        }
    }

    /// Adds the tiles of a shape; none when they are far too many at this zoom.
    fn extend(&mut self, geometry: &geo::Geometry<f64>) -> Option<()> {
        let most = if self.zoom == 0 { usize::MAX } else { 4 * NAMED };
        let tiles = tile_cover_at_most(geometry, self.zoom, most)?;
        self.tiles.extend(tiles.into_iter().map(|tile| (tile.x, tile.y)));
        Some(())
    }

    fn coarser(&mut self) {
        self.zoom -= 1;
        self.tiles = std::mem::take(&mut self.tiles).into_iter().map(|(x, y)| (x / 2, y / 2)).collect();
    }

    /// The tiles, unless they are so coarse that naming them says nothing.
    fn named(self, least: u8) -> Option<BTreeSet<(u8, u32, u32)>> {
        (self.zoom >= least.min(10)).then(|| self.tiles.into_iter().map(|(x, y)| (self.zoom, x, y)).collect())
    }
}
