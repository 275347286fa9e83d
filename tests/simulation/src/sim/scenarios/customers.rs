//! Customers and their accounts.

use counterpart_delivery::invariants::{self, Broken};
use counterpart_domain::{Entity, Value};

use super::scene::{text, town};
use crate::sim::org::ORGS;
use crate::sim::town::{Town, company, fields};

pub(super) fn a_client_is_edited_while_it_is_created() -> Vec<Broken> {
    let town = Town::where_clients_stay_both();
    let zoho = town.crm(&ORGS[0]);
    let entered = fields([
        ("Account_Name", Value::text("New Ltd")),
        ("Account_Type", Value::text("Client")),
        ("Owner", Value::Reference("user-1".to_owned())),
        ("Phone", Value::text("(414) 555-1111")),
    ]);
    let id = zoho.put("Accounts", None, entered);
    town.transformed();
    // Its job waits for Sage.
    zoho.edit("Accounts", &id, "person", text("Phone", "(414) 555-2222"));
    town.flow();
    town.poll();
    let mut broken = town.at_rest();
    let rows = town.world.sage.rows(&company("ABC"), Entity::CUSTOMER);
    let phones: Vec<String> = rows
        .iter()
        .filter(|(key, _)| town.world.sage.column(key, "CustomerName") == "New Ltd")
        .map(|(key, _)| town.world.sage.column(key, "TelephoneNo"))
        .collect();
    let held = zoho.record("Accounts", &id);
    let phone = held.and_then(|held| held.fields.get("Phone").map(Value::to_string));
    let kept = phones == ["(414) 555-2222"] && phone.as_deref() == Some("(414) 555-2222");
    if !kept && town.world.store.inner.all_parked().is_empty() {
        let what = format!(
            "the phone that a person entered is taken back: Sage {phones:?}, CRM {phone:?}"
        );
        broken.push(Broken::new(&invariants::EDITS, what));
    }
    broken
}

pub(super) fn an_answer_about_a_new_customer_is_lost() -> Vec<Broken> {
    let town = Town::where_clients_stay_both();
    let (zoho, faults) = (town.crm(&ORGS[0]), &town.world.faults);
    let entered = fields([
        ("Account_Name", Value::text("New Ltd")),
        ("Account_Type", Value::text("Client")),
        ("Owner", Value::Reference("user-1".to_owned())),
    ]);
    zoho.put("Accounts", None, entered);
    town.transformed();
    faults.lose_answers_of("sage.create_record", 1);
    // Not the look before it, but the one after it finds Sage down.
    faults.fail_calls_after("sage.records", 1, 1);
    town.flow();
    town.poll();
    town.at_rest()
}

pub(super) fn an_edit_goes_to_sage() -> Vec<Broken> {
    let town = town();
    let zoho = town.crm(&ORGS[0]);
    let phone = "(414) 555-3333";
    for account in zoho.with_key("Accounts", "ABC:01-ONE") {
        zoho.edit("Accounts", &account.id, "person", text("Phone", phone));
    }
    town.flow();
    town.poll();
    let mut broken = town.at_rest();
    let rows = town.world.sage.rows(&company("ABC"), Entity::CUSTOMER);
    let mut phones = rows
        .iter()
        .filter(|(key, _)| key.local == "01-ONE")
        .map(|(key, _)| town.world.sage.column(key, "TelephoneNo"));
    if phones.next().as_deref() != Some(phone) {
        let what = "the phone that a person entered in the CRM is not in Sage";
        broken.push(Broken::new(&invariants::EDITS, what));
    }
    broken
}

pub(super) fn a_linked_account_is_merged_into_a_new_one() -> Vec<Broken> {
    let town = town();
    // This CRM tells what was merged into a record.
    let salesforce = town.crm(&ORGS[1]);
    let entered = fields([
        ("Name", Value::text("One again")),
        ("Type", Value::text("Client")),
        ("OwnerId", Value::Reference("005user1".to_owned())),
    ]);
    let survivor = salesforce.put("Account", None, entered);
    for gone in salesforce.with_key("Account", "ABC:01-ONE") {
        salesforce.merge("Account", &gone.id, &survivor, true);
    }
    town.flow();
    town.poll();
    let mut broken = town.at_rest();
    let made = town.world.sage.records_ever_made();
    if made.iter().any(|key| key.entity == Entity::CUSTOMER) {
        let what = "the account that a customer's account was merged into is another customer";
        broken.push(Broken::new(&invariants::ONE_CUSTOMER, what));
    }
    broken
}

pub(super) fn a_key_is_emptied() -> Vec<Broken> {
    let town = town();
    let zoho = town.crm(&ORGS[0]);
    let accounts = zoho.with_key("Accounts", "ABC:01-ONE");
    if let Some(account) = accounts.first() {
        zoho.empty_key("Accounts", &account.id);
    }
    town.flow();
    let rows = town.world.sage.rows(&company("ABC"), Entity::CUSTOMER);
    if let Some((key, _)) = rows.iter().find(|(key, _)| key.local == "01-ONE") {
        town.pass_seconds(60);
        // Whatever the CRM wants of a new record goes along.
        let edited = [("City", "Racine"), ("CustomerName", "One and Only")];
        town.world.sage.edit(key, &edited);
    }
    town.poll();
    town.at_rest()
}
