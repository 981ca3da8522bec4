//! What the server itself checks of a delivery, set-wise, once its rows have landed.

use dothi_import::mapping::personal::name_looks_personal;
use dothi_import::protocol::{Checks, Issue};
use sqlx::PgConnection;

use super::error::ImportError;
use super::landing::{Target, Way, quoted};
use super::store::finding;

/// Of so many rows one is measured again with `--checks=basic`.
const BASIC_SAMPLE: u32 = 100;
/// Ambiguous keys and dangling references that are listed one by one.
const LISTED: i64 = 20;

/// Rows that are turned and measured at once: a conversion costs milliseconds, whether of one geometry or of many.
const TURNED_AT_ONCE: u32 = 500;

/// Legal metres and degrees agree to 1 mm on every row (on a sample with basic checks).
pub(super) async fn legal_metres(db: &mut PgConnection, target: &Target, checks: Checks) -> Result<(), ImportError> {
    if !target.has("geom_source") {
        return Ok(());
    }
    let sample = if checks == Checks::Basic { format!("AND source_id % {BASIC_SAMPLE} = 0") } else { String::new() };
    let rows = format!("FROM {} WHERE geom_source IS NOT NULL {sample}", landed(target));
    let all_agree: bool = sqlx::query_scalar(&format!(
        "SELECT coalesce(bool_and(gis.legal_agrees(together.geom, together.source)), true)
         FROM (SELECT ST_Collect(geom ORDER BY source_id, id) AS geom, ST_Collect(geom_source ORDER BY source_id, id) AS source
               {rows} GROUP BY ST_SRID(geom_source), source_id / {TURNED_AT_ONCE}) AS together"
    ))
    .fetch_one(&mut *db)
    .await?;
    if all_agree {
        return Ok(());
    }
    // Only what is refused is counted row by row.
    let sql = format!("SELECT count(*) {rows} AND NOT gis.legal_agrees(geom, geom_source)");
    let apart: i64 = sqlx::query_scalar(&sql).fetch_one(db).await?;
    if apart == 0 {
        return Ok(());
    }
    let layer = &target.layer;
    Err(ImportError::new(
        "legal-metres-disagree",
        format!("{layer}: {apart} dòng có tọa độ VN-2000 và WGS 84 lệch nhau quá 1 mm; chưa có gì được ghi"),
        format!("{layer}: {apart} rows have VN-2000 and WGS 84 coordinates more than 1 mm apart; nothing was applied"),
    ))
}

/// No kept column may look like a person's data, whatever the profile says.
pub(super) async fn no_personal_extra(db: &mut PgConnection, target: &Target) -> Result<(), ImportError> {
    if !target.has("extra") {
        return Ok(());
    }
    let sql =
        format!("SELECT DISTINCT k FROM {}, jsonb_object_keys(extra) AS k WHERE extra IS NOT NULL", landed(target));
    let columns: Vec<String> = sqlx::query_scalar(&sql).fetch_all(db).await?;
    match columns.iter().find(|c| name_looks_personal(c)) {
        None => Ok(()),
        Some(column) => Err(ImportError::new(
            "personal-column",
            format!("cột {column} có vẻ là dữ liệu cá nhân, không được giữ trong extra; hãy bỏ khỏi keep_extra"),
            format!(
                "the column {column} looks like personal data and may not be kept in extra; leave it out of keep_extra"
            ),
        )),
    }
}

/// Rows of the delivery that share their key: how many, and the first keys as findings. They are taken all the same.
pub(super) async fn ambiguous_keys(db: &mut PgConnection, target: &Target) -> Result<(u64, Vec<Issue>), ImportError> {
    let keys: Vec<_> = target.key.iter().filter(|k| target.has(k)).map(|k| quoted(k)).collect();
    if keys.is_empty() || target.has_ids() {
        return Ok((0, Vec::new()));
    }
    let keys = keys.join(", ");
    let period = if target.has_validity() { ", validity" } else { "" };
    let sql = format!(
        "SELECT concat_ws(' / ', {keys}), n, sum(n) OVER ()::bigint, rows FROM (
             SELECT {keys}, count(*) AS n, array_to_string((array_agg(source_id & 268435455 ORDER BY source_id))[:5], ', ') AS rows FROM {from} WHERE num_nonnulls({keys}) > 0 GROUP BY {keys}{period} HAVING count(*) > 1) AS k
         ORDER BY n DESC, 1 LIMIT {LISTED}",
        from = landed(target)
    );
    let rows: Vec<(String, i64, i64, String)> = sqlx::query_as(&sql).fetch_all(db).await?;
    let total = rows.first().map_or(0, |r| u64::try_from(r.2).unwrap_or(0));
    let field = target.key.join(", ");
    let issues = rows.into_iter().map(|(key, n, _, rows)| {
        let more = if n > 5 { ", …" } else { "" };
        let (vi, en) = (
            format!("{n} dòng có cùng khóa {key} (dòng {rows}{more}); đã nhận tất cả, hãy xem lại"),
            format!("{n} rows share the key {key} (rows {rows}{more}); all were taken, look at them"),
        );
        finding(&target.layer, "ambiguous-key", Some(key), Some(&field), vi, en)
    });
    Ok((total, issues.collect()))
}

/// Values that name a row of another layer that is not there; the delivery stays as it is.
pub(super) async fn dangling_references(
    db: &mut PgConnection,
    target: &Target,
    import_id: i64,
) -> Result<(u64, Vec<Issue>), ImportError> {
    let references: Vec<(String, String)> = sqlx::query_as(
        "SELECT name, refers_to FROM catalog.attribute WHERE layer = $1 AND refers_to LIKE '%.%' ORDER BY position",
    )
    .bind(&target.layer)
    .fetch_all(&mut *db)
    .await?;
    let (mut total, mut issues) = (0, Vec::new());
    for (name, refers_to) in references.iter().filter(|(name, _)| target.has(name)) {
        let Some((layer, attribute)) = refers_to.split_once('.') else { continue };
        if !comparable(db, target, name, layer, attribute).await? {
            let vi = format!(
                "{name}: refers_to = \"{refers_to}\" không chỉ tới thuộc tính cùng kiểu của một lớp; chưa kiểm tra"
            );
            let en =
                format!("{name}: refers_to = \"{refers_to}\" is no attribute of the same kind in a layer; not checked");
            issues.push(finding(&target.layer, "reference-unknown", Some(refers_to.clone()), Some(name), vi, en));
            continue;
        }
        let sql = format!(
            "SELECT v::text, n, sum(n) OVER ()::bigint FROM (
                 SELECT {name} AS v, count(*) AS n FROM {table} WHERE {name} IS NOT NULL
                     AND source_id >= gis.source_id($1, 1) AND source_id < gis.source_id($1 + 1, 0) GROUP BY 1) AS mine
             WHERE NOT EXISTS (SELECT FROM gis.{layer} r WHERE r.{attribute} = mine.v) ORDER BY n DESC, 1 LIMIT {LISTED}",
            name = quoted(name),
            table = target.table(),
            layer = quoted(layer),
            attribute = quoted(attribute),
        );
        let rows: Vec<(String, i64, i64)> = sqlx::query_as(&sql).bind(import_id).fetch_all(&mut *db).await?;
        total += rows.first().map_or(0, |r| u64::try_from(r.2).unwrap_or(0));
        issues.extend(rows.into_iter().map(|(value, n, _)| {
            let vi = format!("{n} dòng nêu {refers_to} = {value} nhưng chưa có dòng đó");
            let en = format!("{n} rows name {refers_to} = {value}, which is not there");
            finding(&target.layer, "dangling-reference", Some(value), Some(name), vi, en)
        }));
    }
    Ok((total, issues))
}

/// Are both columns there, and can their values be held against each other?
async fn comparable(
    db: &mut PgConnection,
    target: &Target,
    name: &str,
    layer: &str,
    attribute: &str,
) -> Result<bool, ImportError> {
    let comparable: Option<bool> = sqlx::query_scalar(
        "SELECT mine.typcategory = theirs.typcategory AND (mine.typcategory <> 'U' OR mine.oid = theirs.oid) FROM pg_attribute a JOIN pg_type mine ON mine.oid = a.atttypid,
             pg_attribute b JOIN pg_type theirs ON theirs.oid = b.atttypid
         WHERE a.attrelid = $1::regclass AND a.attname = $2 AND b.attrelid = to_regclass($3) AND b.attname = $4
             AND NOT a.attisdropped AND NOT b.attisdropped",
    )
    .bind(target.table())
    .bind(name)
    .bind(format!("gis.{}", quoted(layer)))
    .bind(attribute)
    .fetch_optional(db)
    .await?;
    Ok(comparable.unwrap_or(false))
}

/// Where the delivered rows of a target lie before they are applied.
fn landed(target: &Target) -> String {
    match target.way {
        Way::Direct { .. } => target.table(),
        Way::Staged => target.stage.clone(),
    }
}
