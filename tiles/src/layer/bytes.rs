//! What a layer weighs.

/// What a layer weighs, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bytes {
    /// How many rows.
    pub rows: usize,
    /// Positions: 16 bytes each.
    pub coordinates: usize,
    /// Features beside their positions: keys, counters, ring ends, attribute rows, what the allocator adds.
    pub features: usize,
    /// Slots and the two hash tables that lead to them.
    pub slab: usize,
    /// The trees.
    pub index: usize,
    /// Texts of the columns.
    pub dictionaries: usize,
    /// Cells held for zooms below the detail zoom.
    pub low_zoom: usize,
}

impl Bytes {
    /// Everything but the positions.
    pub fn beside_coordinates(&self) -> usize {
        self.features + self.slab + self.index + self.dictionaries + self.low_zoom
    }

    /// Everything.
    pub fn total(&self) -> usize {
        self.coordinates + self.beside_coordinates()
    }
}
