//! Orders of tables in memory: whoever jumps about in a sorted table has it sorted once, and not at every jump.
//!
//! An index for every column that somebody may sort by would make each edit and each delivery dearer. What is kept here is
//! let go when the layer changes.

use std::{collections::VecDeque, sync::Arc};

use dothi_tiles::LayerName;
use parking_lot::Mutex;

use super::question::Question;
use crate::catalog::Layer;
use crate::live::{Changed, State, Watcher};

/// Orders that are kept; the one that was asked for longest ago goes first.
const MOST: usize = 8;
/// Rows of the longest order that is kept: 8 MB.
const MOST_ROWS: usize = 1_000_000;

/// The rows of a table in the order of a question.
pub type Rows = Arc<Vec<i64>>;

/// Orders that were asked for a moment ago.
#[derive(Default)]
pub struct Orders(Mutex<Held>);

#[derive(Default)]
struct Held {
    /// How often something changed: an order that was read before a change is not kept after it.
    changes: u64,
    orders: VecDeque<Order>,
}

struct Order {
    layer: LayerName,
    question: String,
    rows: Rows,
}

/// What is not kept: when it was asked for.
pub struct Missing(u64);

impl Orders {
    /// The order of a question, if nothing changed since it was read.
    pub(super) fn get(&self, question: &str) -> Result<Rows, Missing> {
        let mut held = self.0.lock();
        let Some(at) = held.orders.iter().position(|order| order.question == question) else {
            return Err(Missing(held.changes));
        };
        let Some(order) = held.orders.remove(at) else { return Err(Missing(held.changes)) };
        let rows = Arc::clone(&order.rows);
        held.orders.push_back(order);
        Ok(rows)
    }

    /// Keeps it, unless something changed while it was read.
    pub(super) fn keep(&self, missing: &Missing, layer: LayerName, question: String, rows: &Rows) {
        let mut held = self.0.lock();
        if held.changes != missing.0 || rows.len() > MOST_ROWS {
            return;
        }
        held.orders.retain(|order| order.question != question);
        held.orders.push_back(Order { layer, question, rows: Arc::clone(rows) });
        while held.orders.len() > MOST {
            held.orders.pop_front();
        }
    }
}

impl Watcher for Orders {
    fn changed(&self, _: &State, changed: &Changed) {
        let mut held = self.0.lock();
        held.changes += 1;
        held.orders.retain(|order| !changed.catalog && !changed.layers.keys().any(|layer| *layer == order.layer));
    }
}

/// All of a question that its order depends on.
pub(super) fn named(layer: &Layer, asked: &Question<'_>) -> String {
    let conditions: Vec<_> = asked.conditions.iter().map(|one| (&one.attribute.name, one.is, &one.value)).collect();
    let sort = asked.sort.map(|sort| &sort.name);
    let asked = (sort, asked.descending, conditions, &asked.words, &asked.ids, &asked.place, asked.today);
    format!("{} {asked:?}", layer.name)
}
