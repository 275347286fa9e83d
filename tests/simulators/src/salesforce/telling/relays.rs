//! What an organisation says of its event relays. Pages: "EventRelayFeedback", "EventRelayConfig", Object Reference; "Manage
//! the State of an Event Relay".

use serde::Deserialize;
use serde_json::{Value, json};

use crate::salesforce::{
    ids::Id,
    org::{Org, shown_time},
    schema::{Field, Kind, Object},
    store::Record,
};

/// EventRelayConfig: only who may view set-up and configuration sees it.
pub const CONFIG: Object = Object {
    name: "EventRelayConfig",
    label: "Event Relay Config",
    plural: "Event Relay Configs",
    prefix: "7k2",
    writable: false,
    record_types: &[],
    multi_currency: false,
    fields: &[
        Field::system(
            "DestinationResourceName",
            "Destination Resource Name",
            Kind::Text,
            255,
        ),
        Field::system("DeveloperName", "Name", Kind::Text, 80),
        Field::system("EventChannel", "Relayed Event Channel", Kind::Text, 255),
        Field::system("MasterLabel", "Label", Kind::Text, 80),
        Field::system("NamespacePrefix", "Namespace Prefix", Kind::Text, 15),
        Field::system(
            "RelayOption",
            "Event Relay Config Option",
            Kind::LongText,
            4_000,
        ),
        Field::system(
            "State",
            "Event Relay Config State",
            Kind::Picklist(&["PAUSE", "RUN", "STOP"]),
            255,
        ),
    ],
};

/// EventRelayFeedback. The prefix of its ids is not documented; this one is nobody else's.
pub const FEEDBACK: Object = Object {
    name: "EventRelayFeedback",
    label: "Event Relay Feedback",
    plural: "Event Relay Feedback",
    prefix: "7k3",
    writable: false,
    record_types: &[],
    multi_currency: false,
    fields: &[
        Field::system("ErrorCode", "Error Code", Kind::Text, 128),
        Field::system("ErrorIdentifier", "Error Identifier", Kind::Text, 255),
        Field::system("ErrorMessage", "Error Message", Kind::LongText, 1_024),
        Field::system("ErrorTime", "Error Time", Kind::DateTime, 0),
        Field::reference(
            "EventRelayConfigId",
            "Event Relay Config ID",
            "EventRelayConfig",
            "EventRelayConfig",
        )
        .read_only(),
        Field::system(
            "EventRelayNumber",
            "Event Relay Feedback Name",
            Kind::Text,
            255,
        ),
        Field::system(
            "LastRelayedEventTime",
            "Last Relayed Event Timestamp",
            Kind::DateTime,
            0,
        ),
        Field::system("RemoteResource", "Remote Resource", Kind::Text, 255),
        Field::system(
            "Status",
            "Current Status",
            Kind::Picklist(&["DELETED", "ERROR", "PAUSED", "RUNNING", "STOPPED"]),
            255,
        ),
    ],
};

/// How a relay does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    /// It relays.
    #[default]
    Running,
    /// An administrator paused it: its place is kept.
    Paused,
    /// An administrator stopped it: its place is lost, and so is what is published meanwhile.
    Stopped,
    /// It met an error, and tries to go on.
    Error,
}

impl Status {
    const fn name(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Paused => "PAUSED",
            Self::Stopped => "STOPPED",
            Self::Error => "ERROR",
        }
    }

    const fn state(self) -> &'static str {
        match self {
            Self::Running | Self::Error => "RUN",
            Self::Paused => "PAUSE",
            Self::Stopped => "STOP",
        }
    }
}

/// Enters the two records of a relay that was registered: it runs.
pub fn enter(org: &mut Org, index: usize, source: &str, recovery: &str) {
    let number = index as u64 + 1;
    let config = Id::new(CONFIG.prefix, number);
    write(
        org,
        &CONFIG,
        number,
        vec![
            ("DestinationResourceName", json!("callout:AWS")),
            ("DeveloperName", json!(format!("Relay_{number}"))),
            ("EventChannel", json!(format!("Relay_{number}__chn"))),
            ("MasterLabel", json!(format!("Relay {number}"))),
            (
                "RelayOption",
                json!(json!({"ReplayRecovery": recovery}).to_string()),
            ),
            ("State", json!("RUN")),
        ],
    );
    write(
        org,
        &FEEDBACK,
        number,
        vec![
            ("EventRelayConfigId", json!(config.as_str())),
            ("EventRelayNumber", json!(format!("{number:08}"))),
            ("RemoteResource", json!(source)),
            ("Status", json!("RUNNING")),
        ],
    );
}

/// Says how a relay does now. Of one that is stopped, the time of its last event and its errors are forgotten.
pub fn say(org: &mut Org, index: usize, status: Status, error: Option<(&str, &str)>) {
    let number = index as u64 + 1;
    let now = shown_time(org.now());
    let mut values = vec![("Status", json!(status.name()))];
    if let Some((code, message)) = error {
        values.extend([
            ("ErrorCode", json!(code)),
            ("ErrorMessage", json!(message)),
            ("ErrorTime", json!(now)),
        ]);
    }
    if status == Status::Stopped {
        let forgotten = [
            "ErrorCode",
            "ErrorMessage",
            "ErrorTime",
            "LastRelayedEventTime",
        ];
        values.extend(forgotten.map(|field| (field, Value::Null)));
    }
    write(org, &FEEDBACK, number, values);
    write(org, &CONFIG, number, vec![("State", json!(status.state()))]);
}

/// Says that an event was relayed just now.
pub fn relayed(org: &mut Org, index: usize) {
    let now = shown_time(org.now());
    let values = vec![("LastRelayedEventTime", json!(now))];
    write(org, &FEEDBACK, index as u64 + 1, values);
}

/// Takes the records of all relays away.
pub fn clear(org: &mut Org) {
    for object in [&CONFIG, &FEEDBACK] {
        if let Some(store) = org.stores.get_mut(object.name) {
            let ids: Vec<Id> = store.all().map(|record| record.id.clone()).collect();
            ids.iter().for_each(|id| store.take(id));
        }
    }
}

/// Nobody is told of these: they go by the journal and by what is to be told.
fn write(org: &mut Org, object: &'static Object, number: u64, values: Vec<(&'static str, Value)>) {
    let (now, admin) = (org.now(), org.integration_user());
    let Some(store) = org.stores.get_mut(object.name) else {
        return;
    };
    let id = Id::new(object.prefix, number);
    let known = store.any(&id).cloned();
    let mut record = known.unwrap_or_else(|| Record::new(id, now, &admin));
    record.modified = now;
    for (field, value) in values {
        match value {
            Value::Null => record.values.remove(field),
            value => record.values.insert(field, value),
        };
    }
    store.put(record);
}
