//! `GET /crm/v8/settings/fields`: the fields metadata.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::{
    catalog::Catalog,
    errors::Failure,
    layouts::standard,
    org::Org,
    requests::Params,
    schema::{Field, Filled, Kind, Module, subform},
};

/// The fields of `module`.
pub fn fields(org: &mut Org, params: &Params) -> Result<Value, Failure> {
    let module = asked(org, params)?;
    Ok(json!({"fields": all(org, module)}))
}

/// The module that the parameters name.
///
/// # Errors
/// There is none, or none is named.
pub fn asked(org: &mut Org, params: &Params) -> Result<&'static Module, Failure> {
    let name = params
        .get("module")
        .ok_or_else(|| Failure::missing_param("module"))?;
    org.charge(1)?;
    org.catalog
        .module(name)
        .or_else(|| subform(name))
        .ok_or_else(|| {
            let details = json!({"param_name": "module"});
            Failure::new(
                400,
                "INVALID_MODULE",
                &details,
                "the module name given seems to be invalid",
            )
        })
}

/// What is told of each field of a module.
pub fn all(org: &Org, module: &Module) -> Vec<Value> {
    module
        .fields
        .iter()
        .enumerate()
        // What begins with a dollar is no field, though rows carry it.
        .filter(|(_, field)| !field.name.starts_with('$'))
        .filter(|(_, field)| org.settings.multi_currency || !field.is_of_currencies())
        .map(|(index, field)| shown(&org.catalog, module, field, index))
        .collect()
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
pub fn field_id(module: &Module, index: usize) -> String {
    (module.id % 1_000 * 1_000 + 5_725_767_000_010_000_000 + index as u64).to_string()
}

fn label(name: &str) -> String {
    name.trim_end_matches("__s").replace('_', " ")
}

/// What the four kinds of flags say of a field. No two of them agree for all fields.
struct Rights {
    read_only: bool,
    field_read_only: bool,
    /// `operation_type`: what the API takes.
    operations: bool,
    /// `view_type`: what the form shows as open.
    form: bool,
}

impl Rights {
    fn of(field: &Field) -> Self {
        let (read_only, field_read_only, operations, form) = match field.filled {
            // The owner of a record cannot be reshaped, but is written like any other field.
            Filled::Anybody if field.kind == Kind::Owner => (false, true, true, true),
            // Rows of an own subform are written, but with the rights of the subform's own fields.
            Filled::Anybody if field.is_subform() => (false, false, !field.custom, true),
            Filled::Anybody => (false, false, true, true),
            Filled::System => (false, false, false, false),
            Filled::Formula => (true, false, false, true),
            Filled::Count => (true, true, false, false),
        };
        Self {
            read_only,
            field_read_only,
            operations,
            form,
        }
    }
}

fn shown(catalog: &Catalog, module: &Module, field: &Field, index: usize) -> Value {
    let mut shown = TEMPLATE.clone();
    let created = field.custom.then_some("2025-03-03T09:00:00-06:00");
    let label = field.label.map_or_else(|| label(field.name), str::to_owned);
    let Rights {
        read_only,
        field_read_only,
        operations,
        form,
    } = Rights::of(field);
    for (name, value) in [
        ("id", json!(field_id(module, index))),
        ("api_name", json!(field.name)),
        ("data_type", json!(field.data_type())),
        ("json_type", json!(field.kind.json_type())),
        ("created_time", json!(created)),
        ("modified_time", json!(created)),
        ("ui_type", json!(if field.custom { 1 } else { 127 })),
        ("column_name", json!(format!("COL{index}"))),
        ("sequence_number", json!(index + 1)),
        ("field_label", json!(label)),
        ("display_label", json!(label)),
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
        ("read_only", json!(read_only)),
        ("field_read_only", json!(field_read_only)),
        ("virtual_field", json!(field.is_subform())),
        (
            "unique",
            if field.unique {
                json!({"case_sensitive": false})
            } else {
                json!({})
            },
        ),
        ("lookup", lookup(catalog, field, index)),
        ("associated_module", associated(field)),
        ("pick_list_values", pick_list(field, index)),
        (
            "operation_type",
            json!({"web_update": operations, "api_create": operations, "web_create": operations, "api_update": operations}),
        ),
        (
            "view_type",
            json!({"view": true, "edit": form, "quick_create": field.mandatory, "create": form}),
        ),
        (
            "mass_update",
            json!(operations && field.kind != Kind::Owner && !field.is_subform()),
        ),
        ("display_field", json!(module.display == field.name)),
        (
            "currency",
            if field.kind == Kind::Currency && field.filled != Filled::Formula {
                json!({"rounding_option": "normal", "precision": 2})
            } else {
                json!({})
            },
        ),
    ] {
        shown.insert(name.to_owned(), value);
    }
    // What holds rows or a list has no length, not even 0, which the SDKs refuse.
    if field.length > 0 {
        shown.insert("length".to_owned(), json!(field.length));
    }
    // "Fields Meta Data": of a textarea, its kind.
    match field.kind {
        Kind::TextArea => shown.insert("textarea".to_owned(), json!({"type": "small"})),
        Kind::RichText => shown.insert("textarea".to_owned(), json!({"type": "rich_text"})),
        _ => None,
    };
    match field.filled {
        Filled::Formula => {
            let formula = json!({"return_type": "currency", "expression": "", "dynamic": false});
            shown.insert("formula".to_owned(), formula);
        }
        Filled::Count => {
            let count = json!({"prefix": null, "start_number": null, "suffix": null});
            shown.insert("auto_number".to_owned(), count);
        }
        Filled::Anybody | Filled::System => {}
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
        |rows| json!({"module": rows.name, "id": rows.id.to_string(), "layout": standard(rows)}),
    )
}

fn lookup(catalog: &Catalog, field: &Field, index: usize) -> Value {
    let Kind::Lookup(target) = field.kind else {
        return json!({});
    };
    let Some(target) = catalog.module(target) else {
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
        let catalog = Catalog::default();
        let module = catalog.module("Accounts").unwrap();
        let key = module
            .fields
            .iter()
            .position(|field| field.name == "Sage_Key")
            .unwrap();
        let shown = shown(&catalog, module, &module.fields[key], key);
        assert_eq!(shown["data_type"], "text");
        assert_eq!(shown["length"], 255);
        assert_eq!(shown["unique"]["case_sensitive"], false);
        assert_eq!(shown["operation_type"]["api_create"], true);
    }

    #[test]
    fn the_flags_are_those_of_a_real_org_and_only_the_operations_tell_what_is_written() {
        let flags = |of: &str, name: &str| {
            let catalog = Catalog::default();
            let module = catalog.module(of).unwrap();
            let at = |field: &Field| field.name == name;
            let at = module.fields.iter().position(at).unwrap();
            let shown = shown(&catalog, module, &module.fields[at], at);
            (
                shown["read_only"] == true,
                shown["field_read_only"] == true,
                shown["operation_type"]["api_update"] == true,
                shown["data_type"].as_str().unwrap_or_default().to_owned(),
                shown.get("length").is_some(),
            )
        };
        let told = |read_only, field, operations, data_type: &str, length| {
            (read_only, field, operations, data_type.to_owned(), length)
        };
        for (of, name, flagged) in [
            (
                "Deals",
                "Owner",
                told(false, true, true, "ownerlookup", true),
            ),
            ("Deals", "Deal_Name", told(false, false, true, "text", true)),
            (
                "Deals",
                "Created_Time",
                told(false, false, false, "datetime", true),
            ),
            (
                "Deals",
                "Sale_Items",
                told(false, false, false, "subform", false),
            ),
            (
                "Sales_Orders",
                "SO_Number",
                told(true, true, false, "autonumber", true),
            ),
            (
                "Sales_Orders",
                "Grand_Total",
                told(true, false, false, "formula", true),
            ),
            (
                "Sales_Orders",
                "Ordered_Items",
                told(false, false, true, "subform", false),
            ),
        ] {
            assert_eq!(flags(of, name), flagged, "{of}.{name}");
        }
    }
}
