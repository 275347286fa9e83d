//! What a job holds while it works, under one owner and until one time.

use std::cell::{Cell, RefCell};

use jiff::Timestamp;

use crate::intent::IntentId;

/// The leases of intents, and the slot to write to the company.
pub(super) struct Leases {
    /// Who holds them: fresh for each receive.
    pub(super) owner: String,
    /// Until when they are taken.
    pub(super) until: Timestamp,
    intents: RefCell<Vec<IntentId>>,
    slot: Cell<bool>,
}

impl Leases {
    pub(super) const fn new(owner: String, until: Timestamp) -> Self {
        Self {
            owner,
            until,
            intents: RefCell::new(Vec::new()),
            slot: Cell::new(false),
        }
    }

    pub(super) fn note_intent(&self, id: IntentId) {
        self.intents.borrow_mut().push(id);
    }

    pub(super) fn take_intents(&self) -> Vec<IntentId> {
        self.intents.take()
    }

    pub(super) const fn has_slot(&self) -> bool {
        self.slot.get()
    }

    /// Notes whether there is a slot; answers whether there was one.
    pub(super) fn note_slot(&self, has: bool) -> bool {
        self.slot.replace(has)
    }
}
