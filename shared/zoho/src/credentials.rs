//! What a self client is given by Zoho's API console. None of it is ever printed, logged or kept in a fault.

use counterpart_delivery::SecretText;
use counterpart_domain::{Class, Fault};
use counterpart_http::scrubbed;
use serde::Deserialize;

/// The credentials of one org: a self client and a refresh token with the scopes that the product needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Client id.
    pub client_id: SecretText,
    /// Client secret.
    pub client_secret: SecretText,
    /// Refresh token; it has no expiry of its own.
    pub refresh_token: SecretText,
}

// No Debug: it holds the texts themselves for a moment.
#[derive(Deserialize)]
struct Plain {
    client_id: String,
    client_secret: String,
    refresh_token: String,
}

impl Credentials {
    /// Reads `{"client_id":…,"client_secret":…,"refresh_token":…}`.
    ///
    /// # Errors
    /// `E_CRM_CREDENTIALS` (configuration) when a part is missing, empty or no text. The content is not repeated.
    pub fn from_json(json: &str) -> Result<Self, Fault> {
        let bad = |detail: String| {
            Fault::new(
                Class::Configuration,
                "E_CRM_CREDENTIALS",
                "The Zoho secret is not a JSON object with the texts client_id, client_secret and refresh_token.",
            )
            .with_detail(detail)
        };
        // A JSON error may quote the value that it did not like: only its place is told.
        let plain: Plain = serde_json::from_str(json)
            .map_err(|e| bad(format!("line {} column {}", e.line(), e.column())))?;
        let parts = [&plain.client_id, &plain.client_secret, &plain.refresh_token];
        if parts.iter().any(|part| part.trim().is_empty()) {
            return Err(bad("an empty part".to_owned()));
        }
        Ok(Self {
            client_id: SecretText::new(plain.client_id),
            client_secret: SecretText::new(plain.client_secret),
            refresh_token: SecretText::new(plain.refresh_token),
        })
    }

    /// Takes these credentials out of a text from outside.
    pub(crate) fn scrub(&self, text: String) -> String {
        let own = [&self.client_secret, &self.refresh_token, &self.client_id];
        scrubbed(text, own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_secret_is_told_without_its_content() {
        for json in [
            r#"{"client_id":"1000.ID","client_secret":"hush","refresh_token":""}"#,
            r#"{"client_id":"1000.ID","client_secret":"hush","refresh_token":7}"#,
            r#""hush""#,
            "hush",
        ] {
            let fault = Credentials::from_json(json).unwrap_err();
            assert_eq!(fault.code, "E_CRM_CREDENTIALS");
            assert!(!format!("{fault} {fault:?}").contains("hush"), "{json}");
        }
    }

    #[test]
    fn secrets_are_taken_out_of_text_from_outside() {
        let credentials = Credentials::from_json(
            r#"{"client_id":"1000.ID","client_secret":"hush","refresh_token":"1000.rt"}"#,
        )
        .unwrap();
        let text = "secret=hush id=1000.ID rt=1000.rt".to_owned();
        assert_eq!(credentials.scrub(text), "secret=… id=… rt=…");
        assert!(!format!("{credentials:?}").contains("hush"));
    }
}
