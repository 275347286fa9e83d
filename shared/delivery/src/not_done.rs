//! Work that goes back to its queue.

use counterpart_domain::{Class, Fault};
use jiff::{SignedDuration, Timestamp};

use crate::pause::{Hold, PAUSED, is_paused};

/// The code of what waits since the other side is not to be called.
pub(crate) const SHUT: &str = "E_CIRCUIT_OPEN";

/// A message that is not done: why, and when it is worth another look.
pub(crate) struct NotDone {
    pub(crate) fault: Fault,
    pub(crate) until: Option<Timestamp>,
    /// Nothing is wrong: it waits for its turn.
    pub(crate) is_turn: bool,
    /// Since when it has been so, where that is known; otherwise what is called may know it.
    pub(crate) since: Option<Timestamp>,
}

impl NotDone {
    /// The target's circuit is open until then.
    pub(crate) fn shut(until: Timestamp) -> Self {
        let fault = Fault::new(
            Class::Throttled,
            SHUT,
            "The CRM is not to be called for now.",
        );
        Self::trouble(fault, Some(until))
    }

    /// It is paused.
    pub(crate) fn paused(hold: &Hold) -> Self {
        Self {
            fault: paused(hold),
            until: hold.until,
            is_turn: false,
            since: Some(hold.since),
        }
    }

    /// Whether it only waits for a pause to be over.
    pub(crate) fn is_paused(&self) -> bool {
        is_paused(&self.fault)
    }

    /// Something is out of order, for its own sake or for longer.
    pub(crate) const fn trouble(fault: Fault, until: Option<Timestamp>) -> Self {
        Self {
            fault,
            until,
            is_turn: false,
            since: None,
        }
    }

    /// It comes to its turn at `until`.
    pub(crate) const fn turn(fault: Fault, until: Option<Timestamp>) -> Self {
        Self {
            fault,
            until,
            is_turn: true,
            since: None,
        }
    }

    /// The CRM takes its time: what is left of the pack has another turn.
    pub(crate) fn slow(now: Timestamp) -> Self {
        let fault = Fault::new(
            Class::Transient,
            "E_CRM_SLOW",
            "The CRM takes its time; a part of the pack is written, the rest follows.",
        );
        Self::turn(fault, Some(now))
    }
}

impl From<Fault> for NotDone {
    fn from(fault: Fault) -> Self {
        let until = fault.not_before;
        Self::trouble(fault, until)
    }
}

/// That work is paused, and why: nothing is wrong with it.
pub(crate) fn paused(hold: &Hold) -> Fault {
    let until = hold.until.map_or_else(
        || "until somebody resumes it".to_owned(),
        |until| format!("until {until:.0}"),
    );
    let text = format!("This is paused {until} ({}).", hold.why.join("; "));
    Fault::new(Class::Throttled, PAUSED, text)
}

/// The shortest and the longest pause between two looks at what is on its way.
const PAUSES: (SignedDuration, SignedDuration) =
    (SignedDuration::from_secs(15), SignedDuration::from_mins(15));

/// When to look again at what has been waited for since then: after a quarter of that time.
pub(crate) fn look_again(now: Timestamp, since: Timestamp) -> Option<Timestamp> {
    let waited = now.duration_since(since);
    now.saturating_add((waited / 4).clamp(PAUSES.0, PAUSES.1))
        .ok()
}
