//! How Salesforce names its operations and errors for counts and fault rules.

use axum::{http::Method, response::Response};
use serde_json::Value;

use super::{
    composite,
    errors::{self, Fail},
    ids::Id,
    org::System,
};
use crate::control::{Permit, Personality, Seen};

/// The longest body, in bytes: 200 rows with long descriptions stay below it.
pub const BODY_LIMIT: usize = 50 * 1024 * 1024;

impl Personality for System {
    fn operation(&self, method: &Method, path: &str) -> String {
        match path.trim_end_matches('/') {
            "/services/oauth2/token" => return "token".to_owned(),
            "/services/oauth2/revoke" => return "token.revoke".to_owned(),
            "/services/oauth2/userinfo" => return "userinfo".to_owned(),
            "/services/data" => return "versions".to_owned(),
            path if path.starts_with("/services/Soap/m/") => return "metadata".to_owned(),
            path if path.starts_with("/id/") => return "identity".to_owned(),
            _ => {}
        }
        let Some((_, parts, _)) = composite::parts(path) else {
            return "unknown".to_owned();
        };
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let verb = verb(method);
        match parts.as_slice() {
            [] => "resources".to_owned(),
            ["query" | "queryAll", _] => "query.more".to_owned(),
            ["sobjects"] => "describe".to_owned(),
            ["sobjects", name, rest @ ..] => {
                let object = self.org().catalog.object(name);
                let name = object.map_or(*name, |object| object.name);
                let verb = match (rest, method) {
                    ([], &Method::GET | &Method::HEAD) => "info",
                    (["describe" | "updated" | "deleted"], _) => {
                        rest.first().copied().unwrap_or("")
                    }
                    ([id], &Method::PATCH) if Id::parse(id).is_some() => "update",
                    ([_, _], &Method::PATCH) => "upsert",
                    _ => verb,
                };
                format!("{name}.{verb}")
            }
            ["composite", "sobjects"] => format!("collections.{verb}"),
            ["composite", "sobjects", name] => format!("{name}.collections.get"),
            ["composite", "sobjects", name, _] => format!("{name}.collections.upsert"),
            ["tooling", "query"] => "tooling.query".to_owned(),
            ["tooling", "sobjects", name, ..] => format!("tooling.{name}.{verb}"),
            ["composite", "batch"] => "composite.batch".to_owned(),
            ["composite"] | ["limits"] | ["query"] | ["queryAll"] | ["recent"] => parts.concat(),
            _ => "unknown".to_owned(),
        }
    }

    fn error(&self, code: &str) -> (u16, Value) {
        errors::of_code(code)
    }

    /// Salesforce does not tell when to come back.
    fn retry_after(&self) -> Option<u64> {
        None
    }

    fn body_limit(&self) -> usize {
        BODY_LIMIT
    }

    fn too_large(&self) -> Response {
        Fail::new(413, "REQUEST_TOO_LARGE", "the request is too large")
            .reply()
            .into_response()
    }

    /// Only calls that last 20 seconds count at once, and none lasts that long here: rules do it.
    fn admit(&self, _: &Method, _: &str, _: &Seen) -> Result<Permit, Box<Response>> {
        Ok(Box::new(()))
    }
}

fn verb(method: &Method) -> &'static str {
    match *method {
        Method::POST => "create",
        Method::PATCH | Method::PUT => "update",
        Method::DELETE => "delete",
        _ => "get",
    }
}
