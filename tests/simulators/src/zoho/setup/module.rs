//! Modules and fields enter an organisation.

use serde_json::Value;

use super::{
    declared::{DisplayField, NewField, NewModule},
    field, kept,
};
use crate::zoho::{
    errors::RowError,
    org::Org,
    org_meta::PROFILES,
    rows::parse_id,
    schema::{AutoNumber, Field, Kind, Module},
};

/// The most characters of a label.
const LABEL: usize = 25;
/// The most characters of an API name.
const API_NAME: usize = 50;
/// Ids of custom modules count up from here.
const FIRST_ID: u64 = 5_725_767_000_001_200_001;

/// Makes a module, without the fields that it declares.
///
/// # Errors
/// What is wrong with it.
pub fn add_module(
    org: &mut Org,
    declared: &NewModule,
    path: &str,
) -> Result<&'static Module, RowError> {
    let at = |member: &str| format!("{path}.{member}");
    let plural = label(
        declared.plural_label.as_deref(),
        "plural_label",
        &at("plural_label"),
    )?;
    let singular = label(
        declared.singular_label.as_deref(),
        "singular_label",
        &at("singular_label"),
    )?;
    check_profiles(declared.profiles.as_deref(), &at("profiles"))?;
    let name = match declared.api_name.as_deref().map(str::trim) {
        Some(name) => {
            check_name(name, &at("api_name"))?;
            name.replace(' ', "_")
        }
        None => field::api_name(&plural),
    };
    let there =
        |known: &Module| known.plural == Some(plural.as_str()) || known.singular == singular;
    if org.catalog.all().any(there) {
        return Err(RowError::duplicate("plural_label", &at("plural_label")));
    }
    if org.catalog.module(&name).is_some() {
        return Err(RowError::duplicate("api_name", &at("api_name")));
    }
    let display = display(
        declared.display_field.as_ref(),
        &singular,
        &at("display_field"),
    )?;
    let custom = org.catalog.all().filter(|module| module.custom).count();
    let module = Module {
        name: kept(&name),
        singular: kept(&singular),
        plural: Some(kept(&plural)),
        custom: true,
        id: FIRST_ID + custom as u64,
        check: "Name",
        display: "Name",
        fields: [&[Field::new("Owner", Kind::Owner, 120), display], OWN]
            .concat()
            .leak(),
    };
    Ok(org.define(module))
}

/// The fields with which every custom module begins.
const OWN: &[Field] = &[
    Field::new("Email", Kind::Email, 100),
    Field::new("Secondary_Email", Kind::Email, 100),
    Field::new("Email_Opt_Out", Kind::Boolean, 5),
    Field::new(
        "Currency",
        Kind::Picklist(crate::zoho::accounts::CURRENCIES),
        120,
    ),
    Field::new("Exchange_Rate", Kind::Double, 20),
    Field::new("Created_By", Kind::Owner, 120).read_only(),
    Field::new("Modified_By", Kind::Owner, 120).read_only(),
    Field::new("Created_Time", Kind::DateTime, 120).read_only(),
    Field::new("Modified_Time", Kind::DateTime, 120).read_only(),
    Field::new("Last_Activity_Time", Kind::DateTime, 120).read_only(),
    Field::new(
        "Record_Status__s",
        Kind::Picklist(&["Available", "Trash", "Draft"]),
        120,
    )
    .read_only(),
    Field::new("Locked__s", Kind::Boolean, 5).read_only(),
];

/// Letters, digits and spaces.
fn label(text: Option<&str>, member: &str, path: &str) -> Result<String, RowError> {
    let text = match text.map(str::trim) {
        None | Some("") => return Err(RowError::mandatory(member, path)),
        Some(text) => text,
    };
    if text.chars().count() > LABEL {
        return Err(RowError::too_long(member, path, 25));
    }
    if !text.chars().all(|c| c.is_alphanumeric() || c == ' ') {
        return Err(RowError::invalid(member, path));
    }
    Ok(text.to_owned())
}

fn check_name(name: &str, path: &str) -> Result<(), RowError> {
    if name.chars().count() > API_NAME {
        return Err(RowError::too_long("api_name", path, 50));
    }
    let fits = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ' '))
        && !name.contains("__")
        && !name.ends_with('_');
    if fits {
        Ok(())
    } else {
        Err(RowError::invalid("api_name", path))
    }
}

/// At least one profile, and known ones.
fn check_profiles(profiles: Option<&[Value]>, path: &str) -> Result<(), RowError> {
    let profiles = profiles.filter(|profiles| !profiles.is_empty());
    let profiles = profiles.ok_or_else(|| RowError::mandatory("profiles", path))?;
    for (index, profile) in profiles.iter().enumerate() {
        let id = parse_id(&profile["id"]).map(|id| id.to_string());
        if !PROFILES
            .iter()
            .any(|(_, known)| id.as_deref() == Some(*known))
        {
            return Err(RowError::invalid("id", &format!("{path}[{index}].id")));
        }
    }
    Ok(())
}

/// The field that names records: a text, unless they are counted.
fn display(declared: Option<&DisplayField>, singular: &str, path: &str) -> Result<Field, RowError> {
    let declared = declared.cloned().unwrap_or_default();
    let label = declared
        .field_label
        .unwrap_or_else(|| format!("{singular} Name"));
    let mut field = match declared.data_type.as_deref() {
        None | Some("text") => Field::new("Name", Kind::Text, 120).mandatory(),
        Some("autonumber") => {
            let counting = declared.auto_number.unwrap_or_default();
            let start = match &counting.start_number {
                Value::Number(number) => number.as_u64(),
                Value::String(text) => text.parse().ok(),
                _ => None,
            };
            let missing =
                || RowError::mandatory("start_number", &format!("{path}.auto_number.start_number"));
            let mut field = Field::new("Name", Kind::Text, 120).counted();
            field.auto_number = Some(AutoNumber {
                prefix: kept(counting.prefix.as_deref().unwrap_or("")),
                suffix: kept(counting.suffix.as_deref().unwrap_or("")),
                start: start.ok_or_else(missing)?,
            });
            field
        }
        Some(_) => return Err(RowError::invalid("data_type", &format!("{path}.data_type"))),
    };
    field.label = Some(kept(&label));
    Ok(field)
}

/// Gives a module one more field; answers the field's place.
///
/// # Errors
/// What is wrong with it.
pub fn add_field(
    org: &mut Org,
    module: &'static Module,
    declared: &NewField,
    path: &str,
) -> Result<(&'static Module, usize), RowError> {
    let field = field::made(&org.catalog, module, declared, path)?;
    let mut fields = module.fields.to_vec();
    fields.push(field);
    let module = org.define(Module {
        fields: fields.leak(),
        ..*module
    });
    Ok((module, module.fields.len() - 1))
}
