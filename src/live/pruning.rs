//! Keeps the feed short: what every follower had an hour to read is removed.
//!
//! The clock of the rows would lie, for it says when a transaction began and not when it was committed. So the follower
//! remembers what it saw and when: what it had seen an hour ago was committed at least an hour ago. Another follower that
//! was away for longer learns that from the feed's head and reads everything again.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use sqlx::PgConnection;

use super::{feed, position::Snapshot};

/// How long a row stays in the feed after it was committed, at least.
const KEPT: Duration = Duration::from_secs(3600);
/// How often is looked for rows that may go.
const EVERY: Duration = Duration::from_secs(300);

/// What one follower had seen when.
#[derive(Default)]
pub(super) struct Pruning {
    seen: VecDeque<(Instant, Snapshot)>,
    /// The last time was not enough: there are more rows that may go.
    more: Option<Snapshot>,
}

impl Pruning {
    /// Remembers where the follower stands, and removes what may go. Costs nothing most of the time.
    pub(super) async fn go_on(
        &mut self,
        connection: &mut PgConnection,
        last: &Snapshot,
        now: Instant,
    ) -> Result<(), sqlx::Error> {
        let Some(seen) = self.more.take().or_else(|| self.due(last, now)) else { return Ok(()) };
        let removed = feed::prune(connection, &seen).await?;
        if removed > 0 {
            tracing::debug!(removed, "rows of the feed that everybody has read are gone");
            self.more = Some(seen);
        }
        Ok(())
    }

    /// The newest snapshot that is old enough, once every few minutes.
    fn due(&mut self, last: &Snapshot, now: Instant) -> Option<Snapshot> {
        if self.seen.back().is_some_and(|(at, _)| now.duration_since(*at) < EVERY) {
            return None;
        }
        self.seen.push_back((now, last.clone()));
        let old = self.seen.iter().take_while(|(at, _)| now.duration_since(*at) >= KEPT).count();
        self.seen.drain(..old).next_back().map(|(_, snapshot)| snapshot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_seen_an_hour_ago_may_go() {
        let began = Instant::now();
        let mut pruning = Pruning::default();
        let snapshot = |minute: u64| format!("{0}:{0}:", 1_000 + minute).parse::<Snapshot>().unwrap();
        let mut gone = Vec::new();
        for minute in 0..=70 {
            let now = began + Duration::from_secs(minute * 60);
            gone.extend(pruning.due(&snapshot(minute), now).map(|seen| (minute, seen.to_string())));
        }
        let expected = [(60, snapshot(0)), (65, snapshot(5)), (70, snapshot(10))];
        assert_eq!(gone, expected.map(|(minute, seen)| (minute, seen.to_string())));
    }
}
