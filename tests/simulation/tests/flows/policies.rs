//! Policies at the first meeting with a record, and in conflict.

use counterpart_domain::Value;
use counterpart_simulation::world::{CONFIG, World};

use crate::hands::{QUARTER, parked};
use crate::scene::*;

#[test]
fn an_account_that_has_all_values_already_is_linked_also_where_edits_are_reverted() {
    let text = CONFIG.replace(
        "Phone = \"TelephoneNo\"",
        "Phone = { from = \"TelephoneNo\", foreign_edit = \"revert\" }",
    );
    let world = World::with_config(1, &text);
    world.map_rep(&zoho(), &rep("01-0100"), "user-1");
    let key = customer("01-ABF");
    put_customer(&world, &key, "One");
    put_contact(&world, &contact("01-ABF/MAIN"), "Artie Johnson");
    let fields = [
        ("Account_Name".to_owned(), Value::text("One")),
        ("Phone".to_owned(), Value::text("(414) 555-4787")),
        ("Billing_City".to_owned(), Value::text("Milwaukee")),
        (
            "Credit_Limit".to_owned(),
            Value::Number("120000.00".parse().unwrap()),
        ),
        ("Owner".to_owned(), Value::Reference("user-1".to_owned())),
    ];
    crm(&world).put("Accounts", Some("ABC:01-ABF"), fields.into());
    settle(&world);
    assert_at_rest(&world, "adopted without a write");
}

#[test]
fn where_nothing_is_created_existing_accounts_are_kept_in_step() {
    let text = CONFIG.replace(
        "inactive = \"exclude\"",
        "inactive = \"exclude\"\ncreate = \"never\"",
    );
    let world = World::with_config(1, &text);
    world.map_rep(&zoho(), &rep("01-0100"), "user-1");
    put_customer(&world, &customer("01-ABF"), "One");
    put_customer(&world, &customer("01-NEW"), "Two");
    put_contact(&world, &contact("01-NEW/MAIN"), "Artie Johnson");
    crm(&world).put(
        "Accounts",
        Some("ABC:01-ABF"),
        [("Account_Name".to_owned(), Value::text("Old name"))].into(),
    );
    settle(&world);
    assert!(parked(&world).is_empty(), "{:?}", parked(&world));
    let account = &crm(&world).with_key("Accounts", "ABC:01-ABF")[0];
    assert_eq!(account.fields["Account_Name"], Value::text("One"));
}

#[test]
fn an_adopted_account_has_what_is_blank_in_sage_blanked() {
    let world = world();
    let key = customer("01-ABF");
    put_customer(&world, &key, "One");
    world.sage.edit(&key, &[("TelephoneNo", "")]);
    let fields = [
        ("Account_Name".to_owned(), Value::text("One")),
        ("Phone".to_owned(), Value::text("old")),
    ];
    crm(&world).put("Accounts", Some("ABC:01-ABF"), fields.into());
    settle(&world);
    assert_at_rest(&world, "adopted");
}

#[test]
fn where_existing_records_are_not_updated_an_adopted_one_is_not_either() {
    let text = CONFIG.replace(
        "inactive = \"exclude\"",
        "inactive = \"exclude\"\nupdate = \"never\"",
    );
    let world = World::with_config(1, &text);
    world.map_rep(&zoho(), &rep("01-0100"), "user-1");
    put_customer(&world, &customer("01-ABF"), "One");
    crm(&world).put(
        "Accounts",
        Some("ABC:01-ABF"),
        [("Account_Name".to_owned(), Value::text("Hand-made"))].into(),
    );
    settle(&world);
    let account = &crm(&world).with_key("Accounts", "ABC:01-ABF")[0];
    assert_eq!(account.fields["Account_Name"], Value::text("Hand-made"));
}

fn both(policy: &str) -> World {
    let text = CONFIG.replace(
        "Phone = \"TelephoneNo\"",
        &format!(
            "Phone = {{ from = \"TelephoneNo\", owner = \"both\", on_conflict = \"{policy}\" }}"
        ),
    );
    let world = World::with_config(1, &text);
    world.map_rep(&zoho(), &rep("01-0100"), "user-1");
    put_customer(&world, &customer("01-ABF"), "One");
    settle(&world);
    world.clock.advance(QUARTER);
    world
}

fn edit_in_crm(world: &World, value: &str) {
    use counterpart_delivery::ports::Crm as _;
    let call = counterpart_delivery::ports::UpsertCall {
        module: "Accounts".to_owned(),
        key_field: "Sage_Key".to_owned(),
        rows: vec![counterpart_delivery::ports::UpsertRow {
            key: customer("01-ABF"),
            fields: [("Phone".to_owned(), Value::text(value))].into(),
        }],
    };
    world.clock.block_on(crm(world).upsert(&call)).unwrap();
}

#[test]
fn a_conflict_that_a_person_is_to_end_is_told_to_somebody() {
    let world = both("park");
    world
        .sage
        .edit(&customer("01-ABF"), &[("TelephoneNo", "111")]);
    edit_in_crm(&world, "222");
    settle(&world);
    use counterpart_delivery::ports::Ledger as _;
    let history = world
        .clock
        .block_on(world.store.inner.history(&customer("01-ABF"), 1))
        .unwrap();
    let told = !parked(&world).is_empty()
        || history[0].code.is_some()
        || history[0].changes.iter().any(|c| c.field == "Phone");
    assert!(
        told,
        "{history:?} {:?}",
        crm(&world).with_key("Accounts", "ABC:01-ABF")[0].fields["Phone"]
    );
}
