//! One call: bounded, timed, classed.

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
pub(crate) struct ErrorBody {
    pub code: String,
    #[serde(default)]
    pub message: String,
    #[serde(default)]
    pub retryable: Option<bool>,
    /// The column at fault.
    #[serde(default)]
    pub column: Option<String>,
    /// The line of the request, from 1.
    #[serde(default)]
    pub line: Option<u32>,
}

/// What came back of one call, or why nothing did.
pub(crate) enum Answer {
    /// A success: the status, and a body that is no HTML page.
    Success(u16, Vec<u8>),
    /// Anything else, with what was said.
    Refused(Refused),
    /// No whole answer.
    None(Silence),
}

/// A refusal as it came.
pub(crate) struct Refused {
    pub status: u16,
    pub html: bool,
    pub error: Option<ErrorBody>,
    pub retry_after: Option<String>,
}

/// Why there is no whole answer.
pub(crate) enum Silence {
    /// Below HTTP.
    Transport(reqwest::Error),
    /// Longer than is read.
    TooLong,
}

impl<C: Clock> AgentClient<C> {
    /// The body of a successful GET.
    pub(crate) async fn get(&self, path: &str, authorized: bool) -> Result<Vec<u8>, Fault> {
        let request = self.http.get(format!("{}{path}", self.base));
        match self.send(request, authorized).await {
            Answer::Success(200, body) => Ok(body),
            Answer::Success(status, _) => Err(self.refusal_fault(&Refused {
                status,
                html: false,
                error: None,
                retry_after: None,
            })),
            Answer::Refused(refused) => Err(self.refusal_fault(&refused)),
            Answer::None(Silence::Transport(error)) => Err(transport::fault(error)),
            Answer::None(Silence::TooLong) => Err(Fault::new(
                Class::Configuration,
                "E_SAGE_TOO_LARGE",
                "The agent's answer is longer than 4 MiB and was not read: a smaller page_size helps, or the agent is not the right one.",
            )),
        }
    }

    /// One call, whatever comes of it.
    pub(crate) async fn send(&self, request: reqwest::RequestBuilder, authorized: bool) -> Answer {
        self.count_call();
        let mut request = request.header(ACCEPT, "application/json");
        if authorized {
            request = request.header(AUTHORIZATION, self.authorization.clone());
        }
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return Answer::None(Silence::Transport(error)),
        };
        let status = response.status().as_u16();
        let header = |name| {
            let value = response.headers().get(name)?.to_str().ok()?;
            Some(value.to_owned())
        };
        let content_type = header(CONTENT_TYPE).unwrap_or_default();
        let retry_after = header(RETRY_AFTER);
        let body = match bounded_body(response).await {
            Ok(body) => body,
            Err(silence) => return Answer::None(silence),
        };
        let html =
            content_type.starts_with("text/html") || body.trim_ascii_start().starts_with(b"<");
        if matches!(status, 200 | 201) && !html {
            return Answer::Success(status, body);
        }
        let mut error = serde_json::from_slice::<ErrorBody>(&body).ok();
        // Whatever answered may repeat what it was sent.
        let authorization = self.authorization.to_str().unwrap_or_default();
        if let Some(token) = authorization
            .strip_prefix("Bearer ")
            .filter(|token| !token.is_empty())
            && let Some(error) = &mut error
        {
            error.message = error.message.replace(token, "(token)");
        }
        Answer::Refused(Refused {
            status,
            html,
            error,
            retry_after,
        })
    }

    /// What a refusal means to whoever reads.
    pub(crate) fn refusal_fault(&self, refused: &Refused) -> Fault {
        let error = refused.error.as_ref();
        refusal(&Refusal {
            status: refused.status,
            html: refused.html,
            code: error.map(|error| error.code.as_str()),
            message: error.map_or("", |error| error.message.as_str()),
            retryable: error.and_then(|error| error.retryable),
            retry_after: refused.retry_after.as_deref(),
            now: self.clock.now(),
        })
    }
}

/// Reads a body as it arrives, and stops at [`LONGEST_ANSWER`] whatever its header says.
async fn bounded_body(mut response: reqwest::Response) -> Result<Vec<u8>, Silence> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(Silence::Transport)? {
        if body.len() + chunk.len() > LONGEST_ANSWER {
            return Err(Silence::TooLong);
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
