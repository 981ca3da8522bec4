//! Listening, until somebody says stop.
//!
//! A connection may be open for days (events), but it must say what it wants in time, and no address has all of them.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use super::counted::{Counted, Full, Held};
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
    let limits = &app.config.limits;
    let counted = Counted::new(0, limits.connections);
    let counted_each = Counted::new(limits.connections_per_address, 0);
    let speaking = Speaking {
        router: super::router(app.clone()),
        patience: Duration::from_secs(limits.header_seconds.max(1)),
        stopping: app.stopping.clone(),
    };
    let connections = TaskTracker::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let (stream, peer) = tokio::select! {
            () = &mut stop => break,
            came = listener.accept() => match came {
                Ok(came) => came,
                Err(error) => {
                    wait_after(&error).await;
                    continue;
                }
            },
        };
        // A proxy that is believed brings the connections of everybody.
        let is_proxy = app.config.http.trusted_proxies.iter().any(|network| network.holds(peer.ip()));
        let held = counted.enter(peer.ip()).and_then(|one| match is_proxy {
            true => Ok((one, None)),
            false => counted_each.enter(peer.ip()).map(|of_address| (one, Some(of_address))),
        });
        match held {
            Ok(held) => _ = connections.spawn(speaking.clone().with(stream, peer, held)),
            Err(full) => turn_away(stream, full),
        }
    }
    drop(listener);
    app.stopping.cancel();
    connections.close();
    if tokio::time::timeout(PATIENCE, connections.wait()).await.is_err() {
        tracing::warn!("requests were still open when the server stopped");
    }
    app.pool.close().await;
    Ok(())
}

/// A connection that was gone before it was taken is nobody's fault; without file handles some must be closed first.
async fn wait_after(error: &std::io::Error) {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::error!(cause = %error, "no connection can be taken now");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// Says that the house is full and closes. Nothing is waited for: this is done while others wait to be let in.
fn turn_away(stream: TcpStream, full: Full) {
    let (status, slug, vi, en) = match full {
        Full::Here => (
            "429 Too Many Requests",
            "too-many-connections",
            "Quá nhiều kết nối từ địa chỉ này",
            "Too many connections from this address",
        ),
        Full::Everywhere => {
            ("503 Service Unavailable", "unavailable", "Tạm thời chưa phục vụ được", "Not available right now")
        }
    };
    let body = serde_json::json!({
        "type": format!("/problems/{slug}"), "status": status[..3].parse::<u16>().unwrap_or(503), "title": vi,
        "titles": { "vi": vi, "en": en }, "detail": "đóng các kết nối không cần, hoặc thử lại",
        "details": {
            "vi": "đóng các kết nối không cần, hoặc thử lại", "en": "close connections that are not needed, or try again",
        },
    })
    .to_string();
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/problem+json\r\ncontent-length: {}\r\nretry-after: 5\r\n\
         cache-control: no-store\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    // What does not fit into the buffer of a new connection at once is not worth waiting for.
    let _ = stream.try_write(answer.as_bytes());
    drop(stream);
}

/// How connections are spoken with.
#[derive(Clone)]
struct Speaking {
    router: Router,
    patience: Duration,
    stopping: CancellationToken,
}

impl Speaking {
    /// Answers the requests of one connection until it ends.
    async fn with(self, stream: TcpStream, peer: SocketAddr, _held: (Held, Option<Held>)) {
        let service = self.router.map_request(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            request.map(Body::new)
        });
        let mut builder = hyper::server::conn::http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(self.patience);
        let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
        let mut connection = std::pin::pin!(connection);
        tokio::select! {
            _ = connection.as_mut() => return,
            () = self.stopping.cancelled() => connection.as_mut().graceful_shutdown(),
        }
        // A client that breaks off is no event.
        let _ = connection.await;
    }
}
