//! The agent of a company.

use counterpart_aws::SystemClock;
use counterpart_delivery::SecretText;
use counterpart_domain::{Class, Fault};
use counterpart_sage100::{AgentClient, AgentSettings};
use serde::Deserialize;

/// The content of an agent's secret: `{"token": "…"}`, and `"ca"` with the root certificate (PEM) of a private CA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentSecret {
    /// The bearer token.
    pub token: SecretText,
    /// The certificates of a private CA.
    pub ca: Option<String>,
}

// No Debug: it holds the token itself for a moment.
#[derive(Deserialize)]
struct Plain {
    token: String,
    #[serde(default)]
    ca: Option<String>,
}

impl AgentSecret {
    /// Reads it.
    ///
    /// # Errors
    /// `E_SAGE_SECRET` (configuration); the content is not repeated.
    pub fn read(secret: &SecretText) -> Result<Self, Fault> {
        let plain: Plain = serde_json::from_str(secret.reveal()).map_err(|error| {
            Fault::new(
                Class::Configuration,
                "E_SAGE_SECRET",
                "The agent's secret is not a JSON object with the text token.",
            )
            // The error itself may quote what it did not like.
            .with_detail(format_args!(
                "line {} column {}",
                error.line(),
                error.column()
            ))
        })?;
        Ok(Self {
            token: SecretText::new(plain.token.trim()),
            ca: plain.ca.filter(|ca| !ca.trim().is_empty()),
        })
    }
}

/// A client for an agent.
pub(crate) fn client(
    url: &str,
    secret: &SecretText,
    allow_loopback: bool,
) -> Result<AgentClient<SystemClock>, Fault> {
    let secret = AgentSecret::read(secret)?;
    let mut settings = AgentSettings::new(url, secret.token);
    settings.extra_root_ca = secret.ca;
    settings.allow_loopback = allow_loopback;
    AgentClient::new(&settings, SystemClock)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_cannot_be_read_is_not_repeated() {
        let read = |text: &str| AgentSecret::read(&SecretText::new(text));
        assert_eq!(read(r#"{"token":" t0p "}"#).unwrap().token.reveal(), "t0p");
        for bad in [
            "hush",
            r#""hush""#,
            r#"{"tokn":"hush"}"#,
            r#"{"token":["hush"]}"#,
        ] {
            let fault = read(bad).unwrap_err();
            assert_eq!(fault.code, "E_SAGE_SECRET");
            assert!(!format!("{fault:?}").contains("hush"), "{fault:?}");
        }
        assert!(!format!("{:?}", read(r#"{"token":"hush"}"#).unwrap()).contains("hush"));
    }
}
