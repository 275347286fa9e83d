//! Callbacks: which channels hear of a call, and what they are told.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{
    channel::Channel,
    deliver::Post,
    touch::{Operation, Touch},
};
use crate::zoho::{org::Org, schema::Module, store::Id};

/// Edits that will be told together.
#[derive(Debug)]
pub struct Callback {
    channel: String,
    module: &'static Module,
    operation: Operation,
    ids: Vec<Id>,
    /// Written fields, by record.
    changed: BTreeMap<Id, Map<String, Value>>,
    /// When it goes out, in the simulator's milliseconds.
    due_ms: i64,
}

/// Collects what a call did, channel by channel. Zoho tells of all writes, also of those without triggers.
pub fn collect(org: &mut Org, touched: &[Touch]) {
    org.expire_channels();
    let channels: Vec<Channel> = org.notices.channels.values().cloned().collect();
    let now = org.clock.now().as_millisecond();
    for channel in &channels {
        for touch in touched {
            if channel.wants(touch) {
                let changed = touch
                    .changed
                    .iter()
                    .map(|(name, value)| ((*name).to_owned(), value.clone()))
                    .collect();
                let what = (touch.module, touch.operation, touch.record.id);
                enter(org, channel, what, changed, now);
            }
            if channel.related {
                for (module, id) in touch.related(&org.catalog).collect::<Vec<_>>() {
                    let there = org
                        .stores
                        .get(module.name)
                        .is_some_and(|store| store.get(id).is_some());
                    if there && channel.hears(module, Operation::Update) {
                        let what = (module, Operation::Update, id);
                        enter(org, channel, what, Map::new(), now);
                    }
                }
            }
        }
    }
    if org.notices.manners.window_ms <= 0 {
        flush(org);
    }
}

fn enter(
    org: &mut Org,
    channel: &Channel,
    (module, operation, id): (&'static Module, Operation, Id),
    changed: Map<String, Value>,
    now: i64,
) {
    let due_ms = now + org.notices.manners.window_ms.max(0);
    let collecting = &mut org.notices.collecting;
    let same = collecting.iter_mut().find(|known| {
        known.channel == channel.id
            && known.module.name == module.name
            && known.operation == operation
    });
    let callback = match same {
        Some(same) => same,
        None => {
            collecting.push(Callback {
                channel: channel.id.clone(),
                module,
                operation,
                ids: Vec::new(),
                changed: BTreeMap::new(),
                due_ms,
            });
            match collecting.last_mut() {
                Some(last) => last,
                None => return,
            }
        }
    };
    if !callback.ids.contains(&id) {
        callback.ids.push(id);
    }
    callback.changed.entry(id).or_default().extend(changed);
}

/// Callbacks that are due become posts.
pub fn flush(org: &mut Org) {
    let now = org.clock.now().as_millisecond();
    let (due, later): (Vec<Callback>, Vec<Callback>) = std::mem::take(&mut org.notices.collecting)
        .into_iter()
        .partition(|callback| callback.due_ms <= now);
    org.notices.collecting = later;
    let mut posts: Vec<Post> = due
        .iter()
        .filter_map(|callback| post(org, callback, now))
        .collect();
    let manners = &mut org.notices.manners;
    let lost = posts.len().min(manners.lose as usize);
    manners.lose -= lost as u32;
    posts.drain(..lost);
    if manners.reverse {
        posts.reverse();
    }
    for post in posts {
        for _ in 0..manners.repeat {
            org.notices.waiting.push_back(post.clone());
        }
        org.notices.waiting.push_back(post);
    }
}

fn post(org: &Org, callback: &Callback, now: i64) -> Option<Post> {
    let channel = org.notices.channels.get(&callback.channel)?;
    let url: reqwest::Url = channel.notify_url.parse().ok()?;
    let params: Map<String, Value> = url
        .query_pairs()
        .map(|(name, value)| (name.into_owned(), json!(value)))
        .collect();
    let ids: Vec<String> = callback.ids.iter().map(Id::to_string).collect();
    let update = callback.operation == Operation::Update;
    let fields: Vec<Value> = if update {
        let written = callback
            .changed
            .iter()
            .filter(|(_, fields)| !fields.is_empty());
        written
            .map(|(id, fields)| {
                let names: Vec<&String> = fields.keys().collect();
                json!({id.to_string(): names})
            })
            .collect()
    } else {
        Vec::new()
    };
    let mut body = json!({
        "server_time": now,
        "query_params": params,
        "module": callback.module.name,
        "resource_uri": org.resource(callback.module),
        "ids": ids,
        "affected_fields": fields,
        "operation": callback.operation.name(),
        "channel_id": channel.id,
        "token": channel.token,
    });
    let inserted = callback.operation == Operation::Insert && org.notices.manners.values_on_insert;
    if channel.values && (update || inserted) {
        let values: Vec<Value> = callback
            .changed
            .iter()
            .map(|(id, fields)| json!({"record_id": id.to_string(), "values": fields}))
            .collect();
        body["affected_values"] = json!(values);
    }
    Some(Post {
        what: format!("channel {}", channel.id),
        url: channel.notify_url.clone(),
        headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
        body: body.to_string(),
    })
}
