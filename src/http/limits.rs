//! What one client may ask for: its share of requests, and the bounds of a single one.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::StreamExt as _;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use tokio::sync::Semaphore;

use super::counted::{Counted, Full, Held, network_of};
use super::problem::Problem;
use crate::config::Limits;

/// Each address's share of requests.
#[derive(Clone)]
pub(super) struct Share {
    limiter: Option<Arc<Shares>>,
}

struct Shares {
    by_address: DefaultKeyedRateLimiter<IpAddr>,
    begun: Instant,
    /// Seconds after `begun` when those with their full share were forgotten last.
    swept: AtomicU64,
}

impl Share {
    pub(super) fn new(limits: &Limits) -> Self {
        let limiter = NonZeroU32::new(limits.requests_per_second).map(|rate| {
            let burst = NonZeroU32::new(limits.burst).unwrap_or(rate);
            let by_address = RateLimiter::keyed(Quota::per_second(rate).allow_burst(burst));
            Arc::new(Shares { by_address, begun: Instant::now(), swept: AtomicU64::new(0) })
        });
        Self { limiter }
    }
}

impl Shares {
    /// Forgets addresses that have their full share back: when they are many, and not again at once.
    fn sweep(&self) {
        let now = self.begun.elapsed().as_secs();
        let last = self.swept.load(Ordering::Relaxed);
        let is_time = self.by_address.len() > ADDRESSES_KEPT && now >= last + SECONDS_BETWEEN_SWEEPS;
        if is_time && self.swept.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            self.by_address.retain_recent();
        }
    }
}

/// Addresses that are remembered before those that have their full share back are forgotten.
const ADDRESSES_KEPT: usize = 10_000;
/// It walks all of them.
const SECONDS_BETWEEN_SWEEPS: u64 = 10;

fn address_of(request: &Request) -> Option<IpAddr> {
    request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip())
}

/// Answers 429 to an address that asks more than its share; probes of liveness are never refused.
pub(super) async fn share(State(share): State<Share>, request: Request, next: Next) -> Response {
    if let (Some(shares), Some(address)) = (&share.limiter, address_of(&request))
        && !matches!(request.uri().path(), "/healthz" | "/readyz")
    {
        shares.sweep();
        if let Err(refused) = shares.by_address.check_key(&network_of(address)) {
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
    at_once_each: Counted,
    streams: Counted,
}

impl Bounds {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            seconds: Duration::from_secs(limits.request_seconds),
            body_bytes: limits.body_bytes,
            at_once: Arc::new(Semaphore::new(limits.concurrent)),
            at_once_each: Counted::new(limits.concurrent_per_address, 0),
            streams: Counted::new(limits.streams_per_address, limits.streams),
        }
    }

    /// A place among those that listen to events.
    fn stream(&self, address: IpAddr) -> Result<Held, Problem> {
        self.streams.enter(address).map_err(|full| match full {
            Full::Here => Problem::too_many_requests(30).detail((
                "địa chỉ này đã mở hết số luồng sự kiện được phép: đóng bớt, hoặc dùng chung một luồng cho các trang",
                "this address listens to as many event streams as it may: close some, or share one between pages",
            )),
            Full::Everywhere => Problem::unavailable((
                "đã hết chỗ nghe sự kiện; bản đồ vẫn phục vụ",
                "as many listen to events as can; the map still answers",
            ))
            .retry_after(30),
        })
    }
}

/// The one route whose answer stays open.
const EVENTS: &str = "/api/v1/events";

/// Refuses what is too large at its first byte, sheds load at once, and gives up what takes too long.
///
/// The time bound and the place end when the answer's headers are out, so that an event stream may stay open for days;
/// streams are counted by themselves.
pub(super) async fn bound(State(bounds): State<Bounds>, request: Request, next: Next) -> Response {
    let announced = request.headers().get(axum::http::header::CONTENT_LENGTH);
    let bytes = announced.and_then(|value| value.to_str().ok()).and_then(|value| value.parse::<usize>().ok());
    if bytes.is_some_and(|bytes| bytes > bounds.body_bytes) {
        return Problem::too_large().with("limit_bytes", bounds.body_bytes).into_response();
    }
    let is_probe = matches!(request.uri().path(), "/healthz" | "/readyz");
    let address = address_of(&request);
    let _place = match address.filter(|_| !is_probe).map(|address| bounds.at_once_each.enter(address)).transpose() {
        Ok(place) => place,
        Err(_) => {
            return Problem::too_many_requests(1)
                .detail((
                    "địa chỉ này đang có đủ số yêu cầu được phép: chờ các câu trả lời đó",
                    "this address has as many requests under way as it may: wait for their answers",
                ))
                .into_response();
        }
    };
    let stream = match address.filter(|_| request.uri().path() == EVENTS).map(|address| bounds.stream(address)) {
        Some(Err(full)) => return full.into_response(),
        Some(Ok(held)) => Some(held),
        None => None,
    };
    let Ok(_slot) = bounds.at_once.try_acquire() else {
        return Problem::unavailable(("máy chủ đang bận", "the server is busy")).into_response();
    };
    match tokio::time::timeout(bounds.seconds, next.run(request)).await {
        Ok(response) => match stream {
            Some(held) => holding(response, held),
            None => response,
        },
        Err(_) => Problem::new(StatusCode::GATEWAY_TIMEOUT, "timeout", "Quá thời gian xử lý", "It took too long")
            .detail(("hỏi phạm vi nhỏ hơn, hoặc thử lại", "ask for less, or try again"))
            .into_response(),
    }
}

/// The answer, which gives its place back when it ends or nobody reads it any more.
fn holding(response: Response, held: Held) -> Response {
    response.map(|body| {
        Body::from_stream(body.into_data_stream().map(move |piece| {
            let _held = &held;
            piece
        }))
    })
}
