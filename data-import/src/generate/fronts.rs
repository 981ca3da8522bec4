//! The network of generated ways, joined, and which way each lot fronts.

use super::lots::{City, LEAST_WAY_M, Way};
use super::nearby::WayIndex;
use super::shapes::{Place, centre, distance, middle, to_segment};

/// Lengthens each generated way to the centre line of the way that it runs into, so that the network hangs together.
pub fn join_ways(ways: &mut [Way], real: usize) {
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
pub fn find_fronts(city: &mut City) {
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
