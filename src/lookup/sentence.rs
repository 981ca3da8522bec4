//! The answer in one plain sentence, and the ground it stands on, as a good civil servant would say it.
//!
//! Only plans in force speak in the first sentence; others are told of beside it. What is not in the data is said to be
//! missing, never left out: silence would read as "nothing applies".

mod ground;
mod may;

use ground::{contradiction, ground};
use may::{may, shares};

use super::{
    answer::{Answer, Bilingual, OpenGround, Parcel, Plan, Zone},
    gather::is_missing,
    words::{beginning, inside, number_en, number_vi, unit_en},
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

/// The zones that speak: each for its part of a plot; at a point those of the most detailed plan in force.
fn speaking(zones: &[Zone]) -> Vec<&Zone> {
    if zones.iter().any(|zone| zone.speaks_m2.is_some()) {
        return zones.iter().filter(|zone| zone.speaks_m2.is_some()).collect();
    }
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
    let is_part = parcel.unplanned_m2.is_some();
    let mut said = match &land[..] {
        [] if !road.is_empty() => {
            let taken = road.iter().filter_map(|zone| zone.speaks_m2).sum::<f64>();
            let (vi, en) = ("nằm trong đất quy hoạch làm đường", "lies in land planned for a road");
            if is_part { part(taken, parcel.area_m2, vi, en) } else { Bilingual::new(vi, en) }
        }
        [] => {
            let mut said = Bilingual::new(format!("{}.", name.vi), format!("{}.", name.en));
            add(&mut said, no_plan());
            add_cut(&mut said, parcel, &road);
            return said;
        }
        [only] if is_part => {
            let may = may(only);
            part(only.speaks_m2.unwrap_or(0.0), parcel.area_m2, &may.vi, &may.en)
        }
        [only] => may(only),
        several => shares(several, parcel.area_m2),
    };
    let is_all_road = land.is_empty();
    said = Bilingual::new(format!("{}: {}.", name.vi, said.vi), format!("{}: {}.", name.en, said.en));
    if !(is_all_road && is_part) {
        add_cut(&mut said, parcel, &road);
    }
    if let Some(rest) = parcel.unplanned_m2 {
        add(&mut said, unplanned(rest, parcel.area_m2));
    }
    said
}

/// A part of a plot: "trên 12,5 m² (15 %) …".
fn part(area_m2: f64, of_m2: f64, vi: &str, en: &str) -> Bilingual {
    let percent = percent(area_m2, of_m2);
    Bilingual::new(
        format!("{} m² ({} %) {vi}", number_vi(area_m2, 1), number_vi(percent, 0)),
        format!("on {} m² ({}%) {en}", number_en(area_m2, 1), number_en(percent, 0)),
    )
}

fn percent(area_m2: f64, of_m2: f64) -> f64 {
    if of_m2 > 0.0 { (area_m2 / of_m2).min(1.0) * 100.0 } else { 0.0 }
}

/// What no plan in the data speaks for is missing, and not free.
fn unplanned(area_m2: f64, of_m2: f64) -> Bilingual {
    let percent = percent(area_m2, of_m2);
    Bilingual::new(
        format!("Còn {} m² ({} %) chưa có dữ liệu quy hoạch.", number_vi(area_m2, 1), number_vi(percent, 0)),
        format!("No planning data for the other {} m² ({}%).", number_en(area_m2, 1), number_en(percent, 0)),
    )
}

fn parcel_name(parcel: &Parcel) -> Bilingual {
    let former = parcel.former_unit.as_deref();
    let (vi_of, en_of) = former.map_or((String::new(), String::new()), |unit| {
        (format!(" ({} cũ)", inside(unit)), format!(" (former {})", unit_en(unit)))
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

/// What a road takes: by the red line where it cuts the plot, or by the zone that is a road's, whichever is more.
fn add_cut(said: &mut Bilingual, parcel: &Parcel, road: &[&Zone]) {
    let red_lines = parcel
        .lines
        .iter()
        .filter(|line| !line.within_accuracy)
        .filter(|line| line.plan.as_ref().is_none_or(is_in_force));
    let cut = red_lines.filter_map(|line| line.cut_m2).fold(0.0_f64, f64::max);
    let zoned: f64 = road.iter().filter_map(|zone| zone.speaks_m2.or(zone.area_m2)).sum();
    let taken = cut.max(zoned);
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
        (None, None) => nothing_at(answer),
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
    if ground.is_none() && answer.unit.is_some() && is_missing(&answer.missing, "parcel") {
        add(&mut said, Bilingual::new("Chưa có dữ liệu thửa đất ở đây.", "No parcel data here yet."));
    }
    said
}

/// Where nothing is drawn: in which unit that is; on the open sea and abroad no ward's office is asked.
fn nothing_at(answer: &Answer) -> Bilingual {
    let Some(unit) = &answer.unit else {
        return Bilingual::new(
            "Nơi này nằm ngoài các phường, xã có trong dữ liệu.",
            "This place lies outside the wards and communes in the data.",
        );
    };
    let plan = no_plan();
    Bilingual::new(format!("{}. {}", unit.name, plan.vi), format!("{}. {}", unit_en(&unit.name), plan.en))
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
mod tests;
