//! The records of a module, with an index for each field that upserts look up.

use std::collections::BTreeMap;

use serde_json::Value;

use super::schema::Module;
use crate::shared::Index;
pub use crate::shared::folded;

/// Record and user ids: 19 digits, shown as text.
pub type Id = u64;

/// A record. Values hold what fields hold after normalisation; absent is null.
#[derive(Debug, Clone)]
pub struct Record {
    /// The record's id.
    pub id: Id,
    /// Values by API name. Lookups are held as the id's text.
    pub values: BTreeMap<&'static str, Value>,
    /// The owning user.
    pub owner: Id,
    /// Seconds since 1970.
    pub created: i64,
    /// Seconds since 1970: versions within one second look the same, as in Zoho.
    pub modified: i64,
    /// The user who created it.
    pub created_by: Id,
    /// The user who changed it last.
    pub modified_by: Id,
    /// Locked by a person or a process: edits through the API fail.
    pub locked: bool,
}

/// A deleted record.
#[derive(Debug, Clone)]
pub struct Deleted {
    /// What it was.
    pub record: Record,
    /// Seconds since 1970.
    pub at: i64,
    /// Who deleted it.
    pub by: Id,
}

/// The records of one module.
#[derive(Debug)]
pub struct Store {
    /// The module.
    pub module: &'static Module,
    records: BTreeMap<Id, Record>,
    index: Index<Id>,
    /// The recycle bin, oldest first.
    pub deleted: Vec<Deleted>,
}

impl Store {
    /// An empty store.
    pub fn new(module: &'static Module) -> Self {
        let names = module
            .uniques()
            .map(|field| field.name)
            .chain([module.check]);
        Self {
            module,
            records: BTreeMap::new(),
            index: Index::of(names),
            deleted: Vec::new(),
        }
    }

    /// A record.
    pub fn get(&self, id: Id) -> Option<&Record> {
        self.records.get(&id)
    }

    /// All records in the order of ids.
    pub fn all(&self) -> impl DoubleEndedIterator<Item = &Record> {
        self.records.values()
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether a field has an index.
    pub fn is_indexed(&self, field: &str) -> bool {
        self.index.covers(field)
    }

    /// The records with a value in an indexed field, oldest first.
    pub fn find<'a>(
        &'a self,
        field: &str,
        value: &Value,
    ) -> impl Iterator<Item = &'a Record> + use<'a> {
        self.index
            .find(field, value)
            .filter_map(|id| self.records.get(id))
    }

    /// Adds a record or replaces the one with its id.
    pub fn put(&mut self, record: Record) {
        self.take(record.id);
        self.index.enter(&record.id, &record.values);
        self.records.insert(record.id, record);
    }

    /// Takes a record out.
    pub fn take(&mut self, id: Id) -> Option<Record> {
        let record = self.records.remove(&id)?;
        self.index.remove(&id, &record.values);
        Some(record)
    }
}
