//! Objects and fields that an organisation makes itself: how they are declared, and what they become.

mod declared;
mod field;
mod names;
mod object;

pub use declared::{CustomField, CustomObject};
pub use names::{complete, next_number};
pub use object::{add_field, add_object};

use super::errors::Fail;

/// What an administrator did wrong.
fn wrong(message: impl Into<String>) -> Fail {
    Fail::row("FIELD_INTEGRITY_EXCEPTION", message)
}

/// The name of something custom: letters, digits and single underscores, `__c` at the end, at most 40 characters before it.
fn check_name(name: &str) -> Result<(), Fail> {
    let own = name.strip_suffix("__c").unwrap_or_default();
    let fits = own.starts_with(|first: char| first.is_ascii_alphabetic())
        && own.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !own.contains("__")
        && !own.ends_with('_')
        && own.len() <= 40;
    if fits {
        return Ok(());
    }
    Err(wrong(format!(
        "The object name or field name {name:?} must begin with a letter and use only alphanumeric characters and underscores; \
         it must not end with an underscore or contain two consecutive underscores, and ends with __c."
    )))
}
