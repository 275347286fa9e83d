//! Checks of the count of creations.

use counterpart_delivery::ports::{Creation, SaleStore};
use futures_util::future::join_all;

use super::samples::{abc, at, xyz};

async fn count<S: SaleStore>(store: &S, most: u32, name: &str, now: i64) -> Creation {
    let counted = store.count_creation(&abc(), most, name, at(now)).await;
    counted.unwrap()
}

/// An hour each, whatever is asked again meanwhile, and companies apart.
pub async fn a_creation_counts_once_and_for_an_hour<S: SaleStore>(store: &S) {
    assert_eq!(store.creations(&abc(), at(0)).await.unwrap(), 0);
    assert_eq!(count(store, 2, "a", 0).await, Creation::Counted);
    assert_eq!(count(store, 2, "b", 60).await, Creation::Counted);
    for now in [61, 1_800, 3_599] {
        assert_eq!(count(store, 2, "a", now).await, Creation::Counted);
        assert_eq!(count(store, 2, "c", now).await, Creation::Full(at(3_600)));
        assert_eq!(store.creations(&abc(), at(now)).await.unwrap(), 2);
    }
    // The first is an hour old: asking again did not make it younger.
    assert_eq!(count(store, 2, "c", 3_600).await, Creation::Counted);
    assert_eq!(count(store, 2, "d", 3_600).await, Creation::Full(at(3_660)));
    assert_eq!(store.creations(&abc(), at(3_600)).await.unwrap(), 2);
    assert_eq!(store.creations(&abc(), at(3_660)).await.unwrap(), 1);
    let other = store.count_creation(&xyz(), 1, "a", at(3_600)).await;
    assert_eq!(other.unwrap(), Creation::Counted);
}

/// What was taken back leaves its place to another.
pub async fn what_was_not_created_is_forgotten<S: SaleStore>(store: &S) {
    assert_eq!(count(store, 1, "a", 0).await, Creation::Counted);
    store.forget_creation(&abc(), "nobody").await.unwrap();
    store.forget_creation(&xyz(), "a").await.unwrap();
    assert_eq!(count(store, 1, "b", 1).await, Creation::Full(at(3_600)));
    store.forget_creation(&abc(), "a").await.unwrap();
    assert_eq!(count(store, 1, "b", 1).await, Creation::Counted);
}

/// A smaller number holds at once, a larger one as well.
pub async fn the_number_may_change_between<S: SaleStore>(store: &S) {
    for (name, now) in [("a", 0), ("b", 10), ("c", 20)] {
        assert_eq!(count(store, 3, name, now).await, Creation::Counted);
    }
    assert_eq!(count(store, 1, "d", 30).await, Creation::Full(at(3_620)));
    assert_eq!(count(store, 2, "d", 30).await, Creation::Full(at(3_610)));
    assert_eq!(count(store, 4, "d", 30).await, Creation::Counted);
}

/// Not one more.
pub async fn of_many_creations_at_once_as_many_count_as_may<S: SaleStore>(store: &S) {
    let names: Vec<_> = (0..12).map(|n| format!("n{n}")).collect();
    let asked = names.iter().map(|name| count(store, 5, name, 0));
    let answers = join_all(asked).await;
    let counted = answers.iter().filter(|one| **one == Creation::Counted);
    assert_eq!(counted.count(), 5);
    assert_eq!(store.creations(&abc(), at(1)).await.unwrap(), 5);
}

/// Hours and companies apart, and apart from what counts now.
pub async fn each_hour_counts_its_own_creations_once<S: SaleStore>(store: &S) {
    let of_hour = async |hour: i64, name: &str| {
        let company = abc();
        let counted = store.count_of_hour(&company, at(hour), 2, name).await;
        counted.unwrap()
    };
    for name in ["a", "b", "a", "b"] {
        assert!(of_hour(0, name).await, "{name}");
    }
    assert!(!of_hour(0, "c").await);
    assert!(of_hour(3_600, "c").await);
    let other = store.count_of_hour(&xyz(), at(0), 2, "c").await;
    assert!(other.unwrap());
    assert_eq!(store.creations(&abc(), at(0)).await.unwrap(), 0);
    assert_eq!(count(store, 1, "a", 0).await, Creation::Counted);
}
