//! A sale whose order was cancelled in Sage asks for one again. Whether there is to be another one, a person says: it is
//! begun anew then, under another number and another mark.

use std::time::Duration;

use counterpart_domain::sale::{OrderStatus, Reference};
use counterpart_domain::{Class, Fault};

use super::SageWriter;
use super::agree::{done_text, take_state};
use super::cancel::gone;
use super::context::JobContext;
use super::create_once::order::NO_HISTORY;
use super::create_once::prepare::lose_number;
use super::leases::LeasedIntent;
use super::stop::{Stop, refuse};
use crate::Intent;
use crate::intent::{DELETED, SaleTrace};
use crate::job::PlaceOrder;
use crate::ports::prelude::*;

/// The code of a sale whose order was cancelled, and that asks for one.
pub(super) const CANCELLED: &str = "E_ORDER_CANCELLED";
/// When the record is read again: what is noted just now is stored then.
const LATER: Duration = Duration::from_secs(15);
/// How many marks are tried: each is another sale's only where tables were restored.
const MOST_MARKS: u32 = 20;

impl<P: Ports> SageWriter<'_, P> {
    /// Whether the order of a sale that was open for a while, and asks for it again, was cancelled in Sage meanwhile.
    pub(super) async fn was_cancelled(
        &self,
        context: &JobContext<'_, P>,
        leased: &mut LeasedIntent,
    ) -> Result<bool, Stop> {
        if !leased.intent.reopened {
            return Ok(false);
        }
        let number = leased.intent.number.clone().unwrap_or_default();
        let column = &context.orders()?.reference_column;
        let there = self.order_by_number(context, &number, column).await?;
        if there.is_none() && !leased.is_answered(&context.job.event, NO_HISTORY) {
            let site = context.agent.site(context.company);
            let site = self.call(context, site).await?;
            if site.order_history == Some(false) {
                return Err(no_history(&number));
            }
        }
        leased.intent.reopened = false;
        if let Some(there) = &there {
            take_state(&mut leased.intent, there);
        }
        let stands = there.is_some_and(|there| there.status != OrderStatus::Cancelled);
        if stands && leased.intent.status_text.starts_with(DELETED) {
            // It has come back.
            leased.intent.status_text.clear();
            done_text(&mut leased.intent);
        }
        if !stands {
            gone(leased, &format!("Order {number} is no longer in Sage 100."));
        }
        Ok(!stands)
    }

    /// Begins a sale anew whose order was cancelled, where a person who was told of that says so. Its record is read again:
    /// by now it may be a part of another sale.
    pub(super) async fn renew(
        &self,
        context: &JobContext<'_, P>,
        leased: &mut LeasedIntent,
    ) -> Result<(), Stop> {
        if !leased.is_answered(&context.job.event, CANCELLED) {
            let number = leased.intent.number.as_deref().unwrap_or_default();
            return Err(refuse(
                CANCELLED,
                format!(
                    "Order {number} of this sale was cancelled in Sage 100, and the sale asks for an order again. Nothing was sent. If there is to be another order, redrive: it is created under a new number. If not, take the sale back in the CRM."
                ),
            ));
        }
        lose_number(&mut leased.intent);
        let intent = &mut leased.intent;
        intent.customer = None;
        intent.code = None;
        intent.reopened = false;
        intent.status_text.clear();
        intent.sage_status.clear();
        intent.sage_total = None;
        intent.invoice.clear();
        self.another_mark(context, leased).await?;
        // Said before it is so, and read after it is so: a crash in between only says it twice.
        self.again_after(context, LATER).await?;
        Ok(self.save(context, leased).await?)
    }

    /// Gives a sale of which nothing is in Sage another mark, which no other sale has.
    async fn another_mark(
        &self,
        context: &JobContext<'_, P>,
        leased: &mut LeasedIntent,
    ) -> Result<(), Stop> {
        let (target, id) = (&context.job.target, leased.intent.id.clone());
        leased
            .intent
            .other_marks
            .extend(leased.intent.reference.take());
        for _ in 0..MOST_MARKS {
            leased.intent.renewals += 1;
            let times = leased.intent.renewals;
            let mark = Reference::renewed(target, context.company, &id.root, times);
            let trace = SaleTrace::Mark(mark.clone());
            if self.store.claim_for_sale(target, &trace, &id).await? == id {
                leased.intent.reference = Some(mark);
                return Ok(());
            }
        }
        let why = "All marks that the sale could have are noted for other sales.";
        Err(Fault::new(Class::Bug, "E_SALE_MARKS", why).into())
    }
}

/// Where no history is kept, an order that was invoiced is not found either: another one would be sold twice.
fn no_history(number: &str) -> Stop {
    refuse(
        NO_HISTORY,
        format!(
            "Order {number} is no longer in Sage 100. Look for an invoice of it: no history of orders is kept there. Nothing was sent. If there is no invoice, redrive."
        ),
    )
}

/// Whether a sale was taken up again after it was cancelled. `newer`: the job is later than all that was taken into account.
pub(super) fn is_taken_up(place: &PlaceOrder, intent: &Intent, newer: bool) -> bool {
    // A cancellation is an ask, too: a job that none came after is later than it.
    newer || place.ask > 0 || intent.code.as_deref() == Some(CANCELLED)
}
