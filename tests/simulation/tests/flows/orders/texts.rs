//! Texts reach Sage as the CRM has them, and sentences say what is known.

use super::money::{CHAIR, NUMBER, PAPER, lines, order, priced, sold, text_of};
use super::*;

#[test]
fn of_a_line_that_is_not_the_sales_only_that_is_said() {
    let world = shop(1);
    sold(&world, vec![priced("1", CHAIR, 2, "100", "0")], &[]);
    world
        .sage
        .clerk_adds_line(&abc(), NUMBER, PAPER, Decimal::ONE, Decimal::from(20));
    sold(&world, vec![priced("1", CHAIR, 3, "100", "0")], &[]);
    world.send_job(&redriven(
        &world,
        &sale_of(&world, "deal-1", vec![priced("1", CHAIR, 3, "100", "0")]),
    ));
    world.drain_jobs();
    assert_eq!(lines(&world).len(), 2, "{:?}", order(&world));
    let told = text_of(&world);
    assert!(
        told.contains("2480-8-50") && told.contains("is not in the sale"),
        "{told}"
    );
    assert!(!told.contains("was added"), "{told}");
}
