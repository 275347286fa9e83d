//! Checks of [`Reps`](counterpart_delivery::ports::Reps).

use counterpart_delivery::ports::{Remap, RepMapping, SalespersonRow, Store, Tokens};
use counterpart_domain::RepKey;

use super::samples::{abc, id, rep, xyz, zoho, zoho_eu};

fn mapping(rep: &RepKey, user: &str) -> RepMapping {
    RepMapping {
        rep: rep.clone(),
        user_id: id(user),
        user_name: format!("User {user}"),
    }
}

async fn map<S: Store>(store: &S, rep: &RepKey, user: Option<&str>, token: &str) {
    let mapping = user.map(|user| mapping(rep, user));
    let put = store.put_rep(&zoho(), rep, mapping.as_ref(), token).await;
    put.unwrap();
}

async fn reps_of<S: Store>(store: &S, user: &str) -> Vec<RepKey> {
    let reps = store.reps_of_user(&zoho(), &abc(), &id(user)).await;
    reps.unwrap()
}

async fn only_remap<S: Store>(store: &S) -> Remap {
    let mut remaps = store.remaps(&abc()).await.unwrap();
    assert_eq!(remaps.len(), 1);
    remaps.remove(0)
}

/// Mapped, mapped to another, two to one user, unmapped: the reverse never lags.
pub async fn both_directions_follow_every_change<S: Store + Tokens>(store: &S) {
    let (one, two) = (rep("0100"), rep("0200"));
    map(store, &one, Some("7"), "a").await;
    map(store, &two, Some("7"), "b").await;
    assert_eq!(reps_of(store, "7").await, [one.clone(), two.clone()]);
    map(store, &one, Some("8"), "c").await;
    assert_eq!(reps_of(store, "7").await, *std::slice::from_ref(&two));
    assert_eq!(reps_of(store, "8").await, *std::slice::from_ref(&one));
    map(store, &one, Some("8"), "d").await;
    assert_eq!(reps_of(store, "8").await, *std::slice::from_ref(&one));
    let all = store.reps(&zoho(), &abc()).await.unwrap();
    assert_eq!(all, [mapping(&one, "8"), mapping(&two, "7")]);
    map(store, &two, None, "e").await;
    map(store, &two, None, "f").await;
    assert_eq!(reps_of(store, "7").await, []);
    assert_eq!(store.reps(&zoho(), &abc()).await.unwrap().len(), 1);
    for (target, company) in [(zoho_eu(), abc()), (zoho(), xyz())] {
        assert_eq!(store.reps(&target, &company).await.unwrap(), []);
    }
}

/// Set, changed or removed: the records concerned are to be looked at again.
pub async fn every_change_of_a_mapping_leaves_a_remap<S: Store + Tokens>(store: &S) {
    let one = rep("0100");
    for (user, token) in [(Some("7"), "a"), (Some("7"), "b"), (None, "c")] {
        map(store, &one, user, token).await;
        let wanted = Remap {
            target: zoho(),
            rep: one.clone(),
            after: None,
            token: token.to_owned(),
        };
        assert_eq!(only_remap(store).await, wanted);
    }
    let elsewhere = mapping(&one, "9");
    store
        .put_rep(&zoho_eu(), &one, Some(&elsewhere), "d")
        .await
        .unwrap();
    let targets = store.remaps(&abc()).await.unwrap();
    let targets: Vec<_> = targets.into_iter().map(|remap| remap.target).collect();
    assert_eq!(targets, [zoho(), zoho_eu()]);
    assert_eq!(store.remaps(&xyz()).await.unwrap(), []);
}

/// A change during the walk starts it anew, and the old walk cannot end it.
pub async fn a_remap_is_moved_and_finished_only_under_its_own_token<S: Store + Tokens>(store: &S) {
    let one = rep("0100");
    map(store, &one, Some("7"), "a").await;
    let walk = Remap {
        after: Some("customer#ABC:01-C5".to_owned()),
        ..only_remap(store).await
    };
    store.keep_remap(&walk).await.unwrap();
    assert_eq!(only_remap(store).await, walk);
    map(store, &one, Some("8"), "b").await;
    assert_eq!(only_remap(store).await.after, None);
    store.keep_remap(&walk).await.unwrap();
    store.finish_remap(&walk).await.unwrap();
    let fresh = only_remap(store).await;
    assert_eq!((fresh.token.as_str(), &fresh.after), ("b", &None));
    store.finish_remap(&fresh).await.unwrap();
    store.finish_remap(&fresh).await.unwrap();
    store.keep_remap(&fresh).await.unwrap();
    assert_eq!(store.remaps(&abc()).await.unwrap(), []);
    assert_eq!(reps_of(store, "8").await, [one]);
}

/// Written again, a row is replaced.
pub async fn salespersons_are_kept_per_company<S: Store + Tokens>(store: &S) {
    let row = |number: &str, name: &str| SalespersonRow {
        rep: rep(number),
        name: name.to_owned(),
        email: String::new(),
    };
    for row in [
        row("0200", "Shelly"),
        row("0100", "Jim"),
        row("0100", "Jim Kentley"),
    ] {
        store.put_salesperson(&row).await.unwrap();
    }
    let all = store.salespersons(&abc()).await.unwrap();
    assert_eq!(all, [row("0100", "Jim Kentley"), row("0200", "Shelly")]);
    assert_eq!(store.salespersons(&xyz()).await.unwrap(), []);
}
