//! The ID cross-reference.

use counterpart_domain::{CrmId, Fault, RepKey, SageKey, TargetName};

use crate::{Link, LinkWrite, PutLink, link};

/// Links, by Sage key and by CRM id.
pub trait Links {
    /// The links of these keys in a target, one answer per key, in order. Any number of keys.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn links(
        &self,
        target: &TargetName,
        keys: &[SageKey],
    ) -> Result<Vec<Option<Link>>, Fault>;

    /// The link of one key.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn link(&self, target: &TargetName, key: &SageKey) -> Result<Option<Link>, Fault> {
        let links = self.links(target, std::slice::from_ref(key)).await?;
        Ok(links.into_iter().next().flatten())
    }

    /// Writes a link if nobody wrote it since it was read (`rev`), with its reverse item in the same transaction where
    /// asked for. A reverse item that belongs to another key stays: the answer is [`PutLink::IdTaken`].
    ///
    /// # Errors
    /// When the store cannot be written, or nobody knows (then reading the link tells).
    async fn put_link(&self, write: &LinkWrite) -> Result<PutLink, Fault>;

    /// Reads a link and writes what `change` makes of it, again and again until nobody else wrote it in between. Where there
    /// is no link, or `change` makes nothing of it, there is nothing to do. `false`: others wrote it each time.
    ///
    /// # Errors
    /// What `change` says, or when the store cannot be read or written.
    async fn update_link<E: From<Fault>>(
        &self,
        target: &TargetName,
        key: &SageKey,
        mut change: impl FnMut(Link) -> Result<Option<LinkWrite>, E>,
    ) -> Result<bool, E> {
        for _ in 0..link::TRIES {
            let Some(link) = self.link(target, key).await? else {
                return Ok(true);
            };
            let Some(write) = change(link)? else {
                return Ok(true);
            };
            if matches!(self.put_link(&write).await?, PutLink::Stored(_)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The Sage key that a CRM record is linked to.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn key_of(&self, target: &TargetName, id: &CrmId) -> Result<Option<SageKey>, Fault>;

    /// How many records of a target rest ([`Link::rests`]), counted up to `limit`. Eventually consistent.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn resting(&self, target: &TargetName, limit: usize) -> Result<usize, Fault>;

    /// The keys whose newest observation names this rep, a page at a time (`after`: the position from the page before).
    /// Those that rest are left out. Eventually consistent: a link written within the last second may be missing.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn keys_of_rep(
        &self,
        target: &TargetName,
        rep: &RepKey,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<SageKey>, Option<String>), Fault>;
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use counterpart_domain::{AsOf, Company, Entity, digest_of};
    use futures_util::FutureExt as _;
    use jiff::Timestamp;

    use super::*;
    use crate::Stage;

    /// A store in which others are faster so many times.
    struct Contended {
        lost: Cell<u32>,
        reads: Cell<u32>,
    }

    impl Links for Contended {
        async fn links(
            &self,
            target: &TargetName,
            keys: &[SageKey],
        ) -> Result<Vec<Option<Link>>, Fault> {
            self.reads.set(self.reads.get() + 1);
            let (as_of, version) = (AsOf::default(), digest_of([""]));
            let linked = |key: &SageKey| {
                let (target, key, version) = (target.clone(), key.clone(), version.clone());
                Link::new(
                    target,
                    key,
                    Stage::Linked,
                    as_of,
                    version,
                    Timestamp::UNIX_EPOCH,
                )
            };
            Ok(keys.iter().map(|key| Some(linked(key))).collect())
        }

        async fn put_link(&self, _: &LinkWrite) -> Result<PutLink, Fault> {
            let Some(left) = self.lost.get().checked_sub(1) else {
                return Ok(PutLink::Stored(1));
            };
            self.lost.set(left);
            Ok(PutLink::Lost(Box::new(None)))
        }

        async fn key_of(&self, _: &TargetName, _: &CrmId) -> Result<Option<SageKey>, Fault> {
            Ok(None)
        }

        async fn resting(&self, _: &TargetName, _: usize) -> Result<usize, Fault> {
            Ok(0)
        }

        async fn keys_of_rep(
            &self,
            _: &TargetName,
            _: &RepKey,
            _: Option<&str>,
            _: usize,
        ) -> Result<(Vec<SageKey>, Option<String>), Fault> {
            Ok((Vec::new(), None))
        }
    }

    /// Whether an update was done that loses so many times, and how often the link was read for it.
    fn update(lost: u32, change: impl Fn(Link) -> Option<LinkWrite>) -> (bool, u32) {
        let store = Contended {
            lost: Cell::new(lost),
            reads: Cell::new(0),
        };
        let target = TargetName::new("zoho").unwrap();
        let company = Company::new("ABC").unwrap();
        let key = SageKey::new(&company, Entity::CUSTOMER, "01-ABF").unwrap();
        let change = |link| Ok::<_, Fault>(change(link));
        let done = store.update_link(&target, &key, change).now_or_never();
        (done.unwrap().unwrap(), store.reads.get())
    }

    #[test]
    fn an_update_reads_the_link_anew_each_time_that_others_were_faster_and_gives_up() {
        let dirty = |link| Some(LinkWrite::dirty(link, Timestamp::UNIX_EPOCH));
        assert_eq!(update(0, dirty), (true, 1));
        assert_eq!(update(link::TRIES - 1, dirty), (true, link::TRIES));
        assert_eq!(update(link::TRIES, dirty), (false, link::TRIES));
        assert_eq!(update(link::TRIES, |_| None), (true, 1), "nothing to write");
    }
}
