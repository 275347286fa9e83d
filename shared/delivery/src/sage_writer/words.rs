//! What is said of an order in Sage: that it is there, or why nobody can tell whether it is the sale's.

use counterpart_domain::sale::SalesOrder;
use counterpart_domain::{Class, Fault};

use super::held::{Held, OF_ANOTHER_SALE};
use super::stop::Stop;

/// What is in Sage may be this sale's order.
pub(super) const AMBIGUOUS: &str = "E_ORDER_AMBIGUOUS";

/// What sales people read of an order that is there. A warning of the checks is said with it.
pub(super) fn done_text(held: &mut Held) {
    let intent = &mut held.intent;
    let number = intent.number.clone().unwrap_or_default();
    let warning = if intent.code.is_none() {
        std::mem::take(&mut intent.status_text)
    } else {
        String::new()
    };
    let text = format!("Order {number} is in Sage 100. {warning}");
    text.trim_end().clone_into(&mut intent.status_text);
    intent.code = None;
}

pub(super) fn several(held: &Held, numbers: &[String]) -> Stop {
    let reference = held.intent.reference.as_ref().map_or("", |of| of.as_str());
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
pub(super) fn of_another(order: &SalesOrder, of: &crate::IntentId) -> Stop {
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

pub(super) fn unmarked(held: &Held, order: &SalesOrder, column: &str) -> Stop {
    let reference = held.intent.reference.as_ref().map_or("", |of| of.as_str());
    Stop::Ambiguous(Fault::new(
        Class::Data,
        AMBIGUOUS,
        format!(
            "Order {} of customer {} is in Sage 100 without our mark; it may be this sale. If it is, write {reference} into {column}; if not, change its number. Then redrive.",
            order.number, order.customer
        ),
    ))
}
