use counterpart_delivery::ports::{Parked, Parking as _};
use counterpart_domain::{Class, Company, Entity, Fault, SageKey, TargetName};

use counterpart_delivery::ports::Route;
use counterpart_simulation::{VirtualClock, memory::MemoryStore};

use super::find::{Meant, find};
use super::*;
use crate::output::Style;

fn named(name: &str) -> Vec<String> {
    vec![name.to_owned()]
}

fn item(target: &str, id: &str, key: Option<SageKey>) -> Parked {
    let at = "2026-11-22T19:30:00Z".parse().unwrap();
    Parked {
        target: target.into(),
        id: id.into(),
        route: Route::CrmWrites,
        key,
        fault: Fault::new(
            Class::Data,
            "E_REP_UNMAPPED",
            "ABC:01-ABF belongs to a salesperson who is mapped to nobody.",
        )
        .with_detail("rep 01-0100"),
        payload:
            r#"{"k":"01-ABF","r":{"customer":{"CustomerName":"American\u001b[31m Business"}}}"#
                .into(),
        run: Some("run1".into()),
        first_at: at,
        at,
        times: 2,
    }
}

fn store() -> (VirtualClock, MemoryStore) {
    let clock = VirtualClock::new("2026-11-22T19:30:00Z".parse().unwrap(), 1);
    let store = MemoryStore::new();
    let company = Company::new("ABC").unwrap();
    let key = SageKey::new(&company, Entity::CUSTOMER, "01-ABF").unwrap();
    clock.block_on(async {
        store
            .park(&item("zoho", &key.storage(), Some(key.clone())))
            .await
            .unwrap();
        for n in 0..250 {
            let key = SageKey::new(&company, Entity::CUSTOMER, &format!("02-{n:04}")).unwrap();
            store
                .park(&item("zoho", &key.storage(), Some(key.clone())))
                .await
                .unwrap();
        }
        store.park(&item("-", "body#0af", None)).await.unwrap();
    });
    (clock, store)
}

#[test]
fn the_list_walks_all_pages_of_all_targets_and_keeps_the_json_shape() {
    let (clock, store) = store();
    let targets = ["zoho".to_owned(), NO_TARGET.to_owned()];
    let found = clock.block_on(all(&store, &targets, 1000)).unwrap();
    assert_eq!(found.len(), 252);
    assert_eq!(
        clock.block_on(all(&store, &targets, 150)).unwrap().len(),
        150
    );
    let answer = list(&found[250..], 1000, Style::Plain);
    insta::assert_snapshot!(answer.text);
    insta::assert_json_snapshot!(answer.json);
}

#[test]
fn one_is_shown_by_its_key_or_its_id_without_control_characters() {
    let (clock, store) = store();
    let targets = ["zoho".to_owned(), NO_TARGET.to_owned()];
    let by_key = clock
        .block_on(show(&store, &targets, &named("ABC:01-ABF")))
        .unwrap();
    let by_id = clock
        .block_on(show(&store, &targets, &named("customer#ABC:01-ABF")))
        .unwrap();
    assert_eq!(by_key, by_id);
    assert!(!by_key.text.contains('\u{1b}'));
    insta::assert_snapshot!(by_key.text);
    assert!(
        clock
            .block_on(show(&store, &targets, &named("body#0af")))
            .is_ok()
    );
    let refusal = clock
        .block_on(show(&store, &targets, &named("ABC:01-NONE")))
        .unwrap_err();
    assert_eq!(refusal.code, "E_NOT_PARKED");
}

#[test]
fn what_got_through_is_no_longer_there() {
    let (clock, store) = store();
    let target = TargetName::new("zoho").unwrap();
    clock
        .block_on(store.unpark(&target, "customer#ABC:01-ABF"))
        .unwrap();
    assert!(
        clock
            .block_on(show(&store, &named("zoho"), &named("ABC:01-ABF")))
            .is_err()
    );
}

/// A sale of a customer, as the Sage writer sets it aside.
fn sale(record: &str) -> Parked {
    let key = SageKey::new(&Company::new("ABC").unwrap(), Entity::CUSTOMER, "01-SHOP").unwrap();
    let payload = format!(
        r#"{{"version":1,"id":"e1","target":"zoho","module":"Deals","record":"{record}","change":"updated"}}"#
    );
    Parked {
        route: Route::SageWrites,
        payload,
        ..item("zoho", &format!("order#{record}"), Some(key))
    }
}

#[test]
fn two_sales_of_a_customer_are_told_apart_and_every_id_of_the_list_is_one_that_show_takes() {
    let (clock, store) = store();
    let targets = named("zoho");
    for record in ["4150868000000700001", "4150868000000700002"] {
        clock.block_on(store.park(&sale(record))).unwrap();
    }
    let found = clock.block_on(all(&store, &targets, 1000)).unwrap();
    let sales: Vec<Parked> = found
        .iter()
        .filter(|one| one.id.starts_with("order#"))
        .cloned()
        .collect();
    insta::assert_snapshot!(list(&sales, 1000, Style::Plain).text);
    for one in &found {
        let shown = clock
            .block_on(show(&store, &targets, &named(&one.id)))
            .unwrap();
        assert_eq!(shown.json.as_array().unwrap().len(), 1, "{}", one.id);
        assert_eq!(shown.json[0]["id"], one.id);
    }
    // The record's own id will do; the customer's key stands for both.
    let by = |name: &str| clock.block_on(find(&store, &targets, name)).unwrap();
    assert_eq!(
        by("4150868000000700002"),
        Meant::Related(vec![sales[1].clone()])
    );
    assert!(by("ABC:01-SHOP").is_ambiguous() && !by("4150868000000700002").is_ambiguous());
    assert_eq!(by("ABC:01-SHOP").items(), sales);
}

#[test]
fn what_nobody_knows_is_said_and_what_is_known_is_shown_all_the_same() {
    let (clock, store) = store();
    let known = || vec!["salesforce".to_owned(), "zoho".to_owned()];
    let asked = |only: &str| clock.block_on(targets(&store, known(), Some(only.into())));
    let refusal = asked("nosuch").unwrap_err();
    assert_eq!(refusal.code, "E_UNKNOWN");
    assert!(
        refusal.remedy.contains("salesforce, zoho, -"),
        "{refusal:?}"
    );
    assert_eq!(asked("salesforce").unwrap(), named("salesforce"));
    // A target that was taken out of sync.toml, and left something.
    clock
        .block_on(store.park(&item("gone", "body#1", None)))
        .unwrap();
    assert_eq!(asked("gone").unwrap(), named("gone"));

    let names = ["body#none".to_owned(), "ABC:01-ABF".to_owned()];
    let shown = clock
        .block_on(show(&store, &named("zoho"), &names))
        .unwrap();
    assert!(!shown.well && shown.text.contains("E_NOT_PARKED: Nothing of body#none"));
    assert!(shown.text.starts_with("customer#ABC:01-ABF in zoho"));
    assert_eq!(shown.json[1]["error"]["code"], "E_NOT_PARKED");
}

#[test]
fn what_was_set_aside_is_shown_bounded_and_without_secrets() {
    let (clock, store) = store();
    let raw = format!(
        r#"{{"key":"01-LONG","Token":"hush","ContactNotes":"{}"}}"#,
        "x".repeat(30_000)
    );
    let long = Parked {
        payload: raw,
        ..item("zoho", "contact#ABC:01-LONG/A", None)
    };
    let none = Parked {
        payload: String::new(),
        ..item("zoho", "contact#ABC:01-LONG/B", None)
    };
    for one in [&long, &none] {
        clock.block_on(store.park(one)).unwrap();
    }
    let shown = |id: &str| {
        clock
            .block_on(show(&store, &named("zoho"), &named(id)))
            .unwrap()
    };
    let first = shown(&long.id);
    assert!(
        first.text.contains("the first 20000 of 30"),
        "{}",
        &first.text[..600]
    );
    assert!(!first.text.contains("hush") && !first.json.to_string().contains("hush"));
    assert!(first.json[0]["payload"].as_str().unwrap().len() > 30_000);
    assert!(
        shown(&none.id)
            .text
            .ends_with("nothing is kept of its content; look at the record where it came from")
    );
}
