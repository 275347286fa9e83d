//! Why a job ends without having done what it asks for.

use counterpart_domain::{Class, Fault, Reach};
use jiff::Timestamp;

use crate::not_done::NotDone;

/// What the agent does not offer is no fault of Sage as a whole.
pub(super) const NOT_OFFERED: &str = "E_SAGE_NOT_OFFERED";

/// The three ways.
pub(super) enum Stop {
    /// It goes back to the queue: nothing is wrong with it.
    Back(Box<NotDone>),
    /// It cannot be done as it is; Sage has nothing of it. A person has to mend something.
    Refused(Fault),
    /// Nobody can tell whether Sage has it. A person has to look.
    Ambiguous(Fault),
}

impl Stop {
    /// Back, to be looked at again at `until`, or soon: others are at it.
    pub(super) fn back(code: &'static str, message: &str, until: Option<Timestamp>) -> Self {
        let fault = Fault::new(Class::Transient, code, message);
        NotDone::turn(fault, until).into()
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        match fault.class {
            Class::Data | Class::Bug => Self::Refused(fault),
            // Nothing but this is concerned (what the agent does not offer), and waiting mends nothing.
            Class::Configuration if Reach::of(&fault) == Reach::Record => Self::Refused(fault),
            Class::Transient | Class::Throttled | Class::Ambiguous | Class::Configuration => {
                Self::Back(Box::new(fault.into()))
            }
        }
    }
}

impl From<NotDone> for Stop {
    fn from(not_done: NotDone) -> Self {
        Self::Back(Box::new(not_done))
    }
}

/// A refusal in words for sales people.
pub(super) fn refuse(code: &'static str, message: impl Into<String>) -> Stop {
    Stop::Refused(Fault::new(Class::Data, code, message))
}

/// Whether Sage said for certain that nothing was written.
pub(super) fn wrote_nothing(fault: &Fault) -> bool {
    matches!(
        fault.class,
        Class::Transient | Class::Throttled | Class::Configuration
    )
}
