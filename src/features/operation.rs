//! One operation: what it meets, what it writes, what becomes of it.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{Acquire as _, PgConnection};

use super::{
    Act, Conflict, Finding, OnConflict, Operation, Outcome, Values, allowed,
    apply::{StoreError, Writer},
    gone, judge,
    merge::{Merge, merge},
    prepare::Shape,
    row::{self, Sees, content, normal, shown, values, version},
};
use crate::{
    catalog::Layer,
    identity::rights::{Action, Decision, Target, may},
};

/// An operation with all that it takes to do it.
#[derive(Clone, Copy)]
pub struct Doing<'a> {
    /// The layer.
    pub layer: &'a Layer,
    /// Its shape, if it brings one.
    pub shape: Option<&'a Shape>,
    /// What is asked.
    pub operation: &'a Operation,
    /// What to do when somebody else wrote meanwhile.
    pub on_conflict: OnConflict,
    /// Who asks.
    pub writer: Writer<'a>,
}

/// What became of it, and the fid of the row that was written.
type Done = (Outcome, Option<i64>);

impl Doing<'_> {
    /// Does it under a savepoint: what the database refuses is a finding, and leaves the others alone.
    ///
    /// # Errors
    /// When it is not allowed there, and when the database cannot answer.
    pub async fn go(self, connection: &mut PgConnection) -> Result<Done, StoreError> {
        let mut savepoint = connection.begin().await?;
        let done = match self.attempt(&mut savepoint).await {
            Ok(done) => done,
            Err(StoreError::Database(error)) => match refused(&error, &self.layer.name) {
                Some(finding) => (Outcome::Refused { findings: vec![finding] }, None),
                None => return Err(error.into()),
            },
            Err(error) => return Err(error),
        };
        if done.0.is_settled() {
            savepoint.commit().await?;
        } else {
            savepoint.rollback().await?;
        }
        Ok(done)
    }

    async fn attempt(self, connection: &mut PgConnection) -> Result<Done, StoreError> {
        let (base, set) = match &self.operation.act {
            Act::Insert { set, .. } => return self.insert(connection, set).await,
            Act::Update { base_version, set, .. } => (*base_version, Some(set)),
            Act::Delete { base_version } => (*base_version, None),
        };
        let Some(there) = self.there(connection).await? else {
            let finding = gone::finding(connection, self.layer, self.operation.id).await?;
            return Ok((Outcome::Refused { findings: vec![finding] }, None));
        };
        // Before anything is said of the row: who may not write there learns nothing of it.
        self.may_write_row(connection, there.fid).await?;
        if base > there.version {
            return Ok(no_such("Phiên bản này chưa có", "There is no such version yet", "base_version"));
        }
        match set {
            Some(set) => self.update(connection, set, base, &there).await,
            None => self.delete(connection, base, &there).await,
        }
    }

    async fn there(&self, connection: &mut PgConnection) -> Result<Option<There>, sqlx::Error> {
        let row: Option<Row> = sqlx::query_as(&format!(
            "SELECT fid, version, actor, known_since, {} AS content FROM gis.\"{}\" AS t \
             WHERE id = $1 AND validity @> coalesce($2, gis.today()) FOR UPDATE",
            content(self.layer),
            self.layer.name
        ))
        .bind(self.operation.id)
        .bind(self.operation.valid_at)
        .fetch_optional(connection)
        .await?;
        let there = |Row { fid, version, actor, known_since, content }| There {
            fid,
            version,
            actor,
            known_since,
            values: values(content),
        };
        Ok(row.map(there))
    }

    async fn may_write_row(&self, connection: &mut PgConnection, fid: i64) -> Result<(), StoreError> {
        allowed::row(connection, self.writer.who, self.layer, fid, self.operation.op_id).await
    }

    async fn may_name(&self, connection: &mut PgConnection, write: &Values) -> Result<(), StoreError> {
        allowed::units_named(connection, self.writer.who, self.layer, write, self.operation.op_id).await
    }

    /// Three versions; what the caller may not see stays away, and so do names from those who may not read history.
    fn conflict(&self, seen: Option<&Values>, there: &There, yours: Values, fields: Vec<String>) -> Outcome {
        let is_staff = may(self.writer.who, Action::SeeStaff, &Target::City) == Decision::Allowed;
        let sees = if is_staff { Sees::Staff } else { Sees::Public };
        Outcome::Conflict(Box::new(Conflict {
            seen: seen.map(|values| shown(self.layer, values.clone(), sees)),
            there: Some(shown(self.layer, there.values.clone(), sees)),
            yours,
            fields,
            version: Some(there.version),
            actor: is_staff.then(|| there.actor.clone()),
            at: is_staff.then_some(there.known_since),
        }))
    }

    async fn delete(&self, connection: &mut PgConnection, base: i32, there: &There) -> Result<Done, StoreError> {
        if base != there.version {
            let seen = version(connection, self.layer, self.operation, base).await?;
            return Ok((self.conflict(seen.as_ref(), there, Values::new(), Vec::new()), None));
        }
        sqlx::query(&format!("DELETE FROM gis.\"{}\" WHERE fid = $1", self.layer.name))
            .bind(there.fid)
            .execute(connection)
            .await?;
        Ok((Outcome::Applied { version: there.version, warnings: Vec::new() }, None))
    }

    async fn update(
        &self,
        connection: &mut PgConnection,
        set: &Values,
        base: i32,
        there: &There,
    ) -> Result<Done, StoreError> {
        let seen = if base == there.version {
            Some(there.values.clone())
        } else {
            version(connection, self.layer, self.operation, base).await?
        };
        let yours = normal(connection, self.layer, set, self.shape).await?;
        // Whether a private attribute holds what somebody guesses is never answered: on an old version it is a conflict, right
        // or wrong, and on this one it is written, changed or not.
        let is_private = |name: &String| self.layer.attribute(name).is_some_and(|attribute| attribute.private);
        let hidden: Values = yours
            .iter()
            .filter(|(name, _)| is_private(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        if !hidden.is_empty() && base != there.version {
            let fields = yours.keys().cloned().collect();
            return Ok((self.conflict(seen.as_ref(), there, yours, fields), None));
        }
        let merged = match (&seen, self.on_conflict) {
            _ if base == there.version => merge(&there.values, &there.values, &yours),
            (Some(seen), OnConflict::Merge) => merge(seen, &there.values, &yours),
            // Refuse: whatever differs from what is there stands against the other's version.
            _ => match merge(&there.values, &there.values, &yours) {
                Merge::Write(write) => Merge::Conflict(write.into_iter().map(|(name, _)| name).collect()),
                other => other,
            },
        };
        let write = match merged {
            Merge::Identical if !hidden.is_empty() => hidden,
            Merge::Identical => return Ok((Outcome::Identical { version: there.version }, None)),
            Merge::Conflict(fields) => return Ok((self.conflict(seen.as_ref(), there, yours, fields), None)),
            Merge::Write(write) => write,
        };
        self.may_name(connection, &write).await?;
        let version = row::update(connection, self.layer, there.fid, &write, self.shape).await?;
        if write.contains_key("geometry") {
            self.may_write_row(connection, there.fid).await?;
        }
        let warnings = Vec::new();
        let outcome = if base == there.version {
            Outcome::Applied { version, warnings }
        } else {
            Outcome::Merged { version, warnings }
        };
        Ok((outcome, Some(there.fid)))
    }

    async fn insert(&self, connection: &mut PgConnection, set: &Values) -> Result<Done, StoreError> {
        let taken = row::is_taken(connection, self.layer, self.operation.id, self.writer.revives).await?;
        if taken {
            return Ok(no_such("Mã đối tượng này đã có", "An object with this id exists already", "new_id"));
        }
        self.may_name(connection, set).await?;
        let (fid, version) =
            row::insert(connection, self.layer, self.operation, set, self.shape, self.writer.revives).await?;
        self.may_write_row(connection, fid).await?;
        Ok((Outcome::Applied { version, warnings: Vec::new() }, Some(fid)))
    }
}

/// The row that an operation addresses, as it is.
struct There {
    fid: i64,
    version: i32,
    actor: String,
    known_since: DateTime<Utc>,
    values: Values,
}

#[derive(sqlx::FromRow)]
struct Row {
    fid: i64,
    version: i32,
    actor: String,
    known_since: DateTime<Utc>,
    content: Value,
}

fn no_such(vi: &str, en: &str, rule: &str) -> Done {
    (Outcome::Refused { findings: vec![Finding::refuse(rule, None, vi, en)] }, None)
}

/// What the database says of an operation rather than of itself: values out of range (22), constraints (23), a value too long
/// for its index (54), and a shape that PostGIS fails on (XX).
fn refused(error: &sqlx::Error, layer: &str) -> Option<Finding> {
    let refused = error.as_database_error()?;
    let class = refused.code()?.chars().take(2).collect::<String>();
    match class.as_str() {
        "XX" => Some(judge::unworkable(error)),
        "22" | "23" | "54" => {
            tracing::warn!(cause = %error, layer, "the database refused an operation that the checks let through");
            let rule = refused.constraint().unwrap_or("database");
            Some(Finding::refuse(rule, None, "Cơ sở dữ liệu từ chối", format!("The database refuses this: {rule}")))
        }
        _ => None,
    }
}
