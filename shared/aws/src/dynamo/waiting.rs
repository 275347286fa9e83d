//! Who waits for whom: beside the parent's link, in its partition.

use std::collections::BTreeSet;

use counterpart_delivery::Entry;
use counterpart_delivery::ports::{Over, Waiting, WaitingEntry};
use counterpart_domain::{AsOf, Fault, SageKey, TargetName};

use super::DynamoStore;
use super::body::BODY;
use super::call::Expression;
use super::group::Group;
use super::item::{Item, Read as _, attributes, key, n, unreadable};
use super::links::partition;
use super::packed::{packed, read_packed};
use super::query::Query;
use super::step::Step;

const PREFIX: &str = "wait#";

fn place(target: &TargetName, parent: &SageKey, child: &SageKey) -> Item {
    let sk = format!("{PREFIX}{}", child.storage());
    key(&partition(target, parent), &sk)
}

/// The sign that somebody waits for a parent, or did: it is cheaper to look for than those who wait. It stays.
fn mark(target: &TargetName, parent: &SageKey) -> Item {
    key(&partition(target, parent), "waited")
}

/// That what is kept, if anything, is not newer than `as_of`.
pub(super) fn not_newer(as_of: AsOf) -> Expression {
    Expression::new(
        "attribute_not_exists(pk) OR epoch < :epoch OR (epoch = :epoch AND seq <= :seq)",
        attributes([(":epoch", n(as_of.epoch)), (":seq", n(as_of.sequence))]),
    )
}

impl Waiting for DynamoStore {
    async fn wait(&self, target: &TargetName, waiting: &[WaitingEntry]) -> Result<(), Fault> {
        let table = &self.tables.links;
        // Before the children: whoever finds no mark may rely on there being none.
        let parents: BTreeSet<&SageKey> = waiting.iter().map(|one| &one.parent).collect();
        let marks = parents.into_iter().map(|parent| mark(target, parent));
        let marks = marks.map(|mark| Group::one(Step::put(table, mark, None)));
        self.write_groups(marks.collect()).await?;
        let mut groups = Vec::with_capacity(waiting.len());
        for WaitingEntry {
            parent,
            child,
            entry,
        } in waiting
        {
            let mut item = place(target, parent, child);
            item.insert("epoch".to_owned(), n(entry.as_of.epoch));
            item.insert("seq".to_owned(), n(entry.as_of.sequence));
            item.insert(BODY.to_owned(), packed(entry)?);
            let put = Step::put(table, item, Some(not_newer(entry.as_of)));
            groups.push(Group::one(put));
        }
        // Refused: a newer observation of the same child is kept already.
        self.write_groups(groups).await?;
        Ok(())
    }

    async fn waited_for(
        &self,
        target: &TargetName,
        parents: &[SageKey],
    ) -> Result<Vec<SageKey>, Fault> {
        let table = &self.tables.links;
        let parents: BTreeSet<&SageKey> = parents.iter().collect();
        let marks = parents.iter().map(|parent| mark(target, parent));
        let found = self.batch_get_all(table, marks.collect()).await?;
        let found: BTreeSet<&str> = found.iter().filter_map(|item| item.text("pk")).collect();
        let waited = |parent: &&SageKey| found.contains(partition(target, parent).as_str());
        Ok(parents.into_iter().filter(waited).cloned().collect())
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
            let entry: Entry = read_packed(table, item)?;
            Ok(WaitingEntry {
                parent: parent.clone(),
                child,
                entry,
            })
        };
        items.iter().map(read).collect()
    }

    async fn stop_waiting(&self, target: &TargetName, over: &[Over]) -> Result<(), Fault> {
        let stop = |over: &Over| {
            let at = place(target, &over.parent, &over.child);
            Group::one(Step::delete(
                &self.tables.links,
                at,
                Some(not_newer(over.as_of)),
            ))
        };
        // Refused: a newer observation goes on waiting.
        self.write_groups(over.iter().map(stop).collect()).await?;
        Ok(())
    }
}
