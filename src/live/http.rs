//! `GET /api/v1/events`, and the position that reads carry.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{
        IntoResponse, Response, Sse,
        sse::{Event as Frame, KeepAlive},
    },
};
use serde_json::json;
use tokio::sync::broadcast::error::RecvError;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Live, Position,
    events::{Change, Event},
};
use crate::{app::App, http::problem::Problem, identity::sight::Sight};

/// Says that the core had not yet applied what the request's position asks for.
pub static BEHIND: HeaderName = HeaderName::from_static("dothi-core-behind");
/// Where the core stood when it answered.
pub static POSITION: HeaderName = HeaderName::from_static("dothi-position");

/// Transactions that a client's write may be ahead of the core. What lies further is no write of this database, and
/// waiting for it would only hold a place.
const AHEAD: u64 = 100_000;

/// Routes of this room.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(events))
}

const CARRIED: (&str, &str) = (
    "vị trí lấy từ một câu trả lời trước (Dothi-Position)",
    "a position as an earlier answer carried it (Dothi-Position)",
);

/// Whether an answer is from a core that lags behind what the client has written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Freshness {
    behind: bool,
    position: Position,
}

impl Freshness {
    /// Waits for the position that a request carries, two seconds at most.
    ///
    /// # Errors
    /// 400 when the position cannot be read, or is one that no write has.
    pub async fn of(live: &Live, carried: Option<&str>) -> Result<Self, Problem> {
        let behind = match carried {
            None => false,
            Some(text) => {
                let position: Position = text.parse().map_err(|_| Problem::bad_parameter("position", text, CARRIED))?;
                let here = live.position();
                if position.epoch == here.epoch && position.xid > here.xid.saturating_add(AHEAD) {
                    let expected = (
                        "vị trí lấy từ một câu trả lời trước; vị trí này ở tương lai",
                        "position, as an earlier answer carried it; this one lies in the future",
                    );
                    return Err(Problem::bad_parameter("position", text, expected));
                }
                live.wait_for(position).await.is_err()
            }
        };
        Ok(Self { behind, position: live.position() })
    }

    /// Where the core stood.
    pub fn position(&self) -> Position {
        self.position
    }

    /// Writes it into an answer's headers.
    pub fn mark(&self, headers: &mut HeaderMap) {
        if let Ok(value) = HeaderValue::try_from(self.position.to_string()) {
            headers.insert(POSITION.clone(), value);
        }
        if self.behind {
            headers.insert(BEHIND.clone(), HeaderValue::from_static("true"));
        }
    }
}

/// Server-sent events: `hello`, `change`, `reload`. The id of each is what to come back with.
///
/// A listener that lags gets `reload`; one that comes back with `Last-Event-ID` gets what it missed, or `reload` when
/// that is too long ago. The stream ends when the server stops.
#[utoipa::path(
    get, path = "/api/v1/events", tag = "live",
    params(("Last-Event-ID" = Option<String>, Header, description = "position of the last event heard")),
    responses((status = 200, description = "hello, then change and reload", content_type = "text/event-stream")),
)]
async fn events(State(app): State<App>, headers: HeaderMap) -> Response {
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok());
    let stream = listen(app, last.map(str::to_owned), headers.clone());
    let stream = Sse::new(stream).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)));
    ([(header::CACHE_CONTROL, "no-store"), (HeaderName::from_static("x-accel-buffering"), "no")], stream)
        .into_response()
}

fn listen(
    app: App,
    last: Option<String>,
    headers: HeaderMap,
) -> impl futures::Stream<Item = Result<Frame, Infallible>> {
    async_stream::stream! {
        let live = Arc::clone(&app.live);
        let came_back = last.is_some();
        let last: Option<Position> = last.and_then(|last| last.parse().ok());
        let mut listening = live.events.listen(last);
        let position = live.position();
        // Whoever loses the line before the missed ones have come asks for them again.
        let from = last.filter(|_| listening.missed.is_some()).unwrap_or(listening.from);
        yield Ok(frame("hello", Some(from), &json!({ "position": position, "epoch": position.epoch }).to_string()));
        match listening.missed.take() {
            Some(missed) => {
                for change in missed {
                    if let Some(frame) = told(&app, &headers, &change).await {
                        yield Ok(frame);
                    }
                }
            }
            None if came_back => yield Ok(frame("reload", None, "{}")),
            None => {}
        }
        loop {
            let heard = tokio::select! {
                () = live.stopping().cancelled() => break,
                heard = listening.coming.recv() => heard,
            };
            match heard {
                Ok(Event::Change(change)) => {
                    if let Some(frame) = told(&app, &headers, &change).await {
                        yield Ok(frame);
                    }
                }
                Ok(Event::Reload) | Err(RecvError::Lagged(_)) => yield Ok(frame("reload", Some(live.position()), "{}")),
                Err(RecvError::Closed) => break,
            }
        }
    }
}

async fn told(app: &App, headers: &HeaderMap, change: &Change) -> Option<Frame> {
    // Rights are looked up when the event goes out: a listener hears what its audience may see now.
    let sight = Sight::lately(headers, app).await.unwrap_or(Sight::Public);
    let body = change.body(sight.audience(&app.live.state().audiences))?.clone();
    Some(frame("change", Some(change.position), &body))
}

fn frame(kind: &str, position: Option<Position>, data: &str) -> Frame {
    let frame = Frame::default().event(kind).data(data);
    match position {
        Some(position) => frame.id(position.to_string()),
        None => frame,
    }
}
