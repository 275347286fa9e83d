//! What a pack asks of DynamoDB, counted over a real engine with the real writer: so many requests for a pack, whatever
//! becomes of its records, and not one more for each of them.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests stop at the first surprise"
)]

mod support;

use std::sync::Arc;

use counterpart_aws::{DynamoStore, Usage};
use counterpart_delivery::ports::{Ledger as _, RepMapping, Reps as _};
use counterpart_delivery::{BatchReport, ConfiguredMapper, Context, CrmWriter, Message, Ports};
use counterpart_domain::{Company, CrmId, Entity, RepKey, SageKey, TargetName};
use counterpart_simulation::VirtualClock;
use counterpart_simulation::memory::MemoryQueues;
use counterpart_simulation::world::{Faulty, MemoryCrm, MemorySage, World};

/// A world over a real store.
struct OverDynamo;

impl Ports for OverDynamo {
    type Store = DynamoStore;
    type Queue = Faulty<MemoryQueues>;
    type Clock = VirtualClock;
    type Crm = MemoryCrm;
    type Agent = MemorySage;
    type Write = MemorySage;
}

/// Customers of one way, with neither owner nor contacts.
const PLAIN: &str = r#"
[companies.ABC]
agent_url = "https://agent.example.com"

[targets.salesforce]
crm = "salesforce"
my_domain = "acme.my.salesforce.com"
companies = ["ABC"]

[targets.salesforce.customer]
module = "Account"
key_field = "Sage_Key__c"

[targets.salesforce.customer.fields]
Name = "CustomerName"
Phone = "TelephoneNo"
BillingCity = "City"
Credit_Limit__c = "CreditLimit"
"#;

/// The same with what makes a pack read more: owners, and contacts that wait for their accounts.
const FAMILY: &str = r#"
[targets.salesforce.customer.owner]
field = "OwnerId"
column = "SalespersonNo"
unmapped = "park"

[targets.salesforce.contact]
module = "Contact"
key_field = "Sage_Key__c"
parent_field = "AccountId"

[targets.salesforce.contact.fields]
LastName = { from = "ContactName", with = "last_name" }
Email = "EmailAddress"
"#;

/// Records of a full pack.
const PACK: usize = 200;

fn abc() -> Company {
    Company::new("ABC").unwrap()
}

fn salesforce() -> TargetName {
    TargetName::new("salesforce").unwrap()
}

fn customer(n: usize) -> SageKey {
    SageKey::new(&abc(), Entity::CUSTOMER, &format!("01-C{n:04}")).unwrap()
}

fn contact(n: usize) -> SageKey {
    SageKey::new(&abc(), Entity::CONTACT, &format!("01-C{n:04}/MAIN")).unwrap()
}

/// What one batch cost.
#[derive(Debug, PartialEq)]
struct Cost {
    requests: u64,
    write_units_per_record: f64,
    calls: u64,
}

/// A world of one pack's records whose writer keeps its state in DynamoDB.
struct Scene {
    world: World,
    store: DynamoStore,
    usage: Arc<Usage>,
}

impl Scene {
    async fn new(config: &str) -> Self {
        let world = World::with_config(1, config);
        let (store, usage) = support::empty_store().await;
        for n in 0..PACK {
            put_customer(&world, n);
        }
        let rep = RepKey {
            company: abc(),
            rep: "01-0100".to_owned(),
        };
        let user = RepMapping {
            rep: rep.clone(),
            user_id: CrmId("005000000000001AAA".to_owned()),
            user_name: "Artie".to_owned(),
        };
        let target = salesforce();
        let mapped = store.put_rep(&target, &rep, Some(&user), "token");
        mapped.await.unwrap();
        Self {
            world,
            store,
            usage,
        }
    }

    /// The packs of a poll.
    fn packs(&self, entity: Entity) -> Vec<Message> {
        self.world.poll(&abc(), entity).unwrap();
        let packs = self.world.receive(&salesforce());
        for pack in &packs {
            self.world.writes(&salesforce()).delete(&pack.receipt);
        }
        packs
    }

    async fn write(&self, packs: &[Message]) -> (BatchReport, Cost) {
        self.usage.take();
        let writer = CrmWriter {
            context: Context::<OverDynamo> {
                store: &self.store,
                queue: &self.world.queue,
                clock: &self.world.clock,
                config: &self.world.config,
                config_version: 1,
                is_behind: false,
            },
            crms: &self.world.crms,
            mapper: ConfiguredMapper,
        };
        let report = writer.handle(packs, self.world.deadline()).await;
        assert_eq!(report.failed, Vec::<String>::new());
        let counts = self.usage.take();
        let cost = Cost {
            requests: counts.dynamodb_requests,
            write_units_per_record: counts.dynamodb_write_units / PACK as f64,
            calls: report.calls,
        };
        (report, cost)
    }

    /// The same records in another run.
    fn in_another_run(packs: &[Message], run: &str) -> Vec<Message> {
        let again = packs.iter().cloned().map(|mut pack| {
            let mut body: serde_json::Value = serde_json::from_str(&pack.body).unwrap();
            body["id"] = format!("{run}-pack").into();
            for entry in body["entries"].as_array_mut().unwrap() {
                entry["run"] = run.into();
            }
            pack.body = body.to_string();
            pack
        });
        again.collect()
    }
}

fn put_customer(world: &World, n: usize) {
    let number = format!("C{n:04}");
    let columns = [
        ("ARDivisionNo", "01"),
        ("CustomerNo", number.as_str()),
        ("CustomerName", "American Business Futures"),
        ("AddressLine1", "2131 N. 14th Street"),
        ("TelephoneNo", "(414) 555-4787"),
        ("City", "Milwaukee"),
        ("CreditLimit", "120000.00"),
        ("CustomerStatus", "A"),
        ("SalespersonDivisionNo", "01"),
        ("SalespersonNo", "0100"),
    ];
    world.sage.edit(&customer(n), &columns);
}

fn put_contact(world: &World, n: usize) {
    let number = format!("C{n:04}");
    let columns = [
        ("ARDivisionNo", "01"),
        ("CustomerNo", number.as_str()),
        ("ContactCode", "MAIN"),
        ("ContactName", "Artie Johnson"),
        ("EmailAddress", "artie@sage.sample.com"),
    ];
    world.sage.edit(&contact(n), &columns);
}

fn again(packs: &[Message], receive_count: u32) -> Vec<Message> {
    let again = packs.iter().cloned().map(|pack| Message {
        receive_count,
        ..pack
    });
    again.collect()
}

fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(test);
}

/// Two reads for the links of two hundred records, one for the circuit; the rest are transactions.
#[test]
fn a_full_pack_asks_for_no_more_than_a_handful_of_requests() {
    run(async {
        let scene = Scene::new(PLAIN).await;
        let packs = scene.packs(Entity::CUSTOMER);
        assert_eq!(packs.len(), 1);
        let (report, created) = scene.write(&packs).await;
        assert_eq!((report.records, created.calls), (200, 1));
        // Two items a record: link and reverse item. Five transactions, the outcomes in the last.
        assert_eq!(created.requests, 8, "{created:?}");
        assert!(created.write_units_per_record < 5.0, "{created:?}");

        let (_, redelivered) = scene.write(&again(&packs, 2)).await;
        assert_eq!((redelivered.requests, redelivered.calls), (2, 0));
        assert_eq!(redelivered.write_units_per_record, 0.0);

        // By then two workers may have ended half way: the outcomes are written once more.
        let (_, third) = scene.write(&again(&packs, 3)).await;
        assert_eq!((third.requests, third.calls), (3, 0));

        let (_, unchanged) = scene.write(&Scene::in_another_run(&packs, "r-two")).await;
        assert_eq!((unchanged.requests, unchanged.calls), (4, 0));
        assert!(unchanged.write_units_per_record < 0.5, "{unchanged:?}");

        for n in 0..PACK {
            scene.world.sage.edit(&customer(n), &[("City", "Racine")]);
        }
        scene
            .world
            .clock
            .advance(std::time::Duration::from_secs(900));
        let packs = scene.packs(Entity::CUSTOMER);
        let (report, changed) = scene.write(&packs).await;
        assert_eq!((report.records, changed.calls), (200, 1));
        assert_eq!(changed.requests, 6, "{changed:?}");
        assert!(changed.write_units_per_record < 3.5, "{changed:?}");
        let history = scene.store.history(&customer(117), 10).await.unwrap();
        assert_eq!(history.len(), 3);
    });
}

/// Refused by the CRM, each for itself, or set aside before: all at once.
#[test]
fn a_pack_of_refused_or_parked_records_asks_for_no_more() {
    run(async {
        let scene = Scene::new(PLAIN).await;
        scene.world.crms[&salesforce()].refuse("American Business Futures");
        let packs = scene.packs(Entity::CUSTOMER);
        let (report, refused) = scene.write(&packs).await;
        assert_eq!((report.parked, refused.calls), (200, 1));
        assert_eq!(refused.requests, 8, "{refused:?}");

        let (report, parked_again) = scene.write(&again(&packs, 2)).await;
        assert_eq!(report.parked, 200);
        assert_eq!(parked_again.requests, 8, "{parked_again:?}");

        let config = format!("{PLAIN}{FAMILY}");
        let scene = Scene::new(&config).await;
        for n in 0..PACK {
            let unmapped = [("SalespersonNo", "0990")];
            scene.world.sage.edit(&customer(n), &unmapped);
        }
        let packs = scene.packs(Entity::CUSTOMER);
        let (report, parked) = scene.write(&packs).await;
        assert_eq!((report.parked, parked.calls), (200, 0));
        assert_eq!(parked.requests, 9, "{parked:?}");
    });
}

/// Owners, parents and marks of waiting children are read by the pack, too.
#[test]
fn customers_with_contacts_ask_for_no_request_of_their_own() {
    run(async {
        let config = format!("{PLAIN}{FAMILY}");
        let scene = Scene::new(&config).await;
        let customers = scene.packs(Entity::CUSTOMER);
        let (_, created) = scene.write(&customers).await;
        // Two reads tell that nobody waits; one brings the rep mapping.
        assert_eq!(created.requests, 8 + 2 + 1, "{created:?}");
        let (_, redelivered) = scene.write(&again(&customers, 2)).await;
        assert_eq!(redelivered.requests, 2 + 2 + 1, "{redelivered:?}");
        for n in 0..PACK {
            put_contact(&scene.world, n);
        }
        let contacts = scene.packs(Entity::CONTACT);
        let (_, created) = scene.write(&contacts).await;
        assert_eq!(created.requests, 8 + 2, "{created:?}");
    });
}

/// Contacts that come first wait, and go, by the pack. Only a parent for whom somebody waits is asked for its children.
#[test]
fn contacts_that_wait_ask_for_no_request_of_their_own() {
    run(async {
        let config = format!("{PLAIN}{FAMILY}");
        let scene = Scene::new(&config).await;
        for n in 0..PACK {
            put_contact(&scene.world, n);
        }
        let contacts = scene.packs(Entity::CONTACT);
        let (report, waiting) = scene.write(&contacts).await;
        assert_eq!(report.calls, 0);
        // Links and parents, the circuit, marks and children, the parents once more, whether their parents are paused, the
        // outcomes.
        assert_eq!(waiting.requests, 4 + 1 + 4 + 2 + 1 + 1, "{waiting:?}");
        let looks_again = scene.world.receive(&salesforce());
        assert_eq!(looks_again, []);

        let customers = scene.packs(Entity::CUSTOMER);
        let (_, created) = scene.write(&customers).await;
        let children = PACK as u64;
        assert_eq!(created.requests, 8 + 2 + 1 + children, "{created:?}");

        let released = scene.world.receive(&salesforce());
        let (report, released) = scene.write(&released).await;
        assert_eq!(report.records, 200);
        // As contacts whose accounts are there, and the waits taken away.
        assert_eq!(released.requests, 8 + 2 + 2, "{released:?}");
    });
}
