//! On what ground the sentence stands, and what another level in force says differently.

use super::{add, is_in_force, may::may};
use crate::lookup::{
    answer::{Answer, Bilingual, Plan, Zone},
    words::{beginning, date_en, date_vi, inside},
};

/// Another level in force that says something else: both stand beside each other. The sentence follows the more
/// detailed plan and says so; which of the two binds is for the authority to answer, not for us.
pub fn contradiction(zones: &[Zone], speaking: &[&Zone]) -> Option<Bilingual> {
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
pub fn ground(answer: &Answer, speaking: &[&Zone]) -> Bilingual {
    let mut said = Bilingual::new("", "");
    let mut told = Vec::new();
    for plan in speaking.iter().filter_map(|zone| zone.plan.as_ref()) {
        if !told.contains(&plan.id) {
            told.push(plan.id);
            add(&mut said, of_plan(plan));
        }
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
