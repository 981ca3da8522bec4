//! What a password has to be, and how a new one is kept.

use axum::http::StatusCode;
use sqlx::PgConnection;
use thiserror::Error;
use uuid::Uuid;

use super::{secret, store};
use crate::http::problem::Problem;
use crate::shell::Said;

/// The shortest password (TCVN 14423:2026, 5.6.2.2: 14 without a second factor; the same with one).
pub(super) const SHORTEST: usize = 14;
/// How many of the latest passwords may not come back (TCVN 14423:2026, 5.6.2.2).
pub(super) const NOT_AGAIN: i64 = 10;

/// Why a password is not taken.
#[derive(Debug, Error)]
pub enum Refused {
    /// Too short.
    #[error("a password has at least {SHORTEST} characters; this one has {0}")]
    Short(usize),
    /// Longer than anybody types.
    #[error("a password has at most {} bytes", secret::LONGEST)]
    Long,
    /// Used before.
    #[error("one of the last {NOT_AGAIN} passwords: choose another")]
    Again,
    /// It cannot be hashed.
    #[error("hashing: {0}")]
    Hash(String),
    /// The database is away or refuses.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl From<Refused> for Said {
    fn from(refused: Refused) -> Self {
        let vi = match &refused {
            Refused::Short(letters) => format!("mật khẩu cần ít nhất {SHORTEST} ký tự; mật khẩu này có {letters}"),
            Refused::Long => format!("mật khẩu dài nhất {} byte", secret::LONGEST),
            Refused::Again => format!("trùng một trong {NOT_AGAIN} mật khẩu gần nhất: chọn mật khẩu khác"),
            Refused::Hash(cause) => format!("không băm được mật khẩu: {cause}"),
            Refused::Database(cause) => format!("cơ sở dữ liệu từ chối: {cause}"),
        };
        Self::new(vi, refused.to_string())
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        let (vi, en) = match &refused {
            Refused::Long => (
                format!("Mật khẩu dài nhất {} byte", secret::LONGEST),
                format!("A password has at most {} bytes", secret::LONGEST),
            ),
            Refused::Short(_) => (
                format!("Mật khẩu cần ít nhất {SHORTEST} ký tự"),
                format!("A password has at least {SHORTEST} characters"),
            ),
            Refused::Again => (
                format!("Mật khẩu trùng một trong {NOT_AGAIN} mật khẩu gần nhất"),
                format!("It is one of the last {NOT_AGAIN} passwords: choose another"),
            ),
            Refused::Hash(cause) => return Self::internal(cause),
            Refused::Database(_) => {
                let Refused::Database(error) = refused else { return Self::internal("a password") };
                return error.into();
            }
        };
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "password-refused", vi, en)
    }
}

/// Keeps a new password of a person, if it is long enough and not one of the last.
///
/// # Errors
/// [`Refused`], which says why not.
pub(super) async fn set(connection: &mut PgConnection, person: Uuid, password: String) -> Result<(), Refused> {
    let letters = password.chars().count();
    if letters < SHORTEST {
        return Err(Refused::Short(letters));
    }
    if password.len() > secret::LONGEST {
        return Err(Refused::Long);
    }
    let earlier = store::latest_hashes(&mut *connection, person, NOT_AGAIN).await?;
    let hashed = secret::hash_unless_known(earlier, password).await.map_err(Refused::Hash)?;
    let hash = hashed.ok_or(Refused::Again)?;
    Ok(store::keep_hash(connection, person, &hash).await?)
}
