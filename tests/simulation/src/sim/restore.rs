//! The table of links and intents is restored to an earlier time, and what an operator does then.

use std::collections::BTreeSet;

use counterpart_domain::CrmId;

use super::mishap::Mishap;
use super::town::{Sale, Town, reference};

/// What a restore of the table of links and intents takes away for good.
#[derive(Debug, Default)]
pub(super) struct Lost {
    /// Records whose link the table forgot.
    pub(super) links: BTreeSet<CrmId>,
    /// Records whose key people emptied.
    pub(super) keys: BTreeSet<CrmId>,
}

impl Town {
    /// The table of sales as it is now, for a restore later.
    pub(super) fn back_up(&self) {
        let backup = self.world.store.inner.backup();
        self.backup.replace(Some((self.now(), backup)));
        self.story
            .tell(|| "the table of sales is as a restore will bring it back".to_owned());
    }

    /// What changed since the time that the table was restored to is looked at again. `false`: it has to be repeated.
    pub(super) fn look_through(&self) -> bool {
        let restored_to = self.backup.borrow().as_ref().map(|(at, _)| *at);
        let done = restored_to.is_none_or(|at| self.world.look_through(at).is_ok());
        self.story.tell(|| {
            let what = if done { "is" } else { "cannot be" };
            format!("what changed since then {what} looked at again")
        });
        done
    }

    /// Restores the table of sales. Nobody is at work.
    pub(super) fn restore(&self) -> bool {
        let Some((_, backup)) = self.backup.borrow().clone() else {
            return false;
        };
        let linked = || {
            let all = self.world.store.inner.all_reverse().into_iter();
            all.map(|(_, id, _)| id).collect::<BTreeSet<_>>()
        };
        let before = linked();
        self.world.store.inner.restore(&backup);
        self.lost.borrow_mut().links = before.difference(&linked()).cloned().collect();
        let made: Vec<String> = self
            .world
            .sage
            .ever_made()
            .iter()
            .filter_map(|row| Some(row.header.get(super::town::RECORD)?.to_string()))
            .collect();
        let mut sales = self.sales.borrow_mut();
        let families: Vec<String> = sales
            .iter()
            .filter(|sale| made.contains(&sale.no))
            .map(|sale| sale.family.clone())
            .collect();
        for sale in &mut *sales {
            sale.forgotten |= families.contains(&sale.family);
        }
        drop(sales);
        self.let_go_of_moved(&made);
        self.mishaps.note(Mishap::TableRestored);
        self.story
            .tell(|| "the table of sales is restored to an earlier time".to_owned());
        true
    }

    /// An order that was moved to another deal before Sage had it, and of which the table forgot whose it was, is a sale of its
    /// own: nothing leads back to the deal that it came of.
    fn let_go_of_moved(&self, made: &[String]) {
        let sales = self.sales.borrow().clone();
        let is_moved = |sale: &&Sale| {
            let root = sale.module().root.map(|root| self.field(sale, root));
            let came_of = self.root_of(sale).filter(|deal| self.is_there(deal));
            root.zip(came_of)
                .is_some_and(|(root, came_of)| root != reference(&came_of.id))
        };
        let orders = sales.iter().filter(|sale| sale.is_order);
        for sale in orders.filter(is_moved) {
            if !made.contains(&sale.no) && !self.is_heard_of(sale) {
                self.make_own(sale);
            }
        }
    }
}
