//! Checks of [`Waiting`](counterpart_delivery::ports::Waiting).

use std::slice::from_ref;

use counterpart_delivery::ports::{Over, Store, Tokens, WaitingEntry};
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

async fn wait<S: Store>(store: &S, child: &WaitingEntry) {
    store.wait(&zoho(), from_ref(child)).await.unwrap();
}

async fn stop<S: Store>(store: &S, child: &SageKey, as_of: AsOf) {
    let over = Over {
        parent: customer("ABF"),
        child: child.clone(),
        as_of,
    };
    store.stop_waiting(&zoho(), &[over]).await.unwrap();
}

async fn waiting<S: Store>(store: &S, parent: &SageKey) -> Vec<WaitingEntry> {
    store.waiting_for(&zoho(), parent, 1000).await.unwrap()
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
        wait(store, &child("ART", arrives)).await;
        assert_eq!(waiting(store, &customer("ABF")).await, [child("ART", kept)]);
    }
}

/// An observation that came in meanwhile goes on waiting.
pub async fn only_what_is_not_newer_is_forgotten<S: Store + Tokens>(store: &S) {
    let (parent, art) = (customer("ABF"), contact("ABF", "ART"));
    wait(store, &child("ART", as_of(2, 5))).await;
    for (written, left) in [
        (as_of(2, 4), 1),
        (as_of(1, 9), 1),
        (as_of(2, 5), 0),
        (as_of(9, 9), 0),
    ] {
        stop(store, &art, written).await;
        assert_eq!(waiting(store, &parent).await.len(), left, "{written:?}");
    }
    wait(store, &child("ART", as_of(1, 1))).await;
    assert_eq!(waiting(store, &parent).await.len(), 1);
}

/// Children of others, and of other targets, are left out; the parent's link is no child.
pub async fn a_parents_children_are_its_own<S: Store + Tokens>(store: &S) {
    let children: Vec<_> = ["A", "B", "C"].map(|code| child(code, as_of(1, 1))).into();
    for child in &children {
        wait(store, child).await;
    }
    let stranger = WaitingEntry {
        parent: customer("ABFX"),
        ..child("D", as_of(1, 1))
    };
    wait(store, &stranger).await;
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
    stop(store, &nobody, as_of(9, 9)).await;
    assert_eq!(waiting(store, &customer("ABF")).await.len(), 3);
}

/// More children than one transaction takes: one that is overtaken holds up no other, and each goes by itself.
pub async fn many_children_wait_and_go_at_once<S: Store + Tokens>(store: &S) {
    let children = |seq| -> Vec<_> {
        let codes = (0..230).map(|n| format!("C{n:03}"));
        codes.map(|code| child(&code, as_of(1, seq))).collect()
    };
    let newer = child("C117", as_of(1, 9));
    wait(store, &newer).await;
    for _twice in 0..2 {
        store.wait(&zoho(), &children(5)).await.unwrap();
        let mut wanted = children(5);
        wanted[117] = newer.clone();
        assert_eq!(waiting(store, &customer("ABF")).await, wanted);
    }
    let over = |seq| -> Vec<_> {
        let children = children(seq).into_iter();
        children
            .map(|one| Over {
                parent: one.parent,
                child: one.child,
                as_of: one.entry.as_of,
            })
            .collect()
    };
    for _twice in 0..2 {
        store.stop_waiting(&zoho(), &over(5)).await.unwrap();
        assert_eq!(
            waiting(store, &customer("ABF")).await,
            std::slice::from_ref(&newer)
        );
    }
    store.wait(&zoho(), &[]).await.unwrap();
    store.stop_waiting(&zoho(), &[]).await.unwrap();
}

/// Nobody who waits is overlooked; whoever has waited may still be named.
pub async fn parents_for_whom_somebody_waits_are_known<S: Store + Tokens>(store: &S) {
    let parents: Vec<_> = (0..120).map(|n| customer(&format!("P{n:03}"))).collect();
    let waits = parents.iter().step_by(3).map(|parent| WaitingEntry {
        parent: parent.clone(),
        ..child("ART", as_of(1, 1))
    });
    store
        .wait(&zoho(), &waits.collect::<Vec<_>>())
        .await
        .unwrap();
    let wanted: Vec<_> = parents.iter().step_by(3).cloned().collect();
    let mut found = store.waited_for(&zoho(), &parents).await.unwrap();
    found.sort();
    assert_eq!(found, wanted);
    let elsewhere = store.waited_for(&zoho_eu(), &parents).await.unwrap();
    assert_eq!(elsewhere, []);
    assert_eq!(store.waited_for(&zoho(), &[]).await.unwrap(), []);
}
