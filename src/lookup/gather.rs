//! Gathers what applies at a place: parcels with their zones and lines, the unit, what stands around.

use std::collections::BTreeSet;

use dothi_tiles::questions;
use geo::{Geometry, InteriorPoint as _, LineString, MultiLineString, Point};
use serde_json::Value as Json;
use uuid::Uuid;

use super::{
    accuracy,
    answer::{Answer, Bilingual, Coded, Line, LngLat, Missing, Nearby, OpenGround, Parcel, Plan, Source, Unit, Zone},
    coverage::Coverage,
    cut::cut,
    legal_zone,
    missing::missing,
    plane::{Plane, areas, common},
    sentence, spoken,
    view::{Seen, View},
    when::When,
};
use crate::live::position::Position;

/// What was asked about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Asked {
    /// A position, lon/lat.
    At(Point<f64>),
    /// One parcel.
    Parcel(Uuid),
}

/// Layers that are answered for by name, so they are not told of again as something around.
const TOLD: [&str; 14] = [
    "admin_unit",
    "address",
    "parcel",
    "land_use",
    "land_price",
    "plan",
    "land_use_plan",
    "planning_zone",
    "planning_line",
    "road",
    "building",
    "permit",
    "works",
    "violation",
];
/// How far "around" is, metres, and how many of each layer are told.
const AROUND_M: f64 = 60.0;
const WORKS_M: f64 = 150.0;
const AROUND_EACH: usize = 3;
/// How far from its axis a point without a parcel is still in the street.
const STREET_M: f64 = 20.0;

/// Answers for a place. `coverage` says where layers have data on another day than the core holds. None when the parcel that was asked for does not exist (or not for this audience, or not that day).
pub fn gather(view: View<'_>, asked: Asked, position: Position, coverage: Option<&Coverage>) -> Option<Answer> {
    let (at, parcels) = match asked {
        Asked::At(at) => (at, view.at("parcel", at)),
        Asked::Parcel(id) => {
            let parcel = view.by_id("parcel", id)?;
            let inside = parcel.feature.geometry().interior_point()?;
            (inside, vec![parcel])
        }
    };
    let place = view.catalog.place();
    let parcels: Vec<Parcel> = parcels.iter().filter_map(|seen| parcel(view, seen)).collect();
    let zones = if parcels.is_empty() { zones_at(view, at) } else { Vec::new() };
    let legal_srid = view.at("parcel", at).first().and_then(|p| p.feature.legal_srid()).or(place.legal_srid);
    let unit = unit(view, at);
    let province = unit.as_ref().and_then(|unit| unit.province.as_deref());
    let coverage = coverage.cloned().unwrap_or_else(|| Coverage::in_memory(view, at));
    let mut answer = Answer {
        position: position.to_string(),
        date: view.date,
        known_at: None,
        as_of: When::from(view.date).in_words(view.date),
        at: LngLat { lon: at.x(), lat: at.y() },
        vn2000_note: legal_srid.and_then(|srid| legal_zone::note(view, srid, at, province)),
        vn2000: legal_srid.and_then(|srid| legal_zone::metres(srid, at)),
        illustrative: (place.illustrative && view.serves(at)) || illustrative(view, &parcels, &zones),
        answer: Bilingual::new("", ""),
        ground: Bilingual::new("", ""),
        beside: None,
        open_ground: if parcels.is_empty() { open_ground(view, at) } else { None },
        disclaimer: sentence::disclaimer(),
        unit,
        missing: missing(view, &coverage, &parcels, &zones),
        sources: sources(view, &parcels, &zones),
        around: around(view, at),
        works: ["permit", "works"].iter().flat_map(|layer| nearby(view, layer, at, WORKS_M, 10)).collect(),
        parcels,
        zones,
    };
    (answer.answer, answer.ground, answer.beside) = sentence::say(&answer);
    Some(answer)
}

/// The water that covers a point, else the street it lies in.
fn open_ground(view: View<'_>, at: Point<f64>) -> Option<OpenGround> {
    let named = |seen: &Seen| Some(OpenGround { layer: seen.layer_name().to_owned(), name: seen.text("name")? });
    view.at("water_area", at).iter().find_map(named).or_else(|| {
        let roads = view.layer("road")?;
        let near = questions::near(&roads, (at.x(), at.y()), STREET_M, 5, view.audience, view.date);
        near.into_iter().find_map(|near| named(&view.see(&roads, near.feature)))
    })
}

fn illustrative(view: View<'_>, parcels: &[Parcel], zones: &[Zone]) -> bool {
    let generated = |layer: &str| view.catalog.layer(layer).is_some_and(|layer| layer.generated);
    let plans = parcels.iter().flat_map(|parcel| &parcel.zones).chain(zones).filter_map(|zone| zone.plan.as_ref());
    (!parcels.is_empty() && generated("parcel")) || plans.into_iter().any(|plan| plan.illustrative)
}

fn parcel(view: View<'_>, seen: &Seen) -> Option<Parcel> {
    let geometry = seen.feature.geometry();
    let inside = geometry.interior_point()?;
    let plane = Plane::of(seen.feature.legal_srid(), inside);
    let projected = areas(&plane.project(&geometry).ok()?);
    let area_m2 = plane.area(&projected);
    let land_use = land_use(view, seen);
    let mut zones: Vec<(Zone, geo::MultiPolygon<f64>)> = ["planning_zone", "land_use_plan"]
        .iter()
        .flat_map(|layer| view.touching(layer, &geometry))
        .filter_map(|zone| {
            let shared = common(&projected, &areas(&plane.project(&zone.feature.geometry()).ok()?));
            let shared_m2 = plane.area(&shared);
            // Neighbours that only touch share drawing noise, not land.
            let told = Shared { area_m2: shared_m2, of_m2: area_m2, thickness_m: accuracy::thickness(&shared) };
            (shared_m2 > 0.01).then(|| (zone_of(view, &zone, Some(told)), shared))
        })
        .collect();
    zones.sort_by(|(a, _), (b, _)| by_rank(a, b));
    let lines = lines(view, &geometry, plane, &projected);
    let taken: Vec<_> = lines.iter().filter_map(|(line, part)| Some(part.clone()?).filter(|_| speaks(line))).collect();
    let unplanned_m2 = spoken::divide(&mut zones, &projected, &taken, plane);
    let zones = zones.into_iter().map(|(zone, _)| zone).collect();
    let lines = lines.into_iter().map(|(line, _)| line).collect();
    let buildings = view
        .touching("building", &geometry)
        .iter()
        .filter(|building| {
            let Ok(shape) = plane.project(&building.feature.geometry()) else { return false };
            let shape = areas(&shape);
            plane.area(&common(&projected, &shape)) > 0.5 * plane.area(&shape)
        })
        .map(|building| told(view, building, 0.0))
        .collect();
    let address = view.touching("address", &geometry).iter().filter_map(address_of).collect::<BTreeSet<_>>();
    Some(Parcel {
        id: seen.feature.id(),
        version: seen.feature.version(),
        sheet: seen.text("sheet"),
        number: seen.text("number"),
        former_unit: seen.text("former_unit_name"),
        area_m2,
        area_kind: plane.kind(),
        document_area_m2: seen.number("area_m2"),
        official_id: seen.text("official_id"),
        land_use,
        geometry: geojson(&geometry),
        zones,
        unplanned_m2,
        lines,
        buildings,
        address: address.into_iter().collect(),
    })
}

/// The address as written on letters, or number and street.
pub fn address_of(seen: &Seen) -> Option<String> {
    seen.text("full_text").or_else(|| match (seen.text("number"), seen.text("street")) {
        (Some(number), Some(street)) => Some(format!("{number} {street}")),
        (number, street) => street.or(number),
    })
}

/// Several purposes may share a parcel, each with its area; else the main one.
fn land_use(view: View<'_>, seen: &Seen) -> Vec<Coded> {
    let listed =
        seen.text("land_uses").and_then(|text| serde_json::from_str::<Vec<Json>>(&text).ok()).unwrap_or_default();
    let mut uses: Vec<Coded> = listed
        .iter()
        .filter_map(|one| {
            let mut coded = view.coded("land_use", one.get("code")?.as_str()?);
            coded.area_m2 = one.get("area_m2").and_then(Json::as_f64);
            Some(coded)
        })
        .collect();
    if uses.is_empty() {
        uses.extend(seen.text("land_use").map(|code| view.coded("land_use", &code)));
    }
    uses
}

/// What a zone and a parcel have in common.
#[derive(Clone, Copy)]
struct Shared {
    area_m2: f64,
    /// Square metres of the whole parcel.
    of_m2: f64,
    thickness_m: f64,
}

impl Shared {
    fn share(self) -> f64 {
        if self.of_m2 > 0.0 { (self.area_m2 / self.of_m2).min(1.0) } else { 0.0 }
    }

    /// A narrow parcel that lies in a zone for the most part is no sliver of it.
    fn is_within(self, plan: Option<&Plan>) -> bool {
        let exact_m = accuracy::of_scale(plan.and_then(|plan| plan.scale.as_deref()));
        self.share() < 0.5 && self.thickness_m <= exact_m
    }
}

/// A zone; with what it has in common with a parcel where there is one.
fn zone_of(view: View<'_>, seen: &Seen, shared: Option<Shared>) -> Zone {
    let plan = plan_of(view, seen);
    let land_use = seen.text("land_use").or_else(|| seen.text("code"));
    let function = seen.text("function");
    let use_coded = land_use.as_deref().map(|code| view.coded("land_use", code));
    let function_coded = function.as_deref().map(|code| view.coded("planning_function", code));
    let title = function_coded.as_ref().or(use_coded.as_ref()).map(|coded| coded.title.clone());
    // As on the map: what the plan calls it wins over the land-use code that only comes near it.
    let colour = function_coded.and_then(|c| c.colour).or_else(|| use_coded.as_ref().and_then(|c| c.colour.clone()));
    Zone {
        id: seen.feature.id(),
        layer: seen.layer_name().to_owned(),
        code: seen.text("zone_code").or_else(|| land_use.clone()),
        title: title.unwrap_or_else(|| Bilingual::new("chưa rõ chức năng", "function not known")),
        colour,
        area_m2: shared.map(|shared| shared.area_m2),
        share: shared.map(Shared::share),
        speaks_m2: None,
        within_accuracy: shared.is_some_and(|shared| shared.is_within(plan.as_ref())),
        function: function.or(land_use),
        storeys_min: seen.int("storeys_min"),
        storeys_max: seen.int("storeys_max"),
        coverage_max_pct: seen.number("coverage_max_pct"),
        far_max: seen.number("far_max"),
        height_max_m: seen.number("height_max_m"),
        setback_m: seen.number("setback_m"),
        plan,
    }
}

/// The plan that a zone or line names by its code, the one that holds on that day.
fn plan_of(view: View<'_>, seen: &Seen) -> Option<Plan> {
    let code = seen.text("plan")?;
    let layer = view.layer("plan")?;
    let near = layer.intersecting(seen.feature.bounds(), view.audience, view.date);
    let plan = near
        .into_iter()
        .map(|feature| view.see(&layer, feature))
        .find(|plan| plan.text("code") == Some(code.clone()))?;
    let (level, status) = (plan.text("level"), plan.text("status"));
    Some(Plan {
        id: plan.feature.id(),
        name: plan.text("name"),
        level_title: level.as_deref().map(|code| view.coded("plan_level", code).title),
        level,
        decision_number: plan.text("decision_number"),
        decision_date: plan.date("decision_date"),
        authority: plan.text("authority"),
        scale: plan.text("scale"),
        status_title: status.as_deref().map(|code| view.coded("plan_status", code).title),
        status,
        document: plan.text("document"),
        illustrative: plan.bool("illustrative").unwrap_or(false),
    })
}

/// The most detailed plan that is in force comes first; then the larger share.
fn by_rank(a: &Zone, b: &Zone) -> std::cmp::Ordering {
    let rank = |zone: &Zone| {
        let plan = zone.plan.as_ref();
        let in_force = plan.is_none_or(|plan| sentence::is_in_force(plan));
        let level = sentence::level_rank(plan.and_then(|plan| plan.level.as_deref()));
        (!in_force, zone.within_accuracy, level, zone.layer != "planning_zone")
    };
    let by_area = || b.area_m2.unwrap_or(0.0).total_cmp(&a.area_m2.unwrap_or(0.0));
    rank(a).cmp(&rank(b)).then_with(by_area).then(a.id.cmp(&b.id))
}

fn zones_at(view: View<'_>, at: Point<f64>) -> Vec<Zone> {
    let here = ["planning_zone", "land_use_plan"].iter().flat_map(|layer| view.at(layer, at));
    let mut zones: Vec<Zone> = here.map(|zone| zone_of(view, &zone, None)).collect();
    zones.sort_by(by_rank);
    zones
}

/// Whether a line is one of a plan in force.
fn speaks(line: &Line) -> bool {
    line.plan.as_ref().is_none_or(sentence::is_in_force)
}

/// The lines that cross a parcel, each with the part of it that a road takes.
fn lines(
    view: View<'_>,
    parcel: &Geometry<f64>,
    plane: Plane,
    projected: &geo::MultiPolygon<f64>,
) -> Vec<(Line, Option<geo::MultiPolygon<f64>>)> {
    let crossing = view.touching("planning_line", parcel);
    // All axes around, since one line often goes around a whole block and so along several streets.
    let axes = MultiLineString(if crossing.is_empty() { Vec::new() } else { axes(view, parcel, plane) });
    crossing
        .iter()
        .filter(|line| line.text("kind").as_deref() != Some("tim_duong"))
        .map(|line| {
            let kind = line.text("kind").unwrap_or_default();
            let takes = matches!(kind.as_str(), "chi_gioi_duong_do" | "lo_gioi");
            let shape = plane.project(&line.feature.geometry()).ok().map(|shape| lines_of(&shape));
            let cut = shape
                .filter(|_| takes)
                .and_then(|shape| cut(projected, &shape, &axes))
                .filter(|cut| !is_kept_by_its_plan(view, line, parcel, plane, &cut.part));
            let plan = plan_of(view, line);
            let exact_m = accuracy::of_scale(plan.as_ref().and_then(|plan| plan.scale.as_deref()));
            let told = Line {
                id: line.feature.id(),
                title: view.coded("planning_line_kind", &kind).title,
                kind,
                road_name: line.text("road_name"),
                cut_m2: cut.as_ref().map(|cut| plane.area(&cut.part)),
                within_accuracy: cut.as_ref().is_some_and(|cut| cut.depth_m <= exact_m),
                depth_m: cut.as_ref().map(|cut| cut.depth_m),
                plan,
            };
            (told, cut.map(|cut| cut.part))
        })
        .collect()
}

/// Whether the plan that drew the line gives most of that land to something else than a road. Then the line runs along
/// the far side of the plot, and which part it takes cannot be said from the line alone.
fn is_kept_by_its_plan(
    view: View<'_>,
    line: &Seen,
    parcel: &Geometry<f64>,
    plane: Plane,
    taken: &geo::MultiPolygon<f64>,
) -> bool {
    let Some(plan) = line.text("plan") else { return false };
    let zones = view.touching("planning_zone", parcel).into_iter();
    let others = zones.filter(|zone| zone.text("plan").as_deref() == Some(&plan)).filter(|zone| {
        let use_of = zone.text("function").or_else(|| zone.text("land_use"));
        use_of.is_some_and(|code| !sentence::is_for_roads(&code))
    });
    let kept: f64 = others
        .filter_map(|zone| plane.project(&zone.feature.geometry()).ok())
        .map(|shape| plane.area(&common(taken, &areas(&shape))))
        .sum();
    kept > 0.5 * plane.area(taken)
}

/// Axes of roads around a parcel: those that plans draw, and those of the roads as they are.
fn axes(view: View<'_>, parcel: &Geometry<f64>, plane: Plane) -> Vec<LineString<f64>> {
    let mut bounds = super::view::bounds_of(parcel);
    // 60 m, the half of the widest street and some more.
    let (dx, dy) = (60.0 / 108_000.0, 60.0 / 110_500.0);
    bounds.extend(bounds.west - dx, bounds.south - dy);
    bounds.extend(bounds.east + dx, bounds.north + dy);
    let near = |name: &str, axis: &dyn Fn(&Seen) -> bool| -> Vec<LineString<f64>> {
        let Some(layer) = view.layer(name) else { return Vec::new() };
        let features =
            layer.intersecting(bounds, view.audience, view.date).into_iter().map(|feature| view.see(&layer, feature));
        features
            .filter(|seen| axis(seen))
            .filter_map(|seen| plane.project(&seen.feature.geometry()).ok())
            .flat_map(|shape| lines_of(&shape).0)
            .collect()
    };
    // Both: a plan that draws the axes of its streets rarely draws those of the alleys.
    let mut axes = near("planning_line", &|seen| seen.text("kind").as_deref() == Some("tim_duong"));
    axes.extend(near("road", &|_| true));
    axes
}

fn lines_of(geometry: &Geometry<f64>) -> MultiLineString<f64> {
    match geometry {
        Geometry::LineString(line) => MultiLineString(vec![line.clone()]),
        Geometry::MultiLineString(lines) => lines.clone(),
        _ => MultiLineString(Vec::new()),
    }
}

/// The commune at a point, its province, and what went into it.
fn unit(view: View<'_>, at: Point<f64>) -> Option<Unit> {
    let mut here = view.at("admin_unit", at);
    here.sort_by_key(|unit| unit.int("level").unwrap_or(0));
    let unit = here.last()?;
    let code = unit.text("code")?;
    let province = here.iter().find(|other| other.int("level") == Some(1)).and_then(|province| province.text("name"));
    let kind = unit.text("kind");
    Some(Unit {
        id: unit.feature.id(),
        former: super::search::former::units_before(view, &code),
        code,
        name: unit.text("name").unwrap_or_default(),
        kind_title: kind.as_deref().map(|kind| view.coded("unit_kind", kind).title),
        kind,
        province,
    })
}

fn around(view: View<'_>, at: Point<f64>) -> Vec<Nearby> {
    let names: Vec<String> = view.core.layers().iter().map(|layer| layer.schema().name.to_string()).collect();
    let others = names.iter().filter(|name| !TOLD.contains(&name.as_str()));
    let mut all: Vec<Nearby> = others.flat_map(|name| nearby(view, name, at, AROUND_M, AROUND_EACH)).collect();
    all.sort_by(|a, b| a.distance_m.total_cmp(&b.distance_m));
    all
}

fn nearby(view: View<'_>, layer: &str, at: Point<f64>, radius_m: f64, limit: usize) -> Vec<Nearby> {
    let Some(layer) = view.layer(layer) else { return Vec::new() };
    let near = questions::near(&layer, (at.x(), at.y()), radius_m, limit, view.audience, view.date);
    near.into_iter().map(|near| told(view, &view.see(&layer, near.feature), near.metres)).collect()
}

fn told(view: View<'_>, seen: &Seen, distance_m: f64) -> Nearby {
    Nearby {
        layer: seen.layer_name().to_owned(),
        title: view.layer_title(seen.layer_name()),
        id: seen.feature.id(),
        label: view.label(seen),
        distance_m: (distance_m * 100.0).round() / 100.0,
        attributes: seen.attributes(),
    }
}

/// Each decision once, then the registers.
fn sources(view: View<'_>, parcels: &[Parcel], zones: &[Zone]) -> Vec<Source> {
    let mut sources: Vec<Source> = Vec::new();
    let zones = parcels.iter().flat_map(|parcel| &parcel.zones).chain(zones);
    let lines = parcels.iter().flat_map(|parcel| &parcel.lines);
    let plans = zones.filter_map(|zone| zone.plan.as_ref()).chain(lines.filter_map(|line| line.plan.as_ref()));
    for plan in plans {
        let name = [plan.name.as_deref(), plan.decision_number.as_deref()]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(", ");
        let names = Bilingual::new(name.clone(), name.clone());
        let source = Source { layer: "plan".to_owned(), name, names, date: plan.decision_date };
        if !sources.contains(&source) {
            sources.push(source);
        }
    }
    if !parcels.is_empty() {
        let mut names = view.layer_title("parcel");
        let generated = view.catalog.layer("parcel").is_some_and(|layer| layer.generated);
        if generated {
            names =
                Bilingual::new(format!("{} (dữ liệu minh họa)", names.vi), format!("{} (illustrative data)", names.en));
        }
        sources.push(Source { layer: "parcel".to_owned(), name: names.vi.clone(), names, date: None });
    }
    sources.extend(view.catalog.place().attribution.iter().map(|name| Source {
        layer: String::new(),
        name: name.clone(),
        names: Bilingual::new(name.clone(), name.clone()),
        date: None,
    }));
    sources
}

/// A geometry as GeoJSON.
pub fn geojson(geometry: &Geometry<f64>) -> Json {
    use geozero::ToJson as _;
    geometry.to_json().ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or(Json::Null)
}

/// What is named as missing, for the sentence.
pub fn is_missing(missing: &[Missing], layer: &str) -> bool {
    missing.iter().any(|one| one.layer == layer)
}
