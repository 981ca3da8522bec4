//! Undo: the change set that takes another one back, and why there may be none.
//!
//! Here is what it comes to, row by row, without SQL. It is an ordinary change set after that: judged by the same rules and
//! rights, kept, and taken back itself by another undo.

pub mod http;
mod store;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// An operation that the change set settled.
#[derive(Clone, Debug, sqlx::FromRow)]
struct Settled {
    layer: String,
    id: Uuid,
    version: i32,
    is_delete: bool,
    is_insert: bool,
    position: i32,
}

/// One version of a row, without what it held.
#[derive(Clone, Debug, sqlx::FromRow)]
struct Head {
    fid: i64,
    id: Uuid,
    version: i32,
    actor: String,
    known_from: DateTime<Utc>,
    known_to: Option<DateTime<Utc>>,
    ended_by: Option<String>,
    valid_from: Option<NaiveDate>,
    valid_to: Option<NaiveDate>,
}

impl Head {
    /// A day on which this row is the one that is meant.
    fn day(&self) -> Option<NaiveDate> {
        self.valid_from.or_else(|| self.valid_to.and_then(|day| day.pred_opt()))
    }

    fn meets(&self, other: &Self) -> bool {
        let begins_before_end = |a: &Self, b: &Self| match (a.valid_from, b.valid_to) {
            (Some(from), Some(to)) => from < to,
            _ => true,
        };
        begins_before_end(self, other) && begins_before_end(other, self)
    }
}

/// What takes one row back.
#[derive(Clone, Debug, PartialEq)]
enum Step {
    /// It was new: it goes.
    Remove { id: Uuid, version: i32, day: Option<NaiveDate> },
    /// It held something else: that is put back.
    PutBack { id: Uuid, fid: i64, before: i32, version: i32, day: Option<NaiveDate> },
    /// It was deleted: it returns.
    Restore { id: Uuid, fid: i64, before: i32, day: Option<NaiveDate> },
}

/// Something that somebody built on what is to be taken back.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
struct BuiltOn {
    /// Layer.
    layer: String,
    /// The object.
    id: Uuid,
    /// The version that the change set left behind.
    version: i32,
    /// The version that is there now; none when it was deleted.
    there: Option<i32>,
    /// Who wrote that.
    actor: Option<String>,
    /// When.
    at: Option<DateTime<Utc>>,
}

/// Says what takes the operations on one layer back, last first, or on what others built.
///
/// `heads`: every version of the objects that they name.
fn plan(settled: &[Settled], heads: &[Head]) -> Result<Vec<Step>, Vec<BuiltOn>> {
    let mut objects: BTreeMap<Uuid, Vec<&Settled>> = BTreeMap::new();
    for one in settled {
        objects.entry(one.id).or_default().push(one);
    }
    let (mut steps, mut built_on) = (Vec::new(), Vec::new());
    for (id, operations) in objects {
        let own: Vec<&Head> = heads.iter().filter(|head| head.id == id).collect();
        let last = operations.iter().map(|one| one.position).max().unwrap_or_default();
        for taken_back in rows(&operations, &own) {
            match taken_back {
                Ok(step) => steps.push((last, step)),
                Err(head) => built_on.push(built(&operations, head)),
            }
        }
    }
    if !built_on.is_empty() {
        return Err(built_on);
    }
    steps.sort_by_key(|(last, _)| -i64::from(*last));
    Ok(steps.into_iter().map(|(_, step)| step).collect())
}

fn built(operations: &[&Settled], there: Option<&Head>) -> BuiltOn {
    let last = operations.iter().max_by_key(|one| one.position);
    let is_gone = there.is_some_and(|head| head.known_to.is_some());
    BuiltOn {
        layer: last.map(|one| one.layer.clone()).unwrap_or_default(),
        id: last.map(|one| one.id).unwrap_or_default(),
        version: operations.iter().map(|one| one.version).max().unwrap_or_default(),
        there: there.filter(|_| !is_gone).map(|head| head.version),
        actor: there.and_then(|head| if is_gone { head.ended_by.clone() } else { Some(head.actor.clone()) }),
        at: there.map(|head| head.known_to.unwrap_or(head.known_from)),
    }
}

/// What takes back each row of one object; or the version that stands against it.
fn rows<'a>(operations: &[&Settled], own: &[&'a Head]) -> Vec<Result<Step, Option<&'a Head>>> {
    let written: BTreeSet<i32> = operations.iter().filter(|one| !one.is_delete).map(|one| one.version).collect();
    let deleted: BTreeSet<i32> = operations.iter().filter(|one| one.is_delete).map(|one| one.version).collect();
    let mut by_row: BTreeMap<i64, Vec<&'a Head>> = BTreeMap::new();
    for head in own {
        by_row.entry(head.fid).or_default().push(head);
    }
    let mut found = Vec::new();
    for versions in by_row.values_mut() {
        versions.sort_by_key(|head| head.version);
        let ours = |head: &&&Head| written.contains(&head.version);
        let Some(last) = versions
            .iter()
            .rfind(ours)
            .or_else(|| versions.iter().rfind(|head| deleted.contains(&head.version) && head.known_to.is_some()))
        else {
            continue;
        };
        let first = versions.iter().find(ours).map_or(last.version, |head| head.version);
        let is_deleted = deleted.contains(&last.version);
        let before = if written.contains(&last.version) {
            versions.iter().rfind(|head| head.version < first)
        } else {
            Some(last)
        };
        if is_deleted {
            if let Some(before) = before {
                found.push(restore(before, own));
            }
        } else if last.known_to.is_some() {
            found.push(Err(own
                .iter()
                .copied()
                .filter(|head| head.version >= last.version)
                .max_by_key(|head| head.version)));
        } else if let Some(before) = before {
            let (id, fid, day) = (last.id, last.fid, last.day());
            found.push(Ok(Step::PutBack { id, fid, before: before.version, version: last.version, day }));
        } else {
            found.push(Ok(Step::Remove { id: last.id, version: last.version, day: last.day() }));
        }
    }
    // Changed and deleted in one transaction: of the version between the two nothing was kept.
    let between = deleted.iter().any(|version| !own.iter().any(|head| head.version == *version));
    if between && !operations.iter().any(|one| one.is_insert) {
        let first = operations.iter().map(|one| one.version).min().unwrap_or_default();
        let before = own.iter().copied().filter(|head| head.version < first).max_by_key(|head| head.version);
        found.extend(before.map(|before| restore(before, own)));
    }
    found
}

/// A row that was deleted returns, unless its object has another one for those days.
fn restore<'a>(before: &'a Head, own: &[&'a Head]) -> Result<Step, Option<&'a Head>> {
    let later = own.iter().copied().filter(|head| {
        head.fid != before.fid && head.meets(before) && (head.known_to.is_none() || head.version > before.version)
    });
    match later.max_by_key(|head| head.version) {
        Some(later) => Err(Some(later)),
        None => Ok(Step::Restore { id: before.id, fid: before.fid, before: before.version, day: before.valid_from }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(fid: i64, version: i32, ended: bool) -> Head {
        Head {
            fid,
            id: Uuid::nil(),
            version,
            actor: "lan".to_owned(),
            known_from: DateTime::UNIX_EPOCH,
            known_to: ended.then_some(DateTime::UNIX_EPOCH),
            ended_by: ended.then(|| "minh".to_owned()),
            valid_from: None,
            valid_to: None,
        }
    }

    fn done(version: i32, op: &str, position: i32) -> Settled {
        let (is_delete, is_insert) = (op == "delete", op == "insert");
        Settled { layer: "parcel".to_owned(), id: Uuid::nil(), version, is_delete, is_insert, position }
    }

    #[test]
    fn each_kind_of_change_has_its_way_back() {
        let id = Uuid::nil();
        let remove = plan(&[done(1, "insert", 0)], &[head(7, 1, false)]);
        assert_eq!(remove, Ok(vec![Step::Remove { id, version: 1, day: None }]));
        let back = plan(&[done(2, "update", 0)], &[head(7, 1, true), head(7, 2, false)]);
        assert_eq!(back, Ok(vec![Step::PutBack { id, fid: 7, before: 1, version: 2, day: None }]));
        let restored = plan(&[done(1, "delete", 0)], &[head(7, 1, true)]);
        assert_eq!(restored, Ok(vec![Step::Restore { id, fid: 7, before: 1, day: None }]));
    }

    #[test]
    fn several_changes_of_one_row_in_one_set_go_back_at_once() {
        let id = Uuid::nil();
        let twice = plan(&[done(2, "update", 0), done(3, "update", 1)], &[head(7, 1, true), head(7, 3, false)]);
        assert_eq!(twice, Ok(vec![Step::PutBack { id, fid: 7, before: 1, version: 3, day: None }]));
        let new = plan(&[done(1, "insert", 0), done(2, "update", 1)], &[head(7, 2, false)]);
        assert_eq!(new, Ok(vec![Step::Remove { id, version: 2, day: None }]));
        let gone = plan(&[done(2, "update", 0), done(2, "delete", 1)], &[head(7, 1, true)]);
        assert_eq!(gone, Ok(vec![Step::Restore { id, fid: 7, before: 1, day: None }]));
        assert_eq!(plan(&[done(1, "insert", 0), done(1, "delete", 1)], &[]), Ok(vec![]));
    }

    #[test]
    fn what_others_built_on_is_named() {
        let changed = plan(&[done(2, "update", 0)], &[head(7, 1, true), head(7, 2, true), head(7, 3, false)]);
        assert_eq!(changed.unwrap_err()[0].there, Some(3));
        let deleted = plan(&[done(2, "update", 0)], &[head(7, 1, true), head(7, 2, true)]).unwrap_err();
        assert_eq!((deleted[0].there, deleted[0].actor.as_deref()), (None, Some("minh")));
        let revived = plan(&[done(1, "delete", 0)], &[head(7, 1, true), head(8, 2, false)]);
        assert_eq!(revived.unwrap_err()[0].there, Some(2));
    }
}
