//! Where an agent is, and how far it is trusted.

use std::time::Duration;

use counterpart_delivery::SecretText;
use counterpart_domain::{Class, Fault};
use reqwest::header::HeaderValue;
use url::{Host, Url};

use crate::transport::{AGENT, Peer};

/// How to reach one agent.
#[derive(Debug, Clone)]
pub struct AgentSettings {
    /// Base address, `https://sage.example.com` or `https://sage.example.com/agent`.
    pub base_url: String,
    /// The bearer token.
    pub token: SecretText,
    /// Certificates (PEM, one or more) of a private CA, trusted in addition to the system's.
    pub extra_root_ca: Option<String>,
    /// Lets `http://127.0.0.1:…` through, for tests and the local stack.
    pub allow_loopback: bool,
    /// The longest wait for a connection.
    pub connect_timeout: Duration,
    /// The longest wait for a whole answer, connection included.
    pub timeout: Duration,
}

impl AgentSettings {
    /// The usual settings: https only, the system's CAs, 5 seconds to connect, 30 for an answer.
    pub fn new(base_url: impl Into<String>, token: SecretText) -> Self {
        Self {
            base_url: base_url.into(),
            token,
            extra_root_ca: None,
            allow_loopback: false,
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(30),
        }
    }

    /// The base address without a slash at its end, checked.
    pub(crate) fn checked_base(&self) -> Result<String, Fault> {
        let url = checked_url(AGENT, &self.base_url, self.allow_loopback)?;
        Ok(url.as_str().trim_end_matches('/').to_owned())
    }

    pub(crate) fn authorization(&self) -> Result<HeaderValue, Fault> {
        let token = self.token.reveal();
        let header = HeaderValue::from_str(&format!("Bearer {token}"));
        match header {
            Ok(mut value) if !token.is_empty() => {
                value.set_sensitive(true);
                Ok(value)
            }
            _ => Err(Fault::new(
                Class::Configuration,
                "E_SAGE_TOKEN",
                "The agent's token is empty or holds characters that no header may hold.",
            )),
        }
    }

    pub(crate) fn build(&self) -> Result<reqwest::Client, Fault> {
        Connection {
            peer: AGENT,
            extra_root_ca: self.extra_root_ca.as_deref(),
            allow_loopback: self.allow_loopback,
            connect_timeout: self.connect_timeout,
            timeout: self.timeout,
        }
        .build()
    }
}

/// An address that may be called.
pub(crate) fn checked_url(peer: Peer, text: &str, allow_loopback: bool) -> Result<Url, Fault> {
    let noun = peer.noun;
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

/// How connections are made.
pub(crate) struct Connection<'a> {
    pub peer: Peer,
    pub extra_root_ca: Option<&'a str>,
    pub allow_loopback: bool,
    pub connect_timeout: Duration,
    pub timeout: Duration,
}

impl Connection<'_> {
    pub(crate) fn build(&self) -> Result<reqwest::Client, Fault> {
        let ca_fault = |why: String| Fault::new(Class::Configuration, "E_SAGE_CA", why);
        let client = match self.extra_root_ca {
            None => counterpart_http::client(),
            Some(pem) => counterpart_http::client_trusting(pem).map_err(|_none| {
                ca_fault("The extra root CA holds no certificate in PEM form.".into())
            })?,
        };
        let builder = client
            // A redirect could carry the credentials elsewhere.
            .redirect(reqwest::redirect::Policy::none())
            // Proxies come from configuration or not at all, never from the surroundings.
            .no_proxy()
            .https_only(!self.allow_loopback)
            // Idle connections are dropped before a frozen function can wake up with a dead one: a write on it would be
            // of unknown outcome.
            .pool_idle_timeout(Duration::from_secs(15))
            .connect_timeout(self.connect_timeout)
            .timeout(self.timeout)
            .user_agent(concat!("counterpart/", env!("CARGO_PKG_VERSION")));
        builder.build().map_err(|error| {
            ca_fault(format!(
                "The TLS settings for the {} cannot be used.",
                self.peer.noun
            ))
            .with_detail(counterpart_http::chain(&error))
        })
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(url: &str, allow_loopback: bool) -> Result<String, String> {
        let mut settings = AgentSettings::new(url, SecretText::new("t"));
        settings.allow_loopback = allow_loopback;
        settings.checked_base().map_err(|fault| fault.message)
    }

    #[test]
    fn only_https_is_taken_and_loopback_http_only_where_allowed() {
        assert_eq!(
            base("https://sage.example.com/agent/", false).unwrap(),
            "https://sage.example.com/agent"
        );
        assert!(base("http://127.0.0.1:8101", true).is_ok());
        assert!(base("http://[::1]:8101", true).is_ok());
        for refused in [
            base("http://127.0.0.1:8101", false),
            base("http://sage.example.com", true),
            base("http://127.0.0.1.example.com", true),
            base("ftp://sage.example.com", true),
            base("https://sage.example.com/?x=1", false),
            base("sage.example.com", false),
        ] {
            assert!(refused.is_err(), "{refused:?}");
        }
    }

    #[test]
    fn credentials_in_the_address_are_refused_and_not_repeated() {
        let settings =
            AgentSettings::new("https://me:hunter2@sage.example.com", SecretText::new("t"));
        let fault = settings.checked_base().unwrap_err();
        assert!(!fault.to_string().contains("hunter2"));
    }

    #[test]
    fn a_token_that_no_header_may_hold_is_a_configuration_fault() {
        for token in ["", "two\nlines"] {
            let settings = AgentSettings::new("https://sage.example.com", SecretText::new(token));
            assert_eq!(settings.authorization().unwrap_err().code, "E_SAGE_TOKEN");
        }
    }
}
