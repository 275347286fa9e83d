//! From event to answer.

use counterpart_delivery::ports::Settings as _;
use counterpart_domain::TargetName;
use counterpart_runtime::Function as _;
use serde_json::json;

use crate::stack::{HINT_KEY, Stack, deadline, hint, message};

#[tokio::test]
async fn a_scheduled_poll_reaches_the_crm_and_a_second_one_sends_nothing() {
    let stack = Stack::new().await;
    let poll = json!({"company": "ABC", "entity": "customer"});
    let poller = stack.poller();
    let report = poller.handle(poll.clone(), deadline()).await.unwrap();
    assert_eq!(report["complete"], true, "{report}");
    let answer = stack
        .writer()
        .handle(stack.batch(), deadline())
        .await
        .unwrap();
    assert_eq!(answer, json!({"batchItemFailures": []}));
    assert_eq!(
        stack.accounts().await,
        ["ABC:01-ABF", "ABC:01-AVNET", "ABC:01-BRESLIX"]
    );

    let again = poller.handle(poll.clone(), deadline()).await.unwrap();
    assert_eq!(
        (again["complete"].as_bool(), again["sent"].as_u64()),
        (Some(true), Some(0)),
        "{again}"
    );
    assert!(stack.sent.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_signed_hint_queues_its_keys_and_others_are_turned_away() {
    let stack = Stack::new().await;
    let poller = stack.poller();
    let body = r#"{"entity":"customer","keys":["01-ABF","01-NONE"]}"#;
    let answer = poller
        .handle(hint("ABC", HINT_KEY, body), deadline())
        .await
        .unwrap();
    assert_eq!(answer["statusCode"], 202, "{answer}");
    let said: serde_json::Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    assert_eq!(
        (said["accepted"].as_u64(), said["missing"][0].as_str()),
        (Some(1), Some("ABC:01-NONE"))
    );
    stack
        .writer()
        .handle(stack.batch(), deadline())
        .await
        .unwrap();
    assert_eq!(stack.accounts().await, ["ABC:01-ABF"]);

    for (company, key, body, status) in [
        ("ABC", "another key altogether", body, 401),
        ("ZZZ", HINT_KEY, body, 401),
        ("abc", HINT_KEY, body, 401),
        ("ABC", HINT_KEY, "{}", 400),
        ("ABC", HINT_KEY, &" ".repeat(20_000), 413),
    ] {
        let answer = poller
            .handle(hint(company, key, body), deadline())
            .await
            .unwrap();
        assert_eq!(answer["statusCode"], status, "{company} {key}: {answer}");
    }
    assert!(stack.sent.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_agent_that_is_down_is_named_in_the_answer_and_a_hint_is_asked_for_again() {
    let stack = Stack::new().await;
    let down = json!({"rules": [{"operation": "*", "code": "E_SAGE_DOWN"}]});
    stack.tell("agent", "faults", down).await;
    let poller = stack.poller();
    let poll = json!({"company": "ABC", "entity": "customer"});
    let report = poller.handle(poll.clone(), deadline()).await.unwrap();
    assert_eq!(
        (
            report["complete"].as_bool(),
            report["fault"]["code"].as_str()
        ),
        (Some(false), Some("E_SAGE_DOWN"))
    );
    let body = r#"{"entity":"customer","keys":["01-ABF"]}"#;
    let answer = poller
        .handle(hint("ABC", HINT_KEY, body), deadline())
        .await
        .unwrap();
    assert_eq!(answer["statusCode"], 503, "{answer}");

    stack.tell("agent", "faults", json!({"clear": true})).await;
    assert_eq!(
        poller.handle(poll.clone(), deadline()).await.unwrap()["complete"],
        true
    );
}

#[tokio::test]
async fn what_only_a_person_can_mend_ends_with_an_error() {
    let stack = Stack::new().await;
    let poll = json!({"company": "XYZ", "entity": "customer"});
    let fault = stack
        .poller()
        .handle(poll.clone(), deadline())
        .await
        .unwrap_err();
    assert_eq!(fault.code, "E_COMPANY_UNKNOWN");
    assert_eq!(
        stack
            .poller()
            .handle(json!([1]), deadline())
            .await
            .unwrap_err()
            .code,
        "E_EVENT"
    );
}

#[tokio::test]
async fn messages_that_cannot_be_taken_are_named_and_their_neighbours_written() {
    let stack = Stack::new().await;
    let poll = json!({"company": "ABC", "entity": "customer"});
    stack
        .poller()
        .handle(poll.clone(), deadline())
        .await
        .unwrap();
    let mut batch = stack.batch();
    let records = batch["Records"].as_array_mut().unwrap();
    records.insert(
        0,
        message("stranger", "{}", "arn:aws:sqs:us-east-1:1:another-queue"),
    );
    records.insert(0, json!({"messageId": "odd"}));
    let answer = stack.writer().handle(batch, deadline()).await.unwrap();
    assert_eq!(
        answer,
        json!({"batchItemFailures": [{"itemIdentifier": "odd"}, {"itemIdentifier": "stranger"}]})
    );
    assert_eq!(stack.accounts().await.len(), 3);
}

#[tokio::test]
async fn a_rotated_secret_is_read_again_as_soon_as_the_old_one_is_refused() {
    let stack = Stack::new().await;
    let swap = |name: &str, field: &str, value: &str| {
        let mut secrets = stack.secrets.lock().unwrap();
        let good = secrets[name].clone();
        secrets[name][field] = json!(value);
        good
    };
    let put = |name: &str, secret: serde_json::Value| stack.secrets.lock().unwrap()[name] = secret;
    let poll = json!({"company": "ABC", "entity": "customer"});

    let good = swap("cp/agent", "token", "no longer valid");
    let poller = stack.poller();
    // No error of the function: the next poll goes on.
    let refused = poller.handle(poll.clone(), deadline()).await.unwrap();
    assert_eq!(refused["complete"], false);
    assert_eq!(refused["fault"]["code"], "E_SAGE_UNAUTHORIZED");
    put("cp/agent", good);
    let report = poller.handle(poll.clone(), deadline()).await.unwrap();
    assert_eq!(report["complete"], true, "{report}");

    let good = swap("cp/zoho", "refresh_token", "no longer valid");
    let deployment = stack.deployment();
    let store = std::sync::Arc::clone(&deployment.store);
    let writer = counterpart_runtime::CrmWriterFunction::new(deployment);
    let batch = stack.batch();
    let answer = writer.handle(batch.clone(), deadline()).await.unwrap();
    assert_eq!(answer["batchItemFailures"].as_array().unwrap().len(), 1);
    assert!(stack.accounts().await.is_empty());
    put("cp/zoho", good);
    // The pause of five minutes that the refusal began is over.
    let zoho = TargetName::new("zoho").unwrap();
    let mut circuit = store.circuit(&zoho).await.unwrap();
    assert!(circuit.reason.starts_with("E_CRM_"), "{circuit:?}");
    circuit.open_until = None;
    assert!(store.put_circuit(&zoho, &circuit).await.unwrap());
    let answer = writer.handle(batch, deadline()).await.unwrap();
    assert_eq!(answer, json!({"batchItemFailures": []}));
    assert_eq!(stack.accounts().await.len(), 3);
}
