//! Outbound messages: queued when a record meets a rule, sent up to a hundred at once, and again
//! after growing pauses until somebody acknowledges them or a day is over.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{ack, client, envelope, transaction::Step};
use crate::salesforce::{
    ids::Id,
    org::{Org, System},
    render,
    schema::{self, Object},
    store::Record,
};

/// Most notifications of a message.
pub const MOST: usize = 100;
/// After so long Salesforce gives up, in milliseconds.
const GIVES_UP: i64 = 24 * 3_600 * 1_000;
const PAUSE: Duration = Duration::from_millis(25);
/// Messages that the door still shows.
const KEPT: usize = 1_000;

/// A workflow rule and its outbound message.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Where it goes.
    pub url: String,
    /// The object.
    pub object: String,
    /// The fields that it carries, beside the id.
    pub fields: Vec<String>,
    /// Only records that hold all of this.
    #[serde(default)]
    pub when: Map<String, Value>,
    /// `true`: at each save of a record that fits; else only when it begins to fit.
    #[serde(default)]
    pub every_time: bool,
    /// The organisation that it names, if it is not this one.
    pub organization_id: Option<String>,
    /// The session that it carries; without it, `xsi:nil`.
    pub session_id: Option<String>,
    /// Empty fields are `xsi:nil`; else they are left out.
    #[serde(default)]
    pub nil_fields: bool,
    /// Most notifications of a message.
    #[serde(default = "most")]
    pub batch: usize,
    /// The pause after the first failure; it doubles with each.
    #[serde(default = "first_pause")]
    pub retry_ms: i64,
    /// The longest pause.
    #[serde(default = "longest_pause")]
    pub retry_max_ms: i64,
    /// The newest notifications first.
    #[serde(default)]
    pub reverse: bool,
    /// Messages that are sent although they were acknowledged already: so many more of each.
    #[serde(default)]
    pub repeat: u32,
}

fn most() -> usize {
    MOST
}

fn first_pause() -> i64 {
    15_000
}

fn longest_pause() -> i64 {
    2 * 3_600 * 1_000
}

/// A notification that waits.
#[derive(Debug, Clone)]
struct Waiting {
    notification: Id,
    rule: usize,
    record: Id,
    since_ms: i64,
    due_ms: i64,
    attempts: u32,
    repeat: u32,
}

/// Rules and their notifications.
#[derive(Debug, Default)]
pub struct Outbound {
    rules: Vec<Rule>,
    waiting: BTreeMap<Id, Waiting>,
    queued: u64,
    acknowledged: u64,
    gave_up: u64,
    gone: u64,
    posts: Vec<Value>,
}

impl Outbound {
    /// Adds a rule.
    pub fn register(&mut self, rule: Rule) -> Id {
        self.rules.push(rule);
        action(self.rules.len() - 1)
    }

    /// Forgets all rules and notifications.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// What the door shows.
    pub fn shown(&self) -> Value {
        let waiting: Vec<Value> = self
            .waiting
            .values()
            .map(|one| {
                json!({"id": one.notification.as_str(), "record": one.record.as_str(), "attempts": one.attempts, "due_ms": one.due_ms})
            })
            .collect();
        let rules: Vec<Value> = self
            .rules
            .iter()
            .map(|rule| {
                // A session is a secret also here.
                let mut shown = json!(rule);
                shown["session_id"] = json!(rule.session_id.as_ref().map(|_| "…"));
                shown
            })
            .collect();
        json!({
            "rules": rules, "queued": self.queued, "acknowledged": self.acknowledged, "gave_up": self.gave_up,
            "gone": self.gone, "waiting": waiting, "posts": self.posts,
        })
    }
}

fn action(rule: usize) -> Id {
    Id::new("04k", rule as u64 + 1)
}

/// Queues what a transaction sets off.
pub fn queue(org: &mut Org, steps: &[Step]) {
    if org.telling.outbound.rules.is_empty() {
        return;
    }
    let now = org.clock.now().as_millisecond();
    let mut found = Vec::new();
    for (index, rule) in org.telling.outbound.rules.iter().enumerate() {
        for step in steps.iter().filter(|step| step.object.name == rule.object) {
            let fits = |record: &Record| {
                record.deleted.is_none()
                    && rule.when.iter().all(|(name, wanted)| {
                        step.object.field(name).is_some_and(|field| {
                            render::value(org, step.object, record, field) == *wanted
                        })
                    })
            };
            let began = step.before.as_ref().is_none_or(|before| !fits(before));
            let asked = rule.every_time || rule.when.is_empty() || began;
            if fits(&step.after) && asked {
                found.push((index, step.after.id.clone(), rule.repeat));
            }
        }
    }
    let outbound = &mut org.telling.outbound;
    for (rule, record, repeat) in found {
        outbound.queued += 1;
        let notification = Id::new("04l", outbound.queued);
        let waiting = Waiting {
            notification: notification.clone(),
            rule,
            record,
            since_ms: now,
            due_ms: now,
            attempts: 0,
            repeat,
        };
        outbound.waiting.insert(notification, waiting);
    }
}

/// A message to post.
struct Message {
    url: String,
    body: String,
    notifications: Vec<Id>,
}

/// The next message, if one is due. It holds what the records are now.
fn next(org: &mut Org) -> Option<Message> {
    let now = org.clock.now().as_millisecond();
    let outbound = &mut org.telling.outbound;
    let before = outbound.waiting.len();
    outbound
        .waiting
        .retain(|_, one| now - one.since_ms <= GIVES_UP);
    outbound.gave_up += (before - outbound.waiting.len()) as u64;
    let first = outbound.waiting.values().find(|one| one.due_ms <= now)?;
    let (index, rule) = (first.rule, outbound.rules.get(first.rule)?.clone());
    let object = org.catalog.object(&rule.object)?;
    let due = outbound
        .waiting
        .values()
        .filter(|one| one.rule == index && one.due_ms <= now);
    let mut due: Vec<Waiting> = due.cloned().collect();
    if rule.reverse {
        due.reverse();
    }
    due.truncate(rule.batch.clamp(1, MOST));
    let (mut notifications, mut shown) = (Vec::new(), Vec::new());
    for one in due {
        match org.record(object.name, &one.record) {
            Some(record) => {
                shown.push(envelope::notification(
                    &one.notification,
                    object,
                    &fields(org, object, record, &rule),
                ));
                notifications.push(one.notification);
            }
            // Deleted meanwhile: there is nothing to tell.
            None => {
                org.telling.outbound.waiting.remove(&one.notification);
                org.telling.outbound.gone += 1;
            }
        }
    }
    if notifications.is_empty() {
        return None;
    }
    let organisation = org.organisation();
    let head = envelope::Head {
        organisation: rule
            .organization_id
            .as_deref()
            .unwrap_or(organisation.as_str()),
        action: action(index),
        session: rule.session_id.as_deref(),
        url: &org.url,
    };
    Some(Message {
        url: rule.url.clone(),
        body: envelope::message(&head, &shown),
        notifications,
    })
}

/// Names and texts of a record's fields; none are nil.
fn fields(
    org: &Org,
    object: &'static Object,
    record: &Record,
    rule: &Rule,
) -> Vec<(&'static str, Option<String>)> {
    let mut shown = vec![("Id", Some(record.id.as_str().to_owned()))];
    for field in rule.fields.iter().filter_map(|name| object.field(name)) {
        if field.name == "Id" {
            continue;
        }
        let text = match render::value(org, object, record, field) {
            Value::Null => None,
            Value::String(text) => Some(match field.kind {
                schema::Kind::DateTime => text.replace("+0000", "Z"),
                _ => text,
            }),
            other => Some(other.to_string()),
        };
        if text.is_some() || rule.nil_fields {
            shown.push((field.name, text));
        }
    }
    shown
}

/// Posts messages, for ever.
pub async fn deliver(system: Arc<System>) {
    let Some(client) = client() else {
        return;
    };
    loop {
        let message = next(&mut system.org());
        match message {
            Some(message) => {
                let verdict = post(&client, &message).await;
                settle(&mut system.org(), &message, verdict);
            }
            None => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// Whether a message was acknowledged; if not, what Setup shows.
async fn post(client: &reqwest::Client, message: &Message) -> Result<(), String> {
    let response = client
        .post(&message.url)
        .header("Content-Type", "text/xml; charset=utf-8")
        .header("SOAPAction", "\"\"")
        .body(message.body.clone())
        .send()
        .await
        .map_err(|error| error.without_url().to_string())?;
    let status = response.status();
    let text = response
        .text()
        .await
        .map_err(|error| error.without_url().to_string())?;
    if !status.is_success() {
        return Err(format!("HTTP {}", status.as_u16()));
    }
    ack::read(&text)
}

fn settle(org: &mut Org, message: &Message, verdict: Result<(), String>) {
    let now = org.clock.now().as_millisecond();
    let outbound = &mut org.telling.outbound;
    outbound.posts.push(json!({
        "at_ms": now, "notifications": message.notifications.len(),
        "ids": message.notifications.iter().map(Id::as_str).collect::<Vec<_>>(),
        "error": verdict.as_ref().err(),
    }));
    if outbound.posts.len() > KEPT {
        outbound.posts.remove(0);
    }
    for id in &message.notifications {
        let Some(mut one) = outbound.waiting.remove(id) else {
            continue;
        };
        if verdict.is_ok() && one.repeat == 0 {
            outbound.acknowledged += 1;
            continue;
        }
        if verdict.is_ok() {
            one.repeat -= 1;
        } else {
            let (first, most) = outbound
                .rules
                .get(one.rule)
                .map_or((first_pause(), longest_pause()), |rule| {
                    (rule.retry_ms, rule.retry_max_ms)
                });
            one.due_ms = now + pause(first, most, one.attempts);
            one.attempts += 1;
        }
        outbound.waiting.insert(id.clone(), one);
    }
}

/// The pause after a failure: twice as long each time, up to the longest.
fn pause(first: i64, most: i64, attempts: u32) -> i64 {
    let factor = 1_i64.checked_shl(attempts.min(40)).unwrap_or(i64::MAX);
    first.max(1).saturating_mul(factor).min(most.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_two_hours() {
        let minutes: Vec<i64> = (0..12)
            .map(|attempts| pause(60_000, longest_pause(), attempts) / 60_000)
            .collect();
        assert_eq!(minutes, [1, 2, 4, 8, 16, 32, 64, 120, 120, 120, 120, 120]);
        assert_eq!(pause(15_000, longest_pause(), u32::MAX), longest_pause());
    }
}
