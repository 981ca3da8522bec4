//! Coordinates that cannot be what the file says they are: named with the evidence, refused unless accepted.

use super::checker::Evidence;
use super::delivery::Item;
use super::fatal::Fatal;
use crate::crs::detect::SourceCrs;
use crate::protocol::{Job, Text};

/// After the first rows: are most of them outside the range of the CRS?
pub fn at_the_start(crs: Option<&SourceCrs>, evidence: &Evidence) -> Option<Fatal> {
    let crs = crs?;
    if evidence.rows == 0 || evidence.outside * 2 <= evidence.rows {
        return None;
    }
    let [west, south, east, north] = evidence.source_bounds;
    let name = &crs.name;
    let range = format!("x {west:.3} … {east:.3}, y {south:.3} … {north:.3}");
    let looks_like_degrees = west >= -180.0 && east <= 180.0 && south >= -90.0 && north <= 90.0;
    // A longitude where the latitude belongs: nothing else has numbers between 90 and 180 there.
    let degrees_swapped = west >= -90.0 && east <= 90.0 && south >= -180.0 && north > 90.0 && north <= 180.0;
    let (vi, en) = if crs.geographic && degrees_swapped {
        (
            "có vẻ kinh độ và vĩ độ bị đổi chỗ; đổi lại hai cột trong hồ sơ ánh xạ (geometry = { lon = …, lat = … }) hoặc khi xuất tệp",
            "seem to have longitude and latitude swapped; name the two columns the other way round in a profile (geometry = { lon = …, lat = … }), or where the file is written",
        )
    } else if crs.geographic {
        (
            "trông như mét hoặc feet chứ không phải độ; nêu hệ tọa độ thật bằng --crs",
            "look like metres or feet, not degrees; pass the true system with --crs",
        )
    } else if crs.is_vn2000() && look_swapped(evidence) {
        ("có vẻ bị đổi chỗ x và y", "seem to have x and y swapped")
    } else if looks_like_degrees {
        ("trông như độ chứ không phải mét; thử --crs EPSG:4326", "look like degrees, not metres; try --crs EPSG:4326")
    } else {
        (
            "nằm ngoài phạm vi của hệ này; nêu hệ tọa độ thật bằng --crs",
            "are outside the range of this system; pass the true one with --crs",
        )
    };
    Some(Fatal::new(
        "coordinates-mismatch",
        Text::new(
            format!("tệp ghi {name} nhưng tọa độ ({range}) {vi}"),
            format!("the file says {name}, but its coordinates ({range}) {en}"),
        ),
    ))
}

/// Papers write X for north and Y for east; in Vietnam north is above 900 km and east below.
fn look_swapped(evidence: &Evidence) -> bool {
    let [west, _, _, north] = evidence.source_bounds;
    west > 800_000.0 && north < 1_000_000.0
}

/// All of many rows within this many metres of each other are no map of a city.
const COLLAPSED_M: f64 = 5.0;
/// Many.
const COLLAPSED_ROWS: u64 = 20;

/// After the last row: do all rows lie in one spot, or, in VN-2000, outside Vietnam?
pub fn at_the_end(
    job: &Job,
    crs: Option<&SourceCrs>,
    evidence: &Evidence,
    item: &Item,
    has_lon_lat: bool,
) -> Option<Fatal> {
    let crs = crs?;
    let [west, south, east, north] = evidence.bounds;
    if evidence.rows == 0 || west > east {
        return None;
    }
    let accepted = |rule: &str| job.accept.iter().any(|a| a == rule);
    let (rows, file, name) = (evidence.rows, &item.name, &crs.name);
    let metres = ((east - west) * south.to_radians().cos()).hypot(north - south) * 111_320.0;
    if rows >= COLLAPSED_ROWS && metres < COLLAPSED_M && !accepted("coordinates-collapsed") {
        let (hint_vi, hint_en) = if has_lon_lat {
            (
                "; các cột lon/lat của tệp có thể là tọa độ thật: geometry = { lon = …, lat = … } trong hồ sơ ánh xạ",
                "; the file's lon/lat columns may hold the true ones: geometry = { lon = …, lat = … } in a profile",
            )
        } else {
            ("", "")
        };
        return Some(Fatal::in_file(
            "coordinates-collapsed",
            file,
            Text::new(
                format!(
                    "cả {rows} dòng nằm trong {metres:.2} m quanh ({west:.5}, {south:.5}): tọa độ hỏng, có thể do chuyển hệ sai{hint_vi}"
                ),
                format!(
                    "all {rows} rows lie within {metres:.2} m of ({west:.5}, {south:.5}): the coordinates are broken, perhaps by a wrong conversion{hint_en}"
                ),
            ),
        ));
    }
    let vietnam = [102.0, 6.5, 118.5, 23.6];
    let outside = east < vietnam[0] || west > vietnam[2] || north < vietnam[1] || south > vietnam[3];
    if crs.is_vn2000() && outside && !accepted("coordinates-outside-vietnam") {
        let [x0, y0, x1, y1] = evidence.source_bounds;
        let swapped = look_swapped(evidence);
        let (vi, en) = if swapped {
            ("có vẻ x và y bị đổi chỗ", "x and y seem to be swapped")
        } else {
            ("kinh tuyến trục có thể sai", "the central meridian may be wrong")
        };
        return Some(Fatal::in_file(
            "coordinates-outside-vietnam",
            file,
            Text::new(
                format!("theo {name}, tọa độ (x {x0:.1} … {x1:.1}, y {y0:.1} … {y1:.1}) rơi ngoài Việt Nam: {vi}"),
                format!(
                    "read as {name}, the coordinates (x {x0:.1} … {x1:.1}, y {y0:.1} … {y1:.1}) fall outside Vietnam: {en}"
                ),
            ),
        ));
    }
    None
}
