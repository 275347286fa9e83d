//! Opportunities and Deals that were deleted or merged since, and of which the table knows nothing: each may have been a sale,
//! with an order that stands in Sage.

use counterpart_config::OrdersConfig;
use counterpart_domain::{Class, Fault};

use super::{HELD, Restored};
use crate::Intent;
use crate::intent::{IntentId, IntentKind, SaleTrace};
use crate::ports::{ChangedId, Clock, CrmRecords, EventQueue, Ids, IntentLease, Intents, Links};

impl<K, S, Q, C> Restored<'_, K, S, Q, C>
where
    K: CrmRecords,
    S: Intents + Links,
    Q: EventQueue,
    C: Clock + Ids,
{
    /// Notes a doubtful sale of each: an Order or Sales_Order that may have come of it is asked of a person.
    pub(super) async fn note_gone(&self, module: &str, page: &[ChangedId]) -> Result<(), Fault> {
        let Some(orders) = &self.config.orders else {
            return Ok(());
        };
        let source = orders.source(module);
        if source.is_none_or(|source| source.root.is_some()) {
            return Ok(());
        }
        let gone = page.iter().filter(|one| one.deleted);
        let gone: Vec<_> = gone.map(|one| SaleTrace::Record(one.id.clone())).collect();
        let known = self.store.sales_of(self.target, &gone).await?;
        for (trace, known) in gone.into_iter().zip(known) {
            let SaleTrace::Record(root) = &trace else {
                continue;
            };
            let id = IntentId {
                kind: IntentKind::Order,
                root: root.clone(),
            };
            if known.is_none() && self.note_one(orders, &id).await? {
                self.store.claim_for_sale(self.target, &trace, &id).await?;
            }
        }
        Ok(())
    }

    /// `false`: there is a sale already.
    async fn note_one(&self, orders: &OrdersConfig, id: &IntentId) -> Result<bool, Fault> {
        let (owner, now) = (self.clock.new_id(), self.clock.now());
        let until = now.saturating_add(HELD).unwrap_or(now);
        let lease = self.store.lease_intent(self.target, id, &owner, now, until);
        let stored = match lease.await? {
            IntentLease::Ours(stored) => *stored,
            IntentLease::Busy(_) => {
                let message = format!(
                    "The sale {} is in a function's hands. Stop the functions, then repeat this.",
                    id.storage()
                );
                return Err(Fault::new(Class::Transient, "E_RESTORE_SALE_BUSY", message));
            }
        };
        // One that was noted before the trace was.
        let ours = stored.as_ref().is_none_or(Intent::is_forgotten);
        let saved = match stored {
            Some(_) => Ok(()),
            None => {
                let company = orders.company.clone();
                let mut intent = Intent::new(self.target.clone(), id.clone(), company, now);
                intent.written.doubtful = true;
                self.store.save_intent(&intent, &owner).await.map(|_| ())
            }
        };
        self.store.release_intent(self.target, id, &owner).await?;
        saved?;
        Ok(ours)
    }
}
