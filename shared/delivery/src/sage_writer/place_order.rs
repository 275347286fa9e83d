//! An order is to be there. What its job comes to is decided by what is stored of its sale.

use counterpart_config::OrdersConfig;
use counterpart_domain::Company;

use super::context::JobContext;
use super::create_once::order::OrderOnce;
use super::create_once::prepare::lose_number;
use super::leased_intent::{LeasedIntent, is_newer, is_older};
use super::renew::is_taken_up;
use super::stop::{Stop, refuse};
use super::{JobsReport, SagePorts, SageWriter};
use crate::intent::{SaleTrace, content_of};
use crate::job::PlaceOrder;
use crate::not_done::NotDone;
use crate::ports::Intents as _;
use crate::{CrmEvent, Intent, IntentStage};

/// What a job comes to.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// What the sale says now is not known to be this: its record is looked at anew.
    AskAnew,
    /// Nothing: another job counts.
    Overtaken,
    /// The order is there, and follows the sale.
    Follow,
    /// The order was cancelled, and the sale asks for one again.
    Renew,
    /// The order is to be there once.
    Create,
}

/// Decides what a job comes to, and notes on the intent what is known by it.
fn prepare(
    event: &CrmEvent,
    company: &Company,
    orders: &OrdersConfig,
    place: &PlaceOrder,
    leased: &mut LeasedIntent,
) -> Result<Step, Stop> {
    // The table was restored to a time before the sale asked.
    if place.ask > leased.intent.ask.number {
        return Ok(Step::AskAnew);
    }
    leased.show_on(&place.shown);
    // Of two jobs the one that was asked for later counts, and a sale that became a part of another one makes no order.
    let later_one = place.ask != 0 && place.ask < leased.intent.ask.number;
    if later_one
        || leased.intent.part_of.is_some()
        || is_older(leased.intent.modified, place.modified)
        || yields(event, orders, &leased.intent)
    {
        return Ok(Step::Overtaken);
    }
    if leased.intent.asked.as_ref() == Some(&content_of(&place.order)) {
        leased.intent.asked = None;
    }
    let newer = is_newer(leased.intent.modified, place.modified);
    leased.intent.modified = place.modified.or(leased.intent.modified);
    check_company(company, &mut leased.intent)?;
    let reference = &mut leased.intent.reference;
    reference.get_or_insert_with(|| place.order.reference.clone());
    Ok(match leased.intent.stage {
        IntentStage::Done => Step::Follow,
        // What was cancelled stays so, unless the sale was taken up again since.
        IntentStage::Cancelled if !is_taken_up(place, &leased.intent, newer) => Step::Overtaken,
        IntentStage::Cancelled if leased.intent.sends == 0 => {
            leased.intent.stage = IntentStage::Open;
            Step::Create
        }
        IntentStage::Cancelled => Step::Renew,
        IntentStage::Open
        | IntentStage::Reserved
        | IntentStage::Sent
        | IntentStage::Refused
        | IntentStage::Ambiguous => Step::Create,
    })
}

impl<P: SagePorts> SageWriter<'_, P> {
    pub(super) async fn place_order(
        &self,
        context: &JobContext<'_, P>,
        place: &PlaceOrder,
        report: &mut JobsReport,
    ) -> Result<(), NotDone> {
        let mut leased = match self.lease_intent(context, &place.intent).await {
            Ok(leased) => leased,
            Err(stop) => return self.give_up(context, stop, report).await,
        };
        let placed = self.place(context, place, &mut leased).await;
        let done = self.finish(context, &mut leased, placed, report).await;
        if done.is_ok() && leased.intent.stage == IntentStage::Done {
            self.show_stock(context, &place.order.lines).await;
        }
        done
    }

    async fn place(
        &self,
        context: &JobContext<'_, P>,
        place: &PlaceOrder,
        leased: &mut LeasedIntent,
    ) -> Result<(), Stop> {
        let orders = context.orders()?;
        match prepare(&context.job.event, context.company, orders, place, leased)? {
            Step::Create => {}
            Step::Follow => return self.follow(context, place, leased).await,
            Step::Renew => {
                self.renew(context, leased).await?;
                return overtaken(leased);
            }
            Step::Overtaken => return overtaken(leased),
            Step::AskAnew => {
                // Whose the record is, the job knows, whatever its lookup says by now.
                let trace = SaleTrace::Record(context.job.event.record.clone());
                let (target, id) = (&context.job.target, &leased.intent.id);
                self.store.claim_for_sale(target, &trace, id).await?;
                self.again(context).await?;
                return overtaken(leased);
            }
        }
        let customer = self.customer_of(context, place, leased).await?;
        let mut order = OrderOnce::new(self, context, orders, place, customer);
        self.create_once(context, leased, &mut order).await
    }
}

/// A job that a newer one has overtaken does nothing. What the newer one was refused for stands: it stays parked, by the
/// event that it came from.
pub(super) fn overtaken(leased: &mut LeasedIntent) -> Result<(), Stop> {
    leased.is_overtaken = true;
    Ok(())
}

/// An Opportunity or Deal only shows the sale, once an Order or Sales_Order has come of it: that one's job says what Sage is
/// to hold, also where this one was on its way before.
fn yields(event: &CrmEvent, orders: &OrdersConfig, intent: &Intent) -> bool {
    let is_order = |module: &str| {
        orders
            .source(module)
            .is_some_and(|source| source.root.is_some())
    };
    let mut shown = intent.shown.iter();
    !is_order(&event.module)
        && shown.any(|shown| shown.id != event.record && is_order(&shown.module))
}

/// A sale that may be an order of one company is never sent to another.
fn check_company(company: &Company, intent: &mut Intent) -> Result<(), Stop> {
    if intent.company == *company {
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
                "The sale was sent to Sage 100 company {} as order {number}, and its account belongs to company {company} now. Cancel the order there and begin a new sale.",
                intent.company
            ),
        ));
    }
    // A number of the other company's counter is of no use here.
    let cancelled = intent.stage == IntentStage::Cancelled;
    lose_number(intent);
    if cancelled {
        intent.stage = IntentStage::Cancelled;
    }
    intent.company = company.clone();
    intent.customer = None;
    Ok(())
}
