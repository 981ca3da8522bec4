//! What invitations and recoveries say: Vietnamese first, English below, in plain text.

use uuid::Uuid;

use super::link;
use crate::mail::{Letter, Site};

/// Why somebody gets a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An administrator asks them in, or back in.
    Invitation,
    /// They say that they forgot the password.
    Recovery,
}

impl Kind {
    /// The kind that a word of the database stands for; an unknown one says the least.
    pub(super) fn from_code(code: &str) -> Self {
        if code == "invitation" { Self::Invitation } else { Self::Recovery }
    }
}

/// Who a letter is for and what it brings.
pub(super) struct Told<'t> {
    pub id: Uuid,
    pub kind: Kind,
    pub to: &'t str,
    pub account: &'t str,
    pub name: &'t str,
    pub token: &'t str,
}

/// The letter with a link.
pub(super) fn letter(told: &Told<'_>, site: &Site) -> Letter {
    let Told { account, name, .. } = told;
    let (link, hours) = (format!("{site}{}", link::path(told.token)), link::HOURS);
    let (subject, vi, en) = match told.kind {
        Kind::Invitation => (
            format!("Tài khoản {account}: hãy đặt mật khẩu · Choose a password"),
            format!("Quản trị viên mời bạn vào bản đồ đô thị tại {site} với tài khoản “{account}”."),
            format!("An administrator invites you to the city's map at {site} with the account “{account}”."),
        ),
        Kind::Recovery => (
            format!("Tài khoản {account}: đặt lại mật khẩu · Set a new password"),
            format!("Có người, có lẽ là bạn, đã quên mật khẩu của tài khoản “{account}” tại {site}."),
            format!("Somebody, probably you, has forgotten the password of the account “{account}” at {site}."),
        ),
    };
    let text = format!(
        "Chào {name},\n\n{vi}\n\
         Mở liên kết dưới đây để tự đặt mật khẩu. Liên kết dùng được một lần, trong {hours} giờ.\n\n{link}\n\n\
         Không chờ thư này? Hãy bỏ qua: khi chưa dùng liên kết thì không có gì thay đổi. Đừng chuyển thư cho ai.\n\n\
         --------\n\n\
         Hello {name},\n\n{en}\n\
         Open the link above to choose a password. It is good once, for {hours} hours.\n\n\
         Not expecting this? Ignore it: nothing changes until the link is used. Pass it on to nobody.\n"
    );
    Letter { id: told.id, to: told.to.to_owned(), subject, text }
}
