//! Who may do what, and where: one function decides, by the one table below.
//!
//! A right is role × action × area. `docs/rights.md` is written from the same table.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use axum::http::StatusCode;
use serde::Serialize;

use super::principal::{How, Principal};
use crate::http::problem::Problem;

/// What a person is in a city.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Anybody, without a name.
    Public,
    /// A citizen with an account.
    Citizen,
    /// Takes dossiers in.
    Reception,
    /// Examines dossiers.
    Officer,
    /// Numbers and stamps what was decided.
    Clerk,
    /// Signs.
    Signatory,
    /// Visits sites.
    Inspector,
    /// Draws plans.
    Planner,
    /// Keeps trees, pipes and lamps.
    AssetKeeper,
    /// Watches what is late.
    Leader,
    /// Gives people their rights.
    Administrator,
}

impl Role {
    /// All of them, in the order of the table's columns.
    pub const ALL: [Self; 11] = [
        Self::Public,
        Self::Citizen,
        Self::Reception,
        Self::Officer,
        Self::Clerk,
        Self::Signatory,
        Self::Inspector,
        Self::Planner,
        Self::AssetKeeper,
        Self::Leader,
        Self::Administrator,
    ];

    /// The word for it in the database, on the command line and in answers.
    pub fn code(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Citizen => "citizen",
            Self::Reception => "reception",
            Self::Officer => "officer",
            Self::Clerk => "clerk",
            Self::Signatory => "signatory",
            Self::Inspector => "inspector",
            Self::Planner => "planner",
            Self::AssetKeeper => "asset_keeper",
            Self::Leader => "leader",
            Self::Administrator => "administrator",
        }
    }

    /// The role that a word stands for.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }

    /// Works for the city: everybody but the public and citizens.
    pub fn is_staff(self) -> bool {
        !matches!(self, Self::Public | Self::Citizen)
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, into: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        into.write_str(self.code())
    }
}

/// What can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Looks at what the catalog opens.
    SeeOpen,
    /// Signs out, changes the own password.
    OwnAccount,
    /// Looks at what only staff see: closed layers, who changed what.
    SeeStaff,
    /// Writes features of plans.
    EditPlanning,
    /// Writes parcels, buildings, addresses.
    EditLand,
    /// Writes trees, pipes, lamps, power.
    EditAssets,
    /// Writes boundaries, laws, streets: what a city does not draw itself every day.
    EditBase,
    /// Keeps drafts and sends them for review.
    Draft,
    /// Approves the draft of somebody else.
    Review,
    /// Looks up a person, for a purpose.
    LookUpPerson,
    /// Reads who looked up whom, and why.
    SeeLookUps,
    /// Makes people, gives and takes rights.
    ManagePeople,
}

impl Action {
    /// All of them, in the order of the table's rows.
    pub const ALL: [Self; 12] = [
        Self::SeeOpen,
        Self::OwnAccount,
        Self::SeeStaff,
        Self::EditPlanning,
        Self::EditLand,
        Self::EditAssets,
        Self::EditBase,
        Self::Draft,
        Self::Review,
        Self::LookUpPerson,
        Self::SeeLookUps,
        Self::ManagePeople,
    ];

    /// The word for it, which is also the scope of an API token.
    pub fn code(self) -> &'static str {
        match self {
            Self::SeeOpen => "see_open",
            Self::OwnAccount => "own_account",
            Self::SeeStaff => "see_staff",
            Self::EditPlanning => "edit_planning",
            Self::EditLand => "edit_land",
            Self::EditAssets => "edit_assets",
            Self::EditBase => "edit_base",
            Self::Draft => "draft",
            Self::Review => "review",
            Self::LookUpPerson => "look_up_person",
            Self::SeeLookUps => "see_look_ups",
            Self::ManagePeople => "manage_people",
        }
    }

    /// The action that a word stands for.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.code() == code)
    }

    /// What writing a layer of this group (`catalog::Layer::group`) is. Groups that a city adds are its assets.
    pub fn edit(group: &str) -> Self {
        match group {
            "planning" => Self::EditPlanning,
            "land" | "construction" => Self::EditLand,
            "boundary" | "law" | "transport" => Self::EditBase,
            _ => Self::EditAssets,
        }
    }

    /// The roles that may, and whether only inside their area.
    fn row(self) -> (&'static [Role], Reach) {
        use Role::{
            Administrator, AssetKeeper, Citizen, Clerk, Inspector, Leader, Officer, Planner, Reception, Signatory,
        };
        const SIGNED_IN: &[Role] =
            &[Citizen, Reception, Officer, Clerk, Signatory, Inspector, Planner, AssetKeeper, Leader, Administrator];
        const STAFF: &[Role] =
            &[Reception, Officer, Clerk, Signatory, Inspector, Planner, AssetKeeper, Leader, Administrator];
        match self {
            Self::SeeOpen => (&Role::ALL, Reach::Anywhere),
            Self::OwnAccount => (SIGNED_IN, Reach::Anywhere),
            Self::SeeStaff => (STAFF, Reach::Anywhere),
            Self::EditPlanning | Self::Draft => (&[Planner], Reach::OwnArea),
            Self::EditLand => (&[Planner, Officer], Reach::OwnArea),
            Self::EditAssets => (&[AssetKeeper], Reach::OwnArea),
            Self::EditBase => (&[Planner, Administrator], Reach::OwnArea),
            Self::Review => (&[Planner, Signatory], Reach::OwnArea),
            Self::LookUpPerson => (&[Reception, Officer, Clerk, Signatory, Inspector], Reach::OwnArea),
            Self::SeeLookUps => (&[Leader, Administrator], Reach::Anywhere),
            Self::ManagePeople => (&[Administrator], Reach::Anywhere),
        }
    }

    /// Does the table give this action to the role, somewhere?
    pub fn is_given_to(self, role: Role) -> bool {
        self.row().0.contains(&role)
    }

    /// Is it bound to the area of the grant?
    pub fn reach(self) -> Reach {
        self.row().1
    }
}

/// How far an action goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// In the whole city.
    Anywhere,
    /// Only in the units of the grant.
    OwnArea,
}

/// Where a grant holds: everywhere, or in administrative units by code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Area {
    /// The whole city.
    Everywhere,
    /// These units.
    Units(BTreeSet<String>),
}

impl Area {
    /// Does all of `target` lie inside?
    fn holds(&self, target: &Target) -> bool {
        match (self, target) {
            (Self::Everywhere, _) | (_, Target::City) => true,
            // Something that lies in no known unit is nobody's but theirs who have everything.
            (Self::Units(own), Target::Units(units)) => {
                !units.is_empty() && units.iter().all(|unit| own.contains(unit))
            }
        }
    }
}

/// What an action is done to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// No place in particular.
    City,
    /// Something that touches these administrative units (codes), before and after.
    Units(BTreeSet<String>),
}

impl Target {
    /// Something that touches these units.
    pub fn units<Code: Into<String>>(codes: impl IntoIterator<Item = Code>) -> Self {
        Self::Units(codes.into_iter().map(Into::into).collect())
    }
}

/// A role in an area.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Grant {
    /// What.
    pub role: Role,
    /// Where.
    pub area: Area,
}

/// A right as `/api/v1/me` says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Right {
    /// What one may do.
    pub action: Action,
    /// Where; null for an action that is not bound to a place.
    pub area: Option<Area>,
}

/// What [`may`] says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Go on.
    Allowed,
    /// Nobody is signed in, and the public may not.
    SignIn,
    /// No role of this person may.
    NoRole,
    /// A role may, but not there.
    OtherArea,
    /// The person may, but this token was not made for it.
    NoScope,
    /// The person may when signed in: their role needs a second factor, which a token does not have.
    NoToken,
    /// The person may, once they have the second factor that their role needs.
    SecondFactor,
}

impl Decision {
    /// Goes on, or says why not.
    ///
    /// # Errors
    /// 401 for a caller without a name, 403 for anybody else who may not.
    pub fn or_refuse(self) -> Result<(), Problem> {
        Err(match self {
            Self::Allowed => return Ok(()),
            Self::SignIn => Problem::new(StatusCode::UNAUTHORIZED, "sign-in", "Cần đăng nhập", "Sign in first"),
            Self::NoRole => Problem::forbidden(("Vai trò của bạn không có quyền này", "no role of yours may do this"))
                .with("reason", "role"),
            Self::OtherArea => Problem::forbidden(("Ngoài địa bàn được giao", "outside the area you were given"))
                .with("reason", "area"),
            Self::NoScope => Problem::forbidden(("Mã truy cập không có phạm vi này", "the token lacks this scope"))
                .with("reason", "scope"),
            Self::NoToken => Problem::forbidden((
                "Vai trò này cần xác thực hai lớp: hãy đăng nhập, mã truy cập không thay được",
                "this role needs a second factor: sign in, a token cannot stand for it",
            ))
            .with("reason", "token"),
            Self::SecondFactor => Problem::new(
                StatusCode::FORBIDDEN,
                "second-factor",
                "Vai trò của bạn cần xác thực hai lớp: hãy đăng ký trước",
                "Your role needs a second factor: set it up first",
            )
            .with("reason", "second_factor"),
        })
    }
}

/// May this caller do this, to that?
pub fn may(principal: &Principal, action: Action, target: &Target) -> Decision {
    if action.is_given_to(Role::Public) {
        return Decision::Allowed;
    }
    if principal.how == How::Public {
        return Decision::SignIn;
    }
    if principal.enrols {
        return Decision::SecondFactor;
    }
    if let How::Token { scopes } = &principal.how
        && !scopes.contains(&action)
    {
        return Decision::NoScope;
    }
    if !principal.grants.iter().any(|grant| action.is_given_to(grant.role)) {
        return Decision::NoRole;
    }
    let mut given = principal.grants_for(action).peekable();
    if given.peek().is_none() {
        return Decision::NoToken;
    }
    // Each unit may come from another grant: two wards by two grants are both one's own.
    let reached = action.reach() == Reach::Anywhere || {
        let areas: Vec<&Area> = given.map(|grant| &grant.area).collect();
        together(&areas).holds(target)
    };
    if reached { Decision::Allowed } else { Decision::OtherArea }
}

/// All that a caller may do.
pub fn rights(principal: &Principal) -> Vec<Right> {
    let allowed = |action: &Action| match may(principal, *action, &Target::City) {
        Decision::Allowed => true,
        Decision::SignIn
        | Decision::NoRole
        | Decision::OtherArea
        | Decision::NoScope
        | Decision::NoToken
        | Decision::SecondFactor => false,
    };
    let right = |action: Action| {
        let areas: Vec<&Area> = principal.grants_for(action).map(|grant| &grant.area).collect();
        Right { action, area: (action.reach() == Reach::OwnArea).then(|| together(&areas)) }
    };
    Action::ALL.into_iter().filter(allowed).map(right).collect()
}

fn together(areas: &[&Area]) -> Area {
    let mut all = BTreeSet::new();
    for area in areas {
        match area {
            Area::Everywhere => return Area::Everywhere,
            Area::Units(units) => all.extend(units.iter().cloned()),
        }
    }
    Area::Units(all)
}

/// The table as the page `docs/rights.md`.
pub fn page() -> String {
    let mut page = String::from(
        "# Who may do what\n\nWritten from `src/identity/rights.rs`; a test holds the two equal. `●` in the whole city, \
         `◐` in the administrative units of the grant, empty: never.\n\n| action |",
    );
    for role in Role::ALL {
        let _ = write!(page, " {role} |");
    }
    page.push_str("\n|---|");
    page.push_str(&"---|".repeat(Role::ALL.len()));
    for action in Action::ALL {
        let _ = write!(page, "\n| {} |", action.code());
        for role in Role::ALL {
            let mark = match (action.is_given_to(role), action.reach()) {
                (false, _) => "",
                (true, Reach::Anywhere) => "●",
                (true, Reach::OwnArea) => "◐",
            };
            let _ = write!(page, " {mark} |");
        }
    }
    page.push('\n');
    page + &super::operations::page()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planner_of(unit: &str) -> Principal {
        let area = Area::Units([unit.to_owned()].into());
        Principal { grants: vec![Grant { role: Role::Planner, area }], how: How::Session, ..Principal::public() }
    }

    #[test]
    fn the_page_is_the_table() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/rights.md");
        if std::env::var_os("DOTHI_WRITE_DOCS").is_some() {
            std::fs::write(path, page()).unwrap();
        }
        assert_eq!(std::fs::read_to_string(path).unwrap(), page(), "write it anew with DOTHI_WRITE_DOCS=1");
    }

    #[test]
    fn words_lead_back_to_what_they_stand_for() {
        assert!(Role::ALL.into_iter().all(|role| Role::from_code(role.code()) == Some(role)));
        assert!(Action::ALL.into_iter().all(|action| Action::from_code(action.code()) == Some(action)));
    }

    #[test]
    fn a_planner_edits_plans_of_the_own_ward_only() {
        let planner = planner_of("26740");
        let own = Target::units(["26740"]);
        assert_eq!(may(&planner, Action::EditPlanning, &own), Decision::Allowed);
        assert_eq!(may(&planner, Action::EditPlanning, &Target::units(["26740", "26743"])), Decision::OtherArea);
        assert_eq!(may(&planner, Action::EditPlanning, &Target::units(Vec::<String>::new())), Decision::OtherArea);
        assert_eq!(may(&planner, Action::ManagePeople, &Target::City), Decision::NoRole);
        assert_eq!(may(&Principal::public(), Action::EditPlanning, &own), Decision::SignIn);
    }

    #[test]
    fn a_token_does_what_it_was_made_for() {
        let token = Principal { how: How::Token { scopes: vec![Action::SeeStaff] }, ..planner_of("1") };
        assert_eq!(may(&token, Action::SeeStaff, &Target::City), Decision::Allowed);
        assert_eq!(may(&token, Action::EditPlanning, &Target::units(["1"])), Decision::NoScope);
    }
}
