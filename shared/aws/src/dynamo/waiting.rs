//! Who waits for whom: beside the parent's link, in its partition.

use counterpart_delivery::Entry;
use counterpart_delivery::ports::{Waiting, WaitingEntry};
use counterpart_domain::{AsOf, Fault, SageKey, TargetName};

use super::DynamoStore;
use super::body::{BODY, body, read_body};
use super::call::Expression;
use super::item::{Item, Read as _, attributes, key, n, unreadable};
use super::links::partition;
use super::query::Query;

const PREFIX: &str = "wait#";

fn place(target: &TargetName, parent: &SageKey, child: &SageKey) -> Item {
    let sk = format!("{PREFIX}{}", child.storage());
    key(&partition(target, parent), &sk)
}

/// That what is kept, if anything, is not newer than `as_of`.
pub(super) fn not_newer(as_of: AsOf) -> Expression {
    Expression::new(
        "attribute_not_exists(pk) OR epoch < :epoch OR (epoch = :epoch AND seq <= :seq)",
        attributes([(":epoch", n(as_of.epoch)), (":seq", n(as_of.sequence))]),
    )
}

impl Waiting for DynamoStore {
    async fn wait(&self, target: &TargetName, waiting: &WaitingEntry) -> Result<(), Fault> {
        let as_of = waiting.entry.as_of;
        let mut item = place(target, &waiting.parent, &waiting.child);
        item.insert("epoch".to_owned(), n(as_of.epoch));
        item.insert("seq".to_owned(), n(as_of.sequence));
        item.insert(BODY.to_owned(), body(&waiting.entry)?);
        // Refused: a newer observation of the same child is kept already.
        self.put(&self.tables.links, item, Some(not_newer(as_of)))
            .await?;
        Ok(())
    }

    async fn waiting_for(
        &self,
        target: &TargetName,
        parent: &SageKey,
        limit: usize,
    ) -> Result<Vec<WaitingEntry>, Fault> {
        let table = &self.tables.links;
        let children = Query::of(table, partition(target, parent)).prefix(PREFIX);
        let (items, _) = self.query(children.limit(limit)).await?;
        let read = |item: &Item| {
            let child = item.text("sk").and_then(|sk| sk.strip_prefix(PREFIX));
            let child = SageKey::from_storage(child.unwrap_or_default())
                .map_err(|error| unreadable(table, item, error))?;
            let entry: Entry = read_body(table, item)?;
            Ok(WaitingEntry {
                parent: parent.clone(),
                child,
                entry,
            })
        };
        items.iter().map(read).collect()
    }

    async fn stop_waiting(
        &self,
        target: &TargetName,
        parent: &SageKey,
        child: &SageKey,
        as_of: AsOf,
    ) -> Result<(), Fault> {
        let at = place(target, parent, child);
        self.delete(&self.tables.links, at, Some(not_newer(as_of)))
            .await
    }
}
