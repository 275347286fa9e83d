//! Customers that may be there already, and what the site says of itself.

use counterpart_delivery::ports::{CustomerQuery, FoundBy, FoundCustomers, SageSearch as _, Site};
use counterpart_domain::{Class, Entity};
use serde_json::json;

use crate::world::{World, abc, key};

async fn create(world: &World, local: &str, name: &str, phone: &str, code: &str) {
    let fields = json!({"CustomerName": name, "TelephoneNo": phone, "ZipCode": code, "City": "Racine",
        "CustomerStatus": "A", "SalespersonDivisionNo": "01", "SalespersonNo": "0100"});
    world
        .door(
            "edit",
            json!({"action": "create", "key": local, "fields": fields}),
        )
        .await;
}

fn query(name: &str, phone: &str, code: &str) -> CustomerQuery {
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    CustomerQuery {
        name: some(name),
        phone: some(phone),
        postal_code: some(code),
    }
}

async fn found(world: &World, query: CustomerQuery) -> FoundCustomers {
    let answer = world.agent.find_customers(&abc(), &query).await;
    answer.unwrap().value
}

async fn keys(world: &World, query: CustomerQuery) -> Vec<(String, Vec<FoundBy>)> {
    let found = found(world, query).await;
    assert!(!found.more);
    let named = found.customers.into_iter();
    named.map(|one| (one.key.local, one.by)).collect()
}

#[tokio::test]
async fn a_customer_is_found_by_name_by_digits_and_by_place_with_the_first_word() {
    use FoundBy::{Name, Phone, PostalCode};
    let world = World::start("agent").await;
    create(
        &world,
        "01-NINE",
        "Ninepins Ltd",
        "(262) 555-0119",
        "53403-1234",
    )
    .await;
    create(
        &world,
        "02-NINEB",
        "NINEPINS LIMITED",
        "+44 20 7946 0958",
        "53403",
    )
    .await;
    let one = |key: &str, by: &[FoundBy]| (key.to_owned(), by.to_vec());
    assert_eq!(
        keys(&world, query("  ninepins LTD ", "", "")).await,
        [one("01-NINE", &[Name])]
    );
    assert_eq!(
        keys(&world, query("", "12625550119", "")).await,
        [one("01-NINE", &[Phone])]
    );
    assert_eq!(
        keys(&world, query("Ninepins Ltd", "442079460958", "53403")).await,
        [
            one("01-NINE", &[Name, PostalCode]),
            one("02-NINEB", &[Phone, PostalCode])
        ]
    );
    assert_eq!(keys(&world, query("Ninepin", "", "53403")).await, []);
    assert_eq!(keys(&world, query("", "5550119", "")).await, []);
}

#[tokio::test]
async fn an_answer_is_bounded_and_says_that_there_are_others() {
    let world = World::start("agent").await;
    for n in 0..12 {
        create(&world, &format!("01-CASH{n:02}"), "Cash Sale", "", "").await;
    }
    let all = found(&world, query("Cash Sale", "", "")).await;
    assert_eq!((all.customers.len(), all.more), (10, true));
    assert_eq!(all.customers[0].key, key(Entity::CUSTOMER, "01-CASH00"));
}

#[tokio::test]
async fn an_agent_of_1_1_or_one_that_offers_less_goes_on_and_what_it_does_not_say_is_not_known() {
    for site in [
        json!({"contract": "1.1"}),
        json!({"customer_search": false, "tells_of_itself": false}),
    ] {
        let world = World::start("agent").await;
        world.faults(json!({"site": site})).await;
        let fault = world
            .agent
            .find_customers(&abc(), &query("Ninepins", "", ""))
            .await
            .unwrap_err();
        assert_eq!(
            (fault.class, &*fault.code),
            (Class::Configuration, "E_SAGE_NOT_OFFERED")
        );
        assert_eq!(world.agent.site(&abc()).await.unwrap(), Site::default());
        world.next_customer().await.unwrap();
        world.agent.health().await.unwrap();
    }
    let world = World::start("agent").await;
    world
        .faults(json!({"site": {"order_history": false}}))
        .await;
    let said = Site {
        order_history: Some(false),
        code_page: Some("windows-1252".into()),
        time_zone: Some("America/Chicago".into()),
    };
    assert_eq!(world.agent.site(&abc()).await.unwrap(), said);
}
