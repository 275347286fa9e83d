//! What all calls about rows read: the body, the headers that tell how to write, `fields=`.

use serde_json::{Map, Value};

use super::{
    errors::Fail,
    ids::Id,
    org::Org,
    reply::{Call, Reply},
    schema::{Field, Object},
    writes::Writer,
};

/// The body of a row.
///
/// # Errors
/// JSON_PARSER_ERROR.
pub fn body(call: &Call<'_>) -> Result<Map<String, Value>, Fail> {
    match serde_json::from_slice(call.body) {
        Ok(Value::Object(row)) => Ok(row),
        Ok(other) => {
            let found = if other.is_array() {
                "START_ARRAY value ["
            } else {
                "a value"
            };
            Err(Fail::new(
                400,
                "JSON_PARSER_ERROR",
                format!(
                    "Cannot deserialize instance of SObject from {found} or request may be missing a required field at [line:1, column:1]"
                ),
            ))
        }
        Err(error) => Err(unreadable(&error)),
    }
}

/// A body that is no JSON.
pub fn unreadable(error: &serde_json::Error) -> Fail {
    let (line, column) = (error.line(), error.column());
    let message = if error.is_eof() {
        format!("Unexpected end-of-input: expected a value at [line:{line}, column:{column}]")
    } else {
        format!("Unexpected character at [line:{line}, column:{column}]")
    };
    Fail::new(400, "JSON_PARSER_ERROR", message)
}

/// The writer that the headers of a call describe.
pub fn writer(org: &mut Org, call: &Call<'_>, user: &Id, single: bool) -> Writer {
    let allow = call.header("sforce-duplicate-rule-header");
    let allowed = allow.split([';', ',']).any(|part| {
        part.split_once('=').is_some_and(|(name, value)| {
            name.trim().eq_ignore_ascii_case("allowSave")
                && value.trim().eq_ignore_ascii_case("true")
        })
    });
    Writer {
        user: user.clone(),
        auto_assign: !call
            .header("sforce-auto-assign")
            .trim()
            .eq_ignore_ascii_case("false"),
        allow_duplicates: allowed,
        holder: org.holds.holder(),
        base: call.base(),
        text: single.then(|| String::from_utf8_lossy(call.body).into_owned()),
    }
}

/// 405.
pub fn method_not_allowed(call: &Call<'_>, allowed: &str) -> Reply {
    Fail::new(
        405,
        "METHOD_NOT_ALLOWED",
        format!(
            "HTTP Method '{}' not allowed. Allowed are {allowed}",
            call.method
        ),
    )
    .reply()
    .with("allow", allowed.to_owned())
}

/// The fields that `fields=A,B` names, and the id.
///
/// # Errors
/// INVALID_FIELD.
pub fn fields(
    org: &Org,
    object: &'static Object,
    names: Option<&str>,
) -> Result<Option<Vec<&'static Field>>, Fail> {
    let Some(names) = names else {
        return Ok(None);
    };
    let settings = &org.settings;
    let mut found: Vec<&'static Field> = object.field("Id").into_iter().collect();
    for name in names
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
    {
        let field = object
            .field(name)
            .filter(|field| field.is_there(settings))
            .ok_or_else(|| {
                Fail::new(
                    400,
                    "INVALID_FIELD",
                    format!("No such column '{name}' on sobject of type {}", object.name),
                )
            })?;
        found.push(field);
    }
    Ok(Some(found))
}
