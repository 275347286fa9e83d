//! The data that Sage starts with.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::world::World;

async fn all(world: &World, module: &str) -> Vec<Value> {
    world
        .door(
            "agent",
            &format!("records/{module}?company=ABC"),
            Value::Null,
        )
        .await["records"]
        .as_array()
        .unwrap()
        .clone()
}

fn field<'a>(record: &'a Value, name: &str) -> &'a str {
    record["fields"][name].as_str().unwrap()
}

#[tokio::test]
async fn a_seed_gives_the_same_bytes_and_another_seed_gives_others() {
    let (one, same, other) = (
        World::new(300, 9).await,
        World::new(300, 9).await,
        World::new(300, 10).await,
    );
    for module in ["customers", "contacts"] {
        assert_eq!(all(&one, module).await, all(&same, module).await);
        assert_ne!(all(&one, module).await, all(&other, module).await);
    }
}

#[tokio::test]
async fn a_smaller_data_set_is_the_beginning_of_a_larger_one() {
    let (small, large) = (World::new(50, 9).await, World::new(300, 9).await);
    let large: BTreeMap<String, Value> = all(&large, "customers")
        .await
        .into_iter()
        .map(|record| (record["key"].to_string(), record))
        .collect();
    for record in all(&small, "customers").await {
        assert_eq!(large.get(&record["key"].to_string()), Some(&record));
    }
}

#[tokio::test]
async fn the_documented_customer_is_exact() {
    let world = World::new(0, 1).await;
    let records = all(&world, "customers").await;
    let abf = records
        .iter()
        .find(|record| record["key"] == "01-ABF")
        .unwrap();
    for (name, value) in [
        ("CustomerName", "American Business Futures"),
        ("AddressLine1", "2131 N. 14th Street"),
        ("ZipCode", "53205-1204"),
        ("CreditLimit", "120000.00"),
        ("CurrentBalance", "3252.38"),
        ("OpenOrderAmt", "19144.40"),
        ("DateLastPayment", "20200531"),
        ("DateLastStatement", ""),
    ] {
        assert_eq!(field(abf, name), value, "{name}");
    }
}

#[tokio::test]
async fn generated_customers_bring_the_trouble_that_real_ones_bring() {
    let world = World::new(2000, 7).await;
    let customers = all(&world, "customers").await;
    let contacts = all(&world, "contacts").await;
    assert_eq!(customers.len(), 2003);
    let share =
        |test: &dyn Fn(&Value) -> bool| customers.iter().filter(|record| test(record)).count();
    let inactive = share(&|record| field(record, "CustomerStatus") == "I");
    assert!((60..=140).contains(&inactive), "{inactive}");
    assert!(share(&|record| field(record, "CustomerStatus") == "T") > 10);
    for division in ["00", "01", "02"] {
        assert!(share(&|record| field(record, "ARDivisionNo") == division) > 50);
    }
    let names = |test: &dyn Fn(&str) -> bool| share(&|record| test(field(record, "CustomerName")));
    assert!(names(&|name| name.chars().count() == 50) > 0);
    assert!(
        names(&|name| name.contains('"')) > 0
            && names(&|name| name.contains('&')) > 0
            && names(&|name| name.contains('Ñ')) > 0
    );
    assert!(
        names(&|name| name.ends_with(' ')) > 0
            && names(&|name| name.starts_with(|c: char| c.is_ascii_digit())) > 0
    );
    assert!(share(&|record| field(record, "CountryCode") != "USA") > 50);
    let mut by_name: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut by_stamp: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for record in &customers {
        by_name
            .entry(field(record, "CustomerName"))
            .or_default()
            .insert(field(record, "ARDivisionNo"));
        *by_stamp
            .entry((
                record["date_updated"].as_str().unwrap(),
                record["time_updated"].as_str().unwrap(),
            ))
            .or_default() += 1;
        let date = record["date_updated"].as_str().unwrap();
        assert!(("20260101".."20261101").contains(&date), "{date}");
    }
    assert!(
        by_name
            .values()
            .filter(|divisions| divisions.len() > 1)
            .count()
            > 20
    );
    assert!(by_stamp.values().any(|count| *count >= 20));
    let mut of_customer: BTreeMap<&str, usize> = BTreeMap::new();
    for contact in &contacts {
        *of_customer
            .entry(contact["key"].as_str().unwrap().split('/').next().unwrap())
            .or_default() += 1;
    }
    assert_eq!(of_customer.values().max(), Some(&4));
    assert!(of_customer.len() < customers.len());
    assert!(
        contacts
            .iter()
            .any(|contact| !field(contact, "ContactName").trim().contains(' '))
    );
    assert!(
        contacts
            .iter()
            .any(|contact| field(contact, "ContactName").ends_with("III"))
    );
    assert!(
        contacts
            .iter()
            .any(|contact| field(contact, "ContactName").starts_with("Dr. "))
    );
}

#[tokio::test]
async fn every_contact_has_a_customer_and_every_customer_a_salesperson() {
    let world = World::new(500, 3).await;
    let keys: BTreeSet<String> = all(&world, "customers")
        .await
        .iter()
        .map(|record| record["key"].as_str().unwrap().to_owned())
        .collect();
    for contact in all(&world, "contacts").await {
        assert!(
            keys.contains(contact["key"].as_str().unwrap().split('/').next().unwrap()),
            "{contact}"
        );
        assert!(
            field(&contact, "ContactCode").chars().count() <= 10
                && !field(&contact, "ContactCode").is_empty()
        );
    }
    let reps: BTreeSet<String> = all(&world, "salespersons")
        .await
        .iter()
        .map(|record| record["key"].as_str().unwrap().to_owned())
        .collect();
    for customer in all(&world, "customers").await {
        let rep = format!(
            "{}-{}",
            field(&customer, "SalespersonDivisionNo"),
            field(&customer, "SalespersonNo")
        );
        assert!(reps.contains(&rep), "{rep}");
    }
}

#[tokio::test]
async fn what_belongs_to_a_customer_moves_and_goes_with_him_and_the_agent_offers_what_its_contract_has()
 {
    let world = World::new(0, 1).await;
    let keys = |records: Vec<Value>| {
        records
            .iter()
            .map(|record| record["key"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let edit = json!({"action": "renumber", "key": "01-ABF", "to": "02-FUTURES"});
    world.door("agent", "edit", edit).await;
    assert_eq!(
        keys(all(&world, "ship_to_addresses").await),
        ["01-BRESLIX/MAIN", "02-FUTURES/2"]
    );
    let edit = json!({"action": "delete", "key": "02-FUTURES"});
    world.door("agent", "edit", edit).await;
    assert_eq!(
        keys(all(&world, "ship_to_addresses").await),
        ["01-BRESLIX/MAIN"]
    );
    assert_eq!(keys(all(&world, "contacts").await), ["01-BRESLIX/PAT B"]);
    let offered = world.agent("ABC/ship_to_addresses/keys").await;
    assert_eq!(offered.status, 200, "{}", offered.body);
    let site = json!({"site": {"contract": "1.2"}});
    world.door("agent", "faults", site).await;
    let refused = world.agent("ABC/ship_to_addresses/keys").await;
    assert_eq!(refused.body["code"], "E_UNKNOWN_ENTITY");
}
