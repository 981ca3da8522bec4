//! Which operation of the API needs which right: one line each, and nothing is answered that is not here.
//!
//! A test reads `/api/v1/openapi.json`, fails on an operation that this table lacks, and tries each for every role, inside
//! and outside its area. The second table of `docs/rights.md` is written from here.

use std::fmt::Write as _;

use super::rights::{Action, Reach, Role};

/// What an operation asks of its caller, before anything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: everybody may, with or without a name. What they see is their audience's.
    Nothing,
    /// A role that may, somewhere; a place is asked for later, if there is one.
    Role(Action),
    /// A role that may, in the area that the request speaks of.
    RoleThere(Action),
    /// What writing the layer takes (`Action::edit`), in the area that the row lies in.
    Edit,
}

/// One operation of the API.
pub type Operation = (&'static str, &'static str, Needs);

/// All of them: method, path as the OpenAPI document has it, and what it needs.
pub const OPERATIONS: &[Operation] = &[
    ("GET", "/healthz", Needs::Nothing),
    ("GET", "/readyz", Needs::Nothing),
    ("GET", "/metrics", Needs::Nothing),
    ("GET", "/tiles/{layers}", Needs::Nothing),
    ("GET", "/tiles/{layers}/{z}/{x}/{y}", Needs::Nothing),
    ("GET", "/styles/{name}", Needs::Nothing),
    ("GET", "/api/v1/layers", Needs::Nothing),
    ("GET", "/api/v1/lookup", Needs::Nothing),
    ("GET", "/api/v1/near", Needs::Nothing),
    ("GET", "/api/v1/within", Needs::Nothing),
    ("POST", "/api/v1/within", Needs::Nothing),
    ("GET", "/api/v1/search", Needs::Nothing),
    ("GET", "/api/v1/events", Needs::Nothing),
    ("GET", "/api/v1/underlays", Needs::Nothing),
    ("GET", "/api/v1/underlays/{name}/tiles/{z}/{x}/{y}", Needs::Role(Action::SeeStaff)),
    ("GET", "/api/v1/me", Needs::Nothing),
    ("POST", "/api/v1/session", Needs::Nothing),
    ("DELETE", "/api/v1/session", Needs::Nothing),
    ("POST", "/api/v1/recovery", Needs::Nothing),
    ("POST", "/api/v1/recovery/mail", Needs::Nothing),
    ("POST", "/api/v1/demo/try-as", Needs::Nothing),
    ("PUT", "/api/v1/me/password", Needs::Role(Action::OwnAccount)),
    ("GET", "/api/v1/me/sessions", Needs::Role(Action::OwnAccount)),
    ("DELETE", "/api/v1/me/sessions/{id}", Needs::Role(Action::OwnAccount)),
    ("GET", "/api/v1/me/tokens", Needs::Role(Action::OwnAccount)),
    ("DELETE", "/api/v1/me/tokens/{id}", Needs::Role(Action::OwnAccount)),
    ("POST", "/api/v1/me/second-factor", Needs::Role(Action::OwnAccount)),
    ("PUT", "/api/v1/me/second-factor", Needs::Role(Action::OwnAccount)),
    ("GET", "/api/v1/people", Needs::Role(Action::ManagePeople)),
    ("POST", "/api/v1/people", Needs::Role(Action::ManagePeople)),
    ("POST", "/api/v1/people/review", Needs::Role(Action::ManagePeople)),
    ("GET", "/api/v1/people/log", Needs::Role(Action::SeeLookUps)),
    ("PUT", "/api/v1/people/{account}/roles/{role}", Needs::Role(Action::ManagePeople)),
    ("DELETE", "/api/v1/people/{account}/roles/{role}", Needs::Role(Action::ManagePeople)),
    ("POST", "/api/v1/people/{account}/disable", Needs::Role(Action::ManagePeople)),
    ("POST", "/api/v1/people/{account}/enable", Needs::Role(Action::ManagePeople)),
    ("POST", "/api/v1/people/{account}/password", Needs::Role(Action::ManagePeople)),
    ("POST", "/api/v1/people/{account}/link", Needs::Role(Action::ManagePeople)),
    ("PUT", "/api/v1/people/{account}/mail", Needs::Role(Action::ManagePeople)),
    ("POST", "/api/v1/people/{account}/invitation", Needs::Role(Action::ManagePeople)),
    ("GET", "/api/v1/mail", Needs::Role(Action::ManagePeople)),
    ("DELETE", "/api/v1/people/{account}/sessions", Needs::Role(Action::ManagePeople)),
    ("DELETE", "/api/v1/people/{account}/second-factor", Needs::Role(Action::ManagePeople)),
    ("POST", "/api/v1/changesets", Needs::Edit),
    ("GET", "/api/v1/changesets/{id}", Needs::Role(Action::SeeStaff)),
    ("GET", "/api/v1/changesets", Needs::Role(Action::SeeStaff)),
    ("POST", "/api/v1/changesets/{id}/undo", Needs::Role(Action::SeeStaff)),
    ("POST", "/api/v1/drafts", Needs::Role(Action::Draft)),
    ("GET", "/api/v1/drafts", Needs::Role(Action::SeeStaff)),
    ("GET", "/api/v1/drafts/{id}", Needs::Role(Action::SeeStaff)),
    ("PATCH", "/api/v1/drafts/{id}", Needs::Role(Action::SeeStaff)),
    ("POST", "/api/v1/drafts/{id}/operations", Needs::Role(Action::SeeStaff)),
    ("DELETE", "/api/v1/drafts/{id}/operations/{op_id}", Needs::Role(Action::SeeStaff)),
    ("POST", "/api/v1/drafts/{id}/check", Needs::Role(Action::SeeStaff)),
    ("GET", "/api/v1/drafts/{id}/compare", Needs::Role(Action::SeeStaff)),
    ("GET", "/api/v1/drafts/{id}/impact", Needs::Role(Action::SeeStaff)),
    ("POST", "/api/v1/drafts/{id}/submit", Needs::Role(Action::SeeStaff)),
    ("POST", "/api/v1/drafts/{id}/withdraw", Needs::Role(Action::SeeStaff)),
    ("POST", "/api/v1/drafts/{id}/discard", Needs::Role(Action::SeeStaff)),
    ("POST", "/api/v1/drafts/{id}/return", Needs::Role(Action::SeeStaff)),
    ("POST", "/api/v1/drafts/{id}/approve", Needs::Role(Action::SeeStaff)),
    ("POST", "/api/v1/drafts/{id}/comments", Needs::Role(Action::SeeStaff)),
    ("POST", "/api/v1/drafts/{id}/publish", Needs::Role(Action::SeeStaff)),
    ("POST", "/api/v1/drafts/{id}/conflicts/{op_id}", Needs::Role(Action::SeeStaff)),
    ("GET", "/api/v1/features/{layer}/{id}/history", Needs::Role(Action::SeeStaff)),
    ("GET", "/api/v1/findings", Needs::Role(Action::SeeStaff)),
    ("GET", "/api/v1/tables", Needs::Role(Action::SeeStaff)),
    ("GET", "/api/v1/layers/{layer}/schema", Needs::Role(Action::SeeStaff)),
    ("GET", "/api/v1/layers/{layer}/items", Needs::Role(Action::SeeStaff)),
    ("POST", "/api/v1/layers/{layer}/export", Needs::Role(Action::SeeStaff)),
    ("POST", "/api/v1/parcels/{id}/holders", Needs::Role(Action::LookUpPerson)),
    ("GET", "/api/v1/look-ups", Needs::Role(Action::SeeLookUps)),
];

/// The actions of [`Needs::Edit`].
pub const EDITS: [Action; 4] = [Action::EditPlanning, Action::EditLand, Action::EditAssets, Action::EditBase];

impl Needs {
    /// The actions that it may come to; more than one where the layer decides.
    pub fn actions(self) -> Vec<Action> {
        match self {
            Self::Nothing => vec![Action::SeeOpen],
            Self::Role(action) | Self::RoleThere(action) => vec![action],
            Self::Edit => EDITS.to_vec(),
        }
    }

    /// May `role` do it, when the request speaks of its own area or of another?
    pub fn allows(self, action: Action, role: Role, own_area: bool) -> bool {
        let bound = match self {
            Self::Nothing | Self::Role(_) => false,
            Self::RoleThere(_) | Self::Edit => action.reach() == Reach::OwnArea,
        };
        action.is_given_to(role) && (own_area || !bound)
    }
}

/// The table as the second part of `docs/rights.md`.
pub(super) fn page() -> String {
    let mut page =
        String::from("\n## Operations\n\nWritten from `src/identity/operations.rs`.\n\n| operation | needs |");
    for role in Role::ALL {
        let _ = write!(page, " {role} |");
    }
    page.push_str("\n|---|---|");
    page.push_str(&"---|".repeat(Role::ALL.len()));
    for (method, path, needs) in OPERATIONS {
        for action in needs.actions() {
            let _ = write!(page, "\n| {method} {path} | {} |", action.code());
            for role in Role::ALL {
                let mark = match (needs.allows(action, role, true), needs.allows(action, role, false)) {
                    (false, _) => "",
                    (true, true) => "●",
                    (true, false) => "◐",
                };
                let _ = write!(page, " {mark} |");
            }
        }
    }
    page.push('\n');
    page
}
