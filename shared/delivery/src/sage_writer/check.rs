//! What is asked before a number is taken: Sage, about customer, items and credit; and how much was created within the hour.
//! An order that is refused here costs none.

use std::collections::BTreeMap;

use counterpart_config::{CreditPolicy, CreditZero, OrdersConfig, Reductions};
use counterpart_domain::sale::{Item, ItemType, SaleLine, SaleOrder, is_same_unit};
use counterpart_domain::{Class, Fault, SageKey, Value};
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use super::SageWriter;
use super::context::{JobContext, scope_of};
use super::leases::LeasedIntent;
use super::stop::Stop;
use crate::job::Work;
use crate::ports::prelude::*;
use crate::ports::{BELATED, CREATION_COUNTS, Creation};

/// The most codes of one question.
const AT_ONCE: usize = 100;
/// The code of what waits.
pub(super) const FULL: &str = "E_SAGE_CREATIONS_FULL";
/// What waits does not come back all at once.
const SPREAD: SignedDuration = SignedDuration::from_mins(15);

/// What the checks leave to be done.
#[derive(Debug, Default)]
pub(super) struct Checked {
    /// The order is to stand on hold.
    pub(super) hold: bool,
    /// What sales people are told beside the order's number.
    pub(super) warning: String,
    /// The items of the order, by code.
    pub(super) items: BTreeMap<String, Item>,
}

/// What was found: the first code counts, all sentences are said.
#[derive(Default)]
struct Problems(Vec<(&'static str, String)>);

impl Problems {
    fn add(&mut self, code: &'static str, sentence: String) {
        self.0.push((code, sentence));
    }

    fn into_fault(self) -> Option<Fault> {
        let code = self.0.first()?.0;
        let sentences: Vec<String> = self.0.into_iter().map(|(_, sentence)| sentence).collect();
        Some(Fault::new(Class::Data, code, sentences.join(" ")))
    }
}

impl<P: Ports> SageWriter<'_, P> {
    /// Checks an order against Sage as it is now. `known`: what the order comes to in Sage already, where it is there.
    pub(super) async fn check(
        &self,
        context: &JobContext<'_, P>,
        orders: &OrdersConfig,
        customer: &SageKey,
        order: &SaleOrder,
        known: Option<Decimal>,
    ) -> Result<Checked, Stop> {
        let mut problems = Problems::default();
        let mut checked = Checked::default();
        if self
            .check_customer(context, customer, &mut problems)
            .await?
        {
            checked.items = self
                .check_items(context, &order.lines, &mut problems)
                .await?;
            if let Reductions::Item(code) = &orders.reductions
                && let Some(item) = checked.items.get(code)
                && !matches!(item.item_type, ItemType::Charge | ItemType::Miscellaneous)
            {
                problems.add("E_ITEM_NO_CHARGE", no_charge(code));
            }
        }
        if problems.0.is_empty() && orders.credit != CreditPolicy::Ignore {
            let own = self.value(context, customer, &order.lines).await?;
            let more = own - known.unwrap_or_default();
            let over = self.over_limit(context, orders, customer, more).await?;
            if let Some((over, limit)) = over {
                let sentence = format!(
                    "The order takes customer {customer} {over} over the credit limit of {limit} in Sage 100."
                );
                match orders.credit {
                    CreditPolicy::Refuse => problems.add(
                        "E_CREDIT_EXCEEDED",
                        format!(
                            "{sentence} Ask accounting for more credit, or make the order smaller."
                        ),
                    ),
                    CreditPolicy::Hold => {
                        checked.hold = true;
                        checked.warning = format!("{sentence} It is on hold.");
                    }
                    CreditPolicy::Warn | CreditPolicy::Ignore => checked.warning = sentence,
                }
            }
        }
        match problems.into_fault() {
            Some(fault) => Err(Stop::Refused(fault)),
            None => Ok(checked),
        }
    }

    /// Whether the customer is there at all.
    async fn check_customer(
        &self,
        context: &JobContext<'_, P>,
        customer: &SageKey,
        problems: &mut Problems,
    ) -> Result<bool, Stop> {
        let keys = std::slice::from_ref(customer);
        let answer = self.call(context, context.agent.records(keys)).await?;
        let record = answer.records.into_iter().find(|one| one.key == *customer);
        let Some(record) = record else {
            problems.add(
                "E_CUSTOMER_UNKNOWN",
                format!(
                    "Customer {customer} is not in Sage 100. If it has another number there now, have the account linked to that one (`counterpart link move {} ACCOUNT COMPANY:KEY`), then redrive.",
                    context.job.target
                ),
            );
            return Ok(false);
        };
        let row = record.record.map_err(Stop::from)?;
        if row.is_inactive() {
            problems.add(
                "E_CUSTOMER_INACTIVE",
                format!(
                    "Customer {customer} is inactive in Sage 100. Ask accounting to make it active."
                ),
            );
        }
        if row.get("CreditHold") == Some(Value::Flag(true)) {
            problems.add(
                "E_CUSTOMER_ON_HOLD",
                format!("Customer {customer} is on credit hold in Sage 100. Ask accounting to release it."),
            );
        }
        Ok(true)
    }

    async fn check_items(
        &self,
        context: &JobContext<'_, P>,
        lines: &[SaleLine],
        problems: &mut Problems,
    ) -> Result<BTreeMap<String, Item>, Stop> {
        let codes = codes_of(lines);
        let mut known = BTreeMap::new();
        let (mut unknown, mut inactive) = (Vec::new(), Vec::new());
        for codes in codes.chunks(AT_ONCE) {
            let items = self
                .call(context, context.agent.items(context.company, codes))
                .await?;
            if items.len() != codes.len() {
                let fault = Fault::new(
                    Class::Transient,
                    "E_SAGE_ANSWER_COUNT",
                    "Sage 100 answered for another number of items than were asked for.",
                );
                return Err(fault.into());
            }
            for (code, item) in codes.iter().zip(items) {
                match item {
                    None => unknown.push(code.as_str()),
                    Some(item) if item.inactive => inactive.push(code.as_str()),
                    Some(item) => {
                        known.insert(code.clone(), item);
                    }
                }
            }
        }
        for (at, line) in lines.iter().enumerate() {
            if let Some(sentence) = known
                .get(&line.item)
                .and_then(|item| unit_differs(line.number(at), line, item))
            {
                problems.add("E_ORDER_UNIT_DIFFERS", sentence);
            }
        }
        if !unknown.is_empty() {
            problems.add(
                "E_ITEM_UNKNOWN",
                format!(
                    "Sage 100 has no item {}. Correct the product's code, or have the item created.",
                    unknown.join(", ")
                ),
            );
        }
        if !inactive.is_empty() {
            problems.add(
                "E_ITEM_INACTIVE",
                format!(
                    "Inactive in Sage 100: item {}. Choose another product, or have it made active.",
                    inactive.join(", ")
                ),
            );
        }
        Ok(known)
    }

    /// What the lines come to: at their own prices, or at Sage's where Sage prices.
    async fn value(
        &self,
        context: &JobContext<'_, P>,
        customer: &SageKey,
        lines: &[SaleLine],
    ) -> Result<Decimal, Stop> {
        let mut total = Decimal::ZERO;
        for line in lines {
            let price = match line.unit_price {
                Some(price) => price,
                None => {
                    let price = context.agent.price(customer, &line.item, line.quantity);
                    let price = self.call(context, price).await?;
                    price.map_or(Decimal::ZERO, |price| price.unit_price)
                }
            };
            let off = line.discount_percent.unwrap_or_default() / Decimal::ONE_HUNDRED;
            total += (price * line.quantity * (Decimal::ONE - off)).round_dp(2);
        }
        Ok(total)
    }

    /// By how much `more` goes over the limit, and the limit; none: it does not.
    async fn over_limit(
        &self,
        context: &JobContext<'_, P>,
        orders: &OrdersConfig,
        customer: &SageKey,
        more: Decimal,
    ) -> Result<Option<(Decimal, Decimal)>, Stop> {
        let Some(credit) = self.call(context, context.agent.credit(customer)).await? else {
            return Ok(None);
        };
        if credit.limit.is_zero() && orders.credit_zero == CreditZero::Unlimited {
            return Ok(None);
        }
        let over = more - credit.remaining;
        // A change that makes an order smaller is never held against the limit.
        Ok((over > Decimal::ZERO && more > Decimal::ZERO)
            .then(|| (over.normalize(), credit.limit.normalize())))
    }
}

fn no_charge(code: &str) -> String {
    format!(
        "Item {code}, which stands for what is taken off a sale (`reductions`), is no charge and no miscellaneous item in Sage 100. Have another item set up."
    )
}

/// A line that names no unit is in the one that Sage sells the item by; where the CRM counts the product in another one, the
/// quantity would be another one.
fn unit_differs(number: usize, line: &SaleLine, item: &Item) -> Option<String> {
    let (crm, sage) = (line.crm_unit.as_ref()?, item.sales_unit.trim());
    if sage.is_empty() || is_same_unit(crm, sage) {
        return None;
    }
    let factor = item.sales_factor.map(|factor| factor.normalize());
    let holds = match factor.filter(|factor| !factor.is_zero() && *factor != Decimal::ONE) {
        Some(factor) => format!(" ({factor} {} each)", item.standard_unit.trim()),
        None => String::new(),
    };
    Some(format!(
        "Line {number} ({}): the CRM counts the product in {crm:?}, and Sage 100 sells it by {sage}{holds}, so that {} would be another quantity there. Correct the product's unit in the CRM, or have the units set up (`unit` and `unit_values`).",
        line.item,
        line.quantity.normalize()
    ))
}

/// The items of an order, each once.
pub(super) fn codes_of(lines: &[SaleLine]) -> Vec<String> {
    let mut codes: Vec<String> = lines.iter().map(|line| line.item.clone()).collect();
    codes.sort();
    codes.dedup();
    codes
}

// The guard against a flood: so many orders, customers and contacts are created in a company within an hour, and no more.
// What is beyond waits in the queue and comes by itself; a person hears of it and can stop it. What an outage or a
// pause kept back counts for the hour in which it was asked for: it is no flood. So does what has waited for more than an hour,
// whatever for.

impl<P: Ports> SageWriter<'_, P> {
    /// Counts what is about to be created, before a number is taken for it. What was begun goes on, and is counted once.
    pub(super) async fn count_creation(
        &self,
        context: &JobContext<'_, P>,
        leased: &mut LeasedIntent,
    ) -> Result<(), Stop> {
        if leased.intent.number.is_some() || leased.intent.sends > 0 {
            return Ok(());
        }
        let (name, most) = (name_of(leased), context.settings.creations_per_hour);
        let now = self.clock.now();
        let asked = asked_at(context);
        let hour = hour_of(asked);
        let waited = now.duration_since(asked);
        if waited <= BELATED
            && (waited > CREATION_COUNTS || self.was_paused(context, asked).await?)
        {
            let of_hour = self.store.count_of_hour(context.company, hour, most, &name);
            if of_hour.await? {
                return Ok(());
            }
        }
        let counted = self
            .store
            .count_creation(context.company, most, &name, now)
            .await?;
        match counted {
            Creation::Counted => {
                // Whatever waits beside it finds its hour as full as it is.
                self.store
                    .count_of_hour(context.company, hour, most, &name)
                    .await?;
                leased.is_counted = true;
                Ok(())
            }
            Creation::Full(free_at) => {
                let why = format!(
                    "{most} orders, customers and contacts were created in company {} within the last hour; the rest waits for its turn.",
                    context.company
                );
                let most = u64::try_from(SPREAD.as_millis()).unwrap_or(0);
                let spread = i64::try_from(self.clock.random_below(most)).unwrap_or(0);
                let until = free_at
                    .saturating_add(SignedDuration::from_millis(spread))
                    .unwrap_or(Timestamp::MAX);
                Err(Stop::back(FULL, &why, Some(until)))
            }
        }
    }

    /// Whether a pause has ended since something was asked for, however short it was.
    async fn was_paused(
        &self,
        context: &JobContext<'_, P>,
        asked: Timestamp,
    ) -> Result<bool, Stop> {
        let pauses = self.store.pauses().await?;
        let scope = scope_of(context.job);
        let counts = self.pausing(&pauses).counts_from(&scope, asked);
        Ok(counts.is_none_or(|from| from > asked))
    }

    /// Takes the count back where the job ended without having taken a number: nothing was created.
    pub(super) async fn forget_creation(
        &self,
        context: &JobContext<'_, P>,
        leased: &mut LeasedIntent,
    ) {
        let name = name_of(leased);
        if leased.intent.number.is_some() || !std::mem::take(&mut leased.is_counted) {
            return;
        }
        if let Err(fault) = self.store.forget_creation(context.company, &name).await {
            tracing::warn!(company.code = %context.company, fault = %fault, "what was not created counts for an hour");
        }
    }
}

/// When a creation was asked for: when its sale was last modified, otherwise when its event came.
fn asked_at<P: Ports>(context: &JobContext<'_, P>) -> Timestamp {
    let received = context.job.event.received_at;
    let modified = match &context.job.work {
        Work::PlaceOrder(place) => place.modified,
        _ => None,
    };
    modified.map_or(received, |modified| modified.min(received))
}

/// The beginning of the hour of a time.
fn hour_of(time: Timestamp) -> Timestamp {
    let second = time.as_second();
    Timestamp::from_second(second - second.rem_euclid(3_600)).unwrap_or(time)
}

/// The same at each try, whichever worker it is of.
fn name_of(leased: &LeasedIntent) -> String {
    format!("{}#{}", leased.intent.target, leased.intent.id.storage())
}
