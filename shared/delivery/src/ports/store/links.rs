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

    /// The keys whose newest observation names this rep, a page at a time (`after`: the position from the page before).
    /// Eventually consistent: a link written within the last second may be missing.
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
