//! Watch channels. Page: "Notification APIs".

use counterpart_delivery::SecretText;
use counterpart_delivery::ports::{ChannelRequest, Clock, Ids, Tokens};
use counterpart_domain::{Class, Fault};
use counterpart_http::{
    ApiCall, Priority, Product as _, Purpose, Reply, json_body, scrubbed, text,
};
use jiff::Timestamp;
use reqwest::Method;
use serde_json::Value as Json;

use crate::changes::literal;
use crate::client::ZohoClient;
use crate::faults::{refused, unreadable};
use crate::product::Zoho;

const PATH: &str = "/crm/v8/actions/watch";
/// Zoho keeps at most so many characters of a token.
const LONGEST_TOKEN: usize = 50;

#[derive(serde::Serialize)]
struct WatchBody<'a> {
    watch: [Watch<'a>; 1],
}

#[derive(serde::Serialize)]
struct Watch<'a> {
    channel_id: &'a str,
    events: &'a [String],
    channel_expiry: String,
    token: &'a str,
    notify_url: &'a str,
    /// Callbacks name records; what became of them is read.
    return_affected_field_values: bool,
    /// An edited contact would raise an event of its account, too.
    notify_on_related_action: bool,
}

impl<T: Tokens, C: Clock + Ids> ZohoClient<T, C> {
    /// Subscribes (`POST`) or changes what is subscribed (`PATCH`); the answer is the expiry that Zoho granted, the earliest
    /// of the channel's events. It may be an hour from now where a week was asked for.
    pub(crate) async fn watch(
        &self,
        method: Method,
        request: &ChannelRequest,
    ) -> Result<Timestamp, Fault> {
        let token = request.token.reveal();
        if !is_channel(&request.channel_id)
            || request.events.is_empty()
            || token.chars().count() > LONGEST_TOKEN
        {
            return Err(Fault::new(
                Class::Bug,
                "E_CRM_LIMIT_EXCEEDED",
                format!(
                    "A watch channel needs an id of digits, an event, and a token of at most {LONGEST_TOKEN} characters."
                ),
            ));
        }
        let body = WatchBody {
            watch: [Watch {
                channel_id: &request.channel_id,
                events: &request.events,
                channel_expiry: literal(request.expiry),
                token,
                notify_url: request.notify_url.reveal(),
                return_affected_field_values: false,
                notify_on_related_action: false,
            }],
        };
        let body = json_body(Zoho::NAME, &body)?;
        let reply = self.channel_call(method, &[], Some(body)).await?;
        self.granted(&reply, &secrets(request))
    }

    /// Ends subscriptions; what is not there has ended already.
    pub(crate) async fn unwatch(&self, channel_ids: &[String]) -> Result<(), Fault> {
        let ids: Vec<&str> = channel_ids
            .iter()
            .map(String::as_str)
            .filter(|id| is_channel(id))
            .collect();
        if ids.is_empty() {
            return Ok(());
        }
        let ids = ids.join(",");
        let query = [("channel_ids", ids.as_str())];
        let reply = self.channel_call(Method::DELETE, &query, None).await?;
        let entries = entries(&reply);
        let ended =
            |entry: &Json| matches!(text(entry, "code"), Some("SUCCESS" | "NOT_SUBSCRIBED"));
        if !entries.is_empty() && entries.iter().all(ended) || reply.status == 204 {
            return Ok(());
        }
        Err(if reply.is_success() && entries.is_empty() {
            unreadable(Purpose::Metadata, "no list of channels")
        } else {
            self.refused_entry(&reply, &entries, ended, &[])
        })
    }

    async fn channel_call(
        &self,
        method: Method,
        query: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Result<Reply, Fault> {
        self.call(&ApiCall {
            // No record is written, and a repetition does no harm: an answer that is lost leaves nothing ambiguous.
            purpose: Purpose::Metadata,
            priority: Priority::Order,
            method,
            path: PATH.to_owned(),
            query,
            headers: &[],
            body,
            credits: 1,
        })
        .await
    }

    fn granted(&self, reply: &Reply, secrets: &[SecretText]) -> Result<Timestamp, Fault> {
        let entries = entries(reply);
        let done = |entry: &Json| text(entry, "code") == Some("SUCCESS");
        if !reply.is_success() || !entries.iter().all(done) {
            return Err(self.refused_entry(reply, &entries, done, secrets));
        }
        let expiries: Option<Vec<Timestamp>> = entries
            .iter()
            .flat_map(|entry| {
                let events = entry.pointer("/details/events").and_then(Json::as_array);
                events.into_iter().flatten()
            })
            .map(|event| text(event, "channel_expiry")?.parse().ok())
            .collect();
        expiries
            .and_then(|expiries| expiries.into_iter().min())
            .ok_or_else(|| unreadable(Purpose::Metadata, "a channel without an expiry"))
    }

    /// The fault of the first entry that is not as it should be, whatever the status says.
    fn refused_entry(
        &self,
        reply: &Reply,
        entries: &[Json],
        well: impl Fn(&Json) -> bool,
        secrets: &[SecretText],
    ) -> Fault {
        let status = if reply.is_success() {
            400
        } else {
            reply.status
        };
        let body = entries
            .iter()
            .find(|entry| !well(entry))
            .map_or_else(|| reply.body.clone(), Json::to_string);
        let reply = Reply {
            status,
            headers: reply.headers.clone(),
            body: scrubbed(body, secrets),
        };
        refused(&reply, self.moment())
    }
}

/// The entries of `watch`, or the only one where Zoho does not wrap it, as in its refusals of `DELETE`; none where there is
/// neither.
fn entries(reply: &Reply) -> Vec<Json> {
    let Ok(mut body) = serde_json::from_str::<Json>(&reply.body) else {
        return Vec::new();
    };
    match body.get_mut("watch").map(Json::take) {
        Some(Json::Array(entries)) => entries,
        _ if body.get("code").is_some() => vec![body],
        _ => Vec::new(),
    }
}

fn is_channel(id: &str) -> bool {
    (1..=19).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit())
}

/// What Zoho was sent and may repeat: the token, and the address, whose path is a secret, in JSON's two spellings.
fn secrets(request: &ChannelRequest) -> Vec<SecretText> {
    let url = request.notify_url.reveal();
    let path = url.rsplit('/').next().unwrap_or_default();
    let path = path.split('?').next().unwrap_or_default();
    let mut secrets = vec![
        request.token.clone(),
        request.notify_url.clone(),
        SecretText::new(url.replace('/', "\\/")),
    ];
    // A short path is no secret, and would tear other words apart.
    if path.len() >= 8 {
        secrets.push(SecretText::new(path));
    }
    secrets
}
