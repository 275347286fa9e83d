//! `GET /crm/v8/settings/layouts`: how records are laid out, and what a layout requires beyond the module.

use serde_json::{Value, json};

use super::{errors::Failure, meta, org::Org, requests::Params, schema::Module};

/// The layouts of the module that is asked for: in this organisation each has the one it came with.
///
/// # Errors
/// The module is not there, or is not named.
pub fn layouts(org: &mut Org, params: &Params) -> Result<Value, Failure> {
    let module = meta::asked(org, params)?;
    Ok(json!({"layouts": [shown(org, module)]}))
}

/// One layout of a module; none where no layout has this id.
///
/// # Errors
/// The module is not there, or is not named.
pub fn layout(org: &mut Org, id: &str, params: &Params) -> Result<Option<Value>, Failure> {
    let module = meta::asked(org, params)?;
    let found = (id == layout_id(module)).then(|| shown(org, module));
    Ok(found.map(|layout| json!({"layouts": [layout]})))
}

/// The name and the id of a module's layout, as other answers tell it.
pub fn standard(module: &Module) -> Value {
    json!({"name": "Standard", "id": layout_id(module)})
}

/// Layouts have ids of their own, some way behind those of the modules.
fn layout_id(module: &Module) -> String {
    (module.id + 90_000).to_string()
}

fn shown(org: &Org, of: &Module) -> Value {
    let (rows, plain): (Vec<Value>, Vec<Value>) = meta::all(org, of)
        .into_iter()
        .enumerate()
        .map(|(index, field)| placed(index, field))
        .partition(|field| field["data_type"] == "subform");
    let mut sections = vec![section(
        of,
        0,
        &format!("{} Information", of.singular),
        &plain,
    )];
    let subforms = rows.iter().zip(1..);
    sections.extend(subforms.map(|(field, place)| {
        let name = field["field_label"].as_str().unwrap_or_default();
        section(of, place, name, std::slice::from_ref(field))
    }));
    let id = layout_id(of);
    let view = json!({"name": "Standard", "id": id, "type": "layout"});
    let profile = |name: &str, id: &str| {
        json!({"default": true, "name": name, "id": id, "_default_view": view,
               "_default_assignment_view": view})
    };
    json!({
        "id": id, "api_name": "Standard__s", "name": "Standard", "display_label": "Standard",
        "status": "active", "visible": true, "generated_type": "system", "source": "crm",
        "has_more_profiles": false, "total_profiles": 2, "show_business_card": true,
        "created_time": null, "created_by": null, "created_for": null,
        "modified_time": null, "modified_by": null, "convert_mapping": {},
        "profiles": [profile("Administrator", "5725767000000015972"),
                     profile("Standard", "5725767000000015975")],
        "actions_allowed": {"edit": true, "rename": true, "clone": true, "downgrade": false, "delete": false,
                            "deactivate": false, "set_layout_permissions": true},
        "sections": sections,
    })
}

/// A field as a layout tells it: all that the metadata says, and what the layout makes of it.
fn placed(index: usize, mut field: Value) -> Value {
    let rows = field["data_type"] == "subform";
    for (name, value) in [
        // An owner that nobody gives is the writer: no layout requires one.
        ("required", field["system_mandatory"].clone()),
        ("validation_rule", Value::Null),
        ("default_value", Value::Null),
        ("section_id", json!(if rows { 6 } else { 1 })),
        ("show_type", json!(7)),
        ("category", json!(if rows { 2 } else { 0 })),
        ("sequence_number", json!(index + 1)),
        ("element_type", json!("field")),
    ] {
        field[name] = value;
    }
    // Only the fields metadata tells in which layouts a field is.
    if let Value::Object(field) = &mut field {
        field.remove("layout_associations");
    }
    field
}

fn section(of: &Module, place: usize, name: &str, fields: &[Value]) -> Value {
    let rows = place > 0;
    let properties =
        json!({"reorder_rows": true, "bulk_addition": null, "tooltip": null, "maximum_rows": 200});
    json!({
        "id": (of.id + 95_000 + place as u64).to_string(),
        "api_name": format!("{}__s", name.replace(' ', "_")), "name": name, "display_label": name,
        "type": "used", "generated_type": "default", "mode": "default_create", "sequence_number": place + 1,
        "isSubformSection": rows, "tab_traversal": "left_to_right", "column_count": if rows { 1 } else { 2 },
        "actions_allowed": {"add_field": true, "rename": true, "change_tab_traversal": !rows, "reorder": true,
                            "delete": !rows, "remove_field": true, "change_column_count": !rows},
        "properties": if rows { properties } else { Value::Null },
        "fields": fields,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layout_holds_each_field_once_and_requires_what_the_module_does() {
        let mut org = Org::new(String::new());
        let params = Params::parse(Some("module=Sales_Orders"));
        let told = layouts(&mut org, &params).unwrap();
        let sections = told["layouts"][0]["sections"].as_array().unwrap();
        let held: Vec<&Value> = sections
            .iter()
            .flat_map(|section| section["fields"].as_array().unwrap())
            .collect();
        let fields = meta::fields(&mut org, &params).unwrap();
        assert_eq!(held.len(), fields["fields"].as_array().unwrap().len());
        let required: Vec<&str> = held
            .iter()
            .filter(|field| field["required"] == true)
            .filter_map(|field| field["api_name"].as_str())
            .collect();
        assert_eq!(required, ["Subject", "Ordered_Items"]);
        assert_eq!(sections.last().unwrap()["isSubformSection"], true);
    }
}
