//! The rows of a layer as a table, and its attributes as a schema: what those who work here read before they write.
//!
//! Rows come from PostGIS, not from the core: the truth, with everything that staff see and the core does not hold.

pub mod export;
pub mod http;
pub mod orders;
mod question;
mod schema;
mod store;

use serde::Serialize;

use crate::{
    catalog::{Layer, Master, Text},
    identity::{
        principal::Principal,
        rights::{Action, Area, Decision, Target, may, rights},
    },
};

/// May somebody write a layer, where, and if not, why?
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Editing {
    /// Somewhere at least.
    pub may: bool,
    /// Why, or why not.
    pub reason: Text,
    /// Where.
    pub area: Option<Area>,
}

/// Says it from the same table that decides when something is written.
pub fn editing(who: &Principal, layer: &Layer) -> Editing {
    let no = |vi: &str, en: &str| Editing { may: false, reason: text(vi, en), area: None };
    if layer.master == Master::Case {
        return no("Lớp này do hồ sơ ghi, không sửa trực tiếp", "Written by cases, not by hand");
    }
    let action = Action::edit(&layer.group);
    match may(who, action, &Target::City) {
        Decision::Allowed => {}
        Decision::SignIn => return no("Cần đăng nhập", "Sign in first"),
        Decision::NoRole => {
            return no("Vai trò của bạn chỉ xem lớp này", "Your role may look at this layer, not change it");
        }
        Decision::OtherArea => return no("Ngoài địa bàn được giao", "Outside the area you were given"),
        Decision::NoScope => return no("Mã truy cập không có phạm vi này", "The token lacks this scope"),
        Decision::NoToken => {
            return no("Mã truy cập không thay được xác thực hai lớp", "A token cannot stand for a second factor");
        }
        Decision::SecondFactor => return no("Cần đăng ký xác thực hai lớp trước", "Set up your second factor first"),
    }
    let area = rights(who).into_iter().find(|right| right.action == action).and_then(|right| right.area);
    let is_bound = matches!(area, Some(Area::Units(_)));
    if is_bound && !layer.has_geometry() {
        return no(
            "Không có vị trí: cần quyền trên toàn thành phố",
            "It has no place: this takes a right for the whole city",
        );
    }
    let reason = if is_bound {
        text("Được sửa trong địa bàn được giao", "Editable in the area you were given")
    } else {
        text("Được sửa", "Editable")
    };
    Editing { may: true, reason, area }
}

fn text(vi: &str, en: &str) -> Text {
    Text { vi: vi.to_owned(), en: en.to_owned() }
}
