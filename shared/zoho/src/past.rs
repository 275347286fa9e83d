//! What fields of a record have been, by its timeline. Page: "Timeline of a Record".
//!
//! The timeline holds every change of a field with its old and its new value, newest first, and the record's making. What
//! it holds of a record's making proves that nothing before is missing.

use std::collections::BTreeMap;

use counterpart_delivery::ports::{Clock, Ids, Past, Tokens, Was};
use counterpart_domain::{CrmId, Fault, Fields, Value};
use counterpart_http::{ApiCall, Priority, Purpose};
use jiff::Timestamp;
use reqwest::Method;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::client::{ZohoClient, checked_name};
use crate::document::is_id;
use crate::faults::{refused, unreadable};
use crate::wire::value::{FieldType, incoming};

/// Entries of one page.
const PER_PAGE: &str = "200";
/// Pages of one timeline, at the very most.
const MOST_PAGES: usize = 25;
/// Faults that say that there is no timeline, or none for us.
const NO_HISTORY: [&str; 7] = [
    "E_CRM_EDITION",
    "E_CRM_INVALID_DATA",
    "E_CRM_MODULE_INVALID",
    "E_CRM_PERMISSION",
    "E_CRM_REFUSED",
    "E_CRM_REQUEST_REFUSED",
    "E_CRM_SCOPE",
];

/// One page.
#[derive(Deserialize)]
struct Timeline {
    #[serde(rename = "__timeline", default)]
    entries: Vec<Entry>,
    #[serde(default)]
    info: Info,
}

#[derive(Default, Deserialize)]
struct Info {
    #[serde(default)]
    more_records: bool,
    #[serde(default)]
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
struct Entry {
    action: Option<String>,
    audited_time: Timestamp,
    record: Option<Named>,
    /// Of another record that was added to or taken from this one.
    related_record: Option<serde_json::Value>,
    #[serde(default)]
    field_history: Option<Vec<Change>>,
}

#[derive(Deserialize)]
struct Named {
    id: Option<String>,
}

#[derive(Deserialize)]
struct Change {
    api_name: Option<String>,
    #[serde(rename = "_value")]
    value: Option<Values>,
}

#[derive(Deserialize)]
struct Values {
    old: Option<Box<RawValue>>,
    new: Option<Box<RawValue>>,
}

impl<T: Tokens, C: Clock + Ids> ZohoClient<T, C> {
    pub(crate) async fn read_past(
        &self,
        module: &str,
        id: &CrmId,
        now: &Fields,
    ) -> Result<Past, Fault> {
        let module = checked_name(module)?;
        if !is_id(&id.0) {
            return Ok(Past::new());
        }
        let mut entries = Vec::new();
        let mut token: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let page = match self.timeline(module, id, token.as_deref()).await {
                Ok(page) => page,
                Err(fault) if NO_HISTORY.contains(&fault.code.as_ref()) => {
                    tracing::info!(fault = %fault, "Zoho keeps no timeline here, or shows none");
                    return Ok(Past::new());
                }
                Err(fault) => return Err(fault),
            };
            let Some(page) = page else {
                break;
            };
            entries.extend(page.entries);
            match page.info.next_page_token {
                Some(next) if page.info.more_records && Some(&next) != token.as_ref() => {
                    token = Some(next);
                }
                // There is more, and no way to it.
                _ if page.info.more_records => return Ok(Past::new()),
                _ => break,
            }
        }
        Ok(past_of(id, &entries, now))
    }

    async fn timeline(
        &self,
        module: &str,
        id: &CrmId,
        token: Option<&str>,
    ) -> Result<Option<Timeline>, Fault> {
        // Beside a token, no size of pages is taken.
        let query = match token {
            Some(token) => [("page_token", token)],
            None => [("per_page", PER_PAGE)],
        };
        let reply = self
            .call(&ApiCall {
                purpose: Purpose::Read,
                priority: Priority::Order,
                method: Method::GET,
                path: format!("/crm/v8/{module}/{id}/__timeline"),
                query: &query,
                headers: &[],
                body: None,
                credits: 1,
            })
            .await?;
        match reply.status {
            204 => Ok(None),
            200 => serde_json::from_str(&reply.body)
                .map(Some)
                .map_err(|error| unreadable(Purpose::Read, &error.to_string())),
            _ => Err(refused(&reply, self.moment())),
        }
    }
}

/// The values of each field from the record's making on.
fn past_of(id: &CrmId, entries: &[Entry], now: &Fields) -> Past {
    let own = |entry: &&Entry| {
        let of = entry.record.as_ref().and_then(|record| record.id.as_ref());
        entry.related_record.is_none() && of.is_none_or(|of| *of == id.0)
    };
    let mut own: Vec<&Entry> = entries.iter().filter(own).collect();
    // Newest first, also within one second.
    own.reverse();
    own.sort_by_key(|entry| entry.audited_time);
    let made = own
        .iter()
        .position(|entry| entry.action.as_deref() == Some("added"));
    let Some((made, made_at)) = made.and_then(|at| Some((at, own.get(at)?.audited_time))) else {
        return Past::new();
    };
    let mut past: BTreeMap<String, Vec<Was>> = BTreeMap::new();
    for (at, entry) in own.iter().enumerate() {
        for change in entry.field_history.iter().flatten() {
            let (Some(field), Some(value)) = (&change.api_name, &change.value) else {
                continue;
            };
            let Some(holds) = now.get(field).map(FieldType::of) else {
                continue;
            };
            let values = past.entry(field.clone()).or_default();
            if values.is_empty() && at != made {
                values.push(Was {
                    at: made_at,
                    value: read(holds, value.old.as_deref()),
                });
            }
            values.push(Was {
                at: entry.audited_time,
                value: read(holds, value.new.as_deref()),
            });
        }
    }
    // What was never changed is as it was made.
    for (field, value) in now {
        past.entry(field.clone()).or_insert_with(|| {
            vec![Was {
                at: made_at,
                value: value.clone(),
            }]
        });
    }
    past
}

fn read(holds: FieldType, raw: Option<&RawValue>) -> Value {
    raw.map_or(Value::Blank, |raw| incoming(holds, raw))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "5725767000003266001";

    fn entry(action: &str, at: &str, change: &str) -> String {
        format!(
            r#"{{"action":"{action}","audited_time":"2026-11-{at}:00+05:30","record":{{"id":"{ID}"}},"related_record":null,"field_history":{change}}}"#
        )
    }

    fn stage(old: &str, new: &str) -> String {
        format!(
            r#"[{{"api_name":"Stage","_value":{{"old":"{old}","new":"{new}"}}}},{{"api_name":"Amount","_value":{{"old":1,"new":2}}}}]"#
        )
    }

    fn told(entries: &[String]) -> Option<Vec<(String, String)>> {
        let entries: Vec<Entry> =
            serde_json::from_str(&format!("[{}]", entries.join(","))).unwrap();
        let now = Fields::from([("Stage".to_owned(), Value::text("Closed Won"))]);
        let past = past_of(&CrmId(ID.to_owned()), &entries, &now);
        let values = past.get("Stage")?.iter();
        Some(
            values
                .map(|was| (was.at.to_string(), was.value.to_string()))
                .collect(),
        )
    }

    #[test]
    fn the_newest_entry_comes_first_and_the_making_last() {
        let entries = [
            entry("updated", "20T10:00", &stage("Negotiation", "Closed Won")),
            entry(
                "updated",
                "10T10:00",
                &stage("Qualification", "Negotiation"),
            ),
            entry("added", "01T10:00", "null"),
        ];
        let wanted = [
            ("2026-11-01T04:30:00Z", "Qualification"),
            ("2026-11-10T04:30:00Z", "Negotiation"),
            ("2026-11-20T04:30:00Z", "Closed Won"),
        ];
        let wanted = wanted.map(|(at, value)| (at.to_owned(), value.to_owned()));
        assert_eq!(told(&entries), Some(wanted.to_vec()));
    }

    #[test]
    fn what_was_never_changed_is_as_it_was_made() {
        let made = entry("added", "01T10:00", "null");
        let wanted = ("2026-11-01T04:30:00Z".to_owned(), "Closed Won".to_owned());
        assert_eq!(told(&[made]), Some(vec![wanted]));
    }

    #[test]
    fn without_its_making_nothing_is_told() {
        let changed = entry("updated", "20T10:00", &stage("Negotiation", "Closed Won"));
        assert_eq!(told(&[]), None);
        assert_eq!(told(std::slice::from_ref(&changed)), None);
        // A note that was added is no making.
        let note = entry("added", "02T10:00", "null")
            .replace(r#""related_record":null"#, r#""related_record":{"id":"9"}"#);
        assert_eq!(told(&[changed, note]), None);
    }
}
