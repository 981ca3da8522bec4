//! What is kept of change sets: who, when, why, and every version of an object.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgPool;
use uuid::Uuid;

use super::row::{Sees, content, shown, values};
use crate::catalog::Layer;

/// A change set that was written.
#[derive(sqlx::FromRow)]
pub struct Kept {
    /// Who wrote it.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: DateTime<Utc>,
    /// The change set that it takes back.
    pub undoes: Option<Uuid>,
    /// The change set that took it back.
    pub undone_by: Option<Uuid>,
    /// What became of its operations.
    pub operations: Value,
}

/// Reads a change set.
///
/// # Errors
/// When the database cannot answer.
pub async fn change_set(pool: &PgPool, id: Uuid) -> Result<Option<Kept>, sqlx::Error> {
    sqlx::query_as(include_str!("change_set.sql")).bind(id).fetch_optional(pool).await
}

/// Every version of an object, newest first: who, when, why, and what it held.
///
/// # Errors
/// When the database cannot answer.
pub async fn history(pool: &PgPool, layer: &Layer, id: Uuid) -> Result<Vec<Value>, sqlx::Error> {
    let content = content(layer);
    let statement = include_str!("history.sql").replace("{layer}", &layer.name).replace("{content}", &content);
    let rows: Vec<(Value, Value)> = sqlx::query_as(&statement).bind(id).fetch_all(pool).await?;
    let whole = |(mut head, held): (Value, Value)| {
        if let Some(head) = head.as_object_mut() {
            head.insert("values".to_owned(), Value::Object(shown(layer, values(held), Sees::Staff)));
        }
        head
    };
    Ok(rows.into_iter().map(whole).collect())
}
