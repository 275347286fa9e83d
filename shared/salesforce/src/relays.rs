//! How the org's event relays do. Pages: "EventRelayFeedback", "EventRelayConfig", Object Reference; "Choose an Event Relay
//! Resumption Option After Error Recovery", Event Relay.

use std::collections::BTreeMap;

use counterpart_delivery::ports::{Clock, CrmRelays, Ids, Relay, RelayRecovery, Tokens};
use counterpart_domain::{Fault, bounded};
use counterpart_http::{Priority, Purpose};
use serde::Deserialize;

use crate::client::SalesforceClient;
use crate::query::{Row, instant, plain};

const FEEDBACK: &str = "SELECT EventRelayConfigId, RemoteResource, Status, ErrorCode, ErrorMessage, LastRelayedEventTime \
                        FROM EventRelayFeedback ORDER BY EventRelayNumber";
/// It needs a permission of its own (View Setup and Configuration), so it is asked apart.
const CONFIG: &str = "SELECT Id, DeveloperName, RelayOption FROM EventRelayConfig";
/// It knows the selections of all channels; Setup's page shows the standard one's. Page: "PlatformEventChannelMember", Tooling
/// API (View Setup and Configuration).
const SELECTED: &str = "SELECT SelectedEntity FROM PlatformEventChannelMember";
/// The longest text that is kept of an error.
const LONGEST: usize = 300;

/// `{"ReplayRecovery":"EARLIEST"}`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RelayOption {
    replay_recovery: Option<String>,
}

impl<T: Tokens, C: Clock + Ids> CrmRelays for SalesforceClient<T, C> {
    async fn relays(&self) -> Result<Vec<Relay>, Fault> {
        let feedback = self.query(Purpose::Metadata, FEEDBACK).await?;
        if feedback.is_empty() {
            return Ok(Vec::new());
        }
        let configs: BTreeMap<String, Row> = match self.query(Purpose::Metadata, CONFIG).await {
            Ok(rows) => rows
                .into_iter()
                .filter_map(|row| Some((plain(&row, "Id")?, row)))
                .collect(),
            // Not shown to the integration user: what the relays do is known all the same.
            Err(fault) if !fault.is_retryable() => BTreeMap::new(),
            Err(fault) => return Err(fault),
        };
        let relay = |row: &Row| {
            let config = plain(row, "EventRelayConfigId").and_then(|id| configs.get(&id));
            relay(row, config)
        };
        Ok(feedback.iter().map(relay).collect())
    }

    async fn selected(&self) -> Result<Option<Vec<String>>, Fault> {
        let purpose = Purpose::Metadata;
        let rows = self
            .rows("tooling/query", purpose, Priority::Record, SELECTED)
            .await?;
        let named = rows.iter().filter_map(|row| plain(row, "SelectedEntity"));
        let mut objects: Vec<String> = named.filter_map(|event| object_of(&event)).collect();
        objects.sort();
        objects.dedup();
        Ok(Some(objects))
    }
}

/// The object of a change event: `AccountChangeEvent`, and `X__ChangeEvent` for `X__c`. None: it is a platform event.
fn object_of(event: &str) -> Option<String> {
    let object = event.strip_suffix("ChangeEvent")?;
    let custom = object.ends_with("__").then(|| format!("{object}c"));
    Some(custom.unwrap_or_else(|| object.to_owned()))
}

fn relay(row: &Row, config: Option<&Row>) -> Relay {
    let text = |name: &str| plain(row, name).filter(|text| !text.is_empty());
    let error = [text("ErrorCode"), text("ErrorMessage")];
    let error: Vec<String> = error.into_iter().flatten().collect();
    Relay {
        name: config.and_then(|config| plain(config, "DeveloperName")),
        source: text("RemoteResource"),
        status: text("Status").unwrap_or_default(),
        error: (!error.is_empty()).then(|| bounded(error.join(": "), LONGEST)),
        last_relayed: text("LastRelayedEventTime").and_then(|text| instant(&text)),
        recovery: config.map(recovery),
    }
}

/// What is not set is `LATEST`.
fn recovery(config: &Row) -> RelayRecovery {
    let option = plain(config, "RelayOption").unwrap_or_default();
    let option = serde_json::from_str::<RelayOption>(&option).ok();
    let recovery = option.and_then(|option| option.replay_recovery);
    match recovery.as_deref() {
        Some("EARLIEST") => RelayRecovery::Earliest,
        _ => RelayRecovery::Latest,
    }
}
