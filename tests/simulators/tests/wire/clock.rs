//! The Sage server's clock: set back, and the repeated hour in autumn.

use serde_json::{Value, json};

use crate::world::World;

async fn stamp(world: &World) -> (String, f64) {
    let record = world.door("agent", "edit", json!({"key": "01-ABF"})).await["records"][0].clone();
    (
        record["date_updated"].as_str().unwrap().to_owned(),
        record["time_updated"].as_str().unwrap().parse().unwrap(),
    )
}

#[tokio::test]
async fn a_clock_that_is_set_back_stamps_later_edits_earlier() {
    let world = World::new(0, 1).await;
    world.door("agent", "faults", json!({"clock": {"now": "2026-06-01T18:00:00Z", "utc_offset_minutes": -300, "frozen": true}})).await;
    assert_eq!(stamp(&world).await, ("20260601".to_owned(), 13.0));
    world
        .door(
            "agent",
            "faults",
            json!({"clock": {"advance_seconds": -3600}}),
        )
        .await;
    assert_eq!(stamp(&world).await, ("20260601".to_owned(), 12.0));
    let page = world.agent("ABC/customers/keys").await.body;
    assert!(page["as_of"]["sequence"].as_u64() > Some(0));
}

#[tokio::test]
async fn the_hour_repeats_in_autumn_while_the_instant_goes_on() {
    let world = World::new(0, 1).await;
    let clock = |change: Value| json!({"clock": change});
    world
        .door(
            "agent",
            "faults",
            clock(
                json!({"now": "2026-11-01T06:59:00Z", "utc_offset_minutes": -300, "frozen": true}),
            ),
        )
        .await;
    let before = stamp(&world).await;
    world
        .door(
            "agent",
            "faults",
            clock(json!({"advance_seconds": 120, "utc_offset_minutes": -360})),
        )
        .await;
    let after = stamp(&world).await;
    assert!(after.1 < before.1, "{after:?} {before:?}");
    let time = world.agent("ABC/customers/records/01-ABF").await.body["server_time"].clone();
    assert_eq!(
        time,
        json!({"date": "20261101", "time": "1.01666", "utc_offset_minutes": -360, "instant": "2026-11-01T07:01:00Z"})
    );
}

#[tokio::test]
async fn zoho_shows_whole_seconds_in_its_users_offset() {
    let zoho = World::zoho().await;
    let answer = zoho
        .upsert_one(json!({"Account_Name": "A", "Sage_Key": "ABC:01-A"}))
        .await;
    let time = answer.body["data"][0]["details"]["Modified_Time"]
        .as_str()
        .unwrap();
    assert_eq!((time.len(), &time[19..]), (25, "-06:00"));
}
