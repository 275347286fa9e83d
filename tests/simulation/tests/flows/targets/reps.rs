//! The rep mapping belongs to a target.

use counterpart_domain::Class;
use counterpart_simulation::world::World;
use std::time::Duration;

use super::*;
use crate::hands::QUARTER;

const DAYS: Duration = Duration::from_secs(60 * 60 * 24 * 3);

fn owner(world: &World) -> Option<String> {
    let held = org(world).with_key("Account", "ABC:01-C00");
    Some(held.first()?.fields.get("OwnerId")?.to_string())
}

#[test]
fn a_rep_mapped_in_one_target_only_is_parked_there_and_written_here() {
    let world = both();
    fill(&world);
    world.map_rep(&zoho(), &rep("01-0999"), "user-9");
    world
        .sage
        .edit(&customer("01-C00"), &[("SalespersonNo", "0999")]);
    settle(&world);
    assert_eq!(crm(&world).with_key("Accounts", "ABC:01-C00").len(), 1);
    assert_eq!(parked_in(&world, &zoho()), []);
    let parked = parked_in(&world, &salesforce());
    assert!(
        parked.contains(&(customer("01-C00"), "E_REP_UNMAPPED".to_owned())),
        "{parked:?}"
    );
    let calls = crm(&world).calls();
    world.clock.advance(DAYS);
    world.map_rep(&salesforce(), &rep("01-0999"), "005user9");
    settle(&world);
    assert_both_at_rest(&world, "mapped in both");
    assert_eq!(owner(&world).as_deref(), Some("005user9"));
    assert_eq!(crm(&world).calls(), calls, "Zoho was called");
}

#[test]
fn another_user_in_one_target_changes_owners_there_only() {
    let world = both();
    fill(&world);
    settle(&world);
    let (calls, held) = (crm(&world).calls(), zoho_holds(&world));
    world.clock.advance(DAYS);
    world.map_rep(&salesforce(), &rep("01-0100"), "005user2");
    settle(&world);
    assert_eq!(owner(&world).as_deref(), Some("005user2"));
    assert_eq!((crm(&world).calls(), zoho_holds(&world)), (calls, held));
    assert_both_at_rest(&world, "another user");
}

#[test]
fn a_target_whose_queue_is_down_does_not_keep_the_others_reps() {
    let world = both();
    fill(&world);
    settle(&world);
    world.clock.advance(DAYS);
    let fault = counterpart_domain::Fault::new(Class::Transient, "E_QUEUE_UNAVAILABLE", "Down.");
    world.writes(&salesforce()).break_down(fault);
    world.map_rep(&salesforce(), &rep("01-0100"), "005user2");
    world.map_rep(&zoho(), &rep("01-0100"), "user-2");
    world.poll(&abc(), Entity::CUSTOMER).unwrap();
    world.drain();
    let held = &crm(&world).with_key("Accounts", "ABC:01-C00")[0];
    assert_eq!(held.fields["Owner"].to_string(), "user-2");
    world.writes(&salesforce()).mend();
    world.clock.advance(QUARTER);
    settle(&world);
    assert_eq!(owner(&world).as_deref(), Some("005user2"));
    assert_both_at_rest(&world, "both have their owners");
}
