//! Records that a call touched, and what follows when it ends.

use serde_json::Value;

use super::{callback, webhook};
use crate::zoho::{
    catalog::Catalog,
    org::Org,
    render::{self, Lookups},
    schema::{Kind, Module},
    store::{Id, Record},
};

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// A new record.
    Insert,
    /// A changed one.
    Update,
    /// A deleted one.
    Delete,
}

impl Operation {
    /// In callbacks.
    pub fn name(self) -> &'static str {
        match self {
            Operation::Insert => "insert",
            Operation::Update => "update",
            Operation::Delete => "delete",
        }
    }

    /// In the events of a channel.
    pub fn event(self) -> &'static str {
        match self {
            Operation::Insert => "create",
            Operation::Update => "edit",
            Operation::Delete => "delete",
        }
    }
}

/// A record that was touched.
#[derive(Debug, Clone)]
pub struct Touch {
    /// The module.
    pub module: &'static Module,
    /// The record as it is, or as it was before it was deleted.
    pub record: Record,
    /// What was done.
    pub operation: Operation,
    /// The fields that were written, with what they show now.
    pub changed: Vec<(&'static str, Value)>,
}

impl Touch {
    /// The records of other modules that this one belongs to.
    pub fn related(&self, catalog: &Catalog) -> impl Iterator<Item = (&'static Module, Id)> {
        self.module.fields.iter().filter_map(|field| {
            let Kind::Lookup(target) = field.kind else {
                return None;
            };
            let id = self.record.values.get(field.name)?.as_str()?.parse().ok()?;
            Some((catalog.module(target)?, id))
        })
    }
}

/// Notes that a record was touched.
pub fn record(
    org: &mut Org,
    module: &'static Module,
    old: Option<&Record>,
    now: &Record,
    operation: Operation,
) {
    let shown = |record: &Record, field| render::value(org, record, field, Lookups::IdOnly);
    let changed = module
        .fields
        .iter()
        .filter(|field| field.is_written() && operation != Operation::Delete)
        .filter_map(|field| {
            let value = shown(now, field);
            let before = old.map(|old| shown(old, field));
            let differs = match &before {
                Some(before) => *before != value,
                None => now.values.contains_key(field.name),
            };
            differs.then_some((field.name, value))
        })
        .collect();
    org.notices.touched.push(Touch {
        module,
        record: now.clone(),
        operation,
        changed,
    });
}

/// Ends a call: its touches become callbacks, and webhooks if workflow rules run.
pub fn settle(org: &mut Org, workflow: bool) {
    let touched = std::mem::take(&mut org.notices.touched);
    if touched.is_empty() {
        return;
    }
    callback::collect(org, &touched);
    if workflow {
        webhook::fire(org, &touched);
    }
}
