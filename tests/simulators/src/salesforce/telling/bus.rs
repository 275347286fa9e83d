//! The relay: events are put on an EventBridge bus in their order, again and again until it takes them.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    change::Change,
    client,
    relays::{self, Status},
    shapes::{Shape, detail},
};
use crate::salesforce::{
    ids::Id,
    org::{Org, System},
};

/// Events that the door still shows.
const KEPT: usize = 5_000;
/// Most entries of one `PutEvents`.
const MOST: usize = 10;
const PAUSE: Duration = Duration::from_millis(25);
/// How long a refused call waits.
const AGAIN: Duration = Duration::from_millis(250);

/// A channel and its bus.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relay {
    /// Where `PutEvents` goes; without it, events are only listed.
    pub endpoint: Option<String>,
    /// The bus.
    #[serde(default = "default_bus")]
    pub bus: String,
    /// Objects whose changes, and platform events that are relayed; none is all.
    #[serde(default)]
    pub objects: Vec<String>,
    /// How events look.
    #[serde(default)]
    pub shape: Shape,
    /// Fields that updates and deletions carry besides, by object.
    #[serde(default)]
    pub enriched: BTreeMap<String, Vec<String>>,
    /// `source` of the events, if it is not that of this organisation.
    pub source: Option<String>,
    /// How often each event is put on the bus.
    #[serde(default = "once")]
    pub times: usize,
    /// Where it goes on after an error, if it cannot go on where it stopped: `LATEST` or `EARLIEST`.
    #[serde(default = "latest")]
    pub recovery: String,
}

fn default_bus() -> String {
    "default".to_owned()
}

fn once() -> usize {
    1
}

fn latest() -> String {
    "LATEST".to_owned()
}

/// An event, before it has a bus.
#[derive(Debug, Clone, Serialize)]
pub struct Entry {
    source: String,
    #[serde(rename = "detail-type")]
    kind: String,
    detail: Value,
    time_ms: i64,
}

impl Entry {
    /// An event of this type.
    pub fn new(kind: &str, detail: Value) -> Self {
        Self {
            source: String::new(),
            kind: kind.to_owned(),
            detail,
            time_ms: 0,
        }
    }
}

/// Relays, what waits for them, and what they were given.
#[derive(Debug, Default)]
pub struct Bus {
    relays: Vec<Relay>,
    /// How each does.
    statuses: Vec<Status>,
    /// What relays that stand still will go on with.
    held: Vec<(usize, Entry)>,
    waiting: VecDeque<(usize, Entry)>,
    log: VecDeque<(usize, Entry)>,
    /// Entries that the bus has taken.
    taken: u64,
    /// Calls that failed.
    failed: u64,
    last_error: Option<String>,
}

impl Bus {
    /// Puts the last events on the bus once more.
    pub fn again(&mut self, count: usize) -> usize {
        let from = self.log.len().saturating_sub(count);
        let last: Vec<(usize, Entry)> = self.log.iter().skip(from).cloned().collect();
        let count = last.len();
        self.waiting.extend(last);
        count
    }

    /// What the door shows.
    pub fn shown(&self) -> Value {
        let events: Vec<&Entry> = self.log.iter().map(|(_, entry)| entry).collect();
        json!({
            "relays": self.relays, "events": events, "waiting": self.waiting.len(),
            "taken": self.taken, "failed_calls": self.failed, "last_error": self.last_error,
        })
    }
}

/// Adds a relay. It runs.
pub fn register(org: &mut Org, relay: Relay) {
    let organisation = org.organisation();
    let index = org.telling.bus.relays.len();
    let source = source_of(&relay, &organisation, index);
    let recovery = relay.recovery.clone();
    org.telling.bus.relays.push(relay);
    org.telling.bus.statuses.push(Status::Running);
    relays::enter(org, index, &source, &recovery);
}

/// Forgets all relays and events.
pub fn clear(org: &mut Org) {
    org.telling.bus = Bus::default();
    relays::clear(org);
}

/// Has a relay do otherwise. What was held goes on with one that runs again; of one that is stopped it is lost. `false`:
/// there is no such relay.
pub fn set(org: &mut Org, index: usize, status: Status, error: Option<(&str, &str)>) -> bool {
    let bus = &mut org.telling.bus;
    let Some(known) = bus.statuses.get_mut(index) else {
        return false;
    };
    *known = status;
    let held = std::mem::take(&mut bus.held);
    let (own, others): (Vec<_>, Vec<_>) = held.into_iter().partition(|(of, _)| *of == index);
    bus.held = others;
    relays::say(org, index, status, error);
    match status {
        Status::Running => own
            .into_iter()
            .for_each(|(_, entry)| relay(org, index, entry)),
        Status::Paused | Status::Error => org.telling.bus.held.extend(own),
        Status::Stopped => {}
    }
    true
}

/// The name of an object's change event: `AccountChangeEvent`, and `X__ChangeEvent` for `X__c`.
fn event_name(object: &str) -> String {
    match object.strip_suffix("__c") {
        Some(own) => format!("{own}__ChangeEvent"),
        None => format!("{object}ChangeEvent"),
    }
}

/// The change events that are selected on the channels of the relays.
pub fn selected(org: &Org) -> Vec<String> {
    let all = || org.catalog.all().map(|object| object.name.to_owned());
    let relays = org.telling.bus.relays.iter();
    let objects = relays.flat_map(|relay| match relay.objects.as_slice() {
        [] => all().collect(),
        some => some.to_vec(),
    });
    let objects = objects.filter(|object| !object.ends_with("__e"));
    objects.map(|object| event_name(&object)).collect()
}

/// Offers a change to all relays.
pub fn offer(org: &mut Org, change: &Change) {
    let kind = event_name(change.object.name);
    enter(org, change.object.name, |relay| {
        let enriched = relay
            .enriched
            .get(change.object.name)
            .map_or(&[][..], Vec::as_slice);
        Some(Entry::new(&kind, detail(change, relay.shape, enriched)))
    });
}

/// Enters what is made for each relay that wants it.
pub fn enter(org: &mut Org, name: &str, make: impl Fn(&Relay) -> Option<Entry>) {
    let (organisation, now) = (org.organisation(), org.clock.now().as_millisecond());
    let mut running = Vec::new();
    let bus = &mut org.telling.bus;
    for (index, relay) in bus.relays.iter().enumerate() {
        if !relay.objects.is_empty() && !relay.objects.iter().any(|wanted| wanted == name) {
            continue;
        }
        let Some(mut entry) = make(relay) else {
            continue;
        };
        entry.source = source_of(relay, &organisation, index);
        entry.time_ms = now;
        match bus.statuses.get(index) {
            Some(Status::Running) => running.push((index, entry)),
            Some(Status::Paused | Status::Error) => bus.held.push((index, entry)),
            Some(Status::Stopped) | None => {}
        }
    }
    for (index, entry) in running {
        self::relay(org, index, entry);
    }
}

/// Relays an event.
fn relay(org: &mut Org, index: usize, entry: Entry) {
    let bus = &mut org.telling.bus;
    let Some(relay) = bus.relays.get(index) else {
        return;
    };
    if relay.endpoint.is_some() {
        for _ in 0..relay.times {
            bus.waiting.push_back((index, entry.clone()));
        }
    }
    bus.log.push_back((index, entry));
    if bus.log.len() > KEPT {
        bus.log.pop_front();
    }
    relays::relayed(org, index);
}

fn source_of(relay: &Relay, organisation: &Id, index: usize) -> String {
    let own = || source(relay, organisation, index);
    relay.source.clone().unwrap_or_else(own)
}

fn source(relay: &Relay, organisation: &Id, index: usize) -> String {
    match relay.shape {
        Shape::Appflow => "aws.partner/appflow/salesforce.com/000000000000/counterpart".to_owned(),
        Shape::Relay | Shape::Pubsub => format!(
            "aws.partner/salesforce.com/{organisation}/{}",
            Id::new("0YL", index as u64 + 1)
        ),
    }
}

/// The next entries, all of one relay.
fn next(org: &Org) -> Option<(String, Value, usize)> {
    let bus = &org.telling.bus;
    let (first, _) = bus.waiting.front()?;
    let relay = bus.relays.get(*first)?;
    let entries: Vec<Value> = bus
        .waiting
        .iter()
        .take_while(|(index, _)| index == first)
        .take(MOST)
        .map(|(_, entry)| {
            json!({
                "Source": entry.source, "DetailType": entry.kind, "EventBusName": relay.bus,
                "Detail": entry.detail.to_string(), "Time": entry.time_ms / 1_000,
            })
        })
        .collect();
    let count = entries.len();
    Some((relay.endpoint.clone()?, json!({"Entries": entries}), count))
}

/// Puts waiting events on their buses, for ever.
pub async fn deliver(system: Arc<System>) {
    let Some(client) = client() else {
        return;
    };
    loop {
        let next = next(&system.org());
        let Some((endpoint, body, count)) = next else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let put = put(&client, &endpoint, &body).await;
        let mut failed = None;
        {
            let bus = &mut system.org().telling.bus;
            match put {
                Ok(()) => {
                    // The door may have emptied the queue meanwhile.
                    let count = count.min(bus.waiting.len());
                    bus.waiting.drain(..count);
                    bus.taken += count as u64;
                }
                Err(error) => {
                    bus.failed += 1;
                    bus.last_error = Some(error.clone());
                    failed = Some(error);
                }
            }
        }
        if failed.is_some() {
            tokio::time::sleep(AGAIN).await;
        }
    }
}

async fn put(client: &reqwest::Client, endpoint: &str, body: &Value) -> Result<(), String> {
    let response = client
        .post(endpoint)
        .header("Content-Type", "application/x-amz-json-1.1")
        .header("X-Amz-Target", "AWSEvents.PutEvents")
        // Local buses look at the shape of a signature, not at its value.
        .header(
            "Authorization",
            "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/events/aws4_request, SignedHeaders=host, Signature=0",
        )
        .body(body.to_string())
        .send()
        .await
        .map_err(|error| error.to_string())?;
    let status = response.status();
    let text = response.text().await.map_err(|error| error.to_string())?;
    if !status.is_success() {
        return Err(format!(
            "{status}: {}",
            text.chars().take(200).collect::<String>()
        ));
    }
    let answer: Value = serde_json::from_str(&text).unwrap_or_default();
    match answer.get("FailedEntryCount").and_then(Value::as_u64) {
        Some(0) => Ok(()),
        _ => Err(format!(
            "not all entries were taken: {}",
            text.chars().take(200).collect::<String>()
        )),
    }
}
