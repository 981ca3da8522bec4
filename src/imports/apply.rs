//! Writes what the comparison found, set by set. The caller owns the transaction.

use sqlx::PgConnection;

use super::compare::Question;
use super::error::ImportError;
use super::landing::quoted;

/// What `--accept` decided about rows that meet local edits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Nobody has decided: nothing may be applied.
    Open,
    /// What stands here stays; the delivered versions are kept beside as proposals.
    KeepLocal,
    /// The delivery's version wins; the local one stays in the history.
    TakeDelivery,
}

impl Decision {
    /// Reads it from the accepted rules.
    pub(super) fn from_accepted(accepted: &[String]) -> Self {
        let has = |rule: &str| accepted.iter().any(|a| a == rule);
        match (has("take-delivery"), has("keep-local")) {
            (true, _) => Self::TakeDelivery,
            (false, true) => Self::KeepLocal,
            (false, false) => Self::Open,
        }
    }

    /// The state that a conflict is kept in.
    pub(super) fn state(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::KeepLocal => "kept",
            Self::TakeDelivery => "taken",
        }
    }
}

/// Writes new rows, new versions and closings of one staged layer. Sets without rows are not touched.
pub(super) async fn apply(
    db: &mut PgConnection,
    q: &Question<'_>,
    import_id: i64,
    decision: Decision,
    redelivered: bool,
) -> Result<(), ImportError> {
    let take = decision == Decision::TakeDelivery;
    let (changed, fresh, gone) = if take {
        ("('changed', 'edited')", "('new', 'deleted')", "('close', 'gone')")
    } else {
        ("('changed')", "('new')", "('close')")
    };
    close(db, q, import_id, gone).await?;
    change(db, q, changed).await?;
    add(db, q, fresh, redelivered).await
}

async fn close(db: &mut PgConnection, q: &Question<'_>, import_id: i64, say: &str) -> Result<(), ImportError> {
    let (table, gone, date) = (q.target.table(), q.temp("gone"), q.date);
    if !any(db, &gone, say).await? {
        return Ok(());
    }
    let begun = format!("coalesce(lower(c.validity) < '{date}'::date, true)");
    let sql = format!(
        "UPDATE {table} c SET validity = daterange(lower(c.validity), '{date}'::date), source_id = gis.source_id({import_id}, 0)
         FROM {gone} g WHERE g.fid = c.fid AND g.say IN {say} AND {begun};
         -- What was never valid before this day leaves the table; its versions stay in the history.
         DELETE FROM {table} c USING {gone} g WHERE g.fid = c.fid AND g.say IN {say} AND NOT {begun};"
    );
    sqlx::raw_sql(&sql).execute(db).await?;
    Ok(())
}

async fn change(db: &mut PgConnection, q: &Question<'_>, say: &str) -> Result<(), ImportError> {
    let (table, verdict, stage) = (q.target.table(), q.temp("verdict"), &q.target.stage);
    if !any(db, &verdict, say).await? {
        return Ok(());
    }
    let mut sets: Vec<_> = q.target.given().map(|c| format!("{0} = s.{0}", quoted(c))).collect();
    sets.push("source_id = s.source_id".to_owned());
    sets.push(if q.target.has_validity() {
        "validity = s.validity".to_owned()
    } else {
        "validity = CASE WHEN v.reopens THEN daterange(lower(c.validity), NULL) ELSE c.validity END".to_owned()
    });
    let sql = format!(
        "UPDATE {table} c SET {sets} FROM {verdict} v JOIN {stage} s USING (source_id) WHERE c.fid = v.fid AND v.say IN {say}",
        sets = sets.join(", "),
    );
    sqlx::raw_sql(&sql).execute(db).await?;
    Ok(())
}

async fn add(db: &mut PgConnection, q: &Question<'_>, say: &str, redelivered: bool) -> Result<(), ImportError> {
    let (table, fresh, stage, date) = (q.target.table(), q.temp("fresh"), &q.target.stage, q.date);
    let history = q.target.history();
    if !any(db, &fresh, say).await? {
        return Ok(());
    }
    let columns: Vec<_> = q.target.given().map(quoted).collect();
    let names = columns.iter().map(|c| format!(", {c}")).collect::<String>();
    let values = columns.iter().map(|c| format!(", s.{c}")).collect::<String>();
    let validity = match (q.target.has_validity(), redelivered) {
        (true, _) => "s.validity".to_owned(),
        // What a source brings later began between its deliveries.
        (false, true) => format!("daterange('{date}'::date, NULL)"),
        (false, false) => "daterange(NULL, NULL)".to_owned(),
    };
    let sql = format!(
        "INSERT INTO {table} (id, version, source_id, validity{names})
         SELECT coalesce(f.id, s.id), CASE WHEN f.id IS NULL THEN 1 ELSE
             (SELECT max(h.version) + 1 FROM {history} h WHERE h.id = f.id) END, s.source_id, {validity}{values}
         FROM {fresh} f JOIN {stage} s USING (source_id) WHERE f.say IN {say} ORDER BY s.source_id"
    );
    sqlx::raw_sql(&sql).execute(db).await?;
    Ok(())
}

/// A statement on no rows would still wake the statement triggers.
async fn any(db: &mut PgConnection, table: &str, say: &str) -> Result<bool, ImportError> {
    let sql = format!("SELECT EXISTS (SELECT FROM {table} WHERE say IN {say})");
    Ok(sqlx::query_scalar(&sql).fetch_one(db).await?)
}
