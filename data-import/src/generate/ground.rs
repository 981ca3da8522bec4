//! The ground that a place is built on: its outline, streets, water, large sites, and the buildings that already stand.

use std::path::Path;

use anyhow::{Context, Result};
use gdal::Dataset;
use gdal::vector::LayerAccess;
use geo::{BooleanOps, Buffer, Coord, Geometry, LineString, MultiLineString, MultiPolygon, Polygon};
use geozero::ToGeo;

use super::shapes::{Place, Ring, at, bounds, centre, polygon, ring_area, ring_of, round};
use super::write::LEGAL_SRID;
use crate::crs;

/// One stretch of a street.
#[derive(Clone, Debug)]
pub struct Street {
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Code of `road_class`.
    pub class: &'static str,
    /// From front to front, metres.
    pub width_m: f64,
    /// Centre line.
    pub line: Vec<Place>,
    /// Not in OpenStreetMap.
    pub is_generated: bool,
}

/// A large lot that is there in reality: an institution, a park, a commercial site.
#[derive(Clone, Debug)]
pub struct Site {
    /// Name, where OpenStreetMap has one.
    pub name: Option<String>,
    /// Code of the land-use table.
    pub code: &'static str,
    /// Its area.
    pub area: Polygon,
}

/// An area whose parcels one old ward numbered.
#[derive(Clone, Debug)]
pub struct FormerUnit {
    /// Code of the old ward.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// What is there before anything is generated.
pub struct Ground {
    /// Word of the place, used for the file's name.
    pub place: String,
    /// Code of today's unit.
    pub unit_code: String,
    /// Name of today's unit.
    pub unit_name: String,
    /// Outline of the place.
    pub outline: MultiPolygon,
    /// Streets.
    pub streets: Vec<Street>,
    /// River and canals.
    pub water: MultiPolygon,
    /// Large real lots.
    pub sites: Vec<Site>,
    /// Footprints that stand already (imported from OpenStreetMap), with the use they say.
    pub buildings: Vec<(Ring, &'static str)>,
    /// Old wards, most northern first.
    pub former: Vec<FormerUnit>,
    /// Largest block without a generated street, m².
    pub largest_block_m2: f64,
}

impl Ground {
    /// Index of the old ward that a place belongs to. Their outlines are not open data: this partition is made up.
    pub fn former_unit_at(&self, p: Place) -> usize {
        if self.former.len() < 3 {
            return 0;
        }
        let (x, y) = self.to_sketch(p);
        if self.place == "phuong-sai-gon" {
            if y > 878.0 && x < 552.0 {
                return 2;
            }
            // North-west of Lê Duẩn's line.
            return usize::from((510.0 - 282.0) * (y - 548.0) - (300.0 - 548.0) * (x - 282.0) >= 0.0);
        }
        let (x0, _, x1, _) = bounds(&self.outline.0[0].exterior().0);
        (((p.x - x0) / (x1 - x0) * 3.0) as usize).min(2)
    }

    fn to_sketch(&self, p: Place) -> (f64, f64) {
        let origin = sketch(0.0, 0.0);
        let unit = sketch(1000.0, 1000.0);
        ((p.x - origin.x) / (unit.x - origin.x) * 1000.0, (p.y - origin.y) / (unit.y - origin.y) * 1000.0)
    }
}

/// A place on the sketch of the ward (pixels east and south of a fixed corner, 3.137 m each) that the made-up lines are drawn on.
fn sketch(x: f64, y: f64) -> Place {
    let origin = crs::point_from_wgs84(LEGAL_SRID, 106.695, 10.7805).unwrap_or((0.0, 0.0));
    round(at(origin.0 - 500.0 + 3.137 * x, origin.1 + 1700.0 - 3.137 * y))
}

fn sketch_ring(places: &[(f64, f64)]) -> Polygon {
    polygon(&places.iter().map(|&(x, y)| sketch(x, y)).collect::<Vec<_>>())
}

/// *Phường Sài Gòn* on real ground: the ward's outline, `OpenStreetMap`'s streets, sites and buildings; the river drawn by us.
pub fn saigon(data: &Path) -> Result<Ground> {
    let ward = read_ward(data)?;
    let osm = data.join("vn_osm/hcmc_quan1_20230824.osm.pbf");
    let mut streets = read_streets(&osm)?;
    for (name, class, width_m, from, to) in [
        ("Nguyễn Bỉnh Khiêm", "lien_khu_vuc", 18.0, (458.0, 257.0), (392.0, 190.0)),
        ("Điện Biên Phủ", "truc_chinh", 26.0, (433.0, 281.0), (552.0, 152.0)),
    ] {
        let line = vec![sketch(from.0, from.1), sketch(to.0, to.1)];
        streets.push(Street { name: Some(name.into()), class, width_m, line, is_generated: true });
    }
    let water = draw_water(&ward);
    let (mut sites, buildings) = read_areas(&osm)?;
    let zoo = [
        (513.0, 303.0),
        (568.0, 235.0),
        (600.0, 240.0),
        (645.0, 292.0),
        (660.0, 300.0),
        (640.0, 345.0),
        (614.0, 392.0),
    ];
    sites.insert(0, Site { name: Some("Thảo Cầm Viên (ranh minh họa)".into()), code: "DKV", area: sketch_ring(&zoo) });
    let quay = [
        (612.0, 525.0),
        (588.0, 620.0),
        (568.0, 715.0),
        (556.0, 840.0),
        (552.0, 885.0),
        (543.0, 928.0),
        (548.0, 950.0),
        (600.0, 950.0),
        (640.0, 525.0),
    ];
    sites.insert(
        1,
        Site {
            name: Some("Công viên bến Bạch Đằng (ranh minh họa)".into()), code: "DKV", area: sketch_ring(&quay)
        },
    );
    let square = [(540.0, 712.0), (572.0, 710.0), (572.0, 742.0), (540.0, 742.0)];
    sites.insert(
        2,
        Site {
            name: Some("Công trường Mê Linh (ranh minh họa)".into()), code: "DKV", area: sketch_ring(&square)
        },
    );
    Ok(Ground {
        place: "phuong-sai-gon".into(),
        unit_code: "26740".into(),
        unit_name: "Phường Sài Gòn".into(),
        outline: ward,
        streets,
        water,
        sites,
        buildings,
        former: [("26737", "Phường Đa Kao"), ("26740", "Phường Bến Nghé"), ("26746", "Phường Nguyễn Thái Bình")]
            .map(|(code, name)| FormerUnit { code: code.into(), name: name.into() })
            .to_vec(),
        largest_block_m2: 36_000.0,
    })
}

/// Half of a street between two squares of a grid, metres.
const HALF_M: f64 = 10.0;

/// One square of a synthetic city: `index` of `columns` squares a row, beside the place, `side` metres each.
pub fn square(index: usize, columns: usize, side: f64) -> Ground {
    let (column, row) = ((index % columns) as f64, (index / columns) as f64);
    let origin = at(604_000.0 + column * side, 1_192_000.0 + row * side);
    let (x0, y0, x1, y1) = (origin.x, origin.y, origin.x + side, origin.y + side);
    let corners = vec![at(x0, y0), at(x1, y0), at(x1, y1), at(x0, y1)];
    let mut streets = vec![];
    let mut street = |name: String, class, width_m, a, b| {
        streets.push(Street { name: Some(name), class, width_m, line: vec![a, b], is_generated: true });
    };
    let (n, m) = (column as usize + 1, row as usize + 1);
    // The square's half of the streets around it, inside it: pipes and cables of neighbouring squares do not lie in one place.
    let (west, south, east, north) = (x0 + HALF_M / 2.0, y0 + HALF_M / 2.0, x1 - HALF_M / 2.0, y1 - HALF_M / 2.0);
    for (edge, x) in [(0, west), (1, east)] {
        street(format!("Đường D{}", n + edge), "lien_khu_vuc", HALF_M, at(x, south), at(x, north));
    }
    for (edge, y) in [(0, south), (1, north)] {
        street(format!("Đường N{}", m + edge), "lien_khu_vuc", HALF_M, at(west, y), at(east, y));
    }
    Ground {
        place: "grid".into(),
        unit_code: format!("9{:04}", index % 10_000),
        unit_name: format!("Phường Minh Họa {}", index + 1),
        outline: MultiPolygon::new(vec![polygon(&corners)]),
        streets,
        water: MultiPolygon::new(vec![]),
        sites: vec![],
        buildings: vec![],
        former: (0..3)
            .map(|k| FormerUnit {
                code: format!("8{:04}", (index * 3 + k) % 10_000),
                name: format!("Phường Cũ {}", index * 3 + k + 1),
            })
            .collect(),
        largest_block_m2: 26_000.0,
    }
}

/// River east of the quays, and strips of the two canals along the ward's northern and southern border.
fn draw_water(ward: &MultiPolygon) -> MultiPolygon {
    let river = sketch_ring(&[
        (800.0, 318.0),
        (796.0, 345.0),
        (750.0, 385.0),
        (700.0, 425.0),
        (672.0, 455.0),
        (640.0, 490.0),
        (622.0, 515.0),
        (622.0, 560.0),
        (607.0, 605.0),
        (592.0, 660.0),
        (583.0, 720.0),
        (577.0, 800.0),
        (570.0, 870.0),
        (564.0, 915.0),
        (545.0, 938.0),
        (560.0, 1100.0),
        (1000.0, 1100.0),
        (1000.0, 200.0),
        (775.0, 200.0),
        (790.0, 280.0),
    ]);
    let north = [
        (440.0, 105.0),
        (453.0, 111.0),
        (535.0, 135.0),
        (566.0, 158.0),
        (580.0, 188.0),
        (598.0, 240.0),
        (637.0, 285.0),
        (672.0, 298.0),
        (720.0, 292.0),
        (766.0, 284.0),
        (800.0, 310.0),
    ];
    let south = [(418.0, 1018.0), (427.0, 1010.0), (450.0, 988.0), (482.0, 970.0), (530.0, 946.0), (570.0, 940.0)];
    let mut water = MultiPolygon::new(vec![river]);
    for (line, reach) in [(&north[..], 26.0), (&south[..], 30.0)] {
        let line: LineString = line.iter().map(|&(x, y)| sketch(x, y)).collect();
        water = water.union(&line.buffer(reach));
    }
    ward.intersection(&water)
}

fn to_metres(geometry: &mut Geometry) -> Result<()> {
    super::write::turn(geometry, |c| crs::point_from_wgs84(LEGAL_SRID, c.x, c.y).map(|(x, y)| round(Coord { x, y })))
}

fn read_shape(shape: &gdal::vector::Geometry) -> Result<Geometry> {
    Ok(geozero::wkb::Wkb(shape.wkb()?).to_geo()?)
}

fn read_ward(data: &Path) -> Result<MultiPolygon> {
    let path = data.join("vn_admin/79_ho_chi_minh.zip");
    let inner = format!("/vsizip/{}/79_ho_chi_minh/wards/26740_sai_gon.geojson", path.display());
    let dataset = Dataset::open(&inner).with_context(|| format!("opening {inner}"))?;
    let mut layer = dataset.layer(0)?;
    let feature = layer.features().next().context("the ward's file is empty")?;
    let mut geometry = feature.geometry().context("the ward has no outline").and_then(read_shape)?;
    to_metres(&mut geometry)?;
    match geometry {
        Geometry::Polygon(p) => Ok(MultiPolygon::new(vec![p])),
        Geometry::MultiPolygon(m) => Ok(m),
        _ => anyhow::bail!("the ward's outline is not an area"),
    }
}

/// One tag out of GDAL's `other_tags` (`"key"=>"value",…`).
fn tag<'t>(tags: &'t str, key: &str) -> Option<&'t str> {
    let start = tags.find(&format!("\"{key}\"=>\""))? + key.len() + 5;
    tags[start..].split('"').next()
}

fn read_streets(osm: &Path) -> Result<Vec<Street>> {
    let dataset = Dataset::open(osm).with_context(|| format!("opening {}", osm.display()))?;
    let mut layer = dataset.layer_by_name("lines")?;
    let name_of = layer.defn().field_index("name")?;
    let highway_of = layer.defn().field_index("highway")?;
    let tags_of = layer.defn().field_index("other_tags")?;
    let mut streets = vec![];
    for feature in layer.features() {
        let Some(highway) = feature.field_as_string(highway_of)? else { continue };
        let tags = feature.field_as_string(tags_of)?.unwrap_or_default();
        let lanes: Option<f64> = tag(&tags, "lanes").and_then(|v| v.parse().ok());
        let is_one_way = tag(&tags, "oneway") == Some("yes");
        let is_tunnel = tag(&tags, "tunnel").is_some();
        let is_bridge = tag(&tags, "bridge").is_some();
        let (class, lanes_by_class, verge) = match highway.trim_end_matches("_link") {
            "trunk" | "primary" => ("truc_chinh", 3.0, 7.0),
            "secondary" => ("lien_khu_vuc", 3.0, 7.0),
            "tertiary" => ("khu_vuc", 2.0, 7.0),
            "residential" | "unclassified" | "living_street" => ("noi_bo", 2.0, 4.5),
            "service" => ("hem", 1.0, 1.2),
            "pedestrian" => ("di_bo", 5.0, 3.0),
            _ => continue,
        };
        if is_tunnel || is_bridge && class == "hem" {
            continue;
        }
        let mut geometry = feature.geometry().context("a street without a line").and_then(read_shape)?;
        to_metres(&mut geometry)?;
        let Geometry::LineString(line) = geometry else { continue };
        let length: f64 = line.lines().map(|l| super::shapes::distance(l.start, l.end)).sum();
        if class == "hem" && (length < 70.0 || line.is_closed()) {
            continue;
        }
        let width_m =
            lanes.unwrap_or(lanes_by_class).clamp(1.0, 6.0) * 3.3 + if is_one_way { verge - 1.5 } else { verge };
        let name = feature.field_as_string(name_of)?.filter(|name| !name.trim().is_empty());
        streets.push(Street { name, class, width_m, line: line.0, is_generated: false });
    }
    Ok(streets)
}

type Areas = (Vec<Site>, Vec<(Ring, &'static str)>);

fn read_areas(osm: &Path) -> Result<Areas> {
    let dataset = Dataset::open(osm)?;
    let mut layer = dataset.layer_by_name("multipolygons")?;
    let field = |name: &str| layer.defn().field_index(name);
    let (name_of, building_of, amenity_of) = (field("name")?, field("building")?, field("amenity")?);
    let (landuse_of, leisure_of, office_of) = (field("landuse")?, field("leisure")?, field("office")?);
    let (tourism_of, military_of) = (field("tourism")?, field("military")?);
    let mut sites = vec![];
    let mut buildings = vec![];
    for feature in layer.features() {
        let text = |i: usize| -> Result<String> { Ok(feature.field_as_string(i)?.unwrap_or_default()) };
        let Some(shape) = feature.geometry() else { continue };
        let mut geometry = read_shape(shape)?;
        to_metres(&mut geometry)?;
        let Geometry::MultiPolygon(parts) = geometry else { continue };
        let (building, amenity, landuse, office) =
            (text(building_of)?, text(amenity_of)?, text(landuse_of)?, text(office_of)?);
        let code = land_use_of(
            &building,
            &amenity,
            &landuse,
            &text(leisure_of)?,
            &office,
            &text(tourism_of)?,
            &text(military_of)?,
        );
        for part in parts.0 {
            let Some(ring) = ring_of(&part) else { continue };
            if !building.is_empty() {
                buildings.push((ring, code.unwrap_or("")));
            } else if let Some(code) = code
                && ring_area(&ring) > 700.0
            {
                let name = feature.field_as_string(name_of)?.filter(|name| !name.trim().is_empty());
                sites.push(Site { name, code, area: polygon(&ring) });
            }
        }
    }
    // Parks and institutions before wide commercial areas; large after small would swallow them.
    sites.sort_by(|a, b| {
        let wide = |s: &Site| matches!(s.code, "TMD" | "ODT");
        wide(a).cmp(&wide(b)).then(centre(&a.area.exterior().0).x.total_cmp(&centre(&b.area.exterior().0).x))
    });
    Ok((sites, buildings))
}

fn land_use_of(
    building: &str,
    amenity: &str,
    landuse: &str,
    leisure: &str,
    office: &str,
    tourism: &str,
    military: &str,
) -> Option<&'static str> {
    let code = match amenity {
        "place_of_worship" => "TON",
        "school" | "university" | "college" | "kindergarten" => "DGD",
        "hospital" | "clinic" => "DYT",
        "townhall" | "courthouse" => "TSC",
        "police" => "CAN",
        "theatre" | "library" | "community_centre" | "exhibition_centre" => "DVH",
        "marketplace" => "DCH",
        "bank" | "restaurant" | "fuel" => "TMD",
        _ => match (office, tourism) {
            ("government", _) => "TSC",
            ("diplomatic", _) => "DNG",
            (_, "museum") => "DVH",
            (_, "hotel") => "TMD",
            _ => match (building, leisure, landuse) {
                ("school" | "university", ..) => "DGD",
                ("hospital", ..) => "DYT",
                ("church" | "temple" | "mosque" | "chapel", ..) | (_, _, "religious") => "TON",
                ("commercial" | "office" | "hotel" | "retail", ..) | (_, _, "commercial" | "retail") => "TMD",
                ("apartments", ..) => "ODT",
                (_, "park", _) | (_, _, "recreation_ground" | "forest") => "DKV",
                (_, "sports_centre", _) => "DTT",
                (_, _, "military") => "CQP",
                _ if !military.is_empty() => "CQP",
                _ => return None,
            },
        },
    };
    Some(code)
}

/// The land that streets take: every street's corridor, united.
pub fn street_land(streets: &[Street]) -> MultiPolygon {
    let corridors: Vec<MultiPolygon> = streets
        .iter()
        .map(|s| {
            let line = MultiLineString::new(vec![LineString::new(s.line.clone())]);
            line.buffer(s.width_m / 2.0)
        })
        .collect();
    geo::unary_union(&corridors)
}
