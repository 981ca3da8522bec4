//! Files of the pages, compressed once and kept.

use std::collections::HashMap;
use std::io::Write as _;

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_ENCODING;
use bytes::Bytes;
use parking_lot::Mutex;

/// How a file may travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Encoding {
    Brotli,
    Gzip,
}

impl Encoding {
    /// The best that the client takes and the kind of file is worth.
    pub(super) fn wanted(asked: &HeaderMap, content_type: &str) -> Option<Self> {
        let worth = ["text/", "javascript", "json", "svg", "wasm"].iter().any(|kind| content_type.contains(kind));
        let accepted = asked.get(ACCEPT_ENCODING)?.to_str().ok()?;
        let takes = |name: &str| {
            accepted.split(',').any(|part| {
                let mut words = part.split(';').map(str::trim);
                words.next() == Some(name) && !words.any(|word| matches!(word, "q=0" | "q=0.0"))
            })
        };
        match worth {
            true if takes("br") => Some(Self::Brotli),
            true if takes("gzip") => Some(Self::Gzip),
            _ => None,
        }
    }

    /// Its name in `Content-Encoding`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    fn compress(self, content: &[u8]) -> std::io::Result<Vec<u8>> {
        match self {
            Self::Brotli => {
                let mut writer = brotli::CompressorWriter::new(Vec::new(), 1 << 16, 6, 22);
                writer.write_all(content)?;
                Ok(writer.into_inner())
            }
            Self::Gzip => {
                let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
                writer.write_all(content)?;
                writer.finish()
            }
        }
    }
}

/// What was compressed before, by the content's tag; the pages are a few dozen files.
static KEPT: Mutex<Option<HashMap<(String, Encoding), Bytes>>> = Mutex::new(None);
/// More files than the pages have; a folder served while it is built anew does not grow this for ever.
const KEPT_AT_MOST: usize = 500;

/// The content compressed; `None` when that failed, then it travels as it is.
pub(super) async fn compressed(etag: &str, encoding: Encoding, content: &[u8]) -> Option<Bytes> {
    let key = (etag.to_owned(), encoding);
    if let Some(bytes) = KEPT.lock().get_or_insert_default().get(&key) {
        return Some(bytes.clone());
    }
    let owned = content.to_vec();
    let bytes = Bytes::from(tokio::task::spawn_blocking(move || encoding.compress(&owned)).await.ok()?.ok()?);
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
    fn the_client_decides_what_it_takes() {
        assert_eq!(Encoding::wanted(&asked("gzip, br"), "text/javascript"), Some(Encoding::Brotli));
        assert_eq!(Encoding::wanted(&asked("gzip, br;q=0"), "text/css"), Some(Encoding::Gzip));
        assert_eq!(Encoding::wanted(&asked("gzip"), "font/woff2"), None);
        assert_eq!(Encoding::wanted(&HeaderMap::new(), "text/html"), None);
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
