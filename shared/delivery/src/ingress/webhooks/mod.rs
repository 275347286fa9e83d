//! The webhooks: notifications and workflow webhooks of Zoho, Outbound Messages of Salesforce, signed callouts.
//!
//! Every answer is decided in the same order: route (404), method (405), size (413), content type (415), UTF-8 (400), who
//! it is (401, 403), what it says (400), and whether the queue has it (503, or a nack). An unknown target, channel, path
//! and token have one answer, 401, so that a stranger cannot tell which part was wrong.

mod body;
mod callout;
mod ids;
mod notification;
mod outbound;
mod refusal;
mod request;
mod route;
mod workflow;

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;

use counterpart_config::TargetConfig;
use counterpart_domain::{Class, CrmId, Fault, TargetName};
use futures_util::FutureExt as _;
use jiff::Timestamp;
use serde_json::json;

pub use refusal::Refusal;
pub use request::{WebhookRequest, WebhookResponse};
use route::{Route, Way};

use super::hook::matches;
use super::modules::known_as;
use super::{HookSecret, HookSecrets, sweep};
use crate::CrmEvent;
use crate::event::{Change, EventSource};
use crate::ports::QueueName;
use crate::ports::prelude::*;
use crate::send::{TRIES, event_message, send};

/// The most bytes of a body: far more than 100 notifications or 1,000 ids take.
pub const LONGEST_BODY: usize = 1024 * 1024;

/// An Outbound Message may be so many times as long: its 100 records may have long texts among their fields, and one that is
/// refused is lost after a day with all of them. More than this does not fit into an invocation.
const POST_TIMES: usize = 4;

/// The handler.
pub struct Webhooks<'a, P: Ports, H> {
    /// What all handlers share.
    pub context: Context<'a, P>,
    /// What callers have to know.
    pub secrets: &'a H,
    /// The most bytes of a body; [`LONGEST_BODY`] unless there is a reason.
    pub longest_body: usize,
}

in_context!(Webhooks, H);

/// Whom a request is for, with what its sender has to know.
struct Door<'a> {
    /// None: the target is not there, or is no target of this route; then no secret ever matches.
    target: Option<(&'a TargetName, &'a TargetConfig)>,
    secret: HookSecret,
}

/// What a request names: which record, and what happened to it as far as the sender says.
struct Told {
    module: String,
    record: CrmId,
    change: Change,
    /// The same for each delivery.
    id: String,
    occurred_at: Option<Timestamp>,
}

impl<P: Ports, H: HookSecrets> Webhooks<'_, P, H> {
    /// Takes a request. The answer is given after the queue has every event of it.
    pub async fn handle(&self, request: &WebhookRequest) -> WebhookResponse {
        let route = Route::of(request);
        let taken = match &route {
            Some(route) => AssertUnwindSafe(self.take(route, request))
                .catch_unwind()
                .await
                .unwrap_or_else(|_| Err(Refusal::Later(panicked()))),
            None => Err(Refusal::Route),
        };
        taken.unwrap_or_else(|refusal| {
            let route = route.as_ref();
            self.log(route, request, &refusal);
            refusal.answer()
        })
    }

    async fn take(
        &self,
        route: &Route<'_>,
        request: &WebhookRequest,
    ) -> Result<WebhookResponse, Refusal> {
        if !request.method.eq_ignore_ascii_case("POST") {
            return Err(Refusal::Method);
        }
        let longest = match route.way {
            Way::Outbound => POST_TIMES.saturating_mul(self.longest_body),
            _ => self.longest_body,
        };
        if request.body.len() > longest {
            return Err(Refusal::TooLarge(longest));
        }
        let media = body::media(route.way, request)?;
        let text = std::str::from_utf8(&request.body).map_err(|_| Refusal::Encoding)?;
        let door = self.door(route).await?;
        match route.way {
            Way::Notifications => self.notification(&door, route, text).await,
            Way::Workflow => self.workflow(&door, route, request, media, text).await,
            Way::Outbound => self.outbound(&door, route, text).await,
            Way::Callout => self.callout(&door, request).await,
        }
    }

    async fn door(&self, route: &Route<'_>) -> Result<Door<'_>, Refusal> {
        let target = TargetName::new(route.target)
            .and_then(|name| self.config.targets.get_key_value(&name))
            .filter(|(_, target)| route.crm.is_none_or(|crm| crm == target.crm.profile()));
        let secret = match target {
            Some((name, _)) => self.secrets.hook(name).await.map_err(Refusal::Later)?,
            None if self.is_behind => return Err(Refusal::Later(behind())),
            None => HookSecret::default(),
        };
        Ok(Door { target, secret })
    }

    /// The events of what was told. What names a module that nobody waits for is left out.
    fn events(
        &self,
        name: &TargetName,
        target: &TargetConfig,
        source: EventSource,
        told: Vec<Told>,
    ) -> Vec<CrmEvent> {
        let received_at = self.clock.now();
        let mut events = Vec::with_capacity(told.len());
        let mut dropped = BTreeSet::new();
        for told in told {
            let Some(module) = known_as(target, &told.module) else {
                dropped.insert(told.module);
                continue;
            };
            events.push(CrmEvent {
                occurred_at: told.occurred_at,
                ..CrmEvent::new(
                    told.id,
                    name.clone(),
                    module.to_owned(),
                    told.record,
                    told.change,
                    source,
                    received_at,
                )
            });
        }
        if !dropped.is_empty() {
            tracing::info!(target.name = %name, source = ?source, crm.modules = ?dropped,
                "changes of modules that sync.toml does not name are left out");
        }
        events
    }

    /// Sends events, as often as it takes, and answers.
    async fn accept(
        &self,
        name: &TargetName,
        events: &[CrmEvent],
    ) -> Result<WebhookResponse, Refusal> {
        self.send(events, TRIES).await.map_err(Refusal::Later)?;
        self.accepted(name, events).await;
        let body = json!({"status": "accepted", "events": events.len()});
        Ok(WebhookResponse::json(200, &body))
    }

    /// Sends events, each of them `tries` times at most.
    async fn send(&self, events: &[CrmEvent], tries: u64) -> Result<(), Fault> {
        let messages = events.iter().map(event_message);
        let messages = messages.collect::<Result<Vec<_>, _>>()?;
        let to = &QueueName::CrmEvents;
        let answers = send(self.queue, self.clock, to, &messages, tries).await?;
        answers.into_iter().collect()
    }

    /// Says that events are accepted, and notes that they were heard of.
    async fn accepted(&self, name: &TargetName, events: &[CrmEvent]) {
        let source = events.first().map(|event| event.source);
        tracing::info!(target.name = %name, source = ?source, events = events.len(), "changes accepted");
        let modules: BTreeSet<&str> = events.iter().map(|event| event.module.as_str()).collect();
        let modules = modules.into_iter().map(str::to_owned);
        sweep::note(self.store, self.clock, name, modules).await;
    }

    fn log(&self, route: Option<&Route<'_>>, request: &WebhookRequest, refusal: &Refusal) {
        let known = route
            .and_then(|route| TargetName::new(route.target))
            .filter(|name| self.config.targets.contains_key(name));
        let target = known.as_ref().map_or("-", TargetName::as_str);
        let way = route.map_or_else(|| "-".to_owned(), Route::name);
        let (code, status, why) = (refusal.code(), refusal.status(), refusal.why());
        let (ip, bytes) = (body::address(&request.source_ip), request.body.len());
        if let Refusal::Later(fault) = refusal {
            tracing::error!(route = way, target.name = target, status, fault.code = %fault.code, fault = %fault,
                source.ip = ip, body.bytes = bytes, "a webhook could not be taken; its sender is asked to come again");
        } else {
            tracing::warn!(
                route = way,
                target.name = target,
                status,
                fault.code = code,
                why,
                source.ip = ip,
                body.bytes = bytes,
                "a webhook is refused"
            );
        }
    }
}

/// Lets only JSON in UTF-8, not compressed, through.
pub(crate) fn is_json(request: &WebhookRequest) -> Result<(), Refusal> {
    body::media(Way::Callout, request).map(drop)
}

fn behind() -> Fault {
    Fault::new(
        Class::Configuration,
        "E_CONFIG_BEHIND",
        "The configuration in force cannot be read by this version of the program; the target may be in it.",
    )
}

fn panicked() -> Fault {
    Fault::new(
        Class::Bug,
        "E_PANIC",
        "The handler panicked on a webhook; its sender is asked to come again.",
    )
}
