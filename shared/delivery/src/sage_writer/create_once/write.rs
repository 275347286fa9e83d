//! The create itself, between two saves: before it, that it may be on its way; after it, that it is there.

use super::prepare::{Answer, note_refused, note_sent};
use super::strategy::{Attempt, Seen, Strategy};
use crate::Outcome;
use crate::ports::prelude::*;
use crate::sage_writer::SageWriter;
use crate::sage_writer::context::JobContext;
use crate::sage_writer::leased_intent::LeasedIntent;
use crate::sage_writer::stop::Stop;

impl<P: Ports> SageWriter<'_, P> {
    /// Stores what is about to be sent, sends it, and reads what came of it.
    pub(super) async fn write<S: Strategy>(
        &self,
        context: &JobContext<'_, P>,
        leased: &mut LeasedIntent,
        strategy: &mut S,
        key: &S::Key,
    ) -> Result<Attempt, Stop> {
        self.acquire_slot(context).await?;
        let before = leased.intent.clone();
        let now = self.clock.now();
        strategy.note_content(&mut leased.intent, now);
        note_sent(&mut leased.intent, now);
        self.save(context, leased).await?;
        if S::CHECKS_TIME_BEFORE_SENDING {
            // Whoever stood still meanwhile sends nothing any more: another worker has gone on from what is stored.
            self.acquire_slot(context).await?;
        }
        let answer = strategy.send(leased, key).await;
        match Answer::of(answer, S::OPEN_REFUSALS) {
            Answer::Written => {
                strategy.note_created(&mut leased.intent, key);
                context.effect.set(Some(Outcome::Created));
                self.save(context, leased).await?;
                Ok(Attempt::Written)
            }
            // By our own create, whose answer was lost, or by another's.
            Answer::NumberInUse(fault) => match strategy.look_after(leased, key).await? {
                Seen::Ours => Ok(Attempt::Found),
                Seen::Anothers => Ok(Attempt::Taken),
                Seen::Doubtful(stop) => Err(stop),
                // Somebody is at it just now, perhaps our own create of before.
                Seen::Nothing => Err(self.later_since(leased, fault)),
            },
            Answer::Refused(fault) => {
                note_refused(&mut leased.intent);
                Err(Stop::Refused(fault))
            }
            Answer::NothingWritten(fault) => {
                self.undo(context, leased, before).await?;
                Err(fault.into())
            }
            // If it is there already, that is the answer; otherwise it is looked for again before anything is sent once more: a
            // create that timed out may still be at work.
            Answer::Missing(fault) => match strategy.look_after(leased, key).await? {
                Seen::Ours => Ok(Attempt::Found),
                Seen::Anothers | Seen::Doubtful(_) | Seen::Nothing => {
                    Err(self.later_since(leased, fault))
                }
            },
        }
    }
}
