//! An order that is there follows its sale, as long as it is open.

use counterpart_config::OrdersConfig;
use counterpart_domain::sale::{OrderFile, OrderStatus, SalesOrder};
use counterpart_domain::{Class, SageKey};

use super::content::content_of;
use super::desk::Desk;
use super::find::is_marked;
use super::held::Held;
use super::place::{done_text, take_state};
use super::stop::{Stop, refuse, wrote_nothing};
use super::{SagePorts, SageWriter};
use crate::Outcome;
use crate::job::PlaceOrder;
use crate::ports::{SageWrite as _, WriteContext};

impl<P: SagePorts> SageWriter<'_, P> {
    /// Brings an order that is there up to date, if it is not and may be.
    pub(super) async fn follow(
        &self,
        desk: &Desk<'_, P>,
        place: &PlaceOrder,
        held: &mut Held,
    ) -> Result<(), Stop> {
        let orders = desk.orders()?;
        let content = content_of(&place.order);
        let same = held.intent.content.as_ref() == Some(&content);
        let wanted = &place.order.customer.key;
        // Another customer, or the same one under another number.
        let known = &held.intent.customer;
        let moved = wanted.is_some() && known.is_some() && wanted != known;
        if (same && !moved) || !orders.follow_changes {
            if same {
                settled(held);
            }
            if held.intent.sage_status.is_empty() {
                self.refresh(desk, orders, held).await?;
            }
            return Ok(());
        }
        let number = held.intent.number.clone().unwrap_or_default();
        let column = &orders.reference_column;
        let there = self.order_by_number(desk, &number, column).await?;
        let Some(there) = there else {
            told(
                held,
                "E_ORDER_GONE",
                format!(
                    "Order {number} is no longer in Sage 100. The change of the sale was not taken over."
                ),
            );
            return Ok(());
        };
        take_state(held, &there);
        if is_closed(&there) {
            told(
                held,
                "E_ORDER_CLOSED",
                format!(
                    "Order {number} is invoiced or closed in Sage 100. The change of the sale was not taken over: tell accounting what is different."
                ),
            );
            return Ok(());
        }
        let customer = there.customer.clone();
        if wanted.as_ref().is_some_and(|wanted| *wanted != customer) {
            return Err(refuse(
                "E_ORDER_CUSTOMER_CHANGED",
                format!(
                    "Order {number} in Sage 100 belongs to customer {customer}, and the sale now to another one. Cancel the order in Sage 100 and begin a new sale."
                ),
            ));
        }
        held.intent.customer = Some(customer.clone());
        if same {
            settled(held);
            return Ok(());
        }
        self.check_mark(held, &there)?;
        self.update(desk, orders, place, held, &customer, there.total())
            .await
    }

    /// An order that carries another sale's mark is never touched.
    pub(super) fn check_mark(&self, held: &Held, there: &SalesOrder) -> Result<(), Stop> {
        let ours = held.intent.reference.as_ref();
        let theirs =
            counterpart_domain::sale::Reference::try_from(there.reference.trim().to_owned());
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

    async fn update(
        &self,
        desk: &Desk<'_, P>,
        orders: &OrdersConfig,
        place: &PlaceOrder,
        held: &mut Held,
        customer: &SageKey,
        known: rust_decimal::Decimal,
    ) -> Result<(), Stop> {
        let order = &place.order;
        let checked = self
            .check(desk, orders, customer, order, Some(known))
            .await?;
        self.sit(desk).await?;
        let (content, before) = (content_of(order), held.intent.clone());
        let number = held.intent.number.clone().unwrap_or_default();
        // From here on Sage may hold the old content or the new one: whatever is wanted next is sent.
        held.intent.content = None;
        self.save(desk, held).await?;
        // A change back to what it was is another change: each has a key of its own.
        let key = format!("{}-{number}-update-{}", order.reference, held.intent.rev);
        let context = WriteContext {
            idempotency_key: &key,
            reference_column: &orders.reference_column,
        };
        let order = super::send_order::on_hold(order, checked.hold);
        let update = desk.write.update_order(&number, customer, &order, context);
        match self.call(desk, update).await {
            Ok(()) => {
                held.intent.content = Some(content);
                held.intent.code = None;
                held.intent.status_text = checked.warning;
                done_text(held);
                desk.effect.set(Some(Outcome::Updated));
                self.save(desk, held).await?;
                self.refresh(desk, orders, held).await
            }
            // It has left the open file just now: the next look says so.
            Err(fault) if fault.code == "E_SAGE_NOT_FOUND" => Err(self.later(fault)),
            Err(fault) if fault.class == Class::Data => {
                held.intent.content = before.content;
                Err(Stop::Refused(fault))
            }
            Err(fault) if wrote_nothing(&fault) => {
                self.undo(desk, held, before).await?;
                Err(fault.into())
            }
            // Sent again, it makes the same of the order.
            Err(fault) => Err(self.later(fault)),
        }
    }
}

/// Whether an order can no longer be changed.
pub(super) fn is_closed(order: &SalesOrder) -> bool {
    order.file == OrderFile::History
        || matches!(order.status, OrderStatus::Closed | OrderStatus::Cancelled)
        || !order.invoice.trim().is_empty()
        || order.lines.iter().any(|line| !line.shipped.is_zero())
}

/// What was refused is not asked for any more: the order is what the sale says.
fn settled(held: &mut Held) {
    if held.intent.code.is_some() {
        done_text(held);
    }
}

/// Codes of [`told`]: nothing is parked under them.
pub(super) const TOLD: [&str; 2] = ["E_ORDER_GONE", "E_ORDER_CLOSED"];

/// Says something of an order that is there. Said before, it is not said again.
pub(super) fn told(held: &mut Held, code: &'static str, text: String) {
    held.intent.code = Some(code.to_owned());
    held.intent.status_text = text;
}
