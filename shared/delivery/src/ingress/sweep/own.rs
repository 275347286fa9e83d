//! Our own writes move stamps as well. An import writes a million records: an event for each would cost a call for each.
//!
//! Who changed a record last does not tell whether somebody else did before. So of records that we changed last the values
//! are read, many with one call, and compared with what the link says that we wrote; only those that hold nothing else are
//! left out.

use std::collections::BTreeMap;

use counterpart_config::EntityConfig;
use counterpart_domain::{CrmId, Fault, SageKey};
use futures_util::future::try_join_all;

use super::{Scene, Sweeper};
use crate::Link;
use crate::bidirectional::compared_fields;
use crate::ports::prelude::*;
use crate::ports::{ChangedId, CrmRecord};

/// Keys of one reading.
const AT_ONCE: usize = 100;

/// Changes without those that are ours.
pub(super) struct Foreign<'a> {
    pub(super) changes: Vec<&'a ChangedId>,
    pub(super) own: u64,
}

impl<P: Ports> Sweeper<'_, P> {
    /// Leaves out records that are linked, were changed last by us, and hold what we wrote.
    pub(super) async fn but_own<'a>(
        &self,
        scene: &Scene<'_, P::Crm>,
        module: &str,
        changes: Vec<&'a ChangedId>,
    ) -> Result<Foreign<'a>, Fault> {
        let ours = scene.target.events.integration_user.as_ref();
        let mut entities = scene.target.entities.values();
        let entity = entities.find(|entity| entity.module == module);
        let (Some(ours), Some(entity)) = (ours, entity) else {
            return Ok(Foreign { changes, own: 0 });
        };
        let (mut foreign, own): (Vec<_>, Vec<_>) = changes
            .into_iter()
            .partition(|change| change.deleted || change.modified_by.as_ref() != Some(ours));
        let mut count = 0;
        for some in own.chunks(AT_ONCE) {
            let written = self.written(scene, entity, some).await?;
            for change in some {
                if written.contains(&change.id) {
                    count += 1;
                } else {
                    foreign.push(change);
                }
            }
        }
        Ok(Foreign {
            changes: foreign,
            own: count,
        })
    }

    /// Those of which the CRM holds nothing but what we wrote.
    async fn written(
        &self,
        scene: &Scene<'_, P::Crm>,
        entity: &EntityConfig,
        changes: &[&ChangedId],
    ) -> Result<Vec<CrmId>, Fault> {
        let keys = changes
            .iter()
            .map(|change| self.store.key_of(scene.name, &change.id));
        let keys = try_join_all(keys).await?;
        let keys: Vec<SageKey> = keys.into_iter().flatten().collect();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let links = self.store.links(scene.name, &keys).await?;
        let fields = compared_fields(entity);
        let records = scene
            .crm
            .read(&entity.module, &entity.key_field, &keys, &fields)
            .await?;
        let links: BTreeMap<&CrmId, &Link> = links
            .iter()
            .flatten()
            .filter_map(|link| Some((link.crm_id.as_ref()?, link)))
            .collect();
        let own = records.into_iter().filter(|record| {
            let link = links.get(&record.id);
            link.is_some_and(|link| holds(link, record))
        });
        Ok(own.map(|record| record.id).collect())
    }
}

fn holds(link: &Link, record: &CrmRecord) -> bool {
    let is_known = |(name, value): (&String, &counterpart_domain::Value)| {
        link.shadow
            .get(name)
            .is_some_and(|base| base.crm.value() == value)
    };
    link.is_settled()
        && record.key.as_deref() == Some(link.key.text().as_str())
        && record.fields.iter().all(is_known)
}
