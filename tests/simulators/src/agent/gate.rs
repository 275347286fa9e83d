//! How the agent names its operations and errors.

use axum::{
    http::Method,
    response::{IntoResponse, Response},
};
use serde_json::Value;

use super::{errors, system::System};
use crate::control::{Permit, Personality, Seen};

/// The longest body of a write.
const BODY_LIMIT: usize = 1024 * 1024;

impl Personality for System {
    fn operation(&self, method: &Method, path: &str) -> String {
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        match parts.as_slice() {
            ["v1", "health"] => "health".to_owned(),
            ["v1", "capabilities"] => "capabilities".to_owned(),
            ["v1", "companies", _, "orders", ..] => match *method {
                Method::POST => "orders.create".to_owned(),
                Method::PUT => "orders.update".to_owned(),
                Method::DELETE => "orders.delete".to_owned(),
                _ => "orders.find".to_owned(),
            },
            ["v1", "companies", _, "order-numbers"] => "orders.number".to_owned(),
            ["v1", "companies", _, "customer-numbers"] => "customers.number".to_owned(),
            ["v1", "companies", _, "customer-search"] => "customers.search".to_owned(),
            [
                "v1",
                "companies",
                _,
                what @ ("items" | "stock" | "credit" | "price"),
            ] => (*what).to_owned(),
            ["v1", "companies", _, entity, "records"] if method == Method::POST => {
                format!("{entity}.create")
            }
            ["v1", "companies", _, entity, "records", _, ..] if method == Method::PATCH => {
                format!("{entity}.update")
            }
            ["v1", "companies", _, entity, "records", _, ..] => format!("{entity}.record"),
            ["v1", "companies", _, entity, what] => format!("{entity}.{what}"),
            _ => "unknown".to_owned(),
        }
    }

    fn error(&self, code: &str) -> (u16, Value) {
        errors::of_code(code, None)
    }

    fn retry_after(&self) -> Option<u64> {
        Some(2)
    }

    fn body_limit(&self) -> usize {
        BODY_LIMIT
    }

    fn too_large(&self) -> Response {
        errors::Failure::new(
            "E_TOO_LARGE",
            format!("A body has at most {BODY_LIMIT} bytes."),
        )
        .into_response()
    }

    /// A write needs a seat in its company, for as long as it is at work.
    fn admit(
        &self,
        _method: &Method,
        operation: &str,
        seen: &Seen,
    ) -> Result<Permit, Box<Response>> {
        let writes = [".create", ".update", ".delete"]
            .iter()
            .any(|ending| operation.ends_with(ending));
        if !writes {
            return Ok(Box::new(()));
        }
        let company = seen.url.split('/').nth(3).unwrap_or("");
        let most = self.world().settings.site.writers;
        match self.seats.take(company, most) {
            Some(seat) => Ok(Box::new(seat)),
            None => Err(Box::new(
                errors::Failure::new("E_SAGE_BUSY", "No session is free; try again later.")
                    .into_response(),
            )),
        }
    }
}
