//! Change Data Capture and platform events.

use std::time::Duration;

use counterpart_delivery::Message;
use counterpart_delivery::event::{Change, EventSource};
use counterpart_delivery::ingress::{PlatformEvents, PlatformReport};
use counterpart_delivery::ports::{Clock as _, Links as _, Marks as _, QueueName, Route};
use counterpart_delivery::{Link, LinkWrite, Stage};
use counterpart_domain::reconcile::{BaseField, Known};
use counterpart_domain::{AsOf, Company, CrmId, Entity, SageKey, Value, digest_of};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::logs::captured;
use crate::scene::{ORG, Scene, USER, outage, target};

pub const ACCOUNT: &str = "001ak00000IiFInAAN";

pub fn header(change: &str, ids: &[&str], changed: &[&str]) -> Json {
    json!({"commitNumber": 1_745_500_706_683_617_281_u64, "commitUser": USER, "sequenceNumber": 1,
        "entityName": "Account", "changeType": change, "changedFields": changed,
        "changeOrigin": "com/salesforce/api/soap/63.0;client=SfdcInternalAPI/",
        "transactionKey": "0000be70-a756-e601-9202-32967602a6be", "commitTimestamp": 1_745_500_706_000_i64,
        "recordIds": ids})
}

pub fn relayed(detail_type: &str, payload: Json) -> String {
    json!({"version": "0", "id": "5c42b99e-c214-4a9c-8fbd-1a41e5faa44a", "detail-type": detail_type,
        "source": format!("aws.partner/salesforce.com/{ORG}/0YL5f000000CabWGAS"), "account": "111122223333",
        "time": "2026-11-22T19:30:00Z", "region": "eu-central-1", "resources": [], "detail": {"payload": payload}})
    .to_string()
}

pub fn change(header: Json, fields: Json) -> String {
    let mut payload = json!({"ChangeEventHeader": header});
    payload
        .as_object_mut()
        .unwrap()
        .extend(fields.as_object().unwrap().clone());
    relayed("AccountChangeEvent", payload)
}

pub fn run(scene: &Scene, bodies: &[String]) -> PlatformReport {
    run_for(scene, bodies, Duration::from_secs(60))
}

fn run_for(scene: &Scene, bodies: &[String], time: Duration) -> PlatformReport {
    let events = PlatformEvents {
        context: scene.context(),
    };
    let batch: Vec<Message> = bodies
        .iter()
        .enumerate()
        .map(|(n, body)| Message {
            id: format!("m{n}"),
            receipt: format!("m{n}.1"),
            queue: QueueName::SalesforceEvents,
            group: None,
            receive_count: 1,
            sent: counterpart_delivery::Sent::once(
                scene.clock.now() - jiff::SignedDuration::from_hours(1),
            ),
            body: body.clone(),
        })
        .collect();
    let deadline = scene.clock.now().checked_add(time).unwrap();
    scene.clock.block_on(events.handle(&batch, deadline))
}

/// A linked account on which we wrote name, city and a number.
fn linked(scene: &Scene, dirty: bool) {
    let base = |value: Value| BaseField {
        sage: Known::Read(value.clone()),
        crm: Known::Written(value),
        reverted: None,
    };
    let key = SageKey::new(&Company::new("ABC").unwrap(), Entity::CUSTOMER, "01-ABF").unwrap();
    let (target, version, now) = (target("salesforce"), digest_of(["b"]), scene.clock.now());
    let link = Link {
        crm_id: Some(CrmId(ACCOUNT.into())),
        shadow: [
            (
                "Name".to_owned(),
                base(Value::text("American Business Futures")),
            ),
            ("BillingCity".to_owned(), base(Value::text("Milwaukee"))),
            ("Fax".to_owned(), base(Value::Blank)),
            (
                "Credit__c".to_owned(),
                base(Value::Number("12345678901234.50".parse().unwrap())),
            ),
        ]
        .into(),
        dirty,
        ..Link::new(target, key, Stage::Linked, AsOf::default(), version, now)
    };
    let write = LinkWrite {
        link,
        previous_crm_id: None,
        write_reverse: true,
    };
    scene.clock.block_on(scene.store.put_link(&write)).unwrap();
}

#[test]
fn each_record_of_a_change_is_an_event_with_all_digits_of_its_commit() {
    let scene = Scene::new();
    let body = change(
        header("UPDATE", &[ACCOUNT, "001ak00000IiFIo"], &["Name"]),
        json!({"Name": "New"}),
    );
    let report = run(&scene, &[body.clone(), body]);
    assert_eq!((report.queued, report.failed.len()), (4, 0));
    let events = scene.events();
    assert_eq!(
        (events[0].record.0.as_str(), events[0].change),
        (ACCOUNT, Change::Updated)
    );
    assert_eq!(events[0].transaction["commitNumber"], "1745500706683617281");
    assert_eq!(events[0].user, Some(CrmId(USER.into())));
    assert_eq!(
        events[0].occurred_at,
        Some("2025-04-24T13:18:26Z".parse().unwrap())
    );
    assert_eq!(
        (&events[0].id, &events[1].id),
        (&events[2].id, &events[3].id),
        "a repeat has the same ids"
    );
    assert_ne!(events[0].id, events[1].id);
}

#[test]
fn both_shapes_and_appflows_envelope_are_read() {
    let scene = Scene::new();
    let mut bits = header("UPDATE", &[ACCOUNT], &["0x400800", "4-0x01"]);
    bits["commitNumber"] = json!("99999999999999999999999");
    bits["commitTimestamp"] = json!("2025-04-24T13:18:26.000+0000");
    let pubsub = change(
        bits,
        json!({"Name": null, "LastModifiedDate": 1_745_500_706_000_i64, "BillingAddress": null}),
    );
    let appflow = json!({"version": "0", "id": "7", "detail-type": "AccountChangeEvent",
        "source": "aws.partner/appflow/salesforce.com/111122223333/accounts",
        "detail": {"ChangeEventHeader": header("UNDELETE", &[ACCOUNT], &[]), "Name": "Back"}})
    .to_string();
    let report = run(&scene, &[pubsub, appflow]);
    assert_eq!((report.queued, report.parked), (2, 0));
    let events = scene.events();
    assert_eq!(
        events[0].transaction["commitNumber"],
        "99999999999999999999999"
    );
    assert_eq!(
        events[0].occurred_at,
        Some("2025-04-24T13:18:26Z".parse().unwrap())
    );
    assert_eq!(events[1].change, Change::Undeleted);
}

#[test]
fn a_gap_is_a_look_and_an_overflow_or_a_wildcard_is_a_note_and_an_error_line() {
    let scene = Scene::new();
    let gap = change(header("GAP_UPDATE", &[ACCOUNT], &[]), json!({}));
    let overflow = change(
        header("GAP_OVERFLOW", &["000000000000000AAA"], &[]),
        json!({}),
    );
    let mut wild = header("UPDATE", &["001*"], &["Name"]);
    wild["entityName"] = json!("Contact");
    let (report, lines) = captured(|| run(&scene, &[gap, overflow, change(wild, json!({}))]));
    assert_eq!(
        (
            report.queued,
            report.resyncs,
            report.failed.len(),
            report.parked
        ),
        (1, 2, 0, 0)
    );
    assert_eq!(scene.events()[0].change, Change::Unknown);
    let notes = scene
        .clock
        .block_on(scene.store.resyncs(&target("salesforce")))
        .unwrap();
    let notes: Vec<_> = notes
        .iter()
        .map(|note| (note.module.as_str(), note.reason.as_str()))
        .collect();
    assert_eq!(
        notes,
        [("Account", "GAP_OVERFLOW"), ("Contact", "a wildcard id")]
    );
    assert_eq!(lines.matches("E_EVENTS_LOST").count(), 2, "{lines}");
}

#[test]
fn only_what_we_wrote_ourselves_is_left_out() {
    let scene = Scene::new();
    linked(&scene, false);
    let stamped = |fields: Json| {
        let mut all = json!({"LastModifiedDate": "2025-04-24T13:18:26.000Z"});
        all.as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        all
    };
    let own = |changed: &[&str], fields: Json| {
        change(header("UPDATE", &[ACCOUNT], changed), stamped(fields))
    };
    let echoes = [
        own(
            &["Name", "LastModifiedDate"],
            json!({"Name": "American Business Futures"}),
        ),
        own(
            &["BillingAddress.City", "LastModifiedDate"],
            json!({"BillingAddress": {"City": "Milwaukee"}}),
        ),
        own(
            &["Fax", "Credit__c"],
            json!({"Fax": null, "Credit__c": 12345678901234.5}),
        ),
        own(&["Sage_Key__c"], json!({"Sage_Key__c": "ABC:01-ABF"})),
        change(
            header("CREATE", &[ACCOUNT], &[]),
            json!({"Name": "American Business Futures", "Sage_Key__c": "ABC:01-ABF"}),
        ),
    ];
    let report = run(&scene, &echoes);
    assert_eq!((report.own, report.queued), (5, 0));
    let mut stranger = header("UPDATE", &[ACCOUNT], &["Name"]);
    stranger["commitUser"] = json!("005ak00000AAAAA");
    let edits = [
        // A Flow in our own transaction changed one field more.
        own(
            &["Name", "Rating"],
            json!({"Name": "American Business Futures", "Rating": "Hot"}),
        ),
        own(&["Name"], json!({"Name": "Another"})),
        own(
            &["BillingAddress.City", "BillingAddress.State"],
            json!({"BillingAddress": {"City": "Milwaukee", "State": "WI"}}),
        ),
        own(&["BillingAddress.City"], json!({"BillingAddress": {}})),
        own(&["Name"], json!({})),
        own(&["0x400800"], json!({"Name": "American Business Futures"})),
        own(&[], json!({"Name": "American Business Futures"})),
        own(&["Credit__c"], json!({"Credit__c": 12345678901234.51})),
        change(stranger, json!({"Name": "American Business Futures"})),
        change(header("DELETE", &[ACCOUNT], &[]), json!({})),
        change(
            header("CREATE", &[ACCOUNT], &[]),
            json!({"Name": "American Business Futures", "Rating": "Hot"}),
        ),
    ];
    for (n, edit) in edits.iter().enumerate() {
        let report = run(&scene, std::slice::from_ref(edit));
        assert_eq!((report.own, report.queued), (0, 1), "{n}");
    }
}

#[test]
fn a_record_that_is_not_linked_or_may_hold_something_older_goes_on() {
    let echo = change(
        header("UPDATE", &[ACCOUNT], &["Name"]),
        json!({"Name": "American Business Futures"}),
    );
    let scene = Scene::new();
    assert_eq!(run(&scene, std::slice::from_ref(&echo)).queued, 1);
    linked(&scene, true);
    assert_eq!(run(&scene, &[echo]).queued, 1);
}

#[test]
fn platform_events_name_their_record_by_configuration() {
    let scene = Scene::new();
    let payload = json!({"CreatedDate": "2026-11-22T19:29:58.000Z", "CreatedById": USER, "EventUuid": "e981b488",
                         "Record_Id__c": "006900000000001"});
    let other = relayed("Nightly_Run__e", json!({"Record_Id__c": "006900000000001"}));
    let without = relayed("Order_Ready__e", json!({"Record_Id__c": null}));
    let report = run(
        &scene,
        &[relayed("Order_Ready__e", payload), other, without],
    );
    assert_eq!((report.queued, report.dropped, report.parked), (1, 1, 1));
    let event = &scene.events()[0];
    assert_eq!(
        (event.id.as_str(), event.module.as_str()),
        ("pe-e981b488", "Opportunity")
    );
    assert_eq!(
        (event.record.0.as_str(), event.source),
        ("006900000000001AAA", EventSource::PlatformEvent)
    );
}

#[test]
fn what_cannot_be_read_is_parked_as_it_came_and_takes_nobody_along() {
    let scene = Scene::new();
    let good = change(
        header("UPDATE", &[ACCOUNT], &["Name"]),
        json!({"Name": "New"}),
    );
    let foreign = good.replace(ORG, "00D000000000001EAA");
    let batch = [
        "not json".to_owned(),
        good.clone(),
        "{\"source\":\"aws.s3\",\"detail-type\":\"x\",\"detail\":{}}".into(),
        foreign.clone(),
        good.replace(ACCOUNT, "001"),
        good,
    ];
    let (report, lines) = captured(|| run(&scene, &batch));
    assert_eq!(
        (report.queued, report.parked, report.failed.len()),
        (2, 4, 0)
    );
    let parked = scene.store.all_parked();
    assert!(
        parked
            .iter()
            .all(|one| one.route == Route::PlatformEvents && one.target == "-")
    );
    let wrong_org = parked.iter().find(|one| one.payload == foreign).unwrap();
    assert_eq!(wrong_org.fault.code, "E_EVENT_SOURCE");
    assert!(
        !lines.contains("\"New\""),
        "the content of records is not logged: {lines}"
    );
}

#[test]
fn only_messages_whose_events_the_queue_refused_come_again() {
    let scene = Scene::new();
    let body = |id: &str| change(header("UPDATE", &[id], &["Name"]), json!({"Name": "New"}));
    let batch = [
        body(ACCOUNT),
        body("001ak00000IiFIo"),
        body("001ak00000IiFIp"),
    ];
    // The second one, at each of its three tries.
    scene.told().refuse([1, 3, 4]);
    let report = run(&scene, &batch);
    assert_eq!((report.failed, report.queued), (vec!["m1".to_owned()], 2));
    scene.told().break_down(outage());
    assert_eq!(run(&scene, &batch).failed.len(), 3);
}

#[test]
fn what_cannot_be_begun_in_time_is_left_in_the_queue() {
    let scene = Scene::new();
    let body = change(
        header("UPDATE", &[ACCOUNT], &["Name"]),
        json!({"Name": "New"}),
    );
    let report = run_for(&scene, &[body, "not json".into()], Duration::from_secs(5));
    assert_eq!(
        (report.failed.len(), report.parked, report.queued),
        (2, 0, 0)
    );
}

#[test]
fn objects_that_nobody_waits_for_are_left_out() {
    let scene = Scene::new();
    let mut other = header("UPDATE", &["00Qak00000IiFIn"], &["Name"]);
    other["entityName"] = json!("Lead");
    assert_eq!(run(&scene, &[change(other, json!({}))]).dropped, 1);
    assert!(scene.told().is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_event_is_queued_left_out_or_parked(
        at in any::<prop::sample::Index>(), cut in 0..40_usize, put in "[\\[\\]{}\",:0-9a-z*\\\\]{0,6}",
    ) {
        let scene = Scene::new();
        linked(&scene, false);
        let good = change(header("UPDATE", &[ACCOUNT], &["Name", "BillingAddress"]),
            json!({"Name": "New", "BillingAddress": {"City": "Milwaukee"}}));
        let at = at.index(good.len());
        let end = (at + cut).min(good.len());
        let hurt = format!("{}{put}{}", &good[..at], &good[end..]);
        let report = run(&scene, &[hurt]);
        prop_assert!(report.failed.is_empty());
        prop_assert!(report.queued + report.dropped + report.parked + report.resyncs + report.own >= 1, "{report:?}");
        let parked = scene.store.all_parked();
        prop_assert!(parked.iter().all(|one| one.fault.code != "E_PANIC"), "{parked:?}");
    }
}

/// An older release after a rollback: what it does not know may be in the configuration that it cannot read.
#[test]
fn what_a_worker_does_not_know_that_is_behind_comes_again() {
    let mut scene = Scene::new();
    scene.is_behind = true;
    let known = change(
        header("UPDATE", &[ACCOUNT], &["Name"]),
        json!({"Name": "New"}),
    );
    let strange = known.replace(ORG, "00D000000000001EAA");
    let report = run(&scene, &[known.clone(), strange.clone()]);
    assert_eq!((report.queued, report.parked), (1, 0));
    assert_eq!(report.failed, ["m1"]);
    scene.is_behind = false;
    assert_eq!(run(&scene, &[strange]).parked, 1);
}
