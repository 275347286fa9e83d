//! What an agent, or whatever stands in its place, can do to us.

use std::time::Duration;

use crate::support::{abc, agent, client_of, json_answer, page, record, window};
use counterpart_delivery::ports::Sage;
use counterpart_domain::{Class, Entity, Fault};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use wiremock::ResponseTemplate;

async fn fault_of(response: ResponseTemplate) -> Fault {
    let (_server, client) = agent(response).await;
    client
        .changes(&abc(), Entity::CUSTOMER, &window())
        .await
        .unwrap_err()
}

#[tokio::test]
async fn the_body_of_an_error_is_classed_and_its_message_kept_for_engineers() {
    let body =
        json!({"code": "E_LOCKED", "message": "AR_Customer 01-ABF is in use", "retryable": true});
    let fault = fault_of(ResponseTemplate::new(423).set_body_json(body)).await;
    assert_eq!(
        (fault.class, &*fault.code),
        (Class::Transient, "E_SAGE_LOCKED")
    );
    assert_eq!(
        fault.detail,
        "HTTP 423, E_LOCKED: AR_Customer 01-ABF is in use"
    );
}

#[tokio::test]
async fn patience_is_asked_for_until_an_instant() {
    let limited = ResponseTemplate::new(429)
        .insert_header("retry-after", "20")
        .set_body_json(json!({"code": "E_RATE_LIMITED", "message": "slower", "retryable": true}));
    let fault = fault_of(limited).await;
    assert_eq!(fault.class, Class::Throttled);
    assert_eq!(
        fault.not_before,
        Some("2026-11-22T19:30:20Z".parse().unwrap())
    );
}

#[tokio::test]
async fn a_page_for_people_is_an_outage_whatever_its_status() {
    for status in [200, 404, 503] {
        let page = ResponseTemplate::new(status)
            .set_body_raw("<html>Service maintenance</html>", "text/html");
        let fault = fault_of(page).await;
        assert_eq!(
            (fault.class, &*fault.code),
            (Class::Transient, "E_SAGE_DOWN"),
            "{status}"
        );
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (elsewhere, _) = agent(json_answer(&page(&[record("ABF", "9")], None))).await;
    let fault =
        fault_of(ResponseTemplate::new(302).insert_header("location", elsewhere.uri())).await;
    assert_eq!(
        (fault.class, &*fault.code),
        (Class::Configuration, "E_SAGE_NO_AGENT")
    );
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn an_answer_that_is_no_json_is_refused() {
    let fault =
        fault_of(ResponseTemplate::new(200).set_body_raw("{\"as_of\":", "application/json")).await;
    assert_eq!(fault.code, "E_SAGE_CONTRACT");
}

#[tokio::test]
async fn a_slow_agent_and_one_that_is_not_there_are_outages() {
    let slow = json_answer(&page(&[], None)).set_delay(Duration::from_secs(5));
    let fault = fault_of(slow).await;
    assert_eq!(
        (fault.class, &*fault.code),
        (Class::Transient, "E_SAGE_DOWN")
    );
    assert!(fault.message.contains("in time"));

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let client = client_of(&format!("http://{address}"));
    let fault = client
        .changes(&abc(), Entity::CUSTOMER, &window())
        .await
        .unwrap_err();
    assert_eq!(
        (fault.class, &*fault.code),
        (Class::Transient, "E_SAGE_DOWN")
    );
    assert!(fault.message.contains("cannot be reached"), "{fault}");
}

#[tokio::test]
async fn an_endless_answer_is_cut_off_while_it_is_read() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let _ = socket.read(&mut [0; 2048]).await.unwrap();
        // No content-length: only counting helps.
        socket
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n[")
            .await
            .unwrap();
        let mut sent = 0_usize;
        while socket.write_all(&[b' '; 65_536]).await.is_ok() {
            sent += 65_536;
        }
        sent
    });
    let mut settings = counterpart_sage100::AgentSettings::new(
        format!("http://{address}"),
        counterpart_delivery::SecretText::new("t"),
    );
    settings.allow_loopback = true;
    let client = counterpart_sage100::AgentClient::new(&settings, crate::support::Still).unwrap();
    let fault = client
        .changes(&abc(), Entity::CUSTOMER, &window())
        .await
        .unwrap_err();
    assert_eq!(fault.code, "E_SAGE_TOO_LARGE");
    assert!(server.await.unwrap() < 64 * 1024 * 1024);
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_an_outage() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let _ = socket.read(&mut [0; 2048]).await.unwrap();
        let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{\"as_of\"";
        socket.write_all(head).await.unwrap();
        socket.shutdown().await.unwrap();
    });
    let client = client_of(&format!("http://{address}"));
    let fault = client
        .changes(&abc(), Entity::CUSTOMER, &window())
        .await
        .unwrap_err();
    assert_eq!(
        (fault.class, &*fault.code),
        (Class::Transient, "E_SAGE_DOWN")
    );
}

#[tokio::test]
async fn the_token_is_in_no_error_and_no_debug_text() {
    let fault = fault_of(ResponseTemplate::new(401)).await;
    assert_eq!(
        (fault.class, &*fault.code),
        (Class::Configuration, "E_SAGE_UNAUTHORIZED")
    );
    let client = client_of("http://127.0.0.1:1");
    let down = client
        .changes(&abc(), Entity::CUSTOMER, &window())
        .await
        .unwrap_err();
    for text in [
        format!("{fault:?}"),
        format!("{down:?}"),
        format!("{client:?}"),
    ] {
        assert!(!text.contains("agent-token"), "{text}");
    }
}
