//! What is accepted, and when.

use counterpart_delivery::event::{Change, EventSource};

use crate::scene::{
    CHANNEL, ORG, SECRETS, Scene, callback, notification, opportunities, outage, outbound, request,
    soap,
};

fn ids(n: usize) -> Vec<String> {
    (1..=n).map(|n| format!("57257670000030{n:05}")).collect()
}

#[test]
fn a_callback_with_thirty_ids_is_thirty_events() {
    let scene = Scene::new();
    let answer = scene.post(&notification(&callback(&ids(30))));
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (200, r#"{"events":30,"status":"accepted"}"#)
    );
    assert_eq!(scene.records(), ids(30));
    let event = &scene.events()[0];
    assert_eq!(
        (event.module.as_str(), event.change),
        ("Deals", Change::Updated)
    );
    assert_eq!(event.source, EventSource::ZohoNotification);
    assert_eq!(
        event.occurred_at,
        Some("2026-11-22T19:30:00Z".parse().unwrap())
    );
    let first: Vec<String> = scene.events().into_iter().map(|event| event.id).collect();
    scene.post(&notification(&callback(&ids(30))));
    let second: Vec<String> = scene
        .events()
        .into_iter()
        .skip(30)
        .map(|event| event.id)
        .collect();
    assert_eq!(first, second, "a repeat is known by its events' ids");
}

#[test]
fn channel_and_ids_may_be_numbers_and_what_is_no_id_takes_nobody_along() {
    let scene = Scene::new();
    let body = callback(&[])
        .replace(&format!("\"{CHANNEL}\""), CHANNEL)
        .replace("\"ids\":[]", "\"ids\":[5725767000003000010,\"x\",null,\"5725767000003000020\",\"5725767000003000020\"]");
    assert_eq!(scene.post(&notification(&body)).status, 200);
    assert_eq!(
        scene.records(),
        ["5725767000003000010", "5725767000003000020"]
    );
}

#[test]
fn a_module_that_nobody_waits_for_is_accepted_and_left_out() {
    let scene = Scene::new();
    let body = callback(&ids(2)).replace("\"Deals\"", "\"Notes\"");
    let answer = scene.post(&notification(&body));
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (200, r#"{"events":0,"status":"accepted"}"#)
    );
    assert!(scene.told().is_empty());
}

#[test]
fn a_refused_entry_is_sent_again_and_an_outage_asks_the_sender_to_come_again() {
    let scene = Scene::new();
    scene.told().refuse([3]);
    assert_eq!(scene.post(&notification(&callback(&ids(30)))).status, 200);
    assert_eq!(scene.told().len(), 30);
    scene.told().break_down(outage());
    let answer = scene.post(&notification(&callback(&ids(30))));
    assert_eq!(
        (answer.status, answer.headers["retry-after"].as_str()),
        (503, "30")
    );
    assert!(
        !answer.body.contains("E_QUEUE_DOWN"),
        "what is wrong inside is nobody's business"
    );
}

#[test]
fn workflow_webhooks_come_as_json_or_as_a_form() {
    let scene = Scene::new();
    let path = "/zoho/zoho/webhook/hush-path";
    let json = request(
        path,
        "application/json",
        r#"{"module":"Deals","id":"5725767000003000010","Amount":5}"#,
    );
    let form = request(
        path,
        "application/x-www-form-urlencoded;charset=UTF-8",
        "Module=Deals&ids=5725767000003000020%2C+5725767000003000030&operation=delete",
    );
    for mut request in [json, form] {
        assert_eq!(scene.post(&request).status, 401);
        request
            .headers
            .push(("x-counterpart-token".into(), SECRETS[2].into()));
        assert_eq!(scene.post(&request).status, 200);
        request.path = "/zoho/zoho/webhook/other".into();
        assert_eq!(scene.post(&request).status, 401);
    }
    assert_eq!(
        scene.records(),
        [
            "5725767000003000010",
            "5725767000003000020",
            "5725767000003000030"
        ]
    );
    let changes: Vec<Change> = scene.events().iter().map(|event| event.change).collect();
    assert_eq!(changes, [Change::Unknown, Change::Deleted, Change::Deleted]);
}

#[test]
fn an_outbound_message_is_acknowledged_when_the_queue_has_all_of_it() {
    let scene = Scene::new();
    let body = outbound(&ORG[..15], &opportunities(2));
    let answer = scene.post(&soap(&body));
    assert_eq!(
        (answer.status, answer.headers["content-type"].as_str()),
        (200, "text/xml; charset=utf-8")
    );
    assert!(answer.body.contains("<Ack>true</Ack>"), "{}", answer.body);
    let events = scene.events();
    assert_eq!(
        (events[0].module.as_str(), events[0].record.0.as_str()),
        ("Opportunity", "006900000000000AAA")
    );
    assert_eq!(events[0].id, "om-04l900000000000AAA");
    assert_eq!(events.len(), 2);
}

#[test]
fn one_notification_of_a_hundred_that_the_queue_refuses_is_a_nack_and_the_repeat_loses_and_doubles_nothing()
 {
    let scene = Scene::new();
    let message = soap(&outbound(ORG, &opportunities(100)));
    scene.told().refuse([41]);
    let answer = scene.post(&message);
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains("<Ack>false</Ack>"), "{}", answer.body);
    assert_eq!(scene.told().len(), 99);
    let answer = scene.post(&message);
    assert!(answer.body.contains("<Ack>true</Ack>"), "{}", answer.body);
    let mut all: Vec<(String, String)> = scene
        .events()
        .into_iter()
        .map(|e| (e.id, e.record.0))
        .collect();
    assert_eq!(all.len(), 199);
    all.sort();
    all.dedup();
    assert_eq!(
        all.len(),
        100,
        "each event of the repeat has the id of the first one"
    );
}

#[test]
fn a_notification_that_stands_twice_in_a_message_is_one_event() {
    let scene = Scene::new();
    let one = opportunities(1)[0].clone();
    scene.post(&soap(&outbound(ORG, &[one.clone(), one])));
    assert_eq!(scene.told().len(), 1);
}

#[test]
fn a_message_with_a_hundred_long_texts_is_taken() {
    let scene = Scene::new();
    let text = format!("<sf:Name>{}", "x".repeat(32_000));
    let post = outbound(ORG, &opportunities(100)).replace("<sf:Name>", &text);
    assert!(post.len() > 3_000_000);
    let answer = scene.post(&soap(&post));
    assert!(answer.body.contains("<Ack>true</Ack>"), "{}", answer.body);
    assert_eq!(scene.records().len(), 100);
    let post = post.replace("<sf:Name>", &text);
    assert_eq!(scene.post(&soap(&post)).status, 413);
}

/// Merge fields and lists are put together by hand: each usual spelling is understood, and what is no id takes nobody along.
#[test]
fn a_bad_id_of_a_workflow_webhook_does_not_refuse_its_neighbours() {
    let bodies = [
        (
            "application/json",
            r#"{"module":"Deals","ids":["5725767000003000010","${!Deals.id}"]}"#,
        ),
        (
            "application/json",
            r#"{"module":"Deals","id":"zcrm_5725767000003000010, none"}"#,
        ),
        (
            "application/json",
            r#"{"module":"Deals","ids":"[\"5725767000003000010\", \"x\"]"}"#,
        ),
        (
            "application/x-www-form-urlencoded",
            "module=Deals&id=%225725767000003000010%22&id=4.2E9",
        ),
        (
            "application/x-www-form-urlencoded",
            "module=Deals&ids=%5B%225725767000003000010%22%2C+null%5D",
        ),
    ];
    for (kind, body) in bodies {
        let scene = Scene::new();
        let mut request = request("/zoho/zoho/webhook/hush-path", kind, body);
        let token = ("x-counterpart-token".into(), SECRETS[2].into());
        request.headers.push(token);
        assert_eq!(scene.post(&request).status, 200, "{body}");
        assert_eq!(scene.records(), ["5725767000003000010"], "{body}");
    }
    // Without any id there is nothing to take: its sender is told.
    let scene = Scene::new();
    let mut request = request(
        "/zoho/zoho/webhook/hush-path",
        "application/json",
        r#"{"module":"Deals","id":"${!Deals.id}"}"#,
    );
    let token = ("x-counterpart-token".into(), SECRETS[2].into());
    request.headers.push(token);
    assert_eq!(scene.post(&request).status, 400);
}

/// A person types the module's name into the rule.
#[test]
fn a_module_in_other_letters_is_the_module() {
    for body in [
        "module=deals&id=5725767000003000010",
        "module=DEALS&id=5725767000003000010",
    ] {
        let (status, records) = workflow_says("application/x-www-form-urlencoded", "", body);
        assert_eq!(
            (status, records.as_slice()),
            (200, &["5725767000003000010".to_owned()][..]),
            "{body}"
        );
    }
    let scene = Scene::new();
    let mut request = request(
        "/zoho/zoho/webhook/hush-path",
        "application/json",
        r#"{"module":"deals","id":"5725767000003000010"}"#,
    );
    let token = ("x-counterpart-token".into(), SECRETS[2].into());
    request.headers.push(token);
    scene.post(&request);
    // Whoever reads the record has to name its module as the CRM does.
    assert_eq!(scene.events()[0].module, "Deals");
}

/// What the two ways in say of a body under a content type.
fn workflow_says(content_type: &str, query: &str, body: &str) -> (u16, Vec<String>) {
    let scene = Scene::new();
    let mut request = request("/zoho/zoho/webhook/hush-path", content_type, body);
    let token = SECRETS[2].to_owned();
    request.headers.push(("x-counterpart-token".into(), token));
    query.clone_into(&mut request.query);
    let answer = scene.post(&request);
    (answer.status, scene.records())
}

#[test]
fn a_rules_webhook_is_taken_in_every_form_that_zoho_offers() {
    let id = "5725767000000524157";
    let parts = format!(
        "--x1\r\nContent-Disposition: form-data; name=\"module\"\r\n\r\nDeals\r\n--x1\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\n{id}\r\n--x1--\r\n"
    );
    let form = format!("module=Deals&id={id}");
    let json = format!("{{\"module\":\"Deals\",\"id\":\"{id}\"}}");
    for (content_type, query, body) in [
        ("multipart/form-data; boundary=x1", "", parts.as_str()),
        ("multipart/form-data; boundary=\"x1\"", "", parts.as_str()),
        ("application/x-www-form-urlencoded", form.as_str(), ""),
        (
            "application/x-www-form-urlencoded",
            "module=Deals",
            "id=5725767000000524157",
        ),
        ("text/plain", "", json.as_str()),
        ("text/plain;charset=UTF-8", "", form.as_str()),
        ("", "", json.as_str()),
        ("", form.as_str(), ""),
        ("application/json", form.as_str(), ""),
    ] {
        let said = workflow_says(content_type, query, body);
        assert_eq!(
            said,
            (200, vec![id.to_owned()]),
            "{content_type} {query} {body}"
        );
    }
    for (content_type, body) in [
        ("multipart/form-data", parts.as_str()),
        ("multipart/form-data; boundary=x2", parts.as_str()),
        (
            "multipart/form-data; boundary=x1",
            "--x1\r\nno header\r\n\r\nDeals\r\n--x1--",
        ),
        ("text/plain", "hello"),
    ] {
        assert_eq!(
            workflow_says(content_type, "", body).0,
            400,
            "{content_type}"
        );
    }
    assert_eq!(workflow_says("text/html", "", "<p>").0, 415);
}
