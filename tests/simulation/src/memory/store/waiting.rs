use counterpart_delivery::ports::{Waiting, WaitingEntry};
use counterpart_domain::{AsOf, Fault, SageKey, TargetName};

use super::MemoryStore;

fn place(target: &TargetName, parent: &SageKey, child: &SageKey) -> (TargetName, String, String) {
    (target.clone(), parent.storage(), child.storage())
}

impl Waiting for MemoryStore {
    async fn wait(&self, target: &TargetName, waiting: &WaitingEntry) -> Result<(), Fault> {
        let state = &mut *self.0.borrow_mut();
        let at = place(target, &waiting.parent, &waiting.child);
        let kept = state.waiting.get(&at);
        if kept.is_none_or(|kept| kept.entry.as_of <= waiting.entry.as_of) {
            state.waiting.insert(at, waiting.clone());
        }
        Ok(())
    }

    async fn waiting_for(
        &self,
        target: &TargetName,
        parent: &SageKey,
        limit: usize,
    ) -> Result<Vec<WaitingEntry>, Fault> {
        let state = self.0.borrow();
        let parent = parent.storage();
        let children = state
            .waiting
            .range((target.clone(), parent.clone(), String::new())..)
            .take_while(|((of, its_parent, _), _)| of == target && *its_parent == parent);
        Ok(children.take(limit).map(|(_, w)| w.clone()).collect())
    }

    async fn stop_waiting(
        &self,
        target: &TargetName,
        parent: &SageKey,
        child: &SageKey,
        as_of: AsOf,
    ) -> Result<(), Fault> {
        let state = &mut *self.0.borrow_mut();
        let at = place(target, parent, child);
        let kept = state.waiting.get(&at);
        if kept.is_some_and(|kept| kept.entry.as_of <= as_of) {
            state.waiting.remove(&at);
        }
        Ok(())
    }
}
