//! What must be true, whatever happened on the way: declared once, each with an id and a sentence, and checked by unit tests,
//! by the simulation, and at the edges of the handlers in builds with debug assertions.
//!
//! The checks are pure functions over plain facts. Whoever has the facts (a simulation, a test, later an operator's command)
//! gathers them and asks.

pub mod intents;
pub mod records;
pub mod rest;
pub mod sales;

use std::fmt;

/// One of them.
#[derive(Debug, PartialEq, Eq)]
pub struct Invariant {
    /// Stable: what tests, mutations and people name it by.
    pub id: &'static str,
    /// What is always true.
    pub says: &'static str,
}

macro_rules! invariants {
    ($($name:ident = $id:literal, $says:literal;)*) => {
        $(#[doc = $says] pub const $name: Invariant = Invariant { id: $id, says: $says };)*

        /// All of them, in the order in which they are told.
        pub const ALL: &[&Invariant] = &[$(&$name),*];
    };
}

invariants! {
    ONE_ORDER = "one-order",
        "One CRM record is at most one Sage order, counted over everything that was ever created, whatever mark it carries.";
    ONE_CUSTOMER = "one-customer",
        "One CRM account is at most one Sage customer, counted over everything that was ever created.";
    ANSWERED = "sale-answered",
        "Every sale that was won after the start is an order in Sage, is parked, or its record says why it is neither.";
    NOTHING_FROM_BEFORE = "nothing-from-before",
        "What was won before the start is never sent to Sage by itself.";
    NOTHING_UNASKED = "nothing-unasked",
        "No order stands in Sage whose record was cancelled, unless a person is told.";
    MONEY = "money-agrees",
        "At rest, lines and total of an order in Sage are what the CRM says, or a person is told.";
    HEADER = "columns-agree",
        "At rest, the columns of an order that the mapping owns are what the CRM says, blank ones included, or a person is told.";
    PEOPLE = "peoples-work",
        "What people did in Sage is never overwritten in silence.";
    EDITS = "edits-kept",
        "What a person changed in a CRM, where the CRM may, reaches Sage or is told of; it is not taken back in silence.";
    WINDOW_CLOSES = "window-closes",
        "Every poll window closes: what was seen is written, unchanged, left out, overtaken or parked.";
    ONE_RECORD = "one-record",
        "A Sage key is one CRM record, and no second one is ever made for it.";
    LINKS = "links-both-ways",
        "A linked record and its Sage key name each other, and the link is at rest.";
    NEWEST = "newest-content",
        "At rest, a linked record holds what Sage holds now.";
    NO_ECHO = "no-echo",
        "What two sides may change comes to rest: looked at again, nothing is written on either.";
    QUEUES_EMPTY = "queues-empty",
        "At rest, queues are empty.";
    NOTHING_DEAD = "no-dead-letters",
        "No message becomes a dead letter: what waits for an outage to end is not given up by its queue.";
    NOTHING_EXPIRES = "nothing-expires",
        "No message grows older than its queue keeps it: nothing vanishes without a trace.";
    PROMPT_AFTER = "prompt-after-an-outage",
        "Within an hour of the end of an outage or a pause, everything that waited for it is done.";
    PAUSE_HOLDS = "pause-holds",
        "While everything is paused, nothing is written on either side, whatever is asked for.";
    LEASES_END = "leases-end",
        "At rest, nobody holds the lease of a sale, a customer or a cursor.";
    OUTAGES_PARK_NOTHING = "outages-park-nothing",
        "Nothing is parked because something could not be reached.";
    NO_OWN_FAULT = "no-own-fault",
        "Nothing is parked for a fault of our own, unless workers keep dying over it.";
    INTENT_IS_SOUND = "intent-is-sound",
        "An intent says nothing that its own fields deny: what is sent has a number, what is done has one too.";
    INTENT_GOES_ON = "intent-goes-on",
        "An intent never forgets a number under which something may have been created.";
}

/// An invariant that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Which one.
    pub invariant: &'static str,
    /// What is not as it must be, in words.
    pub what: String,
}

impl Broken {
    /// Says what is not as an invariant wants it.
    pub fn new(invariant: &Invariant, what: impl Into<String>) -> Self {
        Self {
            invariant: invariant.id,
            what: what.into(),
        }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.invariant, self.what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique_and_sentences_are_sentences() {
        let ids: BTreeSet<_> = ALL.iter().map(|one| one.id).collect();
        assert_eq!(ids.len(), ALL.len());
        for one in ALL {
            assert!(one.says.ends_with('.') && one.says.contains(' '), "{one:?}");
            let plain = |c: char| c.is_ascii_lowercase() || c == '-';
            assert!(one.id.chars().all(plain), "{one:?}");
        }
    }
}
