//! Records as answers show them.

use serde_json::{Map, Value, json};

use super::{
    org::Org,
    schema::{Field, Kind, Module, subform},
    store::{Id, Record},
};

/// How much lookups tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookups {
    /// Name and id (users: e-mail too), as record reads do.
    Named,
    /// The id alone, as COQL does.
    IdOnly,
}

/// The value of a field in a record.
pub fn value(org: &Org, record: &Record, field: &Field, lookups: Lookups) -> Value {
    let user = |id: Id| match (org.user(id), lookups) {
        (Some(user), Lookups::Named) => {
            json!({"name": user.name, "id": id.to_string(), "email": user.email})
        }
        _ => json!({"id": id.to_string()}),
    };
    match field.name {
        "Owner" => user(record.owner),
        "Created_By" => user(record.created_by),
        "Modified_By" => user(record.modified_by),
        "Created_Time" => json!(org.time(record.created)),
        "Modified_Time" | "Last_Activity_Time" => json!(org.time(record.modified)),
        "Record_Status__s" => json!("Available"),
        "Locked__s" => json!(record.locked),
        "Full_Name" => json!(full_name(record)),
        _ => {
            let Some(value) = record.values.get(field.name) else {
                return absent(field);
            };
            match field.kind {
                Kind::Lookup(target) => looked_up(org, target, value, lookups),
                Kind::Subform(name) => rows(org, name, record, value),
                _ => value.clone(),
            }
        }
    }
}

/// A checkbox is never null, nor is a list.
fn absent(field: &Field) -> Value {
    match field.kind {
        Kind::Boolean => json!(false),
        Kind::Subform(_) | Kind::List(_) => json!([]),
        _ => Value::Null,
    }
}

fn looked_up(org: &Org, target: &str, id: &Value, lookups: Lookups) -> Value {
    let found = org.catalog.module(target).and_then(|module| {
        let id: Id = id.as_str()?.parse().ok()?;
        Some((module, org.stores.get(module.name)?.get(id)?))
    });
    match (found, lookups) {
        (_, Lookups::IdOnly) => json!({"id": id}),
        (Some((module, record)), Lookups::Named) => {
            json!({"name": display_name(module, record), "id": id})
        }
        // The record was deleted: Zoho empties the lookup.
        (None, Lookups::Named) => Value::Null,
    }
}

/// What a record is called.
pub fn display_name(module: &Module, record: &Record) -> Value {
    match module.display {
        "Full_Name" => json!(full_name(record)),
        display => record.values.get(display).cloned().unwrap_or(Value::Null),
    }
}

fn full_name(record: &Record) -> String {
    let part = |name| {
        record
            .values
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or("")
    };
    [part("Salutation"), part("First_Name"), part("Last_Name")]
        .into_iter()
        .filter(|part| !part.is_empty() && *part != "-None-")
        .collect::<Vec<_>>()
        .join(" ")
}

/// The rows of a subform, each with all of its fields.
fn rows(org: &Org, name: &str, parent: &Record, rows: &Value) -> Value {
    let (Some(subform), Value::Array(rows)) = (subform(name), rows) else {
        return Value::Null;
    };
    let shown = rows.iter().map(|row| {
        let mut shown = Map::new();
        shown.insert("id".to_owned(), row["id"].clone());
        for field in subform.fields {
            let value = match (field.kind, field.name) {
                (Kind::Lookup(target), "Parent_Id") => {
                    let id = json!(parent.id.to_string());
                    looked_up(org, target, &id, Lookups::Named)
                }
                (Kind::Lookup(target), name) if !row[name].is_null() => {
                    let mut shown = looked_up(org, target, &row[name], Lookups::Named);
                    // The lines of orders, unlike subforms of one's own, tell the code, too.
                    if subform.name == "Ordered_Items" && target == "Products" && !shown.is_null() {
                        shown["Product_Code"] = product_code(org, &row[name]);
                    }
                    shown
                }
                (Kind::List(_), name) if row[name].is_null() => json!([]),
                (_, name) => row[name].clone(),
            };
            shown.insert(field.name.to_owned(), value);
        }
        Value::Object(shown)
    });
    shown.collect()
}

fn product_code(org: &Org, id: &Value) -> Value {
    let id: Option<Id> = id.as_str().and_then(|id| id.parse().ok());
    let product = id.and_then(|id| org.stores.get("Products")?.get(id));
    product
        .and_then(|product| product.values.get("Product_Code").cloned())
        .unwrap_or(Value::Null)
}

/// The id and the named fields, as lists show them: without the rows of subforms. Names that the
/// module does not have are left out.
pub fn with_fields(org: &Org, module: &Module, record: &Record, names: &[&str]) -> Value {
    let names: Vec<&str> = names
        .iter()
        .copied()
        .filter(|name| !module.field(name).is_some_and(Field::is_subform))
        .collect();
    one(org, module, record, &names)
}

/// The id and the named fields, as a read of one record shows them.
pub fn one(org: &Org, module: &Module, record: &Record, names: &[&str]) -> Value {
    let mut shown = Map::new();
    shown.insert("id".to_owned(), json!(record.id.to_string()));
    for name in names {
        let field = module
            .field(name)
            .filter(|field| org.settings.multi_currency || !field.is_of_currencies());
        if let Some(field) = field {
            shown.insert(
                field.name.to_owned(),
                value(org, record, field, Lookups::Named),
            );
        }
    }
    Value::Object(shown)
}

/// The whole record, as searches show it: without the rows of subforms.
pub fn listed(org: &Org, module: &Module, record: &Record) -> Value {
    let mut shown = whole(org, module, record);
    if let Value::Object(shown) = &mut shown {
        for field in module.fields.iter().filter(|field| field.is_subform()) {
            shown.remove(field.name);
        }
    }
    shown
}

/// The whole record, with the system members that a read of one record has.
pub fn whole(org: &Org, module: &Module, record: &Record) -> Value {
    let names: Vec<&str> = module.fields.iter().map(|field| field.name).collect();
    let mut shown = one(org, module, record, &names);
    shown["Tag"] = json!([]);
    shown["$editable"] = json!(!record.locked);
    shown["$approval_state"] = json!("approved");
    shown["$approved"] = json!(true);
    shown["$currency_symbol"] = json!("$");
    shown["$in_merge"] = json!(false);
    shown["$locked_for_me"] = json!(record.locked);
    shown["$orchestration"] = json!(false);
    shown["$review"] = Value::Null;
    shown["$state"] = json!("save");
    shown["$zia_visions"] = Value::Null;
    shown
}
