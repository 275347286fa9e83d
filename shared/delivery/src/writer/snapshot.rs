//! Step `snapshot`: what every record of a pack needs to know, read once per pack: first what can tell that there is nothing
//! to do.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use counterpart_config::{EntityConfig, TargetConfig};
use counterpart_domain::{Fault, SageKey};
use futures_util::future::try_join;
use futures_util::lock::Mutex;

use super::{CrmWriter, Mapper};
use crate::owner::RepTable;
use crate::ports::prelude::*;
use crate::ports::{Circuit, DeletedSince};
use crate::{Link, Pack};

/// A pack with everything that is the same for all its records.
pub(super) struct PackWork<'a, K> {
    pub(super) pack: Pack,
    pub(super) target: &'a TargetConfig,
    pub(super) entity: &'a EntityConfig,
    pub(super) crm: &'a K,
    pub(super) circuit: Circuit,
    /// Received before, without a verdict.
    pub(super) again: bool,
    /// Whether the links are asked first: it may well be that an earlier receive has done everything.
    pub(super) links_first: bool,
    /// What was deleted in the CRM, once it was asked for.
    pub(super) deleted: Deleted,
}

/// What was deleted lately, read once for all records of a pack.
pub(super) type Deleted = Arc<Mutex<Option<DeletedSince>>>;

impl<'a, K> PackWork<'a, K> {
    pub(super) fn with(&self, pack: Pack) -> PackWork<'a, K> {
        PackWork {
            pack,
            circuit: self.circuit.clone(),
            deleted: self.deleted.clone(),
            ..*self
        }
    }
}

/// A pack's surroundings.
pub(super) struct Snapshot<'a> {
    pub(super) target: &'a TargetConfig,
    pub(super) entity: &'a EntityConfig,
    pub(super) reps: RepTable,
    pub(super) links: HashMap<SageKey, Link>,
    pub(super) parents: HashMap<SageKey, Link>,
    /// The message was received before, without a verdict: anything may have happened in the CRM.
    pub(super) again: bool,
}

impl<P: Ports, M: Mapper> CrmWriter<'_, P, M> {
    pub(super) async fn snapshot<'b>(
        &self,
        pack: &Pack,
        target: &'b TargetConfig,
        entity: &'b EntityConfig,
        again: bool,
    ) -> Result<Snapshot<'b>, Fault> {
        let keys: Vec<SageKey> = pack.entries.iter().map(|entry| pack.key(entry)).collect();
        let reps = async {
            match &entity.owner {
                Some(_) => RepTable::load(self.store, &pack.target, &pack.company).await,
                None => Ok(RepTable::default()),
            }
        };
        let (links, reps) = try_join(self.links_of(pack, &keys), reps).await?;
        Ok(Snapshot {
            target,
            entity,
            reps,
            links,
            parents: HashMap::new(),
            again,
        })
    }

    /// Reads the links of the parents, once it is known that they are needed.
    pub(super) async fn add_parents(
        &self,
        pack: &Pack,
        snapshot: &mut Snapshot<'_>,
    ) -> Result<(), Fault> {
        if snapshot.entity.parent_field.is_some() {
            let parents = pack.entries.iter();
            let parents = parents.filter_map(|entry| entry.record.parent(&pack.company));
            let parents: BTreeSet<SageKey> = parents.collect();
            let parents: Vec<SageKey> = parents.into_iter().collect();
            snapshot.parents = self.links_of(pack, &parents).await?;
        }
        Ok(())
    }

    pub(super) async fn links_of(
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
