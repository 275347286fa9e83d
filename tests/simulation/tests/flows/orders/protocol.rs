//! Answers that are lost, marks that are dropped, numbers that are taken.

use super::*;
use counterpart_domain::sale::OrderFile;

#[test]
fn a_create_whose_answer_is_lost_is_found_and_not_sent_again() {
    let world = shop(1);
    world.faults.lose_answers_of("sage.create_order", 1);
    world.send_job(&sale(&world, "deal-1"));
    world.drain_jobs();
    assert_eq!(created(&world), 1);
    assert_eq!(orders(&world).len(), 1);
    assert_eq!(intent(&world, "deal-1").sends, 1);
    assert_sold(&world, "the answer was lost");
}

#[test]
fn a_create_that_never_arrived_is_sent_again_under_the_same_number() {
    let world = shop(1);
    world.faults.be_vague(true);
    world.faults.fail_calls_of("sage.create_order", 2);
    world.send_job(&sale(&world, "deal-1"));
    world.drain_jobs();
    assert_eq!(created(&world), 1);
    let done = intent(&world, "deal-1");
    assert_eq!((done.number.as_deref(), done.sends), (Some("0000181"), 3));
    assert_sold(&world, "sent three times");
}

#[test]
fn a_lost_answer_whose_order_was_invoiced_meanwhile_is_found_in_the_history() {
    let mut world = shop(1);
    for polls in 1.. {
        world = shop(1);
        world.send_job(&sale(&world, "deal-1"));
        let batch = world.receive_jobs();
        let writer = world.sage_writer();
        let handled = writer.handle(&batch, world.deadline());
        let killed = counterpart_simulation::world::killed_after(&world.clock, polls, handled);
        assert!(killed.is_none(), "the create was never reached");
        // Killed right after Sage had it.
        if created(&world) > 0 {
            break;
        }
    }
    assert_eq!(intent(&world, "deal-1").stage, IntentStage::Sent);
    world.sage.invoice(&abc(), "0000181");
    world.jobs().time_out();
    wait(&world, 30);
    world.drain_jobs();
    assert_eq!(created(&world), 1);
    let done = intent(&world, "deal-1");
    assert_eq!(
        (done.stage, done.invoice.as_str()),
        (IntentStage::Done, "0100042")
    );
    assert_eq!(orders(&world)[0].file, OrderFile::History);
    assert_sold(&world, "invoiced");
}

#[test]
fn a_redrive_after_the_order_was_invoiced_creates_nothing() {
    let world = shop(1);
    let first = sale(&world, "deal-1");
    world.send_job(&first);
    world.drain_jobs();
    world.sage.invoice(&abc(), "0000181");
    for minutes in [1, 60, 60 * 24 * 90] {
        wait(&world, minutes);
        world.send_job(&redriven(&world, &first));
        world.drain_jobs();
    }
    assert_eq!(created(&world), 1);
    assert_sold(&world, "redriven");
}

#[test]
fn a_dropped_mark_alone_is_no_harm() {
    let world = shop(1);
    world.sage.drop_marker(1);
    world.send_job(&sale(&world, "deal-1"));
    world.drain_jobs();
    let done = intent(&world, "deal-1");
    assert_eq!((created(&world), done.stage), (1, IntentStage::Done));
    assert_eq!(parked(&world), []);
}

#[test]
fn a_dropped_mark_and_a_lost_answer_wait_for_a_person() {
    let world = shop(1);
    world.sage.drop_marker(1);
    world.faults.lose_answers_of("sage.create_order", 1);
    let first = sale(&world, "deal-1");
    world.send_job(&first);
    world.drain_jobs();
    let ambiguous = intent(&world, "deal-1");
    assert_eq!(ambiguous.stage, IntentStage::Ambiguous);
    let wanted = [("order#deal-1".to_owned(), "E_ORDER_AMBIGUOUS".to_owned())];
    assert_eq!(parked(&world), wanted);
    // Events and redrives alone settle nothing.
    for job in [again(&world, &first), redriven(&world, &first)] {
        world.send_job(&job);
        world.drain_jobs();
        assert_eq!(created(&world), 1);
        assert_eq!(parked(&world), wanted);
    }
    // The person writes the mark.
    let mark = ambiguous.reference.unwrap().as_str().to_owned();
    world
        .sage
        .edit_order(&abc(), "0000181", |order| order.reference = mark);
    world.send_job(&redriven(&world, &first));
    world.drain_jobs();
    assert_eq!(intent(&world, "deal-1").stage, IntentStage::Done);
    assert_eq!((created(&world), parked(&world)), (1, vec![]));
    assert_sold(&world, "marked by hand");
}

#[test]
fn a_doubtful_order_that_a_person_deleted_is_created_at_a_redrive() {
    let world = shop(1);
    world.sage.drop_marker(1);
    world.faults.lose_answers_of("sage.create_order", 1);
    let first = sale(&world, "deal-1");
    world.send_job(&first);
    world.drain_jobs();
    world.sage.remove_order(&abc(), "0000181");
    // An event is no decision of a person.
    world.send_job(&again(&world, &first));
    world.drain_jobs();
    assert_eq!(created(&world), 1);
    world.send_job(&redriven(&world, &first));
    world.drain_jobs();
    assert_eq!((orders(&world).len(), parked(&world)), (1, vec![]));
    assert_eq!(orders(&world)[0].number, "0000181");
    assert_sold(&world, "deleted by hand");
}

#[test]
fn a_reserved_number_that_another_user_took_costs_a_new_one() {
    let world = shop(1);
    world.sage.take_numbers(2, &customer("01-OTHER"));
    world.send_job(&sale(&world, "deal-1"));
    world.drain_jobs();
    let done = intent(&world, "deal-1");
    assert_eq!(done.number.as_deref(), Some("0000183"));
    assert_eq!(done.lost_numbers, ["0000181", "0000182"]);
    assert_eq!(created(&world), 1);
    assert_sold(&world, "taken twice");
}

#[test]
fn a_number_taken_for_the_same_customer_and_goods_before_anything_was_sent_is_anothers() {
    let world = shop(1);
    world.send_job(&sale(&world, "deal-1"));
    let batch = world.receive_jobs();
    // Killed between the reservation and the create.
    for polls in 1.. {
        let writer = world.sage_writer();
        let deadline = world.deadline();
        let killed = counterpart_simulation::world::killed_after(
            &world.clock,
            polls,
            writer.handle(&batch, deadline),
        );
        assert!(killed.is_none());
        let stored = world.store.inner.all_intents();
        if stored
            .iter()
            .any(|intent| intent.stage == IntentStage::Reserved)
        {
            break;
        }
        wait(&world, 30);
    }
    let number = intent(&world, "deal-1").number.unwrap();
    let mut theirs = counterpart_simulation::world::MemorySage::blank_order(&number, &abf());
    theirs.lines = vec![counterpart_domain::sale::SalesOrderLine {
        key: "000001".to_owned(),
        item: "1001-HON-H252".to_owned(),
        quantity: Decimal::TWO,
        shipped: Decimal::ZERO,
        unit_price: Decimal::ONE_HUNDRED,
        extension: Decimal::from(200),
        columns: Default::default(),
    }];
    world.sage.put_order(&abc(), theirs);
    world.jobs().time_out();
    wait(&world, 30);
    world.drain_jobs();
    let done = intent(&world, "deal-1");
    assert_eq!((done.stage, created(&world)), (IntentStage::Done, 1));
    assert_ne!(done.number.unwrap(), number);
    assert_sold(&world, "taken by the like");
}

#[test]
fn the_same_goods_of_another_customer_under_our_number_are_not_ours() {
    let world = shop(1);
    world.faults.be_vague(true);
    world.faults.fail_calls_of("sage.create_order", 1);
    world.send_job(&sale(&world, "deal-1"));
    assert!(world.write_sage_once().is_some());
    let other = customer("01-OTHER");
    let mut theirs = counterpart_simulation::world::MemorySage::blank_order("0000181", &other);
    theirs.lines = vec![counterpart_domain::sale::SalesOrderLine {
        key: "000001".to_owned(),
        item: "1001-HON-H252".to_owned(),
        quantity: Decimal::TWO,
        shipped: Decimal::ZERO,
        unit_price: Decimal::ONE_HUNDRED,
        extension: Decimal::from(200),
        columns: Default::default(),
    }];
    world.sage.put_order(&abc(), theirs);
    world.drain_jobs();
    assert_eq!((created(&world), parked(&world)), (1, vec![]));
    let done = intent(&world, "deal-1");
    assert_eq!(done.number.as_deref(), Some("0000182"));
    assert_sold(&world, "anothers");
}

#[test]
fn a_counter_that_only_gives_numbers_in_use_is_said() {
    let world = shop(1);
    world.sage.take_numbers(50, &customer("01-OTHER"));
    world.send_job(&sale(&world, "deal-1"));
    world.drain_jobs();
    assert_eq!(created(&world), 0);
    assert_eq!(parked(&world)[0].1, "E_ORDER_NUMBERS_TAKEN");
}

#[test]
fn two_orders_with_our_mark_are_for_a_person() {
    let world = shop(1);
    world.faults.lose_answers_of("sage.create_order", 1);
    let first = sale(&world, "deal-1");
    world.send_job(&first);
    // Somebody copies the order, mark and all, before anybody looks.
    let reference = Reference::of(&zoho(), &abc(), &id("deal-1"));
    for number in ["0000500", "0000501"] {
        let mut copy = counterpart_simulation::world::MemorySage::blank_order(number, &abf());
        copy.reference = reference.as_str().to_owned();
        world.sage.put_order(&abc(), copy);
    }
    world.drain_jobs();
    assert_eq!(intent(&world, "deal-1").stage, IntentStage::Ambiguous);
    let said = &world.store.inner.all_parked()[0].fault.message;
    assert!(
        said.contains("0000500") && said.contains("0000501"),
        "{said}"
    );
}

#[test]
fn a_create_is_repeated_within_its_bound_of_time_only() {
    let world = shop(1);
    let first = sale(&world, "deal-1");
    world.faults.be_vague(true);
    world.faults.fail_calls_of("sage.create_order", 1);
    world.send_job(&first);
    assert!(world.write_sage_once().is_some());
    assert_eq!(intent(&world, "deal-1").stage, IntentStage::Sent);
    wait(&world, 60 * 24 * 3);
    world.drain_jobs();
    assert_eq!((created(&world), orders(&world).len()), (0, 0));
    assert_eq!(parked(&world)[0].1, "E_ORDER_RESEND_TOO_LATE");
    // Another event is not a person's word; a redrive is.
    world.send_job(&again(&world, &first));
    world.drain_jobs();
    assert_eq!(created(&world), 0);
    world.send_job(&redriven(&world, &first));
    world.drain_jobs();
    assert_eq!((created(&world), parked(&world)), (1, vec![]));
    assert_eq!(intent(&world, "deal-1").number.as_deref(), Some("0000181"));
    assert_sold(&world, "redriven");
}

#[test]
fn another_content_under_an_unknown_create_ends_as_the_newest() {
    let world = shop(1);
    world.faults.lose_answers_of("sage.create_order", 1);
    world.faults.reset();
    let one = sale_of(&world, "deal-1", vec![line("1001-HON-H252", 1)]);
    world.faults.be_vague(true);
    world.faults.fail_calls_of("sage.create_order", 1);
    world.send_job(&one);
    assert!(world.write_sage_once().is_some());
    // The first is set aside by an operator's delete; the sale has another content by now.
    wait(&world, 5);
    let batch = world.receive_jobs();
    world.jobs().delete(&batch[0].receipt);
    let two = sale_of(&world, "deal-1", vec![line("2480-8-50", 4)]);
    world.faults.lose_answers_of("sage.create_order", 1);
    world.send_job(&two);
    world.drain_jobs();
    assert_eq!(created(&world), 1);
    assert_eq!(orders(&world)[0].lines[0].item, "2480-8-50");
    assert_sold(&world, "two contents");
}
