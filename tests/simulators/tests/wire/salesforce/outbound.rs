//! Outbound messages and their retries.

use reqwest::Method;
use serde_json::{Value, json};

use super::org::Org;
use crate::receiver::{Got, Receiver};

const ACK: &str = "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"><soapenv:Body><notificationsResponse xmlns=\"http://soap.sforce.com/2005/09/outbound\"><Ack>true</Ack></notificationsResponse></soapenv:Body></soapenv:Envelope>";

fn ids(got: &Got) -> Vec<String> {
    got.body
        .split("<Id>")
        .skip(1)
        .map(|rest| rest.split('<').next().unwrap().to_owned())
        .collect()
}

async fn registered(receiver: &Receiver, more: Value) -> Org {
    let org = Org::new().await;
    let mut rule = json!({"url": format!("{}/out", receiver.url), "object": "Account", "fields": ["Name", "Phone"], "retry_ms": 50});
    for (name, value) in more.as_object().unwrap() {
        rule[name] = value.clone();
    }
    org.door("outbound", rule).await;
    org
}

async fn accounts(org: &Org, count: usize) {
    let rows: Vec<Value> = (0..count)
        .map(|n| json!({"attributes": {"type": "Account"}, "Name": format!("Buyer {n}")}))
        .collect();
    let body = json!({"allOrNone": false, "records": rows});
    org.call(Method::POST, "composite/sobjects", body).await;
}

#[tokio::test]
async fn a_hundred_notifications_share_a_message_and_one_ack() {
    let receiver = Receiver::new(ACK).await;
    let org = registered(&receiver, json!({})).await;
    accounts(&org, 150).await;
    let got = receiver.wait(2).await;
    assert_eq!((ids(&got[0]).len(), ids(&got[1]).len()), (100, 50));
    assert!(ids(&got[0])[0].starts_with("04l"));
    assert_eq!(receiver.settled().await.len(), 2);
    let shown = org.door("outbound", Value::Null).await;
    assert_eq!(
        (&shown["acknowledged"], &shown["waiting"]),
        (&json!(150), &json!([]))
    );
}

#[tokio::test]
async fn a_nack_a_page_or_an_error_is_followed_by_the_same_notifications_after_a_pause() {
    let receiver = Receiver::new(ACK).await;
    let nack = ACK.replace("true", "false");
    receiver.then(&[(200, &nack), (200, "<html>OK"), (500, "ok"), (202, "")]);
    let org = registered(&receiver, json!({})).await;
    accounts(&org, 2).await;
    let got = receiver.wait(5).await;
    for one in &got {
        assert_eq!(ids(one), ids(&got[0]));
    }
    assert_eq!(receiver.settled().await.len(), 5);
    let shown = org.door("outbound", Value::Null).await;
    let errors: Vec<&Value> = shown["posts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|post| &post["error"])
        .collect();
    assert_eq!(errors[0], "SOAP response was a nack");
    assert!(errors[1].as_str().unwrap().contains("SAXParseException"));
    assert_eq!(errors[2], "HTTP 500");
    assert_eq!(*errors[4], Value::Null);
    let at: Vec<i64> = shown["posts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|post| post["at_ms"].as_i64().unwrap())
        .collect();
    // The pauses double: 50, 100, 200, 400.
    for (gap, least) in at.windows(2).zip([50, 100, 200, 400]) {
        assert!(gap[1] - gap[0] >= least, "{at:?}");
    }
}

#[tokio::test]
async fn a_retry_carries_what_the_record_is_now() {
    let receiver = Receiver::new(ACK).await;
    receiver.then(&[(503, "")]);
    let org = registered(
        &receiver,
        json!({"retry_ms": 300, "when": {"Type": "Client"}}),
    )
    .await;
    let id = org
        .create(
            "Account",
            json!({"Name": "Old & <tired>", "Type": "Client"}),
        )
        .await;
    receiver.wait(1).await;
    // The rule held before: this edit is no new message.
    org.update("Account", &id, json!({"Name": "New"})).await;
    let got = receiver.wait(2).await;
    assert!(
        got[0]
            .body
            .contains("<sf:Name>Old &amp; &lt;tired&gt;</sf:Name>")
    );
    assert!(got[1].body.contains("<sf:Name>New</sf:Name>"));
    assert!(got[1].body.contains("xsi:type=\"sf:Account\""));
    assert!(got[1].body.contains("<SessionId xsi:nil=\"true\"/>"));
    assert!(!got[1].body.contains("sf:Phone"));
    assert_eq!(receiver.settled().await.len(), 2);
}

#[tokio::test]
async fn after_a_day_it_gives_up_and_a_deleted_record_is_never_told() {
    let receiver = Receiver::new(ACK).await;
    receiver.then(&[(503, "")]);
    let org = registered(&receiver, json!({"retry_ms": 3_600_000})).await;
    accounts(&org, 3).await;
    receiver.wait(1).await;
    receiver.settled().await;
    org.door("faults", json!({"clock": {"advance_seconds": 86_500}}))
        .await;
    assert_eq!(receiver.settled().await.len(), 1);
    let shown = org.door("outbound", Value::Null).await;
    assert_eq!(
        (&shown["gave_up"], &shown["acknowledged"]),
        (&json!(3), &json!(0))
    );
}

#[tokio::test]
async fn messages_go_to_this_machine_only_and_hide_sessions() {
    let receiver = Receiver::new(ACK).await;
    let org = registered(&receiver, json!({"session_id": "00D!secret", "nil_fields": true, "organization_id": "00DRM000000Fxts2AC"})).await;
    accounts(&org, 1).await;
    let got = receiver.wait(1).await;
    assert!(got[0].body.contains("<SessionId>00D!secret</SessionId>"));
    assert!(
        got[0]
            .body
            .contains("<OrganizationId>00DRM000000Fxts2AC</OrganizationId>")
    );
    assert!(got[0].body.contains("<sf:Phone xsi:nil=\"true\"/>"));
    let shown = org.door("outbound", Value::Null).await;
    assert!(!shown.to_string().contains("secret"));
    let elsewhere = org
        .call_with(
            Method::POST,
            "/_sim/outbound",
            json!({"url": "http://example.com/", "object": "Account", "fields": []}),
            &[],
        )
        .await;
    assert_eq!(elsewhere.status, 400);
}
