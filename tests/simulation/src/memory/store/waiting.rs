use counterpart_delivery::ports::{Over, Waiting, WaitingEntry};
use counterpart_domain::{Fault, SageKey, TargetName};

use super::MemoryStore;

fn place(target: &TargetName, parent: &SageKey, child: &SageKey) -> (TargetName, String, String) {
    (target.clone(), parent.storage(), child.storage())
}

impl Waiting for MemoryStore {
    async fn wait(&self, target: &TargetName, waiting: &[WaitingEntry]) -> Result<(), Fault> {
        let state = &mut *self.0.borrow_mut();
        for one in waiting {
            let at = place(target, &one.parent, &one.child);
            let kept = state.waiting.get(&at);
            if kept.is_none_or(|kept| kept.entry.as_of <= one.entry.as_of) {
                state.waiting.insert(at, one.clone());
            }
        }
        Ok(())
    }

    async fn waited_for(
        &self,
        target: &TargetName,
        parents: &[SageKey],
    ) -> Result<Vec<SageKey>, Fault> {
        let state = self.0.borrow();
        let waited = |parent: &&SageKey| {
            let storage = parent.storage();
            let from = (target.clone(), storage.clone(), String::new());
            let first = state.waiting.range(from..).next();
            first.is_some_and(|((of, its_parent, _), _)| of == target && *its_parent == storage)
        };
        Ok(parents.iter().filter(waited).cloned().collect())
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

    async fn stop_waiting(&self, target: &TargetName, over: &[Over]) -> Result<(), Fault> {
        let state = &mut *self.0.borrow_mut();
        for Over {
            parent,
            child,
            as_of,
        } in over
        {
            let at = place(target, parent, child);
            let kept = state.waiting.get(&at);
            if kept.is_some_and(|kept| kept.entry.as_of <= *as_of) {
                state.waiting.remove(&at);
            }
        }
        Ok(())
    }
}
