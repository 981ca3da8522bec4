//! Features into the table of one layer.

use super::Look;
use super::frame::{Frames, Local};
use super::sketch::Sketch;
use super::table::Table;
use crate::dictionary::Cell;
use crate::generalise::Sum;
use crate::{Feature, Value};
use chrono::NaiveDate;
use std::collections::HashMap;
use std::sync::Arc;

/// Keys of every feature; an attribute of such a name is not drawn.
const RESERVED: [&str; 3] = ["id", "version", "draft"];

/// Keys of a cell; an attribute of such a name is not drawn with it.
const RESERVED_IN_CELLS: [&str; 4] = ["cluster", "point_count", "area_m2", "length_m"];

/// Writes features of one layer into its table.
pub(crate) struct Painter {
    table: Table,
    sketch: Sketch,
    columns: Vec<Option<Column>>,
    keys: [u32; 2],
    /// What a draft does to a row: `added` or `changed`.
    drafted: HashMap<i64, &'static str>,
    tags: Vec<u32>,
}

/// One attribute that is drawn.
struct Column {
    name: Arc<str>,
    key: Option<u32>,
    texts: Arc<Vec<Arc<str>>>,
    /// Place of each dictionary text in the table, plus one; 0 is not yet in it.
    places: Vec<u32>,
}

impl Painter {
    pub fn new(look: &Look<'_>) -> Self {
        let schema = look.layer.schema();
        let mut table = Table::new(schema.name.as_str());
        let keys = [table.key(&"id".into()), table.key(&"version".into())];
        let columns = schema.attributes.iter().enumerate().map(|(index, attribute)| {
            let drawn = attribute.in_tile && look.lens.seen[index] && !RESERVED.contains(&&*attribute.name);
            drawn.then(|| Column {
                name: attribute.name.clone(),
                key: None,
                texts: look.layer.dictionary(index).texts(),
                places: Vec::new(),
            })
        });
        let columns = columns.collect();
        let added = look.overlay.iter().flat_map(|overlay| &overlay.added).map(|added| added.fid);
        let drafted =
            added.map(|fid| (fid, if look.layer.by_fid(fid).is_some() { "changed" } else { "added" })).collect();
        Self { table, sketch: Sketch::default(), columns, keys, drafted, tags: Vec::new() }
    }

    /// Draws a feature, if it touches the tile.
    pub fn feature(&mut self, feature: &Feature, frames: &Frames) {
        let shape = feature.shape();
        if !self.sketch.draw(&shape, frames) {
            return;
        }
        self.write(feature);
    }

    fn write(&mut self, feature: &Feature) {
        let mut buffer = uuid::Uuid::encode_buffer();
        let id = self.table.text(feature.id().as_hyphenated().encode_lower(&mut buffer));
        let version = self.table.int(i64::from(feature.version()));
        self.tags.clear();
        self.tags.extend([self.keys[0], id, self.keys[1], version]);
        if let Some(drafted) = self.drafted.get(&feature.fid()) {
            let tag = [self.table.key(&"draft".into()), self.table.text(drafted)];
            self.tags.extend(tag);
        }
        for (cell, column) in feature.row().zip(&mut self.columns) {
            let Some(column) = column else { continue };
            if let Some(place) = place(&mut self.table, cell, column) {
                let key = *column.key.get_or_insert_with(|| self.table.key(&column.name));
                self.tags.extend([key, place]);
            }
        }
        let id = u64::try_from(feature.fid()).ok();
        self.table.feature(id, &self.tags, feature.shape().dimension(), &self.sketch.commands);
    }

    /// A cell as a point.
    pub fn cluster_point(&mut self, at: Local, sum: &Sum) {
        if self.sketch.draw_point(at) {
            self.cluster(0, sum);
        }
    }

    /// A cell as a box.
    pub fn cluster_box(&mut self, low: Local, high: Local, sum: &Sum) {
        if self.sketch.draw_box(low, high) {
            self.cluster(2, sum);
        }
    }

    /// A cell as the shape of its largest member.
    pub fn cluster_shape(&mut self, largest: &Feature, frames: &Frames, sum: &Sum) {
        let shape = largest.shape();
        if self.sketch.draw(&shape, frames) {
            self.cluster(shape.dimension(), sum);
        }
    }

    /// Tags of a cell: how many it stands for, how large they are, and what they all agree on.
    fn cluster(&mut self, dimension: u8, sum: &Sum) {
        self.tags.clear();
        self.count(u64::from(sum.count));
        for (name, total) in [("area_m2", sum.area_m2), ("length_m", sum.length_dm / 10)] {
            if total > 0 {
                let tag = [self.table.key(&name.into()), self.table.int(total.cast_signed())];
                self.tags.extend(tag);
            }
        }
        for (value, column) in sum.common.iter().zip(&mut self.columns) {
            let Some(column) = column.as_mut().filter(|column| !RESERVED_IN_CELLS.contains(&&*column.name)) else {
                continue;
            };
            if let Some(place) = place(&mut self.table, value.cell(), column) {
                let key = *column.key.get_or_insert_with(|| self.table.key(&column.name));
                self.tags.extend([key, place]);
            }
        }
        self.table.feature(None, &self.tags, dimension, &self.sketch.commands);
    }

    fn count(&mut self, count: u64) {
        let cluster = [self.table.key(&"cluster".into()), self.table.bool(true)];
        let count = [self.table.key(&"point_count".into()), self.table.int(count.cast_signed())];
        self.tags.extend(cluster.into_iter().chain(count));
    }

    /// A point in the middle of the tile that says how many features are not drawn.
    pub fn left_out(&mut self, count: u64) {
        self.tags.clear();
        let middle = f64::from(crate::EXTENT / 2);
        self.sketch.draw_point(Local { x: middle, y: middle });
        self.count(count);
        self.table.feature(None, &self.tags, 0, &self.sketch.commands);
    }

    pub fn finish(self) -> Table {
        self.table
    }
}

fn place(table: &mut Table, cell: Cell<'_>, column: &mut Column) -> Option<u32> {
    match cell {
        Cell::Null => None,
        Cell::Bool(value) => Some(table.bool(value)),
        Cell::Int(int) => Some(table.int(int)),
        Cell::Float(float) => table.float(float),
        Cell::Text(text) => Some(table.text(text)),
        Cell::Date(days) => table.value(&Value::Date(NaiveDate::from_num_days_from_ce_opt(days)?)),
        Cell::Timestamp(at) => table.timestamp(at),
        Cell::Code(code) => {
            let text = column.texts.get(code as usize)?;
            if column.places.is_empty() {
                column.places.resize(column.texts.len(), 0);
            }
            let known = &mut column.places[code as usize];
            if *known == 0 {
                *known = table.text(text) + 1;
            }
            Some(*known - 1)
        }
    }
}
