//! Thirteen days without Sage, without a CRM, without credentials, without what AWS gives: nothing is parked, nothing dies,
//! nothing grows too old, and an hour after the end everything is where it belongs.

mod aws;
mod crm;
mod odd;
mod sage;

use counterpart_delivery::ConfiguredMapper;
use counterpart_delivery::ports::Clock as _;
use counterpart_domain::{Class, CrmId, Entity, Fault, Value};
use counterpart_simulation::memory::MemoryQueue;
use counterpart_simulation::world::World;
use jiff::{SignedDuration, Timestamp};

use crate::events::records::two_way;
use crate::events::scene::*;
use crate::events::whole::selling;

pub const DAY: SignedDuration = SignedDuration::from_hours(24);
/// Within this after an outage everything is done.
const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// The receives of an outage of thirteen days; the redrive policy gives up at a thousand.
const MOST_RECEIVES: u32 = 400;

/// A company that sells, and edits that go both ways.
pub fn shop() -> World {
    selling(&two_way())
}

/// One turn of every worker that has something to do.
pub fn work_off(world: &World) {
    loop {
        let mut any = world.transform_once().is_some();
        any |= world.write_sage_once().is_some();
        for target in world.config.targets.keys() {
            any |= world.write_once(target, ConfiguredMapper);
        }
        if !any {
            return;
        }
    }
}

/// Workers whenever something is visible, and polls every hour, until then. What a poll comes to is its own business.
pub fn live_until(world: &World, end: Timestamp, work: impl Fn(&World)) {
    let mut poll = world.clock.now();
    while world.clock.now() < end {
        let next = [
            world.events().next_visible(),
            world.queue.inner.next_write(),
            world.jobs().next_visible(),
            Some(poll),
        ];
        let next = next.into_iter().flatten().min().unwrap_or(end);
        if next >= end {
            break;
        }
        world.clock.advance_to(next);
        if poll <= next {
            poll = world.clock.now() + HOUR;
            for entity in Entity::ALL {
                let _ = world.poll(&abc(), entity);
            }
        }
        work(world);
    }
    world.clock.advance_to(end);
}

/// What people do in a day: a deal is won, an account becomes a client with a deal of its own, a telephone number is changed,
/// and in Sage a customer moves and another one comes with a contact. The deals that were won.
pub fn a_day_of_people(world: &World, day: u32) -> Vec<CrmId> {
    let linked = account(world);
    let mut deals = vec![won_deal(world, &linked)];
    if day % 4 == 1 {
        let fresh = fields([
            ("Account_Name", text(&format!("Client {day}"))),
            ("Owner", Value::Reference("user-1".to_owned())),
            ("Account_Type", text("Client")),
            ("Phone", text(&format!("(414) 555-7{day:03}"))),
        ]);
        let client = crm(world).put("Accounts", None, fresh);
        say(world, "Accounts", &client);
        deals.push(won_deal(world, &client));
    }
    for deal in &deals {
        say(world, "Deals", deal);
    }
    let phone = fields([("Phone", text(&format!("(414) 555-8{day:03}")))]);
    crm(world).edit("Accounts", &linked, "u", phone);
    say(world, "Accounts", &linked);
    let moved = customer("01-ABF");
    world.sage.edit(&moved, &[("City", &format!("City {day}"))]);
    let number = format!("01-N{day:02}");
    put_customer(world, &customer(&number), "New");
    let of_it = contact(&format!("{number}/MAIN"));
    put_contact(world, &of_it, "Artie Johnson");
    deals
}

/// So many days of people at work, each with `work` as the workers.
pub fn days(world: &World, days: u32, work: impl Fn(&World)) -> Vec<CrmId> {
    let mut deals = Vec::new();
    let begin = world.clock.now();
    for day in 0..days {
        deals.extend(a_day_of_people(world, day));
        let end = begin + SignedDuration::from_hours(24 * i64::from(day + 1));
        live_until(world, end, &work);
    }
    deals
}

/// The outage is over: an hour later nothing waits, nothing is parked, dead or gone, and every deal is an order.
pub fn assert_over(world: &World, deals: &[CrmId], context: &str) {
    assert_over_within(world, deals, context, MOST_RECEIVES);
}

pub fn assert_over_within(world: &World, deals: &[CrmId], context: &str, receives: u32) {
    // The polls go on at their own pace.
    let over = world.clock.now();
    live_until(world, over + HOUR, work_off);
    let waits = [
        world.events().bodies(),
        world.jobs().bodies(),
        world.writes(&zoho()).bodies(),
    ];
    let waits = waits.concat();
    assert!(
        waits.is_empty(),
        "{context}: an hour later there wait {waits:#?}"
    );
    assert_alive_within(world, context, receives);
    for deal in deals {
        let number = shown(world, "Deals", deal, "Sage_Order_No");
        assert_ne!(number, Value::Blank, "{context}: {deal} has no order");
    }
    let orders = world.sage.all_orders(&abc());
    assert_eq!(orders.len(), deals.len(), "{context}");
    assert_at_rest(world, context);
}

/// Nothing is parked, dead or gone, and nothing has come so often that it might soon be.
pub fn assert_alive(world: &World, context: &str) {
    assert_alive_within(world, context, MOST_RECEIVES);
}

fn assert_alive_within(world: &World, context: &str, most: u32) {
    assert_eq!(parked(world), [], "{context}");
    let mut queues = vec![world.events(), world.jobs()];
    queues.extend(
        world
            .config
            .targets
            .keys()
            .map(|target| world.writes(target)),
    );
    for queue in &queues {
        assert_eq!(queue.dead(), [], "{context}: dead");
        assert_eq!(queue.expired(), [] as [String; 0], "{context}: too old");
    }
    let receives: Vec<u32> = queues.iter().map(MemoryQueue::most_received).collect();
    println!("{context}: at most {receives:?} receives of an event, a job, a pack of each target");
    assert!(
        receives.iter().all(|receives| *receives < most),
        "{context}: {receives:?}"
    );
}

pub fn fault(class: Class, code: &'static str) -> Fault {
    Fault::new(class, code, "Not now.")
}
