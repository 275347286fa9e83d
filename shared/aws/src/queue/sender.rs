//! Batches of messages to one queue, whichever it is.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::BuildError;
use aws_sdk_sqs::types::{MessageAttributeValue, SendMessageBatchRequestEntry};
use aws_types::SdkConfig;
use counterpart_delivery::ports::{Fifo, Outgoing};
use counterpart_domain::{Class, Fault};
use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;

use crate::Usage;
use crate::fault::{Service, class_of, classify};

/// Messages in one call.
pub(super) const BATCH: usize = 10;
/// Calls under way at once.
const CONCURRENT: usize = 4;
/// SQS's bounds.
const LONGEST_DELAY: Duration = Duration::from_secs(15 * 60);
const LONGEST_INVISIBLE: Duration = Duration::from_secs(12 * 3600);

/// The message attribute with the time, in milliseconds since 1970, at which the work of a message was first sent. Only
/// messages that were sent anew have it.
pub const FIRST_SENT: &str = "FirstSent";

/// A queue, and how it is called in messages.
pub(super) struct Place<'a> {
    pub(super) name: String,
    pub(super) url: &'a str,
}

/// A message to send.
pub(super) struct Letter<'a> {
    pub(super) body: &'a str,
    /// Standard queues only.
    pub(super) delay: Duration,
    /// Where its work was sent before in another message: when first.
    pub(super) first_sent: Option<Timestamp>,
    /// FIFO queues only.
    pub(super) fifo: Option<&'a Fifo>,
}

impl<'a> From<&'a Outgoing> for Letter<'a> {
    fn from(message: &'a Outgoing) -> Self {
        Self {
            body: &message.body,
            delay: message.delay,
            first_sent: None,
            fifo: message.fifo.as_ref(),
        }
    }
}

impl<'a> Letter<'a> {
    /// One that takes the place of another.
    pub(super) const fn anew(body: &'a str, first_sent: Timestamp, delay: Duration) -> Self {
        Self {
            body,
            delay,
            first_sent: Some(first_sent),
            fifo: None,
        }
    }
}

/// One answer per position of a batch.
pub(super) type Answers = BTreeMap<usize, Result<(), Fault>>;

pub(super) struct Sender {
    client: Client,
    usage: Arc<Usage>,
    pub(super) longest_body: usize,
    pub(super) longest_batch: usize,
}

impl Sender {
    pub(super) fn new(config: &SdkConfig, usage: Arc<Usage>) -> Self {
        Self {
            client: Client::new(config),
            usage,
            longest_body: 240 * 1024,
            longest_batch: 1000 * 1024,
        }
    }

    pub(super) fn with_limits(mut self, longest_body: usize, longest_batch: usize) -> Self {
        self.longest_body = longest_body;
        self.longest_batch = longest_batch.max(longest_body);
        self
    }

    /// The answers before anything is sent: what is too long stays refused.
    pub(super) fn unsent(
        &self,
        place: &Place<'_>,
        letters: &[Letter<'_>],
    ) -> Vec<Result<(), Fault>> {
        letters
            .iter()
            .map(|letter| {
                let size = letter.body.len();
                let detail = format!("{size} bytes; 1 to {} are allowed", self.longest_body);
                Err(entry_fault(place, &detail, true))
            })
            .collect()
    }

    pub(super) fn fits(&self, letter: &Letter<'_>) -> bool {
        (1..=self.longest_body).contains(&letter.body.len())
    }

    /// Sends letters in whatever batches, several at once.
    pub(super) async fn send(
        &self,
        place: &Place<'_>,
        letters: &[Letter<'_>],
    ) -> Result<Vec<Result<(), Fault>>, Fault> {
        let sizes: Vec<_> = letters.iter().map(|letter| letter.body.len()).collect();
        let mut answers = self.unsent(place, letters);
        let batches = batches(&sizes, self.longest_body, self.longest_batch);
        let calls = batches
            .iter()
            .map(async |batch| (batch, self.send_batch(place, letters, batch).await));
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

    /// Sends one letter.
    pub(super) async fn send_one(
        &self,
        place: &Place<'_>,
        letter: Letter<'_>,
    ) -> Result<(), Fault> {
        let mut answers = self.send(place, &[letter]).await?;
        answers
            .pop()
            .unwrap_or_else(|| Err(entry_fault(place, "no answer for this entry", false)))
    }

    /// Sends one batch; one answer per position of `batch`, or the fault of the call as a whole.
    pub(super) async fn send_batch(
        &self,
        place: &Place<'_>,
        letters: &[Letter<'_>],
        batch: &[usize],
    ) -> Result<Answers, Fault> {
        let entries: Result<Vec<_>, _> = batch
            .iter()
            .filter_map(|at| Some((at, letters.get(*at)?)))
            .map(|(at, letter)| {
                let mut entry = SendMessageBatchRequestEntry::builder()
                    .id(at.to_string())
                    .message_body(letter.body);
                if let Some(first) = letter.first_sent {
                    entry = entry.message_attributes(FIRST_SENT, milliseconds(first)?);
                }
                match letter.fifo {
                    // FIFO queues take no delay of a single message.
                    Some(fifo) => entry
                        .message_group_id(&fifo.group)
                        .message_deduplication_id(&fifo.deduplication_id),
                    None => entry.delay_seconds(seconds(letter.delay.min(LONGEST_DELAY))),
                }
                .build()
            })
            .collect();
        let entries = entries
            .map_err(|error| Service::Queue.fault(Class::Bug, "REQUEST", error.to_string()))?;
        self.usage.sqs_request();
        let call = self.client.send_message_batch().queue_url(place.url);
        let answer = call
            .set_entries(Some(entries))
            .send()
            .await
            .map_err(|error| classify(Service::Queue, &place.name, &error))?;
        // What the answer does not name was not taken.
        let mut results: Answers = batch
            .iter()
            .map(|at| {
                let detail = "no answer for this entry";
                (*at, Err(entry_fault(place, detail, false)))
            })
            .collect();
        for taken in &answer.successful {
            set(&mut results, &taken.id, Ok(()));
        }
        for refused in &answer.failed {
            let (class, suffix, says) =
                class_of(&refused.code, if refused.sender_fault { 400 } else { 500 });
            let text = format!("The {} {says}", place.name);
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

    pub(super) async fn hand_back(
        &self,
        place: &Place<'_>,
        receipt: &str,
        delay: Duration,
    ) -> Result<(), Fault> {
        self.usage.sqs_request();
        self.client
            .change_message_visibility()
            .queue_url(place.url)
            .receipt_handle(receipt)
            .visibility_timeout(seconds(delay.min(LONGEST_INVISIBLE)))
            .send()
            .await
            .map_err(|error| classify(Service::Queue, &place.name, &error))?;
        Ok(())
    }
}

fn milliseconds(at: Timestamp) -> Result<MessageAttributeValue, BuildError> {
    MessageAttributeValue::builder()
        .data_type("Number")
        .string_value(at.as_millisecond().to_string())
        .build()
}

fn set(results: &mut Answers, id: &str, result: Result<(), Fault>) {
    if let Some(known) = id.parse().ok().and_then(|at: usize| results.get_mut(&at)) {
        *known = result;
    }
}

pub(super) fn entry_fault(place: &Place<'_>, detail: &str, ours: bool) -> Fault {
    let (class, suffix) = if ours {
        (Class::Bug, "BODY_SIZE")
    } else {
        (Class::Transient, "ENTRY")
    };
    let text = format!("The {} did not take one message.", place.name);
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
