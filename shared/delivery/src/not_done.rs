//! Work that goes back to its queue.

use counterpart_domain::{Class, Fault};
use jiff::Timestamp;

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
