//! A pack under work: what is the same for all its records, and what it leaves behind.

use std::collections::HashMap;

use counterpart_config::{EntityConfig, TargetConfig};
use counterpart_domain::{Note, SageKey};

use super::BatchReport;
use super::verdict::Verdict;
use crate::ports::Circuit;
use crate::{Entry, Pack};

/// A pack with everything that is the same for all its records.
pub(super) struct Work<'a, K> {
    pub(super) pack: Pack,
    pub(super) target: &'a TargetConfig,
    pub(super) entity: &'a EntityConfig,
    pub(super) crm: &'a K,
    pub(super) circuit: Circuit,
    /// Received before, without a verdict.
    pub(super) again: bool,
    /// Whether the links are asked first: it may well be that an earlier receive has done everything.
    pub(super) links_first: bool,
}

impl<'a, K> Work<'a, K> {
    pub(super) fn with(&self, pack: Pack) -> Work<'a, K> {
        Work {
            pack,
            circuit: self.circuit.clone(),
            ..*self
        }
    }
}

/// What a pack leaves behind besides links.
#[derive(Default)]
pub(super) struct Ends {
    /// Whose outcomes are still to be written.
    pub(super) verdicts: Vec<Verdict>,
    /// Whose outcomes are in the ledger.
    pub(super) told: Vec<Verdict>,
    /// To be tried again after a pause.
    pub(super) retries: Vec<Entry>,
    /// To be looked at again once their creation in Sage is done.
    pub(super) creating: Vec<Entry>,
    /// To be written again in full, at once.
    pub(super) repairs: Vec<Entry>,
    /// Linked by this pack: their children are released.
    pub(super) linked: Vec<SageKey>,
    /// What the mapping has to say about records that go over all the same.
    pub(super) notes: HashMap<SageKey, Vec<Note>>,
}

/// What one row came to.
pub(super) enum End {
    Said(Verdict),
    /// Said, and linked for the first time.
    Linked(Verdict),
    /// Said, and to be written again in full.
    Repair(Verdict, Option<Entry>),
    /// Overtaken by something newer; what is stored is written again in full.
    Overtaken(Verdict, Option<Entry>),
    Retry(Entry),
    Parked(Verdict),
    /// Neither said nor lost: written again in full under its own as-of.
    Redo(Option<Entry>),
}

impl End {
    pub(super) fn join(self, ends: &mut Ends, report: &mut BatchReport) {
        match self {
            Self::Said(verdict) => ends.verdicts.push(verdict),
            Self::Linked(verdict) => {
                ends.linked.push(verdict.key.clone());
                ends.verdicts.push(verdict);
            }
            Self::Repair(verdict, repair) => {
                ends.linked.push(verdict.key.clone());
                ends.verdicts.push(verdict);
                ends.repairs.extend(repair);
            }
            Self::Overtaken(verdict, repair) => {
                ends.verdicts.push(verdict);
                ends.repairs.extend(repair);
            }
            Self::Retry(entry) => ends.retries.push(entry),
            Self::Parked(verdict) => {
                report.parked += 1;
                ends.verdicts.push(verdict);
            }
            Self::Redo(entry) => ends.repairs.extend(entry),
        }
    }
}
