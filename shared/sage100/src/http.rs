//! One GET: bounded, timed, classed.

use counterpart_delivery::ports::Clock;
use counterpart_domain::{Class, Fault};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use serde::Deserialize;

use crate::fault::{Refusal, refusal};
use crate::{AgentClient, LONGEST_ANSWER, transport};

/// Everything but the unreserved characters of RFC 3986, so that a key with `/`, `&`, `+` or `#` stays one value.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Percent-encodes one path segment or query value.
pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

/// The error body of the contract.
#[derive(Deserialize)]
struct ErrorBody {
    code: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    retryable: Option<bool>,
}

impl<C: Clock> AgentClient<C> {
    /// The body of a successful answer.
    pub(crate) async fn get(&self, path: &str, authorized: bool) -> Result<Vec<u8>, Fault> {
        self.count_call();
        let mut request = self
            .http
            .get(format!("{}{path}", self.base))
            .header(ACCEPT, "application/json");
        if authorized {
            request = request.header(AUTHORIZATION, self.authorization.clone());
        }
        let response = request.send().await.map_err(transport::fault)?;
        let status = response.status().as_u16();
        let header = |name| {
            let value = response.headers().get(name)?.to_str().ok()?;
            Some(value.to_owned())
        };
        let content_type = header(CONTENT_TYPE).unwrap_or_default();
        let retry_after = header(RETRY_AFTER);
        let body = bounded_body(response).await?;
        let html =
            content_type.starts_with("text/html") || body.trim_ascii_start().starts_with(b"<");
        if status == 200 && !html {
            return Ok(body);
        }
        let error = serde_json::from_slice::<ErrorBody>(&body).ok();
        // Whatever answered may repeat what it was sent.
        let authorization = self.authorization.to_str().unwrap_or_default();
        let token = authorization.strip_prefix("Bearer ").unwrap_or_default();
        let message = error
            .as_ref()
            .map(|error| match token {
                "" => error.message.clone(),
                token => error.message.replace(token, "(token)"),
            })
            .unwrap_or_default();
        Err(refusal(&Refusal {
            status,
            html,
            code: error.as_ref().map(|error| error.code.as_str()),
            message: &message,
            retryable: error.as_ref().and_then(|error| error.retryable),
            retry_after: retry_after.as_deref(),
            now: self.clock.now(),
        }))
    }
}

/// Reads a body as it arrives, and stops at [`LONGEST_ANSWER`] whatever its header says.
async fn bounded_body(mut response: reqwest::Response) -> Result<Vec<u8>, Fault> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(transport::fault)? {
        if body.len() + chunk.len() > LONGEST_ANSWER {
            return Err(Fault::new(
                Class::Configuration,
                "E_SAGE_TOO_LARGE",
                "The agent's answer is longer than 4 MiB and was not read: a smaller page_size helps, or the agent is not the right one.",
            ));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The fault for an answer that breaks the contract.
pub(crate) fn contract_fault(what: impl std::fmt::Display) -> Fault {
    Fault::new(
        Class::Configuration,
        "E_SAGE_CONTRACT",
        "The agent's answer is not what its contract says; nothing of it was taken. Check the agent's version.",
    )
    .with_detail(what)
}

/// Where an answer cannot be read, and in what way; never the text itself, which may be somebody's data.
pub(crate) fn place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    if text.starts_with("missing field") {
        // This names the contract, not the data.
        return format!("not readable: {text}");
    }
    format!(
        "not readable at line {}, column {}: {:?}",
        error.line(),
        error.column(),
        error.classify()
    )
}

/// Reads a JSON answer.
pub(crate) fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Fault> {
    serde_json::from_slice(body).map_err(|error| contract_fault(place(&error)))
}
