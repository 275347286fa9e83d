//! A new target, or another mapping of one, is filled from Sage by itself, and disturbs nobody.

use counterpart_delivery::ports::Clock as _;
use counterpart_domain::Entity;
use counterpart_simulation::world::{BOTH, CONFIG, World};
use jiff::SignedDuration;
use std::time::Duration;

use super::*;
use crate::hands::QUARTER;

/// Zoho alone, filled a month ago, with customers that nobody has edited since.
fn running(customers: u32) -> World {
    let world = World::with_config(1, CONFIG);
    world.map_rep(&zoho(), &rep("01-0100"), "user-1");
    for n in 0..customers {
        let key = customer(&format!("01-{n:04}"));
        put_customer(&world, &key, &format!("Customer {n}"));
        put_contact(
            &world,
            &contact(&format!("{}/MAIN", key.local)),
            "Artie Johnson",
        );
    }
    settle(&world);
    world.clock.advance(Duration::from_secs(60 * 60 * 24 * 30));
    settle(&world);
    world
}

fn add_salesforce(world: &mut World) {
    world.push(BOTH);
    world.map_rep(&salesforce(), &rep("01-0100"), "005user1");
}

#[test]
fn a_new_target_is_filled_without_an_edit_in_sage_and_without_touching_the_other() {
    let mut world = running(250);
    world.clock.advance(QUARTER);
    let (calls, held) = (crm(&world).calls(), zoho_holds(&world));
    let said = outcomes(&world, &zoho());
    add_salesforce(&mut world);
    settle(&world);
    assert_both_at_rest(&world, "filled");
    assert_eq!(org(&world).records("Account").len(), 250);
    assert_eq!(org(&world).records("Contact").len(), 250);
    // 250 accounts and 250 contacts, 200 at a time, each looked for before it is written.
    assert_eq!(org(&world).calls(), 2 * 4);
    assert_eq!(crm(&world).calls(), calls, "Zoho was called");
    assert_eq!(zoho_holds(&world), held);
    assert_eq!(outcomes(&world, &zoho()), said, "Zoho was sent something");
    // The fill is a run of its own, of which Zoho has no part.
    let newest = world.totals(&abc(), &salesforce());
    assert_eq!(newest.iter().map(|t| t.created).sum::<u64>(), 500);
}

#[test]
fn a_new_target_whose_fill_takes_many_polls_does_not_slow_the_other() {
    let mut world = running(120);
    add_salesforce(&mut world);
    let mut polls = 0u32;
    while org(&world).records("Account").len() < 120 {
        polls += 1;
        assert!(polls < 200, "the fill never ends");
        let key = customer(&format!("01-{:04}", polls % 120));
        let city = format!("City {polls}");
        world.sage.edit(&key, &[("City", &city)]);
        // Time for the common window and a few pages.
        let (poller, company) = (world.poller(), abc());
        let deadline = world.clock.now() + SignedDuration::from_secs(62);
        let mut future = std::pin::pin!(poller.poll(&company, Entity::CUSTOMER, deadline));
        let mut steps = 0u32;
        loop {
            let waker = std::task::Waker::noop();
            let mut context = std::task::Context::from_waker(waker);
            if let std::task::Poll::Ready(report) = future.as_mut().poll(&mut context) {
                report.unwrap();
                break;
            }
            steps += 1;
            if steps.is_multiple_of(8) {
                world.clock.advance(Duration::from_millis(300));
            }
        }
        world.drain_within(SignedDuration::from_secs(1));
        let held = &crm(&world).with_key("Accounts", &key.text())[0];
        assert_eq!(
            held.fields["Billing_City"].to_string(),
            city,
            "poll {polls}"
        );
        world.clock.advance(QUARTER);
    }
    assert!(polls > 2, "it was to take several polls");
    settle(&world);
    world.clock.advance(QUARTER);
    settle(&world);
    assert_both_at_rest(&world, "filled in the end");
}

#[test]
fn a_new_target_that_cannot_be_served_does_not_disturb_the_other() {
    let mut world = running(30);
    let calls = crm(&world).calls();
    add_salesforce(&mut world);
    let fault = counterpart_domain::Fault::new(
        counterpart_domain::Class::Configuration,
        "E_QUEUE_UNKNOWN_TARGET",
        "The target has no crm-writes queue in this deployment.",
    );
    world.writes(&salesforce()).break_down(fault);
    for n in 0..5 {
        let city = format!("City {n}");
        world.sage.edit(&customer("01-0007"), &[("City", &city)]);
        settle(&world);
        let held = &crm(&world).with_key("Accounts", "ABC:01-0007")[0];
        assert_eq!(held.fields["Billing_City"].to_string(), city);
        world.clock.advance(QUARTER);
    }
    assert_eq!(crm(&world).calls(), calls + 5);
    world.writes(&salesforce()).mend();
    settle(&world);
    world.clock.advance(QUARTER);
    settle(&world);
    assert_both_at_rest(&world, "the queue came");
}

#[test]
fn another_mapping_of_one_target_reaches_it_and_leaves_the_other_alone() {
    let mut world = running(30);
    add_salesforce(&mut world);
    settle(&world);
    let (zohos, orgs) = (crm(&world).calls(), org(&world).calls());
    world.clock.advance(Duration::from_secs(60 * 60 * 24 * 30));
    settle(&world);
    let text = BOTH.replace(
        "BillingCity = \"City\"",
        "BillingCity = \"City\"\nTown__c = \"City\"",
    );
    world.push(&text);
    settle(&world);
    assert_both_at_rest(&world, "mapped anew");
    let held = &org(&world).with_key("Account", "ABC:01-0007")[0];
    assert_eq!(held.fields["Town__c"].to_string(), "Milwaukee");
    assert_eq!(org(&world).calls(), orgs + 1);
    assert_eq!(crm(&world).calls(), zohos);
}

#[test]
fn a_mapping_that_is_pushed_and_taken_back_while_a_window_is_under_way_leaves_none_of_it() {
    let mut world = running(60);
    let text = CONFIG.replace("Phone = \"TelephoneNo\"", "Phone = \"FaxNo\"");
    world.push(&text);
    let polled = {
        let (poller, company) = (world.poller(), abc());
        let polling = poller.poll(&company, Entity::CUSTOMER, world.deadline());
        counterpart_simulation::world::killed_after(&world.clock, 60, polling)
    };
    assert!(polled.is_none(), "it was to be killed on the way");
    world.push(CONFIG);
    world.clock.advance(Duration::from_secs(1_200));
    for _ in 0..2 {
        settle(&world);
        world.clock.advance(QUARTER);
    }
    assert_at_rest(&world, "the old mapping is back");
}
