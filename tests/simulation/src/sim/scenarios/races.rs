//! Workers that overtake each other.

use counterpart_delivery::invariants::Broken;
use counterpart_delivery::ports::{Outgoing, QueueName};
use counterpart_delivery::{BatchReport, ConfiguredMapper, Message, TransformReport};
use counterpart_domain::{Company, Entity, SageKey, TargetName};

use crate::sim::org::ORGS;
use crate::sim::town::{Town, company, target};
use crate::sim::workers::Workers;
use crate::world::{Steps, World};

/// A transform that has read what its events name, and is slow from then on.
pub(super) struct Slow<'t> {
    steps: Steps<'t, TransformReport>,
    batch: Vec<Message>,
}

impl Slow<'_> {
    pub(super) fn finish_it(&mut self, town: &Town) {
        for _ in 0..10_000 {
            let Some(report) = self.steps.step() else {
                continue;
            };
            for message in &self.batch {
                if !report.failed.contains(&message.id) {
                    town.world.events().delete(&message.receipt);
                }
            }
            return;
        }
    }
}

/// Tells what changed, and has a transform go on until it has the answer of a call: `crm.document`, `intent`.
pub(super) fn reading<'t>(town: &'t Town, until: &str) -> Slow<'t> {
    let changes = town.crm(&ORGS[0]).take_changes();
    let mut workers = Workers::new(town);
    for told in changes {
        workers.tell_at_once(0, &told.module, &told.id);
    }
    let world = &town.world;
    let batch = world.receive_events();
    let (events, deadline) = (batch.clone(), world.deadline());
    let mut steps = Steps::new(async move {
        let transform = world.transform();
        transform.handle(&events, deadline).await
    });
    let before = world.faults.trace().len();
    for _ in 0..1_000 {
        if world
            .faults
            .trace()
            .iter()
            .skip(before)
            .any(|call| *call == until)
        {
            break;
        }
        let _not_yet = steps.step();
    }
    let _read = steps.steps(2);
    Slow { steps, batch }
}

fn hinted(world: &World, key: &SageKey, city: &str) -> Vec<String> {
    world.sage.edit(key, &[("City", city)]);
    let _hinted = world.hint(std::slice::from_ref(key));
    let zoho = target("zoho");
    let bodies = world.writes(&zoho).bodies();
    take(world, &zoho);
    bodies
}

fn take(world: &World, target: &TargetName) {
    for message in world.receive(target) {
        world.writes(target).delete(&message.receipt);
    }
}

fn message(world: &World, body: &str, receive_count: u32) -> Message {
    let id = world.id();
    Message {
        id: id.clone(),
        receipt: id,
        receive_count,
        sent: counterpart_delivery::Sent::once(counterpart_delivery::ports::Clock::now(
            &world.clock,
        )),
        queue: QueueName::CrmWrites(target("zoho")),
        group: None,
        body: body.to_owned(),
    }
}

fn writer<'w>(world: &'w World, message: Message) -> Steps<'w, BatchReport> {
    let deadline = world.deadline();
    Steps::new(async move {
        let writer = world.writer_with(ConfiguredMapper);
        writer.handle(&[message], deadline).await
    })
}

/// A is slow with the old state; B writes the new one; A is delivered again, finds something newer and asks for a repair R;
/// while R writes, A's old write lands.
pub(super) fn three_writers_of_one_link() -> Vec<Broken> {
    let mut broken = Vec::new();
    for slow in 0..60 {
        let mut is_over = false;
        for repair in 0..60 {
            let (found, ended) = three_writers(slow, repair);
            broken.extend(found);
            is_over = ended.0;
            if ended.0 || ended.1 {
                break;
            }
        }
        if is_over || !broken.is_empty() {
            break;
        }
    }
    broken
}

/// A linked customer, and packs with an older and a newer observation of it that nobody has written yet.
fn observed_twice() -> Option<(World, String, String)> {
    let world = World::new(1);
    let abc: Company = company("ABC");
    let key = SageKey::new(&abc, Entity::CUSTOMER, "01-ABF").ok()?;
    let rep = counterpart_domain::RepKey {
        company: abc.clone(),
        rep: "01-0100".to_owned(),
    };
    world.map_rep(&target("zoho"), &rep, "user-1");
    let columns = [
        ("ARDivisionNo", "01"),
        ("CustomerNo", "ABF"),
        ("CustomerName", "One"),
        ("CustomerStatus", "A"),
        ("SalespersonDivisionNo", "01"),
        ("SalespersonNo", "0100"),
    ];
    world.sage.edit(&key, &columns);
    world.poll_all(&abc);
    world.drain();
    world.clock.advance(std::time::Duration::from_secs(60));
    let older = hinted(&world, &key, "Racine").pop()?;
    world.clock.advance(std::time::Duration::from_secs(60));
    let newer = hinted(&world, &key, "Kenosha").pop()?;
    Some((world, older, newer))
}

/// What a worker did not finish comes back.
fn comes_back(world: &World, report: &BatchReport, body: String) {
    if report.failed.is_empty() {
        return;
    }
    let messages = [Outgoing::now(body)];
    let zoho = target("zoho");
    let _sent = world.writes(&zoho).send(&messages);
}

pub(super) fn two_writers_of_one_link() -> Vec<Broken> {
    let mut broken = Vec::new();
    for slow in 0..200 {
        let Some((world, older, newer)) = observed_twice() else {
            break;
        };
        let mut a = writer(&world, message(&world, &older, 1));
        if a.steps(slow).is_some() {
            break;
        }
        let b = writer(&world, message(&world, &newer, 1)).finish();
        let _b = world.clock.block_on(b);
        let report = world.clock.block_on(a.finish());
        comes_back(&world, &report, older);
        world.drain();
        broken.extend(world.records_at_rest(&[]));
    }
    broken
}

/// One interleaving. Whether A was at its end before it could be slow, and whether R was.
fn three_writers(slow: u64, repair: u64) -> (Vec<Broken>, (bool, bool)) {
    let Some((world, older, newer)) = observed_twice() else {
        return (Vec::new(), (true, true));
    };
    let zoho = target("zoho");
    let mut a = writer(&world, message(&world, &older, 1));
    if a.steps(slow).is_some() {
        return (Vec::new(), (true, false));
    }
    let _b = world
        .clock
        .block_on(writer(&world, message(&world, &newer, 1)).finish());
    let again = writer(&world, message(&world, &older, 2)).finish();
    let _again = world.clock.block_on(again);
    let batch = world.receive(&zoho);
    let mut r = match batch.first() {
        Some(first) => writer(&world, first.clone()),
        None => return (Vec::new(), (false, true)),
    };
    let is_over = r.steps(repair);
    if let Some(report) = &is_over {
        world.acknowledge(&batch, report);
    }
    let report = world.clock.block_on(a.finish());
    comes_back(&world, &report, older);
    if is_over.is_none() {
        let report = world.clock.block_on(r.finish());
        world.acknowledge(&batch, &report);
    }
    world.drain();
    (world.records_at_rest(&[]), (false, is_over.is_some()))
}
