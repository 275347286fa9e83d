//! Sending, bounded: in time, in size, and to the host that was asked only.

use std::error::Error;
use std::time::Duration;

use counterpart_domain::{Class, Fault};
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::header::HeaderMap;
use reqwest::{IntoUrl, Method, RequestBuilder};

use crate::tls::{TlsProblem, tls_problem};
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

/// The answer to one request, read to its end: as text, or as the bytes that came.
#[derive(Debug, Clone, Default)]
pub struct Reply<B = String> {
    /// HTTP status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: B,
}

impl<B> Reply<B> {
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

/// Why there is no whole answer.
#[derive(Debug, PartialEq, Eq)]
pub struct Unanswered {
    /// How far it came.
    pub how: Silence,
    /// The TLS problem behind it, where there is one.
    pub tls: Option<TlsProblem>,
    /// For engineers.
    pub detail: String,
}

/// How far a call came that was not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// No connection came about: the request never left.
    Unreachable,
    /// No connection came about in time: the request never left.
    ConnectTimedOut,
    /// It left; no whole answer came in time.
    TimedOut,
    /// It left; the connection broke.
    Broken,
    /// The answer is longer than is read.
    TooLong,
}

impl Unanswered {
    /// Whether the request may have had an effect.
    #[must_use]
    pub const fn was_sent(&self) -> bool {
        !matches!(self.how, Silence::Unreachable | Silence::ConnectTimedOut)
    }

    fn of(error: reqwest::Error) -> Self {
        // The address is in the configuration; it need not be in every message.
        let error = error.without_url();
        // The order matters: a connection that did not come about in time has sent nothing.
        let how = if error.is_connect() || error.is_builder() {
            if error.is_timeout() {
                Silence::ConnectTimedOut
            } else {
                Silence::Unreachable
            }
        } else if error.is_timeout() {
            Silence::TimedOut
        } else {
            Silence::Broken
        };
        Self {
            how,
            tls: tls_problem(&error),
            detail: chain(&error),
        }
    }
}

/// How connections are made.
#[derive(Debug, Clone, Copy)]
pub struct ClientSettings<'a> {
    /// How long a call may take.
    pub timeouts: Timeouts,
    /// Whether plain http is let through; to loopback only: the addresses are checked before.
    pub allow_loopback: bool,
    /// Whether a proxy that the environment names is used.
    pub environment_proxy: bool,
    /// Certificates (PEM, one or more) of a private CA, trusted in addition to the system's.
    pub extra_root_ca: Option<&'a str>,
}

/// Why there is no client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoClient {
    /// The private CA is no certificate in PEM form.
    NoCertificate,
    /// The TLS set-up of this machine fails; for engineers.
    SetUp(String),
}

/// A connection pool, bounded. Clones share it.
#[derive(Debug, Clone)]
pub struct Http {
    client: reqwest::Client,
}

impl Http {
    /// One with these settings.
    ///
    /// # Errors
    /// When the CA cannot be read, or TLS not be set up.
    pub fn with(settings: &ClientSettings<'_>) -> Result<Self, NoClient> {
        let client = match settings.extra_root_ca {
            None => trust::client(),
            Some(pem) => trust::client_trusting(pem).map_err(|_none| NoClient::NoCertificate)?,
        };
        let mut builder = client
            .connect_timeout(settings.timeouts.connect)
            .timeout(settings.timeouts.total)
            .https_only(!settings.allow_loopback)
            .user_agent(concat!("counterpart/", env!("CARGO_PKG_VERSION")));
        if !settings.environment_proxy {
            builder = builder.no_proxy();
        }
        let client = builder
            .build()
            .map_err(|error| NoClient::SetUp(chain(&error.without_url())))?;
        Ok(Self { client })
    }

    /// For calls of `product`. `allow_loopback` also allows plain http (to loopback only: the addresses are checked
    /// before).
    ///
    /// # Errors
    /// `E_CRM_HTTP_CLIENT` (configuration) when the TLS set-up of this machine fails.
    pub fn new(product: &str, timeouts: Timeouts, allow_loopback: bool) -> Result<Self, Fault> {
        let settings = ClientSettings {
            timeouts,
            allow_loopback,
            environment_proxy: !allow_loopback,
            extra_root_ca: None,
        };
        Self::with(&settings).map_err(|why| {
            let detail = match why {
                NoClient::NoCertificate => String::new(),
                NoClient::SetUp(detail) => detail,
            };
            Fault::new(
                Class::Configuration,
                "E_CRM_HTTP_CLIENT",
                format!("The HTTP client for {product} could not be set up."),
            )
            .with_detail(detail)
        })
    }

    /// A request, to be completed and sent.
    pub fn request(&self, method: Method, url: impl IntoUrl) -> RequestBuilder {
        self.client.request(method, url)
    }

    /// Sends, and reads a body of at most `limit` bytes, whatever its header says.
    ///
    /// # Errors
    /// Why there is no (whole) answer.
    pub async fn fetch(
        &self,
        request: RequestBuilder,
        limit: usize,
    ) -> Result<Reply<Vec<u8>>, Unanswered> {
        let mut response = request.send().await.map_err(Unanswered::of)?;
        let status = response.status().as_u16();
        let headers = std::mem::take(response.headers_mut());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(Unanswered::of)? {
            if body.len() + chunk.len() > limit {
                return Err(Unanswered {
                    how: Silence::TooLong,
                    tls: None,
                    detail: format!("more than {limit} bytes"),
                });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Reply {
            status,
            headers,
            body,
        })
    }

    /// The same with the body as text.
    ///
    /// # Errors
    /// Why there is no (whole) answer.
    pub async fn send(&self, request: RequestBuilder, limit: usize) -> Result<Reply, Unanswered> {
        let reply = self.fetch(request, limit).await?;
        Ok(Reply {
            status: reply.status,
            headers: reply.headers,
            body: String::from_utf8(reply.body)
                .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()),
        })
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
