//! How attempts and connections go together.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_dynamodb::Client;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::support::config;

const BUSY: &str = r#"{"__type":"InternalServerError","message":"busy"}"#;

/// A DynamoDB that refuses so many requests, and how many connections it was asked over.
async fn server(refusals: usize) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let (connections, asked) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(answer(socket, Arc::clone(&asked), refusals));
        }
    });
    (endpoint, connections)
}

/// Answers whatever comes, for as long as the connection is used.
async fn answer(mut socket: TcpStream, asked: Arc<AtomicUsize>, refusals: usize) {
    let mut request = vec![0; 16 * 1024];
    while let Ok(read) = socket.read(&mut request).await {
        if read == 0 {
            return;
        }
        let (status, body) = match asked.fetch_add(1, Ordering::SeqCst) < refusals {
            true => (500, BUSY),
            false => (200, "{}"),
        };
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        socket.write_all(head.as_bytes()).await.unwrap();
        socket.write_all(body.as_bytes()).await.unwrap();
    }
}

async fn list(client: &Client) {
    client.list_tables().send().await.unwrap();
}

#[tokio::test]
async fn calls_share_a_connection() {
    let (endpoint, connections) = server(0).await;
    let client = Client::new(&config(&endpoint));
    for _ in 0..3 {
        list(&client).await;
    }
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_repeated_attempt_has_a_connection_of_its_own_and_the_next_call_the_old_one() {
    let (endpoint, connections) = server(1).await;
    let client = Client::new(&config(&endpoint));
    list(&client).await;
    assert_eq!(connections.load(Ordering::SeqCst), 2);
    list(&client).await;
    assert_eq!(connections.load(Ordering::SeqCst), 2);
}
