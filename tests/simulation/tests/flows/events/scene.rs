//! Deals, accounts and what is said of them.

use counterpart_delivery::event::{Change, EventSource};
use counterpart_delivery::intent::{Intent, IntentId, IntentKind, IntentStage};
use counterpart_delivery::job::{PlaceOrder, Work};
use counterpart_delivery::ports::Clock as _;
use counterpart_delivery::ports::{Intents as _, Outgoing};
use counterpart_delivery::{ConfiguredMapper, CrmEvent, SageJob};
use counterpart_domain::{CrmId, Fields, SageKey, Value};
use counterpart_simulation::world::{CONFIG, World};
use jiff::SignedDuration;
use std::time::Duration;

pub use crate::hands::parked;
pub use crate::scene::*;

const SALES: &str = r#"
[targets.zoho.customer.create_in_sage]
when = [{ field = "Account_Type", equals = "Client" }]
since = 2020-01-01
company = "ABC"
division = "01"
write_back = { number = "Sage_Customer_No", text = "Sage_Status_Text" }

[targets.zoho.orders]
company = "ABC"
since = 2020-01-01
reference_column = "UDF_CRM_REFERENCE"
currency = { sage = "USD", rates = "crm" }
prices = "crm"
# The deals here keep their amount when their lines change.
totals = "ignore"

[targets.zoho.orders.sources.Deals]
when = [{ field = "Stage", equals = "Closed Won" }]
cancel_when = [{ field = "Stage", equals = "Closed Lost" }]
currency = "Currency"
price_book = "Book"
columns = { CustomerPONo = { from = "PO_Number", required = true } }
lines = { relation = "Sale_Items", price_book = "Book" }
write_back = { number = "Sage_Order_No", status = "Sage_Status", text = "Sage_Status_Text", text_length = 120, total = "Sage_Total" }

[targets.zoho.orders.sources.Sales_Orders]
when = [{ field = "Status", equals = "Approved" }]
cancel_when = [{ field = "Status", equals = "Cancelled" }]
currency = "Currency"
write_back = { number = "Sage_Order_No", text = "Sage_Status_Text" }
"#;

/// The usual world with deals, sales orders and customers that may come from the CRM.
pub fn config() -> String {
    let written = CONFIG.replace("page_size = 7", "page_size = 7\nwrite = \"agent\"");
    format!("{written}\n{SALES}")
}

/// One linked customer, `ABC:01-ABF`, whose rep is user-1's.
pub fn sales() -> World {
    sales_with(&config())
}

pub fn sales_with(config: &str) -> World {
    let world = World::with_config(1, config);
    world.map_rep(&zoho(), &rep("01-0100"), "user-1");
    put_customer(&world, &customer("01-ABF"), "American Business Futures");
    settle(&world);
    world.clock.advance(Duration::from_secs(3600));
    world
}

pub fn account(world: &World) -> CrmId {
    crm(world).with_key("Accounts", "ABC:01-ABF")[0].id.clone()
}

pub fn text(text: &str) -> Value {
    Value::text(text)
}

pub fn to(id: &CrmId) -> Value {
    Value::Reference(id.0.clone())
}

pub fn number(number: &str) -> Value {
    Value::Number(number.parse().unwrap())
}

pub fn fields<const N: usize>(fields: [(&str, Value); N]) -> Fields {
    fields
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// A product with a code.
pub fn product(world: &World, code: &str) -> CrmId {
    crm(world).put("Products", None, fields([("Product_Code", text(code))]))
}

pub fn lines(world: &World, code: &str) -> Vec<Fields> {
    let product = product(world, code);
    vec![fields([
        ("Product_Name", to(&product)),
        ("Quantity", number("2")),
        ("List_Price", number("45.50")),
    ])]
}

/// A won deal of an account over two pieces of `1001-HON-H252`.
pub fn won_deal(world: &World, account: &CrmId) -> CrmId {
    let deal = crm(world).put(
        "Deals",
        None,
        fields([
            ("Deal_Name", text("Desks")),
            ("Stage", text("Closed Won")),
            ("Account_Name", to(account)),
            ("Amount", number("91")),
            ("PO_Number", text("4711")),
            ("Book", text("Retail")),
        ]),
    );
    let lines = lines(world, "1001-HON-H252");
    crm(world).put_lines("Deals", &deal, "Sale_Items", lines);
    deal
}

/// An approved sales order of a deal.
pub fn sales_order(world: &World, account: &CrmId, deal: &CrmId) -> CrmId {
    let order = crm(world).put(
        "Sales_Orders",
        None,
        fields([
            ("Subject", text("Desks")),
            ("Status", text("Approved")),
            ("Account_Name", to(account)),
            ("Deal_Name", to(deal)),
            ("Grand_Total", number("91")),
        ]),
    );
    let lines = lines(world, "1001-HON-H252");
    crm(world).put_lines("Sales_Orders", &order, "Ordered_Items", lines);
    order
}

pub fn event(world: &World, module: &str, record: &CrmId) -> CrmEvent {
    CrmEvent::new(
        world.id(),
        zoho(),
        module.to_owned(),
        record.clone(),
        Change::Unknown,
        EventSource::ZohoNotification,
        world.clock.now(),
    )
}

pub fn send_body(world: &World, body: String) {
    let message = Outgoing::now(body);
    let messages = [message];
    world.events().send(&messages).unwrap()[0].clone().unwrap();
}

/// The CRM says that a record changed.
pub fn say(world: &World, module: &str, record: &CrmId) {
    let event = event(world, module, record);
    send_body(world, serde_json::to_string(&event).unwrap());
}

/// Transforms and writers until both queues are empty, or `within` has passed.
pub fn work_within(world: &World, within: SignedDuration) {
    let end = world.clock.now() + within;
    loop {
        while world.transform_once().is_some() {}
        while world.write_once(&zoho(), ConfiguredMapper) {}
        let next = [
            world.events().next_visible(),
            world.queue.inner.next_write(),
        ];
        let Some(next) = next.into_iter().flatten().min().filter(|next| *next <= end) else {
            return;
        };
        world.clock.advance_to(next);
    }
}

pub fn work(world: &World) {
    work_within(world, SignedDuration::from_hours(4));
    assert!(world.events().is_empty() && world.queue.inner.is_written());
}

/// The jobs that wait for Sage.
pub fn jobs(world: &World) -> Vec<SageJob> {
    let bodies = world.jobs().bodies().into_iter();
    bodies
        .map(|body| serde_json::from_str(&body).unwrap())
        .collect()
}

pub fn placed(world: &World) -> Vec<PlaceOrder> {
    let jobs = jobs(world).into_iter();
    jobs.filter_map(|job| match job.work {
        Work::PlaceOrder(place) => Some(*place),
        _ => None,
    })
    .collect()
}

pub fn order_of(deal: &CrmId) -> IntentId {
    IntentId {
        kind: IntentKind::Order,
        root: deal.clone(),
    }
}

pub fn intent(world: &World, id: &IntentId) -> Option<Intent> {
    let target = zoho();
    let found = world.store.inner.intent(&target, id);
    world.clock.block_on(found).unwrap()
}

/// What the Sage writer leaves behind when an order is there.
pub fn done(world: &World, place: &PlaceOrder, number: &str) {
    let now = world.clock.now();
    let stored = intent(world, &place.intent);
    let fresh = Intent {
        reference: Some(place.order.reference.clone()),
        customer: place.order.customer.key.clone(),
        ..Intent::new(zoho(), place.intent.clone(), abc(), now)
    };
    let intent = Intent {
        stage: IntentStage::Done,
        number: Some(number.to_owned()),
        content: Some(counterpart_delivery::intent::content_of(&place.order)),
        asked: None,
        written: Default::default(),
        shown: place.shown.clone(),
        modified: place.modified,
        code: None,
        status_text: format!("Order {number} is in Sage 100."),
        sage_status: "New".to_owned(),
        sage_total: Some("91.00".parse().unwrap()),
        updated_at: now,
        ..stored.unwrap_or(fresh)
    };
    save(world, &intent);
}

pub fn save(world: &World, intent: &Intent) {
    let store = &world.store.inner;
    let until = world.clock.now() + SignedDuration::from_mins(1);
    world.clock.block_on(async {
        store
            .lease_intent(&zoho(), &intent.id, "test", world.clock.now(), until)
            .await
            .unwrap();
        store.save_intent(intent, "test").await.unwrap();
        store
            .release_intent(&zoho(), &intent.id, "test")
            .await
            .unwrap();
    });
}

/// A field of a record of the CRM.
pub fn shown(world: &World, module: &str, id: &CrmId, field: &str) -> Value {
    let held = crm(world).record(module, id).unwrap();
    held.fields.get(field).cloned().unwrap_or(Value::Blank)
}

pub fn link(world: &World, key: &SageKey) -> counterpart_delivery::Link {
    use counterpart_delivery::ports::Links as _;
    let target = zoho();
    let link = world.store.inner.link(&target, key);
    world.clock.block_on(link).unwrap().unwrap()
}
