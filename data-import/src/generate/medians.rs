//! Medians: land between the two carriageways of one street is part of that street, and nobody lives on it.

use std::collections::BTreeMap;

use geo::{Area, MultiPolygon, Polygon};

use super::lots::{Lot, Way};
use super::nearby::WayIndex;
use super::shapes::{Place, at, centre, distance, outline_length, to_segment};

/// A piece of land wider than this is a block, whatever lies around it, metres.
const WIDEST_M: f64 = 45.0;
/// So much of its outline lies along one street.
const LEAST_SHARE: f64 = 0.5;
/// The outline is asked every so many metres.
const STEP_M: f64 = 4.0;

/// Takes the medians out of the land between streets.
pub fn drop_medians(land: &mut MultiPolygon, ways: &[Way]) {
    let index = WayIndex::new(ways);
    land.0.retain(|piece| !is_median(piece, ways, &index));
}

fn is_median(piece: &Polygon, ways: &[Way], index: &WayIndex) -> bool {
    let outline = &piece.exterior().0;
    // A long rectangle's width is about its area over half of its outline.
    if piece.unsigned_area() / (outline_length(outline) / 2.0) > WIDEST_M {
        return false;
    }
    let places = every(outline, STEP_M);
    let mut along: BTreeMap<&str, usize> = BTreeMap::new();
    for &p in &places {
        if let Some((way, ..)) = index.nearest(ways, p, 2.0)
            && let Some(name) = &ways[way].name
        {
            *along.entry(plain(name)).or_default() += 1;
        }
    }
    along.values().max().is_some_and(|&most| most as f64 >= LEAST_SHARE * places.len() as f64)
}

/// Carriageways of one street lie at most so far from the middle of what is between them, metres.
const FAR_M: f64 = 26.0;

/// Takes out lots at the ends of medians, where the piece of land is wider than a median but the lot still lies between two
/// carriageways of one name.
pub fn drop_median_lots(lots: &mut Vec<Lot>, ways: &[Way]) {
    let streets: Vec<(&str, &Way)> = ways
        .iter()
        .filter(|way| !way.is_alley && !way.is_generated)
        .filter_map(|way| way.name.as_deref().map(|name| (plain(name), way)))
        .filter(|(name, _)| !name.starts_with("Hẻm"))
        .collect();
    lots.retain(|lot| !is_between(centre(&lot.ring), &streets));
}

/// Whether stretches of one street pass a place on opposite sides.
fn is_between(p: Place, streets: &[(&str, &Way)]) -> bool {
    let mut sides: BTreeMap<&str, Vec<Place>> = BTreeMap::new();
    for (name, way) in streets {
        for pair in way.line.windows(2) {
            let (d, q) = to_segment(p, pair[0], pair[1]);
            if d > 0.01 && d < FAR_M + way.width_m / 2.0 {
                sides.entry(name).or_default().push(at((q.x - p.x) / d, (q.y - p.y) / d));
            }
        }
    }
    // The cosine of 150 degrees: a bend of one street around a corner is no pair of carriageways.
    sides.values().any(|to| to.iter().any(|a| to.iter().any(|b| a.x * b.x + a.y * b.y < -0.866)))
}

/// Both carriageways carry one name, though not always the same words before it.
fn plain(name: &str) -> &str {
    let mut name = name.trim();
    for word in ["Đường ", "Đại lộ ", "Đại Lộ ", "Phố đi bộ ", "Phố Đi Bộ "] {
        name = name.strip_prefix(word).unwrap_or(name);
    }
    name
}

fn every(outline: &[Place], step: f64) -> Vec<Place> {
    let mut places = vec![];
    for pair in outline.windows(2) {
        let count = (distance(pair[0], pair[1]) / step).ceil().max(1.0);
        for i in 0..count as usize {
            let t = (i as f64 + 0.5) / count;
            places.push(at(pair[0].x + t * (pair[1].x - pair[0].x), pair[0].y + t * (pair[1].y - pair[0].y)));
        }
    }
    places
}
