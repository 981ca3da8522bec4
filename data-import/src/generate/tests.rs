//! What is true of every generated place.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::OnceLock;

use geo::{Area, BooleanOps, Geometry, MultiPolygon, Point, Polygon};

use super::shapes::{Frame, Place, Ring, bounds, distance, to_segment};
use super::write::{GeoPackage, Row, Sink, Value};
use super::{Options, PlaceKind, ground, nearby, to_folder, to_memory};

fn data() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/data"))
}

fn options(place: PlaceKind, parcels: Option<usize>, seed: u64) -> Options {
    Options { place, parcels, seed, data: data() }
}

/// The ward, generated once for all tests.
fn ward() -> &'static [Row] {
    static WARD: OnceLock<Vec<Row>> = OnceLock::new();
    WARD.get_or_init(|| {
        to_memory(&options(PlaceKind::PhuongSaiGon, None, 1)).expect("the ward's files are in the repository")
    })
}

fn layer<'r>(rows: &'r [Row], name: &'r str) -> impl Iterator<Item = &'r Row> {
    rows.iter().filter(move |r| r.layer == name)
}

fn text(row: &Row, name: &str) -> String {
    match row.values.iter().find(|v| v.0 == name).map(|v| &v.1) {
        Some(Value::Text(Some(v))) => v.clone(),
        Some(Value::Int(Some(v))) => v.to_string(),
        _ => String::new(),
    }
}

fn polygons(row: &Row) -> Vec<Polygon> {
    match &row.shape {
        Some(Geometry::MultiPolygon(m)) => m.0.clone(),
        Some(Geometry::Polygon(p)) => vec![p.clone()],
        _ => vec![],
    }
}

fn line(row: &Row) -> Vec<Place> {
    match &row.shape {
        Some(Geometry::LineString(l)) => l.0.clone(),
        _ => vec![],
    }
}

fn place(row: &Row) -> Place {
    match &row.shape {
        Some(Geometry::Point(Point(p))) => *p,
        other => panic!("{} is not a point: {other:?}", row.layer),
    }
}

fn exact(p: Place) -> (i64, i64) {
    ((p.x * 1000.0).round() as i64, (p.y * 1000.0).round() as i64)
}

#[test]
fn the_same_seed_makes_the_same_place_and_another_seed_another() {
    let make = |seed| to_memory(&options(PlaceKind::Grid, Some(900), seed)).expect("a grid needs no file");
    let first = make(7);
    assert!(first == make(7));
    assert!(first != make(8));
}

#[test]
fn as_many_parcels_come_out_as_were_asked_for() {
    let rows = to_memory(&options(PlaceKind::Grid, Some(3210), 1)).expect("a grid needs no file");
    assert_eq!(layer(&rows, "parcel").count(), 3210);
}

/// Square metres by which neighbouring parcels overlap: of the worst pair, where that is, and of all.
fn overlap(parcels: &[Polygon]) -> (f64, Place, f64) {
    let mut near = nearby::Nearby::new(60.0);
    let rings: Vec<Ring> = parcels.iter().map(|p| p.exterior().0.clone()).collect();
    for (i, ring) in rings.iter().enumerate() {
        near.put(bounds(ring), i);
    }
    let (mut worst, mut there, mut sum) = (0.0_f64, Place::default(), 0.0);
    for (i, ring) in rings.iter().enumerate() {
        for j in near.find(bounds(ring)).into_iter().filter(|&j| j > i) {
            let (a, b) = (bounds(ring), bounds(&rings[j]));
            if a.0 < b.2 && b.0 < a.2 && a.1 < b.3 && b.1 < a.3 {
                let both = parcels[i].intersection(&parcels[j]).unsigned_area();
                if both > worst {
                    (worst, there) = (both, super::shapes::centre(ring));
                }
                sum += both;
            }
        }
    }
    (worst, there, sum)
}

#[test]
fn no_two_parcels_overlap_and_none_is_broken() {
    use geo::Validation;
    let parcels: Vec<Polygon> = layer(ward(), "parcel").flat_map(polygons).collect();
    let broken = parcels.iter().filter(|p| !p.is_valid()).count();
    assert_eq!(broken, 0, "broken outlines");
    let (worst, there, sum) = overlap(&parcels);
    println!("overlap: {worst:.5} m² of the worst pair at {there:?}, {sum:.5} m² in the whole ward");
    assert!(worst < 0.001, "{worst} m² of overlap between two lots at {there:?}, {sum} m² in the whole ward");
    assert!(sum < 0.01, "{sum} m² of overlap in the whole ward");
    // The measure itself sees an overlap.
    let twice = [parcels[0].clone(), parcels[0].clone()];
    assert!(self::overlap(&twice).0 > 1.0);
}

#[test]
fn no_lot_stands_between_the_carriageways_of_a_street() {
    use geo::{Buffer, Contains, LineString};
    let ground = ground::saigon(&data()).expect("the ward's files are in the repository");
    for (street, half_m) in [("Nguyễn Huệ", 22.0), ("Lê Lợi", 14.0)] {
        let lines: Vec<MultiPolygon> = ground
            .streets
            .iter()
            .filter(|s| s.name.as_deref().is_some_and(|n| n.ends_with(street) && !n.starts_with("Hẻm")))
            .map(|s| LineString::new(s.line.clone()).buffer(s.width_m / 2.0))
            .collect();
        assert!(lines.len() > 2, "{street} has {} stretches", lines.len());
        // Closed over the gap and drawn in again: the street with what lies between its carriageways.
        let whole = geo::unary_union(&lines).buffer(half_m).buffer(-half_m - 1.0);
        let lots: Vec<Polygon> = layer(ward(), "parcel")
            .filter(|r| text(r, "land_use") != "DKV")
            .flat_map(polygons)
            .filter(|p| whole.contains(&Point(super::shapes::centre(&p.exterior().0))))
            .collect();
        let area: f64 = lots.iter().map(Area::unsigned_area).sum();
        let there = lots.first().map(|p| super::shapes::centre(&p.exterior().0));
        println!("between the carriageways of {street}: {} lots, {area} m², {there:?}", lots.len());
        assert!(lots.is_empty(), "{street}: {} lots, {area} m², the first at {there:?}", lots.len());
    }
}

#[test]
fn no_lot_lies_on_a_carriageway() {
    let ground = ground::saigon(&data()).expect("the ward's files are in the repository");
    let streets = ground::street_land(&ground.streets);
    for lot in layer(ward(), "parcel").flat_map(polygons) {
        let on_street = MultiPolygon::new(vec![lot.clone()]).intersection(&streets).unsigned_area();
        // Corners are welded to a centimetre: a strip thinner than that along a front, no more.
        let most = 0.005 * super::shapes::outline_length(&lot.exterior().0);
        let there = super::shapes::centre(&lot.exterior().0);
        assert!(on_street < most, "{on_street} m² of the lot at {there:?} lie on a street");
    }
}

#[test]
fn parcels_streets_and_water_cover_the_ward() {
    let ground = ground::saigon(&data()).expect("the ward's files are in the repository");
    let ward_m2 = ground.outline.unsigned_area();
    let parcels: f64 = layer(ward(), "parcel").flat_map(polygons).map(|p| p.unsigned_area()).sum();
    let uses: f64 = layer(ward(), "land_use").flat_map(polygons).map(|p| p.unsigned_area()).sum();
    let water = ground.water.unsigned_area();
    assert!(parcels / (ward_m2 - water) > 0.55, "parcels take {:.2} of the dry ward", parcels / (ward_m2 - water));
    assert!((0.95..1.001).contains(&(uses / ward_m2)), "land use covers {:.4} of the ward", uses / ward_m2);
    let dry = ground.outline.difference(&ground.water);
    let all: Vec<Polygon> = layer(ward(), "parcel").flat_map(polygons).collect();
    let wet: f64 = all.iter().map(|p| MultiPolygon::new(vec![p.clone()]).difference(&dry).unsigned_area()).sum();
    assert!(wet < 5.0, "{wet} m² of parcels lie in the river or outside the ward");
}

#[test]
fn most_lots_are_tube_houses_of_4_to_6_by_12_to_25_metres() {
    let sizes: Vec<(f64, f64)> = layer(ward(), "parcel")
        .filter(|r| text(r, "land_use") == "ODT")
        .flat_map(polygons)
        .filter(|p| p.unsigned_area() < 250.0)
        .map(|p| Frame::around(&p.exterior().0))
        .map(|f| (f.depth(), f.length()))
        .collect();
    let fitting = sizes.iter().filter(|s| (3.8..6.6).contains(&s.0) && (11.0..26.0).contains(&s.1)).count();
    assert!(sizes.len() > 2000, "{} small lots", sizes.len());
    assert!(fitting * 10 > sizes.len() * 6, "{fitting} of {} have a tube house's measure", sizes.len());
}

#[test]
fn sheet_12_parcel_345_exists_in_two_old_wards() {
    let wards: BTreeSet<String> = layer(ward(), "parcel")
        .filter(|r| text(r, "sheet") == "12" && text(r, "number") == "345")
        .map(|r| text(r, "commune_code"))
        .collect();
    assert!(wards.len() >= 2, "{wards:?}");
    let mut keys: BTreeMap<(String, String, String), usize> = BTreeMap::new();
    for row in layer(ward(), "parcel") {
        *keys.entry((text(row, "commune_code"), text(row, "sheet"), text(row, "number"))).or_default() += 1;
    }
    assert!(keys.values().all(|&n| n == 1), "within one old ward a key is one parcel");
}

#[test]
fn pipes_end_at_nodes_and_valves_and_hydrants_lie_on_pipes() {
    for (pipes, nodes) in [("water_pipe", "water_node"), ("drain_pipe", "drain_node")] {
        let at_number: BTreeMap<String, (i64, i64)> =
            layer(ward(), nodes).map(|r| (text(r, "node_number"), exact(place(r)))).collect();
        assert!(layer(ward(), pipes).count() > 200);
        for pipe in layer(ward(), pipes) {
            let line = line(pipe);
            assert_eq!(at_number.get(&text(pipe, "node_1")), Some(&exact(line[0])), "{}", text(pipe, "pipe_number"));
            assert_eq!(
                at_number.get(&text(pipe, "node_2")),
                Some(&exact(line[line.len() - 1])),
                "{}",
                text(pipe, "pipe_number")
            );
        }
    }
    let pipes: BTreeMap<String, Vec<Place>> =
        layer(ward(), "water_pipe").map(|r| (text(r, "pipe_number"), line(r))).collect();
    for fitting in layer(ward(), "water_valve").chain(layer(ward(), "hydrant")) {
        let p = place(fitting);
        let off = pipes[&text(fitting, "pipe_number")]
            .windows(2)
            .map(|s| to_segment(p, s[0], s[1]).0)
            .fold(f64::MAX, f64::min);
        assert!(off < 0.0005, "{off} m beside its pipe");
    }
}

#[test]
fn the_supply_network_has_loops_and_hangs_together() {
    let pipes: Vec<(String, String)> =
        layer(ward(), "water_pipe").map(|r| (text(r, "node_1"), text(r, "node_2"))).collect();
    let nodes = layer(ward(), "water_node").count();
    assert!(pipes.len() > nodes, "{} pipes between {nodes} nodes: no loop", pipes.len());
    let mut joined: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (a, b) in &pipes {
        joined.entry(a).or_default().push(b);
        joined.entry(b).or_default().push(a);
    }
    let source = layer(ward(), "water_node")
        .find(|r| text(r, "kind") == "nguon")
        .map(|r| text(r, "node_number"))
        .expect("one source");
    let mut seen = BTreeSet::new();
    let mut waiting = vec![source.as_str()];
    while let Some(n) = waiting.pop() {
        if seen.insert(n) {
            waiting.extend(joined.get(n).into_iter().flatten());
        }
    }
    assert_eq!(seen.len(), nodes);
}

#[test]
fn drains_never_run_uphill() {
    for pipe in layer(ward(), "drain_pipe") {
        let value = |name: &str| match pipe.values.iter().find(|v| v.0 == name) {
            Some((_, Value::Float(Some(v)))) => *v,
            _ => f64::NAN,
        };
        assert!(value("invert_start_m") >= value("invert_end_m"), "{}", text(pipe, "pipe_number"));
    }
}

#[test]
fn hydrants_along_streets_are_at_most_150_metres_apart() {
    let hydrants: Vec<Place> = layer(ward(), "hydrant").map(place).collect();
    let far = hydrants
        .iter()
        .filter(|a| hydrants.iter().filter(|b| *b != *a).map(|b| distance(**a, *b)).fold(f64::MAX, f64::min) > 150.0)
        .count();
    assert!(far * 50 < hydrants.len(), "{far} of {} stand alone", hydrants.len());
}

#[test]
fn zones_lie_inside_their_plan_and_cover_it_without_overlap() {
    let plan: Vec<Polygon> =
        layer(ward(), "plan").filter(|r| text(r, "code") == "QPK-2026").flat_map(polygons).collect();
    let plan = MultiPolygon::new(plan);
    let (mut sum, mut outside) = (0.0, 0.0);
    // Adjusted zones have an earlier period of the same shape: one day counts.
    let today = |r: &&Row| text(r, "plan") == "QPK-2026" && text(r, "valid_to").is_empty();
    for zone in layer(ward(), "planning_zone").filter(today) {
        let zone = MultiPolygon::new(polygons(zone));
        sum += zone.unsigned_area();
        outside += zone.difference(&plan).unsigned_area();
    }
    assert!(outside < 1.0, "{outside} m² of zones outside the plan");
    let share = sum / plan.unsigned_area();
    assert!((share - 1.0).abs() < 0.001, "zones cover {share} of their plan");
}

#[test]
fn the_plan_of_the_first_of_may_is_another_one() {
    let on = |day: &str| -> BTreeSet<String> {
        layer(ward(), "planning_zone")
            .filter(|r| text(r, "plan").starts_with("QPK"))
            .filter(|r| {
                text(r, "valid_from").as_str() <= day
                    && (text(r, "valid_to").is_empty() || day < text(r, "valid_to").as_str())
            })
            .map(|r| text(r, "plan"))
            .collect()
    };
    assert_eq!(on("2026-05-01"), BTreeSet::from(["QPK-2013".to_owned()]));
    assert_eq!(on("2026-11-01"), BTreeSet::from(["QPK-2026".to_owned()]));
}

#[test]
fn an_adjusted_zone_has_two_periods_that_meet_under_one_id() {
    let mut periods: BTreeMap<String, Vec<&Row>> = BTreeMap::new();
    for row in layer(ward(), "planning_zone") {
        periods.entry(text(row, "id")).or_default().push(row);
    }
    let twice: Vec<_> = periods.values().filter(|rows| rows.len() > 1).collect();
    assert!(twice.len() >= 3, "{} zones have two periods", twice.len());
    for rows in twice {
        assert_eq!(rows.len(), 2);
        assert_eq!(text(rows[0], "valid_to"), text(rows[1], "valid_from"));
        assert_eq!(text(rows[0], "zone_code"), text(rows[1], "zone_code"));
        assert_ne!(text(rows[0], "storeys_max"), text(rows[1], "storeys_max"));
    }
}

#[test]
fn every_line_has_a_length_and_every_name_is_one() {
    for row in ward() {
        let lines: Vec<&geo::LineString> = match &row.shape {
            Some(Geometry::LineString(l)) => vec![l],
            Some(Geometry::MultiLineString(m)) => m.0.iter().collect(),
            _ => vec![],
        };
        for l in lines {
            let long: f64 = l.0.windows(2).map(|p| distance(p[0], p[1])).sum();
            assert!(long > 0.02, "{}: {long} m {:?}", row.layer, row.values);
        }
        assert!(row.values.iter().all(|(_, v)| !matches!(v, Value::Text(Some(t)) if t.trim().is_empty())), "{row:?}");
    }
}

#[test]
fn a_widened_street_takes_land_from_parcels() {
    let roads: Vec<Polygon> = layer(ward(), "planning_zone")
        .filter(|r| text(r, "plan") == "QPK-2026" && text(r, "function") == "giao_thong")
        .flat_map(polygons)
        .collect();
    let roads = MultiPolygon::new(roads);
    let taken = layer(ward(), "parcel")
        .filter(|r| text(r, "address").contains("Lý Tự Trọng"))
        .flat_map(polygons)
        .filter(|p| MultiPolygon::new(vec![p.clone()]).intersection(&roads).unsigned_area() > 4.0)
        .count();
    assert!(taken > 3, "{taken} parcels lose land on Lý Tự Trọng");
}

#[test]
fn trees_stay_below_their_species_greatest() {
    for tree in layer(ward(), "tree") {
        let species = super::papers::SPECIES.iter().find(|s| s.0 == text(tree, "species")).expect("a known species");
        let number = |name: &str| match tree.values.iter().find(|v| v.0 == name) {
            Some((_, Value::Float(Some(v)))) => *v,
            _ => f64::NAN,
        };
        assert!(number("height_m") <= species.5 && number("dbh_cm") <= species.6);
    }
}

#[test]
fn every_row_of_a_layer_names_the_same_attributes() {
    let mut names: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for row in ward() {
        let mine: Vec<&str> = row.values.iter().map(|v| v.0).collect();
        assert_eq!(*names.entry(row.layer).or_insert_with(|| mine.clone()), mine, "{}", row.layer);
    }
    for wanted in [
        "parcel",
        "plan",
        "planning_zone",
        "planning_line",
        "tree",
        "lamp_post",
        "water_pipe",
        "hydrant",
        "permit",
        "works",
        "violation",
        "place",
    ] {
        assert!(names.contains_key(wanted), "no {wanted}");
    }
}

#[test]
fn a_geopackage_holds_what_was_generated_with_its_manifest() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let counts = to_folder(&options(PlaceKind::Grid, Some(300), 1), folder.path()).expect("writing");
    assert_eq!(counts.get("parcel"), Some(&300));
    let dataset = gdal::Dataset::open(folder.path().join("grid.gpkg")).expect("opening what was written");
    use gdal::vector::LayerAccess;
    let mut parcels = dataset.layer_by_name("parcel").expect("a table of parcels");
    assert_eq!(parcels.feature_count(), 300_u64);
    let first = parcels.features().next().expect("a parcel");
    let area =
        first.field_as_double(first.field_index("area_m2").expect("a field")).expect("a field").expect("an area");
    assert!(area > 5.0);
    let manifest = std::fs::read_to_string(folder.path().join("manifest.json")).expect("a manifest");
    assert!(manifest.contains("dữ liệu minh họa"));
}

#[test]
#[ignore = "writes the ward to DOTHI_GENERATE_OUT, to look at it"]
fn write_the_ward() {
    let folder = PathBuf::from(std::env::var("DOTHI_GENERATE_OUT").expect("a folder"));
    std::fs::create_dir_all(&folder).expect("a folder");
    let mut package = GeoPackage::create(&folder.join("phuong-sai-gon.gpkg")).expect("creating");
    for row in ward() {
        package.put(row.clone()).expect("writing");
    }
    println!("{:#?}", package.finish().expect("finishing"));
}
