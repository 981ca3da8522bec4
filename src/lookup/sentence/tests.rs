//! What the sentence says.

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
        speaks_m2: Some(100.0 * share),
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
        unplanned_m2: None,
        lines: vec![line],
        buildings: vec![],
        address: vec![],
    };
    Answer {
        position: String::new(),
        date: NaiveDate::default(),
        known_at: None,
        as_of: Bilingual::new("", ""),
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
    let (said, ground, _) = say(&answer(vec![zone("o_hien_huu", 1.0, plan("5678/QĐ-UBND", "phan_khu"))], Some(6.2)));
    assert_eq!(
        said.vi,
        "Thửa 345, tờ 12 (phường Bến Nghé cũ): được xây nhà ở đến 5 tầng, phủ tối đa 80 % đất. Đường mở rộng lấy 6,2 m²."
    );
    assert_eq!(
        said.en,
        "Plot 345, sheet 12 (former Bến Nghé Ward): a house may be built up to 5 storeys, covering at most 80% of the land. \
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
fn limits_that_a_use_cannot_have_are_doubted_and_not_promised() {
    let said = |function: &str, storeys, coverage| {
        let mut zone = zone(function, 1.0, plan("5678/QĐ-UBND", "phan_khu"));
        (zone.storeys_max, zone.coverage_max_pct) = (storeys, coverage);
        say(&answer(vec![zone], None)).0
    };
    let water = said("mat_nuoc", Some(32), Some(60.0));
    assert!(
        !water.vi.contains("đến 32 tầng") && water.vi.contains("dữ liệu còn ghi 32 tầng, phủ 60 %"),
        "{}",
        water.vi
    );
    assert!(!water.en.contains("up to") && water.en.contains("does not fit this use"), "{}", water.en);
    assert!(said("cay_xanh", Some(1), Some(5.0)).vi.contains("đến 1 tầng, phủ tối đa 5 % đất"));
    assert!(said("cay_xanh", Some(12), None).vi.contains("không hợp"));
    assert!(!said("mat_nuoc", None, None).vi.contains("không hợp"));
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
    sliver.speaks_m2 = None;
    let mut answer = answer(vec![zone("o_hien_huu", 0.99, plan), sliver], Some(1.2));
    answer.parcels[0].lines[0].within_accuracy = true;
    let (said, _, _) = say(&answer);
    assert!(said.vi.ends_with("được xây nhà ở đến 5 tầng, phủ tối đa 80 % đất."), "{}", said.vi);
}

#[test]
fn levels_that_contradict_stand_beside_each_other() {
    let mut general = zone("cay_xanh", 1.0, plan("1/QĐ-TTg", "chung"));
    general.storeys_max = None;
    general.speaks_m2 = None;
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
        let at_a_point = |zone: Zone| Zone { area_m2: None, share: None, speaks_m2: None, ..zone };
        asked.zones = vec![at_a_point(zone("cay_xanh", 1.0, plan("5678/QĐ-UBND", "phan_khu")))];
        asked.open_ground = Some(OpenGround { layer: layer.to_owned(), name: name.to_owned() });
        let (said, _, _) = say(&asked);
        assert!(said.vi.starts_with(vi), "{}", said.vi);
        assert!(!said.vi.contains("thửa"), "{}", said.vi);
        let general = zone("o_moi", 1.0, plan("1/QĐ-TTg", "chung"));
        let road = zone("giao_thong", 1.0, plan("5678/QĐ-UBND", "phan_khu"));
        asked.zones = [road, general].map(at_a_point).to_vec();
        assert_eq!(say(&asked).2, None, "a general plan draws no streets");
    }
}

#[test]
fn a_plan_that_is_no_longer_in_force_does_not_speak() {
    let mut old = plan("5678/QĐ-UBND", "chi_tiet");
    old.status = Some("thay_the".to_owned());
    let silent = Zone { speaks_m2: None, ..zone("o_hien_huu", 1.0, old) };
    let (said, ground, _) = say(&answer(vec![silent], None));
    assert!(said.vi.contains("Chưa có dữ liệu quy hoạch"), "{}", said.vi);
    assert!(!ground.vi.contains("5678"), "{}", ground.vi);
}
