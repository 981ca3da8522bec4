//! Where a reader stands in the feed: the snapshot it has applied, and the position a client carries.

use std::{fmt, str::FromStr};

use uuid::Uuid;

/// A `pg_snapshot`: which transactions a reader has seen.
///
/// Sequence numbers are taken before commit, so "everything below n" is never complete; a snapshot is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Every transaction below this one has ended and is seen (or was rolled back).
    pub xmin: u64,
    /// This transaction and those above it are not seen.
    pub xmax: u64,
    /// Between the two: still running when the snapshot was taken, so not seen. Sorted.
    running: Vec<u64>,
}

impl Snapshot {
    /// Of somebody who has seen nothing yet.
    pub fn nothing() -> Self {
        Self { xmin: 0, xmax: 0, running: Vec::new() }
    }

    /// Whether a transaction that committed is part of what this snapshot saw (`pg_visible_in_snapshot`).
    pub fn sees(&self, xid: u64) -> bool {
        xid < self.xmin || (xid < self.xmax && self.running.binary_search(&xid).is_err())
    }

    /// Whether it has seen all that `other` has seen; when in doubt, no.
    pub fn covers(&self, other: &Self) -> bool {
        self.xmax >= other.xmax && self.running.iter().all(|xid| !other.sees(*xid))
    }

    /// The newest transaction that this snapshot may have seen: what answers carry as their position.
    pub fn newest(&self) -> u64 {
        self.xmax.saturating_sub(1)
    }
}

impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:", self.xmin, self.xmax)?;
        for (at, xid) in self.running.iter().enumerate() {
            write!(f, "{}{xid}", if at == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

/// A text that is not a snapshot or a position.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a {expected}")]
pub struct Malformed {
    /// What it should have been.
    pub expected: &'static str,
}

impl FromStr for Snapshot {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let bad = || Malformed { expected: "pg_snapshot" };
        let mut parts = text.splitn(3, ':');
        let mut number = || parts.next().and_then(|part| part.parse::<u64>().ok()).ok_or_else(bad);
        let (xmin, xmax) = (number()?, number()?);
        let list = parts.next().ok_or_else(bad)?;
        let mut running = list
            .split(',')
            .filter(|part| !part.is_empty())
            .map(|part| part.parse::<u64>().map_err(|_| bad()))
            .collect::<Result<Vec<_>, _>>()?;
        running.sort_unstable();
        Ok(Self { xmin, xmax, running })
    }
}

/// What a client carries from a write to its next read: the writer's transaction in one epoch of the feed.
///
/// Written `<epoch>:<xid>`. The epoch is new after every restore, where old transaction numbers lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Position {
    /// The feed's life, from `feed.state`.
    pub epoch: Uuid,
    /// The writer's transaction (`xid8`).
    pub xid: u64,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.epoch, self.xid)
    }
}

impl FromStr for Position {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let bad = || Malformed { expected: "position, as an earlier answer carried it" };
        let (epoch, xid) = text.split_once(':').ok_or_else(bad)?;
        Ok(Self { epoch: epoch.parse().map_err(|_| bad())?, xid: xid.parse().map_err(|_| bad())? })
    }
}

impl serde::Serialize for Position {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_running_transaction_is_not_seen_and_its_neighbours_are() {
        let snapshot: Snapshot = "100:110:100,105".parse().unwrap();
        let seen: Vec<u64> = (98..112).filter(|xid| snapshot.sees(*xid)).collect();
        assert_eq!(seen, [98, 99, 101, 102, 103, 104, 106, 107, 108, 109]);
    }

    proptest! {
        #[test]
        fn a_snapshot_survives_being_written(xmin in 3u64..1000, more in 0u64..50, running in prop::collection::btree_set(0u64..50, 0..9)) {
            let running = running.into_iter().map(|x| xmin + x).filter(|x| *x < xmin + more).collect();
            let snapshot = Snapshot { xmin, xmax: xmin + more, running };
            prop_assert_eq!(snapshot.to_string().parse::<Snapshot>().unwrap(), snapshot);
        }

        #[test]
        fn whoever_covers_another_misses_nothing_that_it_saw(
            one in "[1-9]:1[0-9]:(1[0-9])?(,1[0-9])?", other in "[1-9]:1[0-9]:(1[0-9])?(,1[0-9])?"
        ) {
            let (one, other): (Snapshot, Snapshot) = (one.parse().unwrap(), other.parse().unwrap());
            if one.covers(&other) {
                prop_assert!((0..30).all(|xid| !other.sees(xid) || one.sees(xid)));
            }
            prop_assert!(one.covers(&one));
        }

        #[test]
        fn no_text_makes_a_parser_panic(text in "\\PC{0,40}") {
            let _ = text.parse::<Snapshot>();
            let _ = text.parse::<Position>();
        }

        #[test]
        fn a_position_survives_being_written(epoch in any::<u128>(), xid in any::<u64>()) {
            let position = Position { epoch: Uuid::from_u128(epoch), xid };
            prop_assert_eq!(position.to_string().parse::<Position>().unwrap(), position);
        }
    }
}
