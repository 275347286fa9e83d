//! An order that was found in Sage: taken for the sale's own, or, where it is not for certain, for a person to decide on.

use counterpart_config::OrdersConfig;
use counterpart_domain::sale::{Reference, SalesOrder};
use counterpart_domain::{Class, Fault};

use super::SageWriter;
use super::agree::{done_text, take_state};
use super::context::JobContext;
use super::find::{is_marked, mark_of};
use super::leases::{LeasedIntent, OF_ANOTHER_SALE};
use super::stop::{Stop, refuse};
use crate::intent::SaleTrace;
use crate::ports::prelude::*;
use crate::{Intent, IntentId, IntentStage, Outcome};

/// What is in Sage may be this sale's order.
pub(super) const AMBIGUOUS: &str = "E_ORDER_AMBIGUOUS";

impl<P: Ports> SageWriter<'_, P> {
    /// Takes an order that was found for the sale's own.
    pub(super) async fn adopt(
        &self,
        context: &JobContext<'_, P>,
        leased: &mut LeasedIntent,
        order: &SalesOrder,
    ) -> Result<(), Stop> {
        if leased.intent.stage == IntentStage::Refused
            || leased.intent.stage == IntentStage::Ambiguous
        {
            leased.intent.status_text.clear();
        }
        if let Some(mark) = mark_of(order)
            && leased.intent.reference.as_ref() != Some(&mark)
        {
            // It is another one than was noted when the sale began.
            let trace = SaleTrace::Mark(mark.clone());
            let (target, id) = (&context.job.target, &leased.intent.id);
            let of = self.store.claim_for_sale(target, &trace, id).await?;
            if of != *id {
                return Err(of_another(order, &of));
            }
            leased.intent.reference = Some(mark);
        }
        leased.intent.number = Some(order.number.trim().to_owned());
        leased.intent.customer = Some(order.customer.clone());
        leased.intent.stage = IntentStage::Done;
        // Nothing is sent again as long as something of before may arrive: this is what was sent.
        leased.intent.in_doubt = None;
        // Also where nobody knows of it any more: it was sent.
        leased.intent.sends = leased.intent.sends.max(1);
        take_state(&mut leased.intent, order);
        done_text(&mut leased.intent);
        context.effect.set(Some(Outcome::Created));
        Ok(self.save(context, leased).await?)
    }

    /// Reads what Sage made of an order, for the write-back.
    pub(super) async fn refresh(
        &self,
        context: &JobContext<'_, P>,
        orders: &OrdersConfig,
        leased: &mut LeasedIntent,
    ) -> Result<(), Stop> {
        let Some(number) = leased.intent.number.clone() else {
            return Ok(());
        };
        let order = self
            .order_by_number(context, &number, &orders.reference_column)
            .await?;
        match order {
            Some(order) => {
                let reference = leased.intent.reference.as_ref();
                if reference.is_some_and(|of| !is_marked(&order, of)) {
                    tracing::warn!(order.number = number, company.code = %context.company, "Sage 100 dropped our mark from an order; it is known by its number");
                }
                take_state(&mut leased.intent, &order);
            }
            None => {
                tracing::warn!(order.number = number, company.code = %context.company, "an order that was created is not to be read yet");
            }
        }
        Ok(())
    }
}

pub(super) fn several(intent: &Intent, numbers: &[String]) -> Stop {
    let reference = intent.reference.as_ref().map_or("", |of| of.as_str());
    Stop::Ambiguous(Fault::new(
        Class::Data,
        AMBIGUOUS,
        format!(
            "Sage 100 has several orders with our mark {reference}: {}. Take the mark from all but the one that belongs to this sale, then redrive.",
            numbers.join(", ")
        ),
    ))
}

/// It carries the mark that this sale's record would have been given, and that mark is noted for another sale.
fn of_another(order: &SalesOrder, of: &IntentId) -> Stop {
    Stop::Ambiguous(Fault::new(
        Class::Data,
        OF_ANOTHER_SALE,
        format!(
            "Order {} in Sage 100 may be this sale's, and its mark {} is noted for the sale of record {}. Nothing was sent. If both are one sale, take this one back in the CRM; if it is a sale of its own, redrive: it becomes an order of its own.",
            order.number.trim(),
            order.reference.trim(),
            of.root
        ),
    ))
}

pub(super) fn unmarked(intent: &Intent, order: &SalesOrder, column: &str) -> Stop {
    let reference = intent.reference.as_ref().map_or("", |of| of.as_str());
    Stop::Ambiguous(Fault::new(
        Class::Data,
        AMBIGUOUS,
        format!(
            "Order {} of customer {} is in Sage 100 without our mark; it may be this sale. If it is, write {reference} into {column}; if not, change its number. Then redrive.",
            order.number, order.customer
        ),
    ))
}

/// An order that carries another sale's mark is never touched.
pub(super) fn check_mark(intent: &Intent, there: &SalesOrder) -> Result<(), Stop> {
    let ours = intent.reference.as_ref();
    let theirs = Reference::try_from(there.reference.trim().to_owned());
    if theirs.is_ok() && ours.is_some_and(|ours| !is_marked(there, ours)) {
        return Err(refuse(
            "E_ORDER_ANOTHERS",
            format!(
                "Order {} in Sage 100 carries the mark of another sale, {}. Nothing was changed; look which sale it belongs to.",
                there.number,
                there.reference.trim()
            ),
        ));
    }
    Ok(())
}
