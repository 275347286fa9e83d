//! A sale is no longer wanted.

use super::*;

#[test]
fn an_open_order_is_cancelled_and_what_was_asked_for_before_does_not_create_it_again() {
    let world = shop(1);
    let first = sale(&world, "deal-1");
    world.send_job(&first);
    world.drain_jobs();
    wait(&world, 5);
    world.faults.lose_answers_of("sage.cancel_order", 1);
    world.send_job(&cancellation(&world, "deal-1"));
    world.drain_jobs();
    assert_eq!(orders(&world), []);
    assert_eq!(intent(&world, "deal-1").stage, IntentStage::Cancelled);
    // Older, or redriven by somebody who was not asked: neither brings it back.
    wait(&world, 5);
    for job in [again(&world, &first), redriven(&world, &first)] {
        world.send_job(&job);
        world.drain_jobs();
    }
    assert_eq!((created(&world), parked(&world)), (1, vec![]));
    assert_sold(&world, "cancelled");
}

#[test]
fn an_invoiced_order_is_not_cancelled_and_a_person_is_told() {
    let world = shop(1);
    world.send_job(&sale(&world, "deal-1"));
    world.drain_jobs();
    world.sage.invoice(&abc(), "0000181");
    wait(&world, 5);
    world.send_job(&cancellation(&world, "deal-1"));
    world.drain_jobs();
    assert_eq!(parked(&world)[0].1, "E_ORDER_INVOICED");
    let done = intent(&world, "deal-1");
    assert_eq!(done.stage, IntentStage::Done);
    assert!(
        done.status_text.contains("credit memo"),
        "{}",
        done.status_text
    );
    assert_eq!(world.sage.changed_by_us(), Vec::<String>::new());
}

#[test]
fn a_sale_cancelled_before_its_order_was_created_may_be_taken_up_again_later() {
    let world = shop(1);
    let older = sale(&world, "deal-1");
    wait(&world, 5);
    world.send_job(&cancellation(&world, "deal-1"));
    world.send_job(&older);
    world.drain_jobs();
    assert_eq!(created(&world), 0);
    assert_eq!(intent(&world, "deal-1").stage, IntentStage::Cancelled);
    wait(&world, 5);
    world.send_job(&sale(&world, "deal-1"));
    world.drain_jobs();
    assert_eq!(created(&world), 1);
    assert_sold(&world, "taken up again");
}

#[test]
fn a_cancellation_finds_the_order_of_a_create_whose_answer_was_lost() {
    let mut unknown = 0;
    for polls in 1..60 {
        let world = shop(1);
        world.send_job(&sale(&world, "deal-1"));
        let batch = world.receive_jobs();
        let writer = world.sage_writer();
        let handled = writer.handle(&batch, world.deadline());
        let finished = counterpart_simulation::world::killed_after(&world.clock, polls, handled);
        if finished.is_some() || created(&world) == 0 {
            continue;
        }
        unknown += u32::from(intent(&world, "deal-1").stage == IntentStage::Sent);
        // The job itself is lost with its queue; only the cancellation comes.
        world.jobs().delete(&batch[0].receipt);
        wait(&world, 15);
        world.send_job(&cancellation(&world, "deal-1"));
        world.drain_jobs();
        assert_eq!(orders(&world), [], "killed after {polls}");
        assert_eq!(intent(&world, "deal-1").stage, IntentStage::Cancelled);
    }
    assert!(unknown > 0, "never killed while nobody knew");
}

#[test]
fn a_cancellation_waits_while_a_create_may_still_be_under_way() {
    let world = shop(1);
    world.faults.be_vague(true);
    world.faults.fail_calls_of("sage.create_order", 1);
    world.send_job(&sale(&world, "deal-1"));
    assert!(world.write_sage_once().is_some());
    world.jobs().time_out();
    let batch = world.receive_jobs();
    world.jobs().delete(&batch[0].receipt);
    wait(&world, 1);
    world.send_job(&cancellation(&world, "deal-1"));
    assert!(world.write_sage_once().is_some());
    assert_eq!(intent(&world, "deal-1").stage, IntentStage::Sent);
    // It lands after all.
    let reference = Reference::of(&zoho(), &abc(), &id("deal-1"));
    let mut late = counterpart_simulation::world::MemorySage::blank_order("0000181", &abf());
    late.reference = reference.as_str().to_owned();
    world.sage.put_order(&abc(), late);
    world.drain_jobs();
    assert_eq!(orders(&world), []);
    assert_sold(&world, "late");
}
