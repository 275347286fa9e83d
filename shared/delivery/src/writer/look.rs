//! Looking into the CRM before deciding, where the policy needs it.

use std::collections::HashMap;

use counterpart_domain::reconcile::{CreateInCrm, UpdateInCrm};
use counterpart_domain::{Class, Fault, SageKey};

use super::context::Context;
use super::plan::{Look, decide};
use super::settle::Work;
use super::verdict::{Decided, Prepared};
use super::{CrmWriter, Mapper};
use crate::owner::Owner;
use crate::ports::{Clock, Crm, CrmRecord, Ids, Queue, Store};

/// What there is to do: decided rows, and rows whose reading the CRM refuses.
pub(super) type Compared = (Vec<Decided>, Vec<(Prepared, Fault)>);

impl<K: Crm, S: Store, Q: Queue, C: Clock + Ids, M: Mapper> CrmWriter<'_, K, S, Q, C, M> {
    /// Reads the CRM's values where the policy needs them, and decides.
    ///
    /// # Errors
    /// When the CRM as a whole is out of reach.
    pub(super) async fn compare(
        &self,
        work: &Work<'_, K>,
        context: &Context<'_>,
        prepared: Vec<Prepared>,
    ) -> Result<Compared, Fault> {
        let keys: Vec<SageKey> = prepared
            .iter()
            .filter(|row| looked_for(work, row))
            .map(|row| row.key.clone())
            .collect();
        let (found, refused) = self.find(work, &keys).await?;
        let (mut decided, mut unreadable) = (Vec::with_capacity(prepared.len()), Vec::new());
        for row in prepared {
            if let Some(fault) = refused.get(&row.key) {
                unreadable.push((row, fault.clone()));
                continue;
            }
            let look = if looked_for(work, &row) {
                Look::At {
                    found: found.get(&row.key.text()),
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
    async fn find(
        &self,
        work: &Work<'_, K>,
        keys: &[SageKey],
    ) -> Result<(HashMap<String, CrmRecord>, HashMap<SageKey, Fault>), Fault> {
        let entity = work.entity;
        let mut fields: Vec<String> = entity.fields.iter().map(|map| map.field.clone()).collect();
        fields.extend(entity.owner.iter().map(|owner| owner.field.clone()));
        fields.extend(entity.parent_field.clone());
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
}

/// Whether the CRM's values are part of the comparison: where it may own them, and at a first meeting also where the policy
/// treats records that exist differently from new ones.
fn compares<K>(work: &Work<'_, K>, row: &Prepared) -> bool {
    let policy = &work.entity.policy;
    let meets = policy.create != CreateInCrm::Always || policy.update != UpdateInCrm::All;
    policy.needs_crm_values() || (meets && !row.is_linked())
}

/// An admin user is written at creation only: whether it is one has to be known, too.
pub(super) fn looked_for<K>(work: &Work<'_, K>, row: &Prepared) -> bool {
    compares(work, row) || (matches!(row.owner, Some(Owner::AtCreation(_))) && !row.is_linked())
}
