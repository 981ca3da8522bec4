//! An answer, read to its end.

use serde_json::Value;

/// Status, headers and body of one answer.
#[derive(Debug)]
pub struct Answer {
    status: u16,
    headers: reqwest::header::HeaderMap,
    body: Vec<u8>,
}

/// What `application/problem+json` said.
#[derive(Debug)]
pub struct ProblemBody {
    /// The last part of `type`.
    pub slug: String,
    /// The refused parameter or field.
    pub field: Option<String>,
    /// The whole document.
    pub json: Value,
}

impl Answer {
    /// Sends the request and reads all of the answer.
    pub async fn read(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.expect("the server answers");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.expect("the answer can be read").to_vec();
        Self { status, headers, body }
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// One header, empty when it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("headers are ASCII"))
    }

    /// All headers of this name, in their order.
    pub fn header_all(&self, name: &str) -> Vec<String> {
        let all = self.headers.get_all(name).iter();
        all.map(|value| value.to_str().expect("headers are ASCII").to_owned()).collect()
    }

    /// The body as it came.
    pub fn bytes(&self) -> &[u8] {
        &self.body
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the body is UTF-8")
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {}", String::from_utf8_lossy(&self.body)))
    }

    /// The body as a problem; fails when it is none, or lacks what every problem has.
    pub fn problem(&self) -> ProblemBody {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", String::from_utf8_lossy(&self.body));
        let json = self.json();
        let slug =
            json["type"].as_str().and_then(|kind| kind.strip_prefix("/problems/")).expect("a stable type").to_owned();
        assert_eq!(json["status"], self.status, "the status is repeated in the body");
        assert!(json["titles"]["vi"].is_string() && json["titles"]["en"].is_string(), "both languages: {json}");
        for (said, both) in [("detail", "details"), ("expected", "accepted")] {
            let both = &json[both];
            assert!(json[said].is_null() || (both["vi"] == json[said] && both["en"].is_string()), "{said}: {json}");
        }
        ProblemBody { slug, field: json["field"].as_str().map(ToOwned::to_owned), json }
    }
}
