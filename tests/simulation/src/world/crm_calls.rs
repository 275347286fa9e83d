//! The calls by which records are written under their key and read by it.

use std::collections::BTreeSet;

use counterpart_delivery::ports::{
    Crm, CrmRecord, CrmUser, RowOutcome, UpdateRow, UpsertCall, UpsertRow,
};
use counterpart_domain::{Class, Fault, SageKey, Value};

use super::crm::{Held, MemoryCrm, same_key};

impl Crm for MemoryCrm {
    fn bulk_size(&self) -> usize {
        self.bulk
    }

    async fn upsert(&self, call: &UpsertCall) -> Result<Vec<RowOutcome>, Fault> {
        let effect = async {
            self.begin()?;
            assert!(call.rows.len() <= self.bulk, "more rows than a call takes");
            self.take_time(call.rows.len()).await?;
            self.poisoned(call.rows.iter().map(|row| row.key.text()))?;
            let limit = self.within_trigger_limit(call.rows.len());
            let now = self.stamp();
            let state = &mut *self.state.borrow_mut();
            if limit.is_ok() {
                state.largest = state.largest.max(call.rows.len());
            }
            let row = |row: &UpsertRow| {
                limit.clone()?;
                state.row(&self.shape, call, &row.key, &row.fields, now)
            };
            Ok(call.rows.iter().map(row).collect())
        };
        self.faults.call("crm.upsert", effect).await
    }

    async fn update_linked(
        &self,
        module: &str,
        rows: &[UpdateRow],
    ) -> Result<Vec<RowOutcome>, Fault> {
        let effect = async {
            self.begin()?;
            assert!(rows.len() <= self.bulk, "more rows than a call takes");
            self.take_time(rows.len()).await?;
            let key_field = self.shape.keys.get(module);
            let key = |row: &UpdateRow| Some(row.fields.get(key_field?)?.to_string());
            self.poisoned(rows.iter().filter_map(key))?;
            let limit = self.within_trigger_limit(rows.len());
            let now = self.stamp();
            let state = &mut *self.state.borrow_mut();
            if limit.is_ok() {
                state.largest = state.largest.max(rows.len());
            }
            let linked = |row: &UpdateRow| {
                limit.clone()?;
                let key = key(row).unwrap_or_default();
                state.accepts(&self.shape, module, &key, &row.fields)?;
                let mandatory = self.shape.mandatory.get(module).copied();
                let blanked = mandatory.and_then(|name| row.fields.get(name));
                if blanked.is_some_and(Value::is_blank) {
                    let message = format!("A mandatory field of {key} is blank.");
                    return Err(Fault::new(Class::Data, "E_CRM_REQUIRED_MISSING", message));
                }
                state.update(&self.shape, module, row, now)
            };
            Ok(rows.iter().map(linked).collect())
        };
        self.faults.call("crm.upsert", effect).await
    }

    async fn read(
        &self,
        module: &str,
        _key_field: &str,
        keys: &[SageKey],
        fields: &[String],
    ) -> Result<Vec<CrmRecord>, Fault> {
        let effect = async {
            self.begin()?;
            let wanted: BTreeSet<String> = keys.iter().map(SageKey::text).collect();
            if self
                .state
                .borrow()
                .unreadable
                .intersection(&wanted)
                .next()
                .is_some()
            {
                return Err(Fault::new(
                    Class::Data,
                    "E_CRM_QUERY",
                    "The query was refused.",
                ));
            }
            let held = self.records(module).into_iter();
            let hidden = self.state.borrow().hidden.clone();
            let held = held.filter(|held| !hidden.contains(&held.id));
            // As the clients do, a key that was found in other letters is told as it was asked for.
            let asked = |held: &Held| {
                let key = held.key.as_deref()?;
                wanted.iter().find(|wanted| same_key(wanted, key)).cloned()
            };
            let held = held.filter_map(|held| Some((asked(&held)?, held)));
            Ok(held
                .map(|(key, held)| CrmRecord {
                    fields: held
                        .fields
                        .into_iter()
                        .filter(|(name, _)| fields.contains(name))
                        .collect(),
                    id: held.id,
                    key: Some(key),
                    modified: Some(held.modified),
                })
                .collect())
        };
        self.faults.call("crm.read", effect).await
    }

    async fn users(&self) -> Result<Vec<CrmUser>, Fault> {
        self.faults
            .call("crm.users", async { Ok(Vec::new()) })
            .await
    }
}
