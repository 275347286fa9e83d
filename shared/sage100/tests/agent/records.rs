//! Named records, keys, digests, health, capabilities.

use crate::support::{abc, agent, client_of, customer, json_answer, record, time};
use counterpart_delivery::ports::Sage;
use counterpart_domain::{Entity, SageKey};
use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

fn answer(sequence: u64, records: &[Value], missing: &[String]) -> Value {
    json!({"as_of": {"epoch": 1, "sequence": sequence}, "server_time": time(), "records": records, "missing": missing})
}

#[tokio::test]
async fn named_records_are_read_and_the_missing_named() {
    let body = answer(42, &[record("ABF", "9.25")], &["01-GONE".into()]);
    let (server, client) = agent(json_answer(&body)).await;
    let answer = client
        .records(&[customer("01-ABF"), customer("01-GONE")])
        .await
        .unwrap();
    assert_eq!(answer.records.len(), 1);
    assert_eq!(answer.missing, [customer("01-GONE")]);
    let url = server.received_requests().await.unwrap()[0].url.clone();
    assert_eq!(url.query(), Some("key=01-ABF&key=01-GONE"));
}

#[tokio::test]
async fn odd_characters_of_a_key_arrive_as_they_are() {
    let odd = SageKey::new(&abc(), Entity::CONTACT, "01-A&B+C#/ÑU 50%").unwrap();
    let (server, client) = agent(json_answer(&answer(
        1,
        &[],
        std::slice::from_ref(&odd.local),
    )))
    .await;
    let answer = client.records(std::slice::from_ref(&odd)).await.unwrap();
    assert_eq!(answer.missing, std::slice::from_ref(&odd));
    assert!(
        client.record(&odd).await.is_err(),
        "the answer is of another shape"
    );
    let requests = server.received_requests().await.unwrap();
    let asked: Vec<_> = requests[0]
        .url
        .query_pairs()
        .map(|(_, value)| value.into_owned())
        .collect();
    assert_eq!(asked, [odd.local]);
    assert!(
        requests[1]
            .url
            .path()
            .ends_with("/contacts/records/01-A%26B%2BC%23%2F%C3%91U%2050%25")
    );
}

#[tokio::test]
async fn many_keys_go_in_several_calls_and_the_oldest_as_of_holds() {
    let server = MockServer::start().await;
    let sequence = std::sync::atomic::AtomicU64::new(7);
    Mock::given(any())
        .respond_with(move |request: &Request| {
            let keys: Vec<String> = request
                .url
                .query_pairs()
                .map(|(_, v)| v.into_owned())
                .collect();
            let sequence = sequence.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            ResponseTemplate::new(200).set_body_json(answer(sequence, &[], &keys))
        })
        .mount(&server)
        .await;
    let keys: Vec<_> = (0..100)
        .map(|n| {
            SageKey::new(
                &abc(),
                Entity::CONTACT,
                &format!("01-CUSTOMER{n:010}/ÑANDÚ {n}"),
            )
            .unwrap()
        })
        .collect();
    let answer = client_of(&server.uri()).records(&keys).await.unwrap();
    assert_eq!(answer.missing, keys);
    assert_eq!(answer.as_of.sequence, 7);
    let requests = server.received_requests().await.unwrap();
    assert!(requests.len() > 1);
    assert!(
        requests
            .iter()
            .all(|request| request.url.query().unwrap().len() <= 2000)
    );
}

#[tokio::test]
async fn fewer_keys_are_named_when_the_answer_would_be_too_large() {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(|request: &Request| {
            let keys: Vec<String> = request
                .url
                .query_pairs()
                .map(|(_, v)| v.into_owned())
                .collect();
            if keys.len() > 2 {
                return ResponseTemplate::new(413).set_body_json(
                    json!({"code": "E_TOO_LARGE", "message": "fewer", "retryable": false}),
                );
            }
            ResponseTemplate::new(200).set_body_json(answer(1, &[], &keys))
        })
        .mount(&server)
        .await;
    let keys: Vec<_> = (0..5).map(|n| customer(&format!("01-{n}"))).collect();
    let answer = client_of(&server.uri()).records(&keys).await.unwrap();
    assert_eq!(answer.missing, keys);
}

#[tokio::test]
async fn an_answer_about_other_records_is_refused() {
    for body in [
        answer(1, &[record("ABF", "9")], &["01-OTHER".into()]),
        answer(1, &[record("ABF", "9")], &["XYZ:01-GONE".into()]),
        answer(1, &[record("ABF", "9")], &[]),
    ] {
        let (_server, client) = agent(json_answer(&body)).await;
        let fault = client
            .records(&[customer("01-ABF"), customer("01-GONE")])
            .await
            .unwrap_err();
        assert_eq!(fault.code, "E_SAGE_CONTRACT");
    }
}

#[tokio::test]
async fn questions_that_make_no_sense_are_not_asked() {
    let (server, client) = agent(ResponseTemplate::new(500)).await;
    let contact = SageKey::new(&abc(), Entity::CONTACT, "01-ABF/X").unwrap();
    let many: Vec<_> = (0..101).map(|n| customer(&format!("01-{n}"))).collect();
    for keys in [&[][..], &[customer("01-ABF"), contact][..], &many[..]] {
        assert_eq!(
            client.records(keys).await.unwrap_err().code,
            "E_SAGE_BAD_REQUEST"
        );
    }
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn one_record_is_there_or_not() {
    let body = json!({"as_of": {"epoch": 1, "sequence": 2}, "server_time": time(), "record": record("ABF", "9")});
    let (_server, client) = agent(json_answer(&body)).await;
    assert!(
        client
            .record(&customer("01-ABF"))
            .await
            .unwrap()
            .unwrap()
            .record
            .is_ok()
    );
    assert!(client.record(&customer("01-OTHER")).await.is_err());

    let gone = ResponseTemplate::new(404)
        .set_body_json(json!({"code": "E_NOT_FOUND", "message": "none", "retryable": false}));
    let (_server, client) = agent(gone).await;
    assert_eq!(client.record(&customer("01-ABF")).await.unwrap(), None);
}

#[tokio::test]
async fn keys_come_in_pages() {
    let body =
        json!({"as_of": {"epoch": 1, "sequence": 2}, "keys": ["01-ABF", "ODD"], "next": "k2"});
    let (server, client) = agent(json_answer(&body)).await;
    let page = client
        .keys(&abc(), Entity::CUSTOMER, 1000, Some("k 1"))
        .await
        .unwrap();
    assert_eq!(page.keys, [customer("01-ABF")]);
    assert_eq!(page.unreadable.len(), 1);
    assert_eq!(page.next.as_deref(), Some("k2"));
    assert!(
        client
            .keys(&abc(), Entity::CUSTOMER, 1000, Some("k2"))
            .await
            .is_err()
    );
    let url = server.received_requests().await.unwrap()[0].url.clone();
    assert_eq!(url.query(), Some("limit=1000&after=k%201"));
}

#[tokio::test]
async fn digests_are_read_and_checked() {
    let range = |hash: &str| {
        json!({"as_of": {"epoch": 1, "sequence": 2}, "next": null,
               "ranges": [{"first": "01-A", "last": "01-F", "count": 500, "hash": hash}]})
    };
    let (_server, client) = agent(json_answer(&range(&"AB".repeat(32)))).await;
    let page = client
        .digests(&abc(), Entity::CUSTOMER, 500, None)
        .await
        .unwrap();
    assert_eq!(page.ranges[0].hash, "ab".repeat(32));
    assert_eq!(page.ranges[0].last, customer("01-F"));
    let (_server, client) = agent(json_answer(&range("short"))).await;
    assert!(
        client
            .digests(&abc(), Entity::CUSTOMER, 500, None)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn capabilities_name_companies_and_field_lengths() {
    let body = json!({"contract_version": "1.3", "sage_version": "7.20", "utc_offset_minutes": -360, "max_page_size": 1000,
        "companies": [{"code": "ABC", "name": "ABC Distribution", "entities": {"customers": {"fields": [
            {"name": "CustomerName", "type": "text", "length": 50},
            {"name": "CreditLimit", "type": "decimal", "precision": 13, "scale": 2}]}}}]});
    let (_server, client) = agent(json_answer(&body)).await;
    insta::assert_debug_snapshot!(client.capabilities().await.unwrap());
}

#[tokio::test]
async fn health_is_asked_without_the_token_and_another_contract_is_refused() {
    let health =
        |version| json!({"status": "ok", "agent_version": "3.1.4", "contract_version": version});
    let (server, client) = agent(json_answer(&health("1.0"))).await;
    assert_eq!(client.health().await.unwrap().status, "ok");
    assert!(
        !server.received_requests().await.unwrap()[0]
            .headers
            .contains_key("authorization")
    );
    let (_server, client) = agent(json_answer(&health("2.0"))).await;
    assert_eq!(
        client.health().await.unwrap_err().code,
        "E_SAGE_CONTRACT_VERSION"
    );
}
