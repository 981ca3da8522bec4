//! What this server has no data on here. "Not in the data" is named, and never told as "nothing applies".

use super::{
    answer::{Bilingual, Missing, Parcel, Zone},
    coverage::Coverage,
    view::View,
};

/// The layers that a person who wants to build would ask about.
const ASKED: [&str; 5] = ["parcel", "planning_zone", "planning_line", "protection_area", "heritage_site"];

/// Names what is missing around a point.
pub fn missing(view: View<'_>, coverage: &Coverage, parcels: &[Parcel], zones: &[Zone]) -> Vec<Missing> {
    let zoned = parcels.iter().any(|p| p.zones.iter().any(|z| z.layer == "planning_zone"))
        || zones.iter().any(|z| z.layer == "planning_zone");
    let lined = parcels.iter().any(|parcel| !parcel.lines.is_empty());
    let covered = |layer: &str| match layer {
        "parcel" => !parcels.is_empty(),
        "planning_zone" => zoned,
        // No line on a parcel means something only where plans of this place draw lines.
        "planning_line" => lined || (zoned && coverage.knows(layer)),
        _ => coverage.knows(layer),
    };
    ASKED.iter().filter(|layer| !covered(layer)).map(|layer| named(view, layer)).collect()
}

fn named(view: View<'_>, layer: &str) -> Missing {
    let title = view.layer_title(layer);
    let text = match layer {
        "planning_zone" => Bilingual::new(
            "Chưa có dữ liệu quy hoạch chi tiết ở đây. Hỏi: Phòng Kinh tế, Hạ tầng và Đô thị.",
            "No detailed planning data here yet. Ask the ward's Economy, Infrastructure and Urban Affairs office.",
        ),
        "parcel" => Bilingual::new(
            "Chưa có dữ liệu thửa đất ở đây. Hỏi: Văn phòng đăng ký đất đai.",
            "No parcel data here yet. Ask the land registration office.",
        ),
        "planning_line" => Bilingual::new(
            "Chưa có dữ liệu chỉ giới, lộ giới ở đây; đường có thể vẫn được mở rộng.",
            "No data on red lines here yet; the road may still be widened.",
        ),
        _ => Bilingual::new(
            format!("Chưa có dữ liệu “{}” ở đây; không có nghĩa là không bị hạn chế.", title.vi),
            format!("No data on “{}” here yet; that does not mean nothing applies.", title.en),
        ),
    };
    Missing { layer: layer.to_owned(), title, text }
}
