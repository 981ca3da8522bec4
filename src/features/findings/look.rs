//! One look: what changed since the last one, what of it is broken, what was mended.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sqlx::{Acquire as _, PgConnection, PgPool};
use uuid::Uuid;

use crate::catalog::{Catalog, Effect, Rule, RuleOn, Text};
use crate::features::{
    judge,
    locks::Bounds,
    topology::{self, Breach, Topology},
};
use crate::live::{feed::Head, position::Snapshot};

/// Objects of one layer that are looked at in one look; more at once is somebody's delivery by another road.
const MOST: usize = 20_000;
/// Rows asked about in one statement.
const ROWS_A_STATEMENT: usize = 500;

/// What changed in one layer.
#[derive(Default)]
struct Touched {
    ids: BTreeSet<Uuid>,
    boxes: Vec<Bounds>,
}

/// Reads what changed since the last look, and lists what it broke and mended. Nothing, if another server is at it.
pub(super) async fn look(pool: &PgPool, catalog: &Catalog) -> Result<(), sqlx::Error> {
    let mut transaction = pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ").await?;
    let Some((last, head)) = begin(&mut transaction).await? else {
        return transaction.commit().await;
    };
    let touched = changed(&mut transaction, &last).await?;
    if !touched.is_empty() {
        let all: Vec<Uuid> = touched.values().flat_map(|one| one.ids.iter().copied()).collect();
        for rule in topology::ALL {
            about_rule(&mut transaction, catalog, rule, &touched, &all).await?;
        }
        for (layer, touched) in &touched {
            if catalog.layer(layer).is_some_and(crate::catalog::Layer::has_geometry) {
                soundness(&mut transaction, layer, touched).await?;
            }
        }
    }
    if head.snapshot != last {
        sqlx::query("UPDATE gis.finding_state SET epoch = $1, snapshot = $2, at = now()")
            .bind(head.epoch)
            .bind(head.snapshot.to_string())
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await
}

/// Takes the turn: the snapshot of the last look and the feed as it is. The first look ever begins now, and so does one after a
/// restore, or after the feed forgot what was not looked at.
async fn begin(connection: &mut PgConnection) -> Result<Option<(Snapshot, Head)>, sqlx::Error> {
    let head = head(connection).await?;
    let kept: Option<(Uuid, String)> =
        sqlx::query_as("SELECT epoch, snapshot FROM gis.finding_state FOR UPDATE SKIP LOCKED")
            .fetch_optional(&mut *connection)
            .await?;
    let Some((epoch, snapshot)) = kept else {
        sqlx::query("INSERT INTO gis.finding_state (epoch, snapshot) VALUES ($1, $2) ON CONFLICT (one) DO NOTHING")
            .bind(head.epoch)
            .bind(head.snapshot.to_string())
            .execute(connection)
            .await?;
        return Ok(None);
    };
    let last: Snapshot = snapshot.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
    if epoch != head.epoch || !head.reaches_back_to(&last) {
        tracing::warn!(
            "the feed no longer has all that changed since the last look for what is broken; it begins anew"
        );
        return Ok(Some((head.snapshot.clone(), head)));
    }
    Ok(Some((last, head)))
}

async fn head(connection: &mut PgConnection) -> Result<Head, sqlx::Error> {
    Head::from_row(&sqlx::query(include_str!("../../live/head.sql")).fetch_one(connection).await?)
}

async fn changed(connection: &mut PgConnection, last: &Snapshot) -> Result<BTreeMap<String, Touched>, sqlx::Error> {
    type Row = (String, Uuid, Option<Vec<f64>>, Option<Vec<f64>>);
    let rows: Vec<Row> =
        sqlx::query_as(include_str!("changed.sql")).bind(last.to_string()).fetch_all(connection).await?;
    let mut touched: BTreeMap<String, Touched> = BTreeMap::new();
    for (layer, id, old, new) in rows {
        let one = touched.entry(layer).or_default();
        one.ids.insert(id);
        one.boxes.extend(old.into_iter().chain(new).filter_map(|corners| Bounds::try_from(corners).ok()));
    }
    touched.retain(|layer, one| {
        let is_looked_at = one.ids.len() <= MOST;
        if !is_looked_at {
            tracing::warn!(layer, changed = one.ids.len(), "too much changed at once to look for what is broken");
        }
        is_looked_at
    });
    Ok(touched)
}

/// Asks one rule of the rows that changed, of those near what it needs, and of those listed for meeting what changed.
async fn about_rule(
    connection: &mut PgConnection,
    catalog: &Catalog,
    rule: &Topology,
    touched: &BTreeMap<String, Touched>,
    all: &[Uuid],
) -> Result<(), sqlx::Error> {
    let Some((_, named)) = rule.rule(catalog) else { return Ok(()) };
    let mut ids: BTreeSet<Uuid> = touched.get(rule.layer).map(|one| one.ids.clone()).unwrap_or_default();
    if let Some(needed) = rule.needs.and_then(|layer| touched.get(layer)) {
        let near = topology::near(connection, rule, &needed.boxes).await?;
        ids.extend(near.into_iter().map(|(_, id)| id));
    }
    // Listed for meeting what changed, or for naming something that was not there.
    let listed: Vec<Uuid> = sqlx::query_scalar(
        "SELECT id FROM gis.finding WHERE gone IS NULL AND layer = $1 AND rule = $2 AND (other = ANY ($3) OR what = 'unknown')",
    )
    .bind(rule.layer)
    .bind(rule.name)
    .bind(all)
    .fetch_all(&mut *connection)
    .await?;
    ids.extend(listed);
    let ids: Vec<Uuid> = ids.into_iter().collect();
    for ids in ids.chunks(ROWS_A_STATEMENT) {
        let fids = rows_of(connection, rule.layer, ids).await?;
        let found = asked(connection, rule, &fids).await?;
        settle(connection, rule.layer, named, ids, found).await?;
    }
    Ok(())
}

/// Shapes that the server would never have taken.
async fn soundness(connection: &mut PgConnection, layer: &str, touched: &Touched) -> Result<(), sqlx::Error> {
    let rule = Rule {
        name: "valid".to_owned(),
        effect: Effect::Refuse,
        on: RuleOn::Always,
        title: Text {
            vi: "Hình học hợp lệ (không tự cắt)".to_owned(),
            en: "The geometry is valid, crosses itself nowhere".to_owned(),
        },
    };
    let statement = include_str!("unsound.sql").replace("{layer}", layer);
    let ids: Vec<Uuid> = touched.ids.iter().copied().collect();
    for ids in ids.chunks(ROWS_A_STATEMENT) {
        let fids = rows_of(connection, layer, ids).await?;
        let found: Vec<Breach> = sqlx::query_as(&statement).bind(&fids).fetch_all(&mut *connection).await?;
        settle(connection, layer, &rule, ids, found).await?;
    }
    Ok(())
}

/// The rows of objects that hold today or later: what ended is nobody's to mend.
async fn rows_of(connection: &mut PgConnection, layer: &str, ids: &[Uuid]) -> Result<Vec<i64>, sqlx::Error> {
    let statement = format!(
        "SELECT fid FROM gis.\"{layer}\" WHERE id = ANY ($1) AND (upper_inf(validity) OR upper(validity) > gis.today())"
    );
    sqlx::query_scalar(&statement).bind(ids).fetch_all(connection).await
}

/// Asks of all rows together; where PostGIS cannot work with one of them, of each by itself.
async fn asked(connection: &mut PgConnection, rule: &Topology, fids: &[i64]) -> Result<Vec<Breach>, sqlx::Error> {
    let mut savepoint = connection.begin().await?;
    match topology::breaches(&mut savepoint, rule, fids).await {
        Err(error) if judge::is_about_a_shape(&error) => savepoint.rollback().await?,
        other => {
            savepoint.commit().await?;
            return other;
        }
    }
    let mut found = Vec::new();
    for fid in fids {
        let mut savepoint = connection.begin().await?;
        match topology::breaches(&mut savepoint, rule, &[*fid]).await {
            Err(error) if judge::is_about_a_shape(&error) => {
                tracing::warn!(%error, fid, "a shape that no rule can be asked of");
                savepoint.rollback().await?;
            }
            other => {
                found.extend(other?);
                savepoint.commit().await?;
            }
        }
    }
    Ok(found)
}

type Mark = (Uuid, Option<Uuid>, Option<String>, i64, i64);

fn mark(id: Uuid, other: Option<Uuid>, field: Option<String>, lon: f64, lat: f64) -> Mark {
    let grid = |degrees: f64| (degrees * 1e5).round() as i64;
    (id, other, field, grid(lon), grid(lat))
}

/// Lists what is new, and ends what is no longer so.
async fn settle(
    connection: &mut PgConnection,
    layer: &str,
    rule: &Rule,
    ids: &[Uuid],
    found: Vec<Breach>,
) -> Result<(), sqlx::Error> {
    type Row = (i64, Uuid, Option<Uuid>, Option<String>, f64, f64);
    let listed: Vec<Row> = sqlx::query_as(
        "SELECT seq, id, other, field, ST_X(place), ST_Y(place) FROM gis.finding \
         WHERE gone IS NULL AND layer = $1 AND rule = $2 AND id = ANY ($3)",
    )
    .bind(layer)
    .bind(&rule.name)
    .bind(ids)
    .fetch_all(&mut *connection)
    .await?;
    let mut open: HashMap<Mark, i64> =
        listed.into_iter().map(|(seq, id, other, field, lon, lat)| (mark(id, other, field, lon, lat), seq)).collect();
    let is_new =
        |one: &Breach| open.remove(&mark(one.id, one.other, Some(one.field.clone()), one.lon, one.lat)).is_none();
    let (new, _): (Vec<Breach>, Vec<Breach>) = found.into_iter().partition(is_new);
    let mended: Vec<i64> = open.into_values().collect();
    if !mended.is_empty() {
        sqlx::query("UPDATE gis.finding SET gone = now() WHERE seq = ANY ($1)")
            .bind(mended)
            .execute(&mut *connection)
            .await?;
    }
    if new.is_empty() {
        return Ok(());
    }
    let of = |new: &[Breach], pick: fn(&Breach) -> Option<String>| new.iter().map(pick).collect::<Vec<_>>();
    let messages: Vec<serde_json::Value> = new
        .iter()
        .map(|one| one.message(rule))
        .map(|message| serde_json::json!({ "vi": message.vi, "en": message.en }))
        .collect();
    sqlx::query(&include_str!("put.sql").replace("{layer}", layer))
        .bind(&rule.name)
        .bind(new.iter().map(|one| one.fid).collect::<Vec<_>>())
        .bind(new.iter().map(|one| one.field.clone()).collect::<Vec<_>>())
        .bind(of(&new, |one| one.what.clone()))
        .bind(new.iter().map(|one| one.other).collect::<Vec<_>>())
        .bind(of(&new, |one| one.other_layer.clone()))
        .bind(new.iter().map(|one| one.lon).collect::<Vec<_>>())
        .bind(new.iter().map(|one| one.lat).collect::<Vec<_>>())
        .bind(messages)
        .execute(connection)
        .await?;
    Ok(())
}
