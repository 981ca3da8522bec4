//! How deliveries are kept: `import.delivery`, its blocks, findings and conflicts.

use dothi_import::protocol::{CrsUsed, Issue, Severity};
use serde_json::json;
use sqlx::{Connection as _, PgConnection};

use super::apply::Decision;
use super::compare::Question;
use super::error::ImportError;
use super::landing::quoted;
use super::report::{ConflictReport, Report};
use super::{Checks, ImportRequest, Scope};

/// First half of the advisory lock that a running delivery holds (the second half is its number).
const RUNNING_LOCK: i32 = 0x0d07;
/// Advisory lock that lets one delivery write at a time.
const ONE_AT_A_TIME: i64 = 0x0d07_0001;

/// What is known of a delivery before it is read.
pub(super) struct NewDelivery<'a> {
    pub(super) source: &'a str,
    pub(super) request: &'a ImportRequest,
    pub(super) scope: Scope,
    pub(super) profile: Option<(&'a str, &'a serde_json::Value)>,
}

/// One source layer as it was read.
#[derive(Clone, Debug, Default)]
pub(super) struct Block {
    pub(super) layer: String,
    pub(super) file: String,
    pub(super) source_layer: String,
    pub(super) rows: Option<(i64, i64)>,
    pub(super) read: u64,
    pub(super) clean: u64,
    pub(super) repaired: u64,
    pub(super) refused: u64,
    pub(super) skipped: u64,
    /// Some refused rows did not say which object they speak of, or that it cannot be said.
    pub(super) refused_unseen: bool,
    pub(super) crs: Option<CrsUsed>,
}

/// Marks deliveries whose process is gone; their transactions left nothing.
pub(super) async fn close_abandoned(db: &mut PgConnection) -> Result<(), ImportError> {
    let running: Vec<i64> =
        sqlx::query_scalar("SELECT id FROM import.delivery WHERE state = 'running'").fetch_all(&mut *db).await?;
    for id in running {
        let problem = json!({"slug": "abandoned", "title": {"vi": "tiến trình nhập đã dừng giữa chừng; chưa có gì được ghi",
            "en": "the import ended half-way; nothing was applied"}});
        sqlx::query(
            "UPDATE import.delivery SET state = 'failed', finished_at = now(), problem = $3
             WHERE id = $2 AND state = 'running' AND pg_try_advisory_xact_lock($1, $2::int)",
        )
        .bind(RUNNING_LOCK)
        .bind(id)
        .bind(problem)
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}

/// Begins a delivery: outside the transaction, so that a failed one is on record too.
pub(super) async fn begin(db: &mut PgConnection, new: &NewDelivery<'_>) -> Result<i64, ImportError> {
    let date = new.request.date;
    let id: i64 = sqlx::query_scalar(
        "INSERT INTO import.delivery (source, profile, profile_name, checks, scope, accepted, actor, delivered_on, dated)
         VALUES ($1, $2, $3, $4, $5, $6, $7, coalesce($8, gis.today()), $8 IS NOT NULL) RETURNING id",
    )
    .bind(new.source)
    .bind(new.profile.map(|(_, value)| value))
    .bind(new.profile.map(|(name, _)| name))
    .bind(if new.request.checks == Checks::Full { "full" } else { "basic" })
    .bind(scope_word(new.scope))
    .bind(&new.request.accept)
    .bind(format!("import:{}", new.source))
    .bind(date)
    .fetch_one(db)
    .await?;
    Ok(id)
}

/// Takes the locks of a running delivery and sets who writes. Call it first in the transaction.
pub(super) async fn enter(db: &mut PgConnection, import_id: i64, source: &str) -> Result<(), ImportError> {
    sqlx::raw_sql(
        "SET LOCAL lock_timeout = '300s'; SET LOCAL work_mem = '64MB'; SET LOCAL maintenance_work_mem = '256MB'",
    )
    .execute(&mut *db)
    .await?;
    sqlx::query(
        "SELECT pg_advisory_xact_lock($1, $2::int), pg_advisory_xact_lock($3),
             set_config('dothi.actor', $4, true), set_config('dothi.import_id', $2::text, true)",
    )
    .bind(RUNNING_LOCK)
    .bind(import_id)
    .bind(ONE_AT_A_TIME)
    .bind(format!("import:{source}"))
    .execute(db)
    .await?;
    Ok(())
}

/// Earlier deliveries of a source that were applied, and the layers that they brought.
pub(super) async fn earlier(
    db: &mut PgConnection,
    source: &str,
    before: i64,
) -> Result<Vec<(i64, Vec<String>)>, ImportError> {
    Ok(sqlx::query_as(
        "SELECT d.id, array_remove(array_agg(DISTINCT b.layer), NULL) FROM import.delivery d LEFT JOIN import.block b ON b.import_id = d.id
         WHERE d.source = $1 AND d.state = 'applied' AND d.id <> $2 GROUP BY d.id",
    )
    .bind(source)
    .bind(before)
    .fetch_all(db)
    .await?)
}

/// Keeps what was read from where.
pub(super) async fn keep_blocks(db: &mut PgConnection, import_id: i64, blocks: &[Block]) -> Result<(), ImportError> {
    for (position, b) in blocks.iter().enumerate() {
        sqlx::query("INSERT INTO import.block VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)")
            .bind(import_id)
            .bind(position as i32)
            .bind(&b.layer)
            .bind(&b.file)
            .bind(&b.source_layer)
            .bind(b.rows.map(|r| r.0))
            .bind(b.rows.map(|r| r.1))
            .bind(b.read as i64)
            .bind(b.clean as i64)
            .bind(b.repaired as i64)
            .bind(b.refused as i64)
            .bind(b.skipped as i64)
            .execute(&mut *db)
            .await?;
    }
    Ok(())
}

/// Keeps the findings (the first of each rule; the report counts all).
pub(super) async fn keep_issues(db: &mut PgConnection, import_id: i64, issues: &[Issue]) -> Result<(), ImportError> {
    if issues.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO import.issue (import_id, position, layer, file, source_layer, row, source_row, field, value, severity, rule,
             message_vi, message_en, geom)
         SELECT $1, n, i ->> 'target', i ->> 'file', i ->> 'source_layer', (i ->> 'row')::bigint, (i ->> 'source_row')::bigint,
             i ->> 'field', i ->> 'value', i ->> 'severity', i ->> 'rule', i #>> '{message,vi}', i #>> '{message,en}',
             ST_SetSRID(ST_MakePoint((i ->> 'lon')::float8, (i ->> 'lat')::float8), 4326)
         FROM jsonb_array_elements($2) WITH ORDINALITY AS found(i, n)",
    )
    .bind(import_id)
    .bind(json!(issues))
    .execute(db)
    .await?;
    Ok(())
}

/// Keeps the three versions of every row of a layer that met a local edit.
pub(super) async fn keep_conflicts(
    db: &mut PgConnection,
    q: &Question<'_>,
    import_id: i64,
    decision: Decision,
    by: &str,
) -> Result<(), ImportError> {
    let (table, history, stage, layer) = (q.target.table(), q.target.history(), &q.target.stage, &q.target.layer);
    let (verdict, fresh, gone) = (q.temp("verdict"), q.temp("fresh"), q.temp("gone"));
    let attributes: Vec<_> =
        q.target.given().filter(|c| !matches!(*c, "geom" | "geom_source" | "extra")).map(quoted).collect();
    let json = |alias: &str| {
        let columns = attributes.iter().map(|c| format!("{alias}.{c}")).collect::<Vec<_>>().join(", ");
        format!("(SELECT to_jsonb(x) FROM (SELECT {columns}) AS x)")
    };
    let geom = |alias: &str| if q.target.has("geom") { format!("{alias}.geom") } else { "NULL::geometry".to_owned() };
    let base_columns = q.target.given().map(|c| format!(", h.{}", quoted(c))).collect::<String>();
    let base = format!(
        "LEFT JOIN LATERAL (SELECT h.id{base_columns} FROM {history} h WHERE h.id = m.id AND h.actor LIKE 'import:%'
             ORDER BY h.version DESC LIMIT 1) AS h ON true"
    );
    let sql = format!(
        "INSERT INTO import.conflict (import_id, position, layer, id, kind, key, source_id, base, ours, theirs,
             base_geom, ours_geom, theirs_geom, theirs_hash, state, decided_by, decided_at)
         SELECT $1, n.top + row_number() OVER (ORDER BY m.kind, m.source_id, m.id), $2, m.id,
             CASE WHEN m.kind = 'edited' AND h.id IS NULL THEN 'both_new' ELSE m.kind END,
             translate(coalesce({key_s}, {key_c}), E'\\x1d\\x1e\\x1f', '@-/'), m.source_id,
             CASE WHEN h.id IS NOT NULL THEN {json_h} END, CASE WHEN c.fid IS NOT NULL THEN {json_c} END,
             CASE WHEN s.source_id IS NOT NULL THEN {json_s} END,
             {geom_h}, {geom_c}, {geom_s}, CASE WHEN s.source_id IS NULL THEN 'gone' ELSE {content_s} END,
             $3, CASE WHEN $3 <> 'open' THEN $4 END, CASE WHEN $3 <> 'open' THEN now() END
         FROM (SELECT coalesce(max(position), -1) AS top FROM import.conflict WHERE import_id = $1) AS n, LATERAL (
             SELECT 'edited' AS kind, source_id, fid, id FROM {verdict} WHERE say = 'edited'
             UNION ALL SELECT 'deleted', source_id, NULL, id FROM {fresh} WHERE say = 'deleted'
             UNION ALL SELECT 'gone', NULL, fid, id FROM {gone} WHERE say = 'gone') AS m
         LEFT JOIN {stage} s ON s.source_id = m.source_id LEFT JOIN {table} c ON c.fid = m.fid {base}",
        key_s = q.key_of("s"),
        key_c = q.key_of("c"),
        json_h = json("h"),
        json_c = json("c"),
        json_s = json("s"),
        geom_h = geom("h"),
        geom_c = geom("c"),
        geom_s = geom("s"),
        content_s = q.content_of("s"),
    );
    sqlx::query(&sql).bind(import_id).bind(layer).bind(decision.state()).bind(by).execute(db).await?;
    Ok(())
}

/// The first conflicts of a delivery, for the report.
pub(super) async fn conflicts(
    db: &mut PgConnection,
    import_id: i64,
    limit: i64,
) -> Result<Vec<ConflictReport>, ImportError> {
    let rows: Vec<(serde_json::Value,)> = sqlx::query_as(
        "SELECT jsonb_build_object('layer', layer, 'id', id, 'key', key, 'kind', kind, 'base', base, 'ours', ours, 'theirs', theirs)
         FROM import.conflict WHERE import_id = $1 ORDER BY position LIMIT $2",
    )
    .bind(import_id)
    .bind(limit)
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|(value,)| serde_json::from_value(value))
        .collect::<Result<_, _>>()
        .map_err(|e| ImportError::from(sqlx::Error::Decode(e.into())))
}

/// Conflicts that are carried at once: each has three shapes.
const CARRIED: i64 = 200;

/// The next conflicts of a delivery as they would be kept, to outlive a rollback, with their positions.
pub(super) async fn conflict_rows(
    db: &mut PgConnection,
    import_id: i64,
    from: i32,
) -> Result<Vec<(i32, serde_json::Value)>, ImportError> {
    let rows = sqlx::query_as(
        "SELECT position, to_jsonb(c) || jsonb_build_object('base_geom', base_geom::text, 'ours_geom', ours_geom::text,
             'theirs_geom', theirs_geom::text)
         FROM import.conflict c WHERE import_id = $1 AND position >= $2 ORDER BY position LIMIT $3",
    )
    .bind(import_id)
    .bind(from)
    .bind(CARRIED)
    .fetch_all(db)
    .await?;
    Ok(rows)
}

/// Positions of rows that are carried over: beside those of the transaction that they come from, which would be waited for.
const BESIDE: i32 = 1 << 30;

/// Writes such rows again, to be decided; [`place_conflicts`] ends it.
pub(super) async fn put_conflict_rows(
    db: &mut PgConnection,
    rows: Vec<(i32, serde_json::Value)>,
) -> Result<(), ImportError> {
    sqlx::query(
        "INSERT INTO import.conflict (import_id, position, layer, id, kind, key, source_id, base, ours, theirs,
             base_geom, ours_geom, theirs_geom, theirs_hash, state)
         SELECT import_id, position + $2, layer, id, kind, key, source_id, base, ours, theirs,
             base_geom, ours_geom, theirs_geom, theirs_hash, 'open'
         FROM jsonb_populate_recordset(NULL::import.conflict, $1)",
    )
    .bind(serde_json::Value::Array(rows.into_iter().map(|(_, row)| row).collect()))
    .bind(BESIDE)
    .execute(db)
    .await?;
    Ok(())
}

/// Gives carried rows their own positions, once the transaction that they come from has ended.
pub(super) async fn place_conflicts(db: &mut PgConnection, import_id: i64) -> Result<(), ImportError> {
    sqlx::query("UPDATE import.conflict SET position = position - $2 WHERE import_id = $1 AND position >= $2")
        .bind(import_id)
        .bind(BESIDE)
        .execute(db)
        .await?;
    Ok(())
}

/// What earlier deliveries of the same source asked is asked anew, or decided, by this one.
pub(super) async fn supersede(db: &mut PgConnection, import_id: i64) -> Result<(), ImportError> {
    sqlx::query(
        "UPDATE import.conflict SET state = 'superseded' WHERE state = 'open' AND import_id IN
             (SELECT id FROM import.delivery WHERE source = (SELECT source FROM import.delivery WHERE id = $1) AND id <> $1)",
    )
    .bind(import_id)
    .execute(db)
    .await?;
    Ok(())
}

/// Did a later day of this source, named as such, come in already? An older delivery would put its values back.
pub(super) async fn is_older(
    db: &mut PgConnection,
    source: &str,
    import_id: i64,
    date: chrono::NaiveDate,
) -> Result<bool, ImportError> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM import.delivery
             WHERE source = $1 AND state = 'applied' AND dated AND id <> $2 AND delivered_on > $3)",
    )
    .bind(source)
    .bind(import_id)
    .bind(date)
    .fetch_one(db)
    .await?)
}

/// Was a decision given for other rows than these? Where an earlier run listed what meets local edits, it holds for what stood
/// there, as it stood (decision 11: a person sees the three versions).
pub(super) async fn were_not_shown(db: &mut PgConnection, source: &str, import_id: i64) -> Result<bool, ImportError> {
    Ok(sqlx::query_scalar(
        "WITH shown AS MATERIALIZED (
             SELECT c.* FROM import.conflict c JOIN import.delivery d ON d.id = c.import_id
             WHERE d.source = $1 AND c.import_id <> $2 AND c.state = 'open')
         SELECT EXISTS (SELECT FROM shown) AND EXISTS (
             SELECT FROM import.conflict c WHERE c.import_id = $2 AND NOT EXISTS (
                 SELECT FROM shown s WHERE s.layer = c.layer AND s.id = c.id AND s.kind = c.kind
                     AND s.theirs_hash = c.theirs_hash AND s.ours IS NOT DISTINCT FROM c.ours
                     AND s.ours_geom::bytea IS NOT DISTINCT FROM c.ours_geom::bytea))",
    )
    .bind(source)
    .bind(import_id)
    .fetch_one(db)
    .await?)
}

/// Ends a delivery with its report.
pub(super) async fn finish(
    db: &mut PgConnection,
    report: &Report,
    state: &str,
    blocks: &[Block],
) -> Result<(), ImportError> {
    let mut crs: Vec<serde_json::Value> = Vec::new();
    for block in blocks {
        let Some(used) = &block.crs else { continue };
        let mut entry = json!(used);
        entry["layer"] = json!(block.layer);
        if !crs.contains(&entry) {
            crs.push(entry);
        }
    }
    sqlx::query("UPDATE import.delivery SET state = $2, finished_at = clock_timestamp(), counts = $3, refused_path = $4, crs = $5, files = $6 WHERE id = $1")
        .bind(report.import_id)
        .bind(state)
        .bind(json!({"layers": report.layers, "issues": report.issue_counts, "needs": report.needs}))
        .bind(report.refused.as_ref().map(|p| p.to_string_lossy().into_owned()))
        .bind(json!(crs))
        .bind(json!(report.files))
        .execute(db)
        .await?;
    Ok(())
}

/// Notes why a delivery failed, on a connection of its own: the first one may be lost.
pub(super) async fn fail(pool: &sqlx::PgPool, import_id: i64, error: &ImportError) {
    let problem = json!({"slug": error.slug, "title": error.text});
    let noted = async {
        let mut db = PgConnection::connect_with(&pool.connect_options()).await?;
        sqlx::query("UPDATE import.delivery SET state = 'failed', finished_at = now(), problem = $2 WHERE id = $1 AND state = 'running'")
            .bind(import_id)
            .bind(problem)
            .execute(&mut db)
            .await
    };
    if let Ok(Err(cause)) = tokio::time::timeout(std::time::Duration::from_secs(5), noted).await {
        tracing::warn!(import_id, %cause, "the failure of a delivery could not be noted; the next import will");
    }
}

fn scope_word(scope: Scope) -> &'static str {
    match scope {
        Scope::Source => "source",
        Scope::Layer => "layer",
        Scope::None => "none",
    }
}

/// A finding of the server's own.
pub(super) fn finding(
    layer: &str,
    rule: &str,
    value: Option<String>,
    field: Option<&str>,
    vi: String,
    en: String,
) -> Issue {
    Issue {
        target: Some(layer.to_owned()),
        file: None,
        source_layer: None,
        row: None,
        source_row: None,
        field: field.map(str::to_owned),
        value,
        severity: Severity::Warning,
        rule: rule.to_owned(),
        message: dothi_import::protocol::Text::new(vi, en),
        lon: None,
        lat: None,
    }
}
