//! Keys and range digests: what a sweep compares.

use counterpart_delivery::ports::Clock;
use counterpart_domain::{AsOf, Company, Entity, Fault, SageKey};

use crate::AgentClient;
use crate::client::entity_path;
use crate::http::{contract_fault, encode, parse};
use crate::port::{check_next, read_key};
use crate::wire::{WireDigests, WireKeys};

/// A page of the keys that exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeysPage {
    /// The order of this observation.
    pub as_of: AsOf,
    /// In the agent's order.
    pub keys: Vec<SageKey>,
    /// Keys that could not be read, each with its reason.
    pub unreadable: Vec<Fault>,
    /// Where the next page starts.
    pub next: Option<String>,
}

/// A run of consecutive keys with the hash of their content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestRange {
    /// The first key.
    pub first: SageKey,
    /// The last key, inclusive.
    pub last: SageKey,
    /// How many records.
    pub count: u64,
    /// SHA-256 of their content as the contract defines it, 64 hex digits.
    pub hash: String,
}

/// A page of range digests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestPage {
    /// The order of this observation.
    pub as_of: AsOf,
    /// In the agent's order.
    pub ranges: Vec<DigestRange>,
    /// Where the next page starts.
    pub next: Option<String>,
}

impl<C: Clock> AgentClient<C> {
    /// A page of at most `limit` (1 to 1000) keys, after the agent's position `after`.
    ///
    /// # Errors
    /// `E_SAGE_*` by class.
    pub async fn keys(
        &self,
        company: &Company,
        entity: Entity,
        limit: u32,
        after: Option<&str>,
    ) -> Result<KeysPage, Fault> {
        let path = format!(
            "{}/keys?limit={}{}",
            entity_path(company, entity),
            limit.clamp(1, 1000),
            position(after)
        );
        let body = self.get(&path, true).await?;
        let wire: WireKeys = parse(&body)?;
        check_next(after, wire.next.as_deref(), wire.keys.is_empty())?;
        let (mut keys, mut unreadable) = (Vec::new(), Vec::new());
        for text in &wire.keys {
            match read_key(company, entity, text)? {
                Ok(key) => keys.push(key),
                Err(fault) => unreadable.push(fault),
            }
        }
        Ok(KeysPage {
            as_of: wire.as_of,
            keys,
            unreadable,
            next: wire.next,
        })
    }

    /// A page of digests over ranges of `size` records each.
    ///
    /// # Errors
    /// `E_SAGE_*` by class.
    pub async fn digests(
        &self,
        company: &Company,
        entity: Entity,
        size: u32,
        after: Option<&str>,
    ) -> Result<DigestPage, Fault> {
        let path = format!(
            "{}/digests?size={size}{}",
            entity_path(company, entity),
            position(after)
        );
        let body = self.get(&path, true).await?;
        let wire: WireDigests = parse(&body)?;
        check_next(after, wire.next.as_deref(), wire.ranges.is_empty())?;
        let read = |text: &str| read_key(company, entity, text)?.map_err(contract_fault);
        let mut ranges = Vec::with_capacity(wire.ranges.len());
        for range in &wire.ranges {
            let hex = range.hash.bytes().all(|byte| byte.is_ascii_hexdigit());
            if range.hash.len() != 64 || !hex || range.count == 0 {
                return Err(contract_fault(
                    "a range has no record, or its hash is no SHA-256",
                ));
            }
            ranges.push(DigestRange {
                first: read(&range.first)?,
                last: read(&range.last)?,
                count: range.count,
                hash: range.hash.to_ascii_lowercase(),
            });
        }
        Ok(DigestPage {
            as_of: wire.as_of,
            ranges,
            next: wire.next,
        })
    }
}

fn position(after: Option<&str>) -> String {
    after.map_or_else(String::new, |after| format!("&after={}", encode(after)))
}
