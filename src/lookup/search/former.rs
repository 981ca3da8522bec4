//! Old wards and districts: their names lead to today's place, and the answer says so.

use std::collections::BTreeSet;

use dothi_tiles::{LayerName, Value};

use super::super::view::View;
use crate::live::pgcopy::Row;

/// A row of an entity without a place, with its attributes by name.
pub struct Entity<'v> {
    names: &'v [&'v str],
    row: &'v Row,
}

impl Entity<'_> {
    /// A text that says something.
    pub fn text(&self, attribute: &str) -> Option<&str> {
        let at = self.names.iter().position(|name| *name == attribute)?;
        self.row.values.get(at)?.as_text().map(str::trim).filter(|text| !text.is_empty())
    }

    /// A number.
    pub fn number(&self, attribute: &str) -> Option<f64> {
        let at = self.names.iter().position(|name| *name == attribute)?;
        self.row.values.get(at).and_then(Value::as_f64)
    }

    /// The object.
    pub fn id(&self) -> uuid::Uuid {
        self.row.id
    }
}

/// Runs over the rows of an entity that this audience sees and that hold on the day.
pub fn each<T>(view: View<'_>, layer: &str, mut take: impl FnMut(Entity<'_>) -> Option<T>) -> Vec<T> {
    let Some(described) = view.catalog.layer(layer) else { return Vec::new() };
    let Some(access) = LayerName::new(layer).ok().and_then(|name| view.audience.access(&name)) else {
        return Vec::new();
    };
    let Some(plan) = crate::live::plan::LayerPlan::of(described) else { return Vec::new() };
    // An attribute that is not seen has no name here, so nobody can ask for it.
    let names: Vec<&str> = plan
        .schema
        .attributes
        .iter()
        .map(|attribute| &*attribute.name)
        .map(|name| if access.attributes.as_ref().is_none_or(|set| set.contains(name)) { name } else { "" })
        .collect();
    let rows = view.entities.rows(layer);
    let held = rows.iter().filter(|row| row.valid.contains(view.date));
    held.filter_map(|row| take(Entity { names: &names, row })).collect()
}

/// Names of the units that went into a commune, in order.
pub fn units_before(view: View<'_>, code: &str) -> Vec<String> {
    let names: BTreeSet<String> = each(view, "admin_unit_change", |change| {
        (change.text("new_code") == Some(code)).then(|| change.text("old_name").map(str::to_owned)).flatten()
    })
    .into_iter()
    .collect();
    names.into_iter().collect()
}

/// What became of an old unit: codes and names of today's, the largest share first. An old district is where its wards are.
pub fn units_after(view: View<'_>, old_code: &str) -> Vec<(String, String)> {
    let wards: BTreeSet<String> = each(view, "admin_unit_former", |former| {
        (former.text("district_code") == Some(old_code)).then(|| former.text("code").map(str::to_owned)).flatten()
    })
    .into_iter()
    .collect();
    let mut changes = each(view, "admin_unit_change", |change| {
        let old = change.text("old_code")?;
        let share = change.number("share").unwrap_or(1.0);
        (old == old_code || wards.contains(old))
            .then(|| {
                Some((
                    share,
                    change.text("new_code")?.to_owned(),
                    change.text("new_name").unwrap_or_default().to_owned(),
                ))
            })
            .flatten()
    });
    changes.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let mut seen = BTreeSet::new();
    changes.retain(|(_, code, _)| seen.insert(code.clone()));
    changes.into_iter().map(|(_, code, name)| (code, name)).collect()
}
