//! Watch channels on the wire.

use crate::support::*;
use counterpart_delivery::SecretText;
use counterpart_delivery::ports::{ChannelRequest, CrmChannels as _};
use counterpart_domain::Class;
use jiff::Timestamp;
use serde_json::{Value as Json, json};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

const WATCH: &str = "/crm/v8/actions/watch";
const TOKEN: &str = "t0ken-of-the-channel";
const PATH: &str = "s3cret-path-of-this-target";

fn request() -> ChannelRequest {
    ChannelRequest {
        channel_id: "1000000068001".into(),
        events: vec!["Deals.all".into(), "Accounts.edit".into()],
        notify_url: SecretText::new(format!(
            "https://api.example.com/zoho/sales/notifications/{PATH}"
        )),
        token: SecretText::new(TOKEN),
        expiry: "2026-11-28T00:00:00.987654Z".parse().unwrap(),
    }
}

async fn answers(server: &MockServer, replies: Vec<ResponseTemplate>) {
    for reply in replies {
        Mock::given(path(WATCH))
            .respond_with(reply)
            .up_to_n_times(1)
            .mount(server)
            .await;
    }
}

fn watch(status: u16, entries: impl Into<Vec<Json>>) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({"watch": entries.into()}))
}

fn subscribed(expiries: &[&str]) -> Json {
    let events: Vec<Json> = expiries
        .iter()
        .map(|expiry| json!({"channel_expiry": expiry, "resource_uri": "https://www.zohoapis.com/crm/v8/Deals",
            "resource_id": "554023000000000131", "resource_name": "Deals", "channel_id": "1000000068001"}))
        .collect();
    json!({"code": "SUCCESS", "details": {"events": events}, "status": "success",
           "message": "Successfully subscribed for actions-watch of the given module"})
}

fn not_subscribed() -> Json {
    json!({"code": "NOT_SUBSCRIBED", "details": {}, "status": "error",
           "message": "Not subscribed for actions-watch of the given channel"})
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[tokio::test]
async fn the_expiry_that_counts_is_the_one_that_was_granted() {
    let (server, client) = ready().await;
    answers(
        &server,
        vec![
            watch(
                201,
                [subscribed(&[
                    "2026-11-22T04:00:00-11:00",
                    "2026-11-22T14:00:00+00:00",
                ])],
            ),
            watch(200, [subscribed(&["2026-11-28T00:00:00+00:00"])]),
            watch(
                200,
                [json!({"code": "SUCCESS", "details": {}, "status": "success"})],
            ),
        ],
    )
    .await;
    let granted = client.subscribe(&request()).await.unwrap();
    assert_eq!(
        granted,
        time("2026-11-22T14:00:00Z"),
        "the earliest of them"
    );
    let renewed = client.renew(&request()).await.unwrap();
    assert_eq!(renewed, time("2026-11-28T00:00:00Z"));
    client
        .unsubscribe(&["1000000068001".into(), "2".into(), "x&y=1".into()])
        .await
        .unwrap();
    let (_, calls) = requests(&server).await;
    insta::assert_snapshot!(calls.iter().map(shown).collect::<String>());
    client.unsubscribe(&[]).await.unwrap();
    assert_eq!(client.usage().calls(), 3);
}

#[tokio::test]
async fn a_channel_that_is_not_there_is_told_apart_and_its_end_is_no_fault() {
    let (server, client) = ready().await;
    answers(
        &server,
        vec![
            watch(400, [not_subscribed()]),
            watch(200, [not_subscribed()]),
            watch(400, [not_subscribed()]),
            // As it is documented for DELETE.
            ResponseTemplate::new(400).set_body_json(not_subscribed()),
            ResponseTemplate::new(204),
        ],
    )
    .await;
    for _ in 0..2 {
        let fault = client.renew(&request()).await.unwrap_err();
        assert_eq!(
            (&*fault.code, fault.class),
            ("E_CRM_NOT_SUBSCRIBED", Class::Data)
        );
    }
    for _ in 0..3 {
        client.unsubscribe(&["1".into()]).await.unwrap();
    }
    Mock::given(method("DELETE"))
        .respond_with(error(401, "OAUTH_SCOPE_MISMATCH"))
        .mount(&server)
        .await;
    let fault = client.unsubscribe(&["1".into()]).await.unwrap_err();
    assert_eq!(fault.code, "E_CRM_SCOPE");
}

#[tokio::test]
async fn neither_token_nor_address_is_in_what_is_told_of_a_failure() {
    let (server, client) = ready().await;
    let repeated = json!({"code": "INVALID_DATA", "status": "error", "message": format!("bad {TOKEN}"),
        "details": {"api_name": "notify_url", "url": request().notify_url.reveal(), "token": TOKEN, "path": PATH}});
    let escaped = repeated.to_string().replace('/', "\\/");
    let wrapped = format!("{{\"watch\":[{escaped}]}}");
    answers(
        &server,
        vec![
            watch(400, [repeated.clone()]),
            watch(200, [repeated.clone()]),
            ResponseTemplate::new(400).set_body_json(&repeated),
            ResponseTemplate::new(400).set_body_raw(wrapped, "application/json"),
            ResponseTemplate::new(502).set_body_string(format!("<html>{TOKEN} {PATH}")),
            watch(200, []),
            watch(200, [json!({"code": "SUCCESS", "details": {"events": [{"channel_expiry": "soon", "t": TOKEN}]}})]),
        ],
    )
    .await;
    for n in 0..7 {
        let fault = client.subscribe(&request()).await.unwrap_err();
        let told = format!("{fault} {fault:?}");
        assert!(!told.contains(TOKEN) && !told.contains(PATH), "{n}: {told}");
        let class = if n < 4 {
            Class::Configuration
        } else {
            Class::Transient
        };
        assert_eq!(fault.class, class, "{n}: {told}");
    }
    let told = format!("{:?}", request());
    assert!(!told.contains(TOKEN) && !told.contains(PATH), "{told}");
}

#[tokio::test]
async fn what_zoho_would_cut_or_refuse_is_not_sent() {
    let (_server, client) = ready().await;
    let change = |change: fn(&mut ChannelRequest)| {
        let mut request = request();
        change(&mut request);
        request
    };
    for request in [
        change(|request| request.token = SecretText::new("x".repeat(51))),
        change(|request| request.channel_id = "12a".into()),
        change(|request| request.channel_id = String::new()),
        change(|request| request.events.clear()),
    ] {
        assert_eq!(
            client.subscribe(&request).await.unwrap_err().class,
            Class::Bug
        );
    }
    assert_eq!(client.usage().calls(), 0);
}
