//! `GET /crm/v8/settings/modules`, and one of them by name or id.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::{
    errors::Failure,
    org::Org,
    schema::{Module, SUBFORMS, subform},
};

/// All modules.
pub fn modules(org: &mut Org) -> Result<Value, Failure> {
    org.charge(1)?;
    let modules: Vec<Value> = org
        .catalog
        .all()
        .enumerate()
        .map(|(index, module)| shown(module, index))
        .chain(
            SUBFORMS
                .iter()
                .enumerate()
                .map(|(index, rows)| of_rows(shown(rows, org.catalog.all().count() + index))),
        )
        .collect();
    Ok(json!({"modules": modules}))
}

/// One module.
pub fn one(org: &mut Org, name: &str) -> Result<Value, Failure> {
    org.charge(1)?;
    let found = org
        .catalog
        .all()
        .find(|module| module.name == name || module.id.to_string() == name);
    match (found, subform(name)) {
        (Some(module), _) => Ok(json!({"modules": [shown(module, 0)]})),
        (None, Some(rows)) => Ok(json!({"modules": [of_rows(shown(rows, 0))]})),
        (None, None) => Err(Failure::invalid_module(2)),
    }
}

/// Records of a subform are reached through those that hold them.
fn of_rows(mut shown: Value) -> Value {
    shown["generated_type"] = json!("subform");
    shown["api_supported"] = json!(false);
    shown["visible"] = json!(false);
    shown
}

/// Custom modules are numbered, whatever they are called: only `api_name` tells one from the other.
fn internal_name(module: &Module) -> String {
    if module.custom {
        format!("CustomModule{}", module.id % 1_000)
    } else {
        module.name.to_owned()
    }
}

fn shown(module: &Module, index: usize) -> Value {
    let mut shown = TEMPLATE.clone();
    for (name, value) in [
        ("id", json!(module.id.to_string())),
        ("api_name", json!(module.name)),
        ("module_name", json!(internal_name(module))),
        ("singular_label", json!(module.singular)),
        ("plural_label", json!(module.plural.unwrap_or(module.name))),
        ("sequence_number", json!(index + 1)),
        (
            "generated_type",
            json!(if module.custom { "custom" } else { "default" }),
        ),
    ] {
        shown.insert(name.to_owned(), value);
    }
    Value::Object(shown)
}

/// What is the same for all modules.
static TEMPLATE: LazyLock<Map<String, Value>> =
    LazyLock::new(|| serde_json::from_str(include_str!("module.json")).unwrap_or_default());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_readable() {
        assert!(TEMPLATE.len() > 20);
    }
}
