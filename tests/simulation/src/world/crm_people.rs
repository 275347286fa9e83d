//! People and administrators in the CRM: they clone, merge, delete and bring back, and empty fields that we live by.

use counterpart_domain::{CrmId, Value};

use super::crm::MemoryCrm;

impl MemoryCrm {
    /// Clones a record with its lines, as the button of that name does: all fields are copied but the key. `none`: there is
    /// none.
    pub fn clone_record(&self, module: &str, id: &CrmId, relation: &str) -> Option<CrmId> {
        let held = self.record(module, id)?;
        let copy = self.put(module, None, held.fields);
        let mut lines = self.lines(id, relation);
        for line in &mut lines {
            line.remove("id");
        }
        self.put_lines(module, &copy, relation, lines);
        Some(copy)
    }

    /// Deletes a record. The CRM blanks every lookup that points to it.
    pub fn delete_with_lookups(&self, module: &str, id: &CrmId) {
        self.delete_record(module, id);
        self.repoint(id, None);
    }

    /// Brings back what was deleted, under its old id. The lookups stay blank.
    pub fn undelete(&self, id: &CrmId) {
        let now = self.stamp();
        let state = &mut *self.state.borrow_mut();
        let Some(at) = state.bin.iter().position(|(_, held)| held.id == *id) else {
            return;
        };
        let (module, mut held) = state.bin.remove(at);
        held.modified = now;
        state.changed(&module, id, false);
        state.modules.entry(module).or_default().push(held);
    }

    /// Merges a record into another one: what pointed to the one that is gone points to the survivor from then on. `told`:
    /// this CRM tells of it when it is asked for the record, as Salesforce does.
    pub fn merge(&self, module: &str, gone: &CrmId, survivor: &CrmId, told: bool) {
        self.delete_record(module, gone);
        self.repoint(gone, Some(survivor));
        if told {
            let merged = &mut self.state.borrow_mut().merged;
            merged.insert(gone.clone(), survivor.clone());
        }
    }

    /// Empties the field that holds the Sage key, as an import with an empty column does.
    pub fn empty_key(&self, module: &str, id: &CrmId) {
        self.set_key(module, id, None);
        let now = self.stamp();
        let state = &mut *self.state.borrow_mut();
        state.changed(module, id, false);
        if let Some(held) = state.find_mut(module, id) {
            held.modified = now;
            held.modified_by = Some(CrmId("person".to_owned()));
        }
    }

    fn repoint(&self, from: &CrmId, to: Option<&CrmId>) {
        let now = self.stamp();
        let state = &mut *self.state.borrow_mut();
        let pointer = Value::Reference(from.0.clone());
        let mut changed = Vec::new();
        for (module, records) in &mut state.modules {
            for held in records {
                let fields = held.fields.iter();
                let fields = fields.filter(|(_, value)| **value == pointer);
                let named: Vec<String> = fields.map(|(name, _)| name.clone()).collect();
                if named.is_empty() {
                    continue;
                }
                for name in named {
                    match to {
                        Some(to) => held.fields.insert(name, Value::Reference(to.0.clone())),
                        None => held.fields.remove(&name),
                    };
                }
                held.modified = now;
                changed.push((module.clone(), held.id.clone()));
            }
        }
        for (module, id) in changed {
            state.changed(&module, &id, false);
        }
    }
}
