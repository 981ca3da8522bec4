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
