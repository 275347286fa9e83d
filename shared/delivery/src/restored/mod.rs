//! After the table of links and intents was restored to an earlier time: whatever changed in a CRM since then is looked at again,
//! and what the table says of a sale's order is not relied on before it was compared with Sage, nor what it says of a record's
//! fields before they were written again.

mod links;
mod rewind;

use std::collections::BTreeSet;

use counterpart_config::TargetConfig;
use counterpart_domain::{Class, CrmId, Fault, TargetName, digest_of};
use jiff::{SignedDuration, Timestamp};

use crate::intent::{IntentId, IntentKind, SaleTrace};
use crate::ports::prelude::*;
use crate::ports::{ChangedId, ChangesAfter, IntentLease, Outgoing, QueueName};
use crate::send::{json, send_all};
use crate::{CrmEvent, Intent};

pub use rewind::rewind;

/// How far back before the restored time: clocks differ, CRMs count in whole seconds, and their indexes take a while.
const OVERLAP: SignedDuration = SignedDuration::from_mins(10);
/// The records of a page: the most that one query gives.
const PAGE: u32 = 200;
/// How long a sale is held while it is marked.
const HELD: SignedDuration = SignedDuration::from_mins(2);
/// How often a sale is waited for that somebody has in hand, or had when the table was as it is again.
const MOST_WAITS: u32 = 3;
/// How many sales may have become part of one another.
const MOST_PARTS: usize = 8;

/// One target of a deployment whose table was restored.
pub struct Restored<'a, P: Ports> {
    /// What all handlers share.
    pub context: Context<'a, P>,
    /// Its name.
    pub target: &'a TargetName,
    /// What is configured of it.
    pub settings: &'a TargetConfig,
    /// Its client.
    pub crm: &'a P::Crm,
}

in_context!(Restored);

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RestoredReport {
    /// Records that changed since, each of which is read again.
    pub records: u64,
    /// Sales whose orders are compared with Sage.
    pub sales: u64,
}

impl<P: Ports> Restored<'_, P> {
    /// Marks the sales of all records that changed since the time that the table was restored to, has the links of customers
    /// and contacts forget what was written of Sage's fields, and sends an event of each record. The functions stand still meanwhile. Repeating it does no harm.
    ///
    /// # Errors
    /// When a call failed, or a sale is in somebody's hands: it is to be repeated.
    pub async fn look_through(&self, restored_to: Timestamp) -> Result<RestoredReport, Fault> {
        let since = restored_to.saturating_sub(OVERLAP).unwrap_or(restored_to);
        let mut report = RestoredReport::default();
        for module in self.modules() {
            let mut after: Option<ChangesAfter> = None;
            loop {
                let page = self.crm.changed_since(module, since, after.as_ref(), PAGE);
                let page = page.await?;
                report.records += self.pass_on(module, &page, &mut report.sales).await?;
                after = page.last().map(|last| ChangesAfter {
                    modified: last.modified,
                    id: last.id.clone(),
                });
                if page.len() < PAGE as usize {
                    break;
                }
            }
            for number in 1.. {
                let page = self.crm.deletions(module, since, number).await?;
                report.records += self.pass_on(module, &page.rows, &mut report.sales).await?;
                if !page.more {
                    break;
                }
            }
        }
        Ok(report)
    }

    /// Marks the sales of a page, and sends an event of each of its records. How many they are.
    async fn pass_on(
        &self,
        module: &str,
        page: &[ChangedId],
        sales: &mut u64,
    ) -> Result<u64, Fault> {
        // Marked before anything is sent: no event is taken that finds a sale unmarked.
        if self.sells(module) {
            *sales += self.mark(page).await?;
        }
        self.doubt(module, page).await?;
        let events = page.iter().map(|one| {
            let body = json(&self.event(module, one))?;
            Ok(Outgoing::now(body))
        });
        let events = events.collect::<Result<Vec<_>, Fault>>()?;
        send_all(self.queue, self.clock, &QueueName::CrmEvents, events).await?;
        Ok(page.len() as u64)
    }

    fn sells(&self, module: &str) -> bool {
        let orders = self.settings.orders.iter();
        let mut sources = orders.flat_map(|orders| &orders.sources);
        sources.any(|source| source.module == module)
    }

    /// Accounts and contacts before what is sold to them.
    fn modules(&self) -> Vec<&str> {
        let mapped = self.settings.entities.values();
        let mapped = mapped.map(|entity| entity.module.as_str());
        let orders = self.settings.orders.iter();
        let sources = orders.flat_map(|orders| &orders.sources);
        let mut seen = BTreeSet::new();
        let modules = mapped.chain(sources.map(|source| source.module.as_str()));
        modules.filter(|module| seen.insert(*module)).collect()
    }

    /// Marks the sales that records belong to, as far as the table knows them. The answer is how many.
    async fn mark(&self, page: &[ChangedId]) -> Result<u64, Fault> {
        let traces: Vec<_> = page
            .iter()
            .map(|one| SaleTrace::Record(one.id.clone()))
            .collect();
        let known = self.store.sales_of(self.target, &traces).await?;
        let own = |id: &CrmId| IntentId {
            kind: IntentKind::Order,
            root: id.clone(),
        };
        let ids: BTreeSet<IntentId> = page
            .iter()
            .zip(known)
            .map(|(one, known)| known.unwrap_or_else(|| own(&one.id)))
            .collect();
        let mut marked = 0;
        for id in ids {
            let mut next = Some(id);
            for _ in 0..MOST_PARTS {
                let Some(id) = next.take() else { break };
                let Some(intent) = self.mark_one(&id).await? else {
                    break;
                };
                marked += 1;
                next = intent.part_of;
            }
        }
        Ok(marked)
    }

    async fn mark_one(&self, id: &IntentId) -> Result<Option<Intent>, Fault> {
        match self.store.intent(self.target, id).await? {
            None => return Ok(None),
            Some(intent) if intent.written.doubtful => return Ok(Some(intent)),
            Some(_) => {}
        }
        let owner = self.clock.new_id();
        for _ in 0..MOST_WAITS {
            let now = self.clock.now();
            let until = now.saturating_add(HELD).unwrap_or(now);
            let lease = self.store.lease_intent(self.target, id, &owner, now, until);
            match lease.await? {
                IntentLease::Ours(stored) => {
                    let Some(mut intent) = *stored else {
                        return Ok(None);
                    };
                    intent.written.doubtful = true;
                    let saved = self.store.save_intent(&intent, &owner).await;
                    self.store.release_intent(self.target, id, &owner).await?;
                    saved?;
                    return Ok(Some(intent));
                }
                IntentLease::Busy(until) => {
                    let wait = until.duration_since(now).unsigned_abs();
                    self.clock.sleep(wait).await;
                }
            }
        }
        let message = format!(
            "The sale {} is in a function's hands. Stop the functions, then repeat this.",
            id.storage()
        );
        Err(Fault::new(Class::Transient, "E_RESTORE_SALE_BUSY", message))
    }

    fn event(&self, module: &str, change: &ChangedId) -> CrmEvent {
        let modified = change.modified.to_string();
        let parts = ["restored", module, change.id.0.as_str(), modified.as_str()];
        let id = format!("re-{}", digest_of(parts));
        CrmEvent::caught_up(id, self.target, module, change, self.clock.now())
    }
}
