//! What an order comes to in Sage is what its sale comes to, whatever is changed, taken away or done by people.

use std::rc::Rc;

use counterpart_domain::sale::SalesOrder;
use counterpart_simulation::world::{Fate, Fates, Steps};

use super::*;

pub const CHAIR: &str = "1001-HON-H252";
pub const PAPER: &str = "2480-8-50";
pub const NUMBER: &str = "0000181";

/// A line with an id, a price and a discount, as the CRM says.
pub fn priced(id: &str, item: &str, quantity: i64, price: &str, percent: &str) -> SaleLine {
    SaleLine {
        id: Some(super::id(id)),
        unit_price: Some(price.parse().unwrap()),
        discount_percent: Some(percent.parse().unwrap()),
        ..line(item, quantity)
    }
}

fn edited(world: &World, lines: Vec<SaleLine>, header: &[(&str, Value)]) -> SageJob {
    wait(world, 5);
    let mut job = sale_of(world, "deal-1", lines);
    let header = header.iter();
    place_of(&mut job).order.header = header
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect();
    job
}

/// The sale as it is now reaches Sage.
pub fn sold(world: &World, lines: Vec<SaleLine>, header: &[(&str, Value)]) {
    world.send_job(&edited(world, lines, header));
    world.drain_jobs();
}

/// A person sends the sale again.
pub fn sold_again(world: &World, lines: Vec<SaleLine>, header: &[(&str, Value)]) {
    let job = edited(world, lines, header);
    world.send_job(&redriven(world, &job));
    world.drain_jobs();
}

pub fn order(world: &World) -> SalesOrder {
    orders(world).remove(0)
}

/// Key, item, quantity, amount.
pub fn lines(world: &World) -> Vec<String> {
    let words = |line: counterpart_domain::sale::SalesOrderLine| {
        let (quantity, amount) = (line.quantity.normalize(), line.extension.normalize());
        format!("{} {} {quantity} {amount}", line.key, line.item)
    };
    order(world).lines.into_iter().map(words).collect()
}

pub fn text_of(world: &World) -> String {
    intent(world, "deal-1").status_text
}

pub fn code_of(world: &World) -> Option<String> {
    intent(world, "deal-1").code
}

#[test]
fn a_discount_that_turns_into_a_net_price_is_not_given_twice() {
    let world = shop(1);
    sold(&world, vec![priced("1", CHAIR, 2, "100", "10")], &[]);
    assert_eq!(order(&world).total().to_string(), "180.00");
    // 20 off three pieces is no exact percentage: the net price goes, and no discount.
    sold(&world, vec![priced("1", CHAIR, 3, "93.333333", "0")], &[]);
    assert_eq!(order(&world).total().to_string(), "280.00");
    assert_eq!((parked(&world), code_of(&world)), (vec![], None));
}

#[test]
fn a_discount_that_is_taken_away_is_taken_away_in_sage() {
    let world = shop(1);
    sold(&world, vec![priced("1", CHAIR, 2, "100", "10")], &[]);
    sold(&world, vec![priced("1", CHAIR, 2, "100", "0")], &[]);
    assert_eq!(order(&world).total().to_string(), "200");
    assert_eq!(lines(&world), ["000001 1001-HON-H252 2 200"]);
}

#[test]
fn what_is_blanked_in_the_crm_is_blanked_in_sage_and_what_never_stood_there_stays() {
    let world = shop(1);
    let mut one = priced("1", CHAIR, 2, "100", "0");
    one.unit = Some("CASE".to_owned());
    one.warehouse = Some("001".to_owned());
    one.columns = Fields::from([("CommentText".to_owned(), text("Black"))]);
    let header = [
        ("CustomerPONo", text("PO 4711")),
        ("FreightAmt", Value::Number(12.into())),
        ("DiscountAmt", Value::Number(5.into())),
        ("ShipVia", text("UPS")),
        ("ConfirmTo", Value::Blank),
        ("TermsCode", text("01")),
    ];
    sold(&world, vec![one.clone()], &header);
    assert_eq!(order(&world).total().to_string(), "207");
    // Sage's own default, which the CRM never said anything of.
    world
        .sage
        .clerk_sets_header(&abc(), NUMBER, "ConfirmTo", text("Artie"));
    one.unit = Some(String::new());
    one.warehouse = Some(String::new());
    one.columns = Fields::from([("CommentText".to_owned(), Value::Blank)]);
    let blank = header.map(|(name, _)| (name, Value::Blank));
    // The clerk's name in ConfirmTo is a change of a column that is ours; a person says go on.
    sold(&world, vec![one.clone()], &blank);
    sold_again(&world, vec![one], &blank);
    let row = world.sage.order_row(&abc(), NUMBER).unwrap();
    for column in ["CustomerPONo", "ShipVia"] {
        assert!(!row.header.contains_key(column), "{column}: {row:?}");
    }
    assert_eq!(row.header["ConfirmTo"], text("Artie"), "never the CRM's");
    assert_eq!(
        row.header["TermsCode"],
        text("01"),
        "Sage takes no blank there"
    );
    assert!(!row.lines["000001"].contains_key("CommentText"));
    assert_eq!(
        row.lines["000001"]["UnitOfMeasure"],
        text("EACH"),
        "the item's own"
    );
    assert_eq!(row.lines["000001"]["WarehouseCode"], text("000"));
    assert_eq!(order(&world).total().to_string(), "200");
}

#[test]
fn of_two_lines_of_one_item_each_keeps_its_key_and_what_people_wrote_into_it() {
    let world = shop(1);
    let first = priced("a", CHAIR, 1, "100", "0");
    let second = priced("b", CHAIR, 5, "90", "0");
    sold(&world, vec![first, second.clone()], &[]);
    world
        .sage
        .clerk_sets_line(&abc(), NUMBER, "000002", "UDF_COLOUR", text("Red"));
    sold(&world, vec![second.clone()], &[]);
    assert_eq!(lines(&world), ["000002 1001-HON-H252 5 450"]);
    let row = world.sage.order_row(&abc(), NUMBER).unwrap();
    assert_eq!(row.lines["000002"]["UDF_COLOUR"], text("Red"));
    // A third one of the item is a new line, wherever it stands in the sale.
    sold(&world, vec![priced("c", CHAIR, 2, "80", "0"), second], &[]);
    let expected = ["000002 1001-HON-H252 5 450", "000003 1001-HON-H252 2 160"];
    assert_eq!(lines(&world), expected);
    assert_eq!(parked(&world), vec![]);
}

#[test]
fn a_change_of_the_header_names_no_lines() {
    let world = shop(1);
    let one = || vec![priced("1", CHAIR, 2, "100", "0")];
    sold(&world, one(), &[("Comment", text("soon"))]);
    world
        .sage
        .clerk_sets_line(&abc(), NUMBER, "000001", "UDF_COLOUR", text("Red"));
    sold(&world, one(), &[("Comment", text("later"))]);
    let row = world.sage.order_row(&abc(), NUMBER).unwrap();
    assert_eq!(row.header["Comment"], text("later"));
    assert_eq!(row.lines["000001"]["UDF_COLOUR"], text("Red"));
    let change = world.sage.last_change().unwrap();
    assert!(!change.changes_lines(), "{change:?}");
}

#[test]
fn what_a_clerk_did_stands_until_a_person_decides_and_an_added_line_for_ever() {
    let world = shop(1);
    let sale = || {
        vec![
            priced("1", CHAIR, 2, "100", "0"),
            priced("2", PAPER, 1, "20", "0"),
        ]
    };
    sold(&world, sale(), &[("Comment", text("soon"))]);
    world
        .sage
        .clerk_adds_line(&abc(), NUMBER, "/DELIVERY", Decimal::ONE, Decimal::from(25));
    world.sage.clerk_sets_line(
        &abc(),
        NUMBER,
        "000001",
        "QuantityOrdered",
        Value::Number(5.into()),
    );
    let by_clerk = lines(&world);
    // The sales person edits nothing but the comment.
    sold(&world, sale(), &[("Comment", text("later"))]);
    assert_eq!(lines(&world), by_clerk);
    assert_eq!(parked(&world)[0].1, "E_ORDER_CHANGED_IN_SAGE");
    let told = text_of(&world);
    for word in [
        "QuantityOrdered of line 000001",
        "1 x /DELIVERY at 25",
        "\"5\"",
    ] {
        assert!(told.contains(word), "{word}: {told}");
    }
    let fault = &world.store.inner.all_parked()[0].fault;
    assert!(
        fault.detail.contains("Sage 100: 5 x 1001-HON-H252"),
        "{}",
        fault.detail
    );
    assert!(
        fault.detail.contains("the sale: 2 x 1001-HON-H252"),
        "{}",
        fault.detail
    );
    // A person decides for the sale: its own lines are as it says, the clerk's stays, and the record tells of it.
    sold_again(&world, sale(), &[("Comment", text("later"))]);
    assert_eq!(
        lines(&world),
        [
            "000001 1001-HON-H252 2 200",
            "000002 2480-8-50 1 20",
            "000003 /DELIVERY 1 25"
        ]
    );
    assert_eq!(parked(&world), vec![]);
    assert!(
        text_of(&world).contains("/DELIVERY at 25 is in it and is not in the sale"),
        "{}",
        text_of(&world)
    );
    // And the next edit goes its way.
    sold(&world, sale(), &[("Comment", text("now"))]);
    assert_eq!(parked(&world), vec![]);
    assert_eq!(lines(&world).len(), 3);
    assert_eq!(world.sage.header(&abc(), NUMBER)["Comment"], text("now"));
}

#[test]
fn what_sage_itself_changes_is_nobodys_edit() {
    let world = shop(1);
    sold(&world, vec![priced("1", CHAIR, 2, "100", "0")], &[]);
    world.sage.edit_order(&abc(), NUMBER, |order| {
        order.status = counterpart_domain::sale::OrderStatus::Open;
        order.sales_tax = Decimal::from(7);
    });
    sold(&world, vec![priced("1", CHAIR, 3, "100", "0")], &[]);
    assert_eq!((parked(&world), code_of(&world)), (vec![], None));
    assert_eq!(lines(&world), ["000001 1001-HON-H252 3 300"]);
}

#[test]
fn the_same_change_made_on_both_sides_is_no_quarrel() {
    let world = shop(1);
    sold(&world, vec![priced("1", CHAIR, 2, "100", "0")], &[]);
    world.sage.clerk_sets_line(
        &abc(),
        NUMBER,
        "000001",
        "QuantityOrdered",
        Value::Number(5.into()),
    );
    let updates = world.sage.changed_by_us().len();
    sold(&world, vec![priced("1", CHAIR, 5, "100", "0")], &[]);
    assert_eq!(parked(&world), vec![]);
    assert_eq!(
        world.sage.changed_by_us().len(),
        updates,
        "nothing is left to be written"
    );
}

/// An order as the version before left it: a digest of its content and nothing else.
pub fn of_before(world: &World, lines: Vec<SaleLine>) {
    let mut old = intent(world, "deal-1");
    let job = sale_of(world, "deal-1", lines);
    let counterpart_delivery::job::Work::PlaceOrder(place) = job.work else {
        unreachable!()
    };
    old.content = Some(counterpart_delivery::intent::content_of_before(
        &place.order,
    ));
    old.written = Default::default();
    let (target, id, until) = (zoho(), order_id("deal-1"), later(world, 1));
    let stored = async {
        let store = &world.store.inner;
        let now = world.clock.now();
        store.lease_intent(&target, &id, "old", now, until).await?;
        store.save_intent(&old, "old").await?;
        store.release_intent(&target, &id, "old").await
    };
    world.clock.block_on(stored).unwrap();
}

#[test]
fn an_order_of_the_version_before_is_neither_written_again_nor_robbed_of_a_line() {
    let world = shop(1);
    let sale = || vec![line(CHAIR, 2), line(PAPER, 1)];
    world.send_job(&sale_of(&world, "deal-1", sale()));
    world.drain_jobs();
    of_before(&world, sale());
    wait(&world, 5);
    world.send_job(&sale_of(&world, "deal-1", sale()));
    world.drain_jobs();
    assert_eq!(world.sage.changed_by_us(), Vec::<String>::new());
    world
        .sage
        .clerk_adds_line(&abc(), NUMBER, "/DELIVERY", Decimal::ONE, Decimal::from(25));
    wait(&world, 5);
    world.send_job(&sale_of(
        &world,
        "deal-1",
        vec![line(CHAIR, 3), line(PAPER, 1)],
    ));
    world.drain_jobs();
    assert_eq!(parked(&world)[0].1, "E_ORDER_CHANGED_IN_SAGE");
    assert_eq!(lines(&world).len(), 3);
}

#[test]
fn an_update_without_an_answer_is_waited_for_before_another_one_goes() {
    let world = shop(1);
    sold(&world, vec![priced("1", CHAIR, 2, "100", "0")], &[]);
    // It is still on its way: Sage takes it only after nearly a minute.
    world.faults.decided_by(Some(Rc::new(Late)));
    let three = edited(&world, vec![priced("1", CHAIR, 3, "100", "0")], &[]);
    world.send_job(&three);
    assert!(world.write_sage_once().is_some());
    world.faults.decided_by(None);
    world.jobs().time_out();
    let batch = world.receive_jobs();
    world.jobs().delete(&batch[0].receipt);
    let mut four = sale_of(&world, "deal-1", vec![priced("1", CHAIR, 4, "100", "0")]);
    place_of(&mut four).order.header = Fields::new();
    world.send_job(&four);
    world.drain_jobs();
    wait(&world, 30);
    world.sage.land();
    assert_eq!(lines(&world), ["000001 1001-HON-H252 4 400"]);
    assert_eq!(parked(&world), vec![]);
}

/// Updates take effect nearly a minute after everybody gave them up.
#[derive(Debug)]
pub(super) struct Late;

impl Fates for Late {
    fn of(&self, _: &'static str) -> Fate {
        Fate::Done
    }

    fn lands_after(&self, call: &'static str) -> Option<Duration> {
        call.starts_with("sage.update")
            .then_some(Duration::from_secs(55))
    }
}

#[test]
fn an_order_that_is_released_is_not_put_on_hold_again() {
    use counterpart_domain::sale::OrderStatus;
    let mut world = shop(1);
    let target = world.config.targets.get_mut(&zoho()).unwrap();
    target.orders.as_mut().unwrap().credit = counterpart_config::CreditPolicy::Hold;
    world
        .sage
        .set_credit(&abf(), Decimal::from(50), Decimal::ZERO);
    sold(&world, vec![priced("1", CHAIR, 2, "100", "0")], &[]);
    assert_eq!(order(&world).status, OrderStatus::Hold);
    world.sage.clerk_releases(&abc(), NUMBER);
    sold(&world, vec![priced("1", CHAIR, 3, "100", "0")], &[]);
    assert_eq!(order(&world).status, OrderStatus::Open);
    assert_eq!(lines(&world), ["000001 1001-HON-H252 3 300"]);
}

#[test]
fn an_order_that_is_found_follows_the_newer_content() {
    let world = shop(1);
    world.faults.lose_answers_of("sage.create_order", 1);
    world.faults.fail_calls_of("sage.orders", 1);
    let two = edited(&world, vec![priced("1", CHAIR, 2, "100", "0")], &[]);
    world.send_job(&two);
    assert!(world.write_sage_once().is_some());
    let batch = world.receive_jobs();
    for job in &batch {
        world.jobs().delete(&job.receipt);
    }
    sold(&world, vec![priced("1", CHAIR, 7, "100", "0")], &[]);
    assert_eq!(lines(&world), ["000001 1001-HON-H252 7 700"]);
    assert_eq!((created(&world), parked(&world)), (1, vec![]));
    assert_sold(&world, "found");
}

#[test]
fn of_two_orders_that_one_customers_credit_is_enough_for_one_of_only_one_passes() {
    for writers in [1, 2] {
        for steps in 1..60 {
            let mut world = shop(1);
            let target = world.config.targets.get_mut(&zoho()).unwrap();
            target.orders.as_mut().unwrap().credit = counterpart_config::CreditPolicy::Refuse;
            let company = world.config.companies.get_mut(&abc()).unwrap();
            company.writers = writers;
            world
                .sage
                .set_credit(&abf(), Decimal::from(250), Decimal::ZERO);
            // Each comes to 200; by two accounts, so that neither waits for the other.
            world.send_job(&sale(&world, "deal-1"));
            let mut other = sale(&world, "deal-2");
            other.account = id("account-2");
            world.send_job(&other);
            let batch = world.receive_jobs();
            assert_eq!(batch.len(), 2);
            let (one, two) = (world.sage_writer(), world.sage_writer());
            let mut first = Steps::new(one.handle(&batch[..1], world.deadline()));
            let done = first.steps(steps);
            let second = two.handle(&batch[1..], world.deadline());
            world.clock.block_on(second);
            if done.is_none() {
                world.clock.block_on(first.finish());
            }
            world.jobs().time_out();
            world.drain_jobs();
            let codes: Vec<String> = parked(&world).into_iter().map(|(_, code)| code).collect();
            assert_eq!(
                (created(&world), codes),
                (1, vec!["E_CREDIT_EXCEEDED".to_owned()]),
                "{writers} writers, {steps} steps"
            );
        }
    }
}
