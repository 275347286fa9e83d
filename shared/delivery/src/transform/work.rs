//! What is known while one event is being taken, and how it may end early.

use counterpart_config::{OrderSource, OrdersConfig, TargetConfig};
use counterpart_domain::{Class, Company, CrmId, Fault};
use jiff::Timestamp;

use crate::CrmEvent;
use crate::intent::{IntentId, Shown};
use crate::not_done::NotDone;
use crate::ports::Circuit;

/// One event and its surroundings.
pub(super) struct Work<'a, K> {
    pub(super) event: CrmEvent,
    pub(super) target: &'a TargetConfig,
    pub(super) crm: &'a K,
    pub(super) circuit: Circuit,
    /// The company, once it is known.
    pub(super) company: Option<Company>,
    /// Of a sale: what it was refused for before, the code.
    pub(super) told: Option<String>,
    /// Whether a person sends it although it may be older than the connection.
    pub(super) admitted: bool,
    /// Whether the circuit's probe is ours.
    pub(super) claimed: bool,
    /// How often its message has been received, this time included.
    pub(super) receive_count: u32,
    pub(super) deadline: Timestamp,
}

/// One sale, by the record that the event names.
pub(super) struct Sale<'a> {
    pub(super) orders: &'a OrdersConfig,
    pub(super) source: &'a OrderSource,
    pub(super) id: IntentId,
    pub(super) record: Shown,
    /// The Opportunity or Deal that it names at present.
    pub(super) pointed: Option<CrmId>,
    pub(super) modified: Option<Timestamp>,
}

/// Why an event does not become what it asks for.
pub(super) enum Halt {
    /// Not now.
    Later(Box<NotDone>),
    /// Not as it is: the sentence is for the people who can mend it.
    Refused(Box<Fault>),
}

impl Halt {
    /// By its class: what the record's content is to blame for is refused, everything else comes again.
    pub(super) fn of(fault: Fault) -> Self {
        match fault.class {
            Class::Data | Class::Bug => Self::Refused(Box::new(fault)),
            Class::Transient | Class::Throttled | Class::Ambiguous | Class::Configuration => {
                NotDone::from(fault).into()
            }
        }
    }

    pub(super) fn refused(code: &'static str, message: impl Into<String>) -> Self {
        Self::Refused(Box::new(Fault::new(Class::Data, code, message)))
    }
}

impl From<NotDone> for Halt {
    fn from(not_done: NotDone) -> Self {
        Self::Later(Box::new(not_done))
    }
}

/// Of storage and queues: they are nobody's content.
impl From<Fault> for Halt {
    fn from(fault: Fault) -> Self {
        NotDone::from(fault).into()
    }
}
