//! One write, as a part of something that is written together.

use counterpart_domain::Fault;

use super::call::Expression;
use super::item::{Item, Read as _, fits, size};

/// What is to be done to one item.
#[derive(Debug, Clone)]
pub(super) enum Action {
    /// The whole item.
    Put(Item, Option<Expression>),
    /// Its key.
    Delete(Item, Option<Expression>),
    /// Its key, and the change.
    Update(Item, Expression),
}

/// A write to one item of one table.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) table: String,
    pub(super) action: Action,
}

impl Step {
    pub(super) fn put(table: &str, item: Item, condition: Option<Expression>) -> Self {
        Self::new(table, Action::Put(item, condition))
    }

    pub(super) fn delete(table: &str, key: Item, condition: Option<Expression>) -> Self {
        Self::new(table, Action::Delete(key, condition))
    }

    pub(super) fn update(table: &str, key: Item, update: Expression) -> Self {
        Self::new(table, Action::Update(key, update))
    }

    fn new(table: &str, action: Action) -> Self {
        Self {
            table: table.to_owned(),
            action,
        }
    }

    const fn item(&self) -> &Item {
        match &self.action {
            Action::Put(item, _) | Action::Delete(item, _) | Action::Update(item, _) => item,
        }
    }

    /// Which item it is about: a transaction may name each only once.
    pub(super) fn place(&self) -> (&str, &str, &str) {
        let part = |name| self.item().text(name).unwrap_or_default();
        (&self.table, part("pk"), part("sk"))
    }

    /// Its part of a request, in bytes, as DynamoDB counts it.
    pub(super) fn size(&self) -> usize {
        let expression = match &self.action {
            Action::Put(_, condition) | Action::Delete(_, condition) => condition.as_ref(),
            Action::Update(_, update) => Some(update),
        };
        let values = expression.and_then(|expression| expression.values.as_ref());
        size(self.item()) + values.map_or(0, size)
    }

    /// Refuses an item that DynamoDB would refuse, in words.
    pub(super) fn fits(&self) -> Result<(), Fault> {
        match &self.action {
            Action::Put(item, _) => fits(&self.table, item),
            Action::Delete(..) | Action::Update(..) => Ok(()),
        }
    }
}
