//! What a request asks: its path, its parameters, its body.
//!
//! Every handler reads them by these three, so that whatever cannot be read is a problem in both languages that names the
//! field. They are read when the handler says so: rights are asked before.

use std::convert::Infallible;

use axum::{
    Json, RequestPartsExt as _,
    extract::{
        FromRequest, FromRequestParts, Path, Query, RawPathParams, Request,
        path::ErrorKind,
        rejection::{JsonRejection, PathRejection},
    },
    http::{StatusCode, Uri, request::Parts},
};
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use super::problem::Problem;
use crate::bilingual::Bilingual;

/// The parts of the address that the route names.
pub struct InPath<T>(Result<T, Problem>);

/// What stands behind the question mark.
pub struct InQuery<T>(Result<T, Problem>);

/// A body in JSON.
pub struct InBody<T>(Result<T, Problem>);

impl<T> InPath<T> {
    /// What was asked.
    ///
    /// # Errors
    /// 400 that names the part.
    pub fn read(self) -> Result<T, Problem> {
        self.0
    }
}

impl<T> InQuery<T> {
    /// What was asked.
    ///
    /// # Errors
    /// 400 that names the parameter.
    pub fn read(self) -> Result<T, Problem> {
        self.0
    }
}

impl<T> InBody<T> {
    /// What was sent.
    ///
    /// # Errors
    /// 400 that names the field; 413 where it is too large, 415 where it is no JSON.
    pub fn read(self) -> Result<T, Problem> {
        self.0
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for InPath<T> {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let refused = match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(read)) => return Ok(Self(Ok(read))),
            Err(refused) => refused,
        };
        let named: Vec<(String, String)> = parts.extract::<RawPathParams>().await.map_or_else(
            |_| Vec::new(),
            |all| all.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        );
        Ok(Self(Err(bad_path(refused, &named))))
    }
}

fn bad_path(refused: PathRejection, named: &[(String, String)]) -> Problem {
    let PathRejection::FailedToDeserializePathParams(failed) = refused else {
        return Problem::internal(refused);
    };
    let value_of = |key: &str| named.iter().find(|(name, _)| name == key).map_or("", |(_, value)| value);
    let technical = failed.body_text();
    let refused = match failed.into_kind() {
        ErrorKind::InvalidUtf8InPathParam { key } => {
            let text = ("chữ viết bằng UTF-8", "text in UTF-8");
            return Problem::bad_parameter(key, "", text).with("technical", technical);
        }
        ErrorKind::ParseErrorAtKey { key, value, expected_type } => {
            Problem::bad_parameter(key, value, accepted(expected_type))
        }
        ErrorKind::DeserializeError { key, value, message } => Problem::bad_parameter(key, value, accepted(&message)),
        ErrorKind::ParseErrorAtIndex { index, value, expected_type } => {
            let key = named.get(index).map_or("path", |(name, _)| name);
            Problem::bad_parameter(key, value, accepted(expected_type))
        }
        // One parameter, and the error does not say which; of several, the one that is no UUID where one belongs.
        ErrorKind::ParseError { .. } | ErrorKind::Message(_) => {
            let is_id = |name: &str| name == "id" || name.ends_with("_id");
            let wrong = named.iter().find(|(name, value)| is_id(name) && value.parse::<uuid::Uuid>().is_err());
            let key = wrong.or_else(|| named.first()).map_or("path", |(name, _)| name);
            Problem::bad_parameter(key, value_of(key), accepted(&technical))
        }
        _ => return Problem::internal(technical),
    };
    refused.with("technical", technical)
}

impl<T: DeserializeOwned + IntoParams, S: Send + Sync> FromRequestParts<S> for InQuery<T> {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let read = Query::<T>::try_from_uri(&parts.uri);
        let read = read.map(|Query(read)| read).map_err(|refused| bad_query(&refused.body_text(), &parts.uri));
        Ok(Self(read.and_then(|read| nothing_unknown::<T>(&parts.uri).map(|()| read))))
    }
}

/// A parameter that is misspelt would be answered as if it had not been asked.
fn nothing_unknown<T: IntoParams>(uri: &Uri) -> Result<(), Problem> {
    // As most tiles are asked for.
    if uri.query().is_none_or(str::is_empty) {
        return Ok(());
    }
    let known: Vec<String> = T::into_params(|| None).into_iter().map(|parameter| parameter.name).collect();
    let Ok(Query(pairs)) = Query::<Vec<(String, String)>>::try_from_uri(uri) else { return Ok(()) };
    match pairs.into_iter().find(|(name, _)| !known.contains(name)) {
        None => Ok(()),
        Some((name, value)) => {
            let known = known.join(", ");
            Err(Problem::bad_parameter(
                name,
                value,
                (format!("một trong các tham số: {known}"), format!("one of the parameters {known}")),
            ))
        }
    }
}

/// "Failed to deserialize query string: limit: invalid digit found in string", or "… duplicate field `lon`".
fn bad_query(technical: &str, uri: &Uri) -> Problem {
    let cause = technical.split_once(": ").map_or(technical, |(_, cause)| cause);
    let ticked = cause.split('`').nth(1).filter(|_| cause.contains(" field `"));
    let field = ticked.or_else(|| cause.split_once(": ").map(|(path, _)| path)).unwrap_or("query");
    let pairs = Query::<Vec<(String, String)>>::try_from_uri(uri).map(|Query(pairs)| pairs).unwrap_or_default();
    let value = pairs.iter().find(|(name, _)| name == field).map_or("", |(_, value)| value);
    let refused = if cause.contains("missing field") {
        Problem::missing_parameter(field, ("một giá trị", "a value"))
    } else {
        Problem::bad_parameter(field, value, accepted(cause))
    };
    refused.with("technical", technical)
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for InBody<T> {
    type Rejection = Infallible;

    async fn from_request(request: Request, state: &S) -> Result<Self, Infallible> {
        let read = Json::<T>::from_request(request, state).await;
        Ok(Self(read.map(|Json(read)| read).map_err(|refused| bad_body(&refused))))
    }
}

fn bad_body(refused: &JsonRejection) -> Problem {
    let technical = refused.body_text();
    let problem = match refused {
        _ if refused.status() == StatusCode::PAYLOAD_TOO_LARGE => return Problem::too_large(),
        JsonRejection::JsonDataError(_) => {
            // "Failed to deserialize …: operations[0].op: unknown variant `x`, expected … at line 1 column 5".
            let cause = technical.split_once(": ").map_or(technical.as_str(), |(_, cause)| cause);
            let ticked = cause.split('`').nth(1).filter(|_| cause.contains(" field `"));
            let path = cause.split_once(": ").map(|(path, _)| path).filter(|path| !path.contains([' ', '`']));
            let field = match (path, ticked) {
                (Some(path), Some(ticked)) if path != "." && !path.ends_with(ticked) => format!("{path}.{ticked}"),
                (Some(path), _) if path != "." => path.to_owned(),
                (_, Some(ticked)) => ticked.to_owned(),
                _ => "body".to_owned(),
            };
            let accepted = accepted(cause);
            let said = (
                format!("trường “{field}”: cần {}", accepted.vi),
                format!("the field “{field}”: expected {}", accepted.en),
            );
            Problem::bad_body(said).at_field(field)
        }
        JsonRejection::MissingJsonContentType(_) => Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "not-json",
            "Nội dung gửi lên phải là JSON",
            "The body has to be JSON",
        )
        .detail(("gửi tiêu đề content-type: application/json", "send the header content-type: application/json")),
        _ => Problem::bad_body(("nội dung không phải JSON đúng cú pháp", "the body is not well-formed JSON"))
            .at_field("body"),
    };
    problem.with("technical", technical)
}

/// What would have been read, in words for people; the reader's own words are for programmers.
fn accepted(cause: &str) -> Bilingual {
    let says = |words: &[&str]| words.iter().any(|word| cause.contains(word));
    let (vi, en) = if says(&["duplicate field"]) {
        ("ghi một lần", "to be given once")
    } else if says(&["unknown field"]) {
        ("một tên có ở địa chỉ này (xem /api/docs)", "a name that this address knows (see /api/docs)")
    } else if says(&["missing field"]) {
        ("được ghi", "to be given")
    } else if says(&["unknown variant"]) {
        return unknown_variant(cause);
    } else if says(&["UUID", "Uuid", "uuid"]) {
        ("một mã UUID", "a UUID")
    } else if says(&["true", "bool"]) {
        ("true hoặc false", "true or false")
    } else if says(&["float", "f64"]) {
        ("một số", "a number")
    } else if says(&["digit", "integer", "number too", "`u", "`i", "u8", "u32", "i32", "i64", "usize"]) {
        ("một số nguyên trong giới hạn cho phép", "a whole number in range")
    } else if says(&[
        "premature end of input",
        "input contains invalid characters",
        "input is out of range",
        "trailing input",
    ]) {
        ("một thời điểm như 2026-05-01T09:30:00+07:00", "a moment as 2026-05-01T09:30:00+07:00")
    } else {
        ("giá trị đúng kiểu (xem /api/docs)", "a value of its kind (see /api/docs)")
    };
    Bilingual::new(vi, en)
}

/// "unknown variant `x`, expected one of `a`, `b`".
fn unknown_variant(cause: &str) -> Bilingual {
    let known: Vec<&str> = cause.split('`').skip(3).step_by(2).collect();
    let known = known.join(", ");
    Bilingual::new(format!("một trong: {known}"), format!("one of: {known}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(problem: Problem) -> serde_json::Value {
        serde_json::to_value(problem).unwrap()
    }

    #[test]
    fn a_parameter_that_cannot_be_read_is_named_with_what_it_takes() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        #[allow(dead_code, reason = "only read")]
        struct Asked {
            limit: Option<i64>,
            since: Option<chrono::DateTime<chrono::Utc>>,
            after: Option<uuid::Uuid>,
        }
        for (query, field, vi) in [
            ("limit=abc", "limit", "số nguyên"),
            ("limit=1&limit=2", "limit", "một lần"),
            ("since=yesterday", "since", "thời điểm"),
            ("after=7", "after", "UUID"),
            ("lmit=7", "lmit", "một tên"),
        ] {
            let uri: Uri = format!("/x?{query}").parse().unwrap();
            let refused = Query::<Asked>::try_from_uri(&uri).unwrap_err();
            let told = told(bad_query(&refused.body_text(), &uri));
            assert_eq!((&told["status"], &told["field"]), (&400.into(), &field.into()), "{told}");
            assert!(told["expected"].as_str().is_some_and(|expected| expected.contains(vi)), "{told}");
            assert!(told["accepted"]["en"].is_string() && told["details"]["en"].is_string(), "{told}");
        }
    }
}
