//! Numbers: houses along streets and alleys ("12/3/4"), and parcels within the old wards' map sheets.

use std::collections::BTreeMap;

use super::ground::Ground;
use super::lots::City;
use super::nearby::WayIndex;
use super::shapes::{Place, bounds, centre, cross};

/// An address of a lot.
#[derive(Clone, Debug, Default)]
pub struct Address {
    /// Number chain: "12", "12/3", "12/3/4".
    pub number: String,
    /// Street.
    pub street: String,
}

/// A parcel's key: old ward, sheet, number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParcelKey {
    /// Index of the old ward.
    pub former: usize,
    /// Map sheet.
    pub sheet: usize,
    /// Number within the sheet.
    pub number: usize,
}

/// Side (left?) and distance along a line of two ends; lots and alleys along it take numbers in this order.
fn along(from: Place, to: Place, p: Place) -> (bool, f64) {
    (cross(from, to, p) > 0.0, (p.x - from.x) * (to.x - from.x) + (p.y - from.y) * (to.y - from.y))
}

/// Numbers every lot, names every alley after the street that it leaves.
pub fn addresses(city: &mut City) -> Vec<Address> {
    let mut addresses = vec![Address::default(); city.lots.len()];
    // Stretches of one name are one street; an unnamed real way takes the name of the nearest named one.
    let mut streets: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (w, way) in city.ways.iter().enumerate() {
        if !way.is_alley
            && let Some(name) = &way.name
        {
            streets.entry(name.clone()).or_default().push(w);
        }
    }
    let named: Vec<_> =
        city.ways.iter().enumerate().filter(|(_, w)| w.name.is_some() && !w.is_alley).map(|(i, _)| i).collect();
    let named_ways: Vec<_> = named.iter().map(|&w| city.ways[w].clone()).collect();
    let named_index = WayIndex::new(&named_ways);
    let mut lots_of: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut alleys_of: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (l, lot) in city.lots.iter().enumerate() {
        let Some((w, front)) = lot.front else { continue };
        let way = &city.ways[w];
        let w = if way.is_alley || way.name.is_some() {
            w
        } else {
            named_index.nearest(&named_ways, front, 120.0).map_or(w, |x| named[x.0])
        };
        lots_of.entry(w).or_default().push(l);
    }
    let index = WayIndex::new(&city.ways);
    let mut parent_of: BTreeMap<usize, (usize, Place)> = BTreeMap::new();
    for (w, way) in city.ways.iter().enumerate().filter(|(_, w)| w.is_alley) {
        // An alley is cut before those that run into it, so its parent is a street or an alley with a smaller index.
        let mut found = vec![];
        for p in [way.line[0], way.line[way.line.len() - 1]] {
            let earlier: Vec<_> = index
                .touching(&city.ways, p)
                .into_iter()
                .filter(|&o| o < w)
                .map(|o| (city.ways[o].is_alley, o, p))
                .collect();
            found.extend(earlier);
        }
        found.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
        if let Some((_, o, p)) = found.first() {
            let o = if city.ways[*o].is_alley || city.ways[*o].name.is_some() {
                *o
            } else {
                named_index.nearest(&named_ways, *p, 120.0).map_or(*o, |x| named[x.0])
            };
            parent_of.insert(w, (o, *p));
            alleys_of.entry(o).or_default().push(w);
        }
    }
    let mut waiting: Vec<(Vec<usize>, String, String)> =
        streets.into_iter().map(|(name, ways)| (ways, String::new(), name)).collect();
    while let Some((ways, chain, street)) = waiting.pop() {
        number_one(city, &ways, &chain, &street, &lots_of, &alleys_of, &parent_of, &mut addresses, &mut waiting);
    }
    addresses
}

#[allow(clippy::too_many_arguments, reason = "one step of a walk that shares the walk's tables")]
fn number_one(
    city: &mut City,
    ways: &[usize],
    chain: &str,
    street: &str,
    lots_of: &BTreeMap<usize, Vec<usize>>,
    alleys_of: &BTreeMap<usize, Vec<usize>>,
    parent_of: &BTreeMap<usize, (usize, Place)>,
    addresses: &mut [Address],
    waiting: &mut Vec<(Vec<usize>, String, String)>,
) {
    let places: Vec<Place> = ways.iter().flat_map(|&w| city.ways[w].line.iter().copied()).collect();
    let (x0, y0, x1, y1) = bounds(&places);
    let start = if chain.is_empty() {
        let (from, to) = farthest(&places, x1 - x0 > y1 - y0);
        (from, to)
    } else {
        let line = &city.ways[ways[0]].line;
        let begin = parent_of.get(&ways[0]).map_or(line[0], |x| x.1);
        let other = if begin == line[0] { line[line.len() - 1] } else { line[0] };
        (begin, other)
    };
    let mut sides: [Vec<(f64, bool, usize)>; 2] = [vec![], vec![]];
    for &w in ways {
        for &l in lots_of.get(&w).into_iter().flatten() {
            let p = centre(&city.lots[l].ring);
            let front = city.lots[l].front.map_or(p, |f| f.1);
            let is_left =
                if chain.is_empty() { side_of_way(&city.ways[w].line, start, p) } else { along(start.0, start.1, p).0 };
            sides[usize::from(is_left)].push((along(start.0, start.1, front).1, false, l));
        }
        for &a in alleys_of.get(&w).into_iter().flatten() {
            let line = &city.ways[a].line;
            let p = super::shapes::middle(line[0], line[line.len() - 1]);
            let is_left =
                if chain.is_empty() { side_of_way(&city.ways[w].line, start, p) } else { along(start.0, start.1, p).0 };
            let leaves = parent_of.get(&a).map_or(p, |x| x.1);
            sides[usize::from(is_left)].push((along(start.0, start.1, leaves).1, true, a));
        }
    }
    for (side, items) in sides.iter_mut().enumerate() {
        items.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        for (i, &(_, is_way, item)) in items.iter().enumerate() {
            let n = 2 * i + if side == 1 { 1 } else { 2 };
            let number = if chain.is_empty() { n.to_string() } else { format!("{chain}/{n}") };
            if is_way {
                city.ways[item].name = Some(format!("Hẻm {number} {street}"));
                waiting.push((vec![item], number, street.to_owned()));
            } else {
                addresses[item] = Address { number, street: street.to_owned() };
            }
        }
    }
}

/// The two ends of a street: its lowest and highest place along its longer extent.
fn farthest(places: &[Place], is_wide: bool) -> (Place, Place) {
    let key = |p: &Place| if is_wide { p.x } else { -p.y };
    let from = places.iter().min_by(|a, b| key(a).total_cmp(&key(b))).copied().unwrap_or_default();
    let to = places.iter().max_by(|a, b| key(a).total_cmp(&key(b))).copied().unwrap_or_default();
    (from, to)
}

/// Is `p` left of the way, looking along the street's direction?
fn side_of_way(line: &[Place], street: (Place, Place), p: Place) -> bool {
    let mut best = (f64::MAX, false);
    for pair in line.windows(2) {
        let (d, _) = super::shapes::to_segment(p, pair[0], pair[1]);
        if d < best.0 {
            let is_forward = along(street.0, street.1, pair[1]).1 >= along(street.0, street.1, pair[0]).1;
            best = (d, (cross(pair[0], pair[1], p) > 0.0) == is_forward);
        }
    }
    best.1
}

const SHEET_M: f64 = 250.0;

/// Sheets of 250 m (drawn 1:500), numbered from 1 in each old ward; the densest of each ward is sheet 12.
pub fn parcel_keys(ground: &Ground, city: &City) -> Vec<ParcelKey> {
    let mut sheets: BTreeMap<(usize, i64, i64), Vec<usize>> = BTreeMap::new();
    for (l, lot) in city.lots.iter().enumerate() {
        let c = centre(&lot.ring);
        let former = city.blocks[lot.block].former.min(ground.former.len().saturating_sub(1));
        sheets.entry((former, -(c.y / SHEET_M).floor() as i64, (c.x / SHEET_M).floor() as i64)).or_default().push(l);
    }
    let mut keys = vec![ParcelKey { former: 0, sheet: 0, number: 0 }; city.lots.len()];
    for former in 0..ground.former.len() {
        let mine: Vec<&Vec<usize>> = sheets.iter().filter(|(k, _)| k.0 == former).map(|x| x.1).collect();
        let Some(densest) = (0..mine.len()).max_by_key(|&i| (mine[i].len(), usize::MAX - i)) else { continue };
        for (i, lots) in mine.iter().enumerate() {
            let sheet = match i {
                i if i == densest => 12,
                11 => densest + 1,
                i => i + 1,
            };
            for (n, &l) in lots.iter().enumerate() {
                keys[l] = ParcelKey { former, sheet, number: n + 1 };
            }
            // Numbers go on beyond the count where parcels were split and numbered anew: the last of sheet 12 is one of those.
            if sheet == 12
                && lots.len() < 345
                && let Some(&last) = lots.last()
            {
                keys[last].number = 345;
            }
        }
    }
    keys
}
