//! The shared access token.

use std::sync::Arc;

use crate::support::*;
use counterpart_delivery::SecretText;
use counterpart_delivery::ports::{Clock as _, Crm as _, StoredToken};
use counterpart_domain::{Class, Fault, TargetName};
use counterpart_zoho::{Credentials, ZohoClient};
use jiff::SignedDuration;
use serde_json::json;
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

/// A Zoho that takes the one token and refuses every other.
async fn takes_only(server: &MockServer, token: &str) {
    let good = format!("Zoho-oauthtoken {token}");
    Mock::given(path("/crm/v8/Accounts/upsert"))
        .respond_with(move |request: &Request| {
            let given = request.headers.get("authorization").unwrap();
            if given.to_str().unwrap() == good {
                data(200, [updated("1")])
            } else {
                error(401, "INVALID_TOKEN")
            }
        })
        .mount(server)
        .await;
}

fn fresh(text: &str) -> serde_json::Value {
    json!({"access_token": text, "token_type": "Bearer", "expires_in": 3600})
}

#[tokio::test]
async fn the_first_call_gets_a_token_and_shares_it() {
    let (server, clock, tokens) = (
        MockServer::start().await,
        VirtualClock::new(),
        MemoryTokens::default(),
    );
    token_answer(&server, 200, fresh("1000.new")).await;
    takes_only(&server, "1000.new").await;
    let first = client(&server, &tokens, &clock);
    first.upsert(&call(&["01-A"])).await.unwrap();
    first.upsert(&call(&["01-A"])).await.unwrap();
    client(&server, &tokens, &clock)
        .upsert(&call(&["01-A"]))
        .await
        .unwrap();
    let (refreshes, calls) = requests(&server).await;
    assert_eq!((refreshes.len(), calls.len()), (1, 3));
    let stored = tokens.0.lock().unwrap().token.clone().unwrap();
    assert_eq!(stored.generation, 1);
    assert_eq!(
        stored.expires_at,
        clock.now() + SignedDuration::from_hours(1)
    );
    insta::assert_snapshot!(shown(&refreshes[0]));
}

#[tokio::test]
async fn a_token_of_the_org_whose_secret_was_there_before_is_not_used() {
    let (server, clock, tokens) = (
        MockServer::start().await,
        VirtualClock::new(),
        MemoryTokens::default(),
    );
    token_answer(&server, 200, fresh("1000.new")).await;
    takes_only(&server, "1000.new").await;
    let first = client(&server, &tokens, &clock);
    first.upsert(&call(&["01-A"])).await.unwrap();
    let other = ZohoClient::new(
        TargetName::new("zoho").unwrap(),
        &connection(&server),
        Credentials {
            refresh_token: SecretText::new("1000.of-another-org"),
            ..credentials()
        },
        tokens.clone(),
        clock.clone(),
    )
    .unwrap();
    other.upsert(&call(&["01-A"])).await.unwrap();
    other.upsert(&call(&["01-A"])).await.unwrap();
    let (refreshes, calls) = requests(&server).await;
    assert_eq!((refreshes.len(), calls.len()), (2, 3));
    let asked = String::from_utf8_lossy(&refreshes[1].body).into_owned();
    assert!(asked.contains("1000.of-another-org"), "{asked}");
}

#[tokio::test]
async fn a_token_revoked_half_way_costs_one_refresh_however_many_clients_there_are() {
    let (server, clock) = (MockServer::start().await, VirtualClock::new());
    let tokens = MemoryTokens::with(token("1000.revoked", &clock));
    token_answer(&server, 200, fresh("1000.new")).await;
    takes_only(&server, "1000.new").await;
    let clients: Vec<Client> = (0..8).map(|_| client(&server, &tokens, &clock)).collect();
    let call = call(&["01-A"]);
    let outcomes =
        futures_util::future::join_all(clients.iter().map(|client| client.upsert(&call))).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    let (refreshes, calls) = requests(&server).await;
    assert_eq!((refreshes.len(), calls.len()), (1, 16));
    assert_eq!(
        tokens.0.lock().unwrap().token.as_ref().unwrap().generation,
        2
    );
    // The dead token is forgotten by all of them.
    clients[7].upsert(&call).await.unwrap();
    assert_eq!(requests(&server).await.1.len(), 17);
}

#[tokio::test]
async fn a_token_that_somebody_replaced_already_is_taken_without_a_refresh() {
    let (server, clock) = (MockServer::start().await, VirtualClock::new());
    let tokens = MemoryTokens::with(token("1000.old", &clock));
    upsert_answers(&server, vec![data(200, [updated("1")])]).await;
    let client = client(&server, &tokens, &clock);
    client.upsert(&call(&["01-A"])).await.unwrap();
    // The sixteenth token killed the oldest: the store has a newer one than this client remembers.
    let mut newer = token("1000.new", &clock);
    newer.generation = 2;
    tokens.0.lock().unwrap().token = Some(newer);
    takes_only(&server, "1000.new").await;
    client.upsert(&call(&["01-A"])).await.unwrap();
    assert_eq!(requests(&server).await.0.len(), 0);
}

#[tokio::test]
async fn a_fresh_token_that_is_refused_too_is_a_setting_to_mend() {
    let (server, clock) = (MockServer::start().await, VirtualClock::new());
    let tokens = MemoryTokens::with(token("1000.old", &clock));
    token_answer(&server, 200, fresh("1000.new")).await;
    takes_only(&server, "none").await;
    let fault = client(&server, &tokens, &clock)
        .upsert(&call(&["01-A"]))
        .await
        .unwrap_err();
    assert_eq!(
        (&*fault.code, fault.class),
        ("E_CRM_UNAUTHORIZED", Class::Configuration)
    );
    let (refreshes, calls) = requests(&server).await;
    assert_eq!((refreshes.len(), calls.len()), (1, 2));
}

#[tokio::test]
async fn a_missing_scope_costs_no_refresh() {
    let (server, client) = ready().await;
    upsert_answers(&server, vec![error(401, "OAUTH_SCOPE_MISMATCH")]).await;
    let fault = client.upsert(&call(&["01-A"])).await.unwrap_err();
    assert_eq!(
        (&*fault.code, fault.class),
        ("E_CRM_SCOPE", Class::Configuration)
    );
    assert_eq!(requests(&server).await.0.len(), 0);
}

#[tokio::test]
async fn a_token_is_replaced_a_minute_before_it_runs_out() {
    let (server, clock) = (MockServer::start().await, VirtualClock::new());
    let tokens = MemoryTokens::with(token("1000.old", &clock));
    token_answer(&server, 200, fresh("1000.new")).await;
    Mock::given(path("/crm/v8/Accounts/upsert"))
        .respond_with(data(200, [updated("1")]))
        .mount(&server)
        .await;
    let client = client(&server, &tokens, &clock);
    clock.pass(3500);
    client.upsert(&call(&["01-A"])).await.unwrap();
    assert_eq!(requests(&server).await.0.len(), 0);
    clock.pass(50);
    client.upsert(&call(&["01-A"])).await.unwrap();
    let (refreshes, calls) = requests(&server).await;
    assert_eq!(refreshes.len(), 1);
    assert_eq!(
        calls[1].headers["authorization"],
        "Zoho-oauthtoken 1000.new"
    );
}

#[tokio::test]
async fn while_another_instance_refreshes_the_last_minute_of_the_old_token_is_used() {
    let (server, clock) = (MockServer::start().await, VirtualClock::new());
    let tokens = MemoryTokens::with(token("1000.old", &clock));
    takes_only(&server, "1000.old").await;
    clock.pass(3570);
    tokens.lease_to_somebody(clock.now() + SignedDuration::from_secs(20));
    client(&server, &tokens, &clock)
        .upsert(&call(&["01-A"]))
        .await
        .unwrap();
    assert_eq!(requests(&server).await.0.len(), 0);
}

#[tokio::test]
async fn a_refresh_that_its_owner_did_not_live_to_finish_is_taken_over() {
    let (server, clock, tokens) = (
        MockServer::start().await,
        VirtualClock::new(),
        MemoryTokens::default(),
    );
    token_answer(&server, 200, fresh("1000.new")).await;
    takes_only(&server, "1000.new").await;
    tokens.lease_to_somebody(clock.now() + SignedDuration::from_secs(25));
    let client = client(&server, &tokens, &clock);
    client.upsert(&call(&["01-A"])).await.unwrap();
    // One that never ends is not waited for.
    tokens.0.lock().unwrap().token = None;
    clock.pass(4000);
    tokens.lease_to_somebody(clock.now() + SignedDuration::from_hours(5));
    let fault = client.upsert(&call(&["01-A"])).await.unwrap_err();
    assert_eq!(
        (&*fault.code, fault.class),
        ("E_CRM_TOKEN_BUSY", Class::Transient)
    );
}

#[tokio::test]
async fn an_overtaken_refresh_uses_the_token_that_is_shared() {
    let (server, clock, tokens) = (
        MockServer::start().await,
        VirtualClock::new(),
        MemoryTokens::default(),
    );
    token_answer(&server, 200, fresh("1000.mine")).await;
    takes_only(&server, "1000.theirs").await;
    tokens.0.lock().unwrap().overtaken_by = Some(token("1000.theirs", &clock));
    client(&server, &tokens, &clock)
        .upsert(&call(&["01-A"]))
        .await
        .unwrap();
    assert_eq!(requests(&server).await.0.len(), 1);
}

async fn refused(
    status: u16,
    body: serde_json::Value,
) -> (Fault, MemoryTokens, VirtualClock, Client, MockServer) {
    let (server, clock, tokens) = (
        MockServer::start().await,
        VirtualClock::new(),
        MemoryTokens::default(),
    );
    token_answer(&server, status, body).await;
    let client = client(&server, &tokens, &clock);
    let fault = client.upsert(&call(&["01-A"])).await.unwrap_err();
    (fault, tokens, clock, client, server)
}

#[tokio::test]
async fn a_throttled_token_endpoint_is_left_alone_for_ten_minutes_by_everybody() {
    let body = json!({"error": "Access Denied", "error_description": "You have made too many requests continuously. Please try again after some time."});
    let (fault, tokens, clock, client, server) = refused(400, body).await;
    assert_eq!(
        (&*fault.code, fault.class),
        ("E_CRM_TOKEN_THROTTLED", Class::Throttled)
    );
    let until = fault.not_before.unwrap();
    assert!(until >= clock.now() + SignedDuration::from_mins(10));
    assert_eq!(tokens.0.lock().unwrap().not_before, Some(until));
    for _ in 0..5 {
        clock.pass(100);
        let fault = client.upsert(&call(&["01-A"])).await.unwrap_err();
        assert_eq!(
            (&*fault.code, fault.not_before),
            ("E_CRM_TOKEN_ALLOWANCE", Some(until))
        );
    }
    assert_eq!(requests(&server).await.0.len(), 1);
}

#[tokio::test]
async fn revoked_credentials_are_permanent_though_the_status_is_200() {
    let (fault, tokens, ..) = refused(200, json!({"error": "invalid_code"})).await;
    assert_eq!(
        (&*fault.code, fault.class),
        ("E_CRM_REFRESH_TOKEN_INVALID", Class::Configuration)
    );
    assert_eq!(tokens.0.lock().unwrap().not_before, None);
}

#[tokio::test]
async fn the_allowance_is_never_overdrawn_in_an_outage() {
    let (fault, _, clock, client, server) = refused(503, json!({})).await;
    assert_eq!(
        (&*fault.code, fault.class),
        ("E_CRM_TOKEN_UNAVAILABLE", Class::Transient)
    );
    for _ in 0..60 {
        clock.pass(9);
        assert!(
            client
                .upsert(&call(&["01-A"]))
                .await
                .unwrap_err()
                .is_retryable()
        );
    }
    assert_eq!(requests(&server).await.0.len(), 8);
}

#[tokio::test]
async fn an_api_domain_other_than_the_configured_one_is_followed() {
    let (configured, named) = (MockServer::start().await, MockServer::start().await);
    let (clock, tokens) = (VirtualClock::new(), MemoryTokens::default());
    let mut reply = fresh("1000.new");
    reply["api_domain"] = json!(named.uri());
    token_answer(&configured, 200, reply).await;
    takes_only(&named, "1000.new").await;
    client(&configured, &tokens, &clock)
        .upsert(&call(&["01-A"]))
        .await
        .unwrap();
    assert_eq!(requests(&named).await.1.len(), 1);
    assert_eq!(requests(&configured).await.1.len(), 0);

    // A later reply without api_domain keeps it.
    clock.pass(3600);
    configured.reset().await;
    token_answer(&configured, 200, fresh("1000.new")).await;
    client(&configured, &tokens, &clock)
        .upsert(&call(&["01-A"]))
        .await
        .unwrap();
    assert_eq!(requests(&named).await.1.len(), 2);
}

#[tokio::test]
async fn an_api_domain_of_somebody_else_gets_nothing() {
    for foreign in [
        "https://www.zohoapis.com.evil.example",
        "http://www.zohoapis.com",
    ] {
        let mut reply = fresh("1000.new");
        reply["api_domain"] = json!(foreign);
        let (fault, tokens, _, _, server) = refused(200, reply).await;
        assert_eq!(
            (&*fault.code, fault.class),
            ("E_CRM_API_DOMAIN", Class::Configuration)
        );
        assert!(tokens.0.lock().unwrap().token.is_none());
        assert_eq!(requests(&server).await.1.len(), 0);
    }
    // Neither does one that found its way into the store.
    let (server, clock) = (MockServer::start().await, VirtualClock::new());
    let stored = StoredToken {
        api_base: Some("https://evil.example".into()),
        ..token("1000.good", &clock)
    };
    let client = client(&server, &MemoryTokens::with(stored), &clock);
    let fault = client.upsert(&call(&["01-A"])).await.unwrap_err();
    assert_eq!(fault.code, "E_CRM_API_DOMAIN");
}

#[tokio::test]
async fn secrets_are_in_no_fault_and_in_no_debug_text() {
    let (server, clock) = (MockServer::start().await, VirtualClock::new());
    let secret = "1000.access-token";
    // A server that repeats what it was given.
    Mock::given(method("POST"))
        .and(header("authorization", format!("Zoho-oauthtoken {secret}")))
        .respond_with(|request: &Request| {
            let given = request.headers["authorization"].to_str().unwrap();
            ResponseTemplate::new(400).set_body_json(
                json!({"code": "INVALID_DATA", "message": given, "details": {"given": [given, SECRET, REFRESH]}}),
            )
        })
        .mount(&server)
        .await;
    let tokens = MemoryTokens::with(token(secret, &clock));
    let api = client(&server, &tokens, &clock)
        .upsert(&call(&["01-A"]))
        .await
        .unwrap_err();
    let echo = format!("no {SECRET} {REFRESH}");
    let (oauth, ..) = refused(
        400,
        json!({"error": "invalid_client", "error_description": echo}),
    )
    .await;
    let (proxy, ..) = refused(502, json!([echo])).await;
    let stored = tokens.0.lock().unwrap().token.clone();
    for text in [
        format!("{api} {api:?}"),
        format!("{oauth} {oauth:?}"),
        format!("{proxy} {proxy:?}"),
        format!("{stored:?} {:?}", credentials()),
        format!("{:?}", Arc::new(SecretText::new(secret))),
    ] {
        for hidden in [secret, SECRET, REFRESH, "1000.CLIENTID"] {
            assert!(!text.contains(hidden), "{text}");
        }
    }
    assert!(
        api.detail.contains('…') && oauth.detail.contains('…'),
        "{api} {oauth}"
    );
}
