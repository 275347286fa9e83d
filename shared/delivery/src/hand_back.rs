//! Work that goes back to its queue: invisible for a pause, or sent anew before the queue forgets it.
//!
//! Standard queues keep a message for ten days, whatever happens to it; a FIFO queue keeps jobs for fourteen, and a job that was
//! sent anew would lose its place. Anew is: the new message first, then the old one is acknowledged. Should that fail, there
//! are two, which does no harm: all that is taken may be taken again.

use std::time::Duration;

use counterpart_domain::{Class, Fault};
use jiff::{SignedDuration, Timestamp};

use crate::Message;
use crate::backoff::{self, Sent, Wait};
use crate::ports::{Clock, Ids, Queue};

/// The time of a function is nearly over.
pub(crate) fn out_of_time() -> Fault {
    Fault::new(
        Class::Transient,
        "E_OUT_OF_TIME",
        "The time of this worker is nearly over; another one goes on.",
    )
}

/// A worker panicked. It counts as one of the receives that ended without a verdict.
pub(crate) fn panicked() -> Fault {
    Fault::new(
        Class::Bug,
        "E_PANIC",
        "The worker panicked; the message comes again.",
    )
}

/// Hands a message back. `true`: it was sent anew, and this one may be acknowledged. What lies in a FIFO queue keeps its place.
pub(crate) async fn hand_back(
    queue: &impl Queue,
    clock: &impl Clock,
    message: &Message,
    pause: SignedDuration,
) -> bool {
    let (from, pause) = (&message.queue, unsigned(pause));
    if !from.is_fifo() && backoff::is_due(message.sent, clock.now()) {
        let first = message.sent.first;
        match queue.send_anew(from, &message.body, first, pause).await {
            Ok(()) => return sent_anew(&message.id, first),
            Err(fault) => not_sent_anew(&message.id, &fault),
        }
    }
    let handed_back = queue.hand_back(from, &message.receipt, pause);
    comes_back(&message.id, handed_back.await)
}

/// Hands back messages that no handler could take, since what all of them need is out of reach: the configuration, or the
/// permission to read it. The answer: the ids of the messages that are not done.
pub async fn hand_back_all(
    queue: &impl Queue,
    clock: &(impl Clock + Ids),
    batch: &[Message],
) -> Vec<String> {
    let mut failed = Vec::new();
    for message in batch {
        let pause = untaken(clock, message.sent, message.receive_count);
        if !hand_back(queue, clock, message, pause).await {
            failed.push(message.id.clone());
        }
    }
    failed
}

fn untaken(clock: &(impl Clock + Ids), sent: Sent, receives: u32) -> SignedDuration {
    let (now, chance) = (clock.now(), clock.random_below(u64::MAX));
    backoff::pause(Wait::Trouble(None), sent, receives, None, now, chance)
}

fn unsigned(pause: SignedDuration) -> Duration {
    Duration::try_from(pause).unwrap_or_default()
}

fn sent_anew(message: &str, first: Timestamp) -> bool {
    tracing::info!(message.id = message, message.first_sent = %first, "a message was sent anew before its queue forgets it");
    true
}

fn not_sent_anew(message: &str, fault: &Fault) {
    tracing::warn!(message.id = message, fault = %fault, "a message could not be sent anew; that is tried again");
}

/// That it could not be handed back is no harm: it comes back when its visibility ends.
fn comes_back(message: &str, handed_back: Result<(), Fault>) -> bool {
    if let Err(fault) = handed_back {
        tracing::warn!(message.id = message, fault = %fault, "a message could not be handed back and comes back by itself");
    }
    false
}
