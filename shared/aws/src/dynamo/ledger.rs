//! Runs and manifests.

use std::collections::{BTreeMap, HashMap};

use counterpart_delivery::ports::Ledger;
use counterpart_delivery::{ManifestEntry, OutcomeItem, Run, Totals};
use counterpart_domain::{Company, Fault, SageKey, TargetName};

use super::DynamoStore;
use super::body::{BODY, body, read_body};
use super::group::Group;
use super::item::{Item, Read as _, key, n, s};
use super::query::Query;
use crate::clock::write_id;

const MANIFEST: &str = "m#";
/// Entries of one manifest item: some 80 bytes each, far below the limit of an item.
const ENTRIES: usize = 3000;

/// The partition of a run in a target: its manifests and its outcomes.
pub(super) fn partition(run: &str, target: &TargetName) -> String {
    format!("run#{run}#{target}")
}

fn runs_partition(company: &Company) -> String {
    format!("runs#{company}")
}

impl DynamoStore {
    /// The entries of all parts. A part that was written again with fewer items may have left some behind: those that
    /// do not bear the mark of the part's first item are of an earlier writing.
    fn read_manifests(&self, items: &[Item]) -> Result<Vec<ManifestEntry>, Fault> {
        let part = |item: &Item| item.text("part_name").unwrap_or_default().to_owned();
        let first = items.iter().filter(|item| item.number("piece") == Some(0));
        let marks: HashMap<_, _> = first
            .map(|item| (part(item), item.text("write_id")))
            .collect();
        let mut entries = Vec::new();
        for item in items {
            if marks.get(&part(item)) == Some(&item.text("write_id")) {
                entries.extend(read_body::<Vec<ManifestEntry>>(&self.tables.ledger, item)?);
            }
        }
        Ok(entries)
    }
}

impl Ledger for DynamoStore {
    async fn put_run(&self, run: &Run) -> Result<(), Fault> {
        let mut item = key(&runs_partition(&run.company), &run.id);
        item.insert("expires_at".to_owned(), n(self.ledger_expiry()));
        item.insert(BODY.to_owned(), body(run)?);
        self.put(&self.tables.ledger, item, None).await?;
        Ok(())
    }

    async fn put_manifest(
        &self,
        run: &str,
        target: &TargetName,
        part: &str,
        entries: &[ManifestEntry],
    ) -> Result<(), Fault> {
        let pk = partition(run, target);
        let mark = write_id();
        let pieces: Vec<_> = match entries {
            [] => vec![entries],
            _ => entries.chunks(ENTRIES).collect(),
        };
        // The first piece last: it makes the others valid.
        for (piece, entries) in pieces.into_iter().enumerate().rev() {
            let mut item = key(&pk, &format!("{MANIFEST}{part}#{piece:04}"));
            item.insert("part_name".to_owned(), s(part));
            item.insert("piece".to_owned(), n(piece));
            item.insert("write_id".to_owned(), s(&mark));
            item.insert("expires_at".to_owned(), n(self.ledger_expiry()));
            item.insert(BODY.to_owned(), body(&entries)?);
            self.put(&self.tables.ledger, item, None).await?;
        }
        Ok(())
    }

    async fn put_outcomes(&self, outcomes: &[OutcomeItem]) -> Result<(), Fault> {
        let groups = outcomes.iter().map(Group::told).collect();
        self.write_groups(groups).await.map(drop)
    }

    async fn totals(&self, run: &str, target: &TargetName) -> Result<Totals, Fault> {
        let pk = partition(run, target);
        let manifests = Query::of(&self.tables.ledger, pk).prefix(MANIFEST);
        let (items, _) = self.query(manifests).await?;
        let entries = self.read_manifests(&items)?;
        let outcomes: BTreeMap<_, _> = self.outcomes_of(run, target).await?;
        Ok(Totals::count(&entries, &outcomes))
    }

    async fn runs(&self, company: &Company, limit: usize) -> Result<Vec<Run>, Fault> {
        let query = Query::of(&self.tables.ledger, runs_partition(company));
        let (items, _) = self.query(query.newest_first().limit(limit)).await?;
        let read = |item| read_body(&self.tables.ledger, item);
        items.iter().map(read).collect()
    }

    async fn history(&self, key: &SageKey, limit: usize) -> Result<Vec<OutcomeItem>, Fault> {
        self.history_of(key, limit).await
    }
}
