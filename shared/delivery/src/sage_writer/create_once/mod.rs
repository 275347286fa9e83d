//! Creates something in Sage at most once, whatever crashes, times out or is sent again. Sage knows no idempotency, so what
//! keeps a second one away is the order of the steps: what is there already is recognised, Sage is asked, the creation is
//! counted, a number is reserved and stored, what is about to be sent is stored, and only then it is sent. Whatever the answer
//! leaves open is looked for before anything is sent again.
//!
//! What an order and a record do not share is their [`Strategy`].

pub(super) mod alike;
pub(super) mod claim;
mod name_code;
pub(super) mod order;
pub(super) mod prepare;
mod record;
mod waiting;

use counterpart_domain::{Class, Fault};
use jiff::Timestamp;

use super::SageWriter;
use super::context::JobContext;
use super::leases::LeasedIntent;
use super::stop::{Stop, wrote_nothing};
use crate::ports::prelude::*;
use crate::{Intent, IntentStage, Outcome};

/// What Sage holds of it.
enum Seen {
    /// It is there. The intent says so by now, and is stored.
    Ours,
    /// Under its key stands another's.
    Anothers,
    /// Nobody can tell whether what is there is it.
    Doubtful(Stop),
    /// Nothing.
    Nothing,
}

/// Whether a key may be used.
enum Claim<T> {
    /// It is reserved for this one.
    Ours,
    /// It turns out to be there, under another key.
    There(T),
    /// It was begun under another key, which the intent has by now.
    UnderWay,
    /// It belongs to another.
    Anothers,
}

/// What became of one key.
enum Attempt {
    /// Sage took it just now.
    Written,
    /// It is there, of an earlier try.
    Found,
    /// The key is another's.
    Taken,
}

/// What the answer to a create says.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    /// It is there.
    Written,
    /// Something is there under the number.
    NumberInUse(Fault),
    /// Sage refused it: what was sent before it under this number cannot arrive any more.
    Refused(Fault),
    /// Nothing was written, and nothing is wrong with it.
    NothingWritten(Fault),
    /// Nobody knows.
    Missing(Fault),
}

impl Answer {
    /// `open`: codes of refusals that do not say that nothing is there.
    fn of(answer: Result<(), Fault>, open: &[&str]) -> Self {
        match answer {
            Ok(()) => Self::Written,
            Err(fault) if fault.code == "E_SAGE_ALREADY_EXISTS" => Self::NumberInUse(fault),
            Err(fault) if fault.class == Class::Data && !open.contains(&fault.code.as_ref()) => {
                Self::Refused(fault)
            }
            Err(fault) if wrote_nothing(&fault) => Self::NothingWritten(fault),
            Err(fault) => Self::Missing(fault),
        }
    }
}

/// A create is about to be sent.
fn note_sent(intent: &mut Intent, now: Timestamp) {
    intent.stage = IntentStage::Sent;
    intent.code = None;
    intent.sent_at = intent.sent_at.or(Some(now));
    intent.sends += 1;
}

/// Sage refused a create. One that was sent before it cannot arrive any more.
fn note_refused(intent: &mut Intent) {
    intent.refusals += 1;
    intent.in_doubt = None;
    intent.sent_at = None;
}

/// What the protocol has to know of what is created. The steps stand in the order in which they are called.
trait Strategy {
    /// What it is sent under: reserved and stored before anything else.
    type Key;
    /// What whoever asked for it gets.
    type Created;
    /// Whether slot and time are looked at once more between the save and the send.
    const CHECKS_TIME_BEFORE_SENDING: bool;
    /// Codes of refusals that leave open whether it is there.
    const OPEN_REFUSALS: &'static [&'static str];

    /// Whether it is there, as far as that can be known without a key.
    async fn recognise(&mut self, leased: &mut LeasedIntent)
    -> Result<Option<Self::Created>, Stop>;
    /// Refuses what a person has to settle before anything is created.
    async fn admit(&mut self, leased: &mut LeasedIntent) -> Result<(), Stop>;
    /// Checks what Sage itself would take.
    async fn check(&mut self, leased: &mut LeasedIntent) -> Result<(), Stop>;
    /// Makes sure of a key, stored before anything is done with it.
    async fn reserve(&mut self, leased: &mut LeasedIntent) -> Result<Self::Key, Stop>;
    /// Keeps the key from everybody else.
    async fn claim(
        &mut self,
        leased: &mut LeasedIntent,
        key: &Self::Key,
    ) -> Result<Claim<Self::Created>, Stop>;
    /// Looks under the key, where the key is all that tells it from others. `Nothing`: it may be sent, once more if need be.
    async fn look_before(
        &mut self,
        leased: &mut LeasedIntent,
        key: &Self::Key,
    ) -> Result<Seen, Stop>;
    /// Notes what is about to be sent.
    fn note_content(&self, intent: &mut Intent, now: Timestamp);
    /// Sends it.
    async fn send(&self, leased: &LeasedIntent, key: &Self::Key) -> Result<(), Fault>;
    /// Looks for what was just sent, where the answer does not say it.
    async fn look_after(
        &mut self,
        leased: &mut LeasedIntent,
        key: &Self::Key,
    ) -> Result<Seen, Stop>;
    /// Sage has taken it.
    fn note_created(&self, intent: &mut Intent, key: &Self::Key);
    /// The key is another's, the `lost`th of this job: there is a next one, or a person is asked.
    async fn lose(
        &mut self,
        leased: &mut LeasedIntent,
        key: &Self::Key,
        lost: u32,
    ) -> Result<(), Stop>;
    /// It is there, and the intent says so: everybody else learns of it. `wrote`: Sage took it just now; otherwise it is of an
    /// earlier try, and may have another content.
    async fn commit(
        &mut self,
        leased: &mut LeasedIntent,
        key: Self::Key,
        wrote: bool,
    ) -> Result<Self::Created, Stop>;
}

impl<P: Ports> SageWriter<'_, P> {
    /// Makes sure that it is in Sage, once.
    async fn create_once<S: Strategy>(
        &self,
        context: &JobContext<'_, P>,
        leased: &mut LeasedIntent,
        strategy: &mut S,
    ) -> Result<S::Created, Stop> {
        if let Some(created) = strategy.recognise(leased).await? {
            return Ok(created);
        }
        strategy.admit(leased).await?;
        self.count_creation(context, leased).await?;
        let mut lost = 0;
        loop {
            strategy.check(leased).await?;
            let key = strategy.reserve(leased).await?;
            match strategy.claim(leased, &key).await? {
                Claim::Ours => match self.attempt(context, leased, strategy, &key).await? {
                    Attempt::Written => return strategy.commit(leased, key, true).await,
                    Attempt::Found => return strategy.commit(leased, key, false).await,
                    Attempt::Taken => {}
                },
                Claim::There(created) => return Ok(created),
                Claim::UnderWay => continue,
                Claim::Anothers => {}
            }
            lost += 1;
            strategy.lose(leased, &key, lost).await?;
        }
    }

    /// One key: looked at, where nobody has looked yet, and sent.
    async fn attempt<S: Strategy>(
        &self,
        context: &JobContext<'_, P>,
        leased: &mut LeasedIntent,
        strategy: &mut S,
        key: &S::Key,
    ) -> Result<Attempt, Stop> {
        match strategy.look_before(leased, key).await? {
            Seen::Ours => Ok(Attempt::Found),
            Seen::Anothers => Ok(Attempt::Taken),
            Seen::Doubtful(stop) => Err(stop),
            Seen::Nothing => self.write(context, leased, strategy, key).await,
        }
    }

    /// Stores what is about to be sent, sends it, and reads what came of it.
    async fn write<S: Strategy>(
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

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(class: Class, code: &'static str) -> Answer {
        Answer::of(Err(Fault::new(class, code, "")), &["E_OPEN"])
    }

    #[test]
    fn an_answer_says_no_more_than_it_does() {
        assert_eq!(Answer::of(Ok(()), &[]), Answer::Written);
        let exists = answer(Class::Data, "E_SAGE_ALREADY_EXISTS");
        assert!(matches!(exists, Answer::NumberInUse(_)));
        assert!(matches!(answer(Class::Data, "E_X"), Answer::Refused(_)));
        assert!(matches!(answer(Class::Data, "E_OPEN"), Answer::Missing(_)));
        for class in [Class::Transient, Class::Throttled, Class::Configuration] {
            assert!(matches!(answer(class, "E_X"), Answer::NothingWritten(_)));
        }
        for class in [Class::Ambiguous, Class::Bug] {
            assert!(matches!(answer(class, "E_X"), Answer::Missing(_)));
        }
    }
}
