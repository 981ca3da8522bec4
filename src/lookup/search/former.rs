//! Old wards and districts: their names lead to today's place, and the answer says so.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use dothi_tiles::{LayerName, Value};
use parking_lot::RwLock;

use super::{super::view::View, fold::fold};
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

/// Texts of the rows of old units in plain letters, read again when the rows are others.
///
/// They only say which rows are worth a closer look: that look is taken with what the audience sees.
#[derive(Default)]
pub struct Texts {
    read: RwLock<Option<Folded>>,
}

/// The rows, and the folded texts of each.
type Folded = (Arc<Vec<Row>>, Arc<Vec<Box<str>>>);

impl Texts {
    fn of(&self, rows: &Arc<Vec<Row>>) -> Arc<Vec<Box<str>>> {
        if let Some((_, texts)) = self.read.read().as_ref().filter(|(read, _)| Arc::ptr_eq(read, rows)) {
            return Arc::clone(texts);
        }
        let text = |row: &Row| row.values.iter().filter_map(Value::as_text).collect::<Vec<_>>().join(" ");
        let texts: Arc<Vec<Box<str>>> = Arc::new(rows.iter().map(|row| fold(&text(row)).into_boxed_str()).collect());
        *self.read.write() = Some((Arc::clone(rows), Arc::clone(&texts)));
        texts
    }
}

/// Runs over the old units in whose texts every one of the words stands.
pub fn each_with<T>(view: View<'_>, texts: &Texts, folded: &str, take: impl FnMut(Entity<'_>) -> Option<T>) -> Vec<T> {
    let rows = view.entities.rows("admin_unit_former");
    let texts = texts.of(&rows);
    let holds = |text: &str| folded.split(' ').all(|word| text.contains(word));
    run(
        view,
        "admin_unit_former",
        rows.iter().zip(texts.iter()).filter(|(_, text)| holds(text)).map(|(row, _)| row),
        take,
    )
}

/// Kinds of units, in plain letters.
const KINDS: [&str; 8] = ["phuong ", "xa ", "thi tran ", "thi xa ", "thanh pho ", "quan ", "huyen ", "tinh "];

/// A folded name without the kind in front of it, unless nothing but a number would be left.
pub fn bare(name: &str) -> &str {
    let bare = KINDS.iter().find_map(|kind| name.strip_prefix(kind)).unwrap_or(name);
    if bare.bytes().all(|byte| byte.is_ascii_digit()) { name } else { bare }
}

/// What the old unit of a code was called.
pub fn name_of(view: View<'_>, code: &str) -> Option<String> {
    let mut found = each(view, "admin_unit_former", |unit| {
        if unit.text("code") == Some(code) { unit.text("name").map(str::to_owned) } else { None }
    });
    found.pop()
}

/// Runs over the rows of an entity that this audience sees and that hold on the day.
pub fn each<T>(view: View<'_>, layer: &str, take: impl FnMut(Entity<'_>) -> Option<T>) -> Vec<T> {
    let rows = view.entities.rows(layer);
    run(view, layer, rows.iter(), take)
}

fn run<'r, T>(
    view: View<'_>,
    layer: &str,
    rows: impl Iterator<Item = &'r Row>,
    mut take: impl FnMut(Entity<'_>) -> Option<T>,
) -> Vec<T> {
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
    let held = rows.filter(|row| row.valid.contains(view.date));
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

/// What became of old units: for each code the codes and names of today's, the largest share first. An old district is
/// where its wards are.
pub fn units_after(view: View<'_>, old_codes: &BTreeSet<String>) -> BTreeMap<String, Vec<(String, String)>> {
    // Whose place today is asked for by which change: a ward's own, and its district's.
    let mut asked_by: BTreeMap<String, Vec<String>> =
        old_codes.iter().map(|code| (code.clone(), vec![code.clone()])).collect();
    let wards = each(view, "admin_unit_former", |former| {
        let district = former.text("district_code").filter(|district| old_codes.contains(*district))?;
        Some((former.text("code")?.to_owned(), district.to_owned()))
    });
    for (ward, district) in wards {
        let asking = asked_by.entry(ward).or_default();
        if !asking.contains(&district) {
            asking.push(district);
        }
    }
    let mut changes = each(view, "admin_unit_change", |change| {
        let asking = asked_by.get(change.text("old_code")?)?;
        let share = change.number("share").unwrap_or(1.0);
        let name = change.text("new_name").unwrap_or_default();
        Some((share, change.text("new_code")?.to_owned(), name.to_owned(), asking))
    });
    changes.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let mut after: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for (_, code, name, asking) in changes {
        for old in asking {
            let units = after.entry(old.clone()).or_default();
            if units.iter().all(|(known, _)| *known != code) {
                units.push((code.clone(), name.clone()));
            }
        }
    }
    after
}
