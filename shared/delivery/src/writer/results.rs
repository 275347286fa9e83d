//! What a pack comes to: one result per record, and what follows from them once they are stored.

use std::collections::HashMap;

use counterpart_domain::{Note, SageKey};

use super::BatchReport;
use crate::{Entry, FieldChange, Outcome};

/// The end of one record's part in a pack.
#[derive(Debug)]
pub(super) struct RowResult {
    pub(super) key: SageKey,
    pub(super) entry: Entry,
    pub(super) outcome: Outcome,
    pub(super) code: Option<String>,
    pub(super) changes: Vec<FieldChange>,
}

impl RowResult {
    pub(super) fn new(key: SageKey, entry: Entry, outcome: Outcome) -> Self {
        Self {
            key,
            entry,
            outcome,
            code: None,
            changes: Vec::new(),
        }
    }

    pub(super) fn with_code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }
}

/// What a pack leaves behind besides links.
#[derive(Default)]
pub(super) struct PackResults {
    /// Whose outcomes are still to be written.
    pub(super) pending: Vec<RowResult>,
    /// Whose outcomes are in the ledger.
    pub(super) recorded: Vec<RowResult>,
    /// To be tried again after a pause.
    pub(super) retries: Vec<Entry>,
    /// To be looked at again once their creation in Sage is done.
    pub(super) creating: Vec<Entry>,
    /// The same, while Sage is not called for them.
    pub(super) held_up: Vec<Entry>,
    /// To be written again in full, at once.
    pub(super) repairs: Vec<Entry>,
    /// Linked by this pack: their children are released.
    pub(super) linked: Vec<SageKey>,
    /// What the mapping has to say about records that go over all the same.
    pub(super) notes: HashMap<SageKey, Vec<Note>>,
}

/// What one row came to.
pub(super) enum Resolution {
    Ended(RowResult),
    /// Said and linked; perhaps to be written again in full.
    Repair(RowResult, Option<Entry>),
    /// Overtaken by something newer; what is stored is written again in full.
    Overtaken(RowResult, Option<Entry>),
    Retry(Entry),
    Parked(RowResult),
    /// Neither said nor lost: written again in full under its own as-of.
    Redo(Option<Entry>),
}

impl Resolution {
    pub(super) fn join(self, results: &mut PackResults, report: &mut BatchReport) {
        match self {
            Self::Ended(result) => results.pending.push(result),
            Self::Repair(result, repair) => {
                results.linked.push(result.key.clone());
                results.pending.push(result);
                results.repairs.extend(repair);
            }
            Self::Overtaken(result, repair) => {
                results.pending.push(result);
                results.repairs.extend(repair);
            }
            Self::Retry(entry) => results.retries.push(entry),
            Self::Parked(result) => {
                report.parked += 1;
                results.pending.push(result);
            }
            Self::Redo(entry) => results.repairs.extend(entry),
        }
    }
}
