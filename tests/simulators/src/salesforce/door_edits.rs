//! Edits as people make them on Salesforce's screens: no API calls, another user's name on them.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    errors::Fail,
    ids::Id,
    org::Org,
    render,
    schema::Object,
    telling::{Origin, settle},
    writes::{self, Writer},
};

/// One edit, as the control door takes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    #[serde(default = "account")]
    object: String,
    #[serde(default)]
    action: Action,
    /// The record's id.
    id: Option<String>,
    /// Instead of the id: the value of `Sage_Key__c`.
    key: Option<String>,
    /// New values, as in the API; null clears.
    #[serde(default)]
    fields: Map<String, Value>,
    /// Who edits; without it, the sales manager.
    user: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Action {
    #[default]
    Set,
    Create,
    Delete,
    Undelete,
    Lock,
    Unlock,
    Hide,
    Reveal,
}

fn account() -> String {
    "Account".to_owned()
}

/// Where the paths of records start in what the door shows.
pub const BASE: &str = "/services/data/v67.0";

/// Makes an edit; answers what the record is now.
///
/// # Errors
/// A sentence.
pub fn apply(org: &mut Org, edit: &Edit) -> Result<Value, String> {
    let object = org
        .catalog
        .object(&edit.object)
        .ok_or_else(|| format!("there is no object {:?}", edit.object))?;
    let user = match &edit.user {
        Some(id) => Id::parse(id)
            .filter(|id| org.record("User", id).is_some())
            .ok_or_else(|| format!("there is no user {id:?}"))?,
        None => org
            .users()
            .nth(1)
            .map(|user| user.id.clone())
            .ok_or("there are no users")?,
    };
    let counts = org.counts.clone();
    org.telling.origin = Origin::screen(&user);
    let made = make(org, object, edit, user);
    settle(org);
    let id = made?;
    // The counts are those of the API.
    org.counts = counts;
    let record = org
        .stores
        .get(object.name)
        .and_then(|store| store.any(&id))
        .ok_or("the record is gone")?;
    if record.deleted.is_some() {
        return Ok(json!({"Id": id.as_str(), "IsDeleted": true}));
    }
    Ok(render::whole(org, object, record, BASE, None))
}

fn make(org: &mut Org, object: &'static Object, edit: &Edit, user: Id) -> Result<Id, String> {
    Ok(match edit.action {
        Action::Create => {
            let writer = writer(org, user);
            writes::create(org, object, &edit.fields, &writer).map_err(told)?
        }
        action => {
            let id = target(org, object, edit)?;
            act(org, object, &id, action, edit, user)?;
            id
        }
    })
}

fn act(
    org: &mut Org,
    object: &'static Object,
    id: &Id,
    action: Action,
    edit: &Edit,
    user: Id,
) -> Result<(), String> {
    match action {
        Action::Set | Action::Create => {
            let writer = writer(org, user);
            writes::update(org, object, id, &edit.fields, &writer).map_err(told)
        }
        Action::Delete => {
            writes::remove(org, object, id, &user);
            Ok(())
        }
        Action::Hide | Action::Reveal => {
            let record = org.stores.get(object.name).and_then(|store| store.any(id));
            let mut record = record.cloned().ok_or("the record is gone")?;
            record.hidden = action == Action::Hide;
            org.share(object, record);
            Ok(())
        }
        Action::Undelete | Action::Lock | Action::Unlock => {
            let now = org.now();
            let record = org.stores.get(object.name).and_then(|store| store.any(id));
            let mut record = record.cloned().ok_or("the record is gone")?;
            match action {
                Action::Lock => record.locked = true,
                Action::Unlock => record.locked = false,
                _ => {
                    record.deleted = None;
                    record.modified = now;
                    record.modified_by = user;
                }
            }
            org.put(object, record);
            Ok(())
        }
    }
}

fn writer(org: &mut Org, user: Id) -> Writer {
    Writer {
        user,
        auto_assign: false,
        allow_duplicates: true,
        holder: org.holds.holder(),
        base: BASE.to_owned(),
        text: None,
    }
}

fn told(fails: Vec<Fail>) -> String {
    fails
        .iter()
        .map(|fail| format!("{}: {}", fail.code, fail.message))
        .collect::<Vec<_>>()
        .join("; ")
}

/// The record that an edit names; deleted ones too, the newest last.
fn target(org: &Org, object: &Object, edit: &Edit) -> Result<Id, String> {
    let store = org
        .stores
        .get(object.name)
        .ok_or("the object has no records")?;
    if let Some(text) = &edit.id {
        return Id::parse(text)
            .filter(|id| store.any(id).is_some())
            .ok_or_else(|| format!("{} has no record {text:?}", object.name));
    }
    let Some(key) = &edit.key else {
        return Err("name the record with `id` or `key`".to_owned());
    };
    let deleted = edit.action == Action::Undelete;
    store
        .all()
        .filter(|record| {
            record.deleted.is_some() == deleted
                && record.text("Sage_Key__c").eq_ignore_ascii_case(key)
        })
        .last()
        .map(|record| record.id.clone())
        .ok_or_else(|| format!("{} has no record with Sage_Key__c {key:?}", object.name))
}
