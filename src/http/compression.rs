//! Files of the pages, compressed once and kept.

use std::collections::HashMap;

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_ENCODING;
use bytes::Bytes;
use parking_lot::Mutex;

use super::encoding::{Effort, Encoding};

/// The best that the client takes and the kind of file is worth.
pub(super) fn wanted(asked: &HeaderMap, content_type: &str) -> Encoding {
    let worth = ["text/", "javascript", "json", "svg", "wasm"].iter().any(|kind| content_type.contains(kind));
    let accepted = asked.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    accepted.filter(|_| worth).map_or(Encoding::Identity, Encoding::negotiate)
}

/// What was compressed before, by the content's tag; the pages are a few dozen files.
static KEPT: Mutex<Option<HashMap<(String, Encoding), Bytes>>> = Mutex::new(None);
/// More files than the pages have; a folder served while it is built anew does not grow this for ever.
const KEPT_AT_MOST: usize = 500;

/// The content compressed; `None` when the server is stopping, then it travels as it is.
pub(super) async fn compressed(etag: &str, encoding: Encoding, content: &[u8]) -> Option<Bytes> {
    let key = (etag.to_owned(), encoding);
    if let Some(bytes) = KEPT.lock().get_or_insert_default().get(&key) {
        return Some(bytes.clone());
    }
    let owned = content.to_vec();
    let bytes = tokio::task::spawn_blocking(move || encoding.compress(&owned, Effort::Once)).await.ok()?;
    let mut kept = KEPT.lock();
    let kept = kept.get_or_insert_default();
    if kept.len() >= KEPT_AT_MOST {
        kept.clear();
    }
    kept.insert(key, bytes.clone());
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(accepted: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(ACCEPT_ENCODING, axum::http::HeaderValue::from_static(accepted))])
    }

    #[test]
    fn what_is_packed_already_travels_as_it_is() {
        assert_eq!(wanted(&asked("gzip, br"), "text/javascript"), Encoding::Brotli);
        assert_eq!(wanted(&asked("gzip, br;q=0.1"), "text/css"), Encoding::Gzip);
        assert_eq!(wanted(&asked("gzip"), "font/woff2"), Encoding::Identity);
        assert_eq!(wanted(&HeaderMap::new(), "text/html"), Encoding::Identity);
    }

    #[tokio::test]
    async fn what_is_compressed_once_is_kept() {
        let text = "đô thị ".repeat(1_000);
        let first = compressed("\"tag\"", Encoding::Gzip, text.as_bytes()).await.expect("it can be compressed");
        assert!(first.len() < text.len() / 10);
        let second = compressed("\"tag\"", Encoding::Gzip, b"").await.expect("it is kept");
        assert_eq!(first, second);
    }
}
