//! The built pages: files of `web/dist`, and the page itself at every address that a page may have.

use std::borrow::Cow;
use std::path::{Component, Path};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;
use sha2::{Digest as _, Sha256};

use super::compression;
use super::problem::Problem;
use crate::app::App;
use crate::bilingual::Bilingual;

/// Nothing is loaded from outside but pictures of the hosts that the administrator named; map workers and textures come
/// from blobs.
pub(super) fn content_security_policy(picture_hosts: &[String]) -> String {
    let hosts: String = picture_hosts.iter().map(|host| format!(" {host}")).collect();
    format!(
        "default-src 'self'; script-src 'self'; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data: blob:{hosts}; font-src 'self' data:; connect-src 'self'{hosts}; \
         object-src 'none'; base-uri 'self'; frame-ancestors 'self'"
    )
}

/// What the page's build left in `web/dist`.
#[derive(RustEmbed)]
#[folder = "web/dist"]
struct Dist;

/// First parts of the addresses that are pages.
const PAGES: [&str; 9] = ["signin", "", "studio", "desk", "field", "dashboard", "admin", "v", "o"];

/// Answers what no route took: a file, a page, or 404.
pub(super) async fn page(State(app): State<App>, request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/').to_owned();
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Problem::not_found(Bilingual::same(format!("/{path}"))).into_response();
    }
    let directory = app.config.web_dir.as_deref();
    if !path.is_empty()
        && let Some(file) = load(directory, &path).await
    {
        return answer(&path, file, request.headers()).await;
    }
    let first = path.split('/').next().unwrap_or_default();
    if !PAGES.contains(&first) {
        if is_browser(request.headers()) {
            return lost();
        }
        return Problem::not_found(Bilingual::same(format!("/{path}"))).into_response();
    }
    for candidate in [format!("{first}/index.html"), "index.html".to_owned()] {
        if let Some(file) = load(directory, &candidate).await {
            return answer("index.html", file, request.headers()).await;
        }
    }
    Problem::new(StatusCode::NOT_FOUND, "pages-not-built", "Chưa dựng trang web", "The pages are not built")
        .detail(("chạy `make web` trong kho mã rồi dựng lại", "run `make web` in the repository and build again"))
        .into_response()
}

/// Does somebody look, rather than a program?
fn is_browser(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accepted.is_some_and(|accepted| accepted.split(',').any(|kind| kind.trim().starts_with("text/html")))
}

/// A page for who mistyped an address, with the way back.
fn lost() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    (StatusCode::NOT_FOUND, headers, include_str!("lost.html")).into_response()
}

/// 405 as a problem.
pub(super) async fn method_not_allowed(method: Method) -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method-not-allowed",
        "Phương thức không được phép",
        "Method not allowed",
    )
    .detail((format!("địa chỉ này không nhận {method}"), format!("{method} is not answered here")))
}

/// One file with the hash of its content.
struct File {
    content: Cow<'static, [u8]>,
    etag: String,
}

async fn load(directory: Option<&Path>, path: &str) -> Option<File> {
    let Some(directory) = directory else {
        return Dist::get(path).map(|file| File { etag: etag(&file.metadata.sha256_hash()), content: file.data });
    };
    let inside = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    if !inside {
        return None;
    }
    let content = tokio::fs::read(directory.join(path)).await.ok()?;
    Some(File { etag: etag(&Sha256::digest(&content).into()), content: content.into() })
}

fn etag(hash: &[u8; 32]) -> String {
    use std::fmt::Write as _;
    hash.iter().take(16).fold(String::from("\""), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    }) + "\""
}

/// Files below `assets/` carry their hash in their name and never change, fonts change with a release, and all others are
/// asked for again.
async fn answer(path: &str, file: File, asked: &HeaderMap) -> Response {
    let caching = match path {
        font if font.starts_with("assets/fonts/") => "public, max-age=86400",
        hashed if hashed.starts_with("assets/") => "public, max-age=31536000, immutable",
        _ => "no-cache",
    };
    let content_type = content_type(path);
    let encoding = compression::wanted(asked, &content_type);
    let etag = match encoding.word() {
        Some(word) => format!("{}-{word}\"", file.etag.trim_end_matches('"')),
        None => file.etag.clone(),
    };
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, caching.to_owned()),
        (header::ETAG, etag.clone()),
        (header::VARY, "accept-encoding".to_owned()),
    ];
    let known = asked.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if known.is_some_and(|known| known.contains(&etag)) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    if let Some(word) = encoding.word()
        && let Some(bytes) = compression::compressed(&file.etag, encoding, &file.content).await
    {
        return (headers, [(header::CONTENT_ENCODING, word)], bytes).into_response();
    }
    (headers, file.content).into_response()
}

fn content_type(path: &str) -> String {
    let guess = mime_guess::from_path(path).first_or_octet_stream();
    if guess.type_() == mime_guess::mime::TEXT || guess.subtype() == mime_guess::mime::JAVASCRIPT {
        return format!("{guess}; charset=utf-8");
    }
    guess.to_string()
}
