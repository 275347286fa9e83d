//! The look before anything is sent twice: by our mark, then by number, the history included.

use counterpart_domain::Fault;
use counterpart_domain::sale::{Reference, SaleOrder, SalesOrder};

use super::content::{has_lines, same_number};
use super::desk::Desk;
use super::{SagePorts, SageWriter};
use crate::Intent;
use crate::ports::{OrderQuery, SageOrders as _};

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

impl<P: SagePorts> SageWriter<'_, P> {
    /// Looks for a sale's order. `same_content`: what was sent, if anything was, is what `order` says.
    pub(super) async fn find(
        &self,
        desk: &Desk<'_, P>,
        intent: &Intent,
        order: Option<&SaleOrder>,
        same_content: bool,
        column: &str,
    ) -> Result<Found, Fault> {
        let Some(reference) = &intent.reference else {
            return Ok(Found::Nothing);
        };
        let query = OrderQuery::Reference {
            column: column.to_owned(),
            reference: reference.clone(),
        };
        let orders = desk.agent.orders(desk.company, &query, column);
        let mut ours = self.call(desk, orders).await?.value;
        ours.retain(|order| is_marked(order, reference));
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
        let Some(number) = &intent.number else {
            return Ok(Found::Nothing);
        };
        let Some(there) = self.order_by_number(desk, number, column).await? else {
            return Ok(Found::Nothing);
        };
        if is_marked(&there, reference) {
            return Ok(Found::Ours(Box::new(there)));
        }
        // Never sent: whatever stands there is not ours. Another sale's mark says the same.
        let anothers_mark = Reference::try_from(there.reference.trim().to_owned()).is_ok();
        let same_customer = intent.customer.as_ref() == Some(&there.customer);
        if intent.sends == 0 || anothers_mark || !same_customer {
            return Ok(Found::Anothers);
        }
        // What was sent may have had other lines than what is wanted now.
        let alike = !same_content || order.is_none_or(|order| has_lines(&there, &order.lines));
        if alike {
            Ok(Found::Unmarked(Box::new(there)))
        } else {
            Ok(Found::Anothers)
        }
    }

    /// The order under a number, wherever it stands.
    pub(super) async fn order_by_number(
        &self,
        desk: &Desk<'_, P>,
        number: &str,
        column: &str,
    ) -> Result<Option<SalesOrder>, Fault> {
        let query = OrderQuery::Number(number.to_owned());
        let orders = desk.agent.orders(desk.company, &query, column);
        let orders = self.call(desk, orders).await?.value;
        Ok(orders
            .into_iter()
            .find(|order| same_number(&order.number, number)))
    }
}

/// Whether an order carries a mark. Some columns are put into upper case, all are padded.
pub(super) fn is_marked(order: &SalesOrder, reference: &Reference) -> bool {
    order
        .reference
        .trim()
        .eq_ignore_ascii_case(reference.as_str())
}
