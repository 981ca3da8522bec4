//! All layers of a node.

use crate::{Layer, LayerName};
use parking_lot::RwLock;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The layers in memory, by name. A whole layer is loaded beside the old one and then swapped in.
#[derive(Default)]
pub struct Core {
    layers: RwLock<BTreeMap<LayerName, Arc<Layer>>>,
}

impl Core {
    /// A core without layers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a layer in, in place of an older one of its name, which is returned. Readers of the old one finish on it.
    pub fn swap(&self, layer: Layer) -> Option<Arc<Layer>> {
        let name = layer.schema().name.clone();
        self.layers.write().insert(name, Arc::new(layer))
    }

    /// Takes a layer out.
    pub fn remove(&self, name: &LayerName) -> Option<Arc<Layer>> {
        self.layers.write().remove(name)
    }

    /// A layer by its name.
    pub fn layer(&self, name: &LayerName) -> Option<Arc<Layer>> {
        self.layers.read().get(name).cloned()
    }

    /// All layers, sorted by name.
    pub fn layers(&self) -> Vec<Arc<Layer>> {
        self.layers.read().values().cloned().collect()
    }
}
