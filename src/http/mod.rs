//! The router on one page: every room's routes, and what holds for all of them.

pub mod asked;
pub mod cli;
mod compression;
mod counted;
pub mod encoding;
pub mod etag;
mod health;
mod limits;
mod metrics;
mod pages;
pub mod problem;
mod proxies;
mod request_log;
mod serve;
pub mod work;

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header};
use axum::middleware;
use axum::routing::get;
use tower::ServiceBuilder;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::cors::{Any, CorsLayer};
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

pub use serve::serve;

use crate::app::App;
use crate::live::http::{BEHIND, POSITION};

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
        .merge(crate::features::http::router())
        .merge(crate::underlays::http::router())
        .merge(crate::items::http::router())
        .merge(crate::drafts::http::router())
        .merge(crate::persons::http::router())
}

/// What the public may read is read by the pages of other sites too: another authority's map shows ours. Without cookies, so
/// that they see as the public does.
fn open_to_other_sites() -> (Router<App>, utoipa::openapi::OpenApi) {
    let cors = CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::CONTENT_TYPE])
        .expose_headers([POSITION.clone(), BEHIND.clone(), header::ETAG, REQUEST_ID.clone()])
        .max_age(Duration::from_secs(86_400));
    let (routes, document) = OpenApiRouter::new()
        .merge(crate::live::http::router())
        .merge(crate::tiles_http::http::router())
        .merge(crate::lookup::http::router())
        .split_for_parts();
    // Before the layer, so that it answers what browsers ask beforehand (OPTIONS).
    (routes.method_not_allowed_fallback(pages::method_not_allowed).layer(cors), document)
}

/// The whole server as one service.
pub fn router(app: App) -> Router {
    let (routes, mut document) = rooms().split_for_parts();
    let (open, open_document) = open_to_other_sites();
    document.merge(open_document);
    let routes = routes.merge(open);
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
