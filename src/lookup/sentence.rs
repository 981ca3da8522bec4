//! The answer in one plain sentence, and the ground it stands on, as a good civil servant would say it.
//!
//! Only plans in force speak in the first sentence; others are told of beside it. What is not in the data is said to be
//! missing, never left out: silence would read as "nothing applies".

use super::{
    answer::{Answer, Bilingual, OpenGround, Parcel, Plan, Zone},
    gather::is_missing,
    words::{beginning, date_en, date_vi, inside, number_en, number_vi},
};

/// What every answer says of itself.
pub fn disclaimer() -> Bilingual {
    Bilingual::new(
        "Thông tin tham khảo, không thay cho văn bản của cơ quan có thẩm quyền.",
        "For reference only; it does not replace a document of the competent authority.",
    )
}

/// Whether a plan speaks today: one without a status is taken as it was delivered.
pub fn is_in_force(plan: &Plan) -> bool {
    matches!(plan.status.as_deref(), None | Some("hieu_luc" | "dieu_chinh"))
}

/// Detailed plans speak before zoning plans, those before general ones.
pub fn level_rank(level: Option<&str>) -> u8 {
    match level {
        Some("chi_tiet") => 0,
        Some("phan_khu") => 1,
        Some("chung") => 3,
        Some("su_dung_dat") => 4,
        _ => 2,
    }
}

/// The answer in one sentence, its ground, and beside it what another level in force says differently.
pub fn say(answer: &Answer) -> (Bilingual, Bilingual, Option<Bilingual>) {
    let zones = answer.parcels.first().map_or(&answer.zones, |parcel| &parcel.zones);
    let speaking = speaking(zones);
    let said = match &answer.parcels[..] {
        [] => here(answer, &speaking),
        [parcel] => of_parcel(parcel, &speaking),
        [first, ..] => {
            let mut said = several(answer.parcels.len());
            add(&mut said, of_parcel(first, &speaking));
            said
        }
    };
    // A general plan draws no streets: that it shows a block's colour on one is no contradiction.
    let is_street = answer.parcels.is_empty() && speaking.iter().all(|zone| is_road(zone));
    let beside = if is_street { None } else { contradiction(zones, &speaking) };
    (said, ground(answer, &speaking), beside)
}

fn several(count: usize) -> Bilingual {
    Bilingual::new(format!("Ở đây có {count} thửa chồng nhau."), format!("{count} plots overlap here."))
}

/// The zones of the most detailed plan in force.
fn speaking(zones: &[Zone]) -> Vec<&Zone> {
    let in_force = |zone: &&Zone| !zone.within_accuracy && zone.plan.as_ref().is_none_or(is_in_force);
    let key = |zone: &Zone| (zone.plan.as_ref().map(|plan| plan.id), zone.layer.clone());
    let Some(first) = zones.iter().find(in_force) else { return Vec::new() };
    zones.iter().filter(in_force).filter(|zone| key(zone) == key(first)).collect()
}

/// Land that is taken for a road, by the function of its zone.
fn is_road(zone: &Zone) -> bool {
    zone.function.as_deref().is_some_and(is_for_roads)
}

/// Functions of zones that are roads.
pub fn is_for_roads(function: &str) -> bool {
    matches!(function, "giao_thong" | "DGT")
}

fn of_parcel(parcel: &Parcel, speaking: &[&Zone]) -> Bilingual {
    let name = parcel_name(parcel);
    let (road, land): (Vec<&Zone>, Vec<&Zone>) = speaking.iter().partition(|zone| is_road(zone));
    let mut said = match &land[..] {
        [] if !road.is_empty() => {
            Bilingual::new("nằm trong đất quy hoạch làm đường", "lies in land planned for a road")
        }
        [] => {
            let mut said = Bilingual::new(format!("{}.", name.vi), format!("{}.", name.en));
            add(&mut said, no_plan());
            add_cut(&mut said, parcel, &road);
            return said;
        }
        [only] => may(only),
        several => shares(several),
    };
    said = Bilingual::new(format!("{}: {}.", name.vi, said.vi), format!("{}: {}.", name.en, said.en));
    add_cut(&mut said, parcel, &road);
    said
}

fn parcel_name(parcel: &Parcel) -> Bilingual {
    let former = parcel.former_unit.as_deref();
    let (vi_of, en_of) = former.map_or((String::new(), String::new()), |unit| {
        (format!(" ({} cũ)", inside(unit)), format!(" (former {unit})"))
    });
    match (&parcel.number, &parcel.sheet) {
        (Some(number), Some(sheet)) => {
            Bilingual::new(format!("Thửa {number}, tờ {sheet}{vi_of}"), format!("Plot {number}, sheet {sheet}{en_of}"))
        }
        _ => Bilingual::new(format!("Thửa này{vi_of}"), format!("This plot{en_of}")),
    }
}

fn no_plan() -> Bilingual {
    Bilingual::new(
        "Chưa có dữ liệu quy hoạch chi tiết ở đây. Hỏi: Phòng Kinh tế, Hạ tầng và Đô thị.",
        "No detailed planning data here yet. Ask the ward's Economy, Infrastructure and Urban Affairs office.",
    )
}

/// What may be built in one zone, with its limits.
fn may(zone: &Zone) -> Bilingual {
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
            return with_limits(&vi, &en, zone, false);
        }
    };
    with_limits(vi, en, zone, true)
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

/// A plot on several zones: the largest with their shares.
fn shares(zones: &[&Zone]) -> Bilingual {
    let part = |zone: &&Zone, vi: bool| {
        let share = zone.share.unwrap_or(0.0) * 100.0;
        let may = may(zone);
        let area = zone.area_m2.unwrap_or(0.0);
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

/// What a road takes: by the red line where it cuts the plot, else by the zone that is a road's.
fn add_cut(said: &mut Bilingual, parcel: &Parcel, road: &[&Zone]) {
    let red_lines = parcel
        .lines
        .iter()
        .filter(|line| !line.within_accuracy)
        .filter(|line| line.plan.as_ref().is_none_or(is_in_force));
    let cut = red_lines.filter_map(|line| line.cut_m2).fold(0.0_f64, f64::max);
    let zoned: f64 = road.iter().filter_map(|zone| zone.area_m2).sum();
    let taken = if cut > 0.0 { cut } else { zoned };
    if taken >= 0.05 {
        add(
            said,
            Bilingual::new(
                format!("Đường mở rộng lấy {} m².", number_vi(taken, 1)),
                format!("Road widening takes {} m².", number_en(taken, 1)),
            ),
        );
    }
}

/// Where there is no plot in the data: what the plan says of the point. Streets and water have no plots, so there the
/// lack of one is nothing to tell.
fn here(answer: &Answer, speaking: &[&Zone]) -> Bilingual {
    let ground = answer.open_ground.as_ref().map(named_ground);
    let mut said = match (speaking.first(), &ground) {
        (None, None) => no_plan(),
        (None, Some(ground)) => {
            let mut said = Bilingual::new(format!("Đây là {}.", ground.vi), format!("This is {}.", ground.en));
            add(&mut said, no_plan());
            said
        }
        (Some(zone), Some(ground)) => {
            let may = may(zone);
            Bilingual::new(format!("Đây là {}: {}.", ground.vi, may.vi), format!("This is {}: {}.", ground.en, may.en))
        }
        (Some(zone), None) => {
            let may = may(zone);
            Bilingual::new(
                format!("{}.", beginning(&format!("ở đây {}", may.vi))),
                format!("{}.", beginning(&format!("here, {}", may.en))),
            )
        }
    };
    if ground.is_none() && is_missing(&answer.missing, "parcel") {
        add(&mut said, Bilingual::new("Chưa có dữ liệu thửa đất ở đây.", "No parcel data here yet."));
    }
    said
}

/// "đường Lê Lợi" for Lê Lợi, "Đường Lê Lợi" and "Hẻm 33" alike; water is called by its name.
fn named_ground(ground: &OpenGround) -> Bilingual {
    const SAID: [&str; 11] =
        ["đường", "phố", "hẻm", "ngõ", "đại lộ", "cầu", "hầm", "quảng trường", "công trường", "công xã", "vòng xoay"];
    let small = inside(&ground.name);
    let is_said = SAID.iter().any(|word| small.starts_with(word));
    if ground.layer != "road" {
        return Bilingual::new(small, ground.name.clone());
    }
    let vi = if is_said { small } else { format!("đường {}", ground.name) };
    Bilingual::new(vi, format!("the street {}", ground.name))
}

/// Another level in force that says something else: both stand beside each other. The sentence follows the more
/// detailed plan and says so; which of the two binds is for the authority to answer, not for us.
fn contradiction(zones: &[Zone], speaking: &[&Zone]) -> Option<Bilingual> {
    let first = speaking.first()?;
    let spoken: Vec<_> = speaking.iter().map(|zone| zone.id).collect();
    let other = zones.iter().filter(|zone| !spoken.contains(&zone.id)).find(|zone| {
        !zone.within_accuracy
            && zone.plan.as_ref().is_some_and(is_in_force)
            && zone.layer == first.layer
            && zone.plan.as_ref().map(|plan| plan.id) != first.plan.as_ref().map(|plan| plan.id)
            && zone.share.is_none_or(|share| share > 0.02)
            && !speaking.iter().any(|spoken| same_say(spoken, zone))
    })?;
    let (level, followed) = (level_of(other.plan.as_ref()?), first.plan.as_ref().map(level_of));
    let may = may(other);
    let mut said = Bilingual::new(
        format!("{} (cũng đang hiệu lực) ghi khác: {}.", beginning(&level.vi), may.vi),
        format!("The {}, also in force, says otherwise: {}.", inside(&level.en), may.en),
    );
    if let Some(followed) = followed {
        add(
            &mut said,
            Bilingual::new(
                format!(
                    "Câu trên theo {}, chi tiết hơn; chỗ khác nhau: hỏi cơ quan quản lý quy hoạch.",
                    inside(&followed.vi)
                ),
                format!(
                    "The answer above follows the {}, which is more detailed; where they differ, ask the planning authority.",
                    inside(&followed.en)
                ),
            ),
        );
    }
    Some(said)
}

/// "Quy hoạch chung 1:10000".
fn level_of(plan: &Plan) -> Bilingual {
    let level = plan.level_title.clone().unwrap_or_else(|| Bilingual::new("Quy hoạch khác", "other plan"));
    let scale = plan.scale.as_deref().map(|scale| format!(" {scale}")).unwrap_or_default();
    Bilingual::new(format!("{}{scale}", level.vi), format!("{}{scale}", level.en))
}

fn same_say(a: &Zone, b: &Zone) -> bool {
    let agree = |a: Option<f64>, b: Option<f64>| a.is_none() || b.is_none() || a == b;
    a.function == b.function
        && agree(a.storeys_max.map(|n| n as f64), b.storeys_max.map(|n| n as f64))
        && agree(a.coverage_max_pct, b.coverage_max_pct)
}

/// On what ground: decision, date, drawing.
fn ground(answer: &Answer, speaking: &[&Zone]) -> Bilingual {
    let mut said = Bilingual::new("", "");
    if let Some(plan) = speaking.iter().find_map(|zone| zone.plan.as_ref()) {
        add(&mut said, of_plan(plan));
    }
    if answer.illustrative {
        add(&mut said, Bilingual::new("Dữ liệu minh họa.", "Illustrative data."));
    }
    add(&mut said, Bilingual::new("Thông tin tham khảo.", "For reference only."));
    said
}

fn of_plan(plan: &Plan) -> Bilingual {
    let (mut vi, mut en) = match (&plan.decision_number, &plan.name) {
        (Some(number), _) => (format!("Theo quyết định {number}"), format!("By decision {number}")),
        (None, Some(name)) => (format!("Theo {}", inside(name)), format!("By {name}")),
        (None, None) => (
            "Theo đồ án quy hoạch không ghi số quyết định".to_owned(),
            "By a plan without a decision number".to_owned(),
        ),
    };
    if let Some(date) = plan.decision_date {
        vi.push_str(&format!(" ngày {}", date_vi(date)));
        en.push_str(&format!(" of {}", date_en(date)));
    }
    if let Some(scale) = &plan.scale {
        vi.push_str(&format!(", bản vẽ {scale}"));
        en.push_str(&format!(", drawing {scale}"));
    }
    if plan.status.as_deref() == Some("dieu_chinh") {
        vi.push_str(", đang điều chỉnh");
        en.push_str(", being adjusted");
    }
    Bilingual::new(format!("{vi}."), format!("{en}."))
}

/// Adds a sentence.
fn add(said: &mut Bilingual, more: Bilingual) {
    for (text, more) in [(&mut said.vi, more.vi), (&mut said.en, more.en)] {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&more);
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use uuid::Uuid;

    use super::*;
    use crate::lookup::answer::{AreaKind, Line, LngLat};

    fn plan(number: &str, level: &str) -> Plan {
        Plan {
            id: Uuid::new_v5(&Uuid::NAMESPACE_OID, number.as_bytes()),
            name: None,
            level: Some(level.to_owned()),
            level_title: Some(match level {
                "chung" => Bilingual::new("Quy hoạch chung", "General plan"),
                _ => Bilingual::new("Quy hoạch phân khu", "Zoning plan"),
            }),
            decision_number: Some(number.to_owned()),
            decision_date: NaiveDate::from_ymd_opt(2024, 3, 12),
            authority: None,
            scale: Some("1:2000".to_owned()),
            status: Some("hieu_luc".to_owned()),
            status_title: None,
            document: None,
            illustrative: false,
        }
    }

    fn zone(function: &str, share: f64, plan: Plan) -> Zone {
        Zone {
            id: Uuid::new_v5(&plan.id, function.as_bytes()),
            layer: "planning_zone".to_owned(),
            code: None,
            title: Bilingual::new("Đất cây xanh, công viên", "Green space"),
            colour: None,
            area_m2: Some(100.0 * share),
            share: Some(share),
            within_accuracy: false,
            function: Some(function.to_owned()),
            storeys_min: None,
            storeys_max: Some(5),
            coverage_max_pct: Some(80.0),
            far_max: None,
            height_max_m: None,
            setback_m: None,
            plan: Some(plan),
        }
    }

    fn answer(zones: Vec<Zone>, cut_m2: Option<f64>) -> Answer {
        let line = Line {
            id: Uuid::nil(),
            kind: "chi_gioi_duong_do".to_owned(),
            title: Bilingual::new("Chỉ giới đường đỏ", "Red line"),
            road_name: None,
            cut_m2,
            depth_m: None,
            within_accuracy: false,
            plan: None,
        };
        let parcel = Parcel {
            id: Uuid::nil(),
            version: 1,
            sheet: Some("12".to_owned()),
            number: Some("345".to_owned()),
            former_unit: Some("Phường Bến Nghé".to_owned()),
            area_m2: 100.0,
            area_kind: AreaKind::Legal,
            document_area_m2: None,
            official_id: None,
            land_use: vec![],
            geometry: serde_json::Value::Null,
            zones,
            lines: vec![line],
            buildings: vec![],
            address: vec![],
        };
        Answer {
            position: String::new(),
            date: NaiveDate::default(),
            at: LngLat { lon: 0.0, lat: 0.0 },
            vn2000: None,
            vn2000_note: None,
            illustrative: false,
            answer: Bilingual::new("", ""),
            ground: Bilingual::new("", ""),
            beside: None,
            open_ground: None,
            disclaimer: disclaimer(),
            unit: None,
            parcels: vec![parcel],
            zones: vec![],
            around: vec![],
            works: vec![],
            missing: vec![],
            sources: vec![],
        }
    }

    #[test]
    fn it_reads_as_the_look_page_shows() {
        let (said, ground, _) =
            say(&answer(vec![zone("o_hien_huu", 1.0, plan("5678/QĐ-UBND", "phan_khu"))], Some(6.2)));
        assert_eq!(
            said.vi,
            "Thửa 345, tờ 12 (phường Bến Nghé cũ): được xây nhà ở đến 5 tầng, phủ tối đa 80 % đất. Đường mở rộng lấy 6,2 m²."
        );
        assert_eq!(
            said.en,
            "Plot 345, sheet 12 (former Phường Bến Nghé): a house may be built up to 5 storeys, covering at most 80% of the land. \
             Road widening takes 6.2 m²."
        );
        assert_eq!(ground.vi, "Theo quyết định 5678/QĐ-UBND ngày 12/03/2024, bản vẽ 1:2000. Thông tin tham khảo.");
    }

    #[test]
    fn what_is_not_known_is_never_free() {
        let (said, _, _) = say(&answer(vec![], None));
        assert!(said.vi.contains("Chưa có dữ liệu quy hoạch chi tiết ở đây"), "{}", said.vi);
        let mut bare = zone("o_hien_huu", 1.0, plan("1/QĐ", "chi_tiet"));
        (bare.storeys_max, bare.coverage_max_pct) = (None, None);
        let (said, _, _) = say(&answer(vec![bare], None));
        assert!(said.vi.contains("chưa có dữ liệu về số tầng"), "{}", said.vi);
        for text in [said.vi, said.en] {
            assert!(!text.contains("không hạn chế") && !text.contains("no restriction"), "{text}");
        }
    }

    #[test]
    fn a_plot_on_two_zones_is_told_of_both_with_their_shares() {
        let plan = plan("5678/QĐ-UBND", "phan_khu");
        let zones = vec![zone("o_hien_huu", 0.62, plan.clone()), zone("cay_xanh", 0.38, plan)];
        let (said, _, _) = say(&answer(zones, None));
        assert!(said.vi.contains("nằm trên 2 ô quy hoạch: 62 m² (62 %) được xây nhà ở"), "{}", said.vi);
        assert!(said.vi.contains("38 m² (38 %) quy hoạch là đất cây xanh"), "{}", said.vi);
    }

    #[test]
    fn land_for_a_road_is_told_as_widening() {
        let plan = plan("5678/QĐ-UBND", "phan_khu");
        let zones = vec![zone("o_hien_huu", 0.9, plan.clone()), zone("giao_thong", 0.1, plan)];
        let (said, _, _) = say(&answer(zones, None));
        assert!(
            said.vi.ends_with("được xây nhà ở đến 5 tầng, phủ tối đa 80 % đất. Đường mở rộng lấy 10 m²."),
            "{}",
            said.vi
        );
    }

    #[test]
    fn a_strip_thinner_than_the_drawing_is_exact_is_no_widening() {
        let plan = plan("5678/QĐ-UBND", "phan_khu");
        let mut sliver = zone("giao_thong", 0.01, plan.clone());
        sliver.within_accuracy = true;
        let mut answer = answer(vec![zone("o_hien_huu", 0.99, plan), sliver], Some(1.2));
        answer.parcels[0].lines[0].within_accuracy = true;
        let (said, _, _) = say(&answer);
        assert!(said.vi.ends_with("được xây nhà ở đến 5 tầng, phủ tối đa 80 % đất."), "{}", said.vi);
    }

    #[test]
    fn levels_that_contradict_stand_beside_each_other() {
        let mut general = zone("cay_xanh", 1.0, plan("1/QĐ-TTg", "chung"));
        general.storeys_max = None;
        let zones = vec![zone("o_hien_huu", 1.0, plan("5678/QĐ-UBND", "phan_khu")), general];
        let (said, _, beside) = say(&answer(zones, None));
        assert!(said.vi.ends_with("được xây nhà ở đến 5 tầng, phủ tối đa 80 % đất."), "{}", said.vi);
        let beside = beside.expect("the general plan says otherwise");
        assert!(
            beside.vi.starts_with("Quy hoạch chung 1:2000 (cũng đang hiệu lực) ghi khác: quy hoạch là đất cây xanh"),
            "{}",
            beside.vi
        );
        assert!(beside.vi.contains("Câu trên theo quy hoạch phân khu 1:2000, chi tiết hơn"), "{}", beside.vi);
        assert!(beside.en.contains("The answer above follows the zoning plan 1:2000"), "{}", beside.en);
    }

    #[test]
    fn a_point_in_a_street_or_in_water_is_called_by_its_name_and_lacks_no_plot() {
        for (layer, name, vi) in [
            ("road", "Lê Lợi", "Đây là đường Lê Lợi: quy hoạch là đất cây xanh"),
            ("road", "Đường Lê Lợi", "Đây là đường Lê Lợi: quy hoạch là đất cây xanh"),
            ("road", "Hẻm 33 Lê Lợi", "Đây là hẻm 33 Lê Lợi: quy hoạch là đất cây xanh"),
            ("water_area", "Sông Sài Gòn", "Đây là sông Sài Gòn: quy hoạch là đất cây xanh"),
        ] {
            let mut asked = answer(vec![], None);
            asked.parcels.clear();
            asked.zones = vec![zone("cay_xanh", 1.0, plan("5678/QĐ-UBND", "phan_khu"))];
            asked.open_ground = Some(OpenGround { layer: layer.to_owned(), name: name.to_owned() });
            let (said, _, _) = say(&asked);
            assert!(said.vi.starts_with(vi), "{}", said.vi);
            assert!(!said.vi.contains("thửa"), "{}", said.vi);
            let general = zone("o_moi", 1.0, plan("1/QĐ-TTg", "chung"));
            asked.zones = vec![zone("giao_thong", 1.0, plan("5678/QĐ-UBND", "phan_khu")), general];
            assert_eq!(say(&asked).2, None, "a general plan draws no streets");
        }
    }

    #[test]
    fn a_plan_that_is_no_longer_in_force_does_not_speak() {
        let mut old = plan("5678/QĐ-UBND", "chi_tiet");
        old.status = Some("thay_the".to_owned());
        let (said, ground, _) = say(&answer(vec![zone("o_hien_huu", 1.0, old)], None));
        assert!(said.vi.contains("Chưa có dữ liệu quy hoạch"), "{}", said.vi);
        assert!(!ground.vi.contains("5678"), "{}", ground.vi);
    }
}
