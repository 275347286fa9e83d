//! Checks of [`Intents`](counterpart_delivery::ports::Intents).

use counterpart_delivery::intent::{Ask, Refused, SaleTrace, Shown};
use counterpart_delivery::ports::{IntentLease, SaleStore};
use counterpart_delivery::written::{
    Columns, Meant, MeantLine, State, StateLine, UnderWay, Written,
};
use counterpart_delivery::{Intent, IntentId, IntentKind, IntentStage};
use counterpart_domain::sale::Reference;
use counterpart_domain::{Entity, TargetName};
use futures_util::future::join_all;
use jiff::Timestamp;

use super::samples::{abc, at, customer, hash, id, zoho, zoho_eu};

fn order(root: &str) -> IntentId {
    IntentId {
        kind: IntentKind::Order,
        root: id(root),
    }
}

fn columns(pairs: &[(&str, &str)]) -> Columns {
    let own = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
    pairs.iter().map(own).collect()
}

/// An intent with something in every field.
fn intent(root: &str) -> Intent {
    Intent {
        target: zoho(),
        id: order(root),
        company: abc(),
        reference: Some(Reference::of(&zoho(), &abc(), &id(root))),
        stage: IntentStage::Sent,
        number: Some("0000181".to_owned()),
        lost_numbers: vec!["0000179".to_owned(), "0000180".to_owned()],
        customer: Some(customer("ABF")),
        content: Some(hash("content")),
        asked: Some(hash("asked")),
        admitted: true,
        written: Written {
            meant: Some(Meant {
                header: columns(&[("Comment", "“soon”")]),
                lines: vec![MeantLine {
                    id: Some(id("line-1")),
                    key: Some("000001".to_owned()),
                    item: "6655".to_owned(),
                    columns: columns(&[("QuantityOrdered", "2")]),
                }],
            }),
            state: Some(State {
                header: columns(&[("Comment", "“soon”")]),
                lines: vec![StateLine {
                    key: "000001".to_owned(),
                    item: "6655".to_owned(),
                    columns: columns(&[("UnitPrice", "179")]),
                }],
                net: "358.00".parse().unwrap(),
            }),
            under_way: Some(UnderWay {
                meant: Meant {
                    header: columns(&[]),
                    lines: Vec::new(),
                },
                sent_at: at(8),
                sends: 1,
            }),
            uncompared: Some(at(7)),
            unanswered: Some(at(8)),
            updates: 3,
            doubtful: true,
            held: true,
        },
        sent_at: Some(at(7)),
        sends: 2,
        refusals: 1,
        waiting: ["contact-1", "contact-2"]
            .map(|contact| contact.to_owned().into())
            .into(),
        alike: Some(counterpart_delivery::intent::Alike {
            keys: vec!["01-ABF".to_owned()],
            more: true,
            unsearched: false,
            dismissed: true,
        }),
        shown: ["Deals", "Sales_Orders"]
            .map(|module| Shown {
                module: module.to_owned(),
                id: id(&format!("{root}-{module}")),
            })
            .into(),
        code: Some("E_ITEM_UNKNOWN".to_owned()),
        status_text: "Item “Größe 4\" 'x'” isn't in Sage 100.".to_owned(),
        sage_status: "Open".to_owned(),
        sage_total: Some("19144.400".parse().unwrap()),
        invoice: "0100042".to_owned(),
        modified: Some(at(3)),
        part_of: Some(order("whole")),
        made_from: Some(id("deal")),
        ask: Ask {
            number: 4,
            record: Some(id(root)),
            modified: Some(at(2)),
            content: Some(hash("asked")),
            noted_at: Some(at(3)),
        },
        reopened: true,
        in_doubt: Some(at(8)),
        utc_offset_minutes: Some(-300),
        renewals: 1,
        other_marks: vec!["CP-0123456789AB".to_owned().try_into().unwrap()],
        refused: Some(Refused {
            order: hash("refused"),
            at: at(5),
        }),
        rev: 0,
        created_at: at(1),
        updated_at: at(9),
    }
}

async fn lease<S: SaleStore>(store: &S, owner: &str, now: i64, until: i64) -> Option<Timestamp> {
    let answer = store
        .lease_intent(&zoho(), &order("1"), owner, at(now), at(until))
        .await;
    match answer.unwrap() {
        IntentLease::Ours(_) => None,
        IntentLease::Busy(until) => Some(until),
    }
}

async fn ours<S: SaleStore>(store: &S, owner: &str, now: i64) -> IntentLease {
    let leased = store
        .lease_intent(&zoho(), &order("1"), owner, at(now), at(now + 60))
        .await;
    leased.unwrap()
}

async fn read<S: SaleStore>(store: &S, target: &TargetName, id: &IntentId) -> Option<Intent> {
    store.intent(target, id).await.unwrap()
}

/// Every field survives, the revision counts from one, and the lease answers with what is stored.
pub async fn an_intent_is_read_back_as_it_was_saved<S: SaleStore>(store: &S) {
    assert_eq!(read(store, &zoho(), &order("1")).await, None);
    let leased = ours(store, "a", 0).await;
    assert_eq!(leased, IntentLease::Ours(Box::new(None)));
    assert_eq!(
        read(store, &zoho(), &order("1")).await,
        None,
        "a lease alone is no intent"
    );
    let first = intent("1");
    assert_eq!(store.save_intent(&first, "a").await.unwrap(), 1);
    let stored = Intent { rev: 1, ..first };
    assert_eq!(
        read(store, &zoho(), &order("1")).await.as_ref(),
        Some(&stored)
    );
    let bare = Intent {
        reference: None,
        stage: IntentStage::Open,
        number: None,
        lost_numbers: Vec::new(),
        customer: None,
        content: None,
        sent_at: None,
        sends: 0,
        refusals: 0,
        shown: Vec::new(),
        waiting: Vec::new(),
        alike: None,
        code: None,
        status_text: String::new(),
        sage_status: String::new(),
        sage_total: None,
        invoice: String::new(),
        modified: None,
        ..stored
    };
    assert_eq!(store.save_intent(&bare, "a").await.unwrap(), 2);
    let stored = Intent { rev: 2, ..bare };
    assert_eq!(
        read(store, &zoho(), &order("1")).await.as_ref(),
        Some(&stored)
    );
    store
        .release_intent(&zoho(), &order("1"), "a")
        .await
        .unwrap();
    let leased = ours(store, "b", 1).await;
    assert_eq!(leased, IntentLease::Ours(Box::new(Some(stored))));
}

/// Whoever asks meanwhile learns until when; the owner itself may prolong.
pub async fn a_lease_is_one_workers_until_it_runs_out_or_is_given_back<S: SaleStore>(store: &S) {
    assert_eq!(lease(store, "a", 0, 60).await, None);
    assert_eq!(lease(store, "b", 59, 120).await, Some(at(60)));
    assert_eq!(lease(store, "a", 30, 90).await, None);
    assert_eq!(lease(store, "b", 60, 120).await, Some(at(90)));
    assert_eq!(lease(store, "b", 90, 120).await, None);
    // Giving back what is another's by now is no fault, and does nothing.
    store
        .release_intent(&zoho(), &order("1"), "a")
        .await
        .unwrap();
    assert_eq!(lease(store, "c", 91, 150).await, Some(at(120)));
    store
        .release_intent(&zoho(), &order("1"), "b")
        .await
        .unwrap();
    assert_eq!(lease(store, "c", 91, 150).await, None);
}

/// A worker that was overtaken is told so, and nothing of it is kept.
pub async fn whoever_lost_the_lease_saves_nothing<S: SaleStore>(store: &S) {
    let unleased = store.save_intent(&intent("1"), "a").await;
    assert_eq!(unleased.unwrap_err().code, "E_LEASE_LOST");
    assert_eq!(lease(store, "a", 0, 60).await, None);
    assert_eq!(store.save_intent(&intent("1"), "a").await.unwrap(), 1);
    assert_eq!(lease(store, "b", 61, 120).await, None);
    let mut late = Intent {
        rev: 1,
        ..intent("1")
    };
    late.number = Some("0000999".to_owned());
    let fault = store.save_intent(&late, "a").await.unwrap_err();
    assert_eq!(fault.code, "E_LEASE_LOST");
    assert!(fault.is_retryable());
    let stored = read(store, &zoho(), &order("1")).await.unwrap();
    assert_eq!((stored.rev, stored.number.as_deref()), (1, Some("0000181")));
    store
        .release_intent(&zoho(), &order("1"), "b")
        .await
        .unwrap();
    let fault = store.save_intent(&late, "b").await.unwrap_err();
    assert_eq!(fault.code, "E_LEASE_LOST", "given back is not had");
}

/// The lease alone is not enough: what is saved has to follow from what is stored.
pub async fn a_save_at_a_stale_revision_is_refused<S: SaleStore>(store: &S) {
    assert_eq!(lease(store, "a", 0, 60).await, None);
    let ahead = Intent {
        rev: 4,
        ..intent("1")
    };
    assert!(store.save_intent(&ahead, "a").await.is_err());
    assert_eq!(store.save_intent(&intent("1"), "a").await.unwrap(), 1);
    let mut other = intent("1");
    other.stage = IntentStage::Done;
    assert!(store.save_intent(&other, "a").await.is_err());
    let stored = read(store, &zoho(), &order("1")).await.unwrap();
    assert_eq!(stored.stage, IntentStage::Sent);
}

/// The answer of the first may have been lost.
pub async fn a_save_sent_again_is_done<S: SaleStore>(store: &S) {
    assert_eq!(lease(store, "a", 0, 60).await, None);
    for _ in 0..2 {
        assert_eq!(store.save_intent(&intent("1"), "a").await.unwrap(), 1);
    }
    assert_eq!(read(store, &zoho(), &order("1")).await.unwrap().rev, 1);
}

/// Two would be two orders.
pub async fn of_many_workers_at_once_one_has_the_intent<S: SaleStore>(store: &S) {
    let owners: Vec<_> = (0..8).map(|n| format!("w{n}")).collect();
    let asked = owners.iter().map(|owner| lease(store, owner, 0, 60));
    let answers = join_all(asked).await;
    let ours = answers.iter().filter(|answer| answer.is_none());
    assert_eq!(ours.count(), 1);
}

/// A late write-back of an older state does not make it the shown one.
pub async fn what_is_written_back_never_goes_back<S: SaleStore>(store: &S) {
    let id = order("1");
    assert_eq!(store.written_back(&zoho(), &id).await.unwrap(), 0);
    for (rev, noted) in [(2, 2), (5, 5), (3, 5), (5, 5)] {
        store.mark_written_back(&zoho(), &id, rev).await.unwrap();
        assert_eq!(store.written_back(&zoho(), &id).await.unwrap(), noted);
    }
    // Beside a lease and saves, which it neither takes nor loses.
    assert_eq!(lease(store, "a", 0, 60).await, None);
    assert_eq!(store.save_intent(&intent("1"), "a").await.unwrap(), 1);
    assert_eq!(store.written_back(&zoho(), &id).await.unwrap(), 5);
    store.mark_written_back(&zoho(), &id, 6).await.unwrap();
    let next = Intent {
        rev: 1,
        ..intent("1")
    };
    assert_eq!(store.save_intent(&next, "a").await.unwrap(), 2);
    assert_eq!(store.written_back(&zoho(), &id).await.unwrap(), 6);
}

/// The same root in another target, and another kind, are others.
pub async fn targets_and_kinds_are_apart<S: SaleStore>(store: &S) {
    assert_eq!(lease(store, "a", 0, 60).await, None);
    assert_eq!(store.save_intent(&intent("1"), "a").await.unwrap(), 1);
    let customer = IntentId {
        kind: IntentKind::Record(Entity::CUSTOMER),
        root: id("1"),
    };
    assert_eq!(read(store, &zoho(), &customer).await, None);
    assert_eq!(read(store, &zoho_eu(), &order("1")).await, None);
    for (target, id) in [(zoho(), customer), (zoho_eu(), order("1"))] {
        let leased = store.lease_intent(&target, &id, "b", at(1), at(60)).await;
        assert_eq!(leased.unwrap(), IntentLease::Ours(Box::new(None)));
        assert_eq!(store.written_back(&target, &id).await.unwrap(), 0);
    }
}

/// Whoever notes it first is right, for good; marks, records and targets are apart.
pub async fn what_belongs_to_a_sale_stays_with_it<S: SaleStore>(store: &S) {
    let record = SaleTrace::Record(id("so-1"));
    let mark = SaleTrace::Mark(Reference::of(&zoho(), &abc(), &id("1")));
    let other = SaleTrace::Record(id("so-2"));
    let all = [record.clone(), mark.clone(), other.clone(), record.clone()];
    let known = store.sales_of(&zoho(), &all).await.unwrap();
    assert_eq!(known, vec![None; 4]);
    for (trace, root, of) in [
        (&record, "1", "1"),
        (&record, "2", "1"),
        (&record, "1", "1"),
        (&mark, "2", "2"),
    ] {
        let noted = store.claim_for_sale(&zoho(), trace, &order(root)).await;
        assert_eq!(noted.unwrap(), order(of));
    }
    let known = store.sales_of(&zoho(), &all).await.unwrap();
    let one = Some(order("1"));
    assert_eq!(known, [one.clone(), Some(order("2")), None, one]);
    let elsewhere = store.sales_of(&zoho_eu(), &all).await.unwrap();
    assert_eq!(elsewhere, vec![None; 4]);
    assert_eq!(store.sales_of(&zoho(), &[]).await.unwrap(), vec![]);
}
