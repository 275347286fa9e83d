//! Texts from outside: on one line, bounded, without secrets.

use counterpart_delivery::SecretText;
use counterpart_domain::bounded;

/// A text from outside on one line, at most `longest` characters of it.
#[must_use]
pub fn line(text: &str, longest: usize) -> String {
    let line: String = text
        .chars()
        .take(longest.saturating_mul(2))
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    bounded(line.trim().to_owned(), longest)
}

/// The beginning of a text from outside, on one line.
#[must_use]
pub fn opening(text: &str) -> String {
    line(text, 120)
}

/// Takes secrets out of a text from outside.
#[must_use]
pub fn scrubbed<'a>(mut text: String, secrets: impl IntoIterator<Item = &'a SecretText>) -> String {
    for secret in secrets {
        let secret = secret.reveal();
        if !secret.is_empty() && text.contains(secret) {
            text = text.replace(secret, "…");
        }
    }
    text
}
