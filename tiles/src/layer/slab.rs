//! What a layer's lock guards: slots, trees, and the two ways to a slot.

use super::{Bytes, Step, Touched};
use crate::{Feature, LngLatBox};
use chrono::{Datelike, NaiveDate};
use hashbrown::{DefaultHashBuilder, HashTable};
use rstar::{AABB, RStarInsertionStrategy, RTree, RTreeObject, RTreeParams};
use std::collections::BTreeMap;
use std::hash::BuildHasher;
use std::ops::RangeInclusive;
use std::sync::Arc;
use uuid::Uuid;

/// A box and the slot it leads to. The box is rounded outwards to `f32`: half the memory, at most a metre too large.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Place {
    low: [f32; 2],
    high: [f32; 2],
    pub slot: u32,
}

impl Place {
    fn of(feature: &Feature, slot: u32) -> Option<Self> {
        let bounds = feature.bounds();
        (bounds.west <= bounds.east).then(|| Self {
            low: [below(bounds.west), below(bounds.south)],
            high: [above(bounds.east), above(bounds.north)],
            slot,
        })
    }
}

impl RTreeObject for Place {
    type Envelope = AABB<[f32; 2]>;
    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners(self.low, self.high)
    }
}

fn below(value: f64) -> f32 {
    let near = value as f32;
    if f64::from(near) > value { near.next_down() } else { near }
}

fn above(value: f64) -> f32 {
    let near = value as f32;
    if f64::from(near) < value { near.next_up() } else { near }
}

/// Wide nodes: fewer of them, so less memory a feature, and no slower.
pub(super) struct Wide;

impl RTreeParams for Wide {
    const MIN_SIZE: usize = 5;
    const MAX_SIZE: usize = 12;
    const REINSERTION_COUNT: usize = 3;
    type DefaultInsertionStrategy = RStarInsertionStrategy;
}

type Tree = RTree<Place, Wide>;

/// Slots and the ways to them.
pub(crate) struct Slab {
    slots: Vec<Option<Arc<Feature>>>,
    free: Vec<u32>,
    /// One tree for each zoom from which features are drawn on their own, so that low zooms find the large ones at once.
    trees: Vec<Tree>,
    fids: HashTable<u32>,
    ids: HashTable<u32>,
    hasher: DefaultHashBuilder,
    /// How many rows begin or end on each day.
    boundaries: BTreeMap<i32, u32>,
}

impl Slab {
    pub fn bulk(detail_zoom: u8, features: impl Iterator<Item = Arc<Feature>>) -> Self {
        let mut slab = Self {
            slots: Vec::new(),
            free: Vec::new(),
            trees: Vec::new(),
            fids: HashTable::new(),
            ids: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            boundaries: BTreeMap::new(),
        };
        for feature in features {
            slab.take_out(feature.fid());
            slab.enter(feature);
        }
        let mut places: Vec<Vec<Place>> = (0..=detail_zoom).map(|_| Vec::new()).collect();
        for (slot, feature) in slab.slots.iter().enumerate() {
            if let Some((feature, place)) = feature.as_ref().and_then(|f| Some((f, Place::of(f, slot as u32)?))) {
                places[usize::from(feature.own_zoom())].push(place);
            }
        }
        slab.trees = places.into_iter().map(Tree::bulk_load_with_params).collect();
        slab.slots.shrink_to_fit();
        slab.fids.shrink_to_fit(|slot| slab.hasher.hash_one(fid_at(&slab.slots, *slot).unwrap_or(0)));
        slab.ids.shrink_to_fit(|slot| slab.hasher.hash_one(id_at(&slab.slots, *slot)));
        slab
    }

    pub fn len(&self) -> usize {
        self.fids.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Arc<Feature>> {
        self.slots.iter().flatten()
    }

    pub fn at(&self, slot: u32) -> Option<&Arc<Feature>> {
        self.slots.get(slot as usize)?.as_ref()
    }

    pub fn by_fid(&self, fid: i64) -> Option<&Arc<Feature>> {
        let slot = self.fids.find(self.hasher.hash_one(fid), |slot| fid_at(&self.slots, *slot) == Some(fid))?;
        self.at(*slot)
    }

    pub fn by_id(&self, id: Uuid) -> impl Iterator<Item = &Arc<Feature>> {
        let same_hash = self.ids.iter_hash(self.hasher.hash_one(Some(id)));
        same_hash.filter_map(|slot| self.at(*slot)).filter(move |feature| feature.id() == id)
    }

    /// Features whose rounded box meets `bbox` and whose own zoom lies in `own`.
    pub fn meeting(&self, bbox: &LngLatBox, own: RangeInclusive<u8>) -> impl Iterator<Item = &Arc<Feature>> {
        let last = self.trees.len().saturating_sub(1);
        let (from, to) = (usize::from(*own.start()).min(last + 1), usize::from(*own.end()).min(last));
        let envelope = AABB::from_corners([below(bbox.west), below(bbox.south)], [above(bbox.east), above(bbox.north)]);
        let trees = if from <= to { &self.trees[from..=to] } else { &[] };
        let places = trees.iter().flat_map(move |tree| tree.locate_in_envelope_intersecting(&envelope));
        places.filter_map(|place| self.at(place.slot))
    }

    pub fn next_boundary(&self, today: NaiveDate) -> Option<NaiveDate> {
        let (day, _) = self.boundaries.range(today.num_days_from_ce() + 1..).next()?;
        NaiveDate::from_num_days_from_ce_opt(*day)
    }

    pub(super) fn step(&mut self, step: Step, touched: &mut Vec<Touched>) {
        match step {
            Step::Put(feature) => {
                let old = self.remove(feature.fid());
                self.insert(feature.clone());
                touched.push(Touched { fid: feature.fid(), id: feature.id(), old, new: Some(feature) });
            }
            Step::Remove(fid) => {
                if let Some(old) = self.remove(fid) {
                    touched.push(Touched { fid, id: old.id(), old: Some(old), new: None });
                }
            }
            Step::Keep(id, keep) => {
                let mut gone: Vec<i64> = self.by_id(id).map(|row| row.fid()).collect();
                gone.retain(|fid| !keep.contains(fid));
                gone.sort_unstable();
                for fid in gone {
                    self.step(Step::Remove(fid), touched);
                }
            }
        }
    }

    fn insert(&mut self, feature: Arc<Feature>) {
        let own_zoom = usize::from(feature.own_zoom());
        let slot = self.enter(feature);
        if let Some(place) = self.at(slot).and_then(|feature| Place::of(feature, slot)) {
            self.trees[own_zoom].insert(place);
        }
    }

    fn remove(&mut self, fid: i64) -> Option<Arc<Feature>> {
        let (slot, feature) = self.take_out(fid)?;
        if let Some(place) = Place::of(&feature, slot) {
            self.trees[usize::from(feature.own_zoom())].remove(&place);
        }
        Some(feature)
    }

    /// Puts a feature into a slot and both tables, not into a tree.
    fn enter(&mut self, feature: Arc<Feature>) -> u32 {
        self.count_boundaries(&feature, 1);
        let (fid, id) = (self.hasher.hash_one(feature.fid()), self.hasher.hash_one(Some(feature.id())));
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            (self.slots.len() - 1) as u32
        });
        self.slots[slot as usize] = Some(feature);
        let (slots, hasher) = (&self.slots, &self.hasher);
        self.fids.insert_unique(fid, slot, |slot| hasher.hash_one(fid_at(slots, *slot).unwrap_or(0)));
        self.ids.insert_unique(id, slot, |slot| hasher.hash_one(id_at(slots, *slot)));
        slot
    }

    /// Takes a feature out of its slot and both tables, not out of its tree.
    fn take_out(&mut self, fid: i64) -> Option<(u32, Arc<Feature>)> {
        let hash = self.hasher.hash_one(fid);
        let slots = &self.slots;
        let entry = self.fids.find_entry(hash, |slot| fid_at(slots, *slot) == Some(fid)).ok()?;
        let (slot, _) = entry.remove();
        let hash = self.hasher.hash_one(id_at(slots, slot));
        if let Ok(entry) = self.ids.find_entry(hash, |other| *other == slot) {
            entry.remove();
        }
        let feature = self.slots[slot as usize].take()?;
        self.free.push(slot);
        self.count_boundaries(&feature, -1);
        Some((slot, feature))
    }

    fn count_boundaries(&mut self, feature: &Feature, by: i32) {
        let valid = feature.valid();
        for day in [valid.start, valid.end].into_iter().flatten() {
            let day = day.num_days_from_ce();
            let count = self.boundaries.entry(day).or_default();
            *count = count.saturating_add_signed(by);
            if *count == 0 {
                self.boundaries.remove(&day);
            }
        }
    }

    pub fn bytes(&self) -> Bytes {
        let features = self.iter().map(|feature| feature.own_bytes()).sum();
        let coordinates = self.iter().map(|feature| feature.coordinate_bytes()).sum();
        let nodes: usize = self.trees.iter().map(|tree| node_bytes(tree.root())).sum();
        let slab = self.slots.capacity() * 8
            + self.free.capacity() * 4
            + self.fids.allocation_size()
            + self.ids.allocation_size()
            + self.boundaries.len() * 16;
        Bytes { rows: self.len(), coordinates, features, slab, index: nodes, dictionaries: 0, low_zoom: 0 }
    }
}

fn node_bytes(node: &rstar::ParentNode<Place>) -> usize {
    let children = node.children();
    let below: usize = children
        .iter()
        .map(|child| if let rstar::RTreeNode::Parent(parent) = child { node_bytes(parent) } else { 0 })
        .sum();
    // Room that a node holds beyond its children is not to be seen from outside; bulk-loaded nodes are full.
    std::mem::size_of_val(children) + 16 + below
}

fn fid_at(slots: &[Option<Arc<Feature>>], slot: u32) -> Option<i64> {
    Some(slots.get(slot as usize)?.as_ref()?.fid())
}

fn id_at(slots: &[Option<Arc<Feature>>], slot: u32) -> Option<Uuid> {
    Some(slots.get(slot as usize)?.as_ref()?.id())
}
