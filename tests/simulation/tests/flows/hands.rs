//! Messages taken, sent and delivered by hand, and handlers that are interrupted.

use counterpart_delivery::Sent;
use counterpart_delivery::ports::Clock as _;
use counterpart_delivery::ports::{Outgoing, Parking as _, QueueName};
use counterpart_delivery::{ConfiguredMapper, Message};
use counterpart_simulation::world::World;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::scene::*;

/// Polls a future `polls` times, lets something else happen, and then runs it to its end. `None`: it was done before.
pub fn interrupted<T>(
    world: &World,
    polls: u64,
    future: impl Future<Output = T>,
    other: impl FnOnce(),
) -> (T, bool) {
    let mut future = pin!(future);
    for _ in 0..polls {
        if let Poll::Ready(answer) = future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            return (answer, false);
        }
    }
    other();
    (world.clock.block_on(future), true)
}

pub fn take_all(world: &World) -> Vec<String> {
    let bodies = world.writes(&zoho()).bodies();
    loop {
        let got = world.receive(&zoho());
        if got.is_empty() {
            break;
        }
        for message in got {
            world.writes(&zoho()).delete(&message.receipt);
        }
    }
    bodies
}

pub fn received(world: &World, body: &str, receive_count: u32) -> Message {
    let id = world.id();
    Message {
        id: id.clone(),
        receipt: id,
        receive_count,
        sent: Sent::once(world.clock.now()),
        queue: QueueName::CrmWrites(zoho()),
        group: None,
        body: body.to_owned(),
    }
}

pub fn deliver(world: &World, body: &str) {
    let message = received(world, body, 1);
    let report = world.clock.block_on(
        world
            .writer_with(ConfiguredMapper)
            .handle(&[message], world.deadline()),
    );
    assert!(report.failed.is_empty());
}

pub fn send(world: &World, body: &str) {
    let message = Outgoing::now(body.to_owned());
    world.writes(&zoho()).send(&[message]).unwrap()[0]
        .clone()
        .unwrap();
}

pub fn parked(world: &World) -> Vec<(String, String)> {
    let items = world
        .clock
        .block_on(world.store.inner.parked_of("zoho", None, 1000))
        .unwrap();
    items
        .into_iter()
        .map(|item| (item.id, item.fault.code.to_string()))
        .collect()
}

pub const QUARTER: Duration = Duration::from_secs(900);

/// One writer is interrupted at every await point by another that applies `second`; `first` is taken from the queue.
pub fn writer_interrupted(
    make: impl Fn() -> (World, String),
    other: impl Fn(&World),
    expect_parked: &[counterpart_domain::SageKey],
) -> Vec<String> {
    let mut wrong = Vec::new();
    for polls in 0.. {
        let (world, body) = make();
        let message = received(&world, &body, 1);
        let writer = world.writer_with(ConfiguredMapper);
        let batch = [message];
        let (report, was) = interrupted(
            &world,
            polls,
            writer.handle(&batch, world.deadline()),
            || other(&world),
        );
        if !was {
            break;
        }
        if !report.failed.is_empty() {
            send(&world, &body);
        }
        world.drain();
        let faults = world.faults_at_rest(expect_parked);
        if !faults.is_empty() {
            wrong.push(format!("{polls}: {faults:?}"));
        }
    }
    wrong
}
