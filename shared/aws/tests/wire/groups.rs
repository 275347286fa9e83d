//! Groups on a bad day: a condition that takes its transaction along, conflicts, throttling, lost and refused parts.

use std::collections::BTreeSet;
use std::sync::Mutex;

use counterpart_delivery::ports::{Commit, Commits as _, ParkedItem};
use counterpart_delivery::{LinkWrite, Outcome, OutcomeItem, PutLink};
use counterpart_domain::{Class, CrmId};
use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use super::{body_of, key, link, operation, refusal, run, store_at, zoho};

fn done() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({}))
}

/// `TransactionCanceledException`, with a reason for each item.
fn cancelled(reasons: Vec<Value>) -> ResponseTemplate {
    let reasons = json!({"CancellationReasons": reasons});
    refusal(400, "TransactionCanceledException", reasons)
}

/// Records linked for the first time: two items each.
fn records(count: usize) -> Vec<Commit> {
    let record = |n: usize| {
        let local = format!("01-C{n:03}");
        let mut link = link(&local);
        link.crm_id = Some(CrmId(format!("crm-{local}")));
        Commit {
            write: LinkWrite {
                link,
                previous_crm_id: None,
                write_reverse: true,
            },
            parked: ParkedItem::Stays,
            outcome: Some(OutcomeItem::new(
                "r1".to_owned(),
                zoho(),
                key(&local),
                Outcome::Created,
                counterpart_domain::digest_of(["m"]),
                jiff::Timestamp::UNIX_EPOCH,
            )),
        }
    };
    (0..count).map(record).collect()
}

/// The partition keys of a transaction's items.
fn places(request: &Request) -> Vec<String> {
    let body = body_of(request);
    let items = body["TransactItems"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let place = |item: &Value| {
        let put = &item["Put"]["Item"]["pk"]["S"];
        put.as_str().unwrap_or_default().to_owned()
    };
    items.iter().map(place).collect()
}

fn of_record(places: &[String], local: &str) -> bool {
    places.iter().any(|place| place.ends_with(local))
}

fn has_outcomes(places: &[String]) -> bool {
    places.iter().any(|place| place.starts_with("run#r1#"))
}

/// Answers by what a transaction holds, and keeps what it was asked.
struct Judge<F>(F, Mutex<Vec<Vec<String>>>);

impl<F: Fn(&[String], usize) -> ResponseTemplate + Send + Sync> Respond for Judge<F> {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        assert_eq!(operation(request), "TransactWriteItems");
        let places = places(request);
        let mut asked = self.1.lock().unwrap();
        asked.push(places.clone());
        (self.0)(&places, asked.len())
    }
}

async fn server(
    judge: impl Fn(&[String], usize) -> ResponseTemplate + Send + Sync + 'static,
) -> MockServer {
    let server = MockServer::start().await;
    let judge = Judge(judge, Mutex::default());
    Mock::given(any()).respond_with(judge).mount(&server).await;
    server
}

async fn asked(server: &MockServer) -> Vec<Vec<String>> {
    let requests = server.received_requests().await.unwrap();
    requests.iter().map(places).collect()
}

#[test]
fn conditions_that_do_not_hold_take_only_their_own_records_out() {
    run(async {
        let lost = ["01-C003", "01-C007"];
        let server = server(move |places, _| {
            let reasons: Vec<Value> = places
                .iter()
                .map(
                    |place| match lost.iter().any(|lost| place.ends_with(*lost)) {
                        // Of the reverse item the condition was never looked at.
                        true if !place.contains("#crm#") => {
                            json!({"Code": "ConditionalCheckFailed"})
                        }
                        _ => json!({"Code": "None"}),
                    },
                )
                .collect();
            match lost.iter().any(|lost| of_record(places, lost)) {
                true => cancelled(reasons),
                false => done(),
            }
        })
        .await;
        let (store, _) = store_at(&server.uri());
        let answers = store.commit(&records(20), &[]).await.unwrap();
        for (n, answer) in answers.iter().enumerate() {
            match n {
                3 | 7 => assert_eq!(*answer, PutLink::Lost(Box::new(None))),
                _ => assert_eq!(*answer, PutLink::Stored(1)),
            }
        }
        let asked = asked(&server).await;
        assert_eq!(asked.len(), 2);
        // Both are gone from the second try, and the outcomes are made anew without them.
        assert_eq!(asked[0].len() - asked[1].len(), 4);
        assert!(has_outcomes(&asked[1]));
    });
}

/// Whoever finds a link may rely on its outcome: no transaction holds records without outcomes, or outcomes without records.
#[test]
fn each_transaction_holds_the_outcomes_of_its_own_records() {
    run(async {
        let server = server(|_, _| done()).await;
        let (store, usage) = store_at(&server.uri());
        store.commit(&records(200), &[]).await.unwrap();
        let asked = asked(&server).await;
        assert_eq!((asked.len(), usage.counts().dynamodb_requests), (5, 5));
        for places in &asked {
            assert!(places.len() <= 100 && has_outcomes(places));
            assert!(places.iter().any(|place| place.contains("#crm#")));
        }
        let once: Vec<&String> = asked
            .iter()
            .flatten()
            .filter(|place| place.starts_with("zoho#"))
            .collect();
        let named: BTreeSet<&&String> = once.iter().collect();
        assert_eq!((once.len(), named.len()), (400, 400), "no item twice");
    });
}

#[test]
fn where_one_transaction_fails_the_others_are_written() {
    run(async {
        let server = server(|places, _| match of_record(places, "01-C060") {
            true => refusal(400, "ValidationException", json!({})),
            false => done(),
        })
        .await;
        let (store, _) = store_at(&server.uri());
        let fault = store.commit(&records(200), &[]).await.unwrap_err();
        assert_eq!(fault.class, Class::Bug);
        assert_eq!(asked(&server).await.len(), 5);
    });
}

#[test]
fn a_conflict_and_a_throttle_are_waited_out() {
    run(async {
        for code in ["TransactionConflict", "ThrottlingError"] {
            let server = server(move |places, number| {
                let mut reasons = vec![json!({"Code": "None"}); places.len()];
                reasons[1] = json!({"Code": code});
                if number < 4 {
                    cancelled(reasons)
                } else {
                    done()
                }
            })
            .await;
            let (store, usage) = store_at(&server.uri());
            let answers = store.commit(&records(3), &[]).await.unwrap();
            assert_eq!(answers, vec![PutLink::Stored(1); 3]);
            assert_eq!(usage.counts().dynamodb_requests, 4);
        }
    });
}

#[test]
fn a_conflict_that_does_not_end_is_handed_back() {
    run(async {
        let server = server(|places, _| {
            let mut reasons = vec![json!({"Code": "None"}); places.len()];
            reasons[0] = json!({"Code": "TransactionConflict"});
            cancelled(reasons)
        })
        .await;
        let (store, _) = store_at(&server.uri());
        let fault = store.commit(&records(2), &[]).await.unwrap_err();
        assert_eq!(
            (fault.class, fault.code.as_ref()),
            (Class::Transient, "E_STORE_CONFLICT")
        );
    });
}

/// Done, but the answer lost: the SDK sends it again under the same token, and DynamoDB does it once. Where the token is
/// not honoured, our own items are in the way, and that is a success, too.
#[test]
fn a_transaction_whose_answer_was_lost_is_stored() {
    run(async {
        let stored: Mutex<Option<Vec<Value>>> = Mutex::default();
        let server = MockServer::start().await;
        let answers = move |request: &Request| {
            let body = body_of(request);
            let items = body["TransactItems"].as_array().unwrap();
            let mut stored = stored.lock().unwrap();
            let Some(before) = &*stored else {
                let put = |item: &Value| item["Put"]["Item"].clone();
                *stored = Some(items.iter().map(put).collect());
                return refusal(500, "InternalServerError", json!({}));
            };
            if !items
                .iter()
                .any(|item| before.contains(&item["Put"]["Item"]))
            {
                return done();
            }
            let reasons = before.iter().map(|item| match item.get("write_id") {
                Some(_) => json!({"Code": "ConditionalCheckFailed", "Item": item}),
                None => json!({"Code": "None"}),
            });
            cancelled(reasons.collect())
        };
        Mock::given(any())
            .respond_with(answers)
            .mount(&server)
            .await;
        let (store, _) = store_at(&server.uri());
        let answers = store.commit(&records(3), &[]).await.unwrap();
        assert_eq!(answers, vec![PutLink::Stored(1); 3]);
        let requests = server.received_requests().await.unwrap();
        let token = |request: &Request| body_of(request)["ClientRequestToken"].clone();
        assert_eq!(token(&requests[0]), token(&requests[1]));
        assert!(token(&requests[0]).is_string());
    });
}

#[test]
fn a_record_that_no_item_can_hold_takes_no_other_along() {
    run(async {
        let server = server(|_, _| done()).await;
        let (store, _) = store_at(&server.uri());
        let mut records = records(60);
        records[7].write.link.last = Some(counterpart_delivery::LastOutcome {
            run: super::noise(500_000),
            outcome: Outcome::Created,
        });
        let answers = store.commit(&records, &[]).await.unwrap();
        for (n, answer) in answers.iter().enumerate() {
            match (n, answer) {
                (7, PutLink::TooLarge(fault)) => {
                    assert_eq!(fault.code, "E_STORE_ITEM_TOO_LARGE");
                    assert!(fault.message.contains("01-C007"), "{fault}");
                }
                (_, answer) => assert_eq!(*answer, PutLink::Stored(1)),
            }
        }
        let asked = asked(&server).await;
        assert!(!asked.iter().any(|places| of_record(places, "01-C007")));
    });
}

/// A pack of released children may name more runs than a transaction has room for.
#[test]
fn outcomes_of_many_runs_go_with_their_records_too() {
    run(async {
        let server = server(|_, _| done()).await;
        let (store, _) = store_at(&server.uri());
        let mut records = records(120);
        for (n, record) in records.iter_mut().enumerate() {
            record.outcome.as_mut().unwrap().run = format!("r{n}");
        }
        store.commit(&records, &[]).await.unwrap();
        let outcomes = |places: &&Vec<String>| places.iter().any(|place| place.starts_with("run#"));
        for places in asked(&server).await.iter().filter(outcomes) {
            let with_a_record = places.iter().any(|place| place.contains("#crm#"));
            assert!(with_a_record, "outcomes alone: {}", places.len());
        }
    });
}

#[test]
fn outcomes_at_their_longest_fit_into_their_items() {
    run(async {
        let server = server(|_, _| done()).await;
        let (store, _) = store_at(&server.uri());
        let mut records = records(400);
        // Letters of two bytes, as in names with accents.
        let mut state = 1_u32;
        let mut letters = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            char::from(0xc0 + u8::try_from(state >> 26).unwrap_or(0))
        });
        for record in &mut records {
            let changes = (0..30).map(|n| counterpart_delivery::FieldChange {
                field: format!("UDF_Field_{n}__c"),
                before: letters.by_ref().take(100).collect(),
                after: letters.by_ref().take(100).collect(),
            });
            record.outcome.as_mut().unwrap().changes = changes.collect();
        }
        let answers = store.commit(&records, &[]).await;
        assert_eq!(answers.unwrap(), vec![PutLink::Stored(1); 400]);
    });
}
