//! What callers have to know: the secret `<target>-hook`.

use counterpart_domain::{Class, Fault, TargetName};
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;

use crate::SecretText;

/// The secret of one target. Path and tokens that are not given follow from the key, each by itself: who knows one of them
/// learns nothing of the others. Without a key, what is missing closes the routes that need it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HookSecret {
    /// The last segment of the paths of notifications, workflow webhooks and Outbound Messages.
    pub path: Option<SecretText>,
    /// The key of signed callouts.
    pub hmac_key: Option<SecretText>,
    /// What workflow webhooks carry in the header `X-Counterpart-Token`.
    pub webhook_token: Option<SecretText>,
    /// What Zoho's notifications carry in their body; at most 50 characters.
    pub channel_token: Option<SecretText>,
}

/// The longest token that Zoho takes for a channel, in characters.
pub const LONGEST_CHANNEL_TOKEN: usize = 50;

#[derive(Deserialize)]
struct Wire {
    path: Option<String>,
    hmac_key: Option<String>,
    webhook_token: Option<String>,
    channel_token: Option<String>,
}

impl HookSecret {
    /// Reads the secret's text: `{"path", "hmac_key", "webhook_token", "channel_token"}`, each where it is used.
    ///
    /// # Errors
    /// `E_HOOK_SECRET` (class configuration); it tells a position, never the content.
    pub fn read(text: &str) -> Result<Self, Fault> {
        let wire: Wire = serde_json::from_str(text).map_err(|error| {
            Fault::new(
                Class::Configuration,
                "E_HOOK_SECRET",
                "The hook's secret is not {\"path\", \"hmac_key\", \"webhook_token\", \"channel_token\"}, each a text.",
            )
            .with_detail(format_args!("line {}, column {}", error.line(), error.column()))
        })?;
        let secret = |text: Option<String>| {
            text.filter(|text| !text.trim().is_empty())
                .map(SecretText::new)
        };
        let hmac_key = secret(wire.hmac_key);
        let or_derived = |given: Option<String>, name: &str| {
            secret(given).or_else(|| derived(hmac_key.as_ref()?, name))
        };
        Ok(Self {
            path: or_derived(wire.path, "path"),
            webhook_token: or_derived(wire.webhook_token, "webhook_token"),
            channel_token: or_derived(wire.channel_token, "channel_token"),
            hmac_key,
        })
    }
}

/// 40 hex digits that follow from the key and say nothing of it.
fn derived(key: &SecretText, name: &str) -> Option<SecretText> {
    let mac = Hmac::<Sha256>::new_from_slice(key.reveal().as_bytes()).ok()?;
    let mac = mac.chain_update(format!("counterpart/{name}")).finalize();
    let digits = mac.into_bytes().into_iter().take(20);
    Some(SecretText::new(
        digits.map(|byte| format!("{byte:02x}")).collect::<String>(),
    ))
}

/// Where the secrets come from.
pub trait HookSecrets {
    /// The secret of a target of the configuration.
    ///
    /// # Errors
    /// When it cannot be read, or is none ([`HookSecret::read`]).
    async fn hook(&self, target: &TargetName) -> Result<HookSecret, Fault>;
}

/// Whether a text from outside is the secret, if there is one. The work is the same where there is none.
pub(super) fn matches(secret: Option<&SecretText>, text: &str) -> bool {
    match secret {
        Some(secret) => secret.is(text),
        None => SecretText::new("").is(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_members_are_missing_and_a_fault_tells_no_content() {
        let secret = HookSecret::read(r#"{"path":"p","hmac_key":" ","other":1}"#).unwrap();
        assert_eq!(secret.path, Some(SecretText::new("p")));
        assert_eq!((secret.hmac_key, secret.webhook_token), (None, None));
        let fault = HookSecret::read(r#"{"path": ["hush"]}"#).unwrap_err();
        assert_eq!(fault.code, "E_HOOK_SECRET");
        assert!(!fault.to_string().contains("hush"), "{fault}");
    }

    #[test]
    fn what_is_not_given_follows_from_the_key_each_by_itself() {
        let secret = HookSecret::read(r#"{"hmac_key":"k","webhook_token":"given"}"#).unwrap();
        let text = |secret: &Option<SecretText>| secret.as_ref().unwrap().reveal().to_owned();
        assert_eq!(text(&secret.webhook_token), "given");
        let (path, token) = (text(&secret.path), text(&secret.channel_token));
        assert_eq!((path.len(), token.len()), (40, 40));
        assert_ne!(path, token);
        let other = HookSecret::read(r#"{"hmac_key":"other"}"#).unwrap();
        assert_ne!(text(&other.path), path);
        assert_eq!(HookSecret::read("{}").unwrap(), HookSecret::default());
    }

    #[test]
    fn a_missing_secret_lets_nobody_in() {
        assert!(matches(Some(&SecretText::new("p")), "p"));
        assert!(!matches(None, ""));
        assert!(!matches(None, "p"));
    }
}
