//! Coordinates in the VN-2000 zone of the place, and where they mean something.

use dothi_import::crs;
use geo::Point;

use super::{
    answer::{Bilingual, Vn2000},
    plane::zone_name,
    view::View,
    words::inside,
};

/// Metres in the zone; none where it says nothing.
pub fn metres(srid: i32, at: Point<f64>) -> Option<Vn2000> {
    if !in_zone(srid, at) {
        return None;
    }
    let (y_east, x_north) = crs::point_from_wgs84(srid, at.x(), at.y()).ok()?;
    let millimetres = |value: f64| (value * 1000.0).round() / 1000.0;
    Some(Vn2000 { srid, name: zone_name(srid), x_north: millimetres(x_north), y_east: millimetres(y_east) })
}

/// Each province has a meridian of its own by law: what the zone of this place says elsewhere is no number for a paper.
/// `here` is the province of the point, as the answer names it.
pub fn note(view: View<'_>, srid: i32, at: Point<f64>, here: Option<&str>) -> Option<Bilingual> {
    if !in_zone(srid, at) {
        return Some(outside(srid));
    }
    let here = here?;
    let [lon, lat] = view.catalog.place().centre?;
    let units = view.at("admin_unit", Point::new(lon, lat)).into_iter();
    let own = units.filter(|unit| unit.int("level") == Some(1)).find_map(|unit| unit.text("name"))?;
    (own != here).then(|| {
        let zone = zone_name(srid);
        Bilingual::new(
            format!(
                "Theo {zone} của nơi này. Tỉnh khác có thể dùng kinh tuyến trục khác: không dùng số này cho hồ sơ ở đó."
            ),
            format!(
                "In {} of this place. Another province may have another meridian: no number for papers there.",
                inside(&zone)
            ),
        )
    })
}

fn outside(srid: i32) -> Bilingual {
    let zone = zone_name(srid);
    Bilingual::new(
        format!("Ngoài phạm vi {zone}: không có tọa độ VN-2000 ở đây."),
        format!("Outside the range of {}: no VN-2000 coordinates here.", inside(&zone)),
    )
}

/// Metres of a zone mean something near its meridian and in Việt Nam; farther away they are numbers without a map.
fn in_zone(srid: i32, at: Point<f64>) -> bool {
    // A zone is 3° or 6° wide; half a degree more, since provinces reach beyond their zone's edge.
    let Some(zone) = crs::zone(srid) else { return false };
    let half = if zone.scale < 0.9998 { 3.5 } else { 2.0 };
    (at.x() - zone.meridian).abs() <= half && (7.0..=24.0).contains(&at.y())
}
