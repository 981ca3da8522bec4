//! Lines of the plans: red lines and building lines along the zones, centre lines, planned widths of alleys.

use anyhow::Result;
use geo::{BooleanOps, Buffer, Geometry, LineString, MultiLineString, MultiPolygon, Translate};

use super::ground::Ground;
use super::lots::{City, Way};
use super::nearby::WayIndex;
use super::plans::{DRAWING_OFF_M, NEW_PLAN_FROM};
use super::rules::Rules;
use super::shapes::{Place, middle, ring_of, round};
use super::write::Sink;
use crate::generated_row;

/// Streets that the new plan widens, and by how much on each side, metres.
const WIDENED: [(&str, f64); 4] =
    [("Lý Tự Trọng", 1.5), ("Nguyễn Đình Chiểu", 2.0), ("Mạc Thị Bưởi", 1.2), ("Tôn Thất Thiệp", 1.2)];

/// The land of the streets that the new plan widens.
pub fn widened_land(city: &City) -> MultiPolygon {
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

#[allow(clippy::too_many_arguments, reason = "the kinds of line differ in all of these")]
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
pub fn lines(
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
fn street_sides(ring: &[Place], streets: &[Way], index: &WayIndex) -> Vec<(usize, LineString)> {
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
pub fn alley_lines(city: &City, plan: &str, sink: &mut dyn Sink) -> Result<()> {
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
