//! Sales that cannot become orders: told where sales people look, set aside, and taken through once they are mended.

use counterpart_domain::{CrmId, Fields, Value};
use counterpart_simulation::world::World;

use super::scene::*;
use crate::events::redrives::redrive_all;

/// Spoils a won deal, lets it be refused, mends it, and has it redriven.
fn refused(code: &str, spoil: impl Fn(&World, &CrmId), mend: impl Fn(&World, &CrmId)) {
    let world = sales();
    let deal = won_deal(&world, &account(&world));
    spoil(&world, &deal);
    say(&world, "Deals", &deal);
    work(&world);
    assert_eq!(parked(&world), [(format!("order#{deal}"), code.to_owned())]);
    assert!(jobs(&world).is_empty(), "{code}: nothing goes to Sage");
    let said = shown(&world, "Deals", &deal, "Sage_Status_Text").to_string();
    assert!(
        said.ends_with(['.', '…']) && said.chars().count() <= 120,
        "{said:?}"
    );
    assert_eq!(shown(&world, "Deals", &deal, "Sage_Order_No"), Value::Blank);
    // What we showed is an edit, too: it goes round once and stays still.
    let updates = crm(&world).updates();
    say(&world, "Deals", &deal);
    work(&world);
    assert_eq!(crm(&world).updates(), updates, "{code}: an echo");
    assert_eq!(world.store.inner.all_parked()[0].times, 1, "{code}");
    redrive_all(&world);
    work(&world);
    assert_eq!(parked(&world).len(), 1, "{code}: nothing was mended yet");
    mend(&world, &deal);
    redrive_all(&world);
    work(&world);
    assert!(parked(&world).is_empty(), "{code}: {:?}", parked(&world));
    assert_eq!(placed(&world).len(), 1, "{code}");
}

fn edit(module: &'static str, edits: Fields) -> impl Fn(&World, &CrmId) {
    move |world, id| crm(world).edit(module, id, "u", edits.clone())
}

fn set_line<const N: usize>(
    line: [(&'static str, Value); N],
    code: &'static str,
) -> impl Fn(&World, &CrmId) {
    move |world, id| {
        let product = product(world, code);
        let mut line = fields(line.clone());
        line.insert("Product_Name".to_owned(), to(&product));
        crm(world).put_lines("Deals", id, "Sale_Items", vec![line]);
    }
}

#[test]
fn a_deal_without_products() {
    refused(
        "E_ORDER_EMPTY",
        |world, deal| crm(world).put_lines("Deals", deal, "Sale_Items", Vec::new()),
        set_line(
            [("Quantity", number("1")), ("List_Price", number("5"))],
            "2480-8-50",
        ),
    );
}

#[test]
fn a_deal_without_an_account() {
    let world = sales();
    let account = account(&world);
    refused(
        "E_ORDER_ACCOUNT_MISSING",
        edit("Deals", fields([("Account_Name", Value::Blank)])),
        edit("Deals", fields([("Account_Name", to(&account))])),
    );
}

#[test]
fn a_currency_without_a_rate() {
    refused(
        "E_CURRENCY_NO_RATE",
        edit("Deals", fields([("Currency", text("CHF"))])),
        |world, _| {
            crm(world).put_currency("USD", "1".parse().unwrap());
            crm(world).put_currency("CHF", "0.9".parse().unwrap());
        },
    );
}

#[test]
fn a_mandatory_field_without_content() {
    refused(
        "E_ORDER_FIELD_MISSING",
        edit("Deals", fields([("PO_Number", Value::Blank)])),
        edit("Deals", fields([("PO_Number", text("4712"))])),
    );
}

#[test]
fn a_product_of_another_price_book() {
    refused(
        "E_PRICE_BOOK_MISMATCH",
        set_line(
            [
                ("Quantity", number("1")),
                ("Book", text("Wholesale")),
                ("List_Price", number("5")),
            ],
            "2480-8-50",
        ),
        set_line(
            [
                ("Quantity", number("1")),
                ("Book", text("Retail")),
                ("List_Price", number("5")),
            ],
            "2480-8-50",
        ),
    );
}

#[test]
fn a_product_without_a_code() {
    let line = || [("Quantity", number("1")), ("List_Price", number("5"))];
    refused(
        "E_ITEM_CODE_MISSING",
        set_line(line(), ""),
        set_line(line(), "2480-8-50"),
    );
}

#[test]
fn an_account_that_says_it_is_another_customer() {
    // The key field is the record's own in this CRM: the link says another customer than the account does.
    let world = sales();
    let account = account(&world);
    let deal = won_deal(&world, &account);
    crm(&world).set_key("Accounts", &account, Some("ABC:01-OTHER"));
    say(&world, "Deals", &deal);
    work(&world);
    let code = "E_ACCOUNT_KEY_CONFLICT".to_owned();
    assert_eq!(parked(&world), [(format!("order#{deal}"), code)]);
    assert!(jobs(&world).is_empty());
    crm(&world).set_key("Accounts", &account, Some("ABC:01-ABF"));
    redrive_all(&world);
    work(&world);
    assert_eq!(placed(&world).len(), 1);
}

#[test]
fn an_account_that_is_no_customer_and_no_client() {
    let world = sales();
    let fresh = fields([("Account_Name", text("New Ltd")), ("Owner", text("user-1"))]);
    let account = crm(&world).put("Accounts", None, fresh);
    let deal = won_deal(&world, &account);
    say(&world, "Deals", &deal);
    work(&world);
    let code = "E_CUSTOMER_UNKNOWN".to_owned();
    assert_eq!(parked(&world), [(format!("order#{deal}"), code)]);
    crm(&world).edit(
        "Accounts",
        &account,
        "u",
        fields([("Account_Type", text("Client"))]),
    );
    redrive_all(&world);
    work(&world);
    assert!(parked(&world).is_empty(), "{:?}", parked(&world));
    let order = &placed(&world)[0].order;
    let create = order.customer.create.as_ref().unwrap();
    assert_eq!(create.division, "01");
    assert_eq!(create.columns["CustomerName"], text("New Ltd"));
    assert_eq!(create.columns["SalespersonNo"], text("0100"));
    assert_eq!(create.columns["SalespersonDivisionNo"], text("01"));
}

#[test]
fn a_client_whose_owner_is_nobodys_salesperson() {
    let world = sales();
    let fresh = fields([
        ("Account_Name", text("New Ltd")),
        ("Owner", text("user-9")),
        ("Account_Type", text("Client")),
    ]);
    let account = crm(&world).put("Accounts", None, fresh);
    let deal = won_deal(&world, &account);
    say(&world, "Deals", &deal);
    say(&world, "Accounts", &account);
    work(&world);
    let parked_now = parked(&world);
    let codes: Vec<_> = parked_now
        .iter()
        .map(|(id, code)| (id.as_str(), code.as_str()))
        .collect();
    let (of_account, of_deal) = (format!("customer#{account}"), format!("order#{deal}"));
    assert_eq!(
        codes,
        [
            (of_account.as_str(), "E_REP_UNMAPPED"),
            (of_deal.as_str(), "E_REP_UNMAPPED")
        ]
    );
    let said = shown(&world, "Accounts", &account, "Sage_Status_Text").to_string();
    assert!(said.contains("salesperson"), "{said}");
    world.map_rep(&zoho(), &rep("01-0200"), "user-9");
    redrive_all(&world);
    work(&world);
    assert!(parked(&world).is_empty(), "{:?}", parked(&world));
    assert_eq!(jobs(&world).len(), 2);
}

#[test]
fn a_sale_that_is_not_won_any_more_is_taken_out_of_what_is_parked() {
    let world = sales();
    let deal = won_deal(&world, &account(&world));
    crm(&world).put_lines("Deals", &deal, "Sale_Items", Vec::new());
    say(&world, "Deals", &deal);
    work(&world);
    assert_eq!(parked(&world).len(), 1);
    crm(&world).edit(
        "Deals",
        &deal,
        "u",
        fields([("Stage", text("Negotiation"))]),
    );
    say(&world, "Deals", &deal);
    work(&world);
    assert!(parked(&world).is_empty());
    assert_eq!(
        shown(&world, "Deals", &deal, "Sage_Status_Text"),
        Value::Blank
    );
}

#[test]
fn an_event_of_a_target_that_this_worker_has_not_read_of_yet_waits() {
    let mut world = sales();
    let deal = won_deal(&world, &account(&world));
    let target = world.config.targets.remove(&zoho()).unwrap();
    say(&world, "Deals", &deal);
    assert_eq!(world.transform_once().unwrap().failed.len(), 1);
    assert!(parked(&world).is_empty());
    world.config.targets.insert(zoho(), target);
    work(&world);
    assert_eq!(placed(&world).len(), 1);
    // Nobody adds it: then a person is told.
    world.config.targets.remove(&zoho());
    say(&world, "Deals", &deal);
    work(&world);
    let codes: Vec<_> = parked(&world).into_iter().map(|(_, code)| code).collect();
    assert_eq!(codes, ["E_TARGET_UNKNOWN"]);
}
