//! A deal is closed in each CRM: it is one order in Sage 100, however often it is told of, and its number is back.

pub mod deal;
mod hops;
pub mod in_sage;
pub mod kinds;
pub mod products;
pub mod record;
pub mod wait;

use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::demo::calls::Calls;
use crate::demo::figures::{Figures, OrderFigures};
use crate::demo::sides;
use crate::error::{Failure, Result, ensure};
use crate::say::Say;
use crate::stack::Stack;
use crate::stack::crm::Crm;
use crate::stack::deploy::{SALESFORCE_BUS, SALESFORCE_SOURCE, STACK};
use crate::stack::simulators::text;
use hops::Hops;
use record::Record;
use wait::{PATIENCE, settle};

/// Who buys: a customer of the demo company, with credit to spare.
pub const COMPANY: &str = "ABC";
/// Its number, which a customer of the other company has, too.
pub const CUSTOMER: &str = "01-ABF";
/// For everything that the import changed.
const CATCH_UP: Duration = Duration::from_secs(600);

/// Subscribes to both CRMs, closes a deal in each, and follows it to Sage and back. Each event is delivered `duplicates`
/// times.
///
/// # Errors
/// When an order is missing, or wrong, or there twice, or the CRM does not show it.
pub fn run(stack: &Stack, say: &Say, duplicates: usize, figures: &mut Figures) -> Result<()> {
    let before = say.step("subscribe to the changes of the CRMs", || {
        subscribe(stack, duplicates)
    })?;
    // The first sweep goes back a day, and the import is of today. What we wrote ourselves is known by `integration_user`, and
    // queued for nobody.
    let title = format!("the {before} changes from before that are read, and are no news");
    say.step(&title, || {
        let effects = effects(stack)?;
        settle(stack, CATCH_UP)?;
        let now = self::effects(stack)?;
        ensure(now == effects, || {
            format!("orders in Sage and writes to the CRMs were {effects:?}, and are {now:?}")
        })
    })?;
    for crm in &stack.crms {
        let title = crm.target.title;
        let step = match duplicates {
            1 => format!("a deal closed in {title} is one order in Sage 100, its number is back"),
            more => format!(
                "a deal closed in {title} and told of {more} times is one order in Sage 100, its number is back"
            ),
        };
        let order = say.step(&step, || one(stack, crm, duplicates))?;
        figures.orders.insert(crm.target.name, order);
    }
    Ok(())
}

/// The orders in Sage, and how often each CRM was written.
fn effects(stack: &Stack) -> Result<(u64, Vec<u64>)> {
    let writes = stack.crms.iter();
    let writes = writes.map(|crm| Ok(Calls::so_far(crm)?.writes));
    Ok((count(stack)?, writes.collect::<Result<_>>()?))
}

/// Subscribes to both CRMs. Zoho's watch channels are the channel keeper's work. Salesforce's change events come over an event
/// bus, on which the simulator puts each as often as it is to come.
///
/// Returns how many earlier changes the channel keeper's first sweep read, in both CRMs: our own of the import, all but few.
///
/// # Errors
/// When one of them does not take it.
pub fn subscribe(stack: &Stack, duplicates: usize) -> Result<u64> {
    let report = stack
        .aws
        .invoke(&format!("{STACK}-channel-keeper"), &json!({}))?;
    let subscribed = report.pointer("/channels/targets/0/subscribed");
    let subscribed = subscribed.and_then(Value::as_u64).unwrap_or_default();
    ensure(subscribed > 0, || {
        format!("the channel keeper subscribed to nothing: {report}")
    })?;
    relay(stack, duplicates)?;
    let swept = report.pointer("/sweep/targets").and_then(Value::as_array);
    let read = swept.into_iter().flatten();
    Ok(read.filter_map(|target| target.get("read")?.as_u64()).sum())
}

/// Has Salesforce's change events come this often each from now on.
///
/// # Errors
/// When the simulator does not take it.
pub fn relay(stack: &Stack, times: usize) -> Result<()> {
    let salesforce = stack.crm("salesforce")?;
    let org = text(&stack.said, "/salesforce/org_id")?;
    let door = "/_sim/change_events";
    let children = salesforce
        .children
        .iter()
        .map(|child| child.module.as_str());
    // As `counterpart hooks` names them.
    let sales = ["Opportunity", "OpportunityLineItem", "Order", "OrderItem"];
    let objects: Vec<&str> = std::iter::once(salesforce.target.account())
        .chain(sales)
        .chain(children)
        .collect();
    salesforce.door.post(door, &json!({ "clear": true }))?;
    salesforce
        .door
        .post(
            door,
            &json!({
                "endpoint": stack.aws.endpoint(),
                "bus": SALESFORCE_BUS,
                "objects": objects,
                "shape": "relay",
                "source": format!("{SALESFORCE_SOURCE}/salesforce.com/{org}/0YL000000000001AAA"),
                "times": times,
            }),
        )
        .map(drop)
}

/// Closes a deal and follows it. The subscriptions are there.
///
/// # Errors
/// As [`run`].
pub fn one(stack: &Stack, crm: &Crm, duplicates: usize) -> Result<OrderFigures> {
    let before = count(stack)?;
    let deal = deal::open(crm, &account(crm, COMPANY)?)?;
    // What the open deal sets off is not to be counted.
    settle(stack, PATIENCE)?;
    let mut hops = Hops::begin(stack)?;
    let closed = Instant::now();
    deal.win(crm)?;
    if crm.target.ways_in.channels {
        repeat_callbacks(stack, crm, duplicates)?;
    }
    let number = number(crm, &deal)?;
    hops.written_back(closed.elapsed());
    settle(stack, PATIENCE)?;
    hops.read(stack, crm)?;
    deal::is_in(&in_sage::order(stack, COMPANY, &number)?, CUSTOMER)?;
    let created = count(stack)? - before;
    ensure(created == 1, || format!("{created} orders were created"))?;
    Ok(OrderFigures {
        functions_cpu: hops.functions_cpu(stack)?,
        crm_id: deal.id,
        sage_order_no: number,
        sage_orders_created: created,
        written_back: true,
        hops_ms: hops.milliseconds(),
    })
}

/// The id of the account that buys.
///
/// # Errors
/// When the CRM does not have it.
pub fn account(crm: &Crm, company: &str) -> Result<String> {
    let account = sides::account(crm, &format!("{company}:{CUSTOMER}"))?
        .ok_or_else(|| Failure::new(format!("{} has no {CUSTOMER}", crm.target.title)))?;
    sides::text(&account, crm.target.id_field)
}

/// Waits until a record shows Sage's number.
///
/// # Errors
/// When it does not, with what it says instead.
pub fn number(crm: &Crm, record: &Record) -> Result<String> {
    let look = || Ok(Some(record.number(crm)?).filter(|number| !number.is_empty()));
    wait::until(look, || {
        let text = record.status_text(crm)?;
        let title = crm.target.title;
        Ok(format!(
            "{title} shows no order number; its status text is {text:?}"
        ))
    })
}

/// Posts what Zoho posted once more, as often as wanted: Zoho itself promises neither once nor at all.
fn repeat_callbacks(stack: &Stack, crm: &Crm, duplicates: usize) -> Result<()> {
    if duplicates < 2 {
        return Ok(());
    }
    let patience = Instant::now() + PATIENCE;
    loop {
        let watched = crm.door.get("/_sim/watch")?;
        let posts = watched.get("posts").and_then(Value::as_array);
        let last = posts
            .and_then(|posts| posts.last())
            .and_then(|post| post.get("body")?.as_str())
            .unwrap_or_default();
        let told: Value = serde_json::from_str(last).unwrap_or_default();
        let url = watched
            .pointer("/channels/0/notify_url")
            .and_then(Value::as_str);
        let operation = told.get("operation").and_then(Value::as_str);
        if let Some(url) = url
            && operation == Some("update")
        {
            for _ in 1..duplicates {
                stack.post(url, &told)?;
            }
            return Ok(());
        }
        ensure(Instant::now() < patience, || {
            format!("{} told nobody of the deal", crm.target.title)
        })?;
        sleep(Duration::from_millis(20));
    }
}

/// Orders in Sage of the company.
fn count(stack: &Stack) -> Result<u64> {
    Ok(in_sage::orders(stack, COMPANY)?.len() as u64)
}
