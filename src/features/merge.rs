//! The rule by which two people's changes to one object become one.

use serde_json::Value;

use super::Values;

/// What a merge comes to.
#[derive(Clone, Debug, PartialEq)]
pub enum Merge {
    /// It is so already.
    Identical,
    /// These values are to be written.
    Write(Values),
    /// Both changed these attributes, to different values.
    Conflict(Vec<String>),
}

/// Holds `yours` against what you saw and what is there. Only attributes that you name are looked at: what you do not
/// name stays as the other left it.
pub fn merge(seen: &Values, there: &Values, yours: &Values) -> Merge {
    let wanted = || yours.iter().filter(|(name, value)| !same(there.get(*name), Some(value)));
    let both = wanted().filter(|(name, _)| !same(seen.get(*name), there.get(*name)));
    let both: Vec<String> = both.map(|(name, _)| name.clone()).collect();
    if !both.is_empty() {
        return Merge::Conflict(both);
    }
    let write: Values = wanted().map(|(name, value)| (name.clone(), value.clone())).collect();
    if write.is_empty() { Merge::Identical } else { Merge::Write(write) }
}

/// Absent and null are the same, and so are 5 and 5.0.
fn same(a: Option<&Value>, b: Option<&Value>) -> bool {
    let (a, b) = (a.unwrap_or(&Value::Null), b.unwrap_or(&Value::Null));
    match (a, b) {
        (Value::Number(a), Value::Number(b)) if a.is_f64() || b.is_f64() => a.as_f64() == b.as_f64(),
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn values() -> impl Strategy<Value = Values> {
        prop::collection::btree_map("[a-d]", prop::option::of(0..3i64), 0..4).prop_map(|map| {
            map.into_iter().map(|(name, value)| (name, value.map_or(Value::Null, Value::from))).collect()
        })
    }

    fn over(there: &Values, write: &Values) -> Values {
        let mut now = there.clone();
        now.extend(write.clone());
        now
    }

    proptest! {
        #[test]
        fn nothing_that_another_changed_is_lost(seen in values(), there in values(), yours in values()) {
            if let Merge::Write(write) = merge(&seen, &there, &yours) {
                let now = over(&there, &write);
                for name in ["a", "b", "c", "d"] {
                    if !same(seen.get(name), there.get(name)) {
                        prop_assert!(same(now.get(name), there.get(name)), "{name} was theirs");
                    }
                }
                for (name, value) in &yours {
                    prop_assert!(same(now.get(name), Some(value)), "{name} was asked for");
                }
            }
        }

        #[test]
        fn alone_there_is_no_conflict(seen in values(), yours in values()) {
            prop_assert!(!matches!(merge(&seen, &seen, &yours), Merge::Conflict(_)));
        }

        #[test]
        fn doing_it_twice_is_identical(seen in values(), there in values(), yours in values()) {
            if let Merge::Write(write) = merge(&seen, &there, &yours) {
                prop_assert_eq!(merge(&seen, &over(&there, &write), &yours), Merge::Identical);
            }
        }

        #[test]
        fn a_conflict_names_what_both_changed(seen in values(), there in values(), yours in values()) {
            if let Merge::Conflict(fields) = merge(&seen, &there, &yours) {
                for name in fields {
                    prop_assert!(!same(seen.get(&name), there.get(&name)) && !same(there.get(&name), yours.get(&name)));
                }
            }
        }
    }
}
