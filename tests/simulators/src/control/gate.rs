//! The middleware that every call of a simulated system passes: bounded body, fault rules,
//! admission, count.

use std::{any::Any, sync::Arc, sync::Mutex, time::Duration};

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::Response,
};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::{Faults, Rule, Stats, json_reply, lock};
use crate::serve::HangUp;

/// What a fault rule or an admission rule may look at.
#[derive(Debug)]
pub struct Seen {
    /// Path and query, percent-decoded.
    pub url: String,
    /// The body, if it is JSON.
    pub json: Option<Value>,
    /// The body, if it is XML.
    pub xml: Option<String>,
}

/// Kept while a call is worked on; dropping it frees the place.
pub type Permit = Box<dyn Any + Send>;

/// How one system names its operations and its errors.
pub trait Personality: Send + Sync + 'static {
    /// The name of an operation in counts and fault rules.
    fn operation(&self, method: &Method, path: &str) -> String;

    /// The same, where method and path do not tell: SOAP names its operations in a header.
    fn operation_of(&self, method: &Method, uri: &Uri, _headers: &HeaderMap) -> String {
        self.operation(method, uri.path())
    }

    /// The system's status and body for one of its error codes.
    fn error(&self, code: &str) -> (u16, Value);

    /// Seconds of the `Retry-After` header of an injected 429, if the system sends one.
    fn retry_after(&self) -> Option<u64>;

    /// The longest body that is read, in bytes.
    fn body_limit(&self) -> usize;

    /// The answer to a longer body.
    fn too_large(&self) -> Response;

    /// Lets a call in, or answers it at the door (concurrency limits).
    ///
    /// # Errors
    /// The answer for a call that is not let in.
    fn admit(&self, method: &Method, operation: &str, seen: &Seen)
    -> Result<Permit, Box<Response>>;
}

/// The state of the gate.
pub struct Gate<P> {
    /// The system behind it.
    pub system: Arc<P>,
    /// Counts of calls.
    pub stats: Mutex<Stats>,
    /// Fault rules.
    pub faults: Mutex<Faults>,
}

impl<P> Gate<P> {
    /// A gate without rules.
    pub fn new(system: Arc<P>) -> Self {
        Self {
            system,
            stats: Mutex::default(),
            faults: Mutex::default(),
        }
    }
}

/// The middleware itself. The control door goes straight through: it is neither counted nor broken.
pub async fn gate<P: Personality>(
    State(gate): State<Arc<Gate<P>>>,
    request: Request,
    next: Next,
) -> Response {
    if request.uri().path().starts_with("/_sim/") {
        return next.run(request).await;
    }
    let operation = gate
        .system
        .operation_of(request.method(), request.uri(), request.headers());
    let response = through(&gate, &operation, request, next).await;
    let answered = response.extensions().get::<HangUp>().is_none();
    let status = if answered {
        response.status().as_u16()
    } else {
        0
    };
    lock(&gate.stats).count(&operation, status);
    response
}

async fn through<P: Personality>(
    gate: &Gate<P>,
    operation: &str,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, gate.system.body_limit()).await else {
        return gate.system.too_large();
    };
    let url = parts.uri.path_and_query().map_or("/", |url| url.as_str());
    let seen = Seen {
        url: percent_decode_str(url).decode_utf8_lossy().into_owned(),
        json: if bytes.is_empty() {
            None
        } else {
            serde_json::from_slice(&bytes).ok()
        },
        xml: xml_of(&bytes),
    };
    let _permit = match gate.system.admit(&parts.method, operation, &seen) {
        Ok(permit) => permit,
        Err(refusal) => return *refusal,
    };
    let rule = lock(&gate.faults).take(operation, &seen);
    if let Some(rule) = rule.as_ref() {
        if rule.delay_ms > 0 {
            tokio::time::sleep(Duration::from_millis(rule.delay_ms.min(600_000))).await;
        }
        if !rule.after && !rule.is_only_slow() {
            return faulty(gate.system.as_ref(), rule);
        }
    }
    let response = next
        .run(Request::from_parts(parts, Body::from(bytes)))
        .await;
    if let Some(rule) = rule.as_ref()
        && rule.delay_after_ms > 0
    {
        tokio::time::sleep(Duration::from_millis(rule.delay_after_ms.min(600_000))).await;
    }
    match rule {
        Some(rule) if rule.after && !rule.is_only_slow() => faulty(gate.system.as_ref(), &rule),
        _ => response,
    }
}

/// A body that begins as XML does.
fn xml_of(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    text.trim_start_matches('\u{feff}')
        .trim_start()
        .starts_with('<')
        .then(|| text.to_owned())
}

fn faulty<P: Personality>(system: &P, rule: &Rule) -> Response {
    let (status, body) = match (&rule.code, rule.status, &rule.body) {
        (None, None, None) => return HangUp::response(),
        (Some(code), status, body) => {
            let (own_status, own_body) = system.error(code);
            (
                status.unwrap_or(own_status),
                body.clone().unwrap_or(own_body),
            )
        }
        (None, status, body) => (status.unwrap_or(200), body.clone().unwrap_or(Value::Null)),
    };
    let mut response = match body {
        Value::Null => Response::new(Body::empty()),
        Value::String(text) => {
            let is_xml = text.starts_with("<s:Envelope") || text.starts_with("<?xml");
            let content_type = if is_xml {
                "text/xml; charset=utf-8"
            } else {
                "text/html;charset=UTF-8"
            };
            let mut response = Response::new(Body::from(text));
            response
                .headers_mut()
                .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
            response
        }
        body => json_reply(status, &body),
    };
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if status == 429
        && let Some(seconds) = system.retry_after()
    {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    for (name, value) in &rule.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
