//! Indexes of records by the values of a few fields, compared as CRMs compare them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

/// How values are compared: without outer spaces and without regard to case.
pub fn folded(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_lowercase()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(_) | Value::Null | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            None
        }
    }
}

/// One index for each of some fields.
#[derive(Debug)]
pub struct Index<Id> {
    fields: BTreeMap<&'static str, HashMap<String, BTreeSet<Id>>>,
}

impl<Id: Ord + Clone> Index<Id> {
    /// Empty indexes of these fields.
    pub fn of(fields: impl IntoIterator<Item = &'static str>) -> Self {
        let fields = fields.into_iter().map(|name| (name, HashMap::new()));
        Self {
            fields: fields.collect(),
        }
    }

    /// Whether a field has an index.
    pub fn covers(&self, field: &str) -> bool {
        self.fields.contains_key(field)
    }

    /// The records with a value in an indexed field, in the order of their ids.
    pub fn find<'a>(
        &'a self,
        field: &str,
        value: &Value,
    ) -> impl Iterator<Item = &'a Id> + use<'a, Id> {
        let ids = folded(value).and_then(|value| self.fields.get(field)?.get(&value));
        ids.into_iter().flatten()
    }

    /// Enters a record.
    pub fn enter(&mut self, id: &Id, values: &BTreeMap<&'static str, Value>) {
        for (name, index) in &mut self.fields {
            if let Some(value) = values.get(name).and_then(folded) {
                index.entry(value).or_default().insert(id.clone());
            }
        }
    }

    /// Removes a record that was entered with these values.
    pub fn remove(&mut self, id: &Id, values: &BTreeMap<&'static str, Value>) {
        for (name, index) in &mut self.fields {
            let Some(value) = values.get(name).and_then(folded) else {
                continue;
            };
            if let Some(ids) = index.get_mut(&value) {
                ids.remove(id);
                if ids.is_empty() {
                    index.remove(&value);
                }
            }
        }
    }
}
