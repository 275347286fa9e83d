//! Looking into the CRM before deciding, where the policy needs it.

use std::collections::HashMap;

use counterpart_config::EntityConfig;
use counterpart_domain::reconcile::{CreateInCrm, UpdateInCrm};
use counterpart_domain::{Class, CrmId, Fault, SageKey};

use super::context::Context;
use super::plan::{Look, decide};
use super::verdict::{Decided, Prepared};
use super::work::Work;
use super::{CrmWriter, Mapper};
use crate::Reason;
use crate::owner::Owner;
use crate::ports::prelude::*;
use crate::ports::{CrmRecord, DocumentQuery};
use crate::two_way::policy_of;

/// What there is to do: decided rows, and rows whose reading the CRM refuses.
pub(super) type Compared = (Vec<Decided>, Vec<(Prepared, Fault)>);

impl<P: Ports, M: Mapper> CrmWriter<'_, P, M> {
    /// Reads the CRM's values where the policy needs them, and decides.
    ///
    /// # Errors
    /// When the CRM as a whole is out of reach.
    pub(super) async fn compare(
        &self,
        work: &Work<'_, P::Crm>,
        context: &Context<'_>,
        prepared: Vec<Prepared>,
    ) -> Result<Compared, Fault> {
        let keys: Vec<SageKey> = prepared
            .iter()
            .filter(|row| looked_for(work, row) && row.unkeyed().is_none())
            .map(|row| row.key.clone())
            .collect();
        let (mut found, mut refused) = self.find(work, &keys).await?;
        for row in prepared.iter().filter(|row| looked_for(work, row)) {
            // The record that the link names is the one, whichever holds the key.
            let text = row.key.text();
            let by_key = found.get(&text).map(|record| &record.id);
            if let Some(id) = row.known_id().filter(|id| by_key != Some(*id)) {
                found.remove(&text);
                match self.find_by_id(work, id).await {
                    Ok(record) => {
                        found.extend(record.map(|record| (text, record)));
                    }
                    Err(fault) if matches!(fault.class, Class::Data | Class::Bug) => {
                        refused.insert(row.key.clone(), fault);
                    }
                    Err(fault) => return Err(fault),
                }
            }
        }
        let (mut decided, mut unreadable) = (Vec::with_capacity(prepared.len()), Vec::new());
        for row in prepared {
            if let Some(fault) = refused.get(&row.key) {
                unreadable.push((row, fault.clone()));
                continue;
            }
            let record = found.get(&row.key.text());
            // One that is gone is found out by the write.
            let look = if looked_for(work, &row) && (record.is_some() || !row.is_linked()) {
                Look::At {
                    found: record,
                    values: compares(work, &row),
                }
            } else {
                Look::None
            };
            decided.push(decide(context, row, &look));
        }
        Ok((decided, unreadable))
    }

    /// Finds records by key. Keys that the CRM refuses to be asked for are found by halving.
    pub(super) async fn find(
        &self,
        work: &Work<'_, P::Crm>,
        keys: &[SageKey],
    ) -> Result<(HashMap<String, CrmRecord>, HashMap<SageKey, Fault>), Fault> {
        let entity = work.entity;
        let fields = compared_fields(entity);
        let (mut found, mut refused) = (HashMap::new(), HashMap::new());
        let mut open: Vec<&[SageKey]> = keys.chunks(work.crm.bulk_size().max(1)).collect();
        while let Some(part) = open.pop() {
            let read = work
                .crm
                .read(&entity.module, &entity.key_field, part, &fields);
            match (read.await, part) {
                (Ok(records), _) => found.extend(
                    records
                        .into_iter()
                        .filter_map(|record| Some((record.key.clone()?, record))),
                ),
                (Err(fault), [key]) if matches!(fault.class, Class::Data | Class::Bug) => {
                    refused.insert(key.clone(), fault);
                }
                (Err(fault), part) if matches!(fault.class, Class::Data | Class::Bug) => {
                    let (left, right) = part.split_at(part.len() / 2);
                    open.extend([right, left]);
                }
                (Err(fault), _) => return Err(fault),
            }
        }
        Ok((found, refused))
    }

    /// A record that does not hold its key, or not yet.
    pub(super) async fn find_by_id(
        &self,
        work: &Work<'_, P::Crm>,
        id: &CrmId,
    ) -> Result<Option<CrmRecord>, Fault> {
        let query = DocumentQuery {
            module: work.entity.module.clone(),
            fields: compared_fields(work.entity),
            lines: None,
        };
        let document = work.crm.document(&query, id).await?;
        Ok(document.map(|document| CrmRecord {
            id: document.id,
            key: None,
            fields: document.fields,
            modified: document.modified,
        }))
    }
}

/// The CRM fields that are part of a comparison.
pub(crate) fn compared_fields(entity: &EntityConfig) -> Vec<String> {
    let mut fields: Vec<String> = entity.fields.iter().map(|map| map.field.clone()).collect();
    fields.extend(entity.owner.iter().map(|owner| owner.field.clone()));
    fields.extend(entity.parent_field.clone());
    fields
}

/// Whether the CRM's values are part of the comparison: where it may own them, at a first meeting also where the policy
/// treats records that exist differently from new ones, and after a creation in Sage, for what was edited meanwhile.
fn compares<K>(work: &Work<'_, K>, row: &Prepared) -> bool {
    let policy = policy_of(work.entity, row.link.as_ref());
    let meets = policy.create != CreateInCrm::Always || policy.update != UpdateInCrm::All;
    work.pack.reason == Reason::Edited
        || policy.needs_crm_values()
        || (meets && !row.is_linked())
        || row.unkeyed().is_some()
}

/// An admin user is written at creation only: whether it is one has to be known, too.
pub(super) fn looked_for<K>(work: &Work<'_, K>, row: &Prepared) -> bool {
    compares(work, row) || (matches!(row.owner, Some(Owner::AtCreation(_))) && !row.is_linked())
}
