//! A deal is closed in each CRM: it is one order in Sage 100, however often it is told of, and its number is back.

mod deal;
mod hops;

use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::aws::Depth;
use crate::demo::calls::Calls;
use crate::demo::figures::{Figures, OrderFigures};
use crate::demo::sides;
use crate::error::{Failure, Result, ensure};
use crate::say::Say;
use crate::stack::Stack;
use crate::stack::crm::Crm;
use crate::stack::deploy::{SALESFORCE_BUS, SALESFORCE_SOURCE, STACK};
use crate::stack::simulators::text;
use deal::Deal;
use hops::Hops;

/// Who buys: a customer of the demo company, with credit to spare.
const COMPANY: &str = "ABC";
const CUSTOMER: &str = "01-ABF";
/// The column of Sage that holds our reference (`infra/local/sync.toml`).
const REFERENCE: &str = "UDF_CRM_REFERENCE";
/// "Within seconds", on a machine that does everything at once.
const PATIENCE: Duration = Duration::from_secs(90);
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
    // The import lies not far back. An account that we wrote ourselves is read and found to be no news, like any other.
    let title = format!("the {before} changes of the ten minutes before are read, and are no news");
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
    Ok((count(&orders(stack, "")?), writes.collect::<Result<_>>()?))
}

/// Subscribes to both CRMs. Zoho's watch channels are the channel keeper's work. Salesforce's change events come over an event
/// bus, on which the simulator puts each as often as it is to come.
///
/// Returns how many earlier changes the channel keeper found.
///
/// # Errors
/// When one of them does not take it.
pub fn subscribe(stack: &Stack, duplicates: usize) -> Result<u64> {
    let report = stack
        .aws
        .invoke(&format!("{STACK}-channel-keeper"), &json!({}))?;
    let kept = report.pointer("/targets/0");
    let count = |name: &str| {
        kept.and_then(|kept| kept.get(name)?.as_u64())
            .unwrap_or_default()
    };
    ensure(count("subscribed") > 0, || {
        format!("the channel keeper subscribed to nothing: {report}")
    })?;
    let salesforce = stack.crm("salesforce")?;
    let org = text(&stack.said, "/salesforce/org_id")?;
    salesforce.door.post(
        "/_sim/change_events",
        &json!({
            "endpoint": stack.aws.endpoint(),
            "bus": SALESFORCE_BUS,
            "objects": ["Account", "Contact", "Opportunity", "Order"],
            "shape": "relay",
            "source": format!("{SALESFORCE_SOURCE}/salesforce.com/{org}/0YL000000000001AAA"),
            "times": duplicates,
        }),
    )?;
    Ok(count("caught_up"))
}

/// Closes a deal and follows it. The subscriptions are there.
///
/// # Errors
/// As [`run`].
pub fn one(stack: &Stack, crm: &Crm, duplicates: usize) -> Result<OrderFigures> {
    let before = count(&orders(stack, "")?);
    let account = sides::account(crm, &format!("{COMPANY}:{CUSTOMER}"))?
        .ok_or_else(|| Failure::new(format!("{} has no {CUSTOMER}", crm.target.title)))?;
    let account = account
        .get(crm.target.id)
        .and_then(Value::as_str)
        .ok_or_else(|| Failure::new("the account has no id"))?;
    let deal = Deal::open(crm, account)?;
    // What the open deal sets off is not to be counted.
    settle(stack, PATIENCE)?;
    let mut hops = Hops::begin(stack)?;
    let closed = Instant::now();
    deal.close(crm)?;
    if crm.target.name == "zoho" {
        repeat_callbacks(stack, crm, duplicates)?;
    }
    let number = wait_for_number(crm, &deal, closed)?;
    hops.written_back(closed.elapsed());
    settle(stack, PATIENCE)?;
    hops.read(stack, crm)?;
    let order = orders(stack, &format!("&key={number}"))?
        .first()
        .cloned()
        .ok_or_else(|| Failure::new(format!("Sage 100 has no order {number}")))?;
    deal.is_in(&order, CUSTOMER)?;
    let reference = field(&order, REFERENCE);
    ensure(reference.starts_with("CP-"), || {
        format!("order {number} has no reference of ours: {reference:?}")
    })?;
    let same = count(&orders(stack, &format!("&reference={reference}"))?);
    let created = count(&orders(stack, "")?) - before;
    ensure(same == 1 && created == 1, || {
        format!("{created} orders were created, {same} with the reference {reference}")
    })?;
    Ok(OrderFigures {
        functions_cpu: hops.functions_cpu(stack)?,
        crm_id: deal.id,
        sage_order_no: number,
        sage_orders_created: created,
        written_back: true,
        hops_ms: hops.milliseconds(),
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
            "Zoho told nobody of the deal".to_owned()
        })?;
        sleep(Duration::from_millis(20));
    }
}

fn wait_for_number(crm: &Crm, deal: &Deal, closed: Instant) -> Result<String> {
    loop {
        let record = deal.read(crm)?;
        let shown = |name| record.get(name).and_then(Value::as_str).unwrap_or_default();
        let number = shown(deal.number_field());
        if !number.is_empty() {
            return Ok(number.to_owned());
        }
        ensure(closed.elapsed() < PATIENCE, || {
            let text = shown(deal.text_field());
            let title = crm.target.title;
            format!("{title} shows no order number; its status text is {text:?}")
        })?;
        sleep(Duration::from_millis(20));
    }
}

/// Waits until nothing lies in any queue, and nothing in a dead-letter queue.
fn settle(stack: &Stack, patience: Duration) -> Result<()> {
    let queues = stack.aws.queues()?;
    let patience = Instant::now() + patience;
    let mut empty = 0;
    while empty < 3 {
        let mut depth = Depth::default();
        for queue in &queues {
            let found = stack.aws.depth(queue)?;
            ensure(!queue.contains("-dead") || found.is_empty(), || {
                format!("there are dead letters in {queue}")
            })?;
            depth = depth.plus(found);
        }
        empty = if depth.is_empty() { empty + 1 } else { 0 };
        ensure(Instant::now() < patience, || {
            format!("the queues do not become empty: {depth:?}")
        })?;
        sleep(Duration::from_millis(150));
    }
    Ok(())
}

/// Sage's orders of the company, the history included.
fn orders(stack: &Stack, narrowed: &str) -> Result<Vec<Value>> {
    let said = stack.sage.get(&format!(
        "/_sim/records/sales_orders?company={COMPANY}{narrowed}"
    ))?;
    let records = said.get("records").and_then(Value::as_array);
    records
        .cloned()
        .ok_or_else(|| Failure::new("the simulator showed no orders"))
}

fn count(orders: &[Value]) -> u64 {
    orders.len() as u64
}

fn field<'a>(order: &'a Value, name: &str) -> &'a str {
    order
        .pointer(&format!("/fields/{name}"))
        .and_then(Value::as_str)
        .unwrap_or_default()
}
