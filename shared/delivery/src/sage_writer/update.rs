//! An order that is there follows its sale, as long as it is open.

use std::collections::BTreeMap;

use counterpart_config::OrdersConfig;
use counterpart_domain::sale::{OrderFile, OrderStatus, SalesOrder};
use counterpart_domain::{Class, Value};
use jiff::{SignedDuration, Timestamp};

use super::agree::TOTAL_DIFFERS;
use super::amend::{change, is_needed};
use super::content::content_of;
use super::desk::{Desk, idempotency_key};
use super::find::is_marked;
use super::held::{Held, is_answered};
use super::lines::{matched, strangers};
use super::people::{CHANGED_IN_SAGE, changed_in_sage, look, not_known};
use super::place::take_state;
use super::stop::{Stop, refuse, wrote_nothing};
use super::words::done_text;
use super::{CLOCK_SKEW, LONGEST_REQUEST, SageWriter};
use crate::job::PlaceOrder;
use crate::ports::WriteContext;
use crate::ports::prelude::*;
use crate::send::json;
use crate::written::{Meant, State, UnderWay, Written};
use crate::{Intent, Outcome};

impl<P: Ports> SageWriter<'_, P> {
    /// Brings an order that is there up to date, if it is not and may be.
    pub(super) async fn follow(
        &self,
        desk: &Desk<'_, P>,
        place: &PlaceOrder,
        held: &mut Held,
    ) -> Result<(), Stop> {
        let orders = desk.orders()?;
        let content = content_of(&place.order);
        let doubtful = held.intent.written.doubtful;
        let same = held.intent.holds(&place.order, &content) && !doubtful;
        let wanted = &place.order.customer.key;
        // Another customer, or the same one under another number.
        let known = &held.intent.customer;
        let moved = wanted.is_some() && known.is_some() && wanted != known;
        if (same && !moved) || !orders.follow_changes {
            return self.at_rest(desk, orders, place, held, same).await;
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
            if doubtful && is_as_sold(place, held, &there) {
                held.intent.written.doubtful = false;
                settled(held);
                return Ok(());
            }
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
            return self.at_rest(desk, orders, place, held, same).await;
        }
        self.check_mark(held, &there)?;
        self.compare(desk, place, held, &there)?;
        self.update(desk, orders, place, held, &there).await
    }

    /// An order that has nothing to be changed: what was told of it is told no more, once it is no longer true.
    async fn at_rest(
        &self,
        desk: &Desk<'_, P>,
        orders: &OrdersConfig,
        place: &PlaceOrder,
        held: &mut Held,
        same: bool,
    ) -> Result<(), Stop> {
        let differed = held.intent.code.as_deref() == Some(TOTAL_DIFFERS);
        let unread = held.intent.sage_status.is_empty();
        let written = &held.intent.written;
        let unsure = written.under_way.is_some() || written.uncompared.is_some();
        if same && (differed || unread || unsure) {
            return self.agree(desk, &place.order, held, false).await;
        }
        if same {
            settled(held);
        }
        if unread {
            self.refresh(desk, orders, held).await?;
        }
        Ok(())
    }

    /// What people changed in Sage since our last write stands, until a person says otherwise. And a write that may still
    /// arrive is waited for: it would land over this one.
    fn compare(
        &self,
        desk: &Desk<'_, P>,
        place: &PlaceOrder,
        held: &mut Held,
        there: &SalesOrder,
    ) -> Result<(), Stop> {
        let look = look(&held.intent.written, there, &place.order);
        let decided = is_answered(desk, held, CHANGED_IN_SAGE);
        let written = &mut held.intent.written;
        let until = may_arrive_until(written);
        let over = until.is_none_or(|until| self.clock.now() >= until);
        if written.under_way.is_none() && !over {
            // Of an order too long to be kept nobody can tell whether it is there.
            return Err(still_under_way(until));
        }
        if let Some(under_way) = written.under_way.clone() {
            let arrived = look.landed && under_way.sends <= 1;
            let again = Meant::of(&place.order).is_some_and(|meant| meant == under_way.meant);
            if !arrived && !again && !over {
                return Err(still_under_way(until));
            }
            let taken = look.changed.is_empty() || decided;
            if look.landed && taken {
                arrive(written, &under_way, there);
            }
            // Whatever was sent is there by now, or never will be.
            if (arrived || over) && (taken || !look.landed) {
                written.under_way = None;
                written.unanswered = None;
            }
        }
        if look.changed.is_empty() || decided {
            return Ok(());
        }
        let number = held.intent.number.clone().unwrap_or_default();
        Err(Stop::Refused(changed_in_sage(
            &number,
            &look,
            &place.order,
            there,
        )))
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
        there: &SalesOrder,
    ) -> Result<(), Stop> {
        let (order, customer) = (&place.order, &there.customer);
        // What is checked holds until it is written: nobody else writes to the company meanwhile.
        self.sit(desk).await?;
        let checked = self
            .check(desk, orders, customer, order, Some(there.total()))
            .await?;
        let content = content_of(order);
        let mut change = change(order, &held.intent.written, there, &checked.items);
        if let Some(reference) = &held.intent.reference {
            change.reference.clone_from(reference);
        }
        let hold = checked.hold && !is_released(held, there);
        if hold {
            let status = Value::text("H");
            change.header.insert("OrderStatus".to_owned(), status);
        }
        if !is_needed(&change, &held.intent.written, there) {
            held.intent.content = Some(content);
            held.intent.code = None;
            held.intent.status_text = checked.warning;
            done_text(held);
            return self.agree(desk, order, held, true).await;
        }
        let number = held.intent.number.clone().unwrap_or_default();
        if is_forgotten(&held.intent) && !is_answered(desk, held, CHANGED_IN_SAGE) {
            return Err(Stop::Refused(not_known(&number, order, there)));
        }
        // A line that is added twice is there twice: whether the first one arrives is known before another one goes.
        let until = may_arrive_until(&held.intent.written);
        if change.adds_lines() && until.is_some_and(|until| self.clock.now() < until) {
            return Err(still_under_way(until));
        }
        let before = held.intent.clone();
        // From here on Sage may hold the old content or the new one: whatever is wanted next is sent.
        held.intent.content = None;
        let earlier = before.written.under_way.as_ref().map_or(0, |one| one.sends);
        let sent_at = self.clock.now();
        held.intent.written.unanswered = Some(sent_at);
        held.intent.written.uncompared = Some(sent_at);
        held.intent.written.under_way = Meant::of(order).map(|meant| UnderWay {
            meant,
            sent_at,
            sends: earlier + 1,
        });
        self.save(desk, held).await?;
        // As with a create: whoever stood still meanwhile sends nothing any more.
        self.sit(desk).await?;
        // Everything that decides the body, and how often Sage took one: a change back to what it was is another change.
        let updates = held.intent.written.updates.to_string();
        let body = json(&change)?;
        let key = idempotency_key([order.reference.as_str(), &number, "update", &updates, &body]);
        let context = WriteContext {
            idempotency_key: &key,
            reference_column: &orders.reference_column,
        };
        let update = desk.write.update_order(&number, customer, &change, context);
        match self.call(desk, update).await {
            Ok(()) => {
                held.intent.content = Some(content);
                held.intent.code = None;
                held.intent.status_text = checked.warning;
                held.intent.written.updates += 1;
                held.intent.written.unanswered = None;
                held.intent.written.doubtful = false;
                held.intent.written.held |= hold;
                done_text(held);
                desk.effect.set(Some(Outcome::Updated));
                self.save(desk, held).await?;
                self.agree(desk, order, held, true).await
            }
            // It has left the open file just now, or its lines are others: the next look says so.
            Err(fault) if fault.code == "E_SAGE_NOT_FOUND" => {
                self.undo(desk, held, before).await?;
                Err(self.later(fault))
            }
            Err(fault) if fault.class == Class::Data => {
                held.intent.content = before.content;
                held.intent.written = before.written;
                Err(Stop::Refused(fault))
            }
            Err(fault) if wrote_nothing(&fault) => {
                self.undo(desk, held, before).await?;
                Err(fault.into())
            }
            // It is looked for before anything else is sent.
            Err(fault) => Err(self.later(fault)),
        }
    }
}

/// Whether an order that we put on hold stands on hold no more: somebody released it.
fn is_released(held: &Held, there: &SalesOrder) -> bool {
    held.intent.written.held && there.status != OrderStatus::Hold
}

/// Whether an order is what its sale says, as far as Sage tells.
fn is_as_sold(place: &PlaceOrder, held: &Held, there: &SalesOrder) -> bool {
    let change = change(&place.order, &held.intent.written, there, &BTreeMap::new());
    !is_needed(&change, &held.intent.written, there)
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

/// Until when an update without an answer may still arrive; none: there is none.
fn may_arrive_until(written: &Written) -> Option<Timestamp> {
    let at_work: SignedDuration = LONGEST_REQUEST.saturating_add(CLOCK_SKEW);
    let under_way = written.under_way.as_ref().map(|one| one.sent_at);
    let sent_at = written.unanswered.max(under_way)?;
    Some(sent_at.saturating_add(at_work).unwrap_or(sent_at))
}

fn still_under_way(until: Option<Timestamp>) -> Stop {
    let why = "An earlier change of the order may still be on its way to Sage 100; this one comes after it.";
    Stop::back("E_ORDER_UNDER_WAY", why, until)
}

/// A write that was under way is there: it is what was written last.
fn arrive(written: &mut Written, under_way: &UnderWay, there: &SalesOrder) {
    let known = written.meant.take();
    let keys = written.state.iter().flat_map(|state| &state.lines);
    let others = strangers(known.as_ref(), keys.map(|line| line.key.as_str()));
    let mut meant = under_way.meant.clone();
    let places = matched(&meant.lines, known.as_ref(), &there.lines, &others);
    for (line, place) in meant.lines.iter_mut().zip(places) {
        let held = place.and_then(|place| there.lines.get(place));
        line.key = held.map(|held| held.key.trim().to_owned());
    }
    written.state = State::of(there, &meant);
    written.meant = Some(meant);
    written.updates += 1;
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
