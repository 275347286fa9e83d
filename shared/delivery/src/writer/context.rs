//! What every record of a pack needs to know, read once per pack.

use std::collections::HashMap;

use counterpart_config::{EntityConfig, TargetConfig};
use counterpart_domain::{Fault, SageKey};

use super::{CrmWriter, Mapper};
use crate::owner::RepTable;
use crate::ports::{Clock, Crm, CrmRecords, EventQueue, Ids, Intents, Marks, Queue, Store};
use crate::{Link, Pack};

/// A pack's surroundings.
pub(super) struct Context<'a> {
    pub(super) target: &'a TargetConfig,
    pub(super) entity: &'a EntityConfig,
    pub(super) reps: RepTable,
    pub(super) links: HashMap<SageKey, Link>,
    pub(super) parents: HashMap<SageKey, Link>,
    /// The message was received before, without a verdict: anything may have happened in the CRM.
    pub(super) again: bool,
}

impl<K, S, Q, E, C, M> CrmWriter<'_, K, S, Q, E, C, M>
where
    K: Crm + CrmRecords,
    S: Store + Intents + Marks,
    Q: Queue,
    E: EventQueue,
    C: Clock + Ids,
    M: Mapper,
{
    pub(super) async fn context<'b>(
        &self,
        pack: &Pack,
        target: &'b TargetConfig,
        entity: &'b EntityConfig,
        again: bool,
    ) -> Result<Context<'b>, Fault> {
        let keys: Vec<SageKey> = pack.entries.iter().map(|entry| pack.key(entry)).collect();
        let mut parents: Vec<SageKey> = Vec::new();
        if entity.parent_field.is_some() {
            parents = pack
                .entries
                .iter()
                .filter_map(|entry| entry.record.parent(&pack.company))
                .collect();
            parents.sort();
            parents.dedup();
        }
        let reps = match &entity.owner {
            Some(_) => RepTable::load(self.store, &pack.target, &pack.company).await?,
            None => RepTable::default(),
        };
        Ok(Context {
            target,
            entity,
            reps,
            links: self.known(pack, &keys).await?,
            parents: self.known(pack, &parents).await?,
            again,
        })
    }

    pub(super) async fn known(
        &self,
        pack: &Pack,
        keys: &[SageKey],
    ) -> Result<HashMap<SageKey, Link>, Fault> {
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        let links = self.store.links(&pack.target, keys).await?;
        Ok(keys
            .iter()
            .cloned()
            .zip(links)
            .filter_map(|(key, link)| Some((key, link?)))
            .collect())
    }
}
