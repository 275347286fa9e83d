//! What an External Client App is given. None of it is ever printed, logged or kept in a fault.
//! Pages: "OAuth 2.0 JWT Bearer Flow", "OAuth 2.0 Client Credentials Flow".

use counterpart_delivery::SecretText;
use counterpart_domain::{Class, Fault};
use counterpart_http::scrubbed;
use serde::Deserialize;

use crate::jwt;

/// The credentials of one org.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Client id, also called consumer key.
    pub client_id: SecretText,
    /// How the app proves itself.
    pub grant: Grant,
}

/// How the app proves itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grant {
    /// With a secret; it runs as the integration user that the app names.
    ClientCredentials {
        /// Client secret, also called consumer secret.
        client_secret: SecretText,
    },
    /// With an assertion that it signs; it runs as the user that the assertion names.
    JwtBearer {
        /// The integration user.
        username: SecretText,
        /// RSA, as PEM (PKCS#8 or PKCS#1).
        private_key: SecretText,
    },
}

// No Debug: it holds the texts themselves for a moment.
#[derive(Deserialize)]
struct Plain {
    client_id: String,
    client_secret: Option<String>,
    username: Option<String>,
    private_key: Option<String>,
}

impl Credentials {
    /// Reads `{"client_id":…,"client_secret":…}` or `{"client_id":…,"username":…,"private_key":…}`.
    ///
    /// # Errors
    /// `E_CRM_CREDENTIALS` (configuration) unless it is exactly one of the two, no part is empty, and the key can be
    /// used. The content is not repeated.
    pub fn from_json(json: &str) -> Result<Self, Fault> {
        // A JSON error may quote the value that it did not like: only its place is told.
        let plain: Plain = serde_json::from_str(json)
            .map_err(|e| bad(&format!("line {} column {}", e.line(), e.column())))?;
        let filled = |text: String| {
            if text.trim().is_empty() {
                Err(bad("an empty part"))
            } else {
                Ok(SecretText::new(text))
            }
        };
        let grant = match (plain.client_secret, plain.username, plain.private_key) {
            (Some(secret), None, None) => Grant::ClientCredentials {
                client_secret: filled(secret)?,
            },
            (None, Some(username), Some(key)) => {
                // Pasted through a tool that escaped the line ends.
                let private_key = filled(key.replace("\\n", "\n"))?;
                jwt::signing_key(&private_key)?;
                Grant::JwtBearer {
                    username: filled(username)?,
                    private_key,
                }
            }
            (Some(_), _, _) => return Err(bad("parts of both forms")),
            (None, _, _) => return Err(bad("a part is missing")),
        };
        Ok(Self {
            client_id: filled(plain.client_id)?,
            grant,
        })
    }

    /// Takes these credentials out of a text from outside.
    pub(crate) fn scrub(&self, text: String) -> String {
        let own = match &self.grant {
            Grant::ClientCredentials { client_secret } => [Some(client_secret), None],
            Grant::JwtBearer {
                username,
                private_key,
            } => [Some(private_key), Some(username)],
        };
        let own = own.into_iter().flatten();
        scrubbed(text, own.chain([&self.client_id]))
    }
}

fn bad(detail: &str) -> Fault {
    Fault::new(
        Class::Configuration,
        "E_CRM_CREDENTIALS",
        "The Salesforce secret is not a JSON object with the texts client_id and client_secret, or client_id, username \
         and private_key.",
    )
    .with_detail(detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_secret_is_told_without_its_content() {
        for json in [
            r#"{"client_id":"3MVG9","client_secret":""}"#,
            r#"{"client_id":"hush","client_secret":7}"#,
            r#"{"client_id":"hush"}"#,
            r#"{"client_id":"hush","username":"me@acme.example"}"#,
            r#"{"client_id":"hush","client_secret":"s","username":"me@acme.example","private_key":"k"}"#,
            r#"{"client_id":"hush","username":"me@acme.example","private_key":"hush"}"#,
            r#"{"client_secret":"hush"}"#,
            "hush",
        ] {
            let fault = Credentials::from_json(json).unwrap_err();
            assert_eq!(
                (&*fault.code, fault.class),
                ("E_CRM_CREDENTIALS", Class::Configuration)
            );
            assert!(!format!("{fault} {fault:?}").contains("hush"), "{json}");
        }
    }

    #[test]
    fn secrets_are_taken_out_of_text_from_outside_and_are_in_no_debug_text() {
        let json = r#"{"client_id":"3MVG9.ID","client_secret":"hush"}"#;
        let credentials = Credentials::from_json(json).unwrap();
        let text = "secret=hush id=3MVG9.ID".to_owned();
        assert_eq!(credentials.scrub(text), "secret=… id=…");
        assert!(!format!("{credentials:?}").contains("hush"));
    }
}
