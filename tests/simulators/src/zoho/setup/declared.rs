//! How modules and fields are declared: in the terms of the API's own calls, whoever declares them.

use serde::Deserialize;
use serde_json::Value;

/// A module. At the door and in files a module that is there gets more fields.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct NewModule {
    /// Name of several records.
    pub plural_label: Option<String>,
    /// Name of one.
    pub singular_label: Option<String>,
    /// Name in URLs; made of the plural where nobody gives one.
    pub api_name: Option<String>,
    /// Who sees the module.
    pub profiles: Option<Vec<Value>>,
    /// The field that names records.
    pub display_field: Option<DisplayField>,
    /// Its fields; not in the API's own call.
    pub fields: Vec<NewField>,
}

/// The field that names records.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct DisplayField {
    /// What people see.
    pub field_label: Option<String>,
    /// `text` or `autonumber`.
    pub data_type: Option<String>,
    /// How records are counted.
    pub auto_number: Option<Counting>,
}

/// How records are counted.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Counting {
    /// What stands before the number.
    pub prefix: Option<String>,
    /// What stands behind it.
    pub suffix: Option<String>,
    /// The first number, as a number or a text.
    pub start_number: Value,
}

/// A custom field.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct NewField {
    /// What people see; the API name is made of it.
    pub field_label: Option<String>,
    /// `text`, `currency`, `lookup` …
    pub data_type: Option<String>,
    /// Of a `textarea`, its kind: `small`, `large`, `rich_text`.
    pub textarea: Option<Value>,
    /// The most characters or digits.
    pub length: Option<u32>,
    /// Not empty: no two records hold the same value.
    pub unique: Option<Value>,
    /// Where a lookup leads.
    pub lookup: Option<Lookup>,
    /// The values of a picklist.
    pub pick_list_values: Option<Vec<PickListValue>>,
}

/// Where a lookup leads.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Lookup {
    /// The other module.
    pub module: LookupModule,
}

/// The other module of a lookup.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct LookupModule {
    /// Its name.
    pub api_name: Option<String>,
    /// Or its id.
    pub id: Value,
}

/// A value of a picklist.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct PickListValue {
    /// What people see.
    pub display_value: String,
    /// What is stored; the same where nobody tells.
    pub actual_value: Option<String>,
}
