//! The memory Sage itself: it changes orders as the contract of its agent says, and people change them too.

use counterpart_delivery::ports::{SageWrite as _, WriteContext};
use counterpart_domain::sale::{LineChange, OrderChange};

use super::*;

fn context() -> WriteContext<'static> {
    WriteContext {
        idempotency_key: "key",
        reference_column: "UDF_CRM_REFERENCE",
        parent: None,
    }
}

fn order_of(world: &World, lines: Vec<SaleLine>) -> SaleOrder {
    let mut job = sale_of(world, "deal-1", lines);
    place_of(&mut job).order.clone()
}

fn create(world: &World, order: &SaleOrder) {
    let customer = abf();
    let created = world
        .sage
        .create_order("0000181", &customer, order, context());
    world.clock.block_on(created).unwrap();
}

/// A change by which each line takes the first one of its item, and lines that nothing took go.
fn by_item(world: &World, order: &SaleOrder) -> OrderChange {
    let mut left = orders(world).remove(0).lines;
    let mut change = OrderChange {
        company: order.company.clone(),
        reference: order.reference.clone(),
        header: order.header.clone(),
        lines: Vec::new(),
        removed: Vec::new(),
    };
    for line in &order.lines {
        let place = left.iter().position(|held| held.item == line.item);
        let held = place.map(|place| left.remove(place));
        change.lines.push(LineChange {
            seen: held.as_ref().map(|held| (held.quantity, held.unit_price)),
            key: held.map(|held| held.key),
            item: line.item.clone(),
            columns: line.named(),
        });
    }
    let gone = left.into_iter().map(|held| (held.key, held.item));
    change.removed = gone.collect();
    change
}

fn update(world: &World, order: &SaleOrder) {
    let (customer, change) = (abf(), by_item(world, order));
    let updated = world
        .sage
        .update_order("0000181", &customer, &change, context());
    world.clock.block_on(updated).unwrap();
}

/// Keys, items, quantities, extensions.
fn lines(world: &World) -> Vec<(String, String, String, String)> {
    let order = orders(world).remove(0);
    let lines = order.lines.into_iter();
    lines
        .map(|line| {
            let (quantity, extension) = (line.quantity.to_string(), line.extension.to_string());
            (line.key, line.item, quantity, extension)
        })
        .collect()
}

fn is(expected: &[(&str, &str, &str, &str)]) -> Vec<(String, String, String, String)> {
    let own = |text: &str| text.to_owned();
    let expected = expected.iter();
    expected
        .map(|(key, item, quantity, amount)| (own(key), own(item), own(quantity), own(amount)))
        .collect()
}

const CHAIR: &str = "1001-HON-H252";
const PAPER: &str = "2480-8-50";

#[test]
fn lines_keep_their_keys_and_what_is_not_named_stays() {
    let world = shop(1);
    let mut first = line(CHAIR, 2);
    first.unit_price = Some(Decimal::from(100));
    first.discount_percent = Some(Decimal::from(10));
    first.columns = Fields::from([("CommentText".to_owned(), text("Black"))]);
    let mut order = order_of(&world, vec![first.clone(), line(PAPER, 1)]);
    create(&world, &order);
    world
        .sage
        .clerk_sets_line(&abc(), "0000181", "000001", "UDF_COLOUR", text("Red"));
    // No discount is named, no comment either: both stay, as does what a person put there.
    let mut again = line(CHAIR, 3);
    again.unit_price = Some(Decimal::from(100));
    order.lines = vec![line("/DELIVERY", 1), again];
    order.header = Fields::new();
    update(&world, &order);
    assert_eq!(
        lines(&world),
        is(&[
            ("000001", CHAIR, "3", "270.00"),
            ("000003", "/DELIVERY", "1", "5"),
        ])
    );
    let row = world.sage.order_row(&abc(), "0000181").unwrap();
    assert_eq!(row.lines["000001"]["CommentText"], text("Black"));
    assert_eq!(row.lines["000001"]["UDF_COLOUR"], text("Red"));
    assert_eq!(row.header["Comment"], text("From the CRM"));
    assert_eq!(row.order.total().to_string(), "275.00");
    // A discount of zero takes it away, a blank comment too; a blank unit says nothing.
    first.discount_percent = Some(Decimal::ZERO);
    first.columns = Fields::from([
        ("CommentText".to_owned(), Value::Blank),
        ("UDF_COLOUR".to_owned(), Value::Blank),
    ]);
    first.unit = Some("EACH".to_owned());
    order.lines = vec![first.clone()];
    update(&world, &order);
    first.unit = Some(String::new());
    order.lines = vec![first];
    update(&world, &order);
    assert_eq!(lines(&world), is(&[("000001", CHAIR, "2", "200")]));
    let row = world.sage.order_row(&abc(), "0000181").unwrap();
    let columns: Vec<_> = row.lines["000001"].keys().map(String::as_str).collect();
    assert_eq!(
        columns,
        ["LineDiscountPercent", "PriceOverridden", "UnitOfMeasure"]
    );
}

#[test]
fn totals_follow_from_discounts_and_freight_and_sage_prices_what_nobody_priced() {
    let world = shop(1);
    world.sage.set_price(&abf(), PAPER, Decimal::from(15));
    let mut order = order_of(&world, vec![line(PAPER, 2)]);
    order.header = Fields::from([
        ("FreightAmt".to_owned(), Value::Number(Decimal::from(9))),
        ("DiscountAmt".to_owned(), Value::Number(Decimal::from(4))),
    ]);
    create(&world, &order);
    assert_eq!(orders(&world)[0].total().to_string(), "35");
    world
        .sage
        .clerk_sets_line(&abc(), "0000181", "000001", "UnitPrice", text("12.50"));
    assert_eq!(orders(&world)[0].total().to_string(), "30.00");
    // What a person priced stays when the quantity changes.
    order.lines = vec![line(PAPER, 4)];
    update(&world, &order);
    assert_eq!(orders(&world)[0].total().to_string(), "55.00");
    world
        .sage
        .clerk_sets_header(&abc(), "0000181", "FreightAmt", Value::Blank);
    assert_eq!(orders(&world)[0].total().to_string(), "46.00");
}

#[test]
fn people_change_orders_and_an_update_of_the_agent_leaves_what_it_does_not_name() {
    let world = shop(1);
    let mut order = order_of(&world, vec![line(CHAIR, 2)]);
    let hold = ("OrderStatus".to_owned(), text("H"));
    order.header.extend([hold]);
    create(&world, &order);
    let sage = &world.sage;
    sage.clerk_releases(&abc(), "0000181");
    sage.clerk_adds_line(
        &abc(),
        "0000181",
        "/DELIVERY",
        Decimal::ONE,
        Decimal::from(9),
    );
    sage.clerk_sets_header(&abc(), "0000181", "ShipVia", text("UPS"));
    sage.clerk_types_over_mark(&abc(), "0000181", "PO 4711");
    assert_eq!(orders(&world)[0].total().to_string(), "209");
    order.header = Fields::from([("Comment".to_owned(), text("Other"))]);
    update(&world, &order);
    // The contract deletes what no line took, and sets the mark.
    let after = orders(&world).remove(0);
    assert_eq!(after.total().to_string(), "200");
    assert_eq!(after.reference, order.reference.as_str());
    assert_eq!(after.status, counterpart_domain::sale::OrderStatus::Open);
    assert_eq!(sage.header(&abc(), "0000181")["ShipVia"].to_string(), "UPS");
    sage.clerk_removes_line(&abc(), "0000181", "000001");
    assert!(orders(&world)[0].lines.is_empty());
}

#[test]
fn the_customer_of_an_order_stays() {
    let world = shop(1);
    let order = order_of(&world, vec![line(CHAIR, 2)]);
    create(&world, &order);
    let (other, change) = (customer("01-OTHER"), by_item(&world, &order));
    let updated = world
        .sage
        .update_order("0000181", &other, &change, context());
    let fault = world.clock.block_on(updated).unwrap_err();
    assert_eq!(fault.code, "E_SAGE_REFUSED");
}

#[test]
fn over_soap_what_changes_between_read_and_write_is_lost_and_another_mark_is_not_touched() {
    use counterpart_simulation::world::Steps;
    let world = shop(1);
    let mut order = order_of(&world, vec![line(CHAIR, 2)]);
    create(&world, &order);
    world.sage.write_by_soap(&abc(), true);
    order.lines = vec![line(CHAIR, 3)];
    let (customer, change) = (abf(), by_item(&world, &order));
    let mut updating = Steps::new(world.sage.update_order(
        "0000181",
        &customer,
        &change,
        context(),
    ));
    // It has read, and not yet written.
    updating.steps(3);
    world
        .sage
        .clerk_sets_header(&abc(), "0000181", "ShipVia", text("UPS"));
    world.clock.block_on(updating.finish()).unwrap();
    assert!(!world.sage.header(&abc(), "0000181").contains_key("ShipVia"));
    assert_eq!(lines(&world), is(&[("000001", CHAIR, "3", "300")]));
    world
        .sage
        .clerk_types_over_mark(&abc(), "0000181", "PO 4711");
    let updated = world
        .sage
        .update_order("0000181", &customer, &change, context());
    let fault = world.clock.block_on(updated).unwrap_err();
    assert_eq!(fault.code, "E_SAGE_REFUSED");
}
