//! From records to messages: cut into packs, sent until each is durable.

use std::time::Duration;

use counterpart_domain::{Class, Company, Entity, Fault, TargetName};

use crate::ports::{Clock, EventQueue, Ids, JobQueue, Outgoing, OutgoingJob, Queue};
use crate::{Entry, Pack, Reason, WIRE_VERSION};

/// What the envelope of a pack takes, at most, in bytes.
const ENVELOPE: usize = 512;
/// How often entries that a batch send refused are sent again before the caller is told.
const TRIES: u64 = 3;

/// The head that the packs of one cut share.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head<'a> {
    pub(crate) target: &'a TargetName,
    pub(crate) company: &'a Company,
    pub(crate) entity: Entity,
    pub(crate) reason: Reason,
    pub(crate) config_version: u64,
}

/// One message, ready to send.
#[derive(Debug)]
pub(crate) struct Ready {
    message: Outgoing,
}

impl Ready {
    /// A message of another make than a pack, to be received at once.
    pub(crate) fn new(body: String) -> Self {
        Self {
            message: Outgoing {
                body,
                delay: Duration::ZERO,
            },
        }
    }
}

/// Cuts entries into packs of at most `most` records and at most the queue's longest body. Entries that do not fit
/// into a message by themselves come back apart. They are put in order of their keys, so that the children of one parent
/// share a pack: a CRM that locks the parent while a child is written does not meet itself in the next call.
///
/// # Errors
/// Class bug, when an entry cannot be written as JSON.
pub(crate) fn cut(
    head: Head<'_>,
    mut entries: Vec<Entry>,
    most: usize,
    longest_body: usize,
    delay: Duration,
    ids: &impl Ids,
) -> Result<(Vec<Ready>, Vec<Entry>), Fault> {
    entries.sort_by(|one, other| one.local_key.cmp(&other.local_key));
    let room = longest_body.saturating_sub(ENVELOPE);
    let (mut ready, mut too_large) = (Vec::new(), Vec::new());
    let (mut pack, mut bytes) = (Vec::new(), 0);
    for entry in entries {
        let size = json(&entry)?.len() + 1;
        if size > room {
            too_large.push(entry);
            continue;
        }
        if pack.len() == most.max(1) || bytes + size > room {
            ready.push(seal(head, std::mem::take(&mut pack), delay, ids)?);
            bytes = 0;
        }
        bytes += size;
        pack.push(entry);
    }
    if !pack.is_empty() {
        ready.push(seal(head, pack, delay, ids)?);
    }
    Ok((ready, too_large))
}

fn seal(
    head: Head<'_>,
    entries: Vec<Entry>,
    delay: Duration,
    ids: &impl Ids,
) -> Result<Ready, Fault> {
    let pack = Pack {
        version: WIRE_VERSION,
        id: ids.new_id(),
        target: head.target.clone(),
        company: head.company.clone(),
        entity: head.entity,
        reason: head.reason,
        config_version: head.config_version,
        entries,
    };
    Ok(Ready {
        message: Outgoing {
            body: json(&pack)?,
            delay,
        },
    })
}

pub(crate) fn json(value: &impl serde::Serialize) -> Result<String, Fault> {
    serde_json::to_string(value).map_err(|error| {
        Fault::new(
            Class::Bug,
            "E_ENCODE",
            "A record could not be written as JSON.",
        )
        .with_detail(error)
    })
}

/// Sends messages until every one of them is durable.
///
/// # Errors
/// When some are still refused after a few tries. Those that were sent stay sent: what follows must bear repetition.
pub(crate) async fn send_all<Q: Queue, C: Clock + Ids>(
    queue: &Q,
    clock: &C,
    target: &TargetName,
    ready: Vec<Ready>,
) -> Result<(), Fault> {
    let messages = ready.into_iter().map(|ready| ready.message).collect();
    until_durable(clock, messages, async |left: &[Outgoing]| {
        queue.send(target, left).await
    })
    .await
}

/// The same for single messages to a target's `crm-writes`.
///
/// # Errors
/// As with [`send_all`].
pub(crate) async fn send_writes<Q: Queue, C: Clock + Ids>(
    queue: &Q,
    clock: &C,
    target: &TargetName,
    messages: Vec<Outgoing>,
) -> Result<(), Fault> {
    until_durable(clock, messages, async |left: &[Outgoing]| {
        queue.send(target, left).await
    })
    .await
}

/// The same for `crm-events`.
///
/// # Errors
/// As with [`send_all`].
pub(crate) async fn send_events<Q: EventQueue, C: Clock + Ids>(
    queue: &Q,
    clock: &C,
    events: Vec<Outgoing>,
) -> Result<(), Fault> {
    until_durable(clock, events, async |left: &[Outgoing]| {
        queue.send_events(left).await
    })
    .await
}

/// The same for `sage-writes.fifo`. Jobs of one group that are sent after a refused one wait for it.
///
/// # Errors
/// As with [`send_all`].
pub(crate) async fn send_jobs<Q: JobQueue, C: Clock + Ids>(
    queue: &Q,
    clock: &C,
    jobs: Vec<OutgoingJob>,
) -> Result<(), Fault> {
    until_durable(clock, jobs, async |left: &[OutgoingJob]| {
        queue.send_jobs(left).await
    })
    .await
}

async fn until_durable<T, C: Clock + Ids>(
    clock: &C,
    mut left: Vec<T>,
    send: impl AsyncFn(&[T]) -> Result<Vec<Result<(), Fault>>, Fault>,
) -> Result<(), Fault> {
    let mut tries = 0;
    while !left.is_empty() {
        let answers = send(&left).await?;
        if answers.len() != left.len() {
            return Err(Fault::new(
                Class::Bug,
                "E_QUEUE_ANSWERS",
                "The queue answered for another number of messages than were sent.",
            ));
        }
        let mut refused = None;
        let mut again = Vec::new();
        for (message, answer) in left.into_iter().zip(answers) {
            if let Err(fault) = answer {
                refused = Some(fault);
                again.push(message);
            }
        }
        left = again;
        if let Some(fault) = refused {
            tries += 1;
            if tries == TRIES || !fault.is_retryable() {
                return Err(fault);
            }
            clock
                .sleep(Duration::from_millis(100 * tries + clock.random_below(200)))
                .await;
        }
    }
    Ok(())
}
