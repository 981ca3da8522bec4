//! From ground to lots: streets cut the place into blocks, alleys cut blocks into cells, and cells become tube-house lots.

use geo::{Area, BooleanOps, MultiPolygon, Validation};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::ground::{Ground, street_land};
use super::medians::drop_medians;
use super::shapes::{
    Frame, Place, Ring, at, bounds, centre, cut, cut_strip, distance, inside, middle, outline_length, polygon,
    ring_area, share_corners, stretch_inside, to_segment, weld_corners, without_holes,
};

/// A street or an alley.
#[derive(Clone, Debug)]
pub struct Way {
    /// Street name; an alley has its parent's with its number before it ("Hẻm 12/3 Lý Tự Trọng"), set by numbering.
    pub name: Option<String>,
    /// Code of `road_class`.
    pub class: &'static str,
    /// From front to front, metres.
    pub width_m: f64,
    /// Centre line.
    pub line: Vec<Place>,
    /// Not in `OpenStreetMap`.
    pub is_generated: bool,
    /// An alley of ours, numbered from the street it leaves.
    pub is_alley: bool,
}

/// A piece of land between streets, of one use.
#[derive(Clone, Debug)]
pub struct Block {
    /// Outline.
    pub ring: Ring,
    /// Land-use code of a real site, none for ordinary blocks.
    pub code: Option<&'static str>,
    /// Name of a real site.
    pub name: Option<String>,
    /// Index of the old ward.
    pub former: usize,
}

/// A lot.
#[derive(Clone, Debug)]
pub struct Lot {
    /// Outline, counter-clockwise, exact at its neighbours' corners.
    pub ring: Ring,
    /// Index of its block.
    pub block: usize,
    /// Cell within all cells: lots of one cell lie together between two alleys.
    pub cell: usize,
    /// Land-use code.
    pub code: &'static str,
    /// An institution's or company's lot, not a tube house's.
    pub is_large: bool,
    /// A real building (`OpenStreetMap`) stands on it.
    pub is_built: bool,
    /// Way it fronts, and the middle of that side.
    pub front: Option<(usize, Place)>,
}

/// A place cut into lots.
pub struct City {
    /// Streets first, then alleys.
    pub ways: Vec<Way>,
    /// Blocks.
    pub blocks: Vec<Block>,
    /// Lots, those of a block together.
    pub lots: Vec<Lot>,
    /// Land without streets and water.
    pub land: MultiPolygon,
}

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
pub struct WayIndex(Nearby<(usize, usize)>);

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

const CELL_M2: f64 = 5200.0;
const LEAST_LOT_M2: f64 = 28.0;

struct Builder<'g> {
    ground: &'g Ground,
    large: Nearby<usize>,
    rng: &'g mut ChaCha8Rng,
    ways: Vec<Way>,
    lots: Vec<Lot>,
    cells: usize,
    new_streets: usize,
}

/// Cuts the ground into lots.
pub fn build(ground: &Ground, rng: &mut ChaCha8Rng) -> City {
    let mut ways: Vec<Way> = ground
        .streets
        .iter()
        .map(|s| Way {
            name: s.name.clone(),
            class: s.class,
            width_m: s.width_m,
            line: s.line.clone(),
            is_generated: s.is_generated,
            is_alley: false,
        })
        .collect();
    let mut land = ground.outline.difference(&street_land(&ground.streets)).difference(&ground.water);
    let mut large = Nearby::new(60.0);
    for (i, (ring, _)) in ground.buildings.iter().enumerate() {
        large.put(bounds(ring), i);
    }
    drop_medians(&mut land, &ways);
    land.0.retain(|p| is_wide(p.unsigned_area(), outline_length(&p.exterior().0)));
    let mut rest = land.clone();
    let mut blocks = vec![];
    for site in &ground.sites {
        let area = MultiPolygon::new(vec![site.area.clone()]);
        for piece in rest.intersection(&area).0.iter().flat_map(without_holes) {
            if is_wide(ring_area(&piece), outline_length(&piece)) && ring_area(&piece) > 250.0 {
                rest = rest.difference(&polygon(&piece));
                blocks.push(Block {
                    former: ground.former_unit_at(centre(&piece)),
                    ring: piece,
                    code: Some(site.code),
                    name: site.name.clone(),
                });
            }
        }
    }
    let mut builder = Builder { ground, large, rng, ways: vec![], lots: vec![], cells: 0, new_streets: 0 };
    for piece in rest.0.iter().flat_map(without_holes) {
        if is_wide(ring_area(&piece), outline_length(&piece)) {
            builder.open_up(piece, &mut blocks);
        }
    }
    for block in &mut blocks {
        // Corners put onto the grid may fold a needle-thin end.
        if !polygon(&block.ring).is_valid()
            && let Some(whole) = whole_part(&block.ring)
        {
            block.ring = whole;
        }
    }
    for (b, block) in blocks.iter().enumerate() {
        builder.fill(b, block);
    }
    let Builder { ways: alleys, mut lots, .. } = builder;
    share_borders(&mut lots);
    ways.extend(alleys);
    let mut city = City { ways, blocks, lots, land };
    join_ways(&mut city.ways, ground.streets.len());
    find_fronts(&mut city);
    city
}

/// Gives neighbours the same corners along their border, whether they are of one block or of two.
fn share_borders(lots: &mut Vec<Lot>) {
    for lot in lots.iter_mut().filter(|l| !polygon(&l.ring).is_valid()) {
        lot.ring = whole_part(&lot.ring).unwrap_or_default();
    }
    lots.retain(|l| l.ring.len() > 2);
    let mut rings: Vec<Ring> = lots.iter().map(|l| l.ring.clone()).collect();
    weld_corners(&mut rings);
    let welded = rings.clone();
    share_corners(&mut rings);
    for ((lot, shared), welded) in lots.iter_mut().zip(rings).zip(welded) {
        // In a needle-thin corner a neighbour's corner may fold the outline: such a lot keeps what is whole of it, or what it was.
        let drawn = std::mem::take(&mut lot.ring);
        let whole = if polygon(&shared).is_valid() { None } else { whole_part(&shared) };
        let kept = whole.filter(|w| (ring_area(w) - ring_area(&drawn)).abs() < 0.02 * ring_area(&drawn));
        lot.ring = [shared, kept.unwrap_or_default(), welded, drawn]
            .into_iter()
            .find(|r| r.len() > 2 && polygon(r).is_valid())
            .unwrap_or_default();
    }
    lots.retain(|l| l.ring.len() > 2);
}

/// The stretch of a line inside a ring, if it is long enough to be a way.
fn way_inside(ring: &[Place], a: Place, b: Place) -> Option<(Place, Place)> {
    stretch_inside(ring, a, b).filter(|(from, to)| distance(*from, *to) >= LEAST_WAY_M)
}

/// The largest valid part of a folded outline.
fn whole_part(ring: &[Place]) -> Option<Ring> {
    let parts = geo::unary_union(&[polygon(ring)]);
    let rings = parts.0.iter().filter_map(super::shapes::ring_of);
    let largest = rings.max_by(|a, b| ring_area(a).total_cmp(&ring_area(b)))?;
    (polygon(&largest).is_valid() && ring_area(&largest) > 5.0).then_some(largest)
}

fn is_wide(area: f64, outline: f64) -> bool {
    area > 60.0 && area / (outline / 2.0) > 3.0
}

impl Builder<'_> {
    /// Cuts a street-less block by generated streets until none is larger than the ground allows.
    fn open_up(&mut self, ring: Ring, blocks: &mut Vec<Block>) {
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

    fn fill(&mut self, b: usize, block: &Block) {
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

/// A generated way shorter than this is no way.
const LEAST_WAY_M: f64 = 1.0;

/// Lengthens each generated way to the centre line of the way that it runs into, so that the network hangs together.
fn join_ways(ways: &mut [Way], real: usize) {
    let index = WayIndex::new(ways);
    let mut moved = vec![];
    for (w, way) in ways.iter().enumerate().skip(real) {
        for end in [0, way.line.len() - 1] {
            let p = way.line[end];
            let others: Vec<(usize, usize)> = index.0.find((p.x - 16.0, p.y - 16.0, p.x + 16.0, p.y + 16.0));
            let mut best: Option<(f64, Place)> = None;
            for (o, s) in others {
                if o == w {
                    continue;
                }
                let (d, q) = to_segment(p, ways[o].line[s], ways[o].line[s + 1]);
                let d = d - ways[o].width_m / 2.0;
                if d < 3.0 && best.is_none_or(|(least, _)| d < least) {
                    best = Some((d, q));
                }
            }
            if let Some((_, q)) = best {
                moved.push((w, end, super::shapes::round(q)));
            }
        }
    }
    for (w, end, q) in moved {
        // Both ends of a short alley may be nearest to one place: it keeps its length then.
        let line = &mut ways[w].line;
        let other = line[line.len() - 1 - end];
        if distance(other, q) >= LEAST_WAY_M {
            line[end] = q;
        }
    }
}

/// Which way each lot fronts: the side whose middle lies at a way's border; streets before alleys.
fn find_fronts(city: &mut City) {
    let index = WayIndex::new(&city.ways);
    for lot in &mut city.lots {
        let mut best: Option<(bool, f64, usize, Place)> = None;
        for i in 0..lot.ring.len() {
            let (a, b) = (lot.ring[i], lot.ring[(i + 1) % lot.ring.len()]);
            let m = middle(a, b);
            if distance(a, b) < 1.5 {
                continue;
            }
            if let Some((w, _, d, _)) = index.nearest(&city.ways, m, 2.0) {
                let key = (city.ways[w].is_alley, d);
                if best.is_none_or(|x| key.0 < x.0 || key.0 == x.0 && key.1 < x.1 - 0.3) {
                    best = Some((key.0, key.1, w, m));
                }
            }
        }
        let fallback = || index.nearest(&city.ways, centre(&lot.ring), 40.0).map(|(w, _, _, q)| (w, q));
        lot.front = best.map(|x| (x.2, x.3)).or_else(fallback);
    }
}
