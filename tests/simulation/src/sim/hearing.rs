//! What the CRMs tell of changes, and when: while a way in stands still it tells nothing, and everything afterwards.

use counterpart_domain::CrmId;
use jiff::Timestamp;

use super::workers::Workers;

/// Which CRMs tell nothing for now, and what they did not tell.
#[derive(Debug, Default)]
pub(super) struct Hearing {
    silent_until: [Option<Timestamp>; 2],
    untold: Vec<(usize, String, CrmId)>,
}

impl Hearing {
    /// Whether a CRM tells nothing now.
    fn is_silent(&self, org: usize, now: Timestamp) -> bool {
        let until = self.silent_until.get(org).copied().flatten();
        until.is_some_and(|until| now < until)
    }

    /// When a CRM begins to tell again.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.silent_until.iter().flatten().min().copied()
    }
}

impl Workers<'_> {
    /// A CRM tells nothing until then.
    pub(super) fn hush(&mut self, org: usize, until: Timestamp) {
        if let Some(silent) = self.hearing.silent_until.get_mut(org) {
            *silent = Some(until.max(silent.unwrap_or(until)));
        }
    }

    /// A change is told, or will be.
    pub(super) fn hear(&mut self, org: usize, module: &str, id: &CrmId) {
        if self.hearing.is_silent(org, self.town.now()) {
            let untold = (org, module.to_owned(), id.clone());
            self.hearing.untold.push(untold);
        } else {
            self.tell(org, module, id);
        }
    }

    /// What was not told is, once its CRM tells again.
    pub(super) fn catch_up(&mut self) {
        let now = self.town.now();
        for org in 0..self.hearing.silent_until.len() {
            if self.hearing.is_silent(org, now) || self.hearing.silent_until[org].is_none() {
                continue;
            }
            self.hearing.silent_until[org] = None;
            let untold = self.hearing.untold.extract_if(.., |(of, ..)| *of == org);
            for (org, module, id) in untold.collect::<Vec<_>>() {
                self.tell(org, &module, &id);
            }
        }
    }
}
