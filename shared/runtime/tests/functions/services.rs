//! SQS and Secrets Manager, as far as the functions use them.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

/// What was sent to the queue.
pub type Sent = Arc<Mutex<Vec<String>>>;

/// Secrets by name, as they are now.
pub type Secrets = Arc<Mutex<Value>>;

/// Secrets, and a queue that takes everything.
pub async fn services(secrets: Secrets) -> (MockServer, Sent) {
    let server = MockServer::start().await;
    let sent = Sent::default();
    let kept = Arc::clone(&sent);
    let answer = move |request: &Request| {
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        match request.headers["x-amz-target"].to_str().unwrap() {
            "AmazonSQS.SendMessageBatch" => {
                let entries = body["Entries"].as_array().unwrap();
                let bodies = entries
                    .iter()
                    .map(|entry| entry["MessageBody"].as_str().unwrap().to_owned());
                kept.lock().unwrap().extend(bodies);
                let taken: Vec<Value> = entries
                    .iter()
                    .map(|entry| json!({"Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": "x"}))
                    .collect();
                ResponseTemplate::new(200).set_body_json(json!({"Successful": taken, "Failed": []}))
            }
            "AmazonSQS.ChangeMessageVisibility" => {
                ResponseTemplate::new(200).set_body_json(json!({}))
            }
            "secretsmanager.GetSecretValue" => {
                match secrets
                    .lock()
                    .unwrap()
                    .get(body["SecretId"].as_str().unwrap())
                {
                    Some(secret) => ResponseTemplate::new(200)
                        .set_body_json(json!({"SecretString": secret.to_string()})),
                    None => ResponseTemplate::new(400).set_body_json(
                        json!({"__type": "ResourceNotFoundException", "Message": "no such secret"}),
                    ),
                }
            }
            other => panic!("{other} is not expected"),
        }
    };
    Mock::given(any()).respond_with(answer).mount(&server).await;
    (server, sent)
}
