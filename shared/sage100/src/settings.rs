//! Where an agent is, and how far it is trusted.

use std::time::Duration;

use counterpart_delivery::SecretText;
use counterpart_domain::{Class, Fault};
use counterpart_http::{ClientSettings, Http, Timeouts};
use reqwest::header::HeaderValue;

use crate::peer::AGENT;

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
        let url = AGENT.checked_url(&self.base_url, self.allow_loopback)?;
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

    pub(crate) fn connect(&self) -> Result<Http, Fault> {
        AGENT.connect(&ClientSettings {
            timeouts: Timeouts {
                connect: self.connect_timeout,
                total: self.timeout,
            },
            allow_loopback: self.allow_loopback,
            environment_proxy: false,
            extra_root_ca: self.extra_root_ca.as_deref(),
        })
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
