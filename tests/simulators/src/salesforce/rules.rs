//! What a record must be before it is saved, in Salesforce's order: the system's own rules, the
//! administrator's validation rules, duplicate rules, unique values.

use serde_json::{Value, json};

use super::{
    addresses,
    errors::Fail,
    ids::Id,
    metadata::{self, FIELD_PERMISSIONS},
    org::Org,
    render,
    rows::Change,
    sales,
    schema::{Field, Kind, Object},
    settings::{DuplicateRule, ValidationRule},
    store::Record,
};
use crate::shared::folded;

/// Checks a record that is about to be saved. `change` is what is new about it.
///
/// # Errors
/// What Salesforce says.
pub fn check(
    org: &Org,
    object: &'static Object,
    record: &mut Record,
    change: &Change,
    allow_duplicates: bool,
) -> Result<(), Vec<Fail>> {
    required(object, record)?;
    references(org, object, record, change).map_err(one)?;
    sales::check(org, object, record, change).map_err(one)?;
    if object.name == FIELD_PERMISSIONS.name {
        metadata::check(org, record).map_err(one)?;
    }
    if org.settings.state_country_picklists {
        addresses::complete(object, record, change).map_err(one)?;
    }
    let fired: Vec<Fail> = org
        .settings
        .validation_rules
        .iter()
        .filter(|rule| rule.object == object.name && fires(rule, record))
        .map(broken)
        .collect();
    if !fired.is_empty() {
        return Err(fired);
    }
    duplicates(org, object, record, allow_duplicates).map_err(one)?;
    unique(org, object, record).map_err(one)
}

fn one(fail: Fail) -> Vec<Fail> {
    vec![fail]
}

fn required(object: &Object, record: &Record) -> Result<(), Vec<Fail>> {
    let missing: Vec<&str> = object
        .fields
        .iter()
        .filter(|field| field.required && !record.values.contains_key(field.name))
        .map(|field| field.name)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let mut fail = Fail::row(
        "REQUIRED_FIELD_MISSING",
        format!("Required fields are missing: [{}]", missing.join(", ")),
    );
    fail.fields = Some(missing.into_iter().map(str::to_owned).collect());
    Err(vec![fail])
}

/// Records that new references name are there; owners are active.
fn references(org: &Org, object: &Object, record: &Record, change: &Change) -> Result<(), Fail> {
    for (name, value) in change {
        let Some(field) = object.field(name) else {
            continue;
        };
        let Kind::Reference(target) = field.kind else {
            continue;
        };
        let Some(id) = value.as_str().and_then(Id::parse) else {
            if field.name == "OwnerId" {
                return Err(Fail::field(
                    "INVALID_CROSS_REFERENCE_KEY",
                    "OwnerId",
                    "Owner ID: owner cannot be blank",
                ));
            }
            continue;
        };
        let found = org.stores.get(target).and_then(|store| store.any(&id));
        match found {
            Some(found) if found.deleted.is_some() => {
                return Err(Fail::row("ENTITY_IS_DELETED", "entity is deleted"));
            }
            Some(_) if id == record.id => {
                return Err(Fail::field(
                    "FIELD_INTEGRITY_EXCEPTION",
                    field.name,
                    format!("{}: a record cannot refer to itself", field.label),
                ));
            }
            Some(_) => {}
            None if target == "RecordType" => return Err(wrong_record_type(field, &id)),
            None => {
                return Err(Fail::field(
                    "INVALID_CROSS_REFERENCE_KEY",
                    field.name,
                    "invalid cross reference id",
                ));
            }
        }
        if target == "RecordType" {
            let usable = object
                .record_types
                .iter()
                .any(|known| known.available && known.id == id.as_str());
            if !usable {
                return Err(wrong_record_type(field, &id));
            }
        }
        if field.name == "OwnerId" && !org.is_active(&id) {
            return Err(Fail::row(
                "INACTIVE_OWNER_OR_USER",
                format!(
                    "operation performed with inactive user [{}] as owner of {}",
                    id.short(),
                    object.name.to_lowercase()
                ),
            ));
        }
    }
    Ok(())
}

fn wrong_record_type(field: &Field, id: &Id) -> Fail {
    Fail::field(
        "INVALID_CROSS_REFERENCE_KEY",
        field.name,
        format!("Record Type ID: this ID value isn't valid for the user: {id}"),
    )
}

fn fires(rule: &ValidationRule, record: &Record) -> bool {
    let value = record.values.get(rule.field.as_str());
    (rule.blank && value.is_none())
        || rule
            .equals
            .as_ref()
            .is_some_and(|wanted| value == Some(wanted))
        || rule.contains.as_ref().is_some_and(|part| {
            value
                .and_then(Value::as_str)
                .is_some_and(|text| text.contains(part.as_str()))
        })
}

fn broken(rule: &ValidationRule) -> Fail {
    let mut fail = Fail::row("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.message.clone());
    fail.fields = Some(rule.error_field.iter().cloned().collect());
    fail
}

fn duplicates(
    org: &Org,
    object: &'static Object,
    record: &Record,
    allowed: bool,
) -> Result<(), Fail> {
    for rule in &org.settings.duplicate_rules {
        if rule.object != object.name || (allowed && !rule.block) {
            continue;
        }
        let same = |other: &&Record| {
            other.id != record.id
                && rule.fields.iter().all(|name| {
                    let value = |of: &Record| {
                        object
                            .field(name)
                            .and_then(|field| folded(&render::value(org, object, of, field)))
                    };
                    value(record).is_some() && value(record) == value(other)
                })
        };
        let found: Vec<&Record> = org
            .stores
            .get(object.name)
            .into_iter()
            .flat_map(|store| store.all().filter(|other| other.deleted.is_none()))
            .filter(same)
            .collect();
        if !found.is_empty() {
            return Err(detected(object, rule, &found));
        }
    }
    Ok(())
}

fn detected(object: &Object, rule: &DuplicateRule, found: &[&Record]) -> Fail {
    let message = rule
        .message
        .as_deref()
        .unwrap_or("Use one of these records?");
    let name = rule
        .name
        .clone()
        .unwrap_or_else(|| format!("Standard_{}_Duplicate_Rule", object.name));
    let matches: Vec<Value> = found
        .iter()
        .map(|record| {
            let url = format!("/services/data/v67.0/sobjects/{}/{}", object.name, record.id);
            json!({
                "additionalInformation": [], "fieldDiffs": [], "matchConfidence": 100.0,
                "record": {"attributes": {"type": object.name, "url": url}, "Id": record.id.as_str()},
            })
        })
        .collect();
    let result = json!({
        "allowSave": !rule.block,
        "duplicateRule": name,
        "duplicateRuleEntityType": object.name,
        "errorMessage": message,
        "matchResults": [{
            "entityType": object.name, "errors": [], "matchEngine": "FuzzyMatchEngine",
            "matchRecords": matches, "rule": format!("Standard_{}_Match_Rule_v1_1", object.name),
            "size": found.len(), "success": true,
        }],
    });
    let mut fail = Fail::row("DUPLICATES_DETECTED", message);
    // REST really spells it so.
    fail.more = Some(json!({"duplicateResut": result}));
    fail
}

fn unique(org: &Org, object: &Object, record: &Record) -> Result<(), Fail> {
    let Some(store) = org.stores.get(object.name) else {
        return Ok(());
    };
    for field in object.fields.iter().filter(|field| field.unique) {
        let Some(value) = record.values.get(field.name) else {
            continue;
        };
        if let Some(other) = store
            .find(field.name, value)
            .find(|other| other.id != record.id)
        {
            return Err(Fail::row(
                "DUPLICATE_VALUE",
                format!(
                    "duplicate value found: {} duplicates value on record with id: {}",
                    field.name,
                    other.id.short()
                ),
            ));
        }
    }
    Ok(())
}
