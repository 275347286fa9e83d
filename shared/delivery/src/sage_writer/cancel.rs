//! An order is no longer wanted.

use counterpart_domain::sale::OrderStatus;

use super::adopt::{check_mark, several, unmarked};
use super::agree::take_state;
use super::context::JobContext;
use super::find::Found;
use super::follow::is_closed;
use super::leases::overtaken;
use super::leases::{LeasedIntent, is_older};
use super::stop::{Stop, refuse};
use super::{JobsReport, SageWriter};
use crate::job::CancelOrder;
use crate::not_done::NotDone;
use crate::ports::WriteContext;
use crate::ports::prelude::*;
use crate::{IntentStage, Outcome};

impl<P: Ports> SageWriter<'_, P> {
    pub(super) async fn cancel_order(
        &self,
        context: &JobContext<'_, P>,
        cancel: &CancelOrder,
        report: &mut JobsReport,
    ) -> Result<(), NotDone> {
        let mut leased = match self.lease_intent(context, &cancel.intent).await {
            Ok(leased) => leased,
            Err(stop) => return self.give_up(context, stop, report).await,
        };
        let cancelled = self.cancel(context, cancel, &mut leased).await;
        self.finish(context, &mut leased, cancelled, report).await
    }

    async fn cancel(
        &self,
        context: &JobContext<'_, P>,
        cancel: &CancelOrder,
        leased: &mut LeasedIntent,
    ) -> Result<(), Stop> {
        leased.show_on(&cancel.shown);
        let later_one = cancel.ask != 0 && cancel.ask < leased.intent.ask.number;
        if later_one
            || leased.intent.part_of.is_some()
            || is_older(leased.intent.modified, cancel.modified)
        {
            return overtaken(leased);
        }
        leased.intent.modified = cancel.modified.or(leased.intent.modified);
        if leased.intent.stage == IntentStage::Cancelled {
            return Ok(());
        }
        // Of an ask that is not known the table was restored to a time before: Sage may have what was sent since.
        let is_known = cancel.ask <= leased.intent.ask.number;
        if leased.intent.stage != IntentStage::Done && leased.intent.sends == 0 && is_known {
            gone(
                leased,
                "The sale was cancelled before an order was created in Sage 100.",
            );
            return Ok(());
        }
        let orders = context.orders()?;
        let column = &orders.reference_column;
        if leased.intent.stage != IntentStage::Done {
            match self.find(context, &leased.intent, column).await? {
                Found::Ours(order) => self.adopt(context, leased, &order).await?,
                Found::Several(numbers) => return Err(several(&leased.intent, &numbers)),
                Found::Unmarked(order) => return Err(unmarked(&leased.intent, &order, column)),
                Found::Anothers | Found::Nothing => return self.never_came(leased),
            }
        }
        let number = leased.intent.number.clone().unwrap_or_default();
        let there = self.order_by_number(context, &number, column).await?;
        let Some(there) = there else {
            gone(leased, &format!("Order {number} is no longer in Sage 100."));
            return Ok(());
        };
        take_state(&mut leased.intent, &there);
        if there.status == OrderStatus::Cancelled {
            gone(leased, &format!("Order {number} is cancelled in Sage 100."));
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
        check_mark(&leased.intent, &there)?;
        self.acquire_slot(context).await?;
        let key = format!("{number}-cancel-{}", leased.intent.rev);
        let request = WriteContext {
            idempotency_key: &key,
            reference_column: column,
            parent: None,
        };
        let cancelled = context
            .write
            .cancel_order(context.company, &number, request);
        match self.call(context, cancelled).await {
            Ok(()) => {
                context.effect.set(Some(Outcome::Updated));
                gone(leased, &format!("Order {number} is cancelled in Sage 100."));
                Ok(self.save(context, leased).await?)
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
    fn never_came(&self, leased: &mut LeasedIntent) -> Result<(), Stop> {
        self.is_under_way(leased)?;
        gone(
            leased,
            "The sale was cancelled; Sage 100 has no order of it.",
        );
        Ok(())
    }
}

/// Notes that there is no order of a sale in Sage any more.
pub(super) fn gone(leased: &mut LeasedIntent, text: &str) {
    leased.intent.stage = IntentStage::Cancelled;
    leased.intent.code = None;
    "Cancelled".clone_into(&mut leased.intent.sage_status);
    text.clone_into(&mut leased.intent.status_text);
}
