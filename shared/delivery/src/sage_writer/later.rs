//! How work that is not done comes back: the job from its queue after a while, or its event anew.

use std::time::Duration;

use counterpart_domain::Fault;
use jiff::SignedDuration;

use super::context::JobContext;
use super::leases::LeasedIntent;
use super::stop::Stop;
use super::{PAUSE, SageWriter};
use crate::CrmEvent;
use crate::not_done::NotDone;
use crate::ports::prelude::*;
use crate::ports::{Outgoing, QueueName};
use crate::send::json;

impl<P: Ports> SageWriter<'_, P> {
    /// Back to the queue for a while, whatever the class of the fault.
    pub(super) fn later(&self, fault: Fault) -> Stop {
        let until = self.clock.now().saturating_add(self.jittered(PAUSE)).ok();
        NotDone::trouble(fault, until).into()
    }

    /// The same for what was sent without an answer: the longer that has been so, the longer is the while.
    pub(super) fn later_since(&self, leased: &LeasedIntent, fault: Fault) -> Stop {
        let until = self.clock.now().saturating_add(self.jittered(PAUSE)).ok();
        NotDone {
            since: leased.intent.sent_at,
            ..NotDone::trouble(fault, until)
        }
        .into()
    }

    /// Sends the event that the job came from again: the record is read anew and decided upon anew.
    pub(super) async fn again(&self, context: &JobContext<'_, P>) -> Result<(), Stop> {
        self.again_after(context, Duration::ZERO).await
    }

    /// The same, after a while.
    pub(super) async fn again_after(
        &self,
        context: &JobContext<'_, P>,
        delay: Duration,
    ) -> Result<(), Stop> {
        let event = CrmEvent {
            attempts: context.job.event.attempts.saturating_add(1),
            ..context.job.event.clone()
        };
        let message = Outgoing::delayed(json(&event)?, delay);
        let mut answers = self.queue.send(&QueueName::CrmEvents, &[message]).await?;
        match answers.pop() {
            Some(Ok(())) if answers.is_empty() => Ok(()),
            Some(Err(fault)) => Err(fault.into()),
            _ => {
                let why = "The queue answered for another number of messages than were sent.";
                Err(Stop::back("E_QUEUE_ANSWERS", why, None))
            }
        }
    }

    /// A pause and up to as much again.
    pub(super) fn jittered(&self, pause: SignedDuration) -> SignedDuration {
        let most = u64::try_from(pause.as_millis()).unwrap_or(0);
        let more = i64::try_from(self.clock.random_below(most)).unwrap_or(0);
        pause.saturating_add(SignedDuration::from_millis(more))
    }
}
