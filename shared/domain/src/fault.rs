//! What went wrong, said once: for the machine (class, code), for operations (message), for engineers (detail).

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How a fault is to be treated. The class decides what happens to the work; the code says why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Passes by itself: an outage, a lost connection, a lock. The work is handed back.
    Transient,
    /// The other side asked for patience, perhaps until a named instant.
    Throttled,
    /// Nobody knows whether the effect happened. Looked up before it is tried again.
    Ambiguous,
    /// This record, as it is, will never be accepted. Parked for a person.
    Data,
    /// Configuration, credentials or permissions. Nothing of this kind gets through until somebody mends it.
    Configuration,
    /// Our own mistake.
    Bug,
}

impl Class {
    /// Whether the same work may succeed later without anybody changing anything.
    #[must_use]
    pub const fn is_retryable(self) -> bool {
        match self {
            Self::Transient | Self::Throttled | Self::Ambiguous => true,
            Self::Data | Self::Configuration | Self::Bug => false,
        }
    }
}

/// A classed error. `code` is stable (`E_…`) and may be searched for; `message` is a sentence for operations;
/// `detail` is for engineers. Neither may hold a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// How to treat it.
    pub class: Class,
    /// Stable code, `E_` and upper case.
    pub code: Cow<'static, str>,
    /// One sentence that a person in operations can act on.
    pub message: String,
    /// What an engineer needs: statuses, fields, positions. Bounded.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// For throttling: not before this instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
}

/// The longest message or detail that is kept, in characters.
const LONGEST_TEXT: usize = 1000;

impl Fault {
    /// A fault of `class` with a stable `code` and a sentence.
    pub fn new(
        class: Class,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            class,
            code: code.into(),
            message: bounded(message.into(), LONGEST_TEXT),
            detail: String::new(),
            not_before: None,
        }
    }

    /// Adds what an engineer needs.
    #[must_use]
    pub fn with_detail(mut self, detail: impl fmt::Display) -> Self {
        self.detail = bounded(detail.to_string(), LONGEST_TEXT);
        self
    }

    /// Names the instant before which a retry is pointless.
    #[must_use]
    pub const fn until(mut self, not_before: Timestamp) -> Self {
        self.not_before = Some(not_before);
        self
    }

    /// See [`Class::is_retryable`].
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        self.class.is_retryable()
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)?;
        if !self.detail.is_empty() {
            write!(f, " ({})", self.detail)?;
        }
        Ok(())
    }
}

impl std::error::Error for Fault {}

/// Cuts `text` to at most `longest` characters, marking the cut. Text from outside is bounded before it is kept.
#[must_use]
pub fn bounded(text: String, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        None => text,
        Some(_) => {
            let mut cut: String = text.chars().take(longest.saturating_sub(1)).collect();
            cut.push('…');
            cut
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_at_characters_not_bytes() {
        assert_eq!(bounded("ÑÑÑÑ".into(), 3), "ÑÑ…");
        assert_eq!(bounded("ÑÑÑ".into(), 3), "ÑÑÑ");
    }

    #[test]
    fn a_fault_reads_as_code_sentence_and_detail() {
        let fault = Fault::new(
            Class::Data,
            "E_CRM_INVALID_DATA",
            "Zoho refused Account_Name.",
        )
        .with_detail("row 3");
        assert_eq!(
            fault.to_string(),
            "E_CRM_INVALID_DATA: Zoho refused Account_Name. (row 3)"
        );
    }
}
