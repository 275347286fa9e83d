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
    /// Not shared with the integration user: roles and sharing rules show it to people alone. Page: "Data Sharing Settings".
    pub hidden: bool,
}

/// What one edit changed of a record's fields: the name, the old value, the new one.
#[derive(Debug, Clone)]
pub struct Edit {
    /// Seconds since 1970.
    pub at: i64,
    /// Who did it.
    pub by: Id,
    /// The fields.
    pub fields: Vec<(&'static str, Value, Value)>,
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
    /// By record, oldest first.
    edits: BTreeMap<Id, Vec<Edit>>,
    /// The recycle bin, oldest first.
    pub deleted: Vec<Deleted>,
}

fn indexed(module: &Module) -> Index<Id> {
    let names = module
        .uniques()
        .map(|field| field.name)
        .chain([module.check]);
    Index::of(names)
}

impl Store {
    /// An empty store.
    pub fn new(module: &'static Module) -> Self {
        Self {
            module,
            records: BTreeMap::new(),
            index: indexed(module),
            edits: BTreeMap::new(),
            deleted: Vec::new(),
        }
    }

    /// The module has more fields now.
    pub fn redefine(&mut self, module: &'static Module) {
        self.module = module;
        self.index = indexed(module);
        for (id, record) in &self.records {
            self.index.enter(id, &record.values);
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

    /// What was changed of a record since it was made.
    pub fn edits(&self, id: Id) -> &[Edit] {
        self.edits.get(&id).map_or(&[], Vec::as_slice)
    }

    fn note_edit(&mut self, record: &Record) {
        let Some(before) = self.records.get(&record.id) else {
            return;
        };
        let names = before.values.keys().chain(record.values.keys());
        let names: std::collections::BTreeSet<&'static str> = names.copied().collect();
        let value = |of: &Record, name: &str| of.values.get(name).cloned().unwrap_or(Value::Null);
        let fields: Vec<_> = names
            .into_iter()
            .map(|name| (name, value(before, name), value(record, name)))
            .filter(|(_, old, new)| old != new && !old.is_array() && !new.is_array())
            .collect();
        if !fields.is_empty() {
            let edit = Edit {
                at: record.modified,
                by: record.modified_by,
                fields,
            };
            self.edits.entry(record.id).or_default().push(edit);
        }
    }

    /// Adds a record or replaces the one with its id.
    pub fn put(&mut self, record: Record) {
        self.note_edit(&record);
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
