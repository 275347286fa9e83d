//! Creates something in Sage at most once, whatever crashes, times out or is sent again. Sage knows no idempotency, so what
//! keeps a second one away is the order of the steps: what is there already is recognised, Sage is asked, the creation is
//! counted, a number is reserved and stored, what is about to be sent is stored, and only then it is sent. Whatever the answer
//! leaves open is looked for before anything is sent again.
//!
//! What an order and a record do not share is their [`Strategy`](strategy::Strategy).

pub(super) mod alike;
pub(super) mod claim;
mod name_code;
mod order;
pub(super) mod prepare;
mod record;
mod strategy;
mod write;

use super::SageWriter;
use super::context::JobContext;
use super::leased_intent::LeasedIntent;
use super::stop::Stop;
use crate::ports::prelude::*;
use strategy::{Attempt, Claim, Seen, Strategy};

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
}
