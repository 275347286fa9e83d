//! Batches to a FIFO queue: no message is overtaken by the next of its group.

use std::collections::BTreeSet;

use counterpart_domain::Fault;

use super::sender::{BATCH, Letter, Place, Sender, entry_fault};

impl Letter<'_> {
    /// Its group; empty: none.
    fn group(&self) -> &str {
        self.fifo.map_or("", |fifo| &fifo.group)
    }
}

impl Sender {
    /// One batch after the other, and no group twice in a batch: an entry may fail while its neighbours are taken, and must
    /// not be overtaken by the next of its group. Behind a message that was not taken, its group stays at home.
    pub(super) async fn send_in_order(
        &self,
        place: &Place<'_>,
        letters: &[Letter<'_>],
    ) -> Result<Vec<Result<(), Fault>>, Fault> {
        let mut answers = self.unsent(place, letters);
        let mut blocked: BTreeSet<&str> = BTreeSet::new();
        let mut left: Vec<usize> = Vec::new();
        for (at, letter) in letters.iter().enumerate() {
            if blocked.contains(letter.group()) {
                answers[at] = Err(behind(place));
            } else if self.fits(letter) {
                left.push(at);
            } else {
                blocked.insert(letter.group());
            }
        }
        let (mut sent_any, mut whole) = (false, None);
        while !left.is_empty() {
            let batch = next_batch(letters, &mut left, self.longest_batch);
            let results = self.send_batch(place, letters, &batch).await;
            match &results {
                Ok(_) => sent_any = true,
                Err(fault) => whole = Some(fault.clone()),
            }
            for at in batch {
                answers[at] = match &results {
                    Ok(results) => results.get(&at).cloned().unwrap_or_else(|| {
                        Err(entry_fault(place, "no answer for this entry", false))
                    }),
                    Err(fault) => Err(fault.clone()),
                };
                if answers[at].is_err() {
                    blocked.insert(letters[at].group());
                }
            }
            left.retain(|at| {
                let waits = blocked.contains(letters[*at].group());
                if waits {
                    answers[*at] = Err(behind(place));
                }
                !waits
            });
        }
        match whole {
            Some(fault) if !sent_any => Err(fault),
            _ => Ok(answers),
        }
    }
}

fn behind(place: &Place<'_>) -> Fault {
    entry_fault(place, "behind a job of its group that was not taken", false)
}

/// The next ten at most, the first of each group, and no more bytes than a call may have; taken out of `left`.
fn next_batch(letters: &[Letter<'_>], left: &mut Vec<usize>, mut room: usize) -> Vec<usize> {
    let mut groups: BTreeSet<&str> = BTreeSet::new();
    let (mut batch, mut rest) = (Vec::new(), Vec::new());
    for at in left.drain(..) {
        let letter = &letters[at];
        let first = groups.insert(letter.group());
        if first && batch.len() < BATCH && (batch.is_empty() || letter.body.len() <= room) {
            room = room.saturating_sub(letter.body.len());
            batch.push(at);
        } else {
            rest.push(at);
        }
    }
    *left = rest;
    batch
}

#[cfg(test)]
mod tests {
    use counterpart_delivery::ports::Outgoing;

    use super::*;

    fn job(group: &str) -> Outgoing {
        Outgoing::in_group("{}".to_owned(), group.to_owned(), String::new())
    }

    #[test]
    fn no_group_is_twice_in_a_batch_and_each_keeps_its_order() {
        let jobs = ["a", "a", "b", "a", "c"].map(job);
        let letters: Vec<_> = jobs.iter().map(Letter::from).collect();
        let mut left: Vec<_> = (0..jobs.len()).collect();
        let mut batches = Vec::new();
        while !left.is_empty() {
            batches.push(next_batch(&letters, &mut left, 100));
        }
        assert_eq!(batches, [vec![0, 2, 4], vec![1], vec![3]]);
        let mut left: Vec<_> = (0..jobs.len()).collect();
        assert_eq!(next_batch(&letters, &mut left, 5), [0, 2]);
        assert_eq!(left, [1, 3, 4]);
    }
}
