//! Objects and fields enter an organisation.

use super::{
    check_name,
    declared::{CustomField, CustomObject},
    field, wrong,
};
use crate::salesforce::{
    errors::Fail,
    org::Org,
    sales::CURRENCY,
    schema::{Field, Kind, Object},
};

/// Custom objects of an organisation at most: the first of their ids' three characters is the same for all.
const MOST_OBJECTS: usize = 200;
/// Custom fields of an object at most, in the Enterprise Edition.
const MOST_FIELDS: usize = 500;
/// Master-detail relationships of an object at most.
const MOST_MASTERS: usize = 2;
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Makes an object with its fields, or nothing. Of a standard one, or one that is there, `fields` alone counts.
///
/// # Errors
/// What is wrong with it.
pub fn add_object(org: &mut Org, declared: &CustomObject) -> Result<&'static Object, Fail> {
    let before = org.catalog.clone();
    let added = enter(org, declared);
    if added.is_err() {
        org.catalog = before;
        let added: Vec<&'static str> = org
            .stores
            .keys()
            .copied()
            .filter(|name| org.catalog.object(name).is_none())
            .collect();
        for name in added {
            org.stores.remove(name);
        }
    }
    added
}

fn enter(org: &mut Org, declared: &CustomObject) -> Result<&'static Object, Fail> {
    let name = declared.full_name.as_str();
    let mut object = match org.catalog.object(name) {
        Some(known) => known,
        None if name.ends_with("__c") => {
            let object = made(org, declared)?;
            org.define(object)
        }
        None => {
            return Err(Fail::row(
                "INVALID_CROSS_REFERENCE_KEY",
                format!("no CustomObject named {name} found"),
            ));
        }
    };
    for field in &declared.fields {
        object = add_field(org, object, &field.full_name, field)?;
    }
    Ok(object)
}

fn made(org: &Org, declared: &CustomObject) -> Result<Object, Fail> {
    check_name(&declared.full_name)?;
    let label = |label: &Option<String>, what: &str| match label.as_deref().map(str::trim) {
        Some(label) if !label.is_empty() => Ok::<_, Fail>(&*label.to_owned().leak()),
        _ => Err(wrong(format!(
            "Must specify a non-empty {what} for the CustomObject"
        ))),
    };
    let singular = label(&declared.label, "label")?;
    let plural = label(&declared.plural_label, "pluralLabel")?;
    let named = declared
        .name_field
        .as_ref()
        .and_then(name_field)
        .ok_or_else(|| wrong("Must specify a nameField of type Text or AutoNumber"))?;
    Ok(Object {
        name: declared.full_name.clone().leak(),
        label: singular,
        plural,
        prefix: next_prefix(org)?,
        writable: true,
        fields: vec![
            Field::reference("OwnerId", "Owner ID", "User", "Owner").defaulted(),
            named,
            CURRENCY,
        ]
        .leak(),
        record_types: &[],
        multi_currency: false,
    })
}

fn name_field(declared: &CustomField) -> Option<Field> {
    let label: &'static str = declared.label.clone().leak();
    match declared.kind.as_str() {
        "Text" => Some(Field::new("Name", label, Kind::Text, 80)),
        "AutoNumber" => {
            let mut field = Field::system("Name", label, Kind::Text, 80).never_empty();
            let format = declared.display_format.as_deref().unwrap_or("{0}");
            field.auto_number = Some(format.to_owned().leak());
            Some(field)
        }
        _ => None,
    }
}

/// `a00`, `a01` … for one object after the other.
fn next_prefix(org: &Org) -> Result<&'static str, Fail> {
    let there = org
        .catalog
        .all()
        .filter(|object| object.is_custom())
        .count();
    if there >= MOST_OBJECTS {
        return Err(Fail::row(
            "LIMIT_EXCEEDED",
            "reached maximum number of custom objects",
        ));
    }
    let digit = |place: usize| DIGITS.get(place).copied().map_or('0', char::from);
    Ok(format!("a{}{}", digit(there / 62), digit(there % 62)).leak())
}

/// Gives an object one more field.
///
/// # Errors
/// What is wrong with it.
pub fn add_field(
    org: &mut Org,
    object: &'static Object,
    name: &str,
    declared: &CustomField,
) -> Result<&'static Object, Fail> {
    if object.field(name).is_some() {
        return Err(Fail::row(
            "DUPLICATE_DEVELOPER_NAME",
            format!(
                "There is already a field named {} on {}.",
                name.trim_end_matches("__c"),
                object.label
            ),
        ));
    }
    let field = field::made(&org.catalog, name, declared)?;
    let mut fields = object.fields.to_vec();
    if fields.iter().filter(|field| field.is_custom()).count() >= MOST_FIELDS {
        return Err(Fail::row(
            "LIMIT_EXCEEDED",
            "reached maximum number of custom fields for this object",
        ));
    }
    if field.cascade {
        if !object.is_custom() {
            return Err(wrong(format!(
                "{} cannot be the detail of a master",
                object.name
            )));
        }
        let masters = fields.iter().filter(|field| field.cascade).count();
        if masters >= MOST_MASTERS {
            return Err(wrong(
                "An object has two master-detail relationships at most",
            ));
        }
        // A detail belongs to whoever owns its master.
        fields.retain(|field| field.name != "OwnerId");
    }
    if let Kind::Reference(target) = field.kind
        && let Some(children) = field.children
        && org
            .catalog
            .references(target)
            .any(|(_, other)| other.children == Some(children))
    {
        return Err(Fail::row(
            "DUPLICATE_DEVELOPER_NAME",
            format!("The relationship name {children} is already used by another field"),
        ));
    }
    fields.push(field);
    let object = Object {
        fields: fields.leak(),
        ..*object
    };
    Ok(org.define(object))
}
