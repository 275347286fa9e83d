//! Create, update, upsert and delete of one record.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{
    custom,
    errors::Fail,
    ids::Id,
    locks,
    metadata::{self, FIELD_PERMISSIONS},
    org::Org,
    rows::{self, Change, Purpose},
    rules, sales,
    schema::{Field, Kind, Object},
    store::Record,
    telling::run_flows,
};

/// On whose behalf, and how, rows are written.
#[derive(Debug, Clone)]
pub struct Writer {
    /// The user.
    pub user: Id,
    /// `Sforce-Auto-Assign` was not FALSE.
    pub auto_assign: bool,
    /// `Sforce-Duplicate-Rule-Header: allowSave=true`.
    pub allow_duplicates: bool,
    /// Whose row locks these are.
    pub holder: u64,
    /// Where the paths of records start.
    pub base: String,
    /// The body, when the request is about one row.
    pub text: Option<String>,
}

/// Creates a record.
///
/// # Errors
/// What Salesforce says.
pub fn create(
    org: &mut Org,
    object: &'static Object,
    row: &Map<String, Value>,
    writer: &Writer,
) -> Result<Id, Vec<Fail>> {
    if row.keys().any(|name| name.eq_ignore_ascii_case("Id")) {
        return Err(vec![Fail::field(
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            "Id",
            "cannot specify Id in an insert call",
        )]);
    }
    let mut change = rows::read(org, object, row, Purpose::Insert, writer.text.as_deref())?;
    if !change.contains_key("OwnerId") && object.field("OwnerId").is_some() {
        change.insert("OwnerId", json!(writer.user.as_str()));
    }
    if let Some(number) = custom::next_number(org, object) {
        change.insert("Name", json!(number));
    }
    let id = org.new_id(object);
    let record = Record::new(id.clone(), org.now(), &writer.user);
    save(org, object, record, &change, writer)?;
    org.counts.inserted += 1;
    Ok(id)
}

/// Changes a record.
///
/// # Errors
/// What Salesforce says.
pub fn update(
    org: &mut Org,
    object: &'static Object,
    id: &Id,
    row: &Map<String, Value>,
    writer: &Writer,
) -> Result<(), Vec<Fail>> {
    let change = rows::read(org, object, row, Purpose::Update, writer.text.as_deref())?;
    let record = live(org, object, id)?.clone();
    // Page: "Core Data Types: StatusCode".
    if record.hidden && writer.user == org.integration_user() {
        return Err(vec![Fail::row(
            "INSUFFICIENT_ACCESS_OR_READONLY",
            "insufficient access rights on object id",
        )]);
    }
    if record.locked {
        return Err(vec![Fail::row(
            "ENTITY_IS_LOCKED",
            "This record is locked. If you need to edit it, contact your admin.",
        )]);
    }
    save(org, object, record, &change, writer)?;
    org.counts.updated += 1;
    Ok(())
}

/// A record that may be written.
///
/// # Errors
/// It is deleted, or never was.
pub fn live<'a>(org: &'a Org, object: &Object, id: &Id) -> Result<&'a Record, Vec<Fail>> {
    let store = org.store(object).map_err(|fail| vec![fail])?;
    match store.any(id) {
        Some(record) if record.deleted.is_some() => {
            let mut fail = Fail::row("ENTITY_IS_DELETED", "entity is deleted");
            fail.status = 404;
            Err(vec![fail])
        }
        Some(record) => Ok(record),
        None if id.prefix() == object.prefix => {
            let mut fail = Fail::row("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id");
            fail.status = 404;
            Err(vec![fail])
        }
        None => Err(vec![Fail::field(
            "MALFORMED_ID",
            "Id",
            format!("{} ID: id value of incorrect type: {id}", object.label),
        )]),
    }
}

fn save(
    org: &mut Org,
    object: &'static Object,
    mut record: Record,
    change: &Change,
    writer: &Writer,
) -> Result<(), Vec<Fail>> {
    let old_parents: Vec<Id> = sales::parents(object, &record).collect();
    let old_owner = record.values.get("OwnerId").cloned();
    for (name, value) in change {
        if value.is_null() {
            record.values.remove(name);
        } else {
            record.values.insert(name, value.clone());
        }
    }
    custom::complete(object, &mut record);
    let mut locked = vec![record.id.clone()];
    locked.extend(old_parents);
    locked.extend(sales::parents(object, &record));
    let mut seen = BTreeSet::new();
    locked.retain(|id| seen.insert(id.clone()));
    locks::take(org, writer.holder, &locked).map_err(|fail| vec![fail])?;
    let mut news = change.clone();
    // An owner who is not new may have left since.
    if old_owner.is_some() && news.get("OwnerId") == old_owner.as_ref() {
        news.remove("OwnerId");
    }
    rules::check(org, object, &mut record, &news, writer.allow_duplicates)?;
    if writer.auto_assign {
        assign(org, object, &mut record);
    }
    record.modified = org.now();
    record.modified_by = writer.user.clone();
    org.put(object, record.clone());
    follow(org, object, &record, &writer.user);
    run_flows(org, object, &record.id, change);
    Ok(())
}

/// What follows from a record that was written.
fn follow(org: &mut Org, object: &'static Object, record: &Record, user: &Id) {
    sales::after(org, object, record, user);
    if object.name == FIELD_PERMISSIONS.name {
        metadata::after(org, record);
    }
}

/// The assignment rule of territories, unless the call has switched it off.
fn assign(org: &Org, object: &Object, record: &mut Record) {
    let Some(rule) = org
        .settings
        .territory
        .as_ref()
        .filter(|_| object.name == "Account")
    else {
        return;
    };
    let fits = rule.field.as_ref().is_none_or(|field| {
        let value = record.values.get(field.as_str());
        rule.value
            .as_ref()
            .map_or(value.is_some(), |wanted| value == Some(wanted))
    });
    if fits && let Some(owner) = Id::parse(&rule.owner) {
        record.values.insert("OwnerId", json!(owner.as_str()));
    }
}

/// Creates or changes the record with a key; `true` if it is new.
///
/// # Errors
/// What Salesforce says; several matches are a 300 with their addresses.
pub fn upsert(
    org: &mut Org,
    object: &'static Object,
    field: &'static Field,
    key: &Value,
    row: &Map<String, Value>,
    writer: &Writer,
    update_only: bool,
) -> Result<(Id, bool), Vec<Fail>> {
    if field.kind == Kind::Id {
        let id = key.as_str().and_then(Id::parse).ok_or_else(|| {
            vec![Fail::field(
                "MALFORMED_ID",
                "Id",
                format!(
                    "{} ID: id value of incorrect type: {}",
                    object.label,
                    shown(key)
                ),
            )]
        })?;
        return update(org, object, &id, row, writer).map(|()| (id, false));
    }
    let found: Vec<Id> = org
        .store(object)
        .map_err(|fail| vec![fail])?
        .find(field.name, key)
        .map(|record| record.id.clone())
        .collect();
    match found.as_slice() {
        [] if update_only => Err(vec![Fail::not_found()]),
        [] => {
            let mut row = row.clone();
            row.insert(field.name.to_owned(), key.clone());
            create(org, object, &row, writer).map(|id| (id, true))
        }
        // Whoever may not see the record that holds a unique value is told no more than that.
        [id] if org.record(object.name, id).is_some_and(|one| one.hidden) => Err(vec![Fail::row(
            "DUPLICATE_VALUE",
            format!(
                "duplicate value found: {} duplicates value on record with id: <unknown>",
                field.name
            ),
        )]),
        [id] => update(org, object, id, row, writer).map(|()| (id.clone(), false)),
        several => Err(vec![several_match(object, field, several, writer)]),
    }
}

fn shown(key: &Value) -> String {
    key.as_str().map_or_else(|| key.to_string(), str::to_owned)
}

/// 300 with the addresses, for a request; one row of many tells the ids.
pub fn several_match(object: &Object, field: &Field, ids: &[Id], writer: &Writer) -> Fail {
    let list: Vec<&str> = ids.iter().map(Id::as_str).collect();
    let mut fail = Fail::field(
        "DUPLICATE_EXTERNAL_ID",
        field.name,
        format!(
            "{}: more than one record found for external id field: [{}]",
            field.name,
            list.join(", ")
        ),
    );
    fail.status = 300;
    fail.more = Some(
        ids.iter()
            .map(|id| json!(format!("{}/sobjects/{}/{id}", writer.base, object.name)))
            .collect(),
    );
    fail
}

/// Puts a record, and what belongs to it, into the recycle bin.
///
/// # Errors
/// What Salesforce says.
pub fn delete(
    org: &mut Org,
    object: &'static Object,
    id: &Id,
    writer: &Writer,
) -> Result<(), Vec<Fail>> {
    let record = live(org, object, id)?;
    if record.locked {
        return Err(vec![Fail::row(
            "ENTITY_IS_LOCKED",
            "This record is locked. If you need to edit it, contact your admin.",
        )]);
    }
    sales::check_delete(org, object, record).map_err(|fail| vec![fail])?;
    locks::take(org, writer.holder, std::slice::from_ref(id)).map_err(|fail| vec![fail])?;
    remove(org, object, id, &writer.user);
    org.counts.deleted += 1;
    Ok(())
}

/// Deletes without asking; what belongs to the record goes along: contacts with an account, lines with a document.
pub fn remove(org: &mut Org, object: &'static Object, id: &Id, user: &Id) {
    let now = org.now();
    let Some(mut record) = org.record(object.name, id).cloned() else {
        return;
    };
    record.deleted = Some(now);
    record.modified = now;
    record.modified_by = user.clone();
    if object.name == "PricebookEntry" {
        record.values.insert("IsArchived", json!(true));
        record.values.insert("IsActive", json!(false));
    }
    org.put(object, record.clone());
    follow(org, object, &record, user);
    let references: Vec<_> = org.catalog.references(object.name).collect();
    for (kind, field) in references.into_iter().filter(|(_, field)| field.cascade) {
        let found: Vec<Id> = sales::children(org, kind.name, field.name, id)
            .map(|child| child.id.clone())
            .collect();
        for child in found {
            remove(org, kind, &child, user);
        }
    }
}
