//! Salesforce's errors about a query, with the place in it.

use crate::salesforce::errors::Fail;

/// The query around a place, a caret below it, and what is wrong.
fn at_place(query: &str, at: usize, message: &str) -> String {
    let at = at.min(query.len());
    let before: Vec<char> = query.get(..at).unwrap_or("").chars().collect();
    let line = 1 + before.iter().filter(|c| **c == '\n').count();
    let column = 1 + before.iter().rev().take_while(|c| **c != '\n').count();
    let from = before.len().saturating_sub(30);
    let shown: String = before.iter().skip(from).collect();
    let rest: String = query.get(at..).unwrap_or("").chars().take(20).collect();
    let caret = " ".repeat(shown.chars().count());
    let shown = format!("{shown}{rest}").replace(['\n', '\r'], " ");
    format!("\n{shown}\n{caret}^\nERROR at Row:{line}:Column:{column}\n{message}")
}

/// The query cannot be read.
pub fn malformed(query: &str, at: usize, message: &str) -> Fail {
    Fail::new(400, "MALFORMED_QUERY", at_place(query, at, message))
}

/// The query names a field that is not there, or compares it with what it cannot be.
pub fn invalid_field(query: &str, at: usize, message: &str) -> Fail {
    Fail::new(400, "INVALID_FIELD", at_place(query, at, message))
}

/// The object has no such field.
pub fn no_such_column(query: &str, at: usize, field: &str, object: &str) -> Fail {
    invalid_field(
        query,
        at,
        &format!(
            "No such column '{field}' on entity '{object}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names."
        ),
    )
}

/// There is no such object.
pub fn no_such_object(query: &str, at: usize, object: &str) -> Fail {
    Fail::new(
        400,
        "INVALID_TYPE",
        at_place(
            query,
            at,
            &format!(
                "sObject type '{object}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names."
            ),
        ),
    )
}
