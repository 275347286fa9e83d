//! The FIFO queue of jobs for Sage.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use aws_types::SdkConfig;
use counterpart_delivery::ports::{JobQueue, OutgoingJob};
use counterpart_domain::Fault;

use super::sender::{Letter, Place, Sender, entry_fault};
use crate::Usage;

/// Messages in one call.
const BATCH: usize = 10;

/// `sage-writes.fifo`.
pub struct SqsJobs {
    sender: Sender,
    url: String,
}

impl SqsJobs {
    /// The queue behind a URL, with the bounds of [`SqsQueue`](super::SqsQueue). Without a URL every call is refused.
    #[must_use]
    pub fn new(config: &SdkConfig, url: String, usage: Arc<Usage>) -> Self {
        Self {
            sender: Sender::new(config, usage),
            url,
        }
    }

    fn place(&self) -> Result<Place<'_>, Fault> {
        Place::of("sage-writes queue", &self.url)
    }
}

impl JobQueue for SqsJobs {
    fn longest_job(&self) -> usize {
        self.sender.longest_body
    }

    /// One batch after the other, and no group twice in a batch: an entry may fail while its neighbours are taken, and must
    /// not be overtaken by the next of its group. Behind a job that was not taken, its group stays at home.
    async fn send_jobs(&self, jobs: &[OutgoingJob]) -> Result<Vec<Result<(), Fault>>, Fault> {
        let place = self.place()?;
        let letters: Vec<_> = jobs
            .iter()
            .map(|job| Letter {
                body: &job.body,
                delay: Duration::ZERO,
                first_sent: None,
                fifo: Some((&job.group, &job.deduplication_id)),
            })
            .collect();
        let mut answers = self.sender.unsent(&place, &letters);
        let mut blocked: BTreeSet<&str> = BTreeSet::new();
        let mut left: Vec<usize> = Vec::new();
        for (at, (job, letter)) in jobs.iter().zip(&letters).enumerate() {
            if blocked.contains(job.group.as_str()) {
                answers[at] = Err(behind(&place));
            } else if self.sender.fits(letter) {
                left.push(at);
            } else {
                blocked.insert(&job.group);
            }
        }
        let (mut sent_any, mut whole) = (false, None);
        while !left.is_empty() {
            let batch = next_batch(jobs, &mut left, self.sender.longest_batch);
            let results = self.sender.send_batch(&place, &letters, &batch).await;
            match &results {
                Ok(_) => sent_any = true,
                Err(fault) => whole = Some(fault.clone()),
            }
            for at in batch {
                answers[at] = match &results {
                    Ok(results) => results.get(&at).cloned().unwrap_or_else(|| {
                        Err(entry_fault(&place, "no answer for this entry", false))
                    }),
                    Err(fault) => Err(fault.clone()),
                };
                if answers[at].is_err() {
                    blocked.insert(&jobs[at].group);
                }
            }
            left.retain(|at| {
                let waits = blocked.contains(jobs[*at].group.as_str());
                if waits {
                    answers[*at] = Err(behind(&place));
                }
                !waits
            });
        }
        match whole {
            Some(fault) if !sent_any => Err(fault),
            _ => Ok(answers),
        }
    }

    async fn hand_back_job(&self, receipt: &str, delay: Duration) -> Result<(), Fault> {
        self.sender.hand_back(&self.place()?, receipt, delay).await
    }
}

fn behind(place: &Place<'_>) -> Fault {
    entry_fault(place, "behind a job of its group that was not taken", false)
}

/// The next ten at most, the first of each group, and no more bytes than a call may have; taken out of `left`.
fn next_batch(jobs: &[OutgoingJob], left: &mut Vec<usize>, mut room: usize) -> Vec<usize> {
    let mut groups: BTreeSet<&str> = BTreeSet::new();
    let (mut batch, mut rest) = (Vec::new(), Vec::new());
    for at in left.drain(..) {
        let job = &jobs[at];
        let first = groups.insert(job.group.as_str());
        if first && batch.len() < BATCH && (batch.is_empty() || job.body.len() <= room) {
            room = room.saturating_sub(job.body.len());
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
    use super::*;

    fn job(group: &str) -> OutgoingJob {
        OutgoingJob {
            group: group.to_owned(),
            deduplication_id: String::new(),
            body: "{}".to_owned(),
        }
    }

    #[test]
    fn no_group_is_twice_in_a_batch_and_each_keeps_its_order() {
        let jobs: Vec<_> = ["a", "a", "b", "a", "c"].map(job).into();
        let mut left: Vec<_> = (0..jobs.len()).collect();
        let mut batches = Vec::new();
        while !left.is_empty() {
            batches.push(next_batch(&jobs, &mut left, 100));
        }
        assert_eq!(batches, [vec![0, 2, 4], vec![1], vec![3]]);
        let mut left: Vec<_> = (0..jobs.len()).collect();
        assert_eq!(next_batch(&jobs, &mut left, 5), [0, 2]);
        assert_eq!(left, [1, 3, 4]);
    }
}
