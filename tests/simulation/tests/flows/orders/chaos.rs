//! Everything at once, from a seed: `SEED=7` runs one, `SEEDS=500` runs many.

use super::*;
use counterpart_delivery::ports::Ids as _;
use counterpart_simulation::world::killed_after;

fn seeds() -> Vec<u64> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    match (number("SEED"), number("SEEDS")) {
        (Some(seed), _) => vec![seed],
        (None, many) => (0..many.unwrap_or(40)).collect(),
    }
}

fn step(world: &World, jobs: &mut Vec<SageJob>) {
    let below = |n: u64| world.clock.random_below(n);
    let root = format!("deal-{}", below(6));
    let quantity = i64::try_from(1 + below(3)).unwrap_or(1);
    let mut job = match below(8) {
        0 => cancellation(world, &root),
        1 if !jobs.is_empty() => {
            let at = usize::try_from(below(jobs.len() as u64)).unwrap_or(0);
            again(world, &jobs[at])
        }
        2 if !jobs.is_empty() => {
            let at = usize::try_from(below(jobs.len() as u64)).unwrap_or(0);
            redriven(world, &jobs[at])
        }
        _ => sale_of(world, &root, vec![line("1001-HON-H252", quantity)]),
    };
    if let Work::PlaceOrder(place) = &mut job.work
        && root.ends_with('5')
    {
        place.order.customer.key = None;
        place.order.customer.account = id("account-5");
        place.order.customer.create = Some(new_customer("Five Ltd"));
    }
    job.account = id(&format!("account-{root}"));
    world.send_job(&job);
    jobs.push(job);
    world.faults.be_vague(below(2) == 0);
    match below(9) {
        0 => world.faults.lose_answers_of("sage.create_order", 1),
        1 => world.faults.fail_calls_of("sage.create_order", 1),
        2 => world.faults.lose_answers_of("save_intent", 1),
        3 => world.faults.lose_answers_of("sage.update_order", 1),
        4 => world.faults.lose_answers_of("sage.create_record", 1),
        5 => world.faults.fail_calls_of("sage.orders", 1),
        6 => world.sage.take_numbers(1, &customer("01-OTHER")),
        7 => world.sage.lock(&format!("{:07}", 181 + below(12)), 2),
        _ => {}
    }
    if below(12) == 0 {
        let now = world.clock.now();
        let minutes = i64::try_from(5 + below(60)).unwrap_or(5);
        world
            .sage
            .outage(now, now + SignedDuration::from_mins(minutes));
    }
    if below(10) == 0
        && let Some(order) = orders(world).last()
        && order.reference.starts_with("CP-")
    {
        world.sage.invoice(&abc(), &order.number);
    }
}

#[test]
fn sales_are_one_order_each_whatever_comes_together() {
    for seed in seeds() {
        let world = shop(seed);
        let mut jobs = Vec::new();
        for _ in 0..40 {
            step(&world, &mut jobs);
            let batch = world.receive_jobs();
            let polls = match world.clock.random_below(3) {
                0 => 1 + world.clock.random_below(120),
                _ => 100_000,
            };
            let writer = world.sage_writer();
            let handled = writer.handle(&batch, world.deadline());
            if let Some(report) = killed_after(&world.clock, polls, handled) {
                world.acknowledge_jobs(&batch, &report);
            }
            if world.clock.random_below(8) == 0 {
                world.jobs().time_out();
            }
            world
                .clock
                .advance(Duration::from_secs(world.clock.random_below(1_200)));
        }
        world.faults.reset();
        world.drain_jobs();
        let context = format!("SEED={seed}");
        let references: Vec<_> = orders(&world)
            .into_iter()
            .map(|order| order.reference)
            .filter(|reference| !reference.is_empty())
            .collect();
        let mut once = references.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), references.len(), "{context}: an order twice");
        let customers = world.sage.created();
        let customers = customers.iter().filter(|what| what.starts_with("customer"));
        assert!(customers.count() <= 1, "{context}: a customer twice");
        assert!(world.sage.most_at_once() <= 1, "{context}");
        // Nothing stands apart without being said: what is not done is parked or cancelled.
        for intent in world.store.inner.all_intents() {
            let parked = parked(&world)
                .iter()
                .any(|(id, _)| *id == intent.id.storage());
            let settled = matches!(intent.stage, IntentStage::Done | IntentStage::Cancelled);
            // Nobody transforms here: the record of a sale that is begun anew waits to be read.
            let root = format!("\"{}\"", intent.id.root.0);
            let events = world.events().bodies();
            let read_again = events.iter().any(|body| body.contains(&root));
            assert!(settled || parked || read_again, "{context}: {intent:#?}");
        }
        let wrong: Vec<_> = wrong_at_rest(&world)
            .into_iter()
            // An order that was sold, invoiced over and cancelled in Sage is told of, not repeated.
            .filter(|what| !what.contains("is done and has 0 orders"))
            .collect();
        assert!(wrong.is_empty(), "{context}: {wrong:#?}");
    }
}
