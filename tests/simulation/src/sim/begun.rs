//! Handlers that begin: each over a batch that its queue has for it, as a future that goes on step by step.

use counterpart_delivery::ingress::Sweeper;
use counterpart_delivery::ports::Clock as _;
use counterpart_delivery::{
    ConfiguredMapper, Context, CrmEvent, CrmWriter, OrderTransform, Poller, SageWriter,
};
use counterpart_domain::{Company, Entity, TargetName};

use super::town::Town;
use crate::VirtualClock;
use crate::memory::Chain;
use crate::world::{MemoryPorts, Steps, World};

/// Batches are small, so that there are many.
fn few(town: &Town) -> usize {
    usize::try_from(town.dice.between(1, 4)).unwrap_or(1)
}

/// What a handler works with whose own clock is not quite the world's.
const fn at<'w>(world: &'w World, clock: &'w VirtualClock) -> Context<'w, MemoryPorts> {
    Context {
        clock,
        ..world.context()
    }
}

/// The handler, its messages with their receipts, and the invocations that led to this one.
pub(super) type Begun<'w> = (Steps<'w, Vec<String>>, Vec<(String, String)>, Chain);

pub(super) fn transform(town: &Town, clock: VirtualClock) -> Begun<'_> {
    let world = &town.world;
    let (batch, chain) = world.invoke_transform(few(town));
    let receipts = batch
        .iter()
        .map(|message| (message.id.clone(), message.receipt.clone()))
        .collect();
    for message in &batch {
        town.story.tell(|| {
            let event = CrmEvent::decode(&message.body);
            let record = event.map_or_else(|_| "?".to_owned(), |event| event.record.0);
            format!(
                "  an event of {record}, received {} times",
                message.receive_count
            )
        });
    }
    let steps = Steps::new(async move {
        let deadline = clock.now() + World::FUNCTION;
        let handler = OrderTransform {
            context: at(world, &clock),
            crms: &world.crms,
        };
        handler.handle(&batch, deadline).await.failed
    });
    (steps, receipts, chain)
}

pub(super) fn sage_writer(town: &Town, clock: VirtualClock) -> Begun<'_> {
    let world = &town.world;
    let (batch, chain) = world.invoke_sage_writer(few(town));
    let receipts = batch
        .iter()
        .map(|message| (message.id.clone(), message.receipt.clone()))
        .collect();
    let agents = world.agents_now();
    let steps = Steps::new(async move {
        let deadline = clock.now() + World::FUNCTION;
        let handler = SageWriter {
            context: at(world, &clock),
            agents: &agents,
            writes: &world.sages,
        };
        handler.handle(&batch, deadline).await.failed
    });
    (steps, receipts, chain)
}

pub(super) fn crm_writer<'w>(
    town: &'w Town,
    clock: VirtualClock,
    target: &TargetName,
) -> Begun<'w> {
    let world = &town.world;
    let (batch, chain) = world.invoke_crm_writer(target);
    let receipts = batch
        .iter()
        .map(|message| (message.id.clone(), message.receipt.clone()))
        .collect();
    let steps = Steps::new(async move {
        let deadline = clock.now() + World::FUNCTION;
        let handler = CrmWriter {
            context: at(world, &clock),
            crms: &world.crms,
            mapper: ConfiguredMapper,
        };
        handler.handle(&batch, deadline).await.failed
    });
    (steps, receipts, chain)
}

pub(super) fn poller<'w>(
    town: &'w Town,
    clock: VirtualClock,
    company: &Company,
    entity: Entity,
) -> Begun<'w> {
    let (world, company) = (&town.world, company.clone());
    let steps = Steps::new(async move {
        let deadline = clock.now() + World::FUNCTION;
        let handler = Poller {
            context: at(world, &clock),
            sage: &world.sage,
        };
        if world.is_stuck() {
            return Vec::new();
        }
        // A poll that fails is begun again by the schedule.
        let _polled = handler.poll(&company, entity, deadline).await;
        Vec::new()
    });
    (steps, Vec::new(), Chain::default())
}

pub(super) fn sweeper(town: &Town, clock: VirtualClock) -> Begun<'_> {
    let world = &town.world;
    let steps = Steps::new(async move {
        let deadline = clock.now() + World::FUNCTION;
        let handler = Sweeper {
            context: at(world, &clock),
            crms: &world.crms,
        };
        if world.is_stuck() {
            return Vec::new();
        }
        // What fails is read by the next run.
        let _swept = handler.handle(deadline).await;
        Vec::new()
    });
    (steps, Vec::new(), Chain::default())
}
