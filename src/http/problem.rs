//! Refusals that a user can act on: RFC 9457 `application/problem+json`.
//!
//! A room turns its own errors into a [`Problem`] with `From`; nobody else knows status codes. `type` is stable, `title` is
//! Vietnamese with both languages in `titles`, and a refused value is named with what would have been accepted.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use dothi_tiles::questions::Stopped;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::bilingual::Bilingual;

/// One refusal, on its way to the client.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// Stable address of this kind of refusal, `/problems/<slug>`.
    #[serde(rename = "type")]
    kind: String,
    /// HTTP status, repeated for clients that only keep the body.
    status: u16,
    /// The kind in a few Vietnamese words.
    title: String,
    /// The same words in both languages.
    titles: Bilingual,
    /// What happened this time, and what to do next, in Vietnamese.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// The same in both languages.
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Bilingual>,
    /// Which parameter or field was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// The value that was refused, cut to 200 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    /// What would have been accepted, in Vietnamese.
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<String>,
    /// The same in both languages.
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted: Option<Bilingual>,
    /// More facts of this kind of refusal.
    #[serde(flatten)]
    more: Map<String, Value>,
    #[serde(skip)]
    retry_after_seconds: Option<u64>,
}

impl Problem {
    /// A refusal of any kind; `slug` never changes once it is out.
    pub fn new(status: StatusCode, slug: &str, vi: impl Into<String>, en: impl Into<String>) -> Self {
        let titles = Bilingual::new(vi, en);
        Self {
            kind: format!("/problems/{slug}"),
            status: status.as_u16(),
            title: titles.vi.clone(),
            titles,
            detail: None,
            details: None,
            field: None,
            value: None,
            expected: None,
            accepted: None,
            more: Map::new(),
            retry_after_seconds: None,
        }
    }

    /// 404: `what` does not exist, or not for this caller.
    pub fn not_found(what: impl Into<Bilingual>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "Không tìm thấy", "Not found").detail(what)
    }

    /// 404: no layer of this name, or not for this caller.
    pub fn no_layer(name: &str) -> Self {
        let name: String = name.chars().take(60).collect();
        Self::not_found((format!("không có lớp dữ liệu “{name}”"), format!("there is no layer “{name}”")))
    }

    /// 400: the parameter `field` has a value that cannot be read; `expected` says what can.
    pub fn bad_parameter(field: impl Into<String>, value: impl Into<String>, expected: impl Into<Bilingual>) -> Self {
        let (field, value): (String, String) = (field.into(), value.into());
        let refused = Self::new(
            StatusCode::BAD_REQUEST,
            "bad-parameter",
            format!("Tham số “{field}” không hợp lệ"),
            format!("The parameter “{field}” is not valid"),
        );
        let mut refused = refused.expecting(field, expected.into());
        refused.value = Some(value.chars().take(200).collect());
        refused
    }

    /// 400: the parameter `field` was not given; `expected` says what belongs there.
    pub fn missing_parameter(field: impl Into<String>, expected: impl Into<Bilingual>) -> Self {
        let field = field.into();
        let refused = Self::new(
            StatusCode::BAD_REQUEST,
            "missing-parameter",
            format!("Thiếu tham số “{field}”"),
            format!("The parameter “{field}” is missing"),
        );
        refused.expecting(field, expected.into())
    }

    fn expecting(self, field: String, expected: Bilingual) -> Self {
        let detail = (format!("{field}: cần {}", expected.vi), format!("{field}: expected {}", expected.en));
        let mut refused = self.detail(detail);
        refused.field = Some(field);
        refused.expected = Some(expected.vi.clone());
        refused.accepted = Some(expected);
        refused
    }

    /// 400: the body of the request cannot be read.
    pub fn bad_body(detail: impl Into<Bilingual>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad-body", "Nội dung gửi lên không đọc được", "The body cannot be read")
            .detail(detail)
    }

    /// Names the field that is meant.
    #[must_use]
    pub fn at_field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// 403: known, but not allowed.
    pub fn forbidden(detail: impl Into<Bilingual>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "Không có quyền", "Not allowed").detail(detail)
    }

    /// 409: the request meets a state that does not allow it.
    pub fn conflict(slug: &str, vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, slug, vi, en)
    }

    /// 503: it would work at another moment; clients may try again in a second.
    pub fn unavailable(detail: impl Into<Bilingual>) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "Tạm thời chưa phục vụ được",
            "Not available right now",
        )
        .detail(detail)
        .retry_after(1)
    }

    /// 429: this address asks more than its share.
    pub fn too_many_requests(retry_after_seconds: u64) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", "Quá nhiều yêu cầu", "Too many requests")
            .retry_after(retry_after_seconds.max(1))
    }

    /// 500: a fault of ours. The cause goes to the log, once, and never to the client.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        let request_id = super::request_log::current_id();
        tracing::error!(request_id, cause = %cause, "a request failed by a fault of ours");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Lỗi của máy chủ", "A fault of the server")
    }

    /// Says what happened this time.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Bilingual>) -> Self {
        let detail = detail.into();
        self.detail = Some(detail.vi.clone());
        self.details = Some(detail);
        self
    }

    /// Adds a fact of this kind of refusal.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.more.insert(key.to_owned(), value.into());
        self
    }

    /// Tells the client when to come again.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }

    /// The status that the client sees.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl IntoResponse for Problem {
    fn into_response(mut self) -> Response {
        if let Some(id) = super::request_log::current_id() {
            self.more.insert("request_id".to_owned(), id.into());
        }
        let mut response = (self.status(), axum::Json(&self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<sqlx::Error> for Problem {
    /// A lost database is a matter of time (503); any other failed query is a fault of ours (500).
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                tracing::warn!(cause = %error, "the database could not be reached");
                Self::unavailable(("không kết nối được cơ sở dữ liệu", "the database cannot be reached"))
            }
            sqlx::Error::Database(refused) if refused.code().is_some_and(|code| lost_or_full(&code)) => {
                tracing::warn!(cause = %error, "the database could not answer");
                Self::unavailable(("cơ sở dữ liệu đang bận, thử lại sau", "the database cannot answer now; try again"))
            }
            _ => Self::internal(error),
        }
    }
}

/// `SQLSTATE` classes 08 (connection), 53 (disk full, out of memory, too many connections) and 57P (shutting down), and
/// 55P03: another transaction holds the table.
fn lost_or_full(code: &str) -> bool {
    code == "55P03" || code.starts_with("08") || code.starts_with("53") || code.starts_with("57P")
}

impl Problem {
    /// 413: the body is larger than this server takes.
    pub fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "Nội dung gửi lên quá lớn", "The body is too large")
    }
}

impl From<Stopped> for Problem {
    /// Nobody reads this answer: whoever asked is gone.
    fn from(_: Stopped) -> Self {
        Self::unavailable(("không còn ai chờ câu trả lời", "nobody waited for the answer"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_parameter_names_field_value_and_what_is_accepted() {
        let body = serde_json::to_value(Problem::bad_parameter("lon", "abc", ("một số", "a number"))).unwrap();
        assert_eq!(body["type"], "/problems/bad-parameter");
        assert_eq!(body["status"], 400);
        assert_eq!(body["field"], "lon");
        assert_eq!(body["value"], "abc");
        assert_eq!((&body["expected"], &body["accepted"]["en"]), (&"một số".into(), &"a number".into()));
        assert_eq!(
            (&body["detail"], &body["details"]["en"]),
            (&"lon: cần một số".into(), &"lon: expected a number".into())
        );
        assert!(body["titles"]["vi"].as_str().is_some_and(|title| title.contains("lon")));
    }

    #[test]
    fn a_lost_database_is_a_matter_of_time() {
        assert_eq!(Problem::from(sqlx::Error::PoolTimedOut).status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(Problem::from(sqlx::Error::RowNotFound).status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
}
