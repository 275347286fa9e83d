//! Checks of [`Parking`](counterpart_delivery::ports::Parking).

use counterpart_delivery::ports::{Parked, Route, Store, Tokens};
use counterpart_domain::{Class, Fault};

use super::samples::{at, customer, zoho};

fn parked(id: &str, seconds: i64, code: &'static str) -> Parked {
    let fault = Fault::new(Class::Data, code, "Zoho refused Account_Name.");
    Parked {
        target: "zoho".to_owned(),
        id: id.to_owned(),
        route: Route::CrmWrites,
        key: Some(customer("ABF")),
        fault: fault.with_detail("row 3").until(at(1)),
        payload: "{\"k\":\"01-ABF\"}".to_owned(),
        run: Some("r1".to_owned()),
        first_at: at(seconds),
        at: at(seconds),
        times: 1,
    }
}

/// Payload, fault and time are the newest; the first time and the count go on.
pub async fn parking_again_keeps_the_beginning_and_counts<S: Store + Tokens>(store: &S) {
    let first = parked("customer#ABC:01-ABF", 0, "E_CRM_INVALID_DATA");
    store.park(&first).await.unwrap();
    assert_eq!(
        store.parked("zoho", &first.id).await.unwrap().as_ref(),
        Some(&first)
    );
    let mut again = parked("customer#ABC:01-ABF", 60, "E_REP_UNMAPPED");
    again.payload = "{}".to_owned();
    again.key = None;
    again.run = None;
    store.park(&again).await.unwrap();
    store.park(&again).await.unwrap();
    let wanted = Parked {
        first_at: at(0),
        times: 3,
        ..again
    };
    assert_eq!(
        store.parked("zoho", &wanted.id).await.unwrap(),
        Some(wanted)
    );
}

/// Page after page, each once; another target's are left out.
pub async fn the_parked_come_in_pages_in_order_of_id<S: Store + Tokens>(store: &S) {
    for id in ["b", "d", "a", "e", "c"] {
        store.park(&parked(id, 0, "E_TEST")).await.unwrap();
    }
    let nameless = Parked {
        target: "-".to_owned(),
        ..parked("body#1", 0, "E_PACK_MALFORMED")
    };
    store.park(&nameless).await.unwrap();
    let mut ids = Vec::new();
    loop {
        let after = ids.last().map(String::as_str);
        let page = store.parked_of("zoho", after, 2).await.unwrap();
        assert!(page.len() <= 2);
        if page.is_empty() {
            break;
        }
        ids.extend(page.into_iter().map(|item| item.id));
        assert!(ids.len() <= 5, "pages overlap: {ids:?}");
    }
    assert_eq!(ids, ["a", "b", "c", "d", "e"]);
    assert_eq!(store.parked_of("-", None, 9).await.unwrap(), [nameless]);
}

/// And counts from the beginning, should it come again.
pub async fn what_is_unparked_is_gone<S: Store + Tokens>(store: &S) {
    let item = parked("customer#ABC:01-ABF", 0, "E_TEST");
    store.unpark(&zoho(), &item.id).await.unwrap();
    store.park(&item).await.unwrap();
    store
        .unpark(&zoho(), "customer#ABC:01-OTHER")
        .await
        .unwrap();
    assert_eq!(store.parked_of("zoho", None, 9).await.unwrap().len(), 1);
    store.unpark(&zoho(), &item.id).await.unwrap();
    assert_eq!(store.parked("zoho", &item.id).await.unwrap(), None);
    let later = parked("customer#ABC:01-ABF", 90, "E_TEST");
    store.park(&later).await.unwrap();
    assert_eq!(store.parked("zoho", &item.id).await.unwrap(), Some(later));
}

/// More than one call of any database takes; what is not there is none.
pub async fn several_are_read_in_order<S: Store + Tokens>(store: &S) {
    let ids: Vec<_> = (0..130)
        .map(|n| format!("customer#ABC:01-C{n:03}"))
        .collect();
    for id in ids.iter().step_by(2) {
        store.park(&parked(id, 0, "E_TEST")).await.unwrap();
    }
    let asked: Vec<_> = ids.iter().rev().cloned().collect();
    let found = store.parked_among("zoho", &asked).await.unwrap();
    let wanted = (0..130).rev().map(|n| {
        let id = ids.get(n).unwrap();
        (n % 2 == 0).then(|| parked(id, 0, "E_TEST"))
    });
    assert_eq!(found, wanted.collect::<Vec<_>>());
    assert_eq!(
        store.parked_among("zoho-eu", &ids[..1]).await.unwrap(),
        [None]
    );
    assert_eq!(store.parked_among("zoho", &[]).await.unwrap(), []);
}
