//! The table of sales was restored to a time before an order was made: the order is found by its mark, and what was written of
//! it is not known any more.

use super::*;

const CHAIR: &str = "1001-HON-H252";
const NUMBER: &str = "0000181";

/// A sale whose order is there, and a table that knows nothing of it.
fn forgotten() -> World {
    let world = shop(1);
    let before = world.store.inner.backup();
    sold(&world, 2);
    world.store.inner.restore(&before);
    world
}

fn edited(world: &World, quantity: i64) -> SageJob {
    wait(world, 5);
    sale_of(world, "deal-1", vec![line(CHAIR, quantity)])
}

fn sold(world: &World, quantity: i64) {
    world.send_job(&edited(world, quantity));
    world.drain_jobs();
}

fn quantity(world: &World) -> Decimal {
    orders(world)[0].lines[0].quantity
}

#[test]
fn an_order_that_is_as_its_sale_is_known_again() {
    let world = forgotten();
    sold(&world, 2);
    assert_eq!(world.sage.changed_by_us(), Vec::<String>::new());
    sold(&world, 3);
    assert_eq!(quantity(&world), Decimal::from(3));
    assert_eq!((created(&world), parked(&world)), (1, vec![]));
    assert_sold(&world, "known again");
}

#[test]
fn an_order_that_differs_from_its_sale_waits_for_a_person_since_a_clerk_may_have_changed_it() {
    let world = forgotten();
    let five = Value::Number(Decimal::from(5));
    world
        .sage
        .clerk_sets_line(&abc(), NUMBER, "000001", "QuantityOrdered", five);
    let three = edited(&world, 3);
    world.send_job(&three);
    world.drain_jobs();
    assert_eq!(quantity(&world), Decimal::from(5));
    assert_eq!(parked(&world)[0].1, "E_ORDER_CHANGED_IN_SAGE");
    let text = intent(&world, "deal-1").status_text;
    assert!(text.contains("5 x 1001-HON-H252 at 100"), "{text}");
    // Another edit changes nothing of that; a person decides.
    sold(&world, 4);
    assert_eq!(quantity(&world), Decimal::from(5));
    let four = edited(&world, 4);
    world.send_job(&redriven(&world, &four));
    world.drain_jobs();
    assert_eq!(
        (quantity(&world), parked(&world)),
        (Decimal::from(4), vec![])
    );
    sold(&world, 6);
    assert_eq!(
        (quantity(&world), parked(&world)),
        (Decimal::from(6), vec![])
    );
}
