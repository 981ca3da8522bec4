//! Tables of the delivery that a source layer is joined with.

use std::collections::HashMap;

use gdal::Dataset;
use gdal::vector::LayerAccess;

use super::names::same_column;
use crate::values::Cell;
use crate::worker::ogr::{Batch, Read, fill};

/// A table in memory: key to the values of the columns that are used.
#[derive(Debug, Default)]
pub struct JoinTable {
    /// Column names, as in the profile.
    pub columns: Vec<String>,
    rows: HashMap<Vec<u8>, Vec<Option<Vec<u8>>>>,
    /// Rows whose key was there already; the first row of a key counts.
    pub repeated: u64,
}

/// A join holds at most this many keys in memory.
pub const KEY_LIMIT: usize = 2_000_000;

impl JoinTable {
    /// Reads the first layer of an opened table.
    ///
    /// # Errors
    /// The column that the table lacks, or `rows` where it is too large.
    pub fn read(dataset: &Dataset, key: &str, columns: &[String]) -> Result<Self, String> {
        let layer = dataset.layer(0).map_err(|e| e.to_string())?;
        let names: Vec<String> = layer.defn().fields().map(|f| f.name()).collect();
        let find = |wanted: &str| {
            names
                .iter()
                .position(|n| same_column(n, wanted))
                .map(|i| (i as i32, Read::Text))
                .ok_or_else(|| wanted.to_owned())
        };
        let mut wanted = vec![find(key)?];
        for column in columns {
            wanted.push(find(column)?);
        }
        let mut table = Self { columns: columns.to_vec(), ..Self::default() };
        let mut batch = Batch::default();
        loop {
            let more = fill(&layer, &wanted, false, &mut batch);
            for row in batch.cells.chunks(wanted.len()) {
                table.take(row, &batch.arena);
            }
            if table.rows.len() > KEY_LIMIT {
                return Err(format!("> {KEY_LIMIT} keys"));
            }
            if !more {
                return Ok(table);
            }
        }
    }

    fn take(&mut self, row: &[Cell], arena: &[u8]) {
        let text = |cell: &Cell| match cell {
            Cell::Text(a, b) => Some(arena[*a as usize..*b as usize].trim_ascii().to_vec()),
            _ => None,
        };
        let Some(key) = text(&row[0]) else { return };
        match self.rows.entry(key) {
            std::collections::hash_map::Entry::Occupied(_) => self.repeated += 1,
            std::collections::hash_map::Entry::Vacant(e) => {
                e.insert(row[1..].iter().map(text).collect());
            }
        }
    }

    /// The value of a column for a key.
    pub fn get(&self, key: &[u8], column: usize) -> Option<&[u8]> {
        self.rows.get(key.trim_ascii())?.get(column)?.as_deref()
    }
}
