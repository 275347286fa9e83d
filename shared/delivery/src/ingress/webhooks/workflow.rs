//! Webhooks of Zoho's workflow rules: a secret path and a static header. Page: "Webhooks", Zoho CRM help.

use counterpart_config::CrmProfile;
use counterpart_domain::digest_of;
use serde_json::Value;

use super::body::Media;
use super::ids::Ids;
use super::{Door, HookSecrets, Refusal, Route, Told};
use super::{WebhookRequest, WebhookResponse, Webhooks, body, matches};
use crate::event::EventSource;
use crate::ports::prelude::*;

/// The header that carries the token.
const TOKEN: &str = "x-counterpart-token";

impl<P: Ports, H: HookSecrets> Webhooks<'_, P, H> {
    pub(super) async fn workflow(
        &self,
        door: &Door<'_>,
        route: &Route<'_>,
        request: &WebhookRequest,
        media: Media,
        text: &str,
    ) -> Result<WebhookResponse, Refusal> {
        let path = matches(door.secret.path.as_ref(), route.path);
        let token = matches(door.secret.webhook_token.as_ref(), request.header(TOKEN));
        let (Some((name, target)), true) = (door.target, path & token) else {
            return Err(Refusal::Unauthenticated(
                "the target, the path or the token",
            ));
        };
        // What a rule says may stand in the address, in the body, or in both.
        let mut words = form(&request.query);
        words.extend(match media {
            Media::Form => form(text),
            Media::Parts => parts(request.header("content-type"), text)
                .ok_or(Refusal::Body("not parts of a form"))?,
            _ if text.trim().is_empty() => Words::new(),
            Media::Text if json(text).is_none() => form(text),
            _ => json(text).ok_or(Refusal::Body("not a JSON object"))?,
        });
        let said = format!("{}{text}", request.query);
        let told = told(target.crm.profile(), words, &said)?;
        let events = self.events(name, target, EventSource::ZohoWebhook, told);
        self.accept(name, &events).await
    }
}

/// What a webhook says, by lower-case name, each name as often as it stands there.
type Words = Vec<(String, Value)>;

fn form(text: &str) -> Words {
    form_urlencoded::parse(text.as_bytes())
        .map(|(name, value)| (name.to_lowercase(), Value::String(value.into_owned())))
        .collect()
}

/// The fields of `multipart/form-data` (RFC 7578): small texts, no files.
fn parts(content_type: &str, text: &str) -> Option<Words> {
    let boundary = parameter(content_type, "boundary").filter(|boundary| !boundary.is_empty())?;
    let delimiter = format!("--{boundary}");
    let mut words = Words::new();
    for part in text.split(delimiter.as_str()).skip(1) {
        if part.starts_with("--") {
            return Some(words);
        }
        let (head, value) = part
            .split_once("\r\n\r\n")
            .or_else(|| part.split_once("\n\n"))?;
        let disposition = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.trim()
                .eq_ignore_ascii_case("content-disposition")
                .then_some(value)
        })?;
        let value = value
            .strip_suffix("\r\n")
            .or_else(|| value.strip_suffix('\n'));
        if parameter(disposition, "filename").is_none() {
            let name = parameter(disposition, "name")?.to_lowercase();
            words.push((name, Value::String(value?.to_owned())));
        }
    }
    None
}

/// A parameter behind a header's value.
fn parameter<'t>(value: &'t str, wanted: &str) -> Option<&'t str> {
    value.split(';').skip(1).find_map(|part| {
        let (name, value) = part.trim().split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case(wanted)
            .then(|| value.trim().trim_matches('"'))
    })
}

fn json(text: &str) -> Option<Words> {
    let Ok(Value::Object(members)) = serde_json::from_str(text) else {
        return None;
    };
    let members = members.into_iter();
    Some(
        members
            .map(|(name, value)| (name.to_lowercase(), value))
            .collect(),
    )
}

fn told(crm: &CrmProfile, words: Words, text: &str) -> Result<Vec<Told>, Refusal> {
    let word = |wanted: &str| {
        let (_, value) = words.iter().find(|(name, _)| name == wanted)?;
        body::text_of(value)
    };
    let module = word("module");
    let module = module
        .as_deref()
        .and_then(body::module)
        .ok_or(Refusal::Body("no module"))?;
    let change = body::change(word("operation").as_deref());
    let mut ids = Ids::default();
    for (name, value) in &words {
        match (name.as_str(), value) {
            // A parameter of a form may hold a list, too.
            ("id" | "ids", Value::String(text)) => ids.read(crm, text),
            ("id" | "ids", value) => ids.read_json(crm, value),
            _ => {}
        }
    }
    ids.tell("a workflow rule's webhook", &module);
    if ids.records.is_empty() {
        return Err(Refusal::Body(if ids.others.is_empty() {
            "no id"
        } else {
            "no id among ids"
        }));
    }
    // A rule's webhook has no id of its own: the same body is taken for the same event.
    let told = ids.records.into_iter().map(|record| Told {
        id: format!("zw-{}", digest_of([text, record.0.as_str()])),
        module: module.clone(),
        record,
        change,
        occurred_at: None,
    });
    Ok(told.collect())
}
