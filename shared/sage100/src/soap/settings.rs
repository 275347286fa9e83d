//! Where a SOAP service is, and whose credentials it takes.

use std::time::Duration;

use counterpart_delivery::SecretText;
use counterpart_domain::{Class, Fault};
use counterpart_http::{ClientSettings, Http, Timeouts};
use url::Url;

use crate::peer::SOAP;

/// How to reach one service.
#[derive(Debug, Clone)]
pub struct SoapSettings {
    /// The service's address with its path, without `?wsdl`.
    pub url: String,
    /// The user that is enabled for web services; a user of its own, since the service keeps objects per user.
    pub username: String,
    /// Its password.
    pub password: SecretText,
    /// Certificates (PEM, one or more) of a private CA, trusted in addition to the system's.
    pub extra_root_ca: Option<String>,
    /// Lets `http://127.0.0.1:…` through, for tests and the local stack.
    pub allow_loopback: bool,
    /// The longest wait for a connection.
    pub connect_timeout: Duration,
    /// The longest wait for a whole answer, connection included.
    pub timeout: Duration,
    /// How faults are told apart that have no code of their own.
    pub texts: FaultTexts,
}

/// Texts by which faults are told apart, in any case, as parts of what the service says.
///
/// The usual ones are unverified: no text of a locked record is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultTexts {
    /// Another user has the record.
    pub locked: Vec<String>,
    /// No licence or session is free.
    pub busy: Vec<String>,
}

impl Default for FaultTexts {
    fn default() -> Self {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Self {
            locked: texts(&[
                "in use by another",
                "in use by user",
                "record is in use",
                "locked by",
                "is locked",
            ]),
            busy: texts(&[
                "maximum number of users",
                "user limit",
                "no license",
                "no licence",
                "exclusive use",
            ]),
        }
    }
}

impl SoapSettings {
    /// The usual settings: https only, the system's CAs, 5 seconds to connect, 60 for an answer: an order of many lines
    /// is validated column by column.
    pub fn new(url: impl Into<String>, username: impl Into<String>, password: SecretText) -> Self {
        Self {
            url: url.into(),
            username: username.into(),
            password,
            extra_root_ca: None,
            allow_loopback: false,
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(60),
            texts: FaultTexts::default(),
        }
    }

    pub(super) fn checked(&self) -> Result<Url, Fault> {
        if self.username.is_empty() || self.password.reveal().is_empty() {
            return Err(Fault::new(
                Class::Configuration,
                "E_SAGE_CREDENTIALS",
                "The SOAP service's user name or password is empty: put both into its secret.",
            ));
        }
        SOAP.checked_url(&self.url, self.allow_loopback)
    }

    pub(super) fn connect(&self) -> Result<Http, Fault> {
        SOAP.connect(&ClientSettings {
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
