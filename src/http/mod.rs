//! The router on one page: every room's routes, and what holds for all of them.

pub mod asked;
pub mod cli;
mod compression;
mod counted;
pub mod encoding;
mod health;
mod limits;
mod metrics;
mod pages;
pub mod problem;
mod proxies;
mod request_log;
mod serve;
pub mod work;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode, Version, header};
use axum::middleware;
use axum::routing::get;
use tower::ServiceBuilder;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

pub use serve::serve;

use crate::app::App;

/// The header that carries a request's id, in and out.
static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What the OpenAPI document says of the whole.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "dothi",
        description = "Đất đai, quy hoạch, cây xanh, cấp nước, chiếu sáng và giấy phép xây dựng của một thành phố trên một bản đồ."
    ),
    components(schemas(problem::Problem))
)]
struct Document;

/// The rooms' routes, each documented where it is written.
fn rooms() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Document::openapi())
        .merge(health::router())
        .merge(crate::identity::http::router())
        .merge(crate::live::http::router())
        .merge(crate::tiles_http::http::router())
        .merge(crate::lookup::http::router())
        .merge(crate::features::http::router())
        .merge(crate::underlays::http::router())
        .merge(crate::items::http::router())
        .merge(crate::drafts::http::router())
        .merge(crate::persons::http::router())
}

/// The whole server as one service.
pub fn router(app: App) -> Router {
    let (routes, document) = rooms().split_for_parts();
    let limits = &app.config.limits;
    let guards = ServiceBuilder::new()
        .layer(SetRequestIdLayer::new(REQUEST_ID.clone(), MakeRequestUuid))
        .layer(middleware::from_fn_with_state(app.config.http.trusted_proxies.clone(), proxies::see_through))
        .layer(PropagateRequestIdLayer::new(REQUEST_ID.clone()))
        .layer(middleware::from_fn(request_log::record))
        .layer(CatchPanicLayer::custom(request_log::panicked))
        .layer(set_header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(set_header(header::REFERRER_POLICY, "same-origin"))
        .layer(SetResponseHeaderLayer::if_not_present(header::CONTENT_SECURITY_POLICY, policy(&app)))
        .layer(middleware::from_fn_with_state(limits::Share::new(limits), limits::share))
        .layer(middleware::from_fn_with_state(limits::Bounds::new(limits), limits::bound))
        .layer(DefaultBodyLimit::max(limits.body_bytes));
    routes
        .route("/api/v1/openapi.json", get(move || async move { axum::Json(document) }))
        .route_layer(middleware::from_fn(request_log::note_route))
        .layer(CompressionLayer::new().quality(CompressionLevel::Precise(QUICK)).compress_when(is_long_json))
        .fallback(pages::page)
        .method_not_allowed_fallback(pages::method_not_allowed)
        .layer(guards)
        .with_state(app)
}

/// For an answer that is made while somebody waits: gzip and Brotli take about as long as it costs to make it.
const QUICK: i32 = 4;
/// Below this an answer is one packet anyway.
const LONG_BYTES: u64 = 1_000;

/// Tiles, files of the pages and exports travel in their own ways, and events must not wait for more of them.
fn is_long_json(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let is_json = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes() == b"application/json");
    let bytes = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    is_json && bytes.is_none_or(|bytes| bytes >= LONG_BYTES)
}

/// The content policy, open for the pictures that the configuration names; it was checked when it was read.
fn policy(app: &App) -> HeaderValue {
    let hosts = crate::underlays::origins(&app.config.underlays).unwrap_or_default();
    HeaderValue::try_from(pages::content_security_policy(&hosts))
        .unwrap_or_else(|_| HeaderValue::from_static("default-src 'self'"))
}

/// A header on every answer that does not set its own.
fn set_header(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}
