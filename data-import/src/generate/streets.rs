//! What stands along streets: trees, lamp posts with their circuits and cabinets, power.

use anyhow::Result;
use geo::{Contains, Geometry, LineString, Point};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::ground::Ground;
use super::land::{area, point};
use super::lots::{City, Way};
use super::nearby::WayIndex;
use super::papers::SPECIES;
use super::shapes::{Place, at, bounds, distance, inside, middle, ring_area, round};
use super::write::Sink;
use crate::generated_row;

/// Writes trees, lighting and power.
pub fn write(ground: &Ground, city: &City, index: usize, rng: &mut ChaCha8Rng, sink: &mut dyn Sink) -> Result<()> {
    let streets: Vec<Way> = city.ways.iter().filter(|w| !w.is_alley).cloned().collect();
    let near = WayIndex::new(&streets);
    let mut lights = Lights { index, posts: 0, circuits: 0, cabinet: None, cabinets: 0 };
    let mut trees = 0;
    for (w, way) in streets.iter().enumerate() {
        let is_free = |p: Place| {
            ground.outline.contains(&Point(p))
                && !ground.water.contains(&Point(p))
                && near
                    .nearest(&streets, p, 0.4)
                    .is_some_and(|x| x.0 == w || streets[x.0].name == way.name && x.2 > -1.3)
        };
        if way.width_m >= 9.0 && way.class != "hem" {
            let kind = rng.random_range(0..SPECIES.len());
            for side in [1.0, -1.0] {
                for p in beside(way, side * (way.width_m / 2.0 - 1.1), 9.0) {
                    if is_free(p) && rng.random_range(0..8) != 0 {
                        trees += 1;
                        let species =
                            if rng.random_range(0..6) == 0 { rng.random_range(0..SPECIES.len()) } else { kind };
                        tree(index, trees, p, species, way.name.as_deref(), rng, sink)?;
                    }
                }
            }
        }
        let reach = way.width_m / 2.0 - 0.5;
        let posts: Vec<Place> = beside(way, reach, 30.0).into_iter().filter(|&p| is_free(p)).collect();
        for circuit in posts.chunks(18) {
            lights.circuit(circuit, way, rng, sink)?;
        }
    }
    for block in city.blocks.iter().filter(|b| b.code == Some("DKV")) {
        let (x0, y0, x1, y1) = bounds(&block.ring);
        let (columns, rows) = (((x1 - x0) / 11.0) as i64, ((y1 - y0) / 11.0) as i64);
        for cell in 0..columns * rows {
            let p = at(
                x0 + (cell % columns) as f64 * 11.0 + rng.random_range(1.0..10.0),
                y0 + (cell / columns) as f64 * 11.0 + rng.random_range(1.0..10.0),
            );
            if inside(&block.ring, p) {
                trees += 1;
                tree(index, trees, p, rng.random_range(0..SPECIES.len()), block.name.as_deref(), rng, sink)?;
            }
        }
    }
    power(ground, city, index, rng, sink)
}

/// Places beside a way, every `step` metres, `off` metres left of its centre line.
fn beside(way: &Way, off: f64, step: f64) -> Vec<Place> {
    let mut places = vec![];
    let mut next = step / 2.0;
    let mut gone = 0.0;
    for pair in way.line.windows(2) {
        let length = distance(pair[0], pair[1]);
        if length < 0.01 {
            continue;
        }
        let (dx, dy) = ((pair[1].x - pair[0].x) / length, (pair[1].y - pair[0].y) / length);
        while next <= gone + length {
            let t = next - gone;
            places.push(round(at(pair[0].x + dx * t - dy * off, pair[0].y + dy * t + dx * off)));
            next += step;
        }
        gone += length;
    }
    places
}

fn tree(
    index: usize,
    number: usize,
    p: Place,
    species: usize,
    street: Option<&str>,
    rng: &mut ChaCha8Rng,
    sink: &mut dyn Sink,
) -> Result<()> {
    let (code, common, scientific, _, _, tallest, thickest) = SPECIES[species];
    // Old trees are few: height follows girth, both stay under the species' greatest.
    let age: f64 = rng.random_range(0.15..0.95_f64).powf(1.3);
    let height_m = (tallest * (0.25 + 0.65 * age) * 10.0).round() / 10.0;
    let dbh_cm = (thickest * (0.08 + 0.8 * age)).round();
    let category = match height_m {
        h if h <= 10.0 => "loai_1",
        h if h <= 15.0 => "loai_2",
        _ => "loai_3",
    };
    let is_protected = dbh_cm > 110.0;
    let condition = ["tot", "tot", "tot", "kha", "kha", "trung_binh", "yeu"][rng.random_range(0..7)];
    sink.put(generated_row!("tree", point(p), tree_number: format!("CX-{index:02}-{number:05}"), species: code, common_name: common,
        scientific_name: scientific, category: if is_protected { "bao_ton" } else { category }, height_m: height_m, dbh_cm: dbh_cm,
        base_diameter_cm: (dbh_cm * 1.25).round(), crown_m: ((2.0 + height_m * 0.38) * 10.0).round() / 10.0,
        planted_on: format!("{}-06-01", 2022 - (age * 60.0) as i64), condition: condition, lean_deg: rng.random_range(0..7) as f64,
        street: street, ownership: "cong_cong", is_protected: is_protected,
        last_inspected_on: format!("2026-{:02}-{:02}", rng.random_range(1..10), rng.random_range(1..28)), managed_by: "Minh họa"))
}

struct Lights {
    index: usize,
    posts: usize,
    circuits: usize,
    cabinet: Option<(String, Place)>,
    cabinets: usize,
}

impl Lights {
    /// One circuit: its posts in order, the cable through them, its cabinet.
    fn circuit(&mut self, posts: &[Place], way: &Way, rng: &mut ChaCha8Rng, sink: &mut dyn Sink) -> Result<()> {
        let Some(&first) = posts.first() else { return Ok(()) };
        self.circuits += 1;
        let circuit = format!("LT-{:02}-{:04}", self.index, self.circuits);
        let is_near = self.cabinet.as_ref().is_some_and(|c| distance(c.1, first) < 350.0);
        if !is_near {
            self.cabinets += 1;
            let number = format!("TD-{:02}-{:03}", self.index, self.cabinets);
            let place = round(at(first.x + 0.8, first.y + 0.4));
            sink.put(generated_row!("lighting_cabinet", point(place), cabinet_number: &number, state: "sang", circuits: 6_i64,
                maximum_power_kw: 25.0, working_mode: "tu_dong", station: format!("TBA-{:02}-001", self.index), switch_on: "17:50", switch_off: "05:45",
                installed_on: "2018-05-10", managed_by: "Minh họa"))?;
            self.cabinet = Some((number, place));
        }
        let Some((cabinet, place)) = self.cabinet.clone() else { return Ok(()) };
        let mut line = if is_near { vec![] } else { vec![place] };
        line.extend_from_slice(posts);
        if line.len() < 2 {
            line.push(place);
        }
        let length: f64 = line.windows(2).map(|p| distance(p[0], p[1])).sum();
        sink.put(generated_row!("lighting_line", Some(Geometry::LineString(LineString::new(line))), circuit: &circuit, cabinet: &cabinet,
            laying: "ngam", cable: "CXV 4x16", depth_m: 0.7, length_m: (length * 10.0).round() / 10.0, status: "dang_dung"))?;
        for &p in posts {
            self.posts += 1;
            let number = format!("CD-{:02}-{:05}", self.index, self.posts);
            let state = if rng.random_range(0..30) == 0 { "tat" } else { "sang" };
            let arms: i64 = if way.width_m > 22.0 { 2 } else { 1 };
            let height = if way.width_m > 12.0 { 10.0 } else { 7.0 };
            sink.put(generated_row!("lamp_post", point(p), post_number: &number, state: state, cabinet: &cabinet, circuit: &circuit,
                kind: if way.class == "hem" { "be_tong" } else { "thep" }, height_m: height, arms: arms, lamps: arms, power_w: 120 * arms,
                controlling: "tu_dong", installed_on: "2019-11-01", street: way.name.clone(), managed_by: "Minh họa"))?;
            for arm in 0..arms {
                sink.put(generated_row!("luminaire", None, luminaire_number: format!("{number}-{}", arm + 1), post_number: &number,
                    lamp_type: if rng.random_range(0..3) == 0 { "natri_cao_ap" } else { "led" }, power_w: 120_i64, colour_temperature_k: 4000_i64,
                    state: state, installed_on: "2019-11-01"))?;
            }
        }
        Ok(())
    }
}

fn power(ground: &Ground, city: &City, index: usize, rng: &mut ChaCha8Rng, sink: &mut dyn Sink) -> Result<()> {
    let mut stations = 0;
    for block in city.blocks.iter().filter(|b| ring_area(&b.ring) > 4000.0 && b.code != Some("DKV")) {
        stations += 1;
        let p = middle(block.ring[0], block.ring[1]);
        sink.put(generated_row!("power_station", point(p), source_ref: format!("TBA-{index:02}-{stations:03}"), name: format!("Trạm {stations} (minh họa)"),
            kind: "ha_the", voltage_kv: 22.0, capacity_kva: [400.0, 630.0, 1000.0][rng.random_range(0..3)], status: "dang_dung", managed_by: "Minh họa"))?;
    }
    if let Some(lot) =
        city.lots.iter().filter(|l| l.is_large).min_by(|a, b| ring_area(&a.ring).total_cmp(&ring_area(&b.ring)))
    {
        sink.put(generated_row!("power_station", area(&lot.ring), source_ref: format!("T110-{index:02}"), name: "Trạm 110 kV (minh họa)", kind: "tram_110",
            voltage_kv: 110.0, capacity_kva: 126_000.0, status: "dang_dung", managed_by: "Minh họa"))?;
    }
    for (w, line) in power_lines(ground, city) {
        sink.put(generated_row!("power_line", Some(Geometry::LineString(line)), source_ref: power_line_ref(index, w),
            name: city.ways[w].name.as_ref().map(|n| format!("Tuyến 22 kV {n}")), voltage_kv: 22.0, laying: "ngam", circuits: 2_i64,
            status: "dang_dung", managed_by: "Minh họa"))?;
    }
    Ok(())
}

/// Cables under the wider streets: the way each lies in, and its line.
pub fn power_lines(ground: &Ground, city: &City) -> Vec<(usize, LineString)> {
    let wide = city
        .ways
        .iter()
        .enumerate()
        .filter(|(_, w)| matches!(w.class, "truc_chinh" | "lien_khu_vuc" | "khu_vuc") && w.line.len() > 1);
    let lines = wide.map(|(w, way)| {
        (w, LineString::new(way.line.iter().map(|p| round(at(p.x + 2.4, p.y - 2.4))).collect::<Vec<_>>()))
    });
    let is_dry = |p: &Place| ground.outline.contains(&Point(*p)) && !ground.water.contains(&Point(*p));
    lines.filter(|(_, line)| line.0.iter().all(is_dry)).collect()
}

/// What a power line is called by other rows.
pub fn power_line_ref(index: usize, way: usize) -> String {
    format!("DD-{index:02}-{way}")
}
