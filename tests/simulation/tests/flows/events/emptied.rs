//! Key fields that people empty or type over: the link's own id is the identity, and the key is there again without an edit in
//! Sage.

use counterpart_delivery::Stage;
use counterpart_delivery::ports::Clock as _;
use counterpart_domain::{CrmId, Value};
use counterpart_simulation::world::World;

use super::records::two_way;
use super::redrives::{redrive_all, redrive_one};
use super::scene::*;
use super::whole::{event_flow, flow, selling};
use crate::hands::QUARTER;

const KEY: &str = "ABC:01-ABF";

fn key_of(world: &World, module: &str, id: &CrmId) -> Option<String> {
    crm(world).record(module, id).unwrap().key
}

/// A client of the usual shop, at rest.
fn shop() -> (World, CrmId) {
    let world = selling(&two_way());
    let account = account(&world);
    let client = fields([("Account_Type", text("Client"))]);
    crm(&world).edit("Accounts", &account, "u", client);
    event_flow(&world, "Accounts", &account);
    world.clock.advance(QUARTER);
    (world, account)
}

fn assert_one(world: &World, account: &CrmId, context: &str) {
    // Neither CRM regards case: in other letters it is the same key.
    let held = key_of(world, "Accounts", account).unwrap_or_default();
    assert!(held.trim().eq_ignore_ascii_case(KEY), "{context}: {held:?}");
    assert_eq!(crm(world).records("Accounts").len(), 1, "{context}");
    assert_eq!(world.sage.records_ever_made(), [], "{context}");
    let stored = link(world, &customer("01-ABF"));
    assert_eq!(
        (stored.stage, stored.crm_id.as_ref()),
        (Stage::Linked, Some(account)),
        "{context}"
    );
}

#[test]
fn an_emptied_key_is_there_again_without_an_edit_in_sage() {
    let (world, account) = shop();
    crm(&world).set_key("Accounts", &account, None);
    event_flow(&world, "Accounts", &account);
    flow(&world);
    assert_one(&world, &account, "emptied");
    assert_eq!(parked(&world), []);
    let last = crate::orders::history(&world, &customer("01-ABF"));
    assert_eq!(last[0].code.as_deref(), Some("KEY_RESTORED"));
}

#[test]
fn a_key_in_other_letters_is_no_other_customer() {
    let (world, account) = shop();
    let deal = won_deal(&world, &account);
    crm(&world).set_key("Accounts", &account, Some("abc:01-abf "));
    event_flow(&world, "Deals", &deal);
    event_flow(&world, "Accounts", &account);
    flow(&world);
    assert_eq!(parked(&world), []);
    assert_eq!(world.sage.created(), ["order 0000181"]);
    assert_one(&world, &account, "in other letters");
}

#[test]
fn a_key_that_was_typed_over_is_written_again_and_told() {
    for other in ["ABC:01-OTHER", "nonsense"] {
        let (world, account) = shop();
        crm(&world).set_key("Accounts", &account, Some(other));
        event_flow(&world, "Accounts", &account);
        flow(&world);
        assert_one(&world, &account, other);
        assert_eq!(
            parked(&world),
            [(
                format!("customer#{account}"),
                "E_KEY_OVERWRITTEN".to_owned()
            )]
        );
        let said = shown(&world, "Accounts", &account, "Sage_Status_Text").to_string();
        assert!(said.contains(other) && said.contains(KEY), "{said}");
        redrive_all(&world);
        flow(&world);
        assert_eq!(parked(&world), [], "{other}");
        assert_eq!(
            shown(&world, "Accounts", &account, "Sage_Status_Text"),
            Value::Blank
        );
    }
}

#[test]
fn an_automation_that_empties_keys_does_not_keep_us_busy() {
    let (world, account) = shop();
    let before = crm(&world).calls();
    let end = world.clock.now() + jiff::SignedDuration::from_hours(1);
    while world.clock.now() < end {
        if key_of(&world, "Accounts", &account).is_some() {
            crm(&world).set_key("Accounts", &account, None);
            say(&world, "Accounts", &account);
        }
        super::whole::flow_within(&world, jiff::SignedDuration::from_mins(1));
        world.clock.advance(std::time::Duration::from_secs(10));
    }
    let writes = crm(&world).updates();
    assert!(
        writes > 2 && writes < 20,
        "{writes} writes in an hour, {} calls",
        crm(&world).calls() - before
    );
}

/// A webhook and a channel both tell of each save.
#[test]
fn two_sources_of_events_do_not_double_what_is_written() {
    let (world, account) = shop();
    let before = crm(&world).updates();
    let end = world.clock.now() + jiff::SignedDuration::from_hours(1);
    let mut seen = u64::MAX;
    while world.clock.now() < end {
        // Each write of ours is a save, upon which an automation empties the key.
        let saves = crm(&world).updates();
        if saves != seen {
            let of_these = saves.saturating_sub(seen).max(1);
            seen = saves;
            crm(&world).set_key("Accounts", &account, None);
            for _ in 0..2 * of_these {
                say(&world, "Accounts", &account);
            }
        }
        while world.transform_once().is_some() {}
        world.write_once(&zoho(), counterpart_delivery::ConfiguredMapper);
        world.clock.advance(std::time::Duration::from_secs(10));
    }
    let writes = crm(&world).updates() - before;
    assert!(writes > 2 && writes < 20, "{writes} writes in an hour");
    assert_eq!(parked(&world), []);
}

/// A customer whose key stands, by mistake, on another customer's account.
#[test]
fn a_new_customer_does_not_write_over_an_account_that_holds_its_key_by_mistake() {
    let (world, account) = shop();
    let before = crm(&world).record("Accounts", &account).unwrap().fields;
    crm(&world).set_key("Accounts", &account, Some("ABC:01-OTHER"));
    put_customer(&world, &customer("01-OTHER"), "Another");
    world.poll_all(&abc());
    world.drain();
    let now = crm(&world).record("Accounts", &account).unwrap().fields;
    assert_eq!(now["Account_Name"], before["Account_Name"]);
    let codes: Vec<String> = parked(&world).into_iter().map(|(_, code)| code).collect();
    assert_eq!(codes, ["E_CRM_ID_TAKEN"]);
    // The key is there again, and the other one gets an account of its own.
    event_flow(&world, "Accounts", &account);
    flow(&world);
    redrive_one(&world, "customer#ABC:01-OTHER");
    redrive_all(&world);
    flow(&world);
    world.drain();
    assert_eq!(key_of(&world, "Accounts", &account).as_deref(), Some(KEY));
    assert_eq!(crm(&world).with_key("Accounts", "ABC:01-OTHER").len(), 1);
    assert_eq!(parked(&world), []);
}
