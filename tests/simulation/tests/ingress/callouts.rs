//! Signed callouts and their repeats.

use std::collections::BTreeSet;
use std::time::Duration;

use counterpart_delivery::event::EventSource;

use crate::scene::{Scene, outage};

const ONE: &str = r#"{"module":"Opportunity","id":"006900000000001"}"#;

#[test]
fn one_record_or_several_are_accepted() {
    let scene = Scene::new();
    let several = r#"{"events":[{"module":"Account","id":"001900000000001","operation":"insert"},
                     {"module":"Opportunity","id":"006900000000002AAA"}]}"#;
    for body in [ONE, several] {
        assert_eq!(scene.post(&scene.signed(body)).status, 200, "{body}");
    }
    assert_eq!(
        scene.records(),
        [
            "006900000000001AAA",
            "001900000000001AAA",
            "006900000000002AAA"
        ]
    );
    assert!(
        scene
            .events()
            .iter()
            .all(|event| event.source == EventSource::Callout)
    );
}

#[test]
fn an_id_may_be_a_number_as_zohos_functions_hold_it() {
    let scene = Scene::new();
    for body in [
        r#"{"module":"Deals","id":4150868000000700001}"#,
        r#"{"events":[{"module":"Deals","id":4150868000000700002}]}"#,
    ] {
        let mut request = scene.signed(body);
        request.path = "/callouts/zoho".into();
        assert_eq!(scene.post(&request).status, 200, "{body}");
    }
    assert_eq!(
        scene.records(),
        ["4150868000000700001", "4150868000000700002"]
    );
}

#[test]
fn an_event_may_name_several_records() {
    let scene = Scene::new();
    let body = r#"{"events":[{"module":"Account","id":["001900000000001","nobody","001900000000002"]},
                  {"module":"Opportunity","id":"006900000000001, 006900000000002"}]}"#;
    assert_eq!(scene.post(&scene.signed(body)).status, 200);
    assert_eq!(
        scene.records(),
        [
            "001900000000001AAA",
            "001900000000002AAA",
            "006900000000001AAA",
            "006900000000002AAA"
        ]
    );
    let ids: BTreeSet<String> = scene.events().into_iter().map(|one| one.id).collect();
    assert_eq!(ids.len(), 4, "{ids:?}");
    let many: Vec<String> = (0..201).map(|n| format!("006900000000{n:03}")).collect();
    let body = serde_json::json!({"module": "Opportunity", "id": many}).to_string();
    assert_eq!(scene.post(&scene.signed(&body)).status, 400);
    assert_eq!(scene.events().len(), 4);
}

#[test]
fn a_repeat_of_accepted_work_is_told_so_and_queues_nothing() {
    let scene = Scene::new();
    let request = scene.signed(ONE);
    assert_eq!(scene.post(&request).status, 200);
    scene.clock.advance(Duration::from_secs(200));
    let answer = scene.post(&request);
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (200, r#"{"status":"already accepted"}"#)
    );
    assert_eq!(scene.told().len(), 1);
    let mut upper = request.clone();
    upper.headers[1].1 = upper.headers[1]
        .1
        .to_uppercase()
        .replace("T=", "t=")
        .replace("V1=", "v1=");
    assert!(
        scene.post(&upper).body.contains("already accepted"),
        "the same signature in other letters"
    );
    assert_eq!(scene.told().len(), 1);
}

#[test]
fn a_repeat_of_work_that_failed_is_taken_up() {
    let scene = Scene::new();
    let request = scene.signed(ONE);
    scene.told().break_down(outage());
    assert_eq!(scene.post(&request).status, 503);
    scene.told().mend();
    assert_eq!(
        scene.post(&request).body,
        r#"{"events":1,"status":"accepted"}"#
    );
    assert_eq!(scene.told().len(), 1);
    assert!(scene.post(&request).body.contains("already accepted"));
}

#[test]
fn a_signature_outlives_its_window_nowhere() {
    let scene = Scene::new();
    let request = scene.signed(ONE);
    scene.clock.advance(Duration::from_secs(301));
    let answer = scene.post(&request);
    assert_eq!(answer.status, 401);
    assert!(answer.body.contains("E_WEBHOOK_STALE"), "{}", answer.body);
    assert!(scene.told().is_empty());
}

#[test]
fn a_retry_of_work_that_was_begun_is_taken_up_after_the_window_as_well() {
    let scene = Scene::new();
    let request = scene.signed(ONE);
    scene.told().break_down(outage());
    assert_eq!(scene.post(&request).status, 503, "begun, and not finished");
    scene.told().mend();
    scene.clock.advance(Duration::from_secs(6 * 3_600));
    assert_eq!(
        scene.post(&request).body,
        r#"{"events":1,"status":"accepted"}"#
    );
    assert_eq!(scene.records(), ["006900000000001AAA"]);
    // Finished, it is as stale as any other.
    let answer = scene.post(&request);
    assert_eq!(answer.status, 401);
    assert!(answer.body.contains("E_WEBHOOK_STALE"), "{}", answer.body);
    assert_eq!(scene.told().len(), 1);
}

#[test]
fn begun_work_is_forgotten_after_a_day_and_opens_the_door_to_nothing_else() {
    let scene = Scene::new();
    let (request, other) = (scene.signed(ONE), scene.signed(&ONE.replace("001", "002")));
    scene.told().break_down(outage());
    assert_eq!(scene.post(&request).status, 503);
    scene.told().mend();
    scene.clock.advance(Duration::from_secs(3_600));
    assert_eq!(
        scene.post(&other).status,
        401,
        "another one was never begun"
    );
    let mut forged = request.clone();
    forged.body.push(b' ');
    assert_eq!(scene.post(&forged).status, 401);
    scene.clock.advance(Duration::from_secs(23 * 3_600));
    assert_eq!(scene.post(&request).status, 401);
    assert!(scene.told().is_empty());
}

#[test]
fn a_malformed_body_uses_up_no_nonce_and_a_signature_covers_every_byte() {
    let scene = Scene::new();
    for body in [
        "{}",
        "[]",
        "",
        r#"{"module":"Opportunity","id":"x"}"#,
        r#"{"events":[]}"#,
    ] {
        let answer = scene.post(&scene.signed(body));
        assert_eq!(answer.status, 400, "{body}");
    }
    let mut changed = scene.signed(ONE);
    changed.body.push(b' ');
    assert_eq!(scene.post(&changed).status, 401);
    let mut elsewhere = scene.signed(ONE);
    elsewhere.path = "/callouts/nowhere".into();
    assert_eq!(scene.post(&elsewhere).status, 401);
    assert!(scene.told().is_empty());
}
