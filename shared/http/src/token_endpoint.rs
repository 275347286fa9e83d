//! Asking a token endpoint, and what its answers have in common.

use std::time::Duration;

use counterpart_delivery::SecretText;
use counterpart_domain::{Class, Fault, bounded};
use reqwest::Method;
use serde_json::Value as Json;

use crate::json;
use crate::no_answer::tls;
use crate::send::{Http, Reply};
use crate::text::opening;

/// A refresh is small; it need not wait as long as a bulk write.
pub(crate) const TOKEN_TIMEOUT: Duration = Duration::from_secs(15);
/// No token reply is longer.
const LONGEST_TOKEN_REPLY: usize = 64 * 1024;

impl Http {
    /// Asks a token endpoint.
    ///
    /// # Errors
    /// `E_CRM_TOKEN_UNAVAILABLE` (transient) when no answer came; `E_CRM_TLS` (configuration).
    pub async fn ask_token(
        &self,
        product: &str,
        url: &url::Url,
        form: &[(&str, &str)],
    ) -> Result<Reply, Fault> {
        let request = self
            .request(Method::POST, url.clone())
            .timeout(TOKEN_TIMEOUT)
            .form(form);
        let answer = self.send(request, LONGEST_TOKEN_REPLY).await;
        answer.map_err(|why| match why.tls {
            Some(problem) if !why.was_sent() => tls(product, problem, why.detail),
            _ => token_unavailable(product, &why.detail),
        })
    }
}

/// A token endpoint's answer, read.
pub enum TokenReply {
    /// A token, and the answer that it came in.
    Token(SecretText, Json),
    /// An error of OAuth.
    Refused {
        /// Its `error`.
        error: String,
        /// Its `error_description`, or nothing.
        description: String,
        /// For engineers, without credentials.
        detail: String,
    },
    /// No JSON object, and what it is, without credentials.
    NoJson(String),
    /// Neither token nor error. The body is not repeated: it may hold a token.
    Neither(String),
}

impl TokenReply {
    /// Reads an answer. `scrub` takes the credentials out of a text, before it is cut: of a secret that is cut in two, the
    /// first part would stay.
    pub fn of(status: u16, body: &str, scrub: impl Fn(String) -> String) -> Self {
        let json = serde_json::from_str::<Json>(body).ok();
        let Some(json) = json.filter(Json::is_object) else {
            return Self::NoJson(strange(status, body, scrub));
        };
        if let Some(error) = json::text(&json, "error") {
            let description = json::text(&json, "error_description").unwrap_or_default();
            let detail = format!(
                "HTTP {status} {}: {}",
                bounded(scrub(error.to_owned()), 60),
                opening(&scrub(description.to_owned()))
            );
            return Self::Refused {
                error: error.to_owned(),
                description: description.to_owned(),
                detail,
            };
        }
        match json::text(&json, "access_token") {
            Some(token) if (200..300).contains(&status) => {
                Self::Token(SecretText::new(token), json)
            }
            _ => Self::Neither(format!("HTTP {status}: neither token nor error")),
        }
    }
}

/// The beginning of an answer that is no JSON object. One that breaks off within a new token is not repeated at all: nobody
/// knows that token yet.
fn strange(status: u16, body: &str, scrub: impl Fn(String) -> String) -> String {
    if body.contains("_token") {
        format!("HTTP {status}: no JSON, and it may hold a token")
    } else {
        format!("HTTP {status}: {}", opening(&scrub(body.to_owned())))
    }
}

/// The token endpoint does not work.
#[must_use]
pub fn token_unavailable(product: &str, detail: &str) -> Fault {
    Fault::new(
        Class::Transient,
        "E_CRM_TOKEN_UNAVAILABLE",
        format!("{product} hands out no access token at present; the work is tried again."),
    )
    .with_detail(detail)
}
