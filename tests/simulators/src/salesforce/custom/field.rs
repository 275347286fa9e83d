//! From a declared field to one that rows are checked against.

use super::{check_name, declared::CustomField, wrong};
use crate::salesforce::{
    catalog::Catalog,
    errors::Fail,
    schema::{Field, Kind},
};

/// The longest text in one line.
const TEXT: u32 = 255;
/// The longest text at all.
const LONG_TEXT: u32 = 131_072;
/// Digits of a number.
const DIGITS: u32 = 18;

fn kept(text: &str) -> &'static str {
    text.to_owned().leak()
}

/// The field that a declaration means.
///
/// # Errors
/// What is wrong with it.
pub fn made(catalog: &Catalog, name: &str, declared: &CustomField) -> Result<Field, Fail> {
    check_name(name)?;
    if declared.label.trim().is_empty() {
        return Err(wrong("Must specify a non-empty label for the CustomField"));
    }
    let (kind, length) = kind(catalog, declared)?;
    let mut field = Field::new(kept(name), kept(&declared.label), kind, length);
    let is = |flag: Option<bool>| flag == Some(true);
    field.required = is(declared.required);
    field.external_id = is(declared.external_id);
    field.unique = is(declared.unique);
    if kind == Kind::Boolean {
        field = field.defaulted();
    }
    check_keys(declared, &field)?;
    if let Some(values) = &declared.value_set {
        field.restricted = is(values.restricted);
    }
    if let Kind::Reference(_) = kind {
        relate(name, declared, &mut field)?;
    }
    Ok(field)
}

/// Only texts, numbers and e-mail addresses identify records.
fn check_keys(declared: &CustomField, field: &Field) -> Result<(), Fail> {
    let identifies = matches!(declared.kind.as_str(), "Text" | "Number" | "Email");
    for (name, set) in [("externalId", field.external_id), ("unique", field.unique)] {
        if set && !identifies {
            return Err(cannot(name, declared));
        }
    }
    if field.kind == Kind::Boolean && declared.required.is_some() {
        return Err(cannot("required", declared));
    }
    Ok(())
}

fn cannot(member: &str, declared: &CustomField) -> Fail {
    wrong(format!(
        "Can not specify '{member}' for a CustomField of type {}",
        declared.kind
    ))
}

fn needed<T>(value: Option<T>, member: &str, declared: &CustomField) -> Result<T, Fail> {
    value.ok_or_else(|| {
        wrong(format!(
            "Must specify '{member}' for a CustomField of type {}",
            declared.kind
        ))
    })
}

fn bounded(number: u32, from: u32, to: u32, member: &str) -> Result<u32, Fail> {
    if (from..=to).contains(&number) {
        return Ok(number);
    }
    Err(wrong(format!(
        "Value for {member} must be between {from} and {to}: {number}"
    )))
}

fn kind(catalog: &Catalog, declared: &CustomField) -> Result<(Kind, u32), Fail> {
    let digits = |kind: fn(u32, u32) -> Kind| {
        let precision = needed(declared.precision, "precision", declared)?;
        let scale = needed(declared.scale, "scale", declared)?;
        let precision = bounded(precision, 1, DIGITS, "precision")?;
        Ok((kind(precision, bounded(scale, 0, precision, "scale")?), 0))
    };
    Ok(match declared.kind.as_str() {
        "Text" => {
            let length = needed(declared.length, "length", declared)?;
            (Kind::Text, bounded(length, 1, TEXT, "length")?)
        }
        "TextArea" => (Kind::TextArea, TEXT),
        "LongTextArea" => {
            let length = needed(declared.length, "length", declared)?;
            (Kind::LongText, bounded(length, 256, LONG_TEXT, "length")?)
        }
        "Html" => {
            let length = needed(declared.length, "length", declared)?;
            (Kind::Html, bounded(length, 256, LONG_TEXT, "length")?)
        }
        "Email" => (Kind::Email, 80),
        "Phone" => (Kind::Phone, 40),
        "Url" => (Kind::Url, TEXT),
        "Number" => return digits(Kind::Number),
        "Currency" => return digits(Kind::Currency),
        "Percent" => return digits(Kind::Percent),
        "Date" => (Kind::Date, 0),
        "DateTime" => (Kind::DateTime, 0),
        "Checkbox" => (Kind::Boolean, 0),
        "Picklist" => {
            let set = needed(declared.value_set.as_ref(), "valueSet", declared)?;
            let values = set.value_set_definition.value.iter();
            let values: Vec<&'static str> = values.map(|value| kept(&value.full_name)).collect();
            (Kind::Picklist(values.leak()), TEXT)
        }
        "Lookup" | "MasterDetail" => {
            let to = needed(declared.reference_to.as_deref(), "referenceTo", declared)?;
            let target = catalog.object(to).ok_or_else(|| {
                wrong(format!(
                    "referenceTo value of '{to}' does not resolve to a valid sObject type"
                ))
            })?;
            (Kind::Reference(target.name), 18)
        }
        other => {
            return Err(Fail::row(
                "INVALID_TYPE",
                format!("'{other}' is not a valid value for the enum 'FieldType'"),
            ));
        }
    })
}

/// `Account__c` is followed as `Account__r`, and from the other side under the name that was declared.
fn relate(name: &str, declared: &CustomField, field: &mut Field) -> Result<(), Fail> {
    let own = name.strip_suffix("__c").unwrap_or(name);
    field.relationship = Some(kept(&format!("{own}__r")));
    if declared.kind == "MasterDetail" {
        if declared.required.is_some() {
            return Err(wrong(
                "Master-Detail Relationship Fields Cannot be Optional or Required",
            ));
        }
        if declared.delete_constraint.is_some() {
            return Err(cannot("deleteConstraint", declared));
        }
        needed(
            declared.relationship_name.as_ref(),
            "relationshipName",
            declared,
        )?;
        field.required = true;
        field.cascade = true;
        field.updateable = declared.reparentable_master_detail == Some(true);
    }
    field.children = declared
        .relationship_name
        .as_deref()
        .map(|name| kept(&format!("{name}__r")));
    Ok(())
}
