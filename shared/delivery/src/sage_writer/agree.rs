//! After a write: what Sage made of it is read and kept, and compared with what was meant and with the sale's own total.

use std::collections::BTreeSet;

use counterpart_config::{OrdersConfig, TotalsPolicy};
use counterpart_domain::sale::{OrderStatus, SaleOrder, SalesOrder};
use counterpart_domain::{Class, Fault};
use jiff::SignedDuration;
use rust_decimal::Decimal;

use super::context::JobContext;
use super::leases::LeasedIntent;
use super::lines::{is_alike, matched, said, strangers, wanted};
use super::people::look;
use super::stop::{Stop, refuse};
use super::{PAUSE, SageWriter};
use crate::Intent;
use crate::ports::prelude::*;
use crate::written::{Meant, State, StateLine, Written, is_component};

/// The code of an order that comes to something else in Sage than it should.
pub(super) const TOTAL_DIFFERS: &str = "E_ORDER_TOTAL_DIFFERS";

/// The code of an order that cannot be compared.
const NOT_READ: &str = "E_ORDER_NOT_READ";
/// How long an order is looked for after it was written, before a person is told that it cannot be compared.
const UNREAD_FOR: SignedDuration = SignedDuration::from_hours(1);

/// How an order in Sage compares with its sale.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is as it should be.
    Agrees,
    /// It differs, and somebody means it so: the record says it.
    Told(String),
    /// It differs: a person has to look.
    Differs(String),
}

impl<P: Ports> SageWriter<'_, P> {
    /// Reads what Sage made of an order, keeps it, and compares. `wrote`: our write was confirmed just now.
    pub(super) async fn agree(
        &self,
        context: &JobContext<'_, P>,
        order: &SaleOrder,
        leased: &mut LeasedIntent,
        wrote: bool,
    ) -> Result<(), Stop> {
        let orders = context.orders()?;
        let number = leased.intent.number.clone().unwrap_or_default();
        let column = &orders.reference_column;
        let Some(there) = self.order_by_number(context, &number, column).await? else {
            return self.not_read(context, leased, &number).await;
        };
        let reference = leased.intent.reference.as_ref();
        if reference.is_some_and(|of| !super::find::is_marked(&there, of)) {
            tracing::warn!(order.number = number, company.code = %context.company, "Sage 100 dropped our mark from an order; it is known by its number");
        }
        take_state(&mut leased.intent, &there);
        let written = &mut leased.intent.written;
        if wrote || look(written, &there, order).changed.is_empty() {
            keep(written, order, &there);
            // One that was sent more than once may still arrive a second time: the next change waits for it.
            if written.under_way.as_ref().is_some_and(|one| one.sends <= 1) {
                written.under_way = None;
                written.unanswered = None;
            }
        }
        // What a person said of an earlier write says nothing of this one.
        let unseen = leased.intent.written.uncompared.take().is_some() || wrote;
        match verdict(orders, order, &leased.intent.written, &there) {
            Verdict::Agrees => {
                if leased.intent.code.as_deref() == Some(TOTAL_DIFFERS) {
                    done_text(&mut leased.intent);
                }
                Ok(())
            }
            Verdict::Told(sentence) => {
                tell(leased, &sentence);
                Ok(())
            }
            // Who sends it again has seen it, and takes it as it is.
            Verdict::Differs(sentence)
                if orders.totals != TotalsPolicy::Park
                    || (leased.is_answered(&context.job.event, TOTAL_DIFFERS) && !unseen) =>
            {
                tell(leased, &sentence);
                Ok(())
            }
            Verdict::Differs(sentence) => Err(Stop::Refused(Fault::new(
                Class::Data,
                TOTAL_DIFFERS,
                format!(
                    "Order {number} is in Sage 100, but {sentence} Correct the order there or the sale; a redrive takes it as it is."
                ),
            ))),
        }
    }

    /// An order that was written and is not to be read: the CRM shows its number, and it is compared by a later try. A person
    /// is told where it does not come to be read.
    async fn not_read(
        &self,
        context: &JobContext<'_, P>,
        leased: &mut LeasedIntent,
        number: &str,
    ) -> Result<(), Stop> {
        tracing::warn!(order.number = number, company.code = %context.company, "an order that was written is not to be read yet");
        let Some(since) = leased.intent.written.uncompared else {
            return Ok(());
        };
        // The time in which Sage is not called is not the order's.
        let counts = self.counts_from(context, since).await?;
        let now = self.clock.now();
        let waited = now.duration_since(counts.unwrap_or(now));
        if waited > UNREAD_FOR {
            return Err(refuse(
                NOT_READ,
                format!(
                    "Order {number} was written to Sage 100 and is not to be read there: whether its lines and total are those of the sale is not known. Look whether it is there; if it is, redrive, and it is compared. Nothing is sent again."
                ),
            ));
        }
        self.save_and_write_back(context, leased).await?;
        let pause = self.jittered((waited / 2).max(PAUSE));
        let until = self.clock.now().saturating_add(pause).ok();
        let why = "An order that was written to Sage 100 is not to be read yet; it is compared with its sale when it is.";
        Err(Stop::back(NOT_READ, why, until))
    }
}

/// What an order says of itself.
pub(super) fn take_state(intent: &mut Intent, order: &SalesOrder) {
    let status = match order.status {
        OrderStatus::New => "New",
        OrderStatus::Open => "Open",
        OrderStatus::Hold => "Hold",
        OrderStatus::Closed => "Closed",
        OrderStatus::Cancelled => "Cancelled",
    };
    status.clone_into(&mut intent.sage_status);
    intent.sage_total = Some(order.total());
    order.invoice.trim().clone_into(&mut intent.invoice);
}

/// What sales people read of an order that is there. A warning of the checks is said with it.
pub(super) fn done_text(intent: &mut Intent) {
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

/// Adds a sentence to what sales people read of an order that is there.
fn tell(leased: &mut LeasedIntent, sentence: &str) {
    if leased.intent.code.is_some() {
        done_text(&mut leased.intent);
    }
    let text = &mut leased.intent.status_text;
    if !text.contains(sentence) {
        *text = format!("{text} But {sentence}").trim().to_owned();
    }
}

/// Keeps what Sage holds now as what came of the sale's content.
pub(super) fn keep(written: &mut Written, order: &SaleOrder, there: &SalesOrder) {
    written.doubtful = false;
    let known = written.meant.take();
    let before = written.state.take();
    let keys = before.iter().flat_map(|state| &state.lines);
    let others = strangers(known.as_ref(), keys.map(|line| line.key.as_str()));
    let Some(mut meant) = Meant::of(order) else {
        return;
    };
    let places = matched(&meant.lines, known.as_ref(), &there.lines, &others);
    for (line, place) in meant.lines.iter_mut().zip(places) {
        let held = place.and_then(|place| there.lines.get(place));
        line.key = held.map(|held| held.key.trim().to_owned());
    }
    written.state = State::of(there, &meant);
    written.meant = Some(meant);
}

/// Compares lines and total.
pub(super) fn verdict(
    orders: &OrdersConfig,
    order: &SaleOrder,
    written: &Written,
    there: &SalesOrder,
) -> Verdict {
    let lines = wanted(order);
    let known = written.meant.as_ref();
    let others = strangers(known, there.lines.iter().map(|line| line.key.trim()));
    let places = matched(&lines, known, &there.lines, &others);
    let names = BTreeSet::new();
    let mut wrong = Vec::new();
    for (line, place) in lines.iter().zip(&places) {
        let meant = said(&line.item, &line.columns);
        match place.and_then(|place| there.lines.get(place)) {
            None => wrong.push(format!("{meant} is not in it")),
            Some(held) if is_alike(line, held) => {}
            Some(held) => {
                let mut there = StateLine::of(held, &names);
                there
                    .columns
                    .retain(|name, _| line.columns.contains_key(name));
                wrong.push(format!(
                    "{meant} is {} there",
                    said(&held.item, &there.columns)
                ));
            }
        }
    }
    if !wrong.is_empty() {
        let wrong = counterpart_domain::bounded(wrong.join("; "), 300);
        return Verdict::Differs(format!("not as it was sent: {wrong}."));
    }
    let crm = order
        .crm_net()
        .filter(|_| orders.totals != TotalsPolicy::Ignore);
    let (expected, whose) = match (crm, order.meant_net()) {
        (Some(crm), _) => (crm, "the CRM says"),
        (None, Some(meant)) => (meant, "was sent"),
        (None, None) => return Verdict::Agrees,
    };
    let within = orders.total_tolerance(order);
    let net = there.net();
    let is_near = |amount: Decimal| (amount - expected).abs() <= within;
    if is_near(net) {
        return Verdict::Agrees;
    }
    let but_tax = if there.sales_tax.is_zero() && order.crm_tax.unwrap_or_default().is_zero() {
        ""
    } else {
        " without tax"
    };
    let totals = format!("it comes to {net:.2}{but_tax} there, and {expected:.2} {whose}");
    let added: Vec<_> = there
        .lines
        .iter()
        .enumerate()
        .filter(|(at, held)| !is_component(held) && !places.contains(&Some(*at)))
        .map(|(_, held)| held)
        .collect();
    let extra: Decimal = added.iter().map(|held| held.extension).sum();
    if !added.is_empty() && is_near(net - extra) {
        let added: Vec<String> = added
            .iter()
            .map(|held| said(held.item.trim(), &StateLine::of(held, &names).columns))
            .collect();
        let added = counterpart_domain::bounded(added.join(", "), 200);
        return Verdict::Told(format!(
            "{totals}: {added} is in it and is not in the sale."
        ));
    }
    let mut why = String::new();
    for (name, words) in [("DiscountRate", "per cent"), ("DiscountAmt", "discount")] {
        let held = there
            .columns
            .get(name)
            .and_then(|text| text.trim().parse::<Decimal>().ok());
        if let Some(held) = held.filter(|held| !held.is_zero() && !order.header.contains_key(name))
        {
            why.push_str(&format!(
                " The order has {} {words} off there.",
                held.normalize()
            ));
        }
    }
    Verdict::Differs(format!("{totals}.{why}"))
}
