//! Every failure has a class and a code, and names what it is about.

use counterpart_delivery::ports::{Links as _, Settings as _};
use counterpart_delivery::{LinkWrite, PutLink};
use counterpart_domain::{Class, Fault};
use serde_json::json;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::{body_of, key, link, refusal, run, store_at, zoho};

async fn fault_of(status: u16, code: &str) -> Fault {
    let server = MockServer::start().await;
    let answer = refusal(status, code, json!({}));
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let (store, _) = store_at(&server.uri());
    store.config().await.unwrap_err()
}

#[test]
fn refusals_are_classed_and_name_the_table() {
    run(async {
        for (status, code, class, ours) in [
            (
                400,
                "ThrottlingException",
                Class::Throttled,
                "E_STORE_THROTTLED",
            ),
            (
                500,
                "InternalServerError",
                Class::Transient,
                "E_STORE_UNAVAILABLE",
            ),
            (
                400,
                "AccessDeniedException",
                Class::Configuration,
                "E_STORE_DENIED",
            ),
            (
                400,
                "ResourceNotFoundException",
                Class::Configuration,
                "E_STORE_MISSING",
            ),
            (400, "ValidationException", Class::Bug, "E_STORE_REFUSED"),
        ] {
            let fault = fault_of(status, code).await;
            assert_eq!((fault.class, fault.code.as_ref()), (class, ours), "{fault}");
            assert!(fault.message.contains("test-settings"), "{fault}");
            assert!(fault.detail.contains(code), "{fault}");
        }
    });
}

#[test]
fn a_table_that_nobody_reaches_is_transient() {
    run(async {
        let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", unused.local_addr().unwrap());
        drop(unused);
        let (store, _) = store_at(&endpoint);
        let fault = store.config().await.unwrap_err();
        assert_eq!(
            (fault.class, fault.code.as_ref()),
            (Class::Transient, "E_STORE_UNREACHABLE")
        );
    });
}

#[test]
fn a_transaction_that_meets_another_is_tried_again() {
    run(async {
        let server = MockServer::start().await;
        let conflict =
            json!({"CancellationReasons": [{"Code": "None"}, {"Code": "TransactionConflict"}]});
        Mock::given(any())
            .respond_with(refusal(400, "TransactionCanceledException", conflict))
            .up_to_n_times(2)
            .mount(&server)
            .await;
        Mock::given(any())
            .respond_with(ResponseTemplate::new(200).set_body_json(json!({})))
            .mount(&server)
            .await;
        let (store, usage) = store_at(&server.uri());
        let write = LinkWrite {
            link: link("01-ABF"),
            previous_crm_id: None,
            write_reverse: true,
        };
        assert_eq!(store.put_link(&write).await.unwrap(), PutLink::Stored(1));
        assert_eq!(usage.counts().dynamodb_requests, 3);
    });
}

#[test]
fn keys_that_are_left_out_are_asked_for_again() {
    run(async {
        let server = MockServer::start().await;
        // Gives one key at a time, and hands the others back.
        let one_at_a_time = |request: &Request| {
            let mut keys = body_of(request)["RequestItems"]["test-links"]["Keys"].clone();
            let first = keys.as_array_mut().unwrap().remove(0);
            let mut item = first.clone();
            item["rev"] = json!({"N": "4"});
            item["body"] = json!({"S": r#"{"g":"excluded","a":{"epoch":1,"sequence":2},"h":"","m":"","v":"","t":"2026-11-22T19:30:00Z"}"#});
            let rest = match keys.as_array().unwrap().is_empty() {
                true => json!({}),
                false => json!({"test-links": {"Keys": keys}}),
            };
            let answer = json!({"Responses": {"test-links": [item]}, "UnprocessedKeys": rest});
            ResponseTemplate::new(200).set_body_json(answer)
        };
        Mock::given(any())
            .respond_with(one_at_a_time)
            .mount(&server)
            .await;
        let (store, usage) = store_at(&server.uri());
        let keys = ["01-A", "01-B", "01-C"].map(key);
        let links = store.links(&zoho(), &keys).await.unwrap();
        let found: Vec<_> = links.into_iter().map(|link| link.unwrap().key).collect();
        assert_eq!(found, keys);
        assert_eq!(usage.counts().dynamodb_requests, 3);
    });
}

#[test]
fn a_table_that_gives_nothing_asks_for_patience() {
    run(async {
        let server = MockServer::start().await;
        let nothing = |request: &Request| {
            let asked = body_of(request)["RequestItems"].clone();
            let answer = json!({"Responses": {}, "UnprocessedKeys": asked});
            ResponseTemplate::new(200).set_body_json(answer)
        };
        Mock::given(any())
            .respond_with(nothing)
            .mount(&server)
            .await;
        let (store, _) = store_at(&server.uri());
        let fault = store.links(&zoho(), &[key("01-A")]).await.unwrap_err();
        assert_eq!(
            (fault.class, fault.code.as_ref()),
            (Class::Throttled, "E_STORE_THROTTLED")
        );
    });
}

#[test]
fn a_record_that_no_item_holds_is_refused_before_it_is_sent() {
    run(async {
        let (store, usage) = store_at("http://127.0.0.1:9");
        let mut link = link("01-ABF");
        link.crm_id = Some(counterpart_domain::CrmId(super::noise(500_000)));
        let write = LinkWrite {
            link,
            previous_crm_id: None,
            write_reverse: false,
        };
        let fault = store.put_link(&write).await.unwrap_err();
        assert_eq!(
            (fault.class, fault.code.as_ref()),
            (Class::Data, "E_STORE_ITEM_TOO_LARGE")
        );
        assert_eq!(usage.counts().dynamodb_requests, 0);
    });
}
