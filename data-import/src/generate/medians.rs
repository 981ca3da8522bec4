//! Medians: land between the two carriageways of one street is part of that street, and nobody lives on it.

use std::collections::BTreeMap;

use geo::{Area, MultiPolygon, Polygon};

use super::lots::{Way, WayIndex};
use super::shapes::{Place, at, distance, outline_length};

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
