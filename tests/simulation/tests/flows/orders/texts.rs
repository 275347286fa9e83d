//! Texts reach Sage as the CRM has them, and sentences say what is known.

use super::money::{CHAIR, NUMBER, PAPER, lines, order, priced, sold, text_of};
use super::*;
use counterpart_domain::sale::{ORDER_HEADER, ORDER_LINE};

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

/// A sale with a comment on its second line.
fn commented(comment: &str) -> Vec<SaleLine> {
    let mut second = priced("2", PAPER, 1, "20", "0");
    second.columns = Fields::from([("CommentText".to_owned(), text(comment))]);
    vec![priced("1", CHAIR, 2, "100", "0"), second]
}

#[test]
fn what_sage_cannot_hold_is_told_by_line_and_field_before_anything_is_written() {
    for (soap, comment, code, told) in [
        (
            true,
            "to Łódź",
            "E_ORDER_VALUE_INVALID",
            "Description of line 2 (\"2480-8-50\") is \"to Łódź\", with characters that Sage 100 does not have: 'Ł' (U+0141), 'ź' (U+017A). Write it in other letters.",
        ),
        (
            false,
            "北京",
            "E_ORDER_VALUE_INVALID",
            "Description of line 2 (\"2480-8-50\") is \"北京\", with characters that Sage 100 does not have: '北' (U+5317), '京' (U+4EAC). Write it in other letters.",
        ),
        (
            true,
            "a\u{1}b",
            "E_ORDER_VALUE_INVALID",
            "Description of line 2 (\"2480-8-50\") has a control character (U+0001) in \"a\\u{1}b\", which Sage 100 cannot hold. Take it out: type the text anew.",
        ),
        (
            false,
            "fragile goods",
            "E_ORDER_TOO_LONG",
            "Description of line 2 (\"2480-8-50\") has 13 characters (\"fragile goods\"), and Sage 100 takes 8. Shorten it.",
        ),
    ] {
        let world = shop(1);
        world.sage.write_by_soap(&abc(), soap);
        world
            .sage
            .tell_of_texts(None, &[(&ORDER_LINE, "CommentText", 8)]);
        sold(&world, commented(comment), &[]);
        assert_eq!(
            parked(&world),
            [("order#deal-1".to_owned(), code.to_owned())]
        );
        assert_eq!(text_of(&world), told);
        assert!(world.sage.created().is_empty() && orders(&world).is_empty());
        // Mended in the CRM, it goes.
        sold(&world, commented("Müller"), &[]);
        assert_eq!(parked(&world), []);
        let row = world.sage.order_row(&abc(), NUMBER).unwrap();
        assert_eq!(row.lines["000002"]["CommentText"], text("Müller"));
        // And an update is no other way.
        sold(&world, commented(comment), &[]);
        assert_eq!(
            parked(&world),
            [("order#deal-1".to_owned(), code.to_owned())]
        );
        let row = world.sage.order_row(&abc(), NUMBER).unwrap();
        assert_eq!(row.lines["000002"]["CommentText"], text("Müller"));
    }
}

#[test]
fn the_buyers_name_never_refuses_an_order_and_is_cut_to_sages_own_length() {
    let world = shop(1);
    world
        .sage
        .tell_of_texts(Some("windows-1252"), &[(&ORDER_HEADER, "ConfirmTo", 10)]);
    let sale = || vec![priced("1", CHAIR, 2, "100", "0")];
    sold(
        &world,
        sale(),
        &[("ConfirmTo", text("Łukasz \u{1}Brzęczyszczykiewicz"))],
    );
    assert_eq!(parked(&world), []);
    assert_eq!(
        world.sage.header(&abc(), NUMBER)["ConfirmTo"],
        text("Lukasz  Br")
    );
    for _ in 0..3 {
        sold(
            &world,
            sale(),
            &[("ConfirmTo", text("Łukasz \u{1}Brzęczyszczykiewicz"))],
        );
    }
    assert_eq!(world.sage.changed_by_us(), Vec::<String>::new());
}
