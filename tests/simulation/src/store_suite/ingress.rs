//! Checks of seats, nonces, channels, marks and bindings.

use std::collections::BTreeMap;

use counterpart_delivery::ports::{
    ChangesAfter, Channel, Heard, Nonce, OpenDeleted, OpenSweep, Resync, SaleStore, Slot, Sweep,
};
use futures_util::future::join_all;

use super::samples::{abc, as_of, at, hash, id, xyz, zoho, zoho_eu};

async fn sit<S: SaleStore>(store: &S, seats: u32, holder: &str, now: i64, until: i64) -> Slot {
    let taken = store
        .acquire_slot(&abc(), seats, holder, at(now), at(until))
        .await;
    taken.unwrap()
}

/// Who sits may stay longer, but not shorter; who is gone is not waited for.
pub async fn a_seat_is_kept_by_its_holder_and_falls_free_in_the_end<S: SaleStore>(store: &S) {
    assert_eq!(sit(store, 2, "a", 0, 60).await, Slot::Acquired);
    assert_eq!(sit(store, 2, "b", 0, 90).await, Slot::Acquired);
    assert_eq!(sit(store, 2, "c", 1, 90).await, Slot::Busy(at(60)));
    assert_eq!(sit(store, 2, "a", 1, 80).await, Slot::Acquired);
    assert_eq!(sit(store, 2, "a", 2, 70).await, Slot::Acquired);
    assert_eq!(sit(store, 2, "c", 79, 150).await, Slot::Busy(at(80)));
    assert_eq!(sit(store, 2, "c", 80, 150).await, Slot::Acquired);
    store.release_slot(&abc(), "nobody").await.unwrap();
    assert_eq!(sit(store, 2, "d", 81, 150).await, Slot::Busy(at(90)));
    store.release_slot(&abc(), "b").await.unwrap();
    assert_eq!(sit(store, 2, "d", 81, 150).await, Slot::Acquired);
    // Another company has seats of its own.
    let other = store.acquire_slot(&xyz(), 1, "e", at(81), at(99)).await;
    assert_eq!(other.unwrap(), Slot::Acquired);
}

/// Not one more.
pub async fn of_many_workers_at_once_as_many_sit_as_there_are_seats<S: SaleStore>(store: &S) {
    for seats in [1, 3] {
        let holders: Vec<_> = (0..8).map(|n| format!("w{n}")).collect();
        let asked = holders
            .iter()
            .map(|holder| sit(store, seats, holder, 0, 60));
        let answers = join_all(asked).await;
        let taken = answers.iter().filter(|answer| **answer == Slot::Acquired);
        assert_eq!(taken.count(), seats as usize);
        for holder in &holders {
            store.release_slot(&abc(), holder).await.unwrap();
        }
    }
}

/// A sender's retry of work that was begun and not finished may be taken up; of finished work it may not.
pub async fn a_nonce_is_final_only_once_it_is_finished<S: SaleStore>(store: &S) {
    let begin =
        async |nonce, now, until| store.begin_nonce(nonce, at(now), at(until)).await.unwrap();
    let is_begun = async |nonce, now| store.is_begun(nonce, at(now)).await.unwrap();
    assert!(!is_begun("n1", 0).await);
    assert_eq!(begin("n1", 0, 600).await, Nonce::New);
    assert!(is_begun("n1", 599).await && !is_begun("n1", 600).await);
    assert_eq!(begin("n1", 1, 601).await, Nonce::Begun);
    assert_eq!(begin("n2", 1, 601).await, Nonce::New);
    store.finish_nonce("n1", at(600)).await.unwrap();
    assert_eq!(begin("n1", 2, 602).await, Nonce::Done);
    assert!(!is_begun("n1", 2).await && is_begun("n2", 2).await);
    assert_eq!(begin("n1", 599, 1_199).await, Nonce::Done);
    // What has expired is not known any more, even before the store takes it away.
    assert_eq!(begin("n1", 601, 1_201).await, Nonce::New);
}

/// Every field survives, and of two writers one wins.
pub async fn a_channel_is_written_by_the_first_who_read_it<S: SaleStore>(store: &S) {
    let channel = Channel {
        target: zoho(),
        module: "Deals".to_owned(),
        channel_id: "1000000068001".to_owned(),
        expires_at: Some(at(3_600)),
        renewed_at: Some(at(0)),
        terms: Some(hash("terms")),
        rev: 0,
    };
    let bare = Channel {
        module: "Accounts".to_owned(),
        expires_at: None,
        renewed_at: None,
        terms: None,
        ..channel.clone()
    };
    assert!(store.put_channel(&channel).await.unwrap());
    assert!(!store.put_channel(&channel).await.unwrap());
    assert!(store.put_channel(&bare).await.unwrap());
    let mut stored = store.channels(&zoho()).await.unwrap();
    stored.sort_by(|one, other| one.module.cmp(&other.module));
    let first = |channel: Channel| Channel { rev: 1, ..channel };
    assert_eq!(stored, [first(bare), first(channel.clone())]);
    assert!(store.put_channel(&first(channel)).await.unwrap());
    assert_eq!(store.channels(&zoho_eu()).await.unwrap(), []);
}

/// Every field survives, and of two writers one wins.
pub async fn a_sweep_is_written_by_the_first_who_read_it<S: SaleStore>(store: &S) {
    let sweep = Sweep {
        target: zoho(),
        module: "Deals".to_owned(),
        read_until: at(3_600),
        open: Some(OpenSweep {
            since: at(2_400),
            begun_at: at(4_500),
            after: Some(ChangesAfter {
                modified: at(2_500),
                id: id("77"),
            }),
        }),
        deleted_until: Some(at(7)),
        open_deleted: Some(OpenDeleted {
            since: at(3),
            begun_at: at(6),
            page: 51,
        }),
        queued: BTreeMap::from([(id("77"), at(2_500)), (id("78"), at(2_500))]),
        rev: 0,
    };
    let bare = Sweep {
        module: "Accounts".to_owned(),
        open: None,
        deleted_until: None,
        open_deleted: None,
        queued: BTreeMap::new(),
        ..sweep.clone()
    };
    assert!(store.put_sweep(&sweep).await.unwrap());
    assert!(!store.put_sweep(&sweep).await.unwrap());
    assert!(store.put_sweep(&bare).await.unwrap());
    let mut stored = store.sweeps(&zoho()).await.unwrap();
    stored.sort_by(|one, other| one.module.cmp(&other.module));
    let first = |sweep: Sweep| Sweep { rev: 1, ..sweep };
    assert_eq!(stored, [first(bare), first(sweep.clone())]);
    assert!(store.put_sweep(&first(sweep)).await.unwrap());
    assert_eq!(store.sweeps(&zoho_eu()).await.unwrap(), []);
}

/// By what it was heard of, the last time.
pub async fn what_was_heard_is_kept_by_module<S: SaleStore>(store: &S) {
    let heard = |of: &str, seconds| Heard {
        target: zoho(),
        of: of.to_owned(),
        at: at(seconds),
    };
    for one in [
        heard("Deals", 10),
        heard("Accounts", 20),
        heard("Deals", 30),
    ] {
        store.note_heard(&one).await.unwrap();
    }
    let mut kept = store.heard(&zoho()).await.unwrap();
    kept.sort_by(|one, other| one.of.cmp(&other.of));
    assert_eq!(kept, [heard("Accounts", 20), heard("Deals", 30)]);
    assert_eq!(store.heard(&zoho_eu()).await.unwrap(), []);
}

/// An older observation is told so; the same one may come twice.
pub async fn a_mark_only_rises<S: SaleStore>(store: &S) {
    let raise = async |name, epoch, sequence| {
        let raised = store.raise_mark(name, as_of(epoch, sequence)).await;
        raised.unwrap()
    };
    assert!(raise("stock#zoho", 1, 5).await);
    assert!(raise("stock#zoho", 1, 5).await);
    assert!(!raise("stock#zoho", 1, 4).await);
    assert!(raise("stock#zoho", 1, u64::MAX).await);
    assert!(raise("stock#zoho", 2, 1).await, "a new epoch is newer");
    assert!(!raise("stock#zoho", 1, u64::MAX).await);
    assert!(raise("stock#zoho-eu", 1, 1).await);
}

/// And keeps the earliest time.
pub async fn a_resync_that_was_noted_again_is_not_taken_away<S: SaleStore>(store: &S) {
    let resync = |module: &str, since| Resync {
        target: zoho(),
        module: module.to_owned(),
        reason: "GAP_OVERFLOW".to_owned(),
        since: at(since),
        times: 0,
    };
    store.note_resync(&resync("Deals", 50)).await.unwrap();
    store.note_resync(&resync("Accounts", 10)).await.unwrap();
    let mut noted = store.resyncs(&zoho()).await.unwrap();
    noted.sort_by(|one, other| one.module.cmp(&other.module));
    let once = |resync| Resync { times: 1, ..resync };
    let wanted = [once(resync("Accounts", 10)), once(resync("Deals", 50))];
    assert_eq!(noted, wanted);
    let [accounts, deals] = wanted;
    store.note_resync(&resync("Deals", 40)).await.unwrap();
    store.note_resync(&resync("Deals", 90)).await.unwrap();
    store.clear_resync(&deals).await.unwrap();
    store.clear_resync(&accounts).await.unwrap();
    let left = store.resyncs(&zoho()).await.unwrap();
    let wanted = Resync {
        times: 3,
        ..resync("Deals", 40)
    };
    assert_eq!(left, [wanted]);
    store.clear_resync(&left[0]).await.unwrap();
    assert_eq!(store.resyncs(&zoho()).await.unwrap(), []);
    store.clear_resync(&left[0]).await.unwrap();
}

/// The last one that was learned.
pub async fn a_binding_is_kept_per_company<S: SaleStore>(store: &S) {
    assert_eq!(store.binding(&abc()).await.unwrap(), None);
    for binding in ["{\"a\":1}", "{\"a\":2}"] {
        store.put_binding(&abc(), binding).await.unwrap();
    }
    let kept = store.binding(&abc()).await.unwrap();
    assert_eq!(kept.as_deref(), Some("{\"a\":2}"));
    assert_eq!(store.binding(&xyz()).await.unwrap(), None);
}
