use std::ops::Bound;

use counterpart_delivery::ports::Links;
use counterpart_delivery::{Link, LinkWrite, PutLink};
use counterpart_domain::{CrmId, Fault, RepKey, SageKey, TargetName};

use super::{MemoryStore, State};

impl State {
    /// A link on the condition that nobody wrote it since it was read, with its reverse item.
    pub(super) fn put_link(&mut self, write: &LinkWrite) -> PutLink {
        let link = &write.link;
        let at = (link.target.clone(), link.key.storage());
        let stored = self.links.get(&at);
        if stored.map_or(0, |stored| stored.rev) != link.rev {
            return PutLink::Lost(Box::new(stored.cloned()));
        }
        if let Some(id) = link.crm_id.as_ref().filter(|_| write.write_reverse) {
            let reverse = (link.target.clone(), id.clone());
            match self.reverse.get(&reverse) {
                Some(other) if *other != link.key => return PutLink::IdTaken(other.clone()),
                _ => self.reverse.insert(reverse, link.key.clone()),
            };
        }
        let gone = write.previous_crm_id.as_ref();
        if let Some(id) = gone.filter(|id| Some(*id) != link.crm_id.as_ref()) {
            let reverse = (link.target.clone(), id.clone());
            if self.reverse.get(&reverse) == Some(&link.key) {
                self.reverse.remove(&reverse);
            }
        }
        let mut link = link.clone();
        link.rev += 1;
        let rev = link.rev;
        self.links.insert(at, link);
        PutLink::Stored(rev)
    }
}

impl MemoryStore {
    /// From now on the index of links by rep stands still, until [`MemoryStore::catch_up_indexes`].
    pub fn stop_indexes(&self) {
        let state = &mut *self.0.borrow_mut();
        let links = state.links.iter();
        let index = links.filter_map(|(at, link)| Some((at.clone(), indexed(link)?.clone())));
        state.rep_index = Some(index.collect());
    }

    /// Every index shows what its table holds.
    pub fn catch_up_indexes(&self) {
        self.0.borrow_mut().rep_index = None;
    }
}

/// The rep that a link is found by.
fn indexed(link: &Link) -> Option<&RepKey> {
    link.rep.as_ref().filter(|_| !link.rests())
}

impl Links for MemoryStore {
    async fn links(
        &self,
        target: &TargetName,
        keys: &[SageKey],
    ) -> Result<Vec<Option<Link>>, Fault> {
        let state = self.0.borrow();
        let link = |key: &SageKey| state.links.get(&(target.clone(), key.storage())).cloned();
        Ok(keys.iter().map(link).collect())
    }

    async fn put_link(&self, write: &LinkWrite) -> Result<PutLink, Fault> {
        Ok(self.0.borrow_mut().put_link(write))
    }

    async fn key_of(&self, target: &TargetName, id: &CrmId) -> Result<Option<SageKey>, Fault> {
        let state = self.0.borrow();
        Ok(state.reverse.get(&(target.clone(), id.clone())).cloned())
    }

    async fn resting(&self, target: &TargetName, limit: usize) -> Result<usize, Fault> {
        let state = self.0.borrow();
        let links = state.links.iter();
        let resting = links.filter(|((of, _), link)| of == target && link.rests());
        Ok(resting.take(limit).count())
    }

    async fn keys_of_rep(
        &self,
        target: &TargetName,
        rep: &RepKey,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<SageKey>, Option<String>), Fault> {
        let state = self.0.borrow();
        let from = Bound::Excluded((target.clone(), after.unwrap_or_default().to_owned()));
        let page: Vec<_> = state
            .links
            .range((from, Bound::Unbounded))
            .take_while(|((of, _), _)| of == target)
            .filter(|(at, link)| match &state.rep_index {
                Some(index) => index.get(at) == Some(rep),
                None => indexed(link) == Some(rep),
            })
            .take(limit)
            .collect();
        let next = page.last().filter(|_| page.len() == limit);
        Ok((
            page.iter().map(|(_, link)| link.key.clone()).collect(),
            next.map(|((_, storage), _)| storage.clone()),
        ))
    }
}
