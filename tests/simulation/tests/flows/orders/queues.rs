//! Bodies that cannot be read, panics of time, configurations that are not known yet, workers that die.

use super::*;
use counterpart_delivery::Message;
use counterpart_delivery::ports::QueueName;

fn received(world: &World, body: String, group: &str, receive_count: u32) -> Message {
    Message {
        id: world.id(),
        receipt: world.id(),
        group: Some(group.to_owned()),
        queue: QueueName::SageWrites,
        receive_count,
        sent: counterpart_delivery::Sent::once(world.clock.now()),
        body,
    }
}

#[test]
fn a_bad_body_is_parked_and_its_group_goes_on() {
    let world = shop(1);
    let good = serde_json::to_string(&sale(&world, "deal-1")).unwrap();
    let newer = good.replacen("\"version\":1", "\"version\":9", 1);
    let batch = [
        received(&world, "no job".to_owned(), "g", 1),
        received(&world, newer, "g", 1),
        received(&world, good, "g", 1),
    ];
    let writer = world.sage_writer();
    let report = world
        .clock
        .block_on(writer.handle(&batch, world.deadline()));
    assert_eq!(report.failed, Vec::<String>::new());
    let codes: Vec<_> = parked(&world).into_iter().map(|(_, code)| code).collect();
    assert_eq!(codes.len(), 2);
    assert!(codes.contains(&"E_JOB_MALFORMED".to_owned()));
    assert!(codes.contains(&"E_JOB_VERSION".to_owned()));
    assert_eq!(created(&world), 1);
    // Its event can be read: a redrive begins with it.
    let parked = world.store.inner.all_parked();
    let version = parked
        .iter()
        .find(|item| item.fault.code == "E_JOB_VERSION");
    let event: CrmEvent = serde_json::from_str(&version.unwrap().payload).unwrap();
    assert_eq!(event.record, id("deal-1"));
}

#[test]
fn without_time_left_everything_goes_back_untouched() {
    let world = shop(1);
    for n in 0..3 {
        world.send_job(&sale(&world, &format!("deal-{n}")));
    }
    let batch = world.receive_jobs();
    let writer = world.sage_writer();
    let soon = world.clock.now() + SignedDuration::from_secs(60);
    let report = world.clock.block_on(writer.handle(&batch, soon));
    assert_eq!(report.failed.len(), 3);
    assert_eq!(world.store.inner.all_intents(), []);
    world.drain_jobs();
    assert_eq!(created(&world), 3);
    assert_sold(&world, "later");
}

#[test]
fn a_job_of_a_newer_configuration_waits() {
    let mut world = shop(1);
    let mut job = sale(&world, "deal-1");
    job.config_version = 2;
    world.send_job(&job);
    assert!(world.write_sage_once().is_some());
    assert_eq!((created(&world), parked(&world)), (0, vec![]));
    world.config_version = 2;
    world.drain_jobs();
    assert_eq!(created(&world), 1);
}

#[test]
fn a_job_that_kills_its_workers_is_parked_and_its_neighbour_is_not() {
    use counterpart_simulation::world::killed_after;
    let world = shop(1);
    let killer = sale(&world, "deal-1");
    world.send_job(&killer);
    let mut other = sale(&world, "deal-2");
    other.account = id("account-2");
    world.send_job(&other);
    let mut deaths = 0;
    while parked(&world).is_empty() {
        let batch = world.receive_jobs();
        let writer = world.sage_writer();
        // It dies as soon as it begins with the first job, as long as that one is tried.
        let first = batch.first().filter(|job| job.body.contains("deal-1"));
        let polls = match first {
            Some(job) if job.receive_count < 7 => 8,
            _ => 100_000,
        };
        let handled = writer.handle(&batch, world.deadline());
        match killed_after(&world.clock, polls, handled) {
            None => deaths += 1,
            Some(report) => world.acknowledge_jobs(&batch, &report),
        }
        assert!(deaths < 12, "it is never parked");
        wait(&world, 30);
    }
    assert_eq!(
        parked(&world),
        [("order#deal-1".to_owned(), "E_KILLS_WORKER".to_owned())]
    );
    world.drain_jobs();
    assert_eq!(intent(&world, "deal-2").stage, IntentStage::Done);
    // Redriven by a worker that lives, it is done.
    world.send_job(&redriven(&world, &killer));
    world.drain_jobs();
    assert_eq!((created(&world), parked(&world)), (2, vec![]));
    assert_sold(&world, "killers");
}

/// Workers that die before they have begun, so often that each try is noted from then on.
fn made_suspicious(world: &World) {
    for _ in 0..4 {
        let batch = world.receive_jobs();
        assert_eq!(batch.len(), 1);
        let writer = world.sage_writer();
        let handled = writer.handle(&batch, world.deadline());
        assert!(counterpart_simulation::world::killed_after(&world.clock, 1, handled).is_none());
        wait(world, 30);
    }
}

#[test]
fn a_try_that_was_noted_and_not_begun_is_no_kill() {
    let world = shop(1);
    world.send_job(&sale(&world, "deal-1"));
    made_suspicious(&world);
    world.faults.lose_answers_of("put_pack_progress", 12);
    world.drain_jobs();
    assert_eq!((created(&world), parked(&world)), (1, vec![]));
    assert_sold(&world, "noted in vain");
}

#[test]
fn workers_that_die_now_and_then_of_something_else_do_not_set_a_sale_aside() {
    let world = shop(1);
    world.send_job(&sale(&world, "deal-1"));
    made_suspicious(&world);
    for _ in 0..5 {
        for polls in [8, 100_000] {
            // It is tried, and comes to nothing: Sage cannot be asked.
            world.faults.fail_calls_of("sage.items", 100);
            let mut batch = world.receive_jobs();
            while batch.is_empty() && created(&world) == 0 {
                wait(&world, 60);
                batch = world.receive_jobs();
            }
            assert_eq!(created(&world), 0);
            let writer = world.sage_writer();
            let handled = writer.handle(&batch, world.deadline());
            if let Some(report) =
                counterpart_simulation::world::killed_after(&world.clock, polls, handled)
            {
                world.acknowledge_jobs(&batch, &report);
            }
            wait(&world, 60);
        }
    }
    world.faults.reset();
    world.drain_jobs();
    assert_eq!((created(&world), parked(&world)), (1, vec![]));
    assert_sold(&world, "now and then");
}

/// Why a company's agent cannot be called: Secrets Manager or KMS is out of reach, or what it gives is no secret.
fn no_secret(class: counterpart_domain::Class) -> counterpart_domain::Fault {
    let why = "The secret cannot be read.";
    counterpart_domain::Fault::new(class, "E_SECRET", why)
}

#[test]
fn a_secret_that_cannot_be_read_hands_its_jobs_back_in_their_order() {
    use counterpart_domain::Class;
    for class in [Class::Transient, Class::Configuration, Class::Data] {
        let mut world = shop(1);
        for n in 0..3 {
            world.send_job(&sale(&world, &format!("deal-{n}")));
        }
        world.agents.insert(abc(), Err(no_secret(class)));
        for _ in 0..5 {
            let next = world.jobs().next_visible().unwrap();
            world.clock.advance_to(next);
            let report = world.write_sage_once().unwrap();
            assert_eq!(report.failed.len(), 3, "{class:?}");
        }
        assert_eq!((created(&world), parked(&world)), (0, vec![]), "{class:?}");
        world.agents.insert(abc(), Ok(world.sage.clone()));
        world.drain_jobs();
        let number = |n| intent(&world, &format!("deal-{n}")).number;
        let numbers: Vec<_> = (0..3).map(number).collect();
        assert!(numbers.is_sorted(), "{class:?}: {numbers:?}");
        assert_eq!((created(&world), parked(&world)), (3, vec![]), "{class:?}");
        assert_sold(&world, "the secret is there again");
    }
}

#[test]
fn wrong_credentials_park_nothing() {
    let world = shop(1);
    world.send_job(&sale(&world, "deal-1"));
    let gone = world.sages.clone();
    drop(gone);
    let now = world.clock.now();
    world.sage.outage_with(
        now,
        now + SignedDuration::from_hours(2),
        counterpart_domain::Fault::new(
            counterpart_domain::Class::Configuration,
            "E_SAGE_UNAUTHORIZED",
            "Sage 100 refused the user.",
        ),
    );
    assert!(!world.drain_jobs_within(SignedDuration::from_mins(110)));
    assert_eq!(parked(&world), []);
    world.drain_jobs();
    assert_eq!(created(&world), 1);
    assert_sold(&world, "let in again");
}
