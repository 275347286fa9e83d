//! Notifications that nobody took, for whatever reason.

use std::time::Duration;

use counterpart_delivery::ingress::{
    HookSecret, HookSecrets, LONGEST_BODY, WebhookRequest, Webhooks,
};
use counterpart_delivery::ports::Clock as _;
use counterpart_domain::{Class, Fault, TargetName};
use counterpart_simulation::world::World;
use jiff::SignedDuration;

use super::super::scene::*;
use super::super::whole::selling;
use super::{BOUND, Desk};

fn desk_config() -> String {
    config().replacen(
        "write = \"agent\"",
        "write = \"agent\"\ncreations_per_hour = 1000",
        1,
    )
}

/// The gateway throttles: nothing of ours ever runs.
#[test]
fn of_500_refused_notifications_each_sale_is_an_order() {
    let world = selling(&desk_config());
    crm(&world).stamp_whole_seconds();
    let mut desk = Desk::open(&world);
    let account = account(&world);
    for _ in 0..500 {
        let deal = won_deal(&world, &account);
        desk.won(&zoho(), &deal);
        desk.pass(Duration::from_secs(7));
    }
    desk.pass(Duration::from_secs(1_800));
    desk.assert_ordered_within(BOUND, "500 refused notifications");
    let queued: u64 = desk
        .reports
        .iter()
        .map(|report| report.sum(|one| one.queued))
        .sum();
    let read: u64 = desk
        .reports
        .iter()
        .map(|report| report.sum(|one| one.read))
        .sum();
    println!("read {read}, queued {queued}");
    assert!(
        queued < 2 * read.min(1_100),
        "what was queued is remembered: {queued} of {read}"
    );
}

/// No channel is alive, and nobody runs the keeper either.
#[test]
fn sales_of_three_hours_without_channel_and_keeper_are_orders_once_it_runs() {
    let world = selling(&desk_config());
    let mut desk = Desk::open(&world);
    let account = account(&world);
    let back = world.clock.now() + SignedDuration::from_hours(3);
    desk.sweep_not_before(back);
    for _ in 0..10 {
        let deal = won_deal(&world, &account);
        desk.won(&zoho(), &deal);
        desk.pass(Duration::from_secs(900));
    }
    desk.pass(Duration::from_secs(3_600));
    desk.assert_ordered_within(
        SignedDuration::from_mins(3 * 60 + 2),
        "no keeper for three hours",
    );
}

struct NoSecrets;

impl HookSecrets for NoSecrets {
    async fn hook(&self, _target: &TargetName) -> Result<HookSecret, Fault> {
        let message = "Secrets Manager cannot be reached.";
        Err(Fault::new(
            Class::Transient,
            "E_SECRET_UNAVAILABLE",
            message,
        ))
    }
}

fn post(world: &World, body: &str) -> u16 {
    let webhooks = Webhooks {
        context: world.context(),
        secrets: &NoSecrets,
        longest_body: LONGEST_BODY,
    };
    let request = WebhookRequest {
        method: "POST".into(),
        path: "/zoho/zoho/notifications/hush".into(),
        headers: vec![("Content-Type".into(), "application/json".into())],
        body: body.as_bytes().to_vec(),
        ..WebhookRequest::default()
    };
    world.clock.block_on(webhooks.handle(&request)).status
}

#[test]
fn a_sale_that_is_told_of_while_the_secret_cannot_be_read_is_an_order() {
    let world = selling(&desk_config());
    let mut desk = Desk::open(&world);
    let account = account(&world);
    for _ in 0..3 {
        let deal = won_deal(&world, &account);
        desk.won(&zoho(), &deal);
        let body = serde_json::json!({"module": "Deals", "ids": [deal.0], "operation": "update",
            "channel_id": "1", "token": "t"});
        assert_eq!(
            post(&world, &body.to_string()),
            503,
            "and Zoho does not come again"
        );
        desk.pass(Duration::from_secs(400));
    }
    desk.pass(Duration::from_secs(1_800));
    desk.assert_ordered_within(BOUND, "the secret cannot be read");
}

/// Of a sale that was heard of, the reading makes nothing more; and an order follows what nobody told of.
#[test]
fn what_was_told_already_changes_nothing_and_what_was_not_is_followed() {
    let world = selling(&desk_config());
    let mut desk = Desk::open(&world);
    let deal = won_deal(&world, &account(&world));
    desk.won(&zoho(), &deal);
    say(&world, "Deals", &deal);
    desk.pass(Duration::from_secs(3_600));
    desk.assert_ordered_within(SignedDuration::from_secs(5), "told");
    let quiet = desk.reports.last().unwrap().sum(|one| one.queued);
    assert_eq!(quiet, 0, "the end of every echo");
    // Nobody tells that the quantity was corrected.
    let mut lines = crm(&world).lines(&deal, "Sale_Items");
    lines[0].insert("Quantity".to_owned(), number("5"));
    crm(&world).put_lines("Deals", &deal, "Sale_Items", lines);
    desk.pass(Duration::from_secs(3_600));
    let orders = world.sage.all_orders(&abc());
    assert_eq!(orders.len(), 1);
    assert_eq!(orders[0].lines[0].quantity.to_string(), "5");
}

/// What was won after sales begin to count, and before anybody listened.
#[test]
fn a_sale_from_before_the_first_run_is_an_order_if_it_counts() {
    let day = |hours: i64| {
        let at = World::start() + SignedDuration::from_hours(hours);
        at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    };
    // The world's clock is an hour on once the customer is linked.
    let config = desk_config().replace(
        "since = 2020-01-01\nreference",
        &format!("since = \"{}\"\nreference", day(2)),
    );
    let world = selling(&config);
    world.clock.advance(Duration::from_secs(2 * 3_600));
    let deal = won_deal(&world, &account(&world));
    world.clock.advance(Duration::from_secs(5 * 3_600));
    let mut desk = Desk::open(&world);
    desk.won(&zoho(), &deal);
    desk.pass(Duration::from_secs(600));
    desk.assert_ordered_within(SignedDuration::from_mins(1), "before the first run");
}

/// A tidy-up deletes more than any list holds in one go, and a channel has lapsed: the sales that were won meanwhile are orders
/// within the bound all the same, and the list comes to its end.
#[test]
fn a_list_of_deletions_without_an_end_holds_no_sale_up() {
    let world = selling(&desk_config());
    crm(&world).stamp_whole_seconds();
    let mut desk = Desk::open(&world);
    let account = account(&world);
    let old: Vec<_> = (0..10_050)
        .map(|n| {
            crm(&world).put(
                "Deals",
                None,
                fields([("Deal_Name", text(&format!("Old {n}")))]),
            )
        })
        .collect();
    desk.pass(Duration::from_secs(3_600));
    for deal in &old {
        crm(&world).delete_record("Deals", deal);
    }
    for _ in 0..3 {
        let deal = won_deal(&world, &account);
        desk.won(&zoho(), &deal);
        desk.pass(Duration::from_secs(60));
    }
    let before = desk.reports.len();
    desk.pass(Duration::from_secs(2 * 3_600));
    desk.assert_ordered_within(BOUND, "10,050 deletions");
    let after = desk.reports.split_off(before);
    let queued: u64 = after
        .iter()
        .map(|report| report.sum(|one| one.queued))
        .sum();
    assert!(queued >= 10_050, "{queued} of the deletions were told");
    assert!(queued < 11_000, "{queued}: each of them once");
    let last = after.last().unwrap();
    assert_eq!(last.sum(|one| one.behind.len() as u64), 0, "it ends");
    assert!(last.targets.iter().all(|one| one.faults.is_empty()));
}
