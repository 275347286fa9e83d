//! What a check against the living systems found.

use counterpart_config::SyncConfig;
use counterpart_domain::bounded;
use serde_json::{Value, json};

/// What a problem does to a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Records would be refused, lost or written to the wrong place: it stops a push.
    Mistake,
    /// A system did not answer, so nobody knows: it stops a push that does not say `--unchecked`.
    Unchecked,
    /// Some records may be refused or changed: it stops nothing.
    Warning,
}

impl Severity {
    /// As it is printed.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mistake => "mistake",
            Self::Unchecked => "unchecked",
            Self::Warning => "warning",
        }
    }
}

/// One thing that is wrong, or that could not be looked at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The line in sync.toml, counted from 1.
    pub line: usize,
    /// Where in the file.
    pub path: String,
    /// What it does to a push.
    pub severity: Severity,
    /// Stable, `E_CHECK_…`.
    pub code: &'static str,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

impl Problem {
    /// For programs.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({"severity": self.severity.name(), "code": self.code, "line": self.line, "path": self.path,
               "message": self.message, "remedy": self.remedy})
    }
}

/// Collects problems, and knows their lines.
pub(super) struct Report<'t> {
    text: &'t str,
    found: Vec<Problem>,
}

impl<'t> Report<'t> {
    pub(super) const fn new(text: &'t str) -> Self {
        Self {
            text,
            found: Vec::new(),
        }
    }

    pub(super) fn add(
        &mut self,
        severity: Severity,
        code: &'static str,
        path: &str,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.found.push(Problem {
            line: SyncConfig::line_of(self.text, path),
            path: path.to_owned(),
            severity,
            code,
            // Names come from CRMs and agents.
            message: bounded(message.into(), 400),
            remedy: bounded(remedy.into(), 400),
        });
    }

    pub(super) fn mistake(
        &mut self,
        code: &'static str,
        path: &str,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.add(Severity::Mistake, code, path, message, remedy);
    }

    pub(super) fn warning(
        &mut self,
        code: &'static str,
        path: &str,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.add(Severity::Warning, code, path, message, remedy);
    }

    /// In the order of the file.
    pub(super) fn into_sorted(mut self) -> Vec<Problem> {
        self.found.sort();
        self.found.dedup();
        self.found
    }
}
