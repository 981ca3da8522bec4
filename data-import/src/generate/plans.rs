//! Plans: one at each level with its decision, zones over the whole place, and the lines that bind a lot.
//!
//! The 1:2000 drawing lies 0.75 m off the parcels, as drawings do; the plan of 2013 was replaced on 15 May 2026 by one that widens streets.

use anyhow::Result;
use geo::{Area, BooleanOps, Buffer, Geometry, LineString, MultiLineString, MultiPolygon, Translate};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use uuid::Uuid;

use super::ground::Ground;
use super::land::{area, areas, squares};
use super::lots::{City, WayIndex};
use super::papers::{Paper, put_paper};
use super::shapes::{Place, centre, middle, polygon, ring_area, ring_of, round};
use super::write::Sink;
use crate::generated_row;

/// How far the 1:2000 drawing lies off the parcels, metres east and north.
pub const DRAWING_OFF_M: (f64, f64) = (0.62, -0.42);
/// How far the drawing of 2013 lies off.
const OLD_DRAWING_OFF_M: (f64, f64) = (-0.45, 0.35);
/// The day on which the new zoning plan came into force.
pub const NEW_PLAN_FROM: &str = "2026-05-15";
/// The day from which a local adjustment changes some zones of the new plan: they have two periods under one id.
const ADJUSTED_FROM: &str = "2026-09-01";
/// What the changed zones say of it.
const ADJUSTED_BY: &str = "Điều chỉnh cục bộ theo Quyết định 301/QĐ-UBND ngày 28/08/2026 (minh họa)";
/// Of so many blocks of houses one is adjusted.
const ADJUSTED_EVERY: usize = 7;
/// Names the ids of zones, so that every period of a zone is the same object wherever the place is imported.
const ZONE_IDS: Uuid = Uuid::from_u128(0x0199_0b7e_5d0c_7a31_9c64_5e2f_8a17_42d0);

/// Streets that the new plan widens, and by how much on each side, metres.
const WIDENED: [(&str, f64); 4] =
    [("Lý Tự Trọng", 1.5), ("Nguyễn Đình Chiểu", 2.0), ("Mạc Thị Bưởi", 1.2), ("Tôn Thất Thiệp", 1.2)];

/// What a zone allows.
struct Rules {
    function: &'static str,
    code: &'static str,
    title: &'static str,
    storeys: (i64, i64),
    coverage: f64,
    setback: f64,
}

/// One plan as it is written.
struct Plan<'p> {
    code: String,
    name: String,
    level: &'p str,
    scale: Option<&'p str>,
    decision: &'p str,
    date: &'p str,
    authority: &'p str,
    replaces: Option<String>,
    /// Decision of the plan that replaces it.
    replaced_by: Option<&'p str>,
    /// Plan that it adjusts locally.
    adjusts: Option<String>,
    parent: Option<String>,
    valid: (Option<&'p str>, Option<&'p str>),
    area: MultiPolygon,
}

/// Writes a plan, and the decision that it rests on.
fn put_plan(plan: Plan<'_>, unit: &str, sink: &mut dyn Sink) -> Result<()> {
    let area_ha = plan.area.unsigned_area() / 10_000.0;
    let is_replaced = plan.valid.1.is_some();
    let decision = format!("{}{unit}", plan.decision);
    let from = plan.valid.0.unwrap_or(plan.date);
    put_paper(
        &Paper {
            number: &decision,
            title: &format!("Quyết định phê duyệt: {}", plan.name),
            issuer: plan.authority,
            issued_on: plan.date,
            effective: (from, plan.valid.1),
            replaced_by: plan.replaced_by.map(|number| format!("{number}{unit}")),
        },
        sink,
    )?;
    sink.put(generated_row!("plan", areas(plan.area), code: plan.code, name: plan.name, level: plan.level, scale: plan.scale,
        status: if is_replaced { "thay_the" } else { "hieu_luc" }, decision_number: &decision, decision_date: plan.date,
        authority: plan.authority, effective_from: from, horizon_year: 2040_i64, replaces: plan.replaces, adjusts: plan.adjusts,
        parent: plan.parent, document: &decision, area_ha: (area_ha * 100.0).round() / 100.0,
        source_note: "Dữ liệu minh họa, không có giá trị pháp lý", illustrative: true, valid_from: plan.valid.0, valid_to: plan.valid.1))
}

/// Writes plans, zones and lines.
pub fn write(ground: &Ground, city: &City, index: usize, rng: &mut ChaCha8Rng, sink: &mut dyn Sink) -> Result<()> {
    let id = if ground.place == "grid" { format!("-{}", index + 1) } else { String::new() };
    let (ubnd, ward) = ("UBND Thành phố Hồ Chí Minh", "UBND Phường Sài Gòn");
    let code = |word: &str| format!("{word}{id}");
    let name = |words: &str| format!("{words} {} (minh họa)", ground.unit_name);
    let all = ground.outline.clone();
    let moved = |by: (f64, f64)| all.translate(by.0, by.1);
    // The grid's decisions carry the square's number, the ward's are plain.
    let mut put = |plan| put_plan(plan, &id, sink);
    put(Plan {
        code: code("QHC-2025"),
        name: name("Quy hoạch chung"),
        level: "chung",
        scale: Some("1:10000"),
        decision: "1001/QĐ-TTg",
        date: "2025-06-11",
        authority: "Thủ tướng Chính phủ",
        replaces: None,
        replaced_by: None,
        adjusts: None,
        parent: None,
        valid: (Some("2025-06-11"), None),
        area: all.clone(),
    })?;
    put(Plan {
        code: code("QPK-2013"),
        name: name("Quy hoạch phân khu 2013"),
        level: "phan_khu",
        scale: Some("1:2000"),
        decision: "3400/QĐ-UBND",
        date: "2013-06-28",
        authority: ubnd,
        replaces: None,
        replaced_by: Some("5678/QĐ-UBND"),
        adjusts: None,
        parent: None,
        valid: (Some("2013-06-28"), Some(NEW_PLAN_FROM)),
        area: moved(OLD_DRAWING_OFF_M),
    })?;
    put(Plan {
        code: code("QPK-2026"),
        name: name("Điều chỉnh quy hoạch phân khu"),
        level: "phan_khu",
        scale: Some("1:2000"),
        decision: "5678/QĐ-UBND",
        date: "2026-05-12",
        authority: ubnd,
        replaces: Some(code("QPK-2013")),
        replaced_by: None,
        adjusts: None,
        parent: Some(code("QHC-2025")),
        valid: (Some(NEW_PLAN_FROM), None),
        area: moved(DRAWING_OFF_M),
    })?;
    put(Plan {
        code: code("QHSDD-2030"),
        name: name("Quy hoạch sử dụng đất đến năm 2030"),
        level: "su_dung_dat",
        scale: None,
        decision: "900/QĐ-UBND",
        date: "2026-01-30",
        authority: ubnd,
        replaces: None,
        replaced_by: None,
        adjusts: None,
        parent: None,
        valid: (Some("2026-01-30"), None),
        area: all.clone(),
    })?;
    put(Plan {
        code: code("QLG-2026"),
        name: name("Quy hoạch lộ giới hẻm"),
        level: "lo_gioi",
        scale: Some("1:500"),
        decision: "88/QĐ-UBND",
        date: "2026-03-02",
        authority: ward,
        replaces: None,
        replaced_by: None,
        adjusts: None,
        parent: Some(code("QPK-2026")),
        valid: (Some("2026-03-02"), None),
        area: all.clone(),
    })?;
    let shares = large_shares(city);
    let rules: Vec<(Rules, Rules)> = city.blocks.iter().zip(&shares).map(|(b, s)| rules_of(b.code, *s, rng)).collect();
    general_zones(ground, city, &shares, &code("QHC-2025"), sink)?;
    let widened = widened_land(city);
    zoning(ground, city, &code("QPK-2013"), OLD_DRAWING_OFF_M, &MultiPolygon::new(vec![]), &rules, false, sink)?;
    let zones = zoning(ground, city, &code("QPK-2026"), DRAWING_OFF_M, &widened, &rules, true, sink)?;
    let adjusted: Vec<MultiPolygon> = adjusted(&rules).into_iter().map(|b| zones[b].clone()).collect();
    put_plan(
        Plan {
            code: code("QPKDC-2026"),
            name: name("Điều chỉnh cục bộ quy hoạch phân khu"),
            level: "phan_khu",
            scale: Some("1:2000"),
            decision: "301/QĐ-UBND",
            date: "2026-08-28",
            authority: ubnd,
            replaces: None,
            replaced_by: None,
            adjusts: Some(code("QPK-2026")),
            parent: Some(code("QHC-2025")),
            valid: (Some(ADJUSTED_FROM), None),
            area: geo::unary_union(&adjusted),
        },
        &id,
        sink,
    )?;
    lines(ground, city, &code("QPK-2026"), &zones, &rules, sink)?;
    alley_lines(city, &code("QLG-2026"), sink)?;
    land_use_plan(city, &code("QHSDD-2030"), &rules, sink)?;
    details(city, &id, ward, &code("QPK-2026"), sink)
}

/// Share of each block's lot area that large lots take.
fn large_shares(city: &City) -> Vec<f64> {
    let mut sums = vec![(0.0, 0.0); city.blocks.len()];
    for lot in &city.lots {
        let a = ring_area(&lot.ring);
        sums[lot.block].1 += a;
        if lot.is_large {
            sums[lot.block].0 += a;
        }
    }
    sums.into_iter().map(|(large, all)| if all > 0.0 { large / all } else { 0.0 }).collect()
}

/// Rules of a block: (new plan, plan of 2013).
fn rules_of(code: Option<&str>, large_share: f64, rng: &mut ChaCha8Rng) -> (Rules, Rules) {
    let rule =
        |function, code, title, storeys, coverage, setback| Rules { function, code, title, storeys, coverage, setback };
    match code {
        Some("DKV" | "DTT") => (
            rule("cay_xanh", "DKV", "Công viên cây xanh", (0, 1), 5.0, 0.0),
            rule("cay_xanh", "DKV", "Công viên cây xanh", (0, 1), 5.0, 0.0),
        ),
        Some("DGD") => (
            rule("giao_duc", "DGD", "Đất giáo dục", (1, 5), 40.0, 6.0),
            rule("giao_duc", "DGD", "Đất giáo dục", (1, 4), 40.0, 6.0),
        ),
        Some("DYT") => {
            (rule("y_te", "DYT", "Đất y tế", (2, 12), 40.0, 6.0), rule("y_te", "DYT", "Đất y tế", (2, 9), 40.0, 6.0))
        }
        Some("TON" | "TIN") => (
            rule("ton_giao", "TON", "Đất tôn giáo", (1, 3), 40.0, 4.0),
            rule("ton_giao", "TON", "Đất tôn giáo", (1, 3), 40.0, 4.0),
        ),
        Some("TSC" | "DNG" | "DTS") => (
            rule("hanh_chinh", "TSC", "Đất cơ quan", (2, 9), 50.0, 4.0),
            rule("hanh_chinh", "TSC", "Đất cơ quan", (2, 7), 50.0, 4.0),
        ),
        Some("DVH") => (
            rule("van_hoa", "DVH", "Đất văn hóa", (1, 5), 45.0, 6.0),
            rule("van_hoa", "DVH", "Đất văn hóa", (1, 4), 45.0, 6.0),
        ),
        Some("CQP" | "CAN") => (
            rule("an_ninh_quoc_phong", "CQP", "Đất an ninh, quốc phòng", (1, 9), 50.0, 4.0),
            rule("an_ninh_quoc_phong", "CQP", "Đất an ninh, quốc phòng", (1, 9), 50.0, 4.0),
        ),
        Some("TMD" | "DCH") => (
            rule("thuong_mai_dich_vu", "TMD", "Đất thương mại dịch vụ", (5, 45), 55.0, 6.0),
            rule("thuong_mai_dich_vu", "TMD", "Đất thương mại dịch vụ", (5, 30), 60.0, 3.0),
        ),
        _ if large_share > 0.7 => (
            rule("thuong_mai_dich_vu", "TMD", "Đất thương mại dịch vụ", (5, rng.random_range(25..45)), 60.0, 6.0),
            rule("hon_hop", "TMD", "Đất hỗn hợp", (5, 20), 60.0, 3.0),
        ),
        _ if large_share > 0.35 => (
            rule("hon_hop", "TMD", "Đất hỗn hợp (ở, thương mại, văn phòng)", (3, rng.random_range(12..25)), 65.0, 3.0),
            rule("o_hien_huu", "ODT", "Đất ở hiện hữu chỉnh trang", (2, 9), 70.0, 0.0),
        ),
        _ => {
            let high = rng.random_range(5..9);
            (
                rule("o_hien_huu", "ODT", "Đất ở hiện hữu chỉnh trang", (2, high), 80.0, 0.0),
                rule("o_hien_huu", "ODT", "Đất ở hiện hữu chỉnh trang", (2, high - 1), 85.0, 0.0),
            )
        }
    }
}

/// Blocks of houses that the local adjustment lets grow.
fn adjusted(rules: &[(Rules, Rules)]) -> Vec<usize> {
    let houses = rules.iter().enumerate().filter(|(_, (new, _))| new.function == "o_hien_huu");
    houses.map(|(b, _)| b).step_by(ADJUSTED_EVERY).collect()
}

fn widened_land(city: &City) -> MultiPolygon {
    let mut corridors: Vec<MultiPolygon> = vec![];
    let first = city.ways.iter().filter(|w| w.class == "noi_bo" && !w.is_alley).find_map(|w| w.name.clone());
    for way in city.ways.iter().filter(|w| !w.is_alley) {
        let Some(name) = &way.name else { continue };
        let by = WIDENED.iter().find(|w| w.0 == name).map(|w| w.1);
        let by = by.or_else(|| (name.starts_with("Đường số") && first.as_ref() == Some(name)).then_some(1.5));
        if let Some(by) = by {
            corridors.push(LineString::new(way.line.clone()).buffer(way.width_m / 2.0 + by));
        }
    }
    geo::unary_union(&corridors)
}

fn put_zone(
    plan: &str,
    zone_code: String,
    rules: &Rules,
    shape: MultiPolygon,
    valid: (Option<&str>, Option<&str>),
    sink: &mut dyn Sink,
) -> Result<()> {
    let area_m2 = shape.unsigned_area();
    let Some(geometry) = areas(shape) else { return Ok(()) };
    let is_built = !matches!(rules.function, "giao_thong" | "mat_nuoc");
    let number = |v: f64| is_built.then_some(v);
    sink.put(generated_row!("planning_zone", Some(geometry), id: Uuid::new_v5(&ZONE_IDS, format!("{plan}/{zone_code}").as_bytes()).to_string(), plan: plan, zone_code: &zone_code, name: rules.title, function: rules.function,
        land_use: rules.code, storeys_min: is_built.then_some(rules.storeys.0), storeys_max: is_built.then_some(rules.storeys.1),
        height_max_m: number(rules.storeys.1 as f64 * 3.6 + 2.0), coverage_max_pct: number(rules.coverage),
        far_max: number((rules.storeys.1 as f64 * rules.coverage / 10.0).round() / 10.0), setback_m: number(rules.setback),
        green_min_pct: number(if rules.function == "cay_xanh" { 80.0 } else { 100.0 - rules.coverage - 10.0 }),
        population: (rules.function == "o_hien_huu").then_some((area_m2 / 28.0) as i64), area_m2: (area_m2 * 10.0).round() / 10.0,
        remarks: (valid.0 == Some(ADJUSTED_FROM)).then_some(ADJUSTED_BY), source_ref: format!("{plan}:{zone_code}"),
        valid_from: valid.0, valid_to: valid.1))
}

const ROAD: Rules = Rules {
    function: "giao_thong",
    code: "DGT",
    title: "Đất giao thông",
    storeys: (0, 0),
    coverage: 0.0,
    setback: 0.0,
};
const WATER: Rules =
    Rules { function: "mat_nuoc", code: "SON", title: "Mặt nước", storeys: (0, 0), coverage: 0.0, setback: 0.0 };

fn general_zones(ground: &Ground, city: &City, shares: &[f64], plan: &str, sink: &mut dyn Sink) -> Result<()> {
    let valid = (Some("2025-06-11"), None);
    let parks: Vec<_> = city
        .blocks
        .iter()
        .filter(|b| b.code == Some("DKV") && ring_area(&b.ring) > 3000.0)
        .map(|b| polygon(&b.ring))
        .collect();
    let parks = geo::unary_union(&parks);
    let green = Rules {
        function: "cay_xanh",
        code: "DKV",
        title: "Cây xanh cấp đô thị",
        storeys: (0, 2),
        coverage: 5.0,
        setback: 0.0,
    };
    let rest = ground.outline.difference(&ground.water).difference(&parks);
    for (i, part) in squares(&rest, 600.0).into_iter().enumerate() {
        let (mut large, mut all) = (0.0, 0.001);
        for (block, share) in city.blocks.iter().zip(shares) {
            use geo::Contains;
            if part.contains(&geo::Point(centre(&block.ring))) {
                large += share * ring_area(&block.ring);
                all += ring_area(&block.ring);
            }
        }
        let rules = if large / all > 0.45 {
            Rules {
                function: "thuong_mai_dich_vu",
                code: "TMD",
                title: "Khu trung tâm thương mại, dịch vụ",
                storeys: (1, 50),
                coverage: 60.0,
                setback: 0.0,
            }
        } else {
            Rules {
                function: "hon_hop",
                code: "ODT",
                title: "Khu trung tâm hiện hữu hỗn hợp",
                storeys: (1, 25),
                coverage: 75.0,
                setback: 0.0,
            }
        };
        put_zone(plan, format!("C{:02}", i + 1), &rules, part, valid, sink)?;
    }
    for (i, part) in parks.into_iter().enumerate() {
        put_zone(plan, format!("CX{:02}", i + 1), &green, MultiPolygon::new(vec![part]), valid, sink)?;
    }
    put_zone(plan, "MN01".into(), &WATER, ground.water.clone(), valid, sink)
}

/// The 1:2000 zones: one a block, less what widened streets take; streets and water between them. Returns each block's zone as drawn.
#[allow(clippy::too_many_arguments, reason = "two plans of one kind differ in all of these")]
fn zoning(
    ground: &Ground,
    city: &City,
    plan: &str,
    off: (f64, f64),
    widened: &MultiPolygon,
    rules: &[(Rules, Rules)],
    is_new: bool,
    sink: &mut dyn Sink,
) -> Result<Vec<MultiPolygon>> {
    let valid = if is_new { (Some(NEW_PLAN_FROM), None) } else { (Some("2013-06-28"), Some(NEW_PLAN_FROM)) };
    let adjusted = adjusted(rules);
    let mut zones = vec![];
    for (b, (block, rule)) in city.blocks.iter().zip(rules).enumerate() {
        let mut zone = MultiPolygon::new(vec![polygon(&block.ring)]);
        if !widened.0.is_empty() {
            zone = zone.difference(widened);
        }
        let rule = if is_new { &rule.0 } else { &rule.1 };
        let code = format!("{}{:03}", letter(rule.function), b + 1);
        let drawn = zone.translate(off.0, off.1);
        if is_new && adjusted.contains(&b) {
            let grown = Rules { storeys: (rule.storeys.0, rule.storeys.1 + 2), coverage: rule.coverage - 5.0, ..*rule };
            put_zone(plan, code.clone(), rule, drawn.clone(), (valid.0, Some(ADJUSTED_FROM)), sink)?;
            put_zone(plan, code, &grown, drawn, (Some(ADJUSTED_FROM), None), sink)?;
        } else {
            put_zone(plan, code, rule, drawn, valid, sink)?;
        }
        zones.push(zone);
    }
    let taken = geo::unary_union(&zones);
    let road = ground.outline.difference(&taken).difference(&ground.water);
    for (i, part) in squares(&road, 300.0).into_iter().enumerate() {
        put_zone(plan, format!("GT{:03}", i + 1), &ROAD, part.translate(off.0, off.1), valid, sink)?;
    }
    put_zone(plan, "MN01".into(), &WATER, ground.water.translate(off.0, off.1), valid, sink)?;
    Ok(zones.into_iter().map(|z| z.translate(off.0, off.1)).collect())
}

fn letter(function: &str) -> &'static str {
    match function {
        "o_hien_huu" => "O",
        "hon_hop" => "HH",
        "thuong_mai_dich_vu" => "TM",
        "cay_xanh" => "CX",
        _ => "CC",
    }
}

fn put_line(
    plan: &str,
    source_ref: String,
    kind: &str,
    road: Option<&str>,
    width: Option<f64>,
    setback: Option<f64>,
    lines: Vec<LineString>,
    remarks: Option<&str>,
    sink: &mut dyn Sink,
) -> Result<()> {
    let valid_from = if kind == "lo_gioi" { "2026-03-02" } else { NEW_PLAN_FROM };
    sink.put(generated_row!("planning_line", Some(Geometry::MultiLineString(MultiLineString::new(lines))), plan: plan, source_ref: source_ref,
        kind: kind, road_name: road, road_width_m: width.map(|w| (w * 10.0).round() / 10.0), setback_m: setback, built: false, remarks: remarks,
        valid_from: Some(valid_from), valid_to: None::<&str>))
}

/// Red lines along streets, building lines behind them, centre lines.
fn lines(
    ground: &Ground,
    city: &City,
    plan: &str,
    zones: &[MultiPolygon],
    rules: &[(Rules, Rules)],
    sink: &mut dyn Sink,
) -> Result<()> {
    let streets: Vec<_> = city.ways.iter().filter(|w| !w.is_alley).cloned().collect();
    let index = WayIndex::new(&streets);
    for (b, zone) in zones.iter().enumerate() {
        for (p, part) in zone.0.iter().enumerate() {
            let Some(ring) = ring_of(part) else { continue };
            for (s, (street, run)) in street_sides(&ring, &streets, &index).into_iter().enumerate() {
                let street = &streets[street];
                let widening = street.name.as_deref().and_then(|n| WIDENED.iter().find(|w| w.0 == n)).map(|w| w.1);
                let width = street.width_m + 2.0 * widening.unwrap_or(0.0);
                put_line(
                    plan,
                    format!("dd:{b}:{p}:{s}"),
                    "chi_gioi_duong_do",
                    street.name.as_deref(),
                    Some(width),
                    None,
                    vec![run],
                    widening.map(|_| "Mở rộng đường theo quy hoạch"),
                    sink,
                )?;
            }
            let setback = rules[b].0.setback;
            if setback > 0.0 {
                let inner = part.buffer(-setback);
                let runs: Vec<LineString> =
                    inner.0.iter().map(|p| p.exterior().clone()).filter(|l| l.0.len() > 3).collect();
                if !runs.is_empty() {
                    put_line(
                        plan,
                        format!("xd:{b}:{p}"),
                        "chi_gioi_xay_dung",
                        None,
                        None,
                        Some(setback),
                        runs,
                        None,
                        sink,
                    )?;
                }
            }
        }
    }
    for (w, way) in streets.iter().enumerate().filter(|(_, w)| w.name.is_some()) {
        let inside = ground.outline.clip(&MultiLineString::new(vec![LineString::new(way.line.clone())]), false);
        let inside: Vec<LineString> = inside.0.into_iter().filter(|l| l.0.len() > 1).collect();
        if !inside.is_empty() {
            let moved = inside.into_iter().map(|l| l.translate(DRAWING_OFF_M.0, DRAWING_OFF_M.1)).collect();
            put_line(
                plan,
                format!("td:{w}"),
                "tim_duong",
                way.name.as_deref(),
                Some(way.width_m),
                None,
                moved,
                None,
                sink,
            )?;
        }
    }
    Ok(())
}

/// Runs of a ring's sides that face one street.
fn street_sides(ring: &[Place], streets: &[super::lots::Way], index: &WayIndex) -> Vec<(usize, LineString)> {
    let mut runs: Vec<(usize, Vec<Place>)> = vec![];
    for i in 0..ring.len() {
        let (a, b) = (ring[i], ring[(i + 1) % ring.len()]);
        let Some((street, ..)) = index.nearest(streets, middle(a, b), 5.0) else { continue };
        match runs.last_mut() {
            Some((same, run)) if streets[*same].name == streets[street].name && run.last() == Some(&a) => run.push(b),
            _ => runs.push((street, vec![a, b])),
        }
    }
    runs.into_iter().map(|(s, run)| (s, LineString::new(run))).collect()
}

/// Planned width of alleys: both sides of each.
fn alley_lines(city: &City, plan: &str, sink: &mut dyn Sink) -> Result<()> {
    for (w, way) in city.ways.iter().enumerate().filter(|(_, w)| w.is_alley) {
        let (a, b) = (way.line[0], way.line[way.line.len() - 1]);
        let length = super::shapes::distance(a, b);
        if length < 1.0 {
            continue;
        }
        let planned = (way.width_m + 0.5).ceil();
        let (nx, ny) = (-(b.y - a.y) / length * planned / 2.0, (b.x - a.x) / length * planned / 2.0);
        let side = |f: f64| {
            LineString::new(vec![
                round(Place { x: a.x + f * nx, y: a.y + f * ny }),
                round(Place { x: b.x + f * nx, y: b.y + f * ny }),
            ])
        };
        put_line(
            plan,
            format!("lg:{w}"),
            "lo_gioi",
            way.name.as_deref(),
            Some(planned),
            None,
            vec![side(1.0), side(-1.0)],
            None,
            sink,
        )?;
    }
    Ok(())
}

fn land_use_plan(city: &City, plan: &str, rules: &[(Rules, Rules)], sink: &mut dyn Sink) -> Result<()> {
    for (b, (block, (rule, _))) in city.blocks.iter().zip(rules).enumerate() {
        sink.put(generated_row!("land_use_plan", area(&block.ring), plan: plan, source_ref: format!("{plan}:{b}"), code: rule.code,
            current_code: block.code.unwrap_or("ODT"), area_m2: ring_area(&block.ring).round(), period_from: 2026_i64, period_to: 2030_i64,
            valid_from: Some("2026-01-30"), valid_to: None::<&str>))?;
    }
    Ok(())
}

/// Three detailed plans at 1:500, for the blocks with most lots: each cell is a zone of its own.
fn details(city: &City, id: &str, authority: &str, parent: &str, sink: &mut dyn Sink) -> Result<()> {
    let mut counts = vec![0_usize; city.blocks.len()];
    city.lots.iter().for_each(|l| counts[l.block] += 1);
    let mut order: Vec<usize> = (0..counts.len()).filter(|&b| counts[b] > 20).collect();
    order.sort_by_key(|&b| (usize::MAX - counts[b], b));
    for (n, &b) in order.iter().take(3).enumerate() {
        let plan = format!("QCT-{:02}{id}", n + 1);
        let block = &city.blocks[b];
        let decision = format!("{}/QĐ-UBND", 210 + n);
        let whole = MultiPolygon::new(vec![polygon(&block.ring)]);
        put_plan(
            Plan {
                code: plan.clone(),
                name: format!("Quy hoạch chi tiết ô phố {} (minh họa)", b + 1),
                level: "chi_tiet",
                scale: Some("1:500"),
                decision: &decision,
                date: "2026-07-20",
                authority,
                replaces: None,
                replaced_by: None,
                adjusts: None,
                parent: Some(parent.to_owned()),
                valid: (Some("2026-07-20"), None),
                area: whole.clone(),
            },
            id,
            sink,
        )?;
        let mut cells: std::collections::BTreeMap<usize, Vec<_>> = std::collections::BTreeMap::new();
        for lot in city.lots.iter().filter(|l| l.block == b) {
            cells.entry(lot.cell).or_default().push(polygon(&lot.ring));
        }
        let mut taken = vec![];
        for (c, (_, rings)) in cells.into_iter().enumerate() {
            let zone = geo::unary_union(&rings);
            let rules = Rules {
                function: "o_hien_huu",
                code: "ODT",
                title: "Nhóm nhà ở hiện hữu",
                storeys: (2, 5 + (c as i64 % 3)),
                coverage: 80.0,
                setback: 0.0,
            };
            put_zone(&plan, format!("A{:02}", c + 1), &rules, zone.clone(), (Some("2026-07-20"), None), sink)?;
            taken.push(zone);
        }
        let alleys = whole.difference(&geo::unary_union(&taken));
        put_zone(&plan, "GT01".into(), &ROAD, alleys, (Some("2026-07-20"), None), sink)?;
    }
    Ok(())
}
