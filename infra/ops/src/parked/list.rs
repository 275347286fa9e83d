//! The list. The ids that it shows are ids that every verb takes.

use counterpart_delivery::ports::Parked;
use counterpart_domain::SageKey;
use serde_json::{Value, json};

use super::find::crm_record;
use crate::output::{Answer, Style};

/// What an item is about, beside its id: the Sage key, and the CRM's record, which tells two sales of one customer apart.
pub(super) fn about(item: &Parked) -> String {
    let key = item.key.as_ref().map(SageKey::text);
    let record = crm_record(item).map(|(module, id)| format!("{module} {id}"));
    match (record, key) {
        (Some(record), Some(key)) => format!("{record}, {key}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => "-".to_owned(),
    }
}

/// The Sage key, or the id where there is none.
pub(super) fn key(item: &Parked) -> String {
    let key = item.key.as_ref().map(SageKey::text);
    key.unwrap_or_else(|| item.id.clone())
}

/// One item, for programs.
pub(super) fn json_of(item: &Parked) -> Value {
    let record = crm_record(item).map(|(module, id)| json!({"module": module, "id": id}));
    json!({"target": item.target, "id": item.id, "key": key(item), "record": record,
           "code": item.fault.code, "message": item.fault.message, "at": item.at, "times": item.times})
}

/// The list.
#[must_use]
pub fn list(parked: &[Parked], limit: usize, style: Style) -> Answer {
    let json = Value::Array(parked.iter().map(json_of).collect());
    if parked.is_empty() {
        return Answer::well("Nothing is parked.".into(), json);
    }
    let row = |item: &Parked| {
        vec![
            item.target.clone(),
            item.id.clone(),
            about(item),
            item.fault.code.to_string(),
            format!("{:.0}", item.at),
            item.times.to_string(),
            item.fault.message.clone(),
        ]
    };
    let header = ["target", "id", "of", "code", "at", "times", "why"];
    let mut text = style.table(&header, parked.iter().map(row).collect(), &[5]);
    text.push_str(&format!(
        "\n{} parked. `counterpart parked show ID` tells all of one, `counterpart parked redrive ID` tries it again.",
        parked.len()
    ));
    if parked.len() == limit {
        text.push_str(" There may be more: --limit shows them.");
    }
    Answer::well(text, json)
}
