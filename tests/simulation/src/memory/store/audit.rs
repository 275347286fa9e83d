use counterpart_delivery::ports::{Audit, ByHand};
use counterpart_domain::Fault;

use super::MemoryStore;

impl Audit for MemoryStore {
    async fn note_by_hand(&self, deed: &ByHand) -> Result<(), Fault> {
        self.0.borrow_mut().by_hand.push(deed.clone());
        Ok(())
    }

    async fn by_hand(&self, limit: usize) -> Result<Vec<ByHand>, Fault> {
        let mut deeds = self.0.borrow().by_hand.clone();
        deeds.sort_by_key(|deed| deed.at);
        Ok(deeds.into_iter().rev().take(limit).collect())
    }
}
