//! What one client may ask for: its share of requests, and the bounds of a single one.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use tokio::sync::Semaphore;

use super::problem::Problem;
use crate::config::Limits;

/// Each address's share of requests.
#[derive(Clone)]
pub(super) struct Share {
    limiter: Option<Arc<DefaultKeyedRateLimiter<IpAddr>>>,
}

impl Share {
    pub(super) fn new(limits: &Limits) -> Self {
        let limiter = NonZeroU32::new(limits.requests_per_second).map(|rate| {
            let burst = NonZeroU32::new(limits.burst).unwrap_or(rate);
            Arc::new(RateLimiter::keyed(Quota::per_second(rate).allow_burst(burst)))
        });
        Self { limiter }
    }
}

/// Addresses that are remembered before those that have their full share back are forgotten.
const ADDRESSES_KEPT: usize = 10_000;

/// Answers 429 to an address that asks more than its share; probes of liveness are never refused.
pub(super) async fn share(State(share): State<Share>, request: Request, next: Next) -> Response {
    let address = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    if let (Some(limiter), Some(address)) = (&share.limiter, address)
        && !matches!(request.uri().path(), "/healthz" | "/readyz")
    {
        if limiter.len() > ADDRESSES_KEPT {
            limiter.retain_recent();
        }
        if let Err(refused) = limiter.check_key(&address) {
            let wait = refused.wait_time_from(DefaultClock::default().now());
            return Problem::too_many_requests(wait.as_secs() + 1).into_response();
        }
    }
    next.run(request).await
}

/// The bounds of a single request.
#[derive(Clone)]
pub(super) struct Bounds {
    seconds: Duration,
    body_bytes: usize,
    at_once: Arc<Semaphore>,
}

impl Bounds {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            seconds: Duration::from_secs(limits.request_seconds),
            body_bytes: limits.body_bytes,
            at_once: Arc::new(Semaphore::new(limits.concurrent)),
        }
    }
}

/// Refuses what is too large at its first byte, sheds load at once, and gives up what takes too long.
///
/// The time bound ends when the answer's headers are out, so that an event stream may stay open for days.
pub(super) async fn bound(State(bounds): State<Bounds>, request: Request, next: Next) -> Response {
    let announced = request.headers().get(axum::http::header::CONTENT_LENGTH);
    let bytes = announced.and_then(|value| value.to_str().ok()).and_then(|value| value.parse::<usize>().ok());
    if bytes.is_some_and(|bytes| bytes > bounds.body_bytes) {
        return Problem::too_large().with("limit_bytes", bounds.body_bytes).into_response();
    }
    let Ok(_slot) = bounds.at_once.try_acquire() else {
        return Problem::unavailable("the server is busy").into_response();
    };
    match tokio::time::timeout(bounds.seconds, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::new(StatusCode::GATEWAY_TIMEOUT, "timeout", "Quá thời gian xử lý", "It took too long")
            .detail("ask for less, or try again")
            .into_response(),
    }
}
