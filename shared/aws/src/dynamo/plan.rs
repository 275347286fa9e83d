//! How groups become transactions: a hundred items, four megabytes, no item twice.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher as _};

use super::group::{Group, Numbered};
use super::outcomes::{bucket, length};
use super::step::Step;

/// Items of one transaction.
const MOST_ITEMS: usize = 100;
/// Bytes of one transaction; DynamoDB takes 4 MB, names and syntax included.
const MOST_BYTES: usize = 3_500_000;
/// Bytes of one transaction's outcomes, before they are packed: an item that holds all of them is still far below the limit
/// of an item.
const MOST_TOLD: usize = 200_000;

/// Transactions that have nothing to do with each other.
pub(super) type Wave<'a> = Vec<Vec<Numbered<'a>>>;

/// Parts groups into waves of transactions. Within a wave no item is named twice; what would name one again comes in a
/// later wave.
pub(super) fn plan(groups: Vec<Numbered<'_>>) -> Vec<Wave<'_>> {
    let mut waves = Vec::new();
    let mut open = groups;
    // What shares an item of outcomes comes together: a transaction then needs few of them.
    open.sort_by_cached_key(|(_, group)| {
        let told = group.outcome;
        told.map(|outcome| (outcome.run.clone(), bucket(&outcome.key)))
    });
    while !open.is_empty() {
        let mut named: HashSet<u64> = HashSet::new();
        let (mut wave, mut later) = (Vec::new(), Vec::new());
        let (mut batch, mut room) = (Vec::new(), Room::default());
        for (at, group) in open {
            let places: Vec<u64> = group.steps.iter().map(|step| hash(step.place())).collect();
            if places.iter().any(|place| named.contains(place)) {
                later.push((at, group));
                continue;
            }
            named.extend(places);
            if !room.takes(&group) {
                wave.push(std::mem::take(&mut batch));
                room = Room::default();
                // What is too large for a transaction by itself is DynamoDB's to refuse.
                room.takes(&group);
            }
            batch.push((at, group));
        }
        wave.push(batch);
        waves.push(wave);
        open = later;
    }
    waves
}

/// What is in a transaction so far.
#[derive(Debug, Default)]
struct Room {
    items: usize,
    bytes: usize,
    told: usize,
    /// The partitions of its outcomes: an item each.
    partitions: HashSet<u64>,
}

impl Room {
    /// Whether a group fits, too; if so, it is in.
    fn takes(&mut self, group: &Group<'_>) -> bool {
        let items = self.items + group.steps.len();
        let bytes = self.bytes + group.steps.iter().map(Step::size).sum::<usize>();
        let mut told = self.told;
        let mut partitions = Vec::new();
        if let Some(outcome) = group.outcome {
            told += length(outcome);
            partitions.push(hash((&outcome.run, outcome.target.as_str())));
            partitions.push(hash((
                outcome.key.entity,
                bucket(&outcome.key),
                &outcome.key.company,
            )));
            partitions.retain(|partition| !self.partitions.contains(partition));
        }
        let all = items + self.partitions.len() + partitions.len();
        if all > MOST_ITEMS || bytes + told > MOST_BYTES || told > MOST_TOLD {
            return false;
        }
        (self.items, self.bytes, self.told) = (items, bytes, told);
        self.partitions.extend(partitions);
        true
    }
}

/// Stands for a name, without keeping it. Two items with one hash would merely be written one after the other.
fn hash(of: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}
