//! One layer in memory: a slab of shared features and trees of (box, slot), under one fair lock.

use crate::audience::Lens;
use crate::dictionary::Dictionary;
use crate::generalise::{Views, tiles_of_cells};
use crate::{Audience, Feature, LayerSchema, LngLatBox, NewFeature, TileId, Value, tile_cover};
use chrono::NaiveDate;
use parking_lot::{RwLock, RwLockReadGuard, RwLockWriteGuard};
use slab::Slab;
use std::sync::Arc;
use uuid::Uuid;

mod bytes;
mod slab;

pub use bytes::Bytes;

/// How many rows are changed under one hold of the lock.
pub const MAX_CHANGES_A_LOCK: usize = 1000;

/// One change of a layer.
#[derive(Clone, Debug)]
pub enum Change {
    /// The row with this `fid` is now this, whether it was there or not.
    Put(NewFeature),
    /// The row is gone.
    RemoveRow {
        /// Its key.
        fid: i64,
    },
    /// The object has these rows now and no others.
    ReplaceObject {
        /// The object.
        id: Uuid,
        /// All of its rows.
        rows: Vec<NewFeature>,
    },
}

/// A row that was changed: what it was, what it is.
#[derive(Clone, Debug)]
pub struct Touched {
    /// Key of the row.
    pub fid: i64,
    /// The object.
    pub id: Uuid,
    /// The row before; `None` if it was not there.
    pub old: Option<Arc<Feature>>,
    /// The row after; `None` if it is gone.
    pub new: Option<Arc<Feature>>,
}

/// One layer in memory.
///
/// Readers take the `Arc`s they need and let go before they do anything with them; writers hold the lock for at most
/// [`MAX_CHANGES_A_LOCK`] rows and then let waiting readers in.
pub struct Layer {
    schema: Arc<LayerSchema>,
    dictionaries: Vec<Dictionary>,
    slab: RwLock<Slab>,
    pub(crate) views: Views,
}

impl Layer {
    /// A layer without features.
    pub fn new(schema: LayerSchema) -> Self {
        Self::bulk(schema, std::iter::empty())
    }

    /// A layer with these features, its trees built at once. Of rows with the same `fid` the last one stays.
    pub fn bulk(schema: LayerSchema, features: impl Iterator<Item = NewFeature>) -> Self {
        let dictionaries: Vec<_> = schema.attributes.iter().map(|_| Dictionary::default()).collect();
        let packed = features.map(|new| Arc::new(Feature::pack(&new, &schema, &dictionaries)));
        let slab = RwLock::new(Slab::bulk(schema.detail_zoom, packed));
        Self { schema: Arc::new(schema), dictionaries, slab, views: Views::default() }
    }

    /// What the catalog says of it.
    pub fn schema(&self) -> &LayerSchema {
        &self.schema
    }

    /// How many rows it holds.
    pub fn len(&self) -> usize {
        self.slab.read().len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What it weighs; walks all features.
    pub fn bytes(&self) -> Bytes {
        let mut bytes = self.slab.read().bytes();
        bytes.dictionaries = self.dictionaries.iter().map(Dictionary::bytes).sum();
        bytes.low_zoom = self.views.bytes();
        bytes
    }

    /// Applies changes in order and says what each did. A change that changes nothing (the removal of a row that is
    /// not there) is not mentioned.
    pub fn apply(&self, changes: &[Change]) -> Vec<Touched> {
        let mut touched = Vec::with_capacity(changes.len());
        let mut steps = changes.iter().flat_map(|change| self.steps(change)).peekable();
        while steps.peek().is_some() {
            let before = touched.len();
            let batch: Vec<_> = steps.by_ref().take(MAX_CHANGES_A_LOCK).collect();
            let mut slab = self.slab.write();
            for step in batch {
                slab.step(step, &mut touched);
            }
            // Cells are marked before readers are let in: who sees a new row also sees that its cell is to be redone.
            self.views.mark(&touched[before..]);
            RwLockWriteGuard::unlock_fair(slab);
        }
        touched
    }

    fn steps(&self, change: &Change) -> Vec<Step> {
        let pack = |new| Step::Put(Arc::new(Feature::pack(new, &self.schema, &self.dictionaries)));
        match change {
            Change::Put(new) => vec![pack(new)],
            Change::RemoveRow { fid } => vec![Step::Remove(*fid)],
            Change::ReplaceObject { id, rows } => {
                let keep = rows.iter().map(|row| row.fid).collect();
                std::iter::once(Step::Keep(*id, keep)).chain(rows.iter().map(pack)).collect()
            }
        }
    }

    /// The row with this key.
    pub fn by_fid(&self, fid: i64) -> Option<Arc<Feature>> {
        self.slab.read().by_fid(fid).cloned()
    }

    /// The row of an object that holds on `date`.
    pub fn by_id(&self, id: Uuid, date: NaiveDate) -> Option<Arc<Feature>> {
        self.slab.read().by_id(id).find(|feature| feature.holds_on(date)).cloned()
    }

    /// All rows of an object, from its first period to its last.
    pub fn rows_of(&self, id: Uuid) -> Vec<Arc<Feature>> {
        let mut rows: Vec<_> = self.slab.read().by_id(id).cloned().collect();
        rows.sort_by_key(|row| (row.valid().start, row.fid()));
        rows
    }

    /// Every row, in no order.
    pub fn all(&self) -> Vec<Arc<Feature>> {
        self.slab.read().iter().cloned().collect()
    }

    /// The features whose box meets `bbox`, that `audience` sees and that hold on `date`, by `fid`.
    pub fn intersecting(&self, bbox: LngLatBox, audience: &Audience, date: NaiveDate) -> Vec<Arc<Feature>> {
        let Some(lens) = audience.lens(&self.schema) else { return Vec::new() };
        let mut found = self.candidates(&bbox, u8::MAX);
        found.retain(|feature| {
            feature.holds_on(date) && lens.admits(feature, self) && feature.bounds().intersects(&bbox)
        });
        found.sort_unstable_by_key(|feature| feature.fid());
        found
    }

    /// Features whose rounded box meets `bbox` and that are drawn on their own at `zoom`; takes and lets go the lock.
    pub(crate) fn candidates(&self, bbox: &LngLatBox, zoom: u8) -> Vec<Arc<Feature>> {
        self.slab.read().meeting(bbox, 0..=zoom).cloned().collect()
    }

    pub(crate) fn read(&self) -> RwLockReadGuard<'_, Slab> {
        self.slab.read()
    }

    /// One attribute of one of its features, whoever asks.
    pub fn value(&self, feature: &Feature, attribute: usize) -> Value {
        self.dictionaries.get(attribute).map_or(Value::Null, |texts| feature.cell(attribute).to_value(texts))
    }

    /// Name and value of the attributes that `audience` sees and the feature has.
    pub fn values(&self, feature: &Feature, audience: &Audience) -> Vec<(Arc<str>, Value)> {
        let Some(lens) = audience.lens(&self.schema) else { return Vec::new() };
        let cells = feature.row().zip(&self.schema.attributes).zip(&self.dictionaries).zip(&lens.seen);
        let values = cells.filter(|(_, seen)| **seen);
        let named = values.map(|(((cell, attribute), texts), _)| (attribute.name.clone(), cell.to_value(texts)));
        named.filter(|(_, value)| !value.is_null()).collect()
    }

    /// Whether `audience` sees the feature.
    pub fn sees(&self, audience: &Audience, feature: &Feature) -> bool {
        audience.lens(&self.schema).is_some_and(|lens: Lens| lens.admits(feature, self))
    }

    pub(crate) fn dictionary(&self, attribute: usize) -> &Dictionary {
        &self.dictionaries[attribute]
    }

    pub(crate) fn pack(&self, new: &NewFeature) -> Feature {
        Feature::pack(new, &self.schema, &self.dictionaries)
    }

    /// The tiles at `zoom` whose content a change may have changed: what a cache is to drop. From the detail zoom up
    /// exactly those that the old and the new shape touch; below it those that show their cells.
    pub fn tiles_changed(&self, touched: &Touched, zoom: u8) -> Vec<TileId> {
        let shapes = [&touched.old, &touched.new].into_iter().flatten();
        let mut tiles: Vec<_> = shapes.flat_map(|feature| tile_cover(&feature.geometry(), zoom)).collect();
        if zoom < self.schema.detail_zoom {
            tiles.extend(tiles_of_cells(touched, zoom, &self.schema));
        }
        tiles.sort_unstable();
        tiles.dedup();
        tiles
    }

    /// The next day on which some row begins or ceases to hold: when to call [`Layer::turning`].
    pub fn next_boundary(&self, today: NaiveDate) -> Option<NaiveDate> {
        self.slab.read().next_boundary(today)
    }

    /// The rows that begin or cease to hold in `(after, until]`: what the passing of midnight changes on the map.
    /// Each comes as a [`Touched`] from what it was to what it is.
    pub fn turning(&self, after: NaiveDate, until: NaiveDate) -> Vec<Touched> {
        let mut turned = Vec::new();
        for feature in self.slab.read().iter() {
            let (before, now) = (feature.holds_on(after), feature.holds_on(until));
            if before != now {
                let (old, new) = (before.then(|| feature.clone()), now.then(|| feature.clone()));
                turned.push(Touched { fid: feature.fid(), id: feature.id(), old, new });
            }
        }
        turned
    }
}

/// A change with its feature packed, before the lock is taken.
pub(crate) enum Step {
    Put(Arc<Feature>),
    Remove(i64),
    /// Removes the rows of an object, except these keys.
    Keep(Uuid, Vec<i64>),
}
