//! Persons who have rights in land: who may look one up, where, for which purpose, and the log of it (decision 7).
//!
//! The log is written in the transaction that reads: no name leaves without a line that says to whom and why.

pub mod http;
mod store;

use sqlx::PgExecutor;
use uuid::Uuid;

pub(crate) use store::Line;

/// Letters of a purpose at most.
pub const LONGEST_PURPOSE: usize = 500;

/// What a look-up is for, in the words of who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purpose(String);

impl Purpose {
    /// Words that say something; nothing for a blank, a line too long, or what no table holds.
    pub fn parse(typed: &str) -> Option<Self> {
        let typed = typed.trim();
        let says = typed.chars().filter(|letter| letter.is_alphanumeric()).count() >= 5;
        (says && typed.chars().count() <= LONGEST_PURPOSE && !typed.contains('\0')).then(|| Self(typed.to_owned()))
    }
}

/// The latest lines of the log, of one account or of all, for the shell.
pub(crate) async fn latest_look_ups(
    connection: impl PgExecutor<'_>,
    actor: Option<String>,
    most: i64,
) -> Result<Vec<Line>, sqlx::Error> {
    store::lines(connection, &store::Wanted { actor, most, ..store::Wanted::default() }).await
}

/// One look-up, as it is logged before anything is answered.
struct LookUp<'l> {
    actor: &'l str,
    parcel: Uuid,
    purpose: &'l Purpose,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_purpose_says_something() {
        assert_eq!(Purpose::parse("  Hồ sơ GP-12 ").map(|purpose| purpose.0).as_deref(), Some("Hồ sơ GP-12"));
        for nothing in ["", "   ", ".....", "abc", "x\0yzabc", &"a".repeat(LONGEST_PURPOSE + 1)] {
            assert_eq!(Purpose::parse(nothing), None, "{nothing:?}");
        }
    }
}
