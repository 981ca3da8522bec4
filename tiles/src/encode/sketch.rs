//! A shape as the drawing commands of one tile (MVT 2.1, §4.3).

use super::clip;
use super::frame::{Frame, Frames, HIGH, LOW, Local, holds, segment_touches};
use super::pbf::{varint, zigzag};
use crate::packed::{Part, Shape};
use geo::Coord;

const MOVE_TO: u64 = 1;
const LINE_TO: u64 = 2;
const CLOSE_PATH: u64 = 7;

/// Draws shapes, one after another, with the same scratch memory.
#[derive(Default)]
pub(crate) struct Sketch {
    /// The commands of the current shape, as packed varints.
    pub commands: Vec<u8>,
    cursor: Coord<i32>,
    local: Vec<Local>,
    other: Vec<Local>,
    ends: Vec<usize>,
    ring: Vec<Local>,
    path: Vec<Coord<i32>>,
    points: Vec<Coord<i32>>,
}

/// How a shape lies to the buffered square.
#[derive(Clone, Copy, PartialEq)]
enum Lie {
    Outside,
    Across,
    Inside,
}

impl Sketch {
    /// Draws a shape as it appears under `frames` (the world, and its copies to the east and west). False, and nothing
    /// drawn, if it does not touch the buffered square.
    ///
    /// What touches is drawn: a shape that shrinks to nothing becomes one unit wide rather than vanish.
    pub fn draw(&mut self, shape: &Shape<'_>, frames: &Frames) -> bool {
        self.start();
        let mut anchor = None;
        match shape.dimension() {
            0 => self.draw_points(shape, frames),
            1 => {
                for frame in frames.iter() {
                    self.draw_lines(shape, frame, &mut anchor);
                }
            }
            _ => {
                for frame in frames.iter() {
                    self.draw_polygons(shape, frame, &mut anchor);
                }
            }
        }
        if let (true, Some(at)) = (self.commands.is_empty(), anchor) {
            self.draw_smallest(shape.dimension(), at);
        }
        !self.commands.is_empty()
    }

    /// Draws one point, if the buffered square holds it.
    pub fn draw_point(&mut self, at: Local) -> bool {
        self.start();
        if holds(at) {
            self.command(MOVE_TO, 1);
            self.go(Coord { x: (at.x + 0.5).floor() as i32, y: (at.y + 0.5).floor() as i32 });
        }
        !self.commands.is_empty()
    }

    /// Draws a box, at least one unit wide and high, cut to the buffered square.
    pub fn draw_box(&mut self, low: Local, high: Local) -> bool {
        self.start();
        if low.x <= HIGH && low.y <= HIGH && high.x >= LOW && high.y >= LOW {
            let round = |at: Local| Coord { x: (at.x + 0.5).floor() as i32, y: (at.y + 0.5).floor() as i32 };
            let (low, high) = (round(into_square(low)), round(into_square(high)));
            let high = Coord { x: high.x.max(low.x + 1), y: high.y.max(low.y + 1) };
            self.path.clear();
            self.path.extend([low, Coord { x: high.x, y: low.y }, high, Coord { x: low.x, y: high.y }]);
            self.draw_ring(true);
        }
        !self.commands.is_empty()
    }

    fn start(&mut self) {
        self.commands.clear();
        self.cursor = Coord { x: 0, y: 0 };
    }

    fn draw_points(&mut self, shape: &Shape<'_>, frames: &Frames) {
        let mut points = std::mem::take(&mut self.points);
        points.clear();
        for frame in frames.iter() {
            let inside = shape.positions().map(|at| frame.local(at)).filter(|at| holds(*at));
            points.extend(inside.map(|at| frame.round(at)));
        }
        if points.len() > 1 {
            points.sort_unstable_by_key(|at| (at.y, at.x));
            points.dedup();
        }
        if !points.is_empty() {
            self.command(MOVE_TO, points.len());
            for at in &points {
                self.go(*at);
            }
        }
        self.points = points;
    }

    fn draw_lines(&mut self, shape: &Shape<'_>, frame: &Frame, anchor: &mut Option<Coord<i32>>) {
        for part in shape.parts() {
            self.local.clear();
            let lie = self.project(part, frame);
            let local = std::mem::take(&mut self.local);
            match (lie, local.as_slice()) {
                (Lie::Outside, _) => {}
                (_, [only]) if holds(*only) => *anchor = anchor.or(Some(frame.round(*only))),
                (Lie::Inside, whole) => self.draw_line(whole, frame, anchor),
                (Lie::Across, whole) if whole.windows(2).any(|pair| segment_touches(pair[0], pair[1])) => {
                    let mut scratch = std::mem::take(&mut self.other);
                    clip::line(whole, &mut scratch, |piece| self.draw_line(piece, frame, anchor));
                    self.other = scratch;
                    *anchor = anchor.or_else(|| whole.first().map(|at| frame.round(into_square(*at))));
                }
                (Lie::Across, _) => {}
            }
            self.local = local;
        }
    }

    fn draw_line(&mut self, line: &[Local], frame: &Frame, anchor: &mut Option<Coord<i32>>) {
        self.round(line, frame);
        let path = std::mem::take(&mut self.path);
        if path.len() > 1 {
            self.command(MOVE_TO, 1);
            self.go(path[0]);
            self.command(LINE_TO, path.len() - 1);
            path[1..].iter().for_each(|at| self.go(*at));
        }
        *anchor = anchor.or(path.first().copied());
        self.path = path;
    }

    fn draw_polygons(&mut self, shape: &Shape<'_>, frame: &Frame, anchor: &mut Option<Coord<i32>>) {
        let mut parts = shape.parts().peekable();
        while let Some(exterior) = parts.next() {
            self.local.clear();
            self.ends.clear();
            let lie = self.project(exterior, frame);
            while let Some(interior) = parts.next_if(|part| !part.is_exterior) {
                self.project(interior, frame);
            }
            if lie == Lie::Inside || lie == Lie::Across && self.polygon_touches() {
                self.draw_polygon(lie, frame, anchor);
            }
        }
    }

    /// Whether the projected polygon has a point in the square: an edge that touches it, or all of the square in it.
    fn polygon_touches(&self) -> bool {
        let middle = Coord { x: f64::midpoint(LOW, HIGH), y: f64::midpoint(LOW, HIGH) };
        let mut around = false;
        let mut from = 0;
        for end in &self.ends {
            let ring = &self.local[from..*end];
            from = *end;
            let Some(mut a) = ring.last().copied() else { continue };
            for b in ring.iter().copied() {
                if segment_touches(a, b) {
                    return true;
                }
                if (a.y > middle.y) != (b.y > middle.y) {
                    let x = a.x + (b.x - a.x) * ((middle.y - a.y) / (b.y - a.y));
                    around ^= x > middle.x;
                }
                a = b;
            }
        }
        around
    }

    fn draw_polygon(&mut self, lie: Lie, frame: &Frame, anchor: &mut Option<Coord<i32>>) {
        let (local, ends) = (std::mem::take(&mut self.local), std::mem::take(&mut self.ends));
        let mut ring = std::mem::take(&mut self.ring);
        let mut from = 0;
        for end in &ends {
            let is_exterior = from == 0;
            ring.clear();
            ring.extend_from_slice(&local[from..*end]);
            from = *end;
            if lie == Lie::Across {
                clip::ring(&mut ring, &mut self.other);
            }
            self.round(&ring, frame);
            if is_exterior {
                let first = self.path.first().copied();
                *anchor = anchor.or(first).or_else(|| local.first().map(|at| frame.round(into_square(*at))));
            }
            if !self.draw_ring(is_exterior) && is_exterior {
                break;
            }
        }
        (self.local, self.ends, self.ring) = (local, ends, ring);
    }

    /// Draws the rounded ring, exterior ones clockwise on the screen. False if no area is left of it.
    fn draw_ring(&mut self, is_exterior: bool) -> bool {
        while self.path.len() > 1 && self.path.first() == self.path.last() {
            self.path.pop();
        }
        let doubled = doubled_area(&self.path);
        if self.path.len() < 3 || doubled == 0 {
            return false;
        }
        let mut path = std::mem::take(&mut self.path);
        if (doubled > 0) != is_exterior {
            path[1..].reverse();
        }
        self.command(MOVE_TO, 1);
        self.go(path[0]);
        self.command(LINE_TO, path.len() - 1);
        path[1..].iter().for_each(|at| self.go(*at));
        self.command(CLOSE_PATH, 1);
        self.path = path;
        true
    }

    /// The smallest thing that can be seen of a shape.
    fn draw_smallest(&mut self, dimension: u8, at: Coord<i32>) {
        self.path.clear();
        self.path.extend([at, Coord { x: at.x + 1, y: at.y }]);
        if dimension == 2 {
            self.path.push(Coord { x: at.x, y: at.y + 1 });
            self.draw_ring(true);
        } else {
            self.command(MOVE_TO, 1);
            self.go(self.path[0]);
            self.command(LINE_TO, 1);
            self.go(self.path[1]);
        }
    }

    /// Appends a part in tile units to `local`, and says how it lies to the square.
    fn project(&mut self, part: Part<'_>, frame: &Frame) -> Lie {
        let (mut low, mut high) = (Coord { x: f64::MAX, y: f64::MAX }, Coord { x: f64::MIN, y: f64::MIN });
        self.local.extend(part.iter().map(|at| {
            let at = frame.local(at);
            low = Coord { x: low.x.min(at.x), y: low.y.min(at.y) };
            high = Coord { x: high.x.max(at.x), y: high.y.max(at.y) };
            at
        }));
        self.ends.push(self.local.len());
        if low.x > HIGH || low.y > HIGH || high.x < LOW || high.y < LOW {
            Lie::Outside
        } else if holds(low) && holds(high) {
            Lie::Inside
        } else {
            Lie::Across
        }
    }

    /// Rounds to `path`, leaving out what falls on the place before. On a coarser grid also what lies on the straight
    /// way between its neighbours: that changes no border, so neighbours still meet.
    fn round(&mut self, line: &[Local], frame: &Frame) {
        self.path.clear();
        for at in line {
            let at = frame.round(*at);
            if self.path.last() == Some(&at) {
                continue;
            }
            if frame.snap > 1.0 {
                while let [.., a, b] = self.path.as_slice()
                    && lies_between(*b, *a, at)
                {
                    self.path.pop();
                }
            }
            self.path.push(at);
        }
    }

    fn command(&mut self, command: u64, count: usize) {
        varint(&mut self.commands, (count as u64) << 3 | command);
    }

    fn go(&mut self, to: Coord<i32>) {
        varint(&mut self.commands, zigzag(i64::from(to.x) - i64::from(self.cursor.x)));
        varint(&mut self.commands, zigzag(i64::from(to.y) - i64::from(self.cursor.y)));
        self.cursor = to;
    }
}

/// Twice the area of an open ring by the surveyor's formula; positive is clockwise where y grows downwards.
fn doubled_area(ring: &[Coord<i32>]) -> i64 {
    let Some(mut a) = ring.last() else { return 0 };
    let mut sum = 0;
    for b in ring {
        sum += i64::from(a.x) * i64::from(b.y) - i64::from(b.x) * i64::from(a.y);
        a = b;
    }
    sum
}

/// Whether `b` lies on the straight way from `a` to `c`.
fn lies_between(b: Coord<i32>, a: Coord<i32>, c: Coord<i32>) -> bool {
    let step = |from: Coord<i32>, to: Coord<i32>| (i64::from(to.x - from.x), i64::from(to.y - from.y));
    let (one, two) = (step(a, b), step(b, c));
    one.0 * two.1 == one.1 * two.0 && one.0 * two.0 + one.1 * two.1 > 0
}

fn into_square(at: Local) -> Local {
    Coord { x: at.x.clamp(LOW, HIGH), y: at.y.clamp(LOW, HIGH) }
}
