//! Remembers tiles, and forgets exactly those that a change touches.
//!
//! From a layer's detail zoom up a tile is a function of the features that touch it, so a change makes those tiles stale that
//! the old or the new shape touches, and no others. Below it, cells are generalised with their neighbours: there the tiles
//! around are forgotten too. Forgetting comes before any map hears of the change (see [`Watcher`]).

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use dothi_tiles::{Feature, LayerName, LngLatBox, TileId, Touched};
use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};

use super::encoding::Encoding;
use crate::live::{Changed, LayerChange, State, Watcher};

/// Bytes of tiles that are remembered.
const CAPACITY: u64 = 256 << 20;

/// Whose tile it is: the same address is another tile for another audience, or after the catalog changed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TileKey {
    /// Which layers, in this order.
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
    /// Strong validator of the content, quoted.
    pub etag: String,
    gzip: OnceLock<Bytes>,
    brotli: OnceLock<Bytes>,
}

impl Tile {
    /// A tile with this body.
    pub(super) fn new(body: Vec<u8>) -> Self {
        let digest = Sha256::digest(&body);
        let etag = digest[..12].iter().fold(String::from("\""), |text, byte| text + &format!("{byte:02x}")) + "\"";
        Self { body: body.into(), etag, gzip: OnceLock::new(), brotli: OnceLock::new() }
    }

    /// The body as a client wants it; compressed once. Tiny bodies only grow.
    pub fn encoded(&self, encoding: Encoding) -> (Encoding, Bytes) {
        let encoding = if self.body.len() < 200 { Encoding::Identity } else { encoding };
        let bytes = match encoding {
            Encoding::Identity => self.body.clone(),
            Encoding::Gzip => self.gzip.get_or_init(|| encoding.compress(&self.body)).clone(),
            Encoding::Brotli => self.brotli.get_or_init(|| encoding.compress(&self.body)).clone(),
        };
        (encoding, bytes)
    }
}

/// All that is remembered for one address.
type Bucket = Arc<Vec<(TileKey, Arc<Tile>)>>;

/// A tile that is being drawn right now: a change that comes meanwhile marks it.
struct Drawing {
    tile: TileId,
    layers: Arc<[LayerName]>,
    stale: AtomicBool,
}

/// Tiles in memory.
pub struct TileCache {
    tiles: moka::sync::Cache<TileId, Bucket>,
    /// Addresses that may be in `tiles`, by zoom: never less than are there.
    addresses: Mutex<BTreeMap<u8, HashSet<(u32, u32)>>>,
    drawing: Mutex<HashMap<u64, Arc<Drawing>>>,
    next: AtomicU64,
}

impl Default for TileCache {
    fn default() -> Self {
        let weigh = |_: &TileId, bucket: &Bucket| {
            let bytes: usize = bucket.iter().map(|(_, tile)| tile.body.len() * 2 + 300).sum();
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        Self {
            tiles: moka::sync::Cache::builder().max_capacity(CAPACITY).weigher(weigh).build(),
            addresses: Mutex::default(),
            drawing: Mutex::default(),
            next: AtomicU64::new(0),
        }
    }
}

impl TileCache {
    /// The remembered tile, or the one that `draw` makes, which is then remembered unless a change came meanwhile.
    pub fn get_or_draw(&self, tile: TileId, key: &TileKey, draw: impl Fn() -> Vec<u8>) -> Arc<Tile> {
        if let Some(found) = self.get(tile, key) {
            metrics::counter!("dothi_tile_cache_hits_total").increment(1);
            return found;
        }
        metrics::counter!("dothi_tile_cache_misses_total").increment(1);
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        // A change that comes while the tile is drawn makes it stale before it is there: then it is drawn again, and after
        // the third time sent without being remembered.
        for _ in 0..3 {
            let drawing = Arc::new(Drawing { tile, layers: Arc::clone(&key.layers), stale: AtomicBool::new(false) });
            self.drawing.lock().insert(number, Arc::clone(&drawing));
            let drawn = Arc::new(Tile::new(draw()));
            let mut all = self.drawing.lock();
            all.remove(&number);
            if !drawing.stale.load(Ordering::Acquire) {
                // Still under the lock that a change takes first: it comes either before this line or after the next.
                self.remember(tile, key, &drawn);
                return drawn;
            }
        }
        Arc::new(Tile::new(draw()))
    }

    /// The remembered tile.
    pub fn get(&self, tile: TileId, key: &TileKey) -> Option<Arc<Tile>> {
        let bucket = self.tiles.get(&tile)?;
        bucket.iter().find(|(known, _)| known == key).map(|(_, tile)| Arc::clone(tile))
    }

    /// Everything that is remembered: for the test that compares it with fresh tiles.
    pub fn all(&self) -> Vec<(TileId, TileKey, Arc<Tile>)> {
        let buckets = self.tiles.iter();
        buckets
            .flat_map(|(id, bucket)| bucket.iter().map(|(k, t)| (*id, k.clone(), Arc::clone(t))).collect::<Vec<_>>())
            .collect()
    }

    fn remember(&self, tile: TileId, key: &TileKey, drawn: &Arc<Tile>) {
        self.addresses.lock().entry(tile.z).or_default().insert((tile.x, tile.y));
        let mut bucket = self.tiles.get(&tile).map(|bucket| (*bucket).clone()).unwrap_or_default();
        bucket.retain(|(known, _)| known != key && known.catalog == key.catalog);
        bucket.push((key.clone(), Arc::clone(drawn)));
        self.tiles.insert(tile, Arc::new(bucket));
    }

    fn forget(&self, tile: TileId, layer: &LayerName) {
        let Some(bucket) = self.tiles.get(&tile) else { return };
        let kept: Vec<_> = bucket.iter().filter(|(key, _)| !key.layers.contains(layer)).cloned().collect();
        if kept.is_empty() {
            self.tiles.invalidate(&tile);
        } else if kept.len() < bucket.len() {
            self.tiles.insert(tile, Arc::new(kept));
        }
    }

    fn forget_rows(&self, layer: &LayerName, detail_zoom: u8, touched: &[Touched]) {
        let shapes: Vec<Shape> = touched
            .iter()
            .flat_map(|touched| [&touched.old, &touched.new])
            .flatten()
            .map(|feature| Shape::of(feature))
            .collect();
        let mut drawing = self.drawing.lock();
        for drawing in drawing.values_mut().filter(|drawing| drawing.layers.contains(layer)) {
            if shapes.iter().any(|shape| shape.may_touch(drawing.tile, detail_zoom)) {
                drawing.stale.store(true, Ordering::Release);
            }
        }
        let addresses = self.addresses.lock();
        let mut stale = HashSet::new();
        for (z, known) in addresses.iter() {
            for shape in &shapes {
                stale.extend(shape.touched_of(*z, known, detail_zoom));
            }
        }
        drop(addresses);
        for tile in stale {
            self.forget(tile, layer);
        }
    }

    fn forget_layer(&self, layer: &LayerName) {
        let drawing = self.drawing.lock();
        for drawing in drawing.values().filter(|drawing| drawing.layers.contains(layer)) {
            drawing.stale.store(true, Ordering::Release);
        }
        let all: Vec<TileId> = self.tiles.iter().map(|(tile, _)| *tile).collect();
        for tile in all {
            self.forget(tile, layer);
        }
    }

    fn forget_everything(&self) {
        for drawing in self.drawing.lock().values() {
            drawing.stale.store(true, Ordering::Release);
        }
        self.tiles.invalidate_all();
        self.addresses.lock().clear();
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
    feature: Arc<Feature>,
}

impl Shape {
    fn of(feature: &Arc<Feature>) -> Self {
        Self { bounds: feature.bounds(), feature: Arc::clone(feature) }
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
        near && (tile.z < detail_zoom || self.feature.touches_tile(tile))
    }

    /// Those of the known addresses at zoom `z` that this shape touches.
    fn touched_of(&self, z: u8, known: &HashSet<(u32, u32)>, detail_zoom: u8) -> Vec<TileId> {
        let Some(((west, north), (east, south))) = self.range(z, detail_zoom) else { return Vec::new() };
        let count = u64::from(east - west + 1) * u64::from(south - north + 1);
        let near: Vec<TileId> = if count <= known.len() as u64 {
            let all = (west..=east).flat_map(|x| (north..=south).map(move |y| (x, y)));
            all.filter(|at| known.contains(at)).map(|(x, y)| TileId { z, x, y }).collect()
        } else {
            let inside = |(x, y): &&(u32, u32)| (west..=east).contains(x) && (north..=south).contains(y);
            known.iter().filter(inside).map(|(x, y)| TileId { z, x: *x, y: *y }).collect()
        };
        near.into_iter().filter(|tile| z < detail_zoom || self.feature.touches_tile(*tile)).collect()
    }
}

#[cfg(test)]
mod tests {
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
        cache.forget(TILE, &LayerName::new("tree").unwrap());
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
    fn the_same_content_has_the_same_etag() {
        assert_eq!(Tile::new(vec![1, 2]).etag, Tile::new(vec![1, 2]).etag);
        assert_ne!(Tile::new(vec![1, 2]).etag, Tile::new(vec![1, 3]).etag);
    }
}
