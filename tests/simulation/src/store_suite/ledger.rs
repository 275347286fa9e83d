//! Checks of [`Ledger`](counterpart_delivery::ports::Ledger).

use counterpart_delivery::ports::{Store, Tokens};
use counterpart_delivery::{
    Kind, ManifestEntry, ManifestVerdict, Outcome, OutcomeItem, Run, Totals,
};
use counterpart_domain::{Entity, SageKey};

use super::samples::{abc, at, contact, customer, hash, outcome, xyz, zoho, zoho_eu};

fn line(key: &SageKey, verdict: ManifestVerdict) -> ManifestEntry {
    ManifestEntry {
        local_key: key.local.clone(),
        hash: (verdict != ManifestVerdict::Parked).then(|| hash(&key.local)),
        verdict,
    }
}

fn customers(range: std::ops::Range<u32>) -> Vec<SageKey> {
    range.map(|n| customer(&format!("C{n:04}"))).collect()
}

fn sent(keys: &[SageKey]) -> Vec<ManifestEntry> {
    let lines = keys.iter().map(|key| line(key, ManifestVerdict::Sent));
    lines.collect()
}

async fn manifest<S: Store>(store: &S, part: &str, lines: &[ManifestEntry]) {
    let put = store.put_manifest("r1", &zoho(), part, lines).await;
    put.unwrap();
}

async fn totals<S: Store>(store: &S) -> Totals {
    let totals = store.totals("r1", &zoho()).await.unwrap();
    assert_eq!(totals.unexplained(), 0, "{totals:?}");
    totals
}

async fn kept<S: Store>(store: &S, key: &SageKey) -> OutcomeItem {
    let mut history = store.history(key, 10).await.unwrap();
    assert_eq!(history.len(), 1, "one outcome per run and target");
    history.remove(0)
}

/// Waiting may become anything; what is final stays, content and all.
pub async fn a_final_outcome_stays_and_one_that_is_not_is_replaced<S: Store + Tokens>(store: &S) {
    let key = contact("ABF", "ART");
    let waiting = outcome("r1", &key, Outcome::Waiting);
    let longer = OutcomeItem {
        attempts: 2,
        at: at(60),
        ..waiting.clone()
    };
    let created = OutcomeItem {
        at: at(90),
        ..outcome("r1", &key, Outcome::Created)
    };
    let parked = OutcomeItem {
        at: at(120),
        ..outcome("r1", &key, Outcome::Parked)
    };
    for (written, stored) in [
        (&waiting, &waiting),
        (&longer, &longer),
        (&created, &created),
        (&parked, &created),
        (&waiting, &created),
    ] {
        store
            .put_outcomes(std::slice::from_ref(written))
            .await
            .unwrap();
        assert_eq!(kept(store, &key).await, *stored);
    }
}

/// seen = created + updated + unchanged + excluded + superseded + parked + waiting + in flight, at every moment.
pub async fn a_run_closes_by_its_manifests_whatever_is_written_twice<S: Store + Tokens>(store: &S) {
    let keys = customers(0..130);
    manifest(store, "p1", &sent(&keys)).await;
    let decided = [
        line(&customer("U"), ManifestVerdict::Unchanged),
        line(&customer("X"), ManifestVerdict::Excluded),
        line(&customer("P"), ManifestVerdict::Parked),
        line(&keys[0], ManifestVerdict::Unchanged),
    ];
    manifest(store, "p2", &decided).await;
    let before = Totals {
        seen: 133,
        unchanged: 1,
        excluded: 1,
        parked: 1,
        in_flight: 130,
        ..Totals::default()
    };
    assert_eq!(totals(store).await, before);
    let kinds = [
        Outcome::Created,
        Outcome::Updated,
        Outcome::Unchanged,
        Outcome::Excluded,
        Outcome::Superseded,
        Outcome::Parked,
        Outcome::Waiting,
    ];
    let paired = keys.iter().take(126).zip(kinds.iter().cycle());
    let outcomes: Vec<_> = paired
        .map(|(key, kind)| outcome("r1", key, *kind))
        .collect();
    for _ in 0..2 {
        store.put_outcomes(&outcomes).await.unwrap();
        let after = Totals {
            seen: 133,
            created: 18,
            updated: 18,
            unchanged: 19,
            excluded: 19,
            superseded: 18,
            parked: 19,
            waiting: 18,
            in_flight: 4,
        };
        assert_eq!(totals(store).await, after);
    }
    store
        .put_outcomes(&[outcome("r2", &keys[0], Outcome::Parked)])
        .await
        .unwrap();
    assert_eq!(totals(store).await.parked, 19, "another run's outcome");
}

/// Smaller, larger, empty: what is written last is what counts, also where it needs several items.
pub async fn a_manifest_part_is_replaced_however_large_it_was<S: Store + Tokens>(store: &S) {
    manifest(store, "other", &sent(&customers(90_000..90_005))).await;
    for size in [3, 20_000, 3_000, 0, 1] {
        manifest(store, "p1", &sent(&customers(0..size))).await;
        assert_eq!(totals(store).await.seen, u64::from(size) + 5);
    }
    let verdict = [line(&customer("C0000"), ManifestVerdict::Unchanged)];
    manifest(store, "p1", &verdict).await;
    let after = totals(store).await;
    assert_eq!((after.unchanged, after.in_flight), (1, 5));
}

/// One run, two targets: two windows to close.
pub async fn targets_of_a_run_are_counted_apart<S: Store + Tokens>(store: &S) {
    let keys = customers(0..2);
    manifest(store, "p1", &sent(&keys)).await;
    let there = OutcomeItem {
        target: zoho_eu(),
        ..outcome("r1", &keys[0], Outcome::Created)
    };
    store.put_outcomes(&[there]).await.unwrap();
    assert_eq!(totals(store).await.in_flight, 2);
    let elsewhere = store.totals("r1", &zoho_eu()).await.unwrap();
    assert_eq!(elsewhere, Totals::default());
    assert_eq!(
        store.totals("r0", &zoho()).await.unwrap(),
        Totals::default()
    );
}

/// A run written again is the same run.
pub async fn runs_come_newest_first_and_end_as_written_last<S: Store + Tokens>(store: &S) {
    let run = |id: &str| Run {
        id: id.to_owned(),
        company: abc(),
        entity: Entity::CUSTOMER,
        kind: Kind::Poll,
        started_at: at(0),
        finished_at: None,
        stopped: None,
    };
    for id in ["r2", "r1", "r3"] {
        store.put_run(&run(id)).await.unwrap();
    }
    let ended = Run {
        finished_at: Some(at(9)),
        stopped: Some("E_SAGE_DOWN: The agent is down.".to_owned()),
        ..run("r2")
    };
    store.put_run(&ended).await.unwrap();
    let newest = store.runs(&abc(), 2).await.unwrap();
    assert_eq!(newest, [run("r3"), ended]);
    assert_eq!(store.runs(&abc(), 10).await.unwrap().len(), 3);
    assert_eq!(store.runs(&xyz(), 10).await.unwrap(), []);
}

/// Over runs and targets, one record's story.
pub async fn the_history_of_a_record_comes_newest_first<S: Store + Tokens>(store: &S) {
    let key = customer("ABF");
    let told = |run: &str, seconds| OutcomeItem {
        at: at(seconds),
        ..outcome(run, &key, Outcome::Updated)
    };
    let elsewhere = OutcomeItem {
        target: zoho_eu(),
        ..told("r3", 700)
    };
    let other = outcome("r1", &customer("ABFX"), Outcome::Created);
    let all = [
        told("r2", 60),
        told("r1", 0),
        told("r3", 800),
        elsewhere.clone(),
        other,
    ];
    store.put_outcomes(&all).await.unwrap();
    let wanted = [told("r3", 800), elsewhere, told("r2", 60), told("r1", 0)];
    assert_eq!(store.history(&key, 10).await.unwrap(), wanted);
    assert_eq!(store.history(&key, 1).await.unwrap(), wanted[..1]);
    assert_eq!(store.history(&customer("NEW"), 5).await.unwrap(), []);
}

/// A few among thousands, some written twice: each run is told once, by its final outcome.
pub async fn a_history_among_many_is_found_and_tells_each_run_once<S: Store + Tokens>(store: &S) {
    let key = customer("C0042");
    for n in 0..12_u32 {
        let seconds = i64::from(n) * 60;
        let run = format!("r{n:02}");
        let of = |key, kind| OutcomeItem {
            at: at(seconds),
            ..outcome(&run, key, kind)
        };
        if n % 4 == 0 {
            let waits = of(&key, Outcome::Waiting);
            store.put_outcomes(&[waits]).await.unwrap();
        }
        let neighbours = customers(n * 100..n * 100 + 100);
        let others: Vec<_> = neighbours
            .iter()
            .filter(|other| **other != key)
            .map(|other| of(other, Outcome::Updated))
            .chain([of(&key, Outcome::Updated)])
            .collect();
        store.put_outcomes(&others).await.unwrap();
        if n % 3 == 0 {
            let again = OutcomeItem {
                at: at(seconds + 5),
                ..of(&key, Outcome::Unchanged)
            };
            store.put_outcomes(&[again]).await.unwrap();
        }
    }
    for limit in [1, 5, 12, 50] {
        let history = store.history(&key, limit).await.unwrap();
        let told: Vec<_> = history
            .iter()
            .map(|item| (item.run.as_str(), item.outcome))
            .collect();
        let runs: Vec<_> = (0..12).rev().map(|n| format!("r{n:02}")).collect();
        let wanted = runs.iter().map(|run| (run.as_str(), Outcome::Updated));
        assert_eq!(told, wanted.take(limit).collect::<Vec<_>>());
    }
    let one = customers(700..701);
    assert_eq!(store.history(&one[0], 9).await.unwrap().len(), 1);
}
