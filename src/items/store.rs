//! How rows are read: conditions are bound, names come from the catalog.

use std::sync::Arc;

use chrono::NaiveDate;
use serde_json::{Value, json};
use sqlx::{PgConnection, PgPool, Postgres, QueryBuilder};
use uuid::Uuid;

use super::orders::{self, Orders};
use super::question::{Condition, Cursor, Is, Question, shown};
use crate::catalog::{Attribute, Kind, Layer};
use dothi_tiles::LayerName;

/// Time that one question may take.
const LONGEST: &str = "5s";

/// Rows and where to go on.
pub struct Page {
    /// The rows as they are answered.
    pub rows: Vec<Value>,
    /// Where the next answer begins; none at the end.
    pub next: Option<Cursor>,
    /// All rows that the conditions hold for; only with the first page.
    pub count: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct Row {
    fid: i64,
    key: Option<String>,
    id: Uuid,
    version: i32,
    valid_from: Option<NaiveDate>,
    valid_to: Option<NaiveDate>,
    content: Value,
    west: Option<f64>,
    south: Option<f64>,
    east: Option<f64>,
    north: Option<f64>,
    shape: Option<Value>,
}

/// Reads a page. With `orders` a jump into the middle has the table sorted once.
///
/// # Errors
/// When the database cannot answer, or not in time.
pub async fn page(
    pool: &PgPool,
    layer: &Layer,
    asked: &Question<'_>,
    orders: Option<(LayerName, &Orders)>,
) -> Result<Page, sqlx::Error> {
    let mut transaction = pool.begin().await?;
    sqlx::query("SELECT set_config('statement_timeout', $1, true)").bind(LONGEST).execute(&mut *transaction).await?;
    if let Some((name, orders)) = orders.filter(|_| asked.offset > 0 && asked.cursor.is_none() && asked.when.is_none())
    {
        let page = jump(&mut transaction, layer, asked, name, orders).await?;
        transaction.rollback().await?;
        return Ok(page);
    }
    let mut found: Vec<Row> = rows(layer, asked).build_query_as().fetch_all(&mut *transaction).await?;
    let is_more = found.len() > asked.limit as usize;
    found.truncate(asked.limit as usize);
    let next = found.last().filter(|_| is_more).map(|last| Cursor(last.key.clone(), last.fid));
    let count = match (&asked.cursor, is_more) {
        (Some(_), _) => None,
        (None, false) if asked.offset == 0 => i64::try_from(found.len()).ok(),
        (None, _) => {
            let mut counted = QueryBuilder::new(format!("SELECT count(*) FROM {} AS t", table(layer, asked, "")));
            conditions(&mut counted, layer, asked);
            Some(counted.build_query_scalar().fetch_one(&mut *transaction).await?)
        }
    };
    transaction.rollback().await?;
    Ok(Page { rows: found.into_iter().map(answer).collect(), next, count })
}

/// A page somewhere in the middle, by the order of the whole table.
async fn jump(
    connection: &mut PgConnection,
    layer: &Layer,
    asked: &Question<'_>,
    name: LayerName,
    orders: &Orders,
) -> Result<Page, sqlx::Error> {
    let question = orders::named(layer, asked);
    let order = match orders.get(&question) {
        Ok(order) => order,
        Err(missing) => {
            let mut made = QueryBuilder::new(format!(
                "SELECT coalesce(array_agg(t.fid ORDER BY {}), '{{}}') FROM {} AS t",
                order(asked),
                table(layer, asked, "")
            ));
            conditions(&mut made, layer, asked);
            let order = Arc::new(made.build_query_scalar::<Vec<i64>>().fetch_one(&mut *connection).await?);
            orders.keep(&missing, name, question, &order);
            order
        }
    };
    let from = (asked.offset as usize).min(order.len());
    let to = (from + asked.limit as usize).min(order.len());
    let found: Vec<Row> = sqlx::query_as(&format!(
        "SELECT {} FROM unnest($1::bigint[]) WITH ORDINALITY AS page (fid, place) JOIN {} AS t USING (fid) \
         WHERE t.validity @> gis.today() ORDER BY page.place",
        columns(layer, asked, &key(asked)),
        table(layer, asked, "")
    ))
    .bind(&order[from..to])
    .fetch_all(connection)
    .await?;
    let next = found.last().filter(|_| to < order.len()).map(|last| Cursor(last.key.clone(), last.fid));
    Ok(Page { rows: found.into_iter().map(answer).collect(), next, count: i64::try_from(order.len()).ok() })
}

fn answer(row: Row) -> Value {
    let mut answer = json!({
        "id": row.id, "version": row.version, "valid_from": row.valid_from, "valid_to": row.valid_to, "values": row.content,
    });
    if let (Some(west), Some(south), Some(east), Some(north)) = (row.west, row.south, row.east, row.north) {
        answer["bbox"] = json!([west, south, east, north]);
    }
    if let Some(shape) = row.shape {
        answer["geometry"] = shape;
    }
    answer
}

/// The value that a row is sorted by, as text.
fn key(asked: &Question<'_>) -> String {
    asked.sort.map_or_else(|| "NULL::text".to_owned(), |sort| format!("t.\"{}\"::text", sort.name))
}

/// What is read of a row that is answered.
fn columns(layer: &Layer, asked: &Question<'_>, key: &str) -> String {
    format!(
        "t.fid, {key} AS key, t.id, t.version, lower(t.validity) AS valid_from, upper(t.validity) AS valid_to, \
         {} AS content, {}",
        attributes(layer),
        place(layer, asked.geometry)
    )
}

/// Sorted and cut first, by narrow rows; shapes and attributes are read of those that stay only.
fn rows<'a>(layer: &Layer, asked: &'a Question<'_>) -> QueryBuilder<'a, Postgres> {
    let order = order(asked);
    let mut made = QueryBuilder::new(format!(
        "SELECT {} FROM (SELECT t.fid, t.id, {} AS key FROM {} AS t",
        columns(layer, asked, "page.key"),
        key(asked),
        table(layer, asked, "")
    ));
    conditions(&mut made, layer, asked);
    if let Some(Cursor(at, fid)) = &asked.cursor {
        after(&mut made, asked, at.as_deref(), *fid);
    }
    made.push(format!(" ORDER BY {order} LIMIT ")).push_bind(i64::from(asked.limit) + 1);
    if asked.offset > 0 {
        made.push(" OFFSET ").push_bind(i64::from(asked.offset));
    }
    match asked.when {
        None => made.push(format!(") AS page JOIN gis.\"{}\" AS t USING (fid) ORDER BY {order}", layer.name)),
        Some(_) => made.push(format!(
            ") AS page CROSS JOIN LATERAL {} AS t WHERE t.fid = page.fid ORDER BY {order}",
            table(layer, asked, " AND id = page.id")
        )),
    };
    made
}

/// The rows that are asked about: the layer itself, or its past.
pub(super) fn table(layer: &Layer, asked: &Question<'_>, only: &str) -> String {
    let Some(when) = asked.when else { return format!("gis.\"{}\"", layer.name) };
    let geom = match (layer.has_geometry(), layer.legal) {
        (false, _) => "",
        (true, false) => ", geom",
        (true, true) => ", geom, geom_source",
    };
    let attributes: String = asked.seen(layer).map(|one| format!(", \"{}\"", one.name)).collect();
    when.rows(&layer.name, &format!("fid, id, version, validity{geom}{attributes}"), only, asked.today)
}

/// What an attribute is compared and sorted as.
fn column(attribute: &Attribute) -> String {
    match attribute.kind {
        Kind::Text | Kind::Code => format!("t.\"{}\" COLLATE gis.vietnamese", attribute.name),
        _ => format!("t.\"{}\"", attribute.name),
    }
}

fn sql_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Code => "text",
        Kind::Int => "bigint",
        Kind::Float => "float8",
        Kind::Bool => "boolean",
        Kind::Date => "date",
        Kind::Timestamp => "timestamptz",
        Kind::Json => "jsonb",
    }
}

pub(super) fn order(asked: &Question<'_>) -> String {
    let way = if asked.descending { "DESC" } else { "ASC" };
    match asked.sort {
        Some(sort) => format!("{} {way} NULLS LAST, t.fid {way}", column(sort)),
        None => "t.fid ASC".to_owned(),
    }
}

fn after<'a>(made: &mut QueryBuilder<'a, Postgres>, asked: &Question<'_>, key: Option<&'a str>, fid: i64) {
    let way = if asked.descending { "<" } else { ">" };
    let (Some(sort), Some(key)) = (asked.sort, key) else {
        if let Some(sort) = asked.sort {
            made.push(format!(" AND t.\"{}\" IS NULL", sort.name));
        }
        made.push(format!(" AND t.fid {way} ")).push_bind(fid);
        return;
    };
    let (column, kind) = (column(sort), sql_type(sort.kind));
    made.push(format!(" AND ({column} {way} ")).push_bind(key).push(format!("::{kind} OR ({column} = "));
    made.push_bind(key).push(format!("::{kind} AND t.fid {way} ")).push_bind(fid);
    made.push(format!(") OR t.\"{}\" IS NULL)", sort.name));
}

pub(super) fn conditions<'a>(made: &mut QueryBuilder<'a, Postgres>, layer: &Layer, asked: &'a Question<'_>) {
    made.push(if asked.when.is_some() { " WHERE true" } else { " WHERE t.validity @> gis.today()" });
    for condition in &asked.conditions {
        compare(made, condition);
    }
    if let Some(words) = &asked.words {
        let texts: Vec<String> = shown(layer)
            .filter(|one| matches!(one.kind, Kind::Text | Kind::Code))
            .map(|one| format!("t.\"{}\"", one.name))
            .collect();
        for word in words.split_whitespace() {
            let all = format!("concat_ws(' ', {})", if texts.is_empty() { "''".to_owned() } else { texts.join(", ") });
            has(made, &all, word);
        }
    }
    if let Some(ids) = &asked.ids {
        made.push(" AND t.id = ANY (").push_bind(ids).push(")");
    }
    if let Some(place) = &asked.place {
        made.push(" AND ST_Intersects(t.geom, ST_SetSRID(ST_GeomFromGeoJSON(").push_bind(place).push("), 4326))");
    }
}

fn compare<'a>(made: &mut QueryBuilder<'a, Postgres>, condition: &'a Condition<'_>) {
    let Condition { attribute, is, value } = condition;
    match (is, value) {
        (Is::Empty, _) => {
            made.push(format!(" AND t.\"{}\" IS NULL", attribute.name));
        }
        (Is::Filled, _) => {
            made.push(format!(" AND t.\"{}\" IS NOT NULL", attribute.name));
        }
        (Is::Has, Some(text)) => has(made, &format!("t.\"{}\"::text", attribute.name), text),
        (_, Some(value)) => {
            made.push(format!(" AND {} {} ", column(attribute), is.sql())).push_bind(value);
            made.push(format!("::{}", sql_type(attribute.kind)));
        }
        (_, None) => {}
    }
}

/// Typed without marks it finds texts with marks; typed with them it finds just those. A regular expression, because it is
/// ten times faster here than taking the marks off every row.
fn has(made: &mut QueryBuilder<'_, Postgres>, column: &str, word: &str) {
    if word.is_ascii() {
        made.push(format!(" AND {column} ~* ")).push_bind(word.chars().map(with_marks).collect::<String>());
        return;
    }
    let escaped =
        |letter: char| if matches!(letter, '%' | '_' | '\\') { format!("\\{letter}") } else { letter.to_string() };
    let pattern: String = word.chars().map(escaped).collect();
    made.push(format!(" AND {column} ILIKE ")).push_bind(format!("%{pattern}%"));
}

/// A letter, or any that it is without its marks.
fn with_marks(letter: char) -> String {
    let class = match letter.to_ascii_lowercase() {
        'a' => "[aàáảãạăằắẳẵặâầấẩẫậ]",
        'd' => "[dđ]",
        'e' => "[eèéẻẽẹêềếểễệ]",
        'i' => "[iìíỉĩị]",
        'o' => "[oòóỏõọôồốổỗộơờớởỡợ]",
        'u' => "[uùúủũụưừứửữự]",
        'y' => "[yỳýỷỹỵ]",
        other if other.is_ascii_alphanumeric() => return other.to_string(),
        other => return format!("\\{other}"),
    };
    class.to_owned()
}

/// The attributes of a row as one JSON object; functions take 100 arguments, so in parts.
fn attributes(layer: &Layer) -> String {
    let pairs: Vec<String> = shown(layer).map(|one| format!("'{0}', t.\"{0}\"", one.name)).collect();
    let parts: Vec<String> = pairs.chunks(40).map(|some| format!("jsonb_build_object({})", some.join(", "))).collect();
    if parts.is_empty() { "'{}'::jsonb".to_owned() } else { parts.join(" || ") }
}

fn place(layer: &Layer, with_shape: bool) -> &'static str {
    match (layer.has_geometry(), with_shape) {
        (false, _) => {
            "NULL::float8 AS west, NULL::float8 AS south, NULL::float8 AS east, NULL::float8 AS north, NULL::jsonb AS shape"
        }
        (true, false) => {
            "ST_XMin(t.geom) AS west, ST_YMin(t.geom) AS south, ST_XMax(t.geom) AS east, ST_YMax(t.geom) AS north, \
             NULL::jsonb AS shape"
        }
        (true, true) => {
            "ST_XMin(t.geom) AS west, ST_YMin(t.geom) AS south, ST_XMax(t.geom) AS east, ST_YMax(t.geom) AS north, \
             ST_AsGeoJSON(t.geom, 9)::jsonb AS shape"
        }
    }
}

/// About how many rows each table has, as the database last counted; none where it never did.
pub async fn counts(pool: &PgPool) -> Result<std::collections::BTreeMap<String, i64>, sqlx::Error> {
    let counted: Vec<(String, i64)> = sqlx::query_as(
        "SELECT relname::text, reltuples::bigint FROM pg_class WHERE relnamespace = 'gis'::regnamespace AND relkind = 'r' AND reltuples >= 0",
    )
    .fetch_all(pool)
    .await?;
    Ok(counted.into_iter().collect())
}
