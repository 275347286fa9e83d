//! Intents and their leases: one item each, in the table of the links.

use std::collections::BTreeSet;

use counterpart_delivery::intent::SaleTrace;
use counterpart_delivery::ports::{IntentLease, Intents};
use counterpart_delivery::{Intent, IntentId, IntentKind};
use counterpart_domain::{Class, CrmId, Fault, TargetName};
use jiff::Timestamp;

use super::DynamoStore;
use super::body::{BODY, body, read_body};
use super::call::{Expression, Wrote};
use super::item::{Item, Read as _, attributes, key, ms, n, s, unreadable};

fn place(target: &TargetName, id: &IntentId) -> Item {
    key(&format!("{target}#intent#{}", id.storage()), "intent")
}

/// Where it stands which sale something belongs to.
fn place_of_trace(target: &TargetName, trace: &SaleTrace) -> Item {
    key(&format!("{target}#sale#{}", trace.storage()), "sale")
}

fn lease_lost(id: &IntentId) -> Fault {
    let text = format!(
        "Another worker has taken over {} of {}.",
        id.kind.name(),
        id.root
    );
    Fault::new(Class::Transient, "E_LEASE_LOST", text)
}

impl DynamoStore {
    /// An item may have a lease and no intent yet. Its `rev` counts, whatever the body says.
    fn read_intent(&self, item: &Item) -> Result<Option<Intent>, Fault> {
        let table = &self.tables.links;
        if !item.contains_key(BODY) {
            return Ok(None);
        }
        let mut intent: Intent = read_body(table, item)?;
        intent.rev = item
            .number("rev")
            .ok_or_else(|| unreadable(table, item, "no rev"))?;
        Ok(Some(intent))
    }

    fn read_sale(&self, item: &Item) -> Result<IntentId, Fault> {
        let root = item.text("root");
        let root = root.ok_or_else(|| unreadable(&self.tables.links, item, "no root"))?;
        Ok(IntentId {
            kind: IntentKind::Order,
            root: CrmId(root.to_owned()),
        })
    }
}

impl Intents for DynamoStore {
    async fn lease_intent(
        &self,
        target: &TargetName,
        id: &IntentId,
        owner: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<IntentLease, Fault> {
        let table = &self.tables.links;
        let values = attributes([
            (":owner", s(owner)),
            (":now", ms(now)),
            (":until", ms(until)),
        ]);
        let take = Expression::new("SET lease_owner = :owner, lease_until = :until", values);
        let free =
            "attribute_not_exists(lease_owner) OR lease_until <= :now OR lease_owner = :owner";
        match self
            .update(table, place(target, id), take, Some(free))
            .await?
        {
            Wrote::Done(item) => Ok(IntentLease::Ours(Box::new(self.read_intent(&item)?))),
            Wrote::Refused(item) => {
                let item = item.unwrap_or_default();
                let its_end = item.instant("lease_until");
                let its_end = its_end.ok_or_else(|| unreadable(table, &item, "no lease_until"))?;
                Ok(IntentLease::Busy(its_end))
            }
        }
    }

    async fn save_intent(&self, intent: &Intent, owner: &str) -> Result<u64, Fault> {
        let next = intent.rev + 1;
        let content = body(intent)?;
        let values = attributes([
            (":owner", s(owner)),
            (":body", content.clone()),
            (":next", n(next)),
        ]);
        let mut save = Expression::new("SET body = :body, rev = :next", values);
        let unchanged = if intent.rev == 0 {
            "lease_owner = :owner AND attribute_not_exists(rev)"
        } else {
            if let Some(values) = &mut save.values {
                values.insert(":rev".to_owned(), n(intent.rev));
            }
            "lease_owner = :owner AND rev = :rev"
        };
        let at = place(&intent.target, &intent.id);
        let saved = self.update(&self.tables.links, at, save, Some(unchanged));
        match saved.await? {
            Wrote::Done(_) => Ok(next),
            // It is there already: the answer was lost, and the SDK or the caller sent it again.
            Wrote::Refused(Some(found))
                if found.text("lease_owner") == Some(owner)
                    && found.number("rev") == Some(next)
                    && found.get(BODY) == Some(&content) =>
            {
                Ok(next)
            }
            Wrote::Refused(_) => Err(lease_lost(&intent.id)),
        }
    }

    async fn release_intent(
        &self,
        target: &TargetName,
        id: &IntentId,
        owner: &str,
    ) -> Result<(), Fault> {
        let values = attributes([(":owner", s(owner))]);
        let release = Expression::new("REMOVE lease_owner, lease_until", values);
        // Refused: it is not ours to give back.
        self.update(
            &self.tables.links,
            place(target, id),
            release,
            Some("lease_owner = :owner"),
        )
        .await?;
        Ok(())
    }

    async fn intent(&self, target: &TargetName, id: &IntentId) -> Result<Option<Intent>, Fault> {
        let item = self.get(&self.tables.links, place(target, id)).await?;
        item.map_or(Ok(None), |item| self.read_intent(&item))
    }

    async fn mark_written_back(
        &self,
        target: &TargetName,
        id: &IntentId,
        rev: u64,
    ) -> Result<(), Fault> {
        let mark = Expression::new("SET written_back = :rev", attributes([(":rev", n(rev))]));
        let higher = "attribute_not_exists(written_back) OR written_back < :rev";
        // Refused: a newer state is noted already.
        self.update(&self.tables.links, place(target, id), mark, Some(higher))
            .await?;
        Ok(())
    }

    async fn written_back(&self, target: &TargetName, id: &IntentId) -> Result<u64, Fault> {
        let item = self.get(&self.tables.links, place(target, id)).await?;
        Ok(item
            .and_then(|item| item.number("written_back"))
            .unwrap_or(0))
    }

    async fn sales_of(
        &self,
        target: &TargetName,
        traces: &[SaleTrace],
    ) -> Result<Vec<Option<IntentId>>, Fault> {
        let table = &self.tables.links;
        // DynamoDB refuses a call that names an item twice.
        let distinct: BTreeSet<&SaleTrace> = traces.iter().collect();
        let places = distinct.iter().map(|trace| place_of_trace(target, trace));
        let found = self.batch_get_all(table, places.collect()).await?;
        let of = |trace: &SaleTrace| {
            let place = place_of_trace(target, trace);
            let item = found.iter().find(|item| item.get("pk") == place.get("pk"));
            item.map(|item| self.read_sale(item)).transpose()
        };
        traces.iter().map(of).collect()
    }

    async fn claim_for_sale(
        &self,
        target: &TargetName,
        trace: &SaleTrace,
        id: &IntentId,
    ) -> Result<IntentId, Fault> {
        let table = &self.tables.links;
        let values = attributes([(":root", s(&id.root.0))]);
        let first = Expression::new("SET root = if_not_exists(root, :root)", values);
        let place = place_of_trace(target, trace);
        match self.update(table, place, first, None).await? {
            Wrote::Done(item) => self.read_sale(&item),
            Wrote::Refused(item) => Err(unreadable(
                table,
                &item.unwrap_or_default(),
                "refused without a condition",
            )),
        }
    }
}
