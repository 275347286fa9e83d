//! The records of an object, the deleted ones among them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    ids::Id,
    schema::{Kind, Object},
};
use crate::shared::Index;

/// A record. Values hold what fields hold after normalisation; absent is null.
#[derive(Debug, Clone)]
pub struct Record {
    /// The record's id.
    pub id: Id,
    /// Values by API name.
    pub values: BTreeMap<&'static str, Value>,
    /// Seconds since 1970; Salesforce, too, keeps whole seconds.
    pub created: i64,
    /// Who created it.
    pub created_by: Id,
    /// Seconds since 1970.
    pub modified: i64,
    /// Who changed it last.
    pub modified_by: Id,
    /// When it went into the recycle bin.
    pub deleted: Option<i64>,
    /// Under approval: nobody may change it.
    pub locked: bool,
    /// The sharing rules show it to people, and not to the integration user. Page: "Sharing Considerations".
    pub hidden: bool,
}

impl Record {
    /// A new record of a user.
    pub fn new(id: Id, now: i64, user: &Id) -> Self {
        Self {
            id,
            values: BTreeMap::new(),
            created: now,
            created_by: user.clone(),
            modified: now,
            modified_by: user.clone(),
            deleted: None,
            locked: false,
            hidden: false,
        }
    }

    /// The text of a field; empty if there is none.
    pub fn text(&self, field: &str) -> &str {
        self.values.get(field).and_then(Value::as_str).unwrap_or("")
    }

    /// The record that a reference names.
    pub fn reference(&self, field: &str) -> Option<Id> {
        Id::parse(self.text(field))
    }
}

/// The records of one object.
#[derive(Debug)]
pub struct Store {
    /// The object.
    pub object: &'static Object,
    records: BTreeMap<Id, Record>,
    index: Index<Id>,
}

impl Store {
    /// An empty store.
    pub fn new(object: &'static Object) -> Self {
        let indexed = object
            .fields
            .iter()
            .filter(|field| field.external_id || matches!(field.kind, Kind::Reference(_)))
            .map(|field| field.name);
        Self {
            object,
            records: BTreeMap::new(),
            index: Index::of(indexed),
        }
    }

    /// A record that is not deleted.
    pub fn get(&self, id: &Id) -> Option<&Record> {
        self.any(id).filter(|record| record.deleted.is_none())
    }

    /// A record, also from the recycle bin.
    pub fn any(&self, id: &Id) -> Option<&Record> {
        self.records.get(id)
    }

    /// All records in the order of ids, also those of the recycle bin.
    pub fn all(&self) -> impl Iterator<Item = &Record> {
        self.records.values()
    }

    /// How many records there are, without the recycle bin.
    pub fn len(&self) -> usize {
        self.all().filter(|record| record.deleted.is_none()).count()
    }

    /// Whether a field has an index.
    pub fn is_indexed(&self, field: &str) -> bool {
        self.index.covers(field)
    }

    /// The records, without the recycle bin, with a value in an indexed field.
    pub fn find<'a>(
        &'a self,
        field: &str,
        value: &Value,
    ) -> impl Iterator<Item = &'a Record> + use<'a> {
        self.index.find(field, value).filter_map(|id| self.get(id))
    }

    /// Adds a record or replaces the one with its id.
    pub fn put(&mut self, record: Record) {
        self.take(&record.id);
        if record.deleted.is_none() {
            self.index.enter(&record.id, &record.values);
        }
        self.records.insert(record.id.clone(), record);
    }

    /// Takes a record out, as if it had never been.
    pub fn take(&mut self, id: &Id) {
        if let Some(record) = self.records.remove(id) {
            self.index.remove(id, &record.values);
        }
    }
}
