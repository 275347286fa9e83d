//! One CRM down, out of patience, or not open to us: the other's figures do not move, and nothing is parked for it.

use counterpart_delivery::ports::Clock as _;
use counterpart_domain::{Class, Entity, Fault};
use counterpart_simulation::world::World;
use jiff::{SignedDuration, Timestamp};

use super::*;

/// Everything that a run shows of Zoho.
#[derive(Debug, PartialEq)]
struct Figures {
    calls: u64,
    outcomes: BTreeMap<Outcome, usize>,
    held: Vec<Held>,
    parked: Vec<(SageKey, String)>,
    /// When Zoho was done with each quarter's edits.
    done: Vec<Timestamp>,
}

/// A first import and three hours of edits, with a spoilt Salesforce. What Zoho came to.
fn hours(world: &World, spoil: impl Fn(&World, Timestamp)) -> Figures {
    fill(world);
    let mut done = Vec::new();
    spoil(world, world.clock.now());
    for quarter in 0..12u32 {
        let begins = world.clock.now();
        let key = customer(&numbered(quarter));
        world
            .sage
            .edit(&key, &[("City", &format!("City {quarter}"))]);
        world.poll_all(&abc());
        while !world.writes(&zoho()).bodies().is_empty() {
            let Some(next) = world.queue.inner.next_write() else {
                break;
            };
            world.clock.advance_to(next);
            for target in [salesforce(), zoho()] {
                while world.write_once(&target, counterpart_delivery::ConfiguredMapper) {}
            }
        }
        done.push(world.clock.now());
        let next = begins + SignedDuration::from_mins(15);
        world.drain_within(next.duration_since(world.clock.now()));
        world.clock.advance_to(next);
    }
    let figures = Figures {
        calls: crm(world).calls(),
        outcomes: outcomes(world, &zoho()),
        held: zoho_holds(world),
        parked: parked_in(world, &zoho()),
        done,
    };
    settle(world);
    figures
}

fn assert_zoho_does_not_notice(what: &str, fault: Fault, last: SignedDuration) {
    let undisturbed = hours(&both(), |_, _| {});
    let world = both();
    let disturbed = hours(&world, |world, now| {
        org(world).refuse_calls(now, now + last, fault.clone());
    });
    assert_eq!(disturbed, undisturbed, "{what}");
    assert_both_at_rest(&world, what);
    let parked = outcomes(&world, &salesforce())
        .get(&Outcome::Parked)
        .copied();
    assert_eq!(parked, None, "{what}: something was parked on the way");
}

#[test]
fn an_hour_of_503_in_one() {
    let fault = Fault::new(
        Class::Transient,
        "E_CRM_UNAVAILABLE",
        "The CRM answered 503.",
    );
    assert_zoho_does_not_notice("503", fault, SignedDuration::from_hours(1));
}

#[test]
fn credentials_that_were_revoked_in_one() {
    let fault = Fault::new(
        Class::Configuration,
        "E_CRM_UNAUTHORIZED",
        "The CRM refused the credentials.",
    );
    assert_zoho_does_not_notice("revoked", fault, SignedDuration::from_hours(2));
}

#[test]
fn a_daily_limit_in_one_is_waited_for_and_parks_nothing() {
    // Salesforce says no time: the adapter says when it is worth another look.
    let now = both().clock.now();
    let fault = Fault::new(
        Class::Throttled,
        "E_CRM_DAILY_LIMIT",
        "The org's calls are used up.",
    )
    .until(now + SignedDuration::from_hours(7));
    assert_zoho_does_not_notice("the daily limit", fault, SignedDuration::from_hours(7));
}

#[test]
fn a_daily_limit_is_not_asked_about_again_and_again() {
    let world = both();
    fill(&world);
    let now = world.clock.now();
    let until = now + SignedDuration::from_hours(7);
    let fault = Fault::new(
        Class::Throttled,
        "E_CRM_DAILY_LIMIT",
        "The org's calls are used up.",
    )
    .until(until);
    org(&world).refuse_calls(now, until, fault);
    world.poll_all(&abc());
    world.drain_within(SignedDuration::from_hours(6));
    let calls = org(&world).calls();
    assert!(calls <= 2, "{calls} calls although the CRM said when");
    world.drain();
    assert_both_at_rest(&world, "the next day");
}

#[test]
fn an_inactive_owner_in_one_is_parked_there_and_written_here() {
    let quiet = both();
    let undisturbed = hours(&quiet, |_, _| {});
    let world = both();
    let disturbed = hours(&world, |world, _| {
        world.map_rep(&salesforce(), &rep("01-0200"), "005inactive");
        world.map_rep(&zoho(), &rep("01-0200"), "user-1");
        world
            .sage
            .edit(&customer("01-C00"), &[("SalespersonNo", "0200")]);
        let fault = Fault::new(
            Class::Data,
            "E_CRM_OWNER_INVALID",
            "The owner is not an active user.",
        );
        org(world).refuse_rows("005inactive", fault);
    });
    assert_eq!(disturbed.calls, undisturbed.calls);
    assert_eq!(disturbed.done, undisturbed.done);
    assert_eq!(disturbed.parked, []);
    let mut parked = parked_in(&world, &salesforce());
    parked.sort();
    assert_eq!(
        parked,
        [
            (customer("01-C00"), "E_CRM_OWNER_INVALID".to_owned()),
            (contact("01-C00/MAIN"), "E_PARENT_PARKED".to_owned()),
        ]
    );
    // Another user for the rep brings it by itself.
    world.map_rep(&salesforce(), &rep("01-0200"), "005user2");
    settle(&world);
    assert_both_at_rest(&world, "mapped to somebody else");
    let _ = Entity::CUSTOMER;
}
