//! Event relays of the simulated Salesforce.

use counterpart_delivery::ports::{CrmRelays as _, Relay, RelayRecovery};
use serde_json::json;

use crate::org::Org;
use crate::simulated_sales::Plain;

#[tokio::test]
async fn relays_are_told_with_their_state_their_error_and_their_recovery() {
    let org = Org::start().await;
    let client = org.with_secret();
    assert_eq!(client.relays().await.unwrap(), []);
    let relays = [
        json!({"objects": ["Account"]}),
        json!({"objects": ["Order"], "recovery": "EARLIEST"}),
    ];
    let relays = json!({"relays": relays});
    assert_eq!(client.selected().await.unwrap(), Some(vec![]));
    org.door("change_events", &relays).await;
    let selected = ["Account", "Order"].map(str::to_owned);
    assert_eq!(client.selected().await.unwrap(), Some(selected.to_vec()));
    let Ok([first, second]) = <[Relay; 2]>::try_from(client.relays().await.unwrap()) else {
        unreachable!("two relays");
    };
    assert!(first.is_running() && second.is_running());
    assert_eq!(first.name.as_deref(), Some("Relay_1"));
    assert_eq!(
        [first.recovery, second.recovery],
        [Some(RelayRecovery::Latest), Some(RelayRecovery::Earliest)]
    );
    let source = first.source.unwrap();
    assert!(
        source.starts_with("aws.partner/salesforce.com/00D"),
        "{source}"
    );
    assert_eq!((first.error, first.last_relayed), (None, None));

    // What is published while it is paused goes on with it; the time of its last event is told.
    let state = async |relay: usize, status: &str| {
        let body = json!({"relay": relay, "status": status, "error_code":
            if status == "ERROR" { json!("sfdc.platform.eventbus.relay.temporarily.unavailable") } else { json!(null) }});
        org.door("change_events/status", &body).await;
    };
    let events = async || {
        let shown = org.door("change_events", &json!(null)).await;
        shown["events"].as_array().unwrap().len()
    };
    let plain = Plain::new(&org).await;
    let buy = async |name: &str| plain.create("Account", json!({"Name": name})).await;
    state(0, "PAUSED").await;
    buy("Paused").await;
    assert_eq!(events().await, 0);
    state(0, "RUNNING").await;
    assert_eq!(events().await, 1);
    assert!(client.relays().await.unwrap()[0].last_relayed.is_some());
    // And of one that is stopped it is lost, with all that was known of it.
    state(0, "ERROR").await;
    let said = client.relays().await.unwrap().remove(0);
    assert_eq!(said.status, "ERROR");
    assert!(said.error.unwrap().contains("temporarily"));
    state(0, "STOPPED").await;
    buy("Stopped").await;
    let said = client.relays().await.unwrap().remove(0);
    assert_eq!(
        (said.status.as_str(), said.error, said.last_relayed),
        ("STOPPED", None, None)
    );
    state(0, "RUNNING").await;
    assert_eq!(events().await, 1);

    // Who may not view set-up is not told how a relay recovers.
    org.faults(json!({"view_setup": false})).await;
    let said = client.relays().await.unwrap();
    assert_eq!(
        (said.len(), said[1].recovery, said[1].name.clone()),
        (2, None, None)
    );
}
