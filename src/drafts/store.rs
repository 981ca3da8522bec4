//! How drafts are kept.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::State;
use crate::features::Operation;

/// A draft without its operations.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct Draft {
    /// Identifier.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// Whose.
    #[serde(skip)]
    pub owner: Uuid,
    /// The owner's account.
    pub owner_account: String,
    /// The owner's name.
    pub owner_name: String,
    /// Where it stands.
    #[sqlx(try_from = "String")]
    pub state: State,
    /// Grows with every change of the operations.
    pub revision: i32,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// When operations or state changed last.
    pub changed_at: DateTime<Utc>,
    /// Account of the second person who agreed.
    pub approved_by: Option<String>,
    /// Change set that it was published as.
    pub change_set: Option<Uuid>,
    /// Operations that were sent, before several to one object are folded.
    pub operations: i64,
}

impl TryFrom<String> for State {
    type Error = String;

    fn try_from(word: String) -> Result<Self, String> {
        Self::from_word(&word).ok_or_else(|| format!("no state of a draft: {word}"))
    }
}

/// A remark.
#[derive(Debug, Serialize, sqlx::FromRow)]
pub struct Comment {
    /// Account of who says it.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub text: String,
    /// Where, longitude and latitude.
    pub place: Option<Vec<f64>>,
}

const DRAFT: &str = "SELECT draft.id, draft.name, owner, person.account AS owner_account, person.name AS owner_name, state, \
     revision, draft.created_at, changed_at, change_set, \
     (SELECT account FROM identity.person WHERE person.id = approved_by) AS approved_by, \
     (SELECT count(*) FROM gis.draft_op WHERE draft = draft.id) AS operations \
     FROM gis.draft JOIN identity.person ON person.id = draft.owner";

/// Begins a draft.
pub async fn insert(pool: &PgPool, owner: Uuid, name: &str) -> Result<Uuid, sqlx::Error> {
    sqlx::query_scalar("INSERT INTO gis.draft (owner, name) VALUES ($1, $2) RETURNING id")
        .bind(owner)
        .bind(name)
        .fetch_one(pool)
        .await
}

/// The newest 500 drafts that this person may look at: own ones, those shared with them, and, for who reviews, those that wait.
pub async fn list(pool: &PgPool, person: Uuid, reviews: bool) -> Result<Vec<Draft>, sqlx::Error> {
    let statement = format!(
        "{DRAFT} WHERE owner = $1 OR EXISTS (SELECT FROM gis.draft_reader WHERE draft = draft.id AND person = $1) \
         OR ($2 AND state IN ('in_review', 'approved', 'returned', 'published')) ORDER BY changed_at DESC LIMIT 500"
    );
    sqlx::query_as(&statement).bind(person).bind(reviews).fetch_all(pool).await
}

/// One draft; `locks` keeps it still until the transaction ends.
pub async fn find(connection: &mut PgConnection, id: Uuid, locks: bool) -> Result<Option<Draft>, sqlx::Error> {
    let end = if locks { "FOR UPDATE OF draft" } else { "" };
    sqlx::query_as(&format!("{DRAFT} WHERE draft.id = $1 {end}")).bind(id).fetch_optional(connection).await
}

/// Its operations as they were sent, in their order. One that no version of this server reads any more is an error.
pub async fn operations(connection: &mut PgConnection, id: Uuid) -> Result<Vec<Operation>, sqlx::Error> {
    let kept: Vec<sqlx::types::Json<Operation>> =
        sqlx::query_scalar("SELECT operation FROM gis.draft_op WHERE draft = $1 ORDER BY position")
            .bind(id)
            .fetch_all(connection)
            .await?;
    Ok(kept.into_iter().map(|one| one.0).collect())
}

/// Adds an operation. False: it is there already, in this draft and as it is; an error value names one that is taken.
pub async fn add(
    connection: &mut PgConnection,
    id: Uuid,
    operation: &Operation,
) -> Result<Result<bool, Uuid>, sqlx::Error> {
    let given = sqlx::types::Json(operation);
    let added = sqlx::query(
        "INSERT INTO gis.draft_op (draft, op_id, operation) VALUES ($1, $2, $3) ON CONFLICT (op_id) DO NOTHING",
    )
    .bind(id)
    .bind(operation.op_id)
    .bind(&given)
    .execute(&mut *connection)
    .await?;
    if added.rows_affected() == 1 {
        return Ok(Ok(true));
    }
    let is_same: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM gis.draft_op WHERE op_id = $1 AND draft = $2 AND operation = $3)",
    )
    .bind(operation.op_id)
    .bind(id)
    .bind(given)
    .fetch_one(connection)
    .await?;
    Ok(if is_same { Ok(false) } else { Err(operation.op_id) })
}

/// Takes back an operation and the later ones to the same object, or with the `whole` of them the earlier ones too that came to one with
/// it; how many.
pub async fn take_back(connection: &mut PgConnection, id: Uuid, op_id: Uuid, whole: bool) -> Result<u64, sqlx::Error> {
    let gone = sqlx::query(
        "DELETE FROM gis.draft_op AS other USING gis.draft_op AS named WHERE named.draft = $1 AND named.op_id = $2 \
         AND other.draft = $1 AND (other.position >= named.position \
            OR $3 AND other.operation ->> 'valid_at' IS NOT DISTINCT FROM named.operation ->> 'valid_at') \
         AND other.operation ->> 'id' = named.operation ->> 'id' AND other.operation ->> 'entity' = named.operation ->> 'entity'",
    )
    .bind(id)
    .bind(op_id)
    .bind(whole)
    .execute(connection)
    .await?;
    Ok(gone.rows_affected())
}

/// Takes back all that is done to one object.
pub async fn forget(connection: &mut PgConnection, id: Uuid, entity: &str, object: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query(
        "DELETE FROM gis.draft_op WHERE draft = $1 AND operation ->> 'entity' = $2 AND operation ->> 'id' = $3::text",
    )
    .bind(id)
    .bind(entity)
    .bind(object.to_string())
    .execute(connection)
    .await?;
    Ok(())
}

/// Another state; `edited` when its operations are others than before.
pub async fn put_state(
    connection: &mut PgConnection,
    id: Uuid,
    state: State,
    edited: bool,
) -> Result<i32, sqlx::Error> {
    sqlx::query_scalar(
        "UPDATE gis.draft SET state = $2, revision = revision + $3::int, changed_at = now(), \
         approved_by = CASE WHEN $2 IN ('approved', 'published') THEN approved_by END WHERE id = $1 RETURNING revision",
    )
    .bind(id)
    .bind(state.word())
    .bind(i32::from(edited))
    .fetch_one(connection)
    .await
}

/// Approved by this person.
pub async fn approve(connection: &mut PgConnection, id: Uuid, by: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE gis.draft SET state = 'approved', approved_by = $2, changed_at = now() WHERE id = $1")
        .bind(id)
        .bind(by)
        .execute(connection)
        .await?;
    Ok(())
}

/// Published as this change set.
pub async fn publish(connection: &mut PgConnection, id: Uuid, change_set: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE gis.draft SET state = 'published', change_set = $2, changed_at = now() WHERE id = $1")
        .bind(id)
        .bind(change_set)
        .execute(connection)
        .await?;
    Ok(())
}

/// Another name.
pub async fn rename(connection: &mut PgConnection, id: Uuid, name: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE gis.draft SET name = $2 WHERE id = $1").bind(id).bind(name).execute(connection).await?;
    Ok(())
}

/// Accounts of its readers.
pub async fn readers(connection: &mut PgConnection, id: Uuid) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT account FROM gis.draft_reader JOIN identity.person ON person.id = person WHERE draft = $1 ORDER BY account",
    )
    .bind(id)
    .fetch_all(connection)
    .await
}

/// May this person look, because the owner asked them to?
pub async fn is_reader(connection: &mut PgConnection, id: Uuid, person: Uuid) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT EXISTS (SELECT FROM gis.draft_reader WHERE draft = $1 AND person = $2)")
        .bind(id)
        .bind(person)
        .fetch_one(connection)
        .await
}

/// Other readers; an account that nobody has is given back, and the caller rolls back.
pub async fn put_readers(
    connection: &mut PgConnection,
    id: Uuid,
    accounts: &[String],
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query("DELETE FROM gis.draft_reader WHERE draft = $1").bind(id).execute(&mut *connection).await?;
    for account in accounts {
        let put = sqlx::query(
            "INSERT INTO gis.draft_reader (draft, person) SELECT $1, id FROM identity.person WHERE account = $2 \
             AND disabled_at IS NULL ON CONFLICT DO NOTHING",
        )
        .bind(id)
        .bind(account)
        .execute(&mut *connection)
        .await?;
        if put.rows_affected() == 0 {
            return Ok(Some(account.clone()));
        }
    }
    Ok(None)
}

/// Remarks something.
pub async fn remark(
    connection: &mut PgConnection,
    id: Uuid,
    by: Uuid,
    text: &str,
    place: Option<(f64, f64)>,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO gis.draft_comment (draft, by, text, place) \
         VALUES ($1, $2, $3, CASE WHEN $4::float8 IS NOT NULL THEN ST_SetSRID(ST_Point($4, $5), 4326) END)",
    )
    .bind(id)
    .bind(by)
    .bind(text)
    .bind(place.map(|place| place.0))
    .bind(place.map(|place| place.1))
    .execute(connection)
    .await?;
    Ok(())
}

/// What was remarked, in order; the latest thousand.
pub async fn comments(connection: &mut PgConnection, id: Uuid) -> Result<Vec<Comment>, sqlx::Error> {
    sqlx::query_as(
        "SELECT by, at, text, place FROM (SELECT seq, account AS by, at, text, \
             CASE WHEN place IS NOT NULL THEN ARRAY[ST_X(place), ST_Y(place)] END AS place \
             FROM gis.draft_comment JOIN identity.person ON person.id = draft_comment.by WHERE draft = $1 \
             ORDER BY seq DESC LIMIT 1000) AS latest ORDER BY seq",
    )
    .bind(id)
    .fetch_all(connection)
    .await
}

/// The version that an object has on a day (today if none), if it is there.
pub async fn version_now(connection: &mut PgConnection, operation: &Operation) -> Result<Option<i32>, sqlx::Error> {
    // The layer's name was found in the catalog, which takes plain names only.
    sqlx::query_scalar(&format!(
        "SELECT version FROM gis.\"{}\" WHERE id = $1 AND validity @> coalesce($2, gis.today())",
        operation.entity
    ))
    .bind(operation.id)
    .bind(operation.valid_at)
    .fetch_optional(connection)
    .await
}

/// One row of a layer as it is at this point of the transaction.
#[derive(Debug, sqlx::FromRow)]
pub struct Look {
    /// Its attributes, and its geometry as GeoJSON.
    pub held: Value,
    /// Its shape, to ask what it touches.
    pub shape: Option<Vec<u8>>,
    /// Its area in legal square metres, or geodesic ones where it keeps no legal metres.
    pub area_m2: Option<f64>,
    /// Its length.
    pub length_m: Option<f64>,
    /// Are these legal metres?
    pub is_legal: bool,
}

/// Reads the row that an operation addresses; `content` is the layer's own expression.
pub async fn look(
    connection: &mut PgConnection,
    operation: &Operation,
    content: &str,
    has_place: bool,
    legal: bool,
) -> Result<Option<Look>, sqlx::Error> {
    let shape = match (has_place, legal) {
        (false, _) => {
            "NULL::bytea AS shape, NULL::float8 AS area_m2, NULL::float8 AS length_m, false AS is_legal".to_owned()
        }
        (true, legal) => {
            let is_legal = if legal { "coalesce(ST_SRID(t.geom_source), 0) NOT IN (0, 4326)" } else { "false" };
            let source = if legal { "t.geom_source" } else { "NULL::geometry" };
            format!(
                "ST_AsBinary(ST_Force2D(t.geom)) AS shape, {is_legal} AS is_legal, \
                 CASE ST_Dimension(t.geom) WHEN 2 THEN CASE WHEN {is_legal} THEN ST_Area({source}) ELSE ST_Area(t.geom::geography) END END AS area_m2, \
                 CASE ST_Dimension(t.geom) WHEN 1 THEN CASE WHEN {is_legal} THEN ST_Length({source}) ELSE ST_Length(t.geom::geography) END END AS length_m"
            )
        }
    };
    sqlx::query_as(&format!(
        "SELECT {content} AS held, {shape} FROM gis.\"{}\" AS t WHERE id = $1 AND validity @> coalesce($2, gis.today())",
        operation.entity
    ))
    .bind(operation.id)
    .bind(operation.valid_at)
    .fetch_optional(connection)
    .await
}

/// A feature of another layer that changed shapes touch.
#[derive(Debug, sqlx::FromRow)]
pub struct Met {
    /// The object.
    pub id: Uuid,
    /// What it is called.
    pub label: String,
    /// How much of it is covered, in square metres; legal ones where it keeps them.
    pub area_m2: Option<f64>,
}

/// Features of a layer that these shapes touch by more than a border, without `except`; the largest shares first.
pub async fn meets(
    connection: &mut PgConnection,
    layer: &str,
    label: &str,
    legal: bool,
    shapes: &[Vec<u8>],
    except: &[Uuid],
) -> Result<Vec<Met>, sqlx::Error> {
    let statement = include_str!("meets.sql")
        .replace("{layer}", layer)
        .replace("{label}", label)
        .replace("{source}", if legal { "t.geom_source" } else { "NULL::geometry" });
    sqlx::query_as(&statement).bind(shapes).bind(except).fetch_all(connection).await
}
