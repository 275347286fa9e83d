//! Zoho's notifications. They carry no signature: the path, the channel and the token in the body are what is known of the
//! sender. Page: "Notification APIs", Zoho CRM API v8.

use std::collections::BTreeSet;

use counterpart_config::CrmProfile;
use counterpart_domain::{Fault, TargetName, digest_of};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::{Door, HookSecrets, Refusal, Route, Told};
use super::{WebhookResponse, Webhooks, body, matches};
use crate::event::EventSource;
use crate::ports::Channel;
use crate::ports::prelude::*;

/// What is read of a callback; everything else in it is ignored.
#[derive(Deserialize)]
struct Callback {
    #[serde(default)]
    token: Value,
    #[serde(default)]
    channel_id: Value,
    #[serde(default)]
    module: Value,
    #[serde(default)]
    operation: Value,
    #[serde(default)]
    server_time: Value,
    #[serde(default)]
    ids: Value,
}

impl<P: Ports, H: HookSecrets> Webhooks<'_, P, H> {
    pub(super) async fn notification(
        &self,
        door: &Door<'_>,
        route: &Route<'_>,
        text: &str,
    ) -> Result<WebhookResponse, Refusal> {
        let path = matches(door.secret.path.as_ref(), route.path);
        let callback: Option<Callback> = serde_json::from_str(text).ok();
        let (channel_id, token) = callback.as_ref().map_or_else(Default::default, |callback| {
            let token = callback.token.as_str().unwrap_or_default();
            (
                body::text_of(&callback.channel_id).unwrap_or_default(),
                token,
            )
        });
        // All of it is looked at before anything is decided: what was wrong shows neither in the answer nor in the time.
        let token = matches(door.secret.channel_token.as_ref(), token);
        let channel = self.channel(route.target, &channel_id).await;
        let channel = channel.map_err(Refusal::Later)?;
        let (Some((name, target)), true) = (door.target, path) else {
            return Err(Refusal::Unauthenticated("the target or the path"));
        };
        let callback = callback.ok_or(Refusal::Body("not the JSON of a notification"))?;
        let (Some(_), true) = (channel, token) else {
            return Err(Refusal::Unauthenticated("the channel or the token"));
        };
        let events = self.events(
            name,
            target,
            EventSource::ZohoNotification,
            told(target.crm.profile(), &callback, &channel_id, text)?,
        );
        // Zoho does not come again with what is refused: the sweep reads it.
        self.accept(name, &events).await
    }

    async fn channel(&self, target: &str, channel_id: &str) -> Result<Option<Channel>, Fault> {
        let Some(target) = TargetName::new(target) else {
            return Ok(None);
        };
        let channels = self.store.channels(&target).await?;
        Ok(channels
            .into_iter()
            .find(|channel| channel.channel_id == channel_id))
    }
}

fn told(
    crm: &CrmProfile,
    callback: &Callback,
    channel_id: &str,
    text: &str,
) -> Result<Vec<Told>, Refusal> {
    let module = callback.module.as_str().and_then(body::module);
    let module = module.ok_or(Refusal::Body("no module"))?;
    let ids = callback.ids.as_array().ok_or(Refusal::Body("no ids"))?;
    let operation = callback.operation.as_str();
    let change = body::change(operation);
    let server_time = body::text_of(&callback.server_time);
    // Without a time of its own, a callback is known by its content.
    let moment = server_time
        .clone()
        .unwrap_or_else(|| digest_of([text]).to_string());
    let occurred_at = server_time
        .and_then(|time| time.parse().ok())
        .and_then(|milliseconds| Timestamp::from_millisecond(milliseconds).ok());
    let read_id = |id: &Value| body::record_id(crm, &body::text_of(id)?);
    let records: BTreeSet<_> = ids.iter().filter_map(read_id).collect();
    if records.is_empty() && !ids.is_empty() {
        return Err(Refusal::Body("no id among ids"));
    }
    let unread = ids.iter().filter(|id| read_id(id).is_none()).count();
    if unread > 0 {
        tracing::error!(
            crm.module = module,
            ids = ids.len(),
            unread,
            fault.code = "E_WEBHOOK_BODY",
            "some ids of a notification are none; the others are taken"
        );
    }
    let told = records.into_iter().map(|record| {
        let parts = [
            channel_id,
            operation.unwrap_or_default(),
            moment.as_str(),
            record.0.as_str(),
        ];
        Told {
            id: format!("zn-{}", digest_of(parts)),
            module: module.clone(),
            record,
            change,
            occurred_at,
        }
    });
    Ok(told.collect())
}
