//! One bad body, record or panic never takes its neighbours along.

use counterpart_config::{EntityConfig, Mapped};
use counterpart_delivery::ports::{Outgoing, Parking as _};
use counterpart_delivery::{ConfiguredMapper, Mapper};
use counterpart_domain::{Entity, Fault, Record, SageKey};
use counterpart_simulation::world::{World, killed_after};
use std::time::Duration;

use crate::scene::*;

/// Panics on one key.
struct Panicking(&'static str);

impl Mapper for Panicking {
    fn map(&self, entity: &EntityConfig, key: &SageKey, record: &Record) -> Result<Mapped, Fault> {
        assert!(key.local != self.0, "this record makes the mapper panic");
        ConfiguredMapper.map(entity, key, record)
    }
}

fn parked_codes(world: &World) -> Vec<String> {
    let items = world
        .clock
        .block_on(world.store.inner.parked_of("zoho", None, 100))
        .unwrap();
    let mut codes: Vec<_> = items
        .iter()
        .map(|item| item.fault.code.to_string())
        .collect();
    codes.sort();
    codes
}

fn send(world: &World, body: &str) {
    let message = Outgoing::now(body.to_owned());
    world.writes(&zoho()).send(&[message]).unwrap()[0]
        .clone()
        .unwrap();
}

#[test]
fn a_bad_body_a_wrong_version_an_unknown_company_and_a_panicking_record_are_parked_and_the_rest_is_written()
 {
    let world = populated();
    world.poll(&abc(), Entity::CUSTOMER).unwrap();
    let good = world.writes(&zoho()).bodies()[0].clone();
    send(&world, "not json");
    send(&world, &good.replace("\"version\":1", "\"version\":2"));
    send(
        &world,
        &good.replace("\"company\":\"ABC\"", "\"company\":\"QQQ\""),
    );
    send(
        &world,
        &good
            .replacen(
                "\"CreditLimit\":\"120000.00\"",
                "\"CreditLimit\":\"much\"",
                1,
            )
            .replace("01-C00", "01-C98")
            .replace("C00", "C98"),
    );
    while world.write_once(&zoho(), Panicking("01-C02")) {}
    world.drain();
    let codes = parked_codes(&world);
    assert_eq!(
        codes,
        [
            "E_COMPANY_UNKNOWN",
            "E_PACK_MALFORMED",
            "E_PACK_VERSION",
            "E_PANIC",
            "E_RECORD_UNREADABLE"
        ]
    );
    let accounts = crm(&world).records("Accounts");
    assert_eq!(accounts.len(), 11, "all but the one that panics");
    assert!(crm(&world).with_key("Accounts", "ABC:01-C02").is_empty());
    // Once the fault is mended, the record follows with its next edit.
    world.sage.edit(&customer("01-C02"), &[("City", "Racine")]);
    world.poll(&abc(), Entity::CUSTOMER).unwrap();
    world.drain();
    assert_eq!(crm(&world).with_key("Accounts", "ABC:01-C02").len(), 1);
    assert!(!parked_codes(&world).contains(&"E_PANIC".to_owned()));
}

#[test]
fn a_name_that_the_crm_refuses_is_parked_with_code_and_sentence() {
    let world = populated();
    crm(&world).refuse("Customer 3");
    settle(&world);
    let key = customer("02-C03");
    let child = contact("02-C03/MAIN");
    assert_at_rest_but(&world, &[key.clone(), child.clone()], "one refused");
    let item = world
        .clock
        .block_on(world.store.inner.parked("zoho", &key.storage()))
        .unwrap()
        .unwrap();
    assert_eq!(item.fault.code, "E_CRM_INVALID_DATA");
    assert!(
        item.fault.message.contains("ABC:02-C03"),
        "{}",
        item.fault.message
    );
    // The cause is mended in Sage: customer and contact follow by themselves, and nothing stays parked.
    world.clock.advance(Duration::from_secs(900));
    world.sage.edit(&key, &[("CustomerName", "Customer Three")]);
    settle(&world);
    assert_at_rest(&world, "mended");
}

#[test]
fn a_locked_record_is_retried_until_the_lock_is_gone() {
    let world = populated();
    settle(&world);
    crm(&world).lock("ABC:01-C00");
    world.clock.advance(Duration::from_secs(900));
    world.sage.edit(&customer("01-C00"), &[("City", "Racine")]);
    world.sage.edit(&customer("02-C01"), &[("City", "Racine")]);
    world.poll(&abc(), Entity::CUSTOMER).unwrap();
    assert!(
        !world.drain_within(jiff::SignedDuration::from_hours(2)),
        "still locked"
    );
    assert_eq!(
        crm(&world).with_key("Accounts", "ABC:02-C01")[0].fields["Billing_City"].to_string(),
        "Racine"
    );
    crm(&world).accept("ABC:01-C00");
    world.drain();
    assert_at_rest(&world, "unlocked");
}

#[test]
fn a_record_that_kills_the_worker_is_found_and_parked_and_its_neighbours_arrive() {
    let world = populated();
    world.poll(&abc(), Entity::CUSTOMER).unwrap();
    let mut receives = 0;
    while !world.queue.inner.is_written() {
        let Some(next) = world.queue.inner.next_write() else {
            break;
        };
        world.clock.advance_to(next);
        let batch = world.receive(&zoho());
        receives += 1;
        assert!(receives < 40, "the pack never ends");
        // The worker dies as soon as it begins to map this record.
        let deadly = std::rc::Rc::new(std::cell::Cell::new(false));
        let writer = world.writer_with(Deadly("01-C04", deadly.clone()));
        let mut handling = std::pin::pin!(writer.handle(&batch, world.deadline()));
        let report = loop {
            match killed_after(&world.clock, 1, handling.as_mut()) {
                Some(report) => break Some(report),
                None if deadly.get() => break None,
                None => {}
            }
        };
        if let Some(report) = report {
            world.acknowledge(&batch, &report);
        }
    }
    assert_eq!(parked_codes(&world), ["E_KILLS_WORKER"]);
    assert_eq!(crm(&world).records("Accounts").len(), 11);
    assert!(receives >= 7, "{receives}");
}

/// Tells that the worker has to die now.
struct Deadly(&'static str, std::rc::Rc<std::cell::Cell<bool>>);

impl Mapper for Deadly {
    fn map(&self, entity: &EntityConfig, key: &SageKey, record: &Record) -> Result<Mapped, Fault> {
        if key.local == self.0 {
            self.1.set(true);
        }
        ConfiguredMapper.map(entity, key, record)
    }
}

#[test]
fn a_refused_entry_of_a_send_holds_the_cursor_until_it_is_in_the_queue() {
    let world = world();
    for n in 0..250 {
        put_customer(&world, &customer(&format!("01-{n:04}")), "Some Company");
    }
    // The second message is refused as often as the poller tries.
    world.writes(&zoho()).refuse([1, 2, 3, 4, 5]);
    let stopped = world.poll(&abc(), Entity::CUSTOMER).unwrap_err();
    assert_eq!(stopped.code, "E_QUEUE_ENTRY");
    settle(&world);
    assert_at_rest(&world, "sent again");
    assert_eq!(crm(&world).records("Accounts").len(), 250);
}
