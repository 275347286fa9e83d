//! From a job to Sage: one sale is one order, one account one customer, whatever happens on the way.

mod alike;
mod answers;
mod cancelled;
mod changed;
mod chaos;
mod checks;
mod customers;
mod doubt;
mod forgotten;
pub mod guard;
mod in_sage;
mod killed;
mod money;
mod once;
mod outages;
mod protocol;
mod queues;
mod records;
mod renewed;
mod review2;
mod stray;
mod texts;
mod totals;
mod unanswered;
mod uncompared;

use counterpart_delivery::event::{Change, EventSource};
use counterpart_delivery::intent::Shown;
use counterpart_delivery::job::{CancelOrder, CreateCustomer, JOB_VERSION, PlaceOrder, Work};
use counterpart_delivery::ports::{Clock as _, Intents as _, Ledger as _};
use counterpart_delivery::{
    CrmEvent, Intent, IntentId, IntentKind, IntentStage, OutcomeItem, SageJob, WriteBack,
};
use counterpart_domain::sale::{
    NewCustomer, Reference, SaleCustomer, SaleLine, SaleOrder, SalesOrder,
};
use counterpart_domain::{CrmId, Entity, Fields, SageKey, Value};
use counterpart_simulation::world::{SALES, World};
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use std::time::Duration;

use crate::scene::*;

pub fn abf() -> SageKey {
    customer("01-ABF")
}

pub fn id(text: &str) -> CrmId {
    CrmId(text.to_owned())
}

pub fn text(value: &str) -> Value {
    Value::text(value)
}

/// Customer 01-ABF and three items; nothing of it is linked.
pub fn shop(seed: u64) -> World {
    let world = World::with_config(seed, SALES);
    world.map_rep(&zoho(), &rep("01-0100"), "user-1");
    put_customer(&world, &abf(), "American Business Futures");
    put_customer(&world, &customer("01-OTHER"), "Somebody Else");
    for (code, price) in [("1001-HON-H252", 100), ("2480-8-50", 20), ("/DELIVERY", 5)] {
        world.sage.put_item(&abc(), code, Decimal::from(price));
    }
    world
}

pub fn line(item: &str, quantity: i64) -> SaleLine {
    SaleLine {
        id: None,
        number: None,
        product: Some(id(&format!("product-{item}"))),
        item: item.to_owned(),
        quantity: Decimal::from(quantity),
        unit: None,
        crm_unit: None,
        warehouse: None,
        unit_price: None,
        discount_percent: None,
        columns: Fields::new(),
    }
}

pub fn order_id(root: &str) -> IntentId {
    IntentId {
        kind: IntentKind::Order,
        root: id(root),
    }
}

fn shown(module: &str, of: &str) -> Vec<Shown> {
    vec![Shown {
        module: module.to_owned(),
        id: id(of),
    }]
}

fn job(world: &World, account: &str, record: &str, work: Work) -> SageJob {
    let now = world.clock.now();
    SageJob {
        version: JOB_VERSION,
        id: world.id(),
        target: zoho(),
        account: id(account),
        event: CrmEvent::new(
            world.id(),
            zoho(),
            "Deals".to_owned(),
            id(record),
            Change::Updated,
            EventSource::ZohoNotification,
            now,
        ),
        config_version: 1,
        sent_at: now,
        work,
    }
}

/// A sale of 01-ABF: two chairs, as of now.
pub fn sale(world: &World, root: &str) -> SageJob {
    sale_of(world, root, vec![line("1001-HON-H252", 2)])
}

pub fn sale_of(world: &World, root: &str, lines: Vec<SaleLine>) -> SageJob {
    let reference = Reference::of(&zoho(), &abc(), &id(root));
    let place = PlaceOrder {
        content: None,
        intent: order_id(root),
        order: SaleOrder {
            company: abc(),
            customer: SaleCustomer {
                account: id("account-1"),
                key: Some(abf()),
                create: None,
            },
            reference,
            header: Fields::from([("Comment".to_owned(), text("From the CRM"))]),
            lines,
            crm_total: None,
            crm_tax: None,
            currency: None,
        },
        shown: shown("Deals", root),
        modified: Some(world.clock.now()),
        shows: None,
        gone: Vec::new(),
        ask: 0,
    };
    let work = Work::PlaceOrder(Box::new(place));
    job(world, "account-1", root, work)
}

pub fn place_of(job: &mut SageJob) -> &mut PlaceOrder {
    match &mut job.work {
        Work::PlaceOrder(place) => place,
        other => unreachable!("{other:?}"),
    }
}

pub fn cancellation(world: &World, root: &str) -> SageJob {
    let work = Work::CancelOrder(CancelOrder {
        intent: order_id(root),
        company: abc(),
        shown: shown("Deals", root),
        modified: Some(world.clock.now()),
        ask: 0,
    });
    job(world, "account-1", root, work)
}

pub fn new_customer(name: &str) -> NewCustomer {
    NewCustomer {
        company: abc(),
        division: "01".to_owned(),
        number: None,
        columns: [
            ("CustomerName", name),
            ("City", "Racine"),
            ("SalespersonDivisionNo", "01"),
            ("SalespersonNo", "0100"),
        ]
        .map(|(column, value)| (column.to_owned(), text(value)))
        .into(),
        crm: Fields::new(),
    }
}

pub fn client(world: &World, account: &str, name: &str) -> SageJob {
    let work = Work::CreateCustomer(Box::new(CreateCustomer {
        intent: IntentId {
            kind: IntentKind::Record(Entity::CUSTOMER),
            root: id(account),
        },
        customer: new_customer(name),
        shown: shown("Accounts", account),
    }));
    job(world, account, account, work)
}

/// The same job under a new id and time, as another event of the same state makes it.
pub fn again(world: &World, of: &SageJob) -> SageJob {
    let mut again = of.clone();
    again.id = world.id();
    again.event.id = world.id();
    again
}

/// The same job, as an operator's redrive of what is parked for its record brings it.
pub fn redriven(world: &World, of: &SageJob) -> SageJob {
    let parked = world.store.inner.all_parked().into_iter();
    let mut codes = parked.filter_map(|parked| {
        let event = CrmEvent::decode(&parked.payload).ok()?;
        (event.record == of.event.record).then(|| parked.fault.code.into_owned())
    });
    redriven_for(world, of, codes.next().as_deref())
}

/// The same job, as an operator's redrive of something that is parked under this code brings it.
pub fn redriven_for(world: &World, of: &SageJob, code: Option<&str>) -> SageJob {
    let mut job = again(world, of);
    job.event.source = EventSource::Redrive;
    job.event.answers = code.map(str::to_owned);
    job
}

pub fn intent(world: &World, root: &str) -> Intent {
    let (target, id) = (zoho(), order_id(root));
    let stored = world.store.inner.intent(&target, &id);
    world.clock.block_on(stored).unwrap().unwrap()
}

pub fn orders(world: &World) -> Vec<SalesOrder> {
    world.sage.all_orders(&abc())
}

/// Orders that were ever created through the port.
pub fn created(world: &World) -> usize {
    world.sage.created().len()
}

pub fn parked(world: &World) -> Vec<(String, String)> {
    let parked = world.store.inner.all_parked().into_iter();
    parked
        .map(|item| (item.id, item.fault.code.into_owned()))
        .collect()
}

pub fn wait(world: &World, minutes: u64) {
    world.clock.advance(Duration::from_secs(60 * minutes));
}

/// The write-backs that lie in the queue.
pub fn write_backs(world: &World) -> Vec<WriteBack> {
    let bodies = world.writes(&zoho()).bodies();
    bodies
        .iter()
        .filter_map(|body| serde_json::from_str(body).ok())
        .collect()
}

pub fn history(world: &World, key: &SageKey) -> Vec<OutcomeItem> {
    let history = world.store.inner.history(key, 100);
    world.clock.block_on(history).unwrap()
}

pub fn later(world: &World, minutes: i64) -> Timestamp {
    world.clock.now() + SignedDuration::from_mins(minutes)
}

/// What is true of sales at rest: each sale that is done has one order, which is its own; no order carries a mark that is
/// another's or stands there twice; nothing is left in the queue, and everything the CRM is to show was said.
pub fn wrong_at_rest(world: &World) -> Vec<String> {
    let mut wrong = Vec::new();
    let orders = orders(world);
    for intent in world.store.inner.all_intents() {
        if intent.id.kind != IntentKind::Order {
            continue;
        }
        let mark = intent.reference.as_ref().map_or("", |of| of.as_str());
        let marked: Vec<_> = orders
            .iter()
            .filter(|order| !mark.is_empty() && order.reference == mark)
            .collect();
        let root = &intent.id.root;
        match intent.stage {
            IntentStage::Done if marked.len() != 1 => {
                wrong.push(format!("{root} is done and has {} orders", marked.len()));
            }
            IntentStage::Done if Some(&marked[0].number) != intent.number.as_ref() => {
                wrong.push(format!("{root} names {:?}", intent.number));
            }
            IntentStage::Open | IntentStage::Refused | IntentStage::Cancelled
                if !marked.is_empty() =>
            {
                wrong.push(format!("{root} is {:?} and has an order", intent.stage));
            }
            IntentStage::Reserved | IntentStage::Sent => {
                wrong.push(format!("{root} is left {:?}", intent.stage));
            }
            _ if marked.len() > 1 => wrong.push(format!("{root} has {} orders", marked.len())),
            _ => {}
        }
        let told = write_backs(world).iter().any(|message| {
            matches!(&message.write_back, counterpart_delivery::Show::Intents(ids) if ids.contains(&intent.id))
        });
        if !told {
            wrong.push(format!("nobody tells the CRM of {root}"));
        }
    }
    if !world.jobs().is_empty() {
        wrong.push(format!("{} jobs are left", world.jobs().len()));
    }
    wrong
}

pub fn assert_sold(world: &World, context: &str) {
    let wrong = wrong_at_rest(world);
    assert!(wrong.is_empty(), "{context}: {wrong:#?}");
}
