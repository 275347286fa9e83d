//! Something was sent, and nobody knows what became of it.

use super::*;
use counterpart_domain::sale::ORDER_LINE;
use counterpart_domain::{Class, Fault};

/// The sale's order is in Sage without our mark, and no answer came.
fn stands_unmarked(world: &World) -> String {
    world.sage.drop_marker(1);
    world.faults.lose_answers_of("sage.create_order", 1);
    world.faults.fail_calls_after("sage.orders", 1, 1);
    world.send_job(&sale(world, "deal-1"));
    let _ = world.write_sage_once();
    assert_eq!(created(world), 1);
    assert_eq!(intent(world, "deal-1").stage, IntentStage::Sent);
    orders(world)[0].number.clone()
}

#[test]
fn an_order_without_its_mark_that_a_clerk_corrected_may_still_be_ours() {
    let world = shop(1);
    let number = stands_unmarked(&world);
    world.sage.edit_order(&abc(), &number, |order| {
        order.lines[0].quantity = Decimal::from(3);
    });
    world.drain_jobs();
    assert_eq!(created(&world), 1, "{:?}", world.sage.created());
    assert_eq!(
        parked(&world),
        [("order#deal-1".to_owned(), "E_ORDER_AMBIGUOUS".to_owned())]
    );
    // A person writes the mark into it.
    let mark = intent(&world, "deal-1").reference.unwrap();
    world.sage.edit_order(&abc(), &number, |order| {
        mark.as_str().clone_into(&mut order.reference);
    });
    wait(&world, 1);
    world.send_job(&redriven(&world, &sale(&world, "deal-1")));
    world.drain_jobs();
    assert_eq!(intent(&world, "deal-1").number, Some(number));
    // What the clerk corrected is a question of its own.
    assert_eq!(parked(&world)[0].1, "E_ORDER_TOTAL_DIFFERS");
    world.send_job(&redriven(&world, &sale(&world, "deal-1")));
    world.drain_jobs();
    assert_eq!((created(&world), parked(&world)), (1, vec![]));
    assert_eq!(orders(&world)[0].lines[0].quantity, Decimal::from(3));
}

#[test]
fn a_refusal_says_nothing_of_what_was_sent_before_it() {
    let world = shop(1);
    // The first create hangs somewhere on its way.
    world.faults.be_vague(true);
    world.faults.fail_calls_of("sage.create_order", 1);
    let first = sale(&world, "deal-1");
    world.send_job(&first);
    let _ = world.write_sage_once();
    let number = intent(&world, "deal-1").number.unwrap();
    // A second one would be refused: the period was closed meanwhile.
    world.sage.refuse("From the CRM");
    wait(&world, 1);
    let _ = world.write_sage_once();
    // Nothing is sent again as long as the first one may arrive: what would become of it, nobody could tell.
    let open = intent(&world, "deal-1");
    assert_eq!((open.stage, open.sends), (IntentStage::Sent, 1));
    assert_eq!(parked(&world), vec![]);
    wait(&world, 1);
    world.send_job(&cancellation(&world, "deal-1"));
    let _ = world.write_sage_once();
    assert_ne!(intent(&world, "deal-1").stage, IntentStage::Cancelled);
    // The first one arrives.
    let mark = intent(&world, "deal-1").reference.unwrap();
    let mut late = counterpart_simulation::world::MemorySage::blank_order(&number, &abf());
    mark.as_str().clone_into(&mut late.reference);
    world.sage.put_order(&abc(), late);
    world.drain_jobs();
    assert!(orders(&world).is_empty(), "the order stands");
    assert_eq!(intent(&world, "deal-1").stage, IntentStage::Cancelled);
}

#[test]
fn an_answer_that_cannot_be_read_says_nothing_of_what_was_sent() {
    let world = shop(1);
    world.faults.be_vague(true);
    world.faults.fail_calls_of("sage.create_order", 1);
    world.send_job(&sale(&world, "deal-1"));
    let _ = world.write_sage_once();
    assert_eq!(intent(&world, "deal-1").stage, IntentStage::Sent);
    let unreadable = Fault::new(Class::Data, "E_SAGE_CONTRACT", "The answer is no order.");
    world.faults.refuse_calls_of("sage.orders", unreadable);
    wait(&world, 1);
    let _ = world.write_sage_once();
    assert_eq!(intent(&world, "deal-1").stage, IntentStage::Ambiguous);
}

#[test]
fn where_sage_keeps_no_history_a_person_looks_before_anything_is_sent_again() {
    use counterpart_delivery::ports::Site;
    for (order_history, orders) in [(Some(false), 1), (Some(true), 2), (None, 2)] {
        let world = shop(1);
        world.sage.say_of_site(Site {
            order_history,
            ..Site::default()
        });
        world.faults.lose_answers_of("sage.create_order", 1);
        world.faults.fail_calls_after("sage.orders", 1, 1);
        world.send_job(&sale(&world, "deal-1"));
        let _ = world.write_sage_once();
        // Invoiced in full before anybody looked: it has left the open file, and there is no other.
        let number = intent(&world, "deal-1").number.unwrap();
        world.sage.remove_order(&abc(), &number);
        world.drain_jobs();
        assert_eq!(created(&world), orders, "{order_history:?}");
        let code = parked(&world).pop().map(|(_, code)| code);
        let asked = (orders == 1).then(|| "E_ORDER_NO_HISTORY".to_owned());
        assert_eq!(code, asked, "{order_history:?}");
    }
}

#[test]
fn what_the_version_before_sent_may_still_be_under_way() {
    let world = shop(1);
    world.faults.be_vague(true);
    world.faults.fail_calls_of("sage.create_order", 1);
    world.send_job(&sale(&world, "deal-1"));
    assert!(world.write_sage_once().is_some());
    world.jobs().time_out();
    let batch = world.receive_jobs();
    world.jobs().delete(&batch[0].receipt);
    // That version did not note when it was in doubt.
    let sent = intent(&world, "deal-1");
    let of_before = Intent {
        in_doubt: None,
        ..sent
    };
    crate::events::scene::save(&world, &of_before);
    wait(&world, 1);
    world.send_job(&cancellation(&world, "deal-1"));
    assert!(world.write_sage_once().is_some());
    assert_eq!(intent(&world, "deal-1").stage, IntentStage::Sent);
}

/// A sale whose first create hangs, and which is then saved with a text that Sage cannot hold.
fn refused_while_in_doubt(world: &World) -> SageJob {
    let told = [(&ORDER_LINE, "CommentText", 8)];
    world.sage.tell_of_texts(None, &told);
    world.faults.be_vague(true);
    world.faults.fail_calls_of("sage.create_order", 1);
    world.send_job(&sale(world, "deal-1"));
    let _ = world.write_sage_once();
    assert_eq!(intent(world, "deal-1").stage, IntentStage::Sent);
    world.jobs().time_out();
    let batch = world.receive_jobs();
    world.jobs().delete(&batch[0].receipt);
    wait(world, 1);
    let mut edited = sale(world, "deal-1");
    let long = ("CommentText".to_owned(), text("fragile goods"));
    place_of(&mut edited).order.lines[0].columns.extend([long]);
    world.send_job(&edited);
    let _ = world.write_sage_once();
    edited
}

#[test]
fn nobody_is_told_of_a_refusal_while_a_create_may_arrive() {
    let world = shop(1);
    refused_while_in_doubt(&world);
    assert_eq!(parked(&world), vec![], "somebody would enter it by hand");
    let number = intent(&world, "deal-1").number.unwrap();
    let mark = intent(&world, "deal-1").reference.unwrap();
    let mut late = counterpart_simulation::world::MemorySage::blank_order(&number, &abf());
    mark.as_str().clone_into(&mut late.reference);
    world.sage.put_order(&abc(), late);
    world.drain_jobs();
    let done = intent(&world, "deal-1");
    assert_eq!((done.stage, done.number), (IntentStage::Done, Some(number)));
    let told = [("order#deal-1".to_owned(), "E_ORDER_TOO_LONG".to_owned())];
    assert_eq!((created(&world), parked(&world)), (0, told.to_vec()));
}

#[test]
fn what_never_arrived_is_refused_once_it_no_longer_can() {
    let world = shop(1);
    let edited = refused_while_in_doubt(&world);
    world.drain_jobs();
    let refused = intent(&world, "deal-1");
    assert_eq!(refused.stage, IntentStage::Refused);
    assert!(refused.refused.is_some());
    assert_eq!(parked(&world)[0].1, "E_ORDER_TOO_LONG");
    // It is not tried again for being told of once more.
    world.send_job(&again(&world, &edited));
    world.drain_jobs();
    assert_eq!((created(&world), parked(&world).len()), (0, 1));
}
