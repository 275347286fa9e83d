//! The two servers of Sage 100's side: what an address may be, how a connection comes about, and what its silence means.

use counterpart_domain::{Class, Fault};
use counterpart_http::{ClientSettings, Http, NoClient, Server, Silence, Unanswered, is_loopback};
use url::Url;

/// Who is called, in words.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer {
    /// `agent`.
    pub noun: &'static str,
    /// The setting that holds its address.
    pub setting: &'static str,
    /// The code of an outage.
    pub down: &'static str,
}

pub(crate) const AGENT: Peer = Peer {
    noun: "agent",
    setting: "agent_url",
    down: "E_SAGE_DOWN",
};

pub(crate) const SOAP: Peer = Peer {
    noun: "SOAP service",
    setting: "the SOAP service's url",
    down: "E_SAGE_UNAVAILABLE",
};

impl Peer {
    /// An address that may be called.
    pub(crate) fn checked_url(self, text: &str, allow_loopback: bool) -> Result<Url, Fault> {
        let noun = self.noun;
        let fault = |why: String| Fault::new(Class::Configuration, "E_SAGE_URL", why);
        let refuse = |why: &str| {
            Err(fault(format!("The {noun}'s address cannot be used: {why}.")).with_detail(text))
        };
        let Ok(url) = Url::parse(text) else {
            return Err(fault(format!(
                "The {noun}'s address is not a URL; https://HOST is wanted."
            )));
        };
        if !url.username().is_empty() || url.password().is_some() {
            // The detail would repeat the credentials.
            return Err(fault(format!(
                "The {noun}'s address holds credentials; they belong into the secret."
            )));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return refuse("it has a query or a fragment");
        }
        match url.scheme() {
            "https" => Ok(url),
            "http" if !is_loopback(&url) => refuse("https is wanted"),
            "http" if !allow_loopback => refuse("plain http to this machine is not allowed here"),
            "http" => Ok(url),
            _ => refuse("https is wanted"),
        }
    }

    /// A connection pool. Proxies come from configuration or not at all, never from the surroundings.
    ///
    /// # Errors
    /// `E_SAGE_CA` (configuration).
    pub(crate) fn connect(self, settings: &ClientSettings<'_>) -> Result<Http, Fault> {
        Http::with(settings).map_err(|why| {
            let (message, detail) = match why {
                NoClient::NoCertificate => (
                    "The extra root CA holds no certificate in PEM form.".to_owned(),
                    String::new(),
                ),
                NoClient::SetUp(detail) => (
                    format!("The TLS settings for the {} cannot be used.", self.noun),
                    detail,
                ),
            };
            Fault::new(Class::Configuration, "E_SAGE_CA", message).with_detail(detail)
        })
    }

    /// The fault for a call that writes nothing, or was never sent, and got no answer.
    pub(crate) fn silent(self, why: Unanswered) -> Fault {
        let noun = self.noun;
        if let Some(problem) = why.tls {
            let message = problem.sentence(Server::Own {
                noun,
                setting: self.setting,
                side: "Sage 100",
            });
            return Fault::new(Class::Configuration, "E_SAGE_TLS", message).with_detail(why.detail);
        }
        let message = match why.how {
            Silence::ConnectTimedOut => {
                format!("The Sage 100 {noun} does not answer: the connection timed out.")
            }
            Silence::TimedOut => format!("The Sage 100 {noun} did not answer in time."),
            Silence::Unreachable => format!(
                "The Sage 100 {noun} cannot be reached: host name, port, firewall, or it is down."
            ),
            Silence::Broken => format!("The connection to the Sage 100 {noun} broke off."),
            Silence::TooLong => format!("The answer of the Sage 100 {noun} is too long."),
        };
        Fault::new(Class::Transient, self.down, message).with_detail(why.detail)
    }
}
