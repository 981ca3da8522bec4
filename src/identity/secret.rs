//! Passwords and tokens: made, hashed, compared.

use std::sync::OnceLock;

use argon2::Argon2;
use argon2::password_hash::rand_core::{OsRng, RngCore as _};
use argon2::password_hash::{Error, PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;

/// Longer ones are refused before they cost anything.
pub const LONGEST: usize = 512;

/// Each hash takes 19 MiB and a core: a flood of sign-ins waits in line rather than taking all of both.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// A secret of 256 random bits, as hexadecimal words.
pub fn random() -> String {
    let mut bytes = [0; 32];
    OsRng.fill_bytes(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Letters of what [`random`] makes.
pub const RANDOM_LEN: usize = 64;

/// 160 random bits: the key of a second factor (RFC 4226, 4).
pub fn random_bytes() -> [u8; 20] {
    let mut bytes = [0; 20];
    OsRng.fill_bytes(&mut bytes);
    bytes
}

/// What is kept of a secret that [`random`] made: it cannot be guessed, so a fast hash does.
pub fn digest(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// What is kept of a password.
///
/// # Errors
/// When the hash cannot be computed.
pub fn hash(password: &str) -> Result<String, Error> {
    let salt = SaltString::generate(&mut OsRng);
    Argon2::default().hash_password(password.as_bytes(), &salt).map(|hash| hash.to_string())
}

/// Is it the password that `hash` was made of?
pub fn is_hash_of(hash: &str, password: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// The same question off the async threads. Without a hash it takes as long and says no: who listens to the clock does not
/// learn which accounts exist.
pub async fn matches(hash: Option<String>, password: String) -> bool {
    static NOBODY: OnceLock<String> = OnceLock::new();
    let Ok(_turn) = AT_ONCE.acquire().await else { return false };
    let compared = tokio::task::spawn_blocking(move || {
        let nobody = NOBODY.get_or_init(|| self::hash(&random()).unwrap_or_default());
        let known = hash.is_some();
        is_hash_of(hash.as_deref().unwrap_or(nobody), &password) && known
    });
    compared.await.unwrap_or(false)
}

/// What is kept of a password, unless it is one of the earlier ones.
///
/// # Errors
/// When the hash cannot be computed.
pub async fn hash_unless_known(earlier: Vec<String>, password: String) -> Result<Option<String>, String> {
    let _turn = AT_ONCE.acquire().await.map_err(|error| error.to_string())?;
    let hashed = tokio::task::spawn_blocking(move || {
        if earlier.iter().any(|hash| is_hash_of(hash, &password)) {
            return Ok(None);
        }
        hash(&password).map(Some).map_err(|error| error.to_string())
    });
    hashed.await.map_err(|error| error.to_string())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_matches_its_hash_and_no_other() {
        let kept = hash("mật khẩu rất dài 2026").unwrap();
        assert!(kept.starts_with("$argon2id$"));
        assert!(is_hash_of(&kept, "mật khẩu rất dài 2026"));
        assert!(!is_hash_of(&kept, "mat khau rat dai 2026"));
        assert!(!is_hash_of("not a hash", "mật khẩu rất dài 2026"));
    }
}
