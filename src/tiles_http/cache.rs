//! Remembers tiles, and forgets exactly those that a change touches.
//!
//! From a layer's detail zoom up a tile is a function of the features that touch it, so a change makes those tiles stale that
//! the old or the new shape touches, and no others. Below it, cells are generalised with their neighbours: there the tiles
//! around are forgotten too. Forgetting comes before any map hears of the change (see [`Watcher`]).
//!
//! Tiles, their addresses and what is being drawn lie behind one lock, so that no tile is ever remembered that a change
//! cannot find; what has not been asked for the longest goes when the whole weighs too much.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use dothi_tiles::{Feature, LayerName, LngLatBox, Outline, TileId, Touched};
use parking_lot::Mutex;

use crate::http::encoding::{Effort, Encoding};
use crate::http::etag;
use crate::live::{Changed, LayerChange, State, Watcher};

/// Bytes that are remembered: tiles, and what it takes to find them.
const CAPACITY: usize = 256 << 20;
/// Tiles that one address has at most: sets of layers, audiences.
const VARIANTS: usize = 16;
/// What an address and a tile weigh beside their bodies: keys, tables, order.
const ADDRESS_BYTES: usize = 250;
/// See [`ADDRESS_BYTES`].
const TILE_BYTES: usize = 300;
/// Comparisons of shapes with addresses that one batch of changes may cost. More, and the layer is forgotten as a whole:
/// requests wait meanwhile.
const MOST_COMPARISONS: u64 = 1_000_000;

/// Whose tile it is: the same address is another tile for another audience, or after the catalog changed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TileKey {
    /// Which layers, by name.
    pub layers: Arc<[LayerName]>,
    /// Key of the audience.
    pub audience: u64,
    /// Version of the catalog.
    pub catalog: i64,
}

/// A tile ready to be sent.
#[derive(Debug)]
pub struct Tile {
    /// Mapbox Vector Tile 2.1.
    pub body: Bytes,
    /// Validator of the content without quotes; how it travels is added when it is sent.
    digest: String,
    gzip: OnceLock<Bytes>,
    brotli: OnceLock<Bytes>,
}

impl Tile {
    /// A tile with this body.
    pub(super) fn new(body: Vec<u8>) -> Self {
        let digest = etag::digest(&body);
        Self { body: body.into(), digest, gzip: OnceLock::new(), brotli: OnceLock::new() }
    }

    /// How it travels to a client that wants this encoding: tiny bodies only grow.
    pub fn travels(&self, wanted: Encoding) -> Encoding {
        if self.body.len() < 200 { Encoding::Identity } else { wanted }
    }

    /// Strong validator of one encoding, quoted: two encodings are two sequences of bytes (RFC 9110 §8.8.3.3).
    pub fn etag(&self, encoding: Encoding) -> String {
        match encoding.word() {
            None => format!("\"{}\"", self.digest),
            Some(word) => format!("\"{}-{word}\"", self.digest),
        }
    }

    /// The body in an encoding; compressed once.
    pub fn encoded(&self, encoding: Encoding) -> Bytes {
        match encoding {
            Encoding::Identity => self.body.clone(),
            Encoding::Gzip => self.gzip.get_or_init(|| encoding.compress(&self.body, Effort::Quick)).clone(),
            Encoding::Brotli => self.brotli.get_or_init(|| encoding.compress(&self.body, Effort::Quick)).clone(),
        }
    }

    /// What it weighs, compressed bodies included.
    pub(super) fn weight(&self) -> usize {
        self.body.len() * 2 + TILE_BYTES
    }
}

/// All that is remembered for one address, the oldest first.
struct Bucket {
    /// When it was asked for last.
    used: u64,
    tiles: Vec<(TileKey, Arc<Tile>)>,
}

impl Bucket {
    fn weight(&self) -> usize {
        ADDRESS_BYTES + self.tiles.iter().map(|(key, tile)| tile.weight() + key.layers.len() * 16).sum::<usize>()
    }
}

/// A tile that is being drawn right now: a change that comes meanwhile marks it.
struct Drawing {
    tile: TileId,
    layers: Arc<[LayerName]>,
    stale: bool,
}

/// Tiles in memory.
pub struct TileCache {
    kept: Mutex<Kept>,
    capacity: usize,
    /// Tiles of other days than today.
    pub(super) other_days: super::other_days::OtherDays,
}

/// What lies behind the lock.
#[derive(Default)]
struct Kept {
    zooms: BTreeMap<u8, HashMap<(u32, u32), Bucket>>,
    /// Addresses by the moment they were last asked for.
    order: BTreeMap<u64, TileId>,
    now: u64,
    bytes: usize,
    drawing: HashMap<u64, Drawing>,
}

impl Kept {
    fn tick(&mut self) -> u64 {
        self.now += 1;
        self.now
    }

    fn get(&mut self, tile: TileId, key: &TileKey) -> Option<Arc<Tile>> {
        let now = self.tick();
        let bucket = self.zooms.get_mut(&tile.z)?.get_mut(&(tile.x, tile.y))?;
        let found = bucket.tiles.iter().find(|(known, _)| known == key).map(|(_, tile)| Arc::clone(tile))?;
        self.order.remove(&std::mem::replace(&mut bucket.used, now));
        self.order.insert(now, tile);
        Some(found)
    }

    /// Takes an address out.
    fn take(&mut self, tile: TileId) -> Option<Bucket> {
        let bucket = self.zooms.get_mut(&tile.z)?.remove(&(tile.x, tile.y))?;
        self.order.remove(&bucket.used);
        self.bytes -= bucket.weight();
        Some(bucket)
    }

    /// Puts an address back, as one that was just asked for unless it says when.
    fn put(&mut self, tile: TileId, bucket: Bucket) {
        self.bytes += bucket.weight();
        self.order.insert(bucket.used, tile);
        self.zooms.entry(tile.z).or_default().insert((tile.x, tile.y), bucket);
    }

    fn remember(&mut self, tile: TileId, key: &TileKey, drawn: &Arc<Tile>, capacity: usize) {
        let mut bucket = self.take(tile).unwrap_or(Bucket { used: 0, tiles: Vec::new() });
        bucket.used = self.tick();
        bucket.tiles.retain(|(known, _)| known != key && known.catalog == key.catalog);
        if bucket.tiles.len() >= VARIANTS {
            bucket.tiles.remove(0);
        }
        bucket.tiles.push((key.clone(), Arc::clone(drawn)));
        self.put(tile, bucket);
        while self.bytes > capacity
            && let Some((_, oldest)) = self.order.first_key_value()
        {
            let oldest = *oldest;
            self.take(oldest);
        }
    }

    fn forget(&mut self, tile: TileId, layer: &LayerName) {
        let Some(mut bucket) = self.take(tile) else { return };
        bucket.tiles.retain(|(key, _)| !key.layers.contains(layer));
        if !bucket.tiles.is_empty() {
            self.put(tile, bucket);
        }
    }

    fn forget_layer(&mut self, layer: &LayerName) {
        for drawing in self.drawing.values_mut().filter(|drawing| drawing.layers.contains(layer)) {
            drawing.stale = true;
        }
        let all: Vec<TileId> = self.order.values().copied().collect();
        for tile in all {
            self.forget(tile, layer);
        }
    }
}

impl Default for TileCache {
    fn default() -> Self {
        Self::of(CAPACITY)
    }
}

impl TileCache {
    fn of(capacity: usize) -> Self {
        Self { kept: Mutex::default(), capacity, other_days: super::other_days::OtherDays::default() }
    }

    /// The remembered tile, or the one that `draw` makes, which is then remembered unless a change came meanwhile.
    pub fn get_or_draw(&self, tile: TileId, key: &TileKey, draw: impl Fn() -> Vec<u8>) -> Arc<Tile> {
        if let Some(found) = self.get(tile, key) {
            metrics::counter!("dothi_tile_cache_hits_total").increment(1);
            return found;
        }
        metrics::counter!("dothi_tile_cache_misses_total").increment(1);
        // A change that comes while the tile is drawn makes it stale before it is there: then it is drawn again, and after
        // the third time sent without being remembered.
        for _ in 0..3 {
            let number = {
                let mut kept = self.kept.lock();
                let number = kept.tick();
                kept.drawing.insert(number, Drawing { tile, layers: Arc::clone(&key.layers), stale: false });
                number
            };
            let under_way = UnderWay { cache: self, number };
            let drawn = Arc::new(Tile::new(draw()));
            let mut kept = self.kept.lock();
            let is_stale = kept.drawing.remove(&number).is_none_or(|drawing| drawing.stale);
            if !is_stale {
                // Still under the lock that a change takes: it comes either before this line or after the next.
                kept.remember(tile, key, &drawn, self.capacity);
            }
            drop(kept);
            drop(under_way);
            if !is_stale {
                return drawn;
            }
        }
        Arc::new(Tile::new(draw()))
    }

    /// The remembered tile.
    pub fn get(&self, tile: TileId, key: &TileKey) -> Option<Arc<Tile>> {
        self.kept.lock().get(tile, key)
    }

    /// Everything that is remembered: for the test that compares it with fresh tiles.
    pub fn all(&self) -> Vec<(TileId, TileKey, Arc<Tile>)> {
        let kept = self.kept.lock();
        let addresses = kept
            .zooms
            .iter()
            .flat_map(|(z, known)| known.iter().map(|((x, y), b)| (TileId { z: *z, x: *x, y: *y }, b)));
        addresses
            .flat_map(|(id, bucket)| bucket.tiles.iter().map(move |(key, tile)| (id, key.clone(), Arc::clone(tile))))
            .collect()
    }

    fn forget_rows(&self, layer: &LayerName, detail_zoom: u8, touched: &[Touched]) {
        let features = touched.iter().flat_map(|touched| [&touched.old, &touched.new]).flatten();
        let shapes: Vec<Shape> = features.map(Shape::of).collect();
        let mut kept = self.kept.lock();
        for drawing in kept.drawing.values_mut().filter(|drawing| drawing.layers.contains(layer)) {
            if shapes.iter().any(|shape| shape.may_touch(drawing.tile, detail_zoom)) {
                drawing.stale = true;
            }
        }
        let mut comparisons = 0;
        let mut stale = Vec::new();
        for (z, known) in &kept.zooms {
            for shape in &shapes {
                comparisons += shape.comparisons(*z, known.len(), detail_zoom);
                if comparisons > MOST_COMPARISONS {
                    kept.forget_layer(layer);
                    return;
                }
                stale.extend(shape.touched_of(*z, known, detail_zoom));
            }
        }
        for tile in stale {
            kept.forget(tile, layer);
        }
    }

    fn forget_layer(&self, layer: &LayerName) {
        self.kept.lock().forget_layer(layer);
    }

    fn forget_everything(&self) {
        let mut kept = self.kept.lock();
        for drawing in kept.drawing.values_mut() {
            drawing.stale = true;
        }
        kept.zooms.clear();
        kept.order.clear();
        kept.bytes = 0;
    }
}

/// Takes a drawing out of the list even when drawing panics.
struct UnderWay<'c> {
    cache: &'c TileCache,
    number: u64,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.cache.kept.lock().drawing.remove(&self.number);
    }
}

impl Watcher for TileCache {
    fn changed(&self, state: &State, changed: &Changed) {
        if changed.catalog {
            self.forget_everything();
            return;
        }
        for (name, change) in &changed.layers {
            match (change, state.core.layer(name)) {
                (LayerChange::Rows(touched), Some(layer)) => {
                    self.forget_rows(name, layer.schema().detail_zoom, touched)
                }
                _ => self.forget_layer(name),
            }
        }
    }
}

/// A shape that was or is there.
struct Shape {
    bounds: LngLatBox,
    outline: Outline,
}

impl Shape {
    fn of(feature: &Arc<Feature>) -> Self {
        Self { bounds: feature.bounds(), outline: feature.outline() }
    }

    /// Columns and rows at a zoom whose buffered square may meet the box; below the detail zoom one more on each side.
    fn range(&self, z: u8, detail_zoom: u8) -> Option<((u32, u32), (u32, u32))> {
        if self.bounds.west > self.bounds.east {
            return None;
        }
        // A buffer is a small part of a tile, so the next tile on each side is the last that it can reach.
        let (nw, se) =
            (TileId::at(self.bounds.west, self.bounds.north, z), TileId::at(self.bounds.east, self.bounds.south, z));
        let margin = u32::from(z < detail_zoom);
        let last = (1_u32 << z) - 1;
        let (west, north) = (nw.x.saturating_sub(1 + margin), nw.y.saturating_sub(1 + margin));
        Some(((west, north), ((se.x + 1 + margin).min(last), (se.y + 1 + margin).min(last))))
    }

    fn may_touch(&self, tile: TileId, detail_zoom: u8) -> bool {
        let Some(((west, north), (east, south))) = self.range(tile.z, detail_zoom) else { return false };
        let near = (west..=east).contains(&tile.x) && (north..=south).contains(&tile.y);
        near && (tile.z < detail_zoom || self.outline.touches(tile))
    }

    /// What [`Self::touched_of`] costs at most: addresses looked at, and edges compared with each.
    fn comparisons(&self, z: u8, known: usize, detail_zoom: u8) -> u64 {
        let Some(((west, north), (east, south))) = self.range(z, detail_zoom) else { return 0 };
        let addresses = (u64::from(east - west + 1) * u64::from(south - north + 1)).min(known as u64);
        let edges = if z < detail_zoom { 0 } else { self.outline.edges() as u64 / 16 };
        addresses * (1 + edges)
    }

    /// Those of the known addresses at zoom `z` that this shape touches.
    fn touched_of(&self, z: u8, known: &HashMap<(u32, u32), Bucket>, detail_zoom: u8) -> Vec<TileId> {
        let Some(((west, north), (east, south))) = self.range(z, detail_zoom) else { return Vec::new() };
        let count = u64::from(east - west + 1) * u64::from(south - north + 1);
        let near: Vec<TileId> = if count <= known.len() as u64 {
            let all = (west..=east).flat_map(|x| (north..=south).map(move |y| (x, y)));
            all.filter(|at| known.contains_key(at)).map(|(x, y)| TileId { z, x, y }).collect()
        } else {
            let inside = |(x, y): &&(u32, u32)| (west..=east).contains(x) && (north..=south).contains(y);
            known.keys().filter(inside).map(|(x, y)| TileId { z, x: *x, y: *y }).collect()
        };
        near.into_iter().filter(|tile| z < detail_zoom || self.outline.touches(*tile)).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    fn key(layers: &[&str]) -> TileKey {
        let layers = layers.iter().map(|name| LayerName::new(name).unwrap()).collect();
        TileKey { layers, audience: 1, catalog: 1 }
    }

    const TILE: TileId = TileId { z: 14, x: 13047, y: 7699 };

    #[test]
    fn a_tile_is_drawn_once_until_a_change_of_one_of_its_layers() {
        let cache = TileCache::default();
        let count = AtomicU64::new(0);
        let draw = || {
            count.fetch_add(1, Ordering::Relaxed);
            vec![1, 2, 3]
        };
        for _ in 0..3 {
            cache.get_or_draw(TILE, &key(&["parcel", "tree"]), draw);
        }
        cache.get_or_draw(TILE, &key(&["road"]), draw);
        assert_eq!(count.load(Ordering::Relaxed), 2);
        cache.forget_layer(&LayerName::new("tree").unwrap());
        cache.get_or_draw(TILE, &key(&["road"]), draw);
        assert_eq!(count.load(Ordering::Relaxed), 2, "another layer's tile is kept");
        cache.get_or_draw(TILE, &key(&["parcel", "tree"]), draw);
        assert_eq!(count.load(Ordering::Relaxed), 3);
    }

    #[test]
    fn a_tile_that_a_change_overtakes_is_not_remembered() {
        let cache = TileCache::default();
        let drawn = AtomicU64::new(0);
        let tile = cache.get_or_draw(TILE, &key(&["parcel"]), || {
            let number = drawn.fetch_add(1, Ordering::Relaxed);
            if number == 0 {
                cache.forget_layer(&LayerName::new("parcel").unwrap());
            }
            vec![number as u8]
        });
        assert_eq!(tile.body[..], [1], "it was drawn again after the change");
        assert_eq!(cache.get(TILE, &key(&["parcel"])).unwrap().body[..], [1]);
    }

    #[test]
    fn a_tile_that_is_drawn_while_everything_is_forgotten_is_not_remembered_as_it_was() {
        let cache = TileCache::default();
        let drawn = AtomicU64::new(0);
        let draw = || {
            let number = drawn.fetch_add(1, Ordering::Relaxed);
            if number == 0 {
                cache.forget_everything();
            }
            vec![number as u8]
        };
        assert_eq!(cache.get_or_draw(TILE, &key(&["parcel"]), draw).body[..], [1]);
        let kept = cache.all();
        assert!(kept.iter().all(|(.., tile)| tile.body[..] == [1]), "{kept:?}");
        // What is remembered can still be found by the next change.
        cache.forget_layer(&LayerName::new("parcel").unwrap());
        assert!(cache.all().is_empty());
    }

    #[test]
    fn what_is_remembered_weighs_no_more_than_it_may_and_the_longest_unused_goes_first() {
        let cache = TileCache::of(100_000);
        for x in 0..10_000 {
            cache.get_or_draw(TileId { z: 22, x, y: 0 }, &key(&["parcel"]), Vec::new);
            // One that is asked for again and again stays.
            cache.get_or_draw(TILE, &key(&["parcel"]), || vec![1]);
        }
        let kept = cache.kept.lock();
        assert!(kept.bytes <= 100_000, "{} bytes", kept.bytes);
        let addresses: usize = kept.zooms.values().map(HashMap::len).sum();
        assert_eq!(addresses, kept.order.len());
        assert!((100..500).contains(&addresses), "{addresses} addresses");
        let weight: usize = kept.zooms.values().flat_map(HashMap::values).map(Bucket::weight).sum();
        assert_eq!(weight, kept.bytes);
        drop(kept);
        assert!(cache.get(TILE, &key(&["parcel"])).is_some());
        assert!(cache.get(TileId { z: 22, x: 9_999, y: 0 }, &key(&["parcel"])).is_some());
        assert!(cache.get(TileId { z: 22, x: 0, y: 0 }, &key(&["parcel"])).is_none());
    }

    #[test]
    fn one_address_has_a_few_sets_of_layers_and_no_more() {
        let cache = TileCache::default();
        let names: Vec<String> = (0..100).map(|n| format!("layer_{n}")).collect();
        for name in &names {
            cache.get_or_draw(TILE, &key(&[name]), Vec::new);
        }
        assert_eq!(cache.all().len(), VARIANTS);
        assert!(cache.get(TILE, &key(&["layer_99"])).is_some());
    }

    #[test]
    fn the_same_content_has_the_same_etag_and_each_encoding_its_own() {
        let etag = |content: &[u8], encoding| Tile::new(content.to_vec()).etag(encoding);
        assert_eq!(etag(&[1, 2], Encoding::Gzip), etag(&[1, 2], Encoding::Gzip));
        assert_ne!(etag(&[1, 2], Encoding::Gzip), etag(&[1, 3], Encoding::Gzip));
        assert_ne!(etag(&[1, 2], Encoding::Gzip), etag(&[1, 2], Encoding::Brotli));
        assert_ne!(etag(&[1, 2], Encoding::Gzip), etag(&[1, 2], Encoding::Identity));
    }
}
