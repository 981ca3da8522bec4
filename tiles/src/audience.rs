//! Who asks: which layers, which attributes, which rows.

use crate::dictionary::Row;
use crate::{Feature, Layer, LayerName, LayerSchema, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use xxhash_rust::xxh3::Xxh3;

/// What a group of people may see. There are few of them, each computed once; the key names one in caches.
#[derive(Clone, Debug)]
pub struct Audience {
    /// Equal for audiences that see the same, different for others; stable between runs.
    pub key: u64,
    everything: bool,
    layers: BTreeMap<LayerName, LayerAccess>,
}

/// What is seen of one layer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LayerAccess {
    /// The attributes seen; `None` is all of them, an empty set is none.
    pub attributes: Option<BTreeSet<Arc<str>>>,
    /// Which rows are seen; `None` is all of them.
    pub rows: Option<RowRule>,
}

/// Rows are seen where an attribute has one of some values. A null is never one of them.
#[derive(Clone, Debug, PartialEq)]
pub struct RowRule {
    /// The attribute; if the layer does not hold it, no row is seen.
    pub attribute: Arc<str>,
    /// The values.
    pub values: Vec<Value>,
}

/// Builds an [`Audience`].
#[derive(Clone, Debug, Default)]
pub struct AudienceBuilder {
    layers: BTreeMap<LayerName, LayerAccess>,
}

impl Audience {
    /// Sees everything: staff, and tests.
    pub fn all() -> Self {
        Self { key: 0, everything: true, layers: BTreeMap::new() }
    }

    /// Begins an audience that sees nothing yet.
    pub fn builder() -> AudienceBuilder {
        AudienceBuilder::default()
    }

    /// What it sees of a layer; `None` if the layer does not exist for it.
    pub fn access(&self, layer: &LayerName) -> Option<LayerAccess> {
        if self.everything { Some(LayerAccess::default()) } else { self.layers.get(layer).cloned() }
    }

    /// Whether the layer exists for it.
    pub fn sees(&self, layer: &LayerName) -> bool {
        self.everything || self.layers.contains_key(layer)
    }

    pub(crate) fn lens(&self, schema: &LayerSchema) -> Option<Lens> {
        Some(Lens::new(&self.access(&schema.name)?, schema))
    }
}

impl AudienceBuilder {
    /// Adds a layer with all its attributes and rows.
    #[must_use]
    pub fn layer(self, name: LayerName) -> Self {
        self.layer_with(name, LayerAccess::default())
    }

    /// Adds a layer with only these attributes.
    #[must_use]
    pub fn layer_attributes<'a>(self, name: LayerName, attributes: impl IntoIterator<Item = &'a str>) -> Self {
        let attributes = Some(attributes.into_iter().map(Arc::from).collect());
        self.layer_with(name, LayerAccess { attributes, rows: None })
    }

    /// Adds a layer as described.
    #[must_use]
    pub fn layer_with(mut self, name: LayerName, access: LayerAccess) -> Self {
        self.layers.insert(name, access);
        self
    }

    /// The audience.
    pub fn build(self) -> Audience {
        // Of a kind that is the same in every run and on every node.
        let mut hash = Xxh3::new();
        for (name, access) in &self.layers {
            name.hash(&mut hash);
            access.attributes.hash(&mut hash);
            format!("{:?}", access.rows).hash(&mut hash);
        }
        Audience { key: hash.finish().max(1), everything: false, layers: self.layers }
    }
}

/// An audience's view of one layer, with names turned into places in the row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Lens {
    /// For each attribute, whether it is seen.
    pub seen: Vec<bool>,
    /// Place in the row and values asked for; `None` sees every row.
    pub rule: Option<(Option<usize>, Vec<Value>)>,
}

impl Lens {
    fn new(access: &LayerAccess, schema: &LayerSchema) -> Self {
        let seen = schema.attributes.iter().map(|attribute| {
            attribute.is_held() && access.attributes.as_ref().is_none_or(|set| set.contains(&attribute.name))
        });
        let place =
            |rule: &RowRule| schema.index_of(&rule.attribute).filter(|index| schema.attributes[*index].is_held());
        Self { seen: seen.collect(), rule: access.rows.as_ref().map(|rule| (place(rule), rule.values.clone())) }
    }

    /// Whether it sees the row.
    pub fn admits(&self, feature: &Feature, layer: &Layer) -> bool {
        self.admits_row(&feature.row(), layer)
    }

    fn admits_row(&self, row: &Row<'_>, layer: &Layer) -> bool {
        match &self.rule {
            None => true,
            Some((None, _)) => false,
            Some((Some(index), values)) => {
                let value = row.clone().cell(*index).to_value(layer.dictionary(*index));
                !value.is_null() && values.contains(&value)
            }
        }
    }
}
