//! The samples in `events/`: each is what its function takes, and comes to what the page there says.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use counterpart_delivery::Message;
use counterpart_delivery::SecretText;
use counterpart_delivery::event::Change;
use counterpart_delivery::ingress::{
    ChannelKeeper, HookSecret, PlatformEvents, PlatformReport, WebhookRequest,
};
use counterpart_delivery::ports::{Clock as _, Marks as _, QueueName};
use counterpart_simulation::memory::MemoryStore;
use serde_json::Value as Json;

use crate::org::Org;
use crate::scene::{Scene, target};

fn sample(name: &str) -> Json {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../events")
        .join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// A deployment with the secret and the organisation of the samples, at the moment of their making.
fn deployment() -> Scene {
    let mut scene = Scene::new();
    scene.store = MemoryStore::new();
    let secret = |text: &str| Some(SecretText::new(text));
    let hook = HookSecret {
        path: secret("sample-path"),
        hmac_key: secret("sample-hook-key"),
        webhook_token: secret("sample-webhook-token"),
        channel_token: secret("sample-channel-token"),
    };
    for name in ["zoho", "salesforce"] {
        scene.hooks.0.insert(target(name), Ok(hook.clone()));
    }
    let salesforce = scene.config.targets.get_mut(&target("salesforce")).unwrap();
    salesforce.events.organizations = vec!["00D000000000001EAA".into()];
    scene
}

fn keep(scene: &Scene) {
    assert_eq!(
        sample("channel-keeper-schedule.json"),
        serde_json::json!({})
    );
    let orgs: BTreeMap<_, _> = ["zoho", "zoho-eu"]
        .map(|name| (target(name), Org::new(&scene.clock)))
        .into();
    let keeper = ChannelKeeper {
        context: scene.context(),
        crms: &orgs,
        secrets: &scene.hooks,
    };
    let deadline = scene
        .clock
        .now()
        .checked_add(Duration::from_secs(600))
        .unwrap();
    let report = scene.clock.block_on(keeper.handle(deadline));
    assert!(
        report.targets.iter().all(|target| target.faults.is_empty()),
        "{report:?}"
    );
}

fn post(scene: &Scene, name: &str) -> String {
    let event = sample(name);
    let texts = |member: &Json| -> BTreeMap<String, String> {
        let object = member.as_object().unwrap().iter();
        object
            .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
            .collect()
    };
    let http = &event["requestContext"]["http"];
    let answer = scene.post(&WebhookRequest {
        query: String::new(),
        method: http["method"].as_str().unwrap().into(),
        path: event["rawPath"].as_str().unwrap().into(),
        parameters: texts(&event["pathParameters"]),
        headers: texts(&event["headers"]).into_iter().collect(),
        body: event["body"].as_str().unwrap().as_bytes().to_vec(),
        source_ip: http["sourceIp"].as_str().unwrap().into(),
    });
    assert_eq!(answer.status, 200, "{name}: {}", answer.body);
    answer.body
}

#[test]
fn each_webhook_is_accepted_with_the_samples_secret() {
    let scene = deployment();
    keep(&scene);
    for (name, records) in [
        (
            "webhooks-zoho-notification.json",
            &["5725767000003000010", "5725767000003000020"][..],
        ),
        (
            "webhooks-zoho-notification-delete.json",
            &["5725767000003000030"],
        ),
        ("webhooks-zoho-workflow-json.json", &["5725767000003000010"]),
        ("webhooks-zoho-workflow-form.json", &["5725767000003000010"]),
        (
            "webhooks-salesforce-outbound.json",
            &["006000000000001AAA", "006000000000002AAA"],
        ),
        ("webhooks-callout-salesforce.json", &["006000000000001AAA"]),
        (
            "webhooks-callout-zoho.json",
            &["5725767000003000010", "5725767000003000030"],
        ),
    ] {
        let before = scene.told().len();
        let answer = post(&scene, name);
        assert_eq!(&scene.records()[before..], records, "{name}");
        if name == "webhooks-salesforce-outbound.json" {
            assert!(answer.contains("<Ack>true</Ack>"), "{answer}");
        }
    }
    assert!(post(&scene, "webhooks-callout-zoho.json").contains("already accepted"));
}

fn take(name: &str) -> (Scene, PlatformReport) {
    let scene = deployment();
    let batch: Vec<Message> = sample(name)["Records"]
        .as_array()
        .unwrap()
        .iter()
        .map(|record| Message {
            id: record["messageId"].as_str().unwrap().into(),
            receipt: String::new(),
            queue: QueueName::SalesforceEvents,
            group: None,
            receive_count: 1,
            sent: counterpart_delivery::Sent::once(
                scene.clock.now() - jiff::SignedDuration::from_hours(1),
            ),
            body: record["body"].as_str().unwrap().into(),
        })
        .collect();
    let events = PlatformEvents {
        context: scene.context(),
    };
    let deadline = scene
        .clock
        .now()
        .checked_add(Duration::from_secs(60))
        .unwrap();
    let report = scene.clock.block_on(events.handle(&batch, deadline));
    assert!(report.failed.is_empty(), "{name}: {report:?}");
    (scene, report)
}

#[test]
fn each_change_event_comes_to_its_events() {
    let (scene, report) = take("platform-events-change-relay.json");
    assert_eq!((report.queued, report.parked), (4, 0));
    let changes: Vec<Change> = scene.events().iter().map(|event| event.change).collect();
    assert_eq!(
        changes,
        [
            Change::Updated,
            Change::Updated,
            Change::Updated,
            Change::Deleted
        ]
    );
    for (name, change, record) in [
        (
            "platform-events-change-pubsub.json",
            Change::Updated,
            "001000000000001AAA",
        ),
        (
            "platform-events-change-appflow.json",
            Change::Created,
            "001000000000003AAA",
        ),
        (
            "platform-events-gap.json",
            Change::Unknown,
            "006000000000001AAA",
        ),
        (
            "platform-events-named.json",
            Change::Unknown,
            "006000000000001AAA",
        ),
    ] {
        let (scene, report) = take(name);
        assert_eq!((report.queued, report.parked), (1, 0), "{name}");
        let event = &scene.events()[0];
        assert_eq!(
            (event.change, event.record.0.as_str()),
            (change, record),
            "{name}"
        );
    }
}

#[test]
fn lost_events_are_noted_and_bad_bodies_parked() {
    for (name, module) in [
        ("platform-events-overflow.json", "Account"),
        ("platform-events-wildcard.json", "Contact"),
    ] {
        let (scene, report) = take(name);
        assert_eq!((report.queued, report.resyncs), (0, 1), "{name}");
        let notes = scene
            .clock
            .block_on(scene.store.resyncs(&target("salesforce")))
            .unwrap();
        assert_eq!(notes[0].module, module);
    }
    let (scene, report) = take("platform-events-bad-bodies.json");
    assert_eq!((report.queued, report.parked), (1, 2));
    let codes: Vec<String> = scene
        .store
        .all_parked()
        .into_iter()
        .map(|one| one.fault.code.into_owned())
        .collect();
    assert!(
        codes.contains(&"E_EVENT_SOURCE".into()) && codes.contains(&"E_EVENT_MALFORMED".into()),
        "{codes:?}"
    );
}

#[test]
fn every_sample_of_a_way_in_is_used_here() {
    let this = include_str!("samples.rs");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events");
    for file in std::fs::read_dir(folder).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let ours = ["webhooks-", "platform-events-", "channel-keeper-"];
        if ours.iter().any(|prefix| name.starts_with(prefix)) {
            assert!(
                this.contains(&format!("\"{name}\"")),
                "{name} is used by no test"
            );
        }
    }
}
