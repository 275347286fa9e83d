//! The agent: order, pages, edits with and without a stamp, renumbering, digests.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::world::World;

/// All keys of a walk through the changes, in pages of `limit`.
async fn walk(world: &World, limit: usize) -> Vec<String> {
    let (mut keys, mut after) = (Vec::new(), String::new());
    loop {
        let page = world
            .agent(&format!(
                "ABC/customers/changes?from_date=20200101&limit={limit}{after}"
            ))
            .await
            .body;
        keys.extend(
            page["records"]
                .as_array()
                .unwrap()
                .iter()
                .map(|record| record["key"].as_str().unwrap().to_owned()),
        );
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return keys,
        }
    }
}

#[tokio::test]
async fn records_of_one_second_are_paged_without_loss_or_repetition() {
    let world = World::new(200, 5).await;
    let whole = walk(&world, 1000).await;
    assert_eq!(whole.len(), 203);
    assert_eq!(walk(&world, 7).await, whole);
}

#[tokio::test]
async fn a_record_that_is_edited_while_paging_is_seen_again_and_none_is_lost() {
    let world = World::new(50, 5).await;
    let first = world
        .agent("ABC/customers/changes?from_date=20200101&limit=20")
        .await
        .body;
    let seen = first["records"][3]["key"].as_str().unwrap().to_owned();
    world
        .door(
            "agent",
            "edit",
            json!({"key": seen, "fields": {"City": "Racine"}}),
        )
        .await;
    let next = first["next"].as_str().unwrap();
    let rest = world
        .agent(&format!(
            "ABC/customers/changes?from_date=20200101&limit=1000&after={next}"
        ))
        .await
        .body;
    let rest: Vec<&str> = rest["records"]
        .as_array()
        .unwrap()
        .iter()
        .map(|record| record["key"].as_str().unwrap())
        .collect();
    assert_eq!(rest.len(), 53 - 20 + 1);
    assert_eq!(rest.last(), Some(&seen.as_str()));
}

#[tokio::test]
async fn both_bounds_are_inclusive_and_times_are_numbers() {
    let world = World::new(0, 1).await;
    // 01-ABF carries 20260204 15.5; as text, 15.5 would come before 9.5.
    for (query, count) in [
        (
            "from_date=20260204&from_time=15.50000&to_date=20260204&to_time=15.500",
            1,
        ),
        ("from_date=20260204&from_time=15.5001&to_date=20260204", 0),
        ("from_date=20260204&from_time=9.5&to_date=20260204", 1),
        ("from_date=20260204&to_date=20260204&to_time=9.5", 0),
    ] {
        let page = world
            .agent(&format!("ABC/customers/changes?{query}"))
            .await
            .body;
        assert_eq!(page["records"].as_array().unwrap().len(), count, "{query}");
    }
}

#[tokio::test]
async fn as_of_rises_with_each_read_and_a_lost_counter_starts_an_epoch() {
    let world = World::new(0, 1).await;
    let as_of = async || world.agent("ABC/customers/keys").await.body["as_of"].clone();
    let (one, two) = (as_of().await, as_of().await);
    assert!(two["sequence"].as_u64() > one["sequence"].as_u64());
    world
        .door("agent", "faults", json!({"counter_lost": true}))
        .await;
    assert_eq!(as_of().await, json!({"epoch": 2, "sequence": 1}));
}

#[tokio::test]
async fn an_unstamped_edit_shows_in_the_digest_but_not_in_the_changes() {
    let world = World::new(0, 1).await;
    let before = world.agent("ABC/customers/digests").await.body["ranges"][0]["hash"].clone();
    world
        .door(
            "agent",
            "edit",
            json!({"key": "01-ABF", "fields": {"CreditHold": "Y"}, "stamp": false}),
        )
        .await;
    let record = world.agent("ABC/customers/records/01-ABF").await.body;
    assert_eq!(
        (
            &record["record"]["fields"]["CreditHold"],
            &record["record"]["date_updated"]
        ),
        (&json!("Y"), &json!("20260204"))
    );
    assert_ne!(
        world.agent("ABC/customers/digests").await.body["ranges"][0]["hash"],
        before
    );
}

#[tokio::test]
async fn a_digest_is_what_the_contract_says_it_is() {
    let world = World::new(0, 1).await;
    let mut sha = Sha256::new();
    let keys = world.agent("ABC/customers/keys").await.body["keys"].clone();
    for key in keys.as_array().unwrap() {
        let key = key.as_str().unwrap();
        sha.update(format!("{key}\n"));
        let record = world
            .agent(&format!("ABC/customers/records/{key}"))
            .await
            .body;
        let audit = [
            "DateCreated",
            "TimeCreated",
            "UserCreatedKey",
            "DateUpdated",
            "TimeUpdated",
            "UserUpdatedKey",
        ];
        let mut fields: Vec<(&String, &str)> = record["record"]["fields"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| (name, value.as_str().unwrap()))
            .collect();
        fields.sort();
        for (name, value) in fields
            .iter()
            .filter(|(name, value)| !value.is_empty() && !audit.contains(&name.as_str()))
        {
            sha.update(format!("{name}={value}\n"));
        }
    }
    let hash: String = sha
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let range = world.agent("ABC/customers/digests").await.body["ranges"][0].clone();
    assert_eq!(
        range,
        json!({"first": "01-ABF", "last": "01-BRESLIX", "count": 3, "hash": hash})
    );
}

#[tokio::test]
async fn a_touched_record_without_a_new_value_keeps_its_digest() {
    let world = World::new(0, 1).await;
    let before = world.agent("ABC/customers/digests").await.body["ranges"].clone();
    world.door("agent", "edit", json!({"key": "01-ABF"})).await;
    assert_eq!(
        world.agent("ABC/customers/digests").await.body["ranges"],
        before
    );
}

#[tokio::test]
async fn a_renumbered_customer_is_gone_under_its_old_number_and_its_contacts_move_along() {
    let world = World::new(0, 1).await;
    world
        .door(
            "agent",
            "edit",
            json!({"action": "renumber", "key": "01-ABF", "to": "02-FUTURES"}),
        )
        .await;
    assert_eq!(
        world.agent("ABC/customers/records/01-ABF").await.body["code"],
        "E_NOT_FOUND"
    );
    let moved = world.agent("ABC/customers/records/02-FUTURES").await.body;
    assert_eq!(moved["record"]["fields"]["CustomerNo"], "FUTURES");
    let contact = world
        .agent("ABC/contacts/records/02-FUTURES%2FARTIE%20JOHN")
        .await
        .body;
    assert_eq!(
        (
            &contact["record"]["fields"]["ARDivisionNo"],
            &contact["record"]["fields"]["ContactName"]
        ),
        (&json!("02"), &json!("Artie Johnson"))
    );
}

#[tokio::test]
async fn records_are_created_and_deleted_with_their_contacts() {
    let world = World::new(0, 1).await;
    let created = json!({"edits": [
        {"action": "create", "key": "01-NEW", "fields": {"CustomerName": "New Customer"}},
        {"action": "create", "entity": "contacts", "key": "01-NEW/PAT", "fields": {"ContactName": "Pat"}},
    ]});
    assert_eq!(world.door("agent", "edit", created).await["edited"], 2);
    assert_eq!(
        world.agent("ABC/customers/records/01-NEW").await.body["record"]["fields"]["CustomerStatus"],
        "A"
    );
    world
        .door(
            "agent",
            "edit",
            json!({"action": "delete", "key": "01-NEW"}),
        )
        .await;
    let gone = world
        .agent("ABC/contacts/records?key=01-NEW/PAT")
        .await
        .body;
    assert_eq!(gone["missing"], json!(["01-NEW/PAT"]));
}

#[tokio::test]
async fn the_same_number_in_another_company_is_another_customer() {
    let world = World::new(0, 1).await;
    let name = async |company: &str| {
        world
            .agent(&format!("{company}/customers/records/01-ABF"))
            .await
            .body["record"]["fields"]["CustomerName"]
            .clone()
    };
    assert_eq!(
        (name("ABC").await, name("XYZ").await),
        (
            json!("American Business Futures"),
            json!("Aurora Bakery Fixtures")
        )
    );
    let held = world
        .door("agent", "records/customers?company=XYZ", Value::Null)
        .await;
    assert_eq!(held["count"], 3);
}

#[tokio::test]
async fn one_write_at_a_time_and_the_key_of_a_write_that_was_too_early_is_free() {
    let world = World::new(0, 1).await;
    let slow = json!({"rules": [{"operation": "customers.update", "delay_ms": 700, "times": 1}]});
    world.door("agent", "faults", slow).await;
    let patch = |city: &str, key: &str| {
        world
            .client()
            .patch(format!(
                "{}/v1/companies/ABC/customers/records/01-ABF",
                world.announced("agent", "url")
            ))
            .bearer_auth(world.announced("agent", "token"))
            .header("Idempotency-Key", key)
            .json(&json!({"fields": {"City": city}}))
    };
    let first = tokio::spawn(patch("Racine", "first").send());
    tokio::time::sleep(std::time::Duration::from_millis(250)).await;
    let early = patch("Kenosha", "second").send().await.unwrap();
    assert_eq!(early.status(), 503);
    let early: Value = early.json().await.unwrap();
    assert_eq!(
        (&early["code"], &early["retryable"]),
        (&json!("E_SAGE_BUSY"), &json!(true))
    );
    assert_eq!(first.await.unwrap().unwrap().status(), 200);
    let again = patch("Kenosha", "second").send().await.unwrap();
    assert_eq!(again.status(), 200);
    assert!(!again.headers().contains_key("idempotency-replayed"));
}
