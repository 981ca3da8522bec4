//! What may be built in a zone, with its limits.

use crate::lookup::{
    answer::{Bilingual, Zone},
    words::{inside, number_en, number_vi},
};

/// What may be built in one zone, with its limits.
pub fn may(zone: &Zone) -> Bilingual {
    let (vi, en) = match zone.function.as_deref() {
        Some("o_hien_huu" | "o_moi" | "o_thap_tang" | "ODT" | "ONT") => ("được xây nhà ở", "a house may be built"),
        Some("o_cao_tang") => ("được xây nhà ở cao tầng", "high-rise housing may be built"),
        Some("hon_hop") => {
            ("được xây nhà ở kết hợp thương mại, dịch vụ", "housing with shops and services may be built")
        }
        Some("thuong_mai_dich_vu" | "TMD") => {
            ("được xây công trình thương mại, dịch vụ", "buildings for commerce and services may be built")
        }
        _ => {
            let vi = format!("quy hoạch là {}", inside(&zone.title.vi));
            let en = format!("planned as {}", inside(&zone.title.en));
            return if limits_fit(zone) { with_limits(&vi, &en, zone, false) } else { doubted(&vi, &en, zone) };
        }
    };
    with_limits(vi, en, zone, true)
}

/// A pavilion stands in a park; nothing has 32 storeys in a river. Limits that a function cannot have are a slip of the data,
/// often a function that was changed alone.
fn limits_fit(zone: &Zone) -> bool {
    let (storeys, coverage) = match zone.function.as_deref() {
        Some("mat_nuoc" | "giao_thong") => (0, 0.0),
        Some("cay_xanh" | "nong_nghiep" | "nghia_trang") => (PAVILION.0, PAVILION.1),
        _ => return true,
    };
    zone.storeys_max.is_none_or(|has| has <= storeys) && zone.coverage_max_pct.is_none_or(|has| has <= coverage)
}

/// Storeys, and percent of the land, that a park's small buildings stay within.
const PAVILION: (i64, f64) = (2, 25.0);

fn doubted(vi: &str, en: &str, zone: &Zone) -> Bilingual {
    let (mut limits_vi, mut limits_en) = (Vec::new(), Vec::new());
    if let Some(storeys) = zone.storeys_max.filter(|storeys| *storeys > 0) {
        limits_vi.push(format!("{storeys} tầng"));
        limits_en.push(format!("{storeys} {}", if storeys == 1 { "storey" } else { "storeys" }));
    }
    if let Some(coverage) = zone.coverage_max_pct.filter(|coverage| *coverage > 0.0) {
        limits_vi.push(format!("phủ {} %", number_vi(coverage, 1)));
        limits_en.push(format!("{}% covered", number_en(coverage, 1)));
    }
    if limits_vi.is_empty() {
        return Bilingual::new(vi, en);
    }
    Bilingual::new(
        format!("{vi}; dữ liệu còn ghi {}, không hợp với chức năng này, cần hỏi lại", limits_vi.join(", ")),
        format!("{en}; the data also say {}, which does not fit this use: ask again", limits_en.join(", ")),
    )
}

fn with_limits(vi: &str, en: &str, zone: &Zone, buildable: bool) -> Bilingual {
    let mut said = Bilingual::new(vi, en);
    let mut limited = false;
    if let Some(storeys) = zone.storeys_max.filter(|storeys| *storeys > 0) {
        said.vi.push_str(&format!(" đến {storeys} tầng"));
        said.en.push_str(&format!(" up to {storeys} {}", if storeys == 1 { "storey" } else { "storeys" }));
        limited = true;
    } else if let Some(height) = zone.height_max_m {
        said.vi.push_str(&format!(" cao đến {} m", number_vi(height, 1)));
        said.en.push_str(&format!(" up to {} m high", number_en(height, 1)));
        limited = true;
    }
    if let Some(coverage) = zone.coverage_max_pct {
        said.vi.push_str(&format!(", phủ tối đa {} % đất", number_vi(coverage, 1)));
        said.en.push_str(&format!(", covering at most {}% of the land", number_en(coverage, 1)));
        limited = true;
    } else if let Some(far) = zone.far_max {
        said.vi.push_str(&format!(", hệ số sử dụng đất tối đa {}", number_vi(far, 2)));
        said.en.push_str(&format!(", floor-area ratio at most {}", number_en(far, 2)));
        limited = true;
    }
    if buildable && !limited {
        said.vi.push_str("; chưa có dữ liệu về số tầng và mật độ xây dựng");
        said.en.push_str("; no data on storeys and coverage yet");
    }
    said
}

/// Zones that the sentence names; the others are counted and stand in the list below it.
const TOLD_ZONES: usize = 2;

/// A plot of `of_m2` on several zones: the largest with their shares.
pub fn shares(zones: &[&Zone], of_m2: f64) -> Bilingual {
    let mut zones = zones.to_vec();
    let area = |zone: &Zone| zone.speaks_m2.or(zone.area_m2).unwrap_or(0.0);
    zones.sort_by(|a, b| area(b).total_cmp(&area(a)));
    let part = |zone: &&Zone, vi: bool| {
        let (may, area) = (may(zone), area(zone));
        let share = super::percent(area, of_m2);
        if vi {
            format!("{} m² ({} %) {}", number_vi(area, 1), number_vi(share, 0), may.vi)
        } else {
            format!("on {} m² ({}%) {}", number_en(area, 1), number_en(share, 0), may.en)
        }
    };
    let all = |vi: bool| zones.iter().take(TOLD_ZONES).map(|zone| part(zone, vi)).collect::<Vec<_>>().join("; ");
    let (mut vi, mut en) = (all(true), all(false));
    if let Some(more) = zones.len().checked_sub(TOLD_ZONES).filter(|more| *more > 0) {
        vi.push_str(&format!("; và {more} ô khác"));
        en.push_str(&format!("; and {more} more {}", if more == 1 { "zone" } else { "zones" }));
    }
    Bilingual::new(
        format!("nằm trên {} ô quy hoạch: {vi}", zones.len()),
        format!("lies on {} zones: {en}", zones.len()),
    )
}
