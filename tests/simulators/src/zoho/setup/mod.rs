//! What this organisation has added to the standard modules before anybody logs on. A new module, or new fields of one, is a
//! file here and a line below: the body of the door `/_sim/setup`, in the terms of the API's own calls.

mod api;
mod declared;
mod door;
mod field;
mod module;

pub use api::{fields, modules};
pub use door::router;

use declared::NewModule;
use serde::Deserialize;
use serde_json::json;

use super::{org::Org, schema::Module, store::Record};

/// The files, in their order.
const FILES: &[&str] = &[include_str!("sales.json"), include_str!("ship_to.json")];

/// What the door and the files hold.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    /// Custom modules, and modules that are there with more fields.
    modules: Vec<NewModule>,
}

/// A text for as long as the process lives.
fn kept(text: &str) -> &'static str {
    text.to_owned().leak()
}

/// Puts the files in.
pub fn fill(org: &mut Org) {
    for text in FILES {
        if let Ok(setup) = serde_json::from_str::<Setup>(text) {
            // A test says that nothing is wrong with them.
            let _ = apply(org, &setup);
        }
    }
}

/// Makes the modules and fields, one after the other; answers the names of the modules. Those before a faulty one stay.
///
/// # Errors
/// What is wrong with one of them.
pub fn apply(org: &mut Org, setup: &Setup) -> Result<Vec<&'static str>, String> {
    let mut made = Vec::new();
    for (index, declared) in setup.modules.iter().enumerate() {
        let path = format!("$.modules[{index}]");
        let known = declared
            .api_name
            .as_deref()
            .and_then(|name| org.catalog.module(name));
        let mut module = match known {
            Some(known) => known,
            None => module::add_module(org, declared, &path)
                .map_err(|error| error.shown().to_string())?,
        };
        for (index, declared) in declared.fields.iter().enumerate() {
            let path = format!("{path}.fields[{index}]");
            let added = module::add_field(org, module, declared, &path);
            (module, _) = added.map_err(|error| error.shown().to_string())?;
        }
        made.push(module.name);
    }
    Ok(made)
}

/// Counts a new record, where the module's records are counted.
pub fn count(org: &mut Org, module: &Module, record: &mut Record) {
    let Some(auto) = module
        .field(module.display)
        .and_then(|field| field.auto_number)
    else {
        return;
    };
    let number = auto.start + org.next_count(module);
    let text = format!("{}{number}{}", auto.prefix, auto.suffix);
    record.values.insert(module.display, json!(text));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_wrong_with_the_files_and_each_field_is_there() {
        let org = Org::new(String::new());
        for text in FILES {
            let setup: Setup = serde_json::from_str(text).unwrap();
            for declared in setup.modules {
                let module = org.catalog.module(&declared.api_name.unwrap()).unwrap();
                for field in declared.fields {
                    let name = field::api_name(&field.field_label.unwrap());
                    assert!(module.field(&name).is_some(), "{name}");
                }
            }
        }
    }
}
