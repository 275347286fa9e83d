//! What was set aside, tried again.

use counterpart_delivery::ports::{Parked, Parking as _};
use counterpart_delivery::{Redrive, Would};
use counterpart_simulation::world::{MemoryPorts, World};

use super::scene::*;

fn redrive(world: &World) -> Redrive<'_, MemoryPorts> {
    Redrive {
        store: &world.store,
        queue: &world.queue,
        clock: &world.clock,
        config_version: world.config_version,
    }
}

fn items(world: &World) -> Vec<Parked> {
    items_of(world, "zoho")
}

fn items_of(world: &World, target: &str) -> Vec<Parked> {
    let of = world.store.inner.parked_of(target, None, 1000);
    world.clock.block_on(of).unwrap()
}

pub fn plans(world: &World) -> Vec<Would> {
    let plan = |item: &Parked| world.clock.block_on(redrive(world).plan(item)).unwrap();
    items(world).iter().map(plan).collect()
}

pub fn redrive_all(world: &World) {
    redrive_of(world, "zoho");
}

pub fn redrive_of(world: &World, target: &str) {
    for item in items_of(world, target) {
        redrive_item(world, &item);
    }
}

pub fn redrive_item(world: &World, item: &Parked) {
    let over = redrive(world);
    let would = world.clock.block_on(over.plan(item)).unwrap();
    world.clock.block_on(over.send(item, would)).unwrap();
}

#[test]
fn a_record_that_was_parked_is_written_by_todays_mapping_and_only_once() {
    let mut world = sales();
    crm(&world).refuse("American Business");
    world.sage.edit(
        &customer("01-ABF"),
        &[("CustomerName", "American Business")],
    );
    settle(&world);
    assert_eq!(parked(&world).len(), 1);
    assert!(matches!(plans(&world)[..], [Would::WriteAgain(..)]));
    redrive_all(&world);
    world.drain();
    assert_eq!(parked(&world).len(), 1, "nothing was mended");
    let mapped = "Account_Name = { compute = 'CustomerName + \" Inc\"' }";
    let columns = "division = \"01\"
columns = { CustomerName = \"Account_Name\" }";
    let text_of = config().replace("Account_Name = \"CustomerName\"", mapped);
    world.push(&text_of.replace("division = \"01\"", columns));
    for _ in 0..3 {
        redrive_all(&world);
        world.drain();
    }
    assert!(parked(&world).is_empty(), "{:?}", parked(&world));
    let held = &crm(&world).with_key("Accounts", "ABC:01-ABF")[0];
    assert_eq!(held.fields["Account_Name"], text("American Business Inc"));
}

#[test]
fn what_got_through_meanwhile_is_only_taken_away() {
    let world = sales();
    crm(&world).refuse("American Business");
    world.sage.edit(
        &customer("01-ABF"),
        &[("CustomerName", "American Business")],
    );
    settle(&world);
    let before = items(&world);
    world.clock.advance(crate::hands::QUARTER);
    world
        .sage
        .edit(&customer("01-ABF"), &[("CustomerName", "ABF")]);
    settle(&world);
    // The item of a worker that ended between the link and the item.
    world
        .clock
        .block_on(world.store.inner.park(&before[0]))
        .unwrap();
    assert_eq!(plans(&world), [Would::Superseded]);
    let writes = crm(&world).calls();
    redrive_all(&world);
    world.drain();
    assert!(parked(&world).is_empty());
    assert_eq!(crm(&world).calls(), writes);
}

#[test]
fn an_order_that_stands_is_said_to_stand() {
    let world = sales();
    let deal = won_deal(&world, &account(&world));
    crm(&world).put_lines("Deals", &deal, "Sale_Items", Vec::new());
    say(&world, "Deals", &deal);
    work(&world);
    let old = items(&world);
    let product = product(&world, "2480-8-50");
    let line = fields([
        ("Product_Name", to(&product)),
        ("Quantity", number("1")),
        ("List_Price", number("5")),
    ]);
    crm(&world).put_lines("Deals", &deal, "Sale_Items", vec![line]);
    assert!(matches!(plans(&world)[..], [Would::ReadAgain(_)]));
    redrive_all(&world);
    world.clock.advance(crate::hands::QUARTER);
    work(&world);
    done(&world, &placed(&world)[0], "0000181");
    world
        .clock
        .block_on(world.store.inner.park(&old[0]))
        .unwrap();
    let stands = Would::AlreadyDone("order 0000181 stands in Sage 100".to_owned());
    assert_eq!(plans(&world), [stands]);
    redrive_all(&world);
    work(&world);
    assert!(parked(&world).is_empty());
    assert_eq!(placed(&world).len(), 1);
}

#[test]
fn what_nobody_can_read_stays_and_says_so() {
    let world = sales();
    crate::hands::deliver(&world, "no json");
    assert!(matches!(plans(&world)[..], [Would::Impossible(_)]));
    redrive_all(&world);
    assert_eq!(parked(&world).len(), 1);
    assert!(world.queue.inner.is_written());
}

pub fn redrive_one(world: &World, id: &str) {
    for item in items(world).into_iter().filter(|item| item.id == id) {
        let over = redrive(world);
        let would = world.clock.block_on(over.plan(&item)).unwrap();
        world.clock.block_on(over.send(&item, would)).unwrap();
    }
}
