//! What only staff with the right may see does not leave in a report.

use std::collections::{HashMap, HashSet};

use serde_json::Value;
use sqlx::PgConnection;

use super::error::ImportError;
use super::report::{ConflictReport, Report};

/// Stands for a private value.
const HIDDEN: &str = "•••";
/// Stands for a private value that differs from the one before.
const OTHER: &str = "••• ≠";

/// Private attributes, layer by layer.
#[derive(Debug, Default)]
pub(super) struct Private(HashMap<String, HashSet<String>>);

impl Private {
    /// As the catalog marks them; in a private layer all are.
    pub(super) async fn load(db: &mut PgConnection) -> Result<Self, ImportError> {
        let rows: Vec<(String, String)> = sqlx::query_as(
            "SELECT a.layer, a.name FROM catalog.attribute a JOIN catalog.layer l ON l.name = a.layer WHERE a.private OR l.private",
        )
        .fetch_all(db)
        .await?;
        let mut private = Self::default();
        for (layer, name) in rows {
            private.0.entry(layer).or_default().insert(name);
        }
        Ok(private)
    }

    /// Puts dots where private values stand. The database keeps them, behind its rights.
    pub(super) fn hide(&self, report: &mut Report) {
        for conflict in &mut report.conflicts {
            if let Some(names) = self.0.get(&conflict.layer) {
                hide_versions(conflict, names);
            }
        }
        for issue in &mut report.issues {
            let Some(names) = issue.target.as_ref().and_then(|layer| self.0.get(layer)) else { continue };
            let is_private = issue.field.as_ref().is_some_and(|f| f.split(", ").any(|name| names.contains(name)));
            let Some(value) = issue.value.as_mut().filter(|value| is_private && !value.is_empty()) else { continue };
            issue.message.vi = issue.message.vi.replace(value.as_str(), HIDDEN);
            issue.message.en = issue.message.en.replace(value.as_str(), HIDDEN);
            HIDDEN.clone_into(value);
        }
    }
}

fn hide_versions(conflict: &mut ConflictReport, names: &HashSet<String>) {
    // A key may be made of them, and is not taken apart.
    let in_key = |value: &Value| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        conflict.key.as_ref().is_some_and(|key| key.split(['/', '@']).any(|part| part == text))
    };
    let versions = || [&conflict.base, &conflict.ours, &conflict.theirs].into_iter().flatten();
    let hides_key = names.iter().any(|name| versions().filter_map(|v| v.get(name)).any(|v| !v.is_null() && in_key(v)));
    let before = conflict.base.clone();
    let mut is_first = true;
    for version in [&mut conflict.base, &mut conflict.ours, &mut conflict.theirs] {
        for (name, value) in version.iter_mut().filter_map(Value::as_object_mut).flatten() {
            if !value.is_null() && names.contains(name) {
                let same = is_first || before.as_ref().and_then(|b| b.get(name)) == Some(&*value);
                *value = if same { HIDDEN } else { OTHER }.into();
            }
        }
        is_first = false;
    }
    if hides_key {
        conflict.key = Some(HIDDEN.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_values_are_dots_and_still_tell_whether_they_differ() {
        let version = |phone: &str, height: f64| Some(serde_json::json!({ "phone": phone, "height_m": height }));
        let conflict = ConflictReport {
            layer: "tree".into(),
            key: Some("090/1".into()),
            base: version("090", 1.0),
            ours: version("091", 1.0),
            theirs: version("090", 2.0),
            ..ConflictReport::default()
        };
        let mut report = Report { conflicts: vec![conflict], ..Report::default() };
        Private(HashMap::from([("tree".to_owned(), HashSet::from(["phone".to_owned()]))])).hide(&mut report);
        let conflict = &report.conflicts[0];
        let phone = |v: &Option<Value>| v.as_ref().map(|v| v["phone"].clone());
        assert_eq!(phone(&conflict.base), Some(HIDDEN.into()));
        assert_eq!((phone(&conflict.ours), phone(&conflict.theirs)), (Some(OTHER.into()), Some(HIDDEN.into())));
        assert_eq!(conflict.key.as_deref(), Some(HIDDEN));
        assert!(serde_json::to_string(conflict).expect("json").contains("height_m\":2.0"));
    }
}
