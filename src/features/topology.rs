//! Rules about where things lie: which there are, what they look at, and the query that finds what breaks them.
//!
//! A catalog names the rules of a layer and says whether they refuse or warn; what is not named there is not asked. They are
//! asked in PostGIS, after the rows are written and under the locks of their places (decision 10).

use std::collections::BTreeSet;

use sqlx::PgConnection;
use uuid::Uuid;

use super::{Finding, locks::Bounds};
use crate::bilingual::Bilingual;
use crate::catalog::{Catalog, Effect, Layer, Rule, RuleOn};

/// A rule of one layer.
#[derive(Debug)]
pub struct Topology {
    /// Whose rows may break it.
    pub layer: &'static str,
    /// Its name in the catalog.
    pub name: &'static str,
    /// `$1`: fids of rows; each row of the answer is a [`Breach`].
    query: &'static str,
    /// What stands in the query for `{…}`.
    words: &'static [(&'static str, &'static str)],
    /// Does it look at the geometry of the row?
    reads_geometry: bool,
    /// The attributes of the row that it looks at.
    reads: &'static [&'static str],
    /// The layer whose rows it needs nearby: a change there may break it here.
    pub needs: Option<&'static str>,
    /// The attributes of that layer that it looks at.
    needs_attributes: &'static [&'static str],
}

impl Topology {
    const fn new(layer: &'static str, name: &'static str, query: &'static str) -> Self {
        let (words, reads, needs_attributes): (&[(&str, &str)], &[&str], &[&str]) = (&[], &[], &[]);
        Self { layer, name, query, words, reads_geometry: true, reads, needs: None, needs_attributes }
    }

    const fn words(mut self, words: &'static [(&'static str, &'static str)]) -> Self {
        self.words = words;
        self
    }

    const fn reads(mut self, attributes: &'static [&'static str]) -> Self {
        self.reads = attributes;
        self
    }

    const fn attributes_only(mut self) -> Self {
        self.reads_geometry = false;
        self
    }

    const fn needs(mut self, layer: &'static str, attributes: &'static [&'static str]) -> Self {
        self.needs = Some(layer);
        self.needs_attributes = attributes;
        self
    }

    /// Can a change of a row itself break it?
    pub fn is_about(&self, change: &Change) -> bool {
        match change {
            Change::Whole => true,
            Change::Fields(fields) => {
                (self.reads_geometry && fields.contains("geometry"))
                    || self.reads.iter().any(|one| fields.contains(*one))
            }
        }
    }

    /// Can a change of a row of another layer break it for those nearby?
    pub fn needs_what_changed(&self, layer: &str, change: &Change) -> bool {
        let touches = |fields: &BTreeSet<String>| {
            fields.contains("geometry") || self.needs_attributes.iter().any(|one| fields.contains(*one))
        };
        self.needs == Some(layer)
            && match change {
                Change::Whole => true,
                Change::Fields(fields) => touches(fields),
            }
    }

    /// What the catalog says of it for edits; none when it does not name it, or only for deliveries.
    pub fn rule<'a>(&self, catalog: &'a Catalog) -> Option<(&'a Layer, &'a Rule)> {
        let layer = catalog.layer(self.layer)?;
        let rule = layer.rules.iter().find(|rule| rule.name == self.name && rule.on != RuleOn::Import)?;
        Some((layer, rule))
    }
}

/// What an operation changes of a row.
#[derive(Clone, Debug)]
pub enum Change {
    /// The row comes or goes.
    Whole,
    /// These attributes, and `geometry`.
    Fields(BTreeSet<String>),
}

/// A row that breaks a rule: whom it meets, and where.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Breach {
    /// The row.
    pub fid: i64,
    /// Its object.
    pub id: Uuid,
    /// The object that it meets.
    pub other: Option<Uuid>,
    /// The layer of that.
    pub other_layer: Option<String>,
    /// The attribute, or `geometry`.
    pub field: String,
    /// `unknown`: it names nothing that exists; `missing`; none: as the rule says.
    pub what: Option<String>,
    /// Longitude of the place.
    pub lon: f64,
    /// Latitude of the place.
    pub lat: f64,
}

impl Breach {
    /// What makes it the same breach before and after: a metre is a thousandth of a hundredth of a degree.
    pub fn mark(&self) -> (i64, Option<Uuid>, String, i64, i64) {
        let grid = |degrees: f64| (degrees * 1e5).round() as i64;
        (self.fid, self.other, self.field.clone(), grid(self.lon), grid(self.lat))
    }

    /// Where it is, longitude and latitude.
    pub fn place(&self) -> [f64; 2] {
        [self.lon, self.lat]
    }

    /// What is wrong, in both languages.
    pub fn message(&self, rule: &Rule) -> Bilingual {
        match self.what.as_deref() {
            Some("unknown") => Bilingual::new(
                format!("{}: “{}” không chỉ đến đối tượng nào", rule.title.vi, self.field),
                format!("{}: “{}” names nothing that exists", rule.title.en, self.field),
            ),
            Some("missing") => Bilingual::new(
                format!("{}: thiếu “{}”", rule.title.vi, self.field),
                format!("{}: “{}” is missing", rule.title.en, self.field),
            ),
            _ => Bilingual::new(&rule.title.vi, &rule.title.en),
        }
    }

    /// As a finding about the row itself.
    pub fn finding(self, rule: &Rule) -> Finding {
        Finding {
            rule: rule.name.clone(),
            effect: rule.effect,
            message: self.message(rule),
            place: Some(self.place()),
            field: Some(self.field),
            other: self.other,
            other_layer: self.other_layer,
        }
    }

    /// As a warning to whoever changed something nearby: the row that breaks the rule is the other one then.
    pub fn warning(&self, layer: &Layer, rule: &Rule) -> Finding {
        Finding {
            rule: rule.name.clone(),
            effect: Effect::Warn,
            field: Some("geometry".to_owned()),
            message: Bilingual::new(
                format!("{} không còn đạt: {}", layer.title.vi, rule.title.vi),
                format!("{} left behind: {}", layer.title.en, rule.title.en),
            ),
            place: Some(self.place()),
            other: Some(self.id),
            other_layer: Some(layer.name.clone()),
        }
    }
}

/// Every rule that is asked here. Those of code lists, kinds and soundness are asked of the operation alone, in `check`.
pub const ALL: &[Topology] = &[
    Topology::new("parcel", "no_overlap_same_sheet", include_str!("topology/overlap.sql"))
        .words(&[
            ("layer", "parcel"),
            ("width", "0.02"),
            (
                "same",
                "other.commune_code IS NOT DISTINCT FROM row.commune_code AND other.sheet IS NOT DISTINCT FROM row.sheet \
                 AND other.former_unit_name IS NOT DISTINCT FROM row.former_unit_name",
            ),
        ])
        .reads(&["commune_code", "sheet", "former_unit_name"]),
    Topology::new("parcel", "unique_key", include_str!("topology/unique_key.sql"))
        .reads(&["commune_code", "sheet", "former_unit_name", "number"])
        .attributes_only(),
    Topology::new("planning_zone", "inside_plan", include_str!("topology/inside_plan.sql"))
        .words(&[("layer", "planning_zone")])
        .reads(&["plan"])
        .needs("plan", &["code"]),
    Topology::new("planning_zone", "no_overlap_within_plan", include_str!("topology/overlap.sql"))
        .words(&[("layer", "planning_zone"), ("width", "0.1"), ("same", "other.plan = row.plan")])
        .reads(&["plan"]),
    Topology::new("land_use_plan", "inside_plan", include_str!("topology/inside_plan.sql"))
        .words(&[("layer", "land_use_plan")])
        .reads(&["plan"])
        .needs("plan", &["code"]),
    Topology::new("plan", "dated_with_document", include_str!("topology/dated_with_document.sql"))
        .reads(&["decision_date", "document"])
        .attributes_only(),
    Topology::new("building", "no_overlap", include_str!("topology/overlap.sql")).words(&[
        ("layer", "building"),
        ("width", "0.2"),
        ("same", "true"),
    ]),
    Topology::new("water_pipe", "ends_at_nodes", include_str!("topology/ends_at_nodes.sql"))
        .words(&[("layer", "water_pipe"), ("node", "water_node")])
        .needs("water_node", &[]),
    Topology::new("drain_pipe", "ends_at_nodes", include_str!("topology/ends_at_nodes.sql"))
        .words(&[("layer", "drain_pipe"), ("node", "drain_node")])
        .needs("drain_node", &[]),
    Topology::new("drain_node", "ends_at_nodes", include_str!("topology/joined.sql")).needs("drain_pipe", &[]),
    Topology::new("water_valve", "on_pipe", include_str!("topology/on_line.sql"))
        .words(&[("layer", "water_valve"), ("line", "water_pipe"), ("metres", "0.1")])
        .needs("water_pipe", &[]),
    // A hydrant stands on the pavement, a short branch from its pipe.
    Topology::new("hydrant", "on_pipe", include_str!("topology/on_line.sql"))
        .words(&[("layer", "hydrant"), ("line", "water_pipe"), ("metres", "2")])
        .needs("water_pipe", &[]),
    Topology::new("lamp_post", "on_line", include_str!("topology/on_line.sql"))
        .words(&[("layer", "lamp_post"), ("line", "lighting_line"), ("metres", "1")])
        .needs("lighting_line", &[]),
    Topology::new("tree", "within_species_maxima", include_str!("topology/species_maxima.sql"))
        .reads(&["species", "height_m", "dbh_cm"])
        .attributes_only(),
    Topology::new("address", "inside_unit", include_str!("topology/inside_unit.sql")).reads(&["unit_code"]),
    Topology::new("admin_unit", "children_cover_parent", include_str!("topology/children_cover.sql"))
        .reads(&["code", "parent_code"])
        .needs("admin_unit", &["code", "parent_code"]),
];

/// Layers whose rules look at each other take turns by place; none for layers that no rule looks at.
pub fn group(layer: &str) -> Option<&'static str> {
    Some(match layer {
        "parcel" => "parcel",
        "building" => "building",
        "admin_unit" => "admin_unit",
        "plan" | "planning_zone" | "land_use_plan" => "planning",
        "water_pipe" | "water_node" | "water_valve" | "hydrant" => "water",
        "drain_pipe" | "drain_node" => "drainage",
        "lamp_post" | "lighting_line" => "lighting",
        _ => return None,
    })
}

/// Does a rule look at what changes?
pub fn is_looked_at(layer: &str, change: &Change) -> bool {
    let own = |rule: &Topology| rule.layer == layer && rule.is_about(change);
    ALL.iter().any(|rule| own(rule) || rule.needs_what_changed(layer, change))
}

/// What a statement of `topology/` answers at most.
const BREACHES_AN_ANSWER: usize = 1_000;
/// What `topology/near.sql` answers at most.
const ROWS_A_PAGE: usize = 5_000;

/// What these rows break of a rule.
///
/// # Errors
/// When the database cannot answer.
pub async fn breaches(
    connection: &mut PgConnection,
    rule: &Topology,
    fids: &[i64],
) -> Result<Vec<Breach>, sqlx::Error> {
    let fill = |query: String, (name, word): &(&str, &str)| query.replace(&format!("{{{name}}}"), word);
    let query = rule.words.iter().fold(rule.query.to_owned(), fill);
    let mut found = Vec::new();
    let mut asked = vec![fids];
    while let Some(rows) = asked.pop() {
        if rows.is_empty() {
            continue;
        }
        let some: Vec<Breach> = sqlx::query_as(&query).bind(rows).fetch_all(&mut *connection).await?;
        // A full answer may have been cut short, and what is cut off would count as mended. One row alone may be told so far.
        if some.len() >= BREACHES_AN_ANSWER && rows.len() > 1 {
            let (first, rest) = rows.split_at(rows.len() / 2);
            asked.extend([rest, first]);
        } else {
            found.extend(some);
        }
    }
    Ok(found)
}

/// Rows of the rule's layer in these boxes: those that a change there may have left behind.
///
/// # Errors
/// When the database cannot answer.
pub async fn near(
    connection: &mut PgConnection,
    rule: &Topology,
    boxes: &[Bounds],
) -> Result<Vec<(i64, Uuid)>, sqlx::Error> {
    let mut found: Vec<(i64, Uuid)> = Vec::new();
    if boxes.is_empty() {
        return Ok(found);
    }
    let side = |at: usize| boxes.iter().map(|bounds| bounds[at]).collect::<Vec<f64>>();
    let query = include_str!("topology/near.sql").replace("{layer}", rule.layer);
    loop {
        let after = found.last().map(|(fid, _)| *fid);
        let page: Vec<(i64, Uuid)> = sqlx::query_as(&query)
            .bind(side(0))
            .bind(side(1))
            .bind(side(2))
            .bind(side(3))
            .bind(after)
            .fetch_all(&mut *connection)
            .await?;
        let is_last = page.len() < ROWS_A_PAGE;
        found.extend(page);
        if is_last {
            return Ok(found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::shipped_layers;

    #[test]
    fn every_rule_of_the_shipped_catalog_is_asked_somewhere() {
        let layers = shipped_layers().unwrap();
        for layer in &layers {
            for rule in layer.rules.iter().filter(|rule| rule.name != "known_code") {
                let asked = ALL.iter().any(|one| one.layer == layer.name && one.name == rule.name);
                assert!(asked, "{} {}", layer.name, rule.name);
            }
        }
        for rule in ALL {
            let layer = layers.iter().find(|layer| layer.name == rule.layer).expect(rule.layer);
            assert!(layer.rules.iter().any(|one| one.name == rule.name), "{} {}", rule.layer, rule.name);
            let has = |layer: &Layer, name: &str| layer.attributes.iter().any(|one| one.name == name);
            assert!(rule.reads.iter().all(|name| has(layer, name)), "{} {}", rule.layer, rule.name);
            if rule.needs.is_some() || rule.query.contains("{same}") {
                assert!(
                    group(rule.layer).is_some() && rule.needs.is_none_or(|needs| group(needs) == group(rule.layer))
                );
            }
        }
    }
}
