//! Sales orders of which nobody can know any more which sale they came of.

use super::town::{Sale, Town};

impl Town {
    /// A deal was deleted, and a restore forgot it, before its sales order had been read: nothing leads from the order to the
    /// deal, and what is ordered with it is a sale of its own. An order whose number is shown leads there.
    pub(super) fn orphans(&self) {
        let sales = self.sales.borrow().clone();
        let root = |order: &Sale| {
            let mut family = sales.iter().filter(|other| other.family == order.family);
            family.find(|other| !other.is_order)
        };
        let is_orphan = |order: &Sale| {
            let lost = |deal: &Sale| !self.is_there(deal) && !self.is_heard_of(deal);
            let is_shown = !self.field(order, order.org().number).is_blank();
            let is_known = is_shown || self.is_heard_of(order);
            order.is_order && !is_known && root(order).is_some_and(lost)
        };
        for order in sales.iter().filter(|sale| is_orphan(sale)) {
            self.make_own(order);
        }
    }
}
