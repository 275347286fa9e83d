//! The shared access token.

use crate::support::*;
use counterpart_delivery::SecretText;
use counterpart_delivery::ports::{Clock as _, Crm as _, RefreshClaim, Tokens as _};
use counterpart_domain::Class;
use counterpart_salesforce::Connection;
use counterpart_simulation::VirtualClock;
use counterpart_simulation::memory::MemoryStore;
use jiff::SignedDuration;
use serde_json::json;
use std::time::Duration;
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

/// Lets time pass while others wait.
async fn meanwhile<T>(clock: &VirtualClock, future: impl Future<Output = T>) -> T {
    let passing = async {
        loop {
            tokio::time::sleep(Duration::from_millis(5)).await;
            clock.advance(Duration::from_millis(50));
        }
    };
    let (future, passing) = (std::pin::pin!(future), std::pin::pin!(passing));
    match futures_util::future::select(future, passing).await {
        futures_util::future::Either::Left((answer, _)) => answer,
        futures_util::future::Either::Right(_) => unreachable!("time never ends"),
    }
}

#[tokio::test]
async fn a_session_that_ends_half_way_costs_one_refresh_however_many_clients_there_are() {
    let (server, clock, store) = (MockServer::start().await, clock(), MemoryStore::new());
    let handed_out = std::sync::atomic::AtomicUsize::new(0);
    let uri = server.uri();
    Mock::given(path(TOKEN))
        .respond_with(move |_: &Request| {
            let n = handed_out.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            ResponseTemplate::new(200)
                .set_body_json(json!({"access_token": format!("00D!{n}"), "instance_url": uri}))
        })
        .mount(&server)
        .await;
    let clients: Vec<Client> = (0..8).map(|_| client(&server, &store, &clock)).collect();
    answers(
        &server,
        UPSERT,
        (0..8).map(|_| rows([updated(1)])).collect(),
    )
    .await;
    let call = call(&["01-A"]);
    for client in &clients {
        client.upsert(&call).await.unwrap();
    }
    takes_only(&server, "00D!1").await;
    let all = futures_util::future::join_all(clients.iter().map(|client| client.upsert(&call)));
    let outcomes = meanwhile(&clock, all).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    let (refreshes, calls) = requests(&server).await;
    assert_eq!((refreshes.len(), calls.len()), (2, 8 + 16));
    assert_eq!(stored(&store).await.unwrap().generation, 2);
    // The dead token is forgotten by all of them.
    clients[7].upsert(&call).await.unwrap();
    assert_eq!(requests(&server).await.1.len(), 25);
}

#[tokio::test]
async fn a_refused_session_is_replaced_once_whatever_its_name() {
    for refusal in [
        expired(),
        error(401, "INVALID_AUTH_HEADER", "INVALID_JWT_FORMAT"),
        ResponseTemplate::new(401),
    ] {
        let (server, client) = ready().await;
        answers(&server, UPSERT, vec![refusal, rows([created(1)])]).await;
        client.upsert(&call(&["01-A"])).await.unwrap();
        let (refreshes, calls) = requests(&server).await;
        assert_eq!((refreshes.len(), calls.len()), (2, 2));
    }
}

#[tokio::test]
async fn a_fresh_session_that_is_refused_too_is_a_setting_to_mend() {
    let (server, client) = ready().await;
    answers(&server, UPSERT, vec![expired(), expired()]).await;
    let fault = client.upsert(&call(&["01-A"])).await.unwrap_err();
    assert_eq!(
        (&*fault.code, fault.class),
        ("E_CRM_UNAUTHORIZED", Class::Configuration)
    );
    let (refreshes, calls) = requests(&server).await;
    assert_eq!((refreshes.len(), calls.len()), (2, 2));
}

#[tokio::test]
async fn refusals_that_another_session_would_meet_too_cost_no_refresh() {
    for (refusal, code) in [
        (
            error(
                401,
                "INVALID_SESSION_ID",
                "This session is not valid for use with the REST API",
            ),
            "E_CRM_SCOPE",
        ),
        (
            error(
                401,
                "INVALID_SESSION_ID",
                "Connected app is not attached to Agent",
            ),
            "E_CRM_APP_NOT_ATTACHED",
        ),
        (
            ResponseTemplate::new(403).set_body_string("Bad_OAuth_Token"),
            "E_CRM_UNAUTHORIZED",
        ),
        (error(403, "INSUFFICIENT_ACCESS", "no"), "E_CRM_PERMISSION"),
        (error(400, "INVALID_SESSION_ID", "no"), "E_CRM_UNAUTHORIZED"),
    ] {
        let (server, client) = ready().await;
        answers(&server, UPSERT, vec![refusal]).await;
        let fault = client.upsert(&call(&["01-A"])).await.unwrap_err();
        assert_eq!((&*fault.code, fault.class), (code, Class::Configuration));
        assert_eq!(requests(&server).await.0.len(), 1);
    }
}

#[tokio::test]
async fn an_app_that_was_mended_gets_a_new_session_after_a_while() {
    let (server, clock) = (MockServer::start().await, clock());
    token_answer(&server, 200, granted(&server, "00D!good")).await;
    let client = client(&server, &MemoryStore::new(), &clock);
    let not_for_rest = || {
        error(
            401,
            "INVALID_SESSION_ID",
            "This session is not valid for use with the REST API",
        )
    };
    answers(
        &server,
        UPSERT,
        vec![
            not_for_rest(),
            not_for_rest(),
            not_for_rest(),
            rows([updated(1)]),
        ],
    )
    .await;
    for _ in 0..2 {
        let fault = client.upsert(&call(&["01-A"])).await.unwrap_err();
        assert_eq!(fault.code, "E_CRM_SCOPE");
    }
    assert_eq!(requests(&server).await.0.len(), 1);
    clock.advance(Duration::from_secs(16 * 60));
    client.upsert(&call(&["01-A"])).await.unwrap();
    assert_eq!(requests(&server).await.0.len(), 2);
}

#[tokio::test]
async fn sessions_that_never_last_use_up_the_allowance_and_no_more() {
    let (server, client) = ready().await;
    Mock::given(path(UPSERT))
        .respond_with(expired())
        .mount(&server)
        .await;
    let mut last = None;
    for _ in 0..30 {
        last = client.upsert(&call(&["01-A"])).await.err();
    }
    let fault = last.unwrap();
    assert_eq!(
        (&*fault.code, fault.class),
        ("E_CRM_TOKEN_ALLOWANCE", Class::Throttled)
    );
    assert_eq!(requests(&server).await.0.len(), 10);
}

#[tokio::test]
async fn the_instance_that_the_reply_names_is_called_and_kept_when_a_later_reply_leaves_it_out() {
    let (login, instance) = (MockServer::start().await, MockServer::start().await);
    let (clock, store) = (clock(), MemoryStore::new());
    let replies = [
        json!({"access_token": "00D!1", "instance_url": instance.uri()}),
        json!({"access_token": "00D!2"}),
    ];
    answers(
        &login,
        TOKEN,
        replies
            .map(|body| ResponseTemplate::new(200).set_body_json(body))
            .into(),
    )
    .await;
    takes_only(&instance, "00D!1").await;
    client(&login, &store, &clock)
        .upsert(&call(&["01-A"]))
        .await
        .unwrap();
    instance.reset().await;
    takes_only(&instance, "00D!2").await;
    client(&login, &store, &clock)
        .upsert(&call(&["01-A"]))
        .await
        .unwrap();
    assert_eq!(requests(&instance).await.1.len(), 2);
    let (refreshes, calls) = requests(&login).await;
    assert_eq!((refreshes.len(), calls.len()), (2, 0));
}

#[tokio::test]
async fn a_reply_that_never_named_an_instance_means_the_org_itself() {
    let server = MockServer::start().await;
    token_answer(&server, 200, json!({"access_token": "00D!new"})).await;
    takes_only(&server, "00D!new").await;
    let connection = Connection {
        instance_url: Some(server.uri()),
        ..connection(&server)
    };
    let client = client_with(&connection, credentials(), &MemoryStore::new(), &clock());
    client.upsert(&call(&["01-A"])).await.unwrap();
}

#[tokio::test]
async fn an_instance_of_somebody_else_gets_nothing() {
    for foreign in [
        "https://acme.my.salesforce.com.evil.com",
        "http://acme.my.salesforce.com",
        "https://x.my.salesforce.com@evil.com",
    ] {
        let (server, store) = (MockServer::start().await, MemoryStore::new());
        token_answer(
            &server,
            200,
            json!({"access_token": "00D!new", "instance_url": foreign}),
        )
        .await;
        let fault = client(&server, &store, &clock())
            .upsert(&call(&["01-A"]))
            .await
            .unwrap_err();
        assert_eq!(
            (&*fault.code, fault.class),
            ("E_CRM_API_DOMAIN", Class::Configuration)
        );
        assert!(stored(&store).await.is_none());
        assert_eq!(requests(&server).await.1.len(), 0);
    }
    // Neither does one that found its way into the store.
    let (server, clock, store) = (MockServer::start().await, clock(), MemoryStore::new());
    token_answer(&server, 200, granted(&server, "00D!good")).await;
    takes_only(&server, "00D!good").await;
    client(&server, &store, &clock)
        .upsert(&call(&["01-A"]))
        .await
        .unwrap();
    let mut token = stored(&store).await.unwrap();
    let base = token.api_base.clone().unwrap();
    token.api_base = Some(base.replace(&server.uri(), "https://evil.example"));
    let (target, now) = (target(), clock.now());
    let claim = store.claim_refresh(
        &target,
        "me",
        1,
        now,
        now + SignedDuration::from_secs(9),
        9,
        9,
    );
    assert_eq!(claim.await.unwrap(), RefreshClaim::Granted);
    store.store_token(&target, "me", &token).await.unwrap();
    let fault = client(&server, &store, &clock)
        .upsert(&call(&["01-A"]))
        .await
        .unwrap_err();
    assert_eq!(fault.code, "E_CRM_API_DOMAIN");
}

#[tokio::test]
async fn a_session_of_another_org_or_user_is_not_used_after_the_configuration_changed() {
    let (server, clock, store) = (MockServer::start().await, clock(), MemoryStore::new());
    token_answer(&server, 200, granted(&server, "00D!good")).await;
    takes_only(&server, "00D!good").await;
    client(&server, &store, &clock)
        .upsert(&call(&["01-A"]))
        .await
        .unwrap();
    let other_org = Connection {
        my_domain: "other.my.salesforce.com".into(),
        ..connection(&server)
    };
    let mut other_app = credentials();
    other_app.client_id = SecretText::new("3MVG9.OTHER");
    for (connection, credentials) in [(other_org, credentials()), (connection(&server), other_app)]
    {
        let before = requests(&server).await.0.len();
        let client = client_with(&connection, credentials, &store, &clock);
        client.upsert(&call(&["01-A"])).await.unwrap();
        client.upsert(&call(&["01-A"])).await.unwrap();
        assert_eq!(requests(&server).await.0.len(), before + 1);
    }
}

#[tokio::test]
async fn what_a_person_must_mend_is_tried_again_at_once_and_an_outage_after_a_pause() {
    let (fault, _, _, client, server) =
        refused_token(400, json!({"error": "invalid_grant", "error_description": "user hasn't approved this consumer"})).await;
    assert_eq!(
        (&*fault.code, fault.class),
        ("E_CRM_NOT_APPROVED", Class::Configuration)
    );
    client.upsert(&call(&["01-A"])).await.unwrap_err();
    assert_eq!(requests(&server).await.0.len(), 2);

    let (fault, _, clock, client, server) = refused_token(503, json!({})).await;
    assert_eq!(
        (&*fault.code, fault.class),
        ("E_CRM_TOKEN_UNAVAILABLE", Class::Transient)
    );
    assert!(
        client
            .upsert(&call(&["01-A"]))
            .await
            .unwrap_err()
            .is_retryable()
    );
    assert_eq!(requests(&server).await.0.len(), 1);
    clock.advance(Duration::from_secs(16));
    client.upsert(&call(&["01-A"])).await.unwrap_err();
    assert_eq!(requests(&server).await.0.len(), 2);
}

#[tokio::test]
async fn the_instance_of_another_org_is_not_kept() {
    let (login, other) = (MockServer::start().await, MockServer::start().await);
    let (clock, store) = (clock(), MemoryStore::new());
    token_answer(
        &login,
        200,
        json!({"access_token": "00D!1", "instance_url": other.uri()}),
    )
    .await;
    takes_only(&other, "00D!1").await;
    let first = client(&login, &store, &clock);
    first.upsert(&call(&["01-A"])).await.unwrap();
    // sync.toml names another org from now on, whose reply leaves the instance out.
    login.reset().await;
    token_answer(&login, 200, json!({"access_token": "00D!2"})).await;
    let moved = Connection {
        my_domain: "another.my.salesforce.com".into(),
        ..connection(&login)
    };
    let moved = client_with(&moved, credentials(), &store, &clock);
    moved.upsert(&call(&["01-A"])).await.unwrap_err();
    let base = stored(&store).await.unwrap().api_base.unwrap();
    assert!(
        base.starts_with("https://another.my.salesforce.com#"),
        "{base}"
    );
    assert_eq!(requests(&other).await.1.len(), 1);
}

#[tokio::test]
async fn a_stored_session_that_cannot_be_sent_is_replaced() {
    let (server, clock, store) = (MockServer::start().await, clock(), MemoryStore::new());
    token_answer(&server, 200, granted(&server, "00D!1")).await;
    takes_only(&server, "00D!1").await;
    client(&server, &store, &clock)
        .upsert(&call(&["01-A"]))
        .await
        .unwrap();
    let broken = counterpart_delivery::ports::StoredToken {
        access_token: SecretText::new("00D!\n"),
        generation: 2,
        ..stored(&store).await.unwrap()
    };
    let now = clock.now();
    store
        .claim_refresh(
            &target(),
            "x",
            1,
            now,
            now + SignedDuration::from_secs(9),
            10,
            600,
        )
        .await
        .unwrap();
    store.store_token(&target(), "x", &broken).await.unwrap();
    client(&server, &store, &clock)
        .upsert(&call(&["01-A"]))
        .await
        .unwrap();
    assert_eq!(stored(&store).await.unwrap().generation, 3);
}
