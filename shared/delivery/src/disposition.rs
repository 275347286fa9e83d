//! What becomes of a message that does not come to what it asks for.

use counterpart_domain::{Class, Fault};

use crate::not_done::NotDone;

/// The two ways besides being done. What Sage was asked to write has a third, "nobody can tell": see
/// [`crate::sage_writer`]'s own.
pub(crate) enum Disposition {
    /// Not now: it goes back to its queue.
    Retry(Box<NotDone>),
    /// Not as it is: it is set aside, and the sentence is for the people who can mend it.
    Park(Box<Fault>),
}

impl Disposition {
    /// By its class: what the content is to blame for is set aside, everything else comes again.
    pub(crate) fn of(fault: Fault) -> Self {
        match fault.class {
            Class::Data | Class::Bug => Self::Park(Box::new(fault)),
            Class::Transient | Class::Throttled | Class::Ambiguous | Class::Configuration => {
                NotDone::from(fault).into()
            }
        }
    }

    /// Set aside for what its content is.
    pub(crate) fn park(code: &'static str, message: impl Into<String>) -> Self {
        Self::Park(Box::new(Fault::new(Class::Data, code, message)))
    }
}

impl From<NotDone> for Disposition {
    fn from(not_done: NotDone) -> Self {
        Self::Retry(Box::new(not_done))
    }
}

/// Of storage and queues: they are nobody's content.
impl From<Fault> for Disposition {
    fn from(fault: Fault) -> Self {
        NotDone::from(fault).into()
    }
}
