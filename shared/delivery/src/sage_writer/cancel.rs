//! An order is no longer wanted.

use counterpart_domain::sale::OrderStatus;
use jiff::{SignedDuration, Timestamp};

use super::desk::Desk;
use super::find::Found;
use super::held::{Held, is_older};
use super::place::take_state;
use super::stop::{Stop, refuse};
use super::update::is_closed;
use super::words::{several, unmarked};
use super::{CLOCK_SKEW, JobsReport, LONGEST_REQUEST, SageWriter};
use crate::job::CancelOrder;
use crate::not_done::NotDone;
use crate::ports::WriteContext;
use crate::ports::prelude::*;
use crate::{IntentStage, Outcome};

/// How soon an order that may be on its way is looked for again.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_secs(20);

impl<P: Ports> SageWriter<'_, P> {
    pub(super) async fn cancel_order(
        &self,
        desk: &Desk<'_, P>,
        cancel: &CancelOrder,
        report: &mut JobsReport,
    ) -> Result<(), NotDone> {
        let mut held = match self.hold(desk, &cancel.intent).await {
            Ok(held) => held,
            Err(stop) => return self.give_up(desk, stop, report).await,
        };
        let cancelled = self.cancel(desk, cancel, &mut held).await;
        self.conclude(desk, &mut held, cancelled, report).await
    }

    async fn cancel(
        &self,
        desk: &Desk<'_, P>,
        cancel: &CancelOrder,
        held: &mut Held,
    ) -> Result<(), Stop> {
        held.show_on(&cancel.shown);
        let later_one = cancel.ask != 0 && cancel.ask < held.intent.ask.number;
        if later_one
            || held.intent.part_of.is_some()
            || is_older(held.intent.modified, cancel.modified)
        {
            return super::place::overtaken(held);
        }
        held.intent.modified = cancel.modified.or(held.intent.modified);
        if held.intent.stage == IntentStage::Cancelled {
            return Ok(());
        }
        // Of an ask that is not known the table was restored to a time before: Sage may have what was sent since.
        let is_known = cancel.ask <= held.intent.ask.number;
        if held.intent.stage != IntentStage::Done && held.intent.sends == 0 && is_known {
            gone(
                held,
                "The sale was cancelled before an order was created in Sage 100.",
            );
            return Ok(());
        }
        let orders = desk.orders()?;
        let column = &orders.reference_column;
        if held.intent.stage != IntentStage::Done {
            match self.find(desk, &held.intent, column).await? {
                Found::Ours(order) => self.adopt(desk, held, &order).await?,
                Found::Several(numbers) => return Err(several(held, &numbers)),
                Found::Unmarked(order) => return Err(unmarked(held, &order, column)),
                Found::Anothers | Found::Nothing => return self.never_came(held),
            }
        }
        let number = held.intent.number.clone().unwrap_or_default();
        let there = self.order_by_number(desk, &number, column).await?;
        let Some(there) = there else {
            gone(held, &format!("Order {number} is no longer in Sage 100."));
            return Ok(());
        };
        take_state(held, &there);
        if there.status == OrderStatus::Cancelled {
            gone(held, &format!("Order {number} is cancelled in Sage 100."));
            return Ok(());
        }
        if is_closed(&there) {
            return Err(refuse(
                "E_ORDER_INVOICED",
                format!(
                    "Order {number} is invoiced or closed in Sage 100 and cannot be cancelled. Ask accounting for a credit memo."
                ),
            ));
        }
        self.check_mark(held, &there)?;
        self.sit(desk).await?;
        let key = format!("{number}-cancel-{}", held.intent.rev);
        let context = WriteContext {
            idempotency_key: &key,
            reference_column: column,
        };
        let cancelled = desk.write.cancel_order(desk.company, &number, context);
        match self.call(desk, cancelled).await {
            Ok(()) => {
                desk.effect.set(Some(Outcome::Updated));
                gone(held, &format!("Order {number} is cancelled in Sage 100."));
                Ok(self.save(desk, held).await?)
            }
            // It has left the open file: the next look says where to.
            Err(fault) if fault.code == "E_SAGE_NOT_FOUND" => Err(self.later(fault)),
            Err(fault) if fault.is_retryable() && fault.not_before.is_none() => {
                Err(self.later(fault))
            }
            Err(fault) => Err(fault.into()),
        }
    }

    /// A create was sent, and Sage does not have it. It may still be at work: the cancellation waits until it cannot be.
    fn never_came(&self, held: &mut Held) -> Result<(), Stop> {
        self.is_under_way(held)?;
        gone(held, "The sale was cancelled; Sage 100 has no order of it.");
        Ok(())
    }

    /// Whether a create may still arrive: a second one, or a cancellation, would not be the last word.
    pub(super) fn is_under_way(&self, held: &mut Held) -> Result<(), Stop> {
        let at_work: SignedDuration = LONGEST_REQUEST.saturating_add(CLOCK_SKEW);
        let over = |last: Timestamp| last.saturating_add(at_work).unwrap_or(last);
        if let Some(over) = held.intent.in_doubt.map(over)
            && self.clock.now() < over
        {
            let why = "An order may still be on its way to Sage 100; it is looked for again when it must be there.";
            // Looked for often: an order that people delete before anybody saw it leaves nothing to be found.
            let next = self.clock.now().saturating_add(LOOK_AGAIN);
            let next = next.map_or(over, |next| next.min(over));
            return Err(Stop::back("E_ORDER_UNDER_WAY", why, Some(next)));
        }
        held.intent.in_doubt = None;
        Ok(())
    }
}

fn gone(held: &mut Held, text: &str) {
    held.intent.stage = IntentStage::Cancelled;
    held.intent.code = None;
    "Cancelled".clone_into(&mut held.intent.sage_status);
    text.clone_into(&mut held.intent.status_text);
}
