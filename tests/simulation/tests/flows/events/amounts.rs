//! What a sale comes to, line by line and as a whole, the units that it is counted in, and the codes that people type: from
//! the CRM's record to Sage's order and back.

use counterpart_delivery::ports::Settings as _;
use counterpart_domain::sale::SalesOrder;
use counterpart_domain::{CrmId, Fields, TargetName, Value};
use counterpart_simulation::world::World;
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::scene::*;
use super::whole::{ITEM, event_flow, flow};

const TIES: &str = "INV-TIES";

/// Sales orders whose totals count. `of_orders`: more settings of the orders.
fn selling(of_orders: &str) -> World {
    let counted =
        format!("stock = {{ module = \"Products\", on_hand = \"Qty_in_Stock\" }}\n{of_orders}");
    let world = sales_with(&config().replace("totals = \"ignore\"", &counted));
    for (code, price) in [(ITEM, "100"), (TIES, "120"), ("/DISCOUNT", "0")] {
        world.sage.put_item(&abc(), code, price.parse().unwrap());
    }
    world
}

/// A line of a product with this code: quantity and price.
fn of(world: &World, code: &str, quantity: &str, price: &str) -> Fields {
    fields([
        ("Product_Name", to(&product(world, code))),
        ("Quantity", number(quantity)),
        ("List_Price", number(price)),
    ])
}

fn approved(world: &World, lines: Vec<Fields>, more: Fields) -> CrmId {
    let mut header = fields([
        ("Subject", text("Desks")),
        ("Status", text("Approved")),
        ("Account_Name", to(&account(world))),
    ]);
    header.extend(more);
    let order = crm(world).put("Sales_Orders", None, header);
    crm(world).put_lines("Sales_Orders", &order, "Ordered_Items", lines);
    event_flow(world, "Sales_Orders", &order);
    order
}

/// People change a sales order.
fn changed(world: &World, order: &CrmId, lines: Option<Vec<Fields>>, header: Fields) {
    world.clock.advance(std::time::Duration::from_secs(300));
    if let Some(lines) = lines {
        crm(world).put_lines("Sales_Orders", order, "Ordered_Items", lines);
    }
    crm(world).edit("Sales_Orders", order, "user-1", header);
    event_flow(world, "Sales_Orders", order);
}

fn the_order(world: &World) -> SalesOrder {
    let mut orders = world.sage.all_orders(&abc());
    assert_eq!(orders.len(), 1, "{:?}", parked(world));
    orders.remove(0)
}

fn told(world: &World, order: &CrmId) -> String {
    shown(world, "Sales_Orders", order, "Sage_Status_Text").to_string()
}

fn codes_parked(world: &World) -> Vec<String> {
    parked(world).into_iter().map(|(_, code)| code).collect()
}

/// How often the company's Sage failed in a row, as its circuit says.
fn failures(world: &World) -> u32 {
    let name = TargetName::new("sage-abc").unwrap();
    let circuit = world.store.inner.circuit(&name);
    world.clock.block_on(circuit).unwrap().failures
}

fn total_of(total: &str) -> Fields {
    fields([("Grand_Total", number(total))])
}

// ---- codes ----------------------------------------------------------------------------------------------------------

#[test]
fn however_a_code_is_spelt_it_is_one_order_and_its_lines_stay_the_same() {
    let spellings = [
        "1001-hon-h252",
        "\u{A0}1001-HON-H252\u{200B}",
        "\t1001-Hon-h252\u{FEFF} ",
    ];
    for spelling in spellings {
        let world = selling("");
        let line = of(&world, spelling, "2", "100");
        let order = approved(&world, vec![line.clone()], total_of("200"));
        assert_eq!(codes_parked(&world), Vec::<String>::new(), "{spelling:?}");
        assert_eq!(the_order(&world).lines[0].item, ITEM);
        let number_of = the_order(&world).number;
        let note = text("Red");
        world
            .sage
            .clerk_sets_line(&abc(), &number_of, "000001", "UDF_COLOUR", note.clone());
        // The product's code is spelt otherwise from now on, and the quantity is another one.
        let Some(Value::Reference(product)) = line.get("Product_Name") else {
            panic!("{line:?}");
        };
        for (again, quantity) in [(ITEM, "3"), ("1001-hon-H252", "4")] {
            let product = CrmId(product.clone());
            let code = fields([("Product_Code", text(again))]);
            crm(&world).edit("Products", &product, "user-1", code);
            let mut line = crm(&world).lines(&order, "Ordered_Items").remove(0);
            line.insert("Quantity".to_owned(), number(quantity));
            let total = format!("{quantity}00");
            changed(&world, &order, Some(vec![line]), total_of(&total));
            let there = the_order(&world);
            assert_eq!(there.lines.len(), 1);
            assert_eq!(
                (there.lines[0].key.as_str(), there.net()),
                ("000001", total.parse().unwrap())
            );
            let row = world.sage.order_row(&abc(), &number_of).unwrap();
            assert_eq!(row.lines["000001"]["UDF_COLOUR"], note);
        }
        assert_eq!(codes_parked(&world), Vec::<String>::new());
        assert_eq!(failures(&world), 0, "the company's circuit is open");
        assert_eq!(
            shown(&world, "Products", &CrmId(product.clone()), "Qty_in_Stock"),
            number("100")
        );
    }
}

#[test]
fn a_code_that_no_item_can_have_is_named_and_stops_nobody_else() {
    let world = selling("");
    let odd = approved(
        &world,
        vec![of(&world, "1001\u{200B}-HON", "1", "1")],
        Fields::new(),
    );
    assert_eq!(codes_parked(&world), ["E_ITEM_CODE_INVALID"]);
    assert!(
        told(&world, &odd).contains("U+200B, which nobody sees"),
        "{}",
        told(&world, &odd)
    );
    approved(&world, vec![of(&world, ITEM, "1", "100")], total_of("100"));
    assert_eq!((world.sage.created().len(), failures(&world)), (1, 0));
}

#[test]
fn a_customers_number_in_small_letters_is_one_customer() {
    let config = config().replace(
        "division = \"01\"\n",
        "division = \"01\"\nnumber_field = \"Number\"\n",
    );
    let world = sales_with(&config);
    let client = fields([
        ("Account_Name", text("New Client")),
        ("Account_Type", text("Client")),
        ("Number", text("newco\u{200B}")),
        ("Owner", Value::Reference("user-1".to_owned())),
    ]);
    let account = crm(&world).put("Accounts", None, client);
    event_flow(&world, "Accounts", &account);
    world.clock.advance(crate::hands::QUARTER);
    world.poll_all(&abc());
    flow(&world);
    assert_eq!(codes_parked(&world), Vec::<String>::new());
    assert_eq!(world.sage.records_ever_made().len(), 1);
    assert_eq!(crm(&world).with_key("Accounts", "ABC:01-NEWCO").len(), 1);
    assert_eq!(
        crm(&world).with_key("Accounts", "ABC:01-NEWCO")[0].id,
        account
    );
    let named = |held: &counterpart_simulation::world::Held| {
        held.fields.get("Account_Name") == Some(&text("New Client"))
    };
    assert_eq!(
        crm(&world)
            .records("Accounts")
            .iter()
            .filter(|held| named(held))
            .count(),
        1
    );
}

// ---- the order as a whole -------------------------------------------------------------------------------------------

fn ten_at_a_hundred(world: &World, discount: &str, adjustment: &str, total: &str) -> CrmId {
    let more = fields([
        ("Discount", number(discount)),
        ("Adjustment", number(adjustment)),
        ("Grand_Total", number(total)),
    ]);
    approved(world, vec![of(world, ITEM, "10", "100")], more)
}

#[test]
fn discount_and_adjustment_of_the_whole_sale_are_in_the_order_and_go_with_it() {
    let world = selling("reductions = \"discount\"");
    let order = ten_at_a_hundred(&world, "200", "-5", "795");
    assert_eq!(
        codes_parked(&world),
        Vec::<String>::new(),
        "{}",
        told(&world, &order)
    );
    assert_eq!(the_order(&world).net(), Decimal::from(795));
    let none = fields([
        ("Discount", number("0")),
        ("Adjustment", number("0")),
        ("Grand_Total", number("1000")),
    ]);
    changed(&world, &order, None, none);
    assert_eq!(the_order(&world).net(), Decimal::from(1000));
    assert_eq!(
        codes_parked(&world),
        Vec::<String>::new(),
        "{}",
        told(&world, &order)
    );
}

#[test]
fn an_adjustment_without_a_place_is_told_before_there_is_an_order() {
    let world = selling("");
    let order = ten_at_a_hundred(&world, "200", "-5", "795");
    assert_eq!(codes_parked(&world), ["E_ORDER_ADJUSTMENT"]);
    assert!(
        told(&world, &order).contains("adjustment of -5"),
        "{}",
        told(&world, &order)
    );
    assert_eq!(world.sage.created(), Vec::<String>::new());
    // The discount alone needs no setting.
    let more = fields([("Adjustment", number("0")), ("Grand_Total", number("800"))]);
    changed(&world, &order, None, more);
    assert_eq!(the_order(&world).net(), Decimal::from(800));
    assert_eq!(codes_parked(&world), Vec::<String>::new());
}

#[test]
fn where_sage_prices_the_difference_is_told_with_both_amounts() {
    let config = config()
        .replace("totals = \"ignore\"", "")
        .replace("prices = \"crm\"", "prices = \"sage\"");
    let world = sales_with(&config);
    world.sage.put_item(&abc(), ITEM, "100".parse().unwrap());
    let order = ten_at_a_hundred(&world, "200", "-5", "795");
    assert_eq!(codes_parked(&world), ["E_ORDER_TOTAL_DIFFERS"]);
    assert!(
        told(&world, &order).contains("1000.00 there, and 795.00 the CRM says"),
        "{}",
        told(&world, &order)
    );
}

#[test]
fn an_adjustment_is_a_line_of_its_item_and_follows_the_sale() {
    let world = selling("reductions = { item = \"/DISCOUNT\" }");
    let order = ten_at_a_hundred(&world, "0", "-5", "995");
    let lines = |world: &World| -> Vec<String> {
        let lines = the_order(world).lines.into_iter();
        lines
            .map(|line| format!("{} {} {}", line.key, line.item, line.extension.normalize()))
            .collect()
    };
    assert_eq!(
        lines(&world),
        ["000001 1001-HON-H252 1000", "000002 /DISCOUNT -5"]
    );
    let less = fields([
        ("Adjustment", number("2.5")),
        ("Grand_Total", number("1002.5")),
    ]);
    changed(&world, &order, None, less);
    assert_eq!(
        lines(&world),
        ["000001 1001-HON-H252 1000", "000002 /DISCOUNT 2.5"]
    );
    assert_eq!(
        codes_parked(&world),
        Vec::<String>::new(),
        "{}",
        told(&world, &order)
    );
}

#[test]
fn a_discount_product_goes_by_the_setting_and_a_return_never() {
    let with = |of_orders: &str, quantity: &str, price: &str, total: &str| {
        let world = selling(of_orders);
        let lines = vec![
            of(&world, ITEM, "2", "100"),
            of(&world, "LOYALTY", quantity, price),
        ];
        approved(&world, lines, total_of(total));
        world
    };
    let world = with("", "1", "-30", "170");
    assert_eq!(codes_parked(&world), ["E_ORDER_PRICE_INVALID"]);
    for (setting, lines) in [
        ("reductions = \"discount\"", 1),
        ("reductions = { item = \"/discount\" }", 2),
    ] {
        let world = with(setting, "1", "-30", "170");
        assert_eq!(codes_parked(&world), Vec::<String>::new());
        let there = the_order(&world);
        assert_eq!(
            (there.net(), there.lines.len()),
            (Decimal::from(170), lines)
        );
        let world = with(setting, "-1", "30", "170");
        assert_eq!(codes_parked(&world), ["E_ORDER_QUANTITY_INVALID"]);
    }
}

#[test]
fn an_item_for_reductions_is_none_that_has_stock() {
    let world = selling("reductions = { item = \"INV-TIES\" }");
    let order = ten_at_a_hundred(&world, "0", "-5", "995");
    assert_eq!(codes_parked(&world), ["E_ITEM_NO_CHARGE"]);
    assert!(
        told(&world, &order).contains("INV-TIES"),
        "{}",
        told(&world, &order)
    );
    assert_eq!(world.sage.created(), Vec::<String>::new());
}

// ---- units ----------------------------------------------------------------------------------------------------------

fn counted_in(world: &World, unit: &str) -> Fields {
    let line = of(world, TIES, "24", "10");
    if let Some(Value::Reference(product)) = line.get("Product_Name") {
        let unit = fields([("Usage_Unit", text(unit))]);
        crm(world).edit("Products", &CrmId(product.clone()), "user-1", unit);
    }
    line
}

#[test]
fn twenty_four_each_are_never_twenty_four_cases() {
    let world = selling("");
    world.sage.sell_by(&abc(), TIES, "CASE", Decimal::from(12));
    let line = counted_in(&world, "Each");
    let order = approved(&world, vec![line], total_of("240"));
    assert_eq!(codes_parked(&world), ["E_ORDER_UNIT_DIFFERS"]);
    assert_eq!(world.sage.created(), Vec::<String>::new());
    let told = told(&world, &order);
    for word in ["\"Each\"", "by CASE (12 EACH each)", "unit_values"] {
        assert!(told.contains(word), "{word}: {told}");
    }
}

#[test]
fn a_line_whose_own_unit_is_blank_is_compared_as_one_that_names_none() {
    let lines = "lines = { unit = \"Unit\", unit_values = { Each = \"EACH\" } }";
    let config = config().replace("totals = \"ignore\"", "").replace(
        "cancel_when = [{ field = \"Status\", equals = \"Cancelled\" }]",
        &format!("{lines}\ncancel_when = [{{ field = \"Status\", equals = \"Cancelled\" }}]"),
    );
    for (unit, code) in [("", vec!["E_ORDER_UNIT_DIFFERS"]), ("Each", vec![])] {
        let world = sales_with(&config);
        world.sage.put_item(&abc(), TIES, "10".parse().unwrap());
        world.sage.sell_by(&abc(), TIES, "CASE", Decimal::from(12));
        let mut line = counted_in(&world, "Each");
        line.insert("Unit".to_owned(), text(unit));
        approved(&world, vec![line], total_of("240"));
        assert_eq!(codes_parked(&world), code, "{unit}");
    }
}

#[test]
fn units_that_are_one_or_are_set_up_go() {
    for (crm, sage, lines) in [
        ("Each", "EACH", ""),
        ("Each", "EA", ""),
        ("", "CASE", ""),
        (
            "Stück",
            "EACH",
            "product_unit = \"Product_Name.Usage_Unit\", unit_values = { \"Stück\" = \"EACH\" }",
        ),
        ("Each", "CASE", "product_unit = \"\""),
        (
            "Box",
            "CASE",
            "unit = \"Product_Name.Usage_Unit\", unit_values = { Box = \"case\" }",
        ),
    ] {
        let of_source = format!(
            "cancel_when = [{{ field = \"Status\", equals = \"Cancelled\" }}]\nlines = {{ {lines} }}"
        );
        let config = config().replace("totals = \"ignore\"", "").replace(
            "cancel_when = [{ field = \"Status\", equals = \"Cancelled\" }]",
            &of_source,
        );
        let world = sales_with(&config);
        world.sage.put_item(&abc(), TIES, "10".parse().unwrap());
        world.sage.sell_by(&abc(), TIES, sage, Decimal::from(12));
        let line = counted_in(&world, crm);
        approved(&world, vec![line], total_of("240"));
        assert_eq!(
            codes_parked(&world),
            Vec::<String>::new(),
            "{crm} {sage} {lines}"
        );
        assert_eq!(the_order(&world).net(), Decimal::from(240));
    }
}

// ---- decimals -------------------------------------------------------------------------------------------------------

#[test]
fn decimals_that_nobody_sees_make_no_other_order() {
    let world = selling("");
    let lines = vec![
        of(&world, ITEM, "3", "33.33333333"),
        of(&world, ITEM, "0.30000000000000004", "100"),
    ];
    let order = approved(&world, lines, total_of("130"));
    assert_eq!(
        codes_parked(&world),
        Vec::<String>::new(),
        "{}",
        told(&world, &order)
    );
    assert_eq!(the_order(&world).net(), Decimal::from(130));
    // Another event of the same finds nothing to be done.
    let before = world.sage.changed_by_us();
    event_flow(&world, "Sales_Orders", &order);
    assert_eq!(world.sage.changed_by_us(), before);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// However codes are spelt, each sale is one order of Sage's items, and a second look at it changes nothing.
    #[test]
    fn any_spelling_is_one_order(
        cases in prop::collection::vec(any::<bool>(), ITEM.len()), ends in "[ \u{A0}\u{200B}\t\u{FEFF}\u{2060}]{0,3}",
    ) {
        let letters = ITEM.chars().zip(cases).map(|(c, small)| if small { c.to_ascii_lowercase() } else { c });
        let typed: String = letters.collect();
        let world = selling("");
        let line = of(&world, &format!("{ends}{typed}{ends}"), "2", "100");
        let order = approved(&world, vec![line], total_of("200"));
        event_flow(&world, "Sales_Orders", &order);
        prop_assert_eq!(codes_parked(&world), Vec::<String>::new());
        prop_assert_eq!((world.sage.created().len(), world.sage.changed_by_us().len()), (1, 0));
        prop_assert_eq!(the_order(&world).lines.remove(0).item, ITEM);
    }
}
