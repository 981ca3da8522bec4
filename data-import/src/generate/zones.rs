//! Zones of the plans: general squares, one zone a block in the drawing 1:2000, one a cell in the detailed plans.

use anyhow::Result;
use geo::{Area, BooleanOps, MultiPolygon, Translate};
use uuid::Uuid;

use super::ground::Ground;
use super::land::{area, areas, squares};
use super::lots::City;
use super::plans::{NEW_PLAN_FROM, Plan, put_plan};
use super::rules::{Rules, adjusted};
use super::shapes::{centre, polygon, ring_area};
use super::write::Sink;
use crate::generated_row;

/// The day from which a local adjustment changes some zones of the new plan: they have two periods under one id.
pub const ADJUSTED_FROM: &str = "2026-09-01";
/// What the changed zones say of it.
const ADJUSTED_BY: &str = "Điều chỉnh cục bộ theo Quyết định 301/QĐ-UBND ngày 28/08/2026 (minh họa)";
/// Names the ids of zones, so that every period of a zone is the same object wherever the place is imported.
const ZONE_IDS: Uuid = Uuid::from_u128(0x0199_0b7e_5d0c_7a31_9c64_5e2f_8a17_42d0);

/// The plan that a zone belongs to.
#[derive(Clone, Copy)]
struct Of<'p> {
    plan: &'p str,
    level: &'static str,
}

fn put_zone(
    of: Of<'_>,
    zone_code: String,
    rules: &Rules,
    shape: MultiPolygon,
    valid: (Option<&str>, Option<&str>),
    sink: &mut dyn Sink,
) -> Result<()> {
    let Of { plan, level } = of;
    let area_m2 = shape.unsigned_area();
    let Some(geometry) = areas(shape) else { return Ok(()) };
    let is_built = !matches!(rules.function, "giao_thong" | "mat_nuoc");
    let number = |v: f64| is_built.then_some(v);
    sink.put(generated_row!("planning_zone", Some(geometry), id: Uuid::new_v5(&ZONE_IDS, format!("{plan}/{zone_code}").as_bytes()).to_string(), plan: plan, plan_level: level, zone_code: &zone_code, name: rules.title, function: rules.function,
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

/// Squares of the general plan, parks and water.
pub fn general_zones(ground: &Ground, city: &City, shares: &[f64], plan: &str, sink: &mut dyn Sink) -> Result<()> {
    let of = Of { plan, level: "chung" };
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
        put_zone(of, format!("C{:02}", i + 1), &rules, part, valid, sink)?;
    }
    for (i, part) in parks.into_iter().enumerate() {
        put_zone(of, format!("CX{:02}", i + 1), &green, MultiPolygon::new(vec![part]), valid, sink)?;
    }
    put_zone(of, "MN01".into(), &WATER, ground.water.clone(), valid, sink)
}

/// The 1:2000 zones: one a block, less what widened streets take; streets and water between them. Returns each block's zone as drawn.
#[allow(clippy::too_many_arguments, reason = "two plans of one kind differ in all of these")]
pub fn zoning(
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
    let of = Of { plan, level: "phan_khu" };
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
            put_zone(of, code.clone(), rule, drawn.clone(), (valid.0, Some(ADJUSTED_FROM)), sink)?;
            put_zone(of, code, &grown, drawn, (Some(ADJUSTED_FROM), None), sink)?;
        } else {
            put_zone(of, code, rule, drawn, valid, sink)?;
        }
        zones.push(zone);
    }
    let taken = geo::unary_union(&zones);
    let road = ground.outline.difference(&taken).difference(&ground.water);
    for (i, part) in squares(&road, 300.0).into_iter().enumerate() {
        put_zone(of, format!("GT{:03}", i + 1), &ROAD, part.translate(off.0, off.1), valid, sink)?;
    }
    put_zone(of, "MN01".into(), &WATER, ground.water.translate(off.0, off.1), valid, sink)?;
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

/// What the land-use plan says of each block.
pub fn land_use_plan(city: &City, plan: &str, rules: &[(Rules, Rules)], sink: &mut dyn Sink) -> Result<()> {
    for (b, (block, (rule, _))) in city.blocks.iter().zip(rules).enumerate() {
        sink.put(generated_row!("land_use_plan", area(&block.ring), plan: plan, source_ref: format!("{plan}:{b}"), code: rule.code,
            current_code: block.code.unwrap_or("ODT"), area_m2: ring_area(&block.ring).round(), period_from: 2026_i64, period_to: 2030_i64,
            valid_from: Some("2026-01-30"), valid_to: None::<&str>))?;
    }
    Ok(())
}

/// Three detailed plans at 1:500, for the blocks with most lots: each cell is a zone of its own.
pub fn details(city: &City, id: &str, authority: &str, parent: &str, sink: &mut dyn Sink) -> Result<()> {
    let mut counts = vec![0_usize; city.blocks.len()];
    city.lots.iter().for_each(|l| counts[l.block] += 1);
    let mut order: Vec<usize> = (0..counts.len()).filter(|&b| counts[b] > 20).collect();
    order.sort_by_key(|&b| (usize::MAX - counts[b], b));
    for (n, &b) in order.iter().take(3).enumerate() {
        let plan = format!("QCT-{:02}{id}", n + 1);
        let of = Of { plan: &plan, level: "chi_tiet" };
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
            put_zone(of, format!("A{:02}", c + 1), &rules, zone.clone(), (Some("2026-07-20"), None), sink)?;
            taken.push(zone);
        }
        let alleys = whole.difference(&geo::unary_union(&taken));
        put_zone(of, "GT01".into(), &ROAD, alleys, (Some("2026-07-20"), None), sink)?;
    }
    Ok(())
}
