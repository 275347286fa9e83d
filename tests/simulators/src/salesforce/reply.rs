//! What comes in and what goes out, without a connection: so that a composite call can make calls.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::Response,
};
use serde_json::Value;

use crate::{control::json_reply, shared::Pairs};

/// A call to the data API, after its session was found.
#[derive(Debug)]
pub struct Call<'a> {
    /// The method.
    pub method: Method,
    /// The decoded parts of the path after the version.
    pub path: Vec<String>,
    /// The version as the path tells it: `v67.0`.
    pub version: String,
    /// Query parameters.
    pub params: Pairs,
    /// Headers.
    pub headers: &'a HeaderMap,
    /// The body.
    pub body: &'a [u8],
}

impl Call<'_> {
    /// A header's text; empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("")
    }

    /// The version's number.
    pub fn version_number(&self) -> u32 {
        let digits = self.version.trim_start_matches('v');
        digits
            .split('.')
            .next()
            .and_then(|number| number.parse().ok())
            .unwrap_or(0)
    }

    /// The path of this version's resources.
    pub fn base(&self) -> String {
        format!("/services/data/{}", self.version)
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// A JSON body, if there is one.
    pub body: Option<Value>,
    /// Headers beside the usual ones.
    pub headers: Vec<(&'static str, String)>,
}

impl Reply {
    /// A JSON answer.
    pub fn json(status: u16, body: Value) -> Self {
        Self {
            body: Some(body),
            ..Self::empty(status)
        }
    }

    /// An answer without a body.
    pub fn empty(status: u16) -> Self {
        Self {
            status,
            body: None,
            headers: Vec::new(),
        }
    }

    /// The answer with one more header.
    pub fn with(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// As it goes out.
    pub fn into_response(self) -> Response {
        let mut response = match &self.body {
            Some(body) => json_reply(self.status, body),
            None => Response::new(Body::empty()),
        };
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::try_from(value) {
                response
                    .headers_mut()
                    .insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}

/// A text as HTML or plain, for the few answers that are not JSON.
pub fn plain(status: u16, text: &'static str) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN);
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html;charset=UTF-8"),
    );
    response
}
