//! What becomes of one record of a pack, before and after the CRM has spoken.

use counterpart_domain::reconcile::Decision;
use counterpart_domain::{CrmId, Digest, Fault, Fields, Note, RepKey, SageKey};

use crate::owner::Owner;
use crate::{Entry, FieldChange, Link, Outcome};

/// A record that is to be compared, and perhaps written.
#[derive(Debug, Clone)]
pub(super) struct Prepared {
    pub(super) key: SageKey,
    pub(super) entry: Entry,
    pub(super) link: Option<Link>,
    pub(super) fields: Fields,
    pub(super) notes: Vec<Note>,
    pub(super) owner: Option<Owner>,
    pub(super) rep: Option<RepKey>,
    pub(super) rep_version: Digest,
}

impl Prepared {
    /// Whether the CRM holds the record as far as the link knows.
    pub(super) fn is_linked(&self) -> bool {
        self.link.as_ref().is_some_and(|link| link.crm_id.is_some())
    }

    /// The id of the CRM's record, where there is one. It decides which record is written, whatever became of the key there.
    pub(super) fn known_id(&self) -> Option<&CrmId> {
        self.link.as_ref()?.crm_id.as_ref()
    }

    /// The id of a record that came from the CRM and does not hold its Sage key yet: it can only be found by its id.
    pub(super) fn unkeyed(&self) -> Option<&CrmId> {
        let link = self.link.as_ref().filter(|link| link.key_unwritten)?;
        link.crm_id.as_ref()
    }
}

/// A record with its decision.
#[derive(Debug, Clone)]
pub(super) struct Decided {
    pub(super) prepared: Prepared,
    pub(super) decision: Decision,
    /// The id of the CRM's record, where it was looked for and found.
    pub(super) found: Option<CrmId>,
    /// Whether the CRM has something to tell Sage.
    pub(super) for_sage: bool,
}

/// Why a record is not compared at all.
#[derive(Debug)]
pub(super) enum Aside {
    /// This very observation, of this run, is what the link holds: its outcome was written together with it.
    Settled(Outcome),
    /// Its part is over.
    Done(Outcome, Option<&'static str>),
    /// A newer observation was applied, but this one may have reached the CRM after it.
    MayHaveOverwritten,
    /// It waits for its parent.
    Wait(SageKey),
    /// It waits until its creation in Sage is known to be done.
    Creating,
    /// Left out with its parent; released when the parent is linked.
    ExcludedWith(SageKey),
    /// It is parked; released with its parent where one is named.
    Park(Box<Fault>, Option<SageKey>),
}

/// The end of one record's part in a pack.
#[derive(Debug)]
pub(super) struct Verdict {
    pub(super) key: SageKey,
    pub(super) entry: Entry,
    pub(super) outcome: Outcome,
    pub(super) code: Option<String>,
    pub(super) changes: Vec<FieldChange>,
}

impl Verdict {
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
