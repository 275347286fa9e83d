//! What is refused before a number is taken, in one sentence, and goes through once it is mended.

use super::*;
use counterpart_config::CreditPolicy;
use counterpart_domain::sale::OrderStatus;

fn with_credit(policy: CreditPolicy) -> World {
    let mut world = shop(1);
    let target = world.config.targets.get_mut(&zoho()).unwrap();
    target.orders.as_mut().unwrap().credit = policy;
    world
}

/// Refused with a code, no number taken; then mended and redriven.
fn refused(world: &World, job: &SageJob, code: &str, words: &[&str], mend: impl Fn(&World)) {
    world.send_job(job);
    world.drain_jobs();
    assert_eq!(
        parked(world),
        [("order#deal-1".to_owned(), code.to_owned())]
    );
    let no = intent(world, "deal-1");
    assert_eq!(
        (no.stage, no.number, no.code.as_deref()),
        (IntentStage::Refused, None, Some(code))
    );
    for word in words {
        assert!(no.status_text.contains(word), "{word}: {}", no.status_text);
    }
    assert!(!write_backs(world).is_empty(), "the CRM is not told");
    let payload = world.store.inner.all_parked()[0].payload.clone();
    let event: CrmEvent = serde_json::from_str(&payload).unwrap();
    assert_eq!(event, job.event);
    mend(world);
    world.send_job(&redriven(world, job));
    world.drain_jobs();
    assert_eq!(parked(world), []);
    assert_eq!(created(world), 1);
    assert_eq!(
        intent(world, "deal-1").number.as_deref(),
        Some("0000181"),
        "a number was burnt"
    );
    assert_sold(world, code);
}

#[test]
fn unknown_and_inactive_items_are_named_together() {
    let world = shop(1);
    world.sage.set_inactive(&abc(), "2480-8-50", true);
    let lines = vec![line("NO-1", 1), line("2480-8-50", 1), line("NO-2", 1)];
    let job = sale_of(&world, "deal-1", lines);
    let words = ["NO-1, NO-2", "2480-8-50"];
    refused(&world, &job, "E_ITEM_UNKNOWN", &words, |world| {
        world.sage.set_inactive(&abc(), "2480-8-50", false);
        for code in ["NO-1", "NO-2"] {
            world.sage.put_item(&abc(), code, Decimal::ONE);
        }
    });
}

#[test]
fn customers_on_hold_inactive_or_unknown_are_refused() {
    let world = shop(1);
    world.sage.edit(&abf(), &[("CreditHold", "Y")]);
    let job = sale(&world, "deal-1");
    refused(&world, &job, "E_CUSTOMER_ON_HOLD", &["01-ABF"], |world| {
        world.sage.edit(&abf(), &[("CreditHold", "N")]);
    });
    let world = shop(1);
    world
        .sage
        .edit(&abf(), &[("CustomerStatus", "I"), ("CreditHold", "Y")]);
    let job = sale(&world, "deal-1");
    let words = ["inactive", "hold"];
    refused(&world, &job, "E_CUSTOMER_INACTIVE", &words, |world| {
        world
            .sage
            .edit(&abf(), &[("CustomerStatus", "A"), ("CreditHold", "N")]);
    });
    let world = shop(1);
    let mut job = sale(&world, "deal-1");
    place_of(&mut job).order.customer.key = Some(customer("01-NEW"));
    refused(&world, &job, "E_CUSTOMER_UNKNOWN", &["01-NEW"], |world| {
        put_customer(world, &customer("01-NEW"), "New");
    });
}

#[test]
fn over_the_limit_by_the_orders_own_value_is_refused_warned_of_or_held() {
    let limited = |world: &World, limit: i64| {
        world
            .sage
            .set_credit(&abf(), Decimal::from(limit), Decimal::from(100));
    };
    let world = with_credit(CreditPolicy::Refuse);
    limited(&world, 299);
    let job = sale(&world, "deal-1");
    let words = ["1 over", "299"];
    refused(&world, &job, "E_CREDIT_EXCEEDED", &words, |world| {
        limited(world, 300);
    });
    for (policy, status, word) in [
        (
            CreditPolicy::Warn,
            OrderStatus::New,
            "over the credit limit",
        ),
        (CreditPolicy::Hold, OrderStatus::Hold, "on hold"),
        (CreditPolicy::Ignore, OrderStatus::New, "is in Sage"),
    ] {
        let world = with_credit(policy);
        limited(&world, 299);
        // Also where the answer is lost and the order found.
        world.faults.lose_answers_of("sage.create_order", 1);
        world.send_job(&sale(&world, "deal-1"));
        world.drain_jobs();
        assert_eq!(orders(&world)[0].status, status);
        let said = intent(&world, "deal-1").status_text;
        assert!(said.contains(word), "{policy:?}: {said}");
        assert_eq!((created(&world), parked(&world)), (1, vec![]));
    }
}

#[test]
fn the_crms_price_counts_against_the_limit_where_it_is_sent() {
    let world = with_credit(CreditPolicy::Refuse);
    world
        .sage
        .set_credit(&abf(), Decimal::from(150), Decimal::ZERO);
    let mut dear = line("1001-HON-H252", 2);
    dear.unit_price = Some(Decimal::from(80));
    dear.discount_percent = Some(Decimal::TEN);
    // 2 at 80 less 10 %: 144, where Sage's own price would make 200.
    world.send_job(&sale_of(&world, "deal-1", vec![dear]));
    world.drain_jobs();
    assert_eq!((created(&world), parked(&world)), (1, vec![]));
    // What is open counts, but an order's own change only by its difference.
    wait(&world, 5);
    let mut less = line("1001-HON-H252", 2);
    less.unit_price = Some(Decimal::from(75));
    less.discount_percent = Some(Decimal::ZERO);
    world.send_job(&sale_of(&world, "deal-1", vec![less]));
    world.drain_jobs();
    assert_eq!(parked(&world), []);
    world.send_job(&sale(&world, "deal-2"));
    world.drain_jobs();
    assert_eq!(parked(&world)[0].1, "E_CREDIT_EXCEEDED");
}

#[test]
fn what_sage_itself_refuses_is_parked_and_sent_again_under_the_same_number() {
    let world = shop(1);
    world.sage.refuse("From the CRM");
    let job = sale(&world, "deal-1");
    world.send_job(&job);
    world.drain_jobs();
    let no = intent(&world, "deal-1");
    assert_eq!((no.stage, no.refusals), (IntentStage::Refused, 1));
    assert_eq!(parked(&world)[0].1, "E_SAGE_REFUSED");
    wait(&world, 60 * 24 * 30);
    world.sage.accept("From the CRM");
    // Mended, and saved by somebody who has read why: Sage said that it has nothing of it.
    world.send_job(&again(&world, &job));
    world.drain_jobs();
    assert_eq!(created(&world), 0, "told again, and not saved");
    world.send_job(&sale(&world, "deal-1"));
    world.drain_jobs();
    assert_eq!((created(&world), parked(&world)), (1, vec![]));
    assert_eq!(intent(&world, "deal-1").number.as_deref(), Some("0000181"));
    assert_sold(&world, "mended");
}
