//! Edits as people make them on Zoho's screens: no credits, another user's name on them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    notices::{self, Operation},
    org::Org,
    render,
    rows::Row,
    sales,
    store::{Deleted, Id, Record},
};

/// One edit, as the control door takes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    #[serde(default = "accounts")]
    module: String,
    #[serde(default)]
    action: Action,
    /// The record's id.
    id: Option<String>,
    /// Instead of the id: the value of `Sage_Key`.
    key: Option<String>,
    /// New values; null clears. `Owner` is `{"id"}`, as in the API.
    #[serde(default)]
    fields: Map<String, Value>,
    /// Who edits; without it, the sales manager.
    user: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Action {
    #[default]
    Set,
    Create,
    Delete,
    Lock,
    Unlock,
    Hide,
    Reveal,
}

fn accounts() -> String {
    "Accounts".to_owned()
}

/// Makes an edit; answers what the record is now.
pub fn apply(org: &mut Org, edit: &Edit) -> Result<Value, String> {
    let module = org
        .catalog
        .module(&edit.module)
        .ok_or_else(|| format!("there is no module {:?}", edit.module))?;
    let user = match &edit.user {
        Some(id) => id
            .parse()
            .ok()
            .filter(|id| org.user(*id).is_some())
            .ok_or_else(|| format!("there is no user {id:?}"))?,
        None => org.users.get(1).map_or(0, |user| user.id),
    };
    let row = Row::check(org, module, 0, &Value::Object(edit.fields.clone()))
        .map_err(|error| error.shown().to_string())?;
    let (now, known) = (org.now(), target(org, edit)?);
    let mut record = match (edit.action, known) {
        (Action::Create, _) => {
            row.check_mandatory(module)
                .map_err(|error| error.shown().to_string())?;
            let id = org.new_id();
            Record {
                id,
                values: BTreeMap::new(),
                owner: user,
                created: now,
                modified: now,
                created_by: user,
                modified_by: user,
                locked: false,
                hidden: false,
            }
        }
        (_, Some(id)) => org
            .store(module)
            .ok()
            .and_then(|store| store.get(id).cloned())
            .ok_or("the record is gone")?,
        (_, None) => return Err("name the record with `id` or `key`".to_owned()),
    };
    let own = record.id;
    let store = org.store(module).map_err(|_| "the module has no store")?;
    row.check_unique(org, store, Some(own))
        .map_err(|error| error.shown().to_string())?;
    match edit.action {
        Action::Create | Action::Set => {
            let old = matches!(edit.action, Action::Set).then(|| record.clone());
            row.apply(&mut record);
            sales::complete(org, module, &row, old.as_ref(), &mut record)
                .map_err(|error| error.shown().to_string())?;
            record.modified = now;
            record.modified_by = user;
            let operation = if old.is_some() {
                Operation::Update
            } else {
                Operation::Insert
            };
            notices::record(org, module, old.as_ref(), &record, operation);
        }
        Action::Lock => record.locked = true,
        Action::Unlock => record.locked = false,
        Action::Hide => record.hidden = true,
        Action::Reveal => record.hidden = false,
        Action::Delete => {
            if let Ok(store) = org.store_mut(module)
                && let Some(record) = store.take(own)
            {
                store.deleted.push(Deleted {
                    record: record.clone(),
                    at: now,
                    by: user,
                });
                notices::record(org, module, None, &record, Operation::Delete);
                notices::settle(org, true);
            }
            return Ok(json!({"id": own.to_string(), "deleted": true}));
        }
    }
    if let Ok(store) = org.store_mut(module) {
        store.put(record.clone());
    }
    notices::settle(org, true);
    Ok(render::whole(org, module, &record))
}

fn target(org: &Org, edit: &Edit) -> Result<Option<Id>, String> {
    if let Some(id) = &edit.id {
        return id.parse().map(Some).map_err(|_| format!("{id:?} is no id"));
    }
    let Some(key) = &edit.key else {
        return Ok(None);
    };
    let found = org
        .stores
        .get(edit.module.as_str())
        .and_then(|store| store.find("Sage_Key", &json!(key)).next());
    found
        .map(|record| Some(record.id))
        .ok_or_else(|| format!("{} has no record with Sage_Key {key:?}", edit.module))
}
