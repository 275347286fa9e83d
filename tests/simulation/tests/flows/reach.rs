//! How far a refusal reaches: whatever one record is answered, the others arrive, and no circuit opens.

use counterpart_delivery::ConfiguredMapper;
use counterpart_delivery::ports::{Circuit, Clock as _, Settings as _};
use counterpart_domain::reach::CODES;
use counterpart_domain::{Class, CrmId, Fault, Reach, SageKey, TargetName, Value};
use counterpart_simulation::world::World;
use jiff::SignedDuration;

use crate::events::scene::{config, lines, sales_with, shown, won_deal};
use crate::events::whole::selling;
use crate::hands::parked;
use crate::outage::{live_until, work_off};
use crate::scene::*;

/// What one record alone may be answered, by a CRM: its code and class. One that nobody can tell from an outage is among them.
fn of_one_record(begin: &str) -> Vec<Fault> {
    let codes = CODES.iter().filter(|known| known.code.starts_with(begin));
    let narrow = codes.filter(|known| known.reach <= Reach::Unclear);
    let faults = narrow.flat_map(|known| {
        let classes: &[Class] = match known.reach {
            Reach::Unclear => &[Class::Configuration, Class::Transient, Class::Ambiguous],
            _ => &[Class::Data, Class::Transient],
        };
        let fault = |class: &Class| Fault::new(*class, known.code, "This one not.");
        classes.iter().map(fault).collect::<Vec<_>>()
    });
    faults.collect()
}

fn circuit(world: &World, name: &str) -> Circuit {
    let name = TargetName::new(name).unwrap();
    world
        .clock
        .block_on(world.store.inner.circuit(&name))
        .unwrap()
}

/// Nobody was kept waiting: since the beginning nothing has opened it.
fn assert_never_open(world: &World, name: &str, context: &str) {
    let circuit = circuit(world, name);
    assert_eq!(
        (circuit.failures, circuit.since, circuit.reason.as_str()),
        (0, None, ""),
        "{context}"
    );
}

fn city(world: &World, key: &SageKey) -> Option<Value> {
    let held = crm(world).with_key("Accounts", &key.text());
    held.first()?.fields.get("Billing_City").cloned()
}

#[test]
fn any_refusal_of_one_row_lets_all_others_arrive() {
    for fault in of_one_record("E_CRM_") {
        let context = format!("{:?} {}", fault.class, fault.code);
        let world = populated();
        settle(&world);
        crm(&world).refuse_rows("Nowhere", fault);
        let key = |n: usize| customer(&format!("0{}-C{n:02}", n % 2 + 1));
        for n in 0..12 {
            let city = if n == 5 { "Nowhere" } else { "Racine" };
            world.sage.edit(&key(n), &[("City", city)]);
        }
        // One that is new among those that are linked.
        put_customer(&world, &customer("01-NEW"), "New");
        world.poll_all(&abc());
        let _ = world.drain_within(SignedDuration::from_mins(2));
        for n in (0..12).filter(|n| *n != 5) {
            assert_eq!(
                city(&world, &key(n)),
                Some(Value::text("Racine")),
                "{context}: {n}"
            );
        }
        assert!(city(&world, &customer("01-NEW")).is_some(), "{context}");
        assert_never_open(&world, "zoho", &context);
    }
}

/// One row alone in its pack: there is nobody beside it who gets through.
#[test]
fn any_refusal_of_a_row_that_comes_alone_keeps_nobody_waiting() {
    for fault in of_one_record("E_CRM_") {
        let context = format!("{:?} {}", fault.class, fault.code);
        let world = populated();
        settle(&world);
        crm(&world).refuse_rows("Nowhere", fault);
        let bad = customer("01-C00");
        world.sage.edit(&bad, &[("City", "Nowhere")]);
        world.poll_all(&abc());
        let _ = world.drain_within(SignedDuration::from_mins(1));
        assert_never_open(&world, "zoho", &context);
        world.sage.edit(&customer("02-C01"), &[("City", "Racine")]);
        world.poll_all(&abc());
        let _ = world.drain_within(SignedDuration::from_mins(1));
        let arrived = city(&world, &customer("02-C01"));
        assert_eq!(arrived, Some(Value::text("Racine")), "{context}");
        assert_never_open(&world, "zoho", &context);
    }
}

/// A deal that is refused whenever it is read, among others.
#[test]
fn any_refusal_of_one_deal_lets_all_others_become_orders() {
    for fault in of_one_record("E_CRM_") {
        let context = format!("{:?} {}", fault.class, fault.code);
        let world = selling(&config());
        let account = crate::events::scene::account(&world);
        let deals: Vec<CrmId> = (0..6).map(|_| won_deal(&world, &account)).collect();
        crm(&world).refuse_record(&deals[2], fault.clone());
        for deal in &deals {
            crate::events::scene::say(&world, "Deals", deal);
        }
        let now = world.clock.now();
        live_until(&world, now + SignedDuration::from_mins(2), work_off);
        for (n, deal) in deals.iter().enumerate().filter(|(n, _)| *n != 2) {
            let number = shown(&world, "Deals", deal, "Sage_Order_No");
            assert_ne!(number, Value::Blank, "{context}: {n}");
        }
        assert_never_open(&world, "zoho", &context);
        let told = vec![(format!("order#{}", deals[2]), fault.code.to_string())];
        if fault.class == Class::Data {
            assert_eq!(parked(&world), told, "{context}");
        } else {
            let waits = world.events().next_visible().is_some();
            assert!(waits || parked(&world) == told, "{context}: forgotten");
        }
    }
}

/// An order about which Sage answers so, among others.
#[test]
fn any_refusal_of_one_order_lets_all_others_into_sage() {
    const ODD: &str = "ODD-ITEM";
    for fault in of_one_record("E_SAGE_") {
        let context = format!("{:?} {}", fault.class, fault.code);
        let world = selling(&config());
        world.sage.put_item(&abc(), ODD, "45.50".parse().unwrap());
        world.sage.misanswer_about(ODD, fault);
        let mut deals = Vec::new();
        for n in 0..5 {
            let number = format!("01-D{n}");
            put_customer(&world, &customer(&number), "Desk");
            settle(&world);
            let key = format!("ABC:{number}");
            let account = crm(&world).with_key("Accounts", &key)[0].id.clone();
            let deal = won_deal(&world, &account);
            if n == 1 {
                crm(&world).put_lines("Deals", &deal, "Sale_Items", lines(&world, ODD));
            }
            crate::events::scene::say(&world, "Deals", &deal);
            deals.push(deal);
        }
        let now = world.clock.now();
        live_until(&world, now + SignedDuration::from_mins(2), work_off);
        for (n, deal) in deals.iter().enumerate().filter(|(n, _)| *n != 1) {
            let number = shown(&world, "Deals", deal, "Sage_Order_No");
            assert_ne!(number, Value::Blank, "{context}: {n}");
        }
        assert_never_open(&world, "sage-abc", &context);
    }
}

/// What Sage answered cannot be shown on one record.
#[test]
fn any_refusal_of_one_write_back_lets_all_others_be_shown() {
    for fault in of_one_record("E_CRM_") {
        let context = format!("{:?} {}", fault.class, fault.code);
        let world = selling(&config());
        let account = crate::events::scene::account(&world);
        let deals: Vec<CrmId> = (0..4).map(|_| won_deal(&world, &account)).collect();
        for deal in &deals {
            crate::events::scene::say(&world, "Deals", deal);
        }
        while world.transform_once().is_some() {}
        crm(&world).refuse_record(&deals[1], fault);
        let now = world.clock.now();
        live_until(&world, now + SignedDuration::from_mins(2), work_off);
        for (n, deal) in deals.iter().enumerate().filter(|(n, _)| *n != 1) {
            let number = shown(&world, "Deals", deal, "Sage_Order_No");
            assert_ne!(number, Value::Blank, "{context}: {n}");
        }
        assert_never_open(&world, "zoho", &context);
    }
}

/// The triggers of the org stand five rows of a call: of 21 none is parked, and the next calls are small at once.
#[test]
fn what_is_too_much_for_triggers_goes_in_smaller_calls_and_that_is_remembered() {
    let world = populated();
    settle(&world);
    crm(&world).limit_triggers(Some(5));
    let _ = crm(&world).largest_write();
    for n in 0..21 {
        put_customer(&world, &customer(&format!("01-S{n:03}")), "Slow");
    }
    settle(&world);
    assert_at_rest(&world, "each of them is there");
    assert_eq!(parked(&world), []);
    assert_never_open(&world, "zoho", "the CRM answers");
    let remembered = circuit(&world, "zoho").most_rows;
    assert!(remembered.is_some_and(|most| most <= 6), "{remembered:?}");
    assert!((2..=5).contains(&crm(&world).largest_write()));
    let before = crm(&world).calls();
    world.sage.edit(&customer("01-S001"), &[("City", "Racine")]);
    settle(&world);
    assert!(crm(&world).calls() - before <= 2, "one small call");

    // One is too much even alone: it is parked, and nobody else.
    crm(&world).limit_triggers(None);
    let limit = "E_CRM_AUTOMATION_LIMIT";
    crm(&world).refuse_rows(
        "Heavy",
        Fault::new(Class::Data, limit, "Too many SOQL queries"),
    );
    for n in 0..21 {
        let city = if n == 7 { "Heavy" } else { "Kenosha" };
        world
            .sage
            .edit(&customer(&format!("01-S{n:03}")), &[("City", city)]);
    }
    settle(&world);
    assert_at_rest_but(&world, &[customer("01-S007")], "but one");
    let told: Vec<String> = parked(&world).into_iter().map(|(_, code)| code).collect();
    assert_eq!(told, [limit]);
    assert_never_open(&world, "zoho", "one row is too much");

    // Once they stand more, calls grow again.
    crm(&world).accept("Heavy");
    for round in [
        "Beloit",
        "Janesville",
        "Wausau",
        "Racine",
        "Madison",
        "Ripon",
    ] {
        for n in 0..21 {
            world
                .sage
                .edit(&customer(&format!("01-S{n:03}")), &[("City", round)]);
        }
        settle(&world);
    }
    assert_eq!(crm(&world).largest_write(), 21, "full calls again");
}

/// A permission that everybody lacks is no record's own: nothing is parked, and once it is there all of it arrives.
#[test]
fn what_everybody_is_refused_opens_the_circuit_and_parks_nothing() {
    let world = populated();
    settle(&world);
    let lacks = Fault::new(
        Class::Configuration,
        "E_CRM_PERMISSION",
        "The user may not do this.",
    );
    for (number, place) in [
        ("01-C00", "Nowhere"),
        ("02-C01", "Elsewhere"),
        ("01-C02", "Away"),
    ] {
        crm(&world).refuse_rows(place, lacks.clone());
        world.sage.edit(&customer(number), &[("City", place)]);
        world.poll_all(&abc());
        let _ = world.drain_within(SignedDuration::from_mins(1));
    }
    let open = circuit(&world, "zoho");
    assert!(open.failures > 0, "{open:?}");
    assert!(open.reason.contains("E_CRM_PERMISSION"), "{}", open.reason);
    assert!(
        open.reason.contains("ABC:0"),
        "whom it met: {}",
        open.reason
    );
    assert_eq!(parked(&world), []);
    for place in ["Nowhere", "Elsewhere", "Away"] {
        crm(&world).accept(place);
    }
    settle(&world);
    assert_at_rest(&world, "once it is allowed");
    assert_eq!(parked(&world), []);
}

/// Two rows of one call are one testimony: neither says of the other that nobody gets through.
#[test]
fn two_refused_rows_of_one_call_are_no_outage() {
    let world = populated();
    settle(&world);
    let lacks = Fault::new(Class::Configuration, "E_CRM_PERMISSION", "Not this one.");
    for (number, place) in [("01-C00", "Nowhere"), ("02-C01", "Elsewhere")] {
        crm(&world).refuse_rows(place, lacks.clone());
        world.sage.edit(&customer(number), &[("City", place)]);
    }
    world.poll_all(&abc());
    let now = world.clock.now();
    live_until(&world, now + SignedDuration::from_hours(1), work_off);
    assert_never_open(&world, "zoho", "they wait for themselves");
    // Others get through, time and again: by that they are told apart.
    for n in 0..20 {
        let city = format!("Town {n}");
        world.sage.edit(&customer("01-C02"), &[("City", &city)]);
        world.poll_all(&abc());
        let now = world.clock.now();
        live_until(&world, now + SignedDuration::from_mins(20), work_off);
        assert_eq!(city_of(&world, "01-C02"), Some(Value::text(city)));
        assert_never_open(&world, "zoho", "others get through");
    }
    let codes: Vec<String> = parked(&world).into_iter().map(|(_, code)| code).collect();
    assert_eq!(codes, ["E_CRM_PERMISSION", "E_CRM_PERMISSION"]);
}

/// That a module may be read says nothing of writing it: who may not edit accounts still sees them.
#[test]
fn reads_that_get_through_do_not_tell_a_refused_write_from_an_outage() {
    let world = selling(&crate::events::records::two_way());
    let account = crate::events::scene::account(&world);
    let lacks = Fault::new(Class::Configuration, "E_CRM_PERMISSION", "No edit.");
    crm(&world).refuse_rows("Nowhere", lacks);
    world.sage.edit(&customer("01-ABF"), &[("City", "Nowhere")]);
    world.poll_all(&abc());
    for _ in 0..10 {
        crate::events::scene::say(&world, "Accounts", &account);
        let now = world.clock.now();
        live_until(&world, now + SignedDuration::from_mins(20), work_off);
        assert_eq!(parked(&world), []);
    }
    crm(&world).accept("Nowhere");
    let now = world.clock.now();
    live_until(&world, now + SignedDuration::from_hours(1), work_off);
    let held = crm(&world).with_key("Accounts", "ABC:01-ABF");
    let city = held[0].fields.get("Billing_City").cloned();
    assert_eq!(city, Some(Value::text("Nowhere")));
}

/// A name that no query may hold: its customer waits for a person, all others arrive.
#[test]
fn one_name_that_cannot_be_asked_for_keeps_nobody_waiting() {
    let refused = |class| Fault::new(class, "E_CRM_QUERY_REFUSED", "Not this query.");
    for class in [Class::Configuration, Class::Data] {
        for others in [0, 1, 7] {
            let context = format!("{class:?}, {others} others");
            let world = world();
            crm(&world).refuse_rows("O'Dd; drop", refused(class));
            put_customer(&world, &customer("01-BAD"), "O'Dd; drop");
            let key = |n: usize| customer(&format!("01-N{n:02}"));
            for n in 0..others {
                put_customer(&world, &key(n), &format!("New {n}"));
            }
            settle(&world);
            for n in 0..others {
                assert!(city(&world, &key(n)).is_some(), "{context}: {n}");
            }
            let codes: Vec<String> = parked(&world).into_iter().map(|(_, code)| code).collect();
            assert_eq!(codes, ["E_CRM_MAY_EXIST"], "{context}");
            assert_never_open(&world, "zoho", &context);
        }
    }
    // Whatever the name: it is the query, and no customer's fault.
    let world = world();
    world
        .faults
        .refuse_calls_of("crm.find_by", refused(Class::Configuration));
    for n in 0..3 {
        put_customer(&world, &customer(&format!("01-N{n:02}")), "New");
    }
    world.poll_all(&abc());
    let _ = world.drain_within(SignedDuration::from_mins(1));
    assert_eq!(parked(&world), []);
    assert!(circuit(&world, "zoho").failures > 0);
}

/// What our own store answers is no outage of the CRM.
#[test]
fn a_store_that_fails_while_somebody_is_looked_for_opens_no_circuit() {
    let world = world();
    let named = [("Account_Name".to_owned(), Value::text("New"))].into();
    let _ = crm(&world).put("Accounts", None, named);
    put_customer(&world, &customer("01-NEW"), "New");
    world.poll_all(&abc());
    world.faults.fail_calls_of("key_of", 1);
    let _ = world.drain_within(SignedDuration::from_mins(5));
    assert_never_open(&world, "zoho", "the store failed");
    let codes: Vec<String> = parked(&world).into_iter().map(|(_, code)| code).collect();
    assert_eq!(codes, ["E_CRM_MAY_EXIST"]);
}

/// A write whose answer cannot be read, as a whole: nobody else has to wait for that.
#[test]
fn an_unreadable_answer_to_one_write_opens_no_circuit() {
    let world = populated();
    settle(&world);
    let says = "The answer cannot be read.";
    let unreadable = Fault::new(Class::Ambiguous, "E_CRM_REPLY_UNREADABLE", says);
    world.sage.edit(&customer("01-C00"), &[("City", "Racine")]);
    world.poll_all(&abc());
    world
        .faults
        .refuse_calls_of("crm.update_linked", unreadable);
    let now = world.clock.now();
    live_until(&world, now + SignedDuration::from_mins(1), work_off);
    assert_never_open(&world, "zoho", "one row");
    world.faults.reset();
    settle(&world);
    assert_eq!(city_of(&world, "01-C00"), Some(Value::text("Racine")));
    assert_eq!(parked(&world), []);
}

/// Whoever tries an open circuit, and is answered for one record or one module, has been answered.
#[test]
fn an_answer_about_one_event_closes_a_circuit_that_is_being_tried() {
    for code in ["E_CRM_FIELD_UNKNOWN", "E_CRM_PERMISSION"] {
        let world = selling(&config());
        let account = crate::events::scene::account(&world);
        let deal = won_deal(&world, &account);
        let fault = Fault::new(Class::Configuration, code, "Not so.");
        crm(&world).refuse_record(&deal, fault);
        let name = TargetName::new("zoho").unwrap();
        let now = world.clock.now();
        let open = Circuit {
            failures: 3,
            open_until: Some(now),
            since: Some(now),
            reason: "E_CRM_UNAVAILABLE: It was down.".to_owned(),
            ..circuit(&world, "zoho")
        };
        let put = world.store.inner.put_circuit(&name, &open);
        assert!(world.clock.block_on(put).unwrap());
        world.clock.advance(std::time::Duration::from_secs(1));
        crate::events::scene::say(&world, "Deals", &deal);
        while world.transform_once().is_some() {}
        let closed = circuit(&world, "zoho");
        assert_eq!(
            (closed.failures, closed.probing, closed.open_until),
            (0, false, None),
            "{code}"
        );
    }
}

fn city_of(world: &World, number: &str) -> Option<Value> {
    city(world, &customer(number))
}

/// What people read of a circuit says who met what, in the other side's words.
#[test]
fn the_reason_of_a_circuit_names_the_code_the_sentence_and_the_record() {
    let world = sales_with(&config());
    let account = crate::events::scene::account(&world);
    let deal = won_deal(&world, &account);
    let contract = Fault::new(
        Class::Configuration,
        "E_SAGE_UNAUTHORIZED",
        "The token is old.",
    )
    .with_detail("HTTP 401");
    let now = world.clock.now();
    world
        .sage
        .outage_with(now, now + SignedDuration::from_hours(1), contract);
    crate::events::scene::say(&world, "Deals", &deal);
    while world.transform_once().is_some() {}
    let _ = world.write_sage_once();
    let reason = circuit(&world, "sage-abc").reason;
    let told =
        format!("E_SAGE_UNAUTHORIZED: The token is old. (HTTP 401) Met by Deals {deal} of zoho.");
    assert_eq!(reason, told);
    for target in world.config.targets.keys() {
        while world.write_once(target, ConfiguredMapper) {}
    }
}
