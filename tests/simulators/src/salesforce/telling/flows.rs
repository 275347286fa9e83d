//! Flows of the organisation: they run within the transaction of the write that sets them off.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::salesforce::{
    ids::Id,
    org::Org,
    render,
    rows::{self, Change, Purpose},
    schema::Object,
};

/// A record-triggered flow.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    /// The object.
    pub object: String,
    /// Runs when the record holds all of this.
    #[serde(default)]
    pub when: Map<String, Value>,
    /// Runs only when one of these fields was written.
    #[serde(default)]
    pub changed: Vec<String>,
    /// What it sets.
    #[serde(default)]
    pub set: Map<String, Value>,
    /// The platform event that it publishes.
    pub publish: Option<Publish>,
}

/// A platform event; a text that begins with a dollar names a field of the record.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publish {
    /// Its name.
    pub event: String,
    /// Its fields.
    #[serde(default)]
    pub fields: Map<String, Value>,
}

/// Whether a flow can be.
///
/// # Errors
/// A sentence.
pub fn check(org: &Org, flow: &Flow) -> Result<(), String> {
    let object = org
        .catalog
        .object(&flow.object)
        .ok_or_else(|| format!("there is no object {:?}", flow.object))?;
    let fields = flow.when.keys().chain(&flow.changed);
    for name in fields {
        object
            .field(name)
            .ok_or_else(|| format!("{} has no field {name:?}", object.name))?;
    }
    rows::read(org, object, &flow.set, Purpose::Update, None)
        .map(|_| ())
        .map_err(|fails| {
            let first = fails.first().map_or("", |fail| &fail.message);
            format!("the flow cannot set this: {first}")
        })
}

/// Runs the flows that a write sets off.
pub fn run(org: &mut Org, object: &'static Object, id: &Id, change: &Change) {
    let flows: Vec<Flow> = org
        .settings
        .flows
        .iter()
        .filter(|flow| flow.object == object.name)
        .filter(|flow| {
            flow.changed.is_empty()
                || flow
                    .changed
                    .iter()
                    .any(|name| change.contains_key(name.as_str()))
        })
        .cloned()
        .collect();
    for flow in flows {
        let Some(mut record) = org.record(object.name, id).cloned() else {
            return;
        };
        if !holds(org, object, id, &flow.when) {
            continue;
        }
        if let Ok(set) = rows::read(org, object, &flow.set, Purpose::Update, None)
            && !set.is_empty()
        {
            for (name, value) in set {
                if value.is_null() {
                    record.values.remove(name);
                } else {
                    record.values.insert(name, value);
                }
            }
            org.put(object, record);
        }
        if let Some(publish) = &flow.publish {
            let fields = filled(org, object, id, &publish.fields);
            org.telling.published.push((publish.event.clone(), fields));
        }
    }
}

/// Whether a record shows all of these values.
pub fn holds(org: &Org, object: &'static Object, id: &Id, when: &Map<String, Value>) -> bool {
    org.record(object.name, id).is_some_and(|record| {
        when.iter().all(|(name, wanted)| {
            object
                .field(name)
                .is_some_and(|field| render::value(org, object, record, field) == *wanted)
        })
    })
}

fn filled(
    org: &Org,
    object: &'static Object,
    id: &Id,
    fields: &Map<String, Value>,
) -> Map<String, Value> {
    let value = |told: &Value| {
        let named = told.as_str().and_then(|text| text.strip_prefix('$'));
        let field = named.and_then(|name| object.field(name));
        match (field, org.record(object.name, id)) {
            (Some(field), Some(record)) => render::value(org, object, record, field),
            _ => told.clone(),
        }
    };
    let mut filled: Map<String, Value> = fields
        .iter()
        .map(|(name, told)| (name.clone(), value(told)))
        .collect();
    if filled.is_empty() {
        filled.insert("Record_Id__c".to_owned(), json!(id.as_str()));
    }
    filled
}
