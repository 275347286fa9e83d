//! Outcomes, many to an item, twice over: by run, to close its window, and by record, to tell its history.
//!
//! Nothing is written over. What was written twice is told apart when it is read: a final outcome beats one that is not,
//! and of two final ones the first stays.

use std::collections::BTreeMap;

use counterpart_delivery::{FieldChange, Outcome, OutcomeItem};
use counterpart_domain::{Digest, Fault, Note, SageKey, TargetName};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::DynamoStore;
use super::item::{Item, Read as _, key, n, unreadable};
use super::ledger::partition;
use super::packed::{packed, read_packed};
use super::query::Query;
use super::step::Step;
use crate::clock::write_id;

const PREFIX: &str = "outcomes#";
/// Partitions that the histories of an entity's records are spread over. More of them make a history quicker to read and a
/// pack dearer to write: each gets an item of its own from every pack.
const BUCKETS: u32 = 16;
/// Items of a history that are read at once, where as many fit into DynamoDB's page of 1 MB.
const PAGE: usize = 1000;

/// One outcome in a history. The key's company and entity are the partition's.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    #[serde(rename = "k")]
    local: String,
    #[serde(rename = "r")]
    run: String,
    #[serde(rename = "t")]
    target: TargetName,
    #[serde(rename = "o")]
    outcome: Outcome,
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(rename = "x", default, skip_serializing_if = "Vec::is_empty")]
    changes: Vec<(String, String, String)>,
    #[serde(rename = "i", default, skip_serializing_if = "Vec::is_empty")]
    notes: Vec<Note>,
    #[serde(rename = "m")]
    mapping_version: Digest,
    #[serde(rename = "n")]
    attempts: u32,
    at: Timestamp,
}

impl From<&OutcomeItem> for Line {
    fn from(item: &OutcomeItem) -> Self {
        let change = |change: &FieldChange| {
            let FieldChange {
                field,
                before,
                after,
            } = change.clone();
            (field, before, after)
        };
        Self {
            local: item.key.local.clone(),
            run: item.run.clone(),
            target: item.target.clone(),
            outcome: item.outcome,
            code: item.code.clone(),
            changes: item.changes.iter().map(change).collect(),
            notes: item.notes.clone(),
            mapping_version: item.mapping_version.clone(),
            attempts: item.attempts,
            at: item.at,
        }
    }
}

impl Line {
    fn into_item(self, key: &SageKey) -> OutcomeItem {
        let change = |(field, before, after)| FieldChange {
            field,
            before,
            after,
        };
        OutcomeItem {
            run: self.run,
            target: self.target,
            key: key.clone(),
            outcome: self.outcome,
            code: self.code,
            changes: self.changes.into_iter().map(change).collect(),
            notes: self.notes,
            mapping_version: self.mapping_version,
            attempts: self.attempts,
            at: self.at,
        }
    }
}

/// Whether what is written later takes the place of what is there.
const fn gives_way(there: Option<Outcome>) -> bool {
    match there {
        Some(outcome) => !outcome.is_final(),
        None => true,
    }
}

/// About how many bytes an outcome takes before it is packed, and no fewer.
pub(super) fn length(item: &OutcomeItem) -> usize {
    let changes = item.changes.iter();
    let changes =
        changes.map(|change| change.field.len() + change.before.len() + change.after.len() + 12);
    let notes = item.notes.iter();
    let notes = notes.map(|note| note.field.len() + note.code.len() + note.message.len() + 40);
    200 + item.key.local.len() + item.run.len() + changes.sum::<usize>() + notes.sum::<usize>()
}

/// Which of the partitions a record's history lies in. Every release has to come to the same answer.
pub(super) fn bucket(key: &SageKey) -> u32 {
    let hash = key.local.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    // The low bits of such a hash are its weakest.
    (hash ^ (hash >> 16)) % BUCKETS
}

fn history_partition(key: &SageKey) -> String {
    format!(
        "history#{}#{}#{}",
        key.company,
        key.entity.name(),
        bucket(key)
    )
}

impl DynamoStore {
    /// The items that hold these outcomes, under keys that nobody has written yet.
    pub(super) fn outcome_steps<'a>(
        &self,
        outcomes: impl Iterator<Item = &'a OutcomeItem>,
    ) -> Result<Vec<Step>, Fault> {
        type OfRun<'a> = BTreeMap<Outcome, Vec<&'a str>>;
        let mut by_run: BTreeMap<String, OfRun<'_>> = BTreeMap::new();
        let mut by_record: BTreeMap<String, Vec<&OutcomeItem>> = BTreeMap::new();
        for item in outcomes {
            let of_run = by_run
                .entry(partition(&item.run, &item.target))
                .or_default();
            of_run
                .entry(item.outcome)
                .or_default()
                .push(&item.key.local);
            let of_record = by_record.entry(history_partition(&item.key)).or_default();
            of_record.push(item);
        }
        if by_run.is_empty() {
            return Ok(Vec::new());
        }
        let mark = format!("{:020}#{}", Timestamp::now().as_nanosecond(), write_id());
        let mut steps = Vec::with_capacity(by_run.len() + by_record.len());
        for (pk, keys) in by_run {
            steps.push(self.ledger_step(&pk, &format!("{PREFIX}{mark}"), &keys)?);
        }
        for (pk, items) in by_record {
            let newest = items.iter().map(|item| item.at).max().unwrap_or_default();
            let lines: Vec<Line> = items.into_iter().map(Line::from).collect();
            // Nanoseconds with leading zeros: texts in order of time.
            let sk = format!("{:020}#{mark}", newest.as_nanosecond());
            steps.push(self.ledger_step(&pk, &sk, &lines)?);
        }
        Ok(steps)
    }

    fn ledger_step(&self, pk: &str, sk: &str, content: &impl Serialize) -> Result<Step, Fault> {
        let mut item = key(pk, sk);
        item.insert("expires_at".to_owned(), n(self.ledger_expiry()));
        item.insert(super::body::BODY.to_owned(), packed(content)?);
        Ok(Step::put(&self.tables.ledger, item, None))
    }

    /// A run's outcomes in a target, by local key.
    pub(super) async fn outcomes_of(
        &self,
        run: &str,
        target: &TargetName,
    ) -> Result<BTreeMap<String, Outcome>, Fault> {
        let table = &self.tables.ledger;
        let query = Query::of(table, partition(run, target)).prefix(PREFIX);
        let (items, _) = self.query(query).await?;
        let mut outcomes = BTreeMap::new();
        for item in &items {
            let keys: BTreeMap<Outcome, Vec<String>> = read_packed(table, item)?;
            for (outcome, keys) in keys {
                for key in keys {
                    if gives_way(outcomes.get(&key).copied()) {
                        outcomes.insert(key, outcome);
                    }
                }
            }
        }
        Ok(outcomes)
    }

    /// A record's outcomes, newest first, one for each run and target.
    pub(super) async fn history_of(
        &self,
        key_of: &SageKey,
        limit: usize,
    ) -> Result<Vec<OutcomeItem>, Fault> {
        let table = &self.tables.ledger;
        let pk = history_partition(key_of);
        let mut found: Vec<OutcomeItem> = Vec::new();
        let mut start = None;
        loop {
            let query = Query::of(table, &pk).newest_first().eventually();
            let (items, more) = self.query(query.start(start.take()).limit(PAGE)).await?;
            for item in &items {
                let lines: Vec<Line> = read_packed(table, item)?;
                let own = lines.into_iter().filter(|line| line.local == key_of.local);
                // Within an item the later one counts as the newer one.
                found.extend(own.rev().map(|line| line.into_item(key_of)));
            }
            let told = tell(&found);
            // One more than is asked for: by then, what was written twice of the others has been read.
            if !more || told.len() > limit {
                return Ok(told.into_iter().take(limit).collect());
            }
            start = items.last().map(|item| place(table, item)).transpose()?;
        }
    }
}

fn place(table: &str, item: &Item) -> Result<Item, Fault> {
    let part = |name| item.text(name);
    let (Some(pk), Some(sk)) = (part("pk"), part("sk")) else {
        return Err(unreadable(table, item, "no key"));
    };
    Ok(key(pk, sk))
}

/// Of what was read, newest first, the outcome that each run and target stands by, newest first.
fn tell(found: &[OutcomeItem]) -> Vec<OutcomeItem> {
    let mut told: BTreeMap<(&str, &TargetName), &OutcomeItem> = BTreeMap::new();
    for item in found.iter().rev() {
        let of = (item.run.as_str(), &item.target);
        if gives_way(told.get(&of).map(|there| there.outcome)) {
            told.insert(of, item);
        }
    }
    let mut told: Vec<OutcomeItem> = told.into_values().cloned().collect();
    told.sort_by(|one, other| {
        let order = |item: &OutcomeItem| (item.at, item.run.clone(), item.target.clone());
        order(other).cmp(&order(one))
    });
    told
}
