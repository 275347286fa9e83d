//! The look before anything is sent twice: by our mark, then by number, the history included.

use counterpart_domain::sale::{Reference, SalesOrder};
use counterpart_domain::{Fault, SageKey};

use super::SageWriter;
use super::context::JobContext;
use super::leases::LeasedIntent;
use super::stop::{Stop, refuse};
use crate::Intent;
use crate::intent::SaleTrace;
use crate::job::{OF_DELETED, PlaceOrder};
use crate::ports::OrderQuery;
use crate::ports::prelude::*;

/// What Sage has of a sale.
pub(super) enum Found {
    /// One order with our mark.
    Ours(Box<SalesOrder>),
    /// Several orders with our mark: their numbers.
    Several(Vec<String>),
    /// Under our number an order of the same customer that may be ours, without the mark.
    Unmarked(Box<SalesOrder>),
    /// Under our number somebody else's.
    Anothers,
    /// Nothing.
    Nothing,
}

impl<P: Ports> SageWriter<'_, P> {
    /// Looks for a sale's order.
    pub(super) async fn find(
        &self,
        context: &JobContext<'_, P>,
        intent: &Intent,
        column: &str,
    ) -> Result<Found, Fault> {
        let marks = marks(context, intent);
        for mark in &marks {
            let mut ours = self.orders_marked(context, mark, column).await?;
            match ours.len() {
                0 => {}
                1 => {
                    if let Some(order) = ours.pop() {
                        return Ok(Found::Ours(Box::new(order)));
                    }
                }
                _ => {
                    let numbers = ours.into_iter().map(|order| order.number).collect();
                    return Ok(Found::Several(numbers));
                }
            }
        }
        let Some(number) = &intent.number else {
            return Ok(Found::Nothing);
        };
        let Some(there) = self.order_by_number(context, number, column).await? else {
            return Ok(Found::Nothing);
        };
        if marks.iter().any(|mark| is_marked(&there, mark)) {
            return Ok(Found::Ours(Box::new(there)));
        }
        // Never sent: whatever stands there is not ours. Another sale's mark says the same.
        let anothers_mark = mark_of(&there).is_some();
        let same_customer = intent.customer.as_ref() == Some(&there.customer);
        if intent.sends == 0 || anothers_mark || !same_customer {
            return Ok(Found::Anothers);
        }
        // Its lines say nothing: people correct them, and so does Sage.
        Ok(Found::Unmarked(Box::new(there)))
    }

    /// Refuses a record that may have come of a deal which was deleted, and which a restored table forgot, where an order of
    /// this customer stands in Sage under that deal's mark. A person decides.
    pub(super) async fn check_gone(
        &self,
        context: &JobContext<'_, P>,
        place: &PlaceOrder,
        leased: &LeasedIntent,
        customer: &SageKey,
        column: &str,
    ) -> Result<(), Stop> {
        if !leased.intent.is_unsent() {
            return Ok(());
        }
        for id in &place.gone {
            let mark = Reference::of(&context.job.target, context.company, id);
            let orders = self.orders_marked(context, &mark, column).await?;
            if let Some(order) = orders.iter().find(|order| order.customer == *customer) {
                return Err(refuse(
                    OF_DELETED,
                    format!(
                        "Order {} stands in Sage 100 for this customer; record {id} that it was made of was deleted after this one was made. If this record came of it, cancel order {} in Sage 100. Then, or if it is a sale of its own, have it redriven: it is sent as a new order.",
                        order.number.trim(),
                        order.number.trim()
                    ),
                ));
            }
        }
        Ok(())
    }

    /// The orders that carry a mark, wherever they stand.
    async fn orders_marked(
        &self,
        context: &JobContext<'_, P>,
        mark: &Reference,
        column: &str,
    ) -> Result<Vec<SalesOrder>, Fault> {
        let query = OrderQuery::Reference {
            column: column.to_owned(),
            reference: mark.clone(),
        };
        let orders = context.agent.orders(context.company, &query, column);
        let mut orders = self.call(context, orders).await?.value;
        orders.retain(|order| is_marked(order, mark));
        Ok(orders)
    }

    /// Whether the number that a record shows is of an order that may be this sale's, though nothing is known of it: the
    /// tables were made anew or restored, and the mark is gone or was another one. A copy of a record shows a number, too:
    /// that of a sale that is known.
    pub(super) async fn is_unknown_order(
        &self,
        context: &JobContext<'_, P>,
        number: &str,
        customer: &SageKey,
        column: &str,
    ) -> Result<bool, Fault> {
        let Some(there) = self.order_by_number(context, number, column).await? else {
            return Ok(false);
        };
        let Some(mark) = mark_of(&there) else {
            return Ok(there.customer == *customer);
        };
        let (target, mark) = (&context.job.target, [SaleTrace::Mark(mark)]);
        let known = self.store.sales_of(target, &mark).await?;
        let Some(known) = known.into_iter().flatten().next() else {
            return Ok(true);
        };
        // An Order or Sales_Order is copied from another one, not from a Deal: the number of a Deal's order, which no such
        // record is known to be, is its own.
        let orders = context.target.orders.as_ref();
        let is_order = |module: &str| {
            let source = orders.and_then(|orders| orders.source(module));
            source.is_some_and(|source| source.root.is_some())
        };
        if !is_order(&context.job.event.module) {
            return Ok(false);
        }
        let intent = self.store.intent(target, &known).await?;
        Ok(intent.is_some_and(|intent| {
            let mut shown = intent.shown.iter();
            !shown.any(|shown| is_order(&shown.module))
        }))
    }

    /// The order under a number, wherever it stands.
    pub(super) async fn order_by_number(
        &self,
        context: &JobContext<'_, P>,
        number: &str,
        column: &str,
    ) -> Result<Option<SalesOrder>, Fault> {
        let query = OrderQuery::Number(number.to_owned());
        let orders = context.agent.orders(context.company, &query, column);
        let orders = self.call(context, orders).await?.value;
        Ok(orders
            .into_iter()
            .find(|order| same_number(&order.number, number)))
    }
}

/// The marks that a sale's order may carry: the one that was given, and, where nothing was sent, the one that it would have
/// been given had it begun with the record at hand. Tables that were restored know nothing of where it began.
fn marks<P: Ports>(context: &JobContext<'_, P>, intent: &Intent) -> Vec<Reference> {
    let mut marks: Vec<Reference> = intent.reference.iter().cloned().collect();
    if intent.sends == 0 {
        let record = &context.job.event.record;
        let other = Reference::of(&context.job.target, context.company, record);
        if !marks.contains(&other) && !intent.other_marks.contains(&other) {
            marks.push(other);
        }
    }
    marks
}

/// The mark of ours that an order carries, of whichever sale.
pub(super) fn mark_of(order: &SalesOrder) -> Option<Reference> {
    Reference::try_from(order.reference.trim().to_uppercase()).ok()
}

/// Whether an order carries a mark. Some columns are put into upper case, all are padded.
pub(super) fn is_marked(order: &SalesOrder, reference: &Reference) -> bool {
    order
        .reference
        .trim()
        .eq_ignore_ascii_case(reference.as_str())
}

/// Whether two numbers are one: Sage fills them with zeros on the left.
fn same_number(one: &str, other: &str) -> bool {
    let bare = |number: &str| number.trim().trim_start_matches('0').to_uppercase();
    bare(one) == bare(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_without_their_zeros() {
        assert!(same_number("0000181", "181 "));
        assert!(same_number("a00181", "A00181"));
        assert!(!same_number("0000181", "1810000"));
    }
}
