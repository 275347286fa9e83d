//! An order that is there follows its sale, as long as it is open.

use std::collections::BTreeMap;

use counterpart_config::OrdersConfig;
use counterpart_domain::sale::{OrderFile, OrderStatus, SalesOrder};
use counterpart_domain::{Class, Value};

use super::SageWriter;
use super::adopt::check_mark;
use super::agree::{TOTAL_DIFFERS, done_text, take_state};
use super::amend::{change, is_needed};
use super::context::{JobContext, idempotency_key};
use super::earlier_write::{compare, may_arrive_until, still_under_way};
use super::leases::LeasedIntent;
use super::people::{CHANGED_IN_SAGE, not_known};
use super::stop::{Stop, refuse, wrote_nothing};
use crate::job::PlaceOrder;
use crate::ports::WriteContext;
use crate::ports::prelude::*;
use crate::send::json;
use crate::written::{Meant, UnderWay};
use crate::{Intent, Outcome};

impl<P: Ports> SageWriter<'_, P> {
    /// Brings an order that is there up to date, if it is not and may be.
    pub(super) async fn follow(
        &self,
        context: &JobContext<'_, P>,
        place: &PlaceOrder,
        leased: &mut LeasedIntent,
    ) -> Result<(), Stop> {
        let orders = context.orders()?;
        let content = place.content();
        let doubtful = leased.intent.written.doubtful;
        let same = leased.intent.holds(&place.order, &content) && !doubtful;
        let wanted = &place.order.customer.key;
        // Another customer, or the same one under another number.
        let known = &leased.intent.customer;
        let moved = wanted.is_some() && known.is_some() && wanted != known;
        if (same && !moved) || !orders.follow_changes {
            return self.at_rest(context, orders, place, leased, same).await;
        }
        let number = leased.intent.number.clone().unwrap_or_default();
        let column = &orders.reference_column;
        let there = self.order_by_number(context, &number, column).await?;
        let Some(there) = there else {
            told(
                leased,
                "E_ORDER_GONE",
                format!(
                    "Order {number} is no longer in Sage 100. The change of the sale was not taken over."
                ),
            );
            return Ok(());
        };
        take_state(&mut leased.intent, &there);
        if is_closed(&there) {
            if doubtful && is_as_sold(place, leased, &there) {
                leased.intent.written.doubtful = false;
                settled(leased);
                return Ok(());
            }
            told(
                leased,
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
        leased.intent.customer = Some(customer.clone());
        if same {
            return self.at_rest(context, orders, place, leased, same).await;
        }
        check_mark(&leased.intent, &there)?;
        let now = self.clock.now();
        compare(&context.job.event, &place.order, leased, &there, now)?;
        self.update(context, orders, place, leased, &there).await
    }

    /// An order that has nothing to be changed: what was told of it is told no more, once it is no longer true.
    async fn at_rest(
        &self,
        context: &JobContext<'_, P>,
        orders: &OrdersConfig,
        place: &PlaceOrder,
        leased: &mut LeasedIntent,
        same: bool,
    ) -> Result<(), Stop> {
        let differed = leased.intent.code.as_deref() == Some(TOTAL_DIFFERS);
        let unread = leased.intent.sage_status.is_empty();
        let written = &leased.intent.written;
        let unsure = written.under_way.is_some() || written.uncompared.is_some();
        if same && (differed || unread || unsure) {
            return self.agree(context, &place.order, leased, false).await;
        }
        if same {
            settled(leased);
        } else if !orders.follow_changes {
            leased.intent.status_text = leased.intent.does_not_follow();
        }
        if unread {
            self.refresh(context, orders, leased).await?;
        }
        Ok(())
    }

    async fn update(
        &self,
        context: &JobContext<'_, P>,
        orders: &OrdersConfig,
        place: &PlaceOrder,
        leased: &mut LeasedIntent,
        there: &SalesOrder,
    ) -> Result<(), Stop> {
        let (order, customer) = (&place.order, &there.customer);
        // What is checked holds until it is written: nobody else writes to the company meanwhile.
        self.acquire_slot(context).await?;
        let checked = self
            .check(context, orders, customer, order, Some(there.total()))
            .await?;
        let content = place.content();
        let mut change = change(order, &leased.intent.written, there, &checked.items);
        if let Some(reference) = &leased.intent.reference {
            change.reference.clone_from(reference);
        }
        let hold = checked.hold && !is_released(leased, there);
        if hold {
            let status = Value::text("H");
            change.header.insert("OrderStatus".to_owned(), status);
        }
        if !is_needed(&change, &leased.intent.written, there) {
            leased.intent.content = Some(content);
            leased.intent.code = None;
            leased.intent.status_text = checked.warning;
            done_text(&mut leased.intent);
            return self.agree(context, order, leased, true).await;
        }
        let number = leased.intent.number.clone().unwrap_or_default();
        if is_forgotten(&leased.intent) && !leased.is_answered(&context.job.event, CHANGED_IN_SAGE)
        {
            return Err(Stop::Refused(not_known(&number, order, there)));
        }
        // A line that is added twice is there twice: whether the first one arrives is known before another one goes.
        let until = may_arrive_until(&leased.intent.written);
        if change.adds_lines() && until.is_some_and(|until| self.clock.now() < until) {
            return Err(still_under_way(until));
        }
        let before = leased.intent.clone();
        // From here on Sage may hold the old content or the new one: whatever is wanted next is sent.
        leased.intent.content = None;
        let earlier = before.written.under_way.as_ref().map_or(0, |one| one.sends);
        let sent_at = self.clock.now();
        leased.intent.written.unanswered = Some(sent_at);
        leased.intent.written.uncompared = Some(sent_at);
        leased.intent.written.under_way = Meant::of(order).map(|meant| UnderWay {
            meant,
            sent_at,
            sends: earlier + 1,
        });
        self.save(context, leased).await?;
        // As with a create: whoever stood still meanwhile sends nothing any more.
        self.acquire_slot(context).await?;
        // Everything that decides the body, and how often Sage took one: a change back to what it was is another change.
        let updates = leased.intent.written.updates.to_string();
        let body = json(&change)?;
        let key = idempotency_key([order.reference.as_str(), &number, "update", &updates, &body]);
        let request = WriteContext {
            idempotency_key: &key,
            reference_column: &orders.reference_column,
            parent: None,
        };
        let update = context
            .write
            .update_order(&number, customer, &change, request);
        match self.call(context, update).await {
            Ok(()) => {
                leased.intent.content = Some(content);
                leased.intent.code = None;
                leased.intent.status_text = checked.warning;
                leased.intent.written.updates += 1;
                leased.intent.written.unanswered = None;
                leased.intent.written.doubtful = false;
                leased.intent.written.held |= hold;
                done_text(&mut leased.intent);
                context.effect.set(Some(Outcome::Updated));
                self.save(context, leased).await?;
                self.agree(context, order, leased, true).await
            }
            // It has left the open file just now, or its lines are others: the next look says so.
            Err(fault) if fault.code == "E_SAGE_NOT_FOUND" => {
                self.undo(context, leased, before).await?;
                Err(self.later(fault))
            }
            Err(fault) if fault.class == Class::Data => {
                leased.intent.content = before.content;
                leased.intent.written = before.written;
                Err(Stop::Refused(fault))
            }
            Err(fault) if wrote_nothing(&fault) => {
                self.undo(context, leased, before).await?;
                Err(fault.into())
            }
            // It is looked for before anything else is sent.
            Err(fault) => Err(self.later(fault)),
        }
    }
}

/// Whether an order that we put on hold stands on hold no more: somebody released it.
fn is_released(leased: &LeasedIntent, there: &SalesOrder) -> bool {
    leased.intent.written.held && there.status != OrderStatus::Hold
}

/// Whether an order is what its sale says, as far as Sage tells.
fn is_as_sold(place: &PlaceOrder, leased: &LeasedIntent, there: &SalesOrder) -> bool {
    let change = change(
        &place.order,
        &leased.intent.written,
        there,
        &BTreeMap::new(),
    );
    !is_needed(&change, &leased.intent.written, there)
}

/// Whether we do not know what we last sent of an order: the table was restored to a time before that.
fn is_forgotten(intent: &Intent) -> bool {
    let written = &intent.written;
    if written.doubtful {
        return true;
    }
    let unknown = written.meant.is_none() && written.under_way.is_none();
    intent.sent_at.is_none() && intent.content.is_none() && unknown && written.unanswered.is_none()
}

/// Whether an order can no longer be changed.
pub(super) fn is_closed(order: &SalesOrder) -> bool {
    order.file == OrderFile::History
        || matches!(order.status, OrderStatus::Closed | OrderStatus::Cancelled)
        || !order.invoice.trim().is_empty()
        || order.lines.iter().any(|line| !line.shipped.is_zero())
}

/// What was refused is not asked for any more: the order is what the sale says.
fn settled(leased: &mut LeasedIntent) {
    if leased.intent.code.is_some() {
        done_text(&mut leased.intent);
    }
}

/// Codes of [`told`]: nothing is parked under them.
pub(super) const TOLD: [&str; 2] = ["E_ORDER_GONE", "E_ORDER_CLOSED"];

/// Says something of an order that is there. Said before, it is not said again.
pub(super) fn told(leased: &mut LeasedIntent, code: &'static str, text: String) {
    leased.intent.code = Some(code.to_owned());
    leased.intent.status_text = text;
}
