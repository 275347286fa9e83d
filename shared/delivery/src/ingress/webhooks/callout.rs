//! Signed callouts from Flow, Apex or a Zoho function.
//!
//! The signature is its own nonce, and becomes final only after the queue has the events: a repeat of accepted work answers
//! "already accepted" and queues nothing; a repeat of work that failed, or is under way, is taken up. That holds for a day: who
//! was told to come again, and sends the same request once more, need not hurry with it. Everything else is taken only while
//! its signature is fresh.

use counterpart_config::CrmProfile;
use counterpart_domain::TargetName;
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};

use super::ids::Ids;
use super::{Door, HookSecrets, Refusal, Told};
use super::{WebhookRequest, WebhookResponse, Webhooks, body};
use crate::SecretText;
use crate::event::EventSource;
use crate::ports::Nonce;
use crate::ports::prelude::*;
use crate::signature::{self, Signed};

/// The most records of one callout: what Salesforce hands to one Apex trigger.
const MOST_EVENTS: usize = 200;
/// How long after it was signed a request that was begun may be finished.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

#[derive(Deserialize)]
struct One {
    module: String,
    /// A text, or a number as Zoho's functions hold ids.
    id: Value,
    #[serde(default)]
    operation: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Body {
    Several { events: Vec<One> },
    One(One),
}

impl<P: Ports, H: HookSecrets> Webhooks<'_, P, H> {
    pub(super) async fn callout(
        &self,
        door: &Door<'_>,
        request: &WebhookRequest,
    ) -> Result<WebhookResponse, Refusal> {
        // An unknown target is checked against a key that nobody has.
        let nobody = SecretText::new(self.clock.new_id());
        let key = door.secret.hmac_key.as_ref();
        let given = request.header(signature::HEADER);
        let key_or_none = key.unwrap_or(&nobody);
        let signed = signature::verify_of_any_time(key_or_none, given, &request.body);
        let (Ok(signed), Some(_), Some((name, target))) = (signed, key, door.target) else {
            return Err(Refusal::Unauthenticated("the target or the signature"));
        };
        let (nonce, until) = nonce(name, &signed)?;
        if !signed.is_fresh(self.clock.now()) {
            let begun = self.store.is_begun(&nonce, self.clock.now()).await;
            if !begun.map_err(Refusal::Later)? {
                return Err(Refusal::Stale);
            }
        }
        let told = told(target.crm.profile(), &signed, &request.body)?;
        let events = self.events(name, target, EventSource::Callout, told);
        let now = self.clock.now();
        let begun = self.store.begin_nonce(&nonce, now, until).await;
        if begun.map_err(Refusal::Later)? == Nonce::Done {
            tracing::info!(target.name = %name, "a callout came again; it was accepted before");
            let body = json!({"status": "already accepted"});
            return Ok(WebhookResponse::json(200, &body));
        }
        let answer = self.accept(name, &events).await?;
        let finished = self.store.finish_nonce(&nonce, until).await;
        finished.map_err(Refusal::Later)?;
        Ok(answer)
    }
}

/// The nonce, and until when it is kept.
fn nonce(name: &TargetName, signed: &Signed) -> Result<(String, jiff::Timestamp), Refusal> {
    let until = signed.at.checked_add(KEPT).map_err(|_| Refusal::Stale)?;
    Ok((format!("callout#{name}#{}", signed.mac), until))
}

fn told(crm: &CrmProfile, signed: &Signed, raw: &[u8]) -> Result<Vec<Told>, Refusal> {
    let body = serde_json::from_slice(raw)
        .map_err(|_| Refusal::Body("neither {\"module\", \"id\"} nor {\"events\": […]}"))?;
    let events = match body {
        Body::Several { events } => events,
        Body::One(one) => vec![one],
    };
    if events.is_empty() || events.len() > MOST_EVENTS {
        return Err(Refusal::Body("no event, or more than 200"));
    }
    let (mut told, mut ids) = (Vec::new(), Ids::default());
    for one in &events {
        tell(crm, signed, one, &mut told, &mut ids);
    }
    let module = told.first().map_or("-", |first| first.module.as_str());
    ids.tell("a callout", module);
    if told.is_empty() {
        return Err(Refusal::Body("no event with a module and an id"));
    }
    if told.len() > MOST_EVENTS {
        return Err(Refusal::Body("more than 200 records"));
    }
    Ok(told)
}

/// Adds each record of an event: a list of ids, or several in one text, are as many events.
fn tell(crm: &CrmProfile, signed: &Signed, one: &One, told: &mut Vec<Told>, ids: &mut Ids) {
    let mut own = Ids::default();
    own.read_json(crm, &one.id);
    let module = body::module(&one.module);
    if module.is_none() || (own.records.is_empty() && own.others.is_empty()) {
        own.others.push("a module or an id that is none".to_owned());
    }
    ids.others.extend(own.others);
    let Some(module) = module else {
        return;
    };
    for record in own.records {
        let position = told.len();
        told.push(Told {
            id: format!("co-{}-{position}", signed.mac.get(..32).unwrap_or_default()),
            module: module.clone(),
            record: record.clone(),
            change: body::change(one.operation.as_deref()),
            occurred_at: Some(signed.at),
        });
        ids.records.push(record);
    }
}
