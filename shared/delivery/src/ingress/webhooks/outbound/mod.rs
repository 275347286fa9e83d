//! Salesforce's Outbound Messages: SOAP, a secret path and a list of organisations. One Ack covers all notifications of a
//! post, so it is given only after the queue has every one of them. Page: "Outbound Messaging", SOAP API Developer Guide.

mod read;
#[cfg(test)]
mod tests;

use counterpart_config::salesforce_id;

use super::{Door, HookSecrets, Refusal, Route, Told};
use super::{WebhookResponse, Webhooks, matches};
use crate::event::{Change, EventSource};
use crate::ports::prelude::*;
use read::{Notification, Post};

impl<P: Ports, H: HookSecrets> Webhooks<'_, P, H> {
    pub(super) async fn outbound(
        &self,
        door: &Door<'_>,
        route: &Route<'_>,
        text: &str,
    ) -> Result<WebhookResponse, Refusal> {
        let path = matches(door.secret.path.as_ref(), route.path);
        let (Some((name, target)), true) = (door.target, path) else {
            return Err(Refusal::Unauthenticated("the target or the path"));
        };
        let Post {
            organization,
            notifications,
        } = read::post(text).map_err(Refusal::Body)?;
        let listed = target
            .events
            .organizations
            .iter()
            .any(|listed| salesforce_id(listed).is_some_and(|listed| listed == organization));
        if !listed {
            return Err(Refusal::Organization);
        }
        let told = notifications.into_iter().map(told).collect();
        let events = self.events(name, target, EventSource::OutboundMessage, told);
        // Salesforce comes again by itself for a day: it is told at once, rather than kept waiting.
        match self.send(&events, 1).await {
            Ok(()) => {
                self.accepted(name, &events).await;
                Ok(WebhookResponse::ack(true))
            }
            Err(fault) => {
                tracing::warn!(target.name = %name, fault.code = %fault.code, fault = %fault, events = events.len(),
                    "not every notification is in the queue; the CRM is asked to send them again");
                Ok(WebhookResponse::ack(false))
            }
        }
    }
}

fn told(notification: Notification) -> Told {
    Told {
        id: format!("om-{}", notification.id),
        module: notification.object,
        record: notification.record,
        // A rule fires on creation and on change alike, and does not say which.
        change: Change::Unknown,
        occurred_at: None,
    }
}
