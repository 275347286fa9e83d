//! Records that the filters leave out after the CRM has them: a last update says so, then they rest, and come back.

use counterpart_delivery::ports::Links as _;
use counterpart_delivery::{ConfiguredMapper, Link, Outcome};
use counterpart_domain::{SageKey, Value};
use counterpart_simulation::world::{CONFIG, World, killed_after};

use crate::events::scene::link;
use crate::hands::{QUARTER, parked};
use crate::orders::history;
use crate::scene::*;

const KEY: &str = "ABC:01-ABF";

/// The usual target with a field that shows the status, and only wholesale customers where `include` says so.
fn config(include: bool) -> String {
    let status = "Credit_Limit = \"CreditLimit\"\nSage_Status = \"CustomerStatus\"";
    let config = CONFIG.replace("Credit_Limit = \"CreditLimit\"", status);
    if include {
        let filter =
            "inactive = \"sync\"\ninclude = [{ column = \"CustomerType\", not = \"GONE\" }]";
        return config.replace("inactive = \"exclude\"", filter);
    }
    config
}

/// A customer with a contact, both linked. What leaves it out, and what brings it back.
fn linked(include: bool) -> (World, [(&'static str, &'static str); 2]) {
    let world = World::with_config(1, &config(include));
    world.map_rep(&zoho(), &rep("01-0100"), "user-1");
    put_customer(&world, &customer("01-ABF"), "American Business Futures");
    put_contact(&world, &contact("01-ABF/MAIN"), "Artie Johnson");
    settle(&world);
    settle(&world);
    world.clock.advance(QUARTER);
    let edits = match include {
        true => [("CustomerType", "GONE"), ("CustomerType", "W")],
        false => [("CustomerStatus", "I"), ("CustomerStatus", "A")],
    };
    (world, edits)
}

fn edit(world: &World, edits: &[(&str, &str)]) {
    world.sage.edit(&customer("01-ABF"), edits);
    settle(world);
    world.clock.advance(QUARTER);
}

fn shows(world: &World, field: &str) -> String {
    let held = crm(world).with_key("Accounts", KEY);
    assert_eq!(held.len(), 1);
    held[0]
        .fields
        .get(field)
        .unwrap_or(&Value::Blank)
        .to_string()
}

fn resting(world: &World) -> usize {
    let target = zoho();
    let count = world.store.inner.resting(&target, 100);
    world.clock.block_on(count).unwrap()
}

fn stored(world: &World, key: &SageKey) -> Link {
    link(world, key)
}

#[test]
fn a_customer_that_is_left_out_gets_a_last_update_then_rests_and_comes_back() {
    for include in [false, true] {
        let (world, [leaves, comes]) = linked(include);
        edit(&world, &[leaves, ("City", "Racine")]);
        assert_eq!(shows(&world, "Billing_City"), "Racine", "{include}");
        if !include {
            assert_eq!(shows(&world, "Sage_Status"), "I");
        }
        assert_eq!(resting(&world), 1, "{include}");
        let last = history(&world, &customer("01-ABF"));
        let code = if include {
            "EXCLUDED_BY_FILTER"
        } else {
            "EXCLUDED_INACTIVE"
        };
        assert_eq!(
            (last[0].outcome, last[0].code.as_deref()),
            (Outcome::Updated, Some(code))
        );

        // It rests, whatever changes of it, and however often everything is read.
        let calls = crm(&world).calls();
        for city in ["Kenosha", "Madison"] {
            edit(&world, &[("City", city)]);
        }
        assert_eq!(shows(&world, "Billing_City"), "Racine", "{include}");
        assert_eq!(crm(&world).calls(), calls, "{include}");

        // Its contacts go on.
        let phone = [("EmailAddress", "other@sage.sample.com")];
        world.sage.edit(&contact("01-ABF/MAIN"), &phone);
        settle(&world);
        let held = crm(&world).with_key("Contacts", "ABC:01-ABF/MAIN");
        assert_eq!(held[0].fields["Email"].to_string(), "other@sage.sample.com");
        world.clock.advance(QUARTER);

        edit(&world, &[comes]);
        assert_eq!(shows(&world, "Billing_City"), "Madison", "{include}");
        assert_eq!(resting(&world), 0, "{include}");
        edit(&world, &[("City", "Racine")]);
        assert_eq!(shows(&world, "Billing_City"), "Racine", "{include}");
        assert_at_rest(&world, "back");
        assert_windows_closed(&world, "back");
    }
}

#[test]
fn a_filter_that_is_pushed_lets_those_that_it_leaves_out_rest() {
    let (mut world, _) = linked(false);
    let only = "inactive = \"exclude\"\ninclude = [{ column = \"CustomerType\", equals = \"W\" }]";
    world.push(&config(false).replace("inactive = \"exclude\"", only));
    for _ in 0..3 {
        world
            .clock
            .advance(std::time::Duration::from_secs(60 * 60 * 24));
        settle(&world);
    }
    assert_eq!(resting(&world), 1);
    world.push(&config(false));
    for _ in 0..3 {
        world
            .clock
            .advance(std::time::Duration::from_secs(60 * 60 * 24));
        settle(&world);
    }
    assert_eq!(resting(&world), 0);
    assert_at_rest(&world, "the filter is gone again");
}

#[test]
fn a_last_update_arrives_wherever_the_writer_is_killed_and_in_whatever_order() {
    for polls in 0.. {
        let (world, [leaves, comes]) = linked(false);
        world
            .sage
            .edit(&customer("01-ABF"), &[leaves, ("City", "Racine")]);
        world.poll_all(&abc());
        let batch = world.receive(&zoho());
        let (writer, deadline) = (world.writer_with(ConfiguredMapper), world.deadline());
        let report = killed_after(&world.clock, polls, writer.handle(&batch, deadline));
        if let Some(report) = &report {
            world.acknowledge(&batch, report);
        }
        world.drain();
        assert_eq!(shows(&world, "Sage_Status"), "I", "killed after {polls}");
        assert!(
            stored(&world, &customer("01-ABF")).rests(),
            "killed after {polls}"
        );
        assert_eq!(parked(&world), [], "killed after {polls}");
        world.clock.advance(QUARTER);
        edit(&world, &[comes]);
        assert_at_rest(&world, "back");
        if report.is_some() {
            assert!(polls > 5, "killed nowhere");
            break;
        }
    }
    // In and out while nobody writes: what Sage holds at last counts.
    let (world, [leaves, comes]) = linked(false);
    for (edit, city) in [(leaves, "Racine"), (comes, "Kenosha"), (leaves, "Madison")] {
        world
            .sage
            .edit(&customer("01-ABF"), &[edit, ("City", city)]);
        world.poll_all(&abc());
        world.clock.advance(QUARTER);
    }
    world.drain();
    assert_eq!(
        (shows(&world, "Sage_Status"), shows(&world, "Billing_City")),
        ("I".into(), "Madison".into())
    );
    assert_eq!(resting(&world), 1);
}

#[test]
fn a_last_update_that_is_refused_is_not_forgotten() {
    let (world, [leaves, _]) = linked(false);
    crm(&world).refuse("Nowhere");
    edit(&world, &[leaves, ("City", "Nowhere")]);
    assert_eq!(parked(&world).len(), 1);
    assert_eq!(resting(&world), 0);
    edit(&world, &[("City", "Racine")]);
    assert_eq!(
        (shows(&world, "Sage_Status"), parked(&world).len()),
        ("I".into(), 0)
    );
    assert_eq!(resting(&world), 1);
}
