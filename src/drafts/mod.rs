//! Drafts: work on the map that others do not see until it is published as one change set (decision 12).
//!
//! Here is what is true, without SQL, clock or HTTP: the life of a draft, and how several operations to one object come to one.
//! Published, it goes through `features::write_in` like any other change set.

mod compare;
mod fold;
pub mod http;
mod overlay;
mod settle;
mod store;
mod work;

pub use fold::{Unfoldable, fold};
pub use overlay::Overlays;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a draft stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Its owner works on it.
    Open,
    /// A second person looks at it; nothing in it changes.
    InReview,
    /// It came back with a comment.
    Returned,
    /// A second person agreed; it may be published.
    Approved,
    /// It is on the map.
    Published,
    /// It was given up.
    Discarded,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Open, Self::InReview, Self::Returned, Self::Approved, Self::Published, Self::Discarded];

    /// The word for it in the database and in answers.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::InReview => "in_review",
            Self::Returned => "returned",
            Self::Approved => "approved",
            Self::Published => "published",
            Self::Discarded => "discarded",
        }
    }

    /// The state that a word stands for.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// What is done with a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Operations are added or taken back.
    Edit,
    /// It gets another name or other readers.
    Share,
    /// Something is remarked.
    Comment,
    /// It is sent to a second person.
    Submit,
    /// It is taken back from there.
    Withdraw,
    /// It is sent back with a comment.
    Return,
    /// The second person agrees.
    Approve,
    /// What others published meanwhile is settled for one object.
    Resolve,
    /// It goes onto the map.
    Publish,
    /// It is given up.
    Discard,
}

impl Step {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Edit,
        Self::Share,
        Self::Comment,
        Self::Submit,
        Self::Withdraw,
        Self::Return,
        Self::Approve,
        Self::Resolve,
        Self::Publish,
        Self::Discard,
    ];

    /// May this part of the people take it?
    pub fn is_for(self, part: Part) -> bool {
        match self {
            Self::Edit | Self::Share | Self::Submit | Self::Withdraw | Self::Resolve | Self::Discard => {
                part == Part::Owner
            }
            Self::Return | Self::Approve => part == Part::Reviewer,
            Self::Publish => matches!(part, Part::Owner | Part::Reviewer),
            Self::Comment => true,
        }
    }
}

/// What somebody is to a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Made it.
    Owner,
    /// May approve it; never the owner.
    Reviewer,
    /// Was asked to look.
    Reader,
}

/// The state after a step; none where the step cannot be taken.
///
/// What was approved is what is published: settling a conflict in an approved draft opens it again.
pub fn after(state: State, step: Step) -> Option<State> {
    use State::{Approved, Discarded, InReview, Open, Published, Returned};
    match (state, step) {
        (Published | Discarded, _) => None,
        (Open | Returned, Step::Edit | Step::Resolve) | (_, Step::Share | Step::Comment) => Some(state),
        (Open | Returned, Step::Submit) => Some(InReview),
        (InReview | Approved, Step::Withdraw) | (Approved, Step::Resolve) => Some(Open),
        (InReview | Approved, Step::Return) => Some(Returned),
        (InReview, Step::Approve) => Some(Approved),
        (Approved, Step::Publish) => Some(Published),
        (_, Step::Discard) => Some(Discarded),
        _ => None,
    }
}

/// What somebody may do with a draft in this state.
pub fn steps(state: State, part: Part) -> Vec<Step> {
    Step::ALL.into_iter().filter(|step| step.is_for(part) && after(state, *step).is_some()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn steps_of_people() -> impl Strategy<Value = Vec<(Part, Step)>> {
        let part = prop::sample::select(vec![Part::Owner, Part::Reviewer, Part::Reader]);
        prop::collection::vec((part, prop::sample::select(Step::ALL.to_vec())), 0..40)
    }

    proptest! {
        /// Whatever people try: nothing is published that a second person did not approve as it is.
        #[test]
        fn what_is_published_was_approved_and_not_changed_since(tried in steps_of_people()) {
            let (mut state, mut approved) = (State::Open, false);
            for (part, step) in tried {
                let Some(next) = after(state, step).filter(|_| step.is_for(part)) else { continue };
                match step {
                    Step::Approve => {
                        prop_assert_eq!(part, Part::Reviewer);
                        approved = true;
                    }
                    Step::Edit | Step::Resolve | Step::Withdraw | Step::Return => approved = false,
                    _ => {}
                }
                if next == State::Published {
                    prop_assert!(approved);
                }
                state = next;
            }
        }

        #[test]
        fn what_has_ended_stays_so(state in prop::sample::select(vec![State::Published, State::Discarded]),
            step in prop::sample::select(Step::ALL.to_vec())) {
            prop_assert_eq!(after(state, step), None);
        }
    }

    #[test]
    fn words_lead_back() {
        for state in State::ALL {
            assert_eq!(State::from_word(state.word()), Some(state));
        }
    }
}
