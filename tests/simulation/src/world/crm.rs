//! A CRM in memory: upsert by a unique key field, mandatory fields on insert, trimmed text, a bulk size, outages. Modules,
//! field names and the bulk size are those of its target.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use counterpart_config::{CrmProfile, TargetConfig};
use counterpart_delivery::ports::{
    Clock as _, CurrencyRate, Relay, RowOutcome, UpsertCall, Written,
};
use counterpart_domain::{Class, CrmId, Entity, Fault, Fields, SageKey, Value};
use jiff::Timestamp;

use super::crm_changes::Told;
use super::crm_lines::LineRow;
use super::crm_troubles::Throttle;
use super::faults::Faults;
use crate::VirtualClock;

/// One record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Its id.
    pub id: CrmId,
    /// What its key field holds.
    pub key: Option<String>,
    /// Its other fields; blank ones are not kept.
    pub fields: Fields,
    /// When it was last written.
    pub modified: Timestamp,
    /// By whom; none: by us.
    pub modified_by: Option<CrmId>,
    /// Its fields after each change, oldest first, beginning with its creation.
    pub past: Vec<(Timestamp, Fields)>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) modules: BTreeMap<String, Vec<Held>>,
    /// By record and relation.
    pub(super) lines: BTreeMap<(CrmId, String), Vec<Fields>>,
    /// Lines that are records of their own.
    pub(super) line_rows: Vec<LineRow>,
    /// Which record a deleted one was merged into, where this CRM tells.
    pub(super) merged: BTreeMap<CrmId, CrmId>,
    /// Records that nobody like us may see.
    pub(super) hidden: BTreeSet<CrmId>,
    /// When what was deleted, by module.
    pub(super) deleted: BTreeMap<String, Vec<(Timestamp, CrmId)>>,
    /// How often it was asked for a list of them.
    pub(super) deletion_lists: u64,
    pub(super) currencies: BTreeMap<String, CurrencyRate>,
    pub(super) updates: u64,
    /// Modules that keep no history.
    pub(super) forgetful: BTreeSet<String>,
    /// How much later than a change its history is to be read.
    pub(super) history_lag: Duration,
    /// How often a history was read.
    pub(super) histories: u64,
    /// Stamps are cut to whole seconds, as the real ones are.
    pub(super) whole_seconds: bool,
    /// Who we are to it, where it says so.
    pub(super) ours: Option<CrmId>,
    pub(super) relays: Vec<Relay>,
    /// What was changed since it was asked for last: what a CRM tells of.
    pub(super) changes: Vec<Told>,
    /// The records that an upsert made, with the key they were made for.
    pub(super) made: Vec<(String, String, CrmId)>,
    /// What was deleted, as it was.
    pub(super) bin: Vec<(String, Held)>,
    next_id: u64,
    /// How many lines got an id.
    pub(super) line_ids: u64,
    pub(super) refuse: BTreeSet<String>,
    pub(super) row_faults: BTreeMap<String, Fault>,
    pub(super) locked: BTreeSet<String>,
    pub(super) unreadable: BTreeSet<String>,
    pub(super) outages: Vec<(Timestamp, Timestamp, Fault)>,
    pub(super) throttles: Vec<Throttle>,
    pub(super) slow: Option<(Duration, Duration)>,
    pub(super) poison: BTreeSet<String>,
    /// The most rows that triggers stand, for one transaction.
    pub(super) trigger_limit: Option<usize>,
    /// Records that are refused whatever is asked of them.
    pub(super) refused_records: BTreeMap<CrmId, Fault>,
    pub(super) largest: usize,
}

/// What a target's modules are called, and what their records need.
#[derive(Debug)]
pub(super) struct Shape {
    /// The field that holds the Sage key, by module.
    pub(super) keys: BTreeMap<String, String>,
    /// Mandatory field by module.
    pub(super) mandatory: BTreeMap<String, &'static str>,
    /// By children's module: the reference to the parent, and the parent's module.
    parents: BTreeMap<String, (String, String)>,
    /// Whether deletions are a list of their own.
    pub(super) lists_deletions: bool,
    /// The prefix and width of ids.
    id: (&'static str, usize),
    pub(super) profile: &'static CrmProfile,
}

impl Shape {
    fn of(target: &TargetConfig) -> Self {
        let crm = target.crm.profile();
        let id = match crm.name {
            "salesforce" => ("001", 15),
            _ => ("", 19),
        };
        let module = |entity: Entity| target.entities.get(&entity).map(|of| of.module.clone());
        let mandatory = target
            .entities
            .iter()
            .filter_map(|(entity, of)| {
                let entry = crm.entity(entity.name())?;
                Some((of.module.clone(), *entry.mandatory.first()?))
            })
            .collect();
        let children = target.entities.iter();
        let parents = children.filter_map(|(entity, of)| {
            let parent = (of.parent_field.clone()?, module(entity.parent()?)?);
            Some((of.module.clone(), parent))
        });
        let keys = target.entities.values();
        Self {
            keys: keys
                .map(|of| (of.module.clone(), of.key_field.clone()))
                .collect(),
            mandatory,
            parents: parents.collect(),
            lists_deletions: crm.name == "zoho",
            id,
            profile: crm,
        }
    }
}

/// The CRM. Clones share their records.
#[derive(Debug, Clone)]
pub struct MemoryCrm {
    pub(super) clock: VirtualClock,
    pub(super) faults: Faults,
    pub(super) state: Rc<RefCell<State>>,
    calls: Rc<Cell<u64>>,
    pub(super) shape: Rc<Shape>,
    pub(super) bulk: usize,
}

impl MemoryCrm {
    /// An empty CRM as a target describes it.
    #[must_use]
    pub fn new(clock: &VirtualClock, faults: &Faults, target: &TargetConfig) -> Self {
        Self {
            clock: clock.clone(),
            faults: faults.clone(),
            state: Rc::default(),
            calls: Rc::default(),
            shape: Rc::new(Shape::of(target)),
            bulk: target.crm.profile().bulk_size,
        }
    }

    /// All records of a module.
    #[must_use]
    pub fn records(&self, module: &str) -> Vec<Held> {
        self.state
            .borrow()
            .modules
            .get(module)
            .cloned()
            .unwrap_or_default()
    }

    /// The records that carry a key.
    #[must_use]
    pub fn with_key(&self, module: &str, key: &str) -> Vec<Held> {
        self.records(module)
            .into_iter()
            .filter(|held| held.key.as_deref() == Some(key))
            .collect()
    }

    /// Puts a record there, as a person would.
    pub fn put(&self, module: &str, key: Option<&str>, fields: Fields) -> CrmId {
        let now = self.stamp();
        let state = &mut *self.state.borrow_mut();
        state.insert(&self.shape, module, key.map(str::to_owned), &fields, now)
    }

    /// Takes the records with a key away, as a person would.
    pub fn delete(&self, module: &str, key: &str) {
        let now = self.stamp();
        let state = &mut *self.state.borrow_mut();
        if let Some(records) = state.modules.get_mut(module) {
            let gone = records.extract_if(.., |held| held.key.as_deref() == Some(key));
            let deleted = state.deleted.entry(module.to_owned()).or_default();
            deleted.extend(gone.map(|held| (now, held.id)));
        }
    }

    /// How many calls were made, refused ones included.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.calls.get()
    }

    pub(super) fn begin(&self) -> Result<(), Fault> {
        self.calls.set(self.calls.get() + 1);
        let now = self.clock.now();
        let state = self.state.borrow();
        let down = state
            .outages
            .iter()
            .find(|(from, until, _)| (*from..*until).contains(&now));
        if let Some((_, _, fault)) = down {
            return Err(fault.clone());
        }
        let mut throttles = state.throttles.iter();
        match throttles.find_map(|throttle| throttle.refusal(now, self.calls.get())) {
            Some(fault) => Err(fault),
            None => Ok(()),
        }
    }
}

impl State {
    fn insert(
        &mut self,
        shape: &Shape,
        module: &str,
        key: Option<String>,
        fields: &Fields,
        now: Timestamp,
    ) -> CrmId {
        self.next_id += 1;
        let (prefix, width) = shape.id;
        let id = CrmId(format!("{prefix}{:0width$}", self.next_id));
        let held = Held::new(id.clone(), key, fields, now);
        self.changed(module, &id, false);
        self.modules
            .entry(module.to_owned())
            .or_default()
            .push(held);
        id
    }

    /// Whether the CRM takes a row with these fields for a record of this key.
    pub(super) fn accepts(
        &self,
        shape: &Shape,
        module: &str,
        text: &str,
        fields: &Fields,
    ) -> Result<(), Fault> {
        let refused = |value: &Value| self.refuse.contains(&value.to_string());
        if let Some((name, value)) = fields.iter().find(|(_, value)| refused(value)) {
            let message = format!("The CRM refused {name} of {text}: {value}.");
            return Err(Fault::new(Class::Data, "E_CRM_INVALID_DATA", message));
        }
        if self.locked.contains(text) {
            return Err(Fault::new(
                Class::Transient,
                "E_CRM_RECORD_LOCKED",
                format!("{text} is locked."),
            ));
        }
        let refused = |value: &Value| self.row_faults.get(&value.to_string());
        if let Some(fault) = fields.values().find_map(refused) {
            return Err(fault.clone());
        }
        let parent = shape.parents.get(module);
        let parent = parent.and_then(|(field, module)| Some((fields.get(field)?, module)));
        if let Some((parent, module)) = parent {
            let known = self
                .modules
                .get(module)
                .into_iter()
                .flatten()
                .any(|held| held.id.0 == parent.to_string());
            if !known {
                return Err(Fault::new(
                    Class::Data,
                    "E_CRM_PARENT_NOT_FOUND",
                    format!("{text} has no account."),
                ));
            }
        }
        Ok(())
    }

    pub(super) fn row(
        &mut self,
        shape: &Shape,
        call: &UpsertCall,
        key: &SageKey,
        fields: &Fields,
        now: Timestamp,
    ) -> RowOutcome {
        let text = key.text();
        self.accepts(shape, &call.module, &text, fields)?;
        let records = self.modules.entry(call.module.clone()).or_default();
        if let Some(held) = records
            .iter_mut()
            .find(|held| held.key.as_deref().is_some_and(|key| same_key(key, &text)))
        {
            if self.hidden.contains(&held.id) {
                let message = "The key is held by a record with id: <unknown>.";
                return Err(Fault::new(Class::Data, "E_CRM_DUPLICATE", message));
            }
            held.take(fields, now);
            held.key = Some(text);
            let id = held.id.clone();
            self.changed(&call.module, &id, true);
            return Ok(Written {
                id,
                created: false,
                modified: Some(now),
            });
        }
        let mandatory = shape
            .mandatory
            .get(&call.module)
            .copied()
            .unwrap_or_default();
        if fields.get(mandatory).is_none_or(Value::is_blank) {
            let message = format!("{mandatory} of {text} is missing.");
            return Err(Fault::new(Class::Data, "E_CRM_REQUIRED_MISSING", message));
        }
        let id = self.insert(shape, &call.module, Some(text.clone()), fields, now);
        self.made.push((call.module.clone(), text, id.clone()));
        if let Some(told) = self.changes.last_mut() {
            told.ours = true;
        }
        Ok(Written {
            id,
            created: true,
            modified: Some(now),
        })
    }
}

/// A unique field regards neither case nor blanks at the ends, in either CRM.
pub(super) fn same_key(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

impl Held {
    pub(super) fn new(id: CrmId, key: Option<String>, fields: &Fields, now: Timestamp) -> Self {
        let mut held = Self {
            id,
            key,
            fields: Fields::new(),
            modified: now,
            modified_by: None,
            past: Vec::new(),
        };
        held.take(fields, now);
        held
    }

    pub(super) fn take(&mut self, fields: &Fields, now: Timestamp) {
        for (name, value) in fields {
            let stored = match value {
                Value::Text(text) => Value::text(text.trim()),
                other => other.clone(),
            };
            if stored.is_blank() {
                self.fields.remove(name);
            } else {
                self.fields.insert(name.clone(), stored);
            }
        }
        self.modified = now;
        self.modified_by = None;
        self.past.push((now, self.fields.clone()));
    }
}
