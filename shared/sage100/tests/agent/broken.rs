//! Writing by the agent over connections that break: what may have been written, and what cannot have been.

use std::time::Duration;

use counterpart_delivery::ports::SageWrite as _;
use counterpart_domain::Class;
use serde_json::json;
use wiremock::{MockServer, ResponseTemplate};

use crate::support::{capabilities, capable, client_of, customer};
use crate::writes::{WRITES, answering, context, sale};

#[tokio::test]
async fn sent_and_not_answered_is_unknown_but_never_connected_is_not() {
    let slow = ResponseTemplate::new(201)
        .set_body_json(json!({"number": "0000342"}))
        .set_delay(Duration::from_secs(5));
    let (_server, client) = answering(slow).await;
    let fault = client
        .create_order("0000342", &customer("01-ABF"), &sale(), context())
        .await
        .unwrap_err();
    assert_eq!(
        (fault.class, &*fault.code),
        (Class::Ambiguous, "E_SAGE_OUTCOME_UNKNOWN")
    );

    // Answers once, which is enough for the capabilities, and is gone.
    let client = client_of(&answering_once(capabilities(&[], WRITES)).await);
    client.known_capabilities().await.unwrap();
    let fault = client
        .create_order("0000342", &customer("01-ABF"), &sale(), context())
        .await
        .unwrap_err();
    assert_eq!(
        (fault.class, &*fault.code),
        (Class::Transient, "E_SAGE_UNAVAILABLE")
    );
}

#[tokio::test]
async fn a_connection_that_breaks_after_the_request_is_unknown() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let server = MockServer::start().await;
    capable(&server, &[], WRITES).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    // Answers the capabilities, and hangs up in the middle of everything else.
    let upstream = server.uri();
    tokio::spawn(async move {
        let client = counterpart_simulators::plain_http().build().unwrap();
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut buffer = vec![0; 65536];
            let read = stream.read(&mut buffer).await.unwrap_or(0);
            if buffer[..read].starts_with(b"GET /v1/capabilities") {
                let body = client
                    .get(format!("{upstream}/v1/capabilities"))
                    .send()
                    .await
                    .unwrap()
                    .text()
                    .await
                    .unwrap();
                let head = format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
                    body.len()
                );
                stream.write_all((head + &body).as_bytes()).await.unwrap();
            } else {
                stream
                    .write_all(b"HTTP/1.1 201 Created\r\nContent-Length: 50\r\n\r\n{\"num")
                    .await
                    .unwrap();
            }
        }
    });
    let client = client_of(&format!("http://{address}"));
    let fault = client
        .create_order("0000342", &customer("01-ABF"), &sale(), context())
        .await
        .unwrap_err();
    assert_eq!(
        (fault.class, &*fault.code),
        (Class::Ambiguous, "E_SAGE_OUTCOME_UNKNOWN"),
        "{fault}"
    );
}

/// A server that answers one request with this body, closes the connection, and listens no more.
async fn answering_once(body: serde_json::Value) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        drop(listener);
        let mut buffer = vec![0; 65536];
        let _ = stream.read(&mut buffer).await;
        let body = body.to_string();
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all((head + &body).as_bytes()).await.unwrap();
    });
    format!("http://{address}")
}
