//! SQS: one queue of packs per target.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use counterpart_delivery::ports::{Outgoing, Queue};
use counterpart_domain::{Class, Fault, TargetName};
use futures_util::{StreamExt as _, stream};

use crate::Usage;
use crate::fault::{Service, class_of, classify};

/// Messages in one call.
const BATCH: usize = 10;
/// Calls under way at once.
const CONCURRENT: usize = 4;
/// SQS's bounds.
const LONGEST_DELAY: Duration = Duration::from_secs(15 * 60);
const LONGEST_INVISIBLE: Duration = Duration::from_secs(12 * 3600);

/// The `crm-writes` queues.
pub struct SqsQueue {
    client: Client,
    urls: BTreeMap<TargetName, String>,
    usage: Arc<Usage>,
    longest_body: usize,
    longest_batch: usize,
}

impl SqsQueue {
    /// Queues by target. A body may have 240 KiB, a batch 1000 KiB.
    #[must_use]
    pub fn new(config: &SdkConfig, urls: BTreeMap<TargetName, String>, usage: Arc<Usage>) -> Self {
        Self {
            client: Client::new(config),
            urls,
            usage,
            longest_body: 240 * 1024,
            longest_batch: 1000 * 1024,
        }
    }

    /// With other bounds, in bytes: of one body, and of all bodies of one call (256 KiB where a queue is older than 2025,
    /// 1 MiB today).
    #[must_use]
    pub fn with_limits(mut self, longest_body: usize, longest_batch: usize) -> Self {
        self.longest_body = longest_body;
        self.longest_batch = longest_batch.max(longest_body);
        self
    }

    fn url(&self, target: &TargetName) -> Result<&str, Fault> {
        self.urls.get(target).map(String::as_str).ok_or_else(|| {
            Service::Queue.fault(
                Class::Configuration,
                "UNKNOWN_TARGET",
                format!("Target {target} has no crm-writes queue in this deployment."),
            )
        })
    }

    /// Sends one batch; one answer per position of `batch`, or the fault of the call as a whole.
    async fn send_batch(
        &self,
        target: &TargetName,
        url: &str,
        messages: &[Outgoing],
        batch: &[usize],
    ) -> Result<BTreeMap<usize, Result<(), Fault>>, Fault> {
        let entries: Result<Vec<_>, _> = batch
            .iter()
            .filter_map(|at| Some((at, messages.get(*at)?)))
            .map(|(at, message)| {
                SendMessageBatchRequestEntry::builder()
                    .id(at.to_string())
                    .message_body(&message.body)
                    .delay_seconds(seconds(message.delay.min(LONGEST_DELAY)))
                    .build()
            })
            .collect();
        let entries = entries
            .map_err(|error| Service::Queue.fault(Class::Bug, "REQUEST", error.to_string()))?;
        self.usage.sqs_request();
        let call = self.client.send_message_batch().queue_url(url);
        let answer = call
            .set_entries(Some(entries))
            .send()
            .await
            .map_err(|error| classify(Service::Queue, target.as_str(), &error))?;
        // What the answer does not name was not taken.
        let mut results: BTreeMap<usize, Result<(), Fault>> = batch
            .iter()
            .map(|at| {
                (
                    *at,
                    Err(entry_fault(target, "no answer for this entry", false)),
                )
            })
            .collect();
        for taken in &answer.successful {
            set(&mut results, &taken.id, Ok(()));
        }
        for refused in &answer.failed {
            let (class, suffix, says) =
                class_of(&refused.code, if refused.sender_fault { 400 } else { 500 });
            let text = format!("The crm-writes queue of {target} {says}");
            let fault = Service::Queue
                .fault(class, suffix, text)
                .with_detail(format!(
                    "entry: {}: {}",
                    refused.code,
                    refused.message.as_deref().unwrap_or_default()
                ));
            set(&mut results, &refused.id, Err(fault));
        }
        Ok(results)
    }
}

fn set(results: &mut BTreeMap<usize, Result<(), Fault>>, id: &str, result: Result<(), Fault>) {
    if let Some(known) = id.parse().ok().and_then(|at: usize| results.get_mut(&at)) {
        *known = result;
    }
}

fn entry_fault(target: &TargetName, detail: &str, ours: bool) -> Fault {
    let (class, suffix) = if ours {
        (Class::Bug, "BODY_SIZE")
    } else {
        (Class::Transient, "ENTRY")
    };
    let text = format!("The crm-writes queue of {target} did not take one message.");
    Service::Queue
        .fault(class, suffix, text)
        .with_detail(detail)
}

/// Whole seconds, rounded up: a message never comes back too early.
fn seconds(wait: Duration) -> i32 {
    let whole = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    i32::try_from(whole).unwrap_or(i32::MAX)
}

/// Cuts positions into batches by number and bytes. Bodies that fit nowhere are in none.
fn batches(sizes: &[usize], longest_body: usize, longest_batch: usize) -> Vec<Vec<usize>> {
    let mut batches: Vec<Vec<usize>> = Vec::new();
    let mut room = 0;
    for (at, size) in sizes.iter().copied().enumerate() {
        if size == 0 || size > longest_body {
            continue;
        }
        match batches.last_mut() {
            Some(batch) if batch.len() < BATCH && size <= room => {
                batch.push(at);
                room -= size;
            }
            _ => {
                batches.push(vec![at]);
                room = longest_batch.saturating_sub(size);
            }
        }
    }
    batches
}

impl Queue for SqsQueue {
    fn longest_body(&self) -> usize {
        self.longest_body
    }

    async fn send(
        &self,
        target: &TargetName,
        messages: &[Outgoing],
    ) -> Result<Vec<Result<(), Fault>>, Fault> {
        let url = self.url(target)?;
        let sizes: Vec<_> = messages.iter().map(|message| message.body.len()).collect();
        let mut answers: Vec<_> = sizes
            .iter()
            .map(|size| {
                let detail = format!("{size} bytes; 1 to {} are allowed", self.longest_body);
                Err(entry_fault(target, &detail, true))
            })
            .collect();
        let batches = batches(&sizes, self.longest_body, self.longest_batch);
        let calls = batches
            .iter()
            .map(async |batch| (batch, self.send_batch(target, url, messages, batch).await));
        let sent: Vec<_> = stream::iter(calls)
            .buffer_unordered(CONCURRENT)
            .collect()
            .await;
        if let Some((_, Err(fault))) = sent.first()
            && sent.iter().all(|(_, results)| results.is_err())
        {
            return Err(fault.clone());
        }
        for (batch, results) in sent {
            for at in batch {
                let result = match &results {
                    Ok(results) => results.get(at).cloned(),
                    Err(fault) => Some(Err(fault.clone())),
                };
                if let (Some(answer), Some(result)) = (answers.get_mut(*at), result) {
                    *answer = result;
                }
            }
        }
        Ok(answers)
    }

    async fn hand_back(
        &self,
        target: &TargetName,
        receipt: &str,
        delay: Duration,
    ) -> Result<(), Fault> {
        let url = self.url(target)?;
        self.usage.sqs_request();
        self.client
            .change_message_visibility()
            .queue_url(url)
            .receipt_handle(receipt)
            .visibility_timeout(seconds(delay.min(LONGEST_INVISIBLE)))
            .send()
            .await
            .map_err(|error| classify(Service::Queue, target.as_str(), &error))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_cut_by_number_and_by_bytes() {
        assert_eq!(
            batches(&[1; 23], 10, 100)
                .iter()
                .map(Vec::len)
                .collect::<Vec<_>>(),
            [10, 10, 3]
        );
        assert_eq!(
            batches(&[60, 40, 1, 0, 101, 99], 100, 100),
            [vec![0, 1], vec![2, 5]]
        );
        assert!(batches(&[], 10, 10).is_empty());
    }

    #[test]
    fn waits_are_rounded_up_to_whole_seconds() {
        assert_eq!(seconds(Duration::from_millis(1)), 1);
        assert_eq!(seconds(Duration::from_secs(30)), 30);
        assert_eq!(seconds(Duration::ZERO), 0);
    }
}
