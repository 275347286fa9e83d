//! One thing that was tried, and what was found.

use std::time::{Duration, Instant};

use counterpart_domain::Fault;
use serde_json::{Value, json};

use crate::within::within;
use crate::words::in_words;

/// The longest that one probe may take.
pub(super) const LONGEST: Duration = Duration::from_secs(15);
/// Clocks that differ by more than this are worth a word: a signed token lives for minutes.
pub(super) const MOST_SKEW_SECONDS: i64 = 30;

/// How it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// As it should be.
    Well,
    /// It works, but look at it.
    Doubtful,
    /// It does not work.
    Failed,
    /// Not tried, because something before it failed.
    Skipped,
}

impl State {
    /// As it is printed where no sign can be.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Well => "ok",
            Self::Doubtful => "warn",
            Self::Failed => "FAIL",
            Self::Skipped => "skip",
        }
    }
}

/// One thing that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// `aws`, `sage`, `crm`.
    pub area: &'static str,
    /// The table, the company, the target.
    pub subject: String,
    /// What was tried.
    pub check: String,
    /// How it went.
    pub state: State,
    /// The fault's code; empty when there was none.
    pub code: String,
    /// What was found, in one sentence.
    pub found: String,
    /// What helps; may be empty.
    pub remedy: String,
    /// How long it took.
    pub took: Duration,
}

impl Probe {
    /// For programs.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({"area": self.area, "subject": self.subject, "check": self.check, "state": self.state.name().to_lowercase(),
               "code": self.code, "found": self.found, "remedy": self.remedy,
               "ms": u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX)})
    }
}

/// What a probe that worked found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    Well(String),
    /// A word of warning, and what helps.
    Doubtful(String, String),
    /// It answered, but wrongly: a code, what was found, and what helps.
    Wrong(&'static str, String, String),
}

/// Whom the probes of one part concern.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    pub(super) area: &'static str,
    pub(super) name: String,
}

impl Subject {
    pub(super) fn new(area: &'static str, name: impl ToString) -> Self {
        Self {
            area,
            name: name.to_string(),
        }
    }

    /// Tries something, within bounds.
    pub(super) async fn probe(
        &self,
        check: impl Into<String>,
        work: impl Future<Output = Result<Found, Fault>>,
    ) -> Probe {
        let started = Instant::now();
        let outcome = within(LONGEST, work).await;
        let mut probe = self.blank(check);
        probe.took = started.elapsed();
        match outcome {
            Ok(Found::Well(found)) => probe.found = found,
            Ok(Found::Doubtful(found, remedy)) => {
                (probe.state, probe.found, probe.remedy) = (State::Doubtful, found, remedy);
            }
            Ok(Found::Wrong(code, found, remedy)) => {
                (probe.state, probe.found, probe.remedy) = (State::Failed, found, remedy);
                probe.code = code.into();
            }
            Err(fault) => {
                probe = Probe {
                    took: probe.took,
                    ..self.failed(probe.check, &fault)
                }
            }
        }
        probe
    }

    /// Something that failed.
    pub(super) fn failed(&self, check: impl Into<String>, fault: &Fault) -> Probe {
        Probe {
            state: State::Failed,
            code: fault.code.to_string(),
            found: in_words(fault),
            remedy: remedy(fault),
            ..self.blank(check)
        }
    }

    /// Something that is not tried.
    pub(super) fn skipped(&self, check: impl Into<String>, why: &str) -> Probe {
        let mut probe = self.blank(check);
        (probe.state, probe.found) = (State::Skipped, why.to_owned());
        probe
    }

    fn blank(&self, check: impl Into<String>) -> Probe {
        Probe {
            area: self.area,
            subject: self.name.clone(),
            check: check.into(),
            state: State::Well,
            code: String::new(),
            found: String::new(),
            remedy: String::new(),
            took: Duration::ZERO,
        }
    }
}

/// The sentences of faults say what to do; beside them stands what they leave out.
fn remedy(fault: &Fault) -> String {
    if fault.code == "E_CRM_SCOPE" {
        let scopes = counterpart_runtime::scopes().into_iter();
        let scopes = scopes.map(|(product, names)| format!("In {product} the scopes are {names}."));
        return scopes.collect::<Vec<_>>().join(" ");
    }
    if fault.is_retryable() {
        return "It may pass by itself: try again in a minute.".into();
    }
    fault.detail.clone()
}
