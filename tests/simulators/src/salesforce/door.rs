//! What is Salesforce's own of the control door.

use serde_json::{Map, Value, json};

use super::{
    door_edits::{self, Edit},
    door_faults::{self, FaultBody},
    org::{System, shown_time},
    render,
};
use crate::control::{Doorkeeper, Faults, ResetBody, Which};

impl Doorkeeper for System {
    type Edit = Edit;
    type Settings = FaultBody;

    fn stats(&self, calls: Value) -> Value {
        let org = self.org();
        let now = org.now();
        let records: Map<String, Value> = org
            .stores
            .values()
            .filter(|store| store.object.writable)
            .map(|store| (store.object.name.to_owned(), json!(store.len())))
            .collect();
        json!({
            "system": "salesforce",
            "calls": calls,
            "api_usage": org.budget.total(),
            "api_limit": org.budget.limit(),
            "tokens_issued": org.sessions.issued(),
            "tokens_live": org.sessions.live(now),
            "rows": org.counts,
            "records": records,
            "now": shown_time(now),
        })
    }

    fn records(&self, name: &str, which: &Which) -> Result<Vec<Value>, String> {
        let org = self.org();
        let known: Vec<&str> = org.catalog.all().map(|object| object.name).collect();
        let object = org.catalog.object(name).ok_or_else(|| {
            format!(
                "there is no object {name:?}; there are {}",
                known.join(", ")
            )
        })?;
        let records = org
            .stores
            .get(object.name)
            .into_iter()
            .flat_map(|store| store.all());
        if let Some(unknown) = which
            .keys()
            .find(|name| !matches!(name.as_str(), "id" | "key") && object.field(name).is_none())
        {
            return Err(format!("{} has no field {unknown:?}", object.name));
        }
        let wanted = records
            .filter(|record| record.deleted.is_none())
            .filter(|record| {
                which.iter().all(|(name, wanted)| match name.as_str() {
                    "id" => record.id.as_str() == wanted || record.id.short() == wanted,
                    "key" => record.text("Sage_Key__c") == wanted,
                    name => object.field(name).is_some_and(|field| {
                        let shown = match render::value(&org, object, record, field) {
                            Value::String(text) => text,
                            other => other.to_string(),
                        };
                        shown == *wanted
                    }),
                })
            });
        let shown =
            wanted.map(|record| render::whole(&org, object, record, door_edits::BASE, None));
        Ok(shown.collect())
    }

    fn edit(&self, edits: &[Edit]) -> Result<Vec<Value>, String> {
        let mut org = self.org();
        edits
            .iter()
            .map(|edit| door_edits::apply(&mut org, edit))
            .collect()
    }

    fn set(&self, faults: &mut Faults, body: FaultBody) -> Result<Value, String> {
        door_faults::apply(&mut self.org(), faults, body)
    }

    fn standing(&self, faults: &Faults) -> Value {
        door_faults::standing(&self.org(), faults)
    }

    fn reset(&self, body: &ResetBody) -> (Option<u64>, Option<u32>) {
        self.org().reset();
        (body.seed, body.customers)
    }
}
