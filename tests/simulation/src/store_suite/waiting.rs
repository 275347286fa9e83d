//! Checks of [`Waiting`](counterpart_delivery::ports::Waiting).

use counterpart_delivery::ports::{Store, Tokens, WaitingEntry};
use counterpart_domain::{AsOf, SageKey};

use super::samples::{as_of, contact, customer, entry, zoho, zoho_eu};

fn child(code: &str, as_of: AsOf) -> WaitingEntry {
    let child = contact("ABF", code);
    WaitingEntry {
        parent: customer("ABF"),
        entry: entry(&child, as_of),
        child,
    }
}

async fn waiting<S: Store>(store: &S, parent: &SageKey) -> Vec<WaitingEntry> {
    store.waiting_for(&zoho(), parent, 100).await.unwrap()
}

/// Order of arrival does not matter; the epoch comes before the sequence.
pub async fn only_a_newer_observation_replaces_what_waits<S: Store + Tokens>(store: &S) {
    for (arrives, kept) in [
        (as_of(1, 5), as_of(1, 5)),
        (as_of(1, 4), as_of(1, 5)),
        (as_of(1, 6), as_of(1, 6)),
        (as_of(2, 1), as_of(2, 1)),
        (as_of(1, 900), as_of(2, 1)),
    ] {
        store.wait(&zoho(), &child("ART", arrives)).await.unwrap();
        assert_eq!(waiting(store, &customer("ABF")).await, [child("ART", kept)]);
    }
}

/// An observation that came in meanwhile goes on waiting.
pub async fn only_what_is_not_newer_is_forgotten<S: Store + Tokens>(store: &S) {
    let (parent, art) = (customer("ABF"), contact("ABF", "ART"));
    store
        .wait(&zoho(), &child("ART", as_of(2, 5)))
        .await
        .unwrap();
    for (written, left) in [
        (as_of(2, 4), 1),
        (as_of(1, 9), 1),
        (as_of(2, 5), 0),
        (as_of(9, 9), 0),
    ] {
        store
            .stop_waiting(&zoho(), &parent, &art, written)
            .await
            .unwrap();
        assert_eq!(waiting(store, &parent).await.len(), left, "{written:?}");
    }
    store
        .wait(&zoho(), &child("ART", as_of(1, 1)))
        .await
        .unwrap();
    assert_eq!(waiting(store, &parent).await.len(), 1);
}

/// Children of others, and of other targets, are left out; the parent's link is no child.
pub async fn a_parents_children_are_its_own<S: Store + Tokens>(store: &S) {
    let children: Vec<_> = ["A", "B", "C"].map(|code| child(code, as_of(1, 1))).into();
    for child in &children {
        store.wait(&zoho(), child).await.unwrap();
    }
    let stranger = WaitingEntry {
        parent: customer("ABFX"),
        ..child("D", as_of(1, 1))
    };
    store.wait(&zoho(), &stranger).await.unwrap();
    let link = super::samples::plain_link(&customer("ABF"), None);
    store.put_link(&super::samples::write(link)).await.unwrap();
    assert_eq!(waiting(store, &customer("ABF")).await, children);
    let two = store
        .waiting_for(&zoho(), &customer("ABF"), 2)
        .await
        .unwrap();
    assert_eq!(two.len(), 2);
    let elsewhere = store.waiting_for(&zoho_eu(), &customer("ABF"), 9).await;
    assert_eq!(elsewhere.unwrap(), []);
    let nobody = contact("ABF", "NOBODY");
    let parent = customer("ABF");
    store
        .stop_waiting(&zoho(), &parent, &nobody, as_of(9, 9))
        .await
        .unwrap();
    assert_eq!(waiting(store, &parent).await.len(), 3);
}
