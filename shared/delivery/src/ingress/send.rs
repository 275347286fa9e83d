//! From events to messages that are durable.

use std::time::Duration;

use counterpart_domain::{Class, Fault};

use crate::ports::{Clock, EventQueue, Ids, Outgoing};
use crate::send::json;
use crate::{CrmEvent, event};

/// The message of an event.
///
/// # Errors
/// Class bug, when it cannot be written as JSON.
pub(super) fn message(event: &CrmEvent) -> Result<Outgoing, Fault> {
    debug_assert_eq!(event.version, event::EVENT_VERSION);
    Ok(Outgoing {
        body: json(event)?,
        delay: Duration::ZERO,
    })
}

/// Sends messages, and those that were refused again, at most `tries` times. One answer per message, in order.
///
/// # Errors
/// When a call as a whole failed: nobody knows what was sent.
pub(super) async fn send<Q: EventQueue, C: Clock + Ids>(
    queue: &Q,
    clock: &C,
    messages: &[Outgoing],
    tries: u64,
) -> Result<Vec<Result<(), Fault>>, Fault> {
    let mut answers = answered(queue, messages).await?;
    for attempt in 1..tries {
        let refused: Vec<usize> = answers
            .iter()
            .enumerate()
            .filter(|(_, answer)| answer.as_ref().is_err_and(Fault::is_retryable))
            .map(|(position, _)| position)
            .collect();
        if refused.is_empty() {
            break;
        }
        let pause = 100 * attempt + clock.random_below(200);
        clock.sleep(Duration::from_millis(pause)).await;
        let again: Vec<Outgoing> = refused
            .iter()
            .filter_map(|position| messages.get(*position).cloned())
            .collect();
        let second = answered(queue, &again).await?;
        for (position, answer) in refused.into_iter().zip(second) {
            if let Some(slot) = answers.get_mut(position) {
                *slot = answer;
            }
        }
    }
    Ok(answers)
}

/// Sends events until all of them are durable.
///
/// # Errors
/// When one of them is not. Those that were sent stay sent; repetition does no harm.
pub(super) async fn send_all<Q: EventQueue, C: Clock + Ids>(
    queue: &Q,
    clock: &C,
    events: &[CrmEvent],
    tries: u64,
) -> Result<(), Fault> {
    let messages = events.iter().map(message).collect::<Result<Vec<_>, _>>()?;
    if messages.is_empty() {
        return Ok(());
    }
    let answers = send(queue, clock, &messages, tries).await?;
    answers.into_iter().collect()
}

async fn answered<Q: EventQueue>(
    queue: &Q,
    messages: &[Outgoing],
) -> Result<Vec<Result<(), Fault>>, Fault> {
    let answers = queue.send_events(messages).await?;
    if answers.len() == messages.len() {
        return Ok(answers);
    }
    Err(Fault::new(
        Class::Bug,
        "E_QUEUE_ANSWERS",
        "The queue answered for another number of messages than were sent.",
    ))
}
