//! How objects and fields are declared: in the terms of the Metadata API, whoever declares them.

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;

/// A custom object, or a standard one that gets more fields.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CustomObject {
    /// API name.
    pub full_name: String,
    /// Label of one record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Label of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plural_label: Option<String>,
    /// `Deployed` or `InDevelopment`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deployment_status: Option<String>,
    /// `ReadWrite`, `ControlledByParent` …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sharing_model: Option<String>,
    /// The field that names records.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_field: Option<CustomField>,
    /// Its own fields.
    pub fields: Vec<CustomField>,
}

/// A custom field; `full_name` is its name alone, or behind its object's and a point.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CustomField {
    /// API name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub full_name: String,
    /// What people see.
    pub label: String,
    /// `Text`, `Currency`, `MasterDetail` …
    #[serde(rename = "type")]
    pub kind: String,
    /// The most characters.
    #[serde(deserialize_with = "number", skip_serializing_if = "Option::is_none")]
    pub length: Option<u32>,
    /// Digits in all.
    #[serde(deserialize_with = "number", skip_serializing_if = "Option::is_none")]
    pub precision: Option<u32>,
    /// Digits after the point.
    #[serde(deserialize_with = "number", skip_serializing_if = "Option::is_none")]
    pub scale: Option<u32>,
    /// Never empty.
    #[serde(deserialize_with = "flag", skip_serializing_if = "Option::is_none")]
    pub required: Option<bool>,
    /// No two records hold the same value.
    #[serde(deserialize_with = "flag", skip_serializing_if = "Option::is_none")]
    pub unique: Option<bool>,
    /// Rows may be found and related by it.
    #[serde(deserialize_with = "flag", skip_serializing_if = "Option::is_none")]
    pub external_id: Option<bool>,
    /// The object that a relationship leads to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference_to: Option<String>,
    /// The name of the relationship from the other side, without `__r`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relationship_name: Option<String>,
    /// What becomes of the field when the other record is deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delete_constraint: Option<String>,
    /// Whether a detail may move to another master.
    #[serde(deserialize_with = "flag", skip_serializing_if = "Option::is_none")]
    pub reparentable_master_detail: Option<bool>,
    /// How numbers that Salesforce counts up are written: `ST-{0000}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_format: Option<String>,
    /// The values of a picklist.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_set: Option<ValueSet>,
}

/// The values of a picklist.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ValueSet {
    /// No others are taken.
    #[serde(deserialize_with = "flag", skip_serializing_if = "Option::is_none")]
    pub restricted: Option<bool>,
    /// The values.
    pub value_set_definition: Definition,
}

/// The values themselves.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Definition {
    /// One after the other.
    pub value: Vec<CustomValue>,
}

/// One value.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CustomValue {
    /// The value.
    pub full_name: String,
}

/// XML has only texts.
fn number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u32>, D::Error> {
    let wrong = |value: &Value| {
        de::Error::custom(format!("'{value}' is not a valid value for the type int"))
    };
    match Value::deserialize(from)? {
        Value::Null => Ok(None),
        Value::String(text) => match text.trim().parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(wrong(&Value::String(text))),
        },
        value => match value.as_u64().and_then(|number| number.try_into().ok()) {
            Some(number) => Ok(Some(number)),
            None => Err(wrong(&value)),
        },
    }
}

fn flag<'de, D: Deserializer<'de>>(from: D) -> Result<Option<bool>, D::Error> {
    match Value::deserialize(from)? {
        Value::Null => Ok(None),
        Value::Bool(flag) => Ok(Some(flag)),
        Value::String(text) if matches!(text.trim(), "true" | "1") => Ok(Some(true)),
        Value::String(text) if matches!(text.trim(), "false" | "0") => Ok(Some(false)),
        value => Err(de::Error::custom(format!(
            "'{value}' is not a valid value for the type boolean"
        ))),
    }
}
