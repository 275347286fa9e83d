//! `/services/data/vNN.0/tooling`: `CustomField` is made here, and nothing else is.

use axum::http::Method;
use serde::Deserialize;
use serde_json::json;

use crate::salesforce::{
    custom::CustomField,
    errors::Fail,
    ids::Id,
    org::Org,
    reply::{Call, Reply},
    requests::{method_not_allowed, unreadable},
    telling,
};

/// The body of a new field: its name with its object's in front, or both apart.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct New {
    full_name: Option<String>,
    developer_name: Option<String>,
    table_enum_or_id: Option<String>,
    metadata: Option<CustomField>,
}

/// Answers a call below `tooling`.
pub fn dispatch(org: &mut Org, path: &[&str], call: &Call<'_>) -> Reply {
    match path {
        ["sobjects", "CustomField"] if call.method == Method::POST => create(org, call),
        ["sobjects", "CustomField"] => method_not_allowed(call, "POST"),
        ["sobjects", "CustomObject"] if call.method == Method::POST => Fail::new(
            400,
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
            "entity type cannot be inserted: Custom Object Definition",
        )
        .reply(),
        ["query"] => query(org, call),
        _ => Fail::not_found().reply(),
    }
}

/// What is selected for Change Data Capture. Page: "PlatformEventChannelMember", Tooling API.
fn query(org: &Org, call: &Call<'_>) -> Reply {
    let asked = call.params.get("q").unwrap_or_default();
    if !asked.contains("SelectedEntity FROM PlatformEventChannelMember") {
        return Fail::not_found().reply();
    }
    let rows = telling::selected(org).into_iter().map(|event| {
        json!({"attributes": {"type": "PlatformEventChannelMember"}, "SelectedEntity": event})
    });
    let rows: Vec<_> = rows.collect();
    let body = json!({"size": rows.len(), "totalSize": rows.len(), "done": true, "records": rows});
    Reply::json(200, body)
}

fn create(org: &mut Org, call: &Call<'_>) -> Reply {
    let new: New = match serde_json::from_slice(call.body) {
        Ok(new) => new,
        Err(error) => return unreadable(&error).reply(),
    };
    let name = match (new.full_name, new.table_enum_or_id, new.developer_name) {
        (Some(name), ..) => name,
        (None, Some(object), Some(own)) => format!("{object}.{own}__c"),
        _ => String::new(),
    };
    let made = match new.metadata {
        Some(declared) if !name.is_empty() => super::create_field(org, &name, &declared),
        _ => Err(Fail::row(
            "REQUIRED_FIELD_MISSING",
            "Required fields are missing: [FullName, Metadata]",
        )),
    };
    match made {
        Ok(()) => {
            let id = Id::new("00N", org.next_field());
            Reply::json(
                201,
                json!({"id": id.as_str(), "success": true, "errors": [], "warnings": [], "infos": []}),
            )
        }
        Err(fail) => fail.reply(),
    }
}
