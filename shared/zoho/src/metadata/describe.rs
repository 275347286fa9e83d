//! Zoho's description of a module, its fields and its layouts, in the port's terms.

use std::collections::BTreeSet;

use counterpart_delivery::ports::{CrmField, CrmFieldKind, CrmRecordType};
use counterpart_domain::{CrmId, bounded};
use serde_json::Value as Json;

use super::{LONGEST, kept};
use counterpart_http::id;

/// What owner and user fields point to; Zoho has no module of that name.
const USERS: &str = "users";
/// An unknown or inactive currency is refused; other picklists take any text.
const CURRENCY: &str = "Currency";

/// A field of the fields metadata; none without a name. `everywhere` are the fields that all layouts require.
pub(super) fn field(json: &Json, everywhere: &BTreeSet<String>) -> Option<CrmField> {
    let name = kept(json, "api_name")?;
    let native_type = kept(json, "data_type").unwrap_or_default();
    let kind = kind(&native_type);
    let flag = |name: &str| json.get(name).and_then(Json::as_bool);
    let number = |name: &str| {
        json.get(name)
            .and_then(Json::as_u64)
            .and_then(|number| u32::try_from(number).ok())
    };
    let length = number("length");
    // `operation_type` tells what the API takes. Of the other two flags, `field_read_only` is no word about values at all: an
    // owner has it, and is written like any other field; and neither is set for `Created_Time`, which nobody writes. Older
    // replies tell no operations; then `read_only` speaks.
    let allowed = |operation: &str| {
        let told = json
            .pointer(&format!("/operation_type/{operation}"))
            .and_then(Json::as_bool);
        !is_computed(&native_type) && told.unwrap_or(flag("read_only") != Some(true))
    };
    // An empty object for an ordinary field, `{"case_sensitive":…}` for a unique one.
    let unique = json
        .get("unique")
        .and_then(Json::as_object)
        .is_some_and(|unique| !unique.is_empty());
    let createable = allowed("api_create");
    Some(CrmField {
        label: kept(json, "field_label").unwrap_or_else(|| name.clone()),
        length: length.filter(|_| {
            matches!(
                kind,
                CrmFieldKind::Text | CrmFieldKind::Email | CrmFieldKind::Phone | CrmFieldKind::Url
            )
        }),
        digits: length
            .filter(|_| kind == CrmFieldKind::Number)
            .map(|whole| (whole, number("decimal_place").unwrap_or(0))),
        // An owner that is not given is the user whose token it is.
        required: createable
            && native_type != "ownerlookup"
            && (flag("system_mandatory") == Some(true) || everywhere.contains(&name)),
        unique,
        upsert_key: unique,
        createable,
        updateable: allowed("api_update"),
        values: values(json),
        restricted: kind == CrmFieldKind::Picklist && name == CURRENCY,
        references: references(json, &native_type),
        relation: (kind == CrmFieldKind::Reference).then(|| name.clone()),
        name,
        kind,
        native_type,
    })
}

fn kind(native_type: &str) -> CrmFieldKind {
    match native_type {
        "text" | "textarea" | "autonumber" => CrmFieldKind::Text,
        "email" => CrmFieldKind::Email,
        "phone" => CrmFieldKind::Phone,
        "website" => CrmFieldKind::Url,
        "integer" | "bigint" | "double" | "currency" | "percent" => CrmFieldKind::Number,
        "boolean" => CrmFieldKind::Flag,
        "date" => CrmFieldKind::Date,
        "datetime" => CrmFieldKind::DateTime,
        "picklist" => CrmFieldKind::Picklist,
        "multiselectpicklist" => CrmFieldKind::MultiPicklist,
        "lookup" | "ownerlookup" | "userlookup" => CrmFieldKind::Reference,
        _ => CrmFieldKind::Other,
    }
}

/// Zoho fills these in itself, whatever it says of their rights.
fn is_computed(native_type: &str) -> bool {
    matches!(native_type, "formula" | "autonumber" | "rollup_summary")
}

/// The values that may still be chosen; those moved out of use are `unused`.
fn values(json: &Json) -> Vec<String> {
    let listed = json.get("pick_list_values").and_then(Json::as_array);
    listed
        .into_iter()
        .flatten()
        .filter(|value| value.get("type").and_then(Json::as_str) != Some("unused"))
        .filter_map(|value| kept(value, "actual_value"))
        .collect()
}

fn references(json: &Json, native_type: &str) -> Vec<String> {
    match native_type {
        "ownerlookup" | "userlookup" => vec![USERS.to_owned()],
        "lookup" => json
            .pointer("/lookup/module/api_name")
            .and_then(Json::as_str)
            .map(|name| bounded(name.to_owned(), LONGEST))
            .into_iter()
            .collect(),
        _ => Vec::new(),
    }
}

/// A layout; none without an id.
pub(super) fn layout(json: &Json) -> Option<CrmRecordType> {
    let status = json.get("status").and_then(Json::as_str);
    Some(CrmRecordType {
        id: CrmId(id(json.get("id"))?),
        name: kept(json, "name").unwrap_or_default(),
        available: json.get("visible").and_then(Json::as_bool) != Some(false)
            && status.is_none_or(|status| status.eq_ignore_ascii_case("active")),
    })
}

/// The fields that every layout in use requires. What only some of them require depends on the record.
pub(super) fn required_everywhere(layouts: &[Json]) -> BTreeSet<String> {
    let in_use = layouts
        .iter()
        .filter(|json| layout(json).is_some_and(|layout| layout.available));
    in_use
        .map(required)
        .reduce(|all, one| all.intersection(&one).cloned().collect())
        .unwrap_or_default()
}

fn required(layout: &Json) -> BTreeSet<String> {
    let list = |json: &Json, name: &str| -> Vec<Json> {
        json.get(name)
            .and_then(Json::as_array)
            .cloned()
            .unwrap_or_default()
    };
    list(layout, "sections")
        .iter()
        .flat_map(|section| list(section, "fields"))
        .filter(|field| field.get("required").and_then(Json::as_bool) == Some(true))
        .filter_map(|field| kept(&field, "api_name"))
        .collect()
}
