//! Workers that die, and calls that fail, around a pause.

use counterpart_simulation::world::{Steps, killed_after};

use super::*;
use crate::orders::{assert_sold, created, parked as parked_jobs, sale, shop as sage_shop};

/// A worker takes a paused job and dies anywhere; then somebody resumes.
#[test]
fn a_paused_job_whose_worker_dies_anywhere_is_one_order() {
    for polls in 1.. {
        let world = sage_shop(1);
        world.send_job(&sale(&world, "deal-1"));
        let pause = world.pause(scope("ABC", "-", "-"), None);
        let batch = world.receive_jobs();
        let writer = world.sage_writer();
        let handled = killed_after(&world.clock, polls, writer.handle(&batch, world.deadline()));
        assert!(!world.drain_jobs_within(SignedDuration::from_hours(8)));
        let context = format!("killed after {polls} polls");
        assert_eq!(created(&world), 0, "{context}");
        world.resume(&pause.id);
        world.drain_jobs();
        assert_eq!(
            (created(&world), parked_jobs(&world)),
            (1, vec![]),
            "{context}"
        );
        assert_sold(&world, &context);
        if handled.is_some() {
            assert!(polls > 2, "only {polls} points were tried");
            return;
        }
    }
}

/// A pause begins while a worker is at any point of its job, which it ends; or it dies there, and what it left waits.
#[test]
fn a_pause_that_begins_anywhere_in_a_job_leaves_one_order() {
    for dies in [false, true] {
        for points in 0.. {
            let world = sage_shop(1);
            world.send_job(&sale(&world, "deal-1"));
            let batch = world.receive_jobs();
            let writer = world.sage_writer();
            let mut steps = Steps::new(writer.handle(&batch, world.deadline()));
            let mut report = steps.steps(points);
            let is_done = report.is_some();
            let pause = world.pause(scope("-", "-", "order"), None);
            if !dies && !is_done {
                report = Some(world.clock.block_on(steps.finish()));
            }
            if let Some(report) = &report {
                world.acknowledge_jobs(&batch, report);
            }
            let made = created(&world);
            let _ = world.drain_jobs_within(SignedDuration::from_hours(8));
            let context = format!("paused after {points} points, dies: {dies}");
            assert_eq!(created(&world), made, "{context}");
            world.resume(&pause.id);
            world.drain_jobs();
            assert_eq!(
                (created(&world), parked_jobs(&world)),
                (1, vec![]),
                "{context}"
            );
            assert_sold(&world, &context);
            if is_done {
                assert!(points > 12, "only {points} points were tried");
                break;
            }
        }
    }
}

/// Whoever pauses may be cut off at any moment: there is a pause with its note, or there is none.
#[test]
fn a_pause_whose_own_call_fails_is_there_with_its_note_or_not_at_all() {
    for n in 0..4 {
        for lost in [false, true] {
            let world = shop();
            world.faults.reset();
            match lost {
                true => world.faults.lose_answer(n),
                false => world.faults.fail_before(n),
            }
            let begun = counterpart_delivery::pause::change::begin(
                &world.store,
                &world.clock,
                scope("ABC", "-", "-"),
                "ann",
                "backup",
                None,
            );
            let begun = world.clock.block_on(begun);
            let now = world.clock.now();
            let store = &world.store.inner;
            let pauses = world.clock.block_on(store.pauses()).unwrap();
            let notes = world.clock.block_on(store.pause_notes(9)).unwrap();
            assert_eq!(pauses.on(now).count(), notes.len(), "call {n}");
            assert!(begun.is_err() || notes.len() == 1, "call {n}");
        }
    }
}
