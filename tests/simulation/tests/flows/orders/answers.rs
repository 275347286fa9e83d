//! A redrive answers the question that was parked, and no other one.

use super::*;

const DAY: u64 = 24 * 60;

/// A create of which nobody knows what became; Sage never got it.
fn unanswered(world: &World, call: &'static str, job: &SageJob) {
    world.faults.be_vague(true);
    world.faults.fail_calls_of(call, 1);
    world.send_job(job);
    let _ = world.write_sage_once();
    world.faults.be_vague(false);
    world.jobs().time_out();
    let batch = world.receive_jobs();
    world.jobs().delete(&batch[0].receipt);
    wait(world, 2 * DAY);
}

fn codes(world: &World) -> Vec<String> {
    parked(world).into_iter().map(|(_, code)| code).collect()
}

#[test]
fn an_order_is_sent_again_by_who_was_asked_whether_it_may_be_there_only() {
    let world = shop(1);
    let job = sale(&world, "deal-1");
    unanswered(&world, "sage.create_order", &job);
    for code in [None, Some("E_ORDER_MOVED"), Some("E_SALE_TOO_OLD")] {
        world.send_job(&redriven_for(&world, &job, code));
        world.drain_jobs();
        assert_eq!(codes(&world), ["E_ORDER_RESEND_TOO_LATE"], "{code:?}");
        assert_eq!(created(&world), 0, "{code:?}");
    }
    world.send_job(&redriven(&world, &job));
    world.drain_jobs();
    assert_eq!((created(&world), parked(&world)), (1, vec![]));
}

#[test]
fn an_order_that_our_own_check_refused_after_it_was_sent_is_not_taken_for_one_that_sage_refused() {
    let world = shop(1);
    let job = sale(&world, "deal-1");
    world.faults.be_vague(true);
    world.faults.fail_calls_of("sage.create_order", 1);
    world.send_job(&job);
    let _ = world.write_sage_once();
    world.faults.be_vague(false);
    world.sage.set_inactive(&abc(), "1001-HON-H252", true);
    world.drain_jobs();
    assert_eq!(codes(&world), ["E_ITEM_INACTIVE"]);
    world.sage.set_inactive(&abc(), "1001-HON-H252", false);
    wait(&world, 2 * DAY);
    world.send_job(&redriven(&world, &job));
    world.drain_jobs();
    assert_eq!(created(&world), 0);
    assert_eq!(codes(&world), ["E_ORDER_RESEND_TOO_LATE"]);
}

#[test]
fn a_customer_is_sent_again_by_who_was_asked_whether_it_may_be_there_only() {
    let world = shop(1);
    let job = client(&world, "account-9", "Breslin Parts Supply");
    unanswered(&world, "sage.create_record", &job);
    for code in [None, Some("E_REP_UNMAPPED"), Some("E_CUSTOMER_MAY_EXIST")] {
        world.send_job(&redriven_for(&world, &job, code));
        world.drain_jobs();
        assert_eq!(codes(&world), ["E_RECORD_RESEND_TOO_LATE"], "{code:?}");
        assert_eq!(created(&world), 0, "{code:?}");
    }
    world.send_job(&redriven(&world, &job));
    world.drain_jobs();
    assert_eq!((created(&world), parked(&world)), (1, vec![]));
}

#[test]
fn a_number_is_given_up_by_who_was_asked_whose_it_is_only() {
    let world = shop(1);
    let job = client(&world, "account-9", "Breslin Parts Supply");
    world.faults.lose_answers_of("sage.create_record", 1);
    world.faults.fail_calls_after("sage.records", 1, 1);
    world.send_job(&job);
    let _ = world.write_sage_once();
    let key = SageKey::new(&abc(), counterpart_domain::Entity::CUSTOMER, "01-0000101").unwrap();
    assert_eq!(created(&world), 1);
    world.sage.edit(&key, &[("CustomerName", "Breslin & Sons")]);
    world.drain_jobs();
    assert_eq!(codes(&world), ["E_RECORD_AMBIGUOUS"]);
    for code in [None, Some("E_RECORD_RESEND_TOO_LATE")] {
        world.send_job(&redriven_for(&world, &job, code));
        world.drain_jobs();
        assert_eq!(codes(&world), ["E_RECORD_AMBIGUOUS"], "{code:?}");
        assert_eq!(created(&world), 1, "{code:?}");
    }
}
