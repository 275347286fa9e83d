//! From records to messages: cut into packs, sent until each is durable.

use std::time::Duration;

use counterpart_domain::{Class, Company, Entity, Fault, TargetName};

use crate::ports::{Clock, Ids, Outgoing, Queue, QueueName};
use crate::{CrmEvent, Entry, Pack, Reason, WIRE_VERSION, event};

/// What the envelope of a pack takes, at most, in bytes.
const ENVELOPE: usize = 512;
/// How often messages are sent that a batch send refuses, before the caller is told.
pub(crate) const TRIES: u64 = 3;

/// The head that the packs of one cut share.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head<'a> {
    pub(crate) target: &'a TargetName,
    pub(crate) company: &'a Company,
    pub(crate) entity: Entity,
    pub(crate) reason: Reason,
    pub(crate) config_version: u64,
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
) -> Result<(Vec<Outgoing>, Vec<Entry>), Fault> {
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
) -> Result<Outgoing, Fault> {
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
    Ok(Outgoing::delayed(json(&pack)?, delay))
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

/// The message of an event.
///
/// # Errors
/// Class bug, when it cannot be written as JSON.
pub(crate) fn event_message(event: &CrmEvent) -> Result<Outgoing, Fault> {
    debug_assert_eq!(event.version, event::EVENT_VERSION);
    Ok(Outgoing::now(json(event)?))
}

/// Sends messages until every one of them is durable, with a few tries.
///
/// # Errors
/// When some are still refused. Those that were sent stay sent: what follows must bear repetition.
pub(crate) async fn send_all<Q: Queue, C: Clock + Ids>(
    queue: &Q,
    clock: &C,
    to: &QueueName,
    messages: Vec<Outgoing>,
) -> Result<(), Fault> {
    let answers = send(queue, clock, to, &messages, TRIES).await?;
    answers.into_iter().collect()
}

/// Sends messages, and those that were refused for now again, `tries` times altogether. One answer per message, in order.
///
/// # Errors
/// When a call as a whole failed: nobody knows what was sent.
pub(crate) async fn send<Q: Queue, C: Clock + Ids>(
    queue: &Q,
    clock: &C,
    to: &QueueName,
    messages: &[Outgoing],
    tries: u64,
) -> Result<Vec<Result<(), Fault>>, Fault> {
    if messages.is_empty() {
        return Ok(Vec::new());
    }
    let mut answers = answered(queue, to, messages).await?;
    for attempt in 1..tries {
        let refused = refused_for_now(to, &answers);
        if refused.is_empty() {
            break;
        }
        let pause = 100 * attempt + clock.random_below(200);
        clock.sleep(Duration::from_millis(pause)).await;
        let again: Vec<Outgoing> = refused
            .iter()
            .filter_map(|position| messages.get(*position).cloned())
            .collect();
        let second = answered(queue, to, &again).await?;
        for (position, answer) in refused.into_iter().zip(second) {
            if let Some(slot) = answers.get_mut(position) {
                *slot = answer;
            }
        }
    }
    Ok(answers)
}

/// Which messages are worth another try. In a FIFO queue nothing overtakes what was refused for good.
fn refused_for_now(to: &QueueName, answers: &[Result<(), Fault>]) -> Vec<usize> {
    let for_good = |answer: &Result<(), Fault>| {
        let fault = answer.as_ref().err();
        fault.is_some_and(|fault| !fault.is_retryable())
    };
    if to.is_fifo() && answers.iter().any(for_good) {
        return Vec::new();
    }
    let answers = answers.iter().enumerate();
    answers
        .filter(|(_, answer)| answer.as_ref().is_err_and(Fault::is_retryable))
        .map(|(position, _)| position)
        .collect()
}

async fn answered<Q: Queue>(
    queue: &Q,
    to: &QueueName,
    messages: &[Outgoing],
) -> Result<Vec<Result<(), Fault>>, Fault> {
    let answers = queue.send(to, messages).await?;
    if answers.len() == messages.len() {
        return Ok(answers);
    }
    Err(Fault::new(
        Class::Bug,
        "E_QUEUE_ANSWERS",
        "The queue answered for another number of messages than were sent.",
    ))
}
