//! Locks under which a change set is judged: who writes near, or the same object, takes turns (decision 10).
//!
//! All change sets take them in one order: objects, then for each group of layers the whole, coarse cells, fine cells, so that
//! two never wait for each other in a circle. They are few however large the set or the shape: PostgreSQL keeps all locks of
//! all sessions in one table of some thousands.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::PgConnection;
use uuid::Uuid;

use super::topology;

/// West, south, east, north in degrees.
pub type Bounds = [f64; 4];

/// Side of a fine cell in degrees, about 550 m.
const FINE: f64 = 0.005;
/// Side of a coarse cell, about 9 km.
const COARSE: f64 = 0.08;
/// Cells of one size that a change set takes in one group of layers; one that needs more takes the next larger size.
const MOST_CELLS: usize = 48;
/// Objects share this many locks.
const OBJECT_LOCKS: u8 = 128;
/// What is only near counts too: about a metre.
const NEAR: f64 = 1e-5;

/// Takes turns with everybody who writes one of these objects.
///
/// # Errors
/// When the database cannot answer, or somebody holds one of them for too long.
pub async fn objects(connection: &mut PgConnection, ids: impl Iterator<Item = Uuid>) -> Result<(), sqlx::Error> {
    let last_byte = |id: Uuid| id.as_bytes()[15] % OBJECT_LOCKS;
    let buckets: BTreeSet<u8> = ids.map(last_byte).collect();
    let keys: BTreeSet<i64> = buckets.into_iter().map(|bucket| key("object", &bucket.to_string())).collect();
    take(connection, &keys.into_iter().map(|key| (key, true)).collect::<Vec<_>>()).await
}

/// Takes turns with everybody who writes near, in layers whose rules look at each other.
///
/// # Errors
/// When the database cannot answer, or somebody holds one of them for too long.
pub async fn places(
    connection: &mut PgConnection,
    places: impl Iterator<Item = (&str, Bounds)>,
) -> Result<(), sqlx::Error> {
    let mut groups: BTreeMap<&'static str, Vec<Bounds>> = BTreeMap::new();
    for (layer, bounds) in places {
        if let Some(group) = topology::group(layer) {
            groups.entry(group).or_default().push(bounds);
        }
    }
    let claims: Vec<(i64, bool)> = groups.iter().flat_map(|(group, boxes)| claims(group, boxes)).collect();
    take(connection, &claims).await
}

async fn take(connection: &mut PgConnection, claims: &[(i64, bool)]) -> Result<(), sqlx::Error> {
    if claims.is_empty() {
        return Ok(());
    }
    let (keys, alone): (Vec<i64>, Vec<bool>) = claims.iter().copied().unzip();
    // Rows of unnest come in the order of the arrays.
    sqlx::query(
        "SELECT CASE WHEN alone THEN pg_advisory_xact_lock(key) ELSE pg_advisory_xact_lock_shared(key) END \
         FROM unnest($1::bigint[], $2::boolean[]) AS claim(key, alone)",
    )
    .bind(keys)
    .bind(alone)
    .execute(connection)
    .await?;
    Ok(())
}

/// Keys in the order in which they are taken, and whether alone or beside others who hold it for something smaller.
fn claims(group: &str, boxes: &[Bounds]) -> Vec<(i64, bool)> {
    let fine = cells(boxes, FINE);
    // Those who take fine cells keep away who takes the coarse cell around them; and those, who takes the whole.
    let (coarse, fine) = match fine {
        Some(fine) => (cells(boxes, COARSE), fine),
        None => (cells(boxes, COARSE), BTreeSet::new()),
    };
    let Some(coarse) = coarse else { return vec![(key(group, "whole"), true)] };
    let keys = |cells: &BTreeSet<(i64, i64)>, size: &str| -> BTreeSet<i64> {
        cells.iter().map(|(x, y)| key(group, &format!("{size}/{x}/{y}"))).collect()
    };
    let mut claims = vec![(key(group, "whole"), false)];
    claims.extend(keys(&coarse, "coarse").into_iter().map(|key| (key, fine.is_empty())));
    claims.extend(keys(&fine, "fine").into_iter().map(|key| (key, true)));
    claims
}

/// The cells that boxes touch; none when there are too many.
fn cells(boxes: &[Bounds], side: f64) -> Option<BTreeSet<(i64, i64)>> {
    let range = |low: f64, high: f64| ((low - NEAR) / side).floor() as i64..=((high + NEAR) / side).floor() as i64;
    let mut all = BTreeSet::new();
    for [west, south, east, north] in boxes {
        let (xs, ys) = (range(*west, *east), range(*south, *north));
        let count = (xs.end() - xs.start() + 1).saturating_mul(ys.end() - ys.start() + 1);
        if count > MOST_CELLS as i64 {
            return None;
        }
        all.extend(xs.flat_map(|x| ys.clone().map(move |y| (x, y))));
        if all.len() > MOST_CELLS {
            return None;
        }
    }
    Some(all)
}

fn key(space: &str, name: &str) -> i64 {
    use sha2::{Digest as _, Sha256};
    let digest = Sha256::digest(format!("dothi/{space}/{name}"));
    digest.iter().take(8).fold(0i64, |key, byte| (key << 8) | i64::from(*byte))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bounds() -> impl Strategy<Value = Bounds> {
        (106.0..107.0, 10.0..11.0, -6.0..0.5_f64, -6.0..0.5_f64).prop_map(
            |(west, south, wide, high): (f64, f64, f64, f64)| {
                [west, south, west + 10f64.powf(wide), south + 10f64.powf(high)]
            },
        )
    }

    fn meet(a: &Bounds, b: &Bounds) -> bool {
        a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3]
    }

    proptest! {
        #[test]
        fn boxes_that_meet_take_turns_whatever_their_sizes(a in bounds(), b in bounds()) {
            let (ours, theirs) = (claims("parcel", &[a]), claims("parcel", &[b]));
            prop_assert!(ours.len() <= 2 * MOST_CELLS + 1);
            if meet(&a, &b) {
                let turns = ours.iter().any(|(key, alone)| {
                    theirs.iter().any(|(other, other_alone)| key == other && (*alone || *other_alone))
                });
                prop_assert!(turns, "{ours:?} {theirs:?}");
            }
        }
    }
}
