//! An order is to be there: the protocol, from the intent to the order in Sage.

use counterpart_config::OrdersConfig;
use counterpart_domain::sale::SalesOrder;
use counterpart_domain::{Class, Fault, SageKey};

use super::content::content_of;
use super::desk::Desk;
use super::find::Found;
use super::held::{Held, is_answered, is_mended, is_newer, is_older};
use super::send_order::Sent;
use super::stop::{Stop, refuse};
use super::words::{AMBIGUOUS, done_text, of_another, several, unmarked};
use super::{JobsReport, SageWriter};
use crate::IntentStage;
use crate::intent::SaleTrace;
use crate::job::PlaceOrder;
use crate::not_done::NotDone;
use crate::ports::prelude::*;

/// An order that is not found may have left Sage with its invoice.
const NO_HISTORY: &str = "E_ORDER_NO_HISTORY";
/// An order that is not found was sent too long ago to be sent again.
const RESEND_TOO_LATE: &str = "E_ORDER_RESEND_TOO_LATE";
/// How many numbers one job may lose to others before a person is asked.
const MOST_LOST: u32 = 5;
/// How many lost numbers are kept.
const KEPT_LOST: usize = 20;

impl<P: Ports> SageWriter<'_, P> {
    pub(super) async fn place_order(
        &self,
        desk: &Desk<'_, P>,
        place: &PlaceOrder,
        report: &mut JobsReport,
    ) -> Result<(), NotDone> {
        let mut held = match self.hold(desk, &place.intent).await {
            Ok(held) => held,
            Err(stop) => return self.give_up(desk, stop, report).await,
        };
        let placed = self.place(desk, place, &mut held).await;
        let done = self.conclude(desk, &mut held, placed, report).await;
        if done.is_ok() && held.intent.stage == IntentStage::Done {
            self.show_stock(desk, &place.order.lines).await;
        }
        done
    }

    async fn place(
        &self,
        desk: &Desk<'_, P>,
        place: &PlaceOrder,
        held: &mut Held,
    ) -> Result<(), Stop> {
        let orders = desk.orders()?;
        let content = content_of(&place.order);
        if place.ask > held.intent.ask.number {
            // The table was restored to a time before the sale asked: what it says now is not known to be this. Whose the
            // record is, the job knows, whatever its lookup says by now.
            let trace = SaleTrace::Record(desk.job.event.record.clone());
            let (target, id) = (&desk.job.target, &held.intent.id);
            self.store.claim_for_sale(target, &trace, id).await?;
            self.again(desk).await?;
            return overtaken(held);
        }
        held.show_on(&place.shown);
        // Of two jobs the one that was asked for later counts, and a sale that became a part of another one makes no order.
        let later_one = place.ask != 0 && place.ask < held.intent.ask.number;
        if later_one || held.intent.part_of.is_some() {
            return overtaken(held);
        }
        if is_older(held.intent.modified, place.modified) {
            return overtaken(held);
        }
        if yields(desk, orders, held) {
            return overtaken(held);
        }
        if held.intent.asked.as_ref() == Some(&content) {
            held.intent.asked = None;
        }
        let newer = is_newer(held.intent.modified, place.modified);
        held.intent.modified = place.modified.or(held.intent.modified);
        check_company(desk, held)?;
        let reference = &mut held.intent.reference;
        reference.get_or_insert_with(|| place.order.reference.clone());
        match held.intent.stage {
            IntentStage::Done => return self.follow(desk, place, held).await,
            // What was cancelled stays so, unless the sale was taken up again since.
            IntentStage::Cancelled if !self.is_taken_up(place, held, newer) => {
                return overtaken(held);
            }
            IntentStage::Cancelled if held.intent.sends == 0 => {
                held.intent.stage = IntentStage::Open;
            }
            IntentStage::Cancelled => {
                self.renew(desk, held).await?;
                return overtaken(held);
            }
            IntentStage::Open
            | IntentStage::Reserved
            | IntentStage::Sent
            | IntentStage::Refused
            | IntentStage::Ambiguous => {}
        }
        let customer = self.customer_of(desk, place, held).await?;
        // Also before the first number is taken: what is stored may be older than what Sage has.
        let column = &orders.reference_column;
        let found = self.find(desk, &held.intent, column).await?;
        if self.recover(desk, orders, held, found).await? {
            return self.follow(desk, place, held).await;
        }
        if let Some(number) = &place.shows
            && held.intent.is_unsent()
            && !held.intent.lost_numbers.contains(number)
            && self
                .is_unknown_order(desk, number, &customer, column)
                .await?
        {
            return Err(refuse(
                "E_ORDER_UNKNOWN_NUMBER",
                format!(
                    "The record shows order {number}, which is in Sage 100, and Counterpart knows nothing of it. If it is this sale's order, write our mark {} into its {column}; if the record is a copy, clear the number in it. Then redrive.",
                    held.intent.reference.as_ref().map_or("", |of| of.as_str())
                ),
            ));
        }
        self.check_gone(desk, place, held, &customer, column)
            .await?;
        self.count_creation(desk, held).await?;
        let mut lost = 0;
        loop {
            // The seat is held from the check of the credit on: two orders of one customer are checked one after the other.
            self.sit(desk).await?;
            let checked = self
                .check(desk, orders, &customer, &place.order, None)
                .await?;
            self.reserve(desk, held, &customer).await?;
            held.intent.status_text = checked.warning;
            match self
                .send(desk, place, held, &customer, checked.hold)
                .await?
            {
                Sent::Done => break,
                // Of an earlier try: it may have had another content.
                Sent::Found => return self.follow(desk, place, held).await,
                Sent::Taken => {}
            }
            lost += 1;
            lose_number(held);
            if lost >= MOST_LOST {
                return Err(refuse(
                    "E_ORDER_NUMBERS_TAKEN",
                    format!(
                        "Sage 100 gave out {lost} order numbers that were in use already. Check the next sales order number in S/O Options, then redrive."
                    ),
                ));
            }
        }
        self.agree(desk, &place.order, held, true).await
    }

    /// What follows from what Sage has of a sale that was begun before. `true`: it is there.
    pub(super) async fn recover(
        &self,
        desk: &Desk<'_, P>,
        orders: &OrdersConfig,
        held: &mut Held,
        found: Found,
    ) -> Result<bool, Stop> {
        match found {
            Found::Ours(order) => {
                self.adopt(desk, held, &order).await?;
                Ok(true)
            }
            Found::Several(numbers) => Err(several(held, &numbers)),
            Found::Unmarked(order) => Err(unmarked(held, &order, &orders.reference_column)),
            Found::Anothers => {
                lose_number(held);
                Ok(false)
            }
            Found::Nothing => {
                self.may_send_again(desk, orders, held).await?;
                Ok(false)
            }
        }
    }

    /// Whether a create that is not found may be sent once more: within the bound of time, or because a person says so. Of
    /// one that Sage itself refused there is no such time.
    async fn may_send_again(
        &self,
        desk: &Desk<'_, P>,
        orders: &OrdersConfig,
        held: &mut Held,
    ) -> Result<(), Stop> {
        let Some(sent_at) = held.intent.sent_at else {
            return Ok(());
        };
        let questions = [AMBIGUOUS, NO_HISTORY, RESEND_TOO_LATE];
        let answered = held.intent.stage != IntentStage::Sent
            && questions.iter().any(|code| is_answered(desk, held, code));
        // One that may still be at work would find the number free again, should its order be invoiced or deleted meanwhile.
        self.is_under_way(held)?;
        if answered {
            held.intent.sent_at = None;
            return Ok(());
        }
        let within = jiff::SignedDuration::try_from(orders.resend_within);
        let end = within
            .ok()
            .and_then(|within| sent_at.checked_add(within).ok());
        let over = end.is_some_and(|end| self.clock.now() > end);
        let number = held.intent.number.clone().unwrap_or_default();
        // Where no history is kept, an order that was invoiced is not found either.
        let site = self.call(desk, desk.agent.site(desk.company)).await?;
        if site.order_history == Some(false) {
            return Err(Stop::Ambiguous(Fault::new(
                Class::Data,
                NO_HISTORY,
                format!(
                    "Order {number} was sent to Sage 100 at {}, no answer came, and it is not there. Sage 100 keeps no history of sales orders: if it was invoiced meanwhile, it is found nowhere. Look for an invoice of this sale, then redrive: it is sent again under the same number.",
                    sent_at.strftime("%Y-%m-%d %H:%M UTC")
                ),
            )));
        }
        let stage = held.intent.stage;
        if !over && (stage != IntentStage::Ambiguous || is_mended(desk, held, &questions)) {
            return Ok(());
        }
        Err(Stop::Ambiguous(Fault::new(
            Class::Data,
            RESEND_TOO_LATE,
            format!(
                "Order {number} was sent to Sage 100 at {}, no answer came, and it is not there. Make sure in Sage 100 that this sale was not entered by hand, then redrive: it is sent again under the same number.",
                sent_at.strftime("%Y-%m-%d %H:%M UTC")
            ),
        )))
    }

    /// Takes the next number and stores it. It belongs to this sale from then on.
    async fn reserve(
        &self,
        desk: &Desk<'_, P>,
        held: &mut Held,
        customer: &SageKey,
    ) -> Result<(), Stop> {
        if held.intent.number.is_some() {
            return Ok(());
        }
        self.sit(desk).await?;
        let number = desk.write.next_order_number(desk.company);
        let number = self.call(desk, number).await?;
        held.intent.number = Some(number);
        held.intent.customer = Some(customer.clone());
        held.intent.stage = IntentStage::Reserved;
        held.intent.code = None;
        Ok(self.save(desk, held).await?)
    }

    /// Takes an order that was found for the sale's own.
    pub(super) async fn adopt(
        &self,
        desk: &Desk<'_, P>,
        held: &mut Held,
        order: &SalesOrder,
    ) -> Result<(), Stop> {
        if held.intent.stage == IntentStage::Refused || held.intent.stage == IntentStage::Ambiguous
        {
            held.intent.status_text.clear();
        }
        if let Some(mark) = super::find::mark_of(order)
            && held.intent.reference.as_ref() != Some(&mark)
        {
            // It is another one than was noted when the sale began.
            let trace = SaleTrace::Mark(mark.clone());
            let (target, id) = (&desk.job.target, &held.intent.id);
            let of = self.store.claim_for_sale(target, &trace, id).await?;
            if of != *id {
                return Err(of_another(order, &of));
            }
            held.intent.reference = Some(mark);
        }
        held.intent.number = Some(order.number.trim().to_owned());
        held.intent.customer = Some(order.customer.clone());
        held.intent.stage = IntentStage::Done;
        // Nothing is sent again as long as something of before may arrive: this is what was sent.
        held.intent.in_doubt = None;
        // Also where nobody knows of it any more: it was sent.
        held.intent.sends = held.intent.sends.max(1);
        take_state(held, order);
        done_text(held);
        desk.effect.set(Some(crate::Outcome::Created));
        Ok(self.save(desk, held).await?)
    }

    /// Reads what Sage made of an order, for the write-back.
    pub(super) async fn refresh(
        &self,
        desk: &Desk<'_, P>,
        orders: &OrdersConfig,
        held: &mut Held,
    ) -> Result<(), Stop> {
        let Some(number) = held.intent.number.clone() else {
            return Ok(());
        };
        let order = self
            .order_by_number(desk, &number, &orders.reference_column)
            .await?;
        match order {
            Some(order) => {
                let reference = held.intent.reference.as_ref();
                if reference.is_some_and(|of| !super::find::is_marked(&order, of)) {
                    tracing::warn!(order.number = number, company.code = %desk.company, "Sage 100 dropped our mark from an order; it is known by its number");
                }
                take_state(held, &order);
            }
            None => {
                tracing::warn!(order.number = number, company.code = %desk.company, "an order that was created is not to be read yet");
            }
        }
        Ok(())
    }
}

/// A job that a newer one has overtaken does nothing. What the newer one was refused for stands: it stays parked, by the
/// event that it came from.
pub(super) fn overtaken(held: &mut Held) -> Result<(), Stop> {
    held.is_overtaken = true;
    Ok(())
}

/// An Opportunity or Deal only shows the sale, once an Order or Sales_Order has come of it: that one's job says what Sage is
/// to hold, also where this one was on its way before.
fn yields<P: Ports>(desk: &Desk<'_, P>, orders: &OrdersConfig, held: &Held) -> bool {
    let event = &desk.job.event;
    let is_order = |module: &str| {
        orders
            .source(module)
            .is_some_and(|source| source.root.is_some())
    };
    let mut shown = held.intent.shown.iter();
    !is_order(&event.module)
        && shown.any(|shown| shown.id != event.record && is_order(&shown.module))
}

/// A sale that may be an order of one company is never sent to another.
fn check_company<P: Ports>(desk: &Desk<'_, P>, held: &mut Held) -> Result<(), Stop> {
    let intent = &mut held.intent;
    if intent.company == *desk.company {
        return Ok(());
    }
    let begun = intent.sends > 0
        || matches!(
            intent.stage,
            IntentStage::Done | IntentStage::Sent | IntentStage::Ambiguous
        );
    if begun {
        let number = intent.number.clone().unwrap_or_default();
        return Err(refuse(
            "E_ORDER_COMPANY_CHANGED",
            format!(
                "The sale was sent to Sage 100 company {} as order {number}, and its account belongs to company {} now. Cancel the order there and begin a new sale.",
                intent.company, desk.company
            ),
        ));
    }
    // A number of the other company's counter is of no use here.
    let cancelled = intent.stage == IntentStage::Cancelled;
    lose_number(held);
    if cancelled {
        held.intent.stage = IntentStage::Cancelled;
    }
    held.intent.company = desk.company.clone();
    held.intent.customer = None;
    Ok(())
}

/// The number turned out to be another's.
pub(super) fn lose_number(held: &mut Held) {
    let intent = &mut held.intent;
    if let Some(number) = intent.number.take() {
        intent.lost_numbers.push(number);
    }
    let over = intent.lost_numbers.len().saturating_sub(KEPT_LOST);
    intent.lost_numbers.drain(..over);
    // Nothing of ours can stand under a number that is another's.
    intent.sends = 0;
    intent.sent_at = None;
    intent.in_doubt = None;
    intent.content = None;
    intent.written = crate::written::Written::default();
    intent.stage = IntentStage::Open;
}

/// What an order says of itself.
pub(super) fn take_state(held: &mut Held, order: &SalesOrder) {
    use counterpart_domain::sale::OrderStatus;
    let status = match order.status {
        OrderStatus::New => "New",
        OrderStatus::Open => "Open",
        OrderStatus::Hold => "Hold",
        OrderStatus::Closed => "Closed",
        OrderStatus::Cancelled => "Cancelled",
    };
    status.clone_into(&mut held.intent.sage_status);
    held.intent.sage_total = Some(order.total());
    order.invoice.trim().clone_into(&mut held.intent.invoice);
}
