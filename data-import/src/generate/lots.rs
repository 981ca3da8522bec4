//! From ground to lots: streets cut the place into blocks, alleys cut blocks into cells, and cells become tube-house lots.

use geo::{Area, BooleanOps, MultiPolygon, Validation};
use rand_chacha::ChaCha8Rng;

use super::borders::{share_borders, whole_part};
use super::fronts::{find_fronts, join_ways};
use super::ground::{Ground, street_land};
use super::medians::{drop_median_lots, drop_medians};
use super::nearby::Nearby;
use super::shapes::{Place, Ring, bounds, centre, outline_length, polygon, ring_area, without_holes};
use super::subdivide::Builder;

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

/// A generated way shorter than this is no way.
pub const LEAST_WAY_M: f64 = 1.0;

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
    drop_median_lots(&mut lots, &ways);
    ways.extend(alleys);
    let mut city = City { ways, blocks, lots, land };
    join_ways(&mut city.ways, ground.streets.len());
    find_fronts(&mut city);
    city
}

/// Whether land is wide enough to hold lots.
pub fn is_wide(area: f64, outline: f64) -> bool {
    area > 60.0 && area / (outline / 2.0) > 3.0
}
