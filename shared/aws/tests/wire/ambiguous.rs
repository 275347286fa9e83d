//! Done, but the answer lost: the SDK sends the write again, and finds its own item in the way.

use std::sync::Mutex;

use counterpart_delivery::ports::{Circuit, Links as _, RefreshClaim, Settings as _, Tokens as _};
use counterpart_delivery::{LinkWrite, PutLink};
use jiff::Timestamp;
use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use super::{body_of, link, operation, refusal, run, store_at, zoho};

/// A table of one item. The first conditional put is done and answered with a failure; those after it are refused, with
/// the item: our own, or (`stranger`) one with another's `write_id`.
#[derive(Default)]
struct LosesTheFirstAnswer {
    stored: Mutex<Option<Value>>,
    stranger: bool,
}

impl Respond for LosesTheFirstAnswer {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut stored = self.stored.lock().unwrap();
        match (operation(request).as_str(), stored.as_ref()) {
            ("PutItem", None) => {
                let mut item = body_of(request)["Item"].clone();
                if self.stranger {
                    item["write_id"] = json!({"S": "another's"});
                }
                *stored = Some(item);
                refusal(500, "InternalServerError", json!({}))
            }
            ("PutItem", Some(item)) => {
                let item = json!({"Item": item});
                refusal(400, "ConditionalCheckFailedException", item)
            }
            _ => ResponseTemplate::new(200).set_body_json(json!({})),
        }
    }
}

async fn server(stranger: bool) -> MockServer {
    let server = MockServer::start().await;
    let answers = LosesTheFirstAnswer {
        stranger,
        ..Default::default()
    };
    Mock::given(any())
        .respond_with(answers)
        .mount(&server)
        .await;
    server
}

fn write() -> LinkWrite {
    LinkWrite {
        link: link("01-ABF"),
        previous_crm_id: None,
        write_reverse: false,
    }
}

#[test]
fn a_link_that_was_stored_after_all_is_stored() {
    run(async {
        let server = server(false).await;
        let (store, _) = store_at(&server.uri());
        let answer = store.put_link(&write()).await.unwrap();
        assert_eq!(answer, PutLink::Stored(1));
        assert_eq!(server.received_requests().await.unwrap().len(), 2);
    });
}

#[test]
fn a_link_of_the_same_content_by_another_writer_is_lost() {
    run(async {
        let server = server(true).await;
        let (store, _) = store_at(&server.uri());
        let answer = store.put_link(&write()).await.unwrap();
        assert!(matches!(answer, PutLink::Lost(link) if link.as_ref().as_ref().unwrap().rev == 1));
    });
}

#[test]
fn a_circuit_and_a_configuration_that_were_stored_after_all_are_ours() {
    run(async {
        for (stranger, ours) in [(false, true), (true, false)] {
            let server_one = server(stranger).await;
            let (store, _) = store_at(&server_one.uri());
            let circuit = store.put_circuit(&zoho(), &Circuit::default()).await;
            assert_eq!(circuit.unwrap(), ours);
            let server_two = server(stranger).await;
            let (store, _) = store_at(&server_two.uri());
            let pushed = store.push_config("text", 0, Timestamp::UNIX_EPOCH).await;
            assert_eq!(pushed.unwrap(), ours);
        }
    });
}

#[test]
fn a_refresh_that_was_claimed_after_all_is_granted() {
    run(async {
        let server = server(false).await;
        let (store, _) = store_at(&server.uri());
        let now: Timestamp = "2026-11-22T19:30:00Z".parse().unwrap();
        let until: Timestamp = "2026-11-22T19:31:00Z".parse().unwrap();
        let claim = store
            .claim_refresh(&zoho(), "one", 0, now, until, 10, 600)
            .await;
        assert_eq!(claim.unwrap(), RefreshClaim::Granted);
    });
}
