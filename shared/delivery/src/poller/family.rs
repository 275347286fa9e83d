//! Children of records that the filters leave out: they stay at home with their parent, and cost the packs no room.

use std::collections::BTreeSet;

use counterpart_domain::{Company, Fault, SageKey};

use super::{Poller, TargetRun};
use crate::ports::WaitingEntry;
use crate::ports::prelude::*;
use crate::{Entry, Stage};

impl<P: Ports> Poller<'_, P> {
    /// The keys (as in the entries) of those whose parent is left out. Each is kept waiting for it, durably, before it is
    /// named here: the parent's link releases it, should the parent come in after all.
    pub(super) async fn left_out_with_parent(
        &self,
        run: &TargetRun<'_>,
        company: &Company,
        entries: &[Entry],
    ) -> Result<BTreeSet<String>, Fault> {
        if run.entity.parent_field.is_none() {
            return Ok(BTreeSet::new());
        }
        let parent = |entry: &Entry| entry.record.parent(company);
        let out = self
            .left_out(run, entries.iter().filter_map(parent).collect())
            .await?;
        let children = || {
            entries
                .iter()
                .filter_map(|entry| Some((parent(entry)?, entry)))
                .filter(|(parent, _)| out.contains(parent))
        };
        let waits: Vec<WaitingEntry> = children()
            .map(|(parent, entry)| WaitingEntry {
                parent,
                child: SageKey {
                    company: company.clone(),
                    entity: run.kind,
                    local: entry.local_key.clone(),
                },
                entry: entry.clone(),
            })
            .collect();
        if waits.is_empty() {
            return Ok(BTreeSet::new());
        }
        self.store.wait(run.name, &waits).await?;
        // A parent that was linked in between has not seen the child wait: then it goes the usual way.
        let still = self.left_out(run, out.iter().cloned().collect()).await?;
        Ok(children()
            .filter(|(parent, _)| still.contains(parent))
            .map(|(_, entry)| entry.local_key.clone())
            .collect())
    }

    /// Those of the parents that are left out and not in the CRM.
    async fn left_out(
        &self,
        run: &TargetRun<'_>,
        parents: BTreeSet<SageKey>,
    ) -> Result<BTreeSet<SageKey>, Fault> {
        if parents.is_empty() {
            return Ok(parents);
        }
        let keys: Vec<SageKey> = parents.into_iter().collect();
        let links = self.store.links(run.name, &keys).await?;
        let out = |stage, id: bool| stage == Stage::Excluded && !id;
        Ok(keys
            .into_iter()
            .zip(links)
            .filter(|(_, link)| {
                link.as_ref()
                    .is_some_and(|link| out(link.stage, link.crm_id.is_some()))
            })
            .map(|(key, _)| key)
            .collect())
    }
}
