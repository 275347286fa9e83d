//! The agent's error codes.

use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::control::json_reply;

/// An error of the contract: code and sentence. The code decides the status.
#[derive(Debug)]
pub struct Failure {
    code: &'static str,
    message: String,
    column: Option<String>,
    line: Option<usize>,
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
    (
        "E_OUTCOME_UNKNOWN",
        500,
        false,
        "The agent was stopped while it wrote.",
    ),
    (
        "E_NOT_OFFERED",
        404,
        false,
        "The company does not offer this.",
    ),
    ("E_ALREADY_EXISTS", 409, false, "The number is in use."),
    (
        "E_IDEMPOTENCY_KEY_BUSY",
        409,
        true,
        "A request with this Idempotency-Key is at work.",
    ),
    (
        "E_IDEMPOTENCY_KEY_REUSED",
        422,
        false,
        "This Idempotency-Key came with another request before.",
    ),
    ("E_VALUE_REFUSED", 422, false, "Sage refuses a value."),
    (
        "E_VALUE_TOO_LONG",
        422,
        false,
        "A value is longer than its column.",
    ),
    (
        "E_READ_ONLY_COLUMN",
        422,
        false,
        "A column cannot be written.",
    ),
    ("E_UNKNOWN_COLUMN", 422, false, "There is no such column."),
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
            column: None,
            line: None,
        }
    }

    /// The same, with the column at fault.
    pub fn of_column(self, column: &str) -> Self {
        Self {
            column: Some(column.to_owned()),
            ..self
        }
    }

    /// The same, with the line at fault, from 1.
    pub fn in_line(self, line: usize) -> Self {
        Self {
            line: Some(line),
            ..self
        }
    }

    /// This site has no such column.
    pub fn unknown_column(column: &str) -> Self {
        Self::new("E_UNKNOWN_COLUMN", format!("There is no column {column}.")).of_column(column)
    }

    /// The request is at fault.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new("E_BAD_REQUEST", message)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (status, mut body) = of_code(self.code, Some(&self.message));
        if let Some(column) = self.column {
            body["column"] = json!(column);
        }
        if let Some(line) = self.line {
            body["line"] = json!(line);
        }
        json_reply(status, &body)
    }
}
