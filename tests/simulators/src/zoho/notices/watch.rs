//! `/crm/v8/actions/watch`.

use axum::{body::Bytes, response::Response};
use serde_json::{Map, Value, json};

use super::channel::{self, Channel};
use crate::{
    control::json_reply,
    zoho::{
        errors::{Failure, RowError, shape},
        org::Org,
        requests::Params,
    },
};

const SUBSCRIBED: &str = "Successfully subscribed for actions-watch of the given module";
const UPDATED: &str = "Successfully updated the subscribe details";
const REMOVED: &str = "Successfully removed the subscribe details";
const UNSUBSCRIBED: &str = "Successfully un-subscribed from actions-watch";
const NOT_SUBSCRIBED: (&str, &str) = (
    "NOT_SUBSCRIBED",
    "Not subscribed for actions-watch of the given channel",
);

fn not_subscribed() -> Value {
    let (code, message) = NOT_SUBSCRIBED;
    shape(code, &json!({}), message)
}

/// The channels of a body.
fn rows(body: &Bytes) -> Result<Vec<Map<String, Value>>, Failure> {
    let body: Value = serde_json::from_slice(body).map_err(|_| {
        let details =
            json!({"expected_data_type": "jsonobject", "api_name": "body", "json_path": "$"});
        Failure::new(400, "INVALID_DATA", &details, "body")
    })?;
    let rows = body.get("watch").and_then(Value::as_array);
    let rows = rows.filter(|rows| !rows.is_empty()).ok_or_else(|| {
        let details = json!({"api_name": "watch", "json_path": "$.watch"});
        Failure::new(
            400,
            "MANDATORY_NOT_FOUND",
            &details,
            "required field not found",
        )
    })?;
    rows.iter()
        .map(|row| {
            row.as_object().cloned().ok_or_else(|| {
                let details = json!({"expected_data_type": "jsonobject", "api_name": "watch", "json_path": "$.watch[0]"});
                Failure::new(400, "INVALID_DATA", &details, "invalid data")
            })
        })
        .collect()
}

/// Does something with each channel of a body.
fn each(
    org: &mut Org,
    body: &Bytes,
    ok: u16,
    mut one: impl FnMut(&mut Org, &Map<String, Value>, &str) -> Result<Value, Value>,
) -> Result<Response, Failure> {
    org.charge(1)?;
    let rows = rows(body)?;
    let results: Vec<Result<Value, Value>> = rows
        .iter()
        .enumerate()
        .map(|(index, row)| one(org, row, &format!("$.watch[{index}]")))
        .collect();
    Ok(answer(org, results, ok))
}

fn answer(org: &Org, results: Vec<Result<Value, Value>>, ok: u16) -> Response {
    let good = results.iter().filter(|result| result.is_ok()).count();
    let status = match good {
        good if good == results.len() => ok,
        0 => 400,
        _ => org.settings.mixed_status,
    };
    let shown: Vec<Value> = results
        .into_iter()
        .map(|result| result.unwrap_or_else(|error| error))
        .collect();
    json_reply(status, &json!({"watch": shown}))
}

fn done(details: &Value, message: &str) -> Value {
    json!({"code": "SUCCESS", "details": details, "message": message, "status": "success"})
}

/// What became of a channel's events, one entry for each module.
fn subscribed(org: &Org, channel: &Channel, message: &str) -> Value {
    let events: Vec<Value> = channel
        .modules(&org.catalog)
        .map(|module| channel.shown(org, module))
        .collect();
    done(&json!({"events": events}), message)
}

fn refused(error: RowError) -> Value {
    error.shown()
}

/// The live channel of a row.
fn known(org: &mut Org, row: &Map<String, Value>, path: &str) -> Result<Channel, Value> {
    let id = channel::id(row, path).map_err(refused)?;
    org.expire_channels();
    let found = org.notices.channels.get(&id).cloned();
    found.ok_or_else(not_subscribed)
}

/// POST: a new channel, or an old one anew.
///
/// # Errors
/// The request as a whole is refused.
pub fn enable(org: &mut Org, body: &Bytes) -> Result<Response, Failure> {
    each(org, body, 201, |org, row, path| {
        let channel = Channel::read(org, row, path).map_err(refused)?;
        let shown = subscribed(org, &channel, SUBSCRIBED);
        org.notices.channels.insert(channel.id.clone(), channel);
        Ok(shown)
    })
}

/// PUT: the whole of a channel that is there.
///
/// # Errors
/// The request as a whole is refused.
pub fn replace(org: &mut Org, body: &Bytes) -> Result<Response, Failure> {
    each(org, body, 200, |org, row, path| {
        known(org, row, path)?;
        let channel = Channel::read(org, row, path).map_err(refused)?;
        let shown = subscribed(org, &channel, UPDATED);
        org.notices.channels.insert(channel.id.clone(), channel);
        Ok(shown)
    })
}

/// PATCH: some of a channel; `_delete_events` takes its events away.
///
/// # Errors
/// The request as a whole is refused.
pub fn update(org: &mut Org, body: &Bytes) -> Result<Response, Failure> {
    each(org, body, 200, |org, row, path| {
        let mut channel = known(org, row, path)?;
        if row.get("_delete_events") == Some(&json!(true)) {
            let mut removed = channel.clone();
            if let Some(told) = row.get("events") {
                removed.events = channel::events(org, told, path).map_err(refused)?;
            }
            channel
                .events
                .retain(|event| !removed.events.contains(event));
            let shown = subscribed(org, &removed, REMOVED);
            let id = channel.id.clone();
            if channel.events.is_empty() {
                org.notices.channels.remove(&id);
            } else {
                org.notices.channels.insert(id, channel);
            }
            return Ok(shown);
        }
        channel.change(org, row, path).map_err(refused)?;
        let shown = subscribed(org, &channel, UPDATED);
        org.notices.channels.insert(channel.id.clone(), channel);
        Ok(shown)
    })
}

/// GET: channels by id or module; `None` if there are none.
///
/// # Errors
/// The parameters are wrong.
pub fn details(org: &mut Org, params: &Params) -> Result<Option<Value>, Failure> {
    org.charge(1)?;
    org.expire_channels();
    let (page, per_page) = (
        params.number("page", 1, 1000)?,
        params.number("per_page", 200, 200)?,
    );
    let wanted = match params.get("module") {
        None => None,
        Some(name) => Some(
            org.catalog
                .module(name)
                .ok_or_else(|| Failure::invalid_param("module"))?,
        ),
    };
    let mut all = Vec::new();
    for channel in org.notices.channels.values() {
        if params.get("channel_id").is_some_and(|id| id != channel.id) {
            continue;
        }
        for module in channel.modules(&org.catalog) {
            if wanted.is_some_and(|wanted| wanted.name != module.name) {
                continue;
            }
            let events: Vec<String> = channel
                .events
                .iter()
                .filter(|(name, _)| *name == module.name)
                .map(|(name, kind)| format!("{name}.{kind}"))
                .collect();
            let mut shown = channel.shown(org, module);
            for (name, value) in [
                ("notify_url", json!(channel.notify_url)),
                ("token", json!(channel.token)),
                ("events", json!(events)),
                ("fields", Value::Null),
                ("notify_on_related_action", json!(channel.related)),
                ("return_affected_field_values", json!(channel.values)),
                ("notification_condition", channel.condition.clone()),
            ] {
                shown[name] = value;
            }
            all.push(shown);
        }
    }
    let from = (page - 1) * per_page;
    let shown: Vec<Value> = all.iter().skip(from).take(per_page).cloned().collect();
    if shown.is_empty() {
        return Ok(None);
    }
    let more = all.len() > from + shown.len();
    let info =
        json!({"per_page": per_page, "count": shown.len(), "page": page, "more_records": more});
    Ok(Some(json!({"watch": shown, "info": info})))
}

/// DELETE of `channel_ids`; one entry for each module of each channel.
///
/// # Errors
/// None are named, or none of them is subscribed: unlike that of PATCH, this refusal is not wrapped in `watch`.
pub fn disable(org: &mut Org, params: &Params) -> Result<Response, Failure> {
    org.charge(1)?;
    let ids = params
        .get("channel_ids")
        .ok_or_else(|| Failure::missing_param("channel_ids"))?;
    org.expire_channels();
    let mut results: Vec<Result<Value, Value>> = Vec::new();
    for id in ids.split(',').map(str::trim) {
        let Some(channel) = org.notices.channels.remove(id) else {
            results.push(Err(not_subscribed()));
            continue;
        };
        results.extend(channel.modules(&org.catalog).map(|module| {
            let details = json!({
                "resource_uri": org.resource(module), "resource_id": module.id.to_string(), "channel_id": id,
            });
            Ok(done(&details, UNSUBSCRIBED))
        }));
    }
    if results.iter().all(Result::is_err) {
        let (code, message) = NOT_SUBSCRIBED;
        return Err(Failure::new(400, code, &json!({}), message));
    }
    Ok(answer(org, results, 200))
}

impl Org {
    /// Channels whose time is over are gone.
    pub fn expire_channels(&mut self) {
        let now = self.now();
        self.notices
            .channels
            .retain(|_, channel| channel.expiry > now);
    }
}
