//! Several operations to one object come to one.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::features::{Act, Operation};

/// Two operations that cannot follow each other.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("operation {op_id} cannot follow what the draft does to {id} already")]
pub struct Unfoldable {
    /// The second of them.
    pub op_id: Uuid,
    /// The object.
    pub id: Uuid,
}

/// What operations in this order come to: one for each object and day, in the order in which the objects were first named.
///
/// The version that was seen is the first one's: only that is on the map. The `op_id` is the last one's. An object that is
/// made and removed again leaves nothing.
///
/// # Errors
/// When something is made twice, or changed after it was removed.
pub fn fold(operations: impl IntoIterator<Item = Operation>) -> Result<Vec<Operation>, Unfoldable> {
    let mut places = BTreeMap::new();
    let mut folded: Vec<Option<Operation>> = Vec::new();
    for next in operations {
        let key = (next.entity.clone(), next.id, next.valid_at);
        let place = *places.entry(key).or_insert_with(|| {
            folded.push(None);
            folded.len() - 1
        });
        let Some(slot) = folded.get_mut(place) else { continue };
        *slot = match slot.take() {
            None => Some(next),
            Some(before) => both(before, next)?,
        };
    }
    Ok(folded.into_iter().flatten().collect())
}

fn both(before: Operation, next: Operation) -> Result<Option<Operation>, Unfoldable> {
    let unfoldable = Unfoldable { op_id: next.op_id, id: next.id };
    let act = match (before.act, next.act) {
        (Act::Insert { mut set, geometry }, Act::Update { set: more, geometry: newer, .. }) => {
            set.extend(more);
            Act::Insert { set, geometry: newer.or(geometry) }
        }
        (Act::Update { base_version, mut set, geometry }, Act::Update { set: more, geometry: newer, .. }) => {
            set.extend(more);
            Act::Update { base_version, set, geometry: newer.or(geometry) }
        }
        (Act::Update { base_version, .. }, Act::Delete { .. }) => Act::Delete { base_version },
        (Act::Insert { .. }, Act::Delete { .. }) => return Ok(None),
        (_, Act::Insert { .. }) | (Act::Delete { .. }, _) => return Err(unfoldable),
    };
    Ok(Some(Operation { op_id: next.op_id, act, ..before }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    use super::*;

    /// What an object holds; none when it is not there.
    type Held = Option<Map<String, Value>>;

    fn done(held: Held, act: &Act) -> Held {
        let write = |mut held: Map<String, Value>, set: &Map<String, Value>, geometry: &Option<Value>| {
            held.extend(set.clone());
            held.extend(geometry.clone().map(|geometry| ("geometry".to_owned(), geometry)));
            held
        };
        match act {
            Act::Insert { set, geometry } => Some(write(Map::new(), set, geometry)),
            Act::Update { set, geometry, .. } => held.map(|held| write(held, set, geometry)),
            Act::Delete { .. } => None,
        }
    }

    fn operation(act: Act) -> Operation {
        Operation { op_id: Uuid::now_v7(), entity: "tree".to_owned(), id: Uuid::nil(), valid_at: None, act }
    }

    fn acts() -> impl Strategy<Value = Act> {
        let set = prop::collection::btree_map("[abc]", 0..5_i32, 0..3)
            .prop_map(|set| set.into_iter().map(|(name, value)| (name, json!(value))).collect::<Map<_, _>>());
        let shape = prop::option::of((0..9_i32).prop_map(|x| json!(x)));
        prop_oneof![
            (set.clone(), shape.clone()).prop_map(|(set, geometry)| Act::Insert { set, geometry }),
            (set, shape).prop_map(|(set, geometry)| Act::Update { base_version: 4, set, geometry }),
            Just(Act::Delete { base_version: 4 }),
        ]
    }

    proptest! {
        #[test]
        fn one_does_what_all_did(there in any::<bool>(), acts in prop::collection::vec(acts(), 1..6)) {
            let begun: Held = there.then(|| json!({ "a": 9, "geometry": 9 }).as_object().cloned().unwrap_or_default());
            // Only what can be done to an object that is there, or not.
            let mut held = begun.clone();
            let mut possible = Vec::new();
            for act in acts {
                if matches!(act, Act::Insert { .. }) == held.is_none() && (possible.is_empty() || held.is_some()) {
                    held = done(held, &act);
                    possible.push(operation(act));
                }
            }
            let folded = fold(possible).expect("each may follow the one before");
            prop_assert!(folded.len() <= 1);
            let once = folded.iter().fold(begun, |held, operation| done(held, &operation.act));
            prop_assert_eq!(once, held);
        }
    }

    #[test]
    fn nothing_follows_a_removal_and_nothing_is_made_twice() {
        let insert = || operation(Act::Insert { set: Map::new(), geometry: None });
        let delete = || operation(Act::Delete { base_version: 1 });
        assert!(fold([insert(), insert()]).is_err());
        assert!(fold([delete(), operation(Act::Update { base_version: 1, set: Map::new(), geometry: None })]).is_err());
        assert!(fold([delete(), delete()]).is_err());
    }
}
