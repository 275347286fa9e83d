//! `POST /crm/v8/settings/modules` and `POST /crm/v8/settings/fields`.

use axum::{body::Bytes, response::Response};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{
    declared::{NewField, NewModule},
    module,
};
use crate::{
    control::json_reply,
    zoho::{
        errors::{Failure, RowError},
        meta,
        org::Org,
        requests::Params,
    },
};

/// Credits of a new module.
const MODULE_CREDITS: u64 = 500;
/// Fields of one call at most.
const MOST_FIELDS: usize = 5;

/// Makes modules.
///
/// # Errors
/// The body has no list of them, or the credits are used up.
pub fn modules(org: &mut Org, body: &Bytes) -> Result<Response, Failure> {
    let declared = listed(body, "modules")?;
    org.charge(MODULE_CREDITS)?;
    let verdicts = declared.iter().enumerate().map(|(index, declared)| {
        let path = format!("$.modules[{index}]");
        let declared: NewModule = read(declared, "modules", &path)?;
        module::add_module(org, &declared, &path).map(|module| module.id.to_string())
    });
    Ok(reply("modules", 200, "module created", verdicts.collect()))
}

/// Makes fields of the module that the parameters name.
///
/// # Errors
/// No such module, no list of fields in the body, too many of them.
pub fn fields(org: &mut Org, params: &Params, body: &Bytes) -> Result<Response, Failure> {
    let mut module = meta::asked(org, params)?;
    let declared = listed(body, "fields")?;
    if declared.len() > MOST_FIELDS {
        let due = json!([{"api_name": "fields", "json_path": "$.fields"}]);
        let details = json!({"limit": MOST_FIELDS, "limit_due_to": due});
        return Err(Failure::new(
            400,
            "LIMIT_EXCEEDED",
            &details,
            "limit exceeded",
        ));
    }
    let mut verdicts = Vec::new();
    for (index, declared) in declared.iter().enumerate() {
        let path = format!("$.fields[{index}]");
        let added = read::<NewField>(declared, "fields", &path)
            .and_then(|declared| module::add_field(org, module, &declared, &path));
        verdicts.push(added.map(|(changed, place)| {
            module = changed;
            meta::field_id(module, place)
        }));
    }
    Ok(reply("fields", 201, "field created", verdicts))
}

fn listed(body: &Bytes, name: &str) -> Result<Vec<Value>, Failure> {
    let body: Value = serde_json::from_slice(body).map_err(|_| {
        let details =
            json!({"expected_data_type": "jsonobject", "api_name": "body", "json_path": "$"});
        Failure::new(400, "INVALID_DATA", &details, "body")
    })?;
    match &body[name] {
        Value::Array(list) if !list.is_empty() => Ok(list.clone()),
        _ => {
            let details = json!({"api_name": name, "json_path": format!("$.{name}")});
            Err(Failure::new(
                400,
                "MANDATORY_NOT_FOUND",
                &details,
                "required field not found",
            ))
        }
    }
}

fn read<T: DeserializeOwned>(value: &Value, name: &str, path: &str) -> Result<T, RowError> {
    serde_json::from_value(value.clone()).map_err(|_| RowError::expected(name, path, "jsonobject"))
}

/// One verdict for each; 400 if nothing was made.
fn reply(
    name: &str,
    status: u16,
    message: &str,
    verdicts: Vec<Result<String, RowError>>,
) -> Response {
    let status = match verdicts.iter().filter(|verdict| verdict.is_ok()).count() {
        0 => 400,
        made if made < verdicts.len() => 207,
        _ => status,
    };
    let shown: Vec<Value> = verdicts
        .iter()
        .map(|verdict| match verdict {
            Ok(id) => json!({"code": "SUCCESS", "details": {"id": id}, "message": message, "status": "success"}),
            Err(error) => error.shown(),
        })
        .collect();
    json_reply(status, &json!({name: shown}))
}
