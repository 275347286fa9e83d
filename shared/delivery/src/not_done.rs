//! Work that goes back to its queue.

use counterpart_domain::{Class, Fault};
use jiff::{SignedDuration, Timestamp};

/// A message that is not done: why, and when it is worth another look.
pub(crate) struct NotDone {
    pub(crate) fault: Fault,
    pub(crate) until: Option<Timestamp>,
}

impl NotDone {
    /// The target's circuit is open until then.
    pub(crate) fn shut(until: Timestamp) -> Self {
        let fault = Fault::new(
            Class::Throttled,
            "E_CIRCUIT_OPEN",
            "The CRM is not to be called for now.",
        );
        Self {
            fault,
            until: Some(until),
        }
    }

    /// The CRM takes its time: what is left of the pack has another turn.
    pub(crate) fn slow(now: Timestamp) -> Self {
        let fault = Fault::new(
            Class::Transient,
            "E_CRM_SLOW",
            "The CRM takes its time; a part of the pack is written, the rest follows.",
        );
        Self {
            fault,
            until: Some(now),
        }
    }
}

impl From<Fault> for NotDone {
    fn from(fault: Fault) -> Self {
        Self {
            until: fault.not_before,
            fault,
        }
    }
}

/// The shortest and the longest pause between two looks. Within the queue's thousand receives they last for ten days.
const PAUSES: (SignedDuration, SignedDuration) =
    (SignedDuration::from_secs(15), SignedDuration::from_mins(15));

/// When to look again at what has been waited for since then: after a quarter of that time.
pub(crate) fn look_again(now: Timestamp, since: Timestamp) -> Option<Timestamp> {
    let waited = now.duration_since(since);
    now.saturating_add((waited / 4).clamp(PAUSES.0, PAUSES.1))
        .ok()
}
