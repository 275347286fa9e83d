//! Salesforce's relay stands still, or its bus loses events.

use std::time::Duration;

use counterpart_delivery::Message;
use counterpart_delivery::ingress::PlatformEvents;
use counterpart_delivery::ports::{Clock as _, Marks as _, QueueName, Relay, RelayRecovery};
use counterpart_domain::{CrmId, Value};
use counterpart_simulation::world::World;

use super::super::org::{both_with, closed_won};
use super::super::scene::{fields, text};
use super::{BOUND, Desk};
use crate::targets::{org, salesforce};

const ORG: &str = "00D5f000005KcCnEAK";
const SOURCE: &str = "aws.partner/salesforce.com/00D5f000005KcCnEAK/0YL5f000000CabWGAS";
const EVENTS: &str = r#"
[targets.salesforce.events]
organizations = ["00D5f000005KcCnEAK"]
integration_user = "005ak00000EpjsfAAB"
"#;

fn relayed() -> World {
    assert!(SOURCE.contains(ORG));
    let world = both_with(EVENTS);
    org(&world).know_us_as(&CrmId("005ak00000EpjsfAAB".into()));
    org(&world).put_relays(&[relay("RUNNING")]);
    world
}

fn relay(status: &str) -> Relay {
    Relay {
        name: Some("Orders".to_owned()),
        source: Some(SOURCE.to_owned()),
        status: status.to_owned(),
        error: None,
        last_relayed: None,
        recovery: Some(RelayRecovery::Latest),
    }
}

/// The bus tells of a change.
fn bus_tells(world: &World, change: &str, ids: &[&str]) {
    bus_tells_by(world, SOURCE, change, ids);
}

fn bus_tells_by(world: &World, source: &str, change: &str, ids: &[&str]) {
    let now = world.clock.now();
    let body = serde_json::json!({
        "id": world.id(), "source": source, "detail-type": "OpportunityChangeEvent",
        "detail": {"payload": {"ChangeEventHeader": {
            "entityName": "Opportunity", "changeType": change, "recordIds": ids,
            "commitTimestamp": now.as_millisecond(), "commitUser": "005ak00000PersonAAA",
            "transactionKey": world.id(), "sequenceNumber": 1, "changedFields": ["StageName"],
        }, "StageName": "Closed Won"}},
    });
    let events = PlatformEvents {
        context: world.context(),
    };
    let message = Message {
        id: world.id(),
        receipt: String::new(),
        queue: QueueName::SalesforceEvents,
        group: None,
        receive_count: 1,
        sent: counterpart_delivery::Sent::once(now),
        body: body.to_string(),
    };
    let report = world
        .clock
        .block_on(events.handle(&[message], world.deadline()));
    assert!(report.failed.is_empty() && report.parked == 0, "{report:?}");
}

#[test]
fn every_sale_made_while_the_relay_stands_still_is_an_order_and_somebody_is_told() {
    let world = relayed();
    let mut desk = Desk::open(&world);
    // It runs, and tells.
    bus_tells(&world, "UPDATE", &["006000000000001AAA"]);
    desk.pass(Duration::from_secs(1_800));
    let quiet = desk.reports.last().unwrap();
    let sf = |report: &counterpart_delivery::ingress::SweepReport| {
        let mut targets = report.targets.iter();
        targets
            .find(|one| one.target == salesforce())
            .cloned()
            .unwrap()
    };
    assert_eq!((sf(quiet).stopped.len(), sf(quiet).untold), (0, 0));
    // An administrator stops it for two hours.
    org(&world).put_relays(&[relay("STOPPED")]);
    for _ in 0..8 {
        let sale = closed_won(&world);
        let touched = fields([("NextStep", text("Ship"))]);
        org(&world).edit("Opportunity", &sale, "005ak00000Person", touched);
        desk.won(&salesforce(), &sale);
        desk.pass(Duration::from_secs(900));
    }
    desk.pass(Duration::from_secs(1_800));
    desk.assert_ordered_within(BOUND, "a stopped relay");
    let stopped: Vec<_> = desk.reports.iter().map(sf).collect();
    assert!(stopped.iter().any(|one| one.stopped == [SOURCE]));
    assert!(stopped.iter().any(|one| one.untold > 0), "{stopped:#?}");
    assert!(stopped.iter().all(|one| one.faults.is_empty()));
    org(&world).put_relays(&[relay("RUNNING")]);
    bus_tells(&world, "UPDATE", &["006000000000001AAA"]);
    desk.pass(Duration::from_secs(2_700));
    let last = sf(desk.reports.last().unwrap());
    assert_eq!((last.stopped.len(), last.untold), (0, 0));
}

#[test]
fn a_relay_that_another_one_took_the_place_of_is_not_missed() {
    const SECOND: &str = "aws.partner/salesforce.com/00D5f000005KcCnEAK/0YL5f000000CabXGAS";
    let world = relayed();
    let mut desk = Desk::open(&world);
    let told = &["006000000000001AAA"][..];
    bus_tells(&world, "UPDATE", told);
    desk.pass(Duration::from_secs(1_800));
    let stopped = |desk: &Desk<'_>| {
        let report = desk.reports.last().unwrap();
        let mut targets = report.targets.iter();
        let of = targets.find(|one| one.target == salesforce()).unwrap();
        of.stopped.clone()
    };
    let second = |status: &str| Relay {
        source: Some(SECOND.to_owned()),
        ..relay(status)
    };
    // Taken away, and nothing in its place yet.
    org(&world).put_relays(&[second("RUNNING")]);
    desk.pass(Duration::from_secs(900));
    assert_eq!(stopped(&desk), [SOURCE]);
    bus_tells_by(&world, SECOND, "UPDATE", told);
    desk.pass(Duration::from_secs(900));
    assert_eq!(stopped(&desk), [""; 0], "the second one tells");
    org(&world).put_relays(&[second("ERROR")]);
    desk.pass(Duration::from_secs(900));
    assert!(stopped(&desk).contains(&SECOND.to_owned()));
}

#[test]
fn an_overflow_is_read_and_its_note_taken_away() {
    let world = relayed();
    let mut desk = Desk::open(&world);
    for _ in 0..30 {
        let sale = closed_won(&world);
        desk.won(&salesforce(), &sale);
    }
    bus_tells(&world, "GAP_OVERFLOW", &["000000000000000AAA"]);
    bus_tells(&world, "UPDATE", &["006*"]);
    let target = salesforce();
    let notes = || {
        let notes = world.store.inner.resyncs(&target);
        world.clock.block_on(notes).unwrap()
    };
    assert_eq!(notes().len(), 1);
    desk.pass(Duration::from_secs(1_800));
    desk.assert_ordered_within(BOUND, "an overflow");
    assert_eq!(notes(), []);
    for held in org(&world).records("Opportunity") {
        let shown = held.fields.get("Sage_Order_No__c");
        assert!(shown.is_some_and(|number| *number != Value::Blank));
    }
}
