//! What people do with drafts: who is what to one, and which step may be taken now.

use sqlx::PgConnection;
use uuid::Uuid;

use super::{Part, State, Step, Unfoldable, after, fold, store, store::Draft};
use crate::{
    features::{Operation, StoreError},
    http::problem::Problem,
    identity::{
        principal::Principal,
        rights::{Action, Decision, Target, may},
    },
    live::loader::ReadError,
};

/// Why something cannot be done with a draft.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// There is none, or not for this caller.
    #[error("no draft {0}")]
    NoSuch(Uuid),
    /// No role of the caller may.
    #[error("not allowed: {0:?}")]
    NotAllowed(Decision),
    /// This part of the people does not take this step.
    #[error("{part:?} may not {step:?}")]
    NotYours {
        /// What was tried.
        step: Step,
        /// What the caller is to it.
        part: Part,
    },
    /// Not in this state.
    #[error("{step:?} in state {state:?}")]
    NotNow {
        /// What was tried.
        step: Step,
        /// Where it stands.
        state: State,
    },
    /// It was changed since the caller looked.
    #[error("revision {0}")]
    Moved(i32),
    /// Operations that do not go together.
    #[error(transparent)]
    Unfoldable(#[from] Unfoldable),
    /// A change set could not be taken.
    #[error(transparent)]
    Features(#[from] StoreError),
    /// Rows could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The database could not answer.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl From<DraftError> for Problem {
    fn from(error: DraftError) -> Self {
        match error {
            DraftError::NoSuch(id) => {
                Self::not_found((format!("không có bản nháp {id}"), format!("there is no draft {id}")))
            }
            DraftError::NotAllowed(decision) => {
                decision.or_refuse().err().unwrap_or_else(|| Self::forbidden(("không được phép", "not allowed")))
            }
            DraftError::NotYours { step, part } => Self::forbidden(match step {
                Step::Return | Step::Approve => {
                    ("người khác phải duyệt hoặc trả lại", "a second person approves or returns a draft")
                }
                _ => ("chỉ chủ bản nháp", "only the owner of the draft"),
            })
            .with("step", word(step))
            .with("part", word(part)),
            DraftError::NotNow { step, state } => Self::conflict(
                "draft-state",
                "Bản nháp đang ở trạng thái không cho phép bước này",
                "The state of the draft does not allow this step",
            )
            .with("step", word(step))
            .with("state", state.word()),
            DraftError::Moved(revision) => Self::conflict(
                "draft-moved",
                "Bản nháp đã thay đổi, xem lại rồi làm tiếp",
                "The draft has changed: look again, then go on",
            )
            .with("revision", revision),
            DraftError::Unfoldable(error) => Self::conflict(
                "cannot-follow",
                "Thao tác không nối tiếp được với thao tác trước trên cùng đối tượng",
                "The operation cannot follow an earlier one to the same object",
            )
            .detail((
                format!("thao tác {} không nối tiếp được với những gì bản nháp đã làm với {}", error.op_id, error.id),
                error.to_string(),
            ))
            .with("op_id", error.op_id.to_string()),
            DraftError::Features(error) => error.into(),
            DraftError::Read(error) => error.into(),
            DraftError::Database(error) => error.into(),
        }
    }
}

fn word(value: impl serde::Serialize) -> serde_json::Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// A draft and what the caller is to it.
pub struct Opened {
    /// The draft.
    pub draft: Draft,
    /// What the caller is to it.
    pub part: Part,
}

fn demand(who: &Principal, action: Action) -> Result<(), DraftError> {
    match may(who, action, &Target::City) {
        Decision::Allowed => Ok(()),
        decision => Err(DraftError::NotAllowed(decision)),
    }
}

/// May this person review drafts, somewhere?
pub fn reviews(who: &Principal) -> bool {
    may(who, Action::Review, &Target::City) == Decision::Allowed
}

/// Goes on for people who work here; drafts are nobody else's.
///
/// # Errors
/// [`DraftError::NotAllowed`].
pub fn staff(who: &Principal) -> Result<(), DraftError> {
    demand(who, Action::SeeStaff)
}

/// Goes on for people who draw.
///
/// # Errors
/// [`DraftError::NotAllowed`].
pub fn draws(who: &Principal) -> Result<(), DraftError> {
    demand(who, Action::Draft)
}

/// Opens a draft for somebody; to others it does not exist.
///
/// # Errors
/// See [`DraftError`].
pub async fn open(connection: &mut PgConnection, who: &Principal, id: Uuid, locks: bool) -> Result<Opened, DraftError> {
    staff(who)?;
    let draft = store::find(connection, id, locks).await?.ok_or(DraftError::NoSuch(id))?;
    let waits = !matches!(draft.state, State::Open | State::Discarded);
    let part = if draft.owner == who.person {
        Part::Owner
    } else if waits && reviews(who) {
        Part::Reviewer
    } else if store::is_reader(connection, id, who.person).await? {
        Part::Reader
    } else {
        return Err(DraftError::NoSuch(id));
    };
    Ok(Opened { draft, part })
}

/// Opens a draft, keeps it still, and looks whether the step may be taken: the state after it.
///
/// # Errors
/// See [`DraftError`].
pub async fn take(
    connection: &mut PgConnection,
    who: &Principal,
    id: Uuid,
    step: Step,
    revision: Option<i32>,
) -> Result<(Draft, State), DraftError> {
    let Opened { draft, part } = open(connection, who, id, true).await?;
    if !step.is_for(part) {
        return Err(DraftError::NotYours { step, part });
    }
    match step {
        Step::Return | Step::Approve => demand(who, Action::Review)?,
        Step::Comment => {}
        Step::Publish if part == Part::Reviewer => demand(who, Action::Review)?,
        _ => demand(who, Action::Draft)?,
    }
    let next = after(draft.state, step).ok_or(DraftError::NotNow { step, state: draft.state })?;
    if revision.is_some_and(|revision| revision != draft.revision) {
        return Err(DraftError::Moved(draft.revision));
    }
    Ok((draft, next))
}

/// What the draft does, one operation for each object.
///
/// # Errors
/// See [`DraftError`].
pub async fn folded(connection: &mut PgConnection, id: Uuid) -> Result<Vec<Operation>, DraftError> {
    Ok(fold(store::operations(connection, id).await?)?)
}
