//! Credits and concurrency.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::world::World;

fn accounts(count: usize) -> Value {
    let rows: Vec<Value> = (0..count)
        .map(|n| json!({"Account_Name": n.to_string(), "Sage_Key": format!("ABC:01-{n}")}))
        .collect();
    json!({"data": rows, "duplicate_check_fields": ["Sage_Key"], "trigger": []})
}

#[tokio::test]
async fn ten_rows_cost_one_credit_and_a_query_one_to_three() {
    let zoho = World::zoho().await;
    let mut before = 0;
    for (method, path, body, cost) in [
        (Method::POST, "Accounts/upsert", accounts(100), 10),
        (Method::POST, "Accounts/upsert", accounts(11), 2),
        (Method::GET, "Accounts?fields=Phone", Value::Null, 1),
        (Method::GET, "Accounts/deleted", Value::Null, 2),
        (
            Method::POST,
            "coql",
            json!({"select_query": "select id from Accounts where id is not null"}),
            1,
        ),
        (
            Method::POST,
            "coql",
            json!({"select_query": "select id from Accounts where id is not null limit 1000"}),
            2,
        ),
        (
            Method::POST,
            "coql",
            json!({"select_query": "select id from Accounts where id is not null limit 2000"}),
            3,
        ),
    ] {
        zoho.api(method, path, body).await;
        let credits = zoho.door("zoho", "stats", Value::Null).await["credits"]
            .as_u64()
            .unwrap();
        assert_eq!(credits - before, cost, "{path}");
        before = credits;
    }
}

#[tokio::test]
async fn the_credits_left_are_told_only_from_half_on_and_then_run_out() {
    let zoho = World::zoho().await;
    zoho.door("zoho", "faults", json!({"credits_limit": 30}))
        .await;
    let told = |answer: &crate::world::Answer| {
        answer
            .headers
            .get("X-API-CREDITS-REMAINING")
            .map(|value| value.to_str().unwrap().to_owned())
    };
    assert_eq!(told(&zoho.upsert(accounts(100)).await), None);
    assert_eq!(
        told(&zoho.upsert(accounts(100)).await),
        Some("10".to_owned())
    );
    assert_eq!(
        told(&zoho.upsert(accounts(100)).await),
        Some("0".to_owned())
    );
    let empty = zoho.upsert(accounts(1)).await;
    assert_eq!(
        (empty.status, &empty.body["code"]),
        (429, &json!("TOO_MANY_REQUESTS"))
    );
    assert!(empty.headers.get("Retry-After").is_none());
    zoho.door(
        "zoho",
        "faults",
        json!({"clock": {"advance_seconds": 90_000}}),
    )
    .await;
    let mut zoho = zoho;
    zoho.log_on().await;
    assert_eq!(zoho.upsert(accounts(1)).await.status, 200);
}

#[tokio::test]
async fn more_than_ten_large_writes_at_once_meet_429() {
    let zoho = World::zoho().await;
    zoho.door(
        "zoho",
        "faults",
        json!({"rules": [{"operation": "Accounts.upsert", "delay_ms": 300}]}),
    )
    .await;
    let calls = join_all((0..12).map(|_| zoho.upsert(accounts(11)))).await;
    let refused = calls.iter().filter(|answer| answer.status == 429).count();
    assert_eq!(refused, 2);
    zoho.door("zoho", "faults", json!({"clear": true})).await;
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert_eq!(
        zoho.upsert(accounts(11)).await.status,
        200,
        "the places are free again"
    );
}
