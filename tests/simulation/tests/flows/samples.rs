//! The samples in `events/` of what goes to Sage and what is asked of it: each is taken by its handler, and comes to what
//! the page there says.

use std::path::Path;

use counterpart_delivery::Sent;
use counterpart_delivery::ingress::{HookSecret, HookSecrets, WebhookRequest};
use counterpart_delivery::job::{JOB_VERSION, Work};
use counterpart_delivery::lookup::{Lookup, LookupCache, TIME_OUT};
use counterpart_delivery::ports::{Clock as _, QueueName};
use counterpart_delivery::{
    ConfiguredMapper, CrmEvent, IntentStage, Message, SageJob, SecretText, WriteBack,
};
use counterpart_domain::{Company, Fault, Fields, TargetName, Value};
use counterpart_simulation::world::{MemoryCrm, SALES, World};
use jiff::Timestamp;
use serde_json::{Value as Json, json};

use crate::hands::take_all;
use crate::orders::{id, intent, orders, parked, text};
use crate::scene::*;

const SALESFORCE: &str = r#"
[targets.salesforce]
crm = "salesforce"
my_domain = "acme.my.salesforce.com"
companies = ["ABC"]

[targets.salesforce.customer]
module = "Account"
key_field = "Sage_Key__c"

[targets.salesforce.customer.fields]
Name = "CustomerName"

[targets.salesforce.orders]
company = "ABC"
since = 2020-01-01
reference_column = "UDF_CRM_REFERENCE"
prices = "crm"

[targets.salesforce.orders.sources.Opportunity]
when = [{ field = "StageName", equals = "Closed Won" }]
"#;

const FUTURES: &str = "5725767000003000030";
const AVNET: &str = "5725767000003000040";
const PROSPECT: &str = "5725767000003000050";
const DEAL: &str = "5725767000003000010";
const LOST_DEAL: &str = "5725767000003000020";
const PRODUCT: &str = "5725767000003000090";
const OPPORTUNITY: &str = "006000000000001AAA";

fn sample(name: &str) -> Json {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../events")
        .join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn records(name: &str) -> Vec<Json> {
    sample(name)["Records"].as_array().unwrap().clone()
}

fn string(record: &Json, pointer: &str) -> String {
    let value = record.pointer(pointer).and_then(Json::as_str);
    assert!(value.is_some(), "no {pointer}");
    value.unwrap_or_default().to_owned()
}

fn bodies(name: &str) -> Vec<String> {
    let records = records(name);
    records
        .iter()
        .map(|record| string(record, "/body"))
        .collect()
}

fn at(time: &str) -> Timestamp {
    format!("2026-11-22T{time}Z").parse().unwrap()
}

fn fields<const N: usize>(fields: [(&str, Value); N]) -> Fields {
    let fields = fields.into_iter();
    fields
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn to(id: &str) -> Value {
    Value::Reference(id.to_owned())
}

fn number(number: &str) -> Value {
    Value::Number(number.parse().unwrap())
}

fn deal(crm: &MemoryCrm, deal: &str, account: &str, quantity: &str) {
    let of = fields([
        ("Deal_Name", text("Desks")),
        ("Stage", text("Closed Won")),
        ("Account_Name", to(account)),
    ]);
    let id = crm.put_as("Deals", deal, None, of);
    let line = fields([
        ("id", text(&deal.replace("30000", "30001"))),
        ("Product_Name", to(PRODUCT)),
        ("Quantity", number(quantity)),
        ("List_Price", number("84.50")),
        ("Description", text("In oak")),
    ]);
    crm.put_lines("Deals", &id, "Sale_Items", vec![line]);
}

fn event(module: &str, record: &str) -> String {
    json!({
        "version": 1, "id": format!("test-{record}"), "target": "zoho", "module": module, "record": record,
        "change": "updated", "source": "zoho_notification", "received_at": at("19:30:00"),
    })
    .to_string()
}

/// What both CRMs and Sage hold when the samples come: two customers in both, an order of the second one whose deal has
/// been lost since, and all that the samples' events tell of.
fn org() -> World {
    let world = World::with_config(1, &format!("{SALES}{SALESFORCE}"));
    world.clock.advance_to(at("18:00:00"));
    world.map_rep(&zoho(), &rep("01-0100"), "user-1");
    put_customer(&world, &customer("01-ABF"), "American Business Futures");
    put_customer(&world, &customer("01-AVNET"), "Avnet Processing Corp");
    for code in ["1001-HON-H252", "2480-8-50"] {
        world.sage.put_item(&abc(), code, "84.50".parse().unwrap());
    }
    let (zoho, salesforce) = (crm(&world), &world.crms[&salesforce()]);
    let held = || {
        fields([
            ("Phone", text("(414) 555-4787")),
            ("Billing_City", text("Milwaukee")),
        ])
    };
    zoho.put_as("Accounts", FUTURES, Some("ABC:01-ABF"), held());
    zoho.put_as("Accounts", AVNET, Some("ABC:01-AVNET"), held());
    let account = "001000000000001AAA";
    salesforce.put_as("Account", account, Some("ABC:01-ABF"), Fields::new());
    let code = |field| fields([(field, text("1001-HON-H252"))]);
    zoho.put_as("Products", PRODUCT, None, code("Product_Code"));
    let product = "01t000000000001AAA";
    salesforce.put_as("Product2", product, None, code("ProductCode"));
    settle(&world);
    assert_eq!(parked(&world), []);

    world.clock.advance_to(at("18:30:00"));
    deal(zoho, LOST_DEAL, AVNET, "1");
    transform(&world, vec![event("Deals", LOST_DEAL)]);
    world.drain_jobs();
    assert_eq!(orders(&world).len(), 1);
    settle(&world);

    world.clock.advance_to(at("19:29:58"));
    let lost = fields([("Stage", text("Closed Lost"))]);
    let user = "5725767000000411001";
    zoho.edit("Deals", &id(LOST_DEAL), user, lost);
    deal(zoho, DEAL, FUTURES, "2");
    let phone = fields([("Phone", text("+1 414 555 0199"))]);
    zoho.edit("Accounts", &id(FUTURES), user, phone);
    let prospect = fields([
        ("Account_Name", text("Bressler & Sons")),
        ("Account_Type", text("Client")),
        ("Billing_City", text("Racine")),
        ("Owner", to("user-1")),
    ]);
    zoho.put_as("Accounts", PROSPECT, None, prospect);
    let opportunity = fields([
        ("Name", text("Chairs")),
        ("StageName", text("Closed Won")),
        ("AccountId", to(account)),
    ]);
    let opportunity = salesforce.put_as("Opportunity", OPPORTUNITY, None, opportunity);
    let line = fields([
        ("Product2Id", to(product)),
        ("Quantity", number("4")),
        ("UnitPrice", number("79.95")),
    ]);
    salesforce.put_lines(
        "Opportunity",
        &opportunity,
        "OpportunityLineItems",
        vec![line],
    );
    world.clock.advance_to(at("19:30:00"));
    world
}

fn salesforce() -> TargetName {
    TargetName::new("salesforce").unwrap()
}

/// The transform over a batch, and the jobs that it sends with it.
fn transform(world: &World, bodies: Vec<String>) -> Vec<SageJob> {
    let before = world.jobs().bodies().len();
    let batch: Vec<_> = bodies
        .into_iter()
        .map(|body| Message {
            id: world.id(),
            receipt: world.id(),
            receive_count: 1,
            queue: QueueName::CrmEvents,
            group: None,
            sent: Sent::once(world.clock.now()),
            body,
        })
        .collect();
    let transform = world.transform();
    let handled = transform.handle(&batch, world.deadline());
    let report = world.clock.block_on(handled);
    assert!(
        report.failed.is_empty() && report.faults.is_empty(),
        "{report:?}"
    );
    let jobs = world.jobs().bodies();
    jobs[before..]
        .iter()
        .map(|body| serde_json::from_str(body).unwrap())
        .collect()
}

/// The Sage writer over the sample, after the transform has noted what each job asks for.
fn write_sage(world: &World) {
    let records = records("sage-writer-batch.json");
    for record in &records {
        let job: SageJob = serde_json::from_str(&string(record, "/body")).unwrap();
        if job.version == JOB_VERSION {
            transform(world, vec![serde_json::to_string(&job.event).unwrap()]);
        }
    }
    let batch: Vec<_> = records
        .iter()
        .map(|record| Message {
            id: string(record, "/messageId"),
            receipt: string(record, "/receiptHandle"),
            queue: QueueName::SageWrites,
            group: Some(string(record, "/attributes/MessageGroupId")),
            receive_count: 1,
            sent: Sent::once(world.clock.now()),
            body: string(record, "/body"),
        })
        .collect();
    let writer = world.sage_writer();
    let handled = writer.handle(&batch, world.deadline());
    let report = world.clock.block_on(handled);
    assert_eq!(report.failed, Vec::<String>::new());
    assert_eq!((report.jobs, report.parked), (4, 1), "{report:?}");
    assert_eq!((report.created, report.changed), (2, 2), "{report:?}");
}

#[test]
fn the_events_become_jobs_and_what_is_none_is_parked() {
    let world = org();
    let bodies = bodies("order-transform-batch.json");
    for body in &bodies[..3] {
        let event = CrmEvent::decode(body).unwrap();
        assert_eq!(serde_json::to_string(&event).unwrap(), *body);
    }
    let jobs = transform(&world, bodies);
    let groups: Vec<_> = jobs.iter().map(SageJob::group).collect();
    let futures = format!("zoho:{FUTURES}");
    assert_eq!(
        groups,
        ["salesforce:001000000000001AAA", &futures, &futures]
    );
    let [
        Work::PlaceOrder(chairs),
        Work::PlaceOrder(desks),
        Work::ChangeRecord(change),
    ] = [&jobs[0].work, &jobs[1].work, &jobs[2].work]
    else {
        panic!("{jobs:?}");
    };
    assert_eq!(chairs.intent.root, id(OPPORTUNITY));
    assert_eq!(
        chairs.order.lines[0].unit_price,
        Some("79.95".parse().unwrap())
    );
    assert_eq!(desks.intent.root, id(DEAL));
    assert_eq!(change.crm["Phone"], text("+1 414 555 0199"));
    let parked: Vec<_> = parked(&world).into_iter().map(|(_, code)| code).collect();
    assert_eq!(parked, ["E_EVENT_MALFORMED"]);
}

#[test]
fn the_jobs_are_those_that_the_transform_makes() {
    let world = org();
    let records = records("sage-writer-batch.json");
    let mut numbers = Vec::new();
    for record in &records {
        let body = string(record, "/body");
        let group = string(record, "/attributes/MessageGroupId");
        numbers.push(string(record, "/attributes/SequenceNumber"));
        let of_ours = body.replacen("\"version\":2", "\"version\":1", 1);
        let job: SageJob = serde_json::from_str(&of_ours).unwrap();
        assert_eq!(serde_json::to_string(&job).unwrap(), of_ours);
        let deduplication = string(record, "/attributes/MessageDeduplicationId");
        assert_eq!((job.group(), &job.id), (group.clone(), &deduplication));
        if of_ours == body {
            let event = serde_json::to_string(&job.event).unwrap();
            let made = transform(&world, vec![event]);
            assert_eq!(made.len(), 1, "{body}");
            assert_eq!((&made[0].work, made[0].group()), (&job.work, group));
        }
    }
    assert!(numbers.is_sorted_by(|one, next| one < next), "{numbers:?}");
}

#[test]
fn the_jobs_are_done_in_sage_and_another_version_is_parked() {
    let world = org();
    write_sage(&world);
    let orders = orders(&world);
    assert_eq!(orders.len(), 1, "one is placed, one cancelled: {orders:?}");
    assert_eq!(orders[0].customer, customer("01-ABF"));
    assert_eq!(orders[0].lines[0].extension, "169".parse().unwrap());
    assert_eq!(intent(&world, DEAL).stage, IntentStage::Done);
    assert_eq!(intent(&world, LOST_DEAL).stage, IntentStage::Cancelled);
    assert_eq!(
        world.sage.column(&customer("01-0000101"), "CustomerName"),
        "Bressler & Sons"
    );
    let phone = world.sage.column(&customer("01-ABF"), "TelephoneNo");
    assert_eq!(phone, "+1 414 555 0199");
    let parked = world.store.inner.all_parked();
    let codes: Vec<_> = parked.iter().map(|item| &*item.fault.code).collect();
    assert_eq!(codes, ["E_JOB_VERSION"]);
    // A redrive begins with its event.
    let event: CrmEvent = serde_json::from_str(&parked[0].payload).unwrap();
    assert_eq!(event.module, "Deals");
}

#[test]
fn the_write_backs_show_what_sage_has_made_of_it() {
    let world = org();
    write_sage(&world);
    take_all(&world);
    let shown = |module: &str, of: &str, field: &str| {
        let held = crm(&world).record(module, &id(of)).unwrap();
        held.fields.get(field).cloned().unwrap_or(Value::Blank)
    };
    assert_eq!(shown("Deals", DEAL, "Sage_Order_No"), Value::Blank);
    let batch: Vec<_> = records("crm-writer-write-back.json")
        .iter()
        .map(|record| Message {
            id: string(record, "/messageId"),
            receipt: string(record, "/receiptHandle"),
            receive_count: 1,
            sent: Sent::once(world.clock.now()),
            queue: QueueName::CrmWrites(zoho()),
            group: None,
            body: string(record, "/body"),
        })
        .collect();
    for Message { body, .. } in &batch {
        assert!(WriteBack::is_one(body), "{body}");
        let decoded = WriteBack::decode(body).unwrap();
        assert_eq!(serde_json::to_string(&decoded).unwrap(), *body);
    }
    let writer = world.writer_with(ConfiguredMapper);
    let handled = writer.handle(&batch, world.deadline());
    let report = world.clock.block_on(handled);
    assert_eq!(report.failed, Vec::<String>::new());
    let is = |module, of, field, value| assert_eq!(shown(module, of, field), value);
    is("Deals", DEAL, "Sage_Order_No", text("0000182"));
    is("Deals", DEAL, "Sage_Total", number("169"));
    is("Deals", LOST_DEAL, "Sage_Status", text("Cancelled"));
    is("Products", PRODUCT, "Qty_in_Stock", number("100"));
    is("Products", PRODUCT, "Sage_Available", number("98"));
    let said = shown("Accounts", PROSPECT, "Sage_Status_Text").to_string();
    assert!(said.contains("0000101"), "{said}");
}

struct Keys;

impl HookSecrets for Keys {
    async fn hook(&self, _: &TargetName) -> Result<HookSecret, Fault> {
        Ok(HookSecret {
            hmac_key: Some(SecretText::new("sample-hook-key")),
            ..HookSecret::default()
        })
    }
}

fn ask(world: &World, name: &str) -> Json {
    let event = sample(name);
    let headers = event["headers"].as_object().unwrap().iter();
    let body = string(&event, "/body");
    assert_eq!(
        string(&event, "/headers/content-length"),
        body.len().to_string()
    );
    let request = WebhookRequest {
        method: string(&event, "/requestContext/http/method"),
        path: string(&event, "/rawPath"),
        headers: headers
            .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
            .collect(),
        body: body.into_bytes(),
        ..WebhookRequest::default()
    };
    let agents = async |_: &Company| Ok(world.sage.clone());
    let lookup = Lookup {
        agents: &agents,
        context: world.context(),
        secrets: &Keys,
        cache: &LookupCache::default(),
        time_out: TIME_OUT,
    };
    let answer = world.clock.block_on(lookup.handle(&request));
    assert_eq!(answer.status, 200, "{name}: {}", answer.body);
    let answer: Json = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(answer["known"], true, "{name}: {answer}");
    answer
}

#[test]
fn each_question_is_answered_with_the_samples_key() {
    let world = org();
    let (limit, due) = ("120000".parse().unwrap(), "20000.10".parse().unwrap());
    world.sage.set_credit(&customer("01-ABF"), limit, due);
    let credit = ask(&world, "lookup-credit.json");
    assert_eq!(credit["customer"], "ABC:01-ABF");
    assert_eq!(credit["remaining"], "99999.90");
    let stock = ask(&world, "lookup-stock.json");
    assert_eq!(stock["item"], "1001-HON-H252");
    assert_eq!(stock["total"]["on_hand"], "100");
    let price = ask(&world, "lookup-price.json");
    assert_eq!(price["customer"], "ABC:01-ABF");
    assert_eq!(
        (&price["quantity"], &price["unit_price"]),
        (&json!("12"), &json!("84.50"))
    );
}

#[test]
fn every_sample_of_a_way_to_sage_is_used_here() {
    let this = include_str!("samples.rs");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events");
    for file in std::fs::read_dir(folder).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let ours = [
            "order-transform-",
            "sage-writer-",
            "lookup-",
            "crm-writer-write-",
        ];
        if ours.iter().any(|prefix| name.starts_with(prefix)) {
            let used = this.contains(&format!("\"{name}\""));
            assert!(used, "{name} is used by no test");
        }
    }
}
