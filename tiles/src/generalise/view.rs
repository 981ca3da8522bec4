//! Cells as they are kept, and redone after an edit.

use super::cell::Sum;
use super::{CellId, cells_a_side};
use crate::audience::Lens;
use crate::{Feature, Layer, LngLatBox, Touched, Value, mercator};
use chrono::NaiveDate;
use hashbrown::{HashMap, HashSet};
use parking_lot::Mutex;
use std::sync::Arc;

/// So many (row rule, date) pairs are kept a layer.
const MOST_VIEWS: usize = 4;

/// So many more are kept for days that few ask for.
const MOST_BRIEF_VIEWS: usize = 2;

/// How long the cells of a day are worth holding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    /// The day that everybody looks at.
    Long,
    /// A day that somebody asks for once.
    Briefly,
}

/// A view that is further behind than this is made anew.
const MOST_MARKS: usize = 50_000;

/// The cells of a layer, for those who asked.
#[derive(Default)]
pub(crate) struct Views {
    marks: Mutex<Marks>,
    kept: Mutex<Vec<Kept>>,
    /// Of days that few ask for: they go by themselves and take no place in `kept`.
    brief: Mutex<Vec<Kept>>,
}

struct Kept {
    rule: Rule,
    date: NaiveDate,
    view: Arc<Mutex<View>>,
}

type Rule = Option<(Option<usize>, Vec<Value>)>;

/// The features that were changed.
#[derive(Default)]
struct Marks {
    /// How many marks were forgotten.
    forgotten: u64,
    log: Vec<Arc<Feature>>,
}

impl Marks {
    fn end(&self) -> u64 {
        self.forgotten + self.log.len() as u64
    }
}

impl Views {
    /// Notes what was changed. Called under the layer's lock, so it only writes down.
    pub fn mark(&self, touched: &[Touched]) {
        let nobody_asked = self.kept.lock().is_empty() && self.brief.lock().is_empty();
        let mut marks = self.marks.lock();
        marks.log.extend(touched.iter().flat_map(|touched| [&touched.old, &touched.new]).flatten().cloned());
        if nobody_asked || marks.log.len() > MOST_MARKS {
            marks.forgotten = marks.end();
            marks.log = Vec::new();
        }
    }

    pub fn bytes(&self) -> usize {
        let views = |kept: &Mutex<Vec<Kept>>| kept.lock().iter().map(|kept| kept.view.clone()).collect::<Vec<_>>();
        let all = [views(&self.kept), views(&self.brief)].concat();
        all.iter().map(|view| view.lock().bytes()).sum()
    }

    /// The cells that `lens` sees on `date`, up to date, in the hands of `read`.
    pub fn with<T>(
        &self,
        layer: &Layer,
        lens: &Lens,
        (date, held): (NaiveDate, Held),
        read: impl FnOnce(&View) -> T,
    ) -> T {
        let view = self.view(&lens.rule, date, held);
        let mut view = view.lock();
        let (changed, end) = self.since(view.seen);
        let reader = Reader { layer, lens, date };
        match changed {
            Some(changed) => view.redo(&reader, &changed),
            None => *view = View::build(&reader),
        }
        view.seen = Some(end);
        read(&view)
    }

    fn view(&self, rule: &Rule, date: NaiveDate, held: Held) -> Arc<Mutex<View>> {
        let (list, most) = match held {
            Held::Long => (&self.kept, MOST_VIEWS),
            Held::Briefly => (&self.brief, MOST_BRIEF_VIEWS),
        };
        let mut kept = list.lock();
        let place = kept.iter().position(|kept| kept.rule == *rule && kept.date == date);
        let asked_for = match place {
            Some(index) => kept.remove(index),
            None => Kept { rule: rule.clone(), date, view: Arc::default() },
        };
        let view = asked_for.view.clone();
        kept.insert(0, asked_for);
        kept.truncate(most);
        view
    }

    /// What was changed since; `None` if that is no longer, or was never, known.
    fn since(&self, seen: Option<u64>) -> (Option<Vec<Arc<Feature>>>, u64) {
        let marks = self.marks.lock();
        let from = seen.and_then(|seen| seen.checked_sub(marks.forgotten));
        let changed = from.map(|from| marks.log[from as usize..].to_vec());
        (changed, marks.end())
    }
}

/// Who asks what of which layer.
struct Reader<'r> {
    layer: &'r Layer,
    lens: &'r Lens,
    date: NaiveDate,
}

impl Reader<'_> {
    fn counts(&self, feature: &Feature) -> bool {
        feature.own_zoom() > 0 && feature.holds_on(self.date) && self.lens.admits(feature, self.layer)
    }

    fn sum(&self, feature: &Feature) -> Option<Sum> {
        Sum::of(feature, self.layer.schema().attributes.len())
    }

    /// The first cell in which a feature is counted: at the zoom below the one where it is drawn.
    fn first_cell(&self, feature: &Feature) -> Option<CellId> {
        CellId::of(feature, feature.own_zoom().checked_sub(1)?, self.layer.schema().low_zoom)
    }
}

/// The cells of all zooms below the detail zoom.
#[derive(Default)]
pub(crate) struct View {
    seen: Option<u64>,
    levels: Vec<HashMap<(u32, u32), Sum>>,
}

impl View {
    /// What is counted in a cell, if anything.
    pub fn sum(&self, cell: CellId) -> Option<&Sum> {
        self.levels.get(usize::from(cell.zoom))?.get(&(cell.x, cell.y))
    }

    fn build(reader: &Reader<'_>) -> Self {
        let depth = usize::from(reader.layer.schema().detail_zoom);
        let mut view = Self { seen: None, levels: (0..depth).map(|_| HashMap::new()).collect() };
        for feature in reader.layer.all() {
            if reader.counts(&feature)
                && let (Some(cell), Some(sum)) = (reader.first_cell(&feature), reader.sum(&feature))
            {
                view.add(cell, &sum);
            }
        }
        for zoom in (1..depth).rev() {
            let cells = std::mem::take(&mut view.levels[zoom]);
            for ((x, y), sum) in &cells {
                view.add(CellId { zoom: zoom as u8 - 1, x: x / 2, y: y / 2 }, sum);
            }
            view.levels[zoom] = cells;
        }
        view
    }

    fn add(&mut self, cell: CellId, sum: &Sum) {
        let level = &mut self.levels[usize::from(cell.zoom)];
        level.entry((cell.x, cell.y)).and_modify(|known| known.add(sum)).or_insert_with(|| sum.clone());
    }

    /// Makes the cells of changed features anew, and those above them.
    fn redo(&mut self, reader: &Reader<'_>, changed: &[Arc<Feature>]) {
        let mut by_zoom: Vec<HashSet<CellId>> = self.levels.iter().map(|_| HashSet::new()).collect();
        for cell in changed.iter().filter_map(|feature| reader.first_cell(feature)) {
            by_zoom[usize::from(cell.zoom)].insert(cell);
        }
        for zoom in (0..by_zoom.len()).rev() {
            for cell in std::mem::take(&mut by_zoom[zoom]) {
                self.redo_cell(reader, cell);
                if let Some(parent) = cell.parent() {
                    by_zoom[usize::from(parent.zoom)].insert(parent);
                }
            }
        }
    }

    fn redo_cell(&mut self, reader: &Reader<'_>, cell: CellId) {
        let own_zoom = cell.zoom + 1;
        let bbox = bounds(cell, cells_a_side(reader.layer.schema().low_zoom));
        let near: Vec<_> = reader.layer.read().meeting(&bbox, own_zoom..=own_zoom).cloned().collect();
        let members = near.iter().filter(|f| reader.counts(f) && reader.first_cell(f) == Some(cell));
        let children = cell.children();
        let below = children.iter().filter_map(|child| self.sum(*child).cloned());
        let sums = members.filter_map(|feature| reader.sum(feature)).chain(below);
        let total = sums.reduce(|mut total, sum| {
            total.add(&sum);
            total
        });
        let level = &mut self.levels[usize::from(cell.zoom)];
        match total {
            Some(total) => level.insert((cell.x, cell.y), total),
            None => level.remove(&(cell.x, cell.y)),
        };
    }

    fn bytes(&self) -> usize {
        let heap: usize = self.levels.iter().flat_map(HashMap::values).map(Sum::heap_bytes).sum();
        heap + self.levels.iter().map(HashMap::allocation_size).sum::<usize>()
    }
}

/// The cell in lon/lat, a little larger. The outermost cells hold whatever lies beyond them.
fn bounds(cell: CellId, cells_a_side: u32) -> LngLatBox {
    let side = f64::from(cells_a_side) * f64::from(1_u32 << cell.zoom);
    let last = side - 1.0;
    let (x, y) = (f64::from(cell.x), f64::from(cell.y));
    let slack = 1e-3;
    LngLatBox {
        west: if x <= 0.0 { f64::from(f32::MIN) } else { mercator::lon((x - slack) / side) },
        east: if x >= last { f64::from(f32::MAX) } else { mercator::lon((x + 1.0 + slack) / side) },
        north: if y <= 0.0 { 90.0 } else { mercator::lat((y - slack) / side) },
        south: if y >= last { -90.0 } else { mercator::lat((y + 1.0 + slack) / side) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_that_few_ask_for_never_take_the_place_of_today() {
        let views = Views::default();
        let day = |number: u64| {
            let first = NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day");
            first.checked_add_days(chrono::Days::new(number)).expect("a day")
        };
        let today = views.view(&None, day(0), Held::Long);
        for number in 1..100 {
            views.view(&None, day(number), Held::Briefly);
        }
        assert!(Arc::ptr_eq(&today, &views.view(&None, day(0), Held::Long)), "today is still there");
        assert_eq!((views.kept.lock().len(), views.brief.lock().len()), (1, MOST_BRIEF_VIEWS));
    }
}
