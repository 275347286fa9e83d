//! Texts reach Sage as the CRM has them, and sentences say what is known.

use super::money::{CHAIR, NUMBER, PAPER, lines, order, priced, sold, text_of};
use super::*;

#[test]
fn a_text_whose_case_or_spaces_changed_is_sent() {
    let world = shop(1);
    let sale = |comment: &str| {
        let mut one = priced("1", CHAIR, 2, "100", "0");
        one.columns = Fields::from([("CommentText".to_owned(), text(comment))]);
        vec![one]
    };
    let header = |comment: &str| [("Comment", text(comment))];
    sold(&world, sale("black"), &header("ring dr. who"));
    for comment in ["ring Dr. Who", "ring  Dr. Who", "RING DR. WHO"] {
        sold(&world, sale("black"), &header(comment));
        assert_eq!(world.sage.header(&abc(), NUMBER)["Comment"], text(comment));
    }
    for comment in ["Black", "BLACK", "B lack", "B  lack"] {
        sold(&world, sale(comment), &header("RING DR. WHO"));
        let row = world.sage.order_row(&abc(), NUMBER).unwrap();
        assert_eq!(row.lines["000001"]["CommentText"], text(comment));
    }
    assert_eq!(world.sage.changed_by_us().len(), 7);
    assert_eq!(parked(&world), []);
}

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
