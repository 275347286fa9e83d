//! One call: bounded, timed, classed.

use counterpart_delivery::ports::Clock;
use counterpart_domain::{Class, Fault};
use counterpart_http::{Silence, Unanswered};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{ACCEPT, AUTHORIZATION};
use reqwest::{Method, RequestBuilder};
use serde::{Deserialize, Serialize};

use crate::client::AgentClient;
use crate::fault::{Refusal, refusal};
use crate::peer::AGENT;
use crate::text::bug;

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

/// The body of a request.
pub(crate) fn json(body: &impl Serialize) -> Result<Vec<u8>, Fault> {
    serde_json::to_vec(body).map_err(bug)
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
    None(Unanswered),
}

/// A refusal as it came.
pub(crate) struct Refused {
    pub status: u16,
    pub html: bool,
    pub error: Option<ErrorBody>,
    pub retry_after: Option<String>,
}

/// The longest answer that is read, in bytes. The contract promises that no page is longer.
const LONGEST_ANSWER: usize = 4 * 1024 * 1024;

impl<C: Clock> AgentClient<C> {
    /// The body of a successful GET.
    pub(crate) async fn get(&self, path: &str, authorized: bool) -> Result<Vec<u8>, Fault> {
        let request = self.request(Method::GET, path);
        match self.send(request, authorized).await {
            Answer::Success(200, body) => Ok(body),
            Answer::Success(status, _) => Err(self.refusal_fault(&Refused {
                status,
                html: false,
                error: None,
                retry_after: None,
            })),
            Answer::Refused(refused) => Err(self.refusal_fault(&refused)),
            Answer::None(why) if why.how == Silence::TooLong => Err(Fault::new(
                Class::Configuration,
                "E_SAGE_TOO_LARGE",
                "The agent's answer is longer than 4 MiB and was not read: a smaller page_size helps, or the agent is not the right one.",
            )),
            Answer::None(why) => Err(AGENT.silent(why)),
        }
    }

    /// A request to the agent, to be completed and sent.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base))
    }

    /// One call, whatever comes of it.
    pub(crate) async fn send(&self, request: RequestBuilder, authorized: bool) -> Answer {
        self.count_call();
        let mut request = request.header(ACCEPT, "application/json");
        if authorized {
            request = request.header(AUTHORIZATION, self.authorization.clone());
        }
        let reply = match self.http.fetch(request, LONGEST_ANSWER).await {
            Ok(reply) => reply,
            Err(why) => return Answer::None(why),
        };
        let status = reply.status;
        let content_type = reply.header("Content-Type").unwrap_or_default();
        let html = content_type.starts_with("text/html")
            || reply.body.trim_ascii_start().starts_with(b"<");
        let retry_after = reply.header("Retry-After").map(str::to_owned);
        let body = reply.body;
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
