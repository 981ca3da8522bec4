//! Decision 13: after a thousand edits every cached tile equals a fresh one, at every zoom and while others read.

use crate::support::*;
use dothi_tiles::{Change, Core, Layer, LowZoom, NewFeature, TileId, Value};
use geo::{Geometry, LineString, Point, polygon};
use rand::{Rng, SeedableRng, rngs::SmallRng};
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

const DETAIL_ZOOM: u8 = 14;
const ZOOMS: [u8; 6] = [0, 7, 10, 12, 13, 15];

fn random_shape(random: &mut SmallRng) -> Geometry<f64> {
    let (x, y) = (CENTRE.0 + random.random_range(-0.1..0.1), CENTRE.1 + random.random_range(-0.1..0.1));
    let size = 10_f64.powf(random.random_range(-5.0..-1.5));
    match random.random_range(0..3) {
        0 => Point::new(x, y).into(),
        1 => LineString::from(vec![(x, y), (x + size, y + size / 3.0), (x + size, y - size)]).into(),
        _ => polygon![(x: x, y: y), (x: x + size, y: y), (x: x + size * 0.8, y: y + size), (x: x, y: y + size)].into(),
    }
}

fn random_feature(random: &mut SmallRng, fid: i64) -> NewFeature {
    let mut new = feature(fid, random_shape(random));
    new.values[0] = Value::text(["a", "b", "c"][random.random_range(0..3)]);
    if random.random_bool(0.1) {
        new.values[1] = Value::Int(random.random_range(5..16));
    }
    new
}

fn random_change(random: &mut SmallRng) -> Change {
    let fid = random.random_range(1..400);
    match random.random_range(0..4) {
        0 => Change::RemoveRow { fid },
        1 => {
            Change::ReplaceObject { id: feature(fid, Point::new(0.0, 0.0)).id, rows: vec![random_feature(random, fid)] }
        }
        _ => Change::Put(random_feature(random, fid)),
    }
}

fn random_tile(random: &mut SmallRng) -> TileId {
    let zoom = ZOOMS[random.random_range(0..ZOOMS.len())];
    TileId::at(CENTRE.0 + random.random_range(-0.12..0.12), CENTRE.1 + random.random_range(-0.12..0.12), zoom)
}

fn fresh(low_zoom: LowZoom, layer: &Layer) -> Core {
    let rows = layer.all();
    let again = rows.iter().map(|row| NewFeature {
        fid: row.fid(),
        id: row.id(),
        version: row.version(),
        geometry: row.geometry(),
        legal_srid: row.legal_srid(),
        valid: row.valid(),
        values: (0..4).map(|index| layer.value(row, index)).collect(),
    });
    core_of(schema(DETAIL_ZOOM, low_zoom), again.collect::<Vec<_>>())
}

#[test]
fn after_a_thousand_edits_every_cached_tile_equals_a_fresh_one() {
    for low_zoom in [LowZoom::Cluster, LowZoom::Merge, LowZoom::Lines, LowZoom::Hide] {
        let mut random = SmallRng::seed_from_u64(7);
        let start: Vec<_> = (1..300).map(|fid| random_feature(&mut random, fid)).collect();
        let core = core_of(schema(DETAIL_ZOOM, low_zoom), start);
        let layer = core.layer(&name()).expect("it was put in");
        let mut cache: BTreeMap<TileId, Vec<u8>> = BTreeMap::new();
        for _ in 0..1000 {
            for _ in 0..3 {
                let id = random_tile(&mut random);
                cache.entry(id).or_insert_with(|| tile(&core, id));
            }
            for touched in layer.apply(&[random_change(&mut random)]) {
                for zoom in ZOOMS {
                    for dropped in layer.tiles_changed(&touched, zoom) {
                        cache.remove(&dropped);
                    }
                }
            }
        }
        let fresh = fresh(low_zoom, &layer);
        assert!(cache.len() > 100, "{} tiles are left to compare", cache.len());
        for (id, cached) in &cache {
            assert!(*cached == tile(&fresh, *id), "{low_zoom} {id:?} is stale");
        }
    }
}

#[test]
fn readers_see_whole_features_while_a_writer_edits() {
    let core = core_of(schema(DETAIL_ZOOM, LowZoom::Merge), []);
    let layer = core.layer(&name()).expect("it was put in");
    let (done, read) = (AtomicBool::new(false), AtomicUsize::new(0));
    // Each version's kind and height go together: whoever sees one without the other has seen half a feature.
    let version = |fid: i64, n: i32| {
        let mut new = feature(fid, Point::new(CENTRE.0 + f64::from(n % 7) * 1e-5, CENTRE.1));
        new.version = n;
        new.values[0] = Value::text(&format!("k{n}"));
        new.values[2] = Value::Float(f64::from(n) + 0.25);
        Change::Put(new)
    };
    std::thread::scope(|scope| {
        for zoom in [13, 14, 16] {
            let (core, done, read) = (&core, &done, &read);
            scope.spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    for feature in features(&tile(core, TileId::at(CENTRE.0, CENTRE.1, zoom))) {
                        let text = |name| feature.property(name).map(|value| format!("{value:?}"));
                        if let (Some(kind), Some(height)) = (text("kind"), text("height_m")) {
                            let n = kind.trim_matches(|c: char| !c.is_ascii_digit());
                            assert_eq!(height, format!("Double({n}.25)"));
                            read.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                }
            });
        }
        for n in 0..300 {
            let changes: Vec<_> = (1..6).map(|fid| version(fid, n)).collect();
            layer.apply(&changes);
            while n == 150 && read.load(Ordering::Relaxed) == 0 {
                std::thread::yield_now();
            }
        }
        done.store(true, Ordering::Relaxed);
    });
    assert!(read.load(Ordering::Relaxed) > 0);
}

#[test]
fn an_import_of_many_rows_holds_the_lock_for_a_thousand_at_most_and_says_each() {
    let core = core_of(schema(DETAIL_ZOOM, LowZoom::Merge), []);
    let layer = core.layer(&name()).expect("it was put in");
    let mut random = SmallRng::seed_from_u64(3);
    let changes: Vec<_> = (1..=2500).map(|fid| Change::Put(random_feature(&mut random, fid))).collect();
    assert_eq!(layer.apply(&changes).len(), 2500);
    assert_eq!(layer.len(), 2500);
    let by_fid: HashMap<_, _> = layer.all().into_iter().map(|row| (row.fid(), row)).collect();
    assert_eq!(by_fid.len(), 2500);
    assert_eq!(layer.apply(&[Change::RemoveRow { fid: 7 }, Change::RemoveRow { fid: 7 }]).len(), 1);
    assert!(layer.by_fid(7).is_none());
}
