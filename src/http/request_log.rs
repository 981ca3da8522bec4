//! One JSON line and one measure a request, and a problem instead of a broken connection when a handler panics.

use std::any::Any;
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tower_http::request_id::RequestId;
use tracing::Instrument as _;

use super::problem::Problem;

tokio::task_local! {
    /// The id of the request that this task answers.
    static ID: Option<String>;
}

/// The id of the request that is being answered, where that is known: problems and the causes of faults carry it.
pub(super) fn current_id() -> Option<String> {
    ID.try_with(Clone::clone).ok().flatten()
}

/// A client may send an id of any length.
fn cut(id: &str) -> String {
    id.chars().take(100).collect()
}

/// Writes the line. The query is left out: it holds what a person looked for.
pub(super) async fn record(request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let method = request.method().clone();
    // Of any length too, and written for each request.
    let path: String = request.uri().path().chars().take(500).collect();
    let id = request.extensions().get::<RequestId>().and_then(|id| id.header_value().to_str().ok()).map(cut);
    let span = tracing::info_span!("request", request_id = id.as_deref());
    let response = ID.scope(id.clone(), next.run(request).instrument(span)).await;
    let route = response.extensions().get::<Route>().map_or("page", |route| route.0.as_str()).to_owned();
    let status = response.status().as_u16();
    let took = begun.elapsed();
    metrics::counter!("dothi_http_requests_total", "route" => route.clone(), "status" => status.to_string())
        .increment(1);
    metrics::histogram!("dothi_http_seconds", "route" => route).record(took.as_secs_f64());
    let took_ms = took.as_secs_f64() * 1_000.0;
    tracing::info!(request_id = id, %method, path, status, took_ms, "answered");
    response
}

/// The route that answered, as it is written in the router: few values, so that it may label a measure.
#[derive(Clone)]
struct Route(String);

/// Notes the matched route on the answer, where [`record`] reads it.
pub(super) async fn note_route(path: MatchedPath, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.extensions_mut().insert(Route(path.as_str().to_owned()));
    response
}

/// A panic is a fault of ours; the client gets a problem and the server goes on.
pub(super) fn panicked(cause: Box<dyn Any + Send + 'static>) -> Response {
    let words = cause
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| cause.downcast_ref::<&str>().map(ToString::to_string))
        .unwrap_or_else(|| "a panic without words".to_owned());
    Problem::internal(format!("panicked: {words}")).into_response()
}
