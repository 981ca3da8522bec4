//! What lies near: items by square, and the ways.

use super::lots::Way;
use super::shapes::{Place, bounds, to_segment};

/// Places by square, for "what is near".
pub struct Nearby<T> {
    size: f64,
    squares: std::collections::HashMap<(i64, i64), Vec<T>>,
}

impl<T: Copy + PartialEq> Nearby<T> {
    /// Empty, with squares of `size` metres.
    pub fn new(size: f64) -> Self {
        Self { size, squares: std::collections::HashMap::new() }
    }

    /// Puts an item into every square of a box.
    pub fn put(&mut self, (x0, y0, x1, y1): (f64, f64, f64, f64), item: T) {
        for x in self.square(x0)..=self.square(x1) {
            for y in self.square(y0)..=self.square(y1) {
                self.squares.entry((x, y)).or_default().push(item);
            }
        }
    }

    /// Items whose squares touch the box; each once.
    pub fn find(&self, (x0, y0, x1, y1): (f64, f64, f64, f64)) -> Vec<T> {
        let mut found: Vec<T> = vec![];
        for x in self.square(x0)..=self.square(x1) {
            for y in self.square(y0)..=self.square(y1) {
                for item in self.squares.get(&(x, y)).into_iter().flatten() {
                    if !found.contains(item) {
                        found.push(*item);
                    }
                }
            }
        }
        found
    }

    fn square(&self, v: f64) -> i64 {
        (v / self.size).floor() as i64
    }
}

/// The ways, found by place.
pub struct WayIndex(pub(super) Nearby<(usize, usize)>);

impl WayIndex {
    /// Indexes all stretches.
    pub fn new(ways: &[Way]) -> Self {
        let mut index = Nearby::new(30.0);
        for (w, way) in ways.iter().enumerate() {
            for (s, pair) in way.line.windows(2).enumerate() {
                index.put(bounds(pair), (w, s));
            }
        }
        Self(index)
    }

    /// Ways whose centre line passes within 5 cm of `p`, or whose corridor holds it.
    pub fn touching(&self, ways: &[Way], p: Place) -> Vec<usize> {
        let mut found: Vec<usize> = self
            .0
            .find((p.x - 1.0, p.y - 1.0, p.x + 1.0, p.y + 1.0))
            .into_iter()
            .filter(|&(w, s)| to_segment(p, ways[w].line[s], ways[w].line[s + 1]).0 < 0.05)
            .map(|x| x.0)
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The way whose border is nearest to `p`, within `reach` of its border: (way, stretch, distance from its border, place on its centre line).
    pub fn nearest(&self, ways: &[Way], p: Place, reach: f64) -> Option<(usize, usize, f64, Place)> {
        let r = reach + 16.0;
        let mut best: Option<(usize, usize, f64, Place)> = None;
        for (w, s) in self.0.find((p.x - r, p.y - r, p.x + r, p.y + r)) {
            let (d, q) = to_segment(p, ways[w].line[s], ways[w].line[s + 1]);
            let d = d - ways[w].width_m / 2.0;
            if d < reach && best.is_none_or(|b| d < b.2 - 1e-9 || (d - b.2).abs() <= 1e-9 && (w, s) < (b.0, b.1)) {
                best = Some((w, s, d, q));
            }
        }
        best
    }
}
