//! Sales orders of which nobody can know any more which sale they came of.

use super::town::{Sale, Town};

impl Town {
    /// A deal was deleted, and a restore forgot it, before anybody had read its sales order: nothing leads from the order to the
    /// deal, and what is ordered with it is a sale of its own. (It may have waited for days to be read.)
    pub(super) fn orphans(&self) -> bool {
        let sales = self.sales.borrow().clone();
        let root = |order: &Sale| {
            let mut family = sales.iter().filter(|other| other.family == order.family);
            family.find(|other| !other.is_order)
        };
        let is_orphan = |order: &Sale| {
            let lost = |deal: &Sale| !self.is_there(deal) && !self.is_heard_of(deal);
            order.is_order && !self.is_heard_of(order) && root(order).is_some_and(lost)
        };
        for order in sales.iter().filter(|sale| is_orphan(sale)) {
            self.make_own(order);
        }
        true
    }
}
