//! Text that must not be seen.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A secret: it neither prints nor serialises. [`SecretText::reveal`] is the one way out.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(String);

impl SecretText {
    /// Wraps a secret.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The secret itself, for the one place that needs it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether a text from outside is this secret, in a time that does not tell how much of it was right. Nothing is an
    /// empty secret.
    #[must_use]
    pub fn is(&self, text: &str) -> bool {
        // Both are hashed with a key before they are compared: where they first differ says nothing then.
        let hashed = |text: &str| {
            Hmac::<Sha256>::new_from_slice(self.0.as_bytes()).map(|mac| mac.chain_update(text))
        };
        match (hashed(text), hashed(&self.0)) {
            (Ok(given), Ok(own)) => {
                given.verify_slice(&own.finalize().into_bytes()).is_ok() && !self.0.is_empty()
            }
            _ => false,
        }
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_secret_itself_is_it() {
        let secret = SecretText::new("hush");
        assert!(secret.is("hush"));
        for other in ["", "hus", "hush ", "HUSH", "hushhush"] {
            assert!(!secret.is(other), "{other:?}");
        }
        assert!(!SecretText::new("").is(""));
    }
}
