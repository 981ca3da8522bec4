//! Staged rows against current ones, by the layer's key, in set-wise steps.
//!
//! Pairs are looked for in this order: the same id (where the source carries ids), else the same key where it is unique
//! on both sides, else, among rows that share a key, the same content, else their order; at last the key that an object
//! had when it was delivered and that was changed here since. Every staged and every current row gets one *verdict*;
//! [`super::apply`] writes by it.

use chrono::NaiveDate;
use sqlx::{PgConnection, Row as _};

use super::Scope;
use super::error::ImportError;
use super::landing::{Target, quoted};

/// Joins the parts of a key, stands for null in it, and sets the day off.
const KEY_MARKS: [&str; 3] = [r"E'\x1f'", r"E'\x1e'", r"E'\x1d'"];

/// What the comparison is about.
#[derive(Clone, Debug)]
pub(super) struct Question<'a> {
    pub(super) target: &'a Target,
    /// Earlier deliveries of the same source that were applied.
    pub(super) earlier: &'a [i64],
    pub(super) scope: Scope,
    pub(super) date: NaiveDate,
    /// Some refused rows did not even say which object they speak of: any object may be theirs.
    pub(super) refused_unseen: bool,
}

/// How many rows got which verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) added: u64,
    pub(super) added_repaired: u64,
    pub(super) changed: u64,
    pub(super) changed_repaired: u64,
    pub(super) unchanged: u64,
    /// Delivered rows that meet an edit or a deletion made here.
    pub(super) edited: u64,
    /// Objects edited here that the delivery no longer has.
    pub(super) gone_edited: u64,
    /// Objects that will be closed.
    pub(super) closing: u64,
    /// Objects that would be closed, had no row been refused that speaks of them, or may.
    pub(super) kept: u64,
    /// Open objects that could be closed by this delivery.
    pub(super) in_scope: u64,
    /// Delivered rows that share their key with another one.
    pub(super) ambiguous: u64,
}

impl Tally {
    /// Did local edits meet the delivery?
    pub(super) fn conflicts(&self) -> u64 {
        self.edited + self.gone_edited
    }
}

impl Question<'_> {
    /// Names of the working tables.
    pub(super) fn temp(&self, what: &str) -> String {
        self.target.stage.replace("stage", what)
    }

    /// The key as text, of the row called `alias`; null if none of its parts has a value.
    pub(super) fn key_of(&self, alias: &str) -> String {
        let [join, null, day] = KEY_MARKS;
        if self.target.has_ids() {
            return format!("{alias}.id::text");
        }
        let parts: Vec<_> = self.target.key.iter().map(|k| format!("{alias}.{}", quoted(k))).collect();
        if !self.target.key.iter().any(|k| self.target.has(k)) {
            return "NULL::text".to_owned();
        }
        let texts = parts.iter().map(|p| format!("coalesce({p}::text, {null})")).collect::<Vec<_>>().join(", ");
        let period = if self.target.has_validity() {
            format!(" || {day} || coalesce(lower({alias}.validity)::text, '')")
        } else {
            String::new()
        };
        format!("CASE WHEN num_nonnulls({}) > 0 THEN concat_ws({join}, {texts}){period} END", parts.join(", "))
    }

    /// Columns that are compared: legal geometry by its source alone, because the other is derived from it.
    pub(super) fn compared(&self) -> Vec<String> {
        let legal = self.target.has("geom_source");
        let mut columns: Vec<_> = self.target.given().filter(|c| !(legal && *c == "geom")).map(quoted).collect();
        if self.target.has_validity() {
            columns.push("validity".to_owned());
        }
        columns
    }

    /// A digest of what a delivery says of the row called `alias`.
    pub(super) fn content_of(&self, alias: &str) -> String {
        let mut columns: Vec<_> = self.compared().iter().map(|c| format!("{alias}.{c}")).collect();
        if self.target.has("geom_source") {
            // Null outside Vietnam: then the place itself counts.
            columns.push(format!("CASE WHEN {alias}.geom_source IS NULL THEN {alias}.geom END"));
        }
        format!("md5(ROW({})::text)", columns.join(", "))
    }

    fn same(&self) -> String {
        let mut claims: Vec<_> = self.compared().iter().map(|c| format!("c.{c} IS NOT DISTINCT FROM s.{c}")).collect();
        if self.target.has("geom_source") {
            claims.push("(s.geom_source IS NOT NULL OR c.geom IS NOT DISTINCT FROM s.geom)".to_owned());
        }
        if claims.is_empty() { "true".to_owned() } else { claims.join(" AND ") }
    }

    fn in_scope(&self) -> String {
        match self.scope {
            Scope::None => "false".to_owned(),
            Scope::Layer => "c.source_id IS NOT NULL".to_owned(),
            Scope::Source => {
                let ids = self.earlier.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
                format!("coalesce(c.source_id >> 28 = ANY('{{{ids}}}'::bigint[]), false)")
            }
        }
    }
}

/// Gives every row its verdict, in temporary tables that end with the transaction.
pub(super) async fn compare(db: &mut PgConnection, q: &Question<'_>) -> Result<Tally, ImportError> {
    current(db, q).await?;
    pairs(db, q).await?;
    verdicts(db, q).await?;
    tally(db, q).await
}

/// `cur`: of each object the period that the delivery speaks of.
async fn current(db: &mut PgConnection, q: &Question<'_>) -> Result<(), ImportError> {
    let (cur, table, stage, date) = (q.temp("cur"), q.target.table(), &q.target.stage, q.date);
    let (once, order) = if q.target.has_validity() {
        ("", String::new())
    } else {
        (
            "DISTINCT ON (c.id)",
            format!("ORDER BY c.id, c.validity @> '{date}'::date DESC, lower(c.validity) DESC NULLS LAST"),
        )
    };
    let refused = q.target.refused();
    let sql = format!(
        "UPDATE {stage} s SET key = {staged_key};
         UPDATE {refused} s SET key = {staged_key};
         {mended}
         ANALYZE {stage}; ANALYZE {refused};
         CREATE TEMP TABLE {cur} ON COMMIT DROP AS
         SELECT {once} c.fid, c.id, {key} AS key, c.actor NOT LIKE 'import:%' AS edited, {scope} AS in_scope,
             coalesce(upper(c.validity) > '{date}'::date, true) AS open,
             coalesce(c.source_id & 268435455 = 0, false) AS closed_by_import
         FROM {table} c {order};
         ANALYZE {cur};",
        staged_key = q.key_of("s"),
        mended = if q.target.has_place() {
            format!("UPDATE {refused} SET geom = ST_MakeValid(geom) WHERE key IS NULL AND NOT ST_IsValid(geom);")
        } else {
            String::new()
        },
        key = q.key_of("c"),
        scope = q.in_scope(),
    );
    sqlx::raw_sql(&sql).execute(db).await?;
    Ok(())
}

/// `pair`: which staged row speaks of which current one.
async fn pairs(db: &mut PgConnection, q: &Question<'_>) -> Result<(), ImportError> {
    let (cur, pair, dup, table, stage, history) =
        (q.temp("cur"), q.temp("pair"), q.temp("dup"), q.target.table(), &q.target.stage, q.target.history());
    let (content_s, content_c) = (q.content_of("s"), q.content_of("c"));
    let unpaired_s = format!("NOT EXISTS (SELECT FROM {pair} p WHERE p.source_id = s.source_id)");
    let unpaired_c = format!("NOT EXISTS (SELECT FROM {pair} p WHERE p.fid = cur.fid)");
    let sql = format!(
        "CREATE TEMP TABLE {dup} ON COMMIT DROP AS
         SELECT key FROM {stage} WHERE key IS NOT NULL GROUP BY key HAVING count(*) > 1
         UNION SELECT key FROM {cur} WHERE key IS NOT NULL AND open GROUP BY key HAVING count(*) > 1;
         ANALYZE {dup};
         CREATE TEMP TABLE {pair} ON COMMIT DROP AS
         SELECT s.source_id, cur.fid FROM {stage} s JOIN {cur} cur ON cur.key = s.key AND cur.open
         WHERE NOT EXISTS (SELECT FROM {dup} d WHERE d.key = s.key);
         CREATE INDEX ON {pair} (source_id); CREATE INDEX ON {pair} (fid); ANALYZE {pair};

         -- Rows without a key, or that share one: the same content.
         INSERT INTO {pair}
         WITH left_s AS (
             SELECT source_id, key, content, row_number() OVER (PARTITION BY key, content ORDER BY source_id) AS n
             FROM (SELECT s.source_id, s.key, {content_s} AS content FROM {stage} s
                   WHERE s.key IS NULL OR EXISTS (SELECT FROM {dup} d WHERE d.key = s.key)) AS s),
         left_c AS (
             SELECT fid, key, content, row_number() OVER (PARTITION BY key, content ORDER BY fid) AS n
             FROM (SELECT cur.fid, cur.key, {content_c} AS content FROM {cur} cur JOIN {table} c USING (fid)
                   WHERE cur.open AND (cur.key IS NULL OR EXISTS (SELECT FROM {dup} d WHERE d.key = cur.key))) AS c)
         SELECT s.source_id, c.fid FROM left_s s JOIN left_c c
             ON c.content = s.content AND c.n = s.n AND c.key IS NOT DISTINCT FROM s.key;

         -- What is left of those that share a key: their order.
         INSERT INTO {pair}
         WITH left_s AS (
             SELECT s.source_id, s.key, row_number() OVER (PARTITION BY s.key ORDER BY s.source_id) AS n
             FROM {stage} s JOIN {dup} d ON d.key = s.key WHERE {unpaired_s}),
         left_c AS (
             SELECT cur.fid, cur.key, row_number() OVER (PARTITION BY cur.key ORDER BY cur.fid) AS n
             FROM {cur} cur JOIN {dup} d ON d.key = cur.key WHERE cur.open AND {unpaired_c})
         SELECT s.source_id, c.fid FROM left_s s JOIN left_c c USING (key, n);

         -- Objects whose key was changed here: the key that they were delivered under.
         INSERT INTO {pair}
         SELECT DISTINCT ON (s.source_id) s.source_id, min(cur.fid)
         FROM {cur} cur JOIN {history} h ON h.id = cur.id AND h.actor LIKE 'import:%'
         JOIN {stage} s ON s.key = {key_h}
         WHERE cur.edited AND cur.open AND {unpaired_c} AND {unpaired_s}
         GROUP BY cur.id, s.source_id ORDER BY s.source_id;

         -- Closed objects come back only under a key that nobody alive has: the same content first, then the last to go.
         INSERT INTO {pair}
         WITH left_s AS (
             SELECT source_id, key, content, row_number() OVER (PARTITION BY key, content ORDER BY source_id) AS n
             FROM (SELECT s.source_id, s.key, {content_s} AS content FROM {stage} s
                   WHERE {unpaired_s} AND EXISTS (SELECT FROM {cur} WHERE NOT open)) AS s),
         left_c AS (
             SELECT fid, key, content, row_number() OVER (PARTITION BY key, content ORDER BY fid DESC) AS n
             FROM (SELECT cur.fid, cur.key, {content_c} AS content FROM {cur} cur JOIN {table} c USING (fid)
                   WHERE NOT cur.open) AS c)
         SELECT s.source_id, c.fid FROM left_s s JOIN left_c c
             ON c.content = s.content AND c.n = s.n AND c.key IS NOT DISTINCT FROM s.key;
         INSERT INTO {pair}
         WITH left_s AS (
             SELECT s.source_id, s.key, row_number() OVER (PARTITION BY s.key ORDER BY s.source_id) AS n
             FROM {stage} s WHERE s.key IS NOT NULL AND {unpaired_s} AND EXISTS (SELECT FROM {cur} WHERE NOT open)),
         left_c AS (
             SELECT cur.fid, cur.key, row_number() OVER (PARTITION BY cur.key ORDER BY cur.fid DESC) AS n
             FROM {cur} cur WHERE NOT cur.open AND {unpaired_c})
         SELECT s.source_id, c.fid FROM left_s s JOIN left_c c USING (key, n);
         ANALYZE {pair};",
        key_h = q.key_of("h"),
    );
    sqlx::raw_sql(&sql).execute(db).await?;
    Ok(())
}

/// `verdict` for pairs, `fresh` for staged rows without one, `gone` for current rows without one.
async fn verdicts(db: &mut PgConnection, q: &Question<'_>) -> Result<(), ImportError> {
    let (cur, pair, verdict, fresh, gone) =
        (q.temp("cur"), q.temp("pair"), q.temp("verdict"), q.temp("fresh"), q.temp("gone"));
    let deleted = q.temp("deleted");
    let (table, stage, history, layer) = (q.target.table(), &q.target.stage, q.target.history(), &q.target.layer);
    let reopens = if q.target.has_validity() { "false" } else { "(NOT cur.open AND cur.closed_by_import)" };
    let (content_s, content_h) = (q.content_of("s"), q.content_of("h"));
    // What a person kept over an earlier delivery counts as that delivery's word, if no later import wrote the object.
    let base = format!(
        "(SELECT b.content FROM (
              SELECT k.theirs_hash AS content, k.import_id, 2147483647 AS version FROM import.conflict k
              WHERE k.layer = '{layer}' AND k.id = v.id AND k.state = 'kept'
              UNION ALL
              SELECT {content_h}, h.source_id >> 28, h.version FROM {history} h WHERE h.id = v.id AND h.actor LIKE 'import:%'
          ) AS b ORDER BY b.import_id DESC NULLS LAST, b.version DESC LIMIT 1)"
    );
    let sql = format!(
        "CREATE TEMP TABLE {verdict} ON COMMIT DROP AS
         SELECT s.source_id, c.fid, c.id, s.repaired, {reopens} AS reopens, CASE
             WHEN {same} AND (cur.edited OR NOT {reopens}) THEN 'unchanged'
             WHEN cur.edited THEN 'edited' ELSE 'changed' END AS say
         FROM {pair} p JOIN {cur} cur ON cur.fid = p.fid JOIN {table} c ON c.fid = p.fid JOIN {stage} s ON s.source_id = p.source_id;
         UPDATE {verdict} v SET say = 'unchanged' FROM {stage} s
         WHERE v.say = 'edited' AND s.source_id = v.source_id AND {content_s} = {base};

         CREATE TEMP TABLE {fresh} ON COMMIT DROP AS
         SELECT s.source_id, NULL::uuid AS id, s.repaired, 'new' AS say FROM {stage} s
         WHERE NOT EXISTS (SELECT FROM {pair} p WHERE p.source_id = s.source_id);
         -- Objects that were deleted here, as they were delivered last: each stands for one row, the same content first.
         CREATE TEMP TABLE {deleted} ON COMMIT DROP AS
         SELECT DISTINCT ON (h.id) h.id, {key_h} AS key, {content_h} AS content FROM {history} h
         WHERE h.actor LIKE 'import:%' AND NOT EXISTS (SELECT FROM {table} c WHERE c.id = h.id)
             AND NOT EXISTS (SELECT FROM {history} e WHERE e.id = h.id AND e.ended_import IS NOT NULL AND e.version > h.version)
             AND h.ended_import IS NULL
         ORDER BY h.id, h.version DESC;
         WITH left_s AS (
             SELECT s.source_id, s.key, {content_s} AS content,
                 row_number() OVER (PARTITION BY s.key, {content_s} ORDER BY s.source_id) AS n
             FROM {fresh} f JOIN {stage} s USING (source_id) WHERE s.key IS NOT NULL),
         left_d AS (
             SELECT id, key, content, row_number() OVER (PARTITION BY key, content ORDER BY id) AS n FROM {deleted})
         UPDATE {fresh} f SET id = d.id, say = 'unchanged' FROM left_s s JOIN left_d d USING (key, content, n)
         WHERE s.source_id = f.source_id;
         WITH left_s AS (
             SELECT s.source_id, s.key, {content_s} AS content, row_number() OVER (PARTITION BY s.key ORDER BY s.source_id) AS n
             FROM {fresh} f JOIN {stage} s USING (source_id) WHERE s.key IS NOT NULL AND f.id IS NULL),
         left_d AS (
             SELECT id, key, row_number() OVER (PARTITION BY key ORDER BY id) AS n FROM {deleted} d
             WHERE NOT EXISTS (SELECT FROM {fresh} f WHERE f.id = d.id))
         UPDATE {fresh} f SET id = d.id, say = CASE WHEN EXISTS (
                 SELECT FROM import.conflict k WHERE k.layer = '{layer}' AND k.id = d.id AND k.state = 'kept'
                     AND k.theirs_hash = s.content) THEN 'unchanged' ELSE 'deleted' END
         FROM left_s s JOIN left_d d USING (key, n) WHERE s.source_id = f.source_id;

         CREATE TEMP TABLE {gone} ON COMMIT DROP AS
         WITH refused AS MATERIALIZED (SELECT DISTINCT {key_r} AS key FROM {refused}),
         unsaid AS MATERIALIZED (SELECT {refused_unseen} OR EXISTS (SELECT FROM {refused} WHERE key IS NULL AND {nowhere}) AS yes)
         SELECT cur.fid, cur.id, CASE
             -- A row that was refused is no word on whether its object is still there.
             WHEN (SELECT yes FROM unsaid) OR {key_cur} IN (SELECT key FROM refused WHERE key IS NOT NULL)
                 OR {there} THEN 'refused'
             WHEN NOT cur.edited THEN 'close'
             WHEN EXISTS (SELECT FROM import.conflict k WHERE k.layer = '{layer}' AND k.id = cur.id AND k.kind = 'gone'
                 AND k.state = 'kept') THEN 'keep' ELSE 'gone' END AS say
         FROM {cur} cur WHERE cur.in_scope AND cur.open AND NOT EXISTS (SELECT FROM {pair} p WHERE p.fid = cur.fid);
         CREATE INDEX ON {gone} (fid); ANALYZE {verdict}; ANALYZE {fresh}; ANALYZE {gone};",
        same = q.same(),
        key_h = q.key_of("h"),
        refused = q.target.refused(),
        refused_unseen = q.refused_unseen,
        nowhere = if q.target.has_place() { "geom IS NULL" } else { "true" },
        // More than a common border: a street's area without a number touches half a city.
        there = if q.target.has_place() {
            format!(
                "EXISTS (SELECT FROM {} r JOIN {table} c ON c.fid = cur.fid AND c.geom && r.geom
                     WHERE r.key IS NULL AND ST_Relate(gis.sound(c.geom), r.geom, 'T********'))",
                q.target.refused()
            )
        } else {
            "false".to_owned()
        },
        // The period of a refused row may be what is wrong with it.
        key_r = format!("split_part(key, {}, 1)", KEY_MARKS[2]),
        key_cur = format!("split_part(cur.key, {}, 1)", KEY_MARKS[2]),
    );
    sqlx::raw_sql(&sql).execute(db).await?;
    Ok(())
}

async fn tally(db: &mut PgConnection, q: &Question<'_>) -> Result<Tally, ImportError> {
    let sql = format!(
        "SELECT changed, changed_repaired, same_pairs, edited, added, added_repaired, same_fresh, deleted, closing, gone, kept,
             in_scope, ambiguous FROM
         (SELECT count(*) FILTER (WHERE say = 'changed' AND NOT repaired) AS changed,
             count(*) FILTER (WHERE say = 'changed' AND repaired) AS changed_repaired,
             count(*) FILTER (WHERE say = 'unchanged') AS same_pairs, count(*) FILTER (WHERE say = 'edited') AS edited
          FROM {verdict}) AS v,
         (SELECT count(*) FILTER (WHERE say = 'new' AND NOT repaired) AS added,
             count(*) FILTER (WHERE say = 'new' AND repaired) AS added_repaired,
             count(*) FILTER (WHERE say = 'unchanged') AS same_fresh, count(*) FILTER (WHERE say = 'deleted') AS deleted
          FROM {fresh}) AS f,
         (SELECT count(*) FILTER (WHERE say = 'close') AS closing, count(*) FILTER (WHERE say = 'gone') AS gone,
             count(*) FILTER (WHERE say = 'refused') AS kept FROM {gone}) AS g,
         (SELECT count(*) AS in_scope FROM {cur} WHERE in_scope AND open) AS c,
         (SELECT coalesce(sum(n), 0)::bigint AS ambiguous FROM
             (SELECT count(*) AS n FROM {stage} WHERE key IS NOT NULL GROUP BY key HAVING count(*) > 1) AS k) AS a",
        verdict = q.temp("verdict"),
        fresh = q.temp("fresh"),
        gone = q.temp("gone"),
        cur = q.temp("cur"),
        stage = q.target.stage,
    );
    let row = sqlx::query(&sql).fetch_one(db).await?;
    let count = |name: &str| row.try_get::<i64, _>(name).map(|n| u64::try_from(n).unwrap_or(0));
    Ok(Tally {
        added: count("added")?,
        added_repaired: count("added_repaired")?,
        changed: count("changed")?,
        changed_repaired: count("changed_repaired")?,
        unchanged: count("same_pairs")? + count("same_fresh")?,
        edited: count("edited")? + count("deleted")?,
        gone_edited: count("gone")?,
        closing: count("closing")?,
        kept: count("kept")?,
        in_scope: count("in_scope")?,
        ambiguous: count("ambiguous")?,
    })
}
