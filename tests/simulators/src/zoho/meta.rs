//! `GET /crm/v8/settings/fields`: the fields metadata.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::{
    errors::Failure,
    org::Org,
    requests::Params,
    schema::{Field, Kind, Module, module, subform},
};

/// The fields of `module`.
pub fn fields(org: &mut Org, params: &Params) -> Result<Value, Failure> {
    let name = params
        .get("module")
        .ok_or_else(|| Failure::missing_param("module"))?;
    org.charge(1)?;
    let Some(module) = module(name).or_else(|| subform(name)) else {
        let details = json!({"param_name": "module"});
        return Err(Failure::new(
            400,
            "INVALID_MODULE",
            &details,
            "the module name given seems to be invalid",
        ));
    };
    let fields: Vec<Value> = module
        .fields
        .iter()
        .enumerate()
        // What begins with a dollar is no field, though rows carry it.
        .filter(|(_, field)| !field.name.starts_with('$'))
        .filter(|(_, field)| org.settings.multi_currency || !field.is_of_currencies())
        .map(|(index, field)| shown(module, field, index))
        .collect();
    Ok(json!({"fields": fields}))
}

/// One field of `module`, by id or API name.
pub fn field(org: &mut Org, id: &str, params: &Params) -> Result<Option<Value>, Failure> {
    let mut all = fields(org, params)?;
    let found = all["fields"].as_array_mut().and_then(|fields| {
        let at = fields
            .iter()
            .position(|field| field["id"] == id || field["api_name"] == id)?;
        Some(fields.swap_remove(at))
    });
    Ok(found.map(|field| json!({"fields": [field]})))
}

/// The id of a field: the module's id space, then the place in the layout.
fn field_id(module: &Module, index: usize) -> String {
    (module.id % 1_000 * 1_000 + 5_725_767_000_010_000_000 + index as u64).to_string()
}

fn label(name: &str) -> String {
    name.trim_end_matches("__s").replace('_', " ")
}

fn shown(module: &Module, field: &Field, index: usize) -> Value {
    let mut shown = TEMPLATE.clone();
    let created = field.custom.then_some("2025-03-03T09:00:00-06:00");
    let label = label(field.name);
    let writes = !field.read_only;
    for (name, value) in [
        ("id", json!(field_id(module, index))),
        ("api_name", json!(field.name)),
        ("data_type", json!(field.kind.data_type())),
        ("json_type", json!(field.kind.json_type())),
        ("created_time", json!(created)),
        ("modified_time", json!(created)),
        ("ui_type", json!(if field.custom { 1 } else { 127 })),
        ("column_name", json!(format!("COL{index}"))),
        ("sequence_number", json!(index + 1)),
        ("field_label", json!(label)),
        ("display_label", json!(label)),
        ("length", json!(field.length)),
        (
            "decimal_place",
            json!(match field.kind {
                Kind::Currency => Some(2),
                Kind::Double => Some(9),
                _ => None,
            }),
        ),
        ("system_mandatory", json!(field.mandatory)),
        ("custom_field", json!(field.custom)),
        ("read_only", json!(field.read_only)),
        ("field_read_only", json!(field.read_only)),
        (
            "unique",
            if field.unique {
                json!({"casesensitive": "false"})
            } else {
                json!({})
            },
        ),
        ("lookup", lookup(field, index)),
        ("associated_module", associated(field)),
        ("pick_list_values", pick_list(field, index)),
        (
            "operation_type",
            json!({"web_update": writes, "api_create": writes, "web_create": writes, "api_update": writes}),
        ),
        (
            "view_type",
            json!({"view": true, "edit": writes, "quick_create": field.mandatory, "create": writes}),
        ),
        ("mass_update", json!(writes)),
        ("display_field", json!(module.display == field.name)),
        (
            "currency",
            if field.kind == Kind::Currency {
                json!({"rounding_option": "normal", "precision": 2})
            } else {
                json!({})
            },
        ),
    ] {
        shown.insert(name.to_owned(), value);
    }
    Value::Object(shown)
}

/// What is the same for all fields.
static TEMPLATE: LazyLock<Map<String, Value>> =
    LazyLock::new(|| serde_json::from_str(include_str!("field.json")).unwrap_or_default());

/// The module of a subform's rows.
fn associated(field: &Field) -> Value {
    let Kind::Subform(name) = field.kind else {
        return Value::Null;
    };
    subform(name).map_or(
        Value::Null,
        |rows| json!({"module": rows.name, "id": rows.id.to_string()}),
    )
}

fn lookup(field: &Field, index: usize) -> Value {
    let Kind::Lookup(target) = field.kind else {
        return json!({});
    };
    let Some(target) = module(target) else {
        return json!({});
    };
    json!({
        "module": {"api_name": target.name, "id": target.id.to_string()},
        "display_label": format!("Related {}", target.name), "api_name": format!("Related_{}_{index}", target.name),
        "id": (target.id + 900_000 + index as u64).to_string(), "query_details": {}, "revalidate_filter_during_edit": false,
    })
}

fn pick_list(field: &Field, index: usize) -> Value {
    let Kind::Picklist(values) = field.kind else {
        return json!([]);
    };
    values
        .iter()
        .enumerate()
        .map(|(at, value)| {
            json!({
                "id": (5_725_767_000_020_000_000_u64 + (index as u64) * 1_000 + at as u64).to_string(), "display_value": value,
                "actual_value": value, "reference_value": value, "sequence_number": at + 1, "type": "used", "colour_code": null,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_readable_and_a_field_overrides_it() {
        assert!(TEMPLATE.len() > 40);
        let module = module("Accounts").unwrap();
        let key = module
            .fields
            .iter()
            .position(|field| field.name == "Sage_Key")
            .unwrap();
        let shown = shown(module, &module.fields[key], key);
        assert_eq!(shown["data_type"], "text");
        assert_eq!(shown["length"], 255);
        assert_eq!(shown["unique"]["casesensitive"], "false");
        assert_eq!(shown["operation_type"]["api_create"], true);
    }
}
