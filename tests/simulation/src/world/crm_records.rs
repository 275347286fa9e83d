//! The memory CRM, one record at a time: whole documents with their lines and what their lookups lead to, updates by id,
//! what changed since when, currencies.

use std::collections::{BTreeMap, BTreeSet};

use counterpart_delivery::ports::{
    ChangedId, ChangesAfter, CrmRecord, CrmRecords, CurrencyRate, DeletedSince, Deletions,
    Document, DocumentQuery, Past, RowOutcome, UpdateRow, Written,
};
use counterpart_domain::{Class, CrmId, Fault, Fields, Value};
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::crm::{Held, MemoryCrm, Shape, State, same_key};

impl MemoryCrm {
    /// Puts a record there under an id of one's own choice, as a person would.
    pub fn put_as(&self, module: &str, id: &str, key: Option<&str>, fields: Fields) -> CrmId {
        let id = CrmId(id.to_owned());
        let now = self.stamp();
        let state = &mut *self.state.borrow_mut();
        let held = Held::new(id.clone(), key.map(str::to_owned), &fields, now);
        state.changed(module, &id, false);
        let records = state.modules.entry(module.to_owned()).or_default();
        records.push(held);
        id
    }

    /// Changes fields of a record, as a person would.
    ///
    /// # Panics
    /// When there is no such record.
    #[expect(clippy::expect_used, reason = "a test that edits nothing is wrong")]
    pub fn edit(&self, module: &str, id: &CrmId, user: &str, fields: Fields) {
        let now = self.stamp();
        let state = &mut *self.state.borrow_mut();
        state.changed(module, id, false);
        let held = state.find_mut(module, id).expect("the record");
        held.take(&fields, now);
        held.modified_by = Some(CrmId(user.to_owned()));
    }

    /// Sets the key that a record holds, as a person who copies records would.
    ///
    /// # Panics
    /// When there is no such record.
    #[expect(clippy::expect_used, reason = "a test that edits nothing is wrong")]
    pub fn set_key(&self, module: &str, id: &CrmId, key: Option<&str>) {
        let state = &mut *self.state.borrow_mut();
        let held = state.find_mut(module, id).expect("the record");
        held.key = key.map(str::to_owned);
    }

    /// A record as it is; none: it is not there.
    #[must_use]
    pub fn record(&self, module: &str, id: &CrmId) -> Option<Held> {
        self.records(module).into_iter().find(|held| held.id == *id)
    }

    /// Takes a record away by its id, as a person would.
    pub fn delete_record(&self, module: &str, id: &CrmId) {
        let now = self.stamp();
        let state = &mut *self.state.borrow_mut();
        state.changed(module, id, false);
        if let Some(records) = state.modules.get_mut(module) {
            let gone = records.extract_if(.., |held| held.id == *id);
            let gone: Vec<_> = gone.map(|held| (module.to_owned(), held)).collect();
            state.bin.extend(gone);
        }
        let deleted = state.deleted.entry(module.to_owned()).or_default();
        deleted.push((now, id.clone()));
    }

    /// Sets a currency's rate: units of it for one unit of the org's own, whose rate is 1.
    pub fn put_currency(&self, iso: &str, per_home: Decimal) {
        let rate = CurrencyRate {
            iso: iso.to_owned(),
            per_home,
            home: per_home == Decimal::ONE,
            since: None,
        };
        let state = &mut *self.state.borrow_mut();
        state.currencies.insert(iso.to_owned(), rate);
    }

    /// From now on nobody like us may see a record (sharing rules, or a role), or everybody may again. Salesforce, "Sharing
    /// Considerations" and "Status Codes": a query leaves it out; a write by its id is `INSUFFICIENT_ACCESS_OR_READONLY`; a unique
    /// value that it holds is `DUPLICATE_VALUE`, "on record with id: <unknown>". Zoho, "Update Records": 403 `NO_PERMISSION`.
    pub fn hide(&self, id: &CrmId, hidden: bool) {
        let state = &mut *self.state.borrow_mut();
        match hidden {
            true => state.hidden.insert(id.clone()),
            false => state.hidden.remove(id),
        };
    }

    /// The CRM lists no deletion of before any more: the bin was emptied, or too long ago.
    pub fn forget_deletions(&self) {
        self.state.borrow_mut().deleted.clear();
    }

    /// Others are deleted, whom nobody here ever heard of.
    pub fn delete_others(&self, module: &str, how_many: usize) {
        let now = self.stamp();
        let state = &mut *self.state.borrow_mut();
        let deleted = state.deleted.entry(module.to_owned()).or_default();
        deleted.extend((0..how_many).map(|at| (now, CrmId(format!("other-{at}")))));
    }

    /// How often it was asked what was deleted.
    #[must_use]
    pub fn deletion_lists(&self) -> u64 {
        self.state.borrow().deletion_lists
    }

    /// How many rows were updated by id.
    #[must_use]
    pub fn updates(&self) -> u64 {
        self.state.borrow().updates
    }
}

impl State {
    fn find(&self, module: &str, id: &CrmId) -> Option<&Held> {
        let mut records = self.modules.get(module)?.iter();
        records.find(|held| held.id == *id)
    }

    pub(super) fn find_mut(&mut self, module: &str, id: &CrmId) -> Option<&mut Held> {
        let mut records = self.modules.get_mut(module)?.iter_mut();
        records.find(|held| held.id == *id)
    }

    /// The record that a lookup points to, whichever module it is of.
    fn behind(&self, value: Option<&Value>) -> Option<(&str, &Held)> {
        let Some(Value::Reference(id)) = value else {
            return None;
        };
        self.modules.iter().find_map(|(module, records)| {
            let held = records.iter().find(|held| held.id.0 == *id)?;
            Some((module.as_str(), held))
        })
    }

    /// A field by its name, over as many lookups as it leads.
    fn value(&self, shape: &Shape, module: &str, held: &Held, name: &str) -> Value {
        if shape.keys.get(module).is_some_and(|key| key == name) {
            return Value::text(held.key.clone().unwrap_or_default());
        }
        if let Some(value) = held.fields.get(name) {
            return value.clone();
        }
        self.beyond(shape, &held.fields, name)
    }

    fn beyond(&self, shape: &Shape, fields: &Fields, name: &str) -> Value {
        let Some((lookup, rest)) = name.split_once('.') else {
            return Value::Blank;
        };
        // Salesforce names a relation after its field: `AccountId` leads on as `Account`, `Root__c` as `Root__r`.
        let names = [
            lookup.to_owned(),
            format!("{lookup}Id"),
            lookup.replace("__r", "__c"),
        ];
        let pointer = names.iter().find_map(|name| fields.get(name));
        match self.behind(pointer) {
            Some((_, there)) if rest == "Id" || rest == "id" => Value::text(there.id.0.as_str()),
            Some((module, there)) => self.value(shape, module, there, rest),
            None => Value::Blank,
        }
    }

    pub(super) fn update(
        &mut self,
        shape: &Shape,
        module: &str,
        row: &UpdateRow,
        now: Timestamp,
    ) -> RowOutcome {
        if let Some(fault) = self.refused_records.get(&row.id) {
            return Err(fault.clone());
        }
        let refused = |value: &Value| self.row_faults.get(&value.to_string());
        if let Some(fault) = row.fields.values().find_map(refused) {
            return Err(fault.clone());
        }
        if self.hidden.contains(&row.id) {
            let message = format!("The user may not see or change {}.", row.id);
            let class = Class::Configuration;
            return Err(Fault::new(class, "E_CRM_PERMISSION", message));
        }
        if self.locked.contains(&row.id.0) {
            let message = format!("{} is locked.", row.id);
            return Err(Fault::new(Class::Transient, "E_CRM_RECORD_LOCKED", message));
        }
        let mut fields = row.fields.clone();
        let key = shape
            .keys
            .get(module)
            .and_then(|key| fields.remove(key))
            .map(|key| key.to_string());
        let emptied = key.as_ref().is_some_and(String::is_empty);
        let key = key.filter(|key| !key.is_empty());
        let is_ours = |held: &str| key.as_deref().is_some_and(|key| same_key(key, held));
        let taken = |held: &Held| held.id != row.id && held.key.as_deref().is_some_and(is_ours);
        let of = self.modules.get(module);
        if of.is_some_and(|records| records.iter().any(taken)) {
            let message = format!("Another record of {module} has the key {key:?}.");
            return Err(Fault::new(Class::Data, "E_CRM_DUPLICATE", message));
        }
        let Some(held) = self.find_mut(module, &row.id) else {
            let message = format!("{} is not in {module}.", row.id);
            return Err(Fault::new(Class::Data, "E_CRM_RECORD_GONE", message));
        };
        held.take(&fields, now);
        if key.is_some() || emptied {
            held.key = key;
        }
        self.changed(module, &row.id, true);
        self.updates += 1;
        Ok(Written {
            id: row.id.clone(),
            created: false,
            modified: Some(now),
        })
    }
}

/// A client of Salesforce reads so many of the deleted records, newest first.
const DELETIONS_LISTED: usize = 2_000;
/// Zoho gives 200 deleted records with one page at most ("Get List of Deleted Records").
const DELETIONS_PER_PAGE: usize = 200;

fn deletion((at, id): &(Timestamp, CrmId)) -> ChangedId {
    ChangedId {
        id: id.clone(),
        modified: *at,
        modified_by: None,
        deleted: true,
        line_of: None,
    }
}

impl CrmRecords for MemoryCrm {
    async fn document(&self, query: &DocumentQuery, id: &CrmId) -> Result<Option<Document>, Fault> {
        let effect = async {
            self.begin()?;
            let state = self.state.borrow();
            if let Some(fault) = state.refused_records.get(id) {
                return Err(fault.clone());
            }
            let Some(held) = state.find(&query.module, id) else {
                return Ok(None);
            };
            if state.hidden.contains(id) {
                return Ok(None);
            }
            let fields = query.fields.iter().map(|name| {
                let value = state.value(&self.shape, &query.module, held, name);
                (name.clone(), value)
            });
            let lines = query.lines.iter().flat_map(|wanted| {
                let at = (id.clone(), wanted.relation.clone());
                let lines = state.lines.get(&at).into_iter().flatten();
                let line = |line: &Fields| {
                    let value = |name: &String| {
                        let own = line.get(name).cloned();
                        own.unwrap_or_else(|| state.beyond(&self.shape, line, name))
                    };
                    let names = wanted.fields.iter();
                    let mut fields: Fields =
                        names.map(|name| (name.clone(), value(name))).collect();
                    fields.extend(
                        line.get_key_value("id")
                            .map(|(n, v)| (n.clone(), v.clone())),
                    );
                    fields
                };
                lines.map(line).collect::<Vec<_>>()
            });
            Ok(Some(Document {
                module: query.module.clone(),
                id: id.clone(),
                fields: fields.collect(),
                lines: lines.collect(),
                created: held.past.first().map(|(at, _)| *at),
                modified: Some(held.modified),
                modified_by: held.modified_by.clone(),
            }))
        };
        self.faults.call("crm.document", effect).await
    }

    async fn past(&self, module: &str, id: &CrmId, now: &Fields) -> Result<Past, Fault> {
        let effect = async {
            self.begin()?;
            Ok(self.remembered(module, id, now))
        };
        self.faults.call("crm.past", effect).await
    }

    async fn update(&self, module: &str, rows: &[UpdateRow]) -> Result<Vec<RowOutcome>, Fault> {
        let effect = async {
            self.begin()?;
            assert!(rows.len() <= self.bulk, "more rows than a call takes");
            let now = self.stamp();
            let state = &mut *self.state.borrow_mut();
            let rows = rows.iter();
            Ok(rows
                .map(|row| state.update(&self.shape, module, row, now))
                .collect())
        };
        self.faults.call("crm.update", effect).await
    }

    async fn find_by(
        &self,
        module: &str,
        field: &str,
        values: &[String],
        blank: Option<&str>,
        fields: &[String],
        most: Option<usize>,
    ) -> Result<Vec<CrmRecord>, Fault> {
        let effect = async {
            self.begin()?;
            let state = self.state.borrow();
            if let Some(fault) = values.iter().find_map(|one| state.row_faults.get(one)) {
                return Err(fault.clone());
            }
            let records = state.modules.get(module).into_iter().flatten();
            let shown = |held: &Held, name: &str| state.value(&self.shape, module, held, name);
            if values.iter().any(|one| state.unreadable.contains(one)) {
                let message = "The CRM refused the query; check keys and field names.";
                return Err(Fault::new(
                    Class::Configuration,
                    "E_CRM_QUERY_REFUSED",
                    message,
                ));
            }
            // Neither CRM regards case here.
            let wanted: BTreeSet<String> = values.iter().map(|one| one.to_lowercase()).collect();
            let found = records.filter(|held| {
                let empty = |name| shown(held, name).to_string().is_empty();
                !state.hidden.contains(&held.id)
                    && blank.is_none_or(empty)
                    && wanted.contains(&shown(held, field).to_string().to_lowercase())
            });
            Ok(found
                .map(|held| CrmRecord {
                    id: held.id.clone(),
                    key: None,
                    fields: fields
                        .iter()
                        .map(|name| (name.clone(), shown(held, name)))
                        .collect(),
                    modified: Some(held.modified),
                })
                .take(most.map_or(usize::MAX, |most| most + 1))
                .collect())
        };
        self.faults.call("crm.find_by", effect).await
    }

    async fn survivor(&self, _module: &str, id: &CrmId) -> Result<Option<CrmId>, Fault> {
        let effect = async {
            self.begin()?;
            Ok(self.state.borrow().merged.get(id).cloned())
        };
        self.faults.call("crm.survivor", effect).await
    }

    async fn merged_into(&self, _module: &str, id: &CrmId) -> Result<Vec<CrmId>, Fault> {
        let effect = async {
            self.begin()?;
            let state = self.state.borrow();
            let merged = state.merged.iter().filter(|(_, survivor)| *survivor == id);
            Ok(merged.map(|(gone, _)| gone.clone()).collect())
        };
        self.faults.call("crm.merged_into", effect).await
    }

    async fn changed_since(
        &self,
        module: &str,
        since: Timestamp,
        after: Option<&ChangesAfter>,
        limit: u32,
    ) -> Result<Vec<ChangedId>, Fault> {
        let effect = async {
            self.begin()?;
            let state = self.state.borrow();
            let there = state.modules.get(module).into_iter().flatten();
            let there = there.map(|held| ChangedId {
                id: held.id.clone(),
                modified: held.modified,
                modified_by: held.modified_by.clone().or_else(|| state.ours.clone()),
                deleted: false,
                line_of: None,
            });
            // Zoho keeps deletions in a list of their own ("Get Records", "Get List of Deleted Records").
            let gone = state.deleted.get(module).into_iter().flatten();
            let gone = gone.filter(|_| !self.shape.lists_deletions);
            let gone = gone.map(deletion);
            let lines = state.changed_lines(module);
            let position = |one: &ChangedId| (one.modified, one.id.clone());
            let mut changed: Vec<_> = there
                .chain(gone)
                .chain(lines)
                .filter(|one| one.modified >= since)
                .filter(|one| {
                    after.is_none_or(|after| position(one) > (after.modified, after.id.clone()))
                })
                .collect();
            changed.sort_by_key(position);
            changed.truncate(limit as usize);
            Ok(changed)
        };
        self.faults.call("crm.changed_since", effect).await
    }

    async fn deletions(
        &self,
        module: &str,
        since: Timestamp,
        page: u32,
    ) -> Result<Deletions, Fault> {
        let effect = async {
            self.begin()?;
            if !self.shape.lists_deletions {
                return Ok(Deletions::default());
            }
            let state = self.state.borrow();
            let gone = state.deleted.get(module).into_iter().flatten();
            let gone: Vec<_> = gone.rev().filter(|(at, _)| *at >= since).collect();
            let from = (page.max(1) as usize - 1) * DELETIONS_PER_PAGE;
            let rows: Vec<_> = gone.iter().skip(from).take(DELETIONS_PER_PAGE).collect();
            Ok(Deletions {
                more: gone.len() > from + rows.len(),
                rows: rows.into_iter().map(|gone| deletion(gone)).collect(),
            })
        };
        self.faults.call("crm.deletions", effect).await
    }

    async fn record_of_line(&self, _module: &str, id: &CrmId) -> Result<Option<CrmId>, Fault> {
        let effect = async {
            self.begin()?;
            Ok(self.state.borrow().record_of_line(id))
        };
        self.faults.call("crm.record_of_line", effect).await
    }

    async fn deleted_since(&self, module: &str, since: Timestamp) -> Result<DeletedSince, Fault> {
        let effect = async {
            self.begin()?;
            let state = &mut *self.state.borrow_mut();
            state.deletion_lists += 1;
            let gone = state.deleted.get(module).into_iter().flatten().rev();
            let mut gone = gone.filter(|(at, _)| *at >= since);
            let newest = gone.by_ref().take(DELETIONS_LISTED);
            Ok(DeletedSince {
                ids: newest.map(|(_, id)| id.clone()).collect(),
                cut: gone.next().is_some(),
            })
        };
        self.faults.call("crm.deleted_since", effect).await
    }

    async fn currencies(&self, _day: Date) -> Result<BTreeMap<String, CurrencyRate>, Fault> {
        let effect = async {
            self.begin()?;
            Ok(self.state.borrow().currencies.clone())
        };
        self.faults.call("crm.currencies", effect).await
    }
}
