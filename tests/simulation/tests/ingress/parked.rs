//! What platform-events set aside, sent again.

use std::time::Duration;

use counterpart_delivery::ports::{Clock as _, Parked, Parking as _, Route};
use counterpart_delivery::{Redrive, Would};
use serde_json::json;

use crate::platform::{ACCOUNT, change, header, run};
use crate::scene::{ORG, Scene, ScenePorts, outage, target};

#[test]
fn an_event_goes_back_to_the_queue_that_it_came_from_once_its_cause_is_mended() {
    let mut scene = Scene::new();
    let fields = json!({"Name": "New"});
    let event = change(header("UPDATE", &[ACCOUNT], &["Name"]), fields);
    let other = "00D000000000001EAA";
    let event = event.replace(ORG, other);
    let report = run(&scene, &[event.clone(), "not json".to_owned()]);
    assert_eq!((report.queued, report.parked), (0, 2));
    let events = &mut scene
        .config
        .targets
        .get_mut(&target("salesforce"))
        .unwrap()
        .events;
    events.organizations.push(other.into());
    let platform = scene.source();
    let redrive = Redrive::<ScenePorts> {
        store: &scene.store,
        queue: &scene.queue,
        clock: &scene.clock,
        config_version: 1,
    };
    let plan = |item: &Parked| scene.clock.block_on(redrive.plan(item)).unwrap();
    for item in scene.store.all_parked() {
        let would = plan(&item);
        let readable = item.payload == event;
        assert_eq!(matches!(would, Would::SendAgain), readable, "{would:?}");
        assert_eq!(matches!(would, Would::Impossible(_)), !readable);
        scene.clock.block_on(redrive.send(&item, would)).unwrap();
    }
    assert_eq!(scene.store.all_parked().len(), 1, "what is no event stays");
    assert!(scene.told().is_empty(), "crm-events could not read it");
    assert!(
        platform.receive(10).is_empty(),
        "it is taken away before anybody can park it again"
    );
    scene.clock.advance(Duration::from_secs(60));
    let received: Vec<String> = platform
        .receive(10)
        .into_iter()
        .map(|received| received.body)
        .collect();
    assert_eq!(received, [event]);
    assert_eq!(run(&scene, &received).queued, 1);
}

#[test]
fn a_message_without_a_record_is_taken_away_before_anybody_can_set_it_aside_again() {
    let scene = Scene::new();
    let redrive = Redrive::<ScenePorts> {
        store: &scene.store,
        queue: &scene.queue,
        clock: &scene.clock,
        config_version: 1,
    };
    let now = scene.clock.now();
    let payload = json!({"version": 1, "id": "e1", "target": "zoho", "module": "Deals", "record": "1",
        "change": "updated", "source": "callout", "received_at": now});
    let (id, payload) = ("body#0af".to_owned(), payload.to_string());
    let item = Parked::new("zoho", id, Route::CrmEvents, outage(), payload, now);
    scene.clock.block_on(scene.store.park(&item)).unwrap();
    let would = scene.clock.block_on(redrive.plan(&item)).unwrap();
    scene.clock.block_on(redrive.send(&item, would)).unwrap();
    assert!(scene.store.all_parked().is_empty());
    assert!(scene.told().receive(10).is_empty());
    scene.clock.advance(Duration::from_secs(60));
    assert_eq!(scene.told().receive(10).len(), 1);
}
