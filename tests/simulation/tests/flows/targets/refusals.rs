//! What becomes of rows that Salesforce refuses, by class and code; Zoho never notices.

use counterpart_delivery::ports::Clock as _;
use counterpart_domain::{Class, Entity, Fault};
use counterpart_simulation::world::World;
use jiff::SignedDuration;

use super::*;
use crate::events::redrives::redrive_of;
use crate::hands::QUARTER;

fn fault(class: Class, code: &'static str) -> Fault {
    Fault::new(class, code, "Salesforce says so.")
}

/// Twelve customers are there; one of them is edited to what Salesforce refuses, its neighbours to what it takes.
fn refused(with: Fault) -> World {
    let world = both();
    fill(&world);
    settle(&world);
    world.clock.advance(QUARTER);
    org(&world).refuse_rows("Refused", with);
    for n in 0..12 {
        let city = if n == 0 { "Refused" } else { "Racine" };
        world.sage.edit(&customer(&numbered(n)), &[("City", city)]);
    }
    world
}

fn city(world: &World, n: u32) -> String {
    let held = &org(world).with_key("Account", &format!("ABC:{}", numbered(n)))[0];
    held.fields["BillingCity"].to_string()
}

#[test]
fn a_refused_row_is_parked_with_its_code_and_its_neighbours_are_written() {
    let data = [
        "E_CRM_OWNER_INVALID",
        "E_CRM_TOO_LONG",
        "E_CRM_VALIDATION_RULE",
        "E_CRM_DUPLICATE_RULE",
        "E_CRM_DUPLICATE",
        "E_CRM_PICKLIST",
        "E_CRM_MATCHED_SEVERAL",
        "E_CRM_AUTOMATION_FAILED",
        "E_CRM_INVALID_DATA",
        "E_CRM_REFUSED",
    ];
    let configuration = ["E_CRM_PERMISSION", "E_CRM_FIELD_READ_ONLY"];
    let all = data
        .map(|code| (Class::Data, code))
        .into_iter()
        .chain(configuration.map(|code| (Class::Configuration, code)));
    for (class, code) in all {
        let world = refused(fault(class, code));
        let key = customer(&numbered(0));
        // Within the lag of the cursor, a record is read once more.
        world.clock.advance(std::time::Duration::from_secs(60));
        settle(&world);
        assert_at_rest_but(&world, std::slice::from_ref(&key), code);
        let parked = parked_in(&world, &salesforce());
        assert_eq!(parked, [(key.clone(), code.to_owned())]);
        assert_eq!(
            (city(&world, 0), city(&world, 1)),
            ("Milwaukee".into(), "Racine".into())
        );
        assert_eq!(parked_in(&world, &zoho()), [], "{code}");
        // One call for the customers, and none again for what is parked.
        let calls = org(&world).calls();
        world.clock.advance(QUARTER);
        settle(&world);
        assert_eq!(org(&world).calls(), calls, "{code}: tried again");
        // Mended in Sage, it follows by itself.
        world.sage.edit(&key, &[("City", "Kenosha")]);
        settle(&world);
        assert_both_at_rest(&world, code);
    }
}

#[test]
fn a_row_whose_fault_passes_is_tried_again_in_a_pack_of_its_own() {
    for code in [
        "E_CRM_RECORD_LOCKED",
        "E_CRM_NOT_PROCESSED",
        "E_CRM_RECORD_GONE",
    ] {
        let world = refused(fault(Class::Transient, code));
        world.poll(&abc(), Entity::CUSTOMER).unwrap();
        let calls = org(&world).calls();
        let began = world.clock.now();
        assert!(!world.drain_within(SignedDuration::from_mins(30)), "{code}");
        assert_eq!(
            (city(&world, 0), city(&world, 1)),
            ("Milwaukee".into(), "Racine".into())
        );
        let tries = org(&world).calls() - calls;
        assert!(
            (4..=12).contains(&tries),
            "{code}: {tries} tries in half an hour"
        );
        let bodies = world.writes(&salesforce()).bodies();
        assert!(
            bodies
                .iter()
                .all(|body| body.matches("\"k\":").count() == 1),
            "{code}"
        );
        org(&world).accept("Refused");
        world.drain();
        let took = world.clock.now().duration_since(began);
        assert!(took < SignedDuration::from_mins(50), "{code}: {took}");
        assert_both_at_rest(&world, code);
    }
}

#[test]
fn a_field_that_the_org_does_not_have_parks_nobody_and_is_waited_for() {
    let world = both();
    fill(&world);
    settle(&world);
    world.clock.advance(QUARTER);
    org(&world).refuse_rows("Racine", fault(Class::Configuration, "E_CRM_FIELD_INVALID"));
    for n in 0..12 {
        world
            .sage
            .edit(&customer(&numbered(n)), &[("City", "Racine")]);
    }
    world.poll(&abc(), Entity::CUSTOMER).unwrap();
    let calls = org(&world).calls();
    world.drain_within(SignedDuration::from_hours(1));
    let tried = org(&world).calls() - calls;
    assert!((5..=15).contains(&tried), "{tried} calls in an hour");
    assert_eq!(parked_in(&world, &salesforce()), []);
    assert_eq!(
        crm(&world).with_key("Accounts", "ABC:01-C00")[0].fields["Billing_City"].to_string(),
        "Racine"
    );
    // Somebody adds the field in Salesforce.
    org(&world).accept("Racine");
    world.drain();
    assert_both_at_rest(&world, "mended in Salesforce");
}

#[test]
fn an_account_that_was_deleted_in_one_crm_comes_back_there_with_its_contacts_when_a_person_says_so()
{
    let world = both();
    fill(&world);
    settle(&world);
    let calls = crm(&world).calls();
    org(&world).delete("Account", "ABC:01-C00");
    world.clock.advance(QUARTER);
    world.hint(&[contact("01-C00/MAIN")]).unwrap();
    put_contact(&world, &contact("01-C00/MAIN"), "Artie B. Johnson");
    world.sage.edit(&customer("01-C00"), &[("City", "Racine")]);
    settle(&world);
    assert!(org(&world).with_key("Account", "ABC:01-C00").is_empty());
    for _ in 0..3 {
        redrive_of(&world, "salesforce");
        world.drain();
    }
    assert_both_at_rest(&world, "back");
    let account = &org(&world).with_key("Account", "ABC:01-C00")[0];
    assert_eq!(account.fields["Name"].to_string(), "Customer 0");
    assert_eq!(
        crm(&world).calls(),
        calls + 2,
        "an edit of each, and no more"
    );
}

#[test]
fn children_of_one_parent_share_a_pack() {
    let world = both();
    fill(&world);
    settle(&world);
    world.clock.advance(QUARTER);
    // In no order of keys, as stamps have it.
    for code in ["A", "B", "C"] {
        for n in [7, 2, 11, 5] {
            let key = format!("{}/{code}", numbered(n));
            put_contact(&world, &contact(&key), "Artie Johnson");
            world.clock.advance(std::time::Duration::from_secs(1));
        }
    }
    world.poll(&abc(), Entity::CONTACT).unwrap();
    let body = &world.writes(&salesforce()).bodies()[0];
    let keys: Vec<&str> = body
        .match_indices("\"k\":\"")
        .filter_map(|(at, found)| body[at + found.len()..].split('"').next())
        .collect();
    assert!(keys.len() == 24 && keys.is_sorted(), "{keys:?}");
}
