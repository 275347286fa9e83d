//! A record named in the path: by its id, or with `X-EXTERNAL: Module.Field` by a unique value.

use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::{
    errors::Failure,
    lists,
    org::Org,
    render,
    requests::Params,
    schema::Module,
    store::{Id, Record},
};

/// The record that a path names, if there is one.
///
/// # Errors
/// The header names no unique field of the module, or the path is no id.
pub fn find<'a>(
    org: &'a Org,
    module: &'static Module,
    name: &str,
    headers: &HeaderMap,
) -> Result<Option<&'a Record>, Failure> {
    let store = org.store(module)?;
    let Some(header) = headers.get("X-EXTERNAL") else {
        let id: Id = name.parse().map_err(|_| {
            Failure::new(
                404,
                "INVALID_URL_PATTERN",
                &json!({}),
                "Please check if the URL trying to access is a correct one",
            )
        })?;
        return Ok(store.get(id));
    };
    let field = header
        .to_str()
        .ok()
        .and_then(|text| text.split_once('.'))
        .filter(|(named, _)| *named == module.name)
        .and_then(|(_, field)| module.field(field))
        .filter(|field| field.unique);
    let Some(field) = field else {
        return Err(Failure::new(
            400,
            "INVALID_DATA",
            &json!({"header": "X-EXTERNAL"}),
            "The value of the external field is invalid.",
        ));
    };
    let mut found = store.find(field.name, &json!(name));
    Ok(found.next())
}

/// `GET /crm/v8/{module}/{id or external value}`; `None` if there is no such record.
pub fn get(
    org: &mut Org,
    module: &'static Module,
    name: &str,
    params: &Params,
    headers: &HeaderMap,
) -> Result<Option<Value>, Failure> {
    org.charge(1)?;
    let org = &*org;
    let Some(record) = find(org, module, name, headers)? else {
        return Ok(None);
    };
    if record.hidden {
        // "Get Records", possible errors: the user does not have permission to read the record.
        let details = json!({"permissions": [format!("Crm_Implied_View_{}", module.name)]});
        return Err(Failure::new(
            403,
            "NO_PERMISSION",
            &details,
            "permission denied",
        ));
    }
    let shown = match params.get("fields") {
        None => render::whole(org, module, record),
        Some(fields) => {
            let names: Vec<&str> = fields.split(',').map(str::trim).collect();
            lists::limit_fields(&names)?;
            render::one(org, module, record, &names)
        }
    };
    Ok(Some(json!({"data": [shown]})))
}
