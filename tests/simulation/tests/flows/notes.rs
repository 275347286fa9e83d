//! What the mapping has to say of a record stands in the ledger; what a filter cannot answer is parked.

use counterpart_delivery::Outcome;
use counterpart_delivery::ports::{Ledger as _, Parking as _};
use counterpart_simulation::world::{CONFIG, World};

use crate::scene::*;

const PHONE: &str = "Phone = \"TelephoneNo\"";

fn world_with(from: &str, to: &str) -> World {
    assert!(CONFIG.contains(from));
    let world = World::with_config(1, &CONFIG.replacen(from, to, 1));
    world.map_rep(&zoho(), &rep("01-0100"), "user-1");
    world
}

#[test]
fn a_state_that_is_not_known_is_written_as_it_was_and_stands_in_the_ledger() {
    let line = "Billing_State = { from = [\"State\", \"CountryCode\"], with = \"state_code\" }";
    let world = world_with(PHONE, &format!("{PHONE}\n{line}"));
    for (number, state) in [("01-ABF", "Wisc."), ("01-BAY", "Bayern")] {
        put_customer(&world, &customer(number), "One");
        world.sage.edit(&customer(number), &[("State", state)]);
    }
    settle(&world);
    assert_at_rest(&world, "both written");
    let last = |number: &str| {
        let key = customer(number);
        let history = world.store.inner.history(&key, 1);
        world.clock.block_on(history).unwrap().remove(0)
    };
    assert_eq!(last("01-ABF").notes, []);
    let said = last("01-BAY");
    assert_eq!(said.outcome, Outcome::Created);
    let notes: Vec<_> = said.notes.iter().map(ToString::to_string).collect();
    assert_eq!(
        notes,
        [
            "N_ADDRESS_STATE: Billing_State: \"Bayern\" is no known state or province of United States. It was kept as it is."
        ]
    );
}

#[test]
fn a_condition_without_an_answer_parks_the_record_and_its_neighbours_go_on() {
    let from = "inactive = \"exclude\"";
    let condition = "include = [{ when = \"UDF_RANK == '' || number(UDF_RANK) < 3\" }]";
    let world = world_with(from, &format!("{from}\n{condition}"));
    for (number, rank) in [("01-A", ""), ("01-B", "2"), ("01-C", "7"), ("01-D", "low")] {
        put_customer(&world, &customer(number), "One");
        world.sage.edit(&customer(number), &[("UDF_RANK", rank)]);
    }
    settle(&world);
    assert_at_rest_but(&world, &[customer("01-D")], "one is parked");
    let parked = world.store.inner.parked_of("zoho", None, 10);
    let codes: Vec<_> = world
        .clock
        .block_on(parked)
        .unwrap()
        .iter()
        .map(|item| item.fault.code.to_string())
        .collect();
    assert_eq!(codes, ["E_FILTER_COMPUTED"]);
    assert_eq!(crm(&world).records("Accounts").len(), 2);
}
