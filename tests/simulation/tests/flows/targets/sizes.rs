//! Packs of each CRM's own size: the floor of calls holds for both in the same import.

use counterpart_domain::Entity;
use counterpart_simulation::world::World;

use super::*;

/// Two thousand customers, one in twenty of them inactive, with one or two contacts each.
fn many() -> World {
    let text = BOTH.replace("page_size = 7", "page_size = 500");
    let world = World::with_config(1, &text);
    world.map_rep(&zoho(), &rep("01-0100"), "user-1");
    world.map_rep(&salesforce(), &rep("01-0100"), "005user1");
    for n in 0..2_000u32 {
        let key = customer(&format!("01-{n:04}"));
        put_customer(&world, &key, "Some Company");
        if n % 20 == 7 {
            world.sage.edit(&key, &[("CustomerStatus", "I")]);
        }
        for code in ["MAIN", "OTHER"].iter().take(1 + n as usize % 2) {
            put_contact(
                &world,
                &contact(&format!("{}/{code}", key.local)),
                "Artie Johnson",
            );
        }
    }
    world
}

fn floor(world: &World, target: &TargetName, modules: [&str; 2], size: usize) -> u64 {
    modules
        .iter()
        .map(|module| world.crms[target].records(module).len().div_ceil(size) as u64)
        .sum()
}

#[test]
fn the_fewest_possible_calls_fill_both_with_some_customers_left_out() {
    let world = many();
    world.poll(&abc(), Entity::CUSTOMER).unwrap();
    world.drain();
    world.poll(&abc(), Entity::CONTACT).unwrap();
    world.drain();
    assert_both_at_rest(&world, "two thousand");
    assert_eq!(org(&world).records("Account").len(), 1_900);
    let least = floor(&world, &salesforce(), ["Account", "Contact"], 200);
    // Each is looked for before it is written.
    assert_eq!(org(&world).calls(), 2 * least);
    let least = floor(&world, &zoho(), ["Accounts", "Contacts"], 100);
    assert_eq!(crm(&world).calls(), 2 * least);
}

#[test]
fn contacts_that_were_left_out_with_their_customer_follow_it_when_it_comes_in() {
    let world = both();
    fill(&world);
    world
        .sage
        .edit(&customer("01-C00"), &[("CustomerStatus", "I")]);
    settle(&world);
    assert!(
        org(&world)
            .with_key("Contact", "ABC:01-C00/MAIN")
            .is_empty()
    );
    for _ in 0..3 {
        world
            .clock
            .advance(std::time::Duration::from_secs(60 * 60 * 26));
        settle(&world);
    }
    world
        .sage
        .edit(&customer("01-C00"), &[("CustomerStatus", "A")]);
    settle(&world);
    assert_both_at_rest(&world, "active again");
    assert_eq!(org(&world).with_key("Contact", "ABC:01-C00/MAIN").len(), 1);
    assert_eq!(crm(&world).with_key("Contacts", "ABC:01-C00/MAIN").len(), 1);
}

#[test]
fn a_customer_that_comes_in_while_its_contact_is_left_out_brings_it_along() {
    let mut points = 0;
    for polls in 0.. {
        let world = crate::scene::world();
        let (key, child) = (customer("01-ABF"), contact("01-ABF/MAIN"));
        put_customer(&world, &key, "American Business Futures");
        world.sage.edit(&key, &[("CustomerStatus", "I")]);
        settle(&world);
        put_contact(&world, &child, "Artie Johnson");
        let (poller, company) = (world.poller(), abc());
        let polling = poller.poll(&company, Entity::CONTACT, world.deadline());
        let (_, was) = crate::hands::interrupted(&world, polls, polling, || {
            world.sage.edit(&key, &[("CustomerStatus", "A")]);
            world.hint(std::slice::from_ref(&key)).unwrap();
            while world.write_once(&zoho(), counterpart_delivery::ConfiguredMapper) {}
        });
        if !was {
            break;
        }
        points += 1;
        world.drain();
        assert_at_rest(&world, &format!("interrupted after {polls} polls"));
        assert_eq!(
            crm(&world).with_key("Contacts", &child.text()).len(),
            1,
            "{polls}"
        );
    }
    assert!(points > 10, "only {points} points were tried");
}
