//! An order that comes to something else than its sale once Sage has priced it: it is told, and parked where that is wanted.

use counterpart_config::TotalsPolicy;

use super::money::{CHAIR, NUMBER, code_of, order, priced, sold, text_of};
use super::*;

fn with_totals(policy: TotalsPolicy, prices: counterpart_config::Prices) -> World {
    let mut world = shop(1);
    let target = world.config.targets.get_mut(&zoho()).unwrap();
    let orders = target.orders.as_mut().unwrap();
    orders.totals = policy;
    orders.prices = prices;
    world
}

/// A sale that says what it comes to; Sage prices it at 200.
fn of_total(world: &World, total: &str) -> SageJob {
    wait(world, 5);
    let mut job = sale_of(world, "deal-1", vec![line(CHAIR, 2)]);
    place_of(&mut job).order.crm_total = Some(total.parse().unwrap());
    job
}

#[test]
fn a_total_that_differs_once_sage_has_priced_it_is_parked_and_told() {
    let world = with_totals(TotalsPolicy::Park, counterpart_config::Prices::Sage);
    let job = of_total(&world, "180");
    world.send_job(&job);
    world.drain_jobs();
    assert_eq!(created(&world), 1);
    assert_eq!(parked(&world)[0].1, "E_ORDER_TOTAL_DIFFERS");
    let told = text_of(&world);
    assert!(
        told.contains("200.00 there, and 180.00 the CRM says"),
        "{told}"
    );
    // Accounting corrects the price: the next look takes it back.
    world.sage.clerk_sets_line(
        &abc(),
        NUMBER,
        "000001",
        "UnitPrice",
        Value::Number(90.into()),
    );
    world.send_job(&of_total(&world, "180"));
    world.drain_jobs();
    assert_eq!((parked(&world), code_of(&world)), (vec![], None));
    assert_sold(&world, "corrected");
}

#[test]
fn who_redrives_a_total_that_differs_takes_it_as_it_is() {
    let world = with_totals(TotalsPolicy::Park, counterpart_config::Prices::Sage);
    let job = of_total(&world, "180");
    world.send_job(&job);
    world.drain_jobs();
    world.send_job(&redriven(&world, &job));
    world.drain_jobs();
    assert_eq!((parked(&world), code_of(&world)), (vec![], None));
    assert!(
        text_of(&world).contains("180.00 the CRM says"),
        "{}",
        text_of(&world)
    );
}

#[test]
fn a_total_is_told_only_or_not_compared_where_the_configuration_says_so() {
    for (policy, told) in [(TotalsPolicy::Tell, true), (TotalsPolicy::Ignore, false)] {
        let world = with_totals(policy, counterpart_config::Prices::Sage);
        world.send_job(&of_total(&world, "180"));
        world.drain_jobs();
        assert_eq!(
            (parked(&world), code_of(&world)),
            (vec![], None),
            "{policy:?}"
        );
        assert_eq!(
            text_of(&world).contains("180.00"),
            told,
            "{}",
            text_of(&world)
        );
        assert_sold(&world, "told");
    }
}

#[test]
fn a_discount_that_sage_gives_by_itself_is_told() {
    let world = shop(1);
    world.sage.give_discount(&abf(), Decimal::TEN);
    sold(&world, vec![priced("1", CHAIR, 2, "100", "0")], &[]);
    assert_eq!(order(&world).total().to_string(), "180");
    assert_eq!(parked(&world)[0].1, "E_ORDER_TOTAL_DIFFERS");
    assert!(
        text_of(&world).contains("10 per cent off there"),
        "{}",
        text_of(&world)
    );
}
