//! The agent's error codes.

use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::control::json_reply;

/// An error of the contract: code and sentence. The code decides the status.
#[derive(Debug)]
pub struct Failure {
    code: &'static str,
    message: String,
}

/// Code, status, whether a retry may help, and a sentence for injected faults.
const CODES: &[(&str, u16, bool, &str)] = &[
    (
        "E_UNAUTHORIZED",
        401,
        false,
        "The bearer token is missing or wrong.",
    ),
    (
        "E_FORBIDDEN",
        403,
        false,
        "The token does not open this company.",
    ),
    ("E_UNKNOWN_COMPANY", 404, false, "There is no such company."),
    ("E_UNKNOWN_ENTITY", 404, false, "There is no such entity."),
    ("E_NOT_FOUND", 404, false, "There is no such record."),
    (
        "E_BAD_REQUEST",
        400,
        false,
        "The request cannot be understood.",
    ),
    (
        "E_POSITION_EXPIRED",
        410,
        false,
        "The page position is no longer valid; start again from the first page.",
    ),
    (
        "E_TOO_LARGE",
        413,
        false,
        "The request is larger than the agent accepts.",
    ),
    (
        "E_RATE_LIMITED",
        429,
        true,
        "Too many requests; wait before the next one.",
    ),
    (
        "E_SAGE_BUSY",
        503,
        true,
        "Sage 100 is busy; try again later.",
    ),
    (
        "E_SAGE_DOWN",
        503,
        true,
        "Sage 100 cannot be reached; try again later.",
    ),
    (
        "E_LOCKED",
        423,
        true,
        "The record is locked by another user; try again later.",
    ),
    (
        "E_INTERNAL",
        500,
        true,
        "The agent failed; try again later.",
    ),
];

/// Status and body of a code; an unknown code is an internal error.
pub fn of_code(code: &str, message: Option<&str>) -> (u16, Value) {
    let (code, status, retryable, sentence) = CODES
        .iter()
        .find(|(known, ..)| *known == code)
        .copied()
        .unwrap_or((
            "E_INTERNAL",
            500,
            true,
            "The agent failed; try again later.",
        ));
    (
        status,
        json!({"code": code, "message": message.unwrap_or(sentence), "retryable": retryable}),
    )
}

impl Failure {
    /// A failure with its own sentence.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// The request is at fault.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new("E_BAD_REQUEST", message)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (status, body) = of_code(self.code, Some(&self.message));
        json_reply(status, &body)
    }
}
