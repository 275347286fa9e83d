//! From a declared field to one that rows are checked against.

use super::{declared::NewField, kept};
use crate::zoho::{
    catalog::Catalog,
    errors::RowError,
    rows::parse_id,
    schema::{Field, Kind, Module},
};

/// Types that a row can be identified by.
const IDENTIFYING: &[&str] = &["text", "email", "phone", "integer", "bigint"];

/// The API name that a label makes: words with underscores between them.
pub fn api_name(label: &str) -> String {
    let words: Vec<String> = label
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    words.join("_")
}

/// The field that a declaration means; `path` is where it stands.
///
/// # Errors
/// What is wrong with it.
pub fn made(
    catalog: &Catalog,
    module: &Module,
    declared: &NewField,
    path: &str,
) -> Result<Field, RowError> {
    let at = |member: &str| format!("{path}.{member}");
    let needed = |value: &Option<String>, member: &str| match value.as_deref().map(str::trim) {
        Some(text) if !text.is_empty() => Ok(text.to_owned()),
        _ => Err(RowError::mandatory(member, &at(member))),
    };
    let label = needed(&declared.field_label, "field_label")?;
    let name = api_name(&label);
    if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return Err(RowError::invalid("field_label", &at("field_label")));
    }
    if module.field(&name).is_some() {
        return Err(RowError::duplicate("field_label", &at("field_label")));
    }
    let data_type = needed(&declared.data_type, "data_type")?;
    let (kind, most) = kind(catalog, declared, &data_type, path)?;
    let length = declared.length.unwrap_or(most);
    if length == 0 || length > most {
        return Err(RowError::too_long("length", &at("length"), most));
    }
    let mut field = Field::new(kept(&name), kind, length).custom();
    field.label = Some(kept(&label));
    let unique = declared
        .unique
        .as_ref()
        .and_then(|unique| unique.as_object())
        .is_some_and(|unique| !unique.is_empty());
    if unique {
        if !IDENTIFYING.contains(&data_type.as_str()) {
            return Err(RowError::invalid("unique", &at("unique")));
        }
        field = field.unique();
    }
    Ok(field)
}

/// The type, and the most that it holds.
fn kind(
    catalog: &Catalog,
    declared: &NewField,
    data_type: &str,
    path: &str,
) -> Result<(Kind, u32), RowError> {
    let needed = |member: &str| RowError::mandatory(member, &format!("{path}.{member}"));
    Ok(match data_type {
        "text" => (Kind::Text, 255),
        "textarea" => {
            let told = declared.textarea.as_ref();
            let kind = told.and_then(|told| told.get("type")?.as_str());
            match kind {
                Some("rich_text") => (Kind::RichText, 50_000),
                _ => (Kind::TextArea, 32_000),
            }
        }
        "email" => (Kind::Email, 100),
        "phone" => (Kind::Phone, 30),
        "website" => (Kind::Website, 450),
        "boolean" => (Kind::Boolean, 5),
        "integer" => (Kind::Integer, 9),
        "bigint" => (Kind::BigInt, 18),
        "double" => (Kind::Double, 16),
        "currency" => (Kind::Currency, 16),
        "date" => (Kind::Date, 20),
        "datetime" => (Kind::DateTime, 120),
        "picklist" => {
            let values = declared.pick_list_values.as_ref();
            let values = values.ok_or_else(|| needed("pick_list_values"))?;
            let values: Vec<&'static str> = values
                .iter()
                .map(|value| {
                    kept(
                        value
                            .actual_value
                            .as_deref()
                            .unwrap_or(&value.display_value),
                    )
                })
                .collect();
            (Kind::Picklist(values.leak()), 120)
        }
        "lookup" => {
            let lookup = declared.lookup.as_ref().ok_or_else(|| needed("lookup"))?;
            let target = catalog.all().find(|module| {
                let named = lookup.module.api_name.as_deref() == Some(module.name);
                named || parse_id(&lookup.module.id) == Some(module.id)
            });
            let target = target
                .ok_or_else(|| RowError::invalid("module", &format!("{path}.lookup.module")))?;
            (Kind::Lookup(target.name), 120)
        }
        _ => return Err(RowError::invalid("data_type", &format!("{path}.data_type"))),
    })
}
