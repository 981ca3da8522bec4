//! What this server has no data on here. "Not in the data" is named, and never told as "nothing applies".

use super::{
    answer::{Bilingual, Missing, Parcel, Zone},
    coverage::Coverage,
    sentence::is_in_force,
    view::View,
};

/// The layers that a person who wants to build would ask about.
const ASKED: [&str; 5] = ["parcel", "planning_zone", "planning_line", "protection_area", "heritage_site"];

/// Names what is missing around a point.
pub fn missing(view: View<'_>, coverage: &Coverage, parcels: &[Parcel], zones: &[Zone]) -> Vec<Missing> {
    let is_word = |zone: &Zone| zone.layer == "planning_zone" && zone.plan.as_ref().is_none_or(is_in_force);
    let whole = |parcel: &Parcel| parcel.unplanned_m2.is_none() && parcel.zones.iter().any(is_word);
    let zoned = (!parcels.is_empty() && parcels.iter().all(whole)) || zones.iter().any(is_word);
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

/// What an answer about the past does not tell.
pub fn around_then() -> Missing {
    Missing {
        layer: "around".to_owned(),
        title: Bilingual::new("Xung quanh", "Around"),
        text: Bilingual::new(
            "Câu trả lời về thời điểm trước không kể cây, ống, đèn và những thứ khác ở xung quanh.",
            "An answer about an earlier time does not tell of trees, pipes, lamps and what else stands around.",
        ),
    }
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
