//! Messages are sent until each is durable.

use std::time::Duration;

use counterpart_domain::{Class, Fault};

use crate::ports::{Clock, Ids, Outgoing, Queue, QueueName};
use crate::{CrmEvent, event};

/// How often messages are sent that a batch send refuses, before the caller is told.
pub(crate) const TRIES: u64 = 3;

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
