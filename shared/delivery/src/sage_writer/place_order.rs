//! An order is to be there. What its job comes to is decided by what is stored of its sale.

use counterpart_domain::{Class, Company, Fault, SageKey};

use super::adopt::{several, unmarked};
use super::context::JobContext;
use super::create_once::prepare::lose_number;
use super::find::Found;
use super::leases::{LeasedIntent, is_newer, is_older, overtaken};
use super::renew::is_taken_up;
use super::stop::{Stop, refuse};
use super::{JobsReport, SageWriter};
use crate::event::EventSource;
use crate::intent::{Refused, SaleTrace, content_of};
use crate::job::PlaceOrder;
use crate::not_done::NotDone;
use crate::ports::prelude::*;
use crate::ports::{Parked, Route};
use crate::send::json;
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
    /// Nothing: it was refused, and nothing has changed since.
    Refused,
    /// The order is to be there once.
    Create,
}

/// Decides what a job comes to, and notes on the intent what is known by it. `is_order`: whether a module holds orders, and
/// not Opportunities or Deals.
fn prepare(
    event: &CrmEvent,
    company: &Company,
    is_order: impl Fn(&str) -> bool,
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
        || yields(event, is_order, &leased.intent)
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
    let redriven = event.source == EventSource::Redrive;
    if !redriven && leased.intent.stands_refused(&place.order, place.modified) {
        return Ok(Step::Refused);
    }
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

impl<P: Ports> SageWriter<'_, P> {
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
        let mut placed = self.place(context, place, &mut leased).await;
        if matches!(placed, Err(Stop::Refused(_)))
            && let Err(stop) = self.settle_doubt(context, &mut leased).await
        {
            placed = Err(stop);
        }
        match &placed {
            // As long as one may still arrive, what comes next has to look for it.
            Err(Stop::Refused(_)) if leased.intent.in_doubt.is_none() => {
                leased.intent.refused = Refused::of(&place.order, self.clock.now());
            }
            Ok(()) if !leased.is_overtaken => leased.intent.refused = None,
            Ok(()) | Err(_) => {}
        }
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
        let is_order = |module: &str| {
            let source = orders.source(module);
            source.is_some_and(|source| source.root.is_some())
        };
        let event = &context.job.event;
        match prepare(event, context.company, is_order, place, leased)? {
            Step::Create => {}
            Step::Follow => {
                if self.was_cancelled(context, leased).await? {
                    self.renew(context, leased).await?;
                    return overtaken(leased);
                }
                let place = self.fitted(context, place).await?;
                return self.follow(context, &place, leased).await;
            }
            Step::Renew => {
                self.renew(context, leased).await?;
                return overtaken(leased);
            }
            Step::Overtaken => return overtaken(leased),
            Step::Refused => {
                self.keep_parked(context, leased).await?;
                return overtaken(leased);
            }
            Step::AskAnew => {
                // Whose the record is, the job knows, whatever its lookup says by now.
                let trace = SaleTrace::Record(context.job.event.record.clone());
                let (target, id) = (&context.job.target, &leased.intent.id);
                self.store.claim_for_sale(target, &trace, id).await?;
                self.again(context).await?;
                return overtaken(leased);
            }
        }
        let place = self.fitted(context, place).await?;
        let customer = self.customer_of(context, &place, leased).await?;
        self.ensure_order(context, leased, &place, customer).await
    }

    /// What is refused says nothing of what was sent before it: Sage is asked for that first, or it is waited for. Whoever read
    /// of the refusal alone would enter by hand what is about to arrive.
    async fn settle_doubt(
        &self,
        context: &JobContext<'_, P>,
        leased: &mut LeasedIntent,
    ) -> Result<(), Stop> {
        let intent = &leased.intent;
        let is_over = matches!(intent.stage, IntentStage::Done | IntentStage::Cancelled);
        // In another company's Sage there is nothing to be found.
        if is_over || intent.in_doubt.is_none() || intent.company != *context.company {
            return Ok(());
        }
        let column = &context.orders()?.reference_column;
        match self.find(context, &leased.intent, column).await? {
            Found::Ours(order) => self.adopt(context, leased, &order).await,
            Found::Several(numbers) => Err(several(&leased.intent, &numbers)),
            Found::Unmarked(order) => Err(unmarked(&leased.intent, &order, column)),
            Found::Anothers | Found::Nothing => self.is_under_way(leased),
        }
    }

    /// What is refused still is parked still: whoever sent the job took that away, since the sale went on.
    async fn keep_parked(
        &self,
        context: &JobContext<'_, P>,
        leased: &LeasedIntent,
    ) -> Result<(), Fault> {
        let (job, intent) = (context.job, &leased.intent);
        let id = intent.id.storage();
        let known = self.store.parked(job.target.as_str(), &id).await?;
        let Some(code) = intent.code.clone().filter(|_| known.is_none()) else {
            return Ok(());
        };
        let fault = Fault::new(Class::Data, code, intent.status_text.clone());
        let parked = Parked::new(
            job.target.as_str(),
            id,
            Route::SageWrites,
            fault,
            json(&job.event)?,
            self.clock.now(),
        );
        self.store.park(&parked).await
    }

    /// The customer of an order: the one that the job names, or that it was sent with; otherwise it is to be one first.
    async fn customer_of(
        &self,
        context: &JobContext<'_, P>,
        place: &PlaceOrder,
        order: &LeasedIntent,
    ) -> Result<SageKey, Stop> {
        let sale = &place.order.customer;
        let known = sale.key.clone().or_else(|| order.intent.customer.clone());
        let known = known.filter(|_| sale.key.is_some() || order.intent.sends > 0);
        let Some(key) = known else {
            return self.customer_first(context, place, order).await;
        };
        if key.company == *context.company {
            return Ok(key);
        }
        Err(refuse(
            "E_ORDER_COMPANY",
            format!(
                "Customer {key} is not of company {}, which the order is for.",
                context.company
            ),
        ))
    }
}

/// An Opportunity or Deal only shows the sale, once an Order or Sales_Order has come of it: that one's job says what Sage is
/// to hold, also where this one was on its way before.
fn yields(event: &CrmEvent, is_order: impl Fn(&str) -> bool, intent: &Intent) -> bool {
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

#[cfg(test)]
mod tests {
    use counterpart_domain::sale::{Reference, SaleCustomer, SaleOrder};
    use counterpart_domain::{CrmId, Fields, TargetName};
    use jiff::Timestamp;

    use super::*;
    use crate::event::Change;
    use crate::intent::{IntentId, IntentKind, Shown};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn company(code: &str) -> Company {
        Company::new(code).unwrap()
    }

    fn shown(module: &str, id: &str) -> Shown {
        Shown {
            module: module.to_owned(),
            id: CrmId(id.into()),
        }
    }

    /// A job of a Deal, and its sale, of which the ask before this one is known.
    fn sale(stage: IntentStage) -> (CrmEvent, PlaceOrder, LeasedIntent) {
        let (target, root) = (TargetName::new("zoho").unwrap(), CrmId("1".into()));
        let event = CrmEvent::new(
            "e".to_owned(),
            target.clone(),
            "Deals".to_owned(),
            root.clone(),
            Change::Updated,
            EventSource::CatchUp,
            at(0),
        );
        let id = IntentId {
            kind: IntentKind::Order,
            root: root.clone(),
        };
        let order = SaleOrder {
            company: company("ABC"),
            reference: Reference::of(&target, &company("ABC"), &root),
            customer: SaleCustomer {
                account: CrmId("9".into()),
                key: None,
                create: None,
            },
            header: Fields::new(),
            lines: Vec::new(),
            crm_total: None,
            crm_tax: None,
            currency: None,
        };
        let place = PlaceOrder {
            intent: id.clone(),
            order,
            content: None,
            shows: None,
            gone: Vec::new(),
            shown: vec![shown("Deals", "1")],
            modified: Some(at(10)),
            ask: 2,
        };
        let mut intent = Intent::new(target, id, company("ABC"), at(0));
        intent.stage = stage;
        intent.ask.number = 2;
        let leased = LeasedIntent {
            first: Some(intent.clone()),
            stored: Some(intent.clone()),
            intent,
            is_overtaken: false,
            is_counted: false,
        };
        (event, place, leased)
    }

    fn step(event: &CrmEvent, place: &PlaceOrder, leased: &mut LeasedIntent) -> Option<Step> {
        let is_order = |module: &str| module == "Sales_Orders";
        prepare(event, &place.order.company, is_order, place, leased).ok()
    }

    #[test]
    fn of_two_jobs_the_one_that_was_asked_for_later_counts() {
        for (ask, expected) in [
            (0, Step::Create),
            (1, Step::Overtaken),
            (2, Step::Create),
            (3, Step::AskAnew),
        ] {
            let (event, mut place, mut leased) = sale(IntentStage::Open);
            place.ask = ask;
            assert_eq!(
                step(&event, &place, &mut leased),
                Some(expected),
                "ask {ask}"
            );
        }
    }

    #[test]
    fn what_is_older_than_what_is_known_changes_nothing() {
        let (event, place, mut leased) = sale(IntentStage::Open);
        leased.intent.modified = Some(at(11));
        assert_eq!(step(&event, &place, &mut leased), Some(Step::Overtaken));
        assert_eq!(leased.intent.modified, Some(at(11)));
        leased.intent.modified = Some(at(10));
        assert_eq!(step(&event, &place, &mut leased), Some(Step::Create));
    }

    #[test]
    fn a_deal_leaves_it_to_its_order_and_an_order_to_nobody() {
        let (mut event, place, mut leased) = sale(IntentStage::Open);
        leased.intent.shown = vec![shown("Sales_Orders", "2")];
        assert_eq!(step(&event, &place, &mut leased), Some(Step::Overtaken));
        event.module = "Sales_Orders".to_owned();
        assert_eq!(step(&event, &place, &mut leased), Some(Step::Create));
    }

    #[test]
    fn what_was_cancelled_stays_so_unless_it_was_taken_up_again() {
        let (event, mut place, mut leased) = sale(IntentStage::Cancelled);
        leased.intent.sends = 1;
        assert_eq!(step(&event, &place, &mut leased), Some(Step::Renew));
        (place.ask, place.modified) = (0, None);
        assert_eq!(step(&event, &place, &mut leased), Some(Step::Overtaken));
        // Of one that was never sent there is nothing to be begun anew.
        (place.ask, leased.intent.sends) = (2, 0);
        assert_eq!(step(&event, &place, &mut leased), Some(Step::Create));
        assert_eq!(leased.intent.stage, IntentStage::Open);
    }

    #[test]
    fn a_sale_that_may_be_an_order_of_one_company_is_never_sent_to_another() {
        for (stage, sends, goes) in [
            (IntentStage::Reserved, 0, true),
            (IntentStage::Refused, 0, true),
            (IntentStage::Refused, 1, false),
            (IntentStage::Sent, 1, false),
            (IntentStage::Ambiguous, 0, false),
            (IntentStage::Done, 1, false),
        ] {
            let (event, mut place, mut leased) = sale(stage);
            leased.intent.number = Some("0000181".to_owned());
            leased.intent.sends = sends;
            place.order.company = company("XYZ");
            let step = step(&event, &place, &mut leased);
            assert_eq!(
                step,
                goes.then_some(Step::Create),
                "{stage:?}, {sends} sends"
            );
            let number = leased.intent.number.is_some();
            assert_ne!(number, goes, "a number is of one company's counter");
        }
    }
}
