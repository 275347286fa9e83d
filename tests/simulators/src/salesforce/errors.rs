//! Salesforce's errors: `errorCode` for a whole request, `statusCode` for one row of many.

use serde_json::{Value, json};

use super::reply::Reply;

/// An error.
#[derive(Debug, Clone)]
pub struct Fail {
    /// HTTP status, when the request is about this alone.
    pub status: u16,
    /// Salesforce's code.
    pub code: String,
    /// Its sentence.
    pub message: String,
    /// The fields concerned; errors of whole requests have none.
    pub fields: Option<Vec<String>>,
    /// What else the request's error holds, or another body altogether.
    pub more: Option<Value>,
}

impl Fail {
    /// An error of a request.
    pub fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.into(),
            fields: None,
            more: None,
        }
    }

    /// An error of a row that concerns no field in particular.
    pub fn row(code: &str, message: impl Into<String>) -> Self {
        let mut fail = Self::new(400, code, message);
        fail.fields = Some(Vec::new());
        fail
    }

    /// An error of a field in a row.
    pub fn field(code: &str, field: &str, message: impl Into<String>) -> Self {
        let mut fail = Self::row(code, message);
        fail.fields = Some(vec![field.to_owned()]);
        fail
    }

    /// Something in the path is not there.
    pub fn not_found() -> Self {
        Self::new(404, "NOT_FOUND", "The requested resource does not exist")
    }

    /// A field in the path by which rows cannot be found.
    pub fn no_external_id(field: &str) -> Self {
        Self::new(
            404,
            "NOT_FOUND",
            format!("Provided external ID field does not exist or is not accessible: {field}"),
        )
    }

    /// A field that the object does not have.
    pub fn no_such_column(field: &str, object: &str) -> Self {
        Self::row(
            "INVALID_FIELD",
            format!("No such column '{field}' on sobject of type {object}"),
        )
    }

    /// The session is over, or never was.
    pub fn no_session() -> Self {
        Self::new(401, "INVALID_SESSION_ID", "Session expired or invalid")
    }

    /// One row among many.
    pub fn of_row(&self) -> Value {
        json!({"statusCode": self.code, "message": self.message, "fields": self.fields.as_deref().unwrap_or(&[])})
    }

    fn of_request(&self) -> Value {
        let mut shown = match &self.more {
            Some(more @ Value::Object(_)) => more.clone(),
            _ => json!({}),
        };
        shown["message"] = json!(self.message);
        shown["errorCode"] = json!(self.code);
        if let Some(fields) = &self.fields
            && self.more.is_none()
        {
            shown["fields"] = json!(fields);
        }
        shown
    }

    /// The answer to a request that failed.
    pub fn reply(&self) -> Reply {
        if let Some(body @ Value::Array(_)) = &self.more {
            return Reply::json(self.status, body.clone());
        }
        Reply::json(self.status, json!([self.of_request()]))
    }
}

/// The answer to a request about one row.
pub fn reply(fails: &[Fail]) -> Reply {
    match fails {
        [] => Fail::not_found().reply(),
        [only] => only.reply(),
        [first, ..] => {
            let shown: Vec<Value> = fails.iter().map(Fail::of_request).collect();
            Reply::json(first.status, json!(shown))
        }
    }
}

/// Status and body of a code, for injected faults. `REQUEST_LIMIT_EXCEEDED/concurrent` is the
/// same code with the other message; codes in small letters are those of the token endpoint.
pub fn of_code(code: &str) -> (u16, Value) {
    if code.chars().all(|c| c.is_ascii_lowercase() || c == '_') {
        return (400, super::token_endpoint::denied(code));
    }
    let (status, message) = match code {
        "INVALID_SESSION_ID" => (401, "Session expired or invalid"),
        "INVALID_SESSION_ID/rest" => (401, "This session is not valid for use with the REST API"),
        "INVALID_AUTH_HEADER" => (401, "INVALID_JWT_FORMAT"),
        "REQUEST_LIMIT_EXCEEDED" => (403, "TotalRequests Limit exceeded."),
        "REQUEST_LIMIT_EXCEEDED/concurrent" => (
            403,
            "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
        ),
        "API_DISABLED_FOR_ORG" => (403, "API is not enabled for this Organization or Partner"),
        "API_CURRENTLY_DISABLED" => (403, "API is currently disabled for this user"),
        "INSUFFICIENT_ACCESS" | "INSUFFICIENT_ACCESS_OR_READONLY" => {
            (403, "insufficient access rights on object id")
        }
        "STORAGE_LIMIT_EXCEEDED" => (403, "storage limit exceeded"),
        "FUNCTIONALITY_NOT_ENABLED" => (403, "functionality not enabled"),
        "NOT_FOUND" => (404, "The requested resource does not exist"),
        "ENTITY_IS_DELETED" => (404, "entity is deleted"),
        "UNSUPPORTED_API_VERSION" => (404, "The API version is not supported"),
        "INVALID_QUERY_LOCATOR" => (400, "invalid query locator"),
        "UNABLE_TO_LOCK_ROW" => (400, "unable to obtain exclusive access to this record"),
        "QUERY_TIMEOUT" => (400, "Your query request was running for too long."),
        "REQUEST_RUNNING_TOO_LONG" => (
            400,
            "Your request was running for too long, and has been stopped.",
        ),
        "SERVER_UNAVAILABLE" => (503, "Server unavailable, please try again later"),
        "SERVICE_UNAVAILABLE" => (503, "Service unavailable"),
        "UNKNOWN_EXCEPTION" => (
            500,
            "An unexpected error occurred. Please include this ErrorId if you contact support: 1234567890-12345 (-987654321)",
        ),
        "INTERNAL_ERROR" => (500, "internal server error"),
        _ => (400, "the request failed"),
    };
    let code = code.split('/').next().unwrap_or(code);
    (status, json!([{"message": message, "errorCode": code}]))
}
