//! SQS: batches, entries that fail, receipts that have run out.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use counterpart_aws::{SqsQueues, Usage};
use counterpart_delivery::ports::{Outgoing, Queue as _, QueueName};
use counterpart_domain::{Class, TargetName};
use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use super::{body_of, operation, refusal, run, zoho};

async fn server(answer: impl Respond + 'static) -> (MockServer, SqsQueues, Arc<Usage>) {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let usage = Arc::new(Usage::default());
    let urls = BTreeMap::from([(writes(), format!("{}/1/crm-writes-zoho", server.uri()))]);
    let queue = SqsQueues::new(&support_config(&server), urls, Arc::clone(&usage));
    (server, queue, usage)
}

fn writes() -> QueueName {
    QueueName::CrmWrites(zoho())
}

fn support_config(server: &MockServer) -> counterpart_aws::SdkConfig {
    super::support::config(&server.uri())
}

fn messages(count: usize) -> Vec<Outgoing> {
    let message = |n| Outgoing::delayed(format!("body {n}"), Duration::from_millis(1500));
    (0..count).map(message).collect()
}

/// Takes every entry but 1 (the sender's fault), 2 (the queue's fault) and 3 (not a word about it).
fn takes_most(request: &Request) -> ResponseTemplate {
    assert_eq!(operation(request), "SendMessageBatch");
    let body = body_of(request);
    let entries = body["Entries"].as_array().unwrap();
    let id = |entry: &Value| entry["Id"].as_str().unwrap().to_owned();
    let failed = |id: &str, code, sender| json!({"Id": id, "Code": code, "SenderFault": sender});
    let mut answer = json!({"Successful": [], "Failed": []});
    for entry in entries {
        assert_eq!(entry["DelaySeconds"], 2);
        let (list, value) = match id(entry).as_str() {
            "1" => ("Failed", failed("1", "InvalidMessageContents", true)),
            "2" => ("Failed", failed("2", "InternalError", false)),
            "3" => continue,
            id => (
                "Successful",
                json!({"Id": id, "MessageId": "m", "MD5OfMessageBody": "x"}),
            ),
        };
        answer[list].as_array_mut().unwrap().push(value);
    }
    ResponseTemplate::new(200).set_body_json(answer)
}

#[test]
fn each_entry_has_its_own_answer() {
    run(async {
        let (_server, queue, usage) = server(takes_most).await;
        let mut all = messages(12);
        all.push(Outgoing::now("x".repeat(queue.longest_body() + 1)));
        let answers = queue.send(&writes(), &all).await.unwrap();
        let failed: Vec<_> = answers
            .iter()
            .enumerate()
            .filter_map(|(at, answer)| Some((at, answer.as_ref().err()?)))
            .map(|(at, fault)| (at, fault.class, fault.code.as_ref()))
            .collect();
        assert_eq!(
            failed,
            [
                (1, Class::Bug, "E_QUEUE_REFUSED"),
                (2, Class::Transient, "E_QUEUE_UNAVAILABLE"),
                (3, Class::Transient, "E_QUEUE_ENTRY"),
                (12, Class::Bug, "E_QUEUE_BODY_SIZE"),
            ]
        );
        assert_eq!(usage.counts().sqs_requests, 2);
    });
}

/// With the time of its first sending, and the longest delay that a new message may have.
#[test]
fn a_message_that_is_sent_anew_says_when_its_work_was_first_sent() {
    run(async {
        let takes = |request: &Request| {
            let body = body_of(request);
            let entry = &body["Entries"][0];
            assert_eq!(entry["MessageBody"], "{}");
            assert_eq!(entry["DelaySeconds"], 900);
            let first = json!({"DataType": "Number", "StringValue": "1764000000000"});
            assert_eq!(entry["MessageAttributes"], json!({"FirstSent": first}));
            let taken = json!({"Id": "0", "MessageId": "m", "MD5OfMessageBody": "x"});
            ResponseTemplate::new(200).set_body_json(json!({"Successful": [taken], "Failed": []}))
        };
        let (_server, queue, _) = server(takes).await;
        let first = jiff::Timestamp::from_millisecond(1_764_000_000_000).unwrap();
        let hour = Duration::from_secs(3600);
        let sent = queue.send_anew(&writes(), "{}", first, hour).await;
        assert_eq!(sent, Ok(()));
    });
}

#[test]
fn a_send_of_which_nothing_arrived_is_a_fault() {
    run(async {
        let denied = refusal(403, "AccessDeniedException", json!({}));
        let (_server, queue, _) = server(denied).await;
        let fault = queue.send(&writes(), &messages(11)).await.unwrap_err();
        assert_eq!(
            (fault.class, fault.code.as_ref()),
            (Class::Configuration, "E_QUEUE_DENIED")
        );
        let nowhere = TargetName::new("salesforce").unwrap();
        let fault = queue
            .send(&QueueName::CrmWrites(nowhere), &messages(1))
            .await
            .unwrap_err();
        assert_eq!(fault.code, "E_QUEUE_UNKNOWN_TARGET");
    });
}

#[test]
fn a_call_that_fails_leaves_the_entries_of_the_others() {
    run(async {
        let second_fails = |request: &Request| {
            let body = body_of(request);
            let entries = body["Entries"].as_array().unwrap();
            if entries.iter().any(|entry| entry["Id"] == "10") {
                return refusal(403, "QueueDoesNotExist", json!({}));
            }
            let taken = entries
                .iter()
                .map(|e| json!({"Id": e["Id"], "MessageId": "m", "MD5OfMessageBody": "x"}));
            let taken: Vec<_> = taken.collect();
            ResponseTemplate::new(200).set_body_json(json!({"Successful": taken, "Failed": []}))
        };
        let (_server, queue, _) = server(second_fails).await;
        let answers = queue.send(&writes(), &messages(12)).await.unwrap();
        let went: Vec<_> = answers.iter().map(Result::is_ok).collect();
        assert_eq!(went, [vec![true; 10], vec![false; 2]].concat());
    });
}

#[test]
fn handing_back_asks_for_whole_seconds_and_tells_a_receipt_that_ran_out() {
    run(async {
        let answer = |request: &Request| {
            assert_eq!(operation(request), "ChangeMessageVisibility");
            let body = body_of(request);
            match (
                body["ReceiptHandle"].as_str(),
                body["VisibilityTimeout"].as_i64(),
            ) {
                (Some("good"), Some(91)) => ResponseTemplate::new(200).set_body_json(json!({})),
                (Some("long"), Some(43_200)) => ResponseTemplate::new(200).set_body_json(json!({})),
                _ => refusal(404, "ReceiptHandleIsInvalid", json!({})),
            }
        };
        let (_server, queue, _) = server(answer).await;
        let back = async |receipt, seconds| {
            let delay = Duration::from_secs_f64(seconds);
            queue.hand_back(&writes(), receipt, delay).await
        };
        back("good", 90.2).await.unwrap();
        back("long", 1e6).await.unwrap();
        let fault = back("old", 90.2).await.unwrap_err();
        assert_eq!(
            (fault.class, fault.code.as_ref()),
            (Class::Transient, "E_QUEUE_RECEIPT")
        );
    });
}

fn job(group: &str, body: &str) -> Outgoing {
    Outgoing::in_group(body.to_owned(), group.to_owned(), format!("{group}-{body}"))
}

/// Takes all but those whose body is `bad`.
fn takes_good_jobs(request: &Request) -> ResponseTemplate {
    let body = body_of(request);
    let mut answer = json!({"Successful": [], "Failed": []});
    for entry in body["Entries"].as_array().unwrap() {
        assert!(entry.get("DelaySeconds").is_none(), "{entry}");
        let dedup = format!(
            "{}-{}",
            entry["MessageGroupId"].as_str().unwrap(),
            entry["MessageBody"].as_str().unwrap()
        );
        assert_eq!(entry["MessageDeduplicationId"], dedup);
        let id = &entry["Id"];
        let (list, value) = if entry["MessageBody"] == "bad" {
            let failed = json!({"Id": id, "Code": "InternalError", "SenderFault": false});
            ("Failed", failed)
        } else {
            let taken = json!({"Id": id, "MessageId": "m", "MD5OfMessageBody": "x"});
            ("Successful", taken)
        };
        answer[list].as_array_mut().unwrap().push(value);
    }
    ResponseTemplate::new(200).set_body_json(answer)
}

#[test]
fn a_job_is_never_overtaken_by_the_next_of_its_group() {
    run(async {
        let server = MockServer::start().await;
        Mock::given(any())
            .respond_with(takes_good_jobs)
            .mount(&server)
            .await;
        let urls = BTreeMap::from([(
            QueueName::SageWrites,
            format!("{}/1/sage-writes.fifo", server.uri()),
        )]);
        let queue = SqsQueues::new(&support_config(&server), urls, Arc::new(Usage::default()));
        let jobs = [
            job("a", "1"),
            job("b", "bad"),
            job("a", "2"),
            job("b", "after"),
        ];
        let answers = queue.send(&QueueName::SageWrites, &jobs).await.unwrap();
        let taken: Vec<_> = answers.iter().map(Result::is_ok).collect();
        assert_eq!(taken, [true, false, true, false]);
        let sent = server.received_requests().await.unwrap();
        assert!(
            sent.iter()
                .all(|request| !String::from_utf8_lossy(&request.body).contains("after"))
        );
    });
}
