//! Alive, ready, and how far behind.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

/// Routes of this page.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(healthz)).routes(routes!(readyz)).routes(routes!(measures))
}

/// The process answers.
#[utoipa::path(get, path = "/healthz", tag = "health", responses((status = 200, description = "alive")))]
async fn healthz() -> &'static str {
    "ok\n"
}

/// Ready to answer questions: the hot core is loaded. Says how old the core is and whether the database answers.
#[utoipa::path(get, path = "/readyz", tag = "health", responses((status = 200, description = "ready"), (status = 503, description = "not yet")))]
async fn readyz(State(app): State<App>) -> Response {
    let core = app.live.readiness().for_everybody(&app.live.state().catalog);
    let status = if core.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let pool = json!({ "size": app.pool.size(), "idle": app.pool.num_idle() });
    (status, [(header::CACHE_CONTROL, "no-store")], Json(json!({ "ready": core.ready, "core": core, "pool": pool })))
        .into_response()
}

/// Measures in the text format of Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "health", responses((status = 200, description = "Prometheus text", content_type = "text/plain")))]
async fn measures(State(app): State<App>) -> Response {
    metrics::gauge!("dothi_pool_connections").set(f64::from(app.pool.size()));
    metrics::gauge!("dothi_pool_idle").set(app.pool.num_idle() as f64);
    let core = app.live.readiness();
    metrics::gauge!("dothi_core_age_seconds").set(core.age_seconds);
    metrics::gauge!("dothi_core_database_lost").set(f64::from(u8::from(core.database_lost)));
    metrics::gauge!("dothi_core_layers_reloading").set(core.reloading as f64);
    metrics::gauge!("dothi_core_features").set(core.features as f64);
    let text = super::metrics::handle().map(|handle| handle.render()).unwrap_or_default();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}
