//! `POST /services/Soap/m/{version}`: the Metadata API, of which `createMetadata` for `CustomObject` and `CustomField` is here.

use axum::{
    body::Bytes,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value};

use super::answer::{self, Saved};
use crate::{
    salesforce::{
        custom::{CustomField, CustomObject},
        errors::Fail,
        org::Org,
    },
    shared::xml::{self, Element},
};

/// SOAP 1.1.
const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
/// What is in its body.
const METADATA: &str = "http://soap.sforce.com/2006/04/metadata";
/// Components of one call at most.
const MOST: usize = 10;

/// A fault: its code and its sentence.
type Fault = (&'static str, String);

/// Answers a call.
pub fn serve(org: &mut Org, body: &Bytes) -> Response {
    match called(org, body) {
        Ok(saved) => reply(StatusCode::OK, answer::created(&saved)),
        Err((code, message)) => reply(
            StatusCode::INTERNAL_SERVER_ERROR,
            answer::fault(code, &message),
        ),
    }
}

fn reply(status: StatusCode, text: String) -> Response {
    (
        status,
        [(header::CONTENT_TYPE, "text/xml;charset=UTF-8")],
        text,
    )
        .into_response()
}

fn called(org: &mut Org, body: &Bytes) -> Result<Vec<Saved>, Fault> {
    let text = String::from_utf8_lossy(body);
    let envelope = xml::read(&text).map_err(|error| ("soapenv:Client", error))?;
    let session = envelope
        .child(SOAP, "Header")
        .and_then(|head| head.child(METADATA, "SessionHeader"))
        .and_then(|head| head.child(METADATA, "sessionId"))
        .map_or("", |id| id.text.trim());
    let now = org.now();
    if org
        .sessions
        .user(session, now)
        .is_none_or(|user| !org.is_active(&user))
    {
        let message =
            "INVALID_SESSION_ID: Invalid Session ID found in SessionHeader: Illegal Session";
        return Err(("sf:INVALID_SESSION_ID", message.to_owned()));
    }
    org.charge().map_err(|fail| {
        (
            "sf:REQUEST_LIMIT_EXCEEDED",
            format!("{}: {}", fail.code, fail.message),
        )
    })?;
    let call = envelope
        .child(SOAP, "Body")
        .and_then(|body| body.children.first())
        .ok_or(("soapenv:Client", "the body is empty".to_owned()))?;
    if !call.is(METADATA, "createMetadata") {
        let message = format!(
            "No operation available for request {{{}}}{}",
            call.namespace, call.name
        );
        return Err(("soapenv:Client", message));
    }
    let components: Vec<&Element> = call
        .children
        .iter()
        .filter(|child| child.is(METADATA, "metadata"))
        .collect();
    if components.len() > MOST {
        let message = format!(
            "LIMIT_EXCEEDED: record limit reached. cannot submit more than {MOST} records in this operation"
        );
        return Err(("sf:LIMIT_EXCEEDED", message));
    }
    let kinds = components.iter().map(|component| component.kind.as_str());
    if kinds.clone().any(|kind| Some(kind) != kinds.clone().next()) {
        let message = "INVALID_TYPE: All components must be of the same type".to_owned();
        return Err(("sf:INVALID_TYPE", message));
    }
    Ok(components.into_iter().map(|one| create(org, one)).collect())
}

fn create(org: &mut Org, component: &Element) -> Saved {
    let value = members(component);
    let name = value["fullName"].as_str().unwrap_or_default().to_owned();
    let unreadable = |error: serde_json::Error| Fail::row("INVALID_TYPE", error.to_string());
    let done = match component.kind.as_str() {
        "CustomObject" => serde_json::from_value::<CustomObject>(value)
            .map_err(unreadable)
            .and_then(|declared| super::create_object(org, &declared)),
        "CustomField" => serde_json::from_value::<CustomField>(value)
            .map_err(unreadable)
            .and_then(|declared| super::create_field(org, &name, &declared)),
        other => Err(Fail::row(
            "INVALID_TYPE",
            format!("This type of metadata is not available for this organization: {other}"),
        )),
    };
    Saved { name, done }
}

/// Members whose element stands once for each of several values.
fn is_list(name: &str) -> bool {
    matches!(name, "fields" | "value")
}

/// An element as the JSON of its members.
fn members(element: &Element) -> Value {
    if element.children.is_empty() {
        return Value::String(element.text.trim().to_owned());
    }
    let mut members = Map::new();
    for child in element.children.iter().filter(|child| !child.nil) {
        let value = self::members(child);
        match members.get_mut(&child.name) {
            Some(Value::Array(known)) => known.push(value),
            _ if is_list(&child.name) => {
                members.insert(child.name.clone(), Value::Array(vec![value]));
            }
            _ => {
                members.insert(child.name.clone(), value);
            }
        }
    }
    Value::Object(members)
}
