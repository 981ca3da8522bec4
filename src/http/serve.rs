//! Listening, until somebody says stop.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;

use crate::app::App;

/// How long requests that are under way may take after the stop; streams end at once.
const PATIENCE: Duration = Duration::from_secs(10);

/// Serves until `stop` is done, lets requests end, and closes the pool.
///
/// # Errors
/// When the listener breaks.
pub async fn serve(
    app: App,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    super::metrics::handle();
    let service = super::router(app.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let stopping = app.stopping.clone();
    let stopped = stopping.clone();
    let graceful = async move {
        stop.await;
        stopping.cancel();
    };
    let server = axum::serve(listener, service).with_graceful_shutdown(graceful);
    let late = async move {
        stopped.cancelled().await;
        tokio::time::sleep(PATIENCE).await;
    };
    tokio::select! {
        ended = server => ended?,
        () = late => tracing::warn!("requests were still open when the server stopped"),
    }
    app.stopping.cancel();
    app.pool.close().await;
    Ok(())
}
