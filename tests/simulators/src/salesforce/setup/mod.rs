//! What this organisation has added to the standard objects before anybody logs on. A new object, or new fields of one, is a
//! file here and a line below: the body of the door `/_sim/setup`, in the terms of the Metadata API.

mod door;

use serde::Deserialize;

use super::{
    custom::{self, CustomObject},
    org::Org,
};

pub use door::router;

/// The files, in their order.
const FILES: &[&str] = &[include_str!("sales.json"), include_str!("ship_to.json")];

/// What the door and the files hold.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    /// Custom objects, and standard ones with more fields.
    objects: Vec<CustomObject>,
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

/// Makes the objects and fields, one object after the other; answers their names. Those before a faulty one stay.
///
/// # Errors
/// What is wrong with one of them.
pub fn apply(org: &mut Org, setup: &Setup) -> Result<Vec<&'static str>, String> {
    let made = setup.objects.iter().map(|declared| {
        custom::add_object(org, declared)
            .map(|object| object.name)
            .map_err(|fail| format!("{}: {}: {}", declared.full_name, fail.code, fail.message))
    });
    made.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_wrong_with_the_files_and_each_field_is_there() {
        let org = Org::new(String::new());
        for text in FILES {
            let setup: Setup = serde_json::from_str(text).unwrap();
            for declared in setup.objects {
                let object = org.catalog.object(&declared.full_name).unwrap();
                for field in declared.fields {
                    assert!(
                        object.field(&field.full_name).is_some(),
                        "{}",
                        field.full_name
                    );
                }
            }
        }
    }
}
