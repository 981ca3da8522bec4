//! Plans: one at each level with its decision, zones over the whole place, and the lines that bind a lot.
//!
//! The 1:2000 drawing lies 0.75 m off the parcels, as drawings do; the plan of 2013 was replaced on 15 May 2026 by one that widens streets.

use anyhow::Result;
use geo::{Area, MultiPolygon, Translate};
use rand_chacha::ChaCha8Rng;

use super::ground::Ground;
use super::land::areas;
use super::lines::{alley_lines, lines, widened_land};
use super::lots::City;
use super::papers::{Paper, put_paper};
use super::rules::{Rules, adjusted, large_shares, rules_of};
use super::write::Sink;
use super::zones::{ADJUSTED_FROM, details, general_zones, land_use_plan, zoning};
use crate::generated_row;

/// How far the 1:2000 drawing lies off the parcels, metres east and north.
pub const DRAWING_OFF_M: (f64, f64) = (0.62, -0.42);
/// How far the drawing of 2013 lies off.
const OLD_DRAWING_OFF_M: (f64, f64) = (-0.45, 0.35);
/// The day on which the new zoning plan came into force.
pub const NEW_PLAN_FROM: &str = "2026-05-15";

/// One plan as it is written.
pub struct Plan<'p> {
    pub code: String,
    pub name: String,
    pub level: &'p str,
    pub scale: Option<&'p str>,
    pub decision: &'p str,
    pub date: &'p str,
    pub authority: &'p str,
    pub replaces: Option<String>,
    /// Decision of the plan that replaces it.
    pub replaced_by: Option<&'p str>,
    /// Plan that it adjusts locally.
    pub adjusts: Option<String>,
    pub parent: Option<String>,
    pub valid: (Option<&'p str>, Option<&'p str>),
    pub area: MultiPolygon,
}

/// Writes a plan, and the decision that it rests on.
pub fn put_plan(plan: Plan<'_>, unit: &str, sink: &mut dyn Sink) -> Result<()> {
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
