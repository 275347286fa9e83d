//! How Zoho names its operations and errors, and whom it lets in at once.

use axum::{
    http::Method,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{
    errors::{self, Failure},
    org::System,
};
use crate::control::{Permit, Personality, Seen};

/// A write of 100 rows with long descriptions stays below this.
const BODY_LIMIT: usize = 8 * 1024 * 1024;

impl Personality for System {
    fn operation(&self, method: &Method, path: &str) -> String {
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        match parts.as_slice() {
            ["oauth", "v2", "token"] => "token".to_owned(),
            ["oauth", "v2", "token", "revoke"] => "token.revoke".to_owned(),
            ["crm", "v8", "coql"] => "coql".to_owned(),
            ["crm", "v8", "users", ..] => "users".to_owned(),
            ["crm", "v8", "org"] => "org".to_owned(),
            ["crm", "v8", "org", "currencies"] => "currencies".to_owned(),
            ["crm", "v8", "actions", "watch"] => match *method {
                Method::POST => "watch.enable",
                Method::PUT => "watch.replace",
                Method::PATCH => "watch.update",
                Method::DELETE => "watch.disable",
                _ => "watch.details",
            }
            .to_owned(),
            ["crm", "v8", "settings", what, ..] if method == Method::POST => {
                format!("settings.{what}.create")
            }
            ["crm", "v8", "settings", what, ..] => format!("settings.{what}"),
            ["crm", "v8", module] => format!("{module}.{}", verb(method, "list")),
            ["crm", "v8", module, "upsert"] => format!("{module}.upsert"),
            ["crm", "v8", module, "deleted"] => format!("{module}.deleted"),
            ["crm", "v8", module, "search"] => format!("{module}.search"),
            ["crm", "v8", module, "actions", "count"] => format!("{module}.count"),
            ["crm", "v8", module, _] => format!("{module}.{}", verb(method, "get")),
            _ => "unknown".to_owned(),
        }
    }

    fn error(&self, code: &str) -> (u16, Value) {
        errors::of_code(code)
    }

    /// Zoho does not tell when to come back.
    fn retry_after(&self) -> Option<u64> {
        None
    }

    fn body_limit(&self) -> usize {
        BODY_LIMIT
    }

    fn too_large(&self) -> Response {
        let details = json!({"maximum_size": BODY_LIMIT});
        Failure::new(
            413,
            "REQUEST_ENTITY_TOO_LARGE",
            &details,
            "the request is too large",
        )
        .into_response()
    }

    fn admit(
        &self,
        _method: &Method,
        operation: &str,
        seen: &Seen,
    ) -> Result<Permit, Box<Response>> {
        if operation.starts_with("token") || operation == "unknown" {
            return Ok(Box::new(()));
        }
        let rows = seen
            .json
            .as_ref()
            .and_then(|body| body.get("data"))
            .and_then(Value::as_array)
            .map_or(0, Vec::len);
        let heavy = operation == "coql"
            || rows > 10
            || seen.url.contains("sort_by=")
            || seen.url.contains("cvid=");
        match self.slots.enter(heavy) {
            Some(place) => Ok(Box::new(place)),
            None => {
                let refusal = Failure::too_many(
                    "You have reached the limit of concurrent API calls. Please try again later.",
                );
                Err(Box::new(refusal.into_response()))
            }
        }
    }
}

fn verb(method: &Method, read: &'static str) -> &'static str {
    match *method {
        Method::POST => "insert",
        Method::PUT | Method::PATCH => "update",
        Method::DELETE => "delete",
        _ => read,
    }
}
