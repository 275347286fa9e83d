//! Watch channels: how they are made, how they end, what their callbacks tell.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{receiver::Receiver, world::World};

const PATH: &str = "actions/watch";

fn channel(url: &str, more: Value) -> Value {
    let mut row = json!({"channel_id": "1000000068001", "events": ["Accounts.edit", "Deals.all"], "token": "proof",
        "notify_url": format!("{url}/zoho/t1?key1=a%20b"), "return_affected_field_values": true, "notify_on_related_action": false});
    for (name, value) in more.as_object().unwrap() {
        row[name] = value.clone();
    }
    json!({"watch": [row]})
}

/// Zoho with a channel to a receiver.
async fn watching(more: Value) -> (World, Receiver) {
    let (world, receiver) = (World::zoho().await, Receiver::new("").await);
    let made = world
        .api(Method::POST, PATH, channel(&receiver.url, more))
        .await;
    assert_eq!(made.status, 201, "{}", made.body);
    (world, receiver)
}

fn body(got: &crate::receiver::Got) -> Value {
    serde_json::from_str(&got.body).unwrap()
}

async fn account(world: &World, name: &str) -> String {
    let row = json!({"Account_Name": name, "Sage_Key": name});
    world.upsert_one(row).await.body["data"][0]["details"]["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// Seconds from now until the expiry that an answer tells.
fn life(answer: &Value) -> i64 {
    let text = answer["watch"][0]["details"]["events"][0]["channel_expiry"]
        .as_str()
        .unwrap();
    let at: jiff::Timestamp = text.parse().unwrap();
    at.as_second() - jiff::Timestamp::now().as_second()
}

fn in_seconds(seconds: i64) -> String {
    let at = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(seconds);
    at.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

#[tokio::test]
async fn a_channel_lives_an_hour_unless_it_asks_for_at_most_a_week() {
    let (world, receiver) = (World::zoho().await, Receiver::new("").await);
    for (asked, given) in [
        (json!({}), 3_600),
        (json!({"channel_expiry": in_seconds(86_400)}), 86_400),
        (
            json!({"channel_expiry": in_seconds(6 * 86_400)}),
            6 * 86_400,
        ),
        (json!({"channel_expiry": in_seconds(8 * 86_400)}), 3_600),
    ] {
        let made = world
            .api(Method::POST, PATH, channel(&receiver.url, asked.clone()))
            .await;
        assert_eq!(made.status, 201, "{}", made.body);
        assert!((life(&made.body) - given).abs() < 60, "{asked}");
        let events = made.body["watch"][0]["details"]["events"]
            .as_array()
            .unwrap();
        assert_eq!(events.len(), 2, "one for each module");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_channel_is_told_by_its_place() {
    let (world, receiver) = (World::zoho().await, Receiver::new("").await);
    for (more, code, path) in [
        (
            json!({"channel_expiry": "2030-01-01T00:00:00.000+00:00"}),
            "INVALID_DATA",
            "$.watch[0].channel_expiry",
        ),
        (
            json!({"channel_expiry": in_seconds(-60)}),
            "INVALID_DATA",
            "$.watch[0].channel_expiry",
        ),
        (
            json!({"token": "x".repeat(51)}),
            "INVALID_DATA",
            "$.watch[0].token",
        ),
        (
            json!({"channel_id": "abc"}),
            "INVALID_DATA",
            "$.watch[0].channel_id",
        ),
        (
            json!({"events": ["Nothing.edit"]}),
            "INVALID_DATA",
            "$.watch[0].events[0]",
        ),
        (
            json!({"events": ["Accounts.changed"]}),
            "INVALID_DATA",
            "$.watch[0].events[0]",
        ),
        (
            json!({"notify_url": null}),
            "MANDATORY_NOT_FOUND",
            "$.watch[0].notify_url",
        ),
    ] {
        let refused = world
            .api(Method::POST, PATH, channel(&receiver.url, more.clone()))
            .await;
        let error = &refused.body["watch"][0];
        assert_eq!(
            (
                refused.status,
                &error["code"],
                &error["details"]["json_path"]
            ),
            (400, &json!(code), &json!(path)),
            "{more}"
        );
    }
}

#[tokio::test]
async fn a_channel_that_has_ended_can_be_neither_renewed_nor_deleted_only_made_again() {
    let (world, receiver) = watching(json!({})).await;
    let renewal = json!({"watch": [{"channel_id": "1000000068001", "channel_expiry": in_seconds(3 * 86_400)}]});
    let renewed = world.api(Method::PATCH, PATH, renewal.clone()).await;
    assert_eq!(renewed.status, 200, "{}", renewed.body);
    assert!((life(&renewed.body) - 3 * 86_400).abs() < 60);
    let mut world = world;
    world
        .door(
            "zoho",
            "faults",
            json!({"clock": {"advance_seconds": 3 * 86_400 + 10}}),
        )
        .await;
    world.log_on().await;
    let not_subscribed = json!({"code": "NOT_SUBSCRIBED", "details": {}, "message": "Not subscribed for actions-watch of the given channel", "status": "error"});
    let wrapped = json!({"watch": [not_subscribed]});
    for (method, path, body, told) in [
        (Method::PATCH, PATH, renewal, &wrapped),
        (
            Method::PUT,
            PATH,
            channel(&receiver.url, json!({})),
            &wrapped,
        ),
        (
            Method::DELETE,
            "actions/watch?channel_ids=1000000068001",
            Value::Null,
            &not_subscribed,
        ),
    ] {
        let refused = world.api(method, path, body).await;
        assert_eq!((refused.status, &refused.body), (400, told));
    }
    account(&world, "unheard").await;
    assert_eq!(receiver.settled().await.len(), 0);
    let none = world.api(Method::GET, PATH, Value::Null).await;
    assert_eq!(none.status, 204);
    let again = world
        .api(Method::POST, PATH, channel(&receiver.url, json!({})))
        .await;
    assert_eq!(again.status, 201);
    let shown = world
        .api(Method::GET, "actions/watch?module=Deals", Value::Null)
        .await;
    assert_eq!(shown.body["watch"][0]["resource_name"], "Deals");
    assert_eq!(shown.body["info"]["count"], 1);
    let gone = world
        .api(
            Method::DELETE,
            "actions/watch?channel_ids=1000000068001",
            Value::Null,
        )
        .await;
    let base = world.announced("zoho", "url");
    let entry = |module: &str, id: &str| {
        json!({"code": "SUCCESS", "status": "success", "message": "Successfully un-subscribed from actions-watch",
               "details": {"resource_uri": format!("{base}/crm/v8/{module}"), "resource_id": id, "channel_id": "1000000068001"}})
    };
    let entries = [
        entry("Accounts", "5725767000000002177"),
        entry("Deals", "5725767000000002181"),
    ];
    assert_eq!(gone.body["watch"], json!(entries));
}

#[tokio::test]
async fn events_that_are_taken_away_are_told_and_the_condition_of_a_channel_with_them() {
    let condition = json!([{"type": "field_selection", "module": {"api_name": "Accounts"},
                            "field_selection": {"field": {"api_name": "Phone"}}}]);
    let (world, _receiver) = watching(json!({"notification_condition": condition})).await;
    let taken = json!({"watch": [{"channel_id": "1000000068001", "events": ["Deals.all"], "_delete_events": true}]});
    let told = world.api(Method::PATCH, PATH, taken).await;
    let row = &told.body["watch"][0];
    assert_eq!(
        (told.status, &row["message"]),
        (200, &json!("Successfully removed the subscribe details"))
    );
    let events = row["details"]["events"].as_array().unwrap();
    assert_eq!(
        (events.len(), &events[0]["resource_name"]),
        (1, &json!("Deals"))
    );
    assert_eq!(events[0]["notification_condition"], condition);
    let left = world.api(Method::GET, PATH, Value::Null).await;
    assert_eq!(left.body["watch"].as_array().unwrap().len(), 1);
    assert_eq!(left.body["watch"][0]["resource_name"], "Accounts");
}

#[tokio::test]
async fn one_call_is_one_callback_with_all_ids_whatever_its_trigger() {
    let (world, receiver) = watching(json!({})).await;
    let ids = [account(&world, "a").await, account(&world, "b").await];
    let rows: Vec<Value> = ids
        .iter()
        .map(|id| json!({"id": id, "Phone": "555-0100"}))
        .collect();
    world
        .api(
            Method::PUT,
            "Accounts",
            json!({"data": rows, "trigger": []}),
        )
        .await;
    let got = receiver.wait(1).await;
    assert_eq!(got[0].path, "/zoho/t1?key1=a%20b");
    let mut told = body(&got[0]);
    assert!(told["server_time"].as_i64().unwrap() > 1_700_000_000_000);
    told["server_time"] = json!(0);
    let base = world.announced("zoho", "url");
    assert_eq!(
        told,
        json!({
            "server_time": 0, "query_params": {"key1": "a b"}, "module": "Accounts",
            "resource_uri": format!("{base}/crm/v8/Accounts"), "ids": ids, "operation": "update",
            "affected_fields": [{ids[0].clone(): ["Phone"]}, {ids[1].clone(): ["Phone"]}],
            "affected_values": [{"record_id": ids[0], "values": {"Phone": "555-0100"}}, {"record_id": ids[1], "values": {"Phone": "555-0100"}}],
            "channel_id": "1000000068001", "token": "proof",
        })
    );
    assert_eq!(receiver.settled().await.len(), 1);
}

#[tokio::test]
async fn a_failed_callback_is_not_tried_again() {
    let (world, receiver) = watching(json!({})).await;
    receiver.then(&[(500, "")]);
    let id = account(&world, "a").await;
    world
        .door(
            "zoho",
            "edit",
            json!({"id": id, "fields": {"Phone": "555-0101"}}),
        )
        .await;
    receiver.wait(1).await;
    assert_eq!(receiver.settled().await.len(), 1);
    let posts = world.door("zoho", "watch", Value::Null).await["posts"].clone();
    assert_eq!(posts[0]["status"], 500);
}

#[tokio::test]
async fn edits_of_a_window_share_a_callback_and_some_are_lost() {
    let (world, receiver) = watching(json!({"events": ["Accounts.edit"]})).await;
    world
        .door(
            "zoho",
            "faults",
            json!({"notifications": {"window_ms": 400}}),
        )
        .await;
    let mut ids = Vec::new();
    for name in ["a", "b", "c"] {
        let id = account(&world, name).await;
        let edit = json!({"id": id, "fields": {"Phone": "555-0102"}});
        world.door("zoho", "edit", edit).await;
        ids.push(id);
    }
    let got = receiver.wait(1).await;
    assert_eq!(body(&got[0])["ids"], json!(ids));
    world
        .door(
            "zoho",
            "faults",
            json!({"notifications": {"lose": 1, "repeat": 1}}),
        )
        .await;
    for phone in ["555-0103", "555-0104"] {
        world
            .door(
                "zoho",
                "edit",
                json!({"id": ids[0], "fields": {"Phone": phone}}),
            )
            .await;
    }
    let got = receiver.settled().await;
    assert_eq!(got.len(), 3, "one lost, the other twice");
    assert_eq!(
        body(&got[2])["affected_values"][0]["values"]["Phone"],
        "555-0104"
    );
}

#[tokio::test]
async fn an_edited_contact_is_told_as_an_edited_account_unless_that_is_switched_off() {
    for (related, heard) in [(true, 1), (false, 0)] {
        let (world, receiver) =
            watching(json!({"events": ["Accounts.edit"], "notify_on_related_action": related}))
                .await;
        let id = account(&world, "a").await;
        world
            .api(
                Method::POST,
                "Contacts",
                json!({"data": [{"Last_Name": "Quinn", "Account_Name": {"id": id}}]}),
            )
            .await;
        let got = receiver.settled().await;
        assert_eq!(got.len(), heard);
        if let Some(first) = got.first() {
            assert_eq!(
                (&body(first)["module"], &body(first)["ids"]),
                (&json!("Accounts"), &json!([id]))
            );
        }
    }
}

#[tokio::test]
async fn a_condition_selects_edits_by_their_fields() {
    let condition = json!([{"type": "field_selection", "module": {"api_name": "Deals", "id": "1"},
        "field_selection": {"group_operator": "or", "group": [{"field": {"api_name": "Stage", "id": "1"}}]}}]);
    let (world, receiver) =
        watching(json!({"events": ["Deals.edit"], "notification_condition": condition})).await;
    let made = world
        .api(
            Method::POST,
            "Deals",
            json!({"data": [{"Deal_Name": "x", "Stage": "Qualification"}]}),
        )
        .await;
    let id = made.body["data"][0]["details"]["id"].clone();
    for fields in [json!({"Next_Step": "call"}), json!({"Stage": "Closed Won"})] {
        world
            .door(
                "zoho",
                "edit",
                json!({"module": "Deals", "id": id, "fields": fields}),
            )
            .await;
    }
    let got = receiver.settled().await;
    assert_eq!(got.len(), 1);
    let values = &body(&got[0])["affected_values"][0]["values"];
    assert_eq!(values["Stage"], "Closed Won");
}

#[tokio::test]
async fn webhooks_carry_a_header_and_merge_fields_and_rest_for_quiet_writes() {
    let (world, receiver) = (World::zoho().await, Receiver::new("").await);
    for format in ["json", "form"] {
        world
            .door(
                "zoho",
                "webhooks",
                json!({"module": "Deals", "on": ["edit"], "when": {"Stage": "Closed Won"}, "url": format!("{}/{format}", receiver.url),
                    "headers": {"X-Webhook-Token": "proof"}, "format": format, "body": {"id": "${!Deals.id}", "text": "won: ${!Deals.Deal_Name}"}}),
            )
            .await;
    }
    let made = world
        .api(
            Method::POST,
            "Deals",
            json!({"data": [{"Deal_Name": "Files & more", "Stage": "Qualification"}]}),
        )
        .await;
    let id = made.body["data"][0]["details"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let won =
        |trigger: Value| json!({"data": [{"id": id, "Stage": "Closed Won"}], "trigger": trigger});
    world.api(Method::PUT, "Deals", won(json!([]))).await;
    assert_eq!(receiver.settled().await.len(), 0);
    world
        .api(Method::PUT, "Deals", won(json!(["workflow"])))
        .await;
    let mut got = receiver.wait(2).await;
    got.sort_by(|one, other| one.path.cmp(&other.path));
    assert_eq!(got[0].headers["X-Webhook-Token"], "proof");
    assert_eq!(
        got[0].headers["Content-Type"],
        "application/x-www-form-urlencoded"
    );
    assert_eq!(
        got[0].body,
        format!("id={id}&text=won%3A%20Files%20%26%20more")
    );
    assert_eq!(
        body(&got[1]),
        json!({"id": id, "text": "won: Files & more"})
    );
}
