//! What search answers with: a place, what it is called, and what to say of it.

use std::collections::BTreeMap;

use dothi_tiles::LngLatBox;
use geo::{Geometry, InteriorPoint as _, Point};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    super::{
        answer::Bilingual,
        gather::address_of,
        plane::zone_name,
        view::{Seen, View},
        words::{inside, unit_en},
    },
    coordinates::{Coordinates, Written},
};

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A land parcel.
    Parcel,
    /// A house number.
    Address,
    /// A place with a name.
    Place,
    /// A street.
    Street,
    /// A unit of today.
    AdminUnit,
    /// A unit of before; the note says what it is today.
    FormerUnit,
    /// A position that was typed.
    Coordinate,
    /// Any other feature.
    Feature,
}

impl Kind {
    /// What the features of a layer are.
    pub fn of_layer(layer: &str) -> Self {
        match layer {
            "parcel" => Self::Parcel,
            "address" => Self::Address,
            "place" | "heritage_site" => Self::Place,
            "road" => Self::Street,
            "admin_unit" => Self::AdminUnit,
            _ => Self::Feature,
        }
    }

    /// A zoom at which it fills the screen.
    fn zoom(self) -> u8 {
        match self {
            Self::Parcel | Self::Address => 19,
            Self::Coordinate | Self::Feature => 18,
            Self::Place => 17,
            Self::Street => 16,
            Self::AdminUnit | Self::FormerUnit => 13,
        }
    }
}

/// One result.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Found {
    /// What it is.
    pub kind: Kind,
    /// Its layer; none for a position.
    pub layer: Option<String>,
    /// The object; none for a position.
    pub id: Option<Uuid>,
    /// What it is called.
    pub title: String,
    /// The same in both languages, where words of ours are part of it.
    pub titles: Bilingual,
    /// Where or of what kind it is.
    pub subtitle: Bilingual,
    /// Something to know about it, such as what an old ward is today.
    pub note: Option<Bilingual>,
    /// Degrees east.
    pub lon: f64,
    /// Degrees north.
    pub lat: f64,
    /// West, south, east, north, where it has an extent.
    #[schema(value_type = Option<Vec<f64>>)]
    pub bbox: Option<[f64; 4]>,
    /// A zoom at which to show it.
    pub zoom: u8,
    /// The house by name, where an address has one: the same spot as the place of that name.
    #[serde(skip)]
    pub(super) house: Option<String>,
}

impl Found {
    /// Whether the subtitle tells no more than the layer.
    pub(super) fn layer_is_all_that_is_said(&self, view: View<'_>) -> bool {
        self.layer.as_deref().is_some_and(|layer| view.layer_title(layer) == self.subtitle)
    }
}

/// A feature as a result; none when it has no place or no name.
pub fn of_seen(view: View<'_>, seen: &Seen, kind: Kind) -> Option<Found> {
    let geometry = seen.feature.geometry();
    let at = point_of(&geometry)?;
    let bounds = seen.feature.bounds();
    let (titles, subtitle) = named(view, seen, kind)?;
    Some(Found {
        kind,
        layer: Some(seen.layer_name().to_owned()),
        id: Some(seen.feature.id()),
        title: titles.vi.clone(),
        titles,
        subtitle,
        note: None,
        lon: at.x(),
        lat: at.y(),
        bbox: extent(bounds),
        zoom: kind.zoom(),
        house: seen.text("building_name"),
    })
}

fn named(view: View<'_>, seen: &Seen, kind: Kind) -> Option<(Bilingual, Bilingual)> {
    let layer = view.layer_title(seen.layer_name());
    let same = |text: String| Bilingual::new(text.clone(), text);
    Some(match kind {
        Kind::Parcel => {
            let (number, sheet) = (seen.text("number")?, seen.text("sheet").unwrap_or_default());
            let commune = seen.text("former_unit_name");
            // A code says nothing to people: the unit that it stood for does, or the commune of today (`whereabouts`).
            let commune = commune.or_else(|| super::former::name_of(view, &seen.text("commune_code")?));
            let subtitle = commune
                .map_or(layer, |unit| Bilingual::new(format!("{unit} (cũ)"), format!("former {}", unit_en(&unit))));
            let titles = Bilingual::new(format!("Thửa {number}, tờ {sheet}"), format!("Plot {number}, sheet {sheet}"));
            (titles, subtitle)
        }
        Kind::Address => {
            let former = seen.text("former_unit_name");
            let former =
                former.map(|unit| Bilingual::new(format!("{unit} (cũ)"), format!("former {}", unit_en(&unit))));
            (same(address_of(seen)?), former.unwrap_or(layer))
        }
        Kind::AdminUnit => {
            let kind = seen.text("kind").map_or(layer, |kind| view.coded("unit_kind", &kind).title);
            let name = seen.text("name")?;
            let en = unit_en(&name);
            (Bilingual::new(name, en), kind)
        }
        _ => (same(view.label(seen)?), layer),
    })
}

/// An old unit, as it was.
pub struct Former {
    /// The object.
    pub id: Uuid,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its district.
    pub district: Option<String>,
    /// Its province.
    pub province: Option<String>,
}

/// An old unit, placed where it is today; `units` are those of today by code, `plots` is where plots that still name it lie.
pub fn of_former(
    old: Former,
    today: &[(String, String)],
    units: &BTreeMap<String, Seen>,
    plots: Option<LngLatBox>,
) -> Option<Found> {
    let main = units.get(&today.first()?.0)?;
    let around = || bounds_of(today.iter().filter_map(|(code, _)| units.get(code)));
    let (at, bounds) = match plots {
        Some(plots) => (middle_of(plots), plots),
        None => (point_of(&main.feature.geometry())?, around()),
    };
    let name_of = |(code, name): &(String, String)| {
        units.get(code).and_then(|unit| unit.text("name")).unwrap_or_else(|| name.clone())
    };
    let names: Vec<String> = today.iter().map(name_of).collect();
    let joined = names.join(", ");
    let joined_en = names.iter().map(|name| unit_en(name)).collect::<Vec<_>>().join(", ");
    let whole: Vec<String> = [old.district, old.province].into_iter().flatten().collect();
    let whole_en: Vec<String> = whole.iter().map(|unit| unit_en(unit)).collect();
    Some(Found {
        kind: Kind::FormerUnit,
        layer: Some("admin_unit_former".to_owned()),
        id: Some(old.id),
        title: format!("{} (cũ)", old.name),
        titles: Bilingual::new(format!("{} (cũ)", old.name), format!("{} (former)", unit_en(&old.name))),
        subtitle: Bilingual::new(whole.join(", "), whole_en.join(", ")),
        note: Some(Bilingual::new(
            format!("Từ 01/07/2025 thuộc: {joined}."),
            format!("Since 1 July 2025 part of: {joined_en}."),
        )),
        lon: at.x(),
        lat: at.y(),
        bbox: extent(bounds),
        zoom: Kind::FormerUnit.zoom(),
        house: None,
    })
}

/// A province of before, placed where the communes lie that its wards went into.
pub fn of_former_province<'s>(name: &str, today: &str, communes: impl Iterator<Item = &'s Seen>) -> Option<Found> {
    let bounds = bounds_of(communes);
    let at = middle_of(bounds);
    extent(bounds).map(|bbox| Found {
        kind: Kind::FormerUnit,
        layer: None,
        id: None,
        title: format!("{name} (cũ)"),
        titles: Bilingual::new(format!("{name} (cũ)"), format!("{} (former)", unit_en(name))),
        subtitle: Bilingual::new("Tỉnh, thành phố trước 01/07/2025", "Province or city before 1 July 2025"),
        note: Some(Bilingual::new(
            format!("Từ 01/07/2025 thuộc: {today}."),
            format!("Since 1 July 2025 part of: {}.", unit_en(today)),
        )),
        lon: at.x(),
        lat: at.y(),
        bbox: Some(bbox),
        zoom: 9,
        house: None,
    })
}

/// A position that was typed.
pub fn of_coordinates(read: &Coordinates) -> Found {
    let (lon, lat) = (read.at.x(), read.at.y());
    let (subtitle, note) = match read.written {
        Written::Wgs84 => {
            (Bilingual::new("Tọa độ WGS 84 (vĩ độ, kinh độ)", "WGS 84 coordinates (latitude, longitude)"), None)
        }
        Written::Vn2000 { srid, swapped } => {
            let zone = zone_name(srid);
            let note = swapped.then(|| {
                Bilingual::new(
                    "Đã đổi chỗ: trên giấy tờ Việt Nam, X là hướng bắc, Y là hướng đông.",
                    "Taken the other way round: on Vietnamese papers X is the northing and Y the easting.",
                )
            });
            (Bilingual::new(format!("Tọa độ {zone}"), format!("Coordinates in {}", inside(&zone))), note)
        }
    };
    Found {
        kind: Kind::Coordinate,
        layer: None,
        id: None,
        title: format!("{lat:.6}, {lon:.6}"),
        titles: Bilingual::new(format!("{lat:.6}, {lon:.6}"), format!("{lat:.6}, {lon:.6}")),
        subtitle,
        note,
        lon,
        lat,
        bbox: None,
        zoom: Kind::Coordinate.zoom(),
        house: None,
    }
}

/// A point that lies on the feature: inside an area, half-way along a line.
fn point_of(geometry: &Geometry<f64>) -> Option<Point<f64>> {
    geometry.interior_point()
}

/// The box around them all.
fn bounds_of<'s>(units: impl Iterator<Item = &'s Seen>) -> LngLatBox {
    let mut bounds = LngLatBox::EMPTY;
    for own in units.map(|unit| unit.feature.bounds()) {
        bounds.extend(own.west, own.south);
        bounds.extend(own.east, own.north);
    }
    bounds
}

fn middle_of(bounds: LngLatBox) -> Point<f64> {
    Point::new(f64::midpoint(bounds.west, bounds.east), f64::midpoint(bounds.south, bounds.north))
}

fn extent(bounds: LngLatBox) -> Option<[f64; 4]> {
    (bounds.west < bounds.east || bounds.south < bounds.north).then_some([
        bounds.west,
        bounds.south,
        bounds.east,
        bounds.north,
    ])
}
