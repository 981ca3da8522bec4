//! Answers that a client may keep, and asks about each time: `ETag` and `If-None-Match` (RFC 9110 §8.8.3, §13.1.2).

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::problem::Problem;

/// JSON under a tag of its content; 304 for who has it. The tag is weak: on its way the body may be compressed.
///
/// # Errors
/// When the body cannot be written as JSON.
pub fn tagged(headers: &HeaderMap, body: &impl Serialize) -> Result<Response, Problem> {
    let body = serde_json::to_vec(body).map_err(Problem::internal)?;
    let etag = format!("W/\"{}\"", digest(&body));
    let fixed = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::ETAG, HeaderValue::try_from(&etag).map_err(Problem::internal)?),
    ];
    if is_named(headers, &etag) {
        return Ok((StatusCode::NOT_MODIFIED, fixed).into_response());
    }
    Ok((fixed, [(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// What stands for a content: 96 bits of its SHA-256, in hexadecimal.
pub fn digest(content: &[u8]) -> String {
    Sha256::digest(content)[..12].iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// Does `If-None-Match` name this tag? Compared weakly: a proxy that recompressed may have put `W/` before it.
pub fn is_named(headers: &HeaderMap, etag: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let named = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    named.flat_map(|value| value.split(',')).any(|one| one.trim() == "*" || bare(one) == bare(etag))
}
