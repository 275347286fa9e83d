//! Checks of [`Tokens`](counterpart_delivery::ports::Tokens).

use counterpart_delivery::SecretText;
use counterpart_delivery::ports::{RefreshClaim, Store, StoredToken, Tokens};
use futures_util::future::join_all;

use super::samples::{at, zoho, zoho_eu};

const MOST: u32 = 3;
const WINDOW: i64 = 600;

/// A claim with a lease of 30 seconds.
async fn claim<S: Tokens>(store: &S, owner: &str, stale: u64, now: i64) -> RefreshClaim {
    let claim = store
        .claim_refresh(&zoho(), owner, stale, at(now), at(now + 30), MOST, WINDOW)
        .await;
    claim.unwrap()
}

fn token(text: &str) -> StoredToken {
    StoredToken {
        access_token: SecretText::new(text),
        api_base: Some("https://www.zohoapis.eu".to_owned()),
        expires_at: at(3600),
        generation: 0,
    }
}

fn generation(generation: u64, token: StoredToken) -> StoredToken {
    StoredToken {
        generation,
        ..token
    }
}

async fn store_token<S: Tokens>(store: &S, owner: &str, text: &str) {
    store
        .store_token(&zoho(), owner, &token(text))
        .await
        .unwrap();
}

/// Busy until the lease ends or the token is there; then the token is everybody's.
pub async fn one_at_a_time_may_refresh<S: Store + Tokens>(store: &S) {
    assert_eq!(store.token(&zoho()).await.unwrap(), None);
    assert_eq!(claim(store, "one", 0, 0).await, RefreshClaim::Granted);
    assert_eq!(claim(store, "two", 0, 29).await, RefreshClaim::Busy(at(30)));
    assert_eq!(store.token(&zoho()).await.unwrap(), None);
    store_token(store, "one", "first").await;
    let stored = store.token(&zoho()).await.unwrap();
    assert_eq!(stored, Some(generation(1, token("first"))));
    assert_eq!(claim(store, "two", 1, 29).await, RefreshClaim::Granted);
    let plain = StoredToken {
        api_base: None,
        ..token("second")
    };
    store.store_token(&zoho(), "two", &plain).await.unwrap();
    let stored = store.token(&zoho()).await.unwrap();
    assert_eq!(stored, Some(generation(2, plain)));
    assert_eq!(store.token(&zoho_eu()).await.unwrap(), None);
}

/// Whoever still complains of an older one need not refresh.
pub async fn who_is_late_gets_the_token_that_another_stored<S: Store + Tokens>(store: &S) {
    claim(store, "one", 0, 0).await;
    store_token(store, "one", "first").await;
    let fresher = RefreshClaim::Fresher(generation(1, token("first")));
    assert_eq!(claim(store, "two", 0, 1).await, fresher);
    assert_eq!(claim(store, "three", 1, 1).await, RefreshClaim::Granted);
    assert_eq!(
        claim(store, "two", 0, 2).await,
        fresher,
        "while another refreshes, too"
    );
    assert_eq!(claim(store, "two", 1, 2).await, RefreshClaim::Busy(at(31)));
}

/// A refresher that died holds nobody up for ever; should it live, its token comes too late.
pub async fn a_lease_that_ran_out_is_taken_over_and_its_token_refused<S: Store + Tokens>(
    store: &S,
) {
    claim(store, "one", 0, 0).await;
    assert_eq!(claim(store, "two", 0, 30).await, RefreshClaim::Granted);
    let late = store.store_token(&zoho(), "one", &token("late")).await;
    assert_eq!(late.unwrap_err().code, "E_LEASE_LOST");
    store
        .abandon_refresh(&zoho(), "one", Some(at(999)))
        .await
        .unwrap();
    assert_eq!(
        claim(store, "three", 0, 31).await,
        RefreshClaim::Busy(at(60))
    );
    store_token(store, "two", "second").await;
    let again = store.store_token(&zoho(), "one", &token("late")).await;
    assert_eq!(again.unwrap_err().code, "E_LEASE_LOST");
    let stored = store.token(&zoho()).await.unwrap();
    assert_eq!(stored, Some(generation(1, token("second"))));
}

/// A grant counts at once, whatever becomes of it; the oldest leaves the window first.
pub async fn the_allowance_counts_grants_within_its_window<S: Store + Tokens>(store: &S) {
    assert_eq!(claim(store, "a", 0, 0).await, RefreshClaim::Granted);
    store_token(store, "a", "first").await;
    assert_eq!(claim(store, "b", 1, 100).await, RefreshClaim::Granted);
    store.abandon_refresh(&zoho(), "b", None).await.unwrap();
    assert_eq!(claim(store, "c", 1, 200).await, RefreshClaim::Granted);
    store_token(store, "c", "second").await;
    let until = |seconds| RefreshClaim::Exhausted(at(seconds));
    assert_eq!(claim(store, "d", 2, 300).await, until(600));
    assert_eq!(claim(store, "d", 2, 599).await, until(600));
    assert_eq!(claim(store, "d", 2, 600).await, RefreshClaim::Granted);
    store_token(store, "d", "third").await;
    assert_eq!(claim(store, "e", 3, 650).await, until(700));
    let fewer = store
        .claim_refresh(&zoho(), "e", 3, at(700), at(730), 1, WINDOW)
        .await;
    assert_eq!(fewer.unwrap(), until(1200));
}

/// Nobody asks before then; afterwards the first may.
pub async fn an_abandoned_refresh_may_ask_for_a_pause<S: Store + Tokens>(store: &S) {
    store
        .abandon_refresh(&zoho(), "nobody", Some(at(999)))
        .await
        .unwrap();
    assert_eq!(claim(store, "one", 0, 0).await, RefreshClaim::Granted);
    store
        .abandon_refresh(&zoho(), "one", Some(at(90)))
        .await
        .unwrap();
    assert_eq!(
        claim(store, "two", 0, 89).await,
        RefreshClaim::Exhausted(at(90))
    );
    assert_eq!(claim(store, "two", 0, 90).await, RefreshClaim::Granted);
    store.abandon_refresh(&zoho(), "two", None).await.unwrap();
    assert_eq!(claim(store, "three", 0, 91).await, RefreshClaim::Granted);
}

/// After an answer that was lost, asking again is safe.
pub async fn a_claim_asked_again_by_its_owner_counts_once<S: Store + Tokens>(store: &S) {
    for now in 0..5 {
        assert_eq!(claim(store, "one", 0, now).await, RefreshClaim::Granted);
    }
    store_token(store, "one", "first").await;
    for owner in ["two", "three"] {
        let stale = store.token(&zoho()).await.unwrap().unwrap().generation;
        assert_eq!(claim(store, owner, stale, 10).await, RefreshClaim::Granted);
        store_token(store, owner, owner).await;
    }
    assert_eq!(
        claim(store, "four", 3, 11).await,
        RefreshClaim::Exhausted(at(600))
    );
}

/// Single flight, from nothing and from a token.
pub async fn of_many_claims_at_once_one_is_granted<S: Store + Tokens>(store: &S) {
    for stale in 0..2 {
        let owners: Vec<_> = (0..6).map(|n| format!("o{stale}{n}")).collect();
        let claims = join_all(owners.iter().map(|owner| claim(store, owner, stale, 0))).await;
        let granted = |claim: &RefreshClaim| *claim == RefreshClaim::Granted;
        let winner = claims.iter().position(granted).unwrap();
        assert_eq!(claims.iter().filter(|claim| granted(claim)).count(), 1);
        let others = claims.iter().filter(|claim| !granted(claim));
        others.for_each(|claim| assert_eq!(*claim, RefreshClaim::Busy(at(30))));
        store_token(store, owners.get(winner).unwrap(), "token").await;
    }
}
