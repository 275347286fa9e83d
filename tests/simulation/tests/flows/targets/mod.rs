//! Two targets, Zoho CRM and Salesforce: each with its own queue, pace, failures and budget.

mod behind;
mod chaos;
mod faults;
mod new;
mod outages;
mod refusals;
mod reps;
mod sizes;

use counterpart_delivery::Outcome;
use counterpart_delivery::ports::{Clock as _, Cursors as _, Parking as _};
use counterpart_domain::{Entity, SageKey, TargetName};
use counterpart_simulation::world::{BOTH, Held, MemoryCrm, World};
use std::collections::BTreeMap;

use crate::scene::*;

pub fn salesforce() -> TargetName {
    TargetName::new("salesforce").unwrap()
}

pub fn org(world: &World) -> &MemoryCrm {
    &world.crms[&salesforce()]
}

/// Two targets; the rep of every customer is mapped in both.
pub fn both() -> World {
    both_of(1)
}

pub fn both_of(seed: u64) -> World {
    let world = World::with_config(seed, BOTH);
    world.map_rep(&zoho(), &rep("01-0100"), "user-1");
    world.map_rep(&salesforce(), &rep("01-0100"), "005user1");
    world
}

/// Twelve customers with a contact each.
pub fn fill(world: &World) {
    for n in 0..12 {
        let key = customer(&numbered(n));
        put_customer(world, &key, &format!("Customer {n}"));
        put_contact(
            world,
            &contact(&format!("{}/MAIN", key.local)),
            "Artie Johnson",
        );
    }
}

pub fn numbered(n: u32) -> String {
    format!("0{}-C{n:02}", n % 2 + 1)
}

/// All of Zoho's records, with when they were last written.
pub fn zoho_holds(world: &World) -> Vec<Held> {
    let mut all = crm(world).records("Accounts");
    all.extend(crm(world).records("Contacts"));
    all
}

/// How many outcomes of each kind a target had.
pub fn outcomes(world: &World, target: &TargetName) -> BTreeMap<Outcome, usize> {
    let mut counts = BTreeMap::new();
    for item in world.store.inner.all_outcomes() {
        if item.target == *target {
            *counts.entry(item.outcome).or_default() += 1;
        }
    }
    counts
}

pub fn parked_in(world: &World, target: &TargetName) -> Vec<(SageKey, String)> {
    let items = world
        .clock
        .block_on(world.store.inner.parked_of(target.as_str(), None, 1000))
        .unwrap();
    items
        .into_iter()
        .filter_map(|item| Some((item.key?, item.fault.code.into_owned())))
        .collect()
}

/// Both targets are as they must be at rest, nobody is behind, and every run is closed for both.
pub fn assert_both_at_rest(world: &World, context: &str) {
    assert_at_rest(world, context);
    for target in [zoho(), salesforce()] {
        let open: u64 = world
            .totals(&abc(), &target)
            .iter()
            .map(|t| t.in_flight + t.waiting)
            .sum();
        assert_eq!(open, 0, "{context}: in flight in {target}");
    }
    for entity in [Entity::CUSTOMER, Entity::CONTACT] {
        let cursor = world
            .clock
            .block_on(world.store.inner.cursor(&abc(), entity))
            .unwrap();
        if let Some(cursor) = cursor {
            assert!(cursor.apart.is_empty(), "{context}: {:?}", cursor.apart);
        }
    }
    let open: Vec<_> = world
        .store
        .inner
        .all_runs()
        .into_iter()
        .filter(|run| run.finished_at.is_none())
        .collect();
    assert!(open.is_empty(), "{context}: {open:?}");
}

#[test]
fn a_change_reaches_both_in_their_own_modules_and_fields() {
    let world = both();
    fill(&world);
    settle(&world);
    assert_both_at_rest(&world, "both");
    let account = &org(&world).with_key("Account", "ABC:01-C00")[0];
    assert_eq!(account.fields["OwnerId"].to_string(), "005user1");
    let contact = &org(&world).with_key("Contact", "ABC:01-C00/MAIN")[0];
    assert_eq!(contact.fields["AccountId"].to_string(), account.id.0);
    assert_eq!(crm(&world).records("Accounts").len(), 12);
}

#[test]
fn a_hint_goes_to_both() {
    let world = both();
    fill(&world);
    settle(&world);
    world.clock.advance(crate::hands::QUARTER);
    world.sage.edit(&customer("01-C00"), &[("City", "Racine")]);
    let report = world.hint(&[customer("01-C00")]).unwrap();
    assert_eq!((report.sent, report.packs, report.complete), (2, 2, true));
    world.drain();
    assert_both_at_rest(&world, "hinted");
}

#[test]
fn two_orgs_of_one_kind_are_two_targets() {
    let second = include_str!("../../../src/world/salesforce.toml")
        .replace("targets.salesforce", "targets.emea")
        .replace("acme.my", "acme-emea.my")
        .replace("crm = ", "secret = \"emea\"\ncrm = ");
    let world = World::with_config(1, &format!("{BOTH}\n{second}"));
    let emea = TargetName::new("emea").unwrap();
    for (target, user) in [(zoho(), "u1"), (salesforce(), "u2"), (emea.clone(), "u3")] {
        world.map_rep(&target, &rep("01-0100"), user);
    }
    fill(&world);
    settle(&world);
    assert_both_at_rest(&world, "three targets");
    assert_eq!(world.crms[&emea].records("Account").len(), 12);
    let now = world.clock.now();
    assert!(
        world.crms[&emea]
            .records("Contact")
            .iter()
            .all(|held| held.modified <= now)
    );
}
