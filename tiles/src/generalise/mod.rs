//! Below the detail zoom.

use crate::{Feature, LayerSchema, Touched};

/// Cells, by view.
#[derive(Default)]
pub(crate) struct Views {}

impl Views {
    pub fn mark(&self, _touched: &[Touched]) {}

    pub fn bytes(&self) -> usize {
        0
    }
}

/// The lowest zoom at which a feature is drawn on its own.
pub(crate) fn own_zoom(_feature: &Feature, schema: &LayerSchema) -> u8 {
    schema.detail_zoom
}
