//! Checks of [`Links`](counterpart_delivery::ports::Links).

use counterpart_delivery::ports::{Store, Tokens};
use counterpart_delivery::{Link, LinkWrite, PutLink, Stage};
use counterpart_domain::{Entity, SageKey};
use futures_util::future::join_all;

use super::samples::{
    abc, contact, customer, id, link, plain_link, relink, rep, write, xyz, zoho, zoho_eu,
};

async fn stored<S: Store>(store: &S, link: LinkWrite) -> u64 {
    match store.put_link(&link).await.unwrap() {
        PutLink::Stored(rev) => rev,
        other => panic!("not stored: {other:?}"),
    }
}

async fn read<S: Store>(store: &S, key: &SageKey) -> Option<Link> {
    let links = store.links(&zoho(), std::slice::from_ref(key)).await;
    links.unwrap().into_iter().next().unwrap()
}

/// Every field survives storage, and the revision counts from one.
pub async fn a_new_link_is_read_back_as_it_was<S: Store + Tokens>(store: &S) {
    for (key, link) in [
        (customer("ABF"), link(&customer("ABF"))),
        (contact("ABF", "ART/Ñ#1"), link(&contact("ABF", "ART/Ñ#1"))),
        (customer("X"), plain_link(&customer("X"), None)),
    ] {
        assert_eq!(read(store, &key).await, None);
        assert_eq!(stored(store, write(link.clone())).await, 1);
        let wanted = Link { rev: 1, ..link };
        assert_eq!(read(store, &key).await, Some(wanted.clone()));
        assert_eq!(stored(store, write(wanted.clone())).await, 2);
        assert_eq!(read(store, &key).await.unwrap().rev, 2);
    }
}

/// A stale revision writes nothing and gets the current item.
pub async fn a_link_that_somebody_wrote_since_is_lost_with_the_item_as_it_is<S: Store + Tokens>(
    store: &S,
) {
    let key = customer("ABF");
    let first = link(&key);
    let lost = |now: Option<Link>| PutLink::Lost(Box::new(now));
    let ahead = Link {
        rev: 3,
        ..first.clone()
    };
    assert_eq!(store.put_link(&write(ahead)).await.unwrap(), lost(None));
    stored(store, write(first.clone())).await;
    let current = Link {
        rev: 1,
        ..first.clone()
    };
    // Even where the content is the same: two writers must not both believe that they wrote.
    for stale in [
        first.clone(),
        Link {
            stage: Stage::Conflict,
            ..first.clone()
        },
    ] {
        let answer = store.put_link(&write(stale)).await.unwrap();
        assert_eq!(answer, lost(Some(current.clone())));
    }
    let with_reverse = relink(first, None, Some("77"));
    let answer = store.put_link(&with_reverse).await.unwrap();
    assert_eq!(answer, lost(Some(current.clone())));
    assert_eq!(store.key_of(&zoho(), &id("77")).await.unwrap(), None);
    assert_eq!(read(store, &key).await, Some(current));
}

/// The optimistic lock holds under contention.
pub async fn of_many_writers_at_one_revision_one_wins<S: Store + Tokens>(store: &S) {
    let key = customer("ABF");
    for rev in 0..3 {
        let writers = (0..8).map(|n| {
            let mut link = Link { rev, ..link(&key) };
            link.source_hash = super::samples::hash(&n.to_string());
            write(link)
        });
        let writers: Vec<_> = writers.collect();
        let answers = join_all(writers.iter().map(|write| store.put_link(write))).await;
        let won = answers
            .into_iter()
            .filter(|a| matches!(a, Ok(PutLink::Stored(_))));
        assert_eq!(won.count(), 1);
    }
    assert_eq!(read(store, &key).await.unwrap().rev, 3);
}

/// Two keys never share a CRM record.
pub async fn an_id_of_another_key_is_taken_and_nothing_is_written<S: Store + Tokens>(store: &S) {
    let (one, two) = (customer("ABF"), customer("XYZ"));
    stored(store, relink(link(&one), None, Some("77"))).await;
    let answer = store.put_link(&relink(link(&two), None, Some("77"))).await;
    assert_eq!(answer.unwrap(), PutLink::IdTaken(one.clone()));
    assert_eq!(read(store, &two).await, None);
    assert_eq!(store.key_of(&zoho(), &id("77")).await.unwrap(), Some(one));
}

/// A read right after the write finds the key by the id, and after a move by the new one only.
pub async fn the_reverse_item_is_there_at_once_and_moves_with_the_id<S: Store + Tokens>(store: &S) {
    let key = customer("ABF");
    let rev = stored(store, relink(link(&key), None, Some("77"))).await;
    assert_eq!(
        store.key_of(&zoho(), &id("77")).await.unwrap().as_ref(),
        Some(&key)
    );
    assert_eq!(store.key_of(&zoho_eu(), &id("77")).await.unwrap(), None);
    let again = Link { rev, ..link(&key) };
    let rev = stored(store, relink(again, Some("77"), Some("77"))).await;
    assert_eq!(
        store.key_of(&zoho(), &id("77")).await.unwrap().as_ref(),
        Some(&key)
    );
    let moved = Link { rev, ..link(&key) };
    stored(store, relink(moved, Some("77"), Some("88"))).await;
    assert_eq!(store.key_of(&zoho(), &id("77")).await.unwrap(), None);
    assert_eq!(
        store.key_of(&zoho(), &id("88")).await.unwrap().as_ref(),
        Some(&key)
    );
    assert_eq!(read(store, &key).await.unwrap().crm_id, Some(id("88")));
}

/// Without a new id, the old one goes.
pub async fn an_unlinked_record_gives_its_id_free<S: Store + Tokens>(store: &S) {
    let (one, two) = (customer("ABF"), customer("XYZ"));
    let rev = stored(store, relink(link(&one), None, Some("77"))).await;
    let gone = Link { rev, ..link(&one) };
    stored(store, relink(gone, Some("77"), None)).await;
    assert_eq!(store.key_of(&zoho(), &id("77")).await.unwrap(), None);
    assert_eq!(stored(store, relink(link(&two), None, Some("77"))).await, 1);
}

/// Whoever moves away from an id takes away only what is its own.
pub async fn a_reverse_item_that_belongs_to_another_by_now_stays<S: Store + Tokens>(store: &S) {
    let (one, two) = (customer("ABF"), customer("XYZ"));
    stored(store, relink(link(&one), None, Some("77"))).await;
    let rev = stored(store, write(link(&two))).await;
    let moved = Link { rev, ..link(&two) };
    assert_eq!(
        stored(store, relink(moved, Some("77"), Some("88"))).await,
        2
    );
    assert_eq!(store.key_of(&zoho(), &id("77")).await.unwrap(), Some(one));
    assert_eq!(store.key_of(&zoho(), &id("88")).await.unwrap(), Some(two));
}

/// More keys than one call of any database takes, some unknown, some twice.
pub async fn any_number_of_keys_is_read_in_order<S: Store + Tokens>(store: &S) {
    let keys: Vec<_> = (0..230).map(|n| customer(&format!("C{n:03}"))).collect();
    for key in keys.iter().filter(|key| !key.local.ends_with('7')) {
        stored(store, write(plain_link(key, None))).await;
    }
    let mut asked: Vec<_> = keys.iter().rev().cloned().collect();
    asked.push(keys.first().unwrap().clone());
    let found = store.links(&zoho(), &asked).await.unwrap();
    assert_eq!(found.len(), asked.len());
    for (key, link) in asked.iter().zip(found) {
        let wanted = Some(key).filter(|key| !key.local.ends_with('7'));
        assert_eq!(link.map(|link| link.key).as_ref(), wanted);
    }
    assert_eq!(store.links(&zoho(), &[]).await.unwrap(), []);
}

/// The same number means another record in another place.
pub async fn targets_companies_and_entities_never_mix<S: Store + Tokens>(store: &S) {
    let key = customer("0100");
    stored(store, relink(link(&key), None, Some("77"))).await;
    let elsewhere = SageKey::new(&xyz(), Entity::CUSTOMER, "01-0100").unwrap();
    let salesperson = SageKey::new(&abc(), Entity::SALESPERSON, "01-0100").unwrap();
    for other in [elsewhere, salesperson] {
        assert_eq!(read(store, &other).await, None);
    }
    let other_target = store.links(&zoho_eu(), std::slice::from_ref(&key)).await;
    assert_eq!(other_target.unwrap(), [None]);
    let mut there = relink(link(&key), None, Some("77"));
    there.link.target = zoho_eu();
    assert_eq!(stored(store, there).await, 1);
}

/// Each key once, whatever the page size; a link that changes its rep changes sides.
pub async fn the_keys_of_a_rep_come_in_pages_and_follow_the_links<S: Store + Tokens>(store: &S) {
    let keys: Vec<_> = (0..7).map(|n| customer(&format!("C{n}"))).collect();
    for key in &keys {
        stored(store, write(plain_link(key, Some(rep("0100"))))).await;
    }
    stored(store, write(plain_link(&customer("D0"), Some(rep("0200"))))).await;
    stored(store, write(plain_link(&customer("D1"), None))).await;
    for limit in [1, 3, 7, 100] {
        assert_eq!(pages(store, "0100", limit).await, keys, "pages of {limit}");
    }
    let (moved, unassigned) = (keys.first().unwrap(), keys.last().unwrap());
    for (key, rep) in [(moved, Some(rep("0200"))), (unassigned, None)] {
        let link = Link {
            rev: 1,
            ..plain_link(key, rep)
        };
        stored(store, write(link)).await;
    }
    assert_eq!(pages(store, "0100", 2).await, keys.get(1..6).unwrap());
    assert_eq!(
        pages(store, "0200", 2).await,
        [moved.clone(), customer("D0")]
    );
    let elsewhere = store.keys_of_rep(&zoho_eu(), &rep("0100"), None, 9).await;
    assert_eq!(elsewhere.unwrap(), (vec![], None));
}

/// Whoever rests is counted, and found by no rep until it is back.
pub async fn those_that_rest_are_counted_and_have_no_rep<S: Store + Tokens>(store: &S) {
    let linked = |local: &str, resting| Link {
        stage: Stage::Linked,
        crm_id: Some(id(local)),
        resting,
        ..plain_link(&customer(local), Some(rep("0100")))
    };
    for (local, resting) in [("A", true), ("B", true), ("C", false)] {
        stored(store, write(linked(local, resting))).await;
    }
    // What is to be written in full has not had its last update.
    let dirty = Link {
        dirty: true,
        ..linked("D", true)
    };
    stored(store, write(dirty)).await;
    assert_eq!(store.resting(&zoho(), 9).await.unwrap(), 2);
    assert_eq!(store.resting(&zoho(), 1).await.unwrap(), 1);
    assert_eq!(store.resting(&zoho_eu(), 9).await.unwrap(), 0);
    assert_eq!(pages(store, "0100", 9).await, ["C", "D"].map(customer));
    let back = Link {
        rev: 1,
        ..linked("A", false)
    };
    stored(store, write(back)).await;
    assert_eq!(store.resting(&zoho(), 9).await.unwrap(), 1);
    assert_eq!(pages(store, "0100", 9).await, ["A", "C", "D"].map(customer));
}

async fn pages<S: Store>(store: &S, number: &str, limit: usize) -> Vec<SageKey> {
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let page = store
            .keys_of_rep(&zoho(), &rep(number), after.as_deref(), limit)
            .await;
        let (keys, next) = page.unwrap();
        assert!(keys.len() <= limit);
        all.extend(keys);
        assert!(all.len() <= 9, "pages overlap: {all:?}");
        match next {
            Some(next) => after = Some(next),
            None => return all,
        }
    }
}
