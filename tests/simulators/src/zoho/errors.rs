//! Zoho's error shapes: for a whole request (flat) and for one row of a write.

use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::control::json_reply;

/// An error of a whole request; it has no `data`.
#[derive(Debug, Clone)]
pub struct Failure {
    /// HTTP status.
    pub status: u16,
    body: Value,
}

impl Failure {
    /// Status, code, details and message.
    pub fn new(status: u16, code: &str, details: &Value, message: &str) -> Self {
        Self {
            status,
            body: shape(code, details, message),
        }
    }

    /// A module that does not exist; the index counts the parts of the path after the version.
    pub fn invalid_module(index: u32) -> Self {
        Self::new(
            400,
            "INVALID_MODULE",
            &json!({"resource_path_index": index}),
            "the module name given seems to be invalid",
        )
    }

    /// A query parameter that must be there.
    pub fn missing_param(name: &str) -> Self {
        Self::new(
            400,
            "REQUIRED_PARAM_MISSING",
            &json!({"param_name": name}),
            "One of the expected parameter is missing",
        )
    }

    /// A query parameter with a wrong value.
    pub fn invalid_param(name: &str) -> Self {
        Self::new(
            400,
            "INVALID_DATA",
            &json!({"param_name": name}),
            "invalid data",
        )
    }

    /// The day's credits, or the places for concurrent calls, are used up.
    pub fn too_many(message: &str) -> Self {
        Self::new(429, "TOO_MANY_REQUESTS", &json!({}), message)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        json_reply(self.status, &self.body)
    }
}

/// The four members that every error has.
pub fn shape(code: &str, details: &Value, message: &str) -> Value {
    json!({"code": code, "details": details, "message": message, "status": "error"})
}

/// Status and body of a code, for injected faults.
pub fn of_code(code: &str) -> (u16, Value) {
    let (status, message) = match code {
        "INVALID_TOKEN" => (401, "invalid oauth token"),
        "OAUTH_SCOPE_MISMATCH" => (401, "invalid oauth scope to access this URL"),
        "AUTHENTICATION_FAILURE" => (401, "Authentication failed"),
        "NO_PERMISSION" => (403, "permission denied"),
        "NOT_SUPPORTED" => (403, "The feature is not supported in this edition"),
        "INVALID_URL_PATTERN" => (
            404,
            "Please check if the URL trying to access is a correct one",
        ),
        "METHOD_NOT_ALLOWED" => (405, "The http request method type is not a valid one"),
        "ALREADY_MODIFIED" => (
            412,
            "record updated time has already passed if-unmodified-since time",
        ),
        "TOO_MANY_REQUESTS" => (
            429,
            "You have exceeded the API request limit. Please try again later.",
        ),
        "INTERNAL_ERROR" => (500, "Internal Server Error"),
        "INVALID_MODULE" => (400, "the module name given seems to be invalid"),
        "DEPENDENT_SERVICE_ERROR" => (
            400,
            "The dependent service failed to complete the operation",
        ),
        "invalid_code" | "invalid_client" | "general_error" => {
            return (200, json!({"error": code}));
        }
        "Access Denied" => {
            return (
                400,
                json!({"error": "Access Denied", "error_description": crate::zoho::token_endpoint::TOO_MANY}),
            );
        }
        _ => (400, "invalid data"),
    };
    (status, shape(code, &json!({}), message))
}

/// The verdict on one row: an object of the `data` array.
#[derive(Debug, Clone)]
pub struct RowError {
    /// Zoho's code.
    pub code: &'static str,
    details: Value,
    message: &'static str,
}

impl RowError {
    /// Code, details and message.
    pub fn new(code: &'static str, details: Value, message: &'static str) -> Self {
        Self {
            code,
            details,
            message,
        }
    }

    /// The value does not suit the field.
    pub fn invalid(name: &str, path: &str) -> Self {
        Self::new(
            "INVALID_DATA",
            json!({"api_name": name, "json_path": path}),
            "invalid data",
        )
    }

    /// The value is of another type than the field.
    pub fn expected(name: &str, path: &str, data_type: &str) -> Self {
        let details = json!({"expected_data_type": data_type, "api_name": name, "json_path": path});
        Self::new("INVALID_DATA", details, "invalid data")
    }

    /// The value is longer than the field.
    pub fn too_long(name: &str, path: &str, length: u32) -> Self {
        let details = json!({"maximum_length": length, "api_name": name, "json_path": path});
        Self::new("INVALID_DATA", details, "invalid data")
    }

    /// An id of a record or a user that is not there.
    pub fn no_such_id(name: &str, path: &str) -> Self {
        Self::new(
            "INVALID_DATA",
            json!({"api_name": name, "json_path": path}),
            "the id given seems to be invalid",
        )
    }

    /// Something of this name is there already.
    pub fn duplicate(name: &str, path: &str) -> Self {
        Self::new(
            "DUPLICATE_DATA",
            json!({"api_name": name, "json_path": path}),
            "duplicate data",
        )
    }

    /// A field that must be there is not.
    pub fn mandatory(name: &str, path: &str) -> Self {
        Self::new(
            "MANDATORY_NOT_FOUND",
            json!({"api_name": name, "json_path": path}),
            "required field not found",
        )
    }

    /// The object of the `data` array.
    pub fn shown(&self) -> Value {
        shape(self.code, &self.details, self.message)
    }
}
