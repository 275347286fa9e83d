//! The right money, and what people did in Sage.

use counterpart_delivery::invariants::{self, Broken};
use counterpart_domain::{Fields, Value};

use super::identity::{late, transformed_at_once};
use super::scene::{Line, amount, blank, text, town};
use crate::sim::town::{DELIVERY, Did, Sale, Town, Work, company, fields};

pub(super) fn another_quantity_of_a_discounted_line() -> Vec<Broken> {
    let town = town();
    let deal = town.enter(false, None, true, &[("DESK", "2", "100", "20")]);
    town.flow();
    town.change(&deal, fields([]), Some(&[("DESK", "3", "100", "20")]));
    town.at_rest()
}

pub(super) fn a_discount_is_taken_away() -> Vec<Broken> {
    let town = town();
    let lines: &[Line] = &[("DESK", "1", "100", "10"), ("CHAIR", "1", "50", "5")];
    let deal = town.enter(false, None, true, lines);
    town.flow();
    let lines: &[Line] = &[("DESK", "1", "100", "0"), ("CHAIR", "1", "50", "")];
    town.change(&deal, fields([]), Some(lines));
    town.at_rest()
}

pub(super) fn columns_are_blanked() -> Vec<Broken> {
    let town = town();
    let deal = town.enter(false, None, true, &[]);
    let mut line = town.line(&("DESK", "1", "100", ""));
    let comment = ("Description".to_owned(), Value::text("As agreed"));
    line.extend([comment.clone()]);
    let freight = ("Freight".to_owned(), Value::Number(amount("12")));
    let filled = Fields::from([comment, freight]);
    town.save(&deal, filled, Some(vec![line.clone()]));
    town.flow();
    town.pass_seconds(90);
    line.remove("Description");
    let mut blanked = blank("Description");
    blanked.extend(blank("Freight"));
    town.save(&deal, blanked, Some(vec![line]));
    town.at_rest()
}

pub(super) fn the_total_has_an_adjustment() -> Vec<Broken> {
    let town = town();
    let deal = town.enter(false, None, false, &[("DESK", "1", "100", "")]);
    let mut won = text("Stage", "Closed Won");
    won.insert("Adjustment".to_owned(), Value::Number(amount("7")));
    town.change(&deal, won, None);
    town.at_rest()
}

pub(super) fn a_clerk_works_on_the_order() -> Vec<Broken> {
    let town = town();
    let deal = town.enter(false, None, true, &[("CHAIR", "2", "45.50", "")]);
    town.flow();
    let (sage, abc, number) = (&town.world.sage, company("ABC"), town.last_order());
    let (one, freight, five) = (amount("1"), amount("9.37"), amount("5"));
    sage.clerk_adds_line(&abc, &number, DELIVERY, one, freight);
    let quantity = Value::Number(five);
    sage.clerk_sets_line(&abc, &number, "000001", "QuantityOrdered", quantity);
    worked(&town, &number, Did::Added(freight));
    worked(&town, &number, Did::Quantity("000001".to_owned(), five));
    town.change(&deal, text("Description", "Please hurry"), None);
    town.at_rest()
}

fn worked(town: &Town, number: &str, what: Did) {
    town.work.borrow_mut().push(Work {
        company: company("ABC"),
        number: number.to_owned(),
        what,
    });
}

const TWO_OF_ONE: &[Line] = &[("CHAIR", "1", "45.50", ""), ("CHAIR", "5", "45.50", "")];

pub(super) fn the_first_of_two_lines_goes() -> Vec<Broken> {
    noted_on_the_second(|town, deal| {
        // Who takes a line out leaves the other one as it is, its id included.
        let second = town.lines(deal).split_off(1);
        town.pass_seconds(90);
        town.save(deal, fields([]), Some(second));
    })
}

/// Only its id tells which of the two lines is left.
pub(super) fn the_second_of_two_lines_becomes_the_first() -> Vec<Broken> {
    noted_on_the_second(|town, deal| {
        let mut lines = town.lines(deal);
        lines.drain(..lines.len().saturating_sub(1));
        let quantity = Value::Number(amount("1"));
        for line in &mut lines {
            line.insert("Quantity".to_owned(), quantity.clone());
        }
        town.pass_seconds(90);
        town.save(deal, fields([]), Some(lines));
    })
}

/// A clerk notes something on the second of two lines with one item; then the sale is edited.
fn noted_on_the_second(edit: impl FnOnce(&Town, &Sale)) -> Vec<Broken> {
    let town = town();
    let deal = town.enter(false, None, true, TWO_OF_ONE);
    town.flow();
    let (sage, abc, number) = (&town.world.sage, company("ABC"), town.last_order());
    let note = Value::text("Red");
    sage.clerk_sets_line(&abc, &number, "000002", "UDF_COLOUR", note.clone());
    edit(&town, &deal);
    let mut broken = town.at_rest();
    let row = sage.order_row(&abc, &number);
    let stands = row.is_some_and(|row| {
        let noted = row.lines.get("000002");
        noted.and_then(|columns| columns.get("UDF_COLOUR")) == Some(&note)
    });
    let family = deal.family.clone();
    if !stands && !town.is_told(&family) {
        let what = "what a clerk noted on the second line is gone with the first";
        broken.push(Broken::new(&invariants::PEOPLE, what));
    }
    broken
}

pub(super) fn a_late_update_over_a_newer_one() -> Vec<Broken> {
    let town = town();
    let deal = town.enter(false, None, true, &[("CHAIR", "2", "45.50", "")]);
    town.flow();
    late(&town.world, "sage.update_order", 100);
    town.change(&deal, fields([]), Some(&[("CHAIR", "3", "45.50", "")]));
    town.transformed();
    town.world.write_sage_once();
    town.change(&deal, fields([]), Some(&[("CHAIR", "4", "45.50", "")]));
    town.at_rest()
}

pub(super) fn corrected_while_a_create_is_under_way() -> Vec<Broken> {
    let town = town();
    // No echo of our own heals it.
    town.hears_itself.set(false);
    late(&town.world, "sage.create_order", 50);
    let deal = town.enter(false, None, true, &[("CHAIR", "2", "45.50", "")]);
    town.transformed();
    town.world.write_sage_once();
    town.change(&deal, fields([]), Some(&[("CHAIR", "3", "45.50", "")]));
    town.at_rest()
}

pub(super) fn corrected_while_a_transform_is_slow() -> Vec<Broken> {
    let town = town();
    // No echo of our own heals it.
    town.hears_itself.set(false);
    let deal = town.enter(false, None, true, &[("CHAIR", "2", "45.50", "")]);
    let mut slow = super::races::reading(&town, "intent");
    town.pass_seconds(30);
    let lines = vec![town.line(&("CHAIR", "3", "45.50", ""))];
    town.save(&deal, fields([]), Some(lines));
    town.transformed();
    while town.world.write_sage_once().is_some() {}
    slow.finish_it(&town);
    town.at_rest()
}

pub(super) fn two_edits_in_one_second() -> Vec<Broken> {
    let town = town();
    // No echo of our own heals it.
    town.hears_itself.set(false);
    let deal = town.enter(false, None, true, &[("CHAIR", "2", "45.50", "")]);
    town.flow();
    let rest = 1_000 - town.now().as_millisecond().rem_euclid(1_000);
    let rest = std::time::Duration::from_millis(rest.unsigned_abs());
    town.world.clock.advance(rest);
    let edit = |quantity: &'static str| {
        let lines = vec![town.line(&("CHAIR", quantity, "45.50", ""))];
        town.save(&deal, fields([]), Some(lines));
    };
    edit("3");
    // The transform of the first edit has read the deal, and is slow.
    let mut slow = super::races::reading(&town, "crm.document");
    edit("4");
    transformed_at_once(&town);
    slow.finish_it(&town);
    town.at_rest()
}

pub(super) fn an_edit_back_while_the_job_of_the_first_is_tried_again() -> Vec<Broken> {
    let town = town();
    // No echo of our own heals it.
    town.hears_itself.set(false);
    let deal = town.enter(false, None, true, &[("CHAIR", "2", "45.50", "")]);
    town.flow();
    for quantity in ["3", "2"] {
        town.pass_seconds(30);
        let lines = vec![town.line(&("CHAIR", quantity, "45.50", ""))];
        town.save(&deal, fields([]), Some(lines));
        town.world.faults.fail_calls_of("sage.update_order", 1);
        town.transformed();
        let _ = town.world.write_sage_once();
    }
    town.at_rest()
}
