//! The circuit of a company's Sage as one job knows it, and which faults open it.

use std::cell::{Cell, RefCell};

use counterpart_domain::{Class, Fault, TargetName};
use jiff::Timestamp;

use super::stop::NOT_OFFERED;
use crate::not_done::SHUT;
use crate::ports::Circuit;

/// A write that something else answered in Sage's place.
const NO_VERDICT: &str = "E_SAGE_NO_VERDICT";

/// The circuit, and whether this job may call behind it.
pub(super) struct CompanyCircuit {
    pub(super) name: TargetName,
    state: RefCell<Circuit>,
    claimed: Cell<bool>,
}

impl CompanyCircuit {
    pub(super) const fn new(name: TargetName, circuit: Circuit) -> Self {
        Self {
            name,
            state: RefCell::new(circuit),
            claimed: Cell::new(false),
        }
    }

    pub(super) fn state(&self) -> Circuit {
        self.state.borrow().clone()
    }

    pub(super) fn set(&self, circuit: Circuit) {
        self.state.replace(circuit);
    }

    /// Whether the circuit let this job through: it is asked once.
    pub(super) const fn is_claimed(&self) -> bool {
        self.claimed.get()
    }

    pub(super) fn claim(&self, circuit: Circuit) {
        self.set(circuit);
        self.claimed.set(true);
    }
}

pub(super) fn shut(until: Timestamp) -> Fault {
    let message = "Sage 100 is not to be called for now.";
    Fault::new(Class::Throttled, SHUT, message).until(until)
}

/// Whether a fault says something of Sage as a whole, not of one record.
pub(super) fn is_outage(fault: &Fault) -> bool {
    match fault.class {
        Class::Transient => fault.code != "E_SAGE_LOCKED",
        Class::Configuration => fault.code != NOT_OFFERED,
        Class::Throttled => true,
        // Whether it was written is open; that something else answers in Sage's place is not.
        Class::Ambiguous => fault.code == NO_VERDICT,
        Class::Data | Class::Bug => false,
    }
}
