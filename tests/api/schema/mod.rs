//! What every layer's table promises, whoever writes: tried with plain SQL, as somebody with `psql` or QGIS would.

#![allow(clippy::float_cmp, reason = "what was stored is read back to the bit")]

mod catalog;
mod feed;
mod history;
mod metres;
mod rights;

use sqlx::PgConnection;

/// A square of about 100 m in Ho Chi Minh City, as SQL.
pub const SQUARE: &str = "ST_SetSRID(ST_MakeEnvelope(106.7, 10.77, 106.701, 10.771), 4326)";

/// The name of the constraint that refused `statement`.
pub async fn refused_by(connection: &mut PgConnection, statement: &str) -> String {
    match sqlx::query(statement).execute(connection).await {
        Ok(_) => panic!("was not refused: {statement}"),
        Err(error) => {
            let database = error.as_database_error().unwrap_or_else(|| panic!("{statement}: {error}"));
            database.constraint().map_or_else(|| database.message().to_owned(), str::to_owned)
        }
    }
}

/// One value.
pub async fn value<T>(connection: &mut PgConnection, query: &str) -> T
where
    T: for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres> + Send + Unpin,
{
    sqlx::query_scalar(query).fetch_one(connection).await.unwrap_or_else(|error| panic!("{query}: {error}"))
}
