//! The ID cross-reference.

use counterpart_domain::{CrmId, Fault, RepKey, SageKey, TargetName};

use crate::{Link, LinkWrite, PutLink};

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
