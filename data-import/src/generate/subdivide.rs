//! Blocks into cells by alleys, cells into rows, rows into lots.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::ground::Ground;
use super::lots::{Block, LEAST_WAY_M, Lot, Way, is_wide};
use super::nearby::Nearby;
use super::shapes::{
    Frame, Place, Ring, at, bounds, centre, cut, cut_strip, distance, inside, middle, outline_length, ring_area,
    stretch_inside,
};

const CELL_M2: f64 = 5200.0;
const LEAST_LOT_M2: f64 = 28.0;

/// What is cut so far.
pub struct Builder<'g> {
    pub ground: &'g Ground,
    pub large: Nearby<usize>,
    pub rng: &'g mut ChaCha8Rng,
    pub ways: Vec<Way>,
    pub lots: Vec<Lot>,
    pub cells: usize,
    pub new_streets: usize,
}

/// The stretch of a line inside a ring, if it is long enough to be a way.
fn way_inside(ring: &[Place], a: Place, b: Place) -> Option<(Place, Place)> {
    stretch_inside(ring, a, b).filter(|(from, to)| distance(*from, *to) >= LEAST_WAY_M)
}

impl Builder<'_> {
    /// Cuts a street-less block by generated streets until none is larger than the ground allows.
    pub fn open_up(&mut self, ring: Ring, blocks: &mut Vec<Block>) {
        if ring_area(&ring) <= self.ground.largest_block_m2 {
            let former = self.ground.former_unit_at(centre(&ring));
            blocks.push(Block { ring, code: None, name: None, former });
            return;
        }
        let (a, b) = self.cross_line(&Frame::around(&ring), 0.06);
        let width_m = if ring_area(&ring) > 3.0 * self.ground.largest_block_m2 { 14.0 } else { 10.0 };
        if let Some((from, to)) = way_inside(&ring, a, b) {
            self.new_streets += 1;
            let name = Some(if self.ground.place == "grid" {
                format!("Đường số {} {}", self.new_streets, self.ground.unit_name.replace("Phường ", ""))
            } else {
                format!("Đường số {} (minh họa)", self.new_streets)
            });
            self.ways.push(Way {
                name,
                class: "noi_bo",
                width_m,
                line: vec![from, to],
                is_generated: true,
                is_alley: false,
            });
        }
        let (left, right, _) = cut_strip(&ring, a, b, width_m);
        for piece in left.into_iter().chain(right) {
            if is_wide(ring_area(&piece), outline_length(&piece)) {
                self.open_up(piece, blocks);
            }
        }
    }

    /// A line across the long side, near its middle, a little askew.
    fn cross_line(&mut self, frame: &Frame, play: f64) -> (Place, Place) {
        let u = f64::midpoint(frame.u.0, frame.u.1) + frame.length() * self.rng.random_range(-play..play);
        let skew = frame.depth() * self.rng.random_range(-0.04..0.04);
        (frame.place(u - skew, frame.v.0), frame.place(u + skew, frame.v.1))
    }

    pub fn fill(&mut self, b: usize, block: &Block) {
        if let Some(code) = block.code {
            self.large_lot(b, block.ring.clone(), code);
        } else {
            self.subdivide(b, block.ring.clone(), 0);
        }
    }

    fn subdivide(&mut self, b: usize, ring: Ring, depth: u32) {
        if ring_area(&ring) <= CELL_M2 {
            self.cell(b, ring);
            return;
        }
        let frame = Frame::around(&ring);
        // An alley goes around large buildings: the first of six lines that meets none.
        let mut line = self.cross_line(&frame, 0.10);
        let mut is_free = !self.meets_large(&ring, line.0, line.1);
        for _ in 0..5 {
            if is_free {
                break;
            }
            line = self.cross_line(&frame, 0.25);
            is_free = !self.meets_large(&ring, line.0, line.1);
        }
        let width_m = if depth == 0 { self.rng.random_range(4.0..6.0) } else { self.rng.random_range(2.5..4.0) };
        let (left, right) = if is_free {
            if let Some((from, to)) = way_inside(&ring, line.0, line.1) {
                self.ways.push(Way {
                    name: None,
                    class: "hem",
                    width_m,
                    line: vec![from, to],
                    is_generated: true,
                    is_alley: true,
                });
            }
            let (left, right, _) = cut_strip(&ring, line.0, line.1, width_m);
            (left, right)
        } else {
            cut(&ring, line.0, line.1)
        };
        for piece in left.into_iter().chain(right) {
            if ring_area(&piece) > LEAST_LOT_M2 {
                self.subdivide(b, piece, depth + 1);
            }
        }
    }

    fn large_in(&self, ring: &[Place]) -> Vec<usize> {
        let mut found = self.large.find(bounds(ring));
        found.sort_unstable();
        found
    }

    fn meets_large(&self, ring: &[Place], a: Place, b: Place) -> bool {
        let Some((a, b)) = stretch_inside(ring, a, b) else { return false };
        self.large_in(&[a, b]).into_iter().any(|i| {
            let other = &self.ground.buildings[i].0;
            ring_area(other) > 180.0
                && stretch_inside(other, a, b).is_some_and(|(p, q)| inside(ring, middle(p, q)) && distance(p, q) > 2.0)
        })
    }

    fn cell(&mut self, b: usize, ring: Ring) {
        self.cells += 1;
        let mut large = 0.0;
        let mut code = "";
        let mut most = 0.0;
        for i in self.large_in(&ring) {
            let (outline, use_code) = &self.ground.buildings[i];
            let area = ring_area(outline);
            if area > 380.0 && inside(&ring, centre(outline)) {
                large += area;
                if area > most {
                    most = area;
                    code = use_code;
                }
            }
        }
        if large > 0.25 * ring_area(&ring) {
            let code = if code.is_empty() { ["TMD", "TMD", "ODT", "DTS"][self.rng.random_range(0..4)] } else { code };
            self.large_lot(b, ring, code);
        } else {
            self.rows(b, &ring);
        }
    }

    fn large_lot(&mut self, block: usize, ring: Ring, code: &'static str) {
        self.cells += usize::from(self.lots.last().is_some_and(|l| l.block != block));
        let is_built = code != "DKV";
        self.lots.push(Lot { ring, block, cell: self.cells, code, is_large: true, is_built, front: None });
    }

    /// Rows of lots, back to back, with an alley after each pair: street, row, row, alley, row, row, street.
    fn rows(&mut self, b: usize, ring: &[Place]) {
        let frame = Frame::around(ring);
        let alley = self.rng.random_range(2.2..3.4);
        let depth = self.rng.random_range(14.0..19.0);
        let pairs = ((frame.depth() + alley) / (2.0 * depth + alley)).round().max(0.0) as usize;
        if pairs == 0 || frame.depth() < 23.0 {
            self.slice(b, ring.to_vec(), &frame);
            return;
        }
        let row = (frame.depth() - (pairs - 1) as f64 * alley) / (2 * pairs) as f64;
        let mut rest = vec![ring.to_vec()];
        let mut v = frame.v.0;
        for r in 0..2 * pairs {
            v += row;
            let is_last = r + 1 == 2 * pairs;
            let mut above = vec![];
            for piece in rest {
                if is_last {
                    self.slice(b, piece, &frame);
                    continue;
                }
                let (a, c) = (frame.place(0.0, v), frame.place(1.0, v));
                if r % 2 == 0 {
                    let (up, down) = cut(&piece, a, c);
                    above.extend(up);
                    down.into_iter().for_each(|p| self.slice(b, p, &frame));
                } else {
                    let (a, c) = (frame.place(0.0, v + alley / 2.0), frame.place(1.0, v + alley / 2.0));
                    if let Some((from, to)) = way_inside(&piece, a, c) {
                        self.ways.push(Way {
                            name: None,
                            class: "hem",
                            width_m: alley,
                            line: vec![from, to],
                            is_generated: true,
                            is_alley: true,
                        });
                    }
                    let (up, down, _) = cut_strip(&piece, a, c, alley);
                    above.extend(up);
                    down.into_iter().for_each(|p| self.slice(b, p, &frame));
                }
            }
            if r % 2 == 1 {
                v += alley;
            }
            rest = above;
        }
    }

    /// Slices a row into lots 4–6 m wide.
    fn slice(&mut self, b: usize, row: Ring, frame: &Frame) {
        let frame = Frame::along(&row, frame.along);
        let mut rest = row;
        let mut u = frame.u.0;
        loop {
            let width = if self.rng.random_range(0..12) == 0 {
                self.rng.random_range(7.0..9.0)
            } else {
                self.rng.random_range(4.0..6.0)
            };
            u += width;
            let mut cut_off = None;
            while u < frame.u.1 - 3.0 {
                let (left, right) = cut(&rest, frame.place(u, 0.0), frame.place(u, 1.0));
                if let ([l], [r]) = (&left[..], &right[..])
                    && ring_area(l) >= LEAST_LOT_M2
                    && ring_area(r) >= LEAST_LOT_M2
                {
                    cut_off = Some((l.clone(), r.clone()));
                    break;
                }
                u += 1.0;
            }
            let Some((lot, next)) = cut_off else { break };
            self.tube_lot(b, lot);
            rest = next;
        }
        if ring_area(&rest) > 12.0 {
            self.tube_lot(b, rest);
        }
    }

    fn tube_lot(&mut self, block: usize, ring: Ring) {
        let c = centre(&ring);
        let is_built = self.large_in(&ring).into_iter().any(|i| {
            let other = &self.ground.buildings[i].0;
            inside(other, c) || ring.iter().any(|p| inside(other, at(c.x + 0.7 * (p.x - c.x), c.y + 0.7 * (p.y - c.y))))
        });
        let code = if self.rng.random_range(0..40) == 0 { "TMD" } else { "ODT" };
        self.lots.push(Lot { ring, block, cell: self.cells, code, is_large: false, is_built, front: None });
    }
}
