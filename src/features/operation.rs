//! One operation: what it meets, what it writes, what becomes of it.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{Acquire as _, PgConnection};

use super::{
    Act, Conflict, Finding, OnConflict, Operation, Outcome, Values,
    apply::{StoreError, Writer},
    check,
    merge::{Merge, merge},
    prepare::Shape,
    row::{column, content, normal, shown, update, values, version},
    rules,
};
use crate::catalog::Layer;

/// One operation under a savepoint: what the database refuses is a finding, and leaves the others alone.
pub(super) async fn one(
    connection: &mut PgConnection,
    layer: &Layer,
    shape: Option<&Shape>,
    operation: &Operation,
    on_conflict: OnConflict,
    writer: Writer<'_>,
) -> Result<Outcome, StoreError> {
    let mut savepoint = connection.begin().await?;
    let outcome = match attempt(&mut savepoint, layer, shape, operation, on_conflict, writer).await {
        Ok(outcome) => outcome,
        Err(StoreError::Database(sqlx::Error::Database(error)))
            if error.code().is_some_and(|code| code.starts_with("22") || code.starts_with("23")) =>
        {
            let rule = error.constraint().unwrap_or("database").to_owned();
            tracing::warn!(cause = %error, layer = layer.name, "the database refused an operation that the checks let through");
            Outcome::Refused {
                findings: vec![Finding::refuse(
                    &rule,
                    None,
                    "Cơ sở dữ liệu từ chối",
                    format!("The database refuses this: {rule}"),
                )],
            }
        }
        Err(error) => return Err(error),
    };
    if outcome.is_settled() {
        savepoint.commit().await?;
    } else {
        savepoint.rollback().await?;
    }
    Ok(outcome)
}

fn no_such(vi: &str, en: &str, rule: &str) -> Outcome {
    Outcome::Refused { findings: vec![Finding::refuse(rule, None, vi, en)] }
}

#[derive(sqlx::FromRow)]
struct Row {
    fid: i64,
    version: i32,
    actor: String,
    known_since: DateTime<Utc>,
    content: Value,
}

async fn attempt(
    connection: &mut PgConnection,
    layer: &Layer,
    shape: Option<&Shape>,
    operation: &Operation,
    on_conflict: OnConflict,
    writer: Writer<'_>,
) -> Result<Outcome, StoreError> {
    let (base, set) = match &operation.act {
        Act::Insert { set, .. } => return insert(connection, layer, shape, operation, set, writer.revives).await,
        Act::Update { base_version, set, .. } => (*base_version, Some(set)),
        Act::Delete { base_version } => (*base_version, None),
    };
    let row: Option<Row> = sqlx::query_as(&format!(
        "SELECT fid, version, actor, known_since, {} AS content FROM gis.\"{}\" AS t \
         WHERE id = $1 AND validity @> coalesce($2, current_date) FOR UPDATE",
        content(layer),
        layer.name
    ))
    .bind(operation.id)
    .bind(operation.valid_at)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else {
        return Ok(no_such("Không có đối tượng này vào ngày đó", "There is no such object on that day", "exists"));
    };
    let there = values(row.content);
    if base > row.version {
        return Ok(no_such("Phiên bản này chưa có", "There is no such version yet", "base_version"));
    }
    let seen =
        if base == row.version { Some(there.clone()) } else { version(connection, layer, operation, base).await? };
    let conflict = |yours: Values, fields: Vec<String>| {
        Outcome::Conflict(Box::new(Conflict {
            seen: seen.clone().map(|values| shown(layer, values)),
            there: Some(shown(layer, there.clone())),
            yours,
            fields,
            version: Some(row.version),
            actor: Some(row.actor.clone()),
            at: Some(row.known_since),
        }))
    };
    let Some(set) = set else {
        if base != row.version {
            return Ok(conflict(Values::new(), Vec::new()));
        }
        sqlx::query(&format!("DELETE FROM gis.\"{}\" WHERE fid = $1", layer.name))
            .bind(row.fid)
            .execute(connection)
            .await?;
        return Ok(Outcome::Applied { version: row.version, warnings: Vec::new() });
    };
    let yours = normal(connection, layer, set, shape).await?;
    // Whether a private attribute holds what somebody guesses is never answered: on an old version it is a conflict, right or
    // wrong, and on this one it is written, changed or not.
    let is_private = |name: &String| layer.attribute(name).is_some_and(|attribute| attribute.private);
    let hidden: Values =
        yours.iter().filter(|(name, _)| is_private(name)).map(|(name, value)| (name.clone(), value.clone())).collect();
    if !hidden.is_empty() && base != row.version {
        let fields = yours.keys().cloned().collect();
        return Ok(conflict(yours, fields));
    }
    let merged = match (&seen, on_conflict) {
        _ if base == row.version => merge(&there, &there, &yours),
        (Some(seen), OnConflict::Merge) => merge(seen, &there, &yours),
        // Refuse: whatever differs from what is there stands against the other's version.
        _ => match merge(&there, &there, &yours) {
            Merge::Write(write) => Merge::Conflict(write.into_iter().map(|(name, _)| name).collect()),
            other => other,
        },
    };
    let write = match merged {
        Merge::Identical if !hidden.is_empty() => hidden,
        Merge::Identical => return Ok(Outcome::Identical { version: row.version }),
        Merge::Conflict(fields) => return Ok(conflict(yours, fields)),
        Merge::Write(write) => write,
    };
    let version = update(connection, layer, row.fid, &write, shape).await?;
    let found = rules::broken(connection, layer, row.fid).await?;
    if check::stops(&found) {
        return Ok(Outcome::Refused { findings: found });
    }
    Ok(if base == row.version {
        Outcome::Applied { version, warnings: found }
    } else {
        Outcome::Merged { version, warnings: found }
    })
}

async fn insert(
    connection: &mut PgConnection,
    layer: &Layer,
    shape: Option<&Shape>,
    operation: &Operation,
    set: &Values,
    revives: bool,
) -> Result<Outcome, StoreError> {
    let taken: bool = sqlx::query_scalar(&format!(
        "SELECT EXISTS (SELECT FROM gis.object WHERE id = $1 AND (NOT $2 OR layer <> '{0}')) \
         OR EXISTS (SELECT FROM gis.\"{0}\" WHERE id = $1)",
        layer.name
    ))
    .bind(operation.id)
    .bind(revives)
    .fetch_one(&mut *connection)
    .await?;
    if taken {
        return Ok(no_such("Mã đối tượng này đã có", "An object with this id exists already", "new_id"));
    }
    let mut columns = vec!["id".to_owned(), "validity".to_owned()];
    let mut picked = vec!["$1".to_owned(), "daterange($2, NULL)".to_owned()];
    for name in set.keys() {
        columns.push(format!("\"{name}\""));
        picked.push(format!("r.\"{name}\""));
    }
    if let Some(shape) = shape {
        columns.push(column(shape).to_owned());
        picked.push("ST_SetSRID(ST_GeomFromGeoJSON($4), $5)".to_owned());
    }
    let statement = format!(
        "INSERT INTO gis.\"{0}\" ({1}) SELECT {2} FROM jsonb_populate_record(NULL::gis.\"{0}\", $3) AS r \
         WHERE ($4::text IS NULL) = ($5::int IS NULL) RETURNING fid, version",
        layer.name,
        columns.join(", "),
        picked.join(", ")
    );
    let (fid, version): (i64, i32) = sqlx::query_as(&statement)
        .bind(operation.id)
        .bind(operation.valid_at)
        .bind(Value::Object(set.clone()))
        .bind(shape.map(|shape| &shape.json))
        .bind(shape.map(|shape| shape.srid))
        .fetch_one(&mut *connection)
        .await?;
    let found = rules::broken(connection, layer, fid).await?;
    if check::stops(&found) {
        return Ok(Outcome::Refused { findings: found });
    }
    Ok(Outcome::Applied { version, warnings: found })
}
