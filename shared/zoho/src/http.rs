//! Sending, bounded: in time, in size, and to the host that was asked only.

use std::time::Duration;

use counterpart_domain::{Class, Fault};
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::RequestBuilder;
use reqwest::header::DATE;

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

/// The answer to one request, read to its end.
pub(crate) struct Reply {
    /// HTTP status.
    pub status: u16,
    /// `X-API-CREDITS-REMAINING`; Zoho sends it only once half of the day's credits are used.
    pub credits_remaining: Option<u64>,
    /// The server's clock, by its `Date` header.
    pub date: Option<Timestamp>,
    /// The body.
    pub body: String,
}

impl Reply {
    /// 2xx.
    pub(crate) const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }
}

/// Why there is no answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unanswered {
    /// The request never left.
    NotSent(String),
    /// It left; no (whole) answer came in time.
    TimedOut(String),
    /// It left; the connection broke.
    Broken(String),
    /// The answer is longer than this many bytes.
    TooLarge(usize),
}

pub(crate) struct Http {
    client: reqwest::Client,
}

impl Http {
    /// `allow_loopback` also allows plain http (to loopback only: the addresses are checked before).
    pub(crate) fn new(timeouts: Timeouts, allow_loopback: bool) -> Result<Self, Fault> {
        let mut builder = reqwest::Client::builder()
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
                "The HTTP client for Zoho could not be set up.",
            )
            .with_detail(explain(error))
        })?;
        Ok(Self { client })
    }

    pub(crate) const fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// Sends, and reads a body of at most `limit` bytes.
    pub(crate) async fn send(
        &self,
        request: RequestBuilder,
        limit: usize,
    ) -> Result<Reply, Unanswered> {
        let mut response = request.send().await.map_err(unanswered)?;
        let status = response.status().as_u16();
        let credits_remaining = response
            .headers()
            .get("X-API-CREDITS-REMAINING")
            .and_then(|value| value.to_str().ok())
            .and_then(|text| text.trim().parse().ok());
        let date = response
            .headers()
            .get(DATE)
            .and_then(|value| value.to_str().ok())
            .and_then(|text| rfc2822::parse(text).ok())
            .map(|date| date.timestamp());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unanswered)? {
            if body.len() + chunk.len() > limit {
                return Err(Unanswered::TooLarge(limit));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Reply {
            status,
            credits_remaining,
            date,
            body: String::from_utf8(body)
                .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()),
        })
    }
}

fn unanswered(error: reqwest::Error) -> Unanswered {
    // The order matters: a connection that did not come about in time has sent nothing.
    if error.is_connect() || error.is_builder() {
        Unanswered::NotSent(explain(error))
    } else if error.is_timeout() {
        Unanswered::TimedOut(explain(error))
    } else {
        Unanswered::Broken(explain(error))
    }
}

/// The error and its causes, without the address.
fn explain(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
