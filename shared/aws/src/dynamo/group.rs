//! What belongs to one record, to be written together.

use counterpart_delivery::OutcomeItem;
use counterpart_domain::Fault;

use super::item::Item;
use super::step::Step;

/// What belongs to one record: all of it is written, or none.
#[derive(Debug, Clone)]
pub(super) struct Group<'a> {
    pub(super) steps: Vec<Step>,
    /// A step from here on whose condition does not hold is left out, and the others are written.
    pub(super) optional: usize,
    /// The mark of this very write on its first item: a refusal by our own item is a success.
    pub(super) mark: Option<String>,
    /// What goes into the ledger with it, in an item that it shares with others of its transaction.
    pub(super) outcome: Option<&'a OutcomeItem>,
}

impl<'a> Group<'a> {
    /// A single write.
    pub(super) fn one(step: Step) -> Self {
        Self {
            steps: vec![step],
            optional: 1,
            mark: None,
            outcome: None,
        }
    }

    /// Refuses what DynamoDB would refuse for its size, in words.
    pub(super) fn fits(&self) -> Result<(), Fault> {
        self.steps.iter().try_for_each(Step::fits)
    }

    /// An outcome alone.
    pub(super) const fn told(outcome: &'a OutcomeItem) -> Self {
        Self {
            steps: Vec::new(),
            optional: 0,
            mark: None,
            outcome: Some(outcome),
        }
    }
}

/// What became of a group.
#[derive(Debug)]
pub(super) enum Fate {
    /// It is written.
    Done,
    /// Nothing of it is: the step whose condition did not hold, and the item that was in its way.
    Refused(usize, Option<Item>),
}

/// A group with its place among the others.
pub(super) type Numbered<'a> = (usize, Group<'a>);
