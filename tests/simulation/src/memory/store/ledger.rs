use std::cmp::Reverse;

use counterpart_delivery::ports::Ledger;
use counterpart_delivery::{ManifestEntry, OutcomeItem, Run, Totals};
use counterpart_domain::{Company, Fault, SageKey, TargetName};

use super::{MemoryStore, State};

impl State {
    /// A final outcome that is there stays.
    pub(super) fn put_outcomes<'a>(&mut self, outcomes: impl IntoIterator<Item = &'a OutcomeItem>) {
        for item in outcomes {
            let at = (item.run.clone(), item.target.clone(), item.key.storage());
            let stored = self.outcomes.get(&at);
            if stored.is_none_or(|stored| !stored.outcome.is_final()) {
                self.outcomes.insert(at, item.clone());
            }
        }
    }
}

impl Ledger for MemoryStore {
    async fn put_run(&self, run: &Run) -> Result<(), Fault> {
        self.0.borrow_mut().runs.insert(run.id.clone(), run.clone());
        Ok(())
    }

    async fn put_manifest(
        &self,
        run: &str,
        target: &TargetName,
        part: &str,
        entries: &[ManifestEntry],
    ) -> Result<(), Fault> {
        let state = &mut *self.0.borrow_mut();
        let at = (run.to_owned(), target.clone());
        let parts = state.manifests.entry(at).or_default();
        parts.insert(part.to_owned(), entries.to_vec());
        Ok(())
    }

    async fn put_outcomes(&self, outcomes: &[OutcomeItem]) -> Result<(), Fault> {
        self.0.borrow_mut().put_outcomes(outcomes);
        Ok(())
    }

    async fn totals(&self, run: &str, target: &TargetName) -> Result<Totals, Fault> {
        let state = self.0.borrow();
        let parts = state.manifests.get(&(run.to_owned(), target.clone()));
        let seen = parts.into_iter().flat_map(|parts| parts.values().flatten());
        let done = state
            .outcomes
            .values()
            .filter(|item| item.run == run && item.target == *target)
            .map(|item| (item.key.local.clone(), item.outcome))
            .collect();
        Ok(Totals::count(seen, &done))
    }

    async fn runs(&self, company: &Company, limit: usize) -> Result<Vec<Run>, Fault> {
        let state = self.0.borrow();
        let newest_first = state.runs.values().rev();
        Ok(newest_first
            .filter(|run| run.company == *company)
            .take(limit)
            .cloned()
            .collect())
    }

    async fn history(&self, key: &SageKey, limit: usize) -> Result<Vec<OutcomeItem>, Fault> {
        let state = self.0.borrow();
        let mut items: Vec<_> = state.outcomes.values().filter(|i| i.key == *key).collect();
        items.sort_by_key(|item| Reverse((item.at, &item.run, &item.target)));
        Ok(items.into_iter().take(limit).cloned().collect())
    }
}
