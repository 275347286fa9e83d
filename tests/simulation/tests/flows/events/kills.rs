//! The transform and the writer, killed at every await point.

use counterpart_delivery::{ConfiguredMapper, Show};
use counterpart_domain::{CrmId, Value};
use counterpart_simulation::world::{VISIBILITY, World, killed_after};

use super::scene::*;
use super::{records, write_backs};

/// Kills the transform at each of its await points over the event of `make`, lets everything go on, and has `check` say what
/// is wrong.
fn transform_killed(
    make: impl Fn() -> (World, &'static str, CrmId),
    check: impl Fn(&World, &CrmId) -> Vec<String>,
) {
    let mut wrong = Vec::new();
    for polls in 0.. {
        let (world, module, id) = make();
        say(&world, module, &id);
        let batch = world.receive_events();
        let transform = world.transform();
        let deadline = world.deadline();
        let died = killed_after(&world.clock, polls, transform.handle(&batch, deadline));
        if let Some(report) = died {
            assert!(report.failed.is_empty(), "{report:?}");
            assert!(polls > 10, "killed nowhere");
            break;
        }
        // The lease of the dead runs out, too.
        world.clock.advance(VISIBILITY * 3);
        work(&world);
        let faults = check(&world, &id);
        if !faults.is_empty() {
            wrong.push(format!("{polls}: {faults:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_won_deal_is_one_intent_wherever_the_transform_is_killed() {
    transform_killed(
        || {
            let world = sales();
            let deal = won_deal(&world, &account(&world));
            (world, "Deals", deal)
        },
        |world, deal| {
            let placed = placed(world);
            let one =
                !placed.is_empty() && placed.iter().all(|place| place.intent == order_of(deal));
            let contents = placed.windows(2).all(|two| two[0].order == two[1].order);
            if one && contents && parked(world).is_empty() {
                Vec::new()
            } else {
                vec![format!("{} jobs, parked {:?}", placed.len(), parked(world))]
            }
        },
    );
}

#[test]
fn a_refused_deal_is_parked_and_told_wherever_the_transform_is_killed() {
    transform_killed(
        || {
            let world = sales();
            let deal = won_deal(&world, &account(&world));
            crm(&world).put_lines("Deals", &deal, "Sale_Items", Vec::new());
            (world, "Deals", deal)
        },
        |world, deal| {
            let mut wrong = Vec::new();
            if parked(world).len() != 1 || !jobs(world).is_empty() {
                wrong.push(format!("{:?}, {} jobs", parked(world), jobs(world).len()));
            }
            if shown(world, "Deals", deal, "Sage_Status_Text") == Value::Blank {
                wrong.push("nobody was told".to_owned());
            }
            wrong
        },
    );
}

#[test]
fn an_edit_is_reverted_wherever_the_transform_is_killed() {
    transform_killed(
        || {
            let world = sales_with(&records::two_way());
            let account = account(&world);
            let edit = fields([("Credit_Limit", number("5")), ("Phone", text("1"))]);
            crm(&world).edit("Accounts", &account, "u", edit);
            (world, "Accounts", account)
        },
        |world, account| {
            let limit = shown(world, "Accounts", account, "Credit_Limit");
            let phone = shown(world, "Accounts", account, "Phone");
            if limit == number("120000.00") && phone == text("1") && !jobs(world).is_empty() {
                Vec::new()
            } else {
                vec![format!("{limit} {phone} {} jobs", jobs(world).len())]
            }
        },
    );
}

#[test]
fn a_write_back_gets_through_wherever_the_writer_is_killed() {
    let mut wrong = Vec::new();
    for polls in 0.. {
        let (world, deal, intent) = write_backs::standing();
        write_backs::send(&world, Show::Intents(vec![intent.id.clone()]));
        let batch = world.receive(&zoho());
        let writer = world.writer_with(ConfiguredMapper);
        let deadline = world.deadline();
        let died = killed_after(&world.clock, polls, writer.handle(&batch, deadline));
        if died.is_some() {
            assert!(polls > 8, "killed nowhere");
            break;
        }
        world.clock.advance(VISIBILITY);
        work(&world);
        let number = shown(&world, "Deals", &deal, "Sage_Order_No");
        if number != text("0000181") || !parked(&world).is_empty() {
            wrong.push(format!("{polls}: {number} {:?}", parked(&world)));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
