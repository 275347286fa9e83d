//! Checks of [`Commits`](counterpart_delivery::ports::Commits).

use counterpart_delivery::ports::{Commit, Parked, ParkedItem, Route, Store, Tokens};
use counterpart_delivery::{Kind, Link, ManifestEntry, ManifestVerdict, Outcome, PutLink, Run};
use counterpart_domain::{Class, Entity, Fault, SageKey, Value};
use futures_util::future::join_all;

use super::samples::{abc, at, customer, id, link, outcome, plain_link, relink, write, zoho};

fn customers(count: usize) -> Vec<SageKey> {
    (0..count).map(|n| customer(&format!("C{n:04}"))).collect()
}

/// A record that is linked to a CRM record of its own.
fn linked(key: &SageKey) -> Commit {
    let of = |rest: &str| relink(link(key), None, Some(rest));
    Commit {
        write: of(&format!("crm-{}", key.local)),
        parked: ParkedItem::Stays,
        outcome: Some(outcome("r1", key, Outcome::Created)),
    }
}

fn parked(key: &SageKey) -> Parked {
    let fault = Fault::new(Class::Data, "E_TEST", "Zoho refused it.");
    let (id, route, payload) = (key.storage(), Route::CrmWrites, "{}".to_owned());
    Parked {
        key: Some(key.clone()),
        run: Some("r1".to_owned()),
        ..Parked::new("zoho", id, route, fault, payload, at(0))
    }
}

/// A record that is set aside.
fn aside(key: &SageKey) -> Commit {
    Commit {
        write: write(plain_link(key, None)),
        parked: ParkedItem::Put(Box::new(parked(key))),
        outcome: Some(outcome("r1", key, Outcome::Parked)),
    }
}

async fn commit<S: Store>(store: &S, records: &[Commit]) -> Vec<PutLink> {
    store.commit(records, &[]).await.unwrap()
}

async fn read<S: Store>(store: &S, key: &SageKey) -> Option<Link> {
    let links = store.links(&zoho(), std::slice::from_ref(key)).await;
    links.unwrap().into_iter().next().unwrap()
}

async fn told<S: Store>(store: &S, key: &SageKey) -> Vec<Outcome> {
    let history = store.history(key, 10).await.unwrap();
    history.into_iter().map(|item| item.outcome).collect()
}

async fn is_parked<S: Store>(store: &S, key: &SageKey) -> bool {
    let item = store.parked("zoho", &key.storage()).await;
    item.unwrap().is_some()
}

/// Links, reverse items, parked items, outcomes; and the window closes.
pub async fn a_packs_records_are_stored_with_all_that_belongs_to_them<S: Store + Tokens>(
    store: &S,
) {
    let keys = customers(230);
    let (set_aside, created) = keys.split_at(40);
    let records: Vec<_> = set_aside
        .iter()
        .map(aside)
        .chain(created.iter().map(linked))
        .collect();
    let run = Run {
        id: "r1".to_owned(),
        company: abc(),
        entity: Entity::CUSTOMER,
        kind: Kind::Poll,
        started_at: at(0),
        finished_at: None,
        stopped: None,
    };
    store.put_run(&run).await.unwrap();
    let lines: Vec<_> = keys
        .iter()
        .map(|key| ManifestEntry {
            local_key: key.local.clone(),
            hash: None,
            verdict: ManifestVerdict::Sent,
        })
        .collect();
    store
        .put_manifest("r1", &zoho(), "p1", &lines)
        .await
        .unwrap();
    let answers = commit(store, &records).await;
    assert_eq!(answers, vec![PutLink::Stored(1); 230]);
    for key in set_aside {
        assert!(is_parked(store, key).await, "{key}");
        assert_eq!(told(store, key).await, [Outcome::Parked]);
    }
    for key in created {
        let crm = id(&format!("crm-{}", key.local));
        assert_eq!(
            store.key_of(&zoho(), &crm).await.unwrap().as_ref(),
            Some(key)
        );
        assert_eq!(read(store, key).await.unwrap().crm_id, Some(crm));
    }
    let totals = store.totals("r1", &zoho()).await.unwrap();
    assert_eq!(
        (totals.seen, totals.created, totals.parked, totals.in_flight),
        (230, 190, 40, 0)
    );
    // And what got through takes its parked item along.
    let through: Vec<_> = set_aside
        .iter()
        .map(|key| {
            let mut record = linked(key);
            record.write.link.rev = 1;
            Commit {
                parked: ParkedItem::Goes,
                ..record
            }
        })
        .collect();
    assert_eq!(commit(store, &through).await, vec![PutLink::Stored(2); 40]);
    for key in set_aside {
        assert!(!is_parked(store, key).await, "{key}");
    }
}

/// Its neighbours are stored; of it there is no reverse item, no parked item and no outcome.
pub async fn a_record_that_lost_holds_up_no_other_and_leaves_nothing<S: Store + Tokens>(store: &S) {
    let keys = customers(150);
    let elsewhere = customer("OTHER");
    commit(store, &[linked(&elsewhere)]).await;
    let stale: Vec<usize> = vec![0, 3, 60, 61, 149];
    let taken = 75;
    for at in &stale {
        let stored = write(plain_link(&keys[*at], None));
        store.put_link(&stored).await.unwrap();
    }
    let records: Vec<_> = keys
        .iter()
        .enumerate()
        .map(|(n, key)| match n {
            // Linked to what is another's.
            _ if n == taken => Commit {
                write: relink(link(key), None, Some("crm-01-OTHER")),
                ..linked(key)
            },
            0 | 60 => aside(key),
            _ => linked(key),
        })
        .collect();
    let answers = commit(store, &records).await;
    for (n, (key, answer)) in keys.iter().zip(answers).enumerate() {
        if stale.contains(&n) {
            let now_is = Link {
                rev: 1,
                ..plain_link(key, None)
            };
            assert_eq!(answer, PutLink::Lost(Box::new(Some(now_is))), "{key}");
            assert_eq!(told(store, key).await, []);
            assert!(!is_parked(store, key).await);
            let crm = id(&format!("crm-{}", key.local));
            assert_eq!(store.key_of(&zoho(), &crm).await.unwrap(), None);
        } else if n == taken {
            assert_eq!(answer, PutLink::IdTaken(elsewhere.clone()));
            assert_eq!(read(store, key).await, None);
            assert_eq!(told(store, key).await, []);
        } else {
            assert_eq!(answer, PutLink::Stored(1), "{key}");
            assert_eq!(told(store, key).await.len(), 1);
        }
    }
}

/// As if they had come one after the other.
pub async fn of_records_with_one_crm_id_one_has_it<S: Store + Tokens>(store: &S) {
    let keys = customers(5);
    let one_id = |key: &SageKey| Commit {
        write: relink(link(key), None, Some("77")),
        ..linked(key)
    };
    let records: Vec<_> = keys.iter().map(one_id).collect();
    let answers = commit(store, &records).await;
    let has_it = store.key_of(&zoho(), &id("77")).await.unwrap().unwrap();
    for (key, answer) in keys.iter().zip(answers) {
        if *key == has_it {
            assert_eq!(answer, PutLink::Stored(1));
        } else {
            assert_eq!(answer, PutLink::IdTaken(has_it.clone()));
            assert_eq!(told(store, key).await, []);
        }
    }
}

/// The second was made before the first was stored.
pub async fn a_record_named_twice_is_stored_once<S: Store + Tokens>(store: &S) {
    let keys = customers(3);
    let records = [
        linked(&keys[0]),
        linked(&keys[1]),
        linked(&keys[0]),
        linked(&keys[2]),
    ];
    let answers = commit(store, &records).await;
    let stored = |answer: &PutLink| matches!(answer, PutLink::Stored(1));
    assert!(stored(&answers[0]) && stored(&answers[1]) && stored(&answers[3]));
    assert!(matches!(&answers[2], PutLink::Lost(now_is) if now_is.is_some()));
    assert_eq!(read(store, &keys[0]).await.unwrap().rev, 1);
}

/// Whoever lost the answer does it again: it finds everything stored, and doubles nothing.
pub async fn a_commit_made_again_changes_nothing<S: Store + Tokens>(store: &S) {
    let keys = customers(120);
    let records: Vec<_> = keys.iter().map(linked).collect();
    commit(store, &records).await;
    for (key, answer) in keys.iter().zip(commit(store, &records).await) {
        let PutLink::Lost(now_is) = answer else {
            panic!("{key}: {answer:?}");
        };
        assert_eq!(now_is.map(|link| link.rev), Some(1));
        assert_eq!(told(store, key).await, [Outcome::Created]);
    }
}

/// The optimistic lock holds for each record of a group, whoever else is in it.
pub async fn of_many_commits_at_once_each_record_is_one_of_them<S: Store + Tokens>(store: &S) {
    let keys = customers(40);
    let packs: Vec<Vec<Commit>> = (0..4_usize)
        .map(|worker| {
            // Each has its own order and leaves out some.
            let mut some: Vec<_> = keys.iter().skip(worker).map(linked).collect();
            if worker % 2 == 1 {
                some.reverse();
            }
            some
        })
        .collect();
    let answers = join_all(packs.iter().map(|pack| store.commit(pack, &[]))).await;
    let mut won = std::collections::BTreeMap::<&SageKey, u32>::new();
    for (pack, answers) in packs.iter().zip(answers) {
        for (record, answer) in pack.iter().zip(answers.unwrap()) {
            if matches!(answer, PutLink::Stored(_)) {
                *won.entry(&record.write.link.key).or_default() += 1;
            }
        }
    }
    assert_eq!(won.len(), 40);
    assert!(won.values().all(|count| *count == 1), "{won:?}");
    for key in &keys {
        assert_eq!(read(store, key).await.unwrap().rev, 1);
        assert_eq!(told(store, key).await, [Outcome::Created]);
    }
}

/// Larger together than any transaction, and hard to make smaller.
pub async fn records_of_any_size_are_stored<S: Store + Tokens>(store: &S) {
    let keys = customers(60);
    let noise = |seed: usize| -> String {
        let mut state = seed as u64 + 1;
        let letter = std::iter::repeat_with(|| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            char::from(b'!' + u8::try_from((state >> 33) % 90).unwrap_or(0))
        });
        letter.take(150_000).collect()
    };
    let records: Vec<_> = keys
        .iter()
        .enumerate()
        .map(|(n, key)| {
            let mut record = linked(key);
            for base in record.write.link.shadow.values_mut() {
                base.reverted = Some(Value::text(noise(n)));
            }
            record
        })
        .collect();
    assert_eq!(commit(store, &records).await, vec![PutLink::Stored(1); 60]);
    for (record, key) in records.iter().zip(&keys) {
        assert_eq!(
            read(store, key).await.unwrap().shadow,
            record.write.link.shadow
        );
    }
}

/// Nothing to store is no reason to say nothing.
pub async fn outcomes_go_along_without_records<S: Store + Tokens>(store: &S) {
    let keys = customers(3);
    let along: Vec<_> = keys
        .iter()
        .map(|key| outcome("r1", key, Outcome::Unchanged))
        .collect();
    assert_eq!(store.commit(&[], &along).await.unwrap(), []);
    let records = [linked(&customer("X"))];
    store
        .commit(&records, &[outcome("r2", &keys[0], Outcome::Excluded)])
        .await
        .unwrap();
    assert_eq!(told(store, &keys[2]).await, [Outcome::Unchanged]);
    assert_eq!(told(store, &keys[0]).await.len(), 2);
    assert_eq!(told(store, &customer("X")).await, [Outcome::Created]);
}
