//! What looks like nothing to be changed, and is not: texts that read as numbers, lines that the sale has no more.

use super::money::{CHAIR, NUMBER, lines, of_before, order, priced, sold, sold_again, text_of};
use super::*;

fn zip(world: &World) -> Value {
    world.sage.header(&abc(), NUMBER)["ShipToZipCode"].clone()
}

#[test]
fn a_text_with_zeros_before_it_is_no_number() {
    let world = shop(1);
    let sale = || vec![priced("1", CHAIR, 2, "100", "0")];
    sold(&world, sale(), &[("ShipToZipCode", text("2134"))]);
    // The zero that a spreadsheet took is put back.
    sold(&world, sale(), &[("ShipToZipCode", text("02134"))]);
    assert_eq!(zip(&world), text("02134"));
    // And what a clerk corrected is not written over in silence.
    sold(&world, sale(), &[("ShipToZipCode", text("2135"))]);
    world
        .sage
        .clerk_sets_header(&abc(), NUMBER, "ShipToZipCode", text("02135"));
    sold(
        &world,
        sale(),
        &[("ShipToZipCode", text("2135")), ("Comment", text("soon"))],
    );
    assert_eq!(zip(&world), text("02135"));
    assert_eq!(parked(&world)[0].1, "E_ORDER_CHANGED_IN_SAGE");
}

#[test]
fn of_an_order_of_before_a_line_too_many_is_for_a_person() {
    let world = shop(1);
    let sale = || vec![line(CHAIR, 2), line(CHAIR, 1)];
    sold(&world, sale(), &[]);
    of_before(&world, sale());
    // One of two lines of the same item is taken out of the sale.
    sold(&world, vec![line(CHAIR, 2)], &[]);
    assert_eq!(lines(&world).len(), 2);
    let parked = parked(&world);
    assert_eq!(parked.len(), 1, "{}", text_of(&world));
    assert_eq!(parked[0].1, "E_ORDER_CHANGED_IN_SAGE");
    assert_eq!(order(&world).lines.len(), 2);
}

#[test]
fn who_redrives_for_another_reason_does_not_write_over_what_they_were_not_told_of() {
    let world = shop(1);
    let sale = |quantity| vec![priced("1", CHAIR, quantity, "100", "0")];
    sold(&world, sale(2), &[]);
    let unknown = || vec![priced("1", CHAIR, 3, "100", "0"), line("NONE", 1)];
    sold(&world, unknown(), &[]);
    assert_eq!(parked(&world)[0].1, "E_ITEM_UNKNOWN");
    let five = Value::Number(5.into());
    world
        .sage
        .clerk_sets_line(&abc(), NUMBER, "000001", "QuantityOrdered", five);
    // The sale is corrected, and all that was parked for the item is sent again.
    sold_again(&world, sale(3), &[]);
    assert_eq!(lines(&world), ["000001 1001-HON-H252 5 500"]);
    assert_eq!(parked(&world)[0].1, "E_ORDER_CHANGED_IN_SAGE");
    for _ in 0..3 {
        sold_again(&world, sale(3), &[]);
        assert_eq!(lines(&world), ["000001 1001-HON-H252 3 300"]);
        assert_eq!(parked(&world), vec![]);
    }
}
