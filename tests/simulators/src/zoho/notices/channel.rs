//! A watch channel, and how a request describes one.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::touch::{Operation, Touch};
use crate::zoho::{catalog::Catalog, errors::RowError, org::Org, schema::Module};

/// How long a channel lives that does not say, or says more than a week.
const DEFAULT: i64 = 3_600;
/// The longest life.
const WEEK: i64 = 7 * 86_400;
/// The longest token.
const TOKEN: usize = 50;
const KINDS: &[&str] = &["create", "edit", "delete", "all"];

/// A channel.
#[derive(Debug, Clone)]
pub struct Channel {
    /// Digits, chosen by the client.
    pub id: String,
    /// Modules and what of them.
    pub events: BTreeSet<(&'static str, &'static str)>,
    /// Seconds since 1970.
    pub expiry: i64,
    /// Sent along, so that the receiver knows who calls.
    pub token: Option<String>,
    /// Where callbacks go.
    pub notify_url: String,
    /// Callbacks carry the written values.
    pub values: bool,
    /// Edits of what belongs to a record are told as edits of it.
    pub related: bool,
    /// `notification_condition` as it came.
    pub condition: Value,
}

fn wrong(name: &str, path: &str) -> RowError {
    RowError::invalid(name, &format!("{path}.{name}"))
}

impl Channel {
    /// A new channel, or the whole of an old one.
    ///
    /// # Errors
    /// What Zoho says of its members.
    pub fn read(org: &Org, row: &Map<String, Value>, path: &str) -> Result<Self, RowError> {
        for name in ["channel_id", "events", "notify_url"] {
            if row.get(name).is_none_or(Value::is_null) {
                return Err(RowError::mandatory(name, &format!("{path}.{name}")));
            }
        }
        let mut channel = Self {
            id: id(row, path)?,
            events: BTreeSet::new(),
            expiry: org.now() + DEFAULT,
            token: None,
            notify_url: String::new(),
            values: false,
            related: true,
            condition: Value::Null,
        };
        channel.change(org, row, path)?;
        Ok(channel)
    }

    /// Takes what a request tells; the rest stays.
    ///
    /// # Errors
    /// What Zoho says of its members.
    pub fn change(
        &mut self,
        org: &Org,
        row: &Map<String, Value>,
        path: &str,
    ) -> Result<(), RowError> {
        if let Some(told) = row.get("events") {
            self.events = events(org, told, path)?;
        }
        if let Some(told) = row.get("channel_expiry").filter(|told| !told.is_null()) {
            self.expiry = expiry(org, told).ok_or_else(|| wrong("channel_expiry", path))?;
        }
        match row.get("token") {
            None => {}
            Some(Value::Null) => self.token = None,
            Some(Value::String(token)) if token.chars().count() <= TOKEN => {
                self.token = Some(token.clone());
            }
            Some(Value::String(_)) => {
                let at = format!("{path}.token");
                return Err(RowError::too_long("token", &at, TOKEN as u32));
            }
            Some(_) => {
                return Err(RowError::expected(
                    "token",
                    &format!("{path}.token"),
                    "text",
                ));
            }
        }
        if let Some(told) = row.get("notify_url") {
            let url = told.as_str().filter(|url| {
                url.parse::<reqwest::Url>()
                    .is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
            });
            url.ok_or_else(|| wrong("notify_url", path))?
                .clone_into(&mut self.notify_url);
        }
        for (name, place) in [
            ("return_affected_field_values", &mut self.values),
            ("notify_on_related_action", &mut self.related),
        ] {
            match row.get(name) {
                None | Some(Value::Null) => {}
                Some(Value::Bool(told)) => *place = *told,
                Some(_) => {
                    let at = format!("{path}.{name}");
                    return Err(RowError::expected(name, &at, "boolean"));
                }
            }
        }
        if let Some(told) = row.get("notification_condition") {
            self.condition = condition(org, told, path)?;
        }
        Ok(())
    }

    /// Whether a touch is one of the channel's events.
    pub fn wants(&self, touch: &Touch) -> bool {
        self.hears(touch.module, touch.operation) && self.selects(touch)
    }

    /// Whether the channel has an event.
    pub fn hears(&self, module: &Module, operation: Operation) -> bool {
        ["all", operation.event()]
            .iter()
            .any(|kind| self.events.contains(&(module.name, *kind)))
    }

    /// Fields that must have been written, if there is a condition for the module.
    fn selects(&self, touch: &Touch) -> bool {
        let conditions = self.condition.as_array().map_or(&[][..], Vec::as_slice);
        let own = conditions
            .iter()
            .find(|one| one["module"]["api_name"] == touch.module.name);
        let Some(own) = own.filter(|_| touch.operation == Operation::Update) else {
            return true;
        };
        let selection = &own["field_selection"];
        let written = |field: &Value| touch.changed.iter().any(|(name, _)| field == name);
        let Some(group) = selection["group"].as_array() else {
            return written(&selection["field"]["api_name"]);
        };
        let mut fields = group.iter().map(|one| &one["field"]["api_name"]);
        if selection["group_operator"] == "and" {
            fields.all(written)
        } else {
            fields.any(written)
        }
    }

    /// The channel's modules.
    pub fn modules(&self, catalog: &Catalog) -> impl Iterator<Item = &'static Module> {
        let names: BTreeSet<&'static str> = self.events.iter().map(|(name, _)| *name).collect();
        names.into_iter().filter_map(|name| catalog.module(name))
    }

    /// What tells of the channel, for one of its modules.
    pub fn shown(&self, org: &Org, module: &Module) -> Value {
        let mut shown = json!({
            "channel_expiry": org.time(self.expiry),
            "resource_uri": org.resource(module),
            "resource_id": module.id.to_string(),
            "resource_name": module.name,
            "channel_id": self.id,
        });
        if !self.condition.is_null() {
            shown["notification_condition"] = self.condition.clone();
        }
        shown
    }
}

/// The digits of `channel_id`.
///
/// # Errors
/// There are other characters among them.
pub fn id(row: &Map<String, Value>, path: &str) -> Result<String, RowError> {
    let text = match row.get("channel_id") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Null) | None => {
            return Err(RowError::mandatory(
                "channel_id",
                &format!("{path}.channel_id"),
            ));
        }
        Some(_) => String::new(),
    };
    if text.parse::<i64>().is_ok_and(|number| number >= 0) {
        Ok(text)
    } else {
        let at = format!("{path}.channel_id");
        Err(RowError::expected("channel_id", &at, "bigint"))
    }
}

/// `Module.kind`, each.
///
/// # Errors
/// Modules or kinds that are not there.
pub fn events(
    org: &Org,
    told: &Value,
    path: &str,
) -> Result<BTreeSet<(&'static str, &'static str)>, RowError> {
    let at = format!("{path}.events");
    let list = told
        .as_array()
        .ok_or_else(|| RowError::expected("events", &at, "jsonarray"))?;
    if list.is_empty() {
        return Err(RowError::mandatory("events", &at));
    }
    let read = list.iter().enumerate().map(|(index, event)| {
        let found = event.as_str().and_then(|text| {
            let (name, kind) = text.split_once('.')?;
            let kind = KINDS.iter().find(|known| **known == kind)?;
            Some((org.catalog.module(name)?.name, *kind))
        });
        found.ok_or_else(|| RowError::invalid("events", &format!("{at}[{index}]")))
    });
    read.collect()
}

/// When the channel ends: more than a week is an hour; parts of a second and the past are refused.
fn expiry(org: &Org, told: &Value) -> Option<i64> {
    let text = told.as_str()?;
    if text.contains('.') || !text.contains('T') {
        return None;
    }
    let at = text.parse::<Timestamp>().ok()?.as_second();
    let now = org.now();
    match at - now {
        left if left > WEEK => Some(now + DEFAULT),
        left if left > 0 => Some(at),
        _ => None,
    }
}

/// At most two modules, and ten fields.
fn condition(org: &Org, told: &Value, path: &str) -> Result<Value, RowError> {
    let refused = || wrong("notification_condition", path);
    let Some(list) = told.as_array() else {
        return if told.is_null() {
            Ok(Value::Null)
        } else {
            Err(refused())
        };
    };
    let fields: usize = list
        .iter()
        .map(|one| {
            one["field_selection"]["group"]
                .as_array()
                .map_or(1, Vec::len)
        })
        .sum();
    let known = list.iter().all(|one| {
        one["type"] == "field_selection"
            && one["module"]["api_name"]
                .as_str()
                .is_some_and(|name| org.catalog.module(name).is_some())
    });
    if list.len() <= 2 && fields <= 10 && known {
        Ok(told.clone())
    } else {
        Err(refused())
    }
}
