//! What a change set breaks: the rows it wrote, and the rows near those that it moved or took away.
//!
//! An atomic set is judged at its end, so that a border which two parcels share moves in one step; otherwise each operation by
//! itself. A rule stops who breaks it at the own row. What is left behind is a warning: it was not there before, and the place
//! is named. Who wants neither sends both changes in one atomic set.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use sqlx::{Acquire as _, PgConnection};

use super::{
    Finding, Operation,
    locks::Bounds,
    topology::{self, Change, Topology},
};
use crate::catalog::{Catalog, Layer};

/// What an operation is about to do, as far as rules look at it.
pub struct Intent<'a> {
    /// Its place in the change set.
    pub at: usize,
    /// The layer.
    pub layer: &'a Layer,
    /// What it changes.
    pub change: Change,
    /// Where the row lies before; none if it is new, or has no place.
    pub before: Option<Bounds>,
}

/// Where the rows lie that operations address, by place in the change set.
///
/// # Errors
/// When the database cannot answer.
pub async fn places_before(
    connection: &mut PgConnection,
    operations: &[Operation],
    layer: impl Fn(usize) -> Option<String>,
) -> Result<BTreeMap<usize, Bounds>, sqlx::Error> {
    let mut layers: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for at in 0..operations.len() {
        if let Some(layer) = layer(at) {
            layers.entry(layer).or_default().push(at);
        }
    }
    let mut places = BTreeMap::new();
    for (layer, asked) in layers {
        let numbers: Vec<i64> = asked.iter().map(|at| *at as i64).collect();
        let (ids, days): (Vec<_>, Vec<_>) = asked
            .iter()
            .filter_map(|at| operations.get(*at))
            .map(|operation| (operation.id, operation.valid_at))
            .unzip();
        let rows: Vec<(i64, Vec<f64>)> = sqlx::query_as(&format!(
            "SELECT asked.number, gis.box(row.geom) FROM unnest($1::bigint[], $2::uuid[], $3::date[]) AS asked(number, id, day) \
             JOIN gis.\"{layer}\" AS row ON row.id = asked.id AND row.validity @> coalesce(asked.day, gis.today())"
        ))
        .bind(numbers)
        .bind(ids)
        .bind(days)
        .fetch_all(&mut *connection)
        .await?;
        let bounds = |corners: Vec<f64>| corners.try_into().ok();
        places.extend(rows.into_iter().filter_map(|(at, corners)| Some((usize::try_from(at).ok()?, bounds(corners)?))));
    }
    Ok(places)
}

type Marks = HashSet<(i64, Option<uuid::Uuid>, String, i64, i64)>;

/// Rows near what is about to change, and what they break already.
pub struct Neighbours(Vec<(&'static Topology, Vec<i64>, Marks)>);

impl Neighbours {
    /// Looks around before anything is written.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn of(
        connection: &mut PgConnection,
        catalog: &Catalog,
        intents: &[Intent<'_>],
    ) -> Result<Self, sqlx::Error> {
        let mut all = Vec::new();
        for rule in topology::ALL.iter().filter(|rule| rule.rule(catalog).is_some()) {
            let needed = intents.iter().filter(|intent| rule.needs_what_changed(&intent.layer.name, &intent.change));
            let boxes: Vec<Bounds> = needed.filter_map(|intent| intent.before).collect();
            let near = topology::near(connection, rule, &boxes).await?;
            let fids: Vec<i64> = near.into_iter().map(|(fid, _)| fid).collect();
            if !fids.is_empty() {
                let broken = topology::breaches(connection, rule, &fids).await?;
                all.push((rule, fids, broken.iter().map(topology::Breach::mark).collect()));
            }
        }
        Ok(Self(all))
    }
}

/// What is broken now, each with the place of the operation that it is told to. `rows`: place and fid of what was written.
///
/// # Errors
/// When the database cannot answer.
pub async fn broken(
    connection: &mut PgConnection,
    catalog: &Catalog,
    intents: &[Intent<'_>],
    rows: &[(usize, i64)],
    neighbours: &Neighbours,
) -> Result<Vec<(usize, Finding)>, sqlx::Error> {
    let mut savepoint = connection.begin().await?;
    let together = own(&mut savepoint, catalog, intents, rows).await;
    let mut found = match together {
        Err(error) if is_about_a_shape(&error) => {
            savepoint.rollback().await?;
            one_by_one(connection, catalog, intents, rows).await?
        }
        other => {
            let found = other?;
            savepoint.commit().await?;
            found
        }
    };
    found.extend(left_behind(connection, catalog, intents, rows, neighbours).await?);
    Ok(found)
}

/// Finds the operation whose shape PostGIS cannot work with.
async fn one_by_one(
    connection: &mut PgConnection,
    catalog: &Catalog,
    intents: &[Intent<'_>],
    rows: &[(usize, i64)],
) -> Result<Vec<(usize, Finding)>, sqlx::Error> {
    let mut found = Vec::new();
    for row in rows {
        let mut savepoint = connection.begin().await?;
        match own(&mut savepoint, catalog, intents, &[*row]).await {
            Err(error) if is_about_a_shape(&error) => {
                savepoint.rollback().await?;
                found.push((row.0, unworkable(&error)));
            }
            other => {
                found.extend(other?);
                savepoint.commit().await?;
            }
        }
    }
    Ok(found)
}

/// Errors of PostGIS itself: a shape that it cannot cut (XX000), or a number out of range (class 22).
pub fn is_about_a_shape(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| code.starts_with("XX") || code.starts_with("22"))
}

/// The finding for such an error.
pub fn unworkable(error: &sqlx::Error) -> Finding {
    let why: String = error.as_database_error().map_or("", |error| error.message()).chars().take(200).collect();
    Finding::refuse(
        "geometry",
        Some("geometry"),
        "Hình học này không tính toán được",
        format!("This geometry cannot be worked with: {why}"),
    )
}

async fn own(
    connection: &mut PgConnection,
    catalog: &Catalog,
    intents: &[Intent<'_>],
    rows: &[(usize, i64)],
) -> Result<Vec<(usize, Finding)>, sqlx::Error> {
    let mut found = Vec::new();
    for rule in topology::ALL {
        let Some((_, named)) = rule.rule(catalog) else { continue };
        let judged = own_rows(rule, intents, rows);
        let fids: Vec<i64> = judged.keys().copied().collect();
        for breach in topology::breaches(connection, rule, &fids).await? {
            if let Some(at) = judged.get(&breach.fid) {
                found.push((*at, breach.finding(named)));
            }
        }
    }
    Ok(found)
}

/// The rows that a rule is asked about for their own sake, with the last operation that wrote each.
fn own_rows(rule: &Topology, intents: &[Intent<'_>], rows: &[(usize, i64)]) -> BTreeMap<i64, usize> {
    let is_about = |at: usize| {
        intents.iter().any(|intent| intent.at == at && intent.layer.name == rule.layer && rule.is_about(&intent.change))
    };
    rows.iter().filter(|(at, _)| is_about(*at)).map(|(at, fid)| (*fid, *at)).collect()
}

async fn left_behind(
    connection: &mut PgConnection,
    catalog: &Catalog,
    intents: &[Intent<'_>],
    rows: &[(usize, i64)],
    neighbours: &Neighbours,
) -> Result<Vec<(usize, Finding)>, sqlx::Error> {
    let mut found = Vec::new();
    for (rule, fids, before) in &neighbours.0 {
        let Some((layer, named)) = rule.rule(catalog) else { continue };
        let own: BTreeSet<i64> = own_rows(rule, intents, rows).into_keys().collect();
        let fids: Vec<i64> = fids.iter().copied().filter(|fid| !own.contains(fid)).collect();
        for breach in topology::breaches(connection, rule, &fids).await? {
            if before.contains(&breach.mark()) {
                continue;
            }
            let causes = || intents.iter().filter(|one| rule.needs_what_changed(&one.layer.name, &one.change));
            let near = causes().find(|one| one.before.is_some_and(|bounds| lies_in(breach.place(), bounds)));
            if let Some(cause) = near.or_else(|| causes().next()) {
                found.push((cause.at, breach.warning(layer, named)));
            }
        }
    }
    Ok(found)
}

fn lies_in([lon, lat]: [f64; 2], [west, south, east, north]: Bounds) -> bool {
    const NEAR: f64 = 2e-5;
    lon >= west - NEAR && lon <= east + NEAR && lat >= south - NEAR && lat <= north + NEAR
}
