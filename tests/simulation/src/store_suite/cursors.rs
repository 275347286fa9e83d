//! Checks of [`Cursors`](counterpart_delivery::ports::Cursors).

use counterpart_delivery::ports::{Cursor, Leased, OpenWindow, Store, Tokens};
use counterpart_domain::{Class, Entity, ServerTime, Stamp};

use super::samples::{abc, at, hash, xyz, zoho, zoho_eu};

const CUSTOMER: Entity = Entity::CUSTOMER;

async fn lease<S: Store>(store: &S, owner: &str, now: i64, until: i64) -> Leased {
    let answer = store
        .lease_cursor(&abc(), CUSTOMER, owner, at(now), at(until))
        .await;
    answer.unwrap()
}

fn ours(cursor: Cursor) -> Leased {
    Leased::Ours(Box::new(cursor))
}

fn fresh() -> Cursor {
    Cursor::new(abc(), CUSTOMER)
}

/// A cursor with something in every field.
fn far() -> Cursor {
    let stamp = Stamp::parse("20261122", "13.50000").unwrap();
    let server = ServerTime {
        wall: stamp,
        utc_offset_minutes: -360,
        instant: at(5),
    };
    let mappings = [(zoho(), hash("mapping"))];
    Cursor {
        watermark: Some(stamp),
        high_water: Some(stamp),
        last_server: Some(server),
        last_polled_at: Some(at(6)),
        last_wide_at: Some(at(7)),
        mappings: mappings.clone().into(),
        open: Some(OpenWindow {
            from: Stamp::BEGINNING,
            to: stamp,
            after: Some("opaque".to_owned()),
            opened: server,
            opened_at: at(8),
            wide: true,
            everything: false,
            mappings: mappings.into(),
            run: "r1".to_owned(),
            pages: 3,
            listed: 4,
        }),
        apart: [(zoho_eu(), fresh())].into(),
        ..fresh()
    }
}

/// Busy until its end, renewable by its owner, free from its end on.
pub async fn a_lease_is_one_pollers_until_it_runs_out<S: Store + Tokens>(store: &S) {
    assert_eq!(lease(store, "one", 0, 60).await, ours(fresh()));
    assert_eq!(lease(store, "two", 59, 120).await, Leased::Busy(at(60)));
    assert_eq!(lease(store, "one", 59, 90).await, ours(fresh()));
    assert_eq!(lease(store, "two", 60, 120).await, Leased::Busy(at(90)));
    assert_eq!(lease(store, "two", 90, 150).await, ours(fresh()));
    assert_eq!(lease(store, "one", 91, 150).await, Leased::Busy(at(150)));
    for (company, entity) in [(xyz(), CUSTOMER), (abc(), Entity::CONTACT)] {
        let other = store.lease_cursor(&company, entity, "one", at(91), at(150));
        assert_eq!(other.await.unwrap(), ours(Cursor::new(company, entity)));
    }
}

/// Who was overtaken saves nothing, and is told so.
pub async fn a_cursor_is_saved_only_by_who_has_the_lease<S: Store + Tokens>(store: &S) {
    assert_eq!(store.cursor(&abc(), CUSTOMER).await.unwrap(), None);
    let nobody = store.save_cursor(&far(), "one").await.unwrap_err();
    assert_eq!(nobody.code, "E_LEASE_LOST");
    lease(store, "one", 0, 60).await;
    assert_eq!(store.cursor(&abc(), CUSTOMER).await.unwrap(), None);
    store.save_cursor(&far(), "one").await.unwrap();
    assert_eq!(store.cursor(&abc(), CUSTOMER).await.unwrap(), Some(far()));
    assert_eq!(lease(store, "two", 60, 120).await, ours(far()));
    let late = store.save_cursor(&fresh(), "one").await.unwrap_err();
    assert_eq!(
        (late.code.as_ref(), late.class),
        ("E_LEASE_LOST", Class::Transient)
    );
    assert_eq!(store.cursor(&abc(), CUSTOMER).await.unwrap(), Some(far()));
    store.save_cursor(&fresh(), "two").await.unwrap();
    assert_eq!(store.cursor(&abc(), CUSTOMER).await.unwrap(), Some(fresh()));
}

/// Giving back what one does not have changes nothing; after giving back, one has nothing.
pub async fn a_lease_is_given_back_only_by_its_owner<S: Store + Tokens>(store: &S) {
    store.release_cursor(&abc(), CUSTOMER, "one").await.unwrap();
    lease(store, "one", 0, 60).await;
    store.save_cursor(&far(), "one").await.unwrap();
    store.release_cursor(&abc(), CUSTOMER, "two").await.unwrap();
    assert_eq!(lease(store, "two", 1, 60).await, Leased::Busy(at(60)));
    store.release_cursor(&abc(), CUSTOMER, "one").await.unwrap();
    let after = store.save_cursor(&fresh(), "one").await.unwrap_err();
    assert_eq!(after.code, "E_LEASE_LOST");
    assert_eq!(lease(store, "two", 1, 60).await, ours(far()));
}
