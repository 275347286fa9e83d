//! What every worker does with a batch of messages, whatever they are: read each, leave what there is no time for, take the
//! rest by itself, and hand back what is not done.
//!
//! One bad body or panic never takes its neighbours along. A handler says how its messages are read and taken, and how one is
//! set aside that cannot be read.

mod shared;

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;

use counterpart_domain::{Fault, TargetName};
use futures_util::FutureExt as _;
use jiff::{SignedDuration, Timestamp};

use crate::disposition::Disposition;
use crate::hand_back::panicked;
use crate::not_done::NotDone;
use crate::ports::Clock as _;
use crate::{Context, Message, Ports};

/// Nothing waits as long as this for its turn alone, as a rule.
const LONG: SignedDuration = SignedDuration::from_mins(15);

/// What is particular to the messages of one queue.
pub(crate) trait Handler {
    /// A message that was read.
    type Work;
    /// What a batch came to.
    type Report;
    /// One is begun only with this much time left.
    const MARGIN: SignedDuration;

    /// Reads a message.
    ///
    /// # Errors
    /// When it is none of this handler's. It is then set aside ([`Handler::park_message`]).
    fn decode(&self, message: &Message) -> Result<Self::Work, Fault>;

    /// What log lines call it: `pack 01k…`.
    fn name(work: &Self::Work) -> String;

    /// Whose circuit says how long a message stays away that goes back; `work`: none where it cannot be read.
    fn called(&self, message: &Message, work: Option<&Self::Work>) -> Option<TargetName>;

    /// Takes a message. When this ends well, what became of it is durable.
    ///
    /// # Errors
    /// When it is to be handed back, or set aside as it came ([`Handler::park_message`]).
    async fn work(
        &self,
        message: &Message,
        work: Self::Work,
        deadline: Timestamp,
        report: &mut Self::Report,
    ) -> Result<(), Disposition>;

    /// How many messages of a batch went back because they are paused.
    fn paused(report: &mut Self::Report) -> &mut u64;

    /// Sets a message aside as it came.
    ///
    /// # Errors
    /// When the store cannot be written: the message is then handed back.
    async fn park_message(
        &self,
        message: &Message,
        fault: &Fault,
        report: &mut Self::Report,
    ) -> Result<(), Fault>;
}

impl<P: Ports> Context<'_, P> {
    /// Takes a batch of messages. `deadline` is when the function will be stopped: what cannot be begun before is handed back
    /// at once. What follows a failed message in its group stays in the queue with it, so that the group keeps its order. Never
    /// fails as a whole: the answer is which messages are not done.
    pub(crate) async fn run<H: Handler>(
        &self,
        handler: &H,
        batch: &[Message],
        deadline: Timestamp,
        report: &mut H::Report,
    ) -> Vec<String> {
        let mut failed = Vec::new();
        // Whether their heads are paused.
        let mut stuck: BTreeMap<&str, bool> = BTreeMap::new();
        for message in batch {
            let group = message.queue.is_fifo();
            let group = group.then(|| message.group.as_deref().unwrap_or_default());
            let paused = *H::paused(report);
            let head = group.and_then(|group| stuck.get(group));
            let done = if let Some(is_paused) = head {
                // The group waits for the one that failed, however soon this one is visible.
                *H::paused(report) += u64::from(*is_paused);
                let work = handler.decode(message).ok();
                let called = handler.called(message, work.as_ref());
                self.leave(message, called.as_ref()).await
            } else {
                // On the heap: what a handler holds across its calls is large.
                let taken = Box::pin(self.take(handler, message, deadline, report));
                let taken = AssertUnwindSafe(taken);
                taken.catch_unwind().await.unwrap_or_else(|_| {
                    tracing::error!(
                        message.id,
                        "the worker panicked on a message; it comes again"
                    );
                    false
                })
            };
            if !done {
                let is_paused = *H::paused(report) > paused;
                stuck.extend(group.map(|group| (group, is_paused)));
                failed.push(message.id.clone());
            }
        }
        failed
    }

    /// Takes one message. `true`: it may be acknowledged.
    async fn take<H: Handler>(
        &self,
        handler: &H,
        message: &Message,
        deadline: Timestamp,
        report: &mut H::Report,
    ) -> bool {
        let work = match handler.decode(message) {
            Ok(work) => work,
            Err(fault) => {
                let called = handler.called(message, None);
                let called = called.as_ref();
                return self.refuse(handler, message, called, &fault, report).await;
            }
        };
        let called = handler.called(message, Some(&work));
        if self.is_late(deadline, H::MARGIN) {
            return self.leave(message, called.as_ref()).await;
        }
        let name = H::name(&work);
        let taken = AssertUnwindSafe(Box::pin(handler.work(message, work, deadline, report)));
        let back = match taken.catch_unwind().await {
            Ok(Ok(())) => return true,
            Ok(Err(Disposition::Park(fault))) => {
                let called = called.as_ref();
                return self.refuse(handler, message, called, &fault, report).await;
            }
            Ok(Err(Disposition::Retry(back))) if back.is_paused() => {
                tracing::info!(message.id, work.name = name, fault.code = %back.fault.code, fault = %back.fault, "{name} waits");
                *H::paused(report) += 1;
                *back
            }
            Ok(Err(Disposition::Retry(back))) => {
                self.say_back(message, &name, &back);
                *back
            }
            Err(_) => {
                tracing::error!(
                    message.id,
                    work.name = name,
                    "the worker panicked on {name}"
                );
                NotDone::from(panicked())
            }
        };
        self.hand_back(message, called.as_ref(), &back).await
    }

    /// Whatever only waits for its turn is nothing that anybody has to wonder about, unless it does so for long.
    fn say_back(&self, message: &Message, name: &str, back: &NotDone) {
        let fault = &back.fault;
        let waited = self.clock.now().duration_since(message.sent.first);
        if back.is_turn && waited < LONG {
            tracing::info!(message.id, work.name = name, fault.code = %fault.code, fault = %fault, "{name} waits for its turn");
        } else {
            tracing::warn!(message.id, work.name = name, fault.code = %fault.code, fault = %fault, "{name} is handed back");
        }
    }

    async fn refuse<H: Handler>(
        &self,
        handler: &H,
        message: &Message,
        called: Option<&TargetName>,
        fault: &Fault,
        report: &mut H::Report,
    ) -> bool {
        match handler.park_message(message, fault, report).await {
            Ok(()) => true,
            Err(store) => {
                tracing::warn!(message.id, fault = %store, "a message could not be parked and stays in the queue");
                self.hand_back(message, called, &store.into()).await
            }
        }
    }
}
