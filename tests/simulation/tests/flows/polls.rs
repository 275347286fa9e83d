//! Pollers that are stopped, doubled, overtaken by a configuration, or read a broken agent.

use counterpart_delivery::ConfiguredMapper;
use counterpart_delivery::ports::Clock as _;
use counterpart_domain::{Entity, Value};
use counterpart_simulation::world::{CONFIG, killed_after};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::hands::{QUARTER, interrupted};
use crate::scene::*;

#[test]
fn two_pollers_after_a_lease_ran_out_lose_nothing() {
    let mut wrong = Vec::new();
    for polls in 0..120 {
        let world = populated();
        settle(&world);
        world.clock.advance(QUARTER);
        for n in 0..12 {
            world.sage.edit(
                &customer(&format!("0{}-C{n:02}", n % 2 + 1)),
                &[("City", "Racine")],
            );
        }
        let (poller, company) = (world.poller(), abc());
        let (_, was) = interrupted(
            &world,
            polls,
            poller.poll(&company, Entity::CUSTOMER, world.deadline()),
            || {
                world.clock.advance(Duration::from_secs(1_200));
                for n in 0..12 {
                    world.sage.edit(
                        &customer(&format!("0{}-C{n:02}", n % 2 + 1)),
                        &[("City", "Kenosha")],
                    );
                }
                world.poll(&abc(), Entity::CUSTOMER).unwrap();
                while world.write_once(&zoho(), ConfiguredMapper) {}
                world
                    .sage
                    .edit(&customer("01-C00"), &[("City", "Milwaukee")]);
            },
        );
        if !was {
            break;
        }
        world.drain();
        world.clock.advance(QUARTER);
        settle(&world);
        let _ = world.totals(&abc(), &zoho());
        let faults = world.faults_at_rest(&[]);
        if !faults.is_empty() {
            wrong.push(format!("{polls}: {faults:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_poll_that_is_stopped_again_and_again_ends_and_loses_nothing() {
    for seconds in [61u64, 62, 65] {
        let world = world();
        for n in 0..250 {
            put_customer(&world, &customer(&format!("01-{n:04}")), "Some Company");
        }
        let mut rounds = 0;
        loop {
            rounds += 1;
            assert!(rounds < 400, "{seconds}: never ends");
            let (poller, company) = (world.poller(), abc());
            let deadline = world.clock.now()
                + jiff::SignedDuration::from_secs(i64::try_from(seconds).unwrap());
            let mut future = pin!(poller.poll(&company, Entity::CUSTOMER, deadline));
            let mut polls = 0u32;
            let report = loop {
                if let Poll::Ready(report) = future
                    .as_mut()
                    .poll(&mut Context::from_waker(Waker::noop()))
                {
                    break report.unwrap();
                }
                polls += 1;
                if polls.is_multiple_of(8) {
                    world.clock.advance(Duration::from_millis(300));
                }
            };
            if rounds % 3 == 0 {
                world
                    .sage
                    .edit(&customer("01-0007"), &[("City", &format!("City {rounds}"))]);
            }
            if report.complete {
                break;
            }
            world.clock.advance(Duration::from_secs(60));
        }
        world.drain();
        settle(&world);
        let faults = world.faults_at_rest(&[]);
        assert!(faults.is_empty(), "{seconds} {rounds}: {faults:?}");
        let _ = world.totals(&abc(), &zoho());
        let open: u64 = world
            .totals(&abc(), &zoho())
            .iter()
            .map(|t| t.in_flight)
            .sum();
        assert_eq!(open, 0, "{seconds}: in flight");
    }
}

#[test]
fn a_mapping_pushed_while_a_first_import_is_under_way_closes_its_run() {
    let mut world = world();
    for n in 0..250 {
        put_customer(&world, &customer(&format!("01-{n:04}")), "Some Company");
    }
    {
        let (poller, company) = (world.poller(), abc());
        let n = 150;
        assert!(
            killed_after(
                &world.clock,
                n,
                poller.poll(&company, Entity::CUSTOMER, world.deadline())
            )
            .is_none()
        );
    }
    let text = CONFIG.replace(
        "Billing_City = \"City\"",
        "Billing_City = \"City\"\nTown = \"City\"",
    );
    world.config = counterpart_config::SyncConfig::parse(&text).unwrap();
    world.clock.advance(Duration::from_secs(1_200));
    settle(&world);
    assert_at_rest(&world, "mapped anew");
    assert!(
        world
            .store
            .inner
            .all_runs()
            .iter()
            .all(|run| run.finished_at.is_some()),
        "a run that nobody closes"
    );
}

#[test]
fn a_reinstalled_agent_whose_counter_starts_anew_is_noticed() {
    let world = world();
    put_customer(&world, &customer("01-ABF"), "One");
    for _ in 0..20 {
        settle(&world);
        world.clock.advance(QUARTER);
    }
    world.sage.restart_counter();
    world.sage.edit(&customer("01-ABF"), &[("City", "Racine")]);
    let polled = world.poll(&abc(), Entity::CUSTOMER);
    world.drain();
    let there = crm(&world).with_key("Accounts", "ABC:01-ABF")[0].fields["Billing_City"]
        == Value::text("Racine");
    assert!(
        polled.is_err() || there,
        "taken for superseded, and nobody was told"
    );
}

/// A writer's n-th call fails, or its answer is lost; no poll comes to help: the queue alone brings everything to rest.
#[test]
fn a_spoilt_call_of_the_writer_is_made_good_without_another_poll() {
    let mut wrong = Vec::new();
    for (edit, lose) in [(false, false), (false, true), (true, false), (true, true)] {
        for n in 0.. {
            let world = populated();
            world.poll(&abc(), Entity::CONTACT).unwrap();
            world.poll(&abc(), Entity::CUSTOMER).unwrap();
            if edit {
                world.drain();
                world.clock.advance(QUARTER);
                for at in 0..12 {
                    world.sage.edit(
                        &customer(&format!("0{}-C{at:02}", at % 2 + 1)),
                        &[("City", "Racine"), ("CreditLimit", "")],
                    );
                }
                world.poll(&abc(), Entity::CUSTOMER).unwrap();
            }
            if lose {
                world.faults.lose_answer(n);
            } else {
                world.faults.fail_before(n);
            }
            world.write_once(&zoho(), ConfiguredMapper);
            let calls = world.faults.calls();
            let name = world.faults.trace().get(n as usize).copied();
            world.faults.reset();
            world.drain();
            let faults = world.faults_at_rest(&[]);
            if !faults.is_empty() {
                wrong.push(format!("edit {edit} lose {lose} {n} {name:?}: {faults:?}"));
            }
            if calls <= n {
                break;
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What the next overlap would read again must not hide what the resumed window passed over: all stamps are a month old.
#[test]
fn the_poller_killed_at_any_await_point_of_a_first_import_of_old_records_loses_nothing() {
    let mut wrong = Vec::new();
    for polls in 1.. {
        let world = world();
        for n in 0..130 {
            put_customer(&world, &customer(&format!("01-{n:04}")), "Some Company");
        }
        world.clock.advance(Duration::from_secs(60 * 60 * 24 * 30));
        let (poller, company) = (world.poller(), abc());
        if killed_after(
            &world.clock,
            polls,
            poller.poll(&company, Entity::CUSTOMER, world.deadline()),
        )
        .is_some()
        {
            break;
        }
        world.clock.advance(Duration::from_secs(1_200));
        settle(&world);
        let faults = world.faults_at_rest(&[]);
        if !faults.is_empty() {
            wrong.push(format!(
                "{polls}: {} faults, {:?}",
                faults.len(),
                faults.first()
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
