//! Sending, bounded: in time, in size, and to the host that was asked only.

use std::error::Error;
use std::time::Duration;

use counterpart_domain::{Class, Fault};
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::RequestBuilder;
use reqwest::header::HeaderMap;

use crate::tls::{TlsProblem, tls_problem};
use crate::token::token_unavailable;
use crate::trust;

/// How long one call may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Until the connection stands.
    pub connect: Duration,
    /// From start to the end of the body.
    pub total: Duration,
}

impl Default for Timeouts {
    /// 5 and 30 seconds.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            total: Duration::from_secs(30),
        }
    }
}

/// Idle connections are dropped before a frozen function can wake up with a dead one.
const IDLE: Duration = Duration::from_secs(15);
/// A refresh is small; it need not wait as long as a bulk write.
pub(crate) const TOKEN_TIMEOUT: Duration = Duration::from_secs(15);
/// No token reply is longer.
const LONGEST_TOKEN_REPLY: usize = 64 * 1024;

/// The answer to one request, read to its end.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: String,
}

impl Reply {
    /// 2xx.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }

    /// The server's clock, by its `Date` header.
    #[must_use]
    pub fn date(&self) -> Option<Timestamp> {
        let date = rfc2822::parse(self.header("Date")?).ok()?;
        Some(date.timestamp())
    }

    /// A header's text, trimmed.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok().map(str::trim)
    }
}

/// Why there is no answer.
#[derive(Debug, PartialEq, Eq)]
pub enum Unanswered {
    /// The two sides did not come to speak TLS: nothing was sent.
    Tls(TlsProblem, String),
    /// The request never left.
    NotSent(String),
    /// It left; no (whole) answer came in time.
    TimedOut(String),
    /// It left; the connection broke.
    Broken(String),
    /// The answer is longer than this many bytes.
    TooLarge(usize),
}

impl Unanswered {
    /// For engineers.
    #[must_use]
    pub fn detail(self) -> String {
        match self {
            Self::Tls(_, detail)
            | Self::NotSent(detail)
            | Self::TimedOut(detail)
            | Self::Broken(detail) => detail,
            Self::TooLarge(limit) => format!("more than {limit} bytes"),
        }
    }
}

/// A connection pool, bounded.
pub struct Http {
    client: reqwest::Client,
}

impl Http {
    /// For calls of `product`. `allow_loopback` also allows plain http (to loopback only: the addresses are checked
    /// before).
    ///
    /// # Errors
    /// `E_CRM_HTTP_CLIENT` (configuration) when the TLS set-up of this machine fails.
    pub fn new(product: &str, timeouts: Timeouts, allow_loopback: bool) -> Result<Self, Fault> {
        let mut builder = trust::client()
            .connect_timeout(timeouts.connect)
            .timeout(timeouts.total)
            .pool_idle_timeout(IDLE)
            // A redirect would carry the token to a host that nobody has checked.
            .redirect(reqwest::redirect::Policy::none())
            .https_only(!allow_loopback)
            .user_agent(concat!("counterpart/", env!("CARGO_PKG_VERSION")));
        if allow_loopback {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|error| {
            Fault::new(
                Class::Configuration,
                "E_CRM_HTTP_CLIENT",
                format!("The HTTP client for {product} could not be set up."),
            )
            .with_detail(chain(&error.without_url()))
        })?;
        Ok(Self { client })
    }

    pub(crate) const fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// Sends, and reads a body of at most `limit` bytes.
    ///
    /// # Errors
    /// Why there is no (whole) answer.
    pub async fn send(&self, request: RequestBuilder, limit: usize) -> Result<Reply, Unanswered> {
        let mut response = request.send().await.map_err(why)?;
        let status = response.status().as_u16();
        let headers = std::mem::take(response.headers_mut());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(why)? {
            if body.len() + chunk.len() > limit {
                return Err(Unanswered::TooLarge(limit));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Reply {
            status,
            headers,
            body: String::from_utf8(body)
                .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()),
        })
    }

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
            .client
            .post(url.clone())
            .timeout(TOKEN_TIMEOUT)
            .form(form);
        self.send(request, LONGEST_TOKEN_REPLY)
            .await
            .map_err(|why| match why {
                Unanswered::Tls(problem, detail) => crate::silence::tls(product, problem, detail),
                other => token_unavailable(product, &other.detail()),
            })
    }
}

fn why(error: reqwest::Error) -> Unanswered {
    let error = error.without_url();
    let detail = chain(&error);
    // The order matters: a connection that did not come about in time has sent nothing.
    if error.is_connect() || error.is_builder() {
        match tls_problem(&error) {
            Some(problem) => Unanswered::Tls(problem, detail),
            None => Unanswered::NotSent(detail),
        }
    } else if error.is_timeout() {
        Unanswered::TimedOut(detail)
    } else {
        Unanswered::Broken(detail)
    }
}

/// An error and its causes, outermost first.
#[must_use]
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let inner_text = inner.to_string();
        if !text.ends_with(&inner_text) {
            text.push_str(": ");
            text.push_str(&inner_text);
        }
        source = inner.source();
    }
    text
}
