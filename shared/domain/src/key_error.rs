//! Texts that are no keys.

use std::borrow::Cow;

/// A text that is no key, with the reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a {what}: {why}")]
pub struct KeyError {
    text: String,
    what: &'static str,
    why: Cow<'static, str>,
}

impl KeyError {
    pub(crate) fn new(text: &str, what: &'static str, why: impl Into<Cow<'static, str>>) -> Self {
        Self {
            text: crate::bounded(text.to_owned(), 80),
            what,
            why: why.into(),
        }
    }
}
