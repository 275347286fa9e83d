use std::ops::Bound;

use counterpart_delivery::ports::{Parked, Parking};
use counterpart_domain::{Fault, TargetName};

use super::{MemoryStore, State};

impl State {
    pub(super) fn park(&mut self, parked: &Parked) {
        let at = (parked.target.clone(), parked.id.clone());
        let mut item = parked.clone();
        item.times = item.times.max(1);
        if let Some(before) = self.parked.get(&at) {
            item.first_at = before.first_at;
            item.times = item.times.saturating_add(before.times);
        }
        self.parked.insert(at, item);
    }
}

impl Parking for MemoryStore {
    async fn park(&self, parked: &Parked) -> Result<(), Fault> {
        self.0.borrow_mut().park(parked);
        Ok(())
    }

    async fn parked(&self, target: &str, id: &str) -> Result<Option<Parked>, Fault> {
        let state = self.0.borrow();
        let at = (target.to_owned(), id.to_owned());
        Ok(state.parked.get(&at).cloned())
    }

    async fn parked_among(
        &self,
        target: &str,
        ids: &[String],
    ) -> Result<Vec<Option<Parked>>, Fault> {
        let state = self.0.borrow();
        let item = |id: &String| state.parked.get(&(target.to_owned(), id.clone())).cloned();
        Ok(ids.iter().map(item).collect())
    }

    async fn parked_of(
        &self,
        target: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Parked>, Fault> {
        let state = self.0.borrow();
        let from = Bound::Excluded((target.to_owned(), after.unwrap_or_default().to_owned()));
        let items = state.parked.range((from, Bound::Unbounded));
        Ok(items
            .take_while(|((of, _), _)| of == target)
            .take(limit)
            .map(|(_, item)| item.clone())
            .collect())
    }

    async fn unpark(&self, target: &TargetName, id: &str) -> Result<(), Fault> {
        let state = &mut *self.0.borrow_mut();
        let at = (target.as_str().to_owned(), id.to_owned());
        state.parked.remove(&at);
        Ok(())
    }
}
