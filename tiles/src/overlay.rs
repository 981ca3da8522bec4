//! What a draft changes before it is published.

use crate::{LayerName, NewFeature};
use std::collections::{HashMap, HashSet};

/// Changes drawn over the layers without being in them.
#[derive(Clone, Debug, Default)]
pub struct Overlay {
    /// Changes by layer.
    pub layers: HashMap<LayerName, LayerOverlay>,
}

/// Changes drawn over one layer.
///
/// From the detail zoom up the tile is exactly what it will be. Below it, added features are drawn on their own, and
/// a hidden one that stands in a cell with others stays in the cell's count until the draft is published.
#[derive(Clone, Debug, Default)]
pub struct LayerOverlay {
    /// Keys of rows that are not drawn.
    pub hidden: HashSet<i64>,
    /// Features that are drawn besides, as if they were in the layer.
    pub added: Vec<NewFeature>,
}

impl Overlay {
    /// The changes of one layer, to be filled.
    pub fn layer_mut(&mut self, name: &LayerName) -> &mut LayerOverlay {
        self.layers.entry(name.clone()).or_default()
    }
}
