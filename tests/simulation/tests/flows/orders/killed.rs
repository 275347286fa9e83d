//! Killed at every await point; each answer lost once; each call failed once.

use super::*;
use counterpart_simulation::world::killed_after;

/// Prepares a world with one job in the queue, kills its worker at the n-th await point for every n, lets another finish,
/// and has the world checked.
pub fn kill_everywhere(prepare: impl Fn() -> World, check: impl Fn(&World, &str)) -> u64 {
    for polls in 1.. {
        let world = prepare();
        world.faults.reset();
        let batch = world.receive_jobs();
        let writer = world.sage_writer();
        let handled = killed_after(&world.clock, polls, writer.handle(&batch, world.deadline()));
        if let Some(report) = handled {
            world.acknowledge_jobs(&batch, &report);
            world.drain_jobs();
            check(&world, "not killed");
            return polls;
        }
        let context = format!(
            "killed after {polls} polls: {:?}",
            world.faults.trace().last()
        );
        world.drain_jobs();
        check(&world, &context);
    }
    unreachable!("some number of polls is enough")
}

/// The same with the n-th port call spoilt.
pub fn spoil_everywhere(
    prepare: impl Fn() -> World,
    spoil: impl Fn(&World, u64),
    check: impl Fn(&World, &str),
) -> u64 {
    for n in 0.. {
        let world = prepare();
        spoil(&world, n);
        assert!(world.write_sage_once().is_some());
        let (calls, trace) = (world.faults.calls(), world.faults.trace());
        world.faults.reset();
        world.drain_jobs();
        let spoilt = usize::try_from(n).ok().and_then(|n| trace.get(n));
        check(&world, &format!("call {n} spoilt: {spoilt:?}"));
        if calls <= n {
            return n;
        }
    }
    unreachable!("some number of calls is enough")
}

/// All three ways.
pub fn everywhere(prepare: impl Fn() -> World, check: impl Fn(&World, &str)) {
    let points = kill_everywhere(&prepare, &check);
    assert!(points > 12, "only {points} points were tried");
    for vague in [false, true] {
        let lose = |world: &World, n| {
            world.faults.be_vague(vague);
            world.faults.lose_answer(n);
        };
        let fail = |world: &World, n| {
            world.faults.be_vague(vague);
            world.faults.fail_before(n);
        };
        assert!(spoil_everywhere(&prepare, lose, &check) > 7);
        assert!(spoil_everywhere(&prepare, fail, &check) > 7);
    }
}

fn one_order(world: &World, context: &str) {
    assert_eq!(created(world), 1, "{context}");
    assert_eq!(parked(world), [], "{context}");
    assert_sold(world, context);
}

#[test]
fn a_sale_killed_anywhere_is_one_order() {
    let prepare = || {
        let world = shop(1);
        world.send_job(&sale(&world, "deal-1"));
        world
    };
    everywhere(prepare, |world, context| {
        one_order(world, context);
        assert_eq!(
            intent(world, "deal-1").stage,
            IntentStage::Done,
            "{context}"
        );
        assert!(intent(world, "deal-1").sage_total.is_some(), "{context}");
    });
}

#[test]
fn a_change_killed_anywhere_arrives() {
    let prepare = || {
        let world = shop(1);
        world.send_job(&sale(&world, "deal-1"));
        world.drain_jobs();
        wait(&world, 10);
        world.send_job(&sale_of(&world, "deal-1", vec![line("2480-8-50", 7)]));
        world
    };
    everywhere(prepare, |world, context| {
        one_order(world, context);
        assert_eq!(orders(world)[0].lines[0].item, "2480-8-50", "{context}");
        assert!(intent(world, "deal-1").content.is_some(), "{context}");
    });
}

#[test]
fn a_cancellation_killed_anywhere_cancels() {
    let prepare = || {
        let world = shop(1);
        world.send_job(&sale(&world, "deal-1"));
        world.drain_jobs();
        wait(&world, 10);
        world.send_job(&cancellation(&world, "deal-1"));
        world
    };
    everywhere(prepare, |world, context| {
        assert_eq!(created(world), 1, "{context}");
        assert_eq!(orders(world), [], "{context}");
        assert_eq!(
            intent(world, "deal-1").stage,
            IntentStage::Cancelled,
            "{context}"
        );
        assert_sold(world, context);
    });
}

#[test]
fn a_refusal_killed_anywhere_is_parked_once_and_burns_no_number() {
    let prepare = || {
        let world = shop(1);
        world.send_job(&sale_of(&world, "deal-1", vec![line("NO-SUCH-ITEM", 1)]));
        world
    };
    everywhere(prepare, |world, context| {
        assert_eq!(created(world), 0, "{context}");
        assert_eq!(parked(world).len(), 1, "{context}");
        assert_eq!(intent(world, "deal-1").number, None, "{context}");
        assert_sold(world, context);
    });
}
